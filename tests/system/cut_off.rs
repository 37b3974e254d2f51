//! A ledger that cannot be opened keeps no key alive: the order acts at the gateway, waits at the desk, and is recorded
//! when the ledger is back.

use std::path::Path;

use serde_json::Value;

use crate::world::{World, hash_lines, settle};

/// What a file of a ledger may have become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    Missing,
    Garbage,
    Link,
    Newer,
}

const HARMS: [Harm; 4] = [Harm::Missing, Harm::Garbage, Harm::Link, Harm::Newer];

impl Harm {
    /// Puts the sound ledger aside and something else in its place.
    fn done_to(self, ledger: &Path, aside: &Path) {
        std::fs::rename(ledger, aside).expect("the ledger goes");
        match self {
            Self::Missing => {}
            Self::Garbage => std::fs::write(ledger, b"this is no database, and never was").expect("a write"),
            Self::Link => std::os::unix::fs::symlink(aside, ledger).expect("a link"),
            Self::Newer => {
                let mut bytes = std::fs::read(aside).expect("a ledger");
                // SQLite's user_version, where ours is 1 (sqlite.org/fileformat2.html, 1.3).
                bytes[60..64].copy_from_slice(&9_u32.to_be_bytes());
                std::fs::write(ledger, bytes).expect("a write");
            }
        }
    }

    fn mended(ledger: &Path, aside: &Path) {
        for end in ["", "-wal", "-shm"] {
            let path = ledger.with_file_name(format!("ledger.db{end}"));
            if path.symlink_metadata().is_ok() {
                std::fs::remove_file(path).expect("removed");
            }
        }
        std::fs::rename(aside, ledger).expect("the ledger is back");
    }
}

/// The state of the only outcome in a list of them.
fn outcome(stopped: &Value) -> (String, bool, bool) {
    let rows = stopped.as_array().expect("a list");
    let [one] = rows.as_slice() else { panic!("one key, one outcome: {stopped}") };
    (one["state"].as_str().expect("a state").to_owned(), one["recorded"] == true, one["kept"] == true)
}

#[test]
fn a_key_dies_whatever_became_of_the_ledger_and_the_record_follows() {
    for (n, harm) in HARMS.into_iter().enumerate() {
        let world = World::founded();
        let key = world.issued(1);
        world.ok("alice", &["org", "show"], b"");
        settle(&world);
        let (ledger, aside) = (world.path("ledger.db"), world.path("aside.db"));
        harm.done_to(&ledger, &aside);
        let other = world.run("alice", &["key", "list"], b"");
        assert!(!other.status.success(), "{harm:?}: what stops nothing says that there is no ledger");

        let preview = ["key", "revoke", "--key", &key, "--reason", "leaked", "--preview"];
        let rows = world.ok("alice", &preview, b"");
        assert_eq!(rows[0]["id"], key.as_str(), "{harm:?}: what the desk knew last is shown");
        assert_eq!(hash_lines(&world), 1, "{harm:?}: a preview stops nothing");
        // The second world disables: reversible orders act first as well.
        let mut words = vec!["key", "revoke", "--key", key.as_str(), "--reason", "leaked"];
        if n == 1 {
            words.push("--disable");
        }
        let out = world.run("alice", &words, b"");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success(), "{harm:?}: the key is stopped: {said}");
        assert!(said.contains("recorded later"), "{harm:?}: the record is missing, and that is said: {said}");
        let stopped = serde_json::from_slice(&out.stdout).expect("JSON");
        assert_eq!(
            outcome(&stopped),
            ("ordered".to_owned(), false, true),
            "{harm:?}: dead and not on the record"
        );
        let hashes = std::fs::read_to_string(world.path("keys.hashes")).expect("the gateway's file");
        assert!(!hashes.contains(" active") || n != 1, "{harm:?}: {hashes}");
        assert_eq!(
            hash_lines(&world),
            usize::from(n == 1),
            "{harm:?}: the gateway holds it no more, or switched off"
        );

        Harm::mended(&ledger, &aside);
        world.ok("alice", &["key", "finish"], b"");
        let seen =
            world.ok("ben", &["key", "show", &key], b"")["stop"].as_str().unwrap_or_default().to_owned();
        assert!(seen.contains("confirmed (leaked)"), "{harm:?}: every desk sees it: {seen}");
        world.ok("ben", &["ledger", "verify"], b"");
    }
}

#[test]
fn a_leaked_key_is_found_and_stopped_though_the_ledger_cannot_be_opened() {
    for harm in HARMS {
        let world = World::founded();
        let key = world.issued(1);
        world.ok("ben", &["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"], b"");
        let opened =
            ["envelope", "open", "e", "--secret-file", "s", "--compose", "plain", "--receipt-out", "receipt"];
        world.ok("partner", &opened, b"");
        world.ok("alice", &["org", "show"], b"");
        settle(&world);
        let (ledger, aside) = (world.path("ledger.db"), world.path("aside.db"));
        harm.done_to(&ledger, &aside);
        let found = world.ok("alice", &["leak", "find", "plain", "--revoke"], b"");
        assert_eq!(found["leaks"][0]["key"]["id"], key.as_str(), "{harm:?}: {found}");
        assert_eq!(found["leaks"][0]["key"]["holder"], "Fabrikam Example", "{harm:?}: whose it is, is known");
        assert_eq!(outcome(&found["stopped"]), ("ordered".to_owned(), false, true), "{harm:?}");
        assert_eq!(hash_lines(&world), 0, "{harm:?}: the gateway takes it no more");
        Harm::mended(&ledger, &aside);
        world.ok("alice", &["key", "finish"], b"");
        let seen =
            world.ok("ben", &["key", "show", &key], b"")["stop"].as_str().unwrap_or_default().to_owned();
        assert!(seen.contains("confirmed (leaked)"), "{harm:?}: {seen}");
    }
}
