//! Every action there is, as one desk would try it on one request and one key, whatever their state.

use std::sync::OnceLock;

use countersign_documents::{
    Blob, encode,
    grant::{Grant, Vetting},
    id::{ChangeId, Cti, GrantId, KeyId, OrderId, RequestId},
    network::Network,
    order::Act,
    policy::{Check, FindingCode},
    relay::Outcome,
};
use countersign_domain::{
    Change, Event, Terms,
    event::{
        Activated, Dropped, Erased, Fetched, HandedOver, IdentityMismatch, Imported, Intended, IssuerStopped,
        KeysShared, Legacy, StopFailed, Suspended, Tightened, Way, WitnessAccepted,
    },
};

use super::{
    Desk, World,
    asking::{reading, scopes},
    organisation::{by_hand, catalogue, founding, line, slug, wraps_for},
};

/// What can be tried.
pub(crate) const ACTIONS: &[&str] = &[
    "import-request",
    "revise",
    "withdraw",
    "check-identity",
    "report-mismatch",
    "answer-check",
    "justify",
    "narrow",
    "ask-changes",
    "decline",
    "vet",
    "countersign",
    "intend",
    "issue",
    "abandon",
    "hand-over",
    "record-fetch",
    "record-withdrawal",
    "record-receipt",
    "record-leak-report",
    "activate",
    "order-disable",
    "order-revoke",
    "confirm-by-reading",
    "confirm-by-evidence",
    "report-failure",
    "object",
    "import-legacy",
    "propose-policy",
    "propose-catalogue",
    "propose-issuer",
    "propose-card",
    "propose-member",
    "compare-member",
    "compare-organisation",
    "accept-witness",
    "confirm-issuer",
    "confirm-member",
    "propose-suspension",
    "confirm-suspension",
    "drop-change",
    "suspend-member",
    "suspend-self",
    "tighten",
    "loosen-alone",
    "stop-issuer",
    "share-keys",
    "rekey",
    "erase-blob",
    "offer-certifying-key",
    "propose-root",
    "sign-root",
    "drop-root",
    "succeed",
    "found-again",
];

/// What an action is tried on.
#[derive(Clone, Copy)]
pub(crate) struct Aim {
    pub(crate) request: RequestId,
    pub(crate) key: KeyId,
}

impl Aim {
    /// What does not exist.
    pub(crate) const NOTHING: Self = Self { request: RequestId([0xee; 16]), key: KeyId([0xee; 16]) };
}

/// The event this desk would sign.
pub(crate) fn build(action: &str, world: &World, desk: &Desk, aim: Aim) -> Event {
    about_request(action, world, desk, aim.request)
        .or_else(|| about_key(action, world, desk, aim))
        .or_else(|| about_change(action, world, desk))
        .or_else(|| alone(action, world, desk))
        .unwrap_or_else(|| panic!("no such action: {action}"))
}

fn about_request(action: &str, world: &World, desk: &Desk, request: RequestId) -> Option<Event> {
    let asked =
        || world.state.exchanges.get(&request).map_or_else(|| reading("sandbox"), |e| e.asked.clone());
    Some(match action {
        "import-request" => {
            let new = RequestId(world.fresh());
            Event::Received(world.received(&world.partner, new, reading("sandbox")))
        }
        "revise" => Event::Received(world.received(&world.partner, request, asked())),
        "withdraw" => Event::TakenBack(world.taken_back(&world.partner, request)),
        "check-identity" => Event::IdentityChecked(world.compared(desk, true)),
        "report-mismatch" => {
            let compared = world.compared(desk, true);
            Event::IdentityMismatch(IdentityMismatch { identity: compared.identity, check: compared.check })
        }
        "answer-check" => world.answer(desk, request, Check::Why, true),
        "justify" => world.justified(desk, request, FindingCode::LiveKey),
        "narrow" => {
            let narrower = vec![Network::parse("203.0.113.64/26").unwrap()];
            world.narrowed(request, Terms { networks: narrower, days: 20, ..Terms::of(&asked()) })
        }
        "ask-changes" => world.replied(request, false),
        "decline" => world.replied(request, true),
        "vet" => {
            let (grant, vetting) = world.draft(desk, request).unwrap_or_else(|_| stand_in());
            world.vetted(desk, request, grant, vetting)
        }
        "countersign" => {
            let signed = world.state.exchanges.get(&request).and_then(|e| e.signed.as_ref());
            let grant = signed.map_or_else(|| stand_in().0, |s| s.grant.clone());
            world.countersigned(desk, request, &grant)
        }
        "intend" => Event::Intended(world.intended(request).unwrap_or_else(|_| Intended {
            request,
            grant: GrantId([0xee; 16]),
            key: KeyId(world.fresh()),
            seq: 1,
            cti: Cti(world.fresh()),
        })),
        _ => return None,
    })
}

/// Some grant, for whoever has none to sign.
fn stand_in() -> (Grant, Vetting) {
    static GRANT: OnceLock<(Grant, Vetting)> = OnceLock::new();
    let make = || {
        let mut world = World::founded();
        let request = world.ready(reading("sandbox"));
        world.draft(&world.reviewer, request).unwrap()
    };
    GRANT.get_or_init(make).clone()
}

