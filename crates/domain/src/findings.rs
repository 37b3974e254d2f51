//! What vetting finds without asking anybody. Structural findings are recomputed by everybody who folds the log;
//! those that need erasable text (names, addresses) are found where the text is, and signed.

use countersign_documents::{
    catalogue::{EnvironmentClass, ScopeClass},
    grant::Finding,
    policy::{FindingCode, Policy, Severity},
    request::Applicant,
    text::{Line, skeleton},
};
use unicode_security::MixedScript as _;

use crate::{
    refusal::Refusal,
    state::{Exchange, KeyState, State},
    terms::{longest, look_up},
};

/// What a finding is about.
pub type Detail = Option<Line>;

/// Findings that follow from the log alone, in the order of their codes.
pub fn structural(
    state: &State,
    exchange: &Exchange,
    policy: &Policy,
) -> Result<Vec<(FindingCode, Detail)>, Refusal> {
    let catalogue = state.catalogue.as_ref().ok_or(Refusal::UnknownService)?;
    let (service, environment) = look_up(&exchange.asked, catalogue, policy)?;
    let terms = &exchange.terms;
    let scope_of = |class: ScopeClass| {
        let names = terms.scopes.iter().filter(|n| service.scope(n).is_some_and(|s| s.class == class));
        let joined = names.map(|n| n.as_str()).collect::<Vec<_>>().join(", ");
        (!joined.is_empty()).then(|| line(&joined))
    };
    let network_of = |test: fn(&countersign_documents::network::Network) -> bool| {
        let joined =
            terms.networks.iter().filter(|n| test(n)).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
        (!joined.is_empty()).then(|| line(&joined))
    };
    let mut found = Vec::new();
    if environment.class == EnvironmentClass::Production
        && let Some(detail) = scope_of(ScopeClass::Write)
    {
        found.push((FindingCode::WriteInProduction, detail));
    }
    if let Some(detail) = scope_of(ScopeClass::Admin) {
        found.push((FindingCode::AdminScope, detail));
    }
    if let Some(detail) = network_of(|n| n.is_wide()) {
        found.push((FindingCode::WideNetwork, detail));
    }
    if let Some(detail) = network_of(|n| n.is_private()) {
        found.push((FindingCode::PrivateNetwork, detail));
    }
    if terms.networks.is_empty() {
        found.push((FindingCode::NoNetwork, None));
    }
    if terms.days * 10 > longest(environment, policy) * 9 {
        found.push((FindingCode::LongLifetime, line(&format!("{} days", terms.days))));
    }
    let same_purpose = |k: &&crate::state::KeyRecord| {
        k.holder == exchange.identity
            && k.service == exchange.asked.service
            && k.environment == exchange.asked.environment
            // The key that is being made under this very request is what it is about.
            && k.request != Some(exchange.id)
    };
    let live = |k: &&crate::state::KeyRecord| !matches!(k.state, KeyState::Abandoned | KeyState::Revoked);
    if let Some(key) = state.all_keys().filter(same_purpose).find(live) {
        found.push((FindingCode::LiveKey, line(&key.id.to_string())));
    }
    Ok(found)
}

/// Findings in names and addresses. `known` are the names of other partners' companies. The very same name is the plainest
/// look-alike: another identity that is called like a partner is that partner's second contact, or somebody who says so.
pub fn textual(applicant: &Applicant, known: &[Line]) -> Vec<(FindingCode, Detail)> {
    let known: Vec<Known> = known.iter().cloned().map(Known::new).collect();
    textual_among(applicant, known.iter())
}

/// A partner's name, and what makes it look like another: worked out once, however many requests it is held against.
#[derive(Debug, Clone)]
pub struct Known {
    /// The name.
    pub name: Line,
    skeleton: String,
}

impl Known {
    /// Works it out.
    pub fn new(name: Line) -> Self {
        let skeleton = skeleton(name.as_str());
        Self { name, skeleton }
    }
}

/// The same where the names of other partners are held against many requests.
pub fn textual_among<'a>(
    applicant: &Applicant,
    mut known: impl Iterator<Item = &'a Known>,
) -> Vec<(FindingCode, Detail)> {
    let mut found = Vec::new();
    let domain = domain_of(applicant.email.as_str());
    if FREE_MAIL.contains(&domain.as_str()) {
        found.push((FindingCode::FreeMail, line(&domain)));
    }
    let mine = skeleton(applicant.company.as_str());
    if let Some(other) = known.find(|other| other.skeleton == mine) {
        found.push((FindingCode::LookAlike, Some(other.name.clone())));
    }
    if [&applicant.company, &applicant.person].iter().any(|text| !text.as_str().is_single_script()) {
        found.push((FindingCode::MixedScript, None));
    }
    let incident = applicant.incident_contact.as_str();
    if incident.contains('@') && domain_of(incident) != domain {
        found.push((FindingCode::ForeignIncidentContact, line(&domain_of(incident))));
    }
    found
}

