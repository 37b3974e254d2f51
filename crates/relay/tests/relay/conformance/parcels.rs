//! Parcels, cards and members.

use countersign_documents::{
    Digest, Time,
    id::{Cti, OrganisationId},
    relay::{Outcome, Parcel, ParcelState, Withdrawn},
    time::{DAY, HOUR},
};
use countersign_relay::store::{
    Acknowledged, Arrival, ENDED_STAY, LETTERS_WAIT, Mailbox, Posted, Share, Standing, Store, Stored,
    StoredCard, Uploaded, Withdrawal,
};

use super::{ALLOWANCE, SHARE, arrival, claim, letter, member, works};
use crate::{organisation::id, stage::NOW};

pub(super) async fn upload(store: &dyn Store, name: &str) -> Uploaded {
    store.upload(member("bo"), arrival(name), SHARE, NOW).await.expect("stored")
}

pub(super) async fn states(store: &dyn Store, now: Time) -> Vec<(ParcelState, Time)> {
    let parcels = store.parcels(works(), now).await.expect("a list");
    parcels.iter().map(|parcel| (parcel.state, parcel.at)).collect()
}

pub(super) async fn a_parcel_goes_one_way(store: &dyn Store) {
    assert_eq!(upload(store, "a").await, Uploaded::Stored);
    assert_eq!(
        store.acknowledge(claim("a"), letter("r"), NOW).await,
        Ok(Acknowledged::Nothing),
        "not before"
    );
    let first = store.fetch(claim("a"), NOW.plus(1)).await.expect("asked").expect("there");
    assert_eq!((first.first, first.organisation), (true, works()));
    assert_eq!(first.envelope, b"a".repeat(100));
    let again = store.fetch(claim("a"), NOW.plus(2)).await.expect("asked").expect("there");
    assert_eq!((again.first, again.envelope), (false, first.envelope));
    assert_eq!(states(store, NOW).await, [(ParcelState::Fetched, NOW.plus(1))], "the first time counts");
    let done = store.acknowledge(claim("a"), letter("r"), NOW.plus(3)).await;
    assert_eq!(done, Ok(Acknowledged::Done(works())));
    assert_eq!(store.acknowledge(claim("a"), letter("r"), NOW).await, Ok(Acknowledged::Already));
    assert_eq!(store.acknowledge(claim("a"), letter("s"), NOW).await, Ok(Acknowledged::Nothing));
    assert_eq!(store.fetch(claim("a"), NOW).await, Ok(None));
    assert_eq!(states(store, NOW).await, [(ParcelState::Acknowledged, NOW.plus(3))]);
    assert_eq!(store.letters(Mailbox::of(works()), 0).await.expect("letters").len(), 1, "one receipt");
}

pub(super) async fn a_parcel_is_for_its_lock_alone(store: &dyn Store) {
    assert_eq!(upload(store, "a").await, Uploaded::Stored);
    assert_eq!(store.lock(Cti(id("a"))).await, Ok(Some(claim("a").lock)));
    assert_eq!(store.lock(Cti(id("b"))).await, Ok(None));
    let mut other = claim("a");
    other.lock.pick_up = [8; 32];
    assert_eq!(store.fetch(other, NOW).await, Ok(None), "another pick-up key");
    let mut other = claim("a");
    other.lock.recipient = Digest::of(b"somebody");
    assert_eq!(store.fetch(other, NOW).await, Ok(None), "another reader");
    assert!(store.fetch(claim("a"), NOW).await.expect("asked").is_some());
    let strange = Standing { organisation: OrganisationId(id("other")), ..member("bo") };
    assert_eq!(store.withdraw(strange, Cti(id("a")), NOW).await, Ok(Withdrawal::Nothing), "another's");
    assert_eq!(
        store.withdraw(member("bo"), Cti(id("b")), NOW).await,
        Ok(Withdrawal::Nothing),
        "there is none"
    );
}

