//! A grant says exactly what request, catalogue, policy and issuer say, and stays on the ground it was signed on.

use countersign_documents::{
    Digest, Time,
    certificate::Right,
    encode,
    grant::{Activation, Grant, KeyForm},
    id::{GrantId, OrganisationId, PersonId, RequestId},
    request::Mode,
    time::{DAY, HOUR},
};
use countersign_domain::{
    Change, Event, Refusal,
    event::{IssuerStopped, IssuerTerms, Tightened},
    waiting_signers,
};

use super::officer;
use crate::world::{
    World,
    asking::{networks, reading},
    organisation::{catalogue, gate, line, slug},
};

type Edit = fn(&mut Grant);

/// Every field, and another value for it.
const FIELDS: &[(&str, Edit)] = &[
    ("id", |g| g.id = GrantId([1; 16])),
    ("lineage", |g| g.lineage = GrantId([1; 16])),
    ("mode", |g| g.mode = Mode::Renew),
    ("predecessor", |g| g.predecessor = Some(GrantId([1; 16]))),
    ("organisation", |g| g.organisation = OrganisationId([1; 16])),
    ("request", |g| g.request = Digest([1; 32])),
    ("recipient", |g| g.recipient = Digest([1; 32])),
    ("receiving", |g| g.receiving = Digest([1; 32])),
    ("sponsor", |g| g.sponsor = PersonId([1; 16])),
    ("service", |g| g.service = slug("payments")),
    ("environment", |g| g.environment = slug("live")),
    ("scopes", |g| g.scopes[0].endpoints[0].methods.clear()),
    ("networks", |g| g.networks = networks(&["203.0.0.0/16"])),
    ("base_url", |g| g.base_url = line("https://evil.example.net/")),
    ("not_after", |g| g.not_after = g.not_after.plus(1)),
    ("deliver_by", |g| g.deliver_by = g.deliver_by.plus(1)),
    ("rotations", |g| g.rotations += 1),
    ("form", |g| g.form = KeyForm::Pasted),
    ("activation", |g| g.activation = Activation::AtOnce),
    ("issuer", |g| g.issuer = slug("office")),
    ("policy", |g| g.policy = Digest([1; 32])),
    ("catalogue", |g| g.catalogue = Digest([1; 32])),
    ("issuer_terms", |g| g.issuer_terms = Digest([1; 32])),
    ("unenforceable", |g| g.unenforceable.push(line("source networks"))),
    ("identity_checks", |g| g.identity_checks.clear()),
    ("vetting", |g| g.vetting = Digest([1; 32])),
];

/// What the reviewer's desk chooses; the second signer sees and signs it.
const CHOSEN: &[&str] = &["activation", "unenforceable"];

#[test]
fn no_field_of_a_grant_changes_between_draft_and_signatures() {
    let mut world = World::founded();
    let (reviewer, approver) = (world.reviewer.clone(), world.approver.clone());
    let request = world.ready(reading("sandbox"));
    let (grant, vetting) = world.draft(&reviewer, request).unwrap();
    let mut vetted = world.clone();
    let event = vetted.vetted(&reviewer, request, grant.clone(), vetting.clone());
    vetted.must(&reviewer, event.clone());
    for (field, edit) in FIELDS {
        let mut other = grant.clone();
        edit(&mut other);
        assert_ne!(other, grant, "{field}: it is another value");
        let Event::Vetted(mut swapped) = world.vetted(&reviewer, request, grant.clone(), vetting.clone())
        else {
            panic!("vetted")
        };
        swapped.grant = other.clone();
        let refused = world.check(&reviewer, &Event::Vetted(swapped));
        assert!(refused.is_err(), "{field}: the signature is over another grant");
        let resigned =
            world.check(&reviewer, &world.vetted(&reviewer, request, other.clone(), vetting.clone()));
        let wanted = match *field {
            _ if CHOSEN.contains(field) => Ok(()),
            "not_after" | "deliver_by" => Err(Refusal::LifetimeTooLong),
            "identity_checks" => Err(Refusal::IdentityUnchecked),
            _ => Err(Refusal::GrantDiffers),
        };
        assert_eq!(resigned, wanted, "{field}: not even where the reviewer signs the change");
        let second = vetted.check(&approver, &vetted.countersigned(&approver, request, &other));
        assert_eq!(second, Err(Refusal::ApprovalDiffers), "{field}: nor is it what the approver signs");
    }
    let labels = encode(&Grant { predecessor: Some(GrantId([0; 16])), ..grant.clone() })[1];
    assert_eq!(FIELDS.len(), usize::from(labels), "every field of a grant is in the table");
}

