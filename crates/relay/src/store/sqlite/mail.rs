//! Letters, and who may post them.

use async_trait::async_trait;
use countersign_documents::{Blob, Digest, Time, relay::Waiting, time::DAY};
use sqlx::{Row as _, SqliteConnection, SqliteExecutor};

use super::{connect::of, members::is_removed, parcels::time, writer::Write};
use crate::store::{
    Allowance, BYTES_AT_ONCE, LETTERS_AT_ONCE, Letter, Mailbox, Posted, Result, Standing, TicketUse, signed,
    unsigned,
};

pub(super) struct Post {
    pub(super) organisation: Mailbox,
    pub(super) identity: Digest,
    pub(super) ticket: Option<TicketUse>,
    pub(super) letter: Letter,
    pub(super) allowance: Allowance,
    pub(super) now: Time,
}

#[async_trait]
impl Write for Post {
    type Answer = Posted;

    /// Judges everything before it changes anything: nobody else writes meanwhile.
    async fn apply(&self, conn: &mut SqliteConnection) -> Result<Posted> {
        let posts = self.posts_today(conn).await?;
        let admitted = posts.is_some() || self.may_use_ticket(conn).await?;
        if !admitted {
            return Ok(Posted::Unknown);
        }
        let already = is_there(&mut *conn, &self.organisation, &self.letter).await?;
        let enough = posts.unwrap_or_default() >= self.allowance.posts
            || waiting(&mut *conn, &self.organisation).await? >= self.allowance.letters;
        if enough && !already {
            return Ok(Posted::TooMuch);
        }
        self.remember(conn, posts.unwrap_or_default() + u64::from(!already)).await?;
        if already {
            return Ok(Posted::Already);
        }
        deliver(conn, &self.organisation, &self.letter, self.now).await?;
        Ok(Posted::Stored)
    }
}

impl Post {
    fn today(&self) -> i64 {
        signed(self.now.0 / DAY)
    }

    /// How many letters the identity posted today; none where it is not known.
    async fn posts_today(&self, conn: &mut SqliteConnection) -> Result<Option<u64>> {
        let posts: Option<i64> = sqlx::query_scalar(
            "SELECT CASE day WHEN ?3 THEN posts ELSE 0 END FROM correspondent WHERE organisation = ?1 AND identity = ?2",
        )
        .bind(self.organisation.organisation.0.as_slice())
        .bind(self.identity.0.as_slice())
        .bind(self.today())
        .fetch_optional(conn)
        .await
        .map_err(of)?;
        Ok(posts.map(unsigned))
    }

    async fn may_use_ticket(&self, conn: &mut SqliteConnection) -> Result<bool> {
        let Some(ticket) = self.ticket else { return Ok(false) };
        if ticket.expires <= self.now || is_removed(&mut *conn, ticket.by).await? {
            return Ok(false);
        }
        let used: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM ticket WHERE organisation = ?1 AND id = ?2")
                .bind(self.organisation.organisation.0.as_slice())
                .bind(ticket.id.0.as_slice())
                .fetch_optional(conn)
                .await
                .map_err(of)?;
        Ok(used.is_none())
    }

    /// Who posted, how often today, and that the ticket is used up.
    async fn remember(&self, conn: &mut SqliteConnection, posts: u64) -> Result<()> {
        sqlx::query(
            "INSERT INTO correspondent(organisation, identity, day, posts) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT(organisation, identity) DO UPDATE SET day = excluded.day, posts = excluded.posts",
        )
        .bind(self.organisation.organisation.0.as_slice())
        .bind(self.identity.0.as_slice())
        .bind(self.today())
        .bind(signed(posts))
        .execute(&mut *conn)
        .await
        .map_err(of)?;
        if let Some(ticket) = self.ticket.filter(|ticket| ticket.expires > self.now) {
            sqlx::query(
                "INSERT INTO ticket(organisation, id, identity, expires) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT(organisation, id) DO NOTHING",
            )
            .bind(self.organisation.organisation.0.as_slice())
            .bind(ticket.id.0.as_slice())
            .bind(self.identity.0.as_slice())
            .bind(signed(ticket.expires.0))
            .execute(conn)
            .await
            .map_err(of)?;
        }
        Ok(())
    }
}

pub(super) struct Dispatch {
    pub(super) by: Standing,
    pub(super) to: Mailbox,
    pub(super) letter: Letter,
    pub(super) allowance: Allowance,
    pub(super) now: Time,
}

