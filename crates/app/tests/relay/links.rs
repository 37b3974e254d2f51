//! Links: one reader, one relay, and what is taken back.

use countersign_app::{Error, RelayFault, inbox::Posted};
use countersign_documents::{
    order::{Act, Reason},
    relay::Outcome,
    time::DAY,
};
use countersign_domain::{KeyState, Refusal, event::Way};
use countersign_envelope::Link;
use countersign_ports::RelayError;

use crate::{faulty::Fault, journey::revoke, world::World};

fn refused<T>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was let"),
    }
}

fn fault<T>(result: Result<T, Error>) -> RelayFault {
    match result {
        Err(Error::Relay(fault)) => fault,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was done"),
    }
}

#[tokio::test]
async fn a_link_is_of_use_to_its_reader_alone_and_only_at_the_relay_that_was_pinned() {
    let (_ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    let release = ben.send_link(key).await.unwrap();
    let link = Link::parse(&release.app).unwrap();

    let thief = world.new_inbox("thief").await;
    let before = world.way.asked();
    assert_eq!(fault(thief.fetch_link(&link).await), RelayFault::Strange, "nobody is pinned there");
    let elsewhere = Link { relay: "keys.evil.example".to_owned(), ..Link::parse(&release.app).unwrap() };
    assert_eq!(fault(inbox.fetch_link(&elsewhere).await), RelayFault::Strange, "another host");
    assert_eq!(world.way.asked(), before, "and none of them was asked");
    world.pin(&thief).await;
    assert_eq!(
        fault(thief.fetch_link(&link).await),
        RelayFault::NothingBehind,
        "it has the link, not the key"
    );

    let envelope = inbox.fetch_link(&link).await.unwrap();
    inbox.open_envelope(&envelope, &link.secret).await.unwrap();
    assert_eq!(fault(inbox.fetch_link(&link).await), RelayFault::Opened, "and only once");
    world.end().await;
}

#[tokio::test]
async fn what_was_fetched_stays_until_it_is_opened_whatever_becomes_of_the_relay() {
    let (_ground, mut world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    let link = Link::parse(&ben.send_link(key).await.unwrap().https).unwrap();
    world.way.break_all(Fault::Deaf);
    assert!(matches!(fault(inbox.fetch_link(&link).await), RelayFault::Failed(RelayError::Unreachable)));
    world.way.mend();
    let envelope = inbox.fetch_link(&link).await.unwrap();
    world.stop_relay().await;
    drop(inbox);
    // Another process, without any relay.
    let inbox = world.inbox("noor").await;
    assert_eq!(inbox.fetch_link(&link).await.unwrap(), envelope, "it lies in the vault");
    inbox.open_envelope(&envelope, &link.secret).await.unwrap();
    assert!(matches!(inbox.send_receipt(&key).await.unwrap(), Posted::Waits(_)), "the receipt waits");
    assert_eq!(inbox.waiting_letters().await.unwrap(), 1);
    assert_eq!(inbox.sync(0).await.unwrap().waits.len(), 1, "and says so");
    world.start_relay().await;
    assert!(inbox.sync(0).await.unwrap().waits.is_empty(), "it leaves as soon as it can");
    assert_eq!(inbox.waiting_letters().await.unwrap(), 0);
    ben.sync(0).await.unwrap();
    assert_eq!(ben.state().keys[&key].state, KeyState::Active, "and the key works");
    world.end().await;
}

#[tokio::test]
async fn an_envelope_that_was_not_brought_to_the_relay_is_still_here() {
    let (_ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    for broken in [Fault::Away, Fault::Deaf] {
        world.way.break_all(broken);
        let error = ben.send_link(key).await.map(drop).unwrap_err();
        assert_eq!((error.code(), error.exit()), ("not-uploaded", 4), "{broken:?}");
        world.way.mend();
    }
    assert_eq!(world.count("envelope-handed-over").await, 1, "trying again is not handing over again");
    let link = Link::parse(&ben.send_link(key).await.unwrap().https).unwrap();
    assert_eq!(world.count("envelope-handed-over").await, 1, "the first link that is given out");
    ben.send_link(key).await.unwrap();
    assert_eq!(world.count("envelope-handed-over").await, 2, "the same link given out again");
    assert!(ben.hand_over(key, Way::File).await.is_ok(), "or a file");
    assert!(inbox.fetch_link(&link).await.is_ok());
    world.end().await;
}

#[tokio::test]
async fn taking_back_wins_or_comes_too_late_and_both_sides_agree() {
    let (ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    let link = Link::parse(&ben.send_link(key).await.unwrap().https).unwrap();
    let answer = ben.withdraw_delivery(key).await.unwrap();
    assert_eq!(answer.outcome, Outcome::Withdrawn, "nobody had it");
    assert_eq!(ben.key(key).await.unwrap().state, "withdrawn");
    assert_eq!(fault(inbox.fetch_link(&link).await), RelayFault::NothingBehind, "nor will anybody");
    assert_eq!(refused(ben.send_link(key).await), Refusal::DeliveryWithdrawn);
    assert_eq!(refused(ben.hand_over(key, Way::File).await), Refusal::DeliveryWithdrawn);
    assert_eq!(refused(ben.withdraw_delivery(key).await), Refusal::AlreadyThere);
    world.end().await;

    let world = ground.world().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    assert_eq!(refused(ben.withdraw_delivery(key).await), Refusal::NotAtRelay, "it never went there");
    let link = Link::parse(&ben.send_link(key).await.unwrap().https).unwrap();
    let envelope = inbox.fetch_link(&link).await.unwrap();
    let answer = ben.withdraw_delivery(key).await.unwrap();
    assert_eq!(answer.outcome, Outcome::Fetched, "its reader was faster");
    assert_eq!(ben.key(key).await.unwrap().state, "fetched", "which is what the ledger says");
    inbox.open_envelope(&envelope, &link.secret).await.unwrap();
    assert_eq!(inbox.send_receipt(&key).await.unwrap(), Posted::Sent, "the receipt goes as a letter instead");
    ben.sync(0).await.unwrap();
    assert_eq!(world.count("receipt-recorded").await, 1, "and is on the record");
    world.end().await;
}

#[tokio::test]
async fn of_a_fetch_and_a_withdrawal_at_once_one_wins_and_the_ledger_says_which() {
    let ground = crate::world::Ground::make().await;
    let mut won = [0; 2];
    for round in 0..8 {
        let world = ground.world().await;
        let inbox = world.inbox("noor").await;
        world.pin(&inbox).await;
        let key = world.sealed(&inbox).await;
        let mut ben = world.desk("ben").await;
        let link = Link::parse(&ben.send_link(key).await.unwrap().https).unwrap();
        let (fetched, withdrawn) = if round % 2 == 0 {
            tokio::join!(inbox.fetch_link(&link), ben.withdraw_delivery(key))
        } else {
            let (withdrawn, fetched) = tokio::join!(ben.withdraw_delivery(key), inbox.fetch_link(&link));
            (fetched, withdrawn)
        };
        let outcome = withdrawn.unwrap().outcome;
        assert_eq!(fetched.is_ok(), outcome == Outcome::Fetched, "round {round}: {outcome}");
        let recorded = ben.state().keys[&key].parcel.unwrap().withdrawn.unwrap().outcome;
        assert_eq!(recorded, outcome, "round {round}: as the relay said");
        won[usize::from(fetched.is_ok())] += 1;
        world.end().await;
    }
    println!("withdrawn first {}, fetched first {}", won[0], won[1]);
}

#[tokio::test]
async fn a_stopped_key_is_kept_back_as_soon_as_the_relay_can_be_told() {
    let (_ground, mut world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    let link = Link::parse(&ben.send_link(key).await.unwrap().https).unwrap();
    world.stop_relay().await;
    revoke(&mut ben, key).await;
    assert_eq!(ben.state().keys[&key].state, KeyState::Revoked, "stopped all the same");
    assert_eq!(ben.waiting_withdrawals().await.unwrap().len(), 1, "that the relay does not know is seen");
    assert!(
        ben.due().await.unwrap().iter().any(|due| due.kind == "delivery"),
        "by whoever looks what is due"
    );
    drop(ben);
    world.start_relay().await;
    let mut ben = world.desk("ben").await;
    ben.sync(0).await.unwrap();
    assert!(ben.waiting_withdrawals().await.unwrap().is_empty());
    let parcel = ben.state().keys[&key].parcel.unwrap();
    assert_eq!(parcel.withdrawn.unwrap().outcome, Outcome::Withdrawn, "on the record");
    assert_eq!(fault(inbox.fetch_link(&link).await), RelayFault::NothingBehind);
    assert_eq!(inbox.sync(0).await.unwrap().read[0].state, "revoked", "and the partner is told why");
    world.end().await;
}

#[tokio::test]
async fn a_lost_answer_to_a_withdrawal_is_asked_for_again_and_recorded_once() {
    let (_ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    ben.send_link(key).await.unwrap();
    world.way.break_at(1, Fault::Deaf);
    let error = ben.withdraw_delivery(key).await.unwrap_err();
    assert_eq!((error.code(), error.exit()), ("not-withdrawn", 4));
    assert!(world.way.broke(), "it was the withdrawal whose answer was lost");
    world.way.mend();
    assert_eq!(refused(ben.send_link(key).await), Refusal::DeliveryWithdrawn, "it does not leave meanwhile");
    assert_eq!(
        ben.withdraw_delivery(key).await.unwrap().outcome,
        Outcome::Withdrawn,
        "the relay says it again"
    );
    assert_eq!(world.count("delivery-withdrawn").await, 1);
    world.end().await;
}

#[tokio::test]
async fn disabling_keeps_an_envelope_back_too_and_an_ended_one_needs_nothing() {
    let (ground, world) = World::begin().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    ben.send_link(key).await.unwrap();
    ben.stop(&[key], Act::Disable, Reason::Precaution, &mut |_| ()).await.unwrap();
    assert_eq!(world.count("delivery-withdrawn").await, 1);
    world.end().await;

    let world = ground.world().await;
    let inbox = world.inbox("noor").await;
    world.pin(&inbox).await;
    let key = world.sealed(&inbox).await;
    let mut ben = world.desk("ben").await;
    ben.send_link(key).await.unwrap();
    world.pass(31 * DAY);
    ben.catch_up().await.unwrap();
    assert_eq!(ben.key(key).await.unwrap().state, "expired", "without any entry");
    ben.stop(&[key], Act::Revoke, Reason::Ended, &mut |_| ()).await.unwrap();
    assert!(ben.waiting_withdrawals().await.unwrap().is_empty(), "there is nothing to keep back");
    world.end().await;
}
