//! The tables in one PostgreSQL database that several relays share, in a schema of their own.

use sqlx::{Connection as _, PgConnection};

use super::of;
use crate::store::{Result, StoreError};

const VERSION: i64 = 1;
/// Whoever founds the tables holds this lock of the database: relays may start together.
const FOUNDING: &str = "SELECT pg_advisory_xact_lock(4855178229418063218)";
/// Whoever sweeps holds this one.
pub(super) const SWEEPING: &str = "SELECT pg_try_advisory_xact_lock(4855178229418063219)";

/// Envelopes are as good as random: nobody compresses them. What ended is cleaned up soon, since until then its old row
/// lies about. How much an organisation has lying here is counted in sixteen parts, so that sixteen may change it at once.
const OBJECTS: &[&str] = &[
    "CREATE TABLE relay(one BIGINT PRIMARY KEY CHECK(one = 1), version BIGINT NOT NULL, \
     nonce_key BYTEA NOT NULL CHECK(length(nonce_key) = 32))",
    "CREATE TABLE card(organisation BYTEA PRIMARY KEY CHECK(length(organisation) = 16), \
     version BIGINT NOT NULL, document BYTEA NOT NULL)",
    "CREATE TABLE removed(organisation BYTEA NOT NULL CHECK(length(organisation) = 16), \
     member BYTEA NOT NULL CHECK(length(member) = 32), at BIGINT NOT NULL, PRIMARY KEY(organisation, member))",
    "CREATE TABLE parcel(number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
     cti BYTEA NOT NULL UNIQUE CHECK(length(cti) = 16), \
     organisation BYTEA NOT NULL CHECK(length(organisation) = 16), \
     recipient BYTEA NOT NULL CHECK(length(recipient) = 32), pick_up BYTEA NOT NULL CHECK(length(pick_up) = 32), \
     digest BYTEA NOT NULL CHECK(length(digest) = 32), size BIGINT NOT NULL, expires BIGINT NOT NULL, \
     state BIGINT NOT NULL CHECK(state BETWEEN 1 AND 5), changed BIGINT NOT NULL, fetched BIGINT, \
     letter BYTEA CHECK(length(letter) = 32), envelope BYTEA CHECK((envelope IS NULL) = (state > 2))) \
     WITH (autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.02, \
     toast.autovacuum_vacuum_threshold = 500, toast.autovacuum_vacuum_scale_factor = 0.02)",
    "ALTER TABLE parcel ALTER COLUMN envelope SET STORAGE EXTERNAL",
    "CREATE INDEX parcel_by_change ON parcel(organisation, changed, number)",
    "CREATE INDEX parcel_by_end ON parcel(expires) WHERE state < 3",
    "CREATE INDEX parcel_by_age ON parcel(changed) WHERE state > 2",
    "CREATE TABLE share(organisation BYTEA NOT NULL CHECK(length(organisation) = 16), part BIGINT NOT NULL, \
     parcels BIGINT NOT NULL CHECK(parcels >= 0), bytes BIGINT NOT NULL CHECK(bytes >= 0), \
     PRIMARY KEY(organisation, part)) WITH (fillfactor = 50)",
    "CREATE FUNCTION parcel_counts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     IF TG_OP = 'INSERT' THEN \
       INSERT INTO share(organisation, part, parcels, bytes) VALUES (NEW.organisation, NEW.number % 16, 1, NEW.size) \
       ON CONFLICT(organisation, part) DO UPDATE SET parcels = share.parcels + 1, bytes = share.bytes + excluded.bytes; \
     ELSIF OLD.state < 3 AND NEW.state > 2 THEN \
       UPDATE share SET parcels = parcels - 1, bytes = bytes - OLD.size \
       WHERE organisation = OLD.organisation AND part = OLD.number % 16; \
     ELSIF OLD.state > 2 OR NEW.state < OLD.state THEN \
       RAISE EXCEPTION 'a parcel goes one way'; \
     END IF; RETURN NULL; END $$",
    "CREATE TRIGGER parcel_counts AFTER INSERT OR UPDATE OF state ON parcel \
     FOR EACH ROW EXECUTE FUNCTION parcel_counts()",
    "CREATE TABLE mailbox(mailbox BYTEA PRIMARY KEY CHECK(length(mailbox) IN (16, 48)), last BIGINT NOT NULL) \
     WITH (fillfactor = 50)",
    "CREATE TABLE letter(row BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
     mailbox BYTEA NOT NULL CHECK(length(mailbox) IN (16, 48)), number BIGINT NOT NULL, \
     digest BYTEA NOT NULL CHECK(length(digest) = 32), came BIGINT NOT NULL, bytes BYTEA, \
     UNIQUE(mailbox, number), UNIQUE(mailbox, digest))",
    "ALTER TABLE letter ALTER COLUMN bytes SET STORAGE EXTERNAL",
    "CREATE INDEX letter_waits ON letter(mailbox, number) WHERE bytes IS NOT NULL",
    "CREATE INDEX letter_by_age ON letter(came)",
    "CREATE TABLE ticket(organisation BYTEA NOT NULL CHECK(length(organisation) = 16), \
     id BYTEA NOT NULL CHECK(length(id) = 16), identity BYTEA NOT NULL CHECK(length(identity) = 32), \
     expires BIGINT NOT NULL, PRIMARY KEY(organisation, id))",
    "CREATE TABLE correspondent(organisation BYTEA NOT NULL CHECK(length(organisation) = 16), \
     identity BYTEA NOT NULL CHECK(length(identity) = 32), day BIGINT NOT NULL, posts BIGINT NOT NULL, \
     PRIMARY KEY(organisation, identity)) WITH (fillfactor = 70)",
    "CREATE TABLE witness(one BIGINT PRIMARY KEY CHECK(one = 1), \
     seed BYTEA NOT NULL CHECK(length(seed) = 32))",
    "CREATE TABLE head(organisation BYTEA PRIMARY KEY CHECK(length(organisation) = 16), \
     size BIGINT NOT NULL CHECK(size >= 0), root BYTEA NOT NULL CHECK(length(root) = 32)) WITH (fillfactor = 50)",
    "CREATE FUNCTION head_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     IF TG_OP = 'UPDATE' AND NEW.organisation = OLD.organisation \
       AND (NEW.size > OLD.size OR (NEW.size = OLD.size AND NEW.root = OLD.root)) THEN RETURN NEW; \
     END IF; RAISE EXCEPTION 'a log only grows'; END $$",
    "CREATE TRIGGER head_only_grows BEFORE UPDATE OR DELETE ON head \
     FOR EACH ROW EXECUTE FUNCTION head_only_grows()",
    "CREATE TABLE acquaintance(organisation BYTEA NOT NULL CHECK(length(organisation) = 16), \
     member BYTEA NOT NULL CHECK(length(member) = 32), checkpoint BYTEA NOT NULL CHECK(length(checkpoint) = 32), \
     issued BIGINT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY(organisation, member))",
];

