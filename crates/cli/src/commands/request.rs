//! Requests, on both sides.

use std::{collections::BTreeMap, path::Path};

use countersign_app::{
    desk::{Desk, Evidences},
    inbox::{Inbox, RequestForm, Sent},
    resolve,
};
use countersign_contract::{RequestDetail, RequestView};
use countersign_documents::{
    Digest,
    grant::{Activation, Grant, Vetting},
    id::{PersonId, RequestId},
    network::Network,
    policy::{Check, FindingCode},
    text::ScopeName,
};
use countersign_domain::Refusal;
use countersign_ports::Filter;
use serde_json::json;

use super::read_toml;
use crate::{
    args::Request,
    failure::Failure,
    files,
    output::{Done, fields, path, short, table, time},
    prompt,
    session::Session,
};

pub(crate) async fn run(s: &Session, verb: Request) -> Result<Done, Failure> {
    match verb {
        Request::Template { out: None } => Ok(Done::said(TEMPLATE, json!({ "template": TEMPLATE }))),
        Request::Template { out: Some(out) } => {
            files::write_new(&out, TEMPLATE.as_bytes())?;
            Ok(Done::said("Form written. Fill it in, then 'request new'.", json!({ "written": path(&out) })))
        }
        Request::New { file, out, organisation } => {
            files::check_new(&out)?;
            let form: RequestForm = read_toml(&file, "request")?;
            let inbox = s.inbox().await?;
            let sent = inbox.ask(organisation.as_deref(), &form).await?;
            write_letter(&inbox, &sent, &out).await
        }
        Request::Revise { id, file, out } => {
            files::check_new(&out)?;
            let form: RequestForm = read_toml(&file, "request")?;
            let inbox = s.inbox().await?;
            let id = inbox.request(&id).await?;
            let sent = inbox.revise(id, &form).await?;
            write_letter(&inbox, &sent, &out).await
        }
        Request::Withdraw { id, out } => {
            files::check_new(&out)?;
            let inbox = s.inbox().await?;
            let id = inbox.request(&id).await?;
            let letter = inbox.withdraw(id).await?;
            files::write_new(&out, &letter)?;
            Ok(Done::said(
                "Withdrawal written. Send it to the organisation.",
                json!({ "request": id, "written": path(&out) }),
            ))
        }
        Request::Read { file } => {
            let bytes = files::read(&file, files::SMALL)?;
            let view = s.inbox().await?.read_message(&bytes).await?;
            let text = fields(&[
                ("From", view.organisation.clone()),
                ("Request", view.id.clone()),
                ("State", view.state.clone()),
                ("They write", view.message.clone().unwrap_or_default()),
                ("Next", view.next.clone()),
            ]);
            Ok(Done::new(&view, text))
        }
        Request::List { state, text } => list(s, state, text).await,
        other => desk(s, other).await,
    }
}

async fn write_letter(inbox: &Inbox, sent: &Sent, out: &Path) -> Result<Done, Failure> {
    if let Err(failure) = files::write_new(out, &sent.letter) {
        inbox.unsend(sent).await?;
        return Err(failure);
    }
    let (id, revision) = (sent.id, sent.revision);
    let text = format!(
        "Request {id} (revision {revision}) signed and sealed. Send the file to the organisation; only they can open it."
    );
    Ok(Done::said(text, json!({ "request": id, "revision": revision, "written": path(out) })))
}

async fn list(s: &Session, state: Option<String>, text: Option<String>) -> Result<Done, Failure> {
    let kind = countersign_app::Own::load(&*s.vault().await?).await?.about.kind;
    if kind == countersign_app::ProfileKind::Inbox {
        let views = s.inbox().await?.requests().await?;
        let row = |v: &countersign_contract::OwnRequestView| {
            vec![
                short(&v.id),
                v.organisation.clone(),
                format!("{} / {}", v.service, v.environment),
                v.state.clone(),
                v.next.clone(),
            ]
        };
        let rows: Vec<_> = views.iter().map(row).collect();
        return Ok(Done::new(&views, table(&["REQUEST", "ORGANISATION", "SERVICE", "STATE", "NEXT"], &rows)));
    }
    let filter = Filter { state, text, limit: 10_000, ..Filter::default() };
    let views = s.desk().await?.requests(&filter).await?;
    let row = |v: &RequestView| {
        vec![
            short(&v.id),
            v.company.clone(),
            format!("{} / {}", v.service, v.environment),
            v.scopes.join(" "),
            v.state.clone(),
            v.waits_for.clone(),
        ]
    };
    let rows: Vec<_> = views.iter().map(row).collect();
    Ok(Done::new(&views, table(&["REQUEST", "COMPANY", "SERVICE", "SCOPES", "STATE", "WAITS FOR"], &rows)))
}

