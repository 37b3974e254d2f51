//! Letters, and who may post them.
//!
//! Whoever puts a letter into a mailbox holds its row until the commit: whoever sees a number has seen all below it.

use countersign_documents::{Blob, Digest, Time, relay::Waiting, time::DAY};
use sqlx::{PgConnection, PgExecutor, PgPool, Row as _, postgres::PgRow};

use super::{members::is_removed, of, parcels::time};
use crate::store::{
    Allowance, BYTES_AT_ONCE, LETTERS_AT_ONCE, Letter, Mailbox, Posted, Result, Standing, TicketUse, signed,
    unsigned,
};

/// A letter for the organisation.
pub(super) struct Post {
    pub(super) organisation: Mailbox,
    pub(super) identity: Digest,
    pub(super) ticket: Option<TicketUse>,
    pub(super) letter: Letter,
    pub(super) allowance: Allowance,
    pub(super) now: Time,
}

impl Post {
    /// One transaction, undone where the letter is refused: then a ticket is not used up either.
    pub(super) async fn run(&self, pool: &PgPool) -> Result<Posted> {
        let mut transaction = pool.begin().await.map_err(of)?;
        let posted = self.apply(&mut transaction).await?;
        match posted {
            Posted::Stored | Posted::Already => transaction.commit().await.map_err(of)?,
            Posted::Unknown | Posted::TooMuch => transaction.rollback().await.map_err(of)?,
        }
        Ok(posted)
    }

    async fn apply(&self, conn: &mut PgConnection) -> Result<Posted> {
        self.use_ticket(conn).await?;
        let known: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM correspondent WHERE organisation = $1 AND identity = $2)",
        )
        .bind(self.organisation.organisation.0.as_slice())
        .bind(self.identity.0.as_slice())
        .fetch_one(&mut *conn)
        .await
        .map_err(of)?;
        if !known {
            return Ok(Posted::Unknown);
        }
        if is_there(&mut *conn, &self.organisation, &self.letter).await? {
            return Ok(Posted::Already);
        }
        let counted = sqlx::query(
            "UPDATE correspondent SET day = $3, posts = CASE day WHEN $3 THEN posts + 1 ELSE 1 END \
             WHERE organisation = $1 AND identity = $2 AND CASE day WHEN $3 THEN posts ELSE 0 END < $4",
        )
        .bind(self.organisation.organisation.0.as_slice())
        .bind(self.identity.0.as_slice())
        .bind(signed(self.now.0 / DAY))
        .bind(signed(self.allowance.posts))
        .execute(&mut *conn)
        .await
        .map_err(of)?;
        if counted.rows_affected() == 0 {
            return Ok(Posted::TooMuch);
        }
        deliver(conn, None, &self.organisation, &self.letter, self.allowance, self.now).await
    }

    /// Whoever is first has it; whoever has it is known from then on.
    async fn use_ticket(&self, conn: &mut PgConnection) -> Result<()> {
        let Some(ticket) = self.ticket else { return Ok(()) };
        if ticket.expires <= self.now || is_removed(&mut *conn, ticket.by).await? {
            return Ok(());
        }
        let first = sqlx::query(
            "INSERT INTO ticket(organisation, id, identity, expires) VALUES ($1, $2, $3, $4) \
             ON CONFLICT(organisation, id) DO NOTHING",
        )
        .bind(self.organisation.organisation.0.as_slice())
        .bind(ticket.id.0.as_slice())
        .bind(self.identity.0.as_slice())
        .bind(signed(ticket.expires.0))
        .execute(&mut *conn)
        .await
        .map_err(of)?;
        if first.rows_affected() == 1 {
            sqlx::query(
                "INSERT INTO correspondent(organisation, identity, day, posts) VALUES ($1, $2, 0, 0) \
                 ON CONFLICT(organisation, identity) DO NOTHING",
            )
            .bind(self.organisation.organisation.0.as_slice())
            .bind(self.identity.0.as_slice())
            .execute(conn)
            .await
            .map_err(of)?;
        }
        Ok(())
    }
}

