//! Parcels: uploaded, fetched, and ended in one of three ways.

use async_trait::async_trait;
use countersign_documents::{
    Digest, Time,
    id::{Cti, OrganisationId},
    relay::{Outcome, Parcel, ParcelState, Withdrawn},
};
use sqlx::{Row as _, SqliteConnection, SqliteExecutor, sqlite::SqliteRow};

use super::{
    connect::of,
    mail::{deliver, is_there},
    members::is_removed,
    writer::Write,
};
use crate::store::{
    Acknowledged, Arrival, Claim, Fetched, Letter, Lock, Mailbox, PARCELS_AT_ONCE, Result, Share, Standing,
    StoreError, Uploaded, Withdrawal, fixed, signed, unsigned,
};

pub(super) struct Upload {
    pub(super) by: Standing,
    pub(super) arrival: Arrival,
    pub(super) share: Share,
    pub(super) now: Time,
}

#[async_trait]
impl Write for Upload {
    type Answer = Uploaded;

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<Uploaded> {
        if is_removed(&mut *conn, self.by).await? {
            return Ok(Uploaded::Removed);
        }
        let (arrival, size) = (&self.arrival, self.arrival.envelope.len() as u64);
        let stored = sqlx::query(
            "INSERT INTO parcel(cti, organisation, recipient, pick_up, digest, size, expires, state, changed, envelope) \
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9 WHERE NOT EXISTS \
             (SELECT 1 FROM share WHERE organisation = ?2 AND (parcels >= ?10 OR bytes + ?6 > ?11)) \
             ON CONFLICT(cti) DO NOTHING",
        )
        .bind(arrival.cti.0.as_slice())
        .bind(self.by.organisation.0.as_slice())
        .bind(arrival.recipient.0.as_slice())
        .bind(arrival.pick_up.as_slice())
        .bind(arrival.digest.0.as_slice())
        .bind(signed(size))
        .bind(signed(arrival.expires.0))
        .bind(signed(self.now.0))
        .bind(arrival.envelope.as_slice())
        .bind(signed(self.share.parcels))
        .bind(signed(self.share.bytes))
        .execute(&mut *conn)
        .await
        .map_err(of)?;
        if stored.rows_affected() == 1 {
            return Ok(Uploaded::Stored);
        }
        let same: Option<bool> = sqlx::query_scalar(
            "SELECT organisation = ?2 AND recipient = ?3 AND pick_up = ?4 AND digest = ?5 FROM parcel WHERE cti = ?1",
        )
        .bind(arrival.cti.0.as_slice())
        .bind(self.by.organisation.0.as_slice())
        .bind(arrival.recipient.0.as_slice())
        .bind(arrival.pick_up.as_slice())
        .bind(arrival.digest.0.as_slice())
        .fetch_optional(conn)
        .await
        .map_err(of)?;
        Ok(match same {
            Some(true) => Uploaded::Already,
            Some(false) => Uploaded::Taken,
            None => Uploaded::TooMuch,
        })
    }
}

pub(super) async fn lock(conn: impl SqliteExecutor<'_>, cti: Cti) -> Result<Option<Lock>> {
    // One row comes back in either case, so that who waits cannot tell.
    let row = sqlx::query("SELECT recipient, pick_up FROM (SELECT 1) LEFT JOIN parcel ON cti = ?1")
        .bind(cti.0.as_slice())
        .fetch_one(conn)
        .await
        .map_err(of)?;
    match (row.try_get(0).map_err(of)?, row.try_get(1).map_err(of)?) {
        (Some(recipient), Some(pick_up)) => {
            Ok(Some(Lock { recipient: Digest(fixed(recipient)?), pick_up: fixed(pick_up)? }))
        }
        _ => Ok(None),
    }
}

pub(super) struct Fetch {
    pub(super) claim: Claim,
    pub(super) now: Time,
}

#[async_trait]
impl Write for Fetch {
    type Answer = Option<Fetched>;

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<Option<Fetched>> {
        const FIRST: &str = "UPDATE parcel SET state = 2, changed = ?4, fetched = ?4 WHERE cti = ?1 AND recipient = ?2 \
                             AND pick_up = ?3 AND state = 1 AND expires > ?4 RETURNING organisation, envelope";
        const AGAIN: &str = "SELECT organisation, envelope FROM parcel WHERE cti = ?1 AND recipient = ?2 \
                             AND pick_up = ?3 AND state = 2 AND expires > ?4";
        for (sql, first) in [(FIRST, true), (AGAIN, false)] {
            let found = sqlx::query(sql)
                .bind(self.claim.cti.0.as_slice())
                .bind(self.claim.lock.recipient.0.as_slice())
                .bind(self.claim.lock.pick_up.as_slice())
                .bind(signed(self.now.0))
                .fetch_all(&mut *conn)
                .await
                .map_err(of)?;
            if let Some(row) = found.first() {
                let organisation = OrganisationId(bytes(row, 0)?);
                return Ok(Some(Fetched { envelope: row.try_get(1).map_err(of)?, first, organisation }));
            }
        }
        Ok(None)
    }
}

pub(super) struct Acknowledge {
    pub(super) claim: Claim,
    pub(super) letter: Letter,
    pub(super) now: Time,
}

