//! What is signed, laid out in full: nothing that the digest covers is left out, and what changes stands beside what holds.

use std::collections::BTreeMap;

use countersign_app::desk::Desk;
use countersign_contract::ConfirmField;
use countersign_documents::{
    Digest,
    fingerprint::Fingerprint,
    grant::{Activation, Grant, IdentityCheck, Vetting},
    id::{ChangeId, PersonId},
};
use countersign_domain::Refusal;
use countersign_host::{grant as words, laid_out};
use serde_json::Value;

use super::organisation::comparison;
use crate::{
    failure::Failure,
    output::{fields, short, time},
};

/// A change as it is shown.
pub(crate) struct ShownChange {
    /// In words.
    pub(crate) text: String,
    /// Digest of exactly this.
    pub(crate) digest: Digest,
    /// The same for programs: what holds beside what would hold.
    pub(crate) fields: Value,
}

/// A change that waits.
pub(crate) async fn change(desk: &Desk, id: ChangeId) -> Result<ShownChange, Failure> {
    let pending = desk.state().pending.get(&id).ok_or(Refusal::NoSuchChange)?;
    let change = &pending.proposed.change;
    let list = laid_out::fields(desk, change).await?;
    let view =
        desk.changes().await.into_iter().find(|c| c.id == id.to_string()).ok_or(Refusal::NoSuchChange)?;
    let mut head =
        format!("Change {id}: {}, proposed by {} on {}", change.word(), view.by, time(pending.time.0));
    for check in &view.compared {
        head.push_str(&format!("\nFingerprint compared: {}", comparison(check)));
    }
    Ok(ShownChange {
        text: format!("{head}\n{}", change_text(&list)),
        digest: change.digest(),
        fields: serde_json::to_value(&list).unwrap_or_default(),
    })
}

/// What would be another first, then what stays. Where nothing was, everything is new and nothing is compared.
fn change_text(list: &[ConfirmField]) -> String {
    let rows = |of: &[&ConfirmField], compare: bool| {
        let rows: Vec<_> = of.iter().map(|f| (label(f), value(f, compare))).collect();
        fields(&rows.iter().map(|(name, value)| (name.as_str(), value.clone())).collect::<Vec<_>>())
    };
    if list.iter().all(|f| f.before.is_none()) {
        return rows(&list.iter().collect::<Vec<_>>(), false);
    }
    let (stays, changes): (Vec<_>, Vec<_>) = list.iter().partition(|f| f.before == f.after);
    let mut parts = Vec::new();
    if !changes.is_empty() {
        parts.push(format!("WOULD CHANGE\n{}", rows(&changes, true)));
    }
    if !stays.is_empty() {
        parts.push(format!("STAYS AS IT IS\n{}", rows(&stays, false)));
    }
    parts.join("\n\n")
}

/// `scope-opens` of `shipments · shipments:read` is `Scope opens (shipments · shipments:read)`.
fn label(field: &ConfirmField) -> String {
    let spaced = field.name.replace('-', " ").replace("url", "URL");
    let mut letters = spaced.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let name = format!("{first}{}", letters.as_str());
    if field.of.is_empty() { name } else { format!("{name} ({})", field.of) }
}

fn value(field: &ConfirmField, compare: bool) -> String {
    let said = |text: &String| match (field.kind.as_str(), text.parse()) {
        ("time", Ok(seconds)) => time(seconds),
        _ => text.clone(),
    };
    match (&field.before, &field.after, compare) {
        (None, Some(after), true) => format!("{}\n(new: there was none)", said(after)),
        (Some(before), Some(after), true) => format!("{}\n(until now: {})", said(after), said(before)),
        (Some(before), None, _) => format!("(goes)\n(until now: {})", said(before)),
        (_, Some(after), _) => said(after),
        (None, None, _) => String::new(),
    }
}

/// How those are called whom a grant names by digests and ids only.
pub(crate) struct Called {
    /// The company in the request whose digest the grant holds.
    company: String,
    people: BTreeMap<PersonId, String>,
}

