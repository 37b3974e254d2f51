use countersign_documents::{
    Blob, Flag, ReceivingSecret, Secret32, SigningKey, Time,
    catalogue::{Endpoint, Environment, EnvironmentClass, Method, Path, Question, Scope, ScopeClass},
    certificate::{Confirmation, Membership, OrganisationText, Right},
    id::{MemberId, OrganisationId, PersonId},
    policy::{Severity, Weight},
    text::{Line, Prose, ScopeName, Slug},
};
use countersign_domain::event::IssuerKind;
use serde_json::Value as Json;

use super::*;

fn values(of: &[(&'static str, &str)]) -> Values {
    let mut values = Values::default();
    for (name, text) in of {
        values.add(name, "text", text);
    }
    values
}

#[test]
fn every_field_stands_once_with_what_holds_and_what_would() {
    let fields = values(&[("a", "1"), ("b", "2"), ("gone", "3")]).beside(values(&[
        ("b", "9"),
        ("a", "1"),
        ("new", "4"),
    ]));
    let seen: Vec<_> =
        fields.iter().map(|f| (f.name.as_str(), f.before.as_deref(), f.after.as_deref())).collect();
    let wanted = [
        ("b", Some("2"), Some("9")),
        ("a", Some("1"), Some("1")),
        ("new", None, Some("4")),
        ("gone", Some("3"), None),
    ];
    assert_eq!(seen, wanted, "in the order of what would hold, and then what goes");
}

#[test]
fn what_is_shown_as_exact_is_what_the_digest_covers() {
    let policy = Policy::standard();
    let exact = exact(&policy);
    assert_eq!(exact.digest, policy.digest().hex(), "the digest that is signed");
    assert_eq!(exact.bytes, hex(&encode(&policy)), "the bytes under it");
    assert!(exact.json.contains("quorum_production"), "every field has its name: {}", exact.json);
}

fn line(text: &str) -> Line {
    Line::parse(text).expect("a line")
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

fn catalogue() -> Catalogue {
    Catalogue {
        version: 7,
        services: vec![Service {
            id: slug("orders"),
            name: line("Orders of goods"),
            text: Some(Prose::parse("For warehouses.").expect("prose")),
            environments: vec![Environment {
                id: slug("live"),
                class: EnvironmentClass::Production,
                base_url: line("https://orders.example.com"),
                longest_days: 89,
                issuer: slug("gateway"),
            }],
            scopes: vec![Scope {
                name: ScopeName::parse("orders:erase").expect("a scope"),
                class: ScopeClass::Admin,
                endpoints: vec![Endpoint {
                    methods: vec![Method::Delete],
                    path: Path::parse("/v1/all/*").expect("a path"),
                }],
            }],
        }],
        questions: vec![Question { id: slug("hours"), text: line("At which hours?") }],
    }
}

/// Every value of a document, with the name of its field.
fn leaves(label: &str, value: &Json, found: &mut Vec<(String, String)>) {
    match value {
        Json::Object(fields) => fields.iter().for_each(|(name, value)| leaves(name, value, found)),
        Json::Array(items) => items.iter().for_each(|item| leaves(label, item, found)),
        Json::String(text) => found.push((label.to_owned(), text.clone())),
        Json::Bool(yes) => found.push((label.to_owned(), flag(*yes).to_owned())),
        Json::Number(number) => found.push((label.to_owned(), number.to_string())),
        Json::Null => {}
    }
}

/// Fails unless every value of a document stands in what is laid out; `told` are those that are told in another way.
fn nothing_is_left_out(of: &impl Serialize, values: &Values, told: &[(&str, String)]) {
    let seen: Vec<String> = values.0.iter().map(|v| format!("{} {}", v.of, v.text)).collect();
    let seen = seen.join("\n");
    let mut found = Vec::new();
    leaves("", &serde_json::to_value(of).expect("JSON"), &mut found);
    assert!(!found.is_empty(), "there is something to look for");
    for (label, value) in found {
        let value = told.iter().find(|(name, _)| *name == label).map_or(value, |(_, other)| other.clone());
        assert!(seen.contains(&value), "{label} {value} is laid out: {seen}");
    }
}

#[test]
fn nothing_of_a_policy_is_left_out() {
    let policy = Policy {
        version: 101,
        quorum: 102,
        quorum_production: 103,
        quorum_admin: 104,
        longest_sandbox: 105,
        longest_production: 106,
        approval_days: 107,
        envelope_days: 108,
        rotations: 109,
        calls_sandbox: 110,
        calls_production: 111,
        pace_keys: 112,
        pace_partners: 113,
        ..Policy::standard()
    };
    nothing_is_left_out(&policy, &policy_values(&policy), &[]);
    let texts = |policy: &Policy| policy_values(policy).0.into_iter().map(|v| v.text).collect::<Vec<_>>();
    for bend in [
        |p: &mut Policy| p.unattended = Flag(!p.unattended.0),
        |p: &mut Policy| p.sponsor_signs = Flag(!p.sponsor_signs.0),
        |p: &mut Policy| p.checks.truncate(1),
        |p: &mut Policy| {
            let finding = FindingCode::ALL[0];
            let other = Severity::ALL.iter().copied().find(|s| *s != p.severity(finding));
            p.weights = vec![Weight { finding, severity: other.expect("another severity") }];
        },
    ] {
        let mut other = policy.clone();
        bend(&mut other);
        assert_ne!(texts(&other), texts(&policy), "what is no number is laid out as well");
    }
}

#[test]
fn nothing_of_a_catalogue_an_issuer_or_a_card_is_left_out() {
    let catalogue = catalogue();
    nothing_is_left_out(&catalogue, &catalogue_values(&catalogue), &[]);
    let minted = IssuerTerms {
        id: slug("gateway"),
        kind: IssuerKind::HashFile,
        prefix: Some(slug("nw")),
        location: Some(line("/srv/keys.hashes")),
        instructions: None,
    };
    nothing_is_left_out(&minted, &issuer_values(&minted), &[]);
    let by_hand = IssuerTerms {
        id: slug("console"),
        kind: IssuerKind::Manual,
        prefix: None,
        location: None,
        instructions: Some(Prose::parse("Delete it in the console.").expect("prose")),
    };
    nothing_is_left_out(&by_hand, &issuer_values(&by_hand), &[]);
    let receiving = ReceivingSecret::new(Secret32::new([7; 32])).public();
    let card = Card {
        organisation: OrganisationId([3; 16]),
        version: 131,
        name: line("Northwind Example"),
        roots: vec![Blob(vec![1, 2, 3])],
        receiving,
        catalogue,
        made: Time(1_790_000_000),
        expires: Time(1_790_000_001),
        relay: Some(line("https://keys.example.com")),
    };
    // Roots are told by their digests, keys in hexadecimal.
    let told = [("roots", Digest::of(&[1, 2, 3]).hex()), ("receiving", hex(receiving.as_bytes()))];
    nothing_is_left_out(&card, &card_values(&card), &told);
}

#[test]
fn nothing_of_a_certificate_is_left_out() {
    let receiving = ReceivingSecret::new(Secret32::new([7; 32])).public();
    let key = SigningKey::from_seed(&Secret32::new([8; 32])).public();
    let checkpoint = SigningKey::from_seed(&Secret32::new([9; 32])).public();
    let certificate = Certificate {
        issuer: OrganisationText(OrganisationId([3; 16])),
        expires: Time(1_790_000_001),
        issued: Time(1_790_000_000),
        confirms: Confirmation(key),
        subject: Membership {
            person: PersonId([1; 16]),
            member: MemberId([2; 16]),
            rights: vec![Right::Vet, Right::Issue],
            receiving,
            checkpoint,
            name: Digest([4; 32]),
            agent: Some(1),
        },
    };
    let admission =
        Admission { certificate: Blob(encode(&certificate)), identity: Blob(vec![5]), name: Digest([6; 32]) };
    let values = certificate_values("Carol", &admission, &certificate);
    let told = [
        ("receiving", hex(receiving.as_bytes())),
        ("checkpoint", hex(checkpoint.as_bytes())),
        // The key is told as it is heard.
        ("confirms", Fingerprint::of(&key.thumbprint()).to_read_aloud()),
        ("agent", "yes".to_owned()),
    ];
    nothing_is_left_out(&certificate, &values, &told);
    let seen: Vec<_> = values.0.iter().map(|v| v.text.as_str()).collect();
    assert!(seen.contains(&Digest::of(&[5]).hex().as_str()), "the identity card: {seen:?}");
    assert!(seen.contains(&Digest([6; 32]).hex().as_str()), "and where the name lies: {seen:?}");
}
