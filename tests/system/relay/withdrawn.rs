//! Envelopes that are taken back: before their reader had them, and after.

use crate::relay::running::Ground;

#[test]
fn taken_back_before_it_was_fetched_the_link_opens_nothing() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    world.refused("ben", &["key", "withdraw", &key], b"", "not-at-relay", 1);
    ground.delivered(&key, "message");
    let withdrawn = world.ok("ben", &["key", "withdraw", &key], b"");
    assert_eq!(withdrawn["outcome"], "withdrawn", "{withdrawn}");
    assert_eq!(ground.state(&key), "withdrawn");
    assert_eq!(ground.count("delivery-withdrawn"), 1, "the ledger says it");
    let open = ["envelope", "open", "--link-file", "message", "--compose", "key"];
    world.refused("partner", &open, b"", "nothing-behind-link", 1);
    assert!(!world.path("key").exists(), "nothing came out");
    world.refused("ben", &["key", "deliver", &key, "--link-out", "again"], b"", "delivery-withdrawn", 1);
    world.refused("ben", &["key", "withdraw", &key], b"", "already-there", 1);
    assert_eq!(ground.sync("alice")["parcels"], serde_json::json!([]), "nobody fetched it");
}

#[test]
fn taken_back_after_it_was_fetched_the_ledger_says_who_was_faster() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    ground.delivered(&key, "message");
    world.ok("partner", &["envelope", "inspect", "--link-file", "message"], b"");
    let withdrawn = ground.works("ben", &["key", "withdraw", &key], &[1]);
    assert_eq!(withdrawn["outcome"], "fetched", "which is not what was asked for: {withdrawn}");
    assert!(withdrawn["at"].is_u64(), "since when: {withdrawn}");
    assert_eq!(ground.state(&key), "fetched");
    assert_eq!(ground.count("delivery-withdrawn"), 1, "the ledger says it");
    // Whoever has the bytes may open them: that is why the exit code was not 0.
    let open = ["envelope", "open", "--link-file", "message", "--compose", "key"];
    let opened = world.ok("partner", &open, b"");
    assert_eq!(opened["posted"]["state"], "sent", "the receipt comes as a letter: {opened}");
    assert_eq!(ground.sync("ben")["imported"][0]["what"], "receipt");
}

#[test]
fn a_revoked_key_takes_its_envelope_along() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    ground.delivered(&key, "message");
    world.ok("alice", &["key", "revoke", "--key", &key, "--reason", "mistake"], b"");
    world.refused("partner", &["envelope", "open", "--link-file", "message"], b"", "nothing-behind-link", 1);
    assert_eq!(ground.count("delivery-withdrawn"), 1, "it was taken back by itself");
    assert_eq!(
        world.ok("ben", &["relay", "status"], b"")["withdrawals"],
        serde_json::json!([]),
        "nothing is left to do"
    );
}