/// Looks up how they are called.
pub(crate) async fn called(desk: &Desk, grant: &Grant, vetting: Option<&Vetting>) -> Called {
    let checks = vetting.map(|v| v.checks.as_slice()).unwrap_or_default();
    let persons = grant
        .identity_checks
        .iter()
        .map(|c| c.person)
        .chain(checks.iter().map(|c| c.person))
        .chain([grant.sponsor]);
    let mut people = BTreeMap::new();
    for person in persons {
        people.insert(person, desk.person_name(person).await);
    }
    let exchange = desk.state().exchanges.values().find(|e| e.digest == grant.request).map(|e| e.id);
    let company = match exchange {
        Some(id) => desk.request(id).await.map(|d| d.summary.company).unwrap_or_default(),
        None => String::new(),
    };
    Called { company, people }
}

impl Called {
    fn person(&self, id: &PersonId) -> &str {
        self.people.get(id).map_or("(unknown)", String::as_str)
    }
}

/// A grant in full: what is shown is what is hashed.
pub(crate) fn grant_text(grant: &Grant, vetting: Option<&Vetting>, called: &Called) -> String {
    let mut rows = access(grant);
    rows.splice(0..0, whom(grant, called));
    rows.push(("Fingerprint compared", joined(grant.identity_checks.iter().map(|c| compared(c, called)))));
    if let Some(vetting) = vetting {
        rows.push(("Findings", words::findings(vetting).join("\n")));
        rows.push(("Checks", joined(vetting.checks.iter().map(|c| answered(c, called)))));
    }
    rows.extend(terms(grant));
    rows.retain(|(_, value)| !value.is_empty());
    rows.push(("Digest", grant.digest().hex()));
    fields(&rows)
}

type Rows = Vec<(&'static str, String)>;

fn whom(grant: &Grant, called: &Called) -> Rows {
    let company = if called.company.is_empty() { "(unknown)" } else { &called.company };
    vec![
        ("Company", company.to_owned()),
        ("Recipient fingerprint", Fingerprint::of(&grant.recipient).to_read_aloud()),
        ("Recipient identity", grant.recipient.hex()),
        ("Sponsor", format!("{} ({})", called.person(&grant.sponsor), grant.sponsor)),
    ]
}

fn access(grant: &Grant) -> Rows {
    let networks = words::networks(grant).join(", ");
    vec![
        ("Service", format!("{} / {}", grant.service, grant.environment)),
        ("Scopes", words::scopes(grant).join("\n")),
        ("From networks", if networks.is_empty() { "(anywhere)".to_owned() } else { networks }),
        ("Base URL", grant.base_url.to_string()),
        ("Key ends", time(grant.not_after.0)),
        ("Deliver by", time(grant.deliver_by.0)),
        ("Keys within grant", (grant.rotations + 1).to_string()),
        ("Issuer", format!("{} (key {}, works {})", grant.issuer, grant.form, works(grant.activation))),
        ("Cannot be enforced", words::unenforceable(grant).join("\n")),
    ]
}

/// What the grant stands on, by digest.
fn terms(grant: &Grant) -> Rows {
    vec![
        ("Mode", grant.mode.to_string()),
        ("Renews grant", grant.predecessor.map(|p| p.to_string()).unwrap_or_default()),
        ("Grant", grant.id.to_string()),
        ("First grant", grant.lineage.to_string()),
        ("Organisation", grant.organisation.to_string()),
        ("Sealed to key", grant.receiving.hex()),
        ("Request, digest", grant.request.hex()),
        ("Policy, digest", grant.policy.hex()),
        ("Catalogue, digest", grant.catalogue.hex()),
        ("Issuer, digest", grant.issuer_terms.hex()),
        ("Vetting, digest", grant.vetting.hex()),
    ]
}

fn compared(check: &IdentityCheck, called: &Called) -> String {
    let how = if check.attended.0 { "" } else { ", unattended" };
    let who = called.person(&check.person);
    format!("{} by {who} ({}) on {} ({}{how})", check.channel, check.person, time(check.time.0), check.source)
}

fn answered(result: &countersign_documents::grant::CheckResult, called: &Called) -> String {
    let how = if result.passed.0 { "passed" } else { "failed" };
    let who = called.person(&result.person);
    let evidence: Vec<String> = result.evidence.iter().map(|name| short(&name.hex())).collect();
    format!("{} {how}, by {who}, evidence {}", result.check, evidence.join(" "))
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn works(activation: Activation) -> &'static str {
    match activation {
        Activation::AtOnce => "at once",
        Activation::OnReceipt => "once the receipt is in",
    }
}

#[cfg(test)]
mod tests;
