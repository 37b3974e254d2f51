//! The SQLite log, its documents and the view, on real files.
#![cfg(unix)] // modes, links, small disks and other processes as Unix has them
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "children speak to their parent, and what is skipped is said")]

mod erasure;
mod faults;
mod files;
mod hostile;
mod log;
mod processes;
mod versions;
mod view;

use std::path::{Path, PathBuf};

use countersign_documents::id::OrganisationId;
use countersign_store::SqliteLog;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

const ORGANISATION: OrganisationId = OrganisationId(*b"organisation one");

/// A folder of its own on the disk of the build, gone at the end.
struct Ground(tempfile::TempDir);

impl Ground {
    fn new() -> Self {
        Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("log.db")
    }
}

/// An empty log in a folder of its own.
async fn fresh() -> (Ground, SqliteLog) {
    let ground = Ground::new();
    let log = SqliteLog::create(&ground.path(), ORGANISATION).await.expect("a log is made");
    (ground, log)
}

/// What anybody with another program may do to a closed database.
async fn meddle(path: &Path, sql: &'static str) {
    let mut conn = SqliteConnectOptions::new().filename(path).connect().await.expect("connect");
    sqlx::raw_sql(sql).execute(&mut conn).await.expect("meddling succeeds");
    conn.close().await.expect("close");
}

/// What is in a file, read by another process: reading and closing it here would drop this process's locks.
fn bytes_of(path: &Path) -> Vec<u8> {
    std::process::Command::new("cat").arg(path).output().expect("cat runs").stdout
}
