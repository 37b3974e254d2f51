//! kill -9 at every file-system call of issue and of open: nothing lost, nothing doubled, nothing released unrecorded.

use std::process::Command;

use crate::world::{World, feed, program, restore, save};

/// Calls by which state reaches a disk.
const CALLS: &[&str] =
    &["pwrite64", "fdatasync", "fsync", "ftruncate", "unlink", "rename", "linkat", "write", "openat"];

/// Every how many-th point is tried: all when soaking.
fn stride() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 1 } else { 9 }
}

/// Runs under strace and kills at the `when`-th call of its kind in any one thread; whether it was killed.
fn killed(world: &World, who: &str, words: &[&str], call: &str, when: usize) -> bool {
    let mut command = Command::new("strace");
    command.args(["-f", "-qqq", "-o", "/dev/null", "-e"]).arg(format!("trace={call}"));
    command.arg("-e").arg(format!("inject={call}:signal=SIGKILL:when={when}")).arg(program());
    command.args(world.args(who, words)).current_dir(world.dir.path());
    let out = feed(command, b"");
    !out.status.success()
}

/// Every point of one command: kill, then hand over to `judge`, which recovers by ordinary commands only.
fn at_every_point(world: &World, who: &str, words: &[&str], judge: impl Fn(&World, &str)) -> usize {
    let saved = save(world);
    let mut points = 0;
    for (shift, call) in CALLS.iter().enumerate() {
        // Different calls begin at different points, so that the sample is not blind to a rhythm.
        let mut when = 1 + shift % stride();
        loop {
            let hit = killed(world, who, words, call, when);
            if !hit {
                restore(world, &saved);
                break;
            }
            points += 1;
            judge(world, &format!("{call} number {when}"));
            restore(world, &saved);
            when += stride();
        }
    }
    points
}

fn hash_lines(world: &World) -> usize {
    let text = std::fs::read_to_string(world.path("keys.hashes")).unwrap_or_default();
    text.lines().filter(|l| !l.starts_with('#')).count()
}

#[test]
fn issue_survives_a_kill_at_every_call() {
    let world = World::founded();
    let exchange = world.countersigned(1, "orders");
    let request = exchange.request.clone();
    let points = at_every_point(&world, "ben", &["key", "issue", &request], |world, point| {
        let finish = world.run("ben", &["key", "finish"], b"");
        assert!(finish.status.success(), "{point}: {}", String::from_utf8_lossy(&finish.stderr));
        let again = world.run("ben", &["key", "issue", &request], b"");
        let said = String::from_utf8_lossy(&again.stderr).into_owned();
        assert!(again.status.success() || said.contains("All signatures are given"), "{point}: {said}");
        let keys = world.ok("ben", &["key", "list"], b"");
        let live: Vec<_> =
            keys.as_array().expect("keys").iter().filter(|k| k["state"] != "abandoned").collect();
        assert_eq!(live.len(), 1, "{point}: one key, not none and not two");
        assert_eq!(hash_lines(world), 1, "{point}: the gateway holds that one key and no orphan");
        let key = live[0]["id"].as_str().expect("an id");
        world.ok("ben", &["envelope", "deliver", key, "--out", "e", "--secret-out", "s"], b"");
        world.ok(
            "partner",
            &["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "r"],
            b"",
        );
        world.ok("ben", &["request", "import", "r"], b"");
        let plain = std::fs::read(world.path("key")).expect("the key");
        let hashes = world.path("keys.hashes").display().to_string();
        world.ok("partner", &["key", "check", "--hash-file", &hashes], &plain);
        world.ok("alice", &["ledger", "verify"], b"");
    });
    assert!(points >= 10, "the command was killed at {points} points: too few to mean anything");
    println!("issue: killed at {points} points, 0 lost, 0 doubled");
}

#[test]
fn open_survives_a_kill_at_every_call() {
    let world = World::founded();
    let key = world.issued(1);
    world.ok("ben", &["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"], b"");
    let words = ["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "r"];
    let points = at_every_point(&world, "partner", &words, |world, point| {
        for name in ["key", "r"] {
            let path = world.path(name);
            // What appears under a name that was asked for is whole.
            if path.exists() {
                assert!(std::fs::metadata(&path).expect("a file").len() > 30, "{point}: {name} is whole");
                std::fs::remove_file(&path).expect("removed");
            }
        }
        world.ok("partner", &words, b"");
        let held = world.ok("partner", &["key", "list"], b"");
        assert_eq!(held.as_array().map(Vec::len), Some(1), "{point}: one key is held");
        world.ok("ben", &["request", "import", "r"], b"");
        let plain = std::fs::read(world.path("key")).expect("the key");
        let hashes = world.path("keys.hashes").display().to_string();
        world.ok("partner", &["key", "check", "--hash-file", &hashes], &plain);
    });
    assert!(points >= 5, "the command was killed at {points} points: too few to mean anything");
    println!("open: killed at {points} points, 0 lost, 0 doubled");
}
