//! Nobody becomes a member unheard: who compared whom, how, and who still has to.

use countersign_documents::{Digest, Flag, certificate::Right, grant::IdentityCheck};
use countersign_domain::{Event, Refusal, event::MemberChecked};

use super::{member, officer, proposing};
use crate::world::{Desk, World, organisation::founding};

fn newcomer() -> Desk {
    Desk::new("Una Heard", &[Right::Vet])
}

/// The first founder proposes the newcomer, after this was put on the record by these desks.
fn after(before: &[(&Desk, MemberChecked)], world: &World) -> Result<(), Refusal> {
    let mut world = world.clone();
    for (by, event) in before {
        world.must(by, Event::MemberChecked(event.clone()));
    }
    proposing(&world, world.proposal(&world.founders[0], world.admission(&newcomer())))
}

fn heard(world: &World, by: &Desk, identity: Digest, attended: bool) -> MemberChecked {
    MemberChecked { identity, check: world.hearing(by, attended) }
}

#[test]
fn whoever_proposes_a_member_has_heard_exactly_that_identity() {
    let world = World::founded();
    let [first, second, ..] = &world.founders[..] else { panic!("four founders") };
    let (good, refused) = (newcomer().thumbprint(), Err(Refusal::MemberUnchecked));
    assert_eq!(after(&[], &world), refused, "nobody heard anything");
    assert_eq!(after(&[(second, heard(&world, second, good, true))], &world), refused, "somebody else did");
    let other = newcomer().with_new_keys().thumbprint();
    assert_eq!(after(&[(first, heard(&world, first, other, true))], &world), refused, "it was another's");
    let piped = [(first, heard(&world, first, good, false))];
    assert_eq!(after(&piped, &world), refused, "a program typed it");
    assert_eq!(after(&[(first, heard(&world, first, good, true))], &world), Ok(()), "heard, and typed");

    let mut lenient = world.clone();
    lenient.policy(|p| p.unattended = Flag(true));
    assert_eq!(after(&piped, &lenient), Ok(()), "a policy may accept what a program typed");
}

#[test]
fn a_policy_that_became_stricter_counts_for_the_confirmation_too() {
    let mut world = World::founded();
    let [first, second, ..] = world.founders.clone().try_into().map(|f: [Desk; 4]| f).unwrap();
    world.policy(|p| p.unattended = Flag(true));
    let piped = heard(&world, &first, newcomer().thumbprint(), false);
    world.must(&first, Event::MemberChecked(piped));
    let proposed = world.proposal(&first, world.admission(&newcomer()));
    let id = proposed.id;
    world.must(&first, Event::Proposed(proposed));
    let confirming = |world: &World| world.check(&second, &Event::Confirmed(world.confirmation(&second, id)));
    assert_eq!(confirming(&world), Ok(()), "it is accepted");
    world.policy(|p| p.unattended = Flag(false));
    assert_eq!(confirming(&world), Err(Refusal::MemberUnchecked), "and not any more");
    world.hear(&second, &newcomer());
    assert_eq!(confirming(&world), Err(Refusal::MemberUnchecked), "whoever confirms is not who proposed");
    world.hear(&first, &newcomer());
    assert_eq!(confirming(&world), Ok(()), "heard after all");
}

#[test]
fn who_keeps_the_identity_was_heard_and_who_changes_it_was_not() {
    let world = World::founded();
    let proposed = |desk: &Desk| proposing(&world, world.proposal(&world.founders[0], world.admission(desk)));
    assert_eq!(proposed(&world.reviewer), Ok(()), "certified anew with the same key");
    let changed = world.reviewer.with_new_keys();
    assert_eq!(proposed(&changed), Err(Refusal::MemberUnchecked), "another key is another identity");
}

#[test]
fn nobody_compares_the_own_identity() {
    let mut world = World::founded();
    let admin = officer(&mut world, "Admin");
    let twin = admin.second(&[Right::Admin]);
    world.admit(&twin);
    let own = |by: &Desk, of: &Desk| world.check(by, &world.member_checked(by, of.thumbprint()));
    assert_eq!(own(&admin, &admin), Err(Refusal::OwnIdentity), "not the one that signs it");
    assert_eq!(own(&admin, &twin), Err(Refusal::OwnIdentity), "nor that of a second desk");
    assert_eq!(own(&twin, &admin), Err(Refusal::OwnIdentity), "nor from there");
    assert_eq!(own(&admin, &world.founders[0]), Ok(()), "but another's");
}

#[test]
fn a_comparison_is_recorded_by_whoever_made_it_and_not_before() {
    let world = World::founded();
    let [first, second, ..] = &world.founders[..] else { panic!("four founders") };
    let saying = |edit: &dyn Fn(&mut IdentityCheck)| {
        let mut event = heard(&world, first, newcomer().thumbprint(), true);
        edit(&mut event.check);
        world.check(first, &Event::MemberChecked(event))
    };
    let refused = Err(Refusal::BadComparison);
    assert_eq!(saying(&|c| c.person = second.person), refused, "nobody says what another heard");
    assert_eq!(saying(&|c| c.time = c.time.plus(1)), refused, "nor what will be heard");
    assert_eq!(saying(&|_| {}), Ok(()), "what was heard now");
    assert_eq!(saying(&|c| c.time.0 -= 86_400), Ok(()), "or before there was a ledger to say it on");
}

#[test]
fn only_admins_compare_members_and_everybody_the_organisation() {
    let mut world = World::founded();
    let auditor = member(&mut world, "Auditor", &[Right::Audit]);
    let pinned = world.state.trust.as_ref().unwrap().pinned;
    for desk in [&auditor, &world.agent, &world.reviewer] {
        let says = |identity| world.check(desk, &world.member_checked(desk, identity));
        assert_eq!(says(newcomer().thumbprint()), Err(Refusal::MissingRight), "{} of a joiner", desk.name);
        assert_eq!(says(pinned), Ok(()), "{} of the organisation it joined", desk.name);
    }
}

#[test]
fn which_founders_have_not_heard_each_other_is_known_until_they_have() {
    let mut world = World::bare();
    let founders = world.founders[..2].to_vec();
    let [first, second] = &founders[..] else { panic!("two founders") };
    world.must(first, Event::Founded(founding(&founders)));
    let (there, back) = ((first.person, second.person), (second.person, first.person));
    let missing = |world: &World| world.state.unheard_founders();
    let mut both = vec![there, back];
    both.sort_unstable();
    let mut now = missing(&world);
    now.sort_unstable();
    assert_eq!(now, both, "neither");
    world.hear(first, second);
    assert_eq!(missing(&world), vec![back], "one did");
    let piped = heard(&world, second, first.thumbprint(), false);
    world.must(second, Event::MemberChecked(piped));
    assert_eq!(missing(&world), vec![back], "a program is nobody");
    world.hear(second, first);
    assert_eq!(missing(&world), Vec::new(), "both did");
    assert_eq!(world.state.comparisons(&first.thumbprint()).len(), 2, "and every comparison is kept");
}

#[test]
fn after_a_succession_the_new_certifiers_are_those_who_hear_each_other() {
    let mut world = World::founded();
    let [first, second, ..] = &world.founders.clone()[..] else { panic!("four founders") };
    assert_eq!(world.state.unheard_founders().len(), 12, "four founders, none heard another");
    world.must(first, Event::Succeeded(world.succession()));
    assert_eq!(world.state.unheard_founders().len(), 2, "two certifiers are left");
    world.hear(first, second);
    world.hear(second, first);
    assert_eq!(world.state.unheard_founders(), Vec::new());
}