pub(super) async fn an_end_is_the_same_whoever_asks_for_it(store: &dyn Store) {
    for name in ["waits", "fetched", "acknowledged", "over", "fetched and over"] {
        assert_eq!(upload(store, name).await, Uploaded::Stored);
    }
    for name in ["fetched", "acknowledged", "fetched and over"] {
        assert!(store.fetch(claim(name), NOW.plus(5)).await.expect("asked").is_some());
    }
    store.acknowledge(claim("acknowledged"), letter("r"), NOW.plus(6)).await.expect("done");
    let late = NOW.plus(DAY);
    for (name, asked, outcome, at) in [
        ("waits", NOW.plus(9), Outcome::Withdrawn, NOW.plus(9)),
        ("fetched", NOW.plus(9), Outcome::Fetched, NOW.plus(5)),
        ("acknowledged", NOW.plus(9), Outcome::Acknowledged, NOW.plus(6)),
        ("over", late, Outcome::Expired, NOW.plus(DAY)),
        ("fetched and over", late, Outcome::Fetched, NOW.plus(5)),
    ] {
        for _ in 0..2 {
            let answer = store.withdraw(member("bo"), Cti(id(name)), asked).await;
            assert_eq!(answer, Ok(Withdrawal::Outcome(Withdrawn { outcome, at: Some(at) })), "{name}");
        }
        assert_eq!(store.fetch(claim(name), NOW).await, Ok(None), "{name}");
        assert!(
            store.lock(Cti(id(name))).await.expect("asked").is_some(),
            "{name}: its keys are known still"
        );
    }
    assert_eq!(store.stored().await.map(|stored| (stored.parcels, stored.bytes)), Ok((0, 0)));
}

pub(super) async fn what_is_over_is_over_without_a_sweep(store: &dyn Store) {
    assert_eq!(upload(store, "a").await, Uploaded::Stored);
    let last = NOW.plus(DAY - 1);
    assert!(store.fetch(claim("a"), last).await.expect("asked").is_some(), "in the last second");
    let over = NOW.plus(DAY);
    assert_eq!(store.fetch(claim("a"), over).await, Ok(None));
    assert_eq!(store.acknowledge(claim("a"), letter("r"), over).await, Ok(Acknowledged::Nothing));
    assert_eq!(states(store, over).await, [(ParcelState::Expired, over)]);
    let told = store.parcels(works(), over).await.expect("a list");
    assert_eq!(told[0].fetched, Some(last), "that its reader had it stays said");
    assert_eq!(states(store, last).await, [(ParcelState::Fetched, last)]);
}

pub(super) async fn a_sweep_ends_and_forgets(store: &dyn Store) {
    for number in 0..1200 {
        let mut arrival = arrival(&format!("a{number}"));
        arrival.envelope = vec![1; 16];
        assert_eq!(
            store.upload(member("bo"), arrival, Share { parcels: 5000, ..SHARE }, NOW).await,
            Ok(Uploaded::Stored)
        );
    }
    let to = Mailbox::of(works());
    for text in ["waits", "done"] {
        store.dispatch(member("bo"), to, letter(text), ALLOWANCE, NOW).await.expect("sent");
    }
    store.done(to, vec![2]).await.expect("done");
    let swept = store.sweep(NOW.plus(DAY - 1)).await.expect("swept");
    assert_eq!((swept.parcels, swept.letters), (0, 0), "not a second before");
    let swept = store.sweep(NOW.plus(DAY)).await.expect("swept");
    assert_eq!((swept.parcels, swept.letters), (1200, 0));
    assert!(swept.expired.contains(&works()));
    assert_eq!(store.stored().await, Ok(Stored { parcels: 0, bytes: 0, letters: 1 }));
    store.sweep(NOW.plus(DAY + ENDED_STAY - 1)).await.expect("swept");
    assert!(store.lock(Cti(id("a7"))).await.expect("asked").is_some(), "the cti stays taken");
    store.sweep(NOW.plus(DAY + ENDED_STAY)).await.expect("swept");
    assert_eq!(store.lock(Cti(id("a7"))).await, Ok(None), "and is free 30 days later");
    let swept = store.sweep(NOW.plus(LETTERS_WAIT)).await.expect("swept");
    assert_eq!(swept.letters, 1, "the one that waited");
    assert_eq!(store.stored().await, Ok(Stored::default()));
}

