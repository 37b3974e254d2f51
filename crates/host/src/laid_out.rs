//! A change, laid out field by field for whoever confirms it: what holds now beside what would hold. Every value comes
//! from the very change that is hashed; nothing of it is left out of `exact` and `hashed`.

use std::collections::BTreeMap;

use countersign_app::desk::Desk;
use countersign_contract::ConfirmField;
use countersign_documents::{
    Digest, Encode, Malformed,
    card::Card,
    catalogue::{Catalogue, Service},
    certificate::Certificate,
    decode, encode,
    fingerprint::Fingerprint,
    policy::{FindingCode, Policy},
};
use countersign_domain::{
    Change, Member,
    event::{Admission, IssuerTerms, Suspended},
};
use serde::Serialize;

use crate::failure::Error;

/// What is hashed: as JSON for people, and as the bytes themselves in hexadecimal.
#[derive(Default)]
pub(crate) struct Exact {
    pub(crate) json: String,
    pub(crate) bytes: String,
    pub(crate) digest: String,
}

/// Everything that the digest covers.
pub(crate) fn exact<T: Encode + Serialize>(value: &T) -> Exact {
    let bytes = encode(value);
    Exact {
        json: serde_json::to_string_pretty(value).unwrap_or_default(),
        bytes: hex(&bytes),
        digest: Digest::of(&bytes).hex(),
    }
}

/// A change, field by field.
///
/// # Errors
/// What is proposed is no document of its kind.
pub async fn fields(desk: &Desk, change: &Change) -> Result<Vec<ConfirmField>, Error> {
    let state = desk.state();
    let (before, after) = match change {
        Change::Admission(admission) => {
            let certificate = certificate(admission)?;
            let before = match state.members.get(&certificate.subject.member) {
                Some(member) => member_values(desk, member).await,
                None => Values::default(),
            };
            let name = desk.display_name(admission.name).await;
            (before, certificate_values(&name, admission, &certificate))
        }
        Change::Policy(policy) => (policy_values(&state.policy()), policy_values(policy)),
        Change::Catalogue(catalogue) => {
            let before = state.catalogue.as_ref().map(catalogue_values).unwrap_or_default();
            (before, catalogue_values(catalogue))
        }
        Change::Issuer(terms) => {
            let before = state.issuers.get(&terms.id).map(|k| issuer_values(&k.terms)).unwrap_or_default();
            (before, issuer_values(terms))
        }
        Change::Card(payload) => {
            let card: Card = decode(&payload.0).map_err(rejected("card"))?;
            let before = state.card.as_ref().and_then(|c| Card::verify_ended(&c.0, None).ok());
            (before.map(|c| card_values(&c.card)).unwrap_or_default(), card_values(&card))
        }
        Change::Suspension(suspended) => suspension_values(desk, suspended).await,
    };
    Ok(before.beside(after))
}

/// Values in the order they are shown.
#[derive(Default)]
struct Values(Vec<Value>);

struct Value {
    name: &'static str,
    of: String,
    kind: &'static str,
    text: String,
}

#[allow(clippy::needless_pass_by_value, reason = "numbers, words and references are given alike")]
impl Values {
    fn add(&mut self, name: &'static str, kind: &'static str, text: impl ToString) {
        self.add_of(name, String::new(), kind, text);
    }

    fn add_of(&mut self, name: &'static str, of: String, kind: &'static str, text: impl ToString) {
        let text = text.to_string();
        if !text.is_empty() {
            self.0.push(Value { name, of, kind, text });
        }
    }

    /// What would hold, each beside what holds; then what goes.
    fn beside(self, after: Self) -> Vec<ConfirmField> {
        let mut old: BTreeMap<(&str, String), String> = BTreeMap::new();
        let order: Vec<_> = self.0.iter().map(|v| (v.name, v.of.clone(), v.kind)).collect();
        for value in self.0 {
            old.insert((value.name, value.of), value.text);
        }
        let mut fields: Vec<ConfirmField> = Vec::new();
        for value in after.0 {
            let before = old.remove(&(value.name, value.of.clone()));
            fields.push(field(value.name, value.of, value.kind, before, Some(value.text)));
        }
        for (name, of, kind) in order {
            if let Some(before) = old.remove(&(name, of.clone())) {
                fields.push(field(name, of, kind, Some(before), None));
            }
        }
        fields
    }
}

