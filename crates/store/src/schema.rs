//! The tables, and how a file of ours is told from any other.

use countersign_ports::LogError;
use sqlx::{Row as _, SqliteConnection};

use crate::fault::definite;

/// One kind of database: who it belongs to, its version, and every object in it.
pub(crate) struct Schema {
    /// SQLite's `application_id`: which program a file belongs to.
    pub(crate) application: i64,
    /// SQLite's `user_version`.
    pub(crate) version: i64,
    /// Sets both of the above; constant SQL, since a pragma takes no parameter.
    pub(crate) stamp: &'static str,
    /// The statements, spelled exactly as SQLite stores them.
    pub(crate) objects: &'static [&'static str],
    /// Every version before this one that is still brought forward, oldest first, without gaps.
    pub(crate) older: &'static [Older],
    /// What a step forward must leave as it was: pages of (number, bytes, bytes) from a number on.
    pub(crate) kept: &'static [&'static str],
}

/// A version that files may still have.
pub(crate) struct Older {
    /// Its statements.
    pub(crate) objects: &'static [&'static str],
    /// What makes the next version of it.
    pub(crate) steps: &'static [&'static str],
    /// Sets the version that it then has.
    pub(crate) stamp: &'static str,
}

/// What a file of ours is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Known {
    /// Of this version.
    Current,
    /// Of an older one, by its place in the list.
    Older(usize),
}

/// The log. Order of creation is the order in which SQLite lists them.
///
/// The triggers are no security: who can write the file can drop them, and the Merkle tree tells. They stop our own
/// mistakes, among them a replacing insert, which deletes without firing a trigger for deletion.
pub(crate) const LOG: Schema = Schema {
    application: 0x4373_676c,
    version: 1,
    stamp: "PRAGMA application_id = 0x4373676c; PRAGMA user_version = 1",
    objects: &[
        "CREATE TABLE log(one INTEGER PRIMARY KEY CHECK(one = 1), \
         organisation BLOB NOT NULL CHECK(length(organisation) = 16)) STRICT",
        "CREATE TABLE fence(one INTEGER PRIMARY KEY CHECK(one = 1), raised INTEGER NOT NULL) STRICT",
        "CREATE TABLE entry(seq INTEGER PRIMARY KEY CHECK(seq >= 0), \
         op_id BLOB NOT NULL UNIQUE CHECK(length(op_id) = 16), leaf BLOB NOT NULL) STRICT",
        "CREATE TABLE checkpoint(size INTEGER PRIMARY KEY CHECK(size > 0), note TEXT NOT NULL) STRICT",
        "CREATE TABLE document(id INTEGER PRIMARY KEY, \
         name BLOB NOT NULL UNIQUE CHECK(length(name) = 32), bytes BLOB NOT NULL) STRICT",
        "CREATE TRIGGER log_stays BEFORE UPDATE ON log BEGIN SELECT raise(ABORT, 'the log has one organisation'); END",
        "CREATE TRIGGER log_is_kept BEFORE DELETE ON log BEGIN SELECT raise(ABORT, 'the log has one organisation'); END",
        "CREATE TRIGGER entry_is_dense BEFORE INSERT ON entry \
         WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM entry) \
         OR EXISTS (SELECT 1 FROM entry WHERE op_id = NEW.op_id) \
         BEGIN SELECT raise(ABORT, 'entries are appended'); END",
        "CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT raise(ABORT, 'entries stay'); END",
        "CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry BEGIN SELECT raise(ABORT, 'entries stay'); END",
        "CREATE TRIGGER checkpoint_is_newest BEFORE INSERT ON checkpoint \
         WHEN NEW.size IS NOT (SELECT max(seq) + 1 FROM entry) \
         OR EXISTS (SELECT 1 FROM checkpoint WHERE size = NEW.size) \
         BEGIN SELECT raise(ABORT, 'checkpoints are appended'); END",
        "CREATE TRIGGER checkpoint_stays BEFORE UPDATE ON checkpoint BEGIN SELECT raise(ABORT, 'checkpoints stay'); END",
        "CREATE TRIGGER checkpoint_is_kept BEFORE DELETE ON checkpoint \
         BEGIN SELECT raise(ABORT, 'checkpoints stay'); END",
        "CREATE TRIGGER document_stays BEFORE UPDATE ON document BEGIN SELECT raise(ABORT, 'documents stay'); END",
    ],
    older: &[],
    kept: KEPT,
};

