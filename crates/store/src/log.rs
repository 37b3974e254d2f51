//! The append-only log in one SQLite file that several processes of one machine share.

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use countersign_documents::id::{OpId, OrganisationId};
use countersign_ports::{Appended, Log, LogError, LogHead, Row};
use sqlx::{Connection as _, Row as _, SqliteConnection, sqlite::SqliteRow};
use tokio::time::{Instant, sleep};

use crate::{
    connect::{Durability, Held, Link, Recipe, begin, commit, rollback, to_the_end},
    fault::definite,
    place::{self, Writable},
    schema::{self, LOG, Schema},
};

/// How often a waiting reader looks whether another process wrote.
const GLANCE: Duration = Duration::from_millis(100);

/// A log and its documents. Every acknowledged write has been flushed to the disk.
///
/// One connection writes and one reads; both survive errors by being made anew. Needs a tokio runtime with time.
pub struct SqliteLog {
    pub(crate) writer: Link,
    pub(crate) reader: Link,
    writable: Writable,
    organisation: OrganisationId,
}

impl SqliteLog {
    /// Makes an empty log for an organisation, in a file that only this user may read, and opens it. The file gets its
    /// name when it is whole.
    ///
    /// `Unavailable` where something has the name already or the folder is not there; `NotDurable` where the disk is
    /// not one of this machine; `Full` and `ReadOnly` as they say.
    pub async fn create(path: &Path, organisation: OrganisationId) -> Result<Self, LogError> {
        let path = place::absolute(path)?;
        let draft = place::draft(&path)?;
        let made = match fill(&draft, organisation).await {
            Ok(()) => place::publish(&draft, &path),
            Err(error) => Err(error),
        };
        if let Err(error) = made {
            // The first error is the one worth telling; a draft that stays is removed by the next attempt.
            let _ = place::remove(&draft);
            return Err(error);
        }
        Self::open(&path, Some(organisation)).await
    }

    /// Opens a log that is there. A file that nobody may write opens for reading. One that an earlier version made is
    /// brought forward first, its rows untouched; `Older` where it may not be written.
    ///
    /// `Damaged` where it is no log, another organisation's, or holds tables, triggers or views that are not ours;
    /// `Newer` where a later version made it; `Unavailable` where there is nothing, a folder or a link.
    pub async fn open(path: &Path, organisation: Option<OrganisationId>) -> Result<Self, LogError> {
        Self::open_with(path, organisation, Durability::Full, &LOG).await
    }

    /// A log that acknowledges before the disk has it: what a power-loss test must catch.
    #[cfg(feature = "mutants")]
    pub async fn open_mutant_normal_sync(
        path: &Path,
        organisation: Option<OrganisationId>,
    ) -> Result<Self, LogError> {
        Self::open_with(path, organisation, Durability::Normal, &LOG).await
    }

    /// Whose log it is. A label in the file: what proves it is the first signed entry.
    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// Closes the file and waits until SQLite has let go of it. Dropping lets go a moment later.
    pub async fn close(self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    pub(crate) async fn open_with(
        path: &Path,
        expected: Option<OrganisationId>,
        durability: Durability,
        schema: &'static Schema,
    ) -> Result<Self, LogError> {
        let path = place::absolute(path)?;
        let writable = place::existing(&path)?;
        let recipe = Recipe::new(&path, writable, schema, durability);
        let mut reader = recipe.connect().await?;
        let organisation = organisation_in(&mut reader).await?;
        if expected.is_some_and(|expected| expected != organisation) {
            return Err(LogError::Damaged);
        }
        let writer = Link::new(recipe.clone(), recipe.connect().await?);
        Ok(Self { writer, reader: Link::new(recipe, reader), writable, organisation })
    }

    async fn size(&self) -> Result<u64, LogError> {
        let mut held = self.reader.hold().await?;
        let size = size(&mut held.conn).await;
        held.settle(size).await
    }

    async fn read_place(&self, op_id: OpId) -> Result<Option<u64>, LogError> {
        let mut held = self.reader.hold().await?;
        let place = place_of(&mut held.conn, op_id).await;
        held.settle(place).await
    }
}

#[async_trait]
impl Log for SqliteLog {
    async fn append(&self, expected: u64, rows: &[Row], checkpoint: &str) -> Result<Appended, LogError> {
        if !is_appendable(expected, rows) {
            return Err(LogError::Damaged);
        }
        let (writer, rows, checkpoint) = (self.writer.clone(), rows.to_vec(), checkpoint.to_owned());
        to_the_end(async move {
            let mut held = writer.hold().await?;
            let outcome = append(&mut held, expected, &rows, &checkpoint).await;
            held.settle(outcome).await
        })
        .await
    }

