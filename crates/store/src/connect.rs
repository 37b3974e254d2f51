//! Armed connections: every one is set up, asserted and recognised before the first statement of ours runs on it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use countersign_ports::LogError;
use sqlx::{ConnectOptions, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

use crate::{
    fault::{at_commit, definite},
    forward::bring_forward,
    place::{Writable, diagnosed},
    schema::{Known, Schema, number, recognise},
};

/// How long another process, or another task of this one, may hold the database before a caller is told `Locked`.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// How long a write may take in all: waiting for its turn, for the lock, and for a slow disk.
const PATIENCE: Duration = Duration::from_secs(20);

/// The first SQLite without the corruption of write-ahead logs by two processes (sqlite.org/wal.html#walresetbug).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// Of the connection, not of the file. Deleted bytes become zeros; functions with effects do not run from a planted
/// view or trigger; cells are checked as they are read; no memory map, since several processes and a mapped file amplify
/// what a torn page does; a write-ahead log that a slow reader made grow is cut down to 16 MiB again.
const SETTINGS: &str = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; \
                        PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 16777216";

/// What a commit waits for.
#[derive(Clone, Copy)]
pub(crate) enum Durability {
    /// The disk, at every commit.
    Full,
    /// The disk at checkpoints only: a power loss takes the newest commits, whole, and leaves the file sound.
    Normal,
}

/// How to connect to one database file.
#[derive(Clone)]
pub(crate) struct Recipe {
    path: PathBuf,
    options: SqliteConnectOptions,
    schema: &'static Schema,
    writable: Writable,
    durability: Durability,
}

impl Recipe {
    /// For an absolute path that [`crate::place`] found fit.
    pub(crate) fn new(
        path: &Path,
        writable: Writable,
        schema: &'static Schema,
        durability: Durability,
    ) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(writable == Writable::No)
            .busy_timeout(DEADLINE)
            .disable_statement_logging();
        Self { path: path.to_owned(), options, schema, writable, durability }
    }

    /// A connection to a database of ours. Nothing of a file that is not ours is changed.
    pub(crate) async fn connect(&self) -> Result<SqliteConnection, LogError> {
        let mut conn = self.connect_blank().await?;
        let ready = self.make_ready(&mut conn).await;
        closed_unless(ready.map_err(|error| diagnosed(&self.path, error)), conn).await
    }

    async fn make_ready(&self, conn: &mut SqliteConnection) -> Result<(), LogError> {
        let known = recognise(conn, self.schema).await?;
        if known != Known::Current && self.writable == Writable::No {
            return Err(LogError::Older);
        }
        self.arm(conn).await?;
        if known == Known::Current { Ok(()) } else { bring_forward(conn, self.schema).await }
    }

    /// A connection to whatever is there: nothing is recognised, and the journal is as it was found.
    pub(crate) async fn connect_blank(&self) -> Result<SqliteConnection, LogError> {
        let opened = self.options.connect().await.map_err(definite);
        let mut conn = opened.map_err(|error| diagnosed(&self.path, error))?;
        let ready = match modern(&mut conn).await {
            Ok(()) => sqlx::raw_sql(SETTINGS).execute(&mut conn).await.map(drop).map_err(definite),
            Err(error) => Err(error),
        };
        closed_unless(ready.map_err(|error| diagnosed(&self.path, error)), conn).await
    }

    /// Switches the write-ahead log on and asserts everything that durability rests on, by asking.
    pub(crate) async fn arm(&self, conn: &mut SqliteConnection) -> Result<(), LogError> {
        let (synchronous, level) = match self.durability {
            Durability::Full => ("PRAGMA synchronous = FULL", 2),
            Durability::Normal => ("PRAGMA synchronous = NORMAL", 1),
        };
        sqlx::raw_sql(synchronous).execute(&mut *conn).await.map_err(definite)?;
        let journal: String =
            sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(&mut *conn).await.map_err(definite)?;
        let armed = journal == "wal"
            && number(conn, "PRAGMA synchronous").await? == level
            && number(conn, "PRAGMA secure_delete").await? == 1
            && number(conn, "PRAGMA trusted_schema").await? == 0
            && number(conn, "PRAGMA cell_size_check").await? == 1;
        if armed { Ok(()) } else { Err(LogError::NotDurable) }
    }
}

/// A connection that is not fit for use is closed to the end: one that closed later would by then remove the write-ahead
/// log of whatever has the name.
async fn closed_unless(
    ready: Result<(), LogError>,
    conn: SqliteConnection,
) -> Result<SqliteConnection, LogError> {
    match ready {
        Ok(()) => Ok(conn),
        Err(error) => {
            let _ = conn.close().await;
            Err(error)
        }
    }
}

