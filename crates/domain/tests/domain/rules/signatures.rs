//! Any edit after a signature voids the signatures, and a signature is over one grant, one log and one step.

use countersign_documents::{
    Blob, Digest, Head,
    approval::{Approval, Step},
    certificate::Right,
    grant::Grant,
    id::{Cti, RequestId},
};
use countersign_domain::{
    Event, ExchangeState, Refusal,
    event::{Countersigned, Vetted},
};

use super::{member, officer};
use crate::world::{
    Desk, World,
    acts::{Aim, build},
    asking::reading,
};

#[test]
fn every_kind_of_edit_voids_every_signature() {
    let edits = [
        ("revise", "received"),
        ("answer-check", "received"),
        ("justify", "received"),
        ("narrow", "received"),
        ("report-mismatch", "received"),
        ("ask-changes", "changes-asked"),
        ("decline", "declined"),
        ("withdraw", "withdrawn"),
    ];
    for (edit, state) in edits {
        for signatures in [1, 2] {
            let mut world = World::founded();
            let founder = world.founders[3].clone();
            let asked = reading("sandbox");
            let request =
                if signatures == 1 { world.until_vetted(asked) } else { world.until_countersigned(asked) };
            let grant = world.grant(request);
            let aim = Aim { request, ..Aim::NOTHING };
            let event = build(edit, &world, &founder, aim);
            world.must(&founder, event);
            let exchange = world.exchange(request);
            assert!(exchange.signed.is_none(), "{edit}: {signatures} signatures are void");
            assert!(!world.state.grants.contains_key(&grant.id), "{edit}: the grant is none any more");
            assert_eq!(serde_json::to_value(exchange.state).unwrap(), state, "{edit}: it is {state}");
            let closed = matches!(state, "declined" | "withdrawn");
            let late = world.countersigned(&world.approver, request, &grant);
            let wanted = if closed { Refusal::RequestClosed } else { Refusal::NotVetted };
            assert_eq!(
                world.check(&world.approver, &late),
                Err(wanted),
                "{edit}: nothing is left to countersign"
            );
            let intent = build("intend", &world, &world.agent, aim);
            let wanted = if closed { Refusal::RequestClosed } else { Refusal::NotCountersigned };
            assert_eq!(world.check(&world.agent, &intent), Err(wanted), "{edit}: and nothing to issue");
        }
    }
    let mut world = World::founded();
    let request = world.until_vetted(reading("sandbox"));
    world.compare(&world.approver.clone());
    assert!(world.exchange(request).signed.is_some(), "comparing a fingerprint once more edits nothing");
}

#[test]
fn a_revision_keeps_the_keys_that_were_begun() {
    let mut world = World::founded();
    let (request, key) = world.until_intended(reading("sandbox"));
    let founder = world.founders[3].clone();
    let revised = world.received(&world.partner, request, reading("sandbox"));
    world.must(&founder, Event::Received(revised));
    assert_eq!(world.exchange(request).keys, [key], "the intent is not forgotten");
    let agent = world.agent.clone();
    assert_eq!(
        world.check(&agent, &Event::Issued(world.issued(key))),
        Err(Refusal::NotCountersigned),
        "its ground is gone"
    );
    world.answer_all(&world.reviewer.clone(), request);
    world.try_vet(&world.reviewer.clone(), request).unwrap();
    world.try_countersign(&world.approver.clone(), request).unwrap();
    let second = world.try_intend(&agent, request).map(drop);
    assert_eq!(second, Err(Refusal::IntentOpen), "and no second key is begun beside it");
    world.must(&agent, world.abandoned(key));
    assert!(world.try_intend(&agent, request).is_ok(), "once it is abandoned, the next one is");
}

fn signing(world: &World, desk: &Desk, grant: &Grant, edit: &dyn Fn(&mut Approval)) -> Blob {
    let step = Step::Vetted;
    let mut approval = Approval {
        grant: grant.digest(),
        step,
        head: world.head(),
        issued: world.now,
        cti: Cti(world.fresh()),
    };
    edit(&mut approval);
    Blob(approval.sign(&desk.signing()))
}

