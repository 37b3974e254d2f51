//! Stopping: one person is enough, nothing undoes it, ordered is not stopped, and nobody stops everything alone.

use countersign_documents::{
    Blob, Digest,
    certificate::Right,
    id::{KeyId, OrderId, OrganisationId},
    order::{Act, Order, Reason},
    policy::FindingCode,
    time::{DAY, HOUR},
};
use countersign_domain::{
    Event, KeyState, Refusal,
    event::{Abandoned, Erased, Imported, Legacy, Ordered, StopFailed, Stopped, company},
};

use super::member;
use crate::world::{
    Desk, Partner, World,
    acts::legacy,
    asking::reading,
    organisation::{ORGANISATION, line},
};

/// So many keys of one holder, from before.
fn imported(world: &mut World, keys: usize, holder: u8) -> Vec<KeyId> {
    let group = Digest([holder; 32]);
    let keys: Vec<_> = (0..keys).map(|_| Legacy { group, ..legacy(world) }).collect();
    let ids = keys.iter().map(|k| k.key).collect();
    world.must(&world.founders[0].clone(), Event::Imported(Imported { keys }));
    ids
}

fn ordering(world: &World, desk: &Desk, act: Act, keys: &[KeyId]) -> Result<(), Refusal> {
    world.check(desk, &world.order(desk, act, keys.to_vec()))
}

#[test]
fn an_order_is_signed_by_whoever_records_it_for_keys_there_are() {
    let mut world = World::founded();
    let (_, key) = world.until_active(reading("sandbox"));
    let (reviewer, approver) = (world.reviewer.clone(), world.approver.clone());
    let base = Order {
        id: OrderId([1; 16]),
        organisation: ORGANISATION,
        act: Act::Disable,
        keys: vec![key],
        reason: Reason::Leaked,
        issued: world.now,
        head: world.head(),
    };
    let by = |signer: &Desk, edit: &dyn Fn(&mut Order)| {
        let mut order = base.clone();
        edit(&mut order);
        world.check(&reviewer, &Event::Ordered(Ordered { order: Blob(order.sign(&signer.signing())) }))
    };
    let bad = Err(Refusal::BadOrder);
    assert_eq!(by(&reviewer, &|_| {}), Ok(()), "one's own order");
    assert_eq!(by(&approver, &|_| {}), bad, "nobody records another's");
    assert_eq!(
        by(&reviewer, &|o| o.organisation = OrganisationId([1; 16])),
        bad,
        "nor another organisation's"
    );
    assert_eq!(by(&reviewer, &|o| o.keys.clear()), bad, "nor one for no key");
    assert_eq!(by(&reviewer, &|o| o.keys.push(key)), bad, "nor one that names a key twice");
    assert_eq!(
        by(&reviewer, &|o| o.keys = vec![KeyId([1; 16])]),
        Err(Refusal::NoSuchKey),
        "nor for a key there is not"
    );
    assert_eq!(
        by(&reviewer, &|o| o.head.size = 0),
        Ok(()),
        "an old head is no obstacle: it is acted on first"
    );
    let event = Event::Ordered(Ordered { order: Blob(base.sign(&reviewer.signing())) });
    world.must(&reviewer, event.clone());
    assert_eq!(world.act(&reviewer, event), Err(Refusal::AlreadyThere), "an order stands once");
}

#[test]
fn revoked_is_for_ever_and_disabled_leads_nowhere_else() {
    let mut world = World::founded();
    let (_, key) = world.until_active(reading("sandbox"));
    let reviewer = world.reviewer.clone();
    let stop = |world: &mut World, act| {
        let order = world.order(&reviewer, act, vec![key]);
        world.must(&reviewer, order);
        world.must(&reviewer, Event::Stopped(world.stopped(key, true)));
    };
    stop(&mut world, Act::Disable);
    assert_eq!(world.key(key).state, KeyState::Disabled, "confirmed is disabled");
    assert_eq!(ordering(&world, &reviewer, Act::Disable, &[key]), Err(Refusal::KeyStopped), "once is enough");
    stop(&mut world, Act::Revoke);
    assert_eq!(world.key(key).state, KeyState::Revoked, "and revoked in the end");
    for act in [Act::Disable, Act::Revoke] {
        assert_eq!(
            ordering(&world, &reviewer, act, &[key]),
            Err(Refusal::KeyStopped),
            "there is nothing left to {act}"
        );
    }
    let (_, given_up) = world.until_intended(crate::world::acts::asked_with(&["orders:write"], "sandbox"));
    world.must(&world.agent.clone(), Event::Abandoned(Abandoned { key: given_up }));
    let never = ordering(&world, &reviewer, Act::Revoke, &[given_up]);
    assert_eq!(never, Err(Refusal::KeyStopped), "nor of a key that never was");
}

