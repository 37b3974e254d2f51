//! The tables in one SQLite file.
//!
//! What must hold whatever a statement says is said here: a parcel that ended has no envelope, what an organisation has
//! lying here is counted with every change, and the head of a log never goes back.

use sqlx::{Row as _, SqliteConnection};

use super::connect::of;
use crate::store::{Result, StoreError};

/// SQLite's `application_id`: which program a file belongs to.
const APPLICATION: i64 = 0x4373_6772;
/// SQLite's `user_version`.
const VERSION: i64 = 1;
/// Both of the above; constant, since a pragma takes no parameter.
const STAMP: &str = "PRAGMA application_id = 0x43736772; PRAGMA user_version = 1";

/// The statements, spelled exactly as SQLite stores them, in the order of their making.
const OBJECTS: &[&str] = &[
    "CREATE TABLE relay(one INTEGER PRIMARY KEY CHECK(one = 1), \
     nonce_key BLOB NOT NULL CHECK(length(nonce_key) = 32)) STRICT",
    "CREATE TABLE card(organisation BLOB PRIMARY KEY CHECK(length(organisation) = 16), \
     version INTEGER NOT NULL, document BLOB NOT NULL) STRICT",
    "CREATE TABLE removed(organisation BLOB NOT NULL CHECK(length(organisation) = 16), \
     member BLOB NOT NULL CHECK(length(member) = 32), at INTEGER NOT NULL, PRIMARY KEY(organisation, member)) STRICT",
    "CREATE TABLE parcel(number INTEGER PRIMARY KEY, cti BLOB NOT NULL UNIQUE CHECK(length(cti) = 16), \
     organisation BLOB NOT NULL CHECK(length(organisation) = 16), \
     recipient BLOB NOT NULL CHECK(length(recipient) = 32), pick_up BLOB NOT NULL CHECK(length(pick_up) = 32), \
     digest BLOB NOT NULL CHECK(length(digest) = 32), size INTEGER NOT NULL, expires INTEGER NOT NULL, \
     state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 5), changed INTEGER NOT NULL, fetched INTEGER, \
     letter BLOB CHECK(length(letter) = 32), envelope BLOB CHECK((envelope IS NULL) = (state > 2))) STRICT",
    "CREATE INDEX parcel_by_change ON parcel(organisation, changed)",
    "CREATE INDEX parcel_by_end ON parcel(expires) WHERE state < 3",
    "CREATE INDEX parcel_by_age ON parcel(changed) WHERE state > 2",
    "CREATE TABLE share(organisation BLOB PRIMARY KEY CHECK(length(organisation) = 16), \
     parcels INTEGER NOT NULL CHECK(parcels >= 0), bytes INTEGER NOT NULL CHECK(bytes >= 0)) STRICT",
    "CREATE TRIGGER parcel_counts AFTER INSERT ON parcel BEGIN \
     INSERT INTO share(organisation, parcels, bytes) VALUES (NEW.organisation, 1, NEW.size) \
     ON CONFLICT(organisation) DO UPDATE SET parcels = parcels + 1, bytes = bytes + excluded.bytes; END",
    "CREATE TRIGGER parcel_ends AFTER UPDATE OF state ON parcel WHEN OLD.state < 3 AND NEW.state > 2 BEGIN \
     UPDATE share SET parcels = parcels - 1, bytes = bytes - OLD.size WHERE organisation = OLD.organisation; END",
    "CREATE TRIGGER parcel_stays_ended BEFORE UPDATE OF state ON parcel WHEN OLD.state > 2 OR NEW.state < OLD.state \
     BEGIN SELECT raise(ABORT, 'a parcel goes one way'); END",
    "CREATE TABLE mailbox(mailbox BLOB PRIMARY KEY CHECK(length(mailbox) IN (16, 48)), last INTEGER NOT NULL) STRICT",
    "CREATE TABLE letter(row INTEGER PRIMARY KEY, mailbox BLOB NOT NULL CHECK(length(mailbox) IN (16, 48)), \
     number INTEGER NOT NULL, digest BLOB NOT NULL CHECK(length(digest) = 32), came INTEGER NOT NULL, bytes BLOB, \
     UNIQUE(mailbox, number), UNIQUE(mailbox, digest)) STRICT",
    "CREATE INDEX letter_waits ON letter(mailbox, number) WHERE bytes IS NOT NULL",
    "CREATE INDEX letter_by_age ON letter(came)",
    "CREATE TABLE ticket(organisation BLOB NOT NULL CHECK(length(organisation) = 16), \
     id BLOB NOT NULL CHECK(length(id) = 16), identity BLOB NOT NULL CHECK(length(identity) = 32), \
     expires INTEGER NOT NULL, PRIMARY KEY(organisation, id)) STRICT",
    "CREATE TABLE correspondent(organisation BLOB NOT NULL CHECK(length(organisation) = 16), \
     identity BLOB NOT NULL CHECK(length(identity) = 32), day INTEGER NOT NULL, posts INTEGER NOT NULL, \
     PRIMARY KEY(organisation, identity)) STRICT",
    "CREATE TABLE witness(one INTEGER PRIMARY KEY CHECK(one = 1), \
     seed BLOB NOT NULL CHECK(length(seed) = 32)) STRICT",
    "CREATE TABLE head(organisation BLOB PRIMARY KEY CHECK(length(organisation) = 16), \
     size INTEGER NOT NULL CHECK(size >= 0), root BLOB NOT NULL CHECK(length(root) = 32)) STRICT",
    "CREATE TRIGGER head_only_grows BEFORE UPDATE ON head WHEN NEW.organisation <> OLD.organisation \
     OR NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.root <> OLD.root) \
     BEGIN SELECT raise(ABORT, 'a log only grows'); END",
    "CREATE TRIGGER head_stays BEFORE DELETE ON head BEGIN SELECT raise(ABORT, 'a log only grows'); END",
    "CREATE TABLE acquaintance(organisation BLOB NOT NULL CHECK(length(organisation) = 16), \
     member BLOB NOT NULL CHECK(length(member) = 32), checkpoint BLOB NOT NULL CHECK(length(checkpoint) = 32), \
     issued INTEGER NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY(organisation, member)) STRICT",
];

