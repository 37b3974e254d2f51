//! What an edit did, found out without the program: from the rows as they were and as they are.

use std::{collections::BTreeMap, path::Path};

use super::database::Database;

/// What must come of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// The file is refused as a whole: it is no database of ours any more.
    Refused,
    /// This is the first bad entry.
    Entry(usize),
    /// The newest checkpoint does not hold, and every entry does.
    Checkpoint,
    /// Nothing that anybody reads is another.
    Harmless,
    /// Nothing that can be read is another, and the file is not sound: it is refused, or harmless.
    Unsound,
    /// A sealed row is another under the same seal: it is refused when somebody reads it, and nobody need.
    WhenRead,
}

/// Everything in a file, row by row; a row that cannot be read is empty.
#[derive(PartialEq, Eq)]
pub(super) struct Rows {
    schema: Vec<String>,
    tables: BTreeMap<&'static str, Vec<String>>,
    entries: Vec<Option<String>>,
    /// By name, which is how they are looked for.
    documents: BTreeMap<String, Option<String>>,
    sound: bool,
}

const OF_LOG: &[(&str, &str)] = &[
    ("log", "SELECT quote(one) || quote(organisation) FROM log"),
    ("checkpoint", "SELECT size || ' ' || quote(note) FROM checkpoint ORDER BY size DESC LIMIT 1"),
];
const SCHEMA: &str = "SELECT quote(sql) FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";

impl Rows {
    /// Reads a copy: looking must not mend anything. Nothing where it cannot even be recognised.
    fn read(path: &Path, queries: &[(&'static str, &'static str)]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let copy = folder.path().join("copy.db");
        std::fs::copy(path, &copy).expect("a copy");
        let mut db = Database::open(&copy).ok()?;
        let read = Self::of(&mut db, queries);
        db.close();
        read.ok()
    }

    fn of(db: &mut Database, queries: &[(&'static str, &'static str)]) -> Result<Self, sqlx::Error> {
        let mut schema = db.quoted(SCHEMA)?;
        for stamp in ["application_id", "user_version"] {
            schema.push(db.number(&format!("PRAGMA {stamp}"))?.to_string());
        }
        let mut tables = BTreeMap::new();
        for (name, query) in queries {
            let mut rows = db.quoted(query).unwrap_or_else(|_| vec!["unreadable".to_owned()]);
            rows.sort_unstable();
            tables.insert(*name, rows);
        }
        let sound = db.quoted("PRAGMA integrity_check").is_ok_and(|said| said == ["ok"]);
        Ok(Self { schema, tables, entries: entries(db), documents: BTreeMap::new(), sound })
    }

    /// A vault.
    pub(super) fn of_vault(path: &Path) -> Option<Self> {
        Self::read(path, OF_VAULT)
    }

    /// A log, with the documents of these names; with all of them where none are given.
    pub(super) fn of_log(path: &Path, before: Option<&Self>) -> Option<Self> {
        let mut rows = Self::read(path, OF_LOG)?;
        let folder = tempfile::tempdir().expect("a folder");
        let copy = folder.path().join("copy.db");
        std::fs::copy(path, &copy).expect("a copy");
        let mut db = Database::open(&copy).ok()?;
        let names = match before {
            Some(before) => before.documents.keys().cloned().collect(),
            None => db.quoted("SELECT lower(hex(name)) FROM document").expect("names"),
        };
        for name in names {
            let found = db.quoted(&format!("SELECT quote(bytes) FROM document WHERE name = X'{name}'"));
            rows.documents.insert(name, found.ok().and_then(|mut found| found.pop()));
        }
        db.close();
        Some(rows)
    }

    fn table(&self, name: &str) -> &[String] {
        self.tables.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Entries one by one, up to the first place from which on nothing is there.
fn entries(db: &mut Database) -> Vec<Option<String>> {
    // Where even that cannot be read, one by one shows what can: no log of these tests is longer.
    let end = db.number("SELECT max(seq) FROM entry").unwrap_or(200);
    let read = |seq| {
        let row = db.quoted(&format!("SELECT quote(op_id) || quote(leaf) FROM entry WHERE seq = {seq}"));
        row.ok().and_then(|mut rows| rows.pop())
    };
    (0..=end.min(10_000)).map(read).collect()
}

const OF_VAULT: &[(&str, &str)] = &[
    ("vault", "SELECT quote(id) || quote(generation) || quote(nonce) || quote(sealed) FROM vault"),
    (
        "slots",
        "SELECT quote(kind) || quote(parameters) || quote(nonce) || quote(wrapped) FROM slots NOT INDEXED",
    ),
    ("marks", "SELECT quote(kind) || quote(name) || quote(version) || quote(nonce) FROM rows NOT INDEXED"),
    ("sealed", "SELECT quote(sealed) FROM rows NOT INDEXED"),
];

/// What must come of an edit of the log. `named` says which entry names which document.
pub(super) fn of_log(before: &Rows, after: Option<&Rows>, named: &BTreeMap<String, usize>) -> Expected {
    let Some(after) = after else { return Expected::Refused };
    if after.schema != before.schema || after.table("log") != before.table("log") {
        return Expected::Refused;
    }
    let entry = (0..before.entries.len().max(after.entries.len()))
        .find(|seq| after.entries.get(*seq).unwrap_or(&None) != before.entries.get(*seq).unwrap_or(&None));
    let gone = before.documents.iter().filter(|(name, bytes)| after.documents.get(*name) != Some(*bytes));
    let document = gone.filter_map(|(name, _)| named.get(name).copied());
    match entry.into_iter().chain(document).min() {
        Some(seq) => Expected::Entry(seq),
        None if after.table("checkpoint") != before.table("checkpoint") => Expected::Checkpoint,
        None if after.sound => Expected::Harmless,
        None => Expected::Unsound,
    }
}

/// What must come of an edit of the vault.
pub(super) fn of_vault(before: &Rows, after: Option<&Rows>) -> Expected {
    let Some(after) = after else { return Expected::Refused };
    let same = |name| after.table(name) == before.table(name);
    match after {
        _ if after.schema != before.schema => Expected::Refused,
        _ if !(same("vault") && same("slots") && same("marks")) => Expected::Refused,
        _ if !same("sealed") => Expected::WhenRead,
        _ if after.sound => Expected::Harmless,
        _ => Expected::Unsound,
    }
}

/// What must come of an edit of the view, which is made anew whenever it does not hold: a file that claims to be another
/// program's is left alone, and said to be.
pub(super) fn of_view(path: &Path) -> Expected {
    let bytes = std::fs::read(path).expect("a view");
    let is_ours = bytes.get(68..72) == Some(&b"Csgv"[..]) || !bytes.starts_with(b"SQLite format 3\0");
    if is_ours { Expected::Harmless } else { Expected::Unsound }
}
