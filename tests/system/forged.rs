//! Free write access to log, snapshot, view and outbox: nothing can be issued that two people did not sign, and the
//! audit names the first bad entry.

mod copies;
mod database;
mod documents;
mod edits;
mod truth;

use std::{collections::BTreeMap, path::Path, process::Output};

use serde_json::Value;
use sqlx::Row as _;

use crate::world::{Dice, Saved, World, restore, save, settle};
use database::Database;
use truth::{Expected, Rows};

fn soaking() -> bool {
    std::env::var_os("COUNTERSIGN_SOAK").is_some()
}

/// How many edits: a sample always, three hundred and more when soaking.
fn edits() -> usize {
    if soaking() { 340 } else { 24 }
}

/// How many edits by dice.
fn throws() -> usize {
    if soaking() { 600 } else { 60 }
}

fn sql(path: &Path, statements: &[String]) {
    let mut db = Database::open(path).expect("the file opens");
    for statement in statements {
        db.run(statement).expect(statement);
    }
    db.close();
}

fn leaf(path: &Path, seq: usize) -> Vec<u8> {
    let mut db = Database::open(path).expect("the file opens");
    let rows = db.rows(&format!("SELECT leaf FROM entry WHERE seq = {seq}")).expect("rows");
    db.close();
    rows.first().expect("a row").get(0)
}

fn edit(path: &Path, statements: &[String]) {
    let mut db = Database::open(path).expect("the file opens");
    db.edit(&statements.join("; ")).expect("an edit");
    db.close();
}

/// What every answer must be, whatever was done to the files: no panic, and one sentence where it is a refusal.
fn civil(out: &Output, what: &str) {
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(
        !err.contains("panicked") && out.status.code().is_some(),
        "{what}: no panic reaches a user: {err}"
    );
    let sentences = err.lines().filter(|l| l.starts_with("countersign: ")).count();
    assert_eq!(sentences, usize::from(!out.status.success()), "{what}: one sentence for a refusal: {err}");
}

/// Everything that Ben's desk says of the organisation.
fn state(world: &World, exchanges: &[&str]) -> Vec<(String, Value)> {
    let mut said = Vec::new();
    let lists =
        [["ledger", "list"], ["request", "list"], ["key", "list"], ["member", "list"], ["policy", "show"]];
    let mut ask = |words: &[&str]| {
        let mut view = world.ok("ben", words, b"");
        // What this desk was shown is a mark in its own view: showing it here changes it, and it proves nothing.
        for row in view.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            row.remove("unread");
        }
        said.push((words.join(" "), view));
    };
    lists.iter().for_each(|words| ask(words));
    exchanges.iter().for_each(|request| ask(&["request", "show", request]));
    said
}

/// A world with a key in the outbox and requests that fewer than two people signed, and another organisation like it.
struct Scene {
    world: World,
    other: World,
    key: String,
    /// Vetted by Alice, and signed by nobody else.
    vetted: String,
    saved: Saved,
    gateway: Vec<u8>,
    state: Vec<(String, Value)>,
    named: BTreeMap<String, usize>,
}

impl Scene {
    fn made() -> Self {
        let (world, other) = (World::founded(), World::founded());
        let key = world.issued(1);
        let vetted = world.vetted(2, "orders").request;
        other.issued(1);
        other.vetted(2, "orders");
        let state = state(&world, &[&vetted]);
        let entries = state[0].1.as_array().expect("entries");
        // Digests stand in the bodies of entries as hexadecimal text, among them names of documents.
        let mut named = BTreeMap::new();
        for (seq, entry) in entries.iter().enumerate() {
            let body = entry["body"].as_str().unwrap_or_default();
            for word in body.split('"').filter(|w| w.len() == 64) {
                named.entry(word.to_lowercase()).or_insert(seq);
            }
        }
        settle(&other);
        let gateway = std::fs::read(world.path("keys.hashes")).expect("a gateway");
        Self { saved: save(&world), world, other, key, vetted, gateway, state, named }
    }

