//! What the log says, and what it must never say.

use rustix::process::Signal;

use crate::{
    program::Place,
    running::{ask, say},
};

/// Every event there is, with what may stand beside it.
const EVENTS: &[(&str, &[&str])] = &[
    ("started", &["version", "origin", "database", "organisations"]),
    ("card-taken", &["organisation"]),
    ("listening", &["what", "address", "tls"]),
    ("fewer-connections", &["connections"]),
    ("certificate-read", &[]),
    ("certificate-kept", &["why"]),
    ("sweep", &["parcels", "letters"]),
    ("sweep-failed", &[]),
    ("ready", &[]),
    ("not-ready", &[]),
    ("turned-away", &["full", "share", "made-room", "handshake", "slow", "unreadable"]),
    ("refused", &["0", "400", "401", "403", "404", "408", "409", "413", "422", "429", "500", "503", "507"]),
    ("stopping", &[]),
    ("stopped", &["cut-off"]),
];

#[test]
fn the_log_holds_neither_links_nor_secrets_nor_whoever_asked() {
    // A parcel's id, a link's secret, a browser and a client, as they could be sent by mistake or on purpose.
    let canaries =
        ["Q2FuYXJ5Q2FuYXJ5Q2FuYQ", "c2VjcmV0LW9mLWEtbGluay1uZXZlci1pbi1hLWxvZyE", "Canary/1.0", "192.0.2.77"];
    let [cti, secret, browser, client] = canaries;
    let place = Place::new();
    let mut program = place.start("--trusted-proxy 127.0.0.1/32 --metrics 127.0.0.1:0");
    let address = program.address();
    let lines = format!(
        "user-agent: {browser}\r\nx-forwarded-for: {client}\r\nreferer: https://a/e/{cti}\r\ncookie: {secret}"
    );
    for target in [
        format!("/e/{cti}"),
        format!("/e/{cti}%23{secret}"),
        format!("/v1/{cti}?{secret}"),
        format!("/{secret}"),
    ] {
        for method in ["GET", "POST", "BURN"] {
            let head = format!(
                "{method} {target} HTTP/1.1\r\nhost: {cti}.example\r\nconnection: close\r\ncontent-length: 0\r\n{lines}\r\n\r\n"
            );
            say(address, &head);
        }
    }
    // What is refused and what cannot be read is not repeated either.
    for request in [
        format!(
            "POST /v1/fetch HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/cbor\r\ncontent-length: 22\r\n{lines}\r\n\r\n{cti}"
        ),
        format!("GET /e/{cti} {secret}\r\n{lines}\r\n\r\n"),
        format!("{secret}\0 /e/{cti} HTTP/1.1\r\n{lines}\r\n\r\n"),
        format!("GET /e/{cti}{} HTTP/1.1\r\n{lines}\r\n\r\n", secret.repeat(500)),
    ] {
        let (status, _) = say(address, &request);
        assert!((400..500).contains(&status), "refused: {status}");
    }
    assert_eq!(ask(address, "/healthz").0, 200);
    program.signal(Signal::TERM);
    let (status, log) = program.ends();
    assert_eq!(status, Some(0));
    for note in &log {
        let line = note.to_string();
        for canary in canaries {
            assert!(!line.contains(canary), "{canary} in {line}");
        }
        let fields = note.as_object().expect("an object");
        let event = fields["event"].as_str().expect("an event");
        let known = EVENTS.iter().find(|(known, _)| *known == event);
        let (_, allowed) = known.unwrap_or_else(|| panic!("{event} is an event that is known"));
        for field in fields.keys().filter(|field| !["at", "event"].contains(&field.as_str())) {
            assert!(allowed.contains(&field.as_str()), "{field} of {event} is known");
        }
    }
}
