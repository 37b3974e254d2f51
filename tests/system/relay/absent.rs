//! The relay is away: nothing is lost, nothing is doubled, and everybody is told.

use crate::relay::running::Ground;

#[test]
fn an_envelope_survives_a_relay_that_is_away() {
    let ground = Ground::begin();
    let keys = [ground.world.issued(1), ground.world.issued(2)];
    ground.stop();
    let world = &ground.world;
    for key in &keys {
        let link = ["key", "deliver", key, "--link-out", "message"];
        world.refused("ben", &link, b"", "not-uploaded", 4);
        assert!(!world.path("message").exists(), "no link is given to what is not there");
    }
    // Saved as files instead, it opens as ever.
    world.ok("ben", &["key", "deliver", &keys[0], "--out", "e", "--secret-out", "s"], b"");
    world.ok("partner", &["envelope", "open", "e", "--secret-file", "s", "--compose", "first"], b"");
    let receipt = world.ok("partner", &["envelope", "receipt"], b"");
    assert_eq!(receipt["posted"]["state"], "waits", "{receipt}");
    assert_eq!(receipt["posted"]["code"], "relay-unreachable");

    ground.start();
    let world = &ground.world;
    ground.delivered(&keys[1], "message");
    world.ok("partner", &["envelope", "open", "--link-file", "message", "--compose", "second"], b"");
    ground.sync("partner");
    ground.sync("ben");
    for (key, file) in keys.iter().zip(["first", "second"]) {
        assert_eq!(ground.state(key), "active", "both receipts came");
        let plain = std::fs::read(world.path(file)).expect("a key");
        assert_eq!(
            world.ok("partner", &["key", "check", "--hash-file", "keys.hashes"], &plain)["accepted"],
            true
        );
    }
}

#[test]
fn letters_wait_and_arrive_once() {
    let ground = Ground::begin();
    ground.stop();
    let world = &ground.world;
    ground.form("form.toml", "30");
    let sent = world.ok("partner", &["request", "new", "form.toml"], b"");
    assert_eq!(sent["posted"]["state"], "waits", "{sent}");
    assert_eq!(world.ok("partner", &["request", "list"], b"")[0]["state"], "unsent", "and the list says so");
    assert_eq!(world.ok("partner", &["relay", "status"], b"")["letters"], 1);
    for who in ["partner", "ben"] {
        world.refused(who, &["relay", "sync"], b"", "relay-unreachable", 4);
        world.refused(who, &["relay", "sync", "--wait", "30"], b"", "relay-unreachable", 4);
    }
    ground.start();
    let world = &ground.world;
    ground.sync("partner");
    ground.sync("partner");
    assert_eq!(ground.sync("ben")["imported"].as_array().map(Vec::len), Some(1), "one letter");
    assert_eq!(
        world.ok("ben", &["request", "list"], b"").as_array().map(Vec::len),
        Some(1),
        "is one request"
    );
    let id = world.ok("ben", &["request", "list"], b"")[0]["id"].as_str().expect("an id").to_owned();

    ground.stop();
    let world = &ground.world;
    let ask = ["request", "ask", &id, "--text", "Which articles?"];
    assert_eq!(world.ok("ben", &ask, b"")["posted"]["state"], "waits");
    assert_eq!(world.ok("ben", &["relay", "status"], b"")["letters"], 1);
    ground.start();
    ground.sync("ben");
    ground.sync("ben");
    let read = ground.sync("partner");
    assert_eq!(read["read"][0]["message"], "Which articles?", "{read}");
    assert_eq!(ground.world.ok("ben", &["relay", "status"], b"")["letters"], 0);
}

#[test]
fn a_withdrawal_that_the_relay_does_not_know_yet_is_due() {
    let ground = Ground::begin();
    let key = ground.world.issued(1);
    ground.delivered(&key, "message");
    ground.stop();
    let world = &ground.world;
    world.refused("ben", &["key", "withdraw", &key], b"", "not-withdrawn", 4);
    let due = ground.works("ben", &["due"], &[5]);
    assert_eq!(due[0]["kind"], "delivery", "its reader may still fetch it: {due}");
    let status = world.ok("ben", &["relay", "status"], b"");
    assert_eq!(status["withdrawals"][0]["key"], key.as_str(), "{status}");
    ground.start();
    ground.sync("ben");
    assert_eq!(ground.state(&key), "withdrawn", "the next question tells it");
    ground.world.refused(
        "partner",
        &["envelope", "open", "--link-file", "message"],
        b"",
        "nothing-behind-link",
        1,
    );
}

#[test]
fn without_a_relay_everything_asks_for_a_file() {
    let world = crate::world::World::founded();
    let key = world.issued(1);
    world.put("form.toml", &crate::world::REQUEST.replace("SERVICE", "orders"));
    let request = world.ok("partner", &["request", "list"], b"")[0]["id"].as_str().expect("an id").to_owned();
    for words in [
        &["request", "new", "form.toml"][..],
        &["request", "revise", &request, "form.toml"],
        &["request", "withdraw", &request],
    ] {
        world.refused("partner", words, b"", "usage", 2);
    }
    assert_eq!(
        world.ok("partner", &["request", "list"], b"").as_array().map(Vec::len),
        Some(1),
        "nothing was kept"
    );
    world.refused("alice", &["request", "decline", &request, "--reason", "No."], b"", "usage", 2);
    world.refused("ben", &["key", "deliver", &key, "--link-out", "m"], b"", "no-relay", 1);
    world.refused("ben", &["card", "invite", "--out", "i"], b"", "no-relay", 1);
    for who in ["ben", "partner"] {
        world.refused(who, &["relay", "sync"], b"", "no-relay", 1);
    }
    world.ok("ben", &["key", "deliver", &key, "--out", "e", "--secret-out", "s"], b"");
    world.ok("partner", &["envelope", "open", "e", "--secret-file", "s", "--compose", "k"], b"");
    world.refused("partner", &["envelope", "receipt"], b"", "usage", 2);
    world.refused("partner", &["leak", "report", "--text", "In a log."], b"", "usage", 2);
}
