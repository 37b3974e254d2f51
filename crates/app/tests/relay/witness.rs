//! The relay remembers how far the ledger had grown: what was set back here is noticed, even where nothing here remembers.

use countersign_app::{Error, WitnessFlaw, desk::Desk};
use countersign_documents::{Secret32, SigningKey};
use countersign_domain::Refusal;
use countersign_ledger::WitnessKey;
use tempfile::TempDir;

use crate::{
    people::{Place, agree, form},
    world::World,
};

/// Two more entries: a change that is proposed and dropped.
async fn grow(world: &World, desk: &mut Desk) {
    world.pass(60);
    let relay = desk.relay().unwrap();
    let change = desk.propose_card(Some(&relay)).await.unwrap();
    desk.drop_change(change).await.unwrap();
}

async fn put_away(place: Place<'_>, desk: Desk) {
    drop(desk);
    place.close().await;
}

/// Shows the relay the ledger, and gives a copy of everything that lies here at that moment.
async fn witnessed(world: &World) -> (u64, TempDir) {
    // The desk that joined puts on the record whom it compared as it is opened first.
    let place = world.place();
    let ben = place.desk("ben").await;
    put_away(place, ben).await;
    let place = world.place();
    let mut alice = place.desk("alice").await;
    alice.sync(0).await.unwrap();
    let size = alice.witnessed().unwrap().size;
    put_away(place, alice).await;
    (size, world.copy_of_desks())
}

/// Goes on from there, in sight of the relay, and puts the copy back.
async fn set_back(world: &World, copy: &TempDir) -> u64 {
    let place = world.place();
    let mut alice = place.desk("alice").await;
    grow(world, &mut alice).await;
    alice.sync(0).await.unwrap();
    let size = alice.witnessed().unwrap().size;
    put_away(place, alice).await;
    world.put_back(copy);
    size
}

fn flaw(error: &Error) -> (&'static str, u8) {
    assert!(!error.advice().is_empty(), "it says what to do");
    (error.code(), error.exit())
}

#[tokio::test]
async fn a_ledger_is_witnessed_as_far_as_it_goes_and_verifying_says_so() {
    let (_ground, world) = World::begin().await;
    let (mut alice, mut ben) = (world.desk("alice").await, world.desk("ben").await);
    assert_eq!(alice.witnessed(), None, "nobody was asked");
    assert!(alice.audit(|_, _| ()).await.unwrap().witnessed.is_none());
    let synced = alice.sync(0).await.unwrap();
    assert_eq!((synced.witness, synced.waits), (None, None));
    let seen = alice.witnessed().unwrap();
    assert_eq!((seen.size, seen.time), (alice.head().size, world.clock.time()));
    grow(&world, &mut ben).await;
    ben.sync(0).await.unwrap();
    assert_eq!(ben.witnessed().unwrap().size, seen.size + 2, "another desk goes on from there");
    assert_eq!(alice.witnessed(), Some(seen), "which this one is not told by itself");
    world.pass(600);
    alice.sync(0).await.unwrap();
    let view = world.desk("alice").await.audit(|_, _| ()).await.unwrap();
    assert!(view.clean, "{view:?}");
    let remembered = view.witnessed.unwrap();
    assert_eq!((remembered.size, remembered.time), (seen.size + 2, world.clock.time().0), "it is remembered");
    // What was taken in is witnessed in the same call.
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    world.asked(&inbox).await;
    let alice = world.desk("alice").await;
    assert_eq!(alice.witnessed().unwrap().size, alice.head().size);
    world.end().await;
}

#[tokio::test]
async fn a_ledger_and_its_vaults_set_back_together_are_noticed_by_sync() {
    let (_ground, world) = World::begin().await;
    let (size, copy) = witnessed(&world).await;
    let knows = set_back(&world, &copy).await;
    assert_eq!(knows, size + 2);
    let mut alice = world.desk("alice").await;
    assert_eq!(alice.head().size, size, "alone it is as it was, and finds nothing wrong");
    assert!(alice.audit(|_, _| ()).await.unwrap().clean);
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let sent = inbox.seal(inbox.draw_up(None, &form()).await.unwrap()).await.unwrap();
    inbox.send_request(&sent).await.unwrap();
    assert!(inbox.sync(0).await.unwrap().waits.is_empty(), "a letter waits at the relay");
    for _ in 0..2 {
        let error = alice.sync(0).await.unwrap_err();
        assert_eq!(flaw(&error), ("witness-ahead", 3), "{error}");
        assert!(error.to_string().contains(&format!("{knows} entries")), "{error}");
    }
    let error = world.desk("ben").await.sync(0).await.unwrap_err();
    assert_eq!(flaw(&error), ("witness-ahead", 3), "at every desk");
    assert_eq!(world.desk("alice").await.head().size, size, "and nothing went on from there");
    world.end().await;
}