fn field(name: &str, of: String, kind: &str, before: Option<String>, after: Option<String>) -> ConfirmField {
    ConfirmField { name: name.to_owned(), of, kind: kind.to_owned(), before, after }
}

fn certificate(admission: &Admission) -> Result<Certificate, Error> {
    decode(&admission.certificate.0).map_err(rejected("certificate"))
}

async fn member_values(desk: &Desk, member: &Member) -> Values {
    let mut values = Values::default();
    values.add("name", "text", desk.display_name(member.name).await);
    values.add("rights", "right", lines(&member.rights));
    values.add("fingerprint", "mono", Fingerprint::of(&member.key.thumbprint()).to_read_aloud());
    values.add("agent", "flag", flag(member.agent));
    values.add("certified-from", "time", member.certified.0);
    values.add("certified-until", "time", member.expires.0);
    values.add("receiving-key", "mono", hex(member.receiving.as_bytes()));
    values.add("checkpoint-key", "mono", hex(member.checkpoint.as_bytes()));
    values.add("member", "mono", member.id);
    values.add("person-id", "mono", member.person);
    if let Some(organisation) = desk.state().organisation() {
        values.add("organisation-id", "mono", organisation);
    }
    // One by a root of before cannot be read any more.
    let root = desk.state().trust.as_ref().map(|trust| &trust.root);
    let certificate = root.and_then(|root| Certificate::verify(&member.certificate.0, root).ok());
    if let Some(certificate) = certificate {
        values.add("name-digest", "mono", certificate.body.subject.name);
    }
    values.add("name-blob", "mono", member.name);
    values
}

fn certificate_values(name: &str, admission: &Admission, certificate: &Certificate) -> Values {
    let subject = &certificate.subject;
    let mut values = Values::default();
    values.add("name", "text", name);
    values.add("rights", "right", lines(&subject.rights));
    values.add("fingerprint", "mono", Fingerprint::of(&certificate.key().thumbprint()).to_read_aloud());
    values.add("agent", "flag", flag(subject.agent.is_some()));
    values.add("certified-from", "time", certificate.issued.0);
    values.add("certified-until", "time", certificate.expires.0);
    values.add("receiving-key", "mono", hex(subject.receiving.as_bytes()));
    values.add("checkpoint-key", "mono", hex(subject.checkpoint.as_bytes()));
    values.add("member", "mono", subject.member);
    values.add("person-id", "mono", subject.person);
    values.add("organisation-id", "mono", certificate.issuer.0);
    values.add("name-digest", "mono", subject.name);
    values.add("name-blob", "mono", admission.name);
    if !admission.identity.0.is_empty() {
        values.add("identity-card", "mono", Digest::of(&admission.identity.0));
    }
    values
}

fn policy_values(policy: &Policy) -> Values {
    let mut values = Values::default();
    values.add("version", "text", policy.version);
    values.add("quorum", "persons", policy.quorum);
    values.add("quorum-production", "persons", policy.quorum_production);
    values.add("quorum-admin", "persons", policy.quorum_admin);
    values.add("longest-sandbox", "days", policy.longest_sandbox);
    values.add("longest-production", "days", policy.longest_production);
    values.add("approval-days", "days", policy.approval_days);
    values.add("envelope-days", "days", policy.envelope_days);
    values.add("rotations", "text", policy.rotations);
    values.add("sponsor-signs", "flag", flag(policy.sponsor_signs.0));
    values.add("unattended", "flag", flag(policy.unattended.0));
    values.add("calls-sandbox", "text", policy.calls_sandbox);
    values.add("calls-production", "text", policy.calls_production);
    values.add("pace-keys", "text", policy.pace_keys);
    values.add("pace-partners", "text", policy.pace_partners);
    values.add("checks", "check", lines(&policy.checks));
    for finding in FindingCode::ALL {
        values.add_of("finding", finding.to_string(), "severity", policy.severity(*finding));
    }
    values
}

