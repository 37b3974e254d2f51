//! The root changes hands: by two founders, and by the two halves on paper; partners follow the one silently and the
//! other with a new fingerprint.

use serde_json::Value;

use crate::world::World;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn person(world: &World, name: &str) -> String {
    let members = world.ok("alice", &["member", "list"], b"");
    let mut rows = members.as_array().expect("members").iter();
    text(&rows.rfind(|m| m["name"] == name).expect("the member")["person"])
}

fn member(world: &World, name: &str) -> String {
    let members = world.ok("alice", &["member", "list"], b"");
    let mut rows = members.as_array().expect("members").iter();
    text(&rows.rfind(|m| m["name"] == name).expect("the member")["id"])
}

fn fingerprint(world: &World) -> String {
    text(&world.ok("alice", &["org", "root", "show"], b"")["fingerprint"])
}

fn certify_all_anew(world: &World) {
    let changes = world.ok("alice", &["member", "renew-outdated"], b"")["changes"].clone();
    for change in changes.as_array().expect("changes") {
        world.ok("ben", &["change", "confirm", change.as_str().expect("an id")], b"yes\n");
    }
}

fn new_card(world: &World, file: &str) {
    world.two_admins(&["card", "propose"]);
    world.ok("alice", &["card", "export", "--out", file], b"");
}

#[test]
fn a_certifying_key_is_replaced_by_two_and_partners_follow_silently() {
    let world = World::founded();
    let before = fingerprint(&world);
    let offered = world.ok("ben", &["org", "root", "key", "--half-out", "half-ben-2"], b"");
    let ben = text(&offered["person"]);
    world.refused(
        "alice",
        &["org", "root", "propose", "--with", &person(&world, "alice")],
        b"",
        "not-offered",
        1,
    );
    world.ok("alice", &["org", "root", "propose", "--with", &ben], b"");
    world.refused("alice", &["org", "root", "confirm"], b"yes\n", "already-there", 1);
    let done = world.ok("ben", &["org", "root", "confirm"], b"yes\n");
    assert_eq!(done["in_force"], true, "both old keys and the new one have signed");
    assert_eq!(
        done["outdated"].as_array().map(Vec::len),
        Some(2),
        "both founders' certificates name the old key"
    );
    let exchange = world.vetted_refused(1);
    certify_all_anew(&world);
    world.ok("alice", &["request", "vet", &exchange, "--yes"], b"");
    new_card(&world, "card-2");
    world.ok("partner", &["card", "pin", "card-2"], b"");
    assert_eq!(fingerprint(&world), before, "what partners compared once stays");
    world.refused("partner", &["card", "pin", "card"], b"", "value-not-accepted", 2);
    let key = world.issued(2);
    world.ok("ben", &["envelope", "deliver", &key, "--out", "e", "--secret-out", "e.secret"], b"");
    world.ok("partner", &["envelope", "open", "e", "--secret-file", "e.secret", "--compose", "key"], b"");
    world.ok("ben", &["ledger", "verify"], b"");
}

#[test]
fn two_halves_on_paper_bring_back_an_organisation_that_lost_a_desk() {
    let world = World::founded();
    let before = fingerprint(&world);
    let old_ben = member(&world, "ben");
    let halves = |name: &str| std::fs::read(world.path(name)).expect("a half on paper");
    // Ben's desk is lost; what is left of it is the paper. The new desk knows nothing.
    world.profile("ben2", "desk");
    world.refused("alice", &["member", "suspend", &old_ben, "--why", "stolen"], b"", "too-few-admins", 1);
    let begin = |half: &str, out: &str| {
        let new = format!("{out}-half");
        world.ok(
            "alice",
            &["org", "succeed", "begin", "--half", half, "--out", out, "--half-out", &new],
            b"",
        );
    };
    // The second of the two files cannot be written: the first is not left alone.
    let same = ["org", "succeed", "begin", "--half", "half-a", "--out", "same", "--half-out", "same"];
    world.refused("alice", &same, b"", "file-exists", 2);
    assert!(!world.path("same").exists(), "a half without its offer");
    begin("half-a", "offer-a");
    let digits = world.digits("alice");
    let answer = |who: &str, half: &str, refused: Option<(&str, i32)>| {
        let words = [
            "org",
            "succeed",
            "answer",
            "offer-a",
            "--half",
            half,
            "--out",
            "ans",
            "--half-out",
            "half-ben2",
        ];
        match refused {
            Some((code, exit)) => world.refused(who, &words, digits.as_bytes(), code, exit),
            None => drop(world.ok(who, &words, digits.as_bytes())),
        }
    };
    answer("ben2", "half-a", Some(("value-not-accepted", 2)));
    answer("alice", "half-b", Some(("same-person", 1)));
    answer("ben2", "half-b", None);
    let digits = world.digits("ben2");
    let complete = ["org", "succeed", "complete", "ans", "--half", "half-b"];
    world.refused("alice", &complete, digits.as_bytes(), "other-founding", 3);
    // The half is typed this time.
    let typed = [digits.as_bytes(), &halves("half-a"), b"\n"].concat();
    world.ok("alice", &["org", "succeed", "complete", "ans"], &typed);
    world.refused("alice", &["org", "succeed", "complete", "ans"], &typed, "other-founding", 3);
    world.ok("ben2", &["org", "attach", "--log", "ledger.db"], b"");
    assert_ne!(fingerprint(&world), before, "partners compare a new fingerprint");
    let members = world.ok("ben2", &["member", "list"], b"");
    for (name, by) in [("ben2", "alice"), ("alice", "ben2")] {
        let member = members.as_array().expect("members").iter().find(|m| m["name"] == name);
        let compared = member.expect("the member")["compared"].as_array().expect("comparisons");
        assert!(compared.iter().any(|c| c["by"] == by), "{by}'s comparison of {name}: {compared:?}");
    }
    world.ok("alice", &["member", "suspend", &old_ben, "--why", "stolen"], b"");
    world.refused("ben", &["org", "root", "key", "--half-out", "never"], b"", "suspended", 1);
    let change = text(&world.ok("alice", &["card", "propose"], b"")["change"]);
    world.ok("ben2", &["change", "confirm", &change], b"yes\n");
    world.ok("alice", &["card", "export", "--out", "card-2"], b"");
    let source = ["card", "pin", "card-2", "--source", "contract"];
    world.refused("partner", &source, before.as_bytes(), "fingerprint-differs", 3);
    world.ok("partner", &source, fingerprint(&world).as_bytes());
    world.ok("partner", &["card", "pin", "card-2"], b"");
    world.ok("ben2", &["ledger", "verify"], b"");
}
