//! A desk compares names with all that it has read. What was erased is not known any more, not even to a window that was
//! open all the time.

use std::{path::PathBuf, sync::Arc};

use countersign_contract::*;
use countersign_documents::{
    ReceivingSecret, Secret32, SigningKey, Time, identity::IdentityCard, text::Line,
};
use countersign_host::{Change, Host, Picture, Shell};
use serde_json::Value;
use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
use zeroize::Zeroizing;

use crate::world::{REQUEST, World, feed, program};

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

/// Everything that stands in the ledger about findings of a request.
fn findings(world: &World, request: &str) -> Vec<String> {
    let shown = world.ok("alice", &["request", "show", request], b"");
    let rows = shown["findings"].as_array().expect("findings").iter();
    rows.filter_map(|f| f["code"].as_str().map(str::to_owned)).collect()
}

/// A request of somebody who is called like the partner, imported, with everything answered but the finding.
fn second_contact(world: &World, who: &str, n: usize) -> String {
    let (form, letter) = (format!("{who}-{n}.toml"), format!("{who}-{n}.letter"));
    world.put(&form, &REQUEST.replace("SERVICE", "orders"));
    world.ok(who, &["request", "new", &form, "--out", &letter], b"");
    let imported = world.ok("alice", &["request", "import", &letter], b"");
    let request = imported["id"].as_str().expect("a request").to_owned();
    let check = ["identity", "check", &request, "--channel", "phone", "--source", "contract"];
    world.ok("alice", &check, world.digits(who).as_bytes());
    for check in ["who", "why", "scope", "protection"] {
        world.ok("alice", &["request", "answer", &request, check, "--note", "found in order"], b"");
    }
    request
}

#[test]
fn whoever_is_called_exactly_like_a_partner_is_found_and_justified_once() {
    let world = World::founded();
    world.countersigned(1, "orders");
    world.profile("fresh", "inbox");
    let digits = world.ok("alice", &["org", "show"], b"")["fingerprint"].as_str().expect("digits").to_owned();
    world.ok("fresh", &["card", "pin", "card", "--source", "contract of 2026"], digits.as_bytes());
    let request = second_contact(&world, "fresh", 1);
    assert!(
        findings(&world, &request).contains(&"look-alike".to_owned()),
        "the same name is the plainest one"
    );
    world.refused("alice", &["request", "vet", &request, "--yes"], b"", "finding-unresolved", 1);
    let reason = [
        "request",
        "justify",
        &request,
        "look-alike",
        "--reason",
        "A second contact: the first one was called.",
    ];
    world.ok("alice", &reason, b"");
    world.ok("alice", &["request", "vet", &request, "--yes"], b"");
    let grant =
        world.ok("ben", &["request", "show", &request], b"")["grant"].as_str().expect("a grant").to_owned();
    world.ok("ben", &["request", "countersign", &request, "--grant", &grant], b"");
    let again = second_contact(&world, "fresh", 2);
    assert!(!findings(&world, &again).contains(&"look-alike".to_owned()), "two people accepted that contact");
    let first = world.arrived(3, "orders");
    assert!(!findings(&world, &first).contains(&"look-alike".to_owned()), "and the first one is who it was");
    // What was accepted is that name, and no other that this identity takes on.
    world.put("other.toml", &REQUEST.replace("SERVICE", "orders").replace("Fabrikam", "Fabrikarn"));
    world.ok("fresh", &["request", "new", "other.toml", "--out", "other.letter"], b"");
    let other = world.ok("alice", &["request", "import", "other.letter"], b"")["id"]
        .as_str()
        .expect("one")
        .to_owned();
    assert!(findings(&world, &other).contains(&"look-alike".to_owned()), "another name is looked at again");
}

#[test]
fn every_key_of_a_company_is_stopped_by_its_name_after_it_was_listed() {
    let world = World::founded();
    let key = world.issued(1);
    world.put("old.toml", &OLD.replace("Fabrikarn", "Fabrikam"));
    world.ok("alice", &["key", "import", "old.toml"], b"");
    let revoke = ["key", "revoke", "--partner", "fabrikam  EXAMPLE", "--reason", "leaked"];
    let preview = world.ok("alice", &[&revoke[..], &["--preview"]].concat(), b"");
    assert_eq!(preview.as_array().map(Vec::len), Some(3), "the contact's key and two from before: {preview}");
    let states = || {
        let keys = world.ok("ben", &["key", "list"], b"");
        keys.as_array().expect("keys").iter().filter(|k| !k["stop"].is_null()).count()
    };
    world.refused("alice", &revoke, b"no\n", "not-confirmed", 1);
    assert_eq!(states(), 0, "nothing is stopped before the yes");
    let stopped = world.ok("alice", &revoke, b"yes\n");
    assert_eq!(stopped.as_array().map(Vec::len), Some(3), "{stopped}");
    assert_eq!(states(), 3, "all of the company, and Tailspin's not");
    let confirmed = stopped.as_array().expect("a list").iter().find(|s| s["key"] == key.as_str());
    assert_eq!(confirmed.expect("the issued one")["state"], "confirmed");
    world.refused(
        "alice",
        &["key", "revoke", "--partner", "Nobody", "--reason", "leaked"],
        b"yes\n",
        "not-found",
        2,
    );
    world.refused("alice", &revoke, b"yes\n", "key-stopped", 1);
}

#[test]
fn nobody_becomes_a_member_or_an_organisation_by_a_name_of_several_scripts() {
    let world = World::founded();
    let mixed = "\u{410}lice";
    let slot = format!("key-file:{}", world.path("mixed.key").display());
    let profile = world.path("mixed").display().to_string();
    let made = [
        "--profile",
        &profile,
        "--json",
        "profile",
        "new",
        "--kind",
        "desk",
        "--name",
        mixed,
        "--slot",
        &slot,
    ];
    let mut command = std::process::Command::new(program());
    command.args(made).current_dir(world.dir.path());
    let out = feed(command, b"");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.code() == Some(2) && said.contains("several scripts"), "no profile: {said}");
    world.profile("dora", "desk");
    let found = ["org", "found", "--name", "N\u{43e}rthwind", "--out", "o", "--half-out", "h"];
    world.refused("dora", &found, b"", "text-not-accepted", 2);
    assert!(!world.path("o").exists() && !world.path("h").exists(), "nothing was written");

    // A card that no program of ours makes.
    let signing = SigningKey::from_seed(&Secret32::new([7; 32]));
    let card = IdentityCard {
        signing: signing.public(),
        receiving: ReceivingSecret::new(Secret32::new([8; 32])).public(),
        made: Time(1_800_000_000),
        checkpoint: Some(SigningKey::from_seed(&Secret32::new([9; 32])).public()),
        name: Some(Line::parse(mixed).expect("a line")),
    };
    std::fs::write(world.path("mixed.card"), card.sign(&signing)).expect("a card");
    let typed = card.fingerprint().to_read_aloud() + "\n";
    let propose = ["member", "propose", "mixed.card", "--rights", "vet"];
    world.refused("alice", &propose, typed.as_bytes(), "text-not-accepted", 2);
}
