//! What a witness keeps.

use countersign_documents::{
    Digest, Head, Secret32,
    time::{DAY, HOUR},
};
use countersign_relay::store::{Acquaintance, Standing, Store};

use super::{member, parcels::together, works};
use crate::stage::NOW;

fn head(size: u64, root: &str) -> Head {
    Head { size, root: Digest::of(root.as_bytes()) }
}

pub(super) async fn a_witness_has_one_key_for_good(store: &dyn Store) {
    let first = store.witness_seed(Secret32::new([1; 32])).await.expect("made");
    assert_eq!(first.expose(), &[1; 32]);
    let again = store.witness_seed(Secret32::new([2; 32])).await.expect("kept");
    assert_eq!(again.expose(), &[1; 32], "made once");
}

pub(super) async fn a_head_goes_on_from_what_is_known_and_never_back(store: &dyn Store) {
    let advance = async |known, next| store.advance(works(), known, next).await;
    assert_eq!(store.head(works()).await, Ok(None));
    assert_eq!(advance(Some(head(3, "a")), head(5, "b")).await, Ok(false), "nothing is known yet");
    assert_eq!(advance(None, head(5, "b")).await, Ok(true));
    assert_eq!(advance(None, head(7, "c")).await, Ok(false), "something is known");
    assert_eq!(advance(Some(head(5, "x")), head(7, "c")).await, Ok(false), "another root");
    assert_eq!(advance(Some(head(4, "b")), head(7, "c")).await, Ok(false), "another size");
    assert_eq!(store.head(works()).await, Ok(Some(head(5, "b"))), "nothing of that did anything");
    assert_eq!(advance(Some(head(5, "b")), head(7, "c")).await, Ok(true));
    // Whoever asks for this is wrong, and the database itself says so.
    assert!(advance(Some(head(7, "c")), head(6, "d")).await.is_err(), "shorter");
    assert!(advance(Some(head(7, "c")), head(7, "d")).await.is_err(), "another root of the same size");
    assert_eq!(advance(Some(head(7, "c")), head(7, "c")).await, Ok(true), "the same is the same");
    assert_eq!(store.head(works()).await, Ok(Some(head(7, "c"))));
    let other = countersign_documents::id::OrganisationId([9; 16]);
    assert_eq!(store.head(other).await, Ok(None), "each organisation has its own");
}

pub(super) async fn a_head_is_forgotten_as_it_stands_and_another_is_the_first(store: &dyn Store) {
    let other = countersign_documents::id::OrganisationId([9; 16]);
    assert_eq!(store.advance(works(), None, head(7, "fork")).await, Ok(true));
    assert_eq!(store.advance(other, None, head(7, "fork")).await, Ok(true));
    assert_eq!(store.forget_head(works(), head(7, "other")).await, Ok(false), "another root");
    assert_eq!(store.forget_head(works(), head(6, "fork")).await, Ok(false), "another size");
    assert_eq!(store.head(works()).await, Ok(Some(head(7, "fork"))), "nothing of that did anything");
    assert_eq!(store.forget_head(works(), head(7, "fork")).await, Ok(true));
    let stands = store.head(works()).await.expect("answered");
    assert_eq!(stands.map_or(0, |head| head.size), 0, "nothing is known");
    assert_eq!(store.forget_head(works(), head(7, "fork")).await, Ok(false), "once");
    assert_eq!(store.head(other).await, Ok(Some(head(7, "fork"))), "nobody else's");
    assert_eq!(store.advance(works(), stands, head(3, "right")).await, Ok(true), "what is shown next");
    assert!(store.advance(works(), Some(head(3, "right")), head(2, "x")).await.is_err(), "and it only grows");
}

pub(super) async fn of_many_next_heads_one_is_stored(store: &dyn Store) {
    let mut known = None;
    for round in 1..=10 {
        // All go on from one place, each to a head of its own.
        let next = |n: u64| head(round * 10, &format!("{round} {n}"));
        let answers = together((0..8).map(|n| store.advance(works(), known, next(n)))).await;
        let stored: Vec<u64> = (0..).zip(answers).filter(|(_, a)| *a == Ok(true)).map(|(n, _)| n).collect();
        let [winner] = stored.as_slice() else { panic!("round {round}: {stored:?} were stored") };
        known = Some(next(*winner));
        assert_eq!(store.head(works()).await, Ok(known), "round {round}: the one that was told so");
    }
}

fn acquaintance(name: &str, key: u8, issued_later: u64) -> Acquaintance {
    let standing = Standing { issued: NOW.minus(DAY).plus(issued_later), ..member(name) };
    Acquaintance { standing, checkpoint: [key; 32], expires: NOW.plus(DAY) }
}

pub(super) async fn whoever_signs_checkpoints_is_known_until_the_end(store: &dyn Store) {
    let keys = async |now| {
        let mut keys = store.checkpoint_keys(works(), now).await.expect("asked");
        keys.sort_unstable();
        keys.into_iter().map(|key| key[0]).collect::<Vec<_>>()
    };
    assert!(keys(NOW).await.is_empty());
    for known in [acquaintance("bo", 1, 0), acquaintance("cy", 2, 0), acquaintance("bo", 1, 0)] {
        store.acquaint(known).await.expect("kept");
    }
    assert_eq!(keys(NOW).await, [1, 2]);
    store.acquaint(acquaintance("bo", 3, HOUR)).await.expect("kept");
    store.acquaint(acquaintance("bo", 1, 0)).await.expect("asked");
    assert_eq!(keys(NOW).await, [2, 3], "the newest certificate of each");
    assert!(keys(NOW.plus(DAY)).await.is_empty(), "they end with their certificates");
    store.remove(member("bo"), member("cy").member, NOW).await.expect("removed");
    assert_eq!(keys(NOW).await, [3], "one who was removed does not count");
    store.acquaint(acquaintance("cy", 4, DAY)).await.expect("kept");
    assert_eq!(keys(NOW).await, [3], "a certificate as old as that");
    store.acquaint(acquaintance("cy", 4, DAY + 1)).await.expect("kept");
    assert_eq!(keys(NOW).await, [3, 4], "a later one counts");
}
