//! Letters and tickets.

use countersign_documents::{
    Digest, Time,
    id::TicketId,
    time::{DAY, HOUR},
};
use countersign_relay::store::{Allowance, Mailbox, Posted, Store, TicketUse};

use super::{ALLOWANCE, letter, member, works};
use crate::{organisation::id, stage::NOW};

pub(super) fn ticket(name: &str) -> TicketUse {
    TicketUse { id: TicketId(id(name)), expires: NOW.plus(HOUR), by: member("bo") }
}

pub(super) async fn post(
    store: &dyn Store,
    who: &str,
    with: Option<TicketUse>,
    text: &str,
    now: Time,
) -> Posted {
    let writer = Mailbox { organisation: works(), identity: Some(Digest::of(who.as_bytes())) };
    store.post(writer, with, letter(text), ALLOWANCE, now).await.expect("asked")
}

pub(super) async fn a_ticket_is_used_up_and_its_writer_known(store: &dyn Store) {
    assert_eq!(post(store, "pia", None, "1", NOW).await, Posted::Unknown);
    assert_eq!(post(store, "pia", Some(ticket("t")), "1", NOW).await, Posted::Stored);
    assert_eq!(post(store, "paul", Some(ticket("t")), "2", NOW).await, Posted::Unknown, "used up");
    assert_eq!(post(store, "pia", Some(ticket("t")), "3", NOW).await, Posted::Stored, "by whoever has it");
    assert_eq!(post(store, "paul", Some(ticket("u")), "4", NOW.plus(HOUR)).await, Posted::Unknown, "over");
    assert_eq!(post(store, "pia", None, "5", NOW.plus(DAY)).await, Posted::Stored, "known for good");
    let mut by_cy = ticket("v");
    by_cy.by = member("cy");
    store.remove(member("bo"), by_cy.by.member, NOW).await.expect("removed");
    assert_eq!(
        post(store, "paul", Some(by_cy), "6", NOW).await,
        Posted::Unknown,
        "by a member who was removed"
    );
    store.sweep(NOW.plus(DAY)).await.expect("swept");
    assert_eq!(
        post(store, "paul", Some(ticket("t")), "7", NOW.plus(DAY)).await,
        Posted::Unknown,
        "swept is not new"
    );
    assert_eq!(post(store, "pia", Some(ticket("t")), "8", NOW.plus(DAY)).await, Posted::Stored);
}

pub(super) async fn a_refused_letter_leaves_no_trace(store: &dyn Store) {
    let full = Allowance { letters: 0, posts: 100 };
    let writer = |name: &str| Mailbox { organisation: works(), identity: Some(Digest::of(name.as_bytes())) };
    let refused = store.post(writer("pia"), Some(ticket("t")), letter("1"), full, NOW).await;
    assert_eq!(refused, Ok(Posted::TooMuch));
    assert_eq!(post(store, "pia", None, "2", NOW).await, Posted::Unknown, "it is not known by that");
    assert_eq!(
        post(store, "paul", Some(ticket("t")), "3", NOW).await,
        Posted::Stored,
        "the ticket is not used up"
    );
    let two = Allowance { letters: 100, posts: 2 };
    for (text, posted) in [("4", Posted::Stored), ("5", Posted::TooMuch), ("3", Posted::Already)] {
        assert_eq!(store.post(writer("paul"), None, letter(text), two, NOW).await, Ok(posted), "{text}");
    }
    let tomorrow = NOW.plus(DAY);
    assert_eq!(store.post(writer("paul"), None, letter("5"), two, tomorrow).await, Ok(Posted::Stored));
}

pub(super) async fn letters_are_numbered_and_come_once(store: &dyn Store) {
    let (to, other) = (
        Mailbox { organisation: works(), identity: Some(Digest::of(b"pia")) },
        Mailbox { organisation: works(), identity: Some(Digest::of(b"paul")) },
    );
    let send = async |to, text: &str| {
        store.dispatch(member("bo"), to, letter(text), ALLOWANCE, NOW).await.expect("asked")
    };
    for text in ["a", "b", "c"] {
        assert_eq!(send(to, text).await, Posted::Stored);
        assert_eq!(send(to, text).await, Posted::Already);
    }
    assert_eq!(send(other, "a").await, Posted::Stored, "another mailbox");
    let numbers = async |after| {
        let letters = store.letters(to, after).await.expect("letters");
        letters.iter().map(|letter| (letter.number, letter.letter.0.clone())).collect::<Vec<_>>()
    };
    let all = numbers(0).await;
    assert_eq!(all.iter().map(|(_, bytes)| bytes.as_slice()).collect::<Vec<_>>(), [b"a", b"b", b"c"]);
    assert!(all.windows(2).all(|pair| pair[0].0 < pair[1].0), "rising");
    assert_eq!(numbers(all[1].0).await, all[2..], "after a number");
    assert_eq!(numbers(u64::MAX).await, [], "no number is higher");
    store.done(to, vec![all[0].0, all[2].0, 999]).await.expect("done");
    assert_eq!(numbers(0).await, all[1..2]);
    assert_eq!(send(to, "a").await, Posted::Already, "it came");
    assert_eq!(store.letters(other, 0).await.map(|letters| letters.len()), Ok(1));
    let full = Allowance { letters: 1, posts: 0 };
    assert_eq!(store.dispatch(member("bo"), to, letter("d"), full, NOW).await, Ok(Posted::TooMuch));
}
