//! Requests, on both sides.

use std::{collections::BTreeMap, path::Path};

use countersign_app::{
    desk::{Desk, Evidences},
    only, resolve,
};
use countersign_documents::{
    Digest,
    grant::{Activation, Grant, Vetting},
    id::{PersonId, RequestId},
    network::Network,
    policy::{Check, FindingCode},
    text::ScopeName,
};
use countersign_domain::Refusal;
use countersign_host::{files, grant as words, ways};
use serde_json::json;

use super::{asking, detail::detail_text, requests};
use crate::{
    args::Request,
    failure::Failure,
    output::{Done, fields, path, short, time},
    prompt,
    session::Session,
};

pub(crate) async fn run(s: &Session, verb: Request) -> Result<Done, Failure> {
    match verb {
        Request::Template { .. }
        | Request::New(_)
        | Request::Revise { .. }
        | Request::Withdraw { .. }
        | Request::Read { .. } => asking::run(s, verb).await,
        Request::List(wanted) => requests::list(s, wanted).await,
        verb => desk(s, verb).await,
    }
}

async fn desk(s: &Session, verb: Request) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    match verb {
        Request::Import { file } => {
            let bytes = ways::read(&file)?;
            let (what, id) = desk.import(&bytes).await?;
            let text = match what {
                "request" => format!("Request {id} received. 'request show {}' shows it.", short(&id)),
                "receipt" => format!("Receipt recorded for key {id}. {}", key_state(&desk, &id)),
                "withdrawal" => format!("Request {id} was withdrawn by the partner."),
                _ => leak_text(&desk, &id),
            };
            Ok(Done::said(text, json!({ "what": what, "id": id })))
        }
        Request::Show { id } => {
            let id = find_or_only(&desk, id.as_deref(), Waits::Anything)?;
            let detail = desk.request(id).await?;
            desk.note_shown(id).await;
            Ok(Done::new(&detail, detail_text(&detail)))
        }
        Request::Answer { id, check, note, file, failed } => {
            let check = Check::from_word(&check)
                .ok_or(Failure::Usage("The checks are who, why, scope and protection."))?;
            let id = find(&desk, &id)?;
            let mut evidence = Evidences { note: note.as_deref(), files: Vec::new() };
            for path in &file {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                evidence.files.push((name, files::read(path, files::LARGE - 64 * 1024)?.to_vec()));
            }
            let recorded = desk.answer(id, check, !failed, evidence).await?;
            Ok(Done::said("Answer recorded.", json!({ "request": id, "entry": recorded.seq })))
        }
        Request::Evidence { id, file, out } => {
            files::check_new(&out)?;
            let (name, content) = desk.evidence_file(find(&desk, &id)?, &file).await?;
            files::write_new(&out, &content)?;
            Ok(Done::said(format!("Written: {}.", path(&out)), json!({ "name": name, "out": out })))
        }
        Request::Justify { id, finding, reason } => {
            let code = FindingCode::from_word(&finding)
                .ok_or(Failure::Usage("There is no such finding: 'request show' lists them."))?;
            let id = find(&desk, &id)?;
            let recorded = desk.justify(id, code, &reason).await?;
            Ok(Done::said("Justification recorded.", json!({ "request": id, "entry": recorded.seq })))
        }
        Request::Narrow { id, scope, network, days } => narrow(&mut desk, &id, &scope, &network, days).await,
        Request::Ask { id, text, out } => reply(&mut desk, &id, &text, false, &out).await,
        Request::Decline { id, reason, out } => reply(&mut desk, &id, &reason, true, &out).await,
        Request::Vet { id, yes } => vet(&mut desk, id.as_deref(), yes).await,
        Request::Countersign { id, grant } => countersign(&mut desk, id.as_deref(), grant).await,
        Request::Template { .. }
        | Request::New(_)
        | Request::Revise { .. }
        | Request::Withdraw { .. }
        | Request::Read { .. }
        | Request::List(_) => Err(Failure::Usage("This verb is a partner's.")),
    }
}

