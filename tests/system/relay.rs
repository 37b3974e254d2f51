//! The relay between two desks and a partner, all of them the real programs, on loopback.

mod absent;
mod check;
mod expired;
mod killed;
mod links;
mod meddler;
mod running;
mod secrets;
mod two;
mod withdrawn;

use crate::{relay::running::Ground, world::World};

fn text<'v>(value: &'v serde_json::Value, what: &str) -> &'v str {
    value.as_str().unwrap_or_else(|| panic!("{what} is a text: {value}"))
}

/// Everything a request needs before its key is made, once it is at the desks.
fn sign(world: &World, request: &str, partner: &str) {
    let digits = world.digits(partner);
    let check = ["identity", "check", request, "--channel", "phone", "--source", "contract"];
    world.ok("alice", &check, digits.as_bytes());
    for check in ["who", "why", "scope", "protection"] {
        world.ok("alice", &["request", "answer", request, check, "--note", "found in order"], b"");
    }
    world.ok("alice", &["request", "vet", request, "--yes"], b"");
    let shown = world.ok("ben", &["request", "show", request], b"");
    let grant = text(&shown["grant"], "the grant");
    world.ok("ben", &["request", "countersign", request, "--grant", grant], b"");
}

/// A partner who has nothing but the invitation asks, is asked back, and asks again.
fn asked(ground: &Ground) -> String {
    let world = &ground.world;
    world.profile("noor", "inbox");
    world.ok("alice", &["card", "invite", "--out", "noor.invitation"], b"");
    let organisation = world.ok("alice", &["org", "show"], b"");
    let digits = format!("{}\n", text(&organisation["fingerprint"], "a fingerprint"));
    let pin = ["card", "pin", "noor.invitation", "--source", "contract of 2026"];
    world.refused("noor", &pin, b"11111 22222 33333 44444 55555 66666 77777\n", "fingerprint-differs", 3);
    world.ok("noor", &pin, digits.as_bytes());
    ground.form("first.toml", "60");
    let sent = world.ok("noor", &["request", "new", "first.toml"], b"");
    assert_eq!(sent["posted"]["state"], "sent", "by the ticket: {sent}");
    let request = text(&sent["request"], "a request").to_owned();

    let synced = ground.works("alice", &["relay", "sync"], &[5]);
    assert_eq!(synced["imported"][0]["what"], "request", "{synced}");
    assert_eq!(synced["imported"][0]["id"], request.as_str());
    assert_eq!(synced["due"], 1, "it waits for a signature, which the exit code says");
    assert_eq!(ground.sync("ben")["imported"], serde_json::json!([]), "one letter is one request");

    let ask = ["request", "ask", &request, "--text", "For how long do you need it?"];
    assert_eq!(world.ok("alice", &ask, b"")["posted"]["state"], "sent");
    let synced = ground.works("noor", &["relay", "sync"], &[5]);
    assert_eq!(synced["read"][0]["state"], "changes-asked", "{synced}");
    assert_eq!(synced["read"][0]["message"], "For how long do you need it?");
    ground.form("second.toml", "30");
    let sent = world.ok("noor", &["request", "revise", &request, "second.toml"], b"");
    assert_eq!(sent["posted"]["state"], "sent", "the relay knows this identity now: {sent}");
    let synced = ground.works("ben", &["relay", "sync", "--wait", "20"], &[5]);
    assert_eq!(
        synced["imported"][0]["id"],
        request.as_str(),
        "the other desk takes the revision in: {synced}"
    );
    request
}

