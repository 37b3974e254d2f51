//! What people see before they sign or trust, and what they are told to do next: at a terminal, word for word.

use std::fs;

use serde_json::Value;

use crate::world::{UNATTENDED, World, feed, program};

/// Runs a command as somebody, without saying for them that a program types.
fn bare(world: &World, who: &str, words: &[&str], input: &[u8]) -> (Value, Option<i32>) {
    let mut command = std::process::Command::new(program());
    command.args(world.args(who, words).iter().filter(|a| *a != UNATTENDED)).current_dir(world.dir.path());
    let out = feed(command, input);
    (serde_json::from_slice(&out.stdout).unwrap_or_default(), out.status.code())
}

fn entries(world: &World) -> u64 {
    world.ok("alice", &["org", "show"], b"")["entries"].as_u64().expect("a count")
}

#[test]
fn the_second_admin_sees_what_a_scope_would_open_and_where() {
    let world = World::founded();
    let catalogue = fs::read_to_string(world.path("catalogue.toml")).expect("a catalogue");
    let bent = catalogue
        .replacen("methods = [\"GET\"], path = \"/v1/orders/*\"", "methods = [\"DELETE\"], path = \"/*\"", 1)
        .replacen("https://sandbox.northwind.example/orders", "https://elsewhere.example/orders", 1);
    assert_ne!(bent, catalogue, "the catalogue has both");
    world.put("bent.toml", &bent);
    world.ok("alice", &["catalogue", "propose", "bent.toml"], b"");
    let screen = world.typed("ben", &["change", "confirm"], &["no"]);
    assert_eq!(screen.code, 1, "not confirmed: {}", screen.text);
    let text = screen.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for seen in [
        "WOULD CHANGE",
        "DELETE /*",
        "until now: GET /v1/orders/*",
        "https://elsewhere.example/orders",
        "until now: https://sandbox.northwind.example/orders",
        "STAYS AS IT IS",
        "Digest:",
    ] {
        assert!(text.contains(seen), "{seen}: {text}");
    }
    let shown = world.ok("ben", &["change", "show"], b"");
    let fields = shown["fields"].as_array().expect("fields");
    assert!(fields.iter().any(|f| f["name"] == "scope-opens" && f["before"] != f["after"]), "{shown}");
}

#[test]
fn a_second_signer_reads_all_of_the_grant_before_signing() {
    let world = World::founded();
    let request = world.vetted(1, "orders").request;
    let screen = world.typed("ben", &["request", "countersign", &request], &["no"]);
    let text = screen.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for seen in
        ["Fabrikam Example", "GET /v1/orders/*", "203.0.113.0/28", "Sealed to key:", "Request, digest:"]
    {
        assert!(text.contains(seen), "{seen}: {text}");
    }
    let show = world.typed("ben", &["request", "show", &request], &[]);
    assert!(show.text.contains("WHAT IS SIGNED"), "show is enough for --grant: {}", show.text);
    assert!(show.text.contains("Sponsor:"), "{}", show.text);
}

#[test]
fn a_fingerprint_from_a_pipe_is_taken_only_where_that_is_said_and_is_marked() {
    let world = World::founded();
    world.profile("other", "inbox");
    world.profile("carol", "desk");
    world.ok("carol", &["profile", "card", "--out", "carol.card"], b"");
    let organisation =
        world.ok("alice", &["org", "show"], b"")["fingerprint"].as_str().expect("digits").to_owned();
    let (before, carol) = (entries(&world), world.digits("carol"));
    let pin = ["card", "pin", "card", "--source", "contract"];
    let propose = ["member", "propose", "carol.card", "--rights", "vet"];
    let answer = ["org", "answer", "offer", "--out", "a-2", "--half-out", "h-2"];
    for (who, words, typed) in [
        ("other", &pin[..], organisation.as_bytes()),
        ("alice", &propose[..], carol.as_bytes()),
        ("carol", &answer[..], organisation.as_bytes()),
    ] {
        let (said, code) = bare(&world, who, words, typed);
        assert_eq!(
            (said["error"]["code"].as_str(), code),
            (Some("unattended"), Some(1)),
            "{words:?}: {said}"
        );
    }
    assert_eq!(entries(&world), before, "nothing was recorded");
    assert_eq!(world.ok("other", &["card", "list"], b""), serde_json::json!([]), "nobody is pinned");
    assert!(!world.path("a-2").exists(), "nothing was signed");
    assert_eq!(world.ok("alice", &propose, carol.as_bytes())["attended"], false, "marked");
    let screen = world.typed("other", &pin, &[organisation.trim()]);
    assert_eq!(screen.code, 0, "a terminal needs no word more: {}", screen.text);
    assert!(!screen.text.contains("unattended"), "and is attended: {}", screen.text);
}

