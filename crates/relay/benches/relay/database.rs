//! The databases, what a bare durable commit of theirs costs, and how they are filled.

use std::{os::unix::fs::PermissionsExt as _, path::PathBuf, sync::Arc, time::Instant};

use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tempfile::TempDir;

use crate::cluster::Cluster;

/// As many connections as a relay has to its server.
const CONNECTIONS: usize = 16;
/// How many rows one transaction takes where the database is filled.
const AT_ONCE: usize = 20_000;

pub(crate) enum Database {
    /// A folder on the disk of the working tree.
    Sqlite(TempDir),
    Postgres {
        address: String,
        cluster: Arc<Cluster>,
    },
}

/// A server of our own, or why there is none.
pub(crate) fn server() -> Result<Arc<Cluster>, String> {
    Cluster::started().map(Arc::new)
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir_in(".").expect("a folder on the disk of the working tree");
        // The relay takes no folder that others read.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).expect("private");
        Self::Sqlite(folder)
    }

    pub(crate) fn postgres(cluster: &Arc<Cluster>) -> Self {
        Self::Postgres { address: cluster.database(), cluster: Arc::clone(cluster) }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// The process of the server, where there is one (`postmaster.pid` begins with it).
    pub(crate) fn server(&self) -> Option<u32> {
        let Self::Postgres { cluster, .. } = self else { return None };
        let said =
            std::fs::read_to_string(cluster.folder().join("files/postmaster.pid")).expect("its number");
        said.lines().next()?.parse().ok()
    }

    /// Bare durable commits a second, each of one row of so many bytes: by the one writer that SQLite has, or by as many
    /// connections to PostgreSQL as a relay has.
    pub(crate) async fn bare(&self, number: usize, size: usize) -> f64 {
        match self {
            Self::Sqlite(folder) => {
                let mut conn = bare_sqlite(folder.path().join("bare.db")).await;
                let began = Instant::now();
                for at in 0..number {
                    let insert = sqlx::query("INSERT INTO bare(bytes) VALUES (?1)").bind(bytes(at, size));
                    insert.execute(&mut conn).await.expect("inserted");
                }
                number as f64 / began.elapsed().as_secs_f64()
            }
            Self::Postgres { address, .. } => bare_postgres(address, number, size).await,
        }
    }

    /// Copies the parcel that came first, under other names, until there are so many.
    pub(crate) async fn fill(&self, until: usize) {
        const THERE: &str = "SELECT count(*) FROM parcel WHERE state < 3";
        const COLUMNS: &str =
            "organisation, recipient, pick_up, digest, size, expires, state, changed, envelope";
        match self {
            Self::Sqlite(folder) => {
                let options = SqliteConnectOptions::new().filename(folder.path().join("relay.db"));
                let mut conn = options.connect().await.expect("a file");
                let mut there: i64 = sqlx::query_scalar(THERE).fetch_one(&mut conn).await.expect("a number");
                while (there as usize) < until {
                    let more = (until - there as usize).min(AT_ONCE);
                    let sql = format!(
                        "INSERT INTO parcel(cti, {COLUMNS}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {more}) \
                         SELECT randomblob(16), {COLUMNS} FROM n, (SELECT * FROM parcel WHERE state = 1 ORDER BY number LIMIT 1)"
                    );
                    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.expect("filled");
                    there += more as i64;
                }
                sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut conn).await.expect("written");
                conn.close().await.expect("closed");
            }
            Self::Postgres { address, cluster } => {
                let mut conn = PgConnection::connect(address).await.expect("it answers");
                sqlx::raw_sql("SET search_path = countersign_relay").execute(&mut conn).await.expect("set");
                let mut there: i64 = sqlx::query_scalar(THERE).fetch_one(&mut conn).await.expect("a number");
                while (there as usize) < until {
                    let more = (until - there as usize).min(AT_ONCE);
                    let sql = format!(
                        "INSERT INTO parcel(cti, {COLUMNS}) SELECT decode(md5(random()::text || n), 'hex'), {COLUMNS} \
                         FROM generate_series(1, {more}) AS n, (SELECT * FROM parcel WHERE state = 1 ORDER BY number LIMIT 1) AS first"
                    );
                    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await.expect("filled");
                    there += more as i64;
                }
                sqlx::raw_sql("ANALYZE").execute(&mut conn).await.expect("looked at");
                conn.close().await.expect("closed");
                cluster.settle();
            }
        }
    }

    /// Bytes that it takes on the disk.
    pub(crate) async fn size(&self) -> f64 {
        match self {
            Self::Sqlite(folder) => {
                let file = std::fs::metadata(folder.path().join("relay.db")).expect("a file");
                file.len() as f64
            }
            Self::Postgres { address, .. } => {
                let mut conn = PgConnection::connect(address).await.expect("it answers");
                let size: i64 = sqlx::query_scalar("SELECT pg_database_size(current_database())")
                    .fetch_one(&mut conn)
                    .await
                    .expect("a number");
                size as f64
            }
        }
    }
}

/// Not the same twice.
fn bytes(at: usize, size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 31 + at * 7 + at / 251) as u8).collect()
}

async fn bare_sqlite(path: PathBuf) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let mut conn = options.connect().await.expect("a file");
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS bare(number INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT")
        .execute(&mut conn)
        .await
        .expect("a table");
    conn
}

async fn bare_postgres(address: &str, number: usize, size: usize) -> f64 {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut conn = PgConnection::connect(address).await.expect("it answers");
        sqlx::raw_sql(
            "CREATE TABLE IF NOT EXISTS bare(number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, bytes BYTEA NOT NULL); \
             ALTER TABLE bare ALTER COLUMN bytes SET STORAGE EXTERNAL; SET synchronous_commit = on",
        )
        .execute(&mut conn)
        .await
        .expect("a table");
        connections.push(conn);
    }
    let began = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for (first, mut conn) in connections.into_iter().enumerate() {
        running.spawn(async move {
            for at in (first..number).step_by(CONNECTIONS) {
                let insert = sqlx::query("INSERT INTO bare(bytes) VALUES ($1)").bind(bytes(at, size));
                insert.execute(&mut conn).await.expect("inserted");
            }
        });
    }
    running.join_all().await;
    number as f64 / began.elapsed().as_secs_f64()
}