    async fn read(&self, from: u64, limit: u32) -> Result<Vec<Row>, LogError> {
        let Ok(first) = i64::try_from(from) else { return Ok(Vec::new()) };
        let mut held = self.reader.hold().await?;
        let found = sqlx::query("SELECT seq, op_id, leaf FROM entry WHERE seq >= ?1 ORDER BY seq LIMIT ?2")
            .bind(first)
            .bind(i64::from(limit))
            .fetch_all(&mut held.conn)
            .await
            .map_err(definite);
        let found = held.settle(found).await?;
        // A gap would shift every later leaf to a wrong place in the tree.
        found.iter().zip(from..).map(|(row, seq)| entry(row, seq)).collect()
    }

    async fn head(&self) -> Result<LogHead, LogError> {
        let mut held = self.reader.hold().await?;
        let found = head(&mut held.conn).await;
        held.settle(found).await
    }

    /// `None` is final, as long as the file may be written: an append whose outcome was unknown cannot come back after
    /// it. See `raise_fence`.
    async fn find(&self, op_id: OpId) -> Result<Option<u64>, LogError> {
        let place = self.read_place(op_id).await?;
        if place.is_some() || self.writable == Writable::No {
            return Ok(place);
        }
        let writer = self.writer.clone();
        to_the_end(async move {
            let mut held = writer.hold().await?;
            let outcome = raise_fence(&mut held, op_id).await;
            held.settle(outcome).await
        })
        .await
    }

