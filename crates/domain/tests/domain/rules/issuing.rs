//! From the signatures to a sealed key: sequence, rotation, lineage, and never more than was granted.

use countersign_documents::{
    id::{Cti, GrantId, KeyId, RequestId},
    request::Mode,
    time::DAY,
};
use countersign_domain::{
    Event, Refusal,
    event::{Intended, Issued, Received},
};

use super::{member, officer};
use crate::world::{
    Desk, Partner, World,
    acts::asked_with,
    asking::{reading, scopes},
};

fn intending(world: &World, request: RequestId, edit: impl FnOnce(&mut Intended)) -> Result<(), Refusal> {
    let mut event = world.intended(request).unwrap();
    edit(&mut event);
    world.check(&world.agent, &Event::Intended(event))
}

#[test]
fn an_intent_is_the_next_of_its_lineage_with_ids_of_its_own() {
    let mut world = World::founded();
    let (_, other) = world.until_issued(asked_with(&["orders:write"], "sandbox"));
    let (key, cti) = (other, world.key(other).cti.unwrap());
    let request = world.until_countersigned(reading("sandbox"));
    assert_eq!(intending(&world, request, |_| {}), Ok(()), "the first");
    for seq in [0, 2, u64::MAX] {
        assert_eq!(
            intending(&world, request, |e| e.seq = seq),
            Err(Refusal::SequenceOutOfOrder),
            "not number {seq}"
        );
    }
    let taken = Err(Refusal::AlreadyThere);
    assert_eq!(intending(&world, request, |e| e.key = key), taken, "a key id stands once");
    assert_eq!(intending(&world, request, |e| e.cti = cti), taken, "and so does an envelope's");
    let unsigned = Err(Refusal::NotCountersigned);
    assert_eq!(
        intending(&world, request, |e| e.grant = GrantId([1; 16])),
        unsigned,
        "under the grant that was signed"
    );
}

#[test]
fn a_key_is_begun_once_at_a_time_and_replaced_as_often_as_the_grant_says() {
    let mut world = World::founded();
    let agent = world.agent.clone();
    let request = world.until_countersigned(reading("sandbox"));
    let allowed = 1 + world.grant(request).rotations;
    for n in 1..=allowed {
        let given_up = world.try_intend(&agent, request).unwrap();
        assert_eq!(world.try_intend(&agent, request).map(drop), Err(Refusal::IntentOpen), "one at a time");
        world.must(&agent, world.abandoned(given_up));
        let key = world.try_intend(&agent, request).expect("what was abandoned does not count");
        assert_eq!(world.key(key).seq, 2 * n, "but its number is not given again");
        world.must(&agent, Event::Issued(world.issued(key)));
        let again = world.check(&agent, &Event::Issued(world.issued(key)));
        assert_eq!(again, Err(Refusal::KeyNotIntended), "a key is made once");
        assert_eq!(
            world.check(&agent, &world.abandoned(key)),
            Err(Refusal::KeyNotIntended),
            "and not unmade"
        );
    }
    assert_eq!(
        world.try_intend(&agent, request).map(drop),
        Err(Refusal::NoRotationLeft),
        "{allowed} keys are all"
    );
}

#[test]
fn a_key_is_finished_by_the_desk_that_began_it() {
    let mut world = World::founded();
    let officer = officer(&mut world, "Officer");
    let twin = officer.second(&officer.rights);
    world.admit(&twin);
    let request = world.until_countersigned(reading("sandbox"));
    let key = world.try_intend(&officer, request).unwrap();
    let by = |desk: &Desk| world.check(desk, &Event::Issued(world.issued(key)));
    assert_eq!(by(&world.agent), Err(Refusal::OtherMaker), "not by the agent");
    assert_eq!(by(&twin), Err(Refusal::OtherMaker), "not by another desk of the same person");
    assert_eq!(by(&officer), Ok(()), "by itself");
    assert_eq!(
        world.check(&world.agent, &world.abandoned(key)),
        Ok(()),
        "but anybody who issues may give it up"
    );
}

#[test]
fn a_key_gives_what_was_granted_or_less() {
    let mut world = World::founded();
    let (_, key) = world.until_intended(asked_with(&["orders:read", "orders:write"], "sandbox"));
    let issuing = |edit: &dyn Fn(&mut Issued)| {
        let mut event = world.issued(key);
        edit(&mut event);
        world.check(&world.agent, &Event::Issued(event))
    };
    let beyond = Err(Refusal::BeyondGrant);
    assert_eq!(issuing(&|_| {}), Ok(()), "all of it");
    assert_eq!(issuing(&|e| e.scopes = scopes(&["orders:read"])), Ok(()), "an issuer may give less");
    assert_eq!(
        issuing(&|e| e.scopes = scopes(&["orders:read", "settings:admin"])),
        beyond,
        "but no other scope"
    );
    assert_eq!(issuing(&|e| e.scopes.clear()), beyond, "nor none");
    assert_eq!(issuing(&|e| e.not_after = e.not_after.minus(1)), Ok(()), "a shorter life");
    assert_eq!(issuing(&|e| e.not_after = e.not_after.plus(1)), beyond, "not a longer one");
    let days = world.state.policy().envelope_days;
    assert_eq!(
        issuing(&|e| e.expires = world.now.plus(days * DAY)),
        Ok(()),
        "to be opened as long as the policy says"
    );
    assert_eq!(issuing(&|e| e.expires = world.now.plus(days * DAY + 1)), beyond, "and not a second longer");
}

