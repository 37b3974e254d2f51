//! Files of earlier versions, as those made them.

use countersign_documents::{Digest, id::OpId};
use countersign_ports::{Documents, Log, LogError, Row};
use countersign_store::{SqliteLog, SqliteView};

use crate::{Ground, ORGANISATION, meddle};

const FIRST: &str = include_str!("first.sql");

/// The view before its lists were read from indexes.
const FIRST_VIEW: &str = "CREATE TABLE place(one INTEGER PRIMARY KEY CHECK(one = 1), size INTEGER NOT NULL CHECK(size >= 0), \
     root BLOB NOT NULL CHECK(length(root) = 32)) STRICT; \
     CREATE TABLE item(number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, parent TEXT, \
     state TEXT NOT NULL, due INTEGER, search TEXT NOT NULL, body TEXT NOT NULL CHECK(json_valid(body)), \
     UNIQUE(kind, id)) STRICT; \
     CREATE INDEX item_by_state ON item(kind, state, due); \
     CREATE INDEX item_by_parent ON item(kind, parent); \
     CREATE INDEX item_by_due ON item(kind, due); \
     INSERT INTO place VALUES (1, 3, zeroblob(32)); \
     PRAGMA application_id = 0x43736776; PRAGMA user_version = 1";

fn op(first: u8) -> OpId {
    OpId(core::array::from_fn(|at| if at == 0 { first } else { at as u8 }))
}

#[tokio::test]
async fn a_log_of_the_first_version_opens_with_every_byte() {
    let ground = Ground::new();
    std::fs::write(ground.path(), b"").unwrap();
    meddle(&ground.path(), FIRST).await;
    let log = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
    let rows = [
        Row { seq: 0, op_id: op(0), leaf: vec![0x00, 0xff, 0x10] },
        Row { seq: 1, op_id: op(0xff), leaf: vec![0x11, 0xff, 0x10] },
    ];
    assert_eq!(log.read(0, 10).await.unwrap(), rows, "both rows");
    assert_eq!(log.head().await.unwrap().checkpoint, "example.org/log\n2\n", "its checkpoint");
    assert_eq!(log.get(Digest([7; 32])).await.unwrap().as_deref(), Some(b"hello".as_slice()), "its document");
}

#[tokio::test]
async fn a_log_of_no_version_and_one_of_a_later_are_refused() {
    for (version, newer) in [("PRAGMA user_version = 0", false), ("PRAGMA user_version = 1000", true)] {
        let ground = Ground::new();
        std::fs::write(ground.path(), b"").unwrap();
        meddle(&ground.path(), FIRST).await;
        meddle(&ground.path(), version).await;
        let error = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.err().unwrap();
        assert_eq!(matches!(error, LogError::Newer), newer, "{version}: {error:?}");
        assert_eq!(matches!(error, LogError::Damaged), !newer, "{version}: {error:?}");
    }
}

#[tokio::test]
async fn a_view_of_an_earlier_version_is_made_anew() {
    let ground = Ground::new();
    std::fs::write(ground.path(), b"").unwrap();
    meddle(&ground.path(), FIRST_VIEW).await;
    let view = SqliteView::open(&ground.path()).await.unwrap();
    assert_eq!(view.place().await.unwrap(), None, "empty: it is filled from the log");
    view.close().await;
    SqliteView::open(&ground.path()).await.unwrap().close().await;
}