#[async_trait]
impl Write for Acknowledge {
    type Answer = Acknowledged;

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<Acknowledged> {
        let ended = sqlx::query(
            "UPDATE parcel SET state = 3, changed = ?4, letter = ?5, envelope = NULL WHERE cti = ?1 AND recipient = ?2 \
             AND pick_up = ?3 AND state = 2 AND expires > ?4 RETURNING organisation",
        )
        .bind(self.claim.cti.0.as_slice())
        .bind(self.claim.lock.recipient.0.as_slice())
        .bind(self.claim.lock.pick_up.as_slice())
        .bind(signed(self.now.0))
        .bind(self.letter.digest.0.as_slice())
        .fetch_all(&mut *conn)
        .await
        .map_err(of)?;
        if let Some(row) = ended.first() {
            let organisation = OrganisationId(bytes(row, 0)?);
            let mailbox = Mailbox::of(organisation);
            // A receipt is let in however full the mailbox is: there are no more of them than parcels.
            if !is_there(&mut *conn, &mailbox, &self.letter).await? {
                deliver(conn, &mailbox, &self.letter, self.now).await?;
            }
            return Ok(Acknowledged::Done(organisation));
        }
        let again: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM parcel WHERE cti = ?1 AND recipient = ?2 AND pick_up = ?3 AND state = 3 AND letter = ?4",
        )
        .bind(self.claim.cti.0.as_slice())
        .bind(self.claim.lock.recipient.0.as_slice())
        .bind(self.claim.lock.pick_up.as_slice())
        .bind(self.letter.digest.0.as_slice())
        .fetch_optional(conn)
        .await
        .map_err(of)?;
        Ok(if again.is_some() { Acknowledged::Already } else { Acknowledged::Nothing })
    }
}

pub(super) struct Withdraw {
    pub(super) by: Standing,
    pub(super) cti: Cti,
    pub(super) now: Time,
}

#[async_trait]
impl Write for Withdraw {
    type Answer = Withdrawal;

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<Withdrawal> {
        if is_removed(&mut *conn, self.by).await? {
            return Ok(Withdrawal::Removed);
        }
        sqlx::query(
            "UPDATE parcel SET state = CASE WHEN expires <= ?3 THEN 4 ELSE 5 END, changed = min(expires, ?3), \
             envelope = NULL WHERE cti = ?1 AND organisation = ?2 AND state < 3",
        )
        .bind(self.cti.0.as_slice())
        .bind(self.by.organisation.0.as_slice())
        .bind(signed(self.now.0))
        .execute(&mut *conn)
        .await
        .map_err(of)?;
        let found =
            sqlx::query("SELECT state, changed, fetched FROM parcel WHERE cti = ?1 AND organisation = ?2")
                .bind(self.cti.0.as_slice())
                .bind(self.by.organisation.0.as_slice())
                .fetch_optional(conn)
                .await
                .map_err(of)?;
        let Some(row) = found else { return Ok(Withdrawal::Nothing) };
        let fetched: Option<i64> = row.try_get(2).map_err(of)?;
        let state = state(row.try_get(0).map_err(of)?)?;
        Ok(Withdrawal::Outcome(outcome(state, time(&row, 1)?, fetched.map(|at| Time(unsigned(at))))))
    }
}

/// What a withdrawal says of a parcel that ended.
pub(in crate::store) fn outcome(state: ParcelState, changed: Time, fetched: Option<Time>) -> Withdrawn {
    let (outcome, at) = match (state, fetched) {
        (ParcelState::Acknowledged, _) => (Outcome::Acknowledged, changed),
        // However it ended, its reader has the bytes.
        (_, Some(at)) => (Outcome::Fetched, at),
        (ParcelState::Expired, None) => (Outcome::Expired, changed),
        (ParcelState::Uploaded | ParcelState::Fetched | ParcelState::Withdrawn, None) => {
            (Outcome::Withdrawn, changed)
        }
    };
    Withdrawn { outcome, at: Some(at) }
}

/// A state, as databases have it.
pub(in crate::store) fn state(code: i64) -> Result<ParcelState> {
    let found = ParcelState::ALL.iter().find(|state| state.code() == unsigned(code));
    found.copied().ok_or(StoreError::Damaged)
}

pub(super) async fn list(
    conn: impl SqliteExecutor<'_>,
    organisation: OrganisationId,
    now: Time,
) -> Result<Vec<Parcel>> {
    let found = sqlx::query(
        "SELECT cti, CASE WHEN state < 3 AND expires <= ?2 THEN 4 ELSE state END, \
         CASE WHEN state < 3 AND expires <= ?2 THEN expires ELSE changed END, fetched \
         FROM parcel WHERE organisation = ?1 ORDER BY changed DESC, number DESC LIMIT ?3",
    )
    .bind(organisation.0.as_slice())
    .bind(signed(now.0))
    .bind(PARCELS_AT_ONCE)
    .fetch_all(conn)
    .await
    .map_err(of)?;
    let parcel = |row: &SqliteRow| {
        let fetched: Option<i64> = row.try_get(3).map_err(of)?;
        Ok(Parcel {
            cti: Cti(bytes(row, 0)?),
            state: state(row.try_get(1).map_err(of)?)?,
            at: time(row, 2)?,
            fetched: fetched.map(|at| Time(unsigned(at))),
        })
    };
    found.iter().map(parcel).collect()
}

pub(super) fn bytes<const N: usize>(row: &SqliteRow, column: usize) -> Result<[u8; N]> {
    fixed(row.try_get(column).map_err(of)?)
}

pub(super) fn time(row: &SqliteRow, column: usize) -> Result<Time> {
    Ok(Time(unsigned(row.try_get(column).map_err(of)?)))
}
