//! From the request to the key that works and its end, with nothing but the relay and one call between the two sides.

use countersign_app::{
    desk::{Desk, Selection},
    inbox::{Inbox, Posted},
};
use countersign_documents::{
    id::{KeyId, RequestId},
    order::{Act, Reason},
    relay::ParcelState,
};
use countersign_domain::KeyState;
use countersign_envelope::Link;

use crate::{
    people::{form, sign},
    world::World,
};

pub(crate) async fn revise(inbox: &Inbox, request: RequestId) -> Posted {
    let draft = inbox.draw_up_revision(request, &form()).await.unwrap();
    let sent = inbox.seal(draft).await.unwrap();
    inbox.send_request(&sent).await.unwrap()
}

pub(crate) async fn revoke(desk: &mut Desk, key: KeyId) {
    desk.catch_up().await.unwrap();
    let keys = desk.select(&Selection::Keys(vec![key]), Act::Revoke).unwrap();
    let ids: Vec<_> = keys.iter().map(|k| k.id).collect();
    desk.stop(&ids, Act::Revoke, Reason::Leaked, &mut |_| ()).await.unwrap();
}

/// A request that was answered and revised, and taken in at another desk each time.
async fn asked_and_revised(world: &World, inbox: &Inbox, alice: &mut Desk, ben: &mut Desk) -> RequestId {
    let sent = inbox.seal(inbox.draw_up(None, &form()).await.unwrap()).await.unwrap();
    assert_eq!(inbox.send_request(&sent).await.unwrap(), Posted::Sent, "the first letter, by the ticket");
    let synced = alice.sync(0).await.unwrap();
    assert_eq!(synced.imported.len(), 1, "the request came: {synced:?}");
    assert_eq!(synced.imported[0].id, sent.id.to_string());
    alice.reply(sent.id, "For how long do you need it?", false).await.unwrap();
    assert_eq!(alice.waiting_letters().await.unwrap(), 0, "the question is on its way");
    let read = inbox.sync(0).await.unwrap().read;
    assert_eq!(read.len(), 1, "the question came");
    let (state, message) = (read[0].state.as_str(), read[0].message.as_deref());
    assert_eq!((state, message), ("changes-asked", Some("For how long do you need it?")));
    world.pass(60);
    assert_eq!(revise(inbox, sent.id).await, Posted::Sent, "the relay knows this identity now");
    assert_eq!(ben.sync(0).await.unwrap().imported.len(), 1, "another desk takes the revision in");
    sent.id
}

/// A key that was sent as a link, opened and acknowledged.
async fn delivered(inbox: &Inbox, ben: &mut Desk, key: KeyId) {
    assert_eq!(ben.key(key).await.unwrap().state, "sealed");
    let release = ben.send_link(key).await.unwrap();
    assert_eq!(ben.key(key).await.unwrap().state, "uploaded");
    let link = Link::parse(&release.app).unwrap();
    let envelope = inbox.fetch_link(&link).await.unwrap();
    assert_eq!(
        envelope,
        inbox.fetch_link(&Link::parse(&release.https).unwrap()).await.unwrap(),
        "either form"
    );
    let synced = ben.sync(0).await.unwrap();
    assert_eq!(synced.parcels.len(), 1, "that it was fetched is known before it is opened");
    assert_eq!(synced.parcels[0].state, ParcelState::Fetched);
    assert_eq!(ben.key(key).await.unwrap().state, "fetched");
    let delivered = inbox.open_envelope(&envelope, &link.secret).await.unwrap();
    assert_eq!(inbox.send_receipt(&delivered.held.key).await.unwrap(), Posted::Sent);
    assert_eq!(inbox.waiting_letters().await.unwrap(), 0, "nothing is left to say");
    let synced = ben.sync(0).await.unwrap();
    assert_eq!(synced.imported.iter().map(|i| i.what).collect::<Vec<_>>(), ["receipt"]);
    assert_eq!(ben.state().keys[&key].state, KeyState::Active, "it works");
}

