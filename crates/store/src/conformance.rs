//! What every log must do, whatever database it is in. For tests of this crate and of other stores.
#![allow(clippy::expect_used, reason = "a suite for tests: a failure is to end it, with the reason")]

use std::{sync::Arc, time::Duration};

use countersign_documents::{Digest, id::OpId};
use countersign_ports::{Appended, Documents, Log, LogError, LogHead, Row};
use tokio::time::{Instant, sleep};

/// Runs the whole suite; `make` gives a new empty log each time. Needs a tokio runtime with time.
///
/// # Panics
/// Where the log does not do what the port says.
pub async fn log_conformance<F, M, L>(make: F)
where
    F: Fn() -> M,
    M: Future<Output = L>,
    L: Log + Documents + 'static,
{
    an_empty_log_has_neither_rows_nor_a_checkpoint(&make().await).await;
    rows_come_back_as_they_were_appended(&make().await).await;
    an_append_at_another_size_writes_nothing(&make().await).await;
    an_operation_is_in_the_log_once(&make().await).await;
    rows_with_gaps_are_refused(&make().await).await;
    documents_are_kept_until_erased(&make().await).await;
    concurrent_writers_make_one_dense_log(Arc::new(make().await)).await;
    a_watcher_is_told(Arc::new(make().await)).await;
}

/// A row with contents that follow from its number.
pub fn row(seq: u64) -> Row {
    Row { seq, op_id: op(seq), leaf: format!("leaf {seq} \0\u{ff}").into_bytes() }
}

/// An operation that follows from a number.
pub fn op(number: u64) -> OpId {
    OpId((u128::from(number) << 64 | 0xc0de).to_be_bytes())
}

/// Stands for the checkpoint of this size.
pub fn note(size: u64) -> String {
    format!("example.org/log\n{size}\n")
}

async fn grow(log: &impl Log, from: u64, to: u64) {
    let rows: Vec<_> = (from..to).map(row).collect();
    let done = log.append(from, &rows, &note(to)).await.expect("an append at the right size succeeds");
    assert_eq!(done, Appended::Done, "rows {from} to {to} follow on");
}

async fn an_empty_log_has_neither_rows_nor_a_checkpoint(log: &impl Log) {
    assert_eq!(
        log.head().await.expect("head"),
        LogHead::default(),
        "an empty log ends at 0, without a checkpoint"
    );
    assert_eq!(log.read(0, 10).await.expect("read"), [], "an empty log has no rows");
    assert_eq!(log.find(op(0)).await.expect("find"), None, "and no operation");
}

async fn rows_come_back_as_they_were_appended(log: &impl Log) {
    grow(log, 0, 1).await;
    grow(log, 1, 6).await;
    let all: Vec<_> = (0..6).map(row).collect();
    assert_eq!(log.read(0, 100).await.expect("read"), all, "every byte, in order");
    assert_eq!(log.read(2, 3).await.expect("read"), all[2..5], "from a place on, up to a limit");
    assert_eq!(log.read(6, 3).await.expect("read"), [], "nothing behind the end");
    assert_eq!(log.read(u64::MAX, 3).await.expect("read"), [], "nor far behind it");
    assert_eq!(log.read(0, 0).await.expect("read"), [], "a limit of none is none");
    let head = log.head().await.expect("head");
    assert_eq!(head, LogHead { size: 6, checkpoint: note(6) }, "the newest checkpoint covers every row");
    assert_eq!(log.find(op(4)).await.expect("find"), Some(4), "an operation is found at its place");
}

async fn an_append_at_another_size_writes_nothing(log: &impl Log) {
    grow(log, 0, 3).await;
    for wrong in [0, 2, 4, 1000] {
        let rows = [Row { op_id: op(77), ..row(wrong) }];
        let outcome = log.append(wrong, &rows, "wrong").await.expect("append");
        assert_eq!(
            outcome,
            Appended::Behind { size: 3 },
            "{wrong} is not where the log ends, and it says where"
        );
    }
    assert_eq!(
        log.head().await.expect("head"),
        LogHead { size: 3, checkpoint: note(3) },
        "nothing was written"
    );
    assert_eq!(log.find(op(77)).await.expect("find"), None, "not even for a moment");
}

