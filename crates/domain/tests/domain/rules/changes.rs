//! Two admins sign every change; one alone may only take away.

use countersign_documents::{
    Blob, Flag,
    certificate::Right,
    encode,
    policy::{Check, FindingCode, Policy, Severity, Weight},
};
use countersign_domain::{
    Change, Event, Refusal,
    event::{Confirmed, Dropped, IssuerStopped, Proposed, Tightened},
};

use super::{member, officer, proposing};
use crate::world::{
    Desk, World,
    organisation::{by_hand, catalogue, gate, slug},
};

fn changes(world: &World) -> Vec<Change> {
    vec![
        world.admission(&Desk::new("New Comer", &[Right::Vet])),
        Change::Policy(world.edited(|p| p.rotations = 5)),
        Change::Catalogue(catalogue(2)),
        Change::Issuer(by_hand("elsewhere")),
        Change::Card(Blob(encode(&world.card()))),
    ]
}

#[test]
fn a_change_takes_two_persons_whatever_it_is() {
    for (i, word) in ["member", "policy", "catalogue", "issuer", "card"].into_iter().enumerate() {
        let mut world = World::founded();
        let [first, second, ..] = world.founders.clone().try_into().map(|f: [Desk; 4]| f).unwrap();
        let twin = first.second(&[Right::Admin]);
        world.admit(&twin);
        let change = changes(&world).swap_remove(i);
        let proposed = world.proposal(&first, change);
        let id = proposed.id;
        world.must(&first, Event::Proposed(proposed));
        let confirmed = |by: &Desk| Event::Confirmed(world.confirmation(by, id));
        let twice = world.check(&first, &confirmed(&first));
        assert_eq!(twice, Err(Refusal::SamePerson), "{word}: nobody confirms what they proposed");
        let twin_says = world.check(&twin, &confirmed(&twin));
        assert_eq!(twin_says, Err(Refusal::SamePerson), "{word}: a second desk is no second person");
        let other =
            Event::Confirmed(Confirmed { change: gate().digest(), ..world.confirmation(&second, id) });
        assert_eq!(world.check(&second, &other), Err(Refusal::ChangeDiffers), "{word}: of exactly this");
        let bare = Event::Confirmed(Confirmed {
            signature: world.confirmation(&second, id).signature.is_none().then(|| Blob(vec![0])),
            ..world.confirmation(&second, id)
        });
        let unsigned = world.check(&second, &bare);
        let wanted =
            if matches!(word, "member" | "card") { Refusal::BadSignature } else { Refusal::BadChange };
        assert_eq!(
            unsigned,
            Err(wanted),
            "{word}: with a signature of its own exactly where the kind has one"
        );
        let mut gone = world.clone();
        gone.suspend(&first);
        let after = gone.check(&second, &Event::Confirmed(world.confirmation(&second, id)));
        assert_eq!(after, Err(Refusal::SignerGone), "{word}: a suspended admin's half is worth nothing");
        let event = Event::Confirmed(world.confirmation(&second, id));
        assert_eq!(world.act(&second, event), Ok(()), "{word}: another admin confirms it");
        assert!(world.state.pending.is_empty(), "{word}: it waits no more");
    }
}

#[test]
fn a_change_that_waits_can_be_dropped_and_is_gone_then() {
    let mut world = World::founded();
    let [first, second, ..] = &world.founders.clone()[..] else { panic!("four founders") };
    let proposed = world.proposal(first, Change::Issuer(by_hand("elsewhere")));
    let id = proposed.id;
    world.must(first, Event::Proposed(proposed.clone()));
    assert_eq!(world.act(first, Event::Proposed(proposed)), Err(Refusal::AlreadyThere), "an id stands once");
    let confirmed = Event::Confirmed(world.confirmation(second, id));
    world.must(second, Event::Dropped(Dropped { id }));
    assert_eq!(world.act(second, confirmed), Err(Refusal::NoSuchChange), "what was dropped is not confirmed");
}

