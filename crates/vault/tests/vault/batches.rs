//! Reading and writing: whole batches or nothing, seen by every open vault.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use countersign_ports::{Table, Vault as _, VaultError, Write};
use countersign_vault::{KeyFile, Unlock, VaultFile};
use sqlx::Connection as _;

use crate::support::{Scene, real, said};

#[tokio::test]
async fn rows_are_written_replaced_listed_and_removed() {
    let scene = Scene::new();
    let vault = scene.create().await;
    assert!(vault.get(Table::Pins, "a").await.unwrap().is_none(), "nothing is there yet");
    vault
        .write(&[
            Write::Put(Table::Pins, "b", b"2"),
            Write::New(Table::Pins, "a", b"1"),
            Write::Put(Table::Pins, "", b""),
            Write::Put(Table::Shared, "c", b"3"),
            Write::Put(Table::Pins, "b", b"4"),
        ])
        .await
        .unwrap();
    assert_eq!(vault.ids(Table::Pins).await.unwrap(), ["", "a", "b"], "in order, and only of this table");
    assert_eq!(
        vault.get(Table::Pins, "b").await.unwrap().unwrap().as_slice(),
        b"4",
        "the later change holds"
    );
    assert_eq!(vault.get(Table::Pins, "").await.unwrap().unwrap().as_slice(), b"", "empty is not absent");
    assert!(vault.get(Table::Shared, "b").await.unwrap().is_none(), "tables are apart");
    vault.write(&[Write::Remove(Table::Pins, "a"), Write::Remove(Table::Pins, "none")]).await.unwrap();
    vault.write(&[]).await.unwrap();
    vault.close().await.unwrap();
    let vault = scene.open().await.unwrap();
    assert_eq!(vault.ids(Table::Pins).await.unwrap(), ["", "b"], "and so it is read after opening again");
    let large = vec![0xa5; 3_000_000];
    vault.write(&[Write::Put(Table::Snapshot, "state", &large)]).await.unwrap();
    assert!(
        **vault.get(Table::Snapshot, "state").await.unwrap().unwrap() == *large,
        "large values are whole"
    );
}

#[tokio::test]
async fn a_batch_with_one_row_that_is_there_already_changes_nothing() {
    let scene = Scene::new();
    let vault = scene.create().await;
    vault
        .write(&[Write::New(Table::Outbox, "op", b"kept"), Write::Put(Table::Pins, "p", b"old")])
        .await
        .unwrap();
    let done = vault
        .write(&[
            Write::Put(Table::Pins, "p", b"new"),
            Write::Remove(Table::Outbox, "gone"),
            Write::New(Table::Heads, "h", b"new"),
            Write::New(Table::Outbox, "op", b"doubled"),
        ])
        .await;
    assert_eq!(said(done), "Exists", "the row was there");
    let doubled_within = [Write::New(Table::Heads, "h", b"1"), Write::New(Table::Heads, "h", b"2")];
    assert_eq!(said(vault.write(&doubled_within).await), "Exists", "and within a batch it counts too");
    for vault in [vault, scene.open().await.unwrap()] {
        assert_eq!(vault.get(Table::Outbox, "op").await.unwrap().unwrap().as_slice(), b"kept", "unchanged");
        assert_eq!(vault.get(Table::Pins, "p").await.unwrap().unwrap().as_slice(), b"old", "unchanged");
        assert!(vault.get(Table::Heads, "h").await.unwrap().is_none(), "never written");
    }
}

