//! A new key of the relay's witness counts when two admins accepted the very same.

use countersign_documents::certificate::Right;
use countersign_domain::{Event, Refusal, event::WitnessAccepted};

use crate::world::{Desk, World, organisation::line};

fn accepted(relay: &str, key: &str) -> WitnessAccepted {
    let key = Desk::new(key, &[]).signing().public();
    WitnessAccepted { relay: line(relay), name: line("relay.example/witness"), key }
}

const RELAY: &str = "https://relay.example";

#[test]
fn two_admins_accept_the_same_key_and_one_alone_accepts_nothing() {
    let mut world = World::founded();
    let [first, second] = [world.founders[0].clone(), world.founders[1].clone()];
    let event = accepted(RELAY, "new");
    let relay = line(RELAY);
    world.must(&first, Event::WitnessAccepted(event.clone()));
    assert_eq!(world.state.accepted_witness(&relay), None, "one person");
    let again = world.check(&first, &Event::WitnessAccepted(event.clone()));
    assert_eq!(again, Err(Refusal::AlreadyThere), "who said it says it once");
    let other = accepted(RELAY, "other");
    world.must(&second, Event::WitnessAccepted(other));
    assert_eq!(world.state.accepted_witness(&relay), None, "another person, and another key");
    world.must(&second, Event::WitnessAccepted(event.clone()));
    assert_eq!(world.state.accepted_witness(&relay), Some(&event), "two persons, one key");
    let third = world.check(&world.founders[2].clone(), &Event::WitnessAccepted(event));
    assert_eq!(third, Err(Refusal::AlreadyThere), "it counts already");
    assert_eq!(world.state.accepted_witness(&line("https://other.example")), None, "of this relay alone");
}

#[test]
fn a_second_desk_of_the_same_person_is_no_second_person() {
    let mut world = World::founded();
    let first = world.founders[0].clone();
    let twin = first.second(&[Right::Admin]);
    world.admit(&twin);
    world.must(&first, Event::WitnessAccepted(accepted(RELAY, "new")));
    let again = world.check(&twin, &Event::WitnessAccepted(accepted(RELAY, "new")));
    assert_eq!(again, Err(Refusal::AlreadyThere));
    assert_eq!(world.state.accepted_witness(&line(RELAY)), None);
}

#[test]
fn what_was_said_before_a_key_counted_is_over_with_it() {
    let mut world = World::founded();
    let [first, second, third] = [0, 1, 2].map(|n| world.founders[n].clone());
    world.must(&third, Event::WitnessAccepted(accepted(RELAY, "old")));
    world.must(&first, Event::WitnessAccepted(accepted(RELAY, "new")));
    world.must(&second, Event::WitnessAccepted(accepted(RELAY, "new")));
    world.must(&first, Event::WitnessAccepted(accepted(RELAY, "old")));
    let stands = world.state.accepted_witness(&line(RELAY)).cloned();
    assert_eq!(stands, Some(accepted(RELAY, "new")), "what the third said was said of another time");
    world.must(&second, Event::WitnessAccepted(accepted(RELAY, "old")));
    let stands = world.state.accepted_witness(&line(RELAY)).cloned();
    assert_eq!(stands, Some(accepted(RELAY, "old")), "two can go back");
}
