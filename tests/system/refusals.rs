//! Bad input: one clear sentence, a stable code, the right exit status, nothing changed.

use std::os::unix::fs::symlink;

use crate::world::World;

fn entries(world: &World) -> u64 {
    world.ok("alice", &["org", "show"], b"")["entries"].as_u64().expect("a count")
}

#[test]
fn the_same_person_cannot_give_both_signatures() {
    let world = World::founded();
    let exchange = world.vetted(1, "orders");
    let grant = world.ok("alice", &["request", "show", &exchange.request], b"")["grant"]
        .as_str()
        .expect("a grant")
        .to_owned();
    let before = entries(&world);
    world.refused(
        "alice",
        &["request", "countersign", &exchange.request, "--grant", &grant],
        b"",
        "same-person",
        1,
    );
    world.refused("alice", &["key", "issue", &exchange.request], b"", "not-countersigned", 1);
    let other: String = grant.chars().rev().collect();
    world.refused(
        "ben",
        &["request", "countersign", &exchange.request, "--grant", &other],
        b"",
        "approval-differs",
        1,
    );
    world.refused("ben", &["request", "countersign", &exchange.request], b"no\n", "not-confirmed", 1);
    assert_eq!(entries(&world), before, "refusals leave no trace");
}

#[test]
fn what_is_no_document_of_ours_is_refused() {
    let world = World::founded();
    let before = entries(&world);
    std::fs::write(world.path("garbage"), [0xffu8; 300]).expect("a file");
    std::fs::write(world.path("huge"), vec![0u8; 300 * 1024]).expect("a file");
    std::fs::write(world.path("nested"), vec![0x81u8; 100_000]).expect("a file");
    std::fs::create_dir(world.path("folder")).expect("a folder");
    symlink(world.path("card"), world.path("link")).expect("a link");
    for (file, code, exit) in [
        ("garbage", "document-not-accepted", 3),
        ("nested", "document-not-accepted", 3),
        ("huge", "file-too-large", 2),
        ("folder", "file-is-folder", 2),
        ("link", "file-is-link", 2),
        ("nowhere", "file-missing", 2),
        // A genuine document of another kind.
        ("card", "document-not-accepted", 3),
    ] {
        world.refused("alice", &["request", "import", file], b"", code, exit);
    }
    assert_eq!(entries(&world), before, "nothing was recorded");
}

#[test]
fn every_flipped_byte_of_a_letter_is_refused() {
    let world = World::founded();
    world.vetted(1, "orders");
    let letter = std::fs::read(world.path("letter-1")).expect("a letter");
    let before = entries(&world);
    world.refused("alice", &["request", "import", "letter-1"], b"", "already-there", 1);
    for at in (0..letter.len()).step_by(letter.len() / 12) {
        let mut bent = letter.clone();
        bent[at] ^= 0x10;
        std::fs::write(world.path("bent"), &bent).expect("a file");
        let out = world.run("alice", &["request", "import", "bent"], b"");
        assert_eq!(out.status.code(), Some(3), "byte {at} is covered");
    }
    assert_eq!(entries(&world), before, "nothing was recorded");
}

#[test]
fn request_forms_are_judged_field_by_field() {
    let world = World::founded();
    world.vetted(1, "orders");
    let form = std::fs::read_to_string(world.path("request-1.toml")).expect("a form");
    for (from, to, code) in [
        ("Fabrikam Example", "Fabri\\u202ekam", "text-not-accepted"),
        ("Fabrikam Example", "Fabri\\u200bkam", "text-not-accepted"),
        ("Fabrikam Example", "Fabri\\u001b[31mkam", "text-not-accepted"),
        ("203.0.113.0/28", "0.0.0.0/0", "network-not-accepted"),
        ("203.0.113.0/28", "10.0.0.0/8", "network-not-accepted"),
        ("203.0.113.0/28", "203.0.113.9/28", "network-not-accepted"),
        ("203.0.113.0/28", "", "network-not-accepted"),
        ("days = 30", "days = 0", "lifetime-zero"),
        ("days = 30", "days = 9999", "lifetime-too-long"),
        ("days = 30", "days = -1", "file-not-understood"),
        ("orders:read", "orders:erase", "unknown-scope"),
        ("\"orders\"", "\"nothing\"", "unknown-service"),
        ("\"sandbox\"", "\"moon\"", "unknown-environment"),
        ("pat@fabrikam.example", "pat", "value-not-accepted"),
        ("company =", "companies =", "file-not-understood"),
    ] {
        let bent = form.replacen(from, to, 1);
        assert_ne!(bent, form, "{from} stands in the form");
        world.put("bent.toml", &bent);
        let out = world.run("partner", &["request", "new", "bent.toml", "--out", "bent-letter"], b"");
        let said: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap_or_default();
        assert_eq!(said["error"]["code"], code, "{from} -> {to}: {}", String::from_utf8_lossy(&out.stderr));
        assert!(!world.path("bent-letter").exists(), "no letter is written");
    }
}

#[test]
fn nothing_is_overwritten_and_no_link_is_followed_on_the_way_out() {
    let world = World::founded();
    world.put("there", "precious");
    symlink(world.path("elsewhere"), world.path("dangling")).expect("a link");
    world.refused("alice", &["card", "export", "--out", "there"], b"", "file-exists", 2);
    world.refused("alice", &["card", "export", "--out", "dangling"], b"", "file-is-link", 2);
    world.refused("alice", &["card", "export", "--out", "no/such/folder/card"], b"", "file-missing", 2);
    assert_eq!(std::fs::read(world.path("there")).expect("a file"), b"precious", "untouched");
    assert!(!world.path("elsewhere").exists(), "nothing was written through the link");
}

#[test]
fn wrong_keys_profiles_and_ledgers_are_told_apart() {
    let world = World::founded();
    let out = world.run("partner", &["org", "show"], b"");
    assert_eq!(out.status.code(), Some(2), "a partner's inbox has no organisation of its own");
    world.refused("alice", &["card", "list"], b"", "wrong-profile", 2);
    std::fs::copy(world.path("ben.key"), world.path("alice.key.saved")).expect("a copy");
    let mine = std::fs::read(world.path("alice.key")).expect("a key file");
    std::fs::write(world.path("alice.key"), std::fs::read(world.path("ben.key")).expect("a key file"))
        .expect("a write");
    world.refused("alice", &["org", "show"], b"", "wrong-secret", 3);
    std::fs::write(world.path("alice.key"), mine).expect("a write");
    world.ok("alice", &["org", "show"], b"");
    let ledger = std::fs::read(world.path("ledger.db")).expect("a ledger");
    std::fs::write(world.path("ledger.db"), b"this is no database, and never was").expect("a write");
    let out = world.run("alice", &["org", "show"], b"");
    assert_eq!(
        out.status.code(),
        Some(3),
        "a file that is no ledger is refused: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    std::fs::write(world.path("ledger.db"), ledger).expect("a write");
}
