//! Before the first signature: fingerprints, checks, findings, and the sponsor.

use countersign_documents::{
    Digest, Flag, Time,
    certificate::Right,
    grant::{Finding, Justification},
    policy::{Check, FindingCode, Severity, Weight},
    request::Asked,
};
use countersign_domain::{
    Event, Refusal,
    event::{IdentityChecked, IdentityMismatch},
};

use super::member;
use crate::world::{
    World,
    acts::asked_with,
    asking::{networks, reading},
};

/// Asked and answered, but nobody has called.
fn uncalled(world: &mut World, asked: Asked) -> countersign_documents::id::RequestId {
    let (sponsor, reviewer) = (world.founders[3].clone(), world.reviewer.clone());
    let request = world.ask(&sponsor, asked);
    world.answer_all(&reviewer, request);
    request
}

#[test]
fn a_fingerprint_is_compared_by_a_person_before_anybody_signs() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let request = uncalled(&mut world, reading("sandbox"));
    let unchecked = Err(Refusal::IdentityUnchecked);
    assert_eq!(world.try_vet(&reviewer, request), unchecked, "nobody called");
    let piped = world.compared(&reviewer, false);
    world.must(&reviewer, Event::IdentityChecked(piped));
    assert_eq!(world.try_vet(&reviewer, request), unchecked, "what a program typed does not count");
    let mut lenient = world.clone();
    lenient.policy(|p| p.unattended = Flag(true));
    assert_eq!(lenient.try_vet(&reviewer, request), Ok(()), "but where two admins say so");
    let colleague = world.approver.clone();
    world.compare(&colleague);
    assert_eq!(world.try_vet(&reviewer, request), Ok(()), "in a sandbox anybody's call will do");
}

#[test]
fn a_fingerprint_check_says_truly_who_and_when() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    uncalled(&mut world, reading("sandbox"));
    let differs = Err(Refusal::GrantDiffers);
    let honest = world.compared(&reviewer, true);
    let with = |edit: &dyn Fn(&mut IdentityChecked)| {
        let mut event = honest.clone();
        edit(&mut event);
        world.check(&reviewer, &Event::IdentityChecked(event))
    };
    assert_eq!(with(&|_| {}), Ok(()), "by oneself, now");
    assert_eq!(with(&|e| e.check.person = world.approver.person), differs, "nobody calls for another");
    assert_eq!(with(&|e| e.check.time = Time(1)), differs, "nor at another time");
    assert_eq!(
        with(&|e| e.identity = Digest([1; 32])),
        Err(Refusal::NoSuchIdentity),
        "of an identity that asked"
    );
}

#[test]
fn production_and_admin_scopes_take_a_call_of_each_signer() {
    for (asked, what) in
        [(reading("live"), "production"), (asked_with(&["settings:admin"], "sandbox"), "an admin scope")]
    {
        let mut world = World::founded();
        let (reviewer, approver) = (world.reviewer.clone(), world.approver.clone());
        let third = member(&mut world, "Third", &[Right::Approve]);
        let request = uncalled(&mut world, asked);
        world.compare(&approver);
        assert_eq!(
            world.try_vet(&reviewer, request),
            Err(Refusal::IdentityUnchecked),
            "{what}: one call is not two"
        );
        world.compare(&approver);
        assert_eq!(
            world.try_vet(&reviewer, request),
            Err(Refusal::IdentityUnchecked),
            "{what}: nor twice by one"
        );
        let twin = approver.second(&[Right::Approve]);
        world.admit(&twin);
        world.compare(&twin);
        assert_eq!(
            world.try_vet(&reviewer, request),
            Err(Refusal::IdentityUnchecked),
            "{what}: nor on two desks"
        );
        world.compare(&third);
        assert_eq!(
            world.try_vet(&reviewer, request),
            Err(Refusal::OwnCallMissing),
            "{what}: nor two by others"
        );
        world.compare(&reviewer);
        assert_eq!(world.try_vet(&reviewer, request), Ok(()), "{what}: with one's own");
        assert_eq!(
            world.try_countersign(&approver, request),
            Ok(()),
            "{what}: whoever called may countersign"
        );
    }
    let mut world = World::founded();
    let (reviewer, approver) = (world.reviewer.clone(), world.approver.clone());
    let third = member(&mut world, "Third", &[Right::Approve]);
    let request = uncalled(&mut world, reading("live"));
    world.compare(&reviewer);
    world.compare(&third);
    world.try_vet(&reviewer, request).unwrap();
    let silent = world.try_countersign(&approver, request);
    assert_eq!(silent, Err(Refusal::OwnCallMissing), "an approver who did not call cannot countersign");
    world.compare(&approver);
    let late = world.try_countersign(&approver, request);
    assert_eq!(late, Err(Refusal::OwnCallMissing), "nor call afterwards: the first signer signed without it");
    assert_eq!(world.try_countersign(&third, request), Ok(()), "whoever called before can");
}