fn catalogue_values(catalogue: &Catalogue) -> Values {
    let mut values = Values::default();
    values.add("catalogue-version", "text", catalogue.version);
    for service in &catalogue.services {
        service_values(service, &mut values);
    }
    for question in &catalogue.questions {
        values.add_of("question", question.id.to_string(), "text", &question.text);
    }
    values
}

fn service_values(service: &Service, values: &mut Values) {
    values.add_of("service-name", service.id.to_string(), "text", &service.name);
    if let Some(text) = &service.text {
        values.add_of("service-text", service.id.to_string(), "text", text);
    }
    for environment in &service.environments {
        let of = || format!("{} / {}", service.id, environment.id);
        values.add_of("class", of(), "class", environment.class);
        values.add_of("base-url", of(), "mono", &environment.base_url);
        values.add_of("longest-days", of(), "days", environment.longest_days);
        values.add_of("environment-issuer", of(), "text", &environment.issuer);
    }
    for scope in &service.scopes {
        let of = || format!("{} · {}", service.id, scope.name);
        let opens = scope.endpoints.iter().map(|e| {
            let methods: Vec<_> = e.methods.iter().map(|m| m.word()).collect();
            format!("{} {}", methods.join(" "), e.path.as_str())
        });
        values.add_of("scope-class", of(), "scope-class", scope.class);
        values.add_of("scope-opens", of(), "mono", opens.collect::<Vec<_>>().join("\n"));
    }
}

fn issuer_values(terms: &IssuerTerms) -> Values {
    let mut values = Values::default();
    let text = |text: Option<String>| text.unwrap_or_default();
    values.add("issuer-id", "text", &terms.id);
    values.add("issuer-kind", "issuer", terms.kind);
    values.add("prefix", "mono", text(terms.prefix.as_ref().map(ToString::to_string)));
    values.add("location", "mono", text(terms.location.as_ref().map(ToString::to_string)));
    values.add("instructions", "text", text(terms.instructions.as_ref().map(ToString::to_string)));
    values
}

fn card_values(card: &Card) -> Values {
    let mut values = Values::default();
    values.add("organisation", "text", &card.name);
    values.add("card-version", "text", card.version);
    values.add("card-made", "time", card.made.0);
    values.add("card-ends", "time", card.expires.0);
    values.add("relay", "mono", card.relay.as_ref().map(ToString::to_string).unwrap_or_default());
    values.add("roots", "text", card.roots.len());
    values.add(
        "root-digest",
        "mono",
        lines(&card.roots.iter().map(|r| Digest::of(&r.0)).collect::<Vec<_>>()),
    );
    values.add("receiving-key", "mono", hex(card.receiving.as_bytes()));
    values.add("organisation-id", "mono", card.organisation);
    values.0.extend(catalogue_values(&card.catalogue).0);
    values
}

/// Who loses all rights, and why.
async fn suspension_values(desk: &Desk, suspended: &Suspended) -> (Values, Values) {
    let (mut before, mut after) = (Values::default(), Values::default());
    if let Some(member) = desk.state().members.get(&suspended.member) {
        let name = desk.display_name(member.name).await;
        before.add("name", "text", &name);
        before.add("rights", "right", lines(&member.rights));
        after.add("name", "text", name);
    }
    before.add("member", "mono", suspended.member);
    after.add("member", "mono", suspended.member);
    after.add("why", "text", &suspended.why);
    (before, after)
}

fn rejected(what: &'static str) -> impl Fn(Malformed) -> Error {
    move |flaw| countersign_app::Error::Rejected { what, why: flaw.into() }.into()
}

fn flag(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn lines<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