#[tokio::test]
async fn two_open_vaults_see_each_others_writes() {
    let scene = Scene::new();
    let one = scene.create().await;
    let two = scene.open().await.unwrap();
    one.write(&[Write::New(Table::Pins, "a", b"from one")]).await.unwrap();
    assert_eq!(two.get(Table::Pins, "a").await.unwrap().unwrap().as_slice(), b"from one", "two sees one");
    two.write(&[Write::Put(Table::Pins, "a", b"from two"), Write::New(Table::Pins, "b", b"x")])
        .await
        .unwrap();
    assert_eq!(one.get(Table::Pins, "a").await.unwrap().unwrap().as_slice(), b"from two", "one sees two");
    assert_eq!(
        said(one.write(&[Write::New(Table::Pins, "b", b"y")]).await),
        "Exists",
        "new for all, not for one"
    );
    two.write(&[Write::Remove(Table::Pins, "a")]).await.unwrap();
    assert_eq!(one.ids(Table::Pins).await.unwrap(), ["b"], "removals too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vaults_that_write_at_once_lose_nothing() {
    let scene = Scene::new();
    let (one, two) = (scene.create().await, scene.open().await.unwrap());
    let fill = |vault: VaultFile, who: &'static str| async move {
        for n in 0..40 {
            vault.write(&[Write::New(Table::Opened, &format!("{who}-{n}"), b"x")]).await?;
        }
        Ok::<_, VaultError>(())
    };
    let (a, b) = tokio::join!(tokio::spawn(fill(one, "one")), tokio::spawn(fill(two, "two")));
    a.unwrap().unwrap();
    b.unwrap().unwrap();
    let vault = scene.open().await.unwrap();
    assert_eq!(vault.ids(Table::Opened).await.unwrap().len(), 80, "every batch of both is there");
}

#[tokio::test]
async fn a_dropped_write_leaves_a_vault_that_still_works() {
    let scene = Scene::new();
    let vault = scene.create().await;
    for n in 0..60u64 {
        let (a, b) = (format!("a{n}"), format!("b{n}"));
        let batch = [Write::New(Table::Pins, &a, b"1"), Write::New(Table::Pins, &b, b"2")];
        let _ = tokio::time::timeout(Duration::from_micros(n * 40), vault.write(&batch)).await;
    }
    let ids = vault.ids(Table::Pins).await.unwrap();
    assert!(ids.len().is_multiple_of(2), "each batch is there with both rows or not at all");
    vault.write(&[Write::New(Table::Heads, "h", b"after")]).await.unwrap();
    assert_eq!(scene.open().await.unwrap().ids(Table::Pins).await.unwrap(), ids, "and so it is on disk");
}

#[tokio::test]
async fn a_vault_that_another_program_holds_says_locked_and_works_again_afterwards() {
    let scene = Scene::new();
    let vault = scene.create().await;
    let mut hand = scene.hand().await;
    hand.run("BEGIN IMMEDIATE").await;
    let done = vault.write(&[Write::Put(Table::Pins, "a", b"1")]).await;
    assert_eq!(said(done), "Store(Locked)", "after five seconds, not for ever");
    assert!(vault.get(Table::Pins, "a").await.unwrap().is_none(), "reading goes on meanwhile");
    hand.run("ROLLBACK").await;
    hand.0.close().await.unwrap();
    vault.write(&[Write::Put(Table::Pins, "a", b"1")]).await.unwrap();
}

const WRITER: &str = "COUNTERSIGN_TEST_WRITER";

#[tokio::test]
async fn a_killed_process_leaves_whole_batches_and_every_one_it_was_told_of() {
    let scene = Scene::new();
    scene.create().await.close().await.unwrap();
    let mut told = 0;
    for round in 0..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "batches::part_writer", "--nocapture"])
            .env(WRITER, scene.root.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        for line in lines.filter_map(|line| line.strip_prefix("written ").map(str::to_owned)).take(5 + round)
        {
            told = line.parse().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let vault = scene.open().await.unwrap();
        let (pins, heads) = (vault.ids(Table::Pins).await.unwrap(), vault.ids(Table::Heads).await.unwrap());
        assert_eq!(pins, heads, "a batch is there with both rows or not at all");
        assert!(pins.len() > told, "batch {told} was reported as durable, {} are there", pins.len());
    }
    assert!(told > 20, "the writers got somewhere: {told}");
}

/// Writes batches of two rows until somebody kills it. Runs only as a child of the test above.
#[tokio::test]
async fn part_writer() {
    let Ok(root) = std::env::var(WRITER) else { return };
    let key = KeyFile::read(&Path::new(&root).join("key")).unwrap();
    let folder = Path::new(&root).join("profile");
    let vault = VaultFile::open(&folder, Unlock::KeyFile(&key), real()).await.unwrap();
    for n in vault.ids(Table::Pins).await.unwrap().len().. {
        let id = format!("{n:06}");
        vault
            .write(&[Write::New(Table::Pins, &id, b"1"), Write::New(Table::Heads, &id, b"2")])
            .await
            .unwrap();
        println!("written {n}");
    }
}
