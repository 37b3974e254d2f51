//! Erasable blobs in the same file as the log.

use std::time::Duration;

use async_trait::async_trait;
use countersign_documents::Digest;
use countersign_ports::{Documents, LogError};
use sqlx::{Row as _, SqliteConnection};
use tokio::time::{Instant, sleep};

use crate::{
    SqliteLog,
    connect::{DEADLINE, Held, commit, rollback, to_the_end},
    fault::definite,
};

/// How long to wait for a reader that keeps the write-ahead log from being cut.
const PAUSE: Duration = Duration::from_millis(50);

#[async_trait]
impl Documents for SqliteLog {
    async fn put(&self, name: Digest, bytes: &[u8]) -> Result<(), LogError> {
        let (writer, bytes) = (self.writer.clone(), bytes.to_vec());
        to_the_end(async move {
            let mut held = writer.hold().await?;
            let outcome = put(&mut held, name, &bytes).await;
            held.settle(outcome).await
        })
        .await
    }

    async fn get(&self, name: Digest) -> Result<Option<Vec<u8>>, LogError> {
        let mut held = self.reader.hold().await?;
        let found = get(&mut held.conn, name).await;
        held.settle(found).await
    }

    /// `Locked` where a reader of another process kept the bytes in the write-ahead log: the document is gone for
    /// every reader then, and erasing again finishes the overwriting.
    async fn erase(&self, name: Digest) -> Result<(), LogError> {
        let writer = self.writer.clone();
        to_the_end(async move {
            let mut held = writer.hold().await?;
            let outcome = erase(&mut held, name).await;
            held.settle(outcome).await
        })
        .await
    }
}

async fn put(held: &mut Held, name: Digest, bytes: &[u8]) -> Result<(), LogError> {
    held.begin().await?;
    let conn = &mut held.conn;
    if let Some(there) = get(conn, name).await? {
        rollback(conn).await?;
        return if there == bytes { Ok(()) } else { Err(LogError::Damaged) };
    }
    sqlx::query("INSERT INTO document(name, bytes) VALUES (?1, ?2)")
        .bind(name.0.as_slice())
        .bind(bytes)
        .execute(&mut *conn)
        .await
        .map_err(definite)?;
    commit(conn).await
}

async fn get(conn: &mut SqliteConnection, name: Digest) -> Result<Option<Vec<u8>>, LogError> {
    sqlx::query_scalar("SELECT bytes FROM document WHERE name = ?1")
        .bind(name.0.as_slice())
        .fetch_optional(conn)
        .await
        .map_err(definite)
}

async fn erase(held: &mut Held, name: Digest) -> Result<(), LogError> {
    held.begin().await?;
    let conn = &mut held.conn;
    sqlx::query("DELETE FROM document WHERE name = ?1")
        .bind(name.0.as_slice())
        .execute(&mut *conn)
        .await
        .map_err(definite)?;
    commit(conn).await?;
    // `secure_delete` wrote zeros, so far into the write-ahead log only: the old bytes stand in the file and in earlier
    // frames until the log is carried over and cut. Done also when nothing was there, to finish an earlier attempt.
    let start = Instant::now();
    while !carried_over(conn).await? {
        if start.elapsed() > DEADLINE {
            return Err(LogError::Locked);
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

/// Writes the write-ahead log into the file and cuts it to nothing; false where another connection is in the way.
async fn carried_over(conn: &mut SqliteConnection) -> Result<bool, LogError> {
    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(conn).await.map_err(definite)?;
    Ok(row.try_get::<i64, _>(0).map_err(definite)? == 0)
}
