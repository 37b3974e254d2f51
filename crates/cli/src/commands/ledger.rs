//! The ledger: reading, verifying, proving, exporting.

use std::path::Path;

use countersign_adapters::SystemClock;
use countersign_app::desk::Evidence;
use countersign_contract::{AuditView, EntryView, Progress, WitnessedView, Work};
use countersign_documents::{Digest, Time, time::MINUTE};
use countersign_host::{
    exports::{canonical_json, entries_csv},
    files,
};
use countersign_ports::Clock as _;
use serde_json::json;

use super::organisation::unheard;
use crate::{
    args::{Blob, Format, Ledger},
    failure::Failure,
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
            let evidence: Evidence =
                serde_json::from_str(&text).map_err(|e| countersign_host::Error::Shape {
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
    let mut watch = prompt::watch();
    let view = desk.audit(|done, total| watch(Progress { work: Work::Verify, done, total })).await?;
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
        ("Witness", witness_text(view.witnessed.as_ref(), SystemClock.now())),
        ("Erased on the record", view.erased.to_string()),
        ("Bad entries", bad),
        ("Also", view.notes.join("\n")),
        ("Founders", unheard(&view.unheard).unwrap_or_default()),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    fields(&rows)
}

/// How far the relay has witnessed the ledger, and how long ago that is.
fn witness_text(witnessed: Option<&WitnessedView>, now: Option<Time>) -> String {
    let Some((witnessed, now)) = witnessed.zip(now) else { return "not witnessed".to_owned() };
    let minutes = now.since(Time(witnessed.time)) / MINUTE;
    let plural = if minutes == 1 { "" } else { "s" };
    format!("witnessed {minutes} minute{plural} ago up to entry {}", witnessed.size)
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
        Format::Csv => entries_csv(&entries),
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
        match recorded {
            Some(_) => "Erased. That it was, by whom and why, stays on the record.",
            None => "Erased: that it would be was on the record, but the text itself was still there.",
        },
        json!({ "entry": recorded.map(|recorded| recorded.seq) }),
    ))
}