#[tokio::test]
async fn a_request_becomes_a_working_key_through_the_relay_alone() {
    let (_ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let (mut alice, mut ben) = (world.desk("alice").await, world.desk("ben").await);
    let request = asked_and_revised(&world, &inbox, &mut alice, &mut ben).await;
    sign(&mut alice, &mut ben, request, &world.fingerprint("noor").await).await;
    let key = ben.issue(request, None).await.unwrap().key;
    delivered(&inbox, &mut ben, key).await;
    world.pass(60);
    revoke(&mut ben, key).await;
    assert_eq!(ben.state().keys[&key].state, KeyState::Revoked);
    assert_eq!(inbox.sync(0).await.unwrap().read[0].state, "revoked", "the partner is told");
    for (event, times) in [
        ("request-received", 2),
        ("partner-answered", 1),
        ("envelope-handed-over", 1),
        ("envelope-fetched", 1),
        ("receipt-recorded", 1),
        ("key-activated", 1),
        ("delivery-withdrawn", 0),
    ] {
        assert_eq!(world.count(event).await, times, "{event}");
    }
    assert!(alice.sync(0).await.unwrap().imported.is_empty(), "nothing came twice");
    assert!(inbox.sync(0).await.unwrap().read.is_empty(), "on either side");
    world.end().await;
}

#[tokio::test]
async fn whoever_waits_is_told_at_once() {
    let (_ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let mut alice = world.desk("alice").await;
    let sent = inbox.seal(inbox.draw_up(None, &form()).await.unwrap()).await.unwrap();
    // The desk waits longer than this test may take: it is the letter that ends the wait.
    let begun = std::time::Instant::now();
    let (synced, posted) = tokio::join!(alice.sync(15), inbox.send_request(&sent));
    assert_eq!(posted.unwrap(), Posted::Sent);
    assert_eq!(synced.unwrap().imported.len(), 1, "the desk hears of it");
    alice.reply(sent.id, "No.", true).await.unwrap();
    assert_eq!(inbox.sync(15).await.unwrap().read.len(), 1, "and so does the partner");
    assert!(begun.elapsed().as_secs() < 15, "without waiting to the end");
    world.end().await;
}

#[tokio::test]
async fn a_bell_rings_for_what_came_and_keeps_nobody_from_working() {
    let (_ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    let (mut desk_bell, mut bells) = (ben.bell().await.unwrap(), inbox.bells().await.unwrap());
    assert_eq!(bells.len(), 1, "one relay, one bell");
    desk_bell.wait().await.unwrap();
    bells[0].wait().await.unwrap();
    let begun = std::time::Instant::now();
    let release = ben.send_link(key).await.unwrap();
    let link = Link::parse(&release.https).unwrap();
    let (rung, fetched) = tokio::join!(desk_bell.wait(), inbox.fetch_link(&link));
    fetched.unwrap();
    assert!(rung.unwrap(), "the desk hears that a parcel moved");
    let (rung, stopped) = tokio::join!(bells[0].wait(), revoke(&mut ben, key));
    assert!(rung.unwrap(), "the partner hears that there is a letter: {stopped:?}");
    assert!(begun.elapsed().as_secs() < 15, "without waiting to the end");
    assert_eq!(inbox.sync(0).await.unwrap().read.len(), 1, "which is still there to be read");
    world.end().await;
}

#[tokio::test]
async fn a_withdrawal_and_a_report_go_the_same_way() {
    let (_ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    let link = Link::parse(&ben.send_link(key).await.unwrap().https).unwrap();
    let envelope = inbox.fetch_link(&link).await.unwrap();
    inbox.open_envelope(&envelope, &link.secret).await.unwrap();
    inbox.send_receipt(&key).await.unwrap();
    let told = inbox.send_leak_report(key, "It stood in a log.").await.unwrap();
    assert_eq!(told.posted, Posted::Sent);
    let second = world.asked(&inbox).await;
    world.pass(1);
    assert_eq!(inbox.send_withdrawal(second).await.unwrap().posted, Posted::Sent);
    let synced = ben.sync(0).await.unwrap();
    let mut what: Vec<_> = synced.imported.iter().map(|i| i.what).collect();
    what.sort_unstable();
    assert!(what.contains(&"withdrawal"), "{synced:?}");
    assert_eq!(world.count("leak-reported").await, 1, "{synced:?}");
    assert_eq!(world.count("request-withdrawn").await, 1, "{synced:?}");
    world.end().await;
}
