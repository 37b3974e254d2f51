//! Erased bytes are in no file any more.

use std::fs;

use countersign_documents::Digest;
use countersign_ports::{Documents, Log, LogError};
use countersign_store::{
    SqliteLog,
    conformance::{note, row},
};
use sqlx::{ConnectOptions, Connection};

use crate::{Ground, ORGANISATION, bytes_of, fresh};

const MARK: &[u8] = b"what a person wrote about another";

/// Files that still hold the mark.
fn traces(ground: &Ground) -> Vec<String> {
    fs::read_dir(ground.0.path())
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| bytes_of(path).windows(MARK.len()).any(|bytes| bytes == MARK))
        .map(|path| path.display().to_string())
        .collect()
}

#[tokio::test]
async fn erased_bytes_are_neither_in_the_file_nor_in_the_write_ahead_log() {
    let (ground, log) = fresh().await;
    let second = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
    let (small, large) = (Digest::of(b"small"), Digest::of(b"large"));
    log.put(small, MARK).await.unwrap();
    log.put(large, &MARK.repeat(3000)).await.unwrap();
    for seq in 0..5 {
        log.append(seq, &[row(seq)], &note(seq + 1)).await.unwrap();
    }
    assert!(second.get(large).await.unwrap().is_some(), "another handle has read it");
    assert!(!traces(&ground).is_empty(), "the search finds what is there");
    log.erase(large).await.unwrap();
    log.erase(small).await.unwrap();
    assert_eq!(traces(&ground), [""; 0], "no file holds the bytes while the log is open");
    assert_eq!(second.get(large).await.unwrap(), None, "no handle reads them");
    log.close().await;
    second.close().await;
    assert_eq!(traces(&ground), [""; 0], "nor when it is closed");
}

#[tokio::test]
async fn an_erasure_that_a_reader_holds_up_says_so_and_is_finished_by_erasing_again() {
    let (ground, log) = fresh().await;
    let name = Digest::of(b"name");
    log.put(name, MARK).await.unwrap();
    let mut reader =
        sqlx::sqlite::SqliteConnectOptions::new().filename(ground.path()).connect().await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT count(*) FROM entry").execute(&mut reader).await.unwrap();
    let outcome = log.erase(name).await;
    assert!(
        matches!(outcome, Err(LogError::Locked)),
        "the bytes are not gone yet, and that is not hidden: {outcome:?}"
    );
    assert_eq!(log.get(name).await.unwrap(), None, "though nobody new reads them");
    reader.close().await.unwrap();
    log.erase(name).await.unwrap();
    assert_eq!(traces(&ground), [""; 0], "now they are");
}