fn key_state(desk: &Desk, id: &str) -> &'static str {
    use countersign_domain::KeyState;
    let key = desk.state().keys.values().find(|k| k.id.to_string() == id);
    match key.map(|k| k.state) {
        Some(KeyState::Active) => "The key works now.",
        Some(KeyState::Opened) => "The key waits to be switched on: 'key finish' at a desk that may issue.",
        Some(_) | None => "",
    }
}

async fn narrow(
    desk: &mut Desk,
    id: &str,
    scopes: &[String],
    networks: &[String],
    days: Option<u64>,
) -> Result<Done, Failure> {
    let id = find(desk, id)?;
    if scopes.is_empty() && networks.is_empty() && days.is_none() {
        return Err(Failure::Usage("Name what is to stay: --scope, --network or --days."));
    }
    let scope = |t: &String| ScopeName::parse(t).map_err(countersign_app::Error::text("scope"));
    let scopes = scopes.iter().map(scope).collect::<Result<Vec<_>, _>>()?;
    let network = |t: &String| Network::parse(t).map_err(countersign_app::Error::from);
    let networks = networks.iter().map(network).collect::<Result<Vec<_>, _>>()?;
    let change = |terms: &mut countersign_domain::Terms| {
        if !scopes.is_empty() {
            terms.scopes = scopes;
        }
        if !networks.is_empty() {
            terms.networks = networks;
        }
        if let Some(days) = days {
            terms.days = days;
        }
    };
    let recorded = desk.narrow(id, change).await?;
    Ok(Done::said(
        "Narrowed. Signatures given before are void.",
        json!({ "request": id, "entry": recorded.seq }),
    ))
}

async fn reply(desk: &mut Desk, id: &str, text: &str, declined: bool, out: &Path) -> Result<Done, Failure> {
    files::check_new(out)?;
    let id = find(desk, id)?;
    let letter = desk.reply(id, text, declined).await?;
    ways::write(out, &letter)?;
    let what = if declined { "Declined" } else { "Changes asked" };
    Ok(Done::said(
        format!("{what}. Send the letter to the partner."),
        json!({ "request": id, "written": path(out) }),
    ))
}

async fn vet(desk: &mut Desk, id: Option<&str>, yes: bool) -> Result<Done, Failure> {
    let id = find_or_only(desk, id, Waits::FirstSignature)?;
    let (grant, vetting) = desk.draft(id).await?;
    if !yes {
        prompt::say(&grant_text(&grant, Some(&vetting), &names(desk, &grant).await));
        prompt::confirm("Give the first signature under exactly this?")?;
    }
    let digest = grant.digest();
    let recorded = desk.vet(id, (grant, vetting)).await?;
    let text = format!(
        "Vetted: the first signature is given, entry {}.\nGrant {digest}\nIt waits for a countersignature by another person:\n  countersign request countersign {}",
        recorded.seq,
        short(&id.to_string())
    );
    Ok(Done::said(text, json!({ "request": id, "grant": digest, "entry": recorded.seq })))
}

async fn countersign(desk: &mut Desk, id: Option<&str>, given: Option<String>) -> Result<Done, Failure> {
    let id = find_or_only(desk, id, Waits::Countersignature)?;
    let signed = desk.state().exchange(&id)?.signed.clone().ok_or(Refusal::NotVetted)?;
    let digest = match given {
        Some(text) => {
            Digest::from_hex(text.trim()).ok_or(Failure::Usage("--grant takes 64 hexadecimal characters."))?
        }
        None => {
            desk.may_countersign(id)?;
            prompt::say(&grant_text(&signed.grant, Some(&signed.vetting), &names(desk, &signed.grant).await));
            prompt::confirm("Give the second signature under exactly this?")?;
            signed.grant.digest()
        }
    };
    let recorded = desk.countersign(id, digest).await?;
    let complete = desk.state().exchange(&id)?.state == countersign_domain::ExchangeState::Countersigned;
    let next = if complete {
        format!("All signatures are given. Make the key:\n  countersign key issue {}", short(&id.to_string()))
    } else {
        "The policy asks for a further signature.".to_owned()
    };
    Ok(Done::said(
        format!("Countersigned, entry {}. {next}", recorded.seq),
        json!({ "request": id, "complete": complete, "entry": recorded.seq }),
    ))
}

