//! Parcels: uploaded, fetched, and ended in one of three ways.
//!
//! Every change is one statement, so one round trip, and a row that somebody else holds is judged again when it is free.

use countersign_documents::{
    Digest, Time,
    id::{Cti, OrganisationId},
    relay::Parcel,
};
use sqlx::{PgPool, Row as _, postgres::PgRow};

use super::{members::is_removed, of};
use crate::store::{
    Acknowledged, Arrival, Claim, Fetched, Letter, Lock, PARCELS_AT_ONCE, Result, Share, Standing, Uploaded,
    Withdrawal, fixed, signed, sqlite, unsigned,
};

pub(super) async fn upload(
    pool: &PgPool,
    by: Standing,
    arrival: &Arrival,
    share: Share,
    now: Time,
) -> Result<Uploaded> {
    let stored = sqlx::query(
        "INSERT INTO parcel(cti, organisation, recipient, pick_up, digest, size, expires, state, changed, envelope) \
         SELECT $1, $2, $3, $4, $5, $6, $7, 1, $8, $9 \
         WHERE NOT EXISTS (SELECT 1 FROM removed WHERE organisation = $2 AND member = $12 AND at >= $13) \
         AND (SELECT coalesce(sum(parcels), 0) < $10 AND coalesce(sum(bytes), 0) + $6 <= $11 \
         FROM share WHERE organisation = $2) ON CONFLICT(cti) DO NOTHING",
    )
    .bind(arrival.cti.0.as_slice())
    .bind(by.organisation.0.as_slice())
    .bind(arrival.recipient.0.as_slice())
    .bind(arrival.pick_up.as_slice())
    .bind(arrival.digest.0.as_slice())
    .bind(signed(arrival.envelope.len() as u64))
    .bind(signed(arrival.expires.0))
    .bind(signed(now.0))
    .bind(arrival.envelope.as_slice())
    .bind(signed(share.parcels))
    .bind(signed(share.bytes))
    .bind(by.member.0.as_slice())
    .bind(signed(by.issued.0))
    .execute(pool)
    .await
    .map_err(of)?;
    if stored.rows_affected() == 1 {
        return Ok(Uploaded::Stored);
    }
    // Why it was not stored; nothing is changed any more.
    if is_removed(pool, by).await? {
        return Ok(Uploaded::Removed);
    }
    let same: Option<bool> = sqlx::query_scalar(
        "SELECT organisation = $2 AND recipient = $3 AND pick_up = $4 AND digest = $5 FROM parcel WHERE cti = $1",
    )
    .bind(arrival.cti.0.as_slice())
    .bind(by.organisation.0.as_slice())
    .bind(arrival.recipient.0.as_slice())
    .bind(arrival.pick_up.as_slice())
    .bind(arrival.digest.0.as_slice())
    .fetch_optional(pool)
    .await
    .map_err(of)?;
    Ok(match same {
        Some(true) => Uploaded::Already,
        Some(false) => Uploaded::Taken,
        None => Uploaded::TooMuch,
    })
}

pub(super) async fn lock(pool: &PgPool, cti: Cti) -> Result<Option<Lock>> {
    // One row comes back in either case, so that who waits cannot tell.
    let row = sqlx::query("SELECT recipient, pick_up FROM (SELECT 1) AS one LEFT JOIN parcel ON cti = $1")
        .bind(cti.0.as_slice())
        .fetch_one(pool)
        .await
        .map_err(of)?;
    match (row.try_get(0).map_err(of)?, row.try_get(1).map_err(of)?) {
        (Some(recipient), Some(pick_up)) => {
            Ok(Some(Lock { recipient: Digest(fixed(recipient)?), pick_up: fixed(pick_up)? }))
        }
        _ => Ok(None),
    }
}

pub(super) async fn fetch(pool: &PgPool, claim: Claim, now: Time) -> Result<Option<Fetched>> {
    const FIRST: &str = "UPDATE parcel SET state = 2, changed = $4, fetched = $4 WHERE cti = $1 AND recipient = $2 \
                         AND pick_up = $3 AND state = 1 AND expires > $4 RETURNING organisation, envelope";
    const AGAIN: &str = "SELECT organisation, envelope FROM parcel WHERE cti = $1 AND recipient = $2 \
                         AND pick_up = $3 AND state = 2 AND expires > $4";
    for (sql, first) in [(FIRST, true), (AGAIN, false)] {
        let found = sqlx::query(sql)
            .bind(claim.cti.0.as_slice())
            .bind(claim.lock.recipient.0.as_slice())
            .bind(claim.lock.pick_up.as_slice())
            .bind(signed(now.0))
            .fetch_optional(pool)
            .await
            .map_err(of)?;
        if let Some(row) = found {
            let organisation = OrganisationId(bytes(&row, 0)?);
            return Ok(Some(Fetched { envelope: row.try_get(1).map_err(of)?, first, organisation }));
        }
    }
    Ok(None)
}

