//! Policy, catalogue, issuers, and changes that wait.

use countersign_app::resolve;
use countersign_documents::{
    Digest, catalogue::Catalogue as CatalogueDocument, policy::Policy as PolicyDocument, text::Slug,
};
use countersign_host::{files, forms};
use serde_json::json;

use super::{
    laid_out,
    organisation::{change_named_or_only, proposed},
};
use crate::{
    args::{Catalogue, Change, Issuer, Policy},
    failure::Failure,
    output::{Done, fields, short, table, time},
    prompt,
    session::Session,
};

pub(crate) async fn policy(s: &Session, verb: Policy) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    let before = desk.state().policy();
    match verb {
        Policy::Show => Ok(Done::new(&before, policy_text(&before))),
        Policy::Propose { file } => {
            proposed(desk.propose_policy(forms::policy(&files::read_text(&file)?, before)?).await?)
        }
        Policy::Tighten { file } => {
            let recorded = desk.tighten(forms::policy(&files::read_text(&file)?, before)?).await?;
            Ok(Done::said("The tighter policy is in force.", json!({ "entry": recorded.seq })))
        }
    }
}

fn policy_text(p: &PolicyDocument) -> String {
    fields(&[
        ("Version", p.version.to_string()),
        (
            "Signatures",
            format!("{} (production {}, admin scopes {})", p.quorum, p.quorum_production, p.quorum_admin),
        ),
        (
            "Longest lifetime",
            format!("sandbox {} days, production {} days", p.longest_sandbox, p.longest_production),
        ),
        ("Signatures are good for", format!("{} days", p.approval_days)),
        ("Envelopes open for", format!("{} days", p.envelope_days)),
        ("Keys within a grant", (p.rotations + 1).to_string()),
        ("Sponsor may sign", yes(p.sponsor_signs.0)),
        ("Unattended checks count", yes(p.unattended.0)),
        (
            "Fingerprint calls",
            format!("sandbox {}, production and admin scopes {}", p.calls_sandbox, p.calls_production),
        ),
        ("Pace of revocation", format!("{} keys or {} partners an hour", p.pace_keys, p.pace_partners)),
        ("Checks", p.checks.iter().map(|c| c.to_string()).collect::<Vec<_>>().join(", ")),
        (
            "Own severities",
            p.weights.iter().map(|w| format!("{} {}", w.finding, w.severity)).collect::<Vec<_>>().join(", "),
        ),
    ])
}

fn yes(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}

pub(crate) async fn catalogue(s: &Session, verb: Catalogue) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    match verb {
        Catalogue::Show => {
            let Some(catalogue) = desk.state().catalogue.clone() else {
                return Ok(Done::said(
                    "There is no catalogue yet. 'catalogue propose' begins one.",
                    json!(null),
                ));
            };
            Ok(Done::new(&catalogue, catalogue_text(&catalogue)))
        }
        Catalogue::Propose { file } => {
            proposed(desk.propose_catalogue(forms::catalogue(&files::read_text(&file)?)?).await?)
        }
    }
}

fn catalogue_text(catalogue: &CatalogueDocument) -> String {
    let mut rows = Vec::new();
    for service in &catalogue.services {
        for environment in &service.environments {
            let scopes = service
                .scopes
                .iter()
                .map(|s| format!("{} ({})", s.name, s.class))
                .collect::<Vec<_>>()
                .join(", ");
            rows.push(vec![
                service.id.to_string(),
                format!("{} ({})", environment.id, environment.class),
                format!("{} days", environment.longest_days),
                environment.issuer.to_string(),
                scopes,
            ]);
        }
    }
    format!(
        "Version {}\n{}",
        catalogue.version,
        table(&["SERVICE", "ENVIRONMENT", "AT MOST", "ISSUER", "SCOPES"], &rows)
    )
}

pub(crate) async fn issuer(s: &Session, verb: Issuer) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    match verb {
        Issuer::List => {
            let issuers: Vec<_> = desk.state().issuers.values().cloned().collect();
            let row = |i: &countersign_domain::KnownIssuer| {
                let place =
                    i.terms.location.as_ref().map(|l| l.to_string()).unwrap_or_else(|| "by hand".to_owned());
                vec![
                    i.terms.id.to_string(),
                    i.terms.kind.to_string(),
                    place,
                    if i.stopped { "stopped" } else { "" }.to_owned(),
                ]
            };
            let rows: Vec<_> = issuers.iter().map(row).collect();
            Ok(Done::new(&issuers, table(&["ISSUER", "KIND", "WHERE", ""], &rows)))
        }
        Issuer::Propose { file } => {
            let terms = forms::issuer(&files::read_text(&file)?)?;
            proposed(desk.propose_issuer(terms).await?)
        }
        Issuer::Stop { id } => {
            let id = Slug::parse(&id).map_err(countersign_app::Error::text("issuer"))?;
            let recorded = desk.stop_issuer(id).await?;
            Ok(Done::said(
                "Stopped: it makes no new keys. Keys that exist go on until they are revoked.",
                json!({ "entry": recorded.seq }),
            ))
        }
    }
}

pub(crate) async fn change(s: &Session, verb: Change) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    let ids = || desk.state().pending.keys().copied().collect::<Vec<_>>().into_iter();
    match verb {
        Change::List => {
            let changes = desk.changes().await;
            let row = |c: &countersign_contract::ChangeView| {
                let waits = if c.mine { "waits for you" } else { "waits for another admin" };
                vec![short(&c.id), c.what.clone(), c.by.clone(), time(c.time), waits.to_owned()]
            };
            let rows: Vec<_> = changes.iter().map(row).collect();
            Ok(Done::new(&changes, table(&["CHANGE", "WHAT", "BY", "WHEN", ""], &rows)))
        }
        Change::Show { id } => {
            let id = change_named_or_only(&desk, id.as_deref(), false).await?;
            let laid_out::ShownChange { text, digest, fields } = laid_out::change(&desk, id).await?;
            Ok(Done::said(
                format!("{text}\nDigest: {digest}"),
                json!({ "change": id, "digest": digest, "text": text, "fields": fields }),
            ))
        }
        Change::Confirm { id, digest } => {
            let id = change_named_or_only(&desk, id.as_deref(), true).await?;
            let shown = laid_out::change(&desk, id).await?;
            let next = desk.state().pending.get(&id).map_or("", |p| after(p.proposed.change.word()));
            let digest = match digest {
                Some(given) => Digest::from_hex(given.trim())
                    .ok_or(Failure::Usage("--digest takes 64 hexadecimal characters."))?,
                None => {
                    prompt::say(&format!("{}\nDigest: {}", shown.text, shown.digest));
                    prompt::confirm("Put this in force with your signature?")?;
                    shown.digest
                }
            };
            let recorded = desk.confirm(id, digest).await?;
            let text = format!("Confirmed: it is in force.{next}");
            Ok(Done::said(text, json!({ "change": id, "entry": recorded.seq })))
        }
        Change::Drop { id } => {
            let id = resolve("change", &id, ids())?;
            let recorded = desk.drop_change(id).await?;
            Ok(Done::said("Dropped.", json!({ "change": id, "entry": recorded.seq })))
        }
    }
}

/// What to do when a change of this kind is in force.
fn after(change: &str) -> &'static str {
    match change {
        "member" => "\nA new member now attaches a desk: 'org attach --log LEDGER'.",
        "catalogue" => "\nPartners see it with the next card: 'card propose'.",
        "card" => "\n'card export --out FILE' writes it, to be sent to partners.",
        _ => "",
    }
}
