//! `relay check`: what is right is found right, and every flaw is found by its name.

use std::process::Command;

use serde_json::Value;

use crate::relay::{meddler, meddler::Meddling, running::Ground};

/// The marks, by what was looked at.
fn marks(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().map(|finding| (text(&finding["what"]), text(&finding["mark"]))).collect()
}

fn mark<'m>(marks: &'m [(String, String)], what: &str) -> &'m str {
    let found = marks.iter().find(|(name, _)| name == what);
    &found.unwrap_or_else(|| panic!("{what} was looked at: {marks:?}")).1
}

#[test]
fn a_relay_that_is_set_up_right_is_found_so() {
    let ground = Ground::begin();
    let report = ground.works("alice", &["relay", "check"], &[0]);
    assert_eq!((&report["bad"], &report["warn"]), (&0.into(), &1.into()), "{report}");
    for (what, found) in marks(&report) {
        assert_eq!(found, if what == "tls" { "warn" } else { "ok" }, "{what}: {report}");
    }
    assert_eq!(ground.sync("alice")["imported"], serde_json::json!([]), "nothing was written there");
    let world = &ground.world;
    world.refused("alice", &["relay", "check", "http://keys.example.com"], b"", "usage", 2);
    world.refused("partner", &["relay", "check"], b"", "wrong-profile", 2);
    let elsewhere = format!("https://127.0.0.1:{}", ground.port);
    let report = ground.works("alice", &["relay", "check", &elsewhere], &[1]);
    let marks = marks(&report);
    assert_eq!(
        (mark(&marks, "origin"), mark(&marks, "answers")),
        ("bad", "bad"),
        "no TLS is spoken there: {report}"
    );
}

#[test]
fn a_relay_with_an_older_card_is_given_the_newest() {
    let ground = Ground::begin();
    ground.stop();
    let origin = format!("http://127.0.0.1:{}", ground.port);
    let report = ground.works("alice", &["relay", "check"], &[1]);
    assert_eq!(mark(&marks(&report), "answers"), "bad", "it is away: {report}");
    ground.world.two_admins(&["card", "propose", "--relay", &origin]);
    ground.start();
    let report = ground.works("alice", &["relay", "check"], &[1]);
    assert_eq!(mark(&marks(&report), "card"), "bad", "{report}");
    ground.sync("alice");
    let report = ground.works("alice", &["relay", "check"], &[0]);
    assert_eq!(mark(&marks(&report), "card"), "ok", "{report}");
}

