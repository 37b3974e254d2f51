//! The suite every log must pass, and what two handles on one file see.

use std::sync::Mutex;

use countersign_ports::{Appended, Documents, Log, LogError, LogHead};
use countersign_store::{
    SqliteLog,
    conformance::{append_where_it_ends, log_conformance, note, op, row},
};

use crate::{Ground, ORGANISATION, fresh};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_does_what_every_log_must() {
    let grounds = Mutex::new(Vec::new());
    log_conformance(|| async {
        let (ground, log) = fresh().await;
        grounds.lock().unwrap().push(ground);
        log
    })
    .await;
}

#[tokio::test]
async fn a_log_is_there_again_after_it_was_closed() {
    let (ground, log) = fresh().await;
    log.append(0, &[row(0), row(1)], &note(2)).await.unwrap();
    log.close().await;
    let log = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
    assert_eq!(log.organisation(), ORGANISATION, "it says whose it is");
    assert_eq!(log.read(0, 10).await.unwrap(), [row(0), row(1)], "with every row");
    assert_eq!(log.head().await.unwrap(), LogHead { size: 2, checkpoint: note(2) }, "and its checkpoint");
    let unasked = SqliteLog::open(&ground.path(), None).await.unwrap();
    assert_eq!(unasked.organisation(), ORGANISATION, "who does not know the organisation is told it");
}

#[tokio::test]
async fn two_handles_on_one_file_see_each_other_at_once() {
    let (ground, first) = fresh().await;
    let second = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
    first.append(0, &[row(0)], &note(1)).await.unwrap();
    assert_eq!(second.read(0, 9).await.unwrap(), [row(0)], "an acknowledged row is everybody's");
    let outcome = second.append(0, &[row(0)], &note(1)).await.unwrap();
    assert_eq!(outcome, Appended::Behind { size: 1 }, "who has not caught up is told so");
    second.append(1, &[row(1)], &note(2)).await.unwrap();
    assert_eq!(first.head().await.unwrap().size, 2, "in both directions");
    let waiting = tokio::spawn(async move { first.watch(2, 20_000).await });
    second.append(2, &[row(2)], &note(3)).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), 3, "a watcher hears of what another handle wrote");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_handles_that_write_at_once_make_one_dense_log() {
    let (ground, first) = fresh().await;
    let second = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
    let one = tokio::spawn(async move {
        for number in 0..50 {
            append_where_it_ends(&first, op(number)).await;
        }
        first
    });
    for number in 50..100 {
        append_where_it_ends(&second, op(number)).await;
    }
    let first = one.await.unwrap();
    let rows = first.read(0, 1000).await.unwrap();
    assert_eq!(rows.len(), 100, "every append is there once");
    assert_eq!(second.read(0, 1000).await.unwrap(), rows, "and both see the same");
}

#[tokio::test]
async fn a_writer_who_goes_away_in_the_middle_leaves_the_log_usable() {
    let (_ground, log) = fresh().await;
    for number in 0..20 {
        let size = log.head().await.unwrap().size;
        let rows = [countersign_ports::Row { op_id: op(number), ..row(size) }];
        let checkpoint = note(size + 1);
        let cut = tokio::time::timeout(std::time::Duration::from_micros(50 * number), async {
            log.append(size, &rows, &checkpoint).await
        })
        .await;
        let found = log.find(op(number)).await.unwrap();
        if let Ok(Ok(Appended::Done)) = cut {
            assert_eq!(found, Some(size), "what was acknowledged is there");
        }
    }
    let size = log.head().await.unwrap().size;
    assert_eq!(log.read(0, 100).await.unwrap().len() as u64, size, "and dense, whatever was cut off");
}

#[tokio::test]
async fn a_lock_held_too_long_is_told_and_not_waited_for() {
    use sqlx::{ConnectOptions, Connection};
    let (ground, log) = fresh().await;
    let mut other =
        sqlx::sqlite::SqliteConnectOptions::new().filename(ground.path()).connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let start = tokio::time::Instant::now();
    let outcome = log.append(0, &[row(0)], &note(1)).await;
    assert!(matches!(outcome, Err(LogError::Locked)), "somebody else writes: {outcome:?}");
    assert!(start.elapsed() < std::time::Duration::from_secs(12), "after the deadline, not for ever");
    assert_eq!(log.head().await.unwrap().size, 0, "reading goes on meanwhile");
    other.close().await.unwrap();
    assert_eq!(log.append(0, &[row(0)], &note(1)).await.unwrap(), Appended::Done, "and then it goes on");
}

#[tokio::test]
async fn a_log_is_never_made_over_something() {
    let (ground, log) = fresh().await;
    log.put(countersign_documents::Digest::of(b"x"), b"y").await.unwrap();
    let again = SqliteLog::create(&ground.path(), ORGANISATION).await;
    assert!(matches!(again, Err(LogError::Unavailable)), "the name is taken");
    assert_eq!(
        log.append(0, &[row(0)], &note(1)).await.unwrap(),
        Appended::Done,
        "and what is there is unharmed"
    );
    let left: Vec<_> = std::fs::read_dir(ground.0.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert!(
        left.iter().all(|name| !name.to_string_lossy().contains(".new")),
        "no draft stays behind: {left:?}"
    );
    let empty = Ground::new();
    let nowhere = SqliteLog::create(&empty.0.path().join("missing/log.db"), ORGANISATION).await;
    assert!(matches!(nowhere, Err(LogError::Unavailable)), "folders are not made on the way");
}
