//! What a certificate may say, whose keys may stand in it, and what becomes of a member who is suspended.

use countersign_documents::{
    Blob, Digest,
    certificate::{Certificate, Right},
    id::OrganisationId,
    time::DAY,
};
use countersign_domain::{
    Change, Event, Refusal,
    event::{Admission, Suspended},
};

use super::{member, officer, proposing};
use crate::world::{
    Desk, Partner, World,
    acts::{ACTIONS, Aim, build},
    organisation::{ORGANISATION, line},
};

fn admitting(world: &World, desk: &Desk) -> Result<(), Refusal> {
    let world = heard(world, desk);
    proposing(&world, world.proposal(&world.founders[0], world.admission(desk)))
}

/// The same world, once the first founder has heard somebody.
fn heard(world: &World, desk: &Desk) -> World {
    let mut world = world.clone();
    world.hear(&world.founders[0].clone(), desk);
    world
}

fn certifying(world: &World, desk: &Desk, edit: impl FnOnce(&mut Certificate)) -> Result<(), Refusal> {
    let world = &heard(world, desk);
    let mut certificate = desk.certificate(ORGANISATION, world.now);
    edit(&mut certificate);
    let identity = Blob(desk.card(world.now).sign(&desk.signing()));
    let change = Change::Admission(Admission {
        certificate: Blob(certificate.payload()),
        identity,
        name: Digest::of(b"n"),
    });
    proposing(world, world.proposal(&world.founders[0], change))
}

#[test]
fn rights_go_together_only_where_the_rules_say_so() {
    let world = World::founded();
    let refused = Err(Refusal::BadChange);
    let person = |rights: &[Right]| admitting(&world, &Desk::new("Newcomer", rights));
    let agent =
        |rights: &[Right]| admitting(&world, &Desk { rights: rights.to_vec(), ..Desk::agent("Robot") });
    assert_eq!(agent(&[Right::Issue]), Ok(()), "an agent issues");
    for rights in [
        &[Right::Vet] as &[_],
        &[Right::Approve],
        &[Right::Admin],
        &[Right::Audit],
        &[Right::Vet, Right::Issue],
    ] {
        assert_eq!(agent(rights), refused, "an agent does nothing but issue: not {rights:?}");
    }
    assert_eq!(person(&[Right::Audit]), Ok(()), "an auditor audits");
    for other in [Right::Vet, Right::Approve, Right::Issue, Right::Admin] {
        assert_eq!(person(&[other, Right::Audit]), refused, "an auditor does nothing else: not {other}");
        assert_eq!(person(&[other]), Ok(()), "{other} alone is a right");
    }
    assert_eq!(person(&[]), refused, "a member may do something");
    assert_eq!(person(&[Right::Approve, Right::Vet]), refused, "rights stand in order");
    assert_eq!(person(&[Right::Vet, Right::Vet]), refused, "and once");
}

#[test]
fn a_certificate_is_of_this_organisation_and_lasts_ninety_days_at_most() {
    let world = World::founded();
    let desk = Desk::new("Newcomer", &[Right::Vet]);
    let refused = Err(Refusal::BadChange);
    assert_eq!(certifying(&world, &desk, |_| {}), Ok(()), "ninety days");
    assert_eq!(
        certifying(&world, &desk, |c| c.expires = c.expires.plus(1)),
        refused,
        "and not a second more"
    );
    assert_eq!(certifying(&world, &desk, |c| c.expires = c.issued), refused, "nor none at all");
    let foreign = |c: &mut Certificate| *c = desk.certificate(OrganisationId([9; 16]), world.now);
    assert_eq!(certifying(&world, &desk, foreign), refused, "another organisation's is no use here");
    assert_eq!(certifying(&world, &desk, |c| c.expires = c.issued.plus(DAY)), Ok(()), "shorter is fine");
}