    async fn watch(&self, seen: u64, patience: u64) -> Result<u64, LogError> {
        let start = Instant::now();
        let patience = Duration::from_millis(patience);
        loop {
            let size = self.size().await?;
            let left = patience.saturating_sub(start.elapsed());
            if size > seen || left.is_zero() {
                return Ok(size);
            }
            sleep(left.min(GLANCE)).await;
        }
    }
}

async fn fill(draft: &Path, organisation: OrganisationId) -> Result<(), LogError> {
    let recipe = Recipe::new(draft, Writable::Yes, &LOG, Durability::Full);
    let mut conn = recipe.connect_blank().await?;
    begin(&mut conn).await?;
    schema::found(&mut conn, &LOG).await?;
    sqlx::query("INSERT INTO log(one, organisation) VALUES (1, ?1)")
        .bind(organisation.0.as_slice())
        .execute(&mut conn)
        .await
        .map_err(definite)?;
    sqlx::query("INSERT INTO fence(one, raised) VALUES (1, 0)").execute(&mut conn).await.map_err(definite)?;
    commit(&mut conn).await?;
    recipe.arm(&mut conn).await?;
    // The draft is named only after this, so that everything is in the one file that gets the name.
    conn.close().await.map_err(definite)
}

async fn organisation_in(conn: &mut SqliteConnection) -> Result<OrganisationId, LogError> {
    let found: Vec<u8> = sqlx::query_scalar("SELECT organisation FROM log WHERE one = 1")
        .fetch_one(conn)
        .await
        .map_err(definite)?;
    found.try_into().map(OrganisationId).map_err(|_| LogError::Damaged)
}

/// Whether rows follow on from `expected` without gaps, and at all: a checkpoint belongs to new rows.
fn is_appendable(expected: u64, rows: &[Row]) -> bool {
    !rows.is_empty()
        && i64::try_from(expected.saturating_add(rows.len() as u64)).is_ok()
        && rows.iter().zip(expected..).all(|(row, seq)| row.seq == seq)
}

async fn append(
    held: &mut Held,
    expected: u64,
    rows: &[Row],
    checkpoint: &str,
) -> Result<Appended, LogError> {
    held.begin().await?;
    let conn = &mut held.conn;
    let size = size(conn).await?;
    if size != expected {
        rollback(conn).await?;
        return Ok(Appended::Behind { size });
    }
    for row in rows {
        // An operation that is there already was appended by an earlier attempt: who catches up finds it.
        if place_of(conn, row.op_id).await?.is_some_and(|place| place < expected) {
            rollback(conn).await?;
            return Ok(Appended::Behind { size });
        }
        sqlx::query("INSERT INTO entry(seq, op_id, leaf) VALUES (?1, ?2, ?3)")
            .bind(signed(row.seq)?)
            .bind(row.op_id.0.as_slice())
            .bind(row.leaf.as_slice())
            .execute(&mut *conn)
            .await
            .map_err(definite)?;
    }
    sqlx::query("INSERT INTO checkpoint(size, note) VALUES (?1, ?2)")
        .bind(signed(expected + rows.len() as u64)?)
        .bind(checkpoint)
        .execute(&mut *conn)
        .await
        .map_err(definite)?;
    commit(conn).await?;
    Ok(Appended::Done)
}

/// Looks an operation up under the write lock and, where it is not there, writes and flushes something else first.
///
/// A commit that failed while flushing leaves whole frames in the write-ahead log that no reader counts, because the
/// shared index does not: yet after a crash the index is made from the frames, and the commit comes back. The fence
/// takes the place of those frames, and frames behind it no longer follow from its checksum
/// (sqlite.org/fileformat2.html, 4.1).
async fn raise_fence(held: &mut Held, op_id: OpId) -> Result<Option<u64>, LogError> {
    held.begin().await?;
    let conn = &mut held.conn;
    if let Some(place) = place_of(conn, op_id).await? {
        rollback(conn).await?;
        return Ok(Some(place));
    }
    let raised = sqlx::query("UPDATE fence SET raised = raised + 1 WHERE one = 1")
        .execute(&mut *conn)
        .await
        .map_err(definite)?;
    if raised.rows_affected() != 1 {
        // Somebody removed it: nothing was written, so nothing stands in the way of what may come back.
        return Err(LogError::Damaged);
    }
    commit(conn).await?;
    Ok(None)
}

async fn size(conn: &mut SqliteConnection) -> Result<u64, LogError> {
    unsigned(schema::number(conn, "SELECT coalesce(max(seq) + 1, 0) FROM entry").await?)
}

/// Both in one statement: between two, another process could append.
async fn head(conn: &mut SqliteConnection) -> Result<LogHead, LogError> {
    let row = sqlx::query(
        "SELECT coalesce(max(seq) + 1, 0), \
         (SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1), (SELECT max(size) FROM checkpoint) FROM entry",
    )
    .fetch_one(conn)
    .await
    .map_err(definite)?;
    let size = unsigned(row.try_get(0).map_err(definite)?)?;
    let checkpoint: Option<String> = row.try_get(1).map_err(definite)?;
    let covered: Option<i64> = row.try_get(2).map_err(definite)?;
    if unsigned(covered.unwrap_or_default())? != size {
        return Err(LogError::Damaged);
    }
    Ok(LogHead { size, checkpoint: checkpoint.unwrap_or_default() })
}

async fn place_of(conn: &mut SqliteConnection, op_id: OpId) -> Result<Option<u64>, LogError> {
    let found: Option<i64> = sqlx::query_scalar("SELECT seq FROM entry WHERE op_id = ?1")
        .bind(op_id.0.as_slice())
        .fetch_optional(conn)
        .await
        .map_err(definite)?;
    found.map(unsigned).transpose()
}

fn entry(row: &SqliteRow, expected: u64) -> Result<Row, LogError> {
    let seq = unsigned(row.try_get(0).map_err(definite)?)?;
    let op_id: Vec<u8> = row.try_get(1).map_err(definite)?;
    let leaf = row.try_get(2).map_err(definite)?;
    let op_id = op_id.try_into().map(OpId).map_err(|_| LogError::Damaged)?;
    if seq == expected { Ok(Row { seq, op_id, leaf }) } else { Err(LogError::Damaged) }
}

/// SQLite's whole numbers are signed; ours are not.
pub(crate) fn signed(number: u64) -> Result<i64, LogError> {
    i64::try_from(number).map_err(|_| LogError::Damaged)
}

pub(crate) fn unsigned(number: i64) -> Result<u64, LogError> {
    u64::try_from(number).map_err(|_| LogError::Damaged)
}
