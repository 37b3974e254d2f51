//! Files of the first version, brought forward to versions that only these tests know.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use countersign_documents::{Digest, id::OrganisationId};
use countersign_ports::{Documents, Log, LogError, Row};
use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

use crate::{
    SqliteLog,
    conformance::{note, op, row},
    connect::Durability,
    schema::{KEPT, LOG, Older, Schema},
};

const ORGANISATION: OrganisationId = OrganisationId(*b"organisation one");
const PATH: &str = "COUNTERSIGN_STORE_TEST_PATH";
const SLOWLY: &str = "COUNTERSIGN_STORE_TEST_SLOWLY";

const MARK: &str = "CREATE TABLE mark(one INTEGER PRIMARY KEY, found INTEGER NOT NULL) STRICT";
const BY_SIZE: &str = "CREATE INDEX document_by_size ON document(length(bytes))";
const QUICK: &[&str] = &[MARK, "INSERT INTO mark SELECT 1, count(*) FROM entry"];
/// Writes for some seconds, so that there is a middle to be killed in.
const SLOW: &[&str] = &[
    MARK,
    "INSERT INTO mark WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000000) SELECT x, x FROM c",
    "DELETE FROM mark WHERE one > 1",
];

fn with(objects: &[&'static str], more: &'static str) -> &'static [&'static str] {
    let all: Vec<&'static str> = objects.iter().copied().chain([more]).collect();
    Box::leak(all.into_boxed_slice())
}

/// The third version after the log's, whose first step is this.
fn third(first_step: &'static [&'static str]) -> &'static Schema {
    let second = with(LOG.objects, MARK);
    let older = Box::leak(Box::new([
        Older { objects: LOG.objects, steps: first_step, stamp: "PRAGMA user_version = 2" },
        Older { objects: second, steps: &[BY_SIZE], stamp: "PRAGMA user_version = 3" },
    ]));
    Box::leak(Box::new(Schema {
        application: LOG.application,
        version: 3,
        stamp: "PRAGMA application_id = 0x4373676c; PRAGMA user_version = 3",
        objects: with(second, BY_SIZE),
        older,
        kept: KEPT,
    }))
}

async fn open(path: &Path, schema: &'static Schema) -> Result<SqliteLog, LogError> {
    SqliteLog::open_with(path, Some(ORGANISATION), Durability::Full, schema).await
}

fn refused(opened: Result<SqliteLog, LogError>) -> LogError {
    match opened {
        Ok(_) => panic!("it must not open"),
        Err(error) => error,
    }
}

/// A closed log of the first version, with rows and documents.
async fn first() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let log = SqliteLog::create(&path, ORGANISATION).await.unwrap();
    let rows: Vec<_> = (0..700).map(row).collect();
    log.append(0, &rows, &note(700)).await.unwrap();
    log.append(700, &[row(700)], &note(701)).await.unwrap();
    for (name, bytes) in documents() {
        log.put(name, &bytes).await.unwrap();
    }
    log.close().await;
    (folder, path)
}

fn documents() -> [(Digest, Vec<u8>); 2] {
    [vec![7; 70_000], b"short".to_vec()].map(|bytes| (Digest::of(&bytes), bytes))
}

/// Everything that is in a log, through the port.
async fn contents(log: &SqliteLog) -> (Vec<Row>, String, Vec<Option<Vec<u8>>>) {
    let mut found = Vec::new();
    for (name, _) in documents() {
        found.push(log.get(name).await.unwrap());
    }
    (log.read(0, 10_000).await.unwrap(), log.head().await.unwrap().checkpoint, found)
}

async fn meddle(path: &Path, sql: &'static str) {
    let mut conn = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

async fn version(path: &Path) -> i64 {
    let mut conn = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    let version = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    version
}

#[tokio::test]
async fn an_older_log_is_brought_forward_and_every_byte_of_it_stays() {
    let (_folder, path) = first().await;
    let before = contents(&open(&path, &LOG).await.unwrap()).await;
    assert_eq!(before.0.len(), 701, "there is something to keep");
    let log = open(&path, third(QUICK)).await.unwrap();
    assert_eq!(contents(&log).await, before, "rows, checkpoint and documents");
    log.append(701, &[row(701)], &note(702)).await.unwrap();
    assert_eq!(log.find(op(701)).await.unwrap(), Some(701), "and it goes on");
    log.close().await;
    assert_eq!(version(&path).await, 3, "through both steps, in their order");
    assert!(matches!(refused(open(&path, &LOG).await), LogError::Newer), "the earlier version refuses it");
}

#[tokio::test]
async fn a_step_that_would_lose_or_change_something_is_not_made() {
    let lossy: [&'static [&'static str]; 5] = [
        &[MARK, "DROP TRIGGER entry_is_kept", "DELETE FROM entry WHERE seq = 700"],
        &[MARK, "DELETE FROM document"],
        &["CREATE TABLE other(x)"],
        &[],
        &[MARK, "no statement at all"],
    ];
    for steps in lossy {
        let (_folder, path) = first().await;
        let before = contents(&open(&path, &LOG).await.unwrap()).await;
        let error = refused(open(&path, third(steps)).await);
        assert!(matches!(error, LogError::Damaged), "{steps:?}: {error:?}");
        let log = open(&path, &LOG).await.unwrap();
        assert_eq!(contents(&log).await, before, "{steps:?}: it is what it was");
        log.close().await;
    }
}