#[test]
fn ordered_is_not_stopped_before_there_is_proof() {
    let mut world = World::founded();
    let (_, minted) = world.until_active(reading("sandbox"));
    let (_, by_hand) = world.until_active(reading("byhand"));
    let reviewer = world.reviewer.clone();
    for key in [minted, by_hand] {
        let early = world.check(&reviewer, &Event::Stopped(world.stopped(key, false)));
        assert_eq!(early, Err(Refusal::NoSuchOrder), "nobody ordered it");
        let order = world.order(&reviewer, Act::Disable, vec![key]);
        world.must(&reviewer, order);
        assert_eq!(world.key(key).state, KeyState::Active, "ordered is not stopped");
    }
    let with = |key, edit: &dyn Fn(&mut Stopped)| {
        let mut event = world.stopped(key, false);
        edit(&mut event);
        world.check(&world.approver, &Event::Stopped(event))
    };
    let read = Some(Digest([1; 32]));
    assert_eq!(
        with(minted, &|e| (e.read_again, e.evidence) = (read, None)),
        Ok(()),
        "read again at the issuer"
    );
    let unread = Err(Refusal::ProofByHandOnly);
    assert_eq!(with(by_hand, &|e| (e.read_again, e.evidence) = (read, None)), unread, "where that can be");
    assert_eq!(with(by_hand, &|_| {}), Ok(()), "with a member's evidence otherwise");
    assert_eq!(
        with(minted, &|e| e.evidence = None),
        Err(Refusal::ProofMissing),
        "but never on somebody's word"
    );
    assert_eq!(with(minted, &|e| e.read_again = read), Err(Refusal::ProofMissing), "and one proof, not two");
    assert_eq!(with(minted, &|e| e.order = OrderId([1; 16])), Err(Refusal::NoSuchOrder), "of this order");
    assert_eq!(with(minted, &|e| e.act = Act::Revoke), Err(Refusal::NoSuchOrder), "and of what it ordered");
    let order = world.key(minted).stop.as_ref().unwrap().order;
    let failed = Event::StopFailed(StopFailed { key: minted, order, why: line("no answer") });
    world.must(&reviewer, failed.clone());
    world.must(&reviewer, failed);
    let counted = world.key(minted).stop.as_ref().unwrap().failed.as_ref().map(|f| f.0);
    assert_eq!(counted, Some(2), "failures are counted, and the order stands");
    assert_eq!(world.key(minted).state, KeyState::Active, "a failure stops nothing");
}

#[test]
fn one_person_revokes_as_many_keys_in_an_hour_as_the_policy_says_on_all_desks_together() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let twin = reviewer.second(&[Right::Vet]);
    world.admit(&twin);
    let keys = imported(&mut world, 11, 1);
    let beyond = Err(Refusal::PaceExceeded);
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &keys), beyond, "eleven at once");
    assert_eq!(
        ordering(&world, &reviewer, Act::Disable, &keys),
        Ok(()),
        "all of them can be disabled at once"
    );
    let order = world.order(&reviewer, Act::Revoke, keys[..10].to_vec());
    world.must(&reviewer, order);
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &keys[10..]), beyond, "after ten, the eleventh");
    assert_eq!(ordering(&world, &twin, Act::Revoke, &keys[10..]), beyond, "on no other desk either");
    assert_eq!(
        ordering(&world, &world.approver, Act::Revoke, &keys[10..]),
        Ok(()),
        "another person has an own pace"
    );
    let soon = world.later(HOUR - 61);
    assert_eq!(
        ordering(&soon, &reviewer, Act::Revoke, &keys[10..]),
        beyond,
        "a second before the hour is over"
    );
    let later = world.later(HOUR);
    assert_eq!(ordering(&later, &reviewer, Act::Revoke, &keys[10..]), Ok(()), "an hour later");
}

#[test]
fn one_person_revokes_keys_of_two_partners_in_an_hour() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let keys: Vec<_> = (1..=3).flat_map(|holder| imported(&mut world, 2, holder)).collect();
    let beyond = Err(Refusal::PaceExceeded);
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &keys), beyond, "of three partners at once");
    let order = world.order(&reviewer, Act::Revoke, vec![keys[0], keys[2]]);
    world.must(&reviewer, order);
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &keys[1..2]), Ok(()), "the rest of the first");
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &keys[4..]), beyond, "not a third partner's");
}

#[test]
fn holders_that_nobody_bound_together_count_apart() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let mut keys = vec![world.until_active(reading("sandbox")).1];
    world.partner = Partner::new("Second Ltd");
    keys.push(world.until_active(reading("sandbox")).1);
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &keys), Ok(()), "two identities");
    let old = [imported(&mut world, 1, 1), imported(&mut world, 1, 2)].concat();
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &old), Ok(()), "two old names");
    let beyond = Err(Refusal::PaceExceeded);
    let three = [keys.clone(), old[..1].to_vec()].concat();
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &three), beyond, "two identities and an old name");
    let four = [keys, old].concat();
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &four), beyond, "and two old names");
}