/// Recognises the tables, or founds them where there are none.
pub(super) async fn prepare(conn: &mut PgConnection, nonce_key: &[u8; 32]) -> Result<()> {
    let mut founding = conn.begin().await.map_err(of)?;
    sqlx::query(FOUNDING).execute(&mut *founding).await.map_err(of)?;
    // Whoever may not make a schema can be given one.
    let given: bool = sqlx::query_scalar("SELECT to_regnamespace('countersign_relay') IS NOT NULL")
        .fetch_one(&mut *founding)
        .await
        .map_err(of)?;
    if !given {
        sqlx::query("CREATE SCHEMA countersign_relay").execute(&mut *founding).await.map_err(of)?;
    }
    let founded: bool = sqlx::query_scalar("SELECT to_regclass('countersign_relay.relay') IS NOT NULL")
        .fetch_one(&mut *founding)
        .await
        .map_err(of)?;
    if !founded {
        for object in OBJECTS {
            sqlx::raw_sql(*object).execute(&mut *founding).await.map_err(of)?;
        }
        sqlx::query("INSERT INTO relay(one, version, nonce_key) VALUES (1, $1, $2)")
            .bind(VERSION)
            .bind(nonce_key.as_slice())
            .execute(&mut *founding)
            .await
            .map_err(of)?;
    }
    let version: i64 =
        sqlx::query_scalar("SELECT version FROM relay").fetch_one(&mut *founding).await.map_err(of)?;
    founding.commit().await.map_err(of)?;
    match version {
        VERSION => Ok(()),
        newer if newer > VERSION => Err(StoreError::Newer),
        _ => Err(StoreError::Damaged),
    }
}