#[tokio::test]
async fn a_ledger_that_was_set_back_and_went_on_is_noticed_too() {
    let (_ground, world) = World::begin().await;
    let (_, copy) = witnessed(&world).await;
    let knows = set_back(&world, &copy).await;
    let mut alice = world.desk("alice").await;
    grow(&world, &mut alice).await;
    assert_eq!(alice.head().size, knows, "as long as the relay knows it, and another");
    let error = alice.sync(0).await.unwrap_err();
    assert_eq!(flaw(&error), ("witness-forked", 3), "{error}");
    grow(&world, &mut alice).await;
    let error = alice.sync(0).await.unwrap_err();
    assert_eq!(flaw(&error), ("witness-forked", 3), "longer, and still another: {error}");
    assert!(error.to_string().contains(&format!("first {knows} entries")), "{error}");
    world.end().await;
}

#[tokio::test]
async fn a_witness_that_forgot_or_changed_is_said_and_stops_nothing() {
    let (_ground, mut world) = World::begin().await;
    world.new_relay([7; 32]).await;
    let mut alice = world.desk("alice").await;
    assert_eq!(alice.sync(0).await.unwrap().witness, None);
    let told = alice.witnessed().unwrap().size;
    world.new_relay([7; 32]).await;
    let synced = alice.sync(0).await.unwrap();
    assert_eq!(synced.witness, Some(WitnessFlaw::WentBack { knows: 0, told }));
    assert_eq!(alice.sync(0).await.unwrap().witness, None, "it was shown everything again");
    let seen = alice.witnessed().unwrap();
    world.new_relay([8; 32]).await;
    world.pass(60);
    for desk in [&mut alice, &mut world.desk("alice").await] {
        let synced = desk.sync(0).await.unwrap();
        assert_eq!(synced.witness, Some(WitnessFlaw::OtherKey), "as often as it is asked");
        assert_eq!(desk.witnessed(), Some(seen), "what another key signed does not count");
    }
    world.new_relay([7; 32]).await;
    assert!(alice.sync(0).await.is_ok());
    assert!(alice.witnessed().unwrap().time > seen.time, "the key that was met first counts");
    world.end().await;
}

/// What whoever runs a relay with this seed reads to an admin.
fn told(seed: u8) -> String {
    let public = *SigningKey::from_seed(&Secret32::new([seed; 32])).public().as_bytes();
    WitnessKey { name: "127.0.0.1/witness".to_owned(), public }.to_text()
}

#[tokio::test]
async fn a_new_key_of_the_witness_counts_once_two_admins_have_accepted_it() {
    let (_ground, mut world) = World::begin().await;
    world.new_relay([7; 32]).await;
    let (mut alice, mut ben) = (world.desk("alice").await, world.desk("ben").await);
    assert_eq!(alice.sync(0).await.unwrap().witness, None);
    assert_eq!(ben.sync(0).await.unwrap().witness, None);
    assert_eq!(alice.witness_goes_by().await.unwrap(), told(7));
    // Its database was lost, and the key with it.
    world.new_relay([8; 32]).await;
    assert_eq!(alice.sync(0).await.unwrap().witness, Some(WitnessFlaw::OtherKey));
    let error = alice.accept_witness(&told(9)).await.unwrap_err();
    assert_eq!(flaw(&error), ("witness-differs", 3), "one that the relay does not have: {error}");
    let error = alice.accept_witness("relay.example").await.unwrap_err();
    assert_eq!(error.exit(), 2, "no key at all: {error}");
    let before = alice.head().size;
    assert!(!alice.accept_witness(&told(8)).await.unwrap().1, "one admin alone");
    assert_eq!(alice.head().size, before + 1, "it is on the record");
    let again = alice.accept_witness(&told(8)).await.unwrap_err();
    assert!(matches!(again, Error::Refused(Refusal::AlreadyThere)), "and said once");
    assert_eq!(alice.sync(0).await.unwrap().witness, Some(WitnessFlaw::OtherKey), "nothing counts yet");
    assert!(ben.accept_witness(&told(8)).await.unwrap().1, "the second admin");
    for desk in [&mut alice, &mut ben] {
        assert_eq!(desk.sync(0).await.unwrap().witness, None, "every desk goes by it");
        assert_eq!(desk.witness_goes_by().await.unwrap(), told(8));
        assert_eq!(desk.witnessed().unwrap().size, desk.head().size, "and the ledger is witnessed again");
    }
    world.new_relay([7; 32]).await;
    let flaw = alice.sync(0).await.unwrap().witness;
    assert_eq!(flaw, Some(WitnessFlaw::OtherKey), "the key that was met first counts no more");
    world.end().await;
}

#[tokio::test]
async fn without_a_relay_nothing_is_witnessed() {
    let (_ground, world) = World::begin().await;
    let (mut alice, mut ben) = (world.desk("alice").await, world.desk("ben").await);
    alice.sync(0).await.unwrap();
    world.pass(60);
    let change = alice.propose_card(None).await.unwrap();
    agree(&mut alice, &mut ben, change).await;
    assert_eq!(alice.sync(0).await.unwrap_err().code(), "no-relay");
    assert_eq!(alice.witnessed(), None, "the card names none");
    assert!(alice.audit(|_, _| ()).await.unwrap().witnessed.is_none());
    world.end().await;
}