#[test]
fn contacts_that_two_people_accepted_as_called_alike_count_as_one_company() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let group = company(&line("PARTNER LTD"));
    let legacy = Legacy { group, ..legacy(&world) };
    let mut theirs = vec![legacy.key];
    world.must(&world.founders[0].clone(), Event::Imported(Imported { keys: vec![legacy] }));
    for contact in ["one", "two", "three"] {
        world.partner = Partner::new(contact);
        theirs.push(world.until_active_alike(reading("sandbox"), "Partner Ltd"));
    }
    let one_more = imported(&mut world, 1, 1);
    let all = [theirs.clone(), one_more.clone()].concat();
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &all), Ok(()), "one company and one old name");
    world.partner = Partner::new("unknown");
    let unknown = world.until_active(reading("sandbox")).1;
    let beyond = Err(Refusal::PaceExceeded);
    let three = [all, vec![unknown]].concat();
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &three), beyond, "and one whom nothing binds");
    let order = world.order(&reviewer, Act::Revoke, vec![theirs[0], one_more[0]]);
    world.must(&reviewer, order);
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &theirs[1..]), Ok(()), "the rest, in the same hour");
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &[unknown]), beyond, "not a third company's");
}

#[test]
fn one_person_alone_binds_nobody_together() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let mut keys = Vec::new();
    for contact in ["one", "two", "three"] {
        world.partner = Partner::new(contact);
        keys.push(world.until_active(reading("sandbox")).1);
        let request = world.ready(reading("sandbox"));
        let event = world.justified(&reviewer, request, FindingCode::LookAlike);
        world.must(&reviewer, event);
        let texts = vec![(FindingCode::LookAlike, Some(line("Partner Ltd")))];
        let (grant, vetting) = world.draft_with(&reviewer, request, texts).unwrap();
        let event = world.vetted(&reviewer, request, grant, vetting);
        world.must(&reviewer, event);
    }
    let beyond = Err(Refusal::PaceExceeded);
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &keys), beyond, "only the first signature says so");
}

#[test]
fn names_from_before_count_each() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let old: Vec<_> = (1..=3).flat_map(|holder| imported(&mut world, 1, holder)).collect();
    let beyond = Err(Refusal::PaceExceeded);
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &old), beyond, "three names are three companies");
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &old[..2]), Ok(()), "two are two");
}

#[test]
fn beyond_the_pace_a_second_person_or_a_day_makes_it_final() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let twin = reviewer.second(&[Right::Vet]);
    world.admit(&twin);
    let approver = world.approver.clone();
    let keys = imported(&mut world, 12, 1);
    let fresh = imported(&mut world, 1, 1);
    let order = world.order(&reviewer, Act::Disable, keys.clone());
    world.must(&reviewer, order);
    let beyond = Err(Refusal::PaceExceeded);
    assert_eq!(ordering(&world, &reviewer, Act::Revoke, &keys), beyond, "not by the same person at once");
    assert_eq!(ordering(&world, &twin, Act::Revoke, &keys), beyond, "nor on another desk");
    let nearly = world.later(DAY - 61);
    assert_eq!(ordering(&nearly, &reviewer, Act::Revoke, &keys), beyond, "nor a second before a day is over");
    assert_eq!(ordering(&world.later(DAY), &reviewer, Act::Revoke, &keys), Ok(()), "but after a day");
    assert_eq!(ordering(&world, &approver, Act::Revoke, &keys), Ok(()), "or by a second person");
    let order = world.order(&approver, Act::Revoke, keys);
    world.must(&approver, order);
    let single = ordering(&world, &approver, Act::Revoke, &fresh);
    assert_eq!(single, Ok(()), "whose own pace that does not use up");
}

