//! What people heard of each other before they trusted each other's keys: on the record, once, whatever came between.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::Instant,
};

use serde_json::{Value, json};

use crate::{
    killed::at_every_point,
    world::{World, program, restore, save},
};

/// Alice and Ben have signed, and neither desk has a ledger yet.
fn signed() -> World {
    let world = World { dir: tempfile::tempdir().expect("a temporary folder") };
    for who in ["alice", "ben"] {
        world.profile(who, "desk");
    }
    world.ok("alice", &["org", "found", "--name", "Two", "--out", "offer", "--half-out", "half-a"], b"");
    let answer = ["org", "answer", "offer", "--out", "answer", "--half-out", "half-b"];
    let screen = world.typed("ben", &answer, &[world.digits("alice").trim()]);
    assert_eq!(screen.code, 0, "answered at a terminal: {}", screen.text);
    world
}

const COMPLETE: &[&str] = &["org", "complete", "answer", "--log", "ledger.db"];
const ATTACH: &[&str] = &["org", "attach", "--log", "ledger.db"];

/// Who compared this member, as somebody's desk has it.
fn comparisons(world: &World, who: &str, of: &str) -> Vec<Value> {
    let members = world.ok(who, &["member", "list"], b"");
    let member = members.as_array().expect("members").iter().find(|m| m["name"] == of).cloned();
    member.expect("the member")["compared"].as_array().expect("comparisons").clone()
}

fn unheard(world: &World, who: &str) -> Value {
    world.ok(who, &["org", "show"], b"")["unheard"].clone()
}

#[test]
fn what_founders_heard_is_on_the_record_and_what_is_missing_is_named() {
    let world = signed();
    let screen = world.typed("alice", COMPLETE, &[world.digits("ben").trim()]);
    assert_eq!(screen.code, 0, "completed at a terminal: {}", screen.text);
    let said = screen.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("ben has not compared alice's fingerprint"), "said at once: {said}");
    assert_eq!(unheard(&world, "alice"), json!([["ben", "alice"]]), "Ben's is not on the record yet");
    let audit = world.ok("alice", &["ledger", "verify"], b"");
    assert_eq!(audit["clean"], true, "no entry is wrong for that: {audit}");
    assert_eq!(audit["unheard"], json!([["ben", "alice"]]), "but the audit names it: {audit}");
    world.ok("ben", ATTACH, b"");
    for who in ["alice", "ben"] {
        assert_eq!(unheard(&world, who), json!([]), "both are, at {who}'s desk");
    }
    let events = world.ok("ben", &["ledger", "list"], b"");
    let events: Vec<_> = events.as_array().expect("entries").iter().map(|e| e["event"].clone()).collect();
    assert_eq!(events, ["founded", "member-checked", "member-checked"], "they follow the first entry");
    for (of, by) in [("alice", "ben"), ("ben", "alice")] {
        let heard = comparisons(&world, "ben", of);
        assert_eq!(heard.len(), 1, "{of}: {heard:?}");
        let wanted = json!({ "by": by, "channel": "phone", "source": "the register", "attended": true,
            "time": heard[0]["time"] });
        assert_eq!(heard[0], wanted, "who, how, from whose number");
    }
    world.ok("ben", ATTACH, b"");
    assert_eq!(comparisons(&world, "ben", "alice").len(), 1, "attached again, nothing is said twice");
}