fn about_key(action: &str, world: &World, desk: &Desk, aim: Aim) -> Option<Event> {
    let key = aim.key;
    Some(match action {
        "issue" => Event::Issued(world.issued(key)),
        "abandon" => world.abandoned(key),
        "hand-over" => Event::HandedOver(HandedOver { key, way: Way::File }),
        "record-fetch" => Event::Fetched(Fetched { key, at: world.now }),
        "record-withdrawal" => world.withdrawn(key, Outcome::Fetched),
        "record-receipt" => world.acknowledged(&world.partner, key, &world.receipt(key)),
        "record-leak-report" => world.leak_reported(&world.partner, key),
        "activate" => Event::Activated(Activated { key }),
        "order-disable" => world.order(desk, Act::Disable, vec![key]),
        "order-revoke" => world.order(desk, Act::Revoke, vec![key]),
        "confirm-by-reading" => Event::Stopped(world.stopped(key, true)),
        "confirm-by-evidence" => Event::Stopped(world.stopped(key, false)),
        "report-failure" => {
            let order = world
                .state
                .keys
                .get(&key)
                .and_then(|k| k.stop.as_ref())
                .map_or(OrderId([0; 16]), |s| s.order);
            Event::StopFailed(StopFailed { key, order, why: line("the gateway did not answer") })
        }
        "object" => world.objection(key),
        "import-legacy" => Event::Imported(Imported { keys: vec![legacy(world)] }),
        _ => return None,
    })
}

/// A key from before.
pub(crate) fn legacy(world: &World) -> Legacy {
    Legacy {
        key: KeyId(world.fresh()),
        partner: world.blob(),
        service: slug("orders"),
        environment: slug("live"),
        since: world.now,
        until: None,
        fingerprint: world.blob(),
        group: world.blob(),
    }
}

fn about_change(action: &str, world: &World, desk: &Desk) -> Option<Event> {
    let propose = |change: Change| Event::Proposed(world.proposal(desk, change));
    let confirm = |word: &str| {
        let id = world.pending(word).unwrap_or(ChangeId([0xee; 16]));
        Event::Confirmed(world.confirmation(desk, id))
    };
    Some(match action {
        "propose-policy" => propose(Change::Policy(world.edited(|p| p.rotations = 5))),
        "propose-catalogue" => {
            let version = world.state.catalogue.as_ref().map_or(0, |c| c.version);
            propose(Change::Catalogue(catalogue(version + 1)))
        }
        "propose-issuer" => propose(Change::Issuer(by_hand("elsewhere"))),
        "propose-card" => propose(Change::Card(Blob(encode(&world.card())))),
        "propose-member" => propose(world.admission(&Desk::new("New Comer", &desk.rights))),
        "propose-suspension" => propose(Change::Suspension(world.suspension(&world.spare))),
        "accept-witness" => Event::WitnessAccepted(WitnessAccepted {
            relay: line("https://relay.example"),
            name: line("relay.example/witness"),
            key: Desk::new("witness", &[]).signing().public(),
        }),
        "compare-member" => world.member_checked(desk, Desk::new("New Comer", &[]).thumbprint()),
        "compare-organisation" => {
            world.member_checked(desk, world.state.trust.as_ref().expect("a founded world").pinned)
        }
        "confirm-suspension" => confirm("suspension"),
        "confirm-issuer" => confirm("issuer"),
        "confirm-member" => confirm("member"),
        "drop-change" => {
            Event::Dropped(Dropped { id: world.pending("issuer").unwrap_or(ChangeId([0xee; 16])) })
        }
        _ => return None,
    })
}

fn alone(action: &str, world: &World, desk: &Desk) -> Option<Event> {
    let suspend = |of: &Desk| Event::Suspended(Suspended { member: of.member, why: line("left") });
    Some(match action {
        "suspend-member" => suspend(&world.spare),
        "suspend-self" => suspend(desk),
        "tighten" => {
            Event::Tightened(Tightened { policy: world.edited(|p| p.quorum = (p.quorum + 1).min(8)) })
        }
        "loosen-alone" => Event::Tightened(Tightened { policy: world.edited(|p| p.rotations += 1) }),
        "stop-issuer" => Event::IssuerStopped(IssuerStopped { issuer: slug("office") }),
        "share-keys" => {
            let member = &world.state.members[&world.reviewer.member];
            Event::SharedKeys(KeysShared { wraps: wraps_for(member, world.state.epoch, true) })
        }
        "rekey" => Event::Rekeyed(world.keyring()),
        "erase-blob" => Event::Erased(Erased { blob: world.blob(), why: line("asked by the person") }),
        "offer-certifying-key" => world.offering(desk, 9),
        "propose-root" => world.root_proposal(desk, world.next_root(|r| r.certifiers.truncate(3))),
        "sign-root" => world.root_signature(desk),
        "drop-root" => world.root_dropping(),
        "succeed" => Event::Succeeded(world.succession()),
        "found-again" => Event::Founded(founding(&world.founders)),
        _ => return None,
    })
}

/// The same as asked, but one scope more or less.
pub(crate) fn asked_with(names: &[&str], environment: &str) -> countersign_documents::request::Asked {
    countersign_documents::request::Asked { scopes: scopes(names), ..reading(environment) }
}