/// How the people in a grant are called.
async fn names(desk: &Desk, grant: &Grant) -> BTreeMap<PersonId, String> {
    let mut names = BTreeMap::new();
    for check in &grant.identity_checks {
        names.insert(check.person, desk.person_name(check.person).await);
    }
    names
}

/// A grant in full: what is shown is what is hashed.
fn grant_text(grant: &Grant, vetting: Option<&Vetting>, names: &BTreeMap<PersonId, String>) -> String {
    let networks = words::networks(grant).join(", ");
    let checks = grant.identity_checks.iter().map(|c| {
        let how = if c.attended.0 { "" } else { ", unattended" };
        format!(
            "{} by {} on {} ({}{how})",
            c.channel,
            names.get(&c.person).map_or("(unknown)", String::as_str),
            time(c.time.0),
            c.source
        )
    });
    let findings = vetting.map(|v| words::findings(v).join("\n")).unwrap_or_default();
    let mut rows = vec![
        ("Recipient identity", grant.recipient.hex()),
        ("Service", format!("{} / {}", grant.service, grant.environment)),
        ("Scopes", words::scopes(grant).join("\n")),
        ("From networks", if networks.is_empty() { "(anywhere)".to_owned() } else { networks }),
        ("Base URL", grant.base_url.to_string()),
        ("Key ends", time(grant.not_after.0)),
        ("Deliver by", time(grant.deliver_by.0)),
        ("Keys within grant", (grant.rotations + 1).to_string()),
        ("Issuer", format!("{} (key {}, works {})", grant.issuer, grant.form, works(grant.activation))),
        ("Cannot be enforced", words::unenforceable(grant).join("\n")),
        ("Fingerprint compared", checks.collect::<Vec<_>>().join("\n")),
        ("Findings", findings),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    rows.push(("Digest", grant.digest().hex()));
    fields(&rows)
}

fn works(activation: Activation) -> &'static str {
    match activation {
        Activation::AtOnce => "at once",
        Activation::OnReceipt => "once the receipt is in",
    }
}

/// The request with an id that begins like that.
pub(crate) fn find(desk: &Desk, typed: &str) -> Result<RequestId, Failure> {
    Ok(resolve("request", typed, desk.state().exchanges.keys().copied())?)
}

/// What a request waits for, where none is named.
#[derive(Clone, Copy)]
pub(crate) enum Waits {
    Anything,
    FirstSignature,
    Countersignature,
    Key,
}

/// The request that was named, or the only one that waits for this.
pub(crate) fn find_or_only(desk: &Desk, typed: Option<&str>, waits: Waits) -> Result<RequestId, Failure> {
    use countersign_domain::ExchangeState as State;
    if let Some(typed) = typed {
        return find(desk, typed);
    }
    let fits = |state: State| match waits {
        Waits::Anything => !matches!(state, State::Declined | State::Withdrawn | State::Issued),
        Waits::FirstSignature => state == State::Received,
        Waits::Countersignature => state == State::Vetted,
        Waits::Key => state == State::Countersigned,
    };
    let ids = desk.state().exchanges.values().filter(|e| fits(e.state)).map(|e| e.id);
    Ok(only("request", ids)?)
}

fn leak_text(desk: &Desk, id: &str) -> String {
    let keys = desk.state().keys.values();
    let key = keys
        .filter(|k| k.stop.is_none())
        .find(|k| k.id.to_string() == id || k.request.is_some_and(|r| r.to_string() == id));
    match key {
        Some(key) => format!(
            "The partner reports that a key leaked; that is on the record now. It still works. Stop it:\n  countersign key revoke --key {} --reason leaked\n'leak list' shows what they wrote.",
            short(&key.id.to_string())
        ),
        None => "The partner reports a leak of a key that is stopped already; that is on the record now. 'leak list' shows what they wrote.".to_owned(),
    }
}
