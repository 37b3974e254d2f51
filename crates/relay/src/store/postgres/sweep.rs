//! What time ends. One relay sweeps at a time; the others leave it to that one.

use std::collections::BTreeSet;

use countersign_documents::{Time, id::OrganisationId};
use sqlx::{PgConnection, PgPool};

use super::{of, parcels::bytes, schema::SWEEPING};
use crate::store::{ENDED_STAY, LETTERS_WAIT, Result, Stored, Swept, signed, unsigned};

/// How many rows of a kind one commit takes: others write in between.
const AT_ONCE: i64 = 500;

pub(super) async fn sweep(pool: &PgPool, now: Time) -> Result<Swept> {
    let mut swept = Swept::default();
    loop {
        let mut transaction = pool.begin().await.map_err(of)?;
        let mine: bool = sqlx::query_scalar(SWEEPING).fetch_one(&mut *transaction).await.map_err(of)?;
        if !mine {
            return Ok(swept);
        }
        let more = step(&mut transaction, now, &mut swept).await?;
        transaction.commit().await.map_err(of)?;
        if !more {
            return Ok(swept);
        }
    }
}

/// Says whether there may be more. What somebody else holds is left for the next time: nobody waits for another in a
/// circle.
async fn step(conn: &mut PgConnection, now: Time, swept: &mut Swept) -> Result<bool> {
    let over = sqlx::query(
        "UPDATE parcel SET state = 4, changed = expires, envelope = NULL WHERE number IN \
         (SELECT number FROM parcel WHERE state < 3 AND expires <= $1 ORDER BY number LIMIT $2 FOR UPDATE SKIP LOCKED) \
         RETURNING organisation",
    )
    .bind(signed(now.0))
    .bind(AT_ONCE)
    .fetch_all(&mut *conn)
    .await
    .map_err(of)?;
    let organisations = over.iter().map(|row| bytes(row, 0).map(OrganisationId));
    swept.expired.extend(organisations.collect::<Result<BTreeSet<_>>>()?);
    swept.parcels += over.len() as u64;
    let freed = erase(
        conn,
        "DELETE FROM parcel WHERE number IN (SELECT number FROM parcel WHERE state > 2 AND changed <= $1 \
         ORDER BY number LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING false",
        now.minus(ENDED_STAY),
    )
    .await?;
    let letters = erase(
        conn,
        "DELETE FROM letter WHERE row IN (SELECT row FROM letter WHERE came <= $1 \
         ORDER BY row LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING bytes IS NOT NULL",
        now.minus(LETTERS_WAIT),
    )
    .await?;
    let tickets = erase(
        conn,
        "DELETE FROM ticket WHERE (organisation, id) IN (SELECT organisation, id FROM ticket WHERE expires <= $1 \
         ORDER BY organisation, id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING false",
        now,
    )
    .await?;
    // Those that were taken care of are only names by now; they do not count.
    swept.letters += letters.iter().filter(|waited| **waited).count() as u64;
    let full = [over.len(), freed.len(), letters.len(), tickets.len()];
    Ok(full.iter().any(|rows| *rows as i64 == AT_ONCE))
}

async fn erase(conn: &mut PgConnection, sql: &'static str, before: Time) -> Result<Vec<bool>> {
    sqlx::query_scalar(sql).bind(signed(before.0)).bind(AT_ONCE).fetch_all(conn).await.map_err(of)
}

pub(super) async fn stored(pool: &PgPool) -> Result<Stored> {
    let (parcels, bytes, letters): (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT coalesce(sum(parcels), 0)::bigint FROM share), \
         (SELECT coalesce(sum(bytes), 0)::bigint FROM share), \
         (SELECT count(*) FROM letter WHERE bytes IS NOT NULL)",
    )
    .fetch_one(pool)
    .await
    .map_err(of)?;
    Ok(Stored { parcels: unsigned(parcels), bytes: unsigned(bytes), letters: unsigned(letters) })
}