#[test]
fn a_fingerprint_that_differs_stops_everything_until_it_is_compared_again() {
    let mut world = World::founded();
    let (reviewer, agent) = (world.reviewer.clone(), world.agent.clone());
    let (issued, _) = world.until_issued(reading("sandbox"));
    let request = world.until_countersigned(asked_with(&["orders:write"], "sandbox"));
    let heard = world.compared(&reviewer, true);
    world.must(
        &reviewer,
        Event::IdentityMismatch(IdentityMismatch { identity: heard.identity, check: heard.check }),
    );
    assert!(world.exchange(request).signed.is_none(), "the signatures are void");
    assert!(
        world.state.partners[&world.partner.thumbprint()].checks.is_empty(),
        "and so are earlier comparisons"
    );
    assert_eq!(world.try_vet(&reviewer, request), Err(Refusal::IdentityDiffers), "nobody signs");
    let rotated = world.try_intend(&agent, issued).map(drop);
    assert_eq!(rotated, Err(Refusal::IdentityDiffers), "and no further key is made under an older grant");
    let piped = world.compared(&reviewer, false);
    world.must(&reviewer, Event::IdentityChecked(piped));
    assert_eq!(
        world.try_vet(&reviewer, request),
        Err(Refusal::IdentityUnchecked),
        "a program does not make it good"
    );
    world.compare(&reviewer);
    assert_eq!(world.try_vet(&reviewer, request), Ok(()), "a person does");
    assert!(world.try_intend(&agent, issued).is_ok(), "and rotation goes on");
}

#[test]
fn every_check_of_the_policy_is_answered_and_passed() {
    for left_out in Check::ALL {
        let mut world = World::founded();
        let (sponsor, reviewer) = (world.founders[3].clone(), world.reviewer.clone());
        let request = world.ask(&sponsor, reading("sandbox"));
        world.compare(&reviewer);
        for check in Check::ALL.iter().filter(|c| *c != left_out) {
            let event = world.answer(&reviewer, request, *check, true);
            world.must(&reviewer, event);
        }
        let missing = Err(Refusal::ChecksMissing);
        assert_eq!(world.try_vet(&reviewer, request), missing, "{left_out} is not answered");
        let failed = world.answer(&reviewer, request, *left_out, false);
        world.must(&reviewer, failed);
        assert_eq!(world.try_vet(&reviewer, request), missing, "{left_out} is not passed");
        let passed = world.answer(&reviewer, request, *left_out, true);
        world.must(&reviewer, passed);
        let (grant, mut vetting) = world.draft(&reviewer, request).unwrap();
        vetting.checks.pop();
        let silent = world.vetted(&reviewer, request, grant, vetting);
        assert_eq!(world.act(&reviewer, silent), missing, "an answer left out of what is signed");
        assert_eq!(world.try_vet(&reviewer, request), Ok(()), "all are passed");
    }
}

#[test]
fn nobody_answers_or_justifies_in_anothers_name() {
    let mut world = World::founded();
    let (reviewer, approver) = (world.reviewer.clone(), world.approver.clone());
    let request = world.ready(reading("sandbox"));
    let other = world.answer(&approver, request, Check::Why, true);
    assert_eq!(world.act(&reviewer, other), Err(Refusal::GrantDiffers), "an answer");
    let other = world.justified(&approver, request, FindingCode::NoNetwork);
    assert_eq!(world.act(&reviewer, other), Err(Refusal::GrantDiffers), "a justification");
}

#[test]
fn a_blocking_finding_is_justified_before_anybody_signs() {
    let private = Asked { networks: networks(&["10.0.0.0/24"]), ..reading("sandbox") };
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let request = world.ready(private);
    assert_eq!(
        world.try_vet(&reviewer, request),
        Err(Refusal::FindingUnresolved),
        "a private network blocks"
    );
    let event = world.justified(&reviewer, request, FindingCode::WideNetwork);
    world.must(&reviewer, event);
    assert_eq!(
        world.try_vet(&reviewer, request),
        Err(Refusal::FindingUnresolved),
        "another finding's reason does not help"
    );
    let event = world.justified(&reviewer, request, FindingCode::PrivateNetwork);
    world.must(&reviewer, event);
    assert_eq!(world.try_vet(&reviewer, request), Ok(()), "its own does");

    let mut strict = World::founded();
    let weights = vec![Weight { finding: FindingCode::WriteInProduction, severity: Severity::Blocking }];
    strict.policy(|p| p.weights = weights);
    let request = strict.ready(asked_with(&["orders:write"], "live"));
    strict.compare(&strict.approver.clone());
    assert_eq!(
        strict.try_vet(&reviewer, request),
        Err(Refusal::FindingUnresolved),
        "the policy says what blocks"
    );
}

