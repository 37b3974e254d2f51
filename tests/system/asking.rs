//! Asking for a key at a terminal: judged at once, shown before it is signed, and no trace of whoever leaves.

use crate::world::{Saved, World, save};

/// Good answers to every question, in order.
const ANSWERS: [&str; 15] = [
    "1",
    "1",
    "1",
    "203.0.113.0/28",
    "30",
    "Orders are to reach our warehouse without anybody typing them.",
    "Every five minutes a job reads new orders.",
    "One reader, twelve calls an hour.",
    "Order numbers and articles, no personal data.",
    "The key lies in a secret store; two people can read it.",
    "Fabrikam Example",
    "Pat Example",
    "Integration lead",
    "pat@fabrikam.example",
    "duty@fabrikam.example",
];

/// Without the breaks between lines.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn with(ending: &[&'static str]) -> Vec<&'static str> {
    [&ANSWERS, ending].concat()
}

#[test]
fn a_request_is_asked_for_shown_signed_and_arrives_as_it_was_shown() {
    let world = World::founded();
    let screen = world.typed("partner", &["request", "new"], &with(&["yes", "asked.letter"]));
    assert_eq!(screen.code, 0, "{}", screen.text);
    for offered in ["Orders (orders)", "sandbox", "at most 90 days", "orders:read (read): GET /v1/orders/*"] {
        assert!(
            words(&screen.text).contains(offered),
            "the catalogue is offered, with {offered}: {}",
            screen.text
        );
    }
    let shown =
        screen.text.split("This is what you would sign:").nth(1).expect("it is shown before it is signed");
    for answer in [
        "203.0.113.0/28",
        "Fabrikam Example",
        "Pat Example, Integration lead",
        "Every five minutes a job reads new orders.",
    ] {
        assert!(words(shown).contains(answer), "{answer} is shown: {shown}");
    }
    assert!(
        screen.text.lines().all(|l| l.chars().count() <= 80 || l.contains(": ")),
        "no line but a prompt is wider than the terminal"
    );
    let id = world.ok("alice", &["request", "import", "asked.letter"], b"")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let detail = world.ok("alice", &["request", "show", &id], b"");
    assert_eq!(detail["applicant"][0][1], "Fabrikam Example", "the desk sees what was answered");
    assert_eq!(detail["purpose"][1][1], ANSWERS[6]);
    assert_eq!((&detail["granted_days"], &detail["networks"][0]), (&30.into(), &"203.0.113.0/28".into()));
}

#[test]
fn a_wrong_answer_is_refused_at_once_in_a_sentence_and_asked_again() {
    let world = World::founded();
    let mut answers = Vec::new();
    for (at, answer) in ANSWERS.iter().enumerate() {
        let wrong: &[&str] = match at {
            0 => &["0", "3", "orders2", "?"],
            1 => &["production"],
            2 => &["9", "1,9", "orders:erase"],
            3 => &["203.0.113.9/28", "10.0.0.0/8", "0.0.0.0/0", "somewhere"],
            4 => &["0", "-3", "91", "many", "99999999999999999999999"],
            5 => &["", "   ", "paint\u{1b}[31mred", "turn\u{202e}ed", "in\u{200b}visible"],
            10 => &["Fabri\u{1b}]0;title\u{7}kam", "two  spaces"],
            13 => &["pat", "pat@localhost", "p at@fabrikam.example"],
            _ => &[],
        };
        answers.extend_from_slice(wrong);
        answers.push(answer);
    }
    answers.extend(["maybe", "yes", "card", "asked.letter"]);
    let screen = world.typed("partner", &["request", "new"], &answers);
    assert_eq!(screen.code, 0, "{}", screen.text);
    for said in [
        "Choose a number from 1 to 2.",
        "There is only number 1.",
        "is private",
        "longer than the catalogue or the policy",
        "That is no whole number of days.",
        "it is empty",
        "it holds a control character",
        "turns the reading direction",
        "an invisible character",
        "does not look like an address",
        "nothing is overwritten",
    ] {
        assert!(words(&screen.text).contains(said), "somebody is told: {said}: {}", screen.text);
    }
    // What a terminal echoes is written ^[; the program itself never sends the byte.
    assert!(!screen.text.contains('\u{1b}'), "nothing that was typed steers the terminal");
}