#[tokio::test]
async fn what_was_planted_in_an_older_log_is_not_brought_forward() {
    let (_folder, path) = first().await;
    meddle(&path, "CREATE TRIGGER planted BEFORE INSERT ON document BEGIN SELECT 1; END").await;
    assert!(matches!(refused(open(&path, third(QUICK)).await), LogError::Damaged));
    assert_eq!(version(&path).await, 1, "nothing of it ran");
    let (_folder, path) = first().await;
    meddle(&path, "PRAGMA user_version = 0").await;
    assert!(matches!(refused(open(&path, third(QUICK)).await), LogError::Damaged), "no version was 0");
}

#[tokio::test]
async fn an_older_log_that_may_only_be_read_says_so() {
    let (_folder, path) = first().await;
    let mut mode = fs::metadata(&path).unwrap().permissions();
    mode.set_readonly(true);
    fs::set_permissions(&path, mode).unwrap();
    let error = refused(open(&path, third(QUICK)).await);
    assert!(matches!(error, LogError::Older), "{error:?}");
    assert!(error.to_string().contains("earlier version"), "{error}");
    assert_eq!(
        contents(&open(&path, &LOG).await.unwrap()).await.0.len(),
        701,
        "the program that made it reads it"
    );
}

#[tokio::test]
async fn who_had_it_open_before_writes_nothing_more() {
    let (_folder, path) = first().await;
    let earlier = open(&path, &LOG).await.unwrap();
    let before = contents(&earlier).await;
    open(&path, third(QUICK)).await.unwrap().close().await;
    let newer = |error: Option<LogError>| matches!(error, Some(LogError::Newer));
    assert!(newer(earlier.append(701, &[row(701)], &note(702)).await.err()), "a row");
    assert!(newer(earlier.put(Digest([1; 32]), b"new").await.err()), "a document");
    assert!(newer(earlier.erase(documents()[0].0).await.err()), "an erasure");
    let log = open(&path, third(QUICK)).await.unwrap();
    assert_eq!(contents(&log).await, before, "nothing came of it");
}

/// This very program again, as one test that does nothing unless it is told a path.
fn child(path: &Path, slowly: bool) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "forward::tests::one_who_brings_it_forward", "--nocapture", "--test-threads=1"]);
    command.env(PATH, path).stdout(Stdio::piped());
    if slowly {
        command.env(SLOWLY, "1");
    }
    command
}

#[tokio::test]
async fn one_who_brings_it_forward() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let steps = if std::env::var_os(SLOWLY).is_some() { SLOW } else { QUICK };
    let log = open(path.as_ref(), third(steps)).await.unwrap();
    assert_eq!(contents(&log).await.0.len(), 701, "all rows");
    log.close().await;
}

#[tokio::test]
async fn whoever_is_killed_in_the_middle_leaves_the_old_version_or_the_new() {
    let (_folder, path) = first().await;
    let before = contents(&open(&path, &LOG).await.unwrap()).await;
    let (mut old, mut cut) = (0, 0);
    for delay in [5, 50, 200, 500, 900] {
        let mut child = child(&path, true).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        cut += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        match version(&path).await {
            1 => {
                old += 1;
                let log = open(&path, &LOG).await.unwrap();
                assert_eq!(contents(&log).await, before, "after {delay} ms: the old one, whole");
                log.close().await;
            }
            other => assert!([2, 3].contains(&other), "after {delay} ms: a version {other}"),
        }
    }
    assert!(old > 0 && cut > 0, "nobody was killed before the end: {old} old ones, {cut} killed");
    let log = open(&path, third(QUICK)).await.unwrap();
    assert_eq!(contents(&log).await, before, "the next one brings it forward");
    log.close().await;
    assert_eq!(version(&path).await, 3);
}

#[tokio::test]
async fn of_two_who_open_it_at_once_both_find_it_brought_forward() {
    let (_folder, path) = first().await;
    let before = contents(&open(&path, &LOG).await.unwrap()).await;
    let children: Vec<_> = (0..4).map(|_| child(&path, false).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let log = open(&path, third(QUICK)).await.unwrap();
    assert_eq!(contents(&log).await, before, "once, and nothing twice");
    log.close().await;
}