#[test]
fn an_issuer_that_could_make_no_key_is_told_before_anybody_signs() {
    let world = World::founded();
    let before = entries(&world);
    let form = |location: &str| {
        format!("id = \"g2\"\nkind = \"hash-file\"\nprefix = \"nw\"\nlocation = \"{location}\"\n")
    };
    world.put("missing.toml", &form(&world.path("no/such/folder/keys.hashes").display().to_string()));
    world.put("relative.toml", &form("gateway/keys.hashes"));
    world.refused("alice", &["issuer", "propose", "missing.toml"], b"", "issuer-not-there", 4);
    world.refused("alice", &["issuer", "propose", "relative.toml"], b"", "value-not-accepted", 2);
    assert_eq!(entries(&world), before, "nothing was proposed");
}

#[test]
fn two_calls_of_one_person_are_one_person_and_the_other_is_told_to_call() {
    let world = World::founded();
    world.put("two.toml", "calls_sandbox = 2\n");
    world.ok("alice", &["policy", "tighten", "two.toml"], b"");
    world.put("request.toml", &crate::world::REQUEST.replace("SERVICE", "orders"));
    world.ok("partner", &["request", "new", "request.toml", "--out", "letter"], b"");
    let request =
        world.ok("alice", &["request", "import", "letter"], b"")["id"].as_str().expect("an id").to_owned();
    let call = ["identity", "check", &request, "--channel", "phone", "--source", "contract"];
    let digits = world.digits("partner");
    let show = |who: &str| {
        let screen = world.typed(who, &["request", "show", &request], &[]);
        screen.text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let due = |who: &str| world.run(who, &["due"], b"");
    let says = |who: &str| String::from_utf8_lossy(&due(who).stdout).into_owned();
    assert!(
        says("ben").contains("before it for your call"),
        "ben is told before anybody called: {}",
        says("ben")
    );
    world.ok("alice", &call, digits.as_bytes());
    world.run("alice", &call, digits.as_bytes());
    for check in ["who", "why", "scope", "protection"] {
        world.ok("alice", &["request", "answer", &request, check, "--note", "in order"], b"");
    }
    let text = show("alice");
    assert!(text.contains("1 of 2 persons"), "counted by person: {text}");
    assert!(text.contains("A call by another person is missing: ben"), "and who it is: {text}");
    assert!(!text.contains("countersign request vet"), "what would be refused is not advised: {text}");
    assert!(show("ben").contains("countersign identity check"), "ben is shown the command");
    assert!(says("ben").contains("your call"), "and due says so: {}", says("ben"));
    assert!(says("alice").contains("a call by ben"), "alice waits for it: {}", says("alice"));
    let early = world.typed("alice", &["request", "vet", &request], &[]);
    assert_eq!(early.code, 1, "refused: {}", early.text);
    assert!(!early.text.contains("Type yes"), "before anybody is asked to read: {}", early.text);
    world.ok("ben", &call, digits.as_bytes());
    assert!(show("alice").contains("countersign request vet"), "now it is her turn");
    world.ok("alice", &["request", "vet", &request, "--yes"], b"");
}

#[test]
fn key_finish_completes_what_an_issuer_that_was_away_interrupted() {
    let world = World::founded();
    fs::create_dir(world.path("gate")).expect("a folder");
    let text = fs::read_to_string(world.path("gateway.toml")).expect("an issuer");
    world.put("gateway.toml", &text.replace("keys.hashes", "gate/keys.hashes"));
    world.two_admins(&["issuer", "propose", "gateway.toml"]);
    let request = world.countersigned(1, "orders").request;
    fs::rename(world.path("gate"), world.path("gone")).expect("away");
    world.refused("ben", &["key", "issue", &request], b"", "issuer", 4);
    let still = world.ok("ben", &["key", "finish"], b"");
    assert_eq!(still["unfinished"].as_array().map(Vec::len), Some(1), "not yet: {still}");
    fs::rename(world.path("gone"), world.path("gate")).expect("back");
    let done = world.ok("ben", &["key", "finish"], b"");
    assert_eq!(done["made"].as_array().map(Vec::len), Some(1), "completed: {done}");
    let keys = world.ok("ben", &["key", "list"], b"");
    assert_eq!(
        (keys.as_array().map(Vec::len), &keys[0]["state"]),
        (Some(1), &Value::from("sealed")),
        "one key"
    );
}

#[test]
fn codes_stand_in_a_terminal_unbroken_or_nothing_is_released() {
    let world = World::founded();
    let key = world.issued(1);
    let deliver = ["envelope", "deliver", &key, "--out", "e", "--secret-out", "s", "--qr-terminal"];
    world.refused("ben", &deliver, b"", "no-room-for-codes", 2);
    assert_eq!(world.ok("ben", &["key", "show", &key], b"")["state"], "sealed", "nothing was released");
    assert!(!world.path("e").exists(), "and nothing was written");
    let screen = world.typed("ben", &deliver, &[]);
    assert_eq!(screen.code, 0, "{}", screen.text);
    let blocks = |line: &&str| line.contains('█');
    let lines: Vec<usize> =
        screen.text.lines().map(str::trim_end).filter(blocks).map(|l| l.chars().count()).collect();
    assert!(lines.len() > 100, "several codes: {}", lines.len());
    assert!(lines.iter().all(|width| *width <= 80), "no line is broken: {lines:?}");
}

#[test]
fn a_partner_is_told_what_to_use_instead_of_a_desks_commands() {
    let world = World::founded();
    for words in [&["request", "show"][..], &["key", "show", "abc"], &["org", "show"], &["member", "list"]] {
        world.refused("partner", words, b"", "wrong-profile", 2);
    }
    let out = world.run("partner", &["org", "show"], b"");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains("'request list'") && !said.contains("org complete"), "{said}");
    world.profile("carol", "desk");
    let out = world.run("carol", &["org", "show"], b"");
    assert!(String::from_utf8_lossy(&out.stderr).contains("org attach"), "a new desk is told to attach");
}

#[test]
fn a_receipt_takes_the_form_of_its_file_and_evidence_is_judged_whole() {
    let world = World::founded();
    let key = world.issued(1);
    world.ok("ben", &["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"], b"");
    let open =
        ["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "receipt.txt"];
    world.ok("partner", &open, b"");
    let text = fs::read_to_string(world.path("receipt.txt")).expect("a receipt that is text");
    assert!(text.is_ascii() && text.contains("-----BEGIN"), "to be pasted into a mail: {text}");
    world.ok("ben", &["request", "import", "receipt.txt"], b"");
    world.ok("alice", &["ledger", "prove", "0", "--out", "evidence"], b"");
    world.ok("partner", &["ledger", "check", "evidence"], b"");
    let good = fs::read_to_string(world.path("evidence")).expect("evidence");
    world.put("other-format", &good.replace("countersign-evidence-v1", "countersign-evidence-v9"));
    world.put("more", &good.replacen('{', "{\"note\": \"all keys were proven\",", 1));
    world.refused("partner", &["ledger", "check", "other-format"], b"", "value-not-accepted", 2);
    world.refused("partner", &["ledger", "check", "more"], b"", "file-not-understood", 2);
}
