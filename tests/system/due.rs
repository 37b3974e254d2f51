//! What waits for whom, and what happened unseen: lists, reminders, leak reports.

use std::slice;

use serde_json::{Value, json};

use crate::world::{REQUEST, World};

/// The kinds of what is due for somebody, most urgent first. The exit code says whether there is any.
fn due(world: &World, who: &str) -> Vec<String> {
    let out = world.run(who, &["due"], b"");
    let list: Value = serde_json::from_slice(&out.stdout).expect("one JSON document");
    let kinds: Vec<String> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| d["kind"].as_str().unwrap_or("").to_owned())
        .collect();
    assert_eq!(out.status.code(), Some(if kinds.is_empty() { 0 } else { 5 }), "cron can tell: {list}");
    for item in list.as_array().expect("a list") {
        let command = item["command"].as_str().unwrap_or("");
        assert!(command.starts_with("countersign "), "each has the command that does it: {item}");
    }
    kinds
}

#[test]
fn what_waits_for_me_stands_first_and_what_was_not_shown_is_unread() {
    let world = World::founded();
    assert_eq!(due(&world, "alice"), Vec::<String>::new(), "nothing is due in the beginning");
    let vetted = world.vetted(1, "orders").request;
    world.put(
        "second.toml",
        &std::fs::read_to_string(world.path("request-1.toml"))
            .expect("a form")
            .replace("Fabrikam", "Tailspin"),
    );
    world.ok("partner", &["request", "new", "--file", "second.toml", "--out", "second"], b"");
    let second =
        world.ok("alice", &["request", "import", "second"], b"")["id"].as_str().expect("an id").to_owned();

    let list = world.ok("ben", &["request", "list"], b"");
    let mine: Vec<_> = list.as_array().expect("a list").iter().map(|r| r["mine"].clone()).collect();
    assert_eq!(mine, [json!(true), json!(true)], "the second signature and the first one: Ben can give both");
    let of = |who: &str, words: &[&str]| -> Vec<String> {
        let list = world.ok(who, &[&["request", "list"], words].concat(), b"");
        let ids = list.as_array().expect("a list").iter().map(|r| r["id"].as_str().unwrap_or("").to_owned());
        ids.collect()
    };
    assert_eq!(
        of("alice", &["--waiting-for", "me"]),
        slice::from_ref(&second),
        "whoever vetted does not countersign"
    );
    assert_eq!(of("alice", &[]), [second.clone(), vetted.clone()], "what waits for me stands first");
    assert_eq!(of("alice", &["--waiting-for", "ben"]).len(), 2, "by name");
    assert_eq!(of("alice", &["--partner", "TAILSPIN"]), slice::from_ref(&second));
    assert_eq!(of("alice", &["--service", "orders/sandbox"]).len(), 2);
    assert_eq!(of("alice", &["--service", "orders/production"]).len(), 0);
    assert_eq!(of("alice", &["--state", "vetted"]), slice::from_ref(&vetted));
    assert_eq!(of("alice", &["--search", "tailspin orders"]), slice::from_ref(&second));

    assert_eq!(of("ben", &["--unread"]).len(), 2, "Ben was shown nothing yet");
    world.ok("ben", &["request", "show", &second], b"");
    assert_eq!(of("ben", &["--unread"]), slice::from_ref(&vetted), "shown is read");
    assert_eq!(of("alice", &["--unread"]).len(), 2, "by each member for themselves");
    std::fs::remove_file(world.path("alice/view.db")).expect("a view");
    assert_eq!(of("alice", &[]).len(), 2, "a lost view costs nothing but marks");
    // A policy touches everything: the lists are made anew, and the marks stay.
    world.put("tighter.toml", "rotations = 1\n");
    world.ok("ben", &["policy", "tighten", "tighter.toml"], b"");
    assert_eq!(of("ben", &["--unread"]), [vetted], "still");
    // What was vetted under the old policy leads to no key: it is to be vetted once more, by Alice too.
    assert_eq!(of("alice", &["--state", "received"]).len(), 2);
    assert_eq!(due(&world, "alice"), ["request", "request"]);
    assert_eq!(due(&world, "ben"), ["request", "request"]);
}

#[test]
fn an_exchange_reminds_whoever_has_the_next_step() {
    let world = World::founded();
    let key = world.issued(1);
    assert_eq!(due(&world, "ben"), ["delivery"], "the envelope waits at the desk that sealed it");
    assert_eq!(due(&world, "alice"), Vec::<String>::new(), "no other desk has it");
    world.ok("ben", &["envelope", "deliver", "--out", "e", "--secret-out", "s"], b"");
    assert_eq!(due(&world, "ben"), Vec::<String>::new(), "now it is the partner's turn, for some days");
    world.ok("partner", &["envelope", "open", "e", "--secret-file", "s"], b"");
    // Thirty days are asked for: the key reminds from the first day on, and its receipt was not written.
    assert_eq!(due(&world, "partner"), ["receipt", "key-ends"]);
    let next = world.ok("partner", &["request", "list"], b"")[0]["next"].as_str().unwrap_or("").to_owned();
    assert!(next.contains("envelope receipt"), "the partner's own list says it in words: {next}");
    world.ok("partner", &["envelope", "receipt", "--out", "r"], b"");
    assert_eq!(due(&world, "partner"), ["key-ends"], "a receipt that was written is not asked for again");
    world.ok("ben", &["request", "import", "r"], b"");
    assert_eq!(due(&world, "ben"), ["key-ends"]);

    // The renewal names the key; nobody has to know what a grant is.
    world.put("renewal.toml", &std::fs::read_to_string(world.path("request-1.toml")).expect("a form"));
    world.ok(
        "partner",
        &[
            "request",
            "new",
            "--file",
            "renewal.toml",
            "--renews",
            key.get(..8).expect("an id"),
            "--out",
            "renewal",
        ],
        b"",
    );
    world.ok("ben", &["request", "import", "renewal"], b"");
    assert_eq!(due(&world, "ben"), ["request"], "a renewal that is asked for is not reminded of");
    world
        .ok("partner", &["key", "list", "--expiring", "31"], b"")
        .as_array()
        .filter(|l| l.len() == 1)
        .expect("it ends within 31 days");
    assert_eq!(
        world.ok("partner", &["key", "list", "--expiring", "29"], b""),
        json!([]),
        "and not within 29"
    );
}

