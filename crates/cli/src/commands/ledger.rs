//! The ledger: reading, verifying, proving, exporting.

use std::{io::IsTerminal as _, path::Path};

use countersign_app::desk::Evidence;
use countersign_contract::{AuditView, EntryView};
use countersign_documents::Digest;
use serde::Serialize;
use serde_json::json;

use crate::{
    args::{Blob, Format, Ledger},
    failure::Failure,
    files,
    output::{Done, fields, path, short, table, time},
    prompt,
    session::Session,
};

pub(crate) async fn run(s: &Session, verb: Ledger) -> Result<Done, Failure> {
    match verb {
        Ledger::List { from, limit } => {
            let entries = s.desk().await?.entries(from, limit).await?;
            let row = |e: &EntryView| {
                vec![e.seq.to_string(), time(e.time), e.by.clone(), e.event.clone(), short(&e.digest)]
            };
            Ok(Done::new(
                &entries,
                table(
                    &["ENTRY", "WHEN", "WHO", "WHAT", "DIGEST"],
                    &entries.iter().map(row).collect::<Vec<_>>(),
                ),
            ))
        }
        Ledger::Verify => verify(s).await,
        Ledger::Prove { seq, out } => {
            files::check_new(&out)?;
            let evidence = s.desk().await?.prove(seq).await?;
            files::write_new(&out, &canonical_json(&evidence))?;
            let text = format!(
                "Evidence for entry {seq} written. It discloses this entry and no other; anybody can check it with 'ledger check'."
            );
            Ok(Done::said(text, json!({ "entry": seq, "written": path(&out) })))
        }
        Ledger::Check { file, fingerprint } => {
            let text = files::read_text(&file)?;
            let evidence: Evidence = serde_json::from_str(&text).map_err(|e| Failure::Shape {
                what: "evidence",
                why: format!("line {}, column {}.", e.line(), e.column()),
            })?;
            let typed = if fingerprint { Some(prompt::fingerprint("the organisation")?) } else { None };
            let shown = evidence.check(typed.as_ref().map(|t| t.text.as_str()))?;
            let pinned = if fingerprint {
                "The root is the one of the organisation whose fingerprint you typed."
            } else {
                "Whose root it is was not compared: --fingerprint ties it to the organisation you know."
            };
            let text = fields(&[
                ("Result", "the evidence holds".to_owned()),
                ("Entry", shown.seq.to_string()),
                ("What", shown.event.clone()),
                ("Signed by", format!("member {} ({})", shown.member, shown.rights.join(" "))),
                ("When", time(shown.time)),
                ("Root", pinned.to_owned()),
            ]);
            Ok(Done::new(&shown, text))
        }
        Ledger::Export { out, format } => export(s, &out, format).await,
    }
}

async fn verify(s: &Session) -> Result<Done, Failure> {
    let mut desk = match s.desk().await {
        Ok(desk) => desk,
        // A log that catching up refuses is exactly what is to be audited.
        Err(Failure::App(error)) if error.exit() == 3 => s.desk_to_audit().await?,
        Err(other) => return Err(other),
    };
    let loud = std::io::stderr().is_terminal();
    let view = desk
        .audit(|done, of| {
            if loud && of > 2_000 {
                prompt::say(&format!("{done} of {of} entries"));
            }
        })
        .await?;
    if view.clean {
        return Ok(Done::new(&view, audit_text(&view)));
    }
    prompt::say(&audit_text(&view));
    let first = match (&view.first_bad, view.notes.first()) {
        (Some((seq, flaw)), _) => format!("the first bad entry is {seq}: {flaw}"),
        (None, Some(note)) => note.clone(),
        (None, None) => "see the report".to_owned(),
    };
    Err(Failure::LedgerBad(first))
}