#[test]
fn one_exchange_through_the_relay_alone() {
    let ground = Ground::begin();
    let world = &ground.world;
    let request = asked(&ground);
    sign(world, &request, "noor");
    let issued = world.ok("ben", &["key", "issue", &request], b"");
    let key = text(&issued["key"], "a key");
    assert_eq!(ground.state(key), "sealed");

    let [https, app] = ground.delivered(key, "message");
    assert_eq!(ground.state(key), "uploaded");
    assert_eq!(
        ground.links_in("message"),
        ground.delivered(key, "again"),
        "delivered again, it is the same link"
    );
    std::fs::write(world.path("https"), &https).expect("a file");
    std::fs::write(world.path("app"), format!("  {app}\r\n")).expect("a file");

    let seen = world.ok("noor", &["envelope", "inspect", "--link-file", "https"], b"");
    assert_eq!(seen["signatures"].as_array().map(Vec::len), Some(2), "both signatures are shown: {seen}");
    let synced = ground.sync("ben");
    assert_eq!(
        synced["parcels"][0]["state"], "fetched",
        "that it was fetched is known before it is opened: {synced}"
    );
    assert_eq!(ground.state(key), "fetched");
    let opened = world.ok("noor", &["envelope", "open", "--link-file", "app", "--compose", "key"], b"");
    assert_eq!(opened["posted"]["state"], "sent", "the receipt is on its way: {opened}");
    world.refused("noor", &["envelope", "open", "--link-file", "message"], b"", "link-opened", 1);

    let plain = std::fs::read(world.path("key")).expect("the key was saved where it was asked for");
    let check = ["key", "check", "--hash-file", "keys.hashes"];
    world.refused("noor", &check, &plain, "key-refused", 1);
    let synced = ground.sync("ben");
    assert_eq!(synced["imported"][0]["what"], "receipt", "{synced}");
    assert_eq!(ground.state(key), "active");
    assert_eq!(world.ok("noor", &check, &plain)["accepted"], true, "the gateway takes it");
    let shown = world.ok("alice", &["key", "show", key], b"");
    assert!(
        shown["parcel"]["fetched"].is_u64() && shown["parcel"]["opened"].is_u64(),
        "every step has its time: {shown}"
    );

    told_of_its_end(&ground, key, &plain);
    world.ok("alice", &["ledger", "verify"], b"");
    for (event, times) in [
        ("request-received", 2),
        ("partner-answered", 1),
        ("envelope-fetched", 1),
        ("receipt-recorded", 1),
        ("key-activated", 1),
        ("leak-reported", 1),
        ("delivery-withdrawn", 0),
    ] {
        assert_eq!(ground.count(event), times, "{event}");
    }
}

/// The holder reports a leak, the key is revoked, and the holder hears of it.
fn told_of_its_end(ground: &Ground, key: &str, plain: &[u8]) {
    let world = &ground.world;
    let told = world.ok("noor", &["leak", "report", key, "--text", "It stands in a log."], b"");
    assert_eq!(told["posted"]["state"], "sent");
    let synced = ground.works("alice", &["relay", "sync"], &[5]);
    assert_eq!(synced["imported"][0]["what"], "leak-report", "{synced}");
    world.ok("ben", &["key", "revoke", "--key", key, "--reason", "leaked"], b"");
    world.refused("noor", &["key", "check", "--hash-file", "keys.hashes"], plain, "key-refused", 1);
    let synced = ground.sync("noor");
    assert_eq!(synced["read"][0]["state"], "revoked", "the holder is told: {synced}");
    for who in ["alice", "ben", "noor"] {
        let waits = world.ok(who, &["relay", "status"], b"");
        assert_eq!(waits["letters"], 0, "nothing is left to say at {who}: {waits}");
        let synced = ground.sync(who);
        assert_eq!(
            (synced["imported"].get(0), synced["read"].get(0)),
            (None, None),
            "nothing came twice: {synced}"
        );
    }
}

#[test]
fn whoever_follows_is_told_at_once() {
    use std::{
        io::{BufRead as _, BufReader},
        process::{Command, Stdio},
    };

    let ground = Ground::begin();
    let world = &ground.world;
    let mut follower = Command::new(crate::world::program())
        .args(world.args("alice", &["relay", "sync", "--follow"]))
        .current_dir(world.dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(follower.stdout.take().expect("piped")).lines();
    for what in ["request", "withdrawal"] {
        let words: Vec<String> = match what {
            "request" => {
                ground.form("form.toml", "30");
                ["request", "new", "form.toml"].map(str::to_owned).to_vec()
            }
            _ => {
                let list = world.ok("partner", &["request", "list"], b"");
                vec![
                    "request".to_owned(),
                    "withdraw".to_owned(),
                    text(&list[0]["id"], "a request").to_owned(),
                ]
            }
        };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(world.ok("partner", &words, b"")["posted"]["state"], "sent");
        let line = lines.next().expect("a line").expect("text");
        let news: serde_json::Value = serde_json::from_str(&line).expect("one document a line");
        assert_eq!(news["imported"][0]["what"], what, "{news}");
    }
    follower.kill().expect("stopped");
    follower.wait().expect("ended");
    assert_eq!(ground.sync("alice")["imported"], serde_json::json!([]), "what was told was taken in");
}
