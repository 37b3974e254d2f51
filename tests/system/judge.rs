//! What every failure must be: one clear line, a stable code, the right exit status, and nothing changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Output,
};

use countersign_documents::{Digest, text::visible};
use serde_json::Value;
use sqlx::{Column as _, ConnectOptions as _, Row as _, ValueRef as _, sqlite::SqliteConnectOptions};

use crate::world::{World, files_below};

/// Phrases that say what became of things; every failure has one of them.
const KEPT: &[&str] = &[
    "Nothing was changed",
    "Nothing was lost",
    "Nothing was accepted",
    "Nothing was released",
    "Nothing was read",
    "Nothing was signed",
    "Nothing was compared",
    "Nothing of what this desk knows was lost",
    "nothing is overwritten",
    "No key left this desk",
    "Nothing is issued",
    "It is kept in this profile",
    "was carried out",
    "The key was refused",
];

/// What a command line said when it failed.
pub(crate) struct Said {
    pub(crate) code: String,
    pub(crate) exit: Option<i32>,
    pub(crate) line: String,
}

/// Reads a failure, whose form must be right; `case` names it in messages.
pub(crate) fn said(out: &Output, case: &str) -> Said {
    heard(out, case).unwrap_or_else(|why| panic!("{why}"))
}

/// The same, for a table that goes on.
pub(crate) fn heard(out: &Output, case: &str) -> Result<Said, String> {
    let err = String::from_utf8_lossy(&out.stderr);
    let json: Value = serde_json::from_slice(&out.stdout).unwrap_or(Value::Null);
    let part = |name: &str| json["error"][name].as_str().unwrap_or("").to_owned();
    let code = part("code");
    let lines: Vec<&str> = err.lines().filter(|l| l.starts_with("countersign: ")).collect();
    let line = lines.first().map_or("", |l| l.trim_start_matches("countersign: ")).to_owned();
    let named = line.starts_with(['/', '.']) || line.contains(": ");
    for (holds, why) in [
        (!out.status.success(), "it fails"),
        (out.status.code().is_some_and(|c| c <= 4), "its exit status is one of the documented"),
        (!err.contains("panicked"), "no panic reaches a user"),
        (lines.len() == 1, "one line says what happened"),
        (err.trim_end().ends_with(line.as_str()), "the failure is the last thing said"),
        (line.ends_with('.') && line.contains(' '), "it is a sentence"),
        (
            named || line.chars().next().is_some_and(|c| !c.is_lowercase()),
            "it begins as a sentence or a path",
        ),
        (KEPT.iter().any(|kept| line.contains(kept)), "it says what became of things"),
        (!line.chars().any(char::is_control), "it is fit for a terminal"),
        (line.len() < 1200, "it is short enough to be read"),
        (!code.is_empty(), "--json carries a code"),
        (code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "a code is a word that programs compare"),
        (line == visible(format!("{} {}", part("message"), part("advice")).trim()), "--json says the same"),
    ] {
        if !holds {
            return Err(format!(
                "{case}: {why}, but: {err}{} {:?}",
                String::from_utf8_lossy(&out.stdout),
                out.status
            ));
        }
    }
    Ok(Said { code, exit: out.status.code(), line })
}

/// What a folder holds, so that any change shows. Databases by their content: SQLite tidies its own files.
pub(crate) struct Still(BTreeMap<PathBuf, What>);

/// One thing in a folder.
#[derive(PartialEq, Eq)]
enum What {
    Link(PathBuf),
    Special,
    /// The bytes, and those of a write-ahead log beside it.
    File(Vec<u8>, Option<Vec<u8>>),
}

impl Still {
    /// Of everything below `folder`.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut held = BTreeMap::new();
        for path in files_below(folder) {
            let name = path.to_string_lossy().into_owned();
            // Read through the database they belong to; their bytes are SQLite's own business.
            if name.ends_with("-wal") || name.ends_with("-shm") || name.ends_with(".lock") {
                continue;
            }
            let meta = path.symlink_metadata().expect("a file that was just listed");
            let what = if meta.is_symlink() {
                What::Link(std::fs::read_link(&path).expect("a link"))
            } else if meta.is_file() {
                let mut wal = path.as_os_str().to_owned();
                wal.push("-wal");
                What::File(
                    std::fs::read(&path).expect("a file that was just listed"),
                    std::fs::read(wal).ok(),
                )
            } else {
                What::Special
            };
            held.insert(path, what);
        }
        Self(held)
    }

    /// Asserts that nothing below the folder is other than it was.
    pub(crate) fn unchanged(&self, folder: &Path, case: &str) {
        let now = Self::of(folder);
        let paths: BTreeSet<_> = self.0.keys().chain(now.0.keys()).collect();
        let same = |path: &PathBuf| match (self.0.get(path), now.0.get(path)) {
            (Some(before), Some(after)) => before == after || same_rows(before, after),
            _ => false,
        };
        let changed: Vec<_> = paths.into_iter().filter(|path| !same(path)).collect();
        assert!(changed.is_empty(), "{case}: nothing was changed, but these are: {changed:?}");
    }
}

