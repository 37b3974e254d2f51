//! Requests as a desk has them: taken in, vetted, signed. A partner's verbs are in `asking.rs`, the list in `requests.rs`.

use std::path::Path;

use countersign_app::{
    desk::{Desk, Evidences},
    only, resolve,
};
use countersign_documents::{
    Digest,
    id::RequestId,
    network::Network,
    policy::{Check, FindingCode},
    text::ScopeName,
};
use countersign_domain::Refusal;
use countersign_host::{files, ways};
use serde_json::json;

use super::{
    asking,
    detail::detail_text,
    laid_out::{called, grant_text},
    post::NO_OUT,
    requests,
};
use crate::{
    args::Request,
    failure::Failure,
    output::{Done, path, short},
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
            let text = import_text(&desk, what, &id);
            Ok(Done::said(text, json!({ "what": what, "id": id })))
        }
        Request::Show { id } => {
            let id = find_or_only(&desk, id.as_deref(), Waits::Anything)?;
            let detail = desk.request(id).await?;
            desk.note_shown(id).await;
            let mut text = detail_text(&detail, &desk.calls(id).await?);
            if let Some(signed) = desk.state().exchange(&id)?.signed.clone() {
                let called = called(&desk, &signed.grant, Some(&signed.vetting)).await;
                let grant = grant_text(&signed.grant, Some(&signed.vetting), &called);
                text = format!("{text}\n\nWHAT IS SIGNED\n{grant}");
            }
            Ok(Done::new(&detail, text))
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
        Request::Ask { id, text, out } => reply(&mut desk, &id, &text, false, out.as_deref()).await,
        Request::Decline { id, reason, out } => reply(&mut desk, &id, &reason, true, out.as_deref()).await,
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

/// What came in, in a sentence, and what to do about it.
pub(crate) fn import_text(desk: &Desk, what: &str, id: &str) -> String {
    match what {
        "request" => format!("Request {id} received. 'request show {}' shows it.", short(id)),
        "receipt" => format!("Receipt recorded for key {id}. {}", key_state(desk, id)),
        "withdrawal" => format!("Request {id} was withdrawn by the partner."),
        _ => leak_text(desk, id),
    }
}

fn key_state(desk: &Desk, id: &str) -> &'static str {
    use countersign_domain::KeyState;
    let key = desk.state().all_keys().find(|k| k.id.to_string() == id);
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

/// Through the relay where there is one, and as a file where one is named.
async fn reply(
    desk: &mut Desk,
    id: &str,
    text: &str,
    declined: bool,
    out: Option<&Path>,
) -> Result<Done, Failure> {
    out.map(files::check_new).transpose()?;
    let by_relay = desk.relay().is_some();
    if out.is_none() && !by_relay {
        return Err(NO_OUT);
    }
    let id = find(desk, id)?;
    let letter = desk.reply(id, text, declined).await?;
    if let Some(out) = out {
        ways::write(out, &letter)?;
    }
    let what = if declined { "Declined" } else { "Changes asked" };
    let waiting = if by_relay { desk.waiting_letters().await? } else { 0 };
    let how = match (by_relay, waiting) {
        (true, 0) => "The letter is at the relay.",
        (true, _) => "The letter waits here: the relay did not take it yet. 'relay sync' tries again.",
        (false, _) => "Send the letter to the partner.",
    };
    let posted = by_relay.then(|| json!({ "state": if waiting == 0 { "sent" } else { "waits" } }));
    Ok(Done::said(
        format!("{what}. {how}"),
        json!({ "request": id, "written": out.map(path), "posted": posted }),
    ))
}

async fn vet(desk: &mut Desk, id: Option<&str>, yes: bool) -> Result<Done, Failure> {
    let id = find_or_only(desk, id, Waits::FirstSignature)?;
    let (grant, vetting) = desk.draft(id).await?;
    // What would be refused is not read by anybody first; what is signed is shown, also where nobody is asked.
    desk.may_vet(id, &(grant.clone(), vetting.clone()))?;
    let called = called(desk, &grant, Some(&vetting)).await;
    prompt::say(&grant_text(&grant, Some(&vetting), &called));
    if !yes {
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
            let called = called(desk, &signed.grant, Some(&signed.vetting)).await;
            prompt::say(&grant_text(&signed.grant, Some(&signed.vetting), &called));
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
    let keys = desk.state().all_keys();
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