fn audit_text(view: &AuditView) -> String {
    let bad = view.bad.iter().map(|(seq, flaw)| format!("{seq}: {flaw}")).collect::<Vec<_>>().join("\n");
    let mut rows = vec![
        ("Result", if view.clean { "everything holds" } else { "it does not hold" }.to_owned()),
        ("Entries", view.size.to_string()),
        ("Root", view.root.clone()),
        ("Checkpoint by", view.checkpoint_by.clone().unwrap_or_else(|| "(nobody)".to_owned())),
        ("Erased on the record", view.erased.to_string()),
        ("Bad entries", bad),
        ("Also", view.notes.join("\n")),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    fields(&rows)
}

async fn export(s: &Session, out: &Path, format: Format) -> Result<Done, Failure> {
    files::check_new(out)?;
    let mut desk = s.desk().await?;
    let mut entries = Vec::new();
    while (entries.len() as u64) < desk.head().size {
        let page = desk.entries(entries.len() as u64, 500).await?;
        if page.is_empty() {
            break;
        }
        entries.extend(page);
    }
    let bytes = match format {
        Format::Json => canonical_json(&entries),
        Format::Csv => {
            let row = |e: &EntryView| {
                vec![
                    e.seq.to_string(),
                    time(e.time),
                    e.by.clone(),
                    e.event.clone(),
                    e.op_id.clone(),
                    e.digest.clone(),
                    e.body.clone(),
                ]
            };
            safe_csv(
                &["entry", "time", "by", "event", "operation", "digest", "body"],
                &entries.iter().map(row).collect::<Vec<_>>(),
            )
        }
    };
    files::write_new(out, &bytes)?;
    Ok(Done::said(
        format!("{} entries written.", entries.len()),
        json!({ "entries": entries.len(), "written": path(out) }),
    ))
}

pub(crate) async fn blob(s: &Session, verb: Blob) -> Result<Done, Failure> {
    let Blob::Erase { name, why } = verb;
    let name = Digest::from_hex(name.trim())
        .ok_or(Failure::Usage("The name of a blob has 64 hexadecimal characters."))?;
    let recorded = s.desk().await?.erase(name, &why).await?;
    Ok(Done::said(
        "Erased. That it was, by whom and why, stays on the record.",
        json!({ "entry": recorded.seq }),
    ))
}

/// JSON with sorted names and no spaces: the same content is the same bytes.
pub(crate) fn canonical_json(value: &impl Serialize) -> Vec<u8> {
    // serde_json's own map sorts its keys, so going through it is what makes the order canonical.
    let sorted = serde_json::to_value(value).unwrap_or_default();
    let mut bytes = serde_json::to_vec(&sorted).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// RFC 4180, every cell quoted, and no cell that a spreadsheet would run.
pub(crate) fn safe_csv(heads: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let cell = |text: &str| {
        let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let text: String = text.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        format!("\"{}{}\"", if runs { "'" } else { "" }, text.replace('"', "\"\""))
    };
    let mut lines = vec![heads.iter().map(|h| cell(h)).collect::<Vec<_>>().join(",")];
    lines.extend(rows.iter().map(|row| row.iter().map(|c| cell(c)).collect::<Vec<_>>().join(",")));
    (lines.join("\r\n") + "\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_no_quote_gets_out() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\"=1\"", "a\"b"] {
            let csv = String::from_utf8(safe_csv(&["x"], &[vec![text.to_owned()]])).unwrap();
            let cell = csv.lines().nth(1).unwrap();
            assert!(cell.starts_with('"') && cell.ends_with('"'), "quoted: {cell}");
            let inner = cell.get(1..cell.len() - 1).unwrap();
            assert!(!inner.starts_with(['=', '+', '-', '@', '\t']), "no formula: {cell}");
            assert!(!inner.replace("\"\"", "").contains('"'), "no quote ends the cell early: {cell}");
        }
    }

    #[test]
    fn json_exports_have_one_form() {
        #[derive(Serialize)]
        struct Pair {
            b: u8,
            a: u8,
        }
        assert_eq!(canonical_json(&Pair { b: 1, a: 2 }), b"{\"a\":2,\"b\":1}\n");
    }
}
