//! The SQLite file: how it is opened, what is demanded of it, and its tables.

use std::path::{Path, PathBuf, absolute};

use countersign_ports::{LogError, VaultError};
use sqlx::{
    ConnectOptions as _, Connection as _, Row as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow, SqliteSynchronous},
};

use crate::{
    fault,
    private::{self, Refused},
};

/// The file of a vault in its profile's folder.
const FILE: &str = "vault.db";

/// "CsVt", so that another program's file is not taken for a vault.
const APPLICATION: i64 = 0x4373_5674;

/// Before 3.51.3 two processes writing at once can corrupt a file in WAL mode (sqlite.org/wal.html).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// Each step turns a file of its index as version into the next.
const MIGRATIONS: &[&[&str]] =
    &[&[VAULT, SLOTS, ROWS, "PRAGMA application_id = 1131632244", "PRAGMA user_version = 1"]];

const VAULT: &str = "CREATE TABLE vault (\
    one INTEGER PRIMARY KEY CHECK (one = 1), \
    id BLOB NOT NULL CHECK (length(id) = 16), \
    generation INTEGER NOT NULL CHECK (generation > 0), \
    nonce BLOB NOT NULL CHECK (length(nonce) = 24), \
    sealed BLOB NOT NULL) STRICT";

const SLOTS: &str = "CREATE TABLE slots (\
    kind TEXT NOT NULL PRIMARY KEY, \
    parameters BLOB NOT NULL, \
    nonce BLOB NOT NULL CHECK (length(nonce) = 24), \
    wrapped BLOB NOT NULL) STRICT";

const ROWS: &str = "CREATE TABLE rows (\
    kind TEXT NOT NULL, \
    name BLOB NOT NULL CHECK (length(name) = 32), \
    version INTEGER NOT NULL CHECK (version > 0), \
    nonce BLOB NOT NULL CHECK (length(nonce) = 24), \
    sealed BLOB NOT NULL, \
    PRIMARY KEY (kind, name)) STRICT";

/// Opens the vault in a folder, or says `Missing`.
pub(crate) async fn open(folder: &Path) -> Result<SqliteConnection, VaultError> {
    open_there(folder).await.map_err(|error| diagnosed(folder, error))
}

async fn open_there(folder: &Path) -> Result<SqliteConnection, VaultError> {
    private::check_folder(folder).map_err(refusal)?;
    private::check_file(&folder.join(FILE)).map_err(refusal)?;
    for beside in ["vault.db-wal", "vault.db-shm", "vault.db-journal"] {
        match private::check_file(&folder.join(beside)) {
            Ok(()) | Err(Refused::Missing) => {}
            Err(refused) => return Err(refusal(refused)),
        }
    }
    let mut conn = connect(folder).await?;
    match state_of(&mut conn).await? {
        State::Blank => return Err(VaultError::Missing),
        State::Foreign => return Err(LogError::Damaged.into()),
        State::Version(_) => {}
    }
    demand_durable(&mut conn).await?;
    migrate(&mut conn).await?;
    check_tables(&mut conn).await?;
    Ok(conn)
}

/// Makes the folder and the file of a new vault, without tables: `lay_out` makes those in the transaction that also
/// fills them. A file that a crash left without tables is used.
pub(crate) async fn make(folder: &Path) -> Result<SqliteConnection, VaultError> {
    make_there(folder).await.map_err(|error| diagnosed(folder, error))
}

async fn make_there(folder: &Path) -> Result<SqliteConnection, VaultError> {
    private::make_folder(folder).map_err(refusal)?;
    let file = folder.join(FILE);
    match private::make_file(&file) {
        Ok(_) => private::sync_folder(folder).map_err(refusal)?,
        Err(Refused::AlreadyThere) => private::check_file(&file).map_err(refusal)?,
        Err(refused) => return Err(refusal(refused)),
    }
    let mut conn = connect(folder).await?;
    match state_of(&mut conn).await? {
        State::Blank => {}
        State::Foreign | State::Version(_) => return Err(VaultError::AlreadyThere),
    }
    demand_durable(&mut conn).await?;
    Ok(conn)
}

/// Why a vault cannot be opened or made: SQLite says "cannot open" where the disk has no room for the files beside it,
/// or may not be written.
fn diagnosed(folder: &Path, error: VaultError) -> VaultError {
    match error {
        VaultError::Store(LogError::Unavailable) => VaultError::Store(private::why_unavailable(folder)),
        other => other,
    }
}

/// Makes the tables. `AlreadyThere` if somebody was faster.
pub(crate) async fn lay_out(conn: &mut SqliteConnection) -> Result<(), VaultError> {
    match state_of(conn).await? {
        State::Blank => apply(conn, 0).await,
        State::Foreign | State::Version(_) => Err(VaultError::AlreadyThere),
    }
}

/// A column that holds bytes.
pub(crate) fn blob(row: &SqliteRow, column: &str) -> Result<Vec<u8>, VaultError> {
    row.try_get(column).map_err(|_| VaultError::Altered)
}

/// A column that holds exactly `N` bytes.
pub(crate) fn array<const N: usize>(row: &SqliteRow, column: &str) -> Result<[u8; N], VaultError> {
    blob(row, column)?.try_into().map_err(|_| VaultError::Altered)
}