/// Whether both are databases with the same rows in the same tables.
fn same_rows(before: &What, after: &What) -> bool {
    let (Some(before), Some(after)) = (rows(before), rows(after)) else { return false };
    before == after
}

fn rows(what: &What) -> Option<String> {
    let What::File(bytes, wal) = what else { return None };
    if !bytes.starts_with(b"SQLite format 3\0") {
        return None;
    }
    let copies = tempfile::tempdir().expect("a folder for copies");
    let copy = copies.path().join("copy");
    std::fs::write(&copy, bytes).expect("a copy");
    if let Some(wal) = wal {
        std::fs::write(copies.path().join("copy-wal"), wal).expect("a copy of the write-ahead log");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(dump(&copy)).ok()
}

/// Every row of every table, in order of its bytes.
async fn dump(path: &Path) -> Result<String, sqlx::Error> {
    let mut conn = SqliteConnectOptions::new().filename(path).connect().await?;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .fetch_all(&mut conn)
            .await?;
    let mut all = String::new();
    for table in tables {
        let query = format!("SELECT * FROM \"{table}\"");
        let rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(&mut conn).await?;
        let mut lines: Vec<String> = rows.iter().map(line).collect();
        lines.sort_unstable();
        all.push_str(&format!("{table}: {}\n", Digest::of(lines.join("\n").as_bytes()).hex()));
    }
    Ok(all)
}

fn line(row: &sqlx::sqlite::SqliteRow) -> String {
    let cell = |i: usize| -> String {
        if row.try_get_raw(i).is_ok_and(|v| v.is_null()) {
            return "null".to_owned();
        }
        let bytes = row.try_get_unchecked::<Vec<u8>, _>(i).unwrap_or_default();
        format!("{}={}", row.column(i).name(), Digest::of(&bytes).hex())
    };
    (0..row.len()).map(cell).collect::<Vec<_>>().join(",")
}

/// One line of a table: who runs what with which standard input, and how it must fail.
pub(crate) struct Case<'a> {
    pub(crate) who: &'a str,
    pub(crate) words: Vec<&'a str>,
    pub(crate) input: &'a [u8],
    pub(crate) code: &'a str,
    pub(crate) exit: i32,
}

/// A case without input.
pub(crate) fn case<'a>(who: &'a str, words: &[&'a str], code: &'a str, exit: i32) -> Case<'a> {
    Case { who, words: words.to_vec(), input: b"", code, exit }
}

/// The same with something on standard input.
pub(crate) fn typed<'a>(
    who: &'a str,
    words: &[&'a str],
    input: &'a [u8],
    code: &'a str,
    exit: i32,
) -> Case<'a> {
    Case { input, ..case(who, words, code, exit) }
}

impl World {
    /// Runs every case. All must fail as told, and leave everything in the world as it was. Says what each said.
    pub(crate) fn all_refused(&self, cases: &[Case<'_>]) -> Vec<String> {
        let before = Still::of(self.dir.path());
        let mut lines = Vec::new();
        let mut wrong = Vec::new();
        for c in cases {
            let name = format!("{} {:?}", c.who, c.words);
            match heard(&self.run(c.who, &c.words, c.input), &name) {
                Ok(said) if (said.code.as_str(), said.exit) == (c.code, Some(c.exit)) => {
                    lines.push(said.line)
                }
                Ok(said) => wrong.push(format!(
                    "{name}: wanted {} {}, got {} {:?}: {}",
                    c.code, c.exit, said.code, said.exit, said.line
                )),
                Err(why) => wrong.push(why),
            }
            before.unchanged(self.dir.path(), &name);
        }
        assert!(wrong.is_empty(), "sentence, code and exit status are right:\n{}", wrong.join("\n"));
        lines
    }
}
