//! A document that an entry names is missed when it is gone, whatever the entry is.

use super::{Database, Rows, sql};
use crate::world::{World, restore, save};

/// A ledger in which every kind of event that names a document stands, and what entry names which document.
fn full() -> World {
    let world = World::founded();
    // Received, answered with a note and with a file, justified, and answered to the partner.
    let key = world.issued(1);
    world.put("policy-2.toml", "weights = [{ finding = 'live-key', severity = 'blocking' }]\n");
    world.two_admins(&["policy", "propose", "policy-2.toml"]);
    let request = world.arrived(2, "orders");
    world.put("evidence.txt", "seen\n");
    let note = ["request", "answer", &request, "who", "--note", "called", "--file", "evidence.txt"];
    world.ok("alice", &note, b"");
    world.ok("alice", &["request", "justify", &request, "live-key", "--reason", "a second service"], b"");
    world.ok("alice", &["request", "decline", &request, "--reason", "not now", "--out", "no"], b"");
    // A leak that the holder reports.
    world.ok("ben", &["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"], b"");
    let open = ["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "r"];
    world.ok("partner", &open, b"");
    world.ok("ben", &["request", "import", "r"], b"");
    world.ok("partner", &["leak", "report", &key, "--text", "It stood in a log.", "--out", "notice"], b"");
    world.ok("ben", &["request", "import", "notice"], b"");
    // A key from before, stopped by hand with evidence.
    world.put(
        "old.toml",
        "[[keys]]\npartner = 'Tailspin'\nservice = 'orders'\nenvironment = 'sandbox'\nsince = '2024-03-01'\nkey = 'old-key-number-three'\n",
    );
    let old = world.ok("alice", &["key", "import", "old.toml"], b"")["keys"][0].clone();
    let old = old.as_str().expect("a key").to_owned();
    world.ok("alice", &["key", "revoke", "--key", &old, "--reason", "ended"], b"");
    world.ok("ben", &["key", "confirm", &old, "--evidence", "Deleted in the console."], b"");
    // A member who came later, and a root by the two halves on paper.
    world.profile("carol", "desk");
    world.ok("carol", &["profile", "card", "--out", "carol.card"], b"");
    let digits = world.digits("carol");
    let joins = world.ok("alice", &["member", "propose", "carol.card", "--rights", "vet"], digits.as_bytes());
    world.ok("ben", &["change", "confirm", joins["change"].as_str().expect("a change")], b"yes\n");
    succeeded(&world);
    world
}

fn succeeded(world: &World) {
    world.profile("ben2", "desk");
    let begin = ["org", "succeed", "begin", "--half", "half-a", "--out", "offer-2", "--half-out", "half-a2"];
    world.ok("alice", &begin, b"");
    let digits = world.digits("alice");
    let answer = [
        "org",
        "succeed",
        "answer",
        "offer-2",
        "--half",
        "half-b",
        "--out",
        "answer-2",
        "--half-out",
        "half-b2",
    ];
    world.ok("ben2", &answer, digits.as_bytes());
    let (digits, half) = (world.digits("ben2"), std::fs::read(world.path("half-a")).expect("a half"));
    let typed = [digits.as_bytes(), &half, b"\n"];
    world.ok("alice", &["org", "succeed", "complete", "answer-2"], &typed.concat());
}

#[test]
fn every_document_that_an_entry_names_is_missed_when_it_is_gone() {
    let world = full();
    let entries = world.ok("ben", &["ledger", "list"], b"");
    let entries = entries.as_array().expect("entries");
    let ledger = world.path("ledger.db");
    let saved = save(&world);
    let mut db = Database::open(&ledger).expect("the ledger");
    let names = db.quoted("SELECT lower(hex(name)) FROM document ORDER BY id").expect("names");
    db.close();
    let mut missed = Vec::new();
    for name in names {
        // The first entry that says this name: found without the program's own list of what names what.
        let says = |body: Option<&str>| body.is_some_and(|body| body.to_lowercase().contains(&name));
        let Some(seq) = entries.iter().position(|e| says(e["body"].as_str())) else { continue };
        let event = entries[seq]["event"].as_str().unwrap_or_default().to_owned();
        // Letters with shared keys are replaced whenever keys are shared again: no entry rests on them.
        if ["keys-shared", "keys-replaced"].contains(&event.as_str()) {
            continue;
        }
        sql(&ledger, &[format!("DELETE FROM document WHERE name = X'{name}'")]);
        let out = world.run("ben", &["ledger", "verify"], b"");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        let named = format!("the first bad entry is {seq}: ");
        assert!(
            out.status.code() == Some(3) && said.contains(&named),
            "{event}: entry {seq} is named: {said}"
        );
        missed.push(event);
        restore(&world, &saved);
    }
    missed.sort_unstable();
    missed.dedup();
    let all = [
        "change-proposed",
        "check-answered",
        "finding-justified",
        "founded",
        "keys-imported",
        "leak-reported",
        "partner-answered",
        "request-received",
        "root-succeeded",
        "stop-confirmed",
    ];
    assert_eq!(missed, all, "every kind of event that names a document was tried");
    assert!(Rows::of_log(&ledger, None).is_some(), "the ledger is as it was");
    world.ok("ben", &["ledger", "verify"], b"");
}