#[test]
fn one_key_is_never_given_to_two_readers() {
    let mut world = World::founded();
    let (_, first) = world.until_issued(reading("byhand"));
    let (_, second) = world.until_intended(asked_with(&["orders:write"], "byhand"));
    let pasted_twice = Issued { fingerprint: world.key(first).fingerprint.unwrap(), ..world.issued(second) };
    let verdict = world.check(&world.agent, &Event::Issued(pasted_twice));
    assert_eq!(verdict, Err(Refusal::AlreadyThere), "the same key pasted for a second grant");
    assert_eq!(world.check(&world.agent, &Event::Issued(world.issued(second))), Ok(()), "a key of its own");
}

#[test]
fn a_renewal_follows_a_key_of_the_same_partner_service_and_environment() {
    let mut world = World::founded();
    let founder = world.founders[3].clone();
    let (request, _) = world.until_issued(reading("sandbox"));
    let grant = world.grant(request);
    let open = world.until_countersigned(asked_with(&["orders:write"], "sandbox"));
    let unissued = world.grant(open).id;
    let renewing = |edit: &dyn Fn(&mut Received)| {
        let asked = reading("sandbox");
        let mut event = world.received(&world.partner, RequestId(world.fresh()), asked);
        (event.mode, event.predecessor) = (Mode::Renew, Some(grant.id));
        edit(&mut event);
        world.check(&founder, &Event::Received(event))
    };
    let bad = Err(Refusal::BadLineage);
    assert_eq!(renewing(&|_| {}), Ok(()), "a renewal");
    assert_eq!(renewing(&|e| e.predecessor = None), bad, "of what?");
    assert_eq!(renewing(&|e| e.predecessor = Some(GrantId([1; 16]))), bad, "of what nobody signed");
    assert_eq!(renewing(&|e| e.predecessor = Some(unissued)), bad, "of what was never issued");
    let stranger = Partner::new("Stranger Ltd");
    assert_eq!(renewing(&|e| e.identity = stranger.signing().public()), bad, "of another partner's key");
    assert_eq!(renewing(&|e| e.asked = reading("live")), bad, "of another environment's");
    assert_eq!(renewing(&|e| e.mode = Mode::New), bad, "a first key has nothing before it");
    assert_eq!(renewing(&|e| e.mode = Mode::Rotate), bad, "and a rotation is no request");
    // Signed and issued, it goes on where the first grant of the key began.
    let mut event = world.received(&world.partner, RequestId([7; 16]), reading("sandbox"));
    (event.mode, event.predecessor) = (Mode::Renew, Some(grant.id));
    world.must(&founder, Event::Received(event));
    let renewal = RequestId([7; 16]);
    world.answer_all(&world.reviewer.clone(), renewal);
    world.try_vet(&world.reviewer.clone(), renewal).unwrap();
    world.try_countersign(&world.approver.clone(), renewal).unwrap();
    assert_eq!(world.grant(renewal).lineage, grant.id, "the lineage is kept");
    let key = world.try_intend(&world.agent.clone(), renewal).unwrap();
    assert_eq!(world.key(key).seq, 2, "and its numbers rise");
}

#[test]
fn two_persons_sign_even_where_one_has_every_right() {
    let mut world = World::founded();
    let officer = officer(&mut world, "Officer");
    let helper = member(&mut world, "Second", &[countersign_documents::certificate::Right::Approve]);
    let request = world.ask(&officer, reading("sandbox"));
    world.compare(&officer);
    world.answer_all(&officer, request);
    let forged =
        Intended { request, grant: GrantId([1; 16]), key: KeyId([1; 16]), seq: 1, cti: Cti([1; 16]) };
    let unsigned = Err(Refusal::NotCountersigned);
    assert_eq!(world.check(&officer, &Event::Intended(forged)), unsigned, "nothing is signed");
    world.try_vet(&officer, request).unwrap();
    assert_eq!(world.try_intend(&officer, request).map(drop), unsigned, "one signature is not two");
    assert_eq!(world.try_countersign(&officer, request), Err(Refusal::SamePerson), "nor twice one's own");
    world.try_countersign(&helper, request).unwrap();
    assert!(world.try_intend(&officer, request).is_ok(), "another person's makes it two");
}