    /// Nobody gets a key out of a request that one person signed, whatever the files say.
    fn nothing_is_issued(&self, what: &str) {
        let out = self.world.run("ben", &["key", "issue", &self.vetted], b"");
        civil(&out, what);
        assert!(!out.status.success(), "{what}: one signature makes no key");
        let gateway = std::fs::read(self.world.path("keys.hashes")).expect("a gateway");
        assert!(gateway == self.gateway, "{what}: nothing new at the gateway");
    }

    /// Whether the audit says what must be said.
    fn judged(&self, what: &str, expected: Expected) {
        let out = self.world.run("ben", &["ledger", "verify"], b"");
        civil(&out, what);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        let clean = out.status.success();
        let refused = matches!(out.status.code(), Some(3 | 4));
        match expected {
            Expected::Refused => assert!(refused, "{what}: refused as a whole, and not {said}"),
            Expected::Entry(seq) => {
                let name = format!("the first bad entry is {seq}: ");
                assert!(refused && said.contains(&name), "{what}: names entry {seq}: {said}");
            }
            Expected::Checkpoint => {
                assert!(
                    refused && said.contains("newest checkpoint"),
                    "{what}: names the checkpoint: {said}"
                );
            }
            Expected::Harmless => assert!(clean, "{what}: harmless, and not {said}"),
            Expected::Unsound | Expected::WhenRead => assert!(clean || refused, "{what}: {said}"),
        }
        if clean {
            assert!(
                self.state == state(&self.world, &[&self.vetted]),
                "{what}: nothing that anybody reads changed"
            );
        }
        if clean && expected == Expected::WhenRead {
            self.delivers_the_truth_or_nothing(what);
        }
    }

