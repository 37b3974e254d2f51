//! Receipts, and keys that work only after them.

use countersign_documents::{
    Digest,
    grant::Activation,
    id::{Cti, GrantId, OrganisationId},
    order::Act,
    receipt::Receipt,
    relay::Outcome,
};
use countersign_domain::{
    Delivery, Event, KeyState, Refusal,
    event::{Activated, Fetched, HandedOver, Way},
};

use crate::world::{Partner, World, asking::reading};

#[test]
fn a_receipt_is_the_recipients_for_this_envelope_and_from_inside_it() {
    let mut world = World::founded();
    let (_, other) = world.until_issued(crate::world::acts::asked_with(&["orders:write"], "sandbox"));
    let (_, key) = world.until_issued(reading("sandbox"));
    let with = |edit: &dyn Fn(&mut Receipt)| {
        let mut receipt = world.receipt(key);
        edit(&mut receipt);
        world.check(&world.agent, &world.acknowledged(&world.partner, key, &receipt))
    };
    let differs = Err(Refusal::ReceiptDiffers);
    assert_eq!(with(&|_| {}), Ok(()), "as the partner's device makes it");
    assert_eq!(with(&|r| r.cti = Cti([1; 16])), differs, "for another envelope's id");
    assert_eq!(with(&|r| r.envelope = Digest([1; 32])), differs, "for another envelope");
    assert_eq!(with(&|r| r.nonce = Digest([1; 32])), differs, "without having opened it");
    let public = world.key(key).nonce.unwrap();
    assert_eq!(with(&|r| r.nonce = public), differs, "with what the log says of the nonce");
    assert_eq!(with(&|r| r.grant = GrantId([1; 16])), differs, "under another grant");
    assert_eq!(with(&|r| r.organisation = OrganisationId([1; 16])), differs, "for another organisation");
    let elsewhere = world.acknowledged(&world.partner, key, &world.receipt(other));
    assert_eq!(world.check(&world.agent, &elsewhere), differs, "for another key of the same partner");
    let thief = world.acknowledged(&Partner::new("Thief"), key, &world.receipt(key));
    assert_eq!(world.check(&world.agent, &thief), differs, "by somebody who only has the envelope");
}

#[test]
fn an_inert_key_works_only_after_its_receipt_and_not_once_it_is_stopped() {
    let mut world = World::founded();
    let (agent, founder) = (world.agent.clone(), world.founders[3].clone());
    let (_, key) = world.until_issued(reading("sandbox"));
    let activate = Event::Activated(Activated { key });
    assert_eq!(world.check(&agent, &activate), Err(Refusal::KeyNotOpened), "sealed");
    world.hand_over(key);
    assert_eq!(world.check(&agent, &activate), Err(Refusal::KeyNotOpened), "handed over");
    let mut stopped = world.clone();
    let order = stopped.order(&founder, Act::Disable, vec![key]);
    stopped.must(&founder, order);
    stopped.open(key);
    assert_eq!(stopped.act(&agent, activate.clone()), Err(Refusal::KeyStopped), "an order stands against it");
    let again = Event::HandedOver(HandedOver { key, way: Way::Link });
    assert_eq!(stopped.act(&agent, again), Err(Refusal::KeyStopped), "nor does its envelope leave again");
    world.open(key);
    assert_eq!(world.key(key).state, KeyState::Opened, "opened is not active");
    world.must(&agent, activate.clone());
    assert_eq!(world.act(&agent, activate), Err(Refusal::KeyActive), "and active is active");
}

#[test]
fn a_key_that_cannot_be_held_back_counts_as_active_with_its_receipt() {
    let mut world = World::founded();
    let (reviewer, approver, agent) = (world.reviewer.clone(), world.approver.clone(), world.agent.clone());
    let request = world.ready(reading("byhand"));
    let (mut grant, vetting) = world.draft(&reviewer, request).unwrap();
    grant.activation = Activation::AtOnce;
    let event = world.vetted(&reviewer, request, grant, vetting);
    world.must(&reviewer, event);
    world.try_countersign(&approver, request).unwrap();
    let key = world.try_intend(&agent, request).unwrap();
    world.must(&agent, Event::Issued(world.issued(key)));
    let mut ordered = world.clone();
    let order = ordered.order(&agent, Act::Revoke, vec![key]);
    ordered.must(&agent, order);
    ordered.open(key);
    assert_eq!(ordered.key(key).state, KeyState::Opened, "but not where it is to be stopped");
    world.open(key);
    assert_eq!(world.key(key).state, KeyState::Active, "the receipt says it arrived");
}