#[test]
fn a_reviewer_may_grant_for_less_time_but_not_for_none() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let request = world.ready(reading("sandbox"));
    let (grant, vetting) = world.draft(&reviewer, request).unwrap();
    let with = |edit: &dyn Fn(&mut Grant)| {
        let mut grant = grant.clone();
        edit(&mut grant);
        world.check(&reviewer, &world.vetted(&reviewer, request, grant, vetting.clone()))
    };
    assert_eq!(with(&|g| g.not_after = g.not_after.minus(DAY)), Ok(()), "a day less");
    assert_eq!(with(&|g| g.deliver_by = g.deliver_by.minus(DAY)), Ok(()), "to be delivered sooner");
    let over = Err(Refusal::DeliveryOver);
    assert_eq!(
        with(&|g| (g.not_after, g.deliver_by) = (world.now, world.now)),
        over,
        "dead when it is signed"
    );
    assert_eq!(with(&|g| g.deliver_by = Time(1)), over, "due before it is signed");
    assert_eq!(with(&|g| g.not_after = g.deliver_by.minus(1)), over, "delivered when it is dead");
}

/// Signed once, signed by all, and with a key begun: where the ground may change.
fn moments() -> Vec<(&'static str, World, RequestId)> {
    let mut vetted = World::founded();
    let request = vetted.until_vetted(reading("sandbox"));
    let mut signed = vetted.clone();
    signed.try_countersign(&signed.approver.clone(), request).unwrap();
    let mut begun = signed.clone();
    begun.try_intend(&begun.agent.clone(), request).unwrap();
    vec![("countersign", vetted, request), ("intend", signed, request), ("issue", begun, request)]
}

/// What is refused at each moment after something happened.
fn after(happens: impl Fn(&mut World)) -> Vec<(&'static str, Result<(), Refusal>)> {
    let then = |(moment, mut world, request): (&'static str, World, RequestId)| {
        happens(&mut world);
        let verdict = match moment {
            "countersign" => world.try_countersign(&world.approver.clone(), request),
            "intend" => world.try_intend(&world.agent.clone(), request).map(drop),
            _ => {
                let key = world.exchange(request).keys[0];
                world.check(&world.agent, &Event::Issued(world.issued(key)))
            }
        };
        (moment, verdict)
    };
    moments().into_iter().map(then).collect()
}

#[test]
fn signatures_stand_only_on_the_ground_they_were_given_on() {
    let all = |what: &str, wanted: Result<(), Refusal>, happens: &dyn Fn(&mut World)| {
        for (moment, verdict) in after(happens) {
            assert_eq!(verdict, wanted, "{what}, then {moment}");
        }
    };
    let changed = Err(Refusal::GroundChanged);
    all("nothing happens", Ok(()), &|_| {});
    all("another policy", changed, &|w| w.policy(|p| p.envelope_days = 10));
    all("a policy tightened by one admin", changed, &|w| {
        let policy = w.edited(|p| p.longest_sandbox = 89);
        w.must(&w.founders[0].clone(), Event::Tightened(Tightened { policy }));
    });
    all("another catalogue", changed, &|w| w.change(Change::Catalogue(catalogue(2))));
    all("other terms of the issuer", changed, &|w| {
        w.change(Change::Issuer(IssuerTerms { location: Some(line("/elsewhere")), ..gate() }));
    });
    all("the issuer is stopped", changed, &|w| {
        w.must(&w.founders[0].clone(), Event::IssuerStopped(IssuerStopped { issuer: slug("gate") }));
    });
    all("another issuer is stopped", Ok(()), &|w| {
        w.must(&w.founders[0].clone(), Event::IssuerStopped(IssuerStopped { issuer: slug("office") }));
    });
    let gone = Err(Refusal::SignerGone);
    all("the reviewer is suspended", gone, &|w| w.suspend(&w.reviewer.clone()));
    all("the reviewer has new keys", gone, &|w| w.admit(&w.reviewer.with_new_keys()));
    all("the reviewer may only approve now", gone, &|w| w.admit(&w.reviewer.with(&[Right::Approve])));
    // Partners are shown the newest certificate, and it must have been in force when the approval was signed.
    for suspended in [false, true] {
        for (moment, verdict) in after(|w| {
            w.now = w.now.plus(HOUR);
            if suspended {
                w.suspend(&w.reviewer.clone());
            }
            w.admit(&w.reviewer.clone());
        }) {
            let wanted = if moment == "countersign" { Ok(()) } else { Err(Refusal::SignerOutdated) };
            assert_eq!(verdict, wanted, "the reviewer is certified anew, then {moment}");
        }
    }
    all("somebody else is suspended", Ok(()), &|w| w.suspend(&w.spare.clone()));
    for (moment, verdict) in after(|w| w.suspend(&w.approver.clone())) {
        let wanted = if moment == "countersign" { Err(Refusal::Suspended) } else { gone };
        assert_eq!(verdict, wanted, "the approver is suspended, then {moment}");
    }
}

#[test]
fn signatures_age() {
    let world = |days: u64, seconds: u64| {
        move |w: &mut World| {
            w.now =
                w.grant(*w.state.exchanges.keys().next().unwrap()).deliver_by.minus(days * DAY).plus(seconds)
        }
    };
    let later = |seconds: u64, days: u64| {
        let then = world(days, seconds);
        after(then).into_iter().filter(|(m, _)| *m != "countersign").map(|(_, v)| v).collect::<Vec<_>>()
    };
    assert_eq!(later(0, 1), [Ok(()), Ok(())], "a day before the end they stand");
    assert_eq!(later(0, 0), [Ok(()), Ok(())], "at the very end too");
    let old = Err(Refusal::ApprovalsTooOld);
    assert_eq!(later(1, 0), [old, old], "a second later the first of them is too old");
}

