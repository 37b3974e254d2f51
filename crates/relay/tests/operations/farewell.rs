//! Those who wait for mail when the relay is told to stop: they are answered at once, and go elsewhere.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use countersign_documents::{
    Digest, decode,
    relay::{Mail, Moment, Poll, pack},
};
use rustix::process::Signal;

use crate::{
    organisation::{ORIGIN, Organisation, line, now},
    program::Place,
    running::{ask, fetch, say_bytes},
};

/// As long as a poll may wait, in seconds.
const LONGEST: u64 = 15;
const WAITING: usize = 50;

/// What a member is told of its mail, and how long that took.
fn poll(address: SocketAddr, organisation: &Organisation, patience: u64) -> (u16, Mail, Duration) {
    let nonce = Digest(fetch(address, "/v1/nonce").1.as_slice().try_into().expect("32 bytes"));
    let (key, certificate) = organisation.member();
    let poll = Poll {
        moment: Moment { origin: line(ORIGIN), nonce, time: now() },
        organisation: organisation.id(),
        key: key.public(),
        after: 0,
        patience,
        done: Vec::new(),
    };
    let body = pack(&[&poll.sign(key), certificate]);
    let head = format!(
        "POST /v1/poll HTTP/1.1\r\nhost: a\r\ncontent-type: application/cbor\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let began = Instant::now();
    let (status, body) = say_bytes(address, &[head.as_bytes(), &body].concat());
    (status, decode(&body).expect("mail"), began.elapsed())
}

#[test]
fn whoever_waits_is_answered_at_once_when_it_is_asked_to_stop() {
    let (place, organisation) = (Place::new(), Organisation::new(1));
    let mut program = place.start("--metrics 127.0.0.1:0");
    let note = program.waits_for("listening");
    let metrics: SocketAddr = note["address"].as_str().expect("text").parse().expect("an address");
    let address = program.address();
    let began = Instant::now();
    std::thread::scope(|scope| {
        let waiting: Vec<_> =
            (0..WAITING).map(|_| scope.spawn(|| poll(address, &organisation, LONGEST))).collect();
        let open = format!("countersign_relay_connections_open {WAITING}");
        while !ask(metrics, "/metrics").1.lines().any(|line| line == open) {
            assert!(began.elapsed() < Duration::from_secs(10), "all of them wait");
        }
        // They are there; that each has said what it wants takes no time that counts.
        std::thread::sleep(Duration::from_millis(500));
        program.signal(Signal::TERM);
        let stopped = Instant::now();
        for one in waiting {
            let (status, mail, took) = one.join().expect("it ends");
            assert_eq!((status, mail.letters.len(), mail.parcels.len()), (200, 0, 0));
            assert!(took >= Duration::from_millis(300), "it had waited: {took:?}");
        }
        let took = stopped.elapsed();
        println!(
            "{WAITING} polls that waited for up to {LONGEST} s were answered within {took:?} of the signal"
        );
        assert!(took < Duration::from_secs(5), "at once, not at the end of their patience: {took:?}");
    });
    let (status, log) = program.ends();
    assert_eq!((status, &log.last().expect("the last")["cut-off"]), (Some(0), &0.into()), "{log:?}");
}

/// The control: without a signal it waits.
#[test]
fn whoever_waits_and_is_not_told_to_go_waits() {
    let (place, organisation) = (Place::new(), Organisation::new(1));
    let mut program = place.start("");
    let address = program.address();
    let (status, mail, took) = poll(address, &organisation, 2);
    assert_eq!((status, mail.letters.len()), (200, 0));
    assert!(took >= Duration::from_secs(2), "{took:?}");
}
