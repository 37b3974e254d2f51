//! The whole journey, with the way to the relay broken once, at every question there is, before and after it is done: nothing
//! is lost and nothing doubled.

use countersign_app::{Error, desk::Desk, inbox::Inbox};
use countersign_domain::KeyState;
use countersign_envelope::Link;

use crate::{
    faulty::Fault,
    journey::revise,
    people::{form, sign},
    world::{Ground, World},
};

/// Calls it again where the relay did not answer: nobody has to do more.
macro_rules! again {
    ($call:expr) => {
        loop {
            match $call.await {
                Err(Error::Relay(_)) => {}
                done => break done.unwrap(),
            }
        }
    };
}

/// Everything waits for nothing but the next call.
async fn both(inbox: &Inbox, desk: &mut Desk) {
    again!(desk.sync(0));
    while !inbox.sync(0).await.unwrap().waits.is_empty() {}
    again!(desk.sync(0));
    while !inbox.sync(0).await.unwrap().waits.is_empty() {}
}

async fn journey(world: &World) {
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let sent = inbox.seal(inbox.draw_up(None, &form()).await.unwrap()).await.unwrap();
    inbox.send_request(&sent).await.unwrap();
    let (mut alice, mut ben) = (world.desk("alice").await, world.desk("ben").await);
    both(&inbox, &mut alice).await;
    alice.reply(sent.id, "For how long?", false).await.unwrap();
    both(&inbox, &mut alice).await;
    assert_eq!(inbox.request_view(sent.id).await.unwrap().state, "changes-asked");
    world.pass(1);
    revise(&inbox, sent.id).await;
    both(&inbox, &mut ben).await;
    sign(&mut alice, &mut ben, sent.id, &world.fingerprint("noor").await).await;
    let key = ben.issue(sent.id, None).await.unwrap().key;
    let release = again!(ben.send_link(key));
    let link = Link::parse(&release.https).unwrap();
    let envelope = again!(inbox.fetch_link(&link));
    again!(ben.sync(0));
    inbox.open_envelope(&envelope, &link.secret).await.unwrap();
    inbox.send_receipt(&key).await.unwrap();
    both(&inbox, &mut ben).await;
    assert_eq!(ben.state().keys[&key].state, KeyState::Active);
    assert_eq!(inbox.waiting_letters().await.unwrap() + ben.waiting_letters().await.unwrap(), 0);
}

async fn nothing_lost_or_doubled(world: &World, what: &str) {
    for (event, times) in [
        ("request-received", 2),
        ("partner-answered", 1),
        ("envelope-handed-over", 1),
        ("envelope-fetched", 1),
        ("receipt-recorded", 1),
        ("key-activated", 1),
    ] {
        assert_eq!(world.count(event).await, times, "{what}: {event}");
    }
    let (mut desk, inbox) = (world.desk("alice").await, world.inbox("noor").await);
    let synced = desk.sync(0).await.unwrap();
    assert!(synced.imported.is_empty() && synced.refused.is_empty(), "{what}: {synced:?}");
    assert!(inbox.sync(0).await.unwrap().read.is_empty(), "{what}: nothing waits for the partner");
}

/// Every question of the journey, each broken once in this way.
async fn broken_everywhere(fault: Fault) {
    let ground = Ground::make().await;
    let world = ground.world().await;
    journey(&world).await;
    let questions = world.way.asked();
    nothing_lost_or_doubled(&world, "unbroken").await;
    world.end().await;
    assert!(questions > 30, "the journey asks the relay often: {questions}");
    for n in 0..questions {
        let world = ground.world().await;
        world.way.break_at(n, fault);
        journey(&world).await;
        assert!(world.way.broke(), "question {n} was reached");
        world.way.mend();
        nothing_lost_or_doubled(&world, &format!("{fault:?} at question {n}")).await;
        world.end().await;
    }
    println!("{questions} questions, each broken once: {fault:?}");
}

#[tokio::test]
async fn whatever_question_does_not_get_there_nothing_is_lost_and_nothing_doubled() {
    broken_everywhere(Fault::Away).await;
}

#[tokio::test]
async fn whatever_answer_is_lost_nothing_is_lost_with_it_and_nothing_doubled() {
    broken_everywhere(Fault::Deaf).await;
}

#[tokio::test]
async fn with_the_relay_away_at_every_step_all_of_it_comes_when_it_is_back() {
    let (_ground, mut world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    world.stop_relay().await;
    let sent = inbox.seal(inbox.draw_up(None, &form()).await.unwrap()).await.unwrap();
    inbox.send_request(&sent).await.unwrap();
    assert_eq!(inbox.request_view(sent.id).await.unwrap().state, "unsent", "not shown as sent");
    drop(inbox);
    world.start_relay().await;
    let inbox = world.inbox("noor").await;
    assert!(inbox.sync(0).await.unwrap().waits.is_empty());
    let mut alice = world.desk("alice").await;
    assert_eq!(alice.sync(0).await.unwrap().imported.len(), 1);
    world.stop_relay().await;
    alice.reply(sent.id, "For how long?", false).await.unwrap();
    assert_eq!(alice.waiting_letters().await.unwrap(), 1, "the reply is recorded, and waits");
    assert!(matches!(alice.sync(0).await, Err(Error::Relay(_))), "nobody is there");
    drop(alice);
    world.start_relay().await;
    let mut alice = world.desk("alice").await;
    alice.sync(0).await.unwrap();
    assert_eq!(alice.waiting_letters().await.unwrap(), 0);
    assert_eq!(inbox.sync(0).await.unwrap().read.len(), 1, "it came");
    assert_eq!(world.count("partner-answered").await, 1, "and was said once");
    world.end().await;
}