pub(super) async fn dispatch(
    pool: &PgPool,
    by: Standing,
    to: &Mailbox,
    letter: &Letter,
    allowance: Allowance,
    now: Time,
) -> Result<Posted> {
    let mut conn = pool.acquire().await.map_err(of)?;
    match deliver(&mut conn, Some(by), to, letter, allowance, now).await? {
        Posted::Stored => Ok(Posted::Stored),
        _ if is_removed(&mut *conn, by).await? => Ok(Posted::Unknown),
        other => Ok(other),
    }
}

async fn is_there(conn: impl PgExecutor<'_>, mailbox: &Mailbox, letter: &Letter) -> Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM letter WHERE mailbox = $1 AND digest = $2)")
        .bind(mailbox.key())
        .bind(letter.digest.0.as_slice())
        .fetch_one(conn)
        .await
        .map_err(of)
}

/// Puts a letter into a mailbox, under the next number, unless it is there, the mailbox is full, or `by` was removed.
async fn deliver(
    conn: &mut PgConnection,
    by: Option<Standing>,
    mailbox: &Mailbox,
    letter: &Letter,
    allowance: Allowance,
    now: Time,
) -> Result<Posted> {
    let key = mailbox.key();
    let delivered = sqlx::query(
        "WITH place AS (INSERT INTO mailbox(mailbox, last) SELECT $1, 1 \
         WHERE (SELECT count(*) FROM letter WHERE mailbox = $1 AND bytes IS NOT NULL) < $5 \
         AND NOT EXISTS (SELECT 1 FROM removed WHERE organisation = $6 AND member = $7 AND at >= $8) \
         ON CONFLICT(mailbox) DO UPDATE SET last = mailbox.last + 1 RETURNING last) \
         INSERT INTO letter(mailbox, number, digest, came, bytes) SELECT $1, last, $2, $3, $4 FROM place \
         ON CONFLICT(mailbox, digest) DO NOTHING",
    )
    .bind(key.as_slice())
    .bind(letter.digest.0.as_slice())
    .bind(signed(now.0))
    .bind(letter.bytes.as_slice())
    .bind(signed(allowance.letters))
    .bind(mailbox.organisation.0.as_slice())
    .bind(by.map(|by| by.member.0.to_vec()))
    .bind(by.map(|by| signed(by.issued.0)))
    .execute(&mut *conn)
    .await
    .map_err(of)?;
    if delivered.rows_affected() == 1 {
        return Ok(Posted::Stored);
    }
    Ok(if is_there(conn, mailbox, letter).await? { Posted::Already } else { Posted::TooMuch })
}

pub(super) async fn done(pool: &PgPool, mailbox: &Mailbox, numbers: &[u64]) -> Result<()> {
    // In one order, or two who say the same at once would wait for each other.
    sqlx::query(
        "UPDATE letter SET bytes = NULL WHERE row IN (SELECT row FROM letter WHERE mailbox = $1 \
         AND number = ANY($2) AND bytes IS NOT NULL ORDER BY number FOR UPDATE)",
    )
    .bind(mailbox.key())
    .bind(numbers.iter().map(|number| signed(*number)).collect::<Vec<_>>())
    .execute(pool)
    .await
    .map_err(of)?;
    Ok(())
}

pub(super) async fn letters(pool: &PgPool, mailbox: &Mailbox, after: u64) -> Result<Vec<Waiting>> {
    let found = sqlx::query(
        "SELECT number, came, bytes FROM (SELECT number, came, bytes, sum(length(bytes)) OVER (ORDER BY number) AS sum \
         FROM (SELECT number, came, bytes FROM letter WHERE mailbox = $1 AND number > $2 AND bytes IS NOT NULL \
         ORDER BY number LIMIT $3) AS first) AS summed WHERE sum <= $4 ORDER BY number",
    )
    .bind(mailbox.key())
    .bind(signed(after))
    .bind(i64::from(LETTERS_AT_ONCE))
    .bind(i64::from(BYTES_AT_ONCE))
    .fetch_all(pool)
    .await
    .map_err(of)?;
    let waiting = |row: &PgRow| {
        Ok(Waiting {
            number: unsigned(row.try_get(0).map_err(of)?),
            came: time(row, 1)?,
            letter: Blob(row.try_get(2).map_err(of)?),
        })
    };
    found.iter().map(waiting).collect()
}