#[test]
fn two_objections_keep_a_day_from_making_it_final_and_a_second_person_still_does() {
    let mut world = World::founded();
    let (reviewer, approver) = (world.reviewer.clone(), world.approver.clone());
    let [first, second] = [world.founders[0].clone(), world.founders[1].clone()];
    let twin = first.second(&[Right::Vet]);
    world.admit(&twin);
    let keys = imported(&mut world, 12, 1);
    let order = world.order(&reviewer, Act::Disable, keys.clone());
    world.must(&reviewer, order);
    let objecting = |world: &World, desk: &Desk| world.check(desk, &world.objection(keys[0]));
    assert_eq!(objecting(&world, &reviewer), Err(Refusal::OwnOrder), "nobody objects to what they ordered");
    assert_eq!(objecting(&world, &world.agent), Err(Refusal::MissingRight), "an agent has no opinion");
    world.must(&first, world.objection(keys[0]));
    assert_eq!(objecting(&world, &first), Err(Refusal::AlreadyThere), "one person, one objection");
    assert_eq!(objecting(&world, &twin), Err(Refusal::AlreadyThere), "from whatever desk");
    let later = |world: &World| world.later(2 * DAY);
    assert_eq!(ordering(&later(&world), &reviewer, Act::Revoke, &keys), Ok(()), "one does not hold it up");
    world.must(&second, world.objection(keys[0]));
    assert_eq!(
        ordering(&later(&world), &reviewer, Act::Revoke, &keys[1..]),
        Ok(()),
        "what nobody objected to becomes final"
    );
    let mut others = imported(&mut world, 10, 2);
    let order = world.order(&reviewer, Act::Revoke, others.split_off(0));
    world.must(&reviewer, order);
    assert_eq!(
        ordering(&world, &reviewer, Act::Revoke, &keys[..1]),
        Err(Refusal::ObjectedTo),
        "two do, and then it is a key like any other that the pace counts"
    );
    assert_eq!(ordering(&world, &approver, Act::Revoke, &keys), Ok(()), "a second person makes it final");
    let order = world.order(&approver, Act::Revoke, keys.clone());
    world.must(&approver, order);
    assert_eq!(
        objecting(&world, &second),
        Err(Refusal::NothingToObject),
        "and nothing takes a revocation back"
    );
}

#[test]
fn who_ordered_a_stop_does_not_vouch_for_it_while_there_is_somebody_else() {
    let mut world = World::founded();
    let (_, key) = world.until_active(reading("byhand"));
    let reviewer = world.reviewer.clone();
    let twin = reviewer.second(&[Right::Vet]);
    world.admit(&twin);
    let order = world.order(&reviewer, Act::Revoke, vec![key]);
    world.must(&reviewer, order);
    let vouch = |world: &World, desk: &Desk| world.check(desk, &Event::Stopped(world.stopped(key, false)));
    assert_eq!(vouch(&world, &reviewer), Err(Refusal::OwnOrder), "not the one who ordered it");
    assert_eq!(vouch(&world, &twin), Err(Refusal::OwnOrder), "nor from another desk");
    assert_eq!(vouch(&world, &world.agent), Err(Refusal::MissingRight), "nor a program: it saw nothing");
    assert_eq!(vouch(&world, &world.approver), Ok(()), "but anybody else");
    let mut alone = world.clone();
    let others = |m: &&mut countersign_domain::Member| m.person != reviewer.person;
    alone.state.members.values_mut().filter(others).for_each(|m| m.suspended = true);
    assert_eq!(vouch(&alone, &reviewer), Ok(()), "whoever is left alone must do");
}

#[test]
fn old_keys_are_put_on_the_record_once() {
    let mut world = World::founded();
    let importer = member(&mut world, "Importer", &[Right::Vet]);
    let (_, issued) = world.until_issued(reading("sandbox"));
    let (first, second) = (legacy(&world), legacy(&world));
    let import = |world: &World, keys: &[Legacy]| {
        world.check(&importer, &Event::Imported(Imported { keys: keys.to_vec() }))
    };
    let doubled = Err(Refusal::AlreadyThere);
    assert_eq!(import(&world, &[first.clone(), second.clone()]), Ok(()), "two of them");
    assert_eq!(import(&world, &[]), doubled, "none is no import");
    assert_eq!(import(&world, &[first.clone(), first.clone()]), doubled, "one twice");
    let same_id = Legacy { key: first.key, ..second.clone() };
    assert_eq!(import(&world, &[first.clone(), same_id]), doubled, "two with one id");
    let same_print = Legacy { fingerprint: first.fingerprint, ..second.clone() };
    assert_eq!(import(&world, &[first.clone(), same_print]), doubled, "one key under two ids");
    let known = Legacy { fingerprint: world.key(issued).fingerprint.unwrap(), ..second.clone() };
    assert_eq!(import(&world, &[known]), doubled, "a key that was issued here");
    world.must(&importer, Event::Imported(Imported { keys: vec![first.clone()] }));
    assert_eq!(
        import(&world, &[Legacy { key: second.key, ..first }]),
        doubled,
        "a key that was imported before"
    );
    assert_eq!(import(&world, &[second]), Ok(()), "another one still can be");
}

#[test]
fn a_blob_is_erased_once() {
    let mut world = World::founded();
    let admin = world.founders[0].clone();
    let event = Event::Erased(Erased { blob: Digest([4; 32]), why: line("asked by the person") });
    world.must(&admin, event.clone());
    assert_eq!(
        world.act(&admin, event),
        Err(Refusal::AlreadyThere),
        "who erased it first stays on the record"
    );
}
