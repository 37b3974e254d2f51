//! What time ends.

use std::collections::BTreeSet;

use async_trait::async_trait;
use countersign_documents::{Time, id::OrganisationId};
use sqlx::{SqliteConnection, SqliteExecutor};

use super::{connect::of, parcels::bytes, writer::Write};
use crate::store::{ENDED_STAY, LETTERS_WAIT, Result, Stored, Swept, signed, unsigned};

/// How many rows of a kind one commit takes: others write in between.
const AT_ONCE: i64 = 500;

/// One step of a sweep.
pub(super) struct Sweep {
    pub(super) now: Time,
}

/// What a step did.
pub(super) struct Step {
    pub(super) swept: Swept,
    /// Whether there may be more.
    pub(super) more: bool,
}

#[async_trait]
impl Write for Sweep {
    type Answer = Step;

    const EMPTIES: bool = true;

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<Step> {
        let over = sqlx::query(
            "UPDATE parcel SET state = 4, changed = expires, envelope = NULL WHERE number IN \
             (SELECT number FROM parcel WHERE state < 3 AND expires <= ?1 LIMIT ?2) RETURNING organisation",
        )
        .bind(signed(self.now.0))
        .bind(AT_ONCE)
        .fetch_all(&mut *conn)
        .await
        .map_err(of)?;
        let expired = over.iter().map(|row| bytes(row, 0).map(OrganisationId));
        let expired = expired.collect::<Result<BTreeSet<_>>>()?.into_iter().collect();
        let freed = self
            .erase(
                conn,
                "DELETE FROM parcel WHERE number IN \
                 (SELECT number FROM parcel WHERE state > 2 AND changed <= ?1 LIMIT ?2)",
                ENDED_STAY,
            )
            .await?;
        // Those that were taken care of are only names by now; they do not count.
        let waited: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT bytes FROM letter WHERE came <= ?1 ORDER BY came LIMIT ?2) WHERE bytes IS NOT NULL",
        )
        .bind(signed(self.now.minus(LETTERS_WAIT).0))
        .bind(AT_ONCE)
        .fetch_one(&mut *conn)
        .await
        .map_err(of)?;
        let letters = self
            .erase(
                conn,
                "DELETE FROM letter WHERE row IN (SELECT row FROM letter WHERE came <= ?1 ORDER BY came LIMIT ?2)",
                LETTERS_WAIT,
            )
            .await?;
        let tickets = self
            .erase(
                conn,
                "DELETE FROM ticket WHERE (organisation, id) IN \
                 (SELECT organisation, id FROM ticket WHERE expires <= ?1 LIMIT ?2)",
                0,
            )
            .await?;
        let parcels = over.len() as u64;
        let more = [parcels, freed, letters, tickets].contains(&unsigned(AT_ONCE));
        Ok(Step { swept: Swept { expired, parcels, letters: unsigned(waited) }, more })
    }
}

impl Sweep {
    async fn erase(&self, conn: &mut SqliteConnection, sql: &'static str, age: u64) -> Result<u64> {
        let erased = sqlx::query(sql).bind(signed(self.now.minus(age).0)).bind(AT_ONCE).execute(conn).await;
        erased.map(|erased| erased.rows_affected()).map_err(of)
    }
}

pub(super) async fn stored(conn: impl SqliteExecutor<'_>) -> Result<Stored> {
    let (parcels, bytes, letters): (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT coalesce(sum(parcels), 0) FROM share), (SELECT coalesce(sum(bytes), 0) FROM share), \
         (SELECT count(*) FROM letter WHERE bytes IS NOT NULL)",
    )
    .fetch_one(conn)
    .await
    .map_err(of)?;
    Ok(Stored { parcels: unsigned(parcels), bytes: unsigned(bytes), letters: unsigned(letters) })
}