#[test]
fn every_flaw_of_what_stands_before_a_relay_is_found() {
    let ground = Ground::begin();
    let flaws: &[(&str, &str, &str, Meddling)] = &[
        ("it keeps answers", "answers", "bad", |answer, kept| {
            if answer.path == "/v1/nonce" {
                let mut kept = kept.lock().expect("one at a time");
                if kept.is_empty() {
                    kept.extend_from_slice(&answer.body);
                }
                answer.body.clone_from(&kept);
            }
        }),
        ("it redirects", "answers", "bad", |answer, _| {
            answer.status = "301".to_owned();
            answer.set("location", "https://keys.example.com");
        }),
        ("its clock is days behind", "clock", "bad", |answer, _| {
            answer.set("date", "Tue, 14 Nov 2023 22:13:20 GMT");
        }),
        ("it does not say what time it is", "clock", "warn", |answer, _| answer.drop_header("date")),
        ("it is not ready", "ready", "bad", |answer, _| {
            if answer.path == "/readyz" {
                answer.status = "503".to_owned();
            }
        }),
        ("it has no card", "card", "bad", |answer, _| {
            if answer.path.starts_with("/v1/card/") {
                answer.status = "404".to_owned();
            }
        }),
        ("it takes small bodies only", "bodies", "bad", |answer, _| {
            if answer.sent > 100_000 {
                answer.status = "413".to_owned();
            }
        }),
        ("it takes bodies of any size", "bodies", "warn", |answer, _| {
            if answer.method == "POST" {
                answer.status = "400".to_owned();
            }
        }),
        ("it takes nothing that is posted", "bodies", "bad", |answer, _| {
            if answer.method == "POST" {
                answer.status = "405".to_owned();
            }
        }),
        ("its page is not there", "page", "bad", |answer, _| {
            if answer.path.starts_with("/e/") {
                answer.status = "404".to_owned();
            }
        }),
        ("its page differs", "page", "bad", |answer, _| {
            if answer.path.starts_with("/e/") {
                let line = format!("<!-- {} -->", answer.path);
                answer.body.extend_from_slice(line.as_bytes());
            }
        }),
        ("its page has another script", "headers", "bad", |answer, _| {
            if answer.path.starts_with("/e/") {
                let page = String::from_utf8_lossy(&answer.body).replace("</script>", ";</script>");
                answer.body = page.into_bytes();
            }
        }),
        ("anything may run in its page", "headers", "bad", |answer, _| {
            answer.drop_header("content-security-policy")
        }),
        ("its page may be kept", "headers", "bad", |answer, _| answer.set("cache-control", "max-age=60")),
        ("its page may be framed", "headers", "bad", |answer, _| answer.drop_header("x-frame-options")),
        ("it tells where visitors come from", "headers", "bad", |answer, _| {
            answer.set("referrer-policy", "origin")
        }),
        ("it sets a cookie", "headers", "bad", |answer, _| answer.set("set-cookie", "a=b")),
        ("its figures are shown", "metrics", "bad", |answer, _| {
            if answer.path == "/metrics" {
                answer.status = "200".to_owned();
            }
        }),
    ];
    for (flaw, what, expected, meddling) in flaws {
        let port = meddler::before(ground.port, *meddling);
        let report = ground.works("alice", &["relay", "check", &format!("http://127.0.0.1:{port}")], &[1]);
        let marks = marks(&report);
        assert_eq!(mark(&marks, what), *expected, "{flaw}: {report}");
        assert_eq!(mark(&marks, "origin"), "bad", "the card names the relay itself");
        let others = marks.iter().filter(|(name, found)| found == "bad" && name != what && name != "origin");
        assert_eq!(others.count(), 0, "{flaw}, and nothing else: {report}");
    }
    println!("relay check: {} flaws found by name", flaws.len());
}

/// A day so many days from now.
fn day(from_now: u32) -> (i32, u8, u8) {
    let said = Command::new("date").args(["-u", "-d", &format!("+{from_now} days"), "+%Y-%m-%d"]).output();
    let said = String::from_utf8(said.expect("date of GNU runs").stdout).expect("text");
    let mut parts = said.trim().split('-');
    let mut next = || parts.next().expect("a part");
    (next().parse().expect("a year"), next().parse().expect("a month"), next().parse().expect("a day"))
}

#[test]
fn a_certificate_is_judged_as_the_system_does_and_its_end_is_told() {
    for (days, expected) in [(400, "ok"), (5, "warn")] {
        let ground = Ground::secure(day(days));
        let report = ground.works("alice", &["relay", "check"], &[0]);
        let marks = marks(&report);
        assert_eq!(mark(&marks, "tls"), expected, "{report}");
        assert_eq!(mark(&marks, "plain"), "ok", "nobody answers without TLS: {report}");
        if expected == "ok" {
            one_key_over_tls(&ground);
        }
        // Where the system does not trust it, nothing is asked.
        std::fs::remove_file(ground.world.path(crate::world::TRUSTED)).expect("removed");
        let report = ground.works("alice", &["relay", "check"], &[1]);
        assert!(report.to_string().contains("not secure"), "{report}");
        ground.world.refused("alice", &["relay", "sync"], b"", "relay-insecure", 3);
    }
}

/// Delivered, opened, and switched on.
fn one_key_over_tls(ground: &Ground) {
    let world = &ground.world;
    let key = world.issued(1);
    world.ok("ben", &["key", "deliver", &key, "--link-out", "message"], b"");
    let message = std::fs::read_to_string(world.path("message")).expect("a message");
    assert!(message.contains(&format!("https://localhost:{}/e/", ground.port)), "{message}");
    world.ok("partner", &["envelope", "open", "--link-file", "message", "--compose", "key"], b"");
    ground.sync("ben");
    assert_eq!(ground.state(&key), "active");
}
