//! Which files are opened, which are refused, and who may read them.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use countersign_documents::{Digest, id::OrganisationId};
use countersign_ports::{Documents, Log, LogError};
use countersign_store::{
    SqliteLog,
    conformance::{note, op, row},
};

use crate::{Ground, ORGANISATION, fresh, meddle};

async fn refused(path: &Path) -> LogError {
    match SqliteLog::open(path, Some(ORGANISATION)).await {
        Ok(_) => panic!("{} must not open", path.display()),
        Err(error) => error,
    }
}

#[tokio::test]
async fn nothing_a_folder_and_a_link_are_no_log() {
    let (ground, log) = fresh().await;
    log.close().await;
    let folder = ground.0.path();
    assert!(
        matches!(refused(&folder.join("missing")).await, LogError::Unavailable),
        "nothing is not made on opening"
    );
    assert!(!folder.join("missing").exists(), "and still is not there");
    assert!(matches!(refused(folder).await, LogError::Unavailable), "a folder");
    symlink(ground.path(), folder.join("link")).unwrap();
    assert!(
        matches!(refused(&folder.join("link")).await, LogError::Unavailable),
        "a link may point elsewhere tomorrow"
    );
    symlink(folder.join("elsewhere"), folder.join("log.db-wal")).unwrap();
    assert!(
        matches!(refused(&ground.path()).await, LogError::Unavailable),
        "a link where committed rows would go"
    );
    assert!(!folder.join("elsewhere").exists(), "nothing was written through it");
}

#[tokio::test]
async fn garbage_and_other_databases_are_damaged_and_left_alone() {
    let ground = Ground::new();
    for contents in
        [Vec::new(), b"x".to_vec(), vec![0x5a; 8192], b"SQLite format 3\0 and then nonsense".repeat(200)]
    {
        fs::write(ground.path(), &contents).unwrap();
        assert!(
            matches!(refused(&ground.path()).await, LogError::Damaged),
            "{} bytes of garbage",
            contents.len()
        );
        assert_eq!(fs::read(ground.path()).unwrap(), contents, "and they are still the same");
    }
    fs::remove_file(ground.path()).unwrap();
    let other = ground.0.path().join("other.db");
    fs::write(&other, b"").unwrap();
    meddle(&other, "CREATE TABLE t(x); INSERT INTO t VALUES (1)").await;
    let before = fs::read(&other).unwrap();
    assert!(matches!(refused(&other).await, LogError::Damaged), "somebody else's database");
    assert_eq!(fs::read(&other).unwrap(), before, "is not even switched to another journal");
}

#[tokio::test]
async fn another_organisations_log_is_refused() {
    let (ground, log) = fresh().await;
    log.close().await;
    let error = SqliteLog::open(&ground.path(), Some(OrganisationId([9; 16]))).await.err();
    assert!(matches!(error, Some(LogError::Damaged)), "{error:?}");
}

#[tokio::test]
async fn a_newer_version_is_named_as_such_and_an_unknown_older_one_is_not_ours() {
    let (ground, log) = fresh().await;
    log.close().await;
    meddle(&ground.path(), "PRAGMA user_version = 2").await;
    assert!(matches!(refused(&ground.path()).await, LogError::Newer), "so that a person knows to update");
    meddle(&ground.path(), "PRAGMA user_version = 0").await;
    assert!(matches!(refused(&ground.path()).await, LogError::Damaged), "there never was a version 0");
}

#[tokio::test]
async fn a_file_nobody_may_write_is_read_and_not_written() {
    let (ground, log) = fresh().await;
    log.append(0, &[row(0)], &note(1)).await.unwrap();
    log.put(Digest::of(b"name"), b"bytes").await.unwrap();
    log.close().await;
    fs::set_permissions(ground.path(), fs::Permissions::from_mode(0o400)).unwrap();
    let log = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
    assert_eq!(log.read(0, 9).await.unwrap(), [row(0)], "rows are read");
    assert_eq!(log.get(Digest::of(b"name")).await.unwrap().as_deref(), Some(&b"bytes"[..]), "documents too");
    assert_eq!(log.find(op(0)).await.unwrap(), Some(0), "an operation is found");
    assert_eq!(log.find(op(5)).await.unwrap(), None, "or not");
    let outcomes = [
        log.append(1, &[row(1)], &note(2)).await.err(),
        log.put(Digest::of(b"other"), b"x").await.err(),
        log.erase(Digest::of(b"name")).await.err(),
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Some(LogError::ReadOnly)), "nothing is written: {outcome:?}");
    }
    assert_eq!(log.head().await.unwrap().size, 1, "and reading goes on");
}

#[tokio::test]
async fn only_this_user_may_read_any_of_the_files() {
    let (ground, log) = fresh().await;
    log.append(0, &[row(0)], &note(1)).await.unwrap();
    let mut seen = 0;
    for file in fs::read_dir(ground.0.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
        seen += 1;
    }
    assert_eq!(seen, 3, "the database, its write-ahead log and the index of that");
}

#[tokio::test]
async fn a_name_that_sqlite_would_read_as_an_address_is_a_name() {
    let ground = Ground::new();
    for name in ["file:x?mode=memory", ":memory:", "a b%20c?immutable=1#d"] {
        let path = ground.0.path().join(name);
        let log = SqliteLog::create(&path, ORGANISATION).await.unwrap();
        log.append(0, &[row(0)], &note(1)).await.unwrap();
        log.close().await;
        assert!(path.metadata().unwrap().len() > 0, "{name:?} is a file");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_who_make_a_log_at_once_one_makes_it() {
    let ground = Ground::new();
    let makers: Vec<_> = (0..6u8)
        .map(|number| {
            let path = ground.path();
            tokio::spawn(async move { SqliteLog::create(&path, OrganisationId([number; 16])).await })
        })
        .collect();
    let mut made = Vec::new();
    for maker in makers {
        match maker.await.unwrap() {
            Ok(log) => made.push(log),
            Err(error) => assert!(matches!(error, LogError::Unavailable), "the others are told: {error:?}"),
        }
    }
    assert_eq!(made.len(), 1, "one organisation has the name");
    let found = SqliteLog::open(&ground.path(), None).await.unwrap().organisation();
    assert_eq!(found, made[0].organisation(), "and the file is that one's");
}