#[test]
fn versions_follow_one_another_so_a_stale_change_cannot_come_back() {
    let mut world = World::founded();
    let [first, second, ..] = &world.founders.clone()[..] else { panic!("four founders") };
    let loose = world.proposal(first, Change::Policy(world.edited(|p| p.rotations = 12)));
    let id = loose.id;
    world.must(first, Event::Proposed(loose));
    let tighter = world.edited(|p| p.rotations = 0);
    world.must(second, Event::Tightened(Tightened { policy: tighter }));
    let stale = Event::Confirmed(world.confirmation(second, id));
    assert_eq!(
        world.act(second, stale),
        Err(Refusal::VersionOutOfOrder),
        "it was made for the policy before"
    );
    for (version, verdict) in
        [(1, Err(Refusal::VersionOutOfOrder)), (3, Err(Refusal::VersionOutOfOrder)), (2, Ok(()))]
    {
        let proposed = world.proposal(first, Change::Catalogue(catalogue(version)));
        assert_eq!(proposing(&world, proposed), verdict, "after version 1 comes version 2, not {version}");
    }
}

#[test]
fn what_is_half_signed_does_not_undo_what_one_admin_stopped_since() {
    let mut world = World::founded();
    let [first, second, ..] = &world.founders.clone()[..] else { panic!("four founders") };
    let spare = world.spare.clone();
    let renewal = world.proposal(first, world.admission(&spare));
    let terms = world.proposal(first, Change::Issuer(by_hand("office")));
    let others = world.proposal(first, Change::Issuer(by_hand("elsewhere")));
    let ids = [renewal.id, terms.id, others.id];
    for proposed in [renewal, terms, others] {
        world.must(first, Event::Proposed(proposed));
    }
    world.suspend(&spare);
    world.must(second, Event::IssuerStopped(IssuerStopped { issuer: slug("office") }));
    let outcome = ids.map(|id| world.check(second, &Event::Confirmed(world.confirmation(second, id))));
    let gone = Err(Refusal::NoSuchChange);
    assert_eq!(outcome, [gone, gone, Ok(())], "only the change that nothing contradicted still waits");
    world.admit(&spare);
    assert!(!world.state.members[&spare.member].suspended, "two admins who know of it certify anew");
}

#[test]
fn only_who_stands_in_the_root_certifies_members() {
    let mut world = World::founded();
    let admin = officer(&mut world, "Late Admin");
    let newcomer = world.admission(&Desk::new("New Comer", &[Right::Vet]));
    let proposed = world.proposal(&admin, newcomer.clone());
    let refused = Err(Refusal::NotACertifier);
    assert_eq!(world.check(&admin, &Event::Proposed(proposed)), refused, "an admin who came later does not");
    let by = world.founders[3].clone();
    let forged = Proposed { signature: world.part(&admin, &newcomer), ..world.proposal(&by, newcomer) };
    let verdict = world.check(&by, &Event::Proposed(forged));
    assert_eq!(verdict, Err(Refusal::BadSignature), "and no key but the certifier's own signs");
}

type Edit = fn(&mut Policy);

/// Field by field: what tightens it, what loosens it. A field that is not here fails the test below.
const FIELDS: &[(&str, Edit, Option<Edit>)] = &[
    ("quorum", |p| p.quorum += 1, Some(|p| p.quorum -= 1)),
    ("quorum_production", |p| p.quorum_production += 1, Some(|p| p.quorum_production -= 1)),
    ("quorum_admin", |p| p.quorum_admin += 1, Some(|p| p.quorum_admin -= 1)),
    ("longest_sandbox", |p| p.longest_sandbox -= 1, Some(|p| p.longest_sandbox += 1)),
    ("longest_production", |p| p.longest_production -= 1, Some(|p| p.longest_production += 1)),
    ("approval_days", |p| p.approval_days -= 1, Some(|p| p.approval_days += 1)),
    ("envelope_days", |p| p.envelope_days -= 1, Some(|p| p.envelope_days += 1)),
    ("rotations", |p| p.rotations -= 1, Some(|p| p.rotations += 1)),
    ("sponsor_signs", |p| p.sponsor_signs = Flag(false), Some(|p| p.sponsor_signs = Flag(true))),
    ("unattended", |p| p.unattended = Flag(false), Some(|p| p.unattended = Flag(true))),
    ("calls_sandbox", |p| p.calls_sandbox += 1, Some(|p| p.calls_sandbox -= 1)),
    ("calls_production", |p| p.calls_production += 1, Some(|p| p.calls_production -= 1)),
    ("checks", |p| p.checks.push(Check::Protection), Some(|p| p.checks.truncate(1))),
    ("weights", |p| p.weights = weigh(Severity::Blocking), Some(|p| p.weights = weigh(Severity::Note))),
];

