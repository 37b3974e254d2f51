//! Texts that deceive, networks that restrict nothing, lifetimes that are none: in every field that takes them.

use crate::{
    judge::{Still, case, heard, typed},
    stage::Stage,
    world::{REQUEST, World},
};

/// Texts that are refused in a line, with a word of the reason.
const DECEIVING: &[(&str, &str)] = &[
    ("Fabri\u{202e}kam", "reading direction"),
    ("Fabri\u{2067}kam", "reading direction"),
    ("Fabri\u{200f}kam", "reading direction"),
    ("Fabri\u{200b}kam", "invisible"),
    ("Fabri\u{feff}kam", "invisible"),
    ("Fabri\u{ad}kam", "invisible"),
    ("Fabri\u{e0041}kam", "invisible"),
    ("Fabri\u{1b}[31mkam", "control character"),
    ("Fabri\u{7}kam", "control character"),
    ("Fabri\u{9b}kam", "control character"),
    ("Fabri\u{2028}kam", "control character"),
    ("Fabri\u{a0}kam", "space"),
    ("Fabri  kam", "space"),
    ("Fabri\u{e000}kam", "private"),
    ("Fabrike\u{301}", "normal form"),
    ("Fabri\u{fff9}kam", "invisible"),
    ("a\u{316}\u{317}\u{318}\u{319}\u{31c}\u{31d}\u{31e}\u{31f}\u{320}", "invisible"),
    (" ", "empty"),
    ("", "empty"),
];

/// A slug, scope or other short name that only looks like one.
const LOOK_ALIKES: &[&str] =
    &["ord\u{435}rs", "Orders", "ord ers", "orders\u{200b}", "\u{ff4f}rders", "0rders", "-orders", ""];

fn soak() -> bool {
    std::env::var_os("COUNTERSIGN_SOAK").is_some()
}