async fn modern(conn: &mut SqliteConnection) -> Result<(), LogError> {
    let version: String =
        sqlx::query_scalar("SELECT sqlite_version()").fetch_one(conn).await.map_err(definite)?;
    if is_modern(&version) { Ok(()) } else { Err(LogError::NotDurable) }
}

fn is_modern(version: &str) -> bool {
    let parts = version.split('.').map(str::parse).collect::<Result<Vec<u32>, _>>();
    parts.is_ok_and(|parts| parts.as_slice() >= OLDEST_SQLITE.as_slice())
}

/// One connection that is used by one task at a time and made again after any error.
#[derive(Clone)]
pub(crate) struct Link {
    recipe: Recipe,
    slot: Arc<Mutex<Option<SqliteConnection>>>,
}

impl Link {
    /// Starts with an open connection.
    pub(crate) fn new(recipe: Recipe, conn: SqliteConnection) -> Self {
        Self { recipe, slot: Arc::new(Mutex::new(Some(conn))) }
    }

    /// Takes the connection; whoever waits longer than the deadline is told `Locked`.
    pub(crate) async fn hold(&self) -> Result<Held, LogError> {
        let mut slot =
            timeout(DEADLINE, self.slot.clone().lock_owned()).await.map_err(|_| LogError::Locked)?;
        let conn = match slot.take() {
            Some(conn) => conn,
            None => self.recipe.connect().await?,
        };
        Ok(Held { slot, conn, version: self.recipe.schema.version })
    }

    /// Closes it and waits until SQLite has let go of the file.
    pub(crate) async fn close(&self) {
        if let Some(conn) = self.slot.lock().await.take() {
            // A failed closing leaves nothing to be done: what was acknowledged is in the write-ahead log.
            let _ = conn.close().await;
        }
    }
}

/// The connection, out of its slot: it goes back only by [`Held::settle`], so that one whose use was cut off, or ended
/// in an error, is closed. SQLite rolls back on closing, and after a failed flush nothing cached may be believed.
pub(crate) struct Held {
    slot: OwnedMutexGuard<Option<SqliteConnection>>,
    pub(crate) conn: SqliteConnection,
    version: i64,
}

impl Held {
    /// Takes the write lock, unless a later version of this program brought the file forward since it was opened here.
    pub(crate) async fn begin(&mut self) -> Result<(), LogError> {
        begin(&mut self.conn).await?;
        match number(&mut self.conn, "PRAGMA user_version").await? {
            version if version == self.version => Ok(()),
            _ => Err(LogError::Newer),
        }
    }

    /// Ends the use of the connection.
    pub(crate) async fn settle<T>(mut self, outcome: Result<T, LogError>) -> Result<T, LogError> {
        match outcome {
            Ok(value) => {
                *self.slot = Some(self.conn);
                Ok(value)
            }
            Err(error) => {
                let _ = self.conn.close().await;
                Err(error)
            }
        }
    }
}

/// Runs a write to its end even when the caller goes away, and never makes the caller wait for ever.
pub(crate) async fn to_the_end<T, F>(write: F) -> Result<T, LogError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, LogError>> + Send + 'static,
{
    match timeout(PATIENCE, tokio::spawn(write)).await {
        Ok(Ok(outcome)) => outcome,
        _ => Err(LogError::Unknown),
    }
}

/// Takes the write lock at once: a transaction that begins by reading may find that it can no longer write.
pub(crate) async fn begin(conn: &mut SqliteConnection) -> Result<(), LogError> {
    sqlx::query("BEGIN IMMEDIATE").execute(conn).await.map(drop).map_err(definite)
}

/// Makes the transaction durable, or says that this is not known.
pub(crate) async fn commit(conn: &mut SqliteConnection) -> Result<(), LogError> {
    sqlx::query("COMMIT").execute(conn).await.map(drop).map_err(at_commit)
}

/// Ends the transaction without a trace.
pub(crate) async fn rollback(conn: &mut SqliteConnection) -> Result<(), LogError> {
    sqlx::query("ROLLBACK").execute(conn).await.map(drop).map_err(definite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sqlite_with_the_write_ahead_log_bug_is_refused() {
        for old in ["3.40.1", "3.51.2", "3.9.99", "3.51", "2.99.99", "", "3.51.x"] {
            assert!(!is_modern(old), "{old} may corrupt a file two processes share");
        }
        for good in ["3.51.3", "3.52.0", "4.0.0", "3.51.10"] {
            assert!(is_modern(good), "{good} has the fix");
        }
    }
}