async fn an_operation_is_in_the_log_once(log: &impl Log) {
    grow(log, 0, 2).await;
    let again = [row(2), Row { op_id: op(1), ..row(3) }];
    let outcome = log.append(2, &again, &note(4)).await.expect("append");
    assert_eq!(
        outcome,
        Appended::Behind { size: 2 },
        "an earlier attempt had appended it: catch up and find it"
    );
    assert_eq!(log.head().await.expect("head").size, 2, "not even the first row of the batch was written");
    let twice = [row(2), Row { op_id: op(2), ..row(3) }];
    let outcome = log.append(2, &twice, &note(4)).await;
    assert!(
        matches!(outcome, Err(LogError::Damaged)),
        "twice in one batch is the caller's mistake: {outcome:?}"
    );
    assert_eq!(log.head().await.expect("head").size, 2, "and writes nothing");
    grow(log, 2, 3).await;
}

async fn rows_with_gaps_are_refused(log: &impl Log) {
    for rows in [vec![], vec![row(1)], vec![row(0), row(2)], vec![row(1), row(0)]] {
        let outcome = log.append(0, &rows, "note").await;
        assert!(matches!(outcome, Err(LogError::Damaged)), "{rows:?} do not follow on from 0: {outcome:?}");
    }
    assert_eq!(log.head().await.expect("head"), LogHead::default(), "nothing was written");
    grow(log, 0, 1).await;
}

async fn documents_are_kept_until_erased(log: &impl Documents) {
    let (name, other) = (Digest::of(b"name"), Digest::of(b"other"));
    let bytes: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
    assert_eq!(log.get(name).await.expect("get"), None, "nothing is there yet");
    log.erase(name).await.expect("erasing what is not there is fine");
    log.put(name, &bytes).await.expect("put");
    log.put(name, &bytes).await.expect("the same bytes again are fine");
    let refused = log.put(name, b"other bytes").await;
    assert!(matches!(refused, Err(LogError::Damaged)), "a name stands for one content: {refused:?}");
    log.put(other, b"").await.expect("an empty document is a document");
    assert_eq!(log.get(name).await.expect("get"), Some(bytes), "every byte comes back");
    assert_eq!(
        log.get(other).await.expect("get"),
        Some(Vec::new()),
        "an empty document is not a missing one"
    );
    log.erase(name).await.expect("erase");
    log.erase(name).await.expect("erasing twice is fine");
    assert_eq!(log.get(name).await.expect("get"), None, "what was erased is gone");
    assert_eq!(log.get(other).await.expect("get"), Some(Vec::new()), "and nothing else is");
}

async fn concurrent_writers_make_one_dense_log<L: Log + 'static>(log: Arc<L>) {
    const WRITERS: u64 = 8;
    const EACH: u64 = 10;
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let log = log.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    append_where_it_ends(log.as_ref(), op(1 + writer * EACH + number)).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no writer failed");
    }
    let rows = log.read(0, 1000).await.expect("read");
    assert_eq!(rows.len() as u64, WRITERS * EACH, "every append is there once");
    for writer in 0..WRITERS {
        let places: Vec<_> = (0..EACH)
            .map(|number| op(1 + writer * EACH + number))
            .map(|op| rows.iter().position(|row| row.op_id == op).expect("an acknowledged row is there"))
            .collect();
        assert!(places.is_sorted(), "a writer's rows stand in the order it was answered in: {places:?}");
    }
}

/// Appends as a desk does: where the log is longer than thought, at its new end.
pub async fn append_where_it_ends(log: &impl Log, op_id: OpId) -> u64 {
    let mut size = log.head().await.expect("head").size;
    loop {
        let rows = [Row { op_id, ..row(size) }];
        match log
            .append(size, &rows, &note(size + 1))
            .await
            .expect("a busy log makes a writer wait, not fail")
        {
            Appended::Done => return size,
            Appended::Behind { size: longer } => size = longer,
        }
    }
}

async fn a_watcher_is_told<L: Log + 'static>(log: Arc<L>) {
    let start = Instant::now();
    assert_eq!(log.watch(0, 250).await.expect("watch"), 0, "nothing came");
    assert!(start.elapsed() >= Duration::from_millis(250), "and the watcher was patient");
    let watcher = tokio::spawn({
        let log = log.clone();
        async move { log.watch(0, 20_000).await }
    });
    sleep(Duration::from_millis(150)).await;
    grow(log.as_ref(), 0, 2).await;
    let start = Instant::now();
    assert_eq!(watcher.await.expect("task").expect("watch"), 2, "the watcher learns the new size");
    assert!(start.elapsed() < Duration::from_secs(10), "long before its patience is over");
    assert_eq!(log.watch(1, 20_000).await.expect("watch"), 2, "what is longer already is told at once");
}