#[test]
fn what_the_log_shows_cannot_be_left_out_of_what_is_signed_or_altered() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let asked = Asked { networks: networks(&["10.0.0.0/8"]), ..asked_with(&["settings:admin"], "sandbox") };
    let request = world.ready(asked);
    world.compare(&world.approver.clone());
    let event = world.justified(&reviewer, request, FindingCode::PrivateNetwork);
    world.must(&reviewer, event);
    let signing = |edit: &dyn Fn(&mut Vec<Finding>)| {
        let (mut grant, mut vetting) = world.draft(&reviewer, request).unwrap();
        edit(&mut vetting.findings);
        grant.vetting = Digest::of(&countersign_documents::encode(&vetting));
        world.check(&reviewer, &world.vetted(&reviewer, request, grant, vetting))
    };
    let differ = Err(Refusal::FindingsDiffer);
    let honest = world.draft(&reviewer, request).unwrap().1.findings;
    assert_eq!(signing(&|_| {}), Ok(()), "as they are");
    assert_eq!(honest.len(), 3, "admin scope, wide and private network");
    for (i, finding) in honest.iter().enumerate() {
        let code = finding.code;
        assert_eq!(signing(&|f| drop(f.remove(i))), differ, "{code} left out");
        assert_eq!(signing(&|f| f[i].severity = Severity::Note), differ, "{code} played down");
        assert_eq!(signing(&|f| f[i].detail = None), differ, "{code} without what it is about");
        let reason = Some(Justification { person: world.approver.person, reason: Digest([3; 32]) });
        assert_eq!(
            signing(&|f| f[i].justified = reason.clone()),
            differ,
            "{code} with a reason nobody recorded"
        );
    }
    assert_eq!(signing(&|f| f.reverse()), differ, "out of order");
    assert_eq!(signing(&|f| f.push(f[2].clone())), differ, "twice");
    let more =
        Finding { code: FindingCode::FreeMail, severity: Severity::Warning, detail: None, justified: None };
    assert_eq!(
        signing(&|f| f.push(more.clone())),
        Ok(()),
        "what only the text of the request shows is added"
    );
}

#[test]
fn a_sponsor_who_signs_is_a_finding_that_is_not_left_out() {
    let mut world = World::founded();
    let (sponsor, approver) = (world.founders[3].clone(), world.approver.clone());
    let request = world.ready(reading("sandbox"));
    let silent = |world: &World| {
        let (mut grant, mut vetting) = world.draft(&sponsor, request).unwrap();
        vetting.findings.retain(|f| f.code != FindingCode::SponsorSigns);
        grant.vetting = Digest::of(&countersign_documents::encode(&vetting));
        world.check(&sponsor, &world.vetted(&sponsor, request, grant, vetting))
    };
    assert_eq!(silent(&world), Err(Refusal::FindingsDiffer), "the sponsor vets, and says so");
    let mut allowed = world.clone();
    assert_eq!(allowed.try_vet(&sponsor, request), Ok(()), "then it is fine");
    assert_eq!(allowed.try_countersign(&approver, request), Ok(()), "with another person's signature");

    let weights = vec![Weight { finding: FindingCode::SponsorSigns, severity: Severity::Blocking }];
    world.policy(|p| p.weights = weights);
    let unresolved = Err(Refusal::FindingUnresolved);
    assert_eq!(
        world.try_vet(&sponsor, request),
        unresolved,
        "where the policy blocks it, vetting needs a reason"
    );
    let mut second = world.clone();
    second.try_vet(&world.reviewer, request).unwrap();
    assert_eq!(second.try_countersign(&sponsor, request), unresolved, "and so does countersigning");
    let event = world.justified(&sponsor, request, FindingCode::SponsorSigns);
    world.must(&sponsor, event);
    world.try_vet(&world.reviewer.clone(), request).unwrap();
    assert_eq!(world.try_countersign(&sponsor, request), Ok(()), "once it is justified it passes");
}

#[test]
fn a_policy_may_bar_the_sponsor_from_either_signature() {
    let mut world = World::founded();
    world.policy(|p| p.sponsor_signs = Flag(false));
    let sponsor = world.founders[3].clone();
    let twin = sponsor.second(&sponsor.rights);
    world.admit(&twin);
    let barred = Err(Refusal::SponsorMayNotSign);
    let request = world.ready(reading("sandbox"));
    for desk in [&sponsor, &twin] {
        assert_eq!(world.clone().try_vet(desk, request), barred, "not the first, on no desk");
    }
    world.try_vet(&world.reviewer.clone(), request).unwrap();
    for desk in [&sponsor, &twin] {
        assert_eq!(world.clone().try_countersign(desk, request), barred, "nor the second");
    }
    assert_eq!(world.try_countersign(&world.approver.clone(), request), Ok(()), "anybody else may");
    // Whoever brings a revision does not become the sponsor in the first one's place.
    let request = world.ready(asked_with(&["orders:write"], "sandbox"));
    let other = world.reviewer.clone();
    let revised = world.received(&world.partner, request, reading("sandbox"));
    world.must(&other, Event::Received(revised));
    assert_eq!(world.exchange(request).sponsor, sponsor.person, "a sponsor stays one");
}