#[test]
fn a_leak_that_a_partner_reports_is_on_the_record_and_due_until_it_is_stopped() {
    let world = World::founded();
    let key = world.issued(1);
    world.ok("ben", &["envelope", "deliver", "--out", "e", "--secret-out", "s"], b"");
    world.ok("partner", &["envelope", "open", "e", "--secret-file", "s", "--receipt-out", "r"], b"");
    world.ok("ben", &["request", "import", "r"], b"");
    world.ok("partner", &["leak", "report", "--text", "It stood in a build log.", "--out", "report"], b"");
    let said = world.ok("alice", &["request", "import", "report"], b"");
    assert_eq!((&said["what"], &said["id"]), (&"leak-report".into(), &key.as_str().into()));
    world.refused("alice", &["request", "import", "report"], b"", "already-there", 1);

    let entries = world.ok("ben", &["ledger", "list"], b"");
    let last = entries.as_array().and_then(|l| l.last()).expect("entries");
    assert_eq!(
        (&last["event"], &last["by"]),
        (&"leak-reported".into(), &"alice".into()),
        "who recorded it is on the record"
    );
    assert!(
        !last["body"].to_string().contains("build log"),
        "the words are erasable, so they are not in the entry"
    );
    let report = &world.ok("ben", &["leak", "list"], b"")[0];
    assert_eq!(report["text"], "It stood in a build log.", "every desk can read them");
    assert_eq!(
        (&report["holder"], &report["keys"][0]["id"]),
        (&"Fabrikam Example".into(), &key.as_str().into())
    );
    assert!(world.ok("ben", &["key", "list"], b"")[0]["reported"].is_u64(), "the list of keys shows it");
    assert_eq!(due(&world, "ben")[0], "leak-report", "nothing is more urgent");
    assert_eq!(due(&world, "alice")[0], "leak-report", "for every desk that may stop it");

    world.ok("ben", &["key", "revoke", "--key", &key, "--reason", "leaked"], b"");
    assert!(!due(&world, "ben").contains(&"leak-report".to_owned()), "stopped and proven is done");
    world.ok("ben", &["ledger", "verify"], b"");
}

#[test]
fn changes_and_stops_wait_for_whoever_can_do_them() {
    let world = World::founded();
    world.put("wider.toml", "rotations = 5\n");
    world.ok("alice", &["policy", "propose", "wider.toml"], b"");
    assert_eq!(due(&world, "alice"), Vec::<String>::new(), "one's own proposal waits for another");
    assert_eq!(due(&world, "ben"), ["change"]);
    world.ok("ben", &["change", "confirm"], b"yes\n");
    assert_eq!(due(&world, "ben"), Vec::<String>::new(), "the only change need not be named");
    world.put("old.toml", "[[keys]]\npartner = \"Old Example\"\nservice = \"billing\"\nenvironment = \"sandbox\"\nsince = \"2025-01-31\"\nkey = \"old-key-of-before-0123456789\"\n");
    let key =
        world.ok("alice", &["key", "import", "old.toml"], b"")["keys"][0].as_str().expect("a key").to_owned();
    assert_eq!(due(&world, "ben"), ["legacy"]);
    assert_eq!(world.ok("ben", &["key", "list", "--legacy"], b"").as_array().map(Vec::len), Some(1));
    world.ok("ben", &["key", "revoke", "--key", &key, "--reason", "replaced"], b"");
    assert_eq!(due(&world, "alice"), ["stop"], "ordered by hand is not stopped");
}

#[test]
fn replaced_keys_want_a_new_card_and_letters_under_the_old_one_still_open() {
    let world = World::founded();
    world.put("form.toml", &REQUEST.replace("SERVICE", "orders"));
    world.ok("partner", &["request", "new", "form.toml", "--out", "before"], b"");
    world.ok("alice", &["org", "rekey"], b"");
    world.ok("ben", &["request", "import", "before"], b"");
    assert_eq!(due(&world, "ben"), ["request", "card"], "the card names a key that was replaced");
    world.two_admins(&["card", "propose"]);
    assert_eq!(due(&world, "ben"), ["request"]);
    world.ok("ben", &["card", "export", "--out", "newer.card"], b"");
    world.ok("partner", &["card", "pin", "newer.card", "--source", "mail"], b"");
    world.ok("partner", &["request", "new", "form.toml", "--out", "after"], b"");
    world.ok("ben", &["request", "import", "after"], b"");
    world.ok("alice", &["ledger", "verify"], b"");
}
