//! What the record says of a key that was switched off is what the issuing system said, or nothing.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::world::World;

/// The newest entry of a kind, without its frame.
fn newest(world: &World, event: &str) -> Option<Value> {
    let entries = world.ok("ben", &["ledger", "list"], b"");
    let mut rows = entries.as_array().expect("entries").iter();
    let body = rows.rfind(|e| e["event"] == event)?["body"].as_str().expect("a body").to_owned();
    Some(serde_json::from_str::<Value>(&body).expect("JSON")["body"].clone())
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

#[test]
fn a_key_that_is_switched_off_is_proven_by_what_was_read_again() {
    let world = World::founded();
    let key = world.issued(1);
    let words = ["key", "revoke", "--key", &key, "--reason", "precaution", "--disable"];
    let stopped = world.ok("alice", &words, b"");
    assert_eq!(stopped[0]["state"], "confirmed", "{stopped}");
    let proof = newest(&world, "stop-confirmed").expect("it is on the record");
    let gateway = std::fs::read(world.path("keys.hashes")).expect("the gateway's file");
    let said = proof["read_again"].as_str().expect("a digest").to_lowercase();
    assert_eq!(said, sha256(&gateway), "the digest of what the gateway reads, in which the key is off");
    assert_ne!(said, sha256(key.as_bytes()), "and not of something that proves nothing");
}

#[test]
fn a_key_that_is_switched_off_by_hand_waits_for_a_person_and_fails_nothing() {
    let world = World::founded();
    let request = world.countersigned(1, "billing").request;
    let issued = world.ok("ben", &["key", "issue", &request, "--key-stdin"], b"rk_live_0123456789abcdef");
    let key = issued["key"].as_str().expect("a key").to_owned();
    let words = ["key", "revoke", "--key", &key, "--reason", "precaution", "--disable"];
    let stopped = world.ok("alice", &words, b"");
    assert_eq!(stopped[0]["state"], "ordered", "nobody saw it switched off: {stopped}");
    let detail = stopped[0]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("off in billing by hand"), "what is to be done is said: {detail}");
    assert!(newest(&world, "stop-confirmed").is_none() && newest(&world, "stop-failed").is_none());
    world.ok("ben", &["key", "confirm", &key, "--evidence", "Switched off; a call with it got 401."], b"");
    let proof = newest(&world, "stop-confirmed").expect("it is on the record");
    assert!(proof["read_again"].is_null() && proof["evidence"].is_string(), "a person saw it: {proof}");
}
