//! Invitations: the card, and the right to write, for the first who uses it.

use countersign_app::{Error, RelayFault, inbox::Posted};
use countersign_documents::{
    Secret32,
    relay::{Invitation, TICKET},
    time::DAY,
};
use countersign_ports::RelayError;

use crate::{
    people::{form, heard},
    world::World,
};

#[tokio::test]
async fn a_ticket_lets_one_identity_write_and_no_second() {
    let (_ground, world) = World::begin().await;
    let desk = world.desk("alice").await;
    let invitation = desk.invite().unwrap().to_bytes();
    let spoken = desk.organisation_view().await.unwrap().fingerprint;
    let (noor, other) = (world.inbox("noor").await, world.new_inbox("other").await);
    for inbox in [&noor, &other] {
        let known = inbox.inspect_card(&invitation).await.unwrap();
        assert!(!known.known, "its fingerprint must be typed");
        inbox.pin(&invitation, Some(&heard(&spoken))).await.unwrap();
    }
    let sent = noor.seal(noor.draw_up(None, &form()).await.unwrap()).await.unwrap();
    assert_eq!(noor.send_request(&sent).await.unwrap(), Posted::Sent);
    let sent = other.seal(other.draw_up(None, &form()).await.unwrap()).await.unwrap();
    let posted = other.send_request(&sent).await.unwrap();
    assert_eq!(posted, Posted::Waits(RelayFault::Failed(RelayError::NotTaken)), "it was used up");
    let view = other.request_view(sent.id).await.unwrap();
    assert_eq!(view.state, "unsent", "what is not sent is not shown as sent");
    // A new invitation: the same letter leaves.
    let again = desk.invite().unwrap().to_bytes();
    other.pin(&again, None).await.unwrap();
    assert!(other.sync(0).await.unwrap().waits.is_empty());
    assert_eq!(other.request_view(sent.id).await.unwrap().state, "sent");
    let mut desk = world.desk("alice").await;
    assert_eq!(desk.sync(0).await.unwrap().imported.len(), 2, "both came, once each");
    world.end().await;
}

#[tokio::test]
async fn a_card_alone_gives_no_right_to_write() {
    let (_ground, world) = World::begin().await;
    let desk = world.desk("alice").await;
    let spoken = desk.organisation_view().await.unwrap().fingerprint;
    let inbox = world.inbox("noor").await;
    inbox.pin(desk.card().unwrap(), Some(&heard(&spoken))).await.unwrap();
    let sent = inbox.seal(inbox.draw_up(None, &form()).await.unwrap()).await.unwrap();
    let posted = inbox.send_request(&sent).await.unwrap();
    assert_eq!(posted, Posted::Waits(RelayFault::Failed(RelayError::NotTaken)));
    let mut desk = world.desk("alice").await;
    desk.import(&sent.letter).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn an_invitation_that_does_not_hold_is_not_pinned() {
    let (_ground, world) = World::begin().await;
    let desk = world.desk("alice").await;
    let spoken = desk.organisation_view().await.unwrap().fingerprint;
    let inbox = world.inbox("noor").await;
    let tried =
        async |invitation: &Invitation| inbox.pin(&invitation.to_bytes(), Some(&heard(&spoken))).await;
    let good = desk.invite().unwrap();
    let other_seed = Invitation { seed: Secret32::new([7; 32]), ..desk.invite().unwrap() };
    let forged = Invitation { ticket: good.card.clone(), ..desk.invite().unwrap() };
    for bad in [&other_seed, &forged] {
        let refused = tried(bad).await;
        assert!(matches!(refused, Err(Error::Rejected { what: "invitation", .. })), "{refused:?}");
    }
    world.pass(TICKET - DAY);
    assert!(inbox.organisations().await.unwrap().is_empty(), "nothing of them was kept");
    world.end().await;
}

#[tokio::test]
async fn without_a_relay_on_the_card_there_is_no_invitation_and_no_link() {
    let dir = tempfile::tempdir().unwrap();
    let clock = crate::people::TestClock::new();
    let way = std::sync::Arc::new(crate::faulty::Faulty::default());
    let place = crate::people::Place::new(dir.path(), &clock, way.clone());
    place.found("https://keys.larkfield.example").await;
    let (mut first, mut second) = (place.desk("alice").await, place.desk("ben").await);
    let change = first.propose_card(None).await.unwrap();
    crate::people::agree(&mut first, &mut second, change).await;
    let asked = way.asked();
    let none = |error: Error| matches!(error, Error::Relay(RelayFault::None));
    assert!(none(first.invite().map(drop).unwrap_err()));
    assert!(none(first.sync(0).await.map(drop).unwrap_err()));
    assert_eq!(way.asked(), asked, "nobody is asked");
}
