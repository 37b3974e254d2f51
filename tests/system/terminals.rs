//! Two terminals at once on one ledger: nothing lost, nothing doubled, and every loser is told why.

use std::{process::Output, thread};

use serde_json::Value;

use crate::{
    judge::said,
    world::{REQUEST, World},
};

/// Says that somebody else was at it: the same command again is the right answer.
const AGAIN: &[&str] = &["crowded", "ledger-locked", "profile-locked", "busy", "profile-unavailable"];

fn rounds() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 24 } else { 4 }
}

/// What somebody runs, one after the other.
struct Terminal {
    who: &'static str,
    lines: Vec<Vec<String>>,
}

/// One command as a person repeats it; the JSON, or the code of why not.
fn repeated(world: &World, who: &str, words: &[String]) -> Result<Value, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    for attempt in 0..200 {
        if attempt > 0 {
            thread::sleep(std::time::Duration::from_millis(50));
        }
        let out: Output = world.run(who, &words, b"");
        if out.status.success() {
            return Ok(serde_json::from_slice(&out.stdout).unwrap_or(Value::Null));
        }
        let code = said(&out, &format!("{who} {words:?}")).code;
        if !AGAIN.contains(&code.as_str()) {
            return Err(code);
        }
    }
    Err("never".to_owned())
}

/// All terminals at the same time; how each command ended.
fn race(world: &World, terminals: &[Terminal]) -> Vec<Vec<Result<Value, String>>> {
    thread::scope(|scope| {
        let run =
            |t: &'_ Terminal| t.lines.iter().map(|line| repeated(world, t.who, line)).collect::<Vec<_>>();
        let running: Vec<_> = terminals.iter().map(|t| scope.spawn(move || run(t))).collect();
        running.into_iter().map(|r| r.join().expect("a terminal ends")).collect()
    })
}

fn lines(ids: &[String], before: &[&str], after: &[&str]) -> Vec<Vec<String>> {
    let line = |id: &String| {
        let words = before.iter().copied().chain([id.as_str()]).chain(after.iter().copied());
        words.map(str::to_owned).collect()
    };
    ids.iter().map(line).collect()
}

/// How often commands succeeded; every other one must have failed with one of these.
fn winners(ended: &[Vec<Result<Value, String>>], losers: &[&str], what: &str) -> usize {
    let all: Vec<_> = ended.iter().flatten().collect();
    for code in all.iter().filter_map(|r| r.as_ref().err()) {
        assert!(losers.contains(&code.as_str()), "{what}: a loser is told why, not {code}");
    }
    all.iter().filter(|r| r.is_ok()).count()
}

#[test]
fn two_terminals_on_one_ledger_lose_nothing_and_double_nothing() {
    let world = World::founded();
    let entries = || world.ok("alice", &["org", "show"], b"")["entries"].as_u64().expect("a count");
    world.put("request.toml", &REQUEST.replace("SERVICE", "orders"));
    let letters: Vec<String> = (0..rounds()).map(|n| format!("letter-{n}")).collect();
    for letter in &letters {
        world.ok("partner", &["request", "new", "request.toml", "--out", letter], b"");
    }
    let backwards: Vec<String> = letters.iter().rev().cloned().collect();
    let three = |first: &[String], second: &[String], before: &[&str], after: &[&str]| {
        vec![
            Terminal { who: "alice", lines: lines(first, before, after) },
            Terminal { who: "alice", lines: lines(second, before, after) },
            Terminal { who: "ben", lines: lines(first, before, after) },
        ]
    };
    let before = entries();
    let ended = race(&world, &three(&letters, &backwards, &["request", "import"], &[]));
    assert_eq!(
        winners(&ended, &["already-there", "old-revision"], "import"),
        letters.len(),
        "each letter is taken in once"
    );
    assert_eq!(entries(), before + letters.len() as u64, "and is one entry");
    let ids = prepared(&world);
    assert_eq!(ids.len(), letters.len(), "no request is lost, none is doubled");
    let reversed: Vec<String> = ids.iter().rev().cloned().collect();
    let ended = race(&world, &three(&ids, &reversed, &["request", "vet"], &["--yes"]));
    let lost = ["already-vetted", "approval-differs", "grant-differs"];
    assert_eq!(winners(&ended, &lost, "vet"), ids.len(), "each request is vetted once");
    signed_and_issued(&world, &ids, &reversed);
}