#[test]
fn an_approval_is_over_this_grant_this_log_this_moment_and_this_step() {
    let mut world = World::founded();
    let (reviewer, approver) = (world.reviewer.clone(), world.approver.clone());
    let request = world.ready(reading("sandbox"));
    let (grant, vetting) = world.draft(&reviewer, request).unwrap();
    let first = |world: &World, by: &Desk, edit: &dyn Fn(&mut Approval)| {
        let approval = signing(world, by, &grant, edit);
        let vetted = Vetted { request, grant: grant.clone(), vetting: vetting.clone(), approval };
        world.check(&reviewer, &Event::Vetted(vetted))
    };
    let second = |world: &World, by: &Desk, edit: &dyn Fn(&mut Approval)| {
        let to_step = |a: &mut Approval| {
            a.step = Step::Countersigned;
            edit(a);
        };
        let approval = signing(world, by, &grant, &to_step);
        world.check(&approver, &Event::Countersigned(Countersigned { request, approval }))
    };
    let shorter = Head { size: world.rows - 1, root: Digest([0; 32]) };
    let forked = Head { root: Digest([9; 32]), ..world.head() };
    let differs = Err(Refusal::ApprovalDiffers);
    type Flaw<'a> = (&'a str, &'a dyn Fn(&mut Approval));
    let flaws: [Flaw<'_>; 6] = [
        ("another grant", &|a| a.grant = Digest([1; 32])),
        ("an older log", &|a| a.head = shorter),
        ("a forked log", &|a| a.head = forked),
        ("a longer log", &|a| a.head.size += 1),
        ("earlier", &|a| a.issued = a.issued.minus(1)),
        ("later", &|a| a.issued = a.issued.plus(1)),
    ];
    let mut vetted = world.clone();
    let event = vetted.vetted(&reviewer, request, grant.clone(), vetting.clone());
    vetted.must(&reviewer, event);
    for (what, flaw) in flaws {
        assert_eq!(first(&world, &reviewer, flaw), differs, "first signature over {what}");
        assert_eq!(second(&vetted, &approver, flaw), differs, "second signature over {what}");
    }
    assert_eq!(
        first(&world, &reviewer, &|a| a.step = Step::Countersigned),
        differs,
        "a second signature is no first"
    );
    assert_eq!(
        second(&vetted, &approver, &|a| a.step = Step::Vetted),
        differs,
        "a first signature is no second"
    );
    let bad = Err(Refusal::BadSignature);
    assert_eq!(first(&world, &approver, &|_| {}), bad, "by another's key");
    assert_eq!(second(&vetted, &reviewer, &|_| {}), bad, "the first signer's does not serve twice");
    assert_eq!(first(&world, &reviewer, &|_| {}), Ok(()), "as it should be");
    assert_eq!(second(&vetted, &approver, &|_| {}), Ok(()), "as it should be");
}

#[test]
fn two_desks_of_one_person_are_one_person() {
    let mut world = World::founded();
    let officer = officer(&mut world, "Officer");
    let twin = officer.second(&[Right::Approve]);
    world.admit(&twin);
    let request = world.ready(reading("sandbox"));
    world.try_vet(&officer, request).unwrap();
    let same = Err(Refusal::SamePerson);
    assert_eq!(world.try_countersign(&officer, request), same, "on the same desk");
    assert_eq!(world.try_countersign(&twin, request), same, "on another, with other keys");
    let renewed = officer.with_new_keys();
    world.admit(&renewed);
    assert_eq!(world.try_countersign(&renewed, request), same, "or with new keys on the same");
    let namesake = member(&mut world, "OFFICER", &[Right::Approve]);
    let request = world.ready(crate::world::acts::asked_with(&["orders:write"], "sandbox"));
    world.try_vet(&renewed, request).unwrap();
    assert_eq!(
        world.try_countersign(&namesake, request),
        Ok(()),
        "a name says nothing about who somebody is"
    );
}