/// Whether what stands as a look-alike does look like this applicant's company. Where companies are counted it binds the
/// two together, so whoever signs it must not take it from whoever found it.
pub fn fits(applicant: &Applicant, found: &[Finding]) -> bool {
    let mine = skeleton(applicant.company.as_str());
    let mut alike = found.iter().filter(|f| f.code == FindingCode::LookAlike);
    alike.all(|f| f.detail.as_ref().is_some_and(|other| skeleton(other.as_str()) == mine))
}

/// All findings as they stand in a vetting record, in the order of their codes.
pub fn all(
    state: &State,
    exchange: &Exchange,
    texts: Vec<(FindingCode, Detail)>,
    sponsor_signs: bool,
) -> Result<Vec<Finding>, Refusal> {
    let policy = state.policy();
    let mut found = structural(state, exchange, &policy)?;
    found.extend(texts);
    if sponsor_signs {
        found.push((FindingCode::SponsorSigns, None));
    }
    found.sort_by_key(|(code, _)| *code);
    found.dedup_by_key(|(code, _)| *code);
    let finding = |(code, detail): (FindingCode, Detail)| Finding {
        code,
        severity: policy.severity(code),
        detail,
        justified: exchange.justified.get(&code).cloned(),
    };
    Ok(found.into_iter().map(finding).collect())
}

/// Whether the signed findings leave out nothing that the log shows, and no blocking one stands unjustified.
pub(crate) fn judge(
    state: &State,
    exchange: &Exchange,
    signed: &[Finding],
    policy: &Policy,
    sponsor_signs: bool,
) -> Result<(), Refusal> {
    let mut structural = structural(state, exchange, policy)?;
    if sponsor_signs {
        structural.push((FindingCode::SponsorSigns, None));
    }
    let listed = |(code, detail): &(FindingCode, Detail)| {
        signed.iter().any(|f| f.code == *code && f.detail == *detail)
    };
    let rising = signed.windows(2).all(|w| w[0].code < w[1].code);
    let weighed = signed.iter().all(|f| {
        f.severity == policy.severity(f.code) && f.justified == exchange.justified.get(&f.code).cloned()
    });
    if !rising || !weighed || !structural.iter().all(listed) {
        return Err(Refusal::FindingsDiffer);
    }
    let open = |f: &Finding| f.severity == Severity::Blocking && f.justified.is_none();
    if signed.iter().any(open) { Err(Refusal::FindingUnresolved) } else { Ok(()) }
}

/// The sponsor who signs second is a finding nobody could list first: where the policy takes it for blocking, its
/// justification must stand before.
pub(crate) fn judge_sponsor(
    exchange: &Exchange,
    policy: &Policy,
    sponsor_signs: bool,
) -> Result<(), Refusal> {
    let code = FindingCode::SponsorSigns;
    let blocking = sponsor_signs && policy.severity(code) == Severity::Blocking;
    if blocking && !exchange.justified.contains_key(&code) { Err(Refusal::FindingUnresolved) } else { Ok(()) }
}

fn domain_of(address: &str) -> String {
    address.rsplit('@').next().unwrap_or_default().trim().to_lowercase()
}

/// As much of a text as fits one line.
fn line(text: &str) -> Detail {
    let cut: String = text.chars().take(150).collect();
    Line::parse(cut.trim()).ok()
}

/// Providers where anybody gets an address. Not complete, and need not be: it is a hint, not a gate.
const FREE_MAIL: &[&str] = &[
    "163.com",
    "aol.com",
    "fastmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.com",
    "hotmail.co.uk",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "tuta.com",
    "tutanota.com",
    "wanadoo.fr",
    "web.de",
    "yahoo.com",
    "yahoo.co.uk",
    "yahoo.de",
    "yandex.com",
    "yandex.ru",
    "zoho.com",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn applicant(company: &str) -> Applicant {
        let text = |text: &str| Line::parse(text).unwrap();
        Applicant {
            company: text(company),
            person: text("Pia Example"),
            role: text("Operations"),
            email: text("pia@example.com"),
            incident_contact: text("pia@example.com"),
        }
    }

    fn alike(name: Option<&str>) -> Vec<Finding> {
        let detail = name.and_then(|name| Line::parse(name).ok());
        vec![Finding { code: FindingCode::LookAlike, severity: Severity::Blocking, detail, justified: None }]
    }

    #[test]
    fn a_look_alike_must_look_like_the_applicant_whose_request_it_stands_under() {
        let acme = applicant("Acme Ltd");
        assert!(fits(&acme, &[]), "where nothing was found");
        assert!(fits(&acme, &alike(Some("ACME LTD"))), "another spelling of the same name");
        assert!(!fits(&acme, &alike(Some("Bolt Ltd"))), "another name binds another company to this one");
        assert!(!fits(&acme, &alike(None)), "no name at all");
    }
}