/// Recognises the database, or founds it where there is nothing at all. Inside the caller's transaction.
pub(super) async fn prepare(conn: &mut SqliteConnection, nonce_key: &[u8; 32]) -> Result<()> {
    let found = sqlx::query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
        .fetch_all(&mut *conn)
        .await
        .map_err(of)?;
    let application = number(conn, "PRAGMA application_id").await?;
    if found.is_empty() && application == 0 {
        return found_new(conn, nonce_key).await;
    }
    if application != APPLICATION {
        return Err(StoreError::Damaged);
    }
    match number(conn, "PRAGMA user_version").await? {
        newer if newer > VERSION => return Err(StoreError::Newer),
        older if older < VERSION => return Err(StoreError::Damaged),
        _ => {}
    }
    let same = found.len() == OBJECTS.len()
        && found
            .iter()
            .zip(OBJECTS)
            .all(|(row, object)| row.try_get::<&str, _>(0).is_ok_and(|sql| sql == *object));
    if same { Ok(()) } else { Err(StoreError::Damaged) }
}

async fn found_new(conn: &mut SqliteConnection, nonce_key: &[u8; 32]) -> Result<()> {
    for object in OBJECTS {
        sqlx::query(*object).execute(&mut *conn).await.map_err(of)?;
    }
    sqlx::raw_sql(STAMP).execute(&mut *conn).await.map_err(of)?;
    sqlx::query("INSERT INTO relay(one, nonce_key) VALUES (1, ?1)")
        .bind(nonce_key.as_slice())
        .execute(&mut *conn)
        .await
        .map_err(of)?;
    Ok(())
}

/// The whole number a statement answers with.
pub(super) async fn number(conn: &mut SqliteConnection, sql: &'static str) -> Result<i64> {
    sqlx::query_scalar(sql).fetch_one(conn).await.map_err(of)
}
