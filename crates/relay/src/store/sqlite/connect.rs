//! Connections to the file: each is set up, and what durability rests on is asked for, before it is used.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use super::schema::{number, prepare};
use crate::store::{Result, StoreError};

/// How long another program may hold the file, such as one that makes a copy of it.
const DEADLINE: Duration = Duration::from_secs(5);
/// How many read at once, beside the one that writes.
const READERS: u32 = 4;

/// The first SQLite without the corruption of write-ahead logs by two processes (sqlite.org/wal.html#walresetbug).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// Deleted bytes become zeros, in the file and in what sorts it; functions with effects do not run from what somebody
/// planted; cells are checked as they are read; no memory map; a write-ahead log that grew is cut down again.
const SETTINGS: &str = "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; \
                        PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216; \
                        PRAGMA synchronous = FULL";

/// How to connect to one file.
#[derive(Clone)]
pub(super) struct Recipe {
    options: SqliteConnectOptions,
}

impl Recipe {
    /// For a file that is there already or is made now, empty and for this user alone.
    pub(super) fn for_file(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path).map_err(|_| StoreError::Unavailable)?;
        make(&path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(DEADLINE)
            .optimize_on_close(false, None)
            .disable_statement_logging();
        Ok(Self { options })
    }

    /// The connection that writes. `nonce_key` is for a database that is founded now.
    pub(super) async fn writer(&self, nonce_key: &[u8; 32]) -> Result<SqliteConnection> {
        let mut conn = self.options.connect().await.map_err(of)?;
        match arm(&mut conn, nonce_key).await {
            Ok(()) => Ok(conn),
            Err(error) => {
                let _ = conn.close().await;
                Err(error)
            }
        }
    }

    /// Those that read.
    pub(super) fn readers(&self) -> SqlitePool {
        let options = self.options.clone().read_only(true);
        SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(DEADLINE)
            .test_before_acquire(false)
            .after_connect(|conn, _| {
                Box::pin(async move { sqlx::raw_sql(SETTINGS).execute(conn).await.map(drop) })
            })
            .connect_lazy_with(options)
    }
}

async fn arm(conn: &mut SqliteConnection, nonce_key: &[u8; 32]) -> Result<()> {
    let version: String =
        sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut *conn).await.map_err(of)?;
    if !is_modern(&version) {
        return Err(StoreError::NotDurable);
    }
    sqlx::raw_sql(SETTINGS).execute(&mut *conn).await.map_err(of)?;
    begin(conn).await?;
    match prepare(conn, nonce_key).await {
        Ok(()) => commit(conn).await?,
        Err(error) => {
            rollback(conn).await?;
            return Err(error);
        }
    }
    let journal: String =
        sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(&mut *conn).await.map_err(of)?;
    let armed = journal == "wal"
        && number(conn, "PRAGMA synchronous").await? == 2
        && number(conn, "PRAGMA secure_delete").await? == 1
        && number(conn, "PRAGMA trusted_schema").await? == 0
        && number(conn, "PRAGMA cell_size_check").await? == 1;
    if armed { Ok(()) } else { Err(StoreError::NotDurable) }
}

fn is_modern(version: &str) -> bool {
    let parts = version.split('.').map(str::parse).collect::<std::result::Result<Vec<u32>, _>>();
    parts.is_ok_and(|parts| parts.as_slice() >= OLDEST_SQLITE.as_slice())
}

/// A regular file that only this user reads; SQLite gives what it puts beside it the same rights.
fn make(path: &PathBuf) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(file) => {
            file.sync_all().map_err(|error| of_io(&error))?;
            // Without its name being durable, the file could be gone with all that is in it.
            #[cfg(unix)]
            if let Some(folder) = path.parent() {
                fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| of_io(&error))?;
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => tighten(path),
        Err(error) => Err(of_io(&error)),
    }
}

/// Never opened here: closing any descriptor of it would drop the locks that other connections of this process hold
/// (sqlite.org/howtocorrupt.html, 2.2).
fn tighten(path: &Path) -> Result<()> {
    let found = fs::symlink_metadata(path).map_err(|error| of_io(&error))?;
    if !found.is_file() {
        return Err(StoreError::Unavailable);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if found.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|error| of_io(&error))?;
        }
    }
    Ok(())
}

fn of_io(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Unavailable,
    }
}

/// Takes the write lock at once: a transaction that begins by reading may find that it can no longer write.
pub(super) async fn begin(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::query("BEGIN IMMEDIATE").execute(conn).await.map(drop).map_err(of)
}

/// Waits for the disk.
pub(super) async fn commit(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::query("COMMIT").execute(conn).await.map(drop).map_err(of)
}

/// Ends the transaction without a trace.
pub(super) async fn rollback(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::query("ROLLBACK").execute(conn).await.map(drop).map_err(of)
}

/// What an error of the driver means (sqlite.org/rescode.html).
pub(super) fn of(error: sqlx::Error) -> StoreError {
    const FULL: u32 = 13;
    const SHARED_MEMORY: u32 = 10 | 19 << 8;
    const NOT_OURS: [u32; 4] = [1, 11, 24, 26];
    match error {
        sqlx::Error::Database(refused) => {
            let code = refused.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or_default();
            match code {
                SHARED_MEMORY => StoreError::Full,
                code if code & 0xff == FULL => StoreError::Full,
                code if NOT_OURS.contains(&(code & 0xff)) => StoreError::Damaged,
                _ => StoreError::Unavailable,
            }
        }
        // A value of another type than its column is declared with.
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => {
            StoreError::Damaged
        }
        _ => StoreError::Unavailable,
    }
}