#[test]
fn what_a_program_typed_is_on_the_record_as_that_and_does_not_count() {
    let world = signed();
    let digits = world.digits("ben");
    world.ok("alice", COMPLETE, digits.as_bytes());
    world.ok("ben", ATTACH, b"");
    assert_eq!(comparisons(&world, "ben", "ben")[0]["attended"], false, "it is marked");
    assert_eq!(unheard(&world, "ben"), json!([["alice", "ben"]]), "and named");
    let ben = members(&world, "ben");
    world.refused("ben", &["member", "check", &ben], digits.as_bytes(), "own-identity", 1);
    let other = world.digits("alice");
    world.refused("alice", &["member", "check", &ben], other.as_bytes(), "fingerprint-differs", 3);
    let screen = world.typed("alice", &["member", "check", &ben], &[digits.trim()]);
    assert_eq!(screen.code, 0, "compared after all: {}", screen.text);
    assert_eq!(unheard(&world, "ben"), json!([]), "now a person heard it");

    // Nobody is admitted on a program's word under this policy.
    world.profile("carol", "desk");
    world.ok("carol", &["profile", "card", "--out", "carol.card"], b"");
    let (carol, before) = (world.digits("carol"), entries(&world));
    let propose = ["member", "propose", "carol.card", "--rights", "vet"];
    world.refused("alice", &propose, carol.as_bytes(), "member-unchecked", 1);
    assert_eq!(entries(&world), before, "nothing was put on the record");
    let screen = world.typed("alice", &propose, &[carol.trim()]);
    assert_eq!(screen.code, 0, "heard and typed: {}", screen.text);
    let screen = world.typed("ben", &["change", "confirm"], &["yes"]);
    assert!(screen.text.contains("phone by alice on"), "whoever confirms sees how: {}", screen.text);
    let organisation = world.ok("ben", &["org", "show"], b"")["fingerprint"].clone();
    let screen = world.typed("carol", ATTACH, &[organisation.as_str().expect("digits")]);
    assert_eq!(screen.code, 0, "{}", screen.text);
    let heard = world.ok("ben", &["org", "show"], b"")["compared"].clone();
    assert_eq!((&heard[0]["by"], &heard[0]["attended"]), (&json!("carol"), &json!(true)), "{heard}");
}

fn members(world: &World, name: &str) -> String {
    let members = world.ok("alice", &["member", "list"], b"");
    let member = members.as_array().expect("members").iter().find(|m| m["name"] == name).cloned();
    member.expect("the member")["id"].as_str().expect("an id").to_owned()
}

fn entries(world: &World) -> u64 {
    world.ok("alice", &["org", "show"], b"")["entries"].as_u64().expect("a count")
}

/// Both comparisons stand, once each, after the command was repeated.
fn stands_once(world: &World, who: &str, of: &str, point: &str) {
    let heard = comparisons(world, who, of);
    assert_eq!(heard.len(), 1, "{point}: {of} was compared once: {heard:?}");
    assert_eq!(world.ok(who, &["ledger", "verify"], b"")["clean"], true, "{point}: the ledger holds");
}

#[test]
fn an_attachment_that_is_killed_at_every_call_loses_no_comparison_and_says_none_twice() {
    let world = signed();
    let digits = world.digits("ben");
    world.ok("alice", COMPLETE, digits.as_bytes());
    let points = at_every_point(&world, &(), "ben", ATTACH, |world, point| {
        world.ok("ben", ATTACH, b"");
        stands_once(world, "ben", "alice", point);
    });
    assert!(points >= 8, "the command was killed at {points} points: too few to mean anything");
    println!("attach: killed at {points} points, 0 comparisons lost, 0 doubled");
}

#[test]
fn a_founding_that_is_killed_says_what_was_heard_when_it_is_completed_again() {
    let world = signed();
    let digits = world.digits("ben");
    let saved = save(&world);
    let start = Instant::now();
    world.ok("alice", COMPLETE, digits.as_bytes());
    let lasting = start.elapsed();
    restore(&world, &saved);
    let (mut killed, instants) = (0, 24);
    for n in 0..instants {
        let mut command = Command::new(program());
        command.args(world.args("alice", COMPLETE)).current_dir(world.dir.path());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let _ = child.stdin.take().expect("a pipe").write_all(digits.as_bytes());
        std::thread::sleep(lasting * n / instants);
        child.kill().expect("it is ours to kill");
        killed += u32::from(!child.wait().expect("it ends").success());
        world.ok("alice", COMPLETE, digits.as_bytes());
        stands_once(&world, "alice", "ben", &format!("instant {n}"));
        restore(&world, &saved);
    }
    assert!(killed >= 8, "the command was killed {killed} times: too few to mean anything");
    println!("complete: killed at {killed} instants, 0 comparisons lost, 0 doubled");
}