#[test]
fn what_is_to_be_delivered_by_a_day_is_not_delivered_after_it() {
    let mut world = World::founded();
    let (reviewer, approver, agent) = (world.reviewer.clone(), world.approver.clone(), world.agent.clone());
    let request = world.ready(reading("sandbox"));
    let (mut grant, vetting) = world.draft(&reviewer, request).unwrap();
    grant.deliver_by = world.now.plus(3 * DAY);
    let end = grant.deliver_by;
    let event = world.vetted(&reviewer, request, grant, vetting);
    world.must(&reviewer, event);
    world.try_countersign(&approver, request).unwrap();
    world.now = end;
    let mut begun = world.clone();
    let key = begun.try_intend(&agent, request).expect("on the last second");
    world.now = end.plus(1);
    let late = world.try_intend(&agent, request).map(drop);
    assert_eq!(late, Err(Refusal::DeliveryOver), "a second later no key is begun");
    begun.now = end.plus(1);
    let late = begun.check(&agent, &Event::Issued(begun.issued(key)));
    assert_eq!(late, Err(Refusal::DeliveryOver), "nor finished");
}

#[test]
fn a_signer_who_does_not_hold_the_right_any_more_is_not_replaced_by_holding_another() {
    let mut world = World::founded();
    let officer = officer(&mut world, "Officer");
    let request = world.until_vetted(reading("sandbox"));
    world.try_countersign(&officer, request).unwrap();
    world.admit(&officer.with(&[Right::Vet, Right::Issue, Right::Admin]));
    let verdict = world.try_intend(&world.agent.clone(), request).map(drop);
    assert_eq!(
        verdict,
        Err(Refusal::SignerGone),
        "the right to approve is gone, and with it the second signature"
    );
}

#[test]
fn what_leads_to_no_key_any_more_is_vetted_anew_and_nothing_else_is() {
    let mut world = World::founded();
    let (reviewer, approver, agent) = (world.reviewer.clone(), world.approver.clone(), world.agent.clone());
    let spare = world.spare.clone();
    let (first, second) = (officer(&mut world, "First"), officer(&mut world, "Second"));
    let request = world.until_countersigned(reading("sandbox"));
    let before = world.grant(request);
    let hold = |world: &World| world.state.signatures_hold(&world.state.exchanges[&request], world.now);
    let waits = |world: &World| -> Vec<_> {
        let exchange = &world.state.exchanges[&request];
        waiting_signers(&world.state, exchange, world.now).into_iter().map(|m| m.id).collect()
    };
    assert_eq!(hold(&world), Ok(()));
    assert_eq!(
        world.clone().try_vet(&spare, request),
        Err(Refusal::AlreadyVetted),
        "while it leads to a key"
    );
    assert!(waits(&world).contains(&agent.member), "it waits for its key");

    world.suspend(&approver);
    assert_eq!(hold(&world), Err(Refusal::SignerGone));
    let waiting = waits(&world);
    assert!(waiting.contains(&reviewer.member) && waiting.contains(&spare.member), "for a first signature");
    assert!(!waiting.contains(&agent.member), "there is nothing to issue");
    assert_eq!(world.try_intend(&agent, request).map(drop), Err(Refusal::SignerGone));
    world.clone().try_vet(&reviewer, request).expect("whoever signed before may sign anew");
    world.try_vet(&first, request).expect("and so may anybody else who vets");
    assert!(!world.state.grants.contains_key(&before.id), "nothing hangs on the old signatures");
    assert_eq!(
        world.try_intend(&agent, request).map(drop),
        Err(Refusal::NotCountersigned),
        "one is not enough"
    );
    assert_eq!(world.try_vet(&spare, request), Err(Refusal::AlreadyVetted), "it is vetted now");
    let same = world.try_countersign(&first, request);
    assert_eq!(same, Err(Refusal::SamePerson), "nobody signs twice, whatever rights they have");
    world.try_countersign(&second, request).expect("another person");
    assert_eq!(hold(&world), Ok(()));
    world.try_intend(&agent, request).expect("two people signed what holds");
}

#[test]
fn what_was_vetted_on_other_ground_is_vetted_anew() {
    let mut world = World::founded();
    let (spare, approver) = (world.spare.clone(), world.approver.clone());
    let request = world.until_vetted(reading("sandbox"));
    assert_eq!(world.clone().try_vet(&spare, request), Err(Refusal::AlreadyVetted));
    world.policy(|p| p.envelope_days = 10);
    assert_eq!(world.try_countersign(&approver, request), Err(Refusal::GroundChanged));
    world.try_vet(&spare, request).expect("on the new ground");
    world.try_countersign(&approver, request).expect("by another person");
}
