//! A desk compares names with all that it has read. What was erased is not known any more, not even to a window that was
//! open all the time.

use std::{path::PathBuf, sync::Arc};

use countersign_contract::*;
use countersign_host::{Change, Host, Picture, Shell};
use serde_json::Value;
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
use zeroize::Zeroizing;

use crate::world::{REQUEST, World};

struct NoScreen;

#[async_trait::async_trait]
impl Shell for NoScreen {
    fn open(&self, _: Window) {}
    fn close(&self, _: Window) {}
    fn tell(&self, _: Change) {}
    fn progress(&self, _: Progress) {}
    fn notify(&self, _: &str) {}
    async fn choose_file(&self, _: FileWish, _: Option<String>) -> Option<PathBuf> {
        None
    }
    fn take_clipboard(&self) -> Option<Zeroizing<String>> {
        None
    }
    fn clipboard_picture(&self) -> Option<Picture> {
        None
    }
    fn lend_clipboard(&self, _: Zeroizing<String>, _: u64) -> bool {
        true
    }
    fn end_loan(&self, _: &str) {}
}

/// Three keys of two partners; the name of one is easily taken for the applicant's.
const OLD: &str = "[[keys]]\npartner = 'Fabrikarn Example'\nservice = 'orders'\nenvironment = 'sandbox'\nsince = '2024-03-01'\nkey = 'old-key-number-one'\n\
    [[keys]]\npartner = 'Fabrikarn Example'\nservice = 'orders'\nenvironment = 'sandbox'\nsince = '2024-03-01'\nkey = 'old-key-number-two'\n\
    [[keys]]\npartner = 'Tailspin'\nservice = 'orders'\nenvironment = 'sandbox'\nsince = '2024-03-01'\nkey = 'old-key-number-three'\n";

/// A request that nobody has looked at yet.
fn asked(world: &World) -> String {
    world.put("request.toml", &REQUEST.replace("SERVICE", "orders"));
    world.ok("partner", &["request", "new", "request.toml", "--out", "letter"], b"");
    let imported = world.ok("alice", &["request", "import", "letter"], b"");
    imported["id"].as_str().expect("a request").to_owned()
}

/// Where the names of old holders stand, key by key, as the ledger's list tells it.
fn old_names(world: &World) -> Vec<String> {
    let entries = world.ok("ben", &["ledger", "list"], b"");
    let bodies = entries.as_array().expect("entries").iter().filter_map(|entry| entry["body"].as_str());
    let events = bodies.filter_map(|body| serde_json::from_str::<Value>(body).ok());
    let keys = events.filter_map(|event| event["body"]["keys"].as_array().cloned()).flatten();
    keys.filter_map(|key| key["partner"].as_str().map(str::to_owned)).collect()
}

/// Whose the listed keys are, in the order of the names: ids are random, and so is the order of the list.
async fn holders(host: &Host) -> Vec<String> {
    let wish = ListWish { state: None, text: None, limit: 100, offset: 0 };
    let keys = Keys::list(host, wish).await.expect("keys are listed");
    let mut holders: Vec<_> = keys.into_iter().map(|key| key.holder).collect();
    holders.sort_unstable();
    holders
}

async fn alike(host: &Host, request: &str) -> bool {
    let shown = Requests::show(host, ById { id: request.to_owned() }).await.expect("it is shown");
    shown.findings.iter().any(|found| found.code == "look-alike")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_name_is_forgotten_by_a_window_that_had_read_it() {
    let world = World::founded();
    world.put("old.toml", OLD);
    world.ok("alice", &["key", "import", "old.toml"], b"");
    let request = asked(&world);
    let host = Host::new(Arc::new(NoScreen), Some(world.path("alice")), Some(world.path("alice.key")));
    Session::unlock(&host, Nothing {}).await.expect("the key file opens it");
    assert!(alike(&host, &request).await, "the names look alike");
    assert!(alike(&host, &request).await, "and do so when they are known already");
    assert_eq!(holders(&host).await, ["Fabrikarn Example", "Fabrikarn Example", "Tailspin"]);

    let names = old_names(&world);
    assert_eq!(names.len(), 3, "each key says where its holder's name stands");
    assert_eq!(names[0], names[1], "a name that came twice stands once, and is erased once");
    world.ok("ben", &["blob", "erase", &names[0], "--why", "asked by the partner"], b"");
    assert!(!alike(&host, &request).await, "what is erased looks like nothing");
    assert_eq!(holders(&host).await, ["(erased)", "(erased)", "Tailspin"], "nor is it listed");
    assert_eq!(holders(&host).await.len(), 3, "the keys stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_was_interrupted_after_its_record_is_finished_by_repeating_it() {
    let world = World::founded();
    world.put("old.toml", OLD);
    world.ok("alice", &["key", "import", "old.toml"], b"");
    let names = old_names(&world);
    let erase = ["blob", "erase", &names[0], "--why", "asked by the partner"];
    let mut conn =
        SqliteConnectOptions::new().filename(world.path("ledger.db")).connect().await.expect("the ledger");
    let count = "SELECT count(*) FROM document WHERE hex(name) = upper(?)";
    let keep = "CREATE TEMP TABLE kept AS SELECT name, bytes FROM document WHERE hex(name) = upper(?)";
    sqlx::query(keep).bind(&names[0]).execute(&mut conn).await.expect("the bytes are kept aside");
    world.ok("ben", &erase, b"");
    sqlx::query("INSERT INTO document(name, bytes) SELECT name, bytes FROM kept")
        .execute(&mut conn)
        .await
        .expect("the bytes are where they were");
    let entries = "SELECT count(*) FROM entry";
    let before: i64 = sqlx::query_scalar(entries).fetch_one(&mut conn).await.expect("counted");
    world.ok("alice", &erase, b"");
    let left: i64 = sqlx::query_scalar(count).bind(&names[0]).fetch_one(&mut conn).await.expect("counted");
    assert_eq!(left, 0, "the bytes are gone now");
    let after: i64 = sqlx::query_scalar(entries).fetch_one(&mut conn).await.expect("counted");
    assert_eq!(after, before, "nothing is recorded twice");
    world.refused("alice", &erase, b"", "already-there", 1);
    world.ok("alice", &["ledger", "verify"], b"");
}
