//! The whole exchange, from asking to a dead key.

use crate::world::{World, program};

#[test]
fn one_exchange_from_asking_to_revoking() {
    let world = World::founded();
    let key = world.issued(1);
    world.ok(
        "ben",
        &["envelope", "deliver", &key, "--out", "e.countersign", "--secret-out", "e.secret"],
        b"",
    );
    let seen =
        world.ok("partner", &["envelope", "inspect", "e.countersign", "--secret-file", "e.secret"], b"");
    let steps: Vec<_> = seen["signatures"]
        .as_array()
        .expect("signatures")
        .iter()
        .map(|s| s["step"].as_str().unwrap_or(""))
        .collect();
    assert_eq!(steps, ["vetted", "countersigned"], "the envelope shows both signatures");
    let open = [
        "envelope",
        "open",
        "e.countersign",
        "--secret-file",
        "e.secret",
        "--compose",
        "key",
        "--receipt-out",
        "receipt",
    ];
    world.ok("partner", &open, b"");
    let plain = std::fs::read(world.path("key")).expect("the key was saved where it was asked for");
    let hashes = world.path("keys.hashes").display().to_string();
    let check = ["key", "check", "--hash-file", &hashes];
    world.refused("partner", &check, &plain, "key-refused", 1);
    world.ok("ben", &["request", "import", "receipt"], b"");
    let accepted = world.ok("partner", &check, &plain);
    assert_eq!(accepted["accepted"], true, "the key works once the receipt is on the record");
    world.ok("alice", &["ledger", "verify"], b"");
    world.put(
        "paste.log",
        &format!("GET /v1/orders Authorization: Bearer {}\n", String::from_utf8_lossy(&plain)),
    );
    let leak = world.ok("alice", &["leak", "find", "paste.log", "--revoke"], b"");
    assert_eq!(leak["leaks"][0]["key"]["holder"], "Fabrikam Example", "the leak names the holder");
    assert_eq!(leak["stopped"][0]["state"], "confirmed", "the revocation is proven");
    world.refused("partner", &check, &plain, "key-refused", 1);
    let list = world.ok("ben", &["key", "list"], b"");
    assert_eq!(list[0]["state"], "revoked", "the other desk sees it revoked");
    world.ok("ben", &["ledger", "verify"], b"");
    world.ok("ben", &["ledger", "prove", "0", "--out", "evidence"], b"");
    world.ok("partner", &["ledger", "check", "evidence"], b"");
}

#[test]
fn an_envelope_also_travels_as_codes() {
    let world = World::founded();
    let key = world.issued(1);
    std::fs::create_dir(world.path("codes")).expect("a folder");
    let words = [
        "envelope",
        "deliver",
        &key,
        "--out",
        "e.countersign",
        "--secret-out",
        "e.secret",
        "--qr-dir",
        "codes",
    ];
    world.refused("alice", &words, b"", "nothing-to-deliver", 1);
    let done = world.ok("ben", &words, b"");
    let pictures: Vec<String> = done["codes"]
        .as_array()
        .expect("codes")
        .iter()
        .map(|c| c.as_str().unwrap_or("").to_owned())
        .collect();
    assert!(pictures.len() >= 2, "an envelope takes several codes");
    let mut open = vec!["envelope", "open", "--secret-file", "e.secret", "--compose", "key"];
    open.extend(pictures.iter().rev().map(String::as_str));
    world.ok("partner", &open, b"");
    assert!(
        std::fs::read(world.path("key")).is_ok_and(|k| k.starts_with(b"nw_sandbox_")),
        "scanned in any order, it opens"
    );
}

#[test]
fn completions_and_manual_pages_are_made() {
    let out = std::process::Command::new(program())
        .args(["completions", "bash"])
        .output()
        .expect("the program runs");
    assert!(
        out.status.success() && String::from_utf8_lossy(&out.stdout).contains("countersign"),
        "completions are printed"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let out = std::process::Command::new(program())
        .arg("man")
        .arg("--out")
        .arg(folder.path())
        .output()
        .expect("the program runs");
    assert!(out.status.success(), "manual pages are written");
    assert!(folder.path().join("countersign-request-vet.1").is_file(), "every verb has one");
}
