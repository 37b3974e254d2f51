//! A relay that runs: signals, metrics, readiness, and what it says when its disk or its share is used up.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use rustix::process::Signal;

use crate::program::{PATIENCE, Place};

pub(crate) fn ask(address: SocketAddr, target: &str) -> (u16, String) {
    let (status, body) = fetch(address, target);
    (status, String::from_utf8(body).expect("text"))
}

pub(crate) fn fetch(address: SocketAddr, target: &str) -> (u16, Vec<u8>) {
    say(address, &format!("GET {target} HTTP/1.1\r\nhost: relay.example\r\nconnection: close\r\n\r\n"))
}

pub(crate) fn say(address: SocketAddr, request: &str) -> (u16, Vec<u8>) {
    say_bytes(address, request.as_bytes())
}

/// Status and body of the answer.
pub(crate) fn say_bytes(address: SocketAddr, request: &[u8]) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(address).expect("it accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    stream.write_all(request).expect("sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let status =
        String::from_utf8_lossy(&bytes[..end]).split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), bytes.split_off(end + 4))
}

#[test]
fn it_ends_well_when_it_is_asked_to() {
    for signal in [Signal::TERM, Signal::INT] {
        let place = Place::new();
        let mut program = place.start("");
        let address = program.address();
        assert_eq!(ask(address, "/healthz"), (200, "ok\n".to_owned()));
        // One that rests does not keep it.
        let resting = TcpStream::connect(address).expect("it accepts");
        program.signal(signal);
        let (status, log) = program.ends();
        let events: Vec<_> = log.iter().filter_map(|note| note["event"].as_str()).collect();
        assert_eq!(status, Some(0), "{log:?}");
        assert_eq!(events, ["started", "card-taken", "listening", "stopping", "stopped"]);
        assert_eq!(log.last().expect("the last")["cut-off"], 0);
        assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
        drop(resting);
    }
}

#[test]
fn a_request_that_runs_when_it_is_asked_to_stop_is_answered() {
    let place = Place::new();
    let mut program = place.start("");
    let address = program.address();
    let mut stream = TcpStream::connect(address).expect("it accepts");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    stream
        .write_all(
            b"POST /v1/upload HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n",
        )
        .expect("sent");
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).expect("it waits for the body");
    program.signal(Signal::TERM);
    program.waits_for("stopping");
    stream.write_all(b"body").expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    assert!(text.starts_with("HTTP/1.1 400"), "it was read, and is nothing: {text}");
    let (status, log) = program.ends();
    assert_eq!((status, &log.last().expect("the last")["cut-off"]), (Some(0), &0.into()));
}

#[test]
fn a_relay_that_is_killed_starts_again_on_what_it_left() {
    let place = Place::new();
    for _ in 0..3 {
        let mut program = place.start("");
        let address = program.address();
        assert_eq!(ask(address, "/readyz").0, 200);
        program.signal(Signal::KILL);
        assert_eq!(program.ends().0, None, "it was killed");
    }
}

#[test]
fn a_hang_up_without_certificates_changes_nothing() {
    let place = Place::new();
    let mut program = place.start("");
    let address = program.address();
    for _ in 0..3 {
        program.signal(Signal::HUP);
    }
    assert_eq!(ask(address, "/healthz").0, 200, "it goes on");
    program.signal(Signal::TERM);
    assert_eq!(program.ends().0, Some(0));
}

#[test]
fn metrics_are_on_a_listener_of_their_own_and_nowhere_else() {
    let place = Place::new();
    let mut program = place.start("--metrics 127.0.0.1:0");
    let note = program.waits_for("listening");
    assert_eq!(note["what"], "metrics");
    let metrics: SocketAddr = note["address"].as_str().expect("text").parse().expect("an address");
    let address = program.address();
    assert_eq!(ask(address, "/metrics").0, 404, "never on the public port");
    for target in ["/e/AAAAAAAAAAAAAAAAAAAAAA", "/e/BBBBBBBBBBBBBBBBBBBBBB", "/v1/nonce", "/nothing"] {
        fetch(address, target);
    }
    assert_eq!(ask(metrics, "/healthz").0, 404, "and nothing else here");
    let (status, page) = ask(metrics, "/metrics");
    assert_eq!(status, 200);
    for line in [
        "countersign_relay_ready 1",
        "countersign_relay_parcels 0",
        "countersign_relay_answers_total{act=\"page\",status=\"200\"} 2",
        "countersign_relay_answers_total{act=\"nonce\",status=\"200\"} 1",
        "countersign_relay_answers_total{act=\"other\",status=\"404\"} 2",
        "countersign_relay_acts_total{act=\"page\",verdict=\"served\"} 2",
        "countersign_relay_acts_total{act=\"other\",verdict=\"nothing\"} 2",
        "countersign_relay_connections_ended_total{why=\"share\"} 0",
        "countersign_relay_answer_seconds_bucket{le=\"+Inf\"} 5",
    ] {
        assert!(page.lines().any(|found| found == line), "{line} in {page}");
    }
    assert!(!page.contains("AAAAAAAA") && !page.contains("127.0.0.1"), "nobody and nothing is named: {page}");
    assert_well_formed(&page);
}

/// Every line is a comment about a name, or a name of ours with labels and a number (the text format, 0.0.4).
fn assert_well_formed(page: &str) {
    let mut kinds = std::collections::BTreeSet::new();
    for line in page.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.split(' ');
            let (word, name) = (words.next().expect("a word"), words.next().expect("a name"));
            assert!(word == "HELP" || kinds.insert(name.to_owned()), "{name} has one type: {line}");
            continue;
        }
        let (series, number) = line.rsplit_once(' ').expect("a number");
        assert!(number.parse::<f64>().is_ok(), "{line}");
        let name = series.split('{').next().expect("a name");
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        assert!(kinds.contains(name) || family.is_some_and(|f| kinds.contains(f)), "{name} has a type");
        assert_eq!(series.contains('{'), series.ends_with('}'), "{line}");
    }
}

#[test]
fn without_being_asked_for_there_are_no_metrics() {
    let place = Place::new();
    let mut program = place.start("");
    assert_eq!(program.waits_for("listening")["what"], "clients", "one listener");
    program.signal(Signal::TERM);
    let (_, log) = program.ends();
    assert_eq!(log.iter().filter(|note| note["event"] == "listening").count(), 1);
}