#[test]
fn whoever_leaves_leaves_no_trace() {
    let world = World::founded();
    let before = save(&world);
    // Beside its files SQLite keeps two of its own, and moves what was written long before from one into the other.
    let settled = |path: &std::path::Path| !path.to_string_lossy().contains("partner/vault.db");
    let unchanged = |how: &str| {
        let now = save(&world);
        let names =
            |list: &Saved| list.iter().map(|f| f.0.clone()).filter(|p| settled(p)).collect::<Vec<_>>();
        assert_eq!(names(&now), names(&before), "{how}: no file came or went");
        for (path, bytes) in now.iter().filter(|(path, _)| settled(path)) {
            assert!(
                before.iter().any(|(p, b)| p == path && b == bytes),
                "{how}: {} is as it was",
                path.display()
            );
        }
        for answer in &ANSWERS[5..] {
            let kept =
                now.iter().find(|(_, bytes)| bytes.windows(answer.len()).any(|w| w == answer.as_bytes()));
            assert!(kept.is_none(), "{how}: no answer lies in {:?}", kept.map(|k| &k.0));
        }
        assert_eq!(
            world.ok("partner", &["request", "list"], b""),
            serde_json::json!([]),
            "{how}: no request"
        );
    };
    for at in [0, 4, 8, 14] {
        let mut answers = ANSWERS[..at].to_vec();
        answers.push("^C");
        let screen = world.typed("partner", &["request", "new"], &answers);
        assert_eq!(screen.code, -2, "Ctrl-C ends it: {}", screen.text);
        unchanged("Ctrl-C");
        let mut answers = ANSWERS[..at].to_vec();
        answers.push("^D");
        let screen = world.typed("partner", &["request", "new"], &answers);
        assert_eq!(screen.code, 1, "the end of input ends it: {}", screen.text);
        assert!(screen.text.contains("nothing is kept"), "and says so: {}", screen.text);
        unchanged("end of input");
    }
    for ending in ["no", "^D", "^C"] {
        let screen = world.typed("partner", &["request", "new"], &with(&[ending]));
        assert_ne!(screen.code, 0, "nothing was sent");
        unchanged(ending);
    }
    assert_eq!(
        world.ok("partner", &["request", "list"], b""),
        serde_json::json!([]),
        "no request is remembered"
    );
}

#[test]
fn a_draft_is_kept_in_a_file_and_used_later() {
    let world = World::founded();
    let screen = world.typed("partner", &["request", "new"], &with(&["save", "draft.toml"]));
    assert_eq!(screen.code, 0, "{}", screen.text);
    assert_eq!(world.ok("partner", &["request", "list"], b""), serde_json::json!([]), "nothing was signed");
    // Every answer is kept with Enter, but for the lifetime.
    let mut answers = [""; ANSWERS.len()];
    answers[4] = "20";
    let ending = ["yes", ""];
    let screen = world.typed(
        "partner",
        &["request", "new", "--file", "draft.toml", "--edit"],
        &[answers.as_slice(), &ending].concat(),
    );
    assert_eq!(screen.code, 0, "{}", screen.text);
    let id = world.ok("alice", &["request", "import", "request.letter"], b"")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let detail = world.ok("alice", &["request", "show"], b"");
    assert_eq!(detail["summary"]["id"], id.as_str(), "the only request need not be named");
    assert_eq!(
        (&detail["granted_days"], &detail["applicant"][0][1]),
        (&20.into(), &"Fabrikam Example".into())
    );
    world.ok("partner", &["request", "new", "--file", "draft.toml", "--out", "second.letter"], b"");
    // A revision begins with what was answered before.
    world.ok("alice", &["request", "ask", &id, "--text", "Ten days will do.", "--out", "reply"], b"");
    world.ok("partner", &["request", "read", "reply"], b"");
    answers[4] = "10";
    let screen = world.typed(
        "partner",
        &["request", "revise", &id, "--out", "revised"],
        &[answers.as_slice(), &["yes"]].concat(),
    );
    assert_eq!(screen.code, 0, "{}", screen.text);
    world.ok("alice", &["request", "import", "revised"], b"");
    let detail = world.ok("alice", &["request", "show", &id], b"");
    assert_eq!(detail["granted_days"], 10);
}

#[test]
fn without_a_terminal_nothing_is_asked_and_the_way_is_told() {
    let world = World::founded();
    world.refused("partner", &["request", "new"], b"1\n1\n1\n", "usage", 2);
    world.refused("partner", &["request", "new", "--out", "letter"], b"", "usage", 2);
    let out = world.run("partner", &["request", "new"], b"");
    assert!(
        String::from_utf8_lossy(&out.stderr).contains("request template --out"),
        "what to do instead is told"
    );
    world.refused("partner", &["request", "revise", "x"], b"", "usage", 2);
}

#[test]
fn a_fingerprint_is_read_as_digits_or_as_words() {
    let world = World::founded();
    let mine = world.ok("partner", &["identity", "show"], b"");
    let words = mine["words"].as_str().expect("words").to_owned();
    assert_eq!(words.split(' ').count(), 9);
    let out = world.typed("partner", &["identity", "show", "--words"], &[]);
    assert!(out.text.contains(words.split_once(' ').expect("nine").0), "--words shows them: {}", out.text);
    let request = world.vetted(1, "orders").request;
    let check = ["identity", "check", &request, "--channel", "phone", "--source", "contract"];
    let heard = format!("{}\n", words.to_uppercase());
    assert_eq!(world.ok("ben", &check, heard.as_bytes())["same"], true, "whoever hears words types words");
    let misheard = format!("countersign {}\n", words.split_once(' ').expect("nine").1);
    world.refused("ben", &check, misheard.as_bytes(), "fingerprint-incomplete", 2);
    let first = words.split(' ').next().expect("a word");
    let other = words.replacen(first, if first == "zoom" { "abacus" } else { "zoom" }, 1);
    world.refused("ben", &check, format!("{other}\n").as_bytes(), "fingerprint-differs", 3);
}