/// The ids of all requests, ready to be vetted.
fn prepared(world: &World) -> Vec<String> {
    let list = world.ok("alice", &["request", "list"], b"");
    let ids: Vec<String> = list
        .as_array()
        .expect("requests")
        .iter()
        .filter_map(|r| r["id"].as_str().map(str::to_owned))
        .collect();
    let digits = world.digits("partner");
    let first = ids.first().expect("a request");
    let check = ["identity", "check", first, "--channel", "phone", "--source", "contract"];
    world.ok("alice", &check, digits.as_bytes());
    let answers = |id: &String| {
        for check in ["who", "why", "scope", "protection"] {
            let words = ["request", "answer", id, check, "--note", "in order"].map(str::to_owned);
            repeated(world, "alice", &words).expect("an answer is recorded");
        }
    };
    thread::scope(|scope| {
        for half in ids.chunks(ids.len().div_ceil(2)) {
            scope.spawn(move || half.iter().for_each(answers));
        }
    });
    ids
}

fn signed_and_issued(world: &World, ids: &[String], reversed: &[String]) {
    // A countersigner reads the digest first, as the terminal shows it.
    let grants: Vec<(String, String)> = ids
        .iter()
        .map(|id| {
            let shown = world.ok("ben", &["request", "show", id], b"");
            (id.clone(), shown["grant"].as_str().expect("a grant").to_owned())
        })
        .collect();
    let signing = |who: &'static str| Terminal {
        who,
        lines: grants
            .iter()
            .map(|(id, g)| ["request", "countersign", id, "--grant", g].map(str::to_owned).to_vec())
            .collect(),
    };
    let ended = race(world, &[signing("alice"), signing("ben"), signing("ben")]);
    let lost = ["same-person", "already-countersigned"];
    assert_eq!(winners(&ended, &lost, "countersign"), ids.len(), "each grant has its second signature once");
    let issuing = |who, ids| Terminal { who, lines: lines(ids, &["key", "issue"], &[]) };
    let ended = race(world, &[issuing("ben", ids), issuing("ben", reversed), issuing("alice", ids)]);
    let lost = ["already-issued", "other-maker", "intent-open"];
    assert_eq!(winners(&ended, &lost, "issue"), ids.len(), "each key is made once");
    let keys = world.ok("ben", &["key", "list"], b"");
    let keys: Vec<String> =
        keys.as_array().expect("keys").iter().filter_map(|k| k["id"].as_str().map(str::to_owned)).collect();
    assert_eq!(keys.len(), ids.len(), "one key a request");
    let hashes = || {
        let text = std::fs::read_to_string(world.path("keys.hashes")).expect("a hash file");
        text.lines().filter(|l| !l.starts_with('#')).count()
    };
    assert_eq!(hashes(), ids.len(), "the gateway holds one line a key");
    let stopping = |who| Terminal {
        who,
        lines: lines(&keys, &["key", "revoke", "--reason", "precaution", "--key"], &[]),
    };
    let ended = race(world, &[stopping("alice"), stopping("ben"), stopping("ben")]);
    let stopped = winners(&ended, &["key-stopped", "already-stopped"], "revoke");
    assert!(stopped >= ids.len(), "each key is stopped, whoever was faster: {stopped}");
    for who in ["alice", "ben"] {
        world.ok(who, &["key", "finish"], b"");
        world.ok(who, &["ledger", "verify"], b"");
        let list = world.ok(who, &["key", "list"], b"");
        let dead = list.as_array().expect("keys").iter().filter(|k| k["state"] == "revoked").count();
        assert_eq!(dead, keys.len(), "{who} sees every key revoked");
    }
    println!("two terminals: {} requests raced through every step", ids.len());
}
