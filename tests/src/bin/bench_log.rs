//! What an entry of the ledger costs: one append of row and checkpoint, against a bare durable insert of the same bytes
//! into the same kind of file, in turn, on the same disk.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a bench prints its figures, and ends where it cannot measure"
)]

use std::{path::Path, time::Instant};

use countersign_documents::id::{OpId, OrganisationId};
use countersign_ports::{Log as _, Row};
use countersign_store::SqliteLog;
use sqlx::{
    ConnectOptions as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

const ROUNDS: usize = 400;
/// What a countersignature weighs, sealed.
const LEAF: usize = 760;

async fn bare(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let mut conn = options.connect().await.expect("a file");
    sqlx::query("CREATE TABLE t (seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT")
        .execute(&mut conn)
        .await
        .expect("a table");
    conn
}

fn lower_quartile(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 4]
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir_in(".").expect("a folder on the disk of the working tree");
    let mut conn = bare(&folder.path().join("bare.db")).await;
    let log = SqliteLog::create(&folder.path().join("log.db"), OrganisationId([1; 16])).await.expect("a log");
    let (mut inserts, mut appends) = (Vec::new(), Vec::new());
    for seq in 0..ROUNDS as u64 {
        let leaf: Vec<u8> = (0..LEAF).map(|i| (i as u64 * 31 + seq) as u8).collect();
        let begun = Instant::now();
        sqlx::query("INSERT INTO t (seq, leaf) VALUES (?, ?)")
            .bind(seq as i64)
            .bind(&leaf)
            .execute(&mut conn)
            .await
            .expect("inserted");
        inserts.push(begun.elapsed().as_secs_f64() * 1e6);
        let mut op = [0; 16];
        op[..8].copy_from_slice(&seq.to_be_bytes());
        let row = Row { seq, op_id: OpId(op), leaf };
        let note = format!("countersign/bench\n{}\nAAAA\n\n- bench AAAA\n", seq + 1);
        let begun = Instant::now();
        log.append(seq, std::slice::from_ref(&row), &note).await.expect("appended");
        appends.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    let (insert, append) = (lower_quartile(inserts), lower_quartile(appends));
    println!("| operation, lower quartile of {ROUNDS} in turn | microseconds | ratio |\n|---|---|---|");
    println!("| bare insert of {LEAF} bytes, WAL, synchronous FULL | {insert:.0} | 1.00 |");
    println!(
        "| append of a row of {LEAF} bytes with its checkpoint | {append:.0} | {:.2} |",
        append / insert
    );
}
