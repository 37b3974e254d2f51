//! The root changes hands by two persons, or by both keys on paper, and by nobody alone.

use countersign_documents::{
    Blob, Digest,
    certificate::Right,
    policy::Check,
    root::{Certifier, Root, successor},
};
use countersign_domain::{
    Change, Event, Refusal,
    event::{CertifierOffered, RootSigned, Succeeded},
};

use super::{member, officer};
use crate::world::{Desk, World, asking::reading, organisation::halves, root::root_part};

/// The next root, in which this person certifies with the key that was offered last.
fn replacing(world: &World, desk: &Desk, generation: u8) -> Blob {
    let key = desk.certifying_after(generation).0.public();
    world.next_root(|root| {
        root.certifiers.retain(|c| c.person != desk.person);
        root.certifiers.push(Certifier { person: desk.person, key });
    })
}

fn four(world: &World) -> [Desk; 4] {
    world.founders.clone().try_into().unwrap()
}

#[test]
fn two_others_replace_a_lost_key_and_the_new_one_proves_itself() {
    let mut world = World::founded();
    let [first, second, third, _] = four(&world);
    world.must(&third, world.offering(&third, 1));
    let payload = replacing(&world, &third, 1);
    world.must(&first, world.root_proposal(&first, payload));
    world.must(&second, world.root_signature(&second));
    let version = |world: &World| world.state.trust.as_ref().unwrap().root.version;
    assert_eq!(version(&world), 1, "two persons signed, but the new key has not: nobody knows that it works");
    let fresh = third.certifying_after(1).0;
    world.must(&third, world.root_signature_by(&[&fresh]));
    assert_eq!(version(&world), 2, "now it is in force");
    assert!(world.state.next_root.is_none() && world.state.offers.is_empty(), "and nothing waits any more");
    let newcomer = world.admission(&Desk::new("New Comer", &[Right::Vet]));
    let old = world.proposal(&third, newcomer);
    assert_eq!(
        world.check(&third, &Event::Proposed(old)),
        Err(Refusal::BadSignature),
        "the key that was replaced certifies nobody"
    );
}

#[test]
fn one_person_alone_makes_no_root_however_often_and_from_wherever() {
    let mut world = World::founded();
    let [first, second, third, last] = four(&world);
    let twin = first.second(&[Right::Admin]);
    world.admit(&twin);
    let payload = world.next_root(|r| r.certifiers.retain(|c| c.person != last.person));
    world.must(&first, world.root_proposal(&first, payload.clone()));
    let again = world.root_signature(&first);
    assert_eq!(world.check(&first, &again), Err(Refusal::AlreadyThere), "nobody signs twice");
    assert_eq!(world.check(&twin, &again), Err(Refusal::AlreadyThere), "nor from a second desk");
    let borrowed = world.root_signature(&second);
    assert_eq!(
        world.check(&first, &borrowed),
        Err(Refusal::BadSignature),
        "nor records what another person signed: that person does"
    );
    let doubled = world.root_signature_by(&[&third.certifying(), &third.certifying()]);
    assert_eq!(world.check(&third, &doubled), Err(Refusal::AlreadyThere), "nor one signature as two");
    let other = Event::RootSigned(RootSigned {
        root: Digest::of(b"another"),
        signatures: vec![root_part(&payload, &second.certifying())],
    });
    assert_eq!(world.check(&second, &other), Err(Refusal::NoSuchRoot), "exactly what was shown is signed");
    world.must(&second, world.root_signature(&second));
    assert_eq!(world.state.trust.as_ref().unwrap().root.certifiers.len(), 3, "two persons make it");
}