/// The log itself: whatever becomes of the tables, these bytes stay.
pub(crate) const KEPT: &[&str] = &[
    "SELECT one, organisation, x'' FROM log WHERE one >= ?1 ORDER BY one LIMIT 500",
    "SELECT seq, op_id, leaf FROM entry WHERE seq >= ?1 ORDER BY seq LIMIT 500",
    "SELECT size, CAST(note AS BLOB), x'' FROM checkpoint WHERE size >= ?1 ORDER BY size LIMIT 500",
    "SELECT id, name, bytes FROM document WHERE id >= ?1 ORDER BY id LIMIT 50",
];

/// The view. A page of a list is read in its order from an index, never sorted out of the whole list.
pub(crate) const VIEW: Schema = Schema {
    application: 0x4373_6776,
    version: 2,
    stamp: "PRAGMA application_id = 0x43736776; PRAGMA user_version = 2",
    objects: &[
        "CREATE TABLE place(one INTEGER PRIMARY KEY CHECK(one = 1), size INTEGER NOT NULL CHECK(size >= 0), \
         root BLOB NOT NULL CHECK(length(root) = 32)) STRICT",
        "CREATE TABLE item(number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, parent TEXT, \
         state TEXT NOT NULL, due INTEGER, search TEXT NOT NULL, body TEXT NOT NULL CHECK(json_valid(body)), \
         UNIQUE(kind, id)) STRICT",
        "CREATE INDEX item_by_kind ON item(kind)",
        "CREATE INDEX item_by_state ON item(kind, state)",
        "CREATE INDEX item_by_parent ON item(kind, parent)",
        "CREATE INDEX item_by_due ON item(kind, due)",
    ],
    // An older view is made anew out of the log.
    older: &[],
    kept: &[],
};

/// Fills an empty database, inside the caller's transaction.
pub(crate) async fn found(conn: &mut SqliteConnection, schema: &Schema) -> Result<(), LogError> {
    for object in schema.objects {
        sqlx::query(*object).execute(&mut *conn).await.map_err(definite)?;
    }
    sqlx::raw_sql(schema.stamp).execute(&mut *conn).await.map_err(definite)?;
    Ok(())
}

/// Whether the open database is exactly this, or exactly an older version that can be brought forward: not another
/// program's, not newer, nothing planted in it.
///
/// `Damaged` where it is not ours or holds more or less than it should; `Newer` where a later version made it.
pub(crate) async fn recognise(conn: &mut SqliteConnection, schema: &Schema) -> Result<Known, LogError> {
    if number(conn, "PRAGMA application_id").await? != schema.application {
        return Err(LogError::Damaged);
    }
    let version = number(conn, "PRAGMA user_version").await?;
    let behind = match schema.version - version {
        ..0 => return Err(LogError::Newer),
        behind => usize::try_from(behind).map_err(|_| LogError::Damaged)?,
    };
    let (known, objects) = match schema.older.len().checked_sub(behind) {
        _ if behind == 0 => (Known::Current, schema.objects),
        Some(at) => (Known::Older(at), schema.older[at].objects),
        None => return Err(LogError::Damaged),
    };
    if holds(conn, objects).await? { Ok(known) } else { Err(LogError::Damaged) }
}

/// Whether exactly these objects are in it.
pub(crate) async fn holds(conn: &mut SqliteConnection, objects: &[&str]) -> Result<bool, LogError> {
    // Indexes that SQLite makes for UNIQUE have no text and follow from their table's.
    let found = sqlx::query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        .fetch_all(conn)
        .await
        .map_err(definite)?;
    let mut each = found.iter().zip(objects);
    let same = each.all(|(row, object)| row.try_get::<&str, _>(0).is_ok_and(|sql| sql == *object));
    Ok(found.len() == objects.len() && same)
}

/// The whole number a statement answers with.
pub(crate) async fn number(conn: &mut SqliteConnection, sql: &'static str) -> Result<i64, LogError> {
    sqlx::query_scalar(sql).fetch_one(conn).await.map_err(definite)
}
