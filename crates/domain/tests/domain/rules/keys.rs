//! Shared keys: to exactly the members who may hold them.

use countersign_documents::certificate::Right;
use countersign_domain::{
    Event, Refusal,
    event::{Keyring, KeysShared, Shared},
};

use super::member;
use crate::world::{
    Desk, World,
    organisation::{shared_key, wraps, wraps_for},
};

fn rekeying(world: &World, edit: impl FnOnce(&mut Keyring)) -> Result<(), Refusal> {
    let mut keyring = world.keyring();
    edit(&mut keyring);
    world.check(&world.founders[0], &Event::Rekeyed(keyring))
}

fn sharing(world: &World, by: &Desk, to: &Desk, shared: &[Shared]) -> Result<(), Refusal> {
    world.check(by, &Event::SharedKeys(KeysShared { wraps: wraps(to.member, shared, world.state.epoch) }))
}

#[test]
fn new_keys_reach_exactly_the_active_members() {
    let mut world = World::founded();
    let auditor = member(&mut world, "Auditor", &[Right::Audit]);
    let spare = world.spare.clone();
    world.suspend(&spare);
    let refused = Err(Refusal::BadKeyring);
    assert_eq!(rekeying(&world, |_| {}), Ok(()), "everybody who is left, and nobody else");
    let without = |member| move |k: &mut Keyring| k.wraps.retain(|w| w.member != member);
    assert_eq!(rekeying(&world, without(world.reviewer.member)), refused, "nobody is locked out");
    let left = wraps(spare.member, &[Shared::Ledger, Shared::Receiving], 2);
    assert_eq!(rekeying(&world, |k| k.wraps.extend(left)), refused, "whoever was suspended gets nothing");
    let more = wraps(auditor.member, &[Shared::Receiving], 2);
    assert_eq!(
        rekeying(&world, |k| k.wraps.extend(more)),
        refused,
        "an auditor cannot open what partners send"
    );
    assert_eq!(rekeying(&world, |k| k.wraps.push(k.wraps[0].clone())), refused, "nothing twice");
    assert_eq!(rekeying(&world, |k| k.wraps[0].generation = 1), refused, "nothing of the epoch before");
}

#[test]
fn an_epoch_follows_the_one_before_with_fresh_keys() {
    let world = World::founded();
    let refused = Err(Refusal::BadKeyring);
    assert_eq!(rekeying(&world, |k| k.epoch = 3), refused, "no epoch is left out");
    assert_eq!(rekeying(&world, |k| k.before = None), refused, "older entries stay readable");
    assert_eq!(rekeying(&world, |k| k.look_up = k.ledger), refused, "old fingerprints stay comparable");
    assert_eq!(
        rekeying(&world, |k| k.receiving = shared_key(1)),
        refused,
        "a receiving key is not used again"
    );
    let old = world.state.ledger_keys[&1];
    assert_eq!(rekeying(&world, |k| k.ledger = old), refused, "nor a ledger key");
}

#[test]
fn keys_are_passed_on_to_active_members_as_far_as_they_may_hold_them() {
    let mut world = World::founded();
    let auditor = member(&mut world, "Auditor", &[Right::Audit]);
    let all = [Shared::Ledger, Shared::LookUp, Shared::Receiving];
    let (agent, reviewer, spare) = (world.agent.clone(), world.reviewer.clone(), world.spare.clone());
    let refused = Err(Refusal::BadKeyring);
    assert_eq!(sharing(&world, &agent, &reviewer, &all), Ok(()), "whoever holds them passes them on");
    assert_eq!(sharing(&world, &agent, &reviewer, &all[..2]), refused, "all of them");
    assert_eq!(sharing(&world, &agent, &auditor, &all[..1]), Ok(()), "an auditor reads the ledger");
    assert_eq!(sharing(&world, &agent, &auditor, &all), refused, "and gets no look-up or receiving key");
    assert_eq!(
        sharing(&world, &agent, &auditor, &[Shared::Ledger, Shared::LookUp]),
        refused,
        "neither of them"
    );
    assert_eq!(
        sharing(&world, &auditor, &reviewer, &all),
        Err(Refusal::MissingRight),
        "an auditor changes nothing"
    );
    world.suspend(&spare);
    assert_eq!(
        sharing(&world, &agent, &spare, &all),
        Err(Refusal::NoSuchMember),
        "a suspended member gets nothing"
    );
    let stranger = Desk::new("Stranger", &[]);
    assert_eq!(sharing(&world, &agent, &stranger, &all), Err(Refusal::NoSuchMember), "nor a stranger");
    assert_eq!(sharing(&world, &agent, &reviewer, &[]), refused, "nothing is no gift");
    let member = &world.state.members[&reviewer.member];
    let old = Event::SharedKeys(KeysShared { wraps: wraps_for(member, 9, true) });
    assert_eq!(world.check(&agent, &old), refused, "only of the epoch in force");
}
