//! Founding takes two persons, and everything they sign.

use countersign_documents::{Digest, certificate::Right};
use countersign_domain::{
    Event, Refusal,
    event::{Founded, Shared},
};

use crate::world::{
    Desk, World,
    organisation::{certified, founding, root_of, wraps},
};

fn two() -> (World, Vec<Desk>) {
    let world = World::bare();
    let founders = world.founders[..2].to_vec();
    (world, founders)
}

fn outcome(world: &World, by: &Desk, founded: Founded) -> Result<(), Refusal> {
    world.check(by, &Event::Founded(founded))
}

#[test]
fn two_persons_found_an_organisation_and_one_does_not() {
    let (world, founders) = two();
    assert_eq!(outcome(&world, &founders[0], founding(&founders)), Ok(()), "two are enough");
    assert_eq!(outcome(&world, &founders[1], founding(&founders)), Ok(()), "either of them records it");

    let stranger = Desk::new("Stranger", &[]);
    let refused = Err(Refusal::BadFounding);
    assert_eq!(outcome(&world, &stranger, founding(&founders)), refused, "a third person does not record it");
    let alone = Founded { root: root_of(&founders[..1]).1, ..founding(&founders) };
    assert_eq!(outcome(&world, &founders[0], alone), refused, "a root of one person is none");
    let twin = vec![founders[0].clone(), founders[0].second(&founders[0].rights)];
    assert_eq!(outcome(&world, &twin[0], founding(&twin)), refused, "two desks of one person are one person");
    let one_half = certified(&founders[1], &[&founders[0]]);
    let mut half = founding(&founders);
    half.certificates[1] = one_half;
    assert_eq!(outcome(&world, &founders[0], half), refused, "a certificate takes both certifying keys");
    let mut short = founding(&founders);
    short.certificates.pop();
    assert_eq!(outcome(&world, &founders[0], short), refused, "whoever stands in the root is a member");
    let mut doubled = founding(&founders);
    doubled.certificates[1] = doubled.certificates[0].clone();
    assert_eq!(outcome(&world, &founders[0], doubled), refused, "nobody founds twice");
}

#[test]
fn founders_are_admins_who_sign_with_other_keys_than_they_certify_with() {
    let (world, founders) = two();
    let refused = Err(Refusal::BadFounding);
    let mut weak = founders.clone();
    weak[1].rights = vec![Right::Vet];
    assert_eq!(outcome(&world, &founders[0], founding(&weak)), refused, "a founder is an admin");
    let mut shared = founders.clone();
    shared[1].seed = shared[0].seed.clone();
    assert_eq!(outcome(&world, &founders[0], founding(&shared)), refused, "founders share no key");
}

#[test]
fn the_first_shared_keys_reach_every_founder_and_nobody_else() {
    let (world, founders) = two();
    let refused = Err(Refusal::BadKeyring);
    let mut missing = founding(&founders);
    missing.keyring.wraps.pop();
    assert_eq!(outcome(&world, &founders[0], missing), refused, "nobody is left out");
    let mut more = founding(&founders);
    more.keyring.wraps.extend(wraps(world.spare.member, &[Shared::Ledger], 1));
    assert_eq!(outcome(&world, &founders[0], more), refused, "nobody is slipped in");
    let mut late = founding(&founders);
    late.keyring.epoch = 2;
    assert_eq!(outcome(&world, &founders[0], late), Err(Refusal::BadFounding), "epochs begin at one");
}

#[test]
fn nothing_happens_before_the_founding_and_no_second_one_after() {
    let (mut world, founders) = two();
    let mut early = world.clone();
    let event = Event::IdentityChecked(early.compared(&founders[0], true));
    assert_eq!(early.act(&founders[0], event), Err(Refusal::NotFounded), "there is nobody yet");
    early.rows = 1;
    let refused = Err(Refusal::AlreadyFounded);
    assert_eq!(outcome(&early, &founders[0], founding(&founders)), refused, "a founding is the first row");
    world.must(&founders[0], Event::Founded(founding(&founders)));
    assert_eq!(outcome(&world, &founders[0], founding(&founders)), refused, "and stands once");
    assert_ne!(world.state.look_up, Some(Digest([0; 32])), "the look-up key is committed to");
}
