//! More than the share, and more than the disk has.

use std::net::SocketAddr;

use countersign_documents::{
    Digest,
    relay::{Dispatch, Moment, pack},
};
use rustix::process::Signal;

use crate::{
    organisation::{ORIGIN, Organisation, line, now},
    program::Place,
    running::{fetch, say_bytes},
};

/// A member writes to somebody; the status.
pub(crate) fn dispatch(
    address: SocketAddr,
    organisation: &Organisation,
    recipient: u8,
    letter: &[u8],
) -> u16 {
    let (status, nonce) = fetch(address, "/v1/nonce");
    assert_eq!(status, 200, "a nonce is given to everybody");
    let nonce = Digest(nonce.as_slice().try_into().expect("32 bytes"));
    let moment = Moment { origin: line(ORIGIN), nonce, time: now() };
    let act = Dispatch { moment, recipient: Digest([recipient; 32]), letter: Digest::of(letter) };
    let (key, certificate) = organisation.member();
    let body = pack(&[&act.sign(certificate, key), letter]);
    let head = format!(
        "POST /v1/dispatch HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/cbor\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    say_bytes(address, &[head.as_bytes(), &body].concat()).0
}

#[test]
fn more_letters_than_the_share_are_too_much_for_one_mailbox_only() {
    let (place, organisation) = (Place::new(), Organisation::new(1));
    let mut program = place.start("--letters 2 --keep-free 0");
    let address = program.address();
    for (letter, status) in [("one", 200), ("two", 200), ("two", 200), ("three", 429), ("four", 429)] {
        assert_eq!(dispatch(address, &organisation, 1, letter.as_bytes()), status, "{letter}");
    }
    assert_eq!(dispatch(address, &organisation, 2, b"one"), 200, "another mailbox has its own share");
    program.signal(Signal::TERM);
    let (status, log) = program.ends();
    assert_eq!(status, Some(0));
    assert!(log.iter().all(|note| note["event"] != "letter"), "the log does not tell who wrote: {log:?}");
}

#[test]
fn a_disk_that_has_less_than_is_kept_free_takes_nothing_and_everything_else_goes_on() {
    let (place, organisation) = (Place::new(), Organisation::new(1));
    let mut program = place.start(&format!("--keep-free {}", u64::MAX));
    let address = program.address();
    assert_eq!(dispatch(address, &organisation, 1, b"one"), 507);
    for target in ["/healthz", "/readyz", "/v1/nonce", "/e/AAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(fetch(address, target).0, 200, "{target}");
    }
}