fn weigh(severity: Severity) -> Vec<Weight> {
    vec![Weight { finding: FindingCode::WideNetwork, severity }]
}

#[test]
fn one_admin_tightens_every_field_of_the_policy_and_loosens_none() {
    let mut world = World::founded();
    let middle = |p: &mut Policy| {
        (p.quorum, p.quorum_production, p.quorum_admin) = (3, 3, 3);
        (p.longest_sandbox, p.longest_production, p.approval_days, p.envelope_days) = (60, 60, 7, 7);
        (p.calls_sandbox, p.calls_production, p.checks) = (2, 2, vec![Check::Who, Check::Why]);
    };
    world.policy(middle);
    let open = |p: &mut Policy| (p.sponsor_signs, p.unattended) = (Flag(true), Flag(true));
    let admin = member(&mut world, "Admin", &[Right::Admin]);
    let tightened = |world: &World, edit: &dyn Fn(&mut Policy)| {
        world.check(&admin, &Event::Tightened(Tightened { policy: world.edited(|p| edit(p)) }))
    };
    for (field, tighter, looser) in FIELDS {
        let mut world = world.clone();
        world.policy(|p| {
            if matches!(*field, "sponsor_signs" | "unattended") {
                open(p)
            }
        });
        assert_eq!(tightened(&world, tighter), Ok(()), "{field}: tighter");
        if field == &"sponsor_signs" || field == &"unattended" {
            world.policy(tighter);
        }
        let loose = tightened(&world, &looser.unwrap());
        assert_eq!(loose, Err(Refusal::NotTighter), "{field}: looser takes two");
        let both = |p: &mut Policy| {
            p.quorum += 1;
            looser.unwrap()(p);
        };
        let hidden = tightened(&world, &both);
        let undone = *field == "quorum";
        assert_eq!(
            hidden,
            if undone { Ok(()) } else { Err(Refusal::NotTighter) },
            "{field}: nor hidden behind another"
        );
    }
    for edit in [
        (|p| p.pace_keys += 1) as Edit,
        |p| p.pace_keys -= 1,
        |p| p.pace_partners += 1,
        |p| p.pace_partners -= 1,
    ] {
        assert_eq!(
            tightened(&world, &edit),
            Err(Refusal::NotTighter),
            "either way of pace takes something from somebody"
        );
    }
    let labels = encode(&Policy::standard())[0] & 0x1f;
    assert_eq!(
        FIELDS.len() + 3,
        usize::from(labels),
        "every field but version and the two paces is in the table"
    );
}

#[test]
fn a_policy_keeps_its_bounds_even_with_two_signatures() {
    let world = World::founded();
    let bad: [Edit; 9] = [
        |p| p.quorum = 1,
        |p| p.quorum_production = 0,
        |p| p.quorum_admin = 1,
        |p| p.approval_days = 15,
        |p| p.envelope_days = 31,
        |p| p.rotations = 13,
        |p| p.longest_production = 731,
        |p| p.calls_sandbox = 0,
        |p| p.pace_keys = 0,
    ];
    for (i, edit) in bad.into_iter().enumerate() {
        let proposed = world.proposal(&world.founders[0], Change::Policy(world.edited(edit)));
        assert_eq!(proposing(&world, proposed), Err(Refusal::BadChange), "bound {i} holds for everybody");
        let alone = Event::Tightened(Tightened { policy: world.edited(edit) });
        assert_eq!(world.check(&world.founders[0], &alone), Err(Refusal::BadChange), "and for one alone");
    }
}
