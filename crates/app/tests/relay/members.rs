//! What a relay is told of members and cards, and of letters that are none.

use countersign_documents::{certificate::Right, id::RequestId, time::DAY};
use countersign_ports::RelayError;

use crate::{faulty::Fault, people::agree, world::World};

#[tokio::test]
async fn a_newer_card_is_followed_silently_through_the_relay() {
    let (_ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    inbox.sync(0).await.unwrap();
    world.pass(DAY);
    let (mut alice, mut ben) = (world.desk("alice").await, world.desk("ben").await);
    let origin = alice.relay().unwrap();
    let change = alice.propose_card(Some(&origin)).await.unwrap();
    world.way.break_all(Fault::Away);
    agree(&mut alice, &mut ben, change).await;
    world.way.mend();
    assert!(inbox.sync(0).await.unwrap().cards.is_empty(), "the relay does not have it yet");
    ben.sync(0).await.unwrap();
    world.pass(DAY);
    assert_eq!(inbox.sync(0).await.unwrap().cards, [world.organisation], "now it does");
    world.pass(DAY);
    assert!(inbox.sync(0).await.unwrap().cards.is_empty(), "once");
    world.end().await;
}

#[tokio::test]
async fn a_suspended_member_is_not_listened_to_as_soon_as_the_relay_knows() {
    let (_ground, world) = World::begin().await;
    let carol = world.new_member("carol", vec![Right::Vet, Right::Issue]).await;
    let mut alice = world.desk("alice").await;
    let certificate = alice.state().members[&carol].certificate.0.clone();
    assert!(world.polled("carol", &certificate).await.is_ok(), "a member");
    world.pass(1);
    world.way.break_all(Fault::Away);
    alice.suspend(carol, "left").await.unwrap();
    world.way.mend();
    assert!(world.polled("carol", &certificate).await.is_ok(), "the relay does not know yet");
    // Another admin's desk tells it as well.
    world.desk("ben").await.sync(0).await.unwrap();
    assert_eq!(world.polled("carol", &certificate).await, Err(RelayError::NotTaken), "now it does");
    alice.sync(0).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn what_is_no_letter_is_said_once_and_what_a_rule_refuses_for_now_stays() {
    let (_ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    world.asked(&inbox).await;
    world.post("noor", b"no letter at all").await;
    world.post("noor", &world.notice("noor", RequestId([9; 16])).await).await;
    let mut alice = world.desk("alice").await;
    let refused = alice.sync(0).await.unwrap().refused;
    let said: Vec<_> = refused.iter().map(|r| (r.code, r.stays)).collect();
    assert_eq!(said, [("document-not-accepted", false), ("no-such-request", true)], "{refused:?}");
    let refused = world.desk("ben").await.sync(0).await.unwrap().refused;
    let said: Vec<_> = refused.iter().map(|r| (r.code, r.stays)).collect();
    assert_eq!(said, [("no-such-request", true)], "only what may still be taken in is there");
    world.end().await;
}