#[test]
fn what_was_not_given_to_the_relay_is_neither_fetched_nor_taken_back() {
    let mut world = World::founded();
    let agent = world.agent.clone();
    let (_, key) = world.until_issued(reading("sandbox"));
    let fetched = Event::Fetched(Fetched { key, at: world.now });
    let withdrawn = world.withdrawn(key, Outcome::Withdrawn);
    let not_there = Err(Refusal::NotAtRelay);
    assert_eq!(world.check(&agent, &fetched), not_there, "sealed");
    assert_eq!(world.check(&agent, &withdrawn), not_there, "sealed");
    world.hand_over(key);
    assert_eq!(world.check(&agent, &fetched), not_there, "handed over as a file");
    assert_eq!(world.check(&agent, &withdrawn), not_there, "handed over as a file");
    world.must(&agent, Event::HandedOver(HandedOver { key, way: Way::Link }));
    assert_eq!(world.check(&agent, &fetched), Ok(()), "by a link as well");
    assert_eq!(world.check(&agent, &withdrawn), Ok(()), "by a link as well");
}

#[test]
fn an_envelope_is_fetched_or_taken_back_and_the_ledger_never_says_both() {
    let mut world = World::founded();
    let agent = world.agent.clone();
    let (_, key) = world.until_issued(reading("sandbox"));
    world.must(&agent, Event::HandedOver(HandedOver { key, way: Way::Link }));
    let shown = |world: &World| world.key(key).delivery(world.now);
    assert_eq!(shown(&world), Delivery::Uploaded, "it waits");
    let until = world.key(key).opens_until.unwrap();
    assert_eq!(world.key(key).delivery(until), Delivery::Expired, "and not for ever");
    let fetched = Event::Fetched(Fetched { key, at: world.now });
    let again = Event::HandedOver(HandedOver { key, way: Way::File });

    let mut back = world.clone();
    back.must(&agent, back.withdrawn(key, Outcome::Withdrawn));
    assert_eq!(shown(&back), Delivery::Withdrawn, "nobody had it");
    assert!(!back.key(key).is_at_relay(back.now), "nor will anybody");
    assert_eq!(back.check(&agent, &fetched), Err(Refusal::DeliveryWithdrawn), "so nobody fetched it");
    assert_eq!(back.check(&agent, &again), Err(Refusal::DeliveryWithdrawn), "nor does it leave again");
    let twice = back.withdrawn(key, Outcome::Fetched);
    assert_eq!(back.check(&agent, &twice), Err(Refusal::AlreadyThere), "it is taken back once");

    world.must(&agent, fetched.clone());
    assert_eq!(shown(&world), Delivery::Fetched, "its reader has it");
    assert_eq!(world.check(&agent, &fetched), Err(Refusal::AlreadyThere), "which is said once");
    for outcome in [Outcome::Withdrawn, Outcome::Expired] {
        let nobody = world.withdrawn(key, outcome);
        assert_eq!(
            world.check(&agent, &nobody),
            Err(Refusal::OutcomeDiffers),
            "{outcome:?}: somebody had it"
        );
    }
    let mut late = world.clone();
    late.must(&agent, late.withdrawn(key, Outcome::Fetched));
    assert_eq!(shown(&late), Delivery::Fetched, "taking it back came too late");
    assert_eq!(late.check(&agent, &again), Err(Refusal::DeliveryWithdrawn), "but it does not leave again");
    world.open(key);
    assert_eq!(shown(&world), Delivery::State(KeyState::Opened), "the receipt says more");
    assert_eq!(world.check(&agent, &fetched), Err(Refusal::AlreadyThere), "than that it was fetched");
}

#[test]
fn what_the_relay_says_is_recorded_of_a_stopped_key_too() {
    let mut world = World::founded();
    let agent = world.agent.clone();
    let (_, key) = world.until_issued(reading("sandbox"));
    world.must(&agent, Event::HandedOver(HandedOver { key, way: Way::Link }));
    let order = world.order(&agent, Act::Revoke, vec![key]);
    world.must(&agent, order);
    assert_eq!(
        world.check(&agent, &Event::Fetched(Fetched { key, at: world.now })),
        Ok(()),
        "it was fetched"
    );
    assert_eq!(world.check(&agent, &world.withdrawn(key, Outcome::Withdrawn)), Ok(()), "or it was not");
}