#[test]
fn no_key_serves_two_members_two_purposes_or_the_root() {
    let mut world = World::founded();
    let desk = Desk::new("Newcomer", &[Right::Vet]);
    let other = world.reviewer.clone();
    let refused = Err(Refusal::BadChange);
    let borrowed = Desk { seed: other.seed.clone(), ..desk.clone() };
    assert_eq!(admitting(&world, &borrowed), refused, "all keys of another member");
    let twin = Desk { person: other.person, ..borrowed };
    assert_eq!(admitting(&world, &twin), refused, "not even for the same person's second desk");
    // The card vouches for the same keys as the certificate: each is borrowed alone, with a card that says so too.
    let with = |edit: &dyn Fn(&mut Certificate, &mut countersign_documents::identity::IdentityCard)| {
        let world = heard(&world, &desk);
        let mut certificate = desk.certificate(ORGANISATION, world.now);
        let mut card = desk.card(world.now);
        edit(&mut certificate, &mut card);
        let change = Change::Admission(Admission {
            certificate: Blob(certificate.payload()),
            identity: Blob(card.sign(&desk.signing())),
            name: desk.name_blob(),
        });
        proposing(&world, world.proposal(&world.founders[0], change))
    };
    assert_eq!(with(&|_, _| {}), Ok(()), "keys of its own");
    for (what, key) in [
        ("another's checkpoint key", other.checkpoint().public()),
        ("another's signing key", other.signing().public()),
        ("its own signing key", desk.signing().public()),
        ("a certifying key", world.founders[2].certifying().public()),
    ] {
        let verdict = with(&|c, i| (c.subject.checkpoint, i.checkpoint) = (key, Some(key)));
        assert_eq!(verdict, refused, "{what} as checkpoint key");
    }
    let receiving = with(&|c, i| (c.subject.receiving, i.receiving) = (other.receiving(), other.receiving()));
    assert_eq!(receiving, refused, "another's receiving key");
    let unvouched = with(&|c, _| c.subject.receiving = Partner::new("Else").receiving());
    assert_eq!(unvouched, refused, "a key the joiner did not vouch for");
    // What was replaced is not free for others either, though its first holder may have it back.
    world.admit(&other.with_new_keys());
    let heir = Desk { seed: other.seed.clone(), ..Desk::new("Heir", &[Right::Vet]) };
    assert_eq!(admitting(&world, &heir), refused, "a key that was replaced goes to nobody else");
    assert_eq!(admitting(&world, &other), Ok(()), "but back to where it came from it may");
}

#[test]
fn a_desk_keeps_its_person_and_a_person_is_no_agent() {
    let world = World::founded();
    let refused = Err(Refusal::BadChange);
    let reviewer = &world.reviewer;
    let moved = Desk { person: Desk::new("Else", &[]).person, ..reviewer.with_new_keys() };
    assert_eq!(admitting(&world, &moved), refused, "a desk does not change hands");
    let robot = Desk { person: reviewer.person, ..Desk::agent("Robot") };
    assert_eq!(admitting(&world, &robot), refused, "an agent is no person");
    let human = Desk { person: world.agent.person, ..Desk::new("Human", &[Right::Vet]) };
    assert_eq!(admitting(&world, &human), refused, "and no person becomes one");
    let turned = Desk { agent: true, rights: vec![Right::Issue], ..reviewer.clone() };
    assert_eq!(admitting(&world, &turned), refused, "nor a desk");
    assert_eq!(admitting(&world, &reviewer.second(&[Right::Approve])), Ok(()), "a person may have two desks");
    assert_eq!(admitting(&world, &reviewer.with_new_keys()), Ok(()), "and a desk new keys");
}

#[test]
fn a_joiner_vouches_for_the_keys() {
    let world = World::founded();
    let desk = Desk::new("Newcomer", &[Right::Vet]);
    let Change::Admission(good) = world.admission(&desk) else { panic!("an admission") };
    let other = Desk::new("Other", &[Right::Vet]);
    let mismatched =
        Admission { identity: Blob(other.card(world.now).sign(&other.signing())), ..good.clone() };
    let proposed = world.proposal(&world.founders[0], Change::Admission(mismatched));
    assert_eq!(proposing(&world, proposed), Err(Refusal::BadChange), "another's card");
    let forged = Admission { identity: Blob(desk.card(world.now).sign(&other.signing())), ..good };
    let proposed = world.proposal(&world.founders[0], Change::Admission(forged));
    assert_eq!(proposing(&world, proposed), Err(Refusal::BadSignature), "a card that another signed");
}

#[test]
fn a_suspended_member_can_do_nothing_at_all_and_a_replaced_key_neither() {
    let mut world = World::founded();
    let gone = officer(&mut world, "Gone");
    let renewed = officer(&mut world, "Renewed");
    world.suspend(&gone);
    world.admit(&renewed.with_new_keys());
    for action in ACTIONS.iter().filter(|a| **a != "found-again") {
        let by = |desk: &Desk| world.check(desk, &build(action, &world, desk, Aim::NOTHING));
        assert_eq!(by(&gone), Err(Refusal::Suspended), "{action} by a suspended member");
        assert_eq!(by(&renewed), Err(Refusal::NotAMember), "{action} with a key that was replaced");
    }
}

#[test]
fn one_admin_suspends_anybody_but_the_own_desk() {
    let mut world = World::founded();
    let admin = member(&mut world, "Admin", &[Right::Admin]);
    let twin = admin.second(&[Right::Admin]);
    world.admit(&twin);
    let suspend = |desk: &Desk| Event::Suspended(Suspended { member: desk.member, why: line("lost") });
    assert_eq!(
        world.check(&admin, &suspend(&admin)),
        Err(Refusal::NotYourself),
        "not the desk that is acted from"
    );
    assert_eq!(world.check(&admin, &suspend(&twin)), Ok(()), "but a lost desk of one's own");
    let nobody = Desk::new("Nobody", &[]);
    assert_eq!(
        world.check(&admin, &suspend(&nobody)),
        Err(Refusal::NoSuchMember),
        "nor whoever is no member"
    );
    world.must(&admin, suspend(&twin));
    assert_eq!(world.act(&admin, suspend(&twin)), Err(Refusal::AlreadyThere), "and nobody twice");
}
