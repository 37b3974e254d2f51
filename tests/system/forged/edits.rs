//! Edits by dice: of bytes, whatever they mean, and of rows, by somebody who knows the tables.

use std::path::Path;

use sqlx::Row as _;

use super::database::Database;
use crate::world::Dice;

/// A table, and the columns that hold what its rows say.
pub(super) struct Table {
    name: &'static str,
    /// Copied when one row is to say what another says.
    content: &'static [&'static str],
    /// Which rows are of interest.
    of: &'static str,
    /// A whole number that orders the rows and is theirs alone, where there is one.
    place: Option<&'static str>,
}

const fn table(name: &'static str, content: &'static [&'static str], place: Option<&'static str>) -> Table {
    Table { name, content, of: "1", place }
}

/// What is worth editing comes up more often.
pub(super) const LOG: &[Table] = &[
    table("entry", &["leaf"], Some("seq")),
    table("entry", &["leaf"], Some("seq")),
    table("entry", &["leaf"], Some("seq")),
    table("entry", &["leaf"], Some("seq")),
    table("entry", &["op_id"], Some("seq")),
    table("checkpoint", &["note"], Some("size")),
    table("document", &["bytes"], Some("id")),
    table("document", &["bytes"], Some("id")),
    table("fence", &["raised"], None),
    table("log", &["organisation"], None),
];
pub(super) const VIEW: &[Table] = &[
    table("item", &["body", "state"], Some("number")),
    table("item", &["body"], Some("number")),
    table("item", &["state", "search"], Some("number")),
    table("place", &["size"], None),
];
pub(super) const VAULT: &[Table] = &[
    table("rows", &["version", "nonce", "sealed"], None),
    Table { of: "kind = 'outbox'", ..table("rows", &["nonce", "sealed"], None) },
    Table { of: "kind = 'outbox'", ..table("rows", &["version", "nonce", "sealed"], None) },
    Table { of: "kind = 'snapshot'", ..table("rows", &["sealed"], None) },
    Table { of: "kind = 'snapshot'", ..table("rows", &["version", "nonce", "sealed"], None) },
    Table { of: "kind = 'heads'", ..table("rows", &["version", "nonce", "sealed"], None) },
    table("slots", &["wrapped"], None),
    table("vault", &["sealed"], None),
];

/// Changes a file, and says how. `other` is the same file of another organisation.
pub(super) fn edit(dice: &mut Dice, path: &Path, other: &Path, tables: &[Table]) -> String {
    if dice.below(3) == 0 {
        return bytes(dice, path);
    }
    // Not every edit is possible on every table: a table of one row has nothing to swap.
    for _ in 0..100 {
        let table = dice.one_of(tables);
        let mut db = Database::open(path).expect("the file opens");
        let done = row(dice, &mut db, other, table);
        db.close();
        if let Some(said) = done {
            return said;
        }
    }
    panic!("in a hundred throws no edit was possible on {}", path.display());
}

/// One bit, a run of bytes, or a page.
fn bytes(dice: &mut Dice, path: &Path) -> String {
    let mut bytes = std::fs::read(path).expect("the file");
    let at = dice.below(bytes.len());
    let said = match dice.below(3) {
        0 => {
            bytes[at] ^= 1 << dice.below(8);
            format!("a bit of byte {at}")
        }
        1 => {
            let run = 1 + dice.below(64);
            for byte in bytes.iter_mut().skip(at).take(run) {
                *byte = dice.next() as u8;
            }
            format!("{run} bytes from {at} on")
        }
        _ => {
            let page = at / 4096;
            bytes.iter_mut().skip(page * 4096).take(4096).for_each(|byte| *byte = 0);
            format!("page {page} zeroed")
        }
    };
    std::fs::write(path, bytes).expect("written");
    said
}

/// One row or two, in the way of somebody who knows SQL.
fn row(dice: &mut Dice, db: &mut Database, other: &Path, table: &Table) -> Option<String> {
    let name = table.name;
    let ids = db.rows(&format!("SELECT rowid FROM {name} WHERE {} ORDER BY rowid", table.of)).ok()?;
    if ids.is_empty() {
        return None;
    }
    let any = |dice: &mut Dice| ids[dice.below(ids.len())].get::<i64, _>(0);
    let (a, b) = (any(dice), any(dice));
    let columns = table.content.join(", ");
    let (said, sql) = match dice.below(6) {
        0 => ("deleted", format!("DELETE FROM {name} WHERE rowid = {a}")),
        1 if a != b => ("swapped", swap(table, a, b)),
        2 if a != b => (
            "copied over another",
            format!(
                "UPDATE {name} SET ({columns}) = (SELECT {columns} FROM {name} WHERE rowid = {b}) WHERE rowid = {a}"
            ),
        ),
        3 => ("doubled at the end", double(dice, table, a)?),
        4 => {
            let said = "taken from another organisation";
            db.run(&format!("ATTACH '{}' AS other", other.display())).ok()?;
            let skip = dice.below(6);
            let from = format!("SELECT {columns} FROM other.{name} WHERE {} LIMIT 1 OFFSET {skip}", table.of);
            (said, format!("UPDATE main.{name} SET ({columns}) = ({from}) WHERE rowid = {a}"))
        }
        5 => ("changed", format!("UPDATE {name} SET {} WHERE rowid = {a}", change(dice, db, table, a)?)),
        _ => return None,
    };
    db.edit(&sql).ok()?;
    Some(format!("{name} row {a} ({}) {said}, {b}", table.of))
}

fn swap(table: &Table, a: i64, b: i64) -> String {
    let name = table.name;
    match table.place {
        Some(place) => [(a, -9), (b, a), (-9, b)]
            .map(|(from, to)| format!("UPDATE {name} SET {place} = {to} WHERE {place} = {from}"))
            .join("; "),
        None => {
            let columns = table.content.join(", ");
            let put = |to: i64, from: i64| {
                format!(
                    "UPDATE {name} SET ({columns}) = (SELECT {columns} FROM held WHERE at = {from}) WHERE rowid = {to}"
                )
            };
            format!(
                "CREATE TEMP TABLE held AS SELECT rowid AS at, {columns} FROM {name} WHERE rowid IN ({a}, {b}); \
                 {}; {}; DROP TABLE held",
                put(a, b),
                put(b, a)
            )
        }
    }
}

/// The same again under a name of its own: a replay.
fn double(dice: &mut Dice, table: &Table, a: i64) -> Option<String> {
    let (fresh16, fresh32) = (hex(dice, 16), hex(dice, 32));
    Some(match table.name {
        "entry" => {
            let row = format!(
                "INSERT INTO entry(seq, op_id, leaf) SELECT (SELECT max(seq) + 1 FROM entry), {fresh16}, leaf \
                 FROM entry WHERE seq = {a}"
            );
            // With or without a checkpoint that claims to cover it.
            let covered = "; INSERT INTO checkpoint(size, note) SELECT size + 1, note FROM checkpoint \
                           ORDER BY size DESC LIMIT 1";
            if dice.below(2) == 0 { row + covered } else { row }
        }
        "document" => {
            format!("INSERT INTO document(name, bytes) SELECT {fresh32}, bytes FROM document WHERE id = {a}")
        }
        "item" => format!(
            "INSERT INTO item(kind, id, parent, state, due, search, body) \
             SELECT kind, 'x' || id, parent, state, due, search, body FROM item WHERE number = {a}"
        ),
        "rows" => format!(
            "INSERT INTO rows(kind, name, version, nonce, sealed) \
             SELECT kind, {fresh32}, version, nonce, sealed FROM rows WHERE rowid = {a}"
        ),
        _ => return None,
    })
}

/// One column set to something of its own type that it was not.
fn change(dice: &mut Dice, db: &mut Database, table: &Table, a: i64) -> Option<String> {
    let name = table.name;
    let columns = db.rows(&format!("SELECT name, type FROM pragma_table_info('{name}')")).ok()?;
    let column = &columns[dice.below(columns.len())];
    let (column, kind): (String, String) = (column.get(0), column.get(1));
    let now = db.rows(&format!("SELECT {column} FROM {name} WHERE rowid = {a}")).ok()?;
    let now = now.first()?;
    Some(match kind.as_str() {
        "INTEGER" => format!("{column} = {column} + {}", 1 + dice.below(1000)),
        "TEXT" => format!("{column} = substr({column}, 2) || 'x'"),
        _ => {
            let mut bytes: Vec<u8> = now.try_get(0).ok()?;
            match dice.below(4) {
                0 => bytes = Vec::new(),
                1 => bytes.push(dice.next() as u8),
                _ if bytes.is_empty() => return None,
                _ => {
                    let at = dice.below(bytes.len());
                    bytes[at] ^= 1 << dice.below(8);
                }
            }
            format!("{column} = X'{}'", data_encoding::HEXUPPER.encode(&bytes))
        }
    })
}

fn hex(dice: &mut Dice, length: usize) -> String {
    let bytes: Vec<u8> = (0..length).map(|_| dice.next() as u8).collect();
    format!("X'{}'", data_encoding::HEXUPPER.encode(&bytes))
}