/// A column that holds text.
pub(crate) fn text(row: &SqliteRow, column: &str) -> Result<String, VaultError> {
    row.try_get(column).map_err(|_| VaultError::Altered)
}

/// A column that holds a count.
pub(crate) fn count(row: &SqliteRow, column: &str) -> Result<u64, VaultError> {
    let value: i64 = row.try_get(column).map_err(|_| VaultError::Altered)?;
    u64::try_from(value).map_err(|_| VaultError::Altered)
}

/// A fault before COMMIT.
pub(crate) fn failed(error: sqlx::Error) -> VaultError {
    VaultError::Store(fault::before_commit(error))
}

async fn connect(folder: &Path) -> Result<SqliteConnection, VaultError> {
    // An absolute path cannot be taken for a `file:` address with options of its own.
    let file: PathBuf = absolute(folder.join(FILE)).map_err(|_| LogError::Unavailable)?;
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .busy_timeout(std::time::Duration::from_secs(5))
        .synchronous(SqliteSynchronous::Full)
        .pragma("fullfsync", "ON") // macOS: a plain fsync does not reach the disk
        .pragma("checkpoint_fullfsync", "ON")
        .pragma("secure_delete", "ON")
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
        .connect()
        .await
        .map_err(failed)
}

/// What a file is, before anything in it is touched.
enum State {
    /// Made, and nothing in it yet.
    Blank,
    /// Not ours.
    Foreign,
    /// A vault of this version.
    Version(usize),
}

async fn state_of(conn: &mut SqliteConnection) -> Result<State, VaultError> {
    let application = number(conn, "PRAGMA application_id").await?;
    let version = number(conn, "PRAGMA user_version").await?;
    let tables = number(conn, "SELECT count(*) FROM sqlite_schema").await?;
    match (application, usize::try_from(version), tables) {
        (0, Ok(0), 0) => Ok(State::Blank),
        (APPLICATION, Ok(version), _) if version > MIGRATIONS.len() => Err(LogError::Newer.into()),
        (APPLICATION, Ok(version), _) if version > 0 => Ok(State::Version(version)),
        _ => Ok(State::Foreign),
    }
}

/// What makes "written" mean "stays written", asked and not assumed.
async fn demand_durable(conn: &mut SqliteConnection) -> Result<(), VaultError> {
    let version: String =
        sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut *conn).await.map_err(failed)?;
    let version: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    let mode: String =
        sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(&mut *conn).await.map_err(failed)?;
    let durable = version.as_slice() >= OLDEST_SQLITE.as_slice()
        && mode == "wal"
        && number(conn, "PRAGMA synchronous").await? == 2
        && number(conn, "PRAGMA secure_delete").await? == 1
        && number(conn, "PRAGMA trusted_schema").await? == 0
        && number(conn, "PRAGMA mmap_size").await? == 0;
    if durable { Ok(()) } else { Err(LogError::NotDurable.into()) }
}

async fn migrate(conn: &mut SqliteConnection) -> Result<(), VaultError> {
    let newest = MIGRATIONS.len();
    if number(conn, "PRAGMA user_version").await? == newest as i64 {
        return Ok(());
    }
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    // Another process may have migrated while this one waited for the lock.
    match state_of(&mut tx).await? {
        State::Version(version) => apply(&mut tx, version).await?,
        State::Blank | State::Foreign => return Err(LogError::Damaged.into()),
    }
    tx.commit().await.map_err(|error| VaultError::Store(fault::at_commit(error)))
}

async fn apply(conn: &mut SqliteConnection, from: usize) -> Result<(), VaultError> {
    for step in &MIGRATIONS[from..] {
        for statement in *step {
            sqlx::query(*statement).execute(&mut *conn).await.map_err(failed)?;
        }
    }
    Ok(())
}

/// A trigger or view that somebody planted would run in our name.
async fn check_tables(conn: &mut SqliteConnection) -> Result<(), VaultError> {
    let found: Vec<String> =
        sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .fetch_all(conn)
            .await
            .map_err(failed)?;
    if found == [ROWS, SLOTS, VAULT] { Ok(()) } else { Err(LogError::Damaged.into()) }
}

async fn number(conn: &mut SqliteConnection, query: &'static str) -> Result<i64, VaultError> {
    sqlx::query_scalar(query).fetch_one(conn).await.map_err(failed)
}

fn refusal(refused: Refused) -> VaultError {
    match refused {
        Refused::Missing => VaultError::Missing,
        Refused::AlreadyThere => VaultError::AlreadyThere,
        Refused::NotPrivate => VaultError::NotPrivate,
        Refused::Unavailable => LogError::Unavailable.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_in_the_migration_is_the_application() {
        let stamp = format!("PRAGMA application_id = {APPLICATION}");
        assert!(MIGRATIONS[0].contains(&stamp.as_str()), "SQL is constant, so it is written twice");
        for (step, version) in MIGRATIONS.iter().zip(1..) {
            let stamp = format!("PRAGMA user_version = {version}");
            assert_eq!(step.last(), Some(&stamp.as_str()), "each step ends at the next version");
        }
    }
}