pub(super) async fn a_share_counts_what_lies_there(store: &dyn Store) {
    let two = Share { parcels: 2, bytes: 300 };
    let up = async |name: &str| store.upload(member("bo"), arrival(name), two, NOW).await.expect("asked");
    assert_eq!(up("a").await, Uploaded::Stored);
    assert_eq!(up("b").await, Uploaded::Stored);
    assert_eq!(up("c").await, Uploaded::TooMuch, "two parcels");
    assert_eq!(up("a").await, Uploaded::Already);
    store.withdraw(member("bo"), Cti(id("a")), NOW).await.expect("ended");
    assert_eq!(up("long").await, Uploaded::TooMuch, "more than 300 bytes");
    assert_eq!(up("c").await, Uploaded::Stored);
    let other = Standing { organisation: OrganisationId(id("other")), ..member("bo") };
    let theirs = store.upload(other, arrival("d"), two, NOW).await;
    assert_eq!(theirs, Ok(Uploaded::Stored), "another organisation has its own share");
    store.sweep(NOW.plus(DAY)).await.expect("swept");
    let mut late = arrival("e");
    late.expires = NOW.plus(2 * DAY);
    assert_eq!(
        store.upload(member("bo"), late, two, NOW.plus(DAY)).await,
        Ok(Uploaded::Stored),
        "all is free"
    );
}

pub(super) async fn a_cti_is_taken_by_one(store: &dyn Store) {
    assert_eq!(upload(store, "a").await, Uploaded::Stored);
    assert_eq!(upload(store, "a").await, Uploaded::Already);
    let changes: [fn(&mut Arrival); 3] = [
        |arrival| arrival.digest = Digest::of(b"other"),
        |arrival| arrival.recipient = Digest::of(b"other"),
        |arrival| arrival.pick_up = [9; 32],
    ];
    for change in changes {
        let mut other = arrival("a");
        change(&mut other);
        assert_eq!(store.upload(member("bo"), other, SHARE, NOW).await, Ok(Uploaded::Taken));
    }
    let strange = Standing { organisation: OrganisationId(id("other")), ..member("bo") };
    assert_eq!(store.upload(strange, arrival("a"), SHARE, NOW).await, Ok(Uploaded::Taken));
    store.withdraw(member("bo"), Cti(id("a")), NOW).await.expect("ended");
    assert_eq!(upload(store, "a").await, Uploaded::Already, "what ended does not come back");
    assert_eq!(store.fetch(claim("a"), NOW).await, Ok(None));
}

pub(super) async fn a_member_who_was_removed_does_not_count(store: &dyn Store) {
    assert_eq!(upload(store, "a").await, Uploaded::Stored);
    let cy = member("cy");
    assert_eq!(store.remove(member("bo"), cy.member, NOW).await, Ok(true));
    let to = Mailbox { organisation: works(), identity: Some(Digest::of(b"pia")) };
    assert_eq!(store.upload(cy, arrival("b"), SHARE, NOW).await, Ok(Uploaded::Removed));
    assert_eq!(store.withdraw(cy, Cti(id("a")), NOW).await, Ok(Withdrawal::Removed));
    assert_eq!(store.dispatch(cy, to, letter("x"), ALLOWANCE, NOW).await, Ok(Posted::Unknown));
    assert_eq!(store.remove(cy, member("bo").member, NOW).await, Ok(false));
    assert_eq!(store.is_removed(cy).await, Ok(true));
    assert_eq!(store.is_removed(member("bo")).await, Ok(false), "nobody else");
    let elsewhere = Standing { organisation: OrganisationId(id("other")), ..cy };
    assert_eq!(store.is_removed(elsewhere).await, Ok(false), "nor elsewhere");
    for (issued, removed) in [(NOW, true), (NOW.plus(1), false)] {
        assert_eq!(store.is_removed(Standing { issued, ..cy }).await, Ok(removed), "issued at {issued:?}");
    }
    assert!(store.fetch(claim("a"), NOW).await.expect("asked").is_some(), "the parcel is as it was");
}