#[test]
fn a_policy_may_ask_for_three_persons_and_a_fourth_signature_is_too_many() {
    let mut world = World::founded();
    world.policy(|p| p.quorum_production = 3);
    let twin = world.approver.second(&[Right::Approve]);
    world.admit(&twin);
    let [third, fourth] = ["Third", "Fourth"].map(|n| member(&mut world, n, &[Right::Approve]));
    let (approver, agent) = (world.approver.clone(), world.agent.clone());
    for desk in [&approver, &third] {
        let request = world.ask(&world.founders[3].clone(), reading("sandbox"));
        assert!(world.state.exchanges.contains_key(&request), "the partner is known");
        world.compare(desk);
    }
    let request = world.ready(reading("live"));
    world.try_vet(&world.reviewer.clone(), request).unwrap();
    world.try_countersign(&approver, request).unwrap();
    assert_eq!(world.exchange(request).state, ExchangeState::Vetted, "two of three");
    let early = world.try_intend(&agent, request).map(drop);
    assert_eq!(early, Err(Refusal::NotCountersigned), "no key yet");
    assert_eq!(world.try_countersign(&approver, request), Err(Refusal::SamePerson), "nobody counts twice");
    assert_eq!(world.try_countersign(&twin, request), Err(Refusal::SamePerson), "on no desk");
    assert_eq!(world.try_countersign(&third, request), Ok(()), "the third");
    assert_eq!(world.try_countersign(&fourth, request), Err(Refusal::AlreadyCountersigned), "is the last");
    assert!(world.try_intend(&agent, request).is_ok(), "three of three");
    let sandbox = world.until_vetted(reading("sandbox"));
    world.try_countersign(&approver, sandbox).unwrap();
    assert_eq!(world.exchange(sandbox).state, ExchangeState::Countersigned, "a sandbox still takes two");
}

#[test]
fn an_admin_scope_takes_the_quorum_for_admin_scopes_anywhere() {
    let mut world = World::founded();
    world.policy(|p| p.quorum_admin = 3);
    let (reviewer, approver) = (world.reviewer.clone(), world.approver.clone());
    let request: RequestId = world.ready(crate::world::acts::asked_with(&["settings:admin"], "sandbox"));
    world.compare(&approver);
    world.try_vet(&reviewer, request).unwrap();
    world.try_countersign(&approver, request).unwrap();
    assert_eq!(
        world.exchange(request).state,
        ExchangeState::Vetted,
        "two are not three, in a sandbox neither"
    );
}

#[test]
fn signatures_are_counted_again_when_the_key_is_made() {
    // A grant whose signatures were voided while its key was being made, signed anew under the same id by one person
    // too few: the intent that stands must not carry the earlier count along.
    let mut world = World::founded();
    world.policy(|p| (p.quorum_production, p.calls_production) = (3, 1));
    let third = member(&mut world, "Third", &[Right::Approve]);
    let (reviewer, approver, agent) = (world.reviewer.clone(), world.approver.clone(), world.agent.clone());
    let request = world.until_countersigned(reading("live"));
    world.try_countersign(&third, request).unwrap();
    let key = world.try_intend(&agent, request).unwrap();
    let old = world.grant(request);
    let edit = world.answer(&reviewer, request, countersign_documents::policy::Check::Why, true);
    world.must(&reviewer, edit);
    let (grant, vetting) = world.draft(&reviewer, request).unwrap();
    let reused = Grant { id: old.id, lineage: old.lineage, ..grant };
    let event = world.vetted(&reviewer, request, reused.clone(), vetting.clone());
    assert_eq!(
        world.act(&reviewer, event),
        Err(Refusal::AlreadyThere),
        "an id a key was begun under is spent"
    );
    // Even in a state where that had happened, two of three signatures would make no key.
    world.try_vet(&reviewer, request).unwrap();
    world.try_countersign(&approver, request).unwrap();
    let carried = world.grant(request).id;
    world.state.keys.get_mut(&key).unwrap().grant = Some(carried);
    let issued = world.check(&agent, &Event::Issued(world.issued(key)));
    assert_eq!(issued, Err(Refusal::NotCountersigned), "two of three");
    world.state.exchanges.get_mut(&request).unwrap().state = ExchangeState::Countersigned;
    let forged = world.try_intend(&agent, request).map(drop);
    assert_eq!(forged, Err(Refusal::NotCountersigned), "what a row says counts for nothing");
    world.state.exchanges.get_mut(&request).unwrap().state = ExchangeState::Vetted;
    world.try_countersign(&third, request).unwrap();
    let issued = world.check(&agent, &Event::Issued(world.issued(key)));
    assert_eq!(issued, Ok(()), "three of three");
}
