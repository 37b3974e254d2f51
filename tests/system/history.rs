//! What stands behind an answer can be looked at by the next person, and a request tells what became of it.

use crate::world::World;

#[test]
fn a_file_behind_an_answer_comes_back_as_it_was_and_the_history_names_each_step() {
    let world = World::founded();
    let id = world.vetted(1, "orders").request;
    let file = b"Entry 4711 of the register.\r\n\0 and bytes that are no text \xff";
    std::fs::write(world.path("register.bin"), file).expect("a file");
    world.ok(
        "alice",
        &["request", "answer", &id, "who", "--note", "In the register.", "--file", "register.bin"],
        b"",
    );

    let shown = world.ok("ben", &["request", "show", &id], b"");
    let who = &shown["checks"].as_array().expect("checks")[0];
    assert_eq!((&who["check"], &who["notes"][0]), (&"who".into(), &"In the register.".into()));
    assert_eq!(
        (&who["files"][0]["name"], &who["files"][0]["bytes"]),
        (&"register.bin".into(), &file.len().into())
    );
    let digest = who["files"][0]["digest"].as_str().expect("a digest");
    world.ok(
        "ben",
        &["request", "evidence", &id, digest.get(..10).expect("a digest"), "--out", "seen.bin"],
        b"",
    );
    assert_eq!(std::fs::read(world.path("seen.bin")).expect("a file"), file);
    world.refused("ben", &["request", "evidence", &id, digest, "--out", "seen.bin"], b"", "file-exists", 2);
    world.refused("ben", &["request", "evidence", &id, "00", "--out", "other"], b"", "not-found", 2);
    world.refused("ben", &["request", "evidence", &id, "", "--out", "other"], b"", "not-found", 2);
    assert!(!world.path("other").exists(), "what was refused leaves no trace");

    let steps = shown["history"].as_array().expect("a history");
    let events: Vec<&str> = steps.iter().filter_map(|step| step["event"].as_str()).collect();
    assert_eq!(events.first(), Some(&"request-received"));
    assert_eq!(
        events[events.len() - 2..],
        ["vetted", "check-answered"],
        "and an answer after it, which voids it"
    );
    let last = &steps[steps.len() - 1];
    assert_eq!(
        (&last["by"], &last["subject"], &last["passed"]),
        (&"alice".into(), &"who".into(), &true.into())
    );

    // Another desk tells the same from nothing but the ledger, and a revision does not begin a new history.
    std::fs::remove_file(world.path("ben/view.db")).expect("a view");
    assert_eq!(world.ok("ben", &["request", "show", &id], b"")["history"], shown["history"]);
}