#[async_trait]
impl Write for Dispatch {
    type Answer = Posted;

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<Posted> {
        if is_removed(&mut *conn, self.by).await? {
            return Ok(Posted::Unknown);
        }
        if is_there(&mut *conn, &self.to, &self.letter).await? {
            return Ok(Posted::Already);
        }
        if waiting(&mut *conn, &self.to).await? >= self.allowance.letters {
            return Ok(Posted::TooMuch);
        }
        deliver(conn, &self.to, &self.letter, self.now).await?;
        Ok(Posted::Stored)
    }
}

/// Whether these bytes came before.
pub(super) async fn is_there(
    conn: impl SqliteExecutor<'_>,
    mailbox: &Mailbox,
    letter: &Letter,
) -> Result<bool> {
    let there: Option<i64> = sqlx::query_scalar("SELECT 1 FROM letter WHERE mailbox = ?1 AND digest = ?2")
        .bind(mailbox.key())
        .bind(letter.digest.0.as_slice())
        .fetch_optional(conn)
        .await
        .map_err(of)?;
    Ok(there.is_some())
}

async fn waiting(conn: impl SqliteExecutor<'_>, mailbox: &Mailbox) -> Result<u64> {
    let waiting: i64 =
        sqlx::query_scalar("SELECT count(*) FROM letter WHERE mailbox = ?1 AND bytes IS NOT NULL")
            .bind(mailbox.key())
            .fetch_one(conn)
            .await
            .map_err(of)?;
    Ok(unsigned(waiting))
}

/// Puts a letter that is not there into a mailbox, under the next number.
pub(super) async fn deliver(
    conn: &mut SqliteConnection,
    mailbox: &Mailbox,
    letter: &Letter,
    now: Time,
) -> Result<()> {
    let key = mailbox.key();
    sqlx::query(
        "INSERT INTO mailbox(mailbox, last) VALUES (?1, 1) ON CONFLICT(mailbox) DO UPDATE SET last = last + 1",
    )
    .bind(key.as_slice())
    .execute(&mut *conn)
    .await
    .map_err(of)?;
    sqlx::query(
        "INSERT INTO letter(mailbox, number, digest, came, bytes) \
         SELECT ?1, last, ?2, ?3, ?4 FROM mailbox WHERE mailbox = ?1",
    )
    .bind(key.as_slice())
    .bind(letter.digest.0.as_slice())
    .bind(signed(now.0))
    .bind(letter.bytes.as_slice())
    .execute(conn)
    .await
    .map_err(of)?;
    Ok(())
}

pub(super) struct Done {
    pub(super) mailbox: Mailbox,
    pub(super) numbers: Vec<u64>,
}

#[async_trait]
impl Write for Done {
    type Answer = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<()> {
        for number in &self.numbers {
            sqlx::query(
                "UPDATE letter SET bytes = NULL WHERE mailbox = ?1 AND number = ?2 AND bytes IS NOT NULL",
            )
            .bind(self.mailbox.key())
            .bind(signed(*number))
            .execute(&mut *conn)
            .await
            .map_err(of)?;
        }
        Ok(())
    }
}

pub(super) async fn letters(
    conn: impl SqliteExecutor<'_>,
    mailbox: Mailbox,
    after: u64,
) -> Result<Vec<Waiting>> {
    let found = sqlx::query(
        "SELECT number, came, bytes FROM (SELECT number, came, bytes, sum(length(bytes)) OVER (ORDER BY number) AS sum \
         FROM (SELECT number, came, bytes FROM letter WHERE mailbox = ?1 AND number > ?2 AND bytes IS NOT NULL \
         ORDER BY number LIMIT ?3) AS first) AS summed WHERE sum <= ?4 ORDER BY number",
    )
    .bind(mailbox.key())
    .bind(signed(after))
    .bind(LETTERS_AT_ONCE)
    .bind(BYTES_AT_ONCE)
    .fetch_all(conn)
    .await
    .map_err(of)?;
    let waiting = |row: &sqlx::sqlite::SqliteRow| {
        Ok(Waiting {
            number: unsigned(row.try_get(0).map_err(of)?),
            came: time(row, 1)?,
            letter: Blob(row.try_get(2).map_err(of)?),
        })
    };
    found.iter().map(waiting).collect()
}