async fn desk(s: &Session, verb: Request) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    match verb {
        Request::Import { file } => {
            let bytes = files::read(&file, files::SMALL)?;
            let (what, id) = desk.import(&bytes).await?;
            let text = match what {
                "request" => format!("Request {id} received. 'request show {}' shows it.", short(&id)),
                "receipt" => format!("Receipt recorded for key {id}. {}", key_state(&desk, &id)),
                "withdrawal" => format!("Request {id} was withdrawn by the partner."),
                _ => format!("The partner reports a leak: {id}. 'key revoke' stops the key."),
            };
            Ok(Done::said(text, json!({ "what": what, "id": id })))
        }
        Request::Show { id } => {
            let detail = desk.request(find(&desk, &id)?).await?;
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
        Request::Vet { id, yes } => vet(&mut desk, &id, yes).await,
        Request::Countersign { id, grant } => countersign(&mut desk, &id, grant).await,
        Request::Template { .. }
        | Request::New { .. }
        | Request::Revise { .. }
        | Request::Withdraw { .. }
        | Request::Read { .. }
        | Request::List { .. } => Err(Failure::Usage("This verb is a partner's.")),
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
    files::write_new(out, &letter)?;
    let what = if declined { "Declined" } else { "Changes asked" };
    Ok(Done::said(
        format!("{what}. Send the letter to the partner."),
        json!({ "request": id, "written": path(out) }),
    ))
}

async fn vet(desk: &mut Desk, id: &str, yes: bool) -> Result<Done, Failure> {
    let id = find(desk, id)?;
    let (grant, vetting) = desk.draft(id).await?;
    if !yes {
        prompt::say(&grant_text(&grant, Some(&vetting), &names(desk, &grant).await));
        prompt::confirm("Give the first signature under exactly this?")?;
    }
    let digest = grant.digest();
    let recorded = desk.vet(id, (grant, vetting)).await?;
    let text = format!(
        "Vetted: the first signature is given, entry {}.\nGrant {digest}\nIt waits for a countersignature by another person.",
        recorded.seq
    );
    Ok(Done::said(text, json!({ "request": id, "grant": digest, "entry": recorded.seq })))
}

async fn countersign(desk: &mut Desk, id: &str, given: Option<String>) -> Result<Done, Failure> {
    let id = find(desk, id)?;
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
        "All signatures are given: 'key issue' makes the key."
    } else {
        "The policy asks for a further signature."
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
    let scopes = grant.scopes.iter().map(|s| {
        let opens = s.endpoints.iter().map(|e| {
            let methods = e.methods.iter().map(|m| m.word()).collect::<Vec<_>>().join("/");
            format!("{methods} {}", e.path.as_str())
        });
        format!("{} ({}): {}", s.name, s.class, opens.collect::<Vec<_>>().join(", "))
    });
    let networks = grant.networks.iter().map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
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
    let findings = vetting
        .map(|v| v.findings.iter().map(finding_line).collect::<Vec<_>>().join("\n"))
        .unwrap_or_default();
    let mut rows = vec![
        ("Recipient identity", grant.recipient.hex()),
        ("Service", format!("{} / {}", grant.service, grant.environment)),
        ("Scopes", scopes.collect::<Vec<_>>().join("\n")),
        ("From networks", if networks.is_empty() { "(anywhere)".to_owned() } else { networks }),
        ("Base URL", grant.base_url.to_string()),
        ("Key ends", time(grant.not_after.0)),
        ("Deliver by", time(grant.deliver_by.0)),
        ("Keys within grant", (grant.rotations + 1).to_string()),
        ("Issuer", format!("{} (key {}, works {})", grant.issuer, grant.form, works(grant.activation))),
        (
            "Cannot be enforced",
            grant.unenforceable.iter().map(|l| l.to_string()).collect::<Vec<_>>().join("\n"),
        ),
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

fn finding_line(finding: &countersign_documents::grant::Finding) -> String {
    let detail = finding.detail.as_ref().map(|d| format!(": {d}")).unwrap_or_default();
    let justified = if finding.justified.is_some() { " (justified)" } else { "" };
    format!("{} {}{detail}{justified}", finding.severity, finding.code)
}

fn detail_text(detail: &RequestDetail) -> String {
    let pairs = |list: &[(String, String)]| {
        let rows: Vec<(&str, String)> =
            list.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        fields(&rows)
    };
    let s = &detail.summary;
    let both = |asked: String, granted: String| {
        if asked == granted { asked } else { format!("{granted}   (asked: {asked})") }
    };
    let networks = |list: &[String]| if list.is_empty() { "(anywhere)".to_owned() } else { list.join(", ") };
    let access = fields(&[
        ("Service", format!("{} / {}", s.service, s.environment)),
        ("Scopes", both(s.scopes.join(" "), detail.granted_scopes.join(" "))),
        ("Networks", both(networks(&detail.networks), networks(&detail.granted_networks))),
        ("Days", both(s.days.to_string(), detail.granted_days.to_string())),
        ("Cannot be enforced", detail.unenforceable.join("\n")),
    ]);
    let finding = |f: &countersign_contract::FindingView| {
        vec![
            f.severity.clone(),
            f.code.clone(),
            f.detail.clone().unwrap_or_default(),
            if f.justified { "justified" } else { "" }.to_owned(),
        ]
    };
    let check = |c: &countersign_contract::CheckView| {
        let state = match c.passed {
            Some(true) => "passed",
            Some(false) => "failed",
            None => "not answered",
        };
        vec![c.check.clone(), state.to_owned(), format!("{} pieces of evidence", c.evidence)]
    };
    let call = |c: &countersign_contract::IdentityCheckView| {
        vec![
            c.by.clone(),
            time(c.time),
            c.channel.clone(),
            c.source.clone(),
            if c.attended { "" } else { "unattended" }.to_owned(),
        ]
    };
    let seal = |c: &countersign_contract::SignatureView| vec![c.step.clone(), c.name.clone(), time(c.time)];
    let rows = |list: Vec<Vec<String>>, heads: &[&str]| match list.as_slice() {
        [] => format!("{}\n(none yet)", heads.first().unwrap_or(&"")),
        list => table(heads, list),
    };
    let mut out = vec![
        format!("Request {}   {}   waits for {}", s.id, s.state, s.waits_for),
        pairs(&detail.applicant),
        pairs(&detail.purpose),
    ];
    if !detail.answers.is_empty() {
        out.push(pairs(&detail.answers));
    }
    out.push(access);
    out.push(rows(detail.findings.iter().map(finding).collect(), &["FINDING", "", "", ""]));
    out.push(rows(detail.checks.iter().map(check).collect(), &["CHECK", "", ""]));
    let calls = format!("FINGERPRINT COMPARED BY ({} needed)", detail.calls_needed);
    out.push(rows(detail.identity_checks.iter().map(call).collect(), &[&calls, "", "", "", ""]));
    let seals = format!("SIGNATURES ({} needed)", detail.quorum);
    out.push(rows(detail.signatures.iter().map(seal).collect(), &[&seals, "", ""]));
    if let Some(grant) = &detail.grant {
        out.push(format!("Grant {grant}"));
    }
    if let Some(refusal) = &detail.refusal {
        out.push(format!("You cannot go on with it: {}", refusal.message));
    }
    out.join("\n\n")
}

/// The request with an id that begins like that.
pub(crate) fn find(desk: &Desk, typed: &str) -> Result<RequestId, Failure> {
    Ok(resolve("request", typed, desk.state().exchanges.keys().copied())?)
}

const TEMPLATE: &str = r#"# A request for an API key. Fill in every field, then: countersign request new FILE --out LETTER
company = ""
person = ""
role = ""
email = ""
# Who is reached, day and night, when a key leaks.
incident_contact = ""

why = ""
workflow = ""
usage = ""
data = ""
safeguards = ""

# Short names from the organisation's card: countersign card list
service = ""
environment = ""
scopes = []
# Where your calls come from, such as "203.0.113.0/28". Leave empty only if you cannot say.
networks = []
days = 30

# For a renewal: the id of the grant.
# renews = ""

# Answers to the organisation's questions, by their short names.
[answers]
"#;
