//! What may be asked, revised and narrowed.

use countersign_documents::{
    id::RequestId,
    request::{Asked, Mode},
};
use countersign_domain::{Event, Refusal, Terms, event::Received};

use super::officer;
use crate::world::{
    Desk, Partner, World,
    acts::asked_with,
    asking::{networks, reading, scopes},
    organisation::slug,
};

#[test]
fn a_grant_is_narrower_than_its_request_or_equal() {
    let mut world = World::founded();
    let reviewer = world.reviewer.clone();
    let asked = Asked {
        networks: networks(&["203.0.113.0/24", "198.51.100.0/25"]),
        ..asked_with(&["orders:read", "orders:write"], "sandbox")
    };
    let mut sorted = asked.clone();
    sorted.networks.sort();
    let request = world.ready(sorted.clone());
    let full = Terms::of(&sorted);
    let with = |edit: &dyn Fn(&mut Terms)| {
        let mut terms = full.clone();
        edit(&mut terms);
        world.check(&reviewer, &world.narrowed(request, terms))
    };
    let beyond = Err(Refusal::BeyondRequest);
    assert_eq!(with(&|_| {}), Ok(()), "equal");
    assert_eq!(with(&|t| t.scopes = scopes(&["orders:read"])), Ok(()), "fewer scopes");
    assert_eq!(with(&|t| t.scopes = scopes(&["orders:read", "settings:admin"])), beyond, "another scope");
    assert_eq!(with(&|t| t.scopes = Vec::new()), Err(Refusal::NothingGranted), "no scope");
    assert_eq!(with(&|t| t.scopes.reverse()), beyond, "out of order");
    assert_eq!(with(&|t| t.scopes = scopes(&["orders:read", "orders:read"])), beyond, "twice");
    assert_eq!(with(&|t| t.networks = networks(&["203.0.113.64/26"])), Ok(()), "a part of a network");
    assert_eq!(with(&|t| t.networks = networks(&["203.0.112.0/23"])), beyond, "a wider network");
    assert_eq!(with(&|t| t.networks = networks(&["192.0.2.0/24"])), beyond, "another network");
    assert_eq!(
        with(&|t| t.networks = Vec::new()),
        beyond,
        "no network means from anywhere: wider than any list"
    );
    assert_eq!(with(&|t| t.days = 29), Ok(()), "fewer days");
    assert_eq!(with(&|t| t.days = 31), beyond, "more days");
    assert_eq!(with(&|t| t.days = 0), Err(Refusal::LifetimeZero), "no day");
    let anywhere = world.ready(Asked { networks: Vec::new(), ..sorted });
    let terms = Terms { networks: networks(&["192.0.2.0/24"]), ..full };
    assert_eq!(
        world.check(&reviewer, &world.narrowed(anywhere, terms)),
        Ok(()),
        "any list narrows none at all"
    );
}

#[test]
fn a_request_asks_for_what_the_catalogue_and_the_policy_have() {
    let mut world = World::founded();
    let sponsor = officer(&mut world, "Officer");
    let asking = |edit: &dyn Fn(&mut Asked)| {
        let mut asked = reading("sandbox");
        edit(&mut asked);
        let id = RequestId(world.fresh());
        world.check(&sponsor, &Event::Received(world.received(&world.partner, id, asked)))
    };
    assert_eq!(asking(&|_| {}), Ok(()), "what there is");
    assert_eq!(asking(&|a| a.service = slug("nothing")), Err(Refusal::UnknownService), "no such service");
    assert_eq!(
        asking(&|a| a.environment = slug("nowhere")),
        Err(Refusal::UnknownEnvironment),
        "no such environment"
    );
    assert_eq!(asking(&|a| a.scopes = scopes(&["orders:eat"])), Err(Refusal::UnknownScope), "no such scope");
    assert_eq!(asking(&|a| a.days = 90), Ok(()), "as long as there is");
    assert_eq!(asking(&|a| a.days = 91), Err(Refusal::LifetimeTooLong), "never longer");
    assert_eq!(asking(&|a| a.days = 0), Err(Refusal::LifetimeZero), "nor not at all");
}

#[test]
fn a_revision_is_newer_and_by_the_same_identity() {
    let mut world = World::founded();
    let sponsor: Desk = world.founders[3].clone();
    let request = world.ready(reading("sandbox"));
    let revised = world.received(&world.partner, request, reading("sandbox"));
    let with = |edit: &dyn Fn(&mut Received)| {
        let mut event = revised.clone();
        edit(&mut event);
        world.check(&sponsor, &Event::Received(event))
    };
    let stranger = Partner::new("Stranger Ltd");
    assert_eq!(with(&|_| {}), Ok(()), "the next one");
    assert_eq!(with(&|e| e.revision = 1), Err(Refusal::OldRevision), "not the same again");
    let changed = Err(Refusal::IdentityChanged);
    assert_eq!(with(&|e| e.identity = stranger.signing().public()), changed, "by nobody else");
    assert_eq!(with(&|e| e.receiving = stranger.receiving()), changed, "and for no other key");
    assert_eq!(with(&|e| e.mode = Mode::Rotate), Err(Refusal::BadLineage), "a rotation is no request");
    let again = Received {
        digest: world.exchange(request).digest,
        ..world.received(&stranger, request, reading("sandbox"))
    };
    let doubled = Received { request: RequestId([5; 16]), ..again };
    assert_eq!(
        world.check(&sponsor, &Event::Received(doubled)),
        Err(Refusal::AlreadyThere),
        "one document, one request"
    );
}