/// All of a table in a soak; otherwise every third, beginning at another place for every field.
fn sample<T>(table: &'static [T], field: usize) -> impl Iterator<Item = &'static T> {
    let stride = if soak() { 1 } else { 5 };
    table.iter().skip(field % stride).step_by(stride)
}

/// A string as TOML spells it, with every character outside ASCII escaped: what an editor would hide.
fn toml(text: &str) -> String {
    let one = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        _ => format!("\\U{:08x}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(one).collect::<String>())
}

#[test]
fn deceiving_texts_and_values_out_of_bounds_are_refused_wherever_they_are_typed() {
    let stage = Stage::set();
    deceiving_text_is_refused_in_every_field_of_every_form_and_option(&stage);
    networks_lifetimes_scopes_and_names_are_judged_before_anything_is_signed(&stage);
    what_two_admins_would_sign_is_judged_before_it_is_proposed(&stage);
    options_that_make_no_sense_are_told_in_one_line(&stage);
}

fn deceiving_text_is_refused_in_every_field_of_every_form_and_option(stage: &Stage) {
    let world = &stage.world;
    let (id, key, member) = (stage.waiting.as_str(), stage.opened.as_str(), stage.member.as_str());
    let shown = world.ok("alice", &["request", "show", id], b"");
    let finding = shown["findings"][0]["code"].as_str().expect("a finding");
    let still = Still::of(world.dir.path());
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut judge = |who: &str, words: &[&str], reason: &str, world: &World| {
        count += 1;
        let name = format!("{who} {words:?}");
        match heard(&world.run(who, words, b""), &name) {
            Ok(said)
                if said.code == "text-not-accepted" && said.exit == Some(2) && said.line.contains(reason) => {
            }
            Ok(said) => wrong.push(format!("{name}: {} {:?} {}", said.code, said.exit, said.line)),
            Err(why) => wrong.push(why),
        }
    };
    let options: &[(&str, &[&str])] = &[
        ("alice", &["request", "ask", id, "--out", "out", "--text", "TEXT"]),
        ("alice", &["request", "decline", id, "--out", "out", "--reason", "TEXT"]),
        ("alice", &["request", "justify", id, finding, "--reason", "TEXT"]),
        ("alice", &["request", "answer", id, "who", "--note", "TEXT"]),
        ("alice", &["member", "suspend", member, "--why", "TEXT"]),
        ("alice", &["key", "confirm", key, "--evidence", "TEXT"]),
        ("partner", &["leak", "report", key, "--out", "out", "--text", "TEXT"]),
        ("carol", &["org", "found", "--out", "out", "--half-out", "half", "--name", "TEXT"]),
        ("eve", &["profile", "new", "--kind", "desk", "--slot", "key-file:eve.key", "--name", "TEXT"]),
    ];
    for (field, (who, words)) in options.iter().enumerate() {
        for (text, reason) in sample(DECEIVING, field) {
            // Prose may be on several lines and hold two spaces; a line of it deceives no more than that.
            if *text == "Fabri  kam" && *who != "carol" && *who != "eve" {
                continue;
            }
            let words: Vec<&str> = words.iter().map(|w| if *w == "TEXT" { *text } else { *w }).collect();
            judge(who, &words, reason, world);
        }
    }
    still.unchanged(world.dir.path(), "options");
    let fields = [
        "company",
        "person",
        "role",
        "email",
        "incident_contact",
        "why",
        "workflow",
        "usage",
        "data",
        "safeguards",
    ];
    for (at, field) in fields.iter().enumerate() {
        for (text, reason) in sample(DECEIVING, at) {
            if text.trim() != *text || (at >= 5 && *text == "Fabri  kam") {
                continue;
            }
            put_field(world, "bent.toml", field, &toml(text));
            judge("partner", &["request", "new", "bent.toml", "--out", "out"], reason, world);
        }
    }
    assert!(wrong.is_empty(), "{} of {count} went wrong:\n{}", wrong.len(), wrong.join("\n"));
    println!("deceiving text: {count} cases");
}

/// The request form with one field replaced.
fn put_field(world: &World, name: &str, field: &str, value: &str) {
    let form = REQUEST.replace("SERVICE", "orders");
    let lines = form.lines().map(|line| match line.split_once(" = ") {
        Some((found, _)) if found == field => format!("{field} = {value}"),
        _ => line.to_owned(),
    });
    world.put(name, &lines.collect::<Vec<_>>().join("\n"));
}

fn networks_lifetimes_scopes_and_names_are_judged_before_anything_is_signed(stage: &Stage) {
    let world = &stage.world;
    let mut cases = Vec::new();
    let mut files = Vec::new();
    let mut form = |field: &'static str, value: String, code: &'static str, exit: i32| {
        let name = format!("bent-{}.toml", files.len());
        put_field(world, &name, field, &value);
        files.push((name, code, exit));
    };
    for network in [
        "",
        "0.0.0.0/0",
        "::/0",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.1.0/24",
        "127.0.0.1",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "255.255.255.255",
        "0.0.0.0/8",
        "::1",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
        "::",
        "203.0.113.9/28",
        "203.0.113.0/33",
        "203.0.113.0/-1",
        "203.0.113/24",
        "203.0.113.0/024",
        "0203.0.113.0/24",
        "203.0.113.0 /24",
        "2001:db8::1/64",
        "example.com",
        "\u{ff12}03.0.113.0/24",
        "0.0.0.0/1",
        "::ffff:10.0.0.0/104",
        "::ffff:203.0.113.0/120",
    ] {
        form("networks", format!("[{}]", toml(network)), "network-not-accepted", 2);
    }
    for (days, code, exit) in [
        ("0", "lifetime-zero", 1),
        ("-1", "file-not-understood", 2),
        ("91", "lifetime-too-long", 1),
        ("9223372036854775807", "lifetime-too-long", 1),
        ("9223372036854775808", "lifetime-too-long", 1),
        ("99999999999999999999", "file-not-understood", 2),
        ("30.5", "file-not-understood", 2),
        ("\"30\"", "file-not-understood", 2),
    ] {
        form("days", days.to_owned(), code, exit);
    }
    for scope in ["[\"orders:erase\"]", "[\"orders:read\", \"orders:write\"]"] {
        form("scopes", scope.to_owned(), "unknown-scope", 1);
    }
    form("scopes", "[]".to_owned(), "nothing-granted", 1);
    form("scopes", "[\"ord\\u0435rs:read\"]".to_owned(), "text-not-accepted", 2);
    for name in LOOK_ALIKES {
        let unknown = name.is_empty();
        form("service", toml(name), "text-not-accepted", 2);
        if unknown {
            form("environment", toml("sandb\u{3bf}x"), "text-not-accepted", 2);
        }
    }
    form("service", toml("order"), "unknown-service", 1);
    form("environment", toml("production"), "unknown-environment", 1);
    form("email", toml("pat"), "value-not-accepted", 2);
    form("why", toml(&"a".repeat(100_000)), "text-not-accepted", 2);
    form("company", "12".to_owned(), "file-not-understood", 2);
    form("days", "30\ndays = 31".to_owned(), "file-not-understood", 2);
    form("days", "30\nsecret = \"x\"".to_owned(), "file-not-understood", 2);
    form("days", format!("30\nx = {}1{}", "[".repeat(10_000), "]".repeat(10_000)), "file-not-understood", 2);
    for (name, code, exit) in &files {
        cases.push(case("partner", &["request", "new", name, "--out", "out"], code, *exit));
    }
    let id = stage.waiting.as_str();
    for (words, code, exit) in [
        (&["--days", "0"][..], "lifetime-zero", 1),
        (&["--days", "31"], "beyond-request", 1),
        (&["--days", "-1"], "usage", 2),
        (&["--days", "1e3"], "usage", 2),
        (&["--scope", "orders:erase"], "beyond-request", 1),
        (&["--scope", "ord\u{435}rs:read"], "text-not-accepted", 2),
        (&["--network", "0.0.0.0/0"], "network-not-accepted", 2),
        (&["--network", "198.51.100.0/28"], "beyond-request", 1),
        (&["--network", "203.0.113.1/28"], "network-not-accepted", 2),
        (&[], "usage", 2),
    ] {
        let words: Vec<&str> = ["request", "narrow", id].iter().chain(words).copied().collect();
        cases.push(case("alice", &words, code, exit));
    }
    let count = cases.len();
    world.all_refused(&cases);
    println!("networks, lifetimes, names: {count} cases");
}

fn what_two_admins_would_sign_is_judged_before_it_is_proposed(stage: &Stage) {
    let world = &stage.world;
    let mut files: Vec<(String, &str, &str, i32)> = Vec::new();
    let mut file = |noun: &'static str, text: String, code: &'static str, exit: i32| {
        let name = format!("bent-{}.toml", files.len());
        world.put(&name, &text);
        files.push((name, noun, code, exit));
    };
    for text in [
        "quorum = 1",
        "quorum = 0",
        "quorum_production = 1",
        "longest_sandbox = 0",
        "envelope_days = 31",
        "envelope_days = 0",
        "approval_days = 0",
        "pace_keys = 0",
        "longest_production = 100000",
        "quorum = 9223372036854775807",
    ] {
        file("policy", text.to_owned(), "policy-not-accepted", 2);
    }
    for text in [
        "quorum = -1",
        "quorum = \"2\"",
        "quorums = 2",
        "checks = [\"luck\"]",
        "= 2",
        "quorum = 2\nquorum = 3",
        "quorum = 99999999999999999999",
    ] {
        file("policy", text.to_owned(), "file-not-understood", 2);
    }
    let catalogue = std::fs::read_to_string(world.path("catalogue.toml")).expect("a catalogue");
    for (from, to, code) in [
        ("id = \"orders\"", "id = \"ord\\u0435rs\"", "file-not-understood"),
        ("name = \"Orders\"", "name = \"Ord\\u202eers\"", "file-not-understood"),
        ("longest_days = 90", "longest_days = 0", "catalogue-not-accepted"),
        ("longest_days = 90", "longest_days = -90", "file-not-understood"),
        (
            "https://sandbox.northwind.example/orders",
            "http://sandbox.northwind.example/orders",
            "catalogue-not-accepted",
        ),
        ("https://sandbox.northwind.example/orders", "javascript:alert(1)", "catalogue-not-accepted"),
        ("id = \"billing\"", "id = \"orders\"", "catalogue-not-accepted"),
        ("/v1/orders/*", "/v1/../admin", "file-not-understood"),
        ("\"GET\"", "\"STEAL\"", "file-not-understood"),
        ("class = \"read\"", "class = \"all\"", "file-not-understood"),
    ] {
        let bent = catalogue.replacen(from, to, 1);
        assert_ne!(bent, catalogue, "{from} stands in the catalogue");
        file("catalogue", bent, code, 2);
    }
    for (text, code, exit) in [
        ("id = \"x\"\nkind = \"oracle\"", "file-not-understood", 2),
        ("id = \"\"\nkind = \"manual\"", "file-not-understood", 2),
        ("id = \"x\"\nkind = \"hash-file\"", "value-not-accepted", 2),
    ] {
        file("issuer", text.to_owned(), code, exit);
    }
    let cases: Vec<_> = files
        .iter()
        .map(|(name, noun, code, exit)| case("alice", &[noun, "propose", name], code, *exit))
        .collect();
    world.all_refused(&cases);
    println!("policies, catalogues, issuers: {} cases", cases.len());
}

fn options_that_make_no_sense_are_told_in_one_line(stage: &Stage) {
    let world = &stage.world;
    let (id, key) = (stage.waiting.as_str(), stage.opened.as_str());
    let (long, zeros) = ("x".repeat(120_000), "0".repeat(64));
    let short = b"12345\n";
    let letters = b"hello there, these are no digits at all, not even one of them....\n";
    let wrong = b"11111 22222 33333 44444 55555 66666 77777\n";
    let cases = [
        case("alice", &["no-such-noun"], "usage", 2),
        case("alice", &["request", "no-such-verb"], "usage", 2),
        case("alice", &["request", "show"], "ambiguous", 2),
        case("alice", &["request", "show", id, "--what"], "usage", 2),
        case("alice", &["request", "show", ""], "not-found", 2),
        case("alice", &["request", "show", "zzzz"], "not-found", 2),
        case("alice", &["request", "show", "\u{1b}[31m"], "not-found", 2),
        case("alice", &["request", "show", &long], "not-found", 2),
        case("alice", &[&long], "usage", 2),
        case("alice", &["\u{1b}]0;title\u{7}"], "usage", 2),
        case("alice", &["member", "propose", "identity", "--rights", "everything"], "usage", 2),
        case("alice", &["key", "revoke", "--reason", "leaked"], "usage", 2),
        case("alice", &["key", "revoke", "--key", key, "--reason", "boredom"], "usage", 2),
        case("alice", &["key", "revoke", "--key", "zzz", "--reason", "leaked"], "not-found", 2),
        case("alice", &["change", "confirm", "00", "--digest", "12"], "not-found", 2),
        case("ben", &["request", "countersign", id, "--grant", "12"], "not-vetted", 1),
        case("alice", &["ledger", "prove", "99999999", "--out", "out"], "not-found", 2),
        case("alice", &["ledger", "prove", "-1", "--out", "out"], "usage", 2),
        case("alice", &["ledger", "list", "--limit", "4294967296"], "usage", 2),
        case("alice", &["blob", "erase", "12", "--why", "x"], "usage", 2),
        case("alice", &["blob", "erase", &zeros, "--why", "x"], "already-there", 1),
        case("alice", &["card", "propose", "--relay", "http://keys.example.com"], "value-not-accepted", 2),
        case("alice", &["key", "issue", id, "--key-file", "s", "--key-stdin"], "usage", 2),
        case("ben", &["key", "issue", &stage.manual], "issuer-needs-key", 2),
        typed("ben", &["key", "issue", &stage.manual, "--key-stdin"], b"", "usage", 2),
        typed("ben", &["key", "issue", &stage.manual, "--key-stdin"], b"short", "usage", 2),
        typed(
            "ben",
            &["key", "issue", &stage.manual, "--key-stdin"],
            b"two words are no key at all",
            "usage",
            2,
        ),
        typed("alice", &["identity", "check", id, "--channel", "phone", "--source", "x"], b"", "no-input", 2),
        typed(
            "alice",
            &["identity", "check", id, "--channel", "phone", "--source", "x"],
            short,
            "fingerprint-incomplete",
            2,
        ),
        typed(
            "alice",
            &["identity", "check", id, "--channel", "phone", "--source", "x"],
            letters,
            "fingerprint-incomplete",
            2,
        ),
        typed(
            "alice",
            &["identity", "check", id, "--channel", "phone", "--source", "x"],
            &[0xff; 5000],
            "no-input",
            2,
        ),
        case("alice", &["identity", "check", id, "--channel", "pigeon", "--source", "x"], "usage", 2),
        case(
            "partner",
            &["envelope", "open", "e-new", "--secret-file", "s-new", "--dotenv", "a", "--compose", "a"],
            "usage",
            2,
        ),
        case(
            "partner",
            &["envelope", "open", "e-new", "--secret-file", "s-new", "--compose", "a", "--name", "1=2"],
            "value-not-accepted",
            2,
        ),
        case("ben", &["envelope", "deliver", key, "--out", "x", "--secret-out", "x"], "usage", 2),
        case(
            "ben",
            &["envelope", "deliver", key, "--out", "x", "--secret-out", "y", "--qr-dir", "nowhere"],
            "file-missing",
            2,
        ),
        case("partner", &["run", "--", "./no-such-program"], "not-started", 4),
        case(
            "partner",
            &["request", "new", "request-1.toml", "--out", "out", "--organisation", "zzz"],
            "not-found",
            2,
        ),
        case("alice", &["man", "--out", "nowhere"], "file-missing", 2),
    ];
    world.all_refused(&cases);
    println!("options: {} cases", cases.len());
    // A complete fingerprint that differs is the one failure that leaves a trace, and is meant to.
    let entries = || world.ok("alice", &["org", "show"], b"")["entries"].as_u64().expect("a count");
    let before = entries();
    let words = ["identity", "check", id, "--channel", "phone", "--source", "x"];
    world.refused("alice", &words, wrong, "fingerprint-differs", 3);
    assert_eq!(entries(), before + 1, "that it differed is on the record");
}