pub(super) async fn a_removal_is_never_set_back(store: &dyn Store) {
    let cy = member("cy");
    for at in [NOW, NOW.minus(HOUR), NOW.minus(DAY)] {
        assert_eq!(store.remove(member("bo"), cy.member, at).await, Ok(true));
        assert_eq!(store.is_removed(Standing { issued: NOW, ..cy }).await, Ok(true));
    }
}

pub(super) async fn cards_only_rise(store: &dyn Store) {
    let card = |version: u64| StoredCard {
        organisation: works(),
        version,
        document: version.to_be_bytes().to_vec(),
    };
    for (version, kept) in [(2, true), (2, false), (1, false), (3, true)] {
        assert_eq!(store.keep_card(card(version)).await, Ok(kept), "version {version}");
    }
    assert_eq!(store.cards().await, Ok(vec![card(3)]));
    assert_eq!(store.card_versions().await, Ok(vec![(works(), 3)]));
    let first = store.nonce_key().await.expect("a key");
    assert!(first == store.nonce_key().await.expect("a key"), "the same for all");
}

pub(super) async fn parcels_are_told_newest_first(store: &dyn Store) {
    // What is over by itself stands where it last changed, not at its end.
    let over = Arrival { expires: NOW.plus(5), ..arrival("d") };
    store.upload(member("bo"), over, SHARE, NOW).await.expect("stored");
    for (number, name) in ["a", "b", "c"].into_iter().enumerate() {
        store.upload(member("bo"), arrival(name), SHARE, NOW.plus(1 + number as u64)).await.expect("stored");
    }
    store.fetch(claim("a"), NOW.plus(9)).await.expect("fetched");
    let parcels = store.parcels(works(), NOW.plus(9)).await.expect("a list");
    let parcel = |name: &str, state, at, fetched: Option<u64>| Parcel {
        cti: Cti(id(name)),
        state,
        at: NOW.plus(at),
        fetched: fetched.map(|at| NOW.plus(at)),
    };
    let expected = [
        parcel("a", ParcelState::Fetched, 9, Some(9)),
        parcel("c", ParcelState::Uploaded, 3, None),
        parcel("b", ParcelState::Uploaded, 2, None),
        parcel("d", ParcelState::Expired, 5, None),
    ];
    assert_eq!(parcels, expected);
    let none = store.parcels(OrganisationId(id("other")), NOW).await;
    assert_eq!(none, Ok(Vec::new()), "nobody else is told");
}

pub(super) async fn many_at_once_have_one_winner(store: &dyn Store) {
    // Tasks need a store of their own to hold; futures that are polled together do not.
    for round in 0..5 {
        let name = format!("race {round}");
        assert_eq!(upload(store, &name).await, Uploaded::Stored);
        let fetches = (0..20).map(|_| store.fetch(claim(&name), NOW));
        let fetched = together(fetches).await;
        let first = fetched.iter().filter(|fetched| matches!(fetched, Ok(Some(f)) if f.first)).count();
        assert_eq!((first, fetched.len()), (1, 20), "one is the first, all have the bytes");
        let receipts = (0..20).map(|n| store.acknowledge(claim(&name), letter(&format!("{round} {n}")), NOW));
        let done =
            together(receipts).await.into_iter().filter(|a| matches!(a, Ok(Acknowledged::Done(_)))).count();
        assert_eq!(done, 1, "one ends it");
    }
    assert_eq!(store.letters(Mailbox::of(works()), 0).await.map(|letters| letters.len()), Ok(5));
    let to = Mailbox { organisation: works(), identity: Some(Digest::of(b"pia")) };
    let same = (0..20).map(|_| store.dispatch(member("bo"), to, letter("same"), ALLOWANCE, NOW));
    let stored = together(same).await.into_iter().filter(|posted| *posted == Ok(Posted::Stored)).count();
    assert_eq!(stored, 1, "the same letter is one letter");
}

/// All of them, polled in turns.
pub(super) async fn together<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, done) in &mut running {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if running.iter().all(|(_, done)| done.is_some()) { ().into() } else { std::task::Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, done)| done).collect()
}
