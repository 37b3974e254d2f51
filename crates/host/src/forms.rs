//! The forms people write: catalogue, policy, issuer, and the list of old keys. TOML, read strictly, and written back.

use countersign_app::desk::LegacyKey;
use countersign_documents::{
    Flag, Key as Secret, Time,
    catalogue::{
        Catalogue as CatalogueDocument, Endpoint, Environment, EnvironmentClass, Method, Path, Question,
        Scope, ScopeClass, Service,
    },
    policy::{Check, FindingCode, Policy as PolicyDocument, Severity, Weight},
    text::{Line, Prose, ScopeName, Slug},
};
use countersign_domain::event::{IssuerKind, IssuerTerms};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::failure::Error;

/// A catalogue from its text.
pub fn catalogue(text: &str) -> Result<CatalogueDocument, Error> {
    Ok(parse::<CatalogueFile>(text, "catalogue")?.document())
}

/// A policy from its text: what is not named stays as it is in `before`.
pub fn policy(text: &str, before: PolicyDocument) -> Result<PolicyDocument, Error> {
    Ok(parse::<PolicyFile>(text, "policy")?.over(before))
}

/// An issuer from its text.
pub fn issuer(text: &str) -> Result<IssuerTerms, Error> {
    let file: IssuerFile = parse(text, "issuer")?;
    Ok(IssuerTerms {
        id: file.id,
        kind: file.kind,
        prefix: file.prefix,
        location: file.location,
        instructions: file.instructions,
    })
}

/// Old keys from their list. The keys themselves are read, fingerprinted and forgotten.
pub fn old_keys(text: &str) -> Result<Vec<LegacyKey>, Error> {
    // The parser's own words repeat what it stumbled over, and here that may be a key.
    let unlike = |error| Error::Shape {
        what: "key list",
        why: "every [[keys]] has partner, service, environment, since, key, perhaps until, and nothing else"
            .to_owned()
            + &place_of(&error, text),
    };
    let file: LegacyFile = toml::from_str(text).map_err(unlike)?;
    let mut keys = Vec::with_capacity(file.keys.len());
    for row in file.keys {
        keys.push(LegacyKey {
            since: date(&row.since)?,
            until: row.until.as_deref().map(date).transpose()?,
            key: key(row.key.as_bytes())?,
            partner: row.partner,
            service: row.service,
            environment: row.environment,
        });
    }
    Ok(keys)
}

/// A key that was pasted, without the line end of its file.
pub fn key(bytes: &[u8]) -> Result<Secret, Error> {
    Secret::parse(Zeroizing::new(bytes.trim_ascii().to_vec()))
        .ok_or(Error::Usage("A key is 16 to 512 printable characters without spaces."))
}

fn date(text: &str) -> Result<Time, Error> {
    let bad = Error::Usage("Dates look like 2026-01-31.");
    let Ok(date) = text.parse::<jiff::civil::Date>() else { return Err(bad) };
    let Ok(zoned) = date.to_zoned(jiff::tz::TimeZone::UTC) else { return Err(bad) };
    u64::try_from(zoned.timestamp().as_second()).map(Time).map_err(|_| bad)
}

/// A form, refused with the parser's own words.
pub fn parse<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, Error> {
    toml::from_str(text)
        .map_err(|error| Error::Shape { what, why: error.message().to_owned() + &place_of(&error, text) })
}

/// Where a parser stopped, without repeating the line, which may hold a secret.
fn place_of(error: &toml::de::Error, text: &str) -> String {
    let Some(span) = error.span() else { return ".".to_owned() };
    let line = text.bytes().take(span.start).filter(|b| *b == b'\n').count() + 1;
    format!(" (line {line}).")
}

/// The text of a catalogue.
#[must_use]
pub fn catalogue_text(catalogue: &CatalogueDocument) -> String {
    toml::to_string(&CatalogueFile::from(catalogue)).unwrap_or_default()
}

/// The text of a policy.
#[must_use]
pub fn policy_text(policy: &PolicyDocument) -> String {
    toml::to_string(&PolicyFile::from(policy)).unwrap_or_default()
}