#[test]
fn a_root_follows_the_one_in_force_and_no_other() {
    let mut world = World::founded();
    let [first, second, _, last] = four(&world);
    let fewer = |r: &mut Root| r.certifiers.retain(|c| c.person != last.person);
    type Edit<'a> = &'a dyn Fn(&mut Root);
    let edits: [(&str, Edit<'_>); 6] = [
        ("a version left out", &|r| (fewer(r), r.version = 3).0),
        ("the version in force again", &|r| (fewer(r), r.version = 1, r.previous = None).0),
        ("another one before it", &|r| (fewer(r), r.previous = Some(Digest::of(b"else"))).0),
        ("nothing changed", &|_| {}),
        ("one certifier", &|r| r.certifiers.truncate(1)),
        ("the offline keys shown", &|r| {
            fewer(r);
            r.revealed = Some(halves().iter().map(|h| h.public()).collect());
        }),
    ];
    for (what, edit) in edits {
        let event = world.root_proposal(&first, world.next_root(edit));
        assert_eq!(world.check(&first, &event), Err(Refusal::BadRoot), "{what}");
    }
    let payload = world.next_root(fewer);
    let event = world.root_proposal(&first, payload);
    world.must(&first, event.clone());
    world.must(&second, world.root_signature(&second));
    assert_eq!(world.check(&first, &event), Err(Refusal::BadRoot), "an old root does not come back");
}

#[test]
fn a_root_names_only_keys_that_their_persons_offered() {
    let mut world = World::founded();
    let [first, second, ..] = four(&world);
    let late = officer(&mut world, "Late Admin");
    let refused = Err(Refusal::NotOffered);
    let proposing = |world: &World, payload: Blob| world.check(&first, &world.root_proposal(&first, payload));
    assert_eq!(proposing(&world, replacing(&world, &late, 1)), refused, "nobody is made a certifier unasked");
    world.must(&late, world.offering(&late, 1));
    assert_eq!(proposing(&world, replacing(&world, &late, 1)), Ok(()), "but whoever offered");
    assert_eq!(proposing(&world, replacing(&world, &late, 2)), refused, "by no other key");
    let key = late.certifying_after(1).0.public();
    let stolen = world.next_root(|r| r.certifiers.iter_mut().take(1).for_each(|c| c.key = key));
    assert_eq!(proposing(&world, stolen), refused, "nor for another person");
    let halves = [late.certifying_after(1).1.public(), second.certifying_after(1).1.public()];
    let paper = |world: &World| world.next_root(|r| r.successor = successor(&halves[0], &halves[1]));
    assert_eq!(proposing(&world, paper(&world)), refused, "keys on paper are two persons' who made them");
    world.must(&second, world.offering(&second, 1));
    assert_eq!(proposing(&world, paper(&world)), Ok(()), "and then they can be renewed");
    let used =
        Event::CertifierOffered(CertifierOffered { key: second.signing().public(), offline: halves[0] });
    assert_eq!(world.check(&first, &used), Err(Refusal::KeyInUse), "a key serves one purpose");
    world.suspend(&late);
    assert_eq!(proposing(&world, replacing(&world, &late, 1)), refused, "a suspended desk's offer is void");
}

#[test]
fn a_root_that_was_dropped_or_whose_signer_was_suspended_never_comes_again() {
    for suspended in [false, true] {
        let mut world = World::founded();
        let [first, second, third, last] = four(&world);
        let payload = world.next_root(|r| r.certifiers.retain(|c| c.person != last.person));
        let event = world.root_proposal(&first, payload);
        world.must(&first, event.clone());
        let signature = world.root_signature(&second);
        if suspended {
            world.suspend(&third)
        } else {
            world.must(&third, world.root_dropping())
        }
        assert_eq!(world.check(&second, &signature), Err(Refusal::NoSuchRoot), "it waits no more");
        assert_eq!(world.check(&first, &event), Err(Refusal::AlreadyThere), "and is not proposed again");
    }
}

#[test]
fn certificates_by_a_key_that_is_gone_count_on_desks_and_not_for_partners() {
    let mut world = World::founded();
    let [first, second, third, last] = four(&world);
    let request = world.until_vetted(reading("sandbox"));
    world.must(&third, world.offering(&third, 1));
    world.must(&first, world.offering(&first, 1));
    // Everybody here was certified by the first two founders: with the first one's key they all go.
    let payload = replacing(&world, &first, 1);
    world.must(&second, world.root_proposal(&second, payload));
    world.must(&last, world.root_signature(&last));
    let both = [first.certifying(), first.certifying_after(1).0];
    world.must(&first, world.root_signature_by(&[&both[0], &both[1]]));
    let (approver, reviewer) = (world.approver.clone(), world.reviewer.clone());
    let refused = world.try_countersign(&approver, request);
    assert_eq!(refused, Err(Refusal::CertificateOutdated), "a signature partners refuse is not given");
    let event = Event::IdentityChecked(world.compared(&reviewer, true));
    assert_eq!(world.check(&reviewer, &event), Ok(()), "a member stays a member by its place in the log");
    let anew = |world: &mut World, desk: &Desk| {
        let change = world.admission(desk);
        let mut proposed = world.proposal(&second, change.clone());
        proposed.signature = world.part(&second, &change);
        let id = proposed.id;
        world.must(&second, Event::Proposed(proposed));
        let confirmed = world.confirmation(&last, id);
        world.must(&last, Event::Confirmed(confirmed));
    };
    anew(&mut world, &approver);
    assert_eq!(world.try_countersign(&approver, request), Ok(()), "certified anew, the second signer signs");
    let agent = world.agent.clone();
    assert_eq!(world.try_intend(&agent, request), Err(Refusal::CertificateOutdated), "so must the sealer be");
    anew(&mut world, &agent);
    assert_eq!(world.try_intend(&agent, request), Err(Refusal::SignerOutdated), "and the first signer");
    anew(&mut world, &reviewer);
    let older = world.try_intend(&agent, request);
    assert_eq!(
        older,
        Err(Refusal::SignerOutdated),
        "whose signature is older than the certificate partners see"
    );
    world.must(&reviewer, world.answer(&reviewer, request, Check::Why, true));
    world.try_vet(&reviewer, request).unwrap();
    world.try_countersign(&approver, request).unwrap();
    assert!(world.try_intend(&agent, request).is_ok(), "vetted again, the key is made");
}

#[test]
fn what_is_half_signed_under_the_root_before_is_void() {
    let mut world = World::founded();
    let [first, second, _, last] = four(&world);
    let newcomer = Desk::new("New Comer", &[Right::Vet]);
    let proposed = world.proposal(&last, world.admission(&newcomer));
    let id = proposed.id;
    world.must(&last, Event::Proposed(proposed));
    let payload = world.next_root(|r| r.certifiers.retain(|c| c.person != last.person));
    world.must(&first, world.root_proposal(&first, payload));
    world.must(&second, world.root_signature(&second));
    let confirmed = Event::Confirmed(world.confirmation(&first, id));
    assert_eq!(
        world.check(&first, &confirmed),
        Err(Refusal::NoSuchChange),
        "its half is a former certifier's"
    );
}

fn succeeding(world: &World, succeeded: Succeeded) -> Result<(), Refusal> {
    world.check(&world.reviewer, &Event::Succeeded(succeeded))
}

#[test]
fn both_keys_on_paper_bring_the_organisation_back() {
    let mut world = World::founded();
    let [first, second, rogue, last] = four(&world);
    for desk in [&first, &second] {
        world.must(&rogue, Event::Suspended(world.suspension(desk)));
    }
    assert_eq!(
        world.check(&rogue, &Event::Suspended(world.suspension(&last))),
        Err(Refusal::TooFewAdmins),
        "one admin never gets rid of all others"
    );
    let succeeded = world.succession();
    let reviewer = world.reviewer.clone();
    world.must(&reviewer, Event::Succeeded(succeeded.clone()));
    let trust = world.state.trust.as_ref().unwrap();
    assert_eq!((trust.root.version, trust.before.len()), (2, 1), "partners compare a new fingerprint");
    assert!(!world.state.members[&first.member].suspended, "the new certifiers are members again");
    world.must(&first, Event::Suspended(world.suspension(&rogue)));
    world.must(&second, Event::Suspended(world.suspension(&last)));
    assert_eq!(succeeding(&world, succeeded), Err(Refusal::BadSuccession), "the keys on paper work once");
}

#[test]
fn half_of_a_succession_is_none() {
    let world = World::founded();
    let bad = Err(Refusal::BadSuccession);
    let left = || Desk::new("Left half", &[]).certifying();
    let right = || Desk::new("Right half", &[]).certifying();
    let stranger = || Desk::new("Stranger", &[]).certifying();
    for pair in [[left(), left()], [left(), stranger()], [stranger(), right()]] {
        let verdict = succeeding(&world, world.succession_by(&pair, |_| {}));
        assert_eq!(verdict, bad, "both halves, and the right ones");
    }
    type Edit = fn(&mut Root);
    let edits: [(&str, Edit); 4] = [
        ("the same keys on paper again", |r| {
            let [left, right] = halves();
            r.successor = successor(&left.public(), &right.public());
        }),
        ("a version left out", |r| r.version += 1),
        ("after another root", |r| r.previous = Some(Digest::of(b"else"))),
        ("nothing revealed", |r| r.revealed = None),
    ];
    for (what, edit) in edits {
        let verdict = succeeding(&world, world.succession_by(&halves(), edit));
        assert_eq!(verdict, bad, "{what}");
    }
    let good = world.succession();
    assert_eq!(succeeding(&world, good.clone()), Ok(()), "the neighbour that is whole");
    let short = Succeeded { certificates: good.certificates[..1].to_vec(), ..good.clone() };
    assert_eq!(succeeding(&world, short), bad, "both new certifiers are certified");
    let swapped = Succeeded { certificates: good.certificates.iter().rev().cloned().collect(), ..good };
    assert_eq!(succeeding(&world, swapped), Ok(()), "in either order");
    let robot = world.agent.clone();
    let by_agent = world.check(&robot, &Event::Succeeded(world.succession()));
    assert_eq!(by_agent, Err(Refusal::MissingRight), "an agent is nobody to bring it");
}

#[test]
fn a_suspension_that_leaves_one_admin_takes_a_second_voice() {
    let mut world = World::founded();
    let [first, second, third, last] = four(&world);
    for desk in [&third, &last] {
        world.must(&first, Event::Suspended(world.suspension(desk)));
    }
    let twin = second.second(&[Right::Admin]);
    world.admit(&twin);
    assert_eq!(
        world.check(&first, &Event::Suspended(world.suspension(&twin))),
        Ok(()),
        "one of two desks of a person takes no person away"
    );
    world.must(&first, Event::Suspended(world.suspension(&twin)));
    let alone = Event::Suspended(world.suspension(&second));
    assert_eq!(world.check(&first, &alone), Err(Refusal::TooFewAdmins), "not alone");
    let proposed = world.proposal(&first, Change::Suspension(world.suspension(&second)));
    let id = proposed.id;
    world.must(&first, Event::Proposed(proposed));
    let auditor = member(&mut world, "Auditor", &[Right::Audit]);
    let (agent, approver) = (world.agent.clone(), world.approver.clone());
    let confirming = |by: &Desk| world.check(by, &Event::Confirmed(world.confirmation(by, id)));
    assert_eq!(confirming(&first), Err(Refusal::SamePerson), "not by the same person");
    assert_eq!(confirming(&auditor), Err(Refusal::MissingRight), "nor an auditor");
    assert_eq!(confirming(&agent), Err(Refusal::MissingRight), "nor an agent");
    let confirmed = Event::Confirmed(world.confirmation(&approver, id));
    world.must(&approver, confirmed);
    assert!(world.state.members[&second.member].suspended, "any other person is enough");
}
