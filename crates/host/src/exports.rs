//! What leaves as a list: canonical JSON, and CSV that no spreadsheet takes for formulas.

use countersign_contract::{EntryView, KeyView};
use serde::Serialize;

/// Keys as CSV.
#[must_use]
pub fn keys_csv(keys: &[KeyView]) -> Vec<u8> {
    let heads = ["key", "holder", "service", "environment", "scopes", "state", "ends", "legacy", "order"];
    let row = |v: &KeyView| {
        vec![
            v.id.clone(),
            v.holder.clone(),
            v.service.clone(),
            v.environment.clone(),
            v.scopes.join(" "),
            v.state.clone(),
            v.not_after.map(time).unwrap_or_default(),
            if v.legacy { "yes" } else { "no" }.to_owned(),
            v.stop.clone().unwrap_or_default(),
        ]
    };
    safe_csv(&heads, &keys.iter().map(row).collect::<Vec<_>>())
}

/// Entries as CSV.
#[must_use]
pub fn entries_csv(entries: &[EntryView]) -> Vec<u8> {
    let heads = ["entry", "time", "by", "event", "operation", "digest", "body"];
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
    safe_csv(&heads, &entries.iter().map(row).collect::<Vec<_>>())
}

/// `2026-11-22 14:03 UTC`: the same everywhere.
#[must_use]
pub fn time(seconds: u64) -> String {
    let stamp = i64::try_from(seconds).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    stamp.map_or_else(|| "(no date)".to_owned(), |t| t.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// JSON with sorted names and no spaces: the same content is the same bytes.
pub fn canonical_json(value: &impl Serialize) -> Vec<u8> {
    // serde_json's own map sorts its keys, so going through it is what makes the order canonical.
    let sorted = serde_json::to_value(value).unwrap_or_default();
    let mut bytes = serde_json::to_vec(&sorted).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// RFC 4180, every cell quoted, and no cell that a spreadsheet would run.
fn safe_csv(heads: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
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