/// A catalogue as people write it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    services: Vec<ServiceFile>,
    #[serde(default)]
    questions: Vec<QuestionFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceFile {
    id: Slug,
    name: Line,
    text: Option<Prose>,
    environments: Vec<EnvironmentFile>,
    scopes: Vec<ScopeFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentFile {
    id: Slug,
    class: EnvironmentClass,
    base_url: Line,
    longest_days: u64,
    issuer: Slug,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeFile {
    name: ScopeName,
    class: ScopeClass,
    endpoints: Vec<EndpointFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointFile {
    methods: Vec<Method>,
    path: Path,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    id: Slug,
    text: Line,
}

impl CatalogueFile {
    fn document(self) -> CatalogueDocument {
        let endpoint = |e: EndpointFile| Endpoint { methods: e.methods, path: e.path };
        let scope = |s: ScopeFile| Scope {
            name: s.name,
            class: s.class,
            endpoints: s.endpoints.into_iter().map(endpoint).collect(),
        };
        let environment = |e: EnvironmentFile| Environment {
            id: e.id,
            class: e.class,
            base_url: e.base_url,
            longest_days: e.longest_days,
            issuer: e.issuer,
        };
        let service = |s: ServiceFile| Service {
            id: s.id,
            name: s.name,
            text: s.text,
            environments: s.environments.into_iter().map(environment).collect(),
            scopes: s.scopes.into_iter().map(scope).collect(),
        };
        let question = |q: QuestionFile| Question { id: q.id, text: q.text };
        CatalogueDocument {
            version: 0,
            services: self.services.into_iter().map(service).collect(),
            questions: self.questions.into_iter().map(question).collect(),
        }
    }
}

/// A policy as people write it: what is not named stays.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    quorum: Option<u64>,
    quorum_production: Option<u64>,
    quorum_admin: Option<u64>,
    longest_sandbox: Option<u64>,
    longest_production: Option<u64>,
    approval_days: Option<u64>,
    envelope_days: Option<u64>,
    rotations: Option<u64>,
    sponsor_signs: Option<bool>,
    unattended: Option<bool>,
    calls_sandbox: Option<u64>,
    calls_production: Option<u64>,
    pace_keys: Option<u64>,
    pace_partners: Option<u64>,
    checks: Option<Vec<Check>>,
    weights: Option<Vec<WeightFile>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightFile {
    finding: FindingCode,
    severity: Severity,
}

impl PolicyFile {
    fn over(self, before: PolicyDocument) -> PolicyDocument {
        let mut checks = self.checks.unwrap_or(before.checks);
        checks.sort_unstable();
        let weights = self
            .weights
            .map(|w| w.into_iter().map(|w| Weight { finding: w.finding, severity: w.severity }).collect());
        let mut weights: Vec<Weight> = weights.unwrap_or(before.weights);
        weights.sort_by_key(|w| w.finding);
        PolicyDocument {
            version: before.version,
            quorum: self.quorum.unwrap_or(before.quorum),
            quorum_production: self.quorum_production.unwrap_or(before.quorum_production),
            quorum_admin: self.quorum_admin.unwrap_or(before.quorum_admin),
            longest_sandbox: self.longest_sandbox.unwrap_or(before.longest_sandbox),
            longest_production: self.longest_production.unwrap_or(before.longest_production),
            approval_days: self.approval_days.unwrap_or(before.approval_days),
            envelope_days: self.envelope_days.unwrap_or(before.envelope_days),
            rotations: self.rotations.unwrap_or(before.rotations),
            sponsor_signs: Flag(self.sponsor_signs.unwrap_or(before.sponsor_signs.0)),
            unattended: Flag(self.unattended.unwrap_or(before.unattended.0)),
            calls_sandbox: self.calls_sandbox.unwrap_or(before.calls_sandbox),
            calls_production: self.calls_production.unwrap_or(before.calls_production),
            pace_keys: self.pace_keys.unwrap_or(before.pace_keys),
            pace_partners: self.pace_partners.unwrap_or(before.pace_partners),
            checks,
            weights,
        }
    }
}

/// An issuer as people write it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerFile {
    id: Slug,
    kind: IssuerKind,
    prefix: Option<Slug>,
    location: Option<Line>,
    instructions: Option<Prose>,
}

impl From<&CatalogueDocument> for CatalogueFile {
    fn from(document: &CatalogueDocument) -> Self {
        let endpoint = |e: &Endpoint| EndpointFile { methods: e.methods.clone(), path: e.path.clone() };
        let scope = |s: &Scope| ScopeFile {
            name: s.name.clone(),
            class: s.class,
            endpoints: s.endpoints.iter().map(endpoint).collect(),
        };
        let environment = |e: &Environment| EnvironmentFile {
            id: e.id.clone(),
            class: e.class,
            base_url: e.base_url.clone(),
            longest_days: e.longest_days,
            issuer: e.issuer.clone(),
        };
        let service = |s: &Service| ServiceFile {
            id: s.id.clone(),
            name: s.name.clone(),
            text: s.text.clone(),
            environments: s.environments.iter().map(environment).collect(),
            scopes: s.scopes.iter().map(scope).collect(),
        };
        let question = |q: &Question| QuestionFile { id: q.id.clone(), text: q.text.clone() };
        Self {
            services: document.services.iter().map(service).collect(),
            questions: document.questions.iter().map(question).collect(),
        }
    }
}

impl From<&PolicyDocument> for PolicyFile {
    fn from(p: &PolicyDocument) -> Self {
        let weight = |w: &Weight| WeightFile { finding: w.finding, severity: w.severity };
        Self {
            quorum: Some(p.quorum),
            quorum_production: Some(p.quorum_production),
            quorum_admin: Some(p.quorum_admin),
            longest_sandbox: Some(p.longest_sandbox),
            longest_production: Some(p.longest_production),
            approval_days: Some(p.approval_days),
            envelope_days: Some(p.envelope_days),
            rotations: Some(p.rotations),
            sponsor_signs: Some(p.sponsor_signs.0),
            unattended: Some(p.unattended.0),
            calls_sandbox: Some(p.calls_sandbox),
            calls_production: Some(p.calls_production),
            pace_keys: Some(p.pace_keys),
            pace_partners: Some(p.pace_partners),
            checks: Some(p.checks.clone()),
            weights: Some(p.weights.iter().map(weight).collect()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LegacyFile {
    keys: Vec<LegacyRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LegacyRow {
    partner: String,
    service: String,
    environment: String,
    since: String,
    until: Option<String>,
    #[serde(deserialize_with = "wiped")]
    key: Zeroizing<String>,
}

fn wiped<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_list_of_keys_is_said_without_repeating_a_key() {
        let key = "old-live-key-0123456789abcdef";
        let row = "partner = 'A'\nservice = 'orders'\nenvironment = 'sandbox'\nsince = '2024-03-01'\n";
        for (text, line) in [
            (format!("keys = \"{key}\"\n"), 1),
            (format!("keys = [\"{key}\"]\n"), 1),
            (format!("[[keys]]\n{row}{key} = true\n"), 6),
            (format!("[[keys]]\n{row}key = \"{key}\"\n{key} = 1\n"), 7),
            (format!("[[keys]]\n{row}key = [\"{key}\"]\n"), 6),
            (format!("[[keys]]\n{row}key = {key}\n"), 6),
            (format!("[[keys]]\n{row}key = \"{key}\n"), 6),
            (format!("[[{key}]]\n{row}"), 1),
            (format!("[[keys]]\nsince = '{key}'\npartner = 1\n"), 3),
        ] {
            let error = old_keys(&text).err().expect("this is no list of keys");
            let said = format!("{error} {error:?} {}", error.advice());
            assert!(!said.contains(key) && !said.contains("old-live"), "the key is repeated: {said}");
            assert!(said.contains(&format!("(line {line})")), "line {line} is named: {said}");
        }
        assert!(old_keys(&format!("[[keys]]\n{row}key = \"{key}\"\n")).is_ok(), "and a right one is read");
    }
}