pub(super) async fn acknowledge(
    pool: &PgPool,
    claim: Claim,
    letter: &Letter,
    now: Time,
) -> Result<Acknowledged> {
    // A receipt is let in however full the mailbox is: there are no more of them than parcels.
    let ended: Option<Vec<u8>> = sqlx::query_scalar(
        "WITH ended AS (UPDATE parcel SET state = 3, changed = $4, letter = $5, envelope = NULL WHERE cti = $1 \
         AND recipient = $2 AND pick_up = $3 AND state = 2 AND expires > $4 RETURNING organisation), \
         place AS (INSERT INTO mailbox(mailbox, last) SELECT organisation, 1 FROM ended \
         ON CONFLICT(mailbox) DO UPDATE SET last = mailbox.last + 1 RETURNING mailbox, last), \
         delivered AS (INSERT INTO letter(mailbox, number, digest, came, bytes) SELECT mailbox, last, $5, $4, $6 \
         FROM place ON CONFLICT(mailbox, digest) DO NOTHING) \
         SELECT organisation FROM ended",
    )
    .bind(claim.cti.0.as_slice())
    .bind(claim.lock.recipient.0.as_slice())
    .bind(claim.lock.pick_up.as_slice())
    .bind(signed(now.0))
    .bind(letter.digest.0.as_slice())
    .bind(letter.bytes.as_slice())
    .fetch_optional(pool)
    .await
    .map_err(of)?;
    if let Some(organisation) = ended {
        return fixed(organisation).map(OrganisationId).map(Acknowledged::Done);
    }
    let again: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM parcel WHERE cti = $1 AND recipient = $2 AND pick_up = $3 AND state = 3 \
         AND letter = $4)",
    )
    .bind(claim.cti.0.as_slice())
    .bind(claim.lock.recipient.0.as_slice())
    .bind(claim.lock.pick_up.as_slice())
    .bind(letter.digest.0.as_slice())
    .fetch_one(pool)
    .await
    .map_err(of)?;
    Ok(if again { Acknowledged::Already } else { Acknowledged::Nothing })
}

pub(super) async fn withdraw(pool: &PgPool, by: Standing, cti: Cti, now: Time) -> Result<Withdrawal> {
    let ended = sqlx::query(
        "UPDATE parcel SET state = CASE WHEN expires <= $3 THEN 4 ELSE 5 END, changed = least(expires, $3), \
         envelope = NULL WHERE cti = $1 AND organisation = $2 AND state < 3 \
         AND NOT EXISTS (SELECT 1 FROM removed WHERE organisation = $2 AND member = $4 AND at >= $5) \
         RETURNING state, changed, fetched",
    )
    .bind(cti.0.as_slice())
    .bind(by.organisation.0.as_slice())
    .bind(signed(now.0))
    .bind(by.member.0.as_slice())
    .bind(signed(by.issued.0))
    .fetch_optional(pool)
    .await
    .map_err(of)?;
    let row = match ended {
        Some(row) => row,
        None if is_removed(pool, by).await? => return Ok(Withdrawal::Removed),
        // It had ended before, and what has ended does not change.
        None => {
            let found = sqlx::query(
                "SELECT state, changed, fetched FROM parcel WHERE cti = $1 AND organisation = $2",
            )
            .bind(cti.0.as_slice())
            .bind(by.organisation.0.as_slice())
            .fetch_optional(pool)
            .await
            .map_err(of)?;
            let Some(row) = found else { return Ok(Withdrawal::Nothing) };
            row
        }
    };
    let fetched: Option<i64> = row.try_get(2).map_err(of)?;
    let state = sqlite::state(row.try_get(0).map_err(of)?)?;
    let outcome = sqlite::outcome(state, time(&row, 1)?, fetched.map(|at| Time(unsigned(at))));
    Ok(Withdrawal::Outcome(outcome))
}

pub(super) async fn list(pool: &PgPool, organisation: OrganisationId, now: Time) -> Result<Vec<Parcel>> {
    // By the column: PostgreSQL calls the second case `changed` too, would sort by that, and read every parcel for it.
    let found = sqlx::query(
        "SELECT cti, CASE WHEN state < 3 AND expires <= $2 THEN 4 ELSE state END, \
         CASE WHEN state < 3 AND expires <= $2 THEN expires ELSE changed END, fetched \
         FROM parcel WHERE organisation = $1 ORDER BY parcel.changed DESC, number DESC LIMIT $3",
    )
    .bind(organisation.0.as_slice())
    .bind(signed(now.0))
    .bind(i64::from(PARCELS_AT_ONCE))
    .fetch_all(pool)
    .await
    .map_err(of)?;
    let parcel = |row: &PgRow| {
        let state = sqlite::state(row.try_get(1).map_err(of)?)?;
        let fetched: Option<i64> = row.try_get(3).map_err(of)?;
        let fetched = fetched.map(|at| Time(unsigned(at)));
        Ok(Parcel { cti: Cti(bytes(row, 0)?), state, at: time(row, 2)?, fetched })
    };
    found.iter().map(parcel).collect()
}

pub(super) fn bytes<const N: usize>(row: &PgRow, column: usize) -> Result<[u8; N]> {
    fixed(row.try_get(column).map_err(of)?)
}

pub(super) fn time(row: &PgRow, column: usize) -> Result<Time> {
    Ok(Time(unsigned(row.try_get(column).map_err(of)?)))
}