    /// What comes out of an outbox that somebody edited is what the ledger names, or nothing.
    fn delivers_the_truth_or_nothing(&self, what: &str) {
        let words = ["envelope", "deliver", &self.key, "--out", "e", "--secret-out", "s"];
        let out = self.world.run("ben", &words, b"");
        civil(&out, what);
        if out.status.success() {
            let words =
                ["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "r"];
            self.world.ok("partner", &words, b"");
        } else {
            assert!(!self.world.path("e").exists(), "{what}: refused, and yet something left");
        }
    }
}

#[test]
fn every_edit_by_dice_is_named_or_harmless_and_nothing_is_issued_on_it() {
    let scene = Scene::made();
    let world = &scene.world;
    let log = Rows::of_log(&world.path("ledger.db"), None).expect("a log");
    let vault = Rows::of_vault(&world.path("ben/vault.db")).expect("a vault");
    let mut dice = Dice::seeded("forged");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for n in 0..throws() {
        let (name, tables) = match n % 6 {
            0..=2 => ("ledger.db", edits::LOG),
            3 => ("ben/view.db", edits::VIEW),
            _ => ("ben/vault.db", edits::VAULT),
        };
        let path = world.path(name);
        let said = edits::edit(&mut dice, &path, &scene.other.path(name), tables);
        let expected = match name {
            "ledger.db" => truth::of_log(&log, Rows::of_log(&path, Some(&log)).as_ref(), &scene.named),
            "ben/view.db" => truth::of_view(&path),
            _ => truth::of_vault(&vault, Rows::of_vault(&path).as_ref()),
        };
        let what = format!("edit {n} of {name}, {said}");
        // Before the audit and after it, in turn: the audit may not be what makes it safe.
        if n % 2 == 0 {
            scene.nothing_is_issued(&what);
        }
        scene.judged(&what, expected);
        if n % 2 == 1 {
            scene.nothing_is_issued(&what);
        }
        restore(world, &scene.saved);
        if soaking() {
            println!("{what}: {expected:?}");
        }
        let kind = format!("{expected:?}");
        *counts.entry(kind.split('(').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    println!("forged: {} edits by dice: {counts:?}; 0 unnoticed, 0 issued", throws());
}

#[test]
fn every_edited_row_is_noticed_and_the_first_bad_entry_is_named() {
    let world = World::founded();
    let exchange = world.vetted(1, "orders");
    let ledger = world.path("ledger.db");
    let size = world.ok("alice", &["org", "show"], b"")["entries"].as_u64().expect("a count") as usize;
    // A fresh auditor's desk has nothing to compare with but the ledger itself; an old one remembers.
    let saved = save(&world);
    let mut noticed = 0;
    for n in 0..edits() {
        let seq = 1 + (n * 7) % (size - 1);
        let mut bytes = leaf(&ledger, seq);
        let at = (n * 131) % bytes.len();
        bytes[at] ^= 1 << (n % 8);
        let hex = data_encoding::HEXUPPER.encode(&bytes);
        let statement = match n % 4 {
            0 | 1 => format!("UPDATE entry SET leaf = X'{hex}' WHERE seq = {seq}"),
            2 => format!("UPDATE entry SET op_id = randomblob(16) WHERE seq = {seq}"),
            _ => format!(
                "UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE seq = {}) WHERE seq = {seq}",
                seq - 1
            ),
        };
        edit(&ledger, std::slice::from_ref(&statement));
        let out = world.run("alice", &["ledger", "verify"], b"");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(3), "edit {n} ({statement:.60}) is noticed: {said}");
        assert!(said.contains(&format!("{seq}:")), "entry {seq} is named as the first bad one: {said}");
        noticed += 1;
        restore(&world, &saved);
    }
    world.ok("alice", &["ledger", "verify"], b"");
    // Rows cut off at the end, and an older copy put back.
    edit(
        &ledger,
        &[
            format!("DELETE FROM entry WHERE seq >= {}", size - 2),
            format!("DELETE FROM checkpoint WHERE size > {}", size - 2),
        ],
    );
    world.refused("alice", &["request", "show", &exchange.request], b"", "ledger-shortened", 3);
    restore(&world, &saved);
    println!("forged: {noticed} edits, {noticed} noticed and named");
}

#[test]
fn nothing_is_issued_on_forged_state() {
    let world = World::founded();
    let exchange = world.vetted(1, "orders");
    let saved = save(&world);
    // The view says it is countersigned.
    sql(&world.path("alice/view.db"), &[
        "UPDATE item SET state = 'countersigned', body = replace(body, '\"vetted\"', '\"countersigned\"') WHERE kind = 'request'".to_owned(),
    ]);
    world.refused("alice", &["key", "issue", &exchange.request], b"", "not-countersigned", 1);
    restore(&world, &saved);
    // The vault's rows are swapped, cut, and taken from another profile.
    for statement in [
        "DELETE FROM rows WHERE rowid = (SELECT max(rowid) FROM rows)",
        "UPDATE rows SET sealed = randomblob(length(sealed)) WHERE rowid = (SELECT min(rowid) FROM rows)",
    ] {
        sql(&world.path("alice/vault.db"), &[statement.to_owned()]);
        world.refused("alice", &["key", "issue", &exchange.request], b"", "profile-altered", 3);
        restore(&world, &saved);
    }
    std::fs::copy(world.path("ben/vault.db"), world.path("alice/vault.db")).expect("a copy");
    let out = world.run("alice", &["key", "issue", &exchange.request], b"");
    assert_ne!(out.status.code(), Some(0), "another profile's vault does not open with this key file");
    restore(&world, &saved);
    // An approval row copied to the end: a replay under another operation.
    let ledger = world.path("ledger.db");
    let size = world.ok("alice", &["org", "show"], b"")["entries"].as_u64().expect("a count");
    let last = size - 1;
    edit(
        &ledger,
        &[format!(
            "INSERT INTO entry (seq, op_id, leaf) SELECT {size}, randomblob(16), leaf FROM entry WHERE seq = {last}"
        )],
    );
    let out = world.run("alice", &["key", "issue", &exchange.request], b"");
    assert_ne!(out.status.code(), Some(0), "a replayed approval is no second signature");
    restore(&world, &saved);
    // After all that the honest way still works.
    let grant = world.ok("ben", &["request", "show", &exchange.request], b"")["grant"]
        .as_str()
        .expect("a grant")
        .to_owned();
    world.ok("ben", &["request", "countersign", &exchange.request, "--grant", &grant], b"");
    world.ok("ben", &["key", "issue", &exchange.request], b"");
}
