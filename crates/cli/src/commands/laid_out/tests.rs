use countersign_documents::{
    Flag, Time,
    catalogue::{Endpoint, Method, Path, Scope, ScopeClass},
    grant::{Channel, KeyForm},
    id::{GrantId, OrganisationId},
    network::Network,
    request::Mode,
    text::{Line, ScopeName, Slug},
};

use super::*;

fn line(text: &str) -> Line {
    Line::parse(text).expect("a line")
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

fn scope(path: &str) -> Scope {
    Scope {
        name: ScopeName::parse("orders:read").expect("a scope"),
        class: ScopeClass::Read,
        endpoints: vec![Endpoint { methods: vec![Method::Get], path: Path::parse(path).expect("a path") }],
    }
}

fn check(attended: bool) -> IdentityCheck {
    IdentityCheck {
        person: PersonId([5; 16]),
        time: Time(1_790_000_000),
        channel: Channel::Phone,
        source: line("the contract"),
        attended: Flag(attended),
    }
}

fn grant() -> Grant {
    Grant {
        id: GrantId([1; 16]),
        lineage: GrantId([2; 16]),
        mode: Mode::Renew,
        predecessor: Some(GrantId([3; 16])),
        organisation: OrganisationId([4; 16]),
        request: Digest([10; 32]),
        recipient: Digest([11; 32]),
        receiving: Digest([12; 32]),
        sponsor: PersonId([5; 16]),
        service: slug("orders"),
        environment: slug("sandbox"),
        scopes: vec![scope("/v1/orders/*")],
        networks: vec![Network::parse("203.0.113.0/28").expect("a network")],
        base_url: line("https://orders.example.com"),
        not_after: Time(1_800_000_000),
        deliver_by: Time(1_790_500_000),
        rotations: 2,
        form: KeyForm::Minted,
        activation: Activation::OnReceipt,
        issuer: slug("gateway"),
        policy: Digest([13; 32]),
        catalogue: Digest([14; 32]),
        issuer_terms: Digest([15; 32]),
        unenforceable: vec![line("Days of the week are not enforced.")],
        identity_checks: vec![check(true)],
        vetting: Digest([16; 32]),
    }
}

type Bend = fn(&mut Grant);

/// One way to change every field of a grant.
const BENDS: &[(&str, Bend)] = &[
    ("id", |g| g.id = GrantId([9; 16])),
    ("lineage", |g| g.lineage = GrantId([9; 16])),
    ("mode", |g| g.mode = Mode::New),
    ("predecessor", |g| g.predecessor = None),
    ("organisation", |g| g.organisation = OrganisationId([9; 16])),
    ("request", |g| g.request = Digest([9; 32])),
    ("recipient", |g| g.recipient = Digest([9; 32])),
    ("receiving", |g| g.receiving = Digest([9; 32])),
    ("sponsor", |g| g.sponsor = PersonId([9; 16])),
    ("service", |g| g.service = slug("billing")),
    ("environment", |g| g.environment = slug("production")),
    ("scopes", |g| g.scopes = vec![scope("/*")]),
    ("networks", |g| g.networks.clear()),
    ("base_url", |g| g.base_url = line("https://evil.example.com")),
    ("not_after", |g| g.not_after = Time(1_900_000_000)),
    ("deliver_by", |g| g.deliver_by = Time(1_790_600_000)),
    ("rotations", |g| g.rotations = 3),
    ("form", |g| g.form = KeyForm::Pasted),
    ("activation", |g| g.activation = Activation::AtOnce),
    ("issuer", |g| g.issuer = slug("other")),
    ("policy", |g| g.policy = Digest([9; 32])),
    ("catalogue", |g| g.catalogue = Digest([9; 32])),
    ("issuer_terms", |g| g.issuer_terms = Digest([9; 32])),
    ("unenforceable", |g| g.unenforceable.clear()),
    ("identity_checks", |g| g.identity_checks = vec![check(false)]),
    ("vetting", |g| g.vetting = Digest([9; 32])),
];

/// Without the digest, which is another whenever anything is.
fn shown(grant: &Grant) -> String {
    let called = Called { company: "Fabrikam Example".to_owned(), people: BTreeMap::new() };
    let text = grant_text(grant, None, &called);
    text.lines().filter(|l| !l.starts_with("Digest:")).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_field_of_a_grant_changes_without_being_seen() {
    let json = serde_json::to_value(grant()).expect("JSON");
    let labels: Vec<&str> = json.as_object().expect("fields").keys().map(String::as_str).collect();
    for label in &labels {
        assert!(BENDS.iter().any(|(bent, _)| bent == label), "{label} is tried below");
    }
    assert_eq!(labels.len(), 26, "every label of the standard");
    for (label, bend) in BENDS {
        let mut other = grant();
        bend(&mut other);
        assert_ne!(other.digest(), grant().digest(), "{label} is hashed");
        assert_ne!(shown(&other), shown(&grant()), "{label} is shown");
    }
    let text = shown(&grant());
    assert!(text.contains("Fabrikam Example"), "the company is named: {text}");
    assert!(text.contains("GET /v1/orders/*"), "and what a scope opens: {text}");
}

fn field(name: &str, of: &str, before: Option<&str>, after: Option<&str>) -> ConfirmField {
    let own = |text: Option<&str>| text.map(str::to_owned);
    ConfirmField {
        name: name.to_owned(),
        of: of.to_owned(),
        kind: "text".to_owned(),
        before: own(before),
        after: own(after),
    }
}

#[test]
fn what_would_change_stands_beside_what_holds() {
    let text = change_text(&[
        field("base-url", "orders / sandbox", Some("https://a.example"), Some("https://b.example")),
        field("service-name", "orders", Some("Orders"), Some("Orders")),
        field("question", "new", None, Some("Why?")),
        field("question", "old", Some("What?"), None),
    ]);
    let (changes, stays) = text.split_once("STAYS AS IT IS").expect("two parts");
    assert!(changes.contains("Base URL (orders / sandbox):"), "{text}");
    assert!(changes.contains("https://b.example"), "what would hold: {text}");
    assert!(changes.contains("(until now: https://a.example)"), "and what holds: {text}");
    assert!(changes.contains("Why?"), "what is new: {text}");
    assert!(changes.contains("What?") && changes.contains("(goes)"), "and what goes: {text}");
    assert!(stays.contains("Service name (orders):"), "what stays is shown as well: {text}");
    let new = change_text(&[field("issuer-id", "", None, Some("gateway"))]);
    assert!(
        !new.contains("until now") && !new.contains("WOULD"),
        "where nothing was, nothing is compared: {new}"
    );
}
