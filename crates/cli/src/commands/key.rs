//! Keys: issuing, listing, stopping, leaks.

use std::path::Path;

use countersign_adapters::SystemClock;
use countersign_app::{
    desk::{Desk, Made, Selection},
    resolve,
};
use countersign_contract::{KeyView, StopView};
use countersign_documents::{
    Key as Secret,
    id::KeyId,
    order::{Act, Reason},
    relay::Outcome,
    text::{Slug, visible},
    time::DAY,
};
use countersign_domain::KeyRecord;
use countersign_host::{exports, files, forms};
use countersign_issuers::gate;
use countersign_ports::{Clock as _, Filter, Order};
use serde_json::json;

use crate::{
    args::{Format, Key, Pasted},
    failure::Failure,
    output::{Done, day, fields, path, short, table, time},
    prompt,
    session::{Session, trimmed},
};

pub(crate) async fn run(s: &Session, verb: Key) -> Result<Done, Failure> {
    match verb {
        Key::Issue { request, pasted } => {
            let _lock = s.lock_issuing()?;
            let pasted = pasted_key(&pasted)?;
            let mut desk = s.desk().await?;
            let waits = super::request::Waits::Key;
            let id = super::request::find_or_only(&desk, request.as_deref(), waits)?;
            let made = desk.issue(id, pasted).await?;
            made_text(&desk, &made)
        }
        Key::Rotate { key, pasted } => {
            let _lock = s.lock_issuing()?;
            let pasted = pasted_key(&pasted)?;
            let mut desk = s.desk().await?;
            let id = find(&desk, &key)?;
            let made = desk.rotate(id, pasted).await?;
            made_text(&desk, &made)
        }
        Key::Finish => super::finish::run(s).await,
        Key::Abandon { key } => {
            let _lock = s.lock_issuing()?;
            let mut desk = s.desk().await?;
            let id = find(&desk, &key)?;
            let recorded = desk.abandon(id).await?;
            Ok(Done::said(
                "Abandoned. Whatever the issuer had made of it is removed.",
                json!({ "key": id, "entry": recorded.seq }),
            ))
        }
        Key::List { state, text, expiring, legacy } => {
            list(s, Listed { state, text, expiring, legacy }).await
        }
        Key::Deliver(deliver) => super::deliver::run(s, deliver).await,
        Key::Withdraw { key } => super::deliver::withdraw(s, &key).await,
        Key::Show { key } => show(s, &key).await,
        Key::Import { file } => import(s, &file).await,
        Key::Export { out, format } => export(s, &out, format).await,
        Key::Revoke { key, partner, service, environment, reason, disable, preview } => {
            let target = Target { keys: key, partner, service, environment };
            revoke(s, target, &reason, disable, preview).await
        }
        Key::Confirm { key, evidence } => {
            let mut desk = s.desk().await?;
            let id = find(&desk, &key)?;
            let recorded = desk.confirm_stop(id, &evidence).await?;
            Ok(Done::said("Confirmed with your evidence.", json!({ "key": id, "entry": recorded.seq })))
        }
        Key::Object { key, why } => {
            let mut desk = s.desk().await?;
            let id = find(&desk, &key)?;
            let recorded = desk.object(id, &why).await?;
            let text = "Your objection is on the record. With a second one, time alone does not make this final; the key stays switched off.";
            Ok(Done::said(text, json!({ "key": id, "entry": recorded.seq })))
        }
        Key::Check { hash_file } => check(&hash_file),
    }
}

fn made_text(desk: &Desk, made: &Made) -> Result<Done, Failure> {
    let id = made.key.to_string();
    let files = if desk.relay().is_some() { "" } else { " --out FILE --secret-out FILE" };
    let text = format!(
        "Key {id} made, sealed and recorded as entry {}. 'key deliver {}{files}' hands it over.",
        made.recorded.seq,
        short(&id)
    );
    Ok(Done::said(text, json!({ "key": made.key, "entry": made.recorded.seq })))
}

fn pasted_key(pasted: &Pasted) -> Result<Option<Secret>, Failure> {
    let bytes = match (&pasted.key_file, pasted.key_stdin) {
        (Some(path), _) => files::read(path, 4096)?,
        (None, true) => files::read(Path::new("-"), 4096)?,
        (None, false) => return Ok(None),
    };
    Ok(Some(forms::key(&bytes)?))
}

/// Which keys.
struct Listed {
    state: Option<String>,
    text: Option<String>,
    expiring: Option<u64>,
    legacy: bool,
}

async fn list(s: &Session, wanted: Listed) -> Result<Done, Failure> {
    let due_before = match wanted.expiring {
        Some(days) => {
            Some(SystemClock.now().ok_or(countersign_app::Error::NoClock)?.plus(days.saturating_mul(DAY)))
        }
        None => None,
    };
    if s.kind().await? == countersign_app::ProfileKind::Inbox {
        let mut views = s.inbox().await?.held_keys().await?;
        if let Some(before) = due_before {
            views.retain(|v| v.expires < before.0);
            views.sort_by_key(|v| v.expires);
        }
        let row = |v: &countersign_contract::HeldKeyView| {
            vec![
                short(&v.id),
                v.organisation.clone(),
                format!("{} / {}", v.service, v.environment),
                v.scopes.join(" "),
                time(v.expires),
            ]
        };
        let rows: Vec<_> = views.iter().map(row).collect();
        return Ok(Done::new(&views, table(&["KEY", "FROM", "SERVICE", "SCOPES", "ENDS"], &rows)));
    }
    let order = if wanted.expiring.is_some() { Order::Due } else { Order::Oldest };
    let Listed { state, text, legacy, .. } = wanted;
    let filter = Filter { state, text, due_before, limit: 1_000_000, order, ..Filter::default() };
    let mut views = s.desk().await?.keys(&filter).await?;
    views.retain(|v| v.legacy || !legacy);
    let rows: Vec<_> = views.iter().map(row).collect();
    Ok(Done::new(&views, table(HEADS, &rows)))
}

const HEADS: &[&str] = &["KEY", "HOLDER", "SERVICE", "SCOPES", "STATE", "ENDS", "NEXT"];

fn row(view: &KeyView) -> Vec<String> {
    let mut state = view.stop.clone().unwrap_or_else(|| view.state.clone());
    if let Some(when) = view.reported {
        state.push_str(&format!("; REPORTED LEAKED on {}", day(when)));
    }
    vec![
        short(&view.id),
        view.holder.clone(),
        format!("{} / {}", view.service, view.environment),
        view.scopes.join(" "),
        if view.legacy { format!("{state} (legacy, not vetted)") } else { state },
        view.not_after.map_or_else(|| "never set".to_owned(), day),
        view.next.clone().unwrap_or_default(),
    ]
}

async fn show(s: &Session, key: &str) -> Result<Done, Failure> {
    let desk = s.desk().await?;
    let id = find(&desk, key)?;
    let view = desk.key(id).await?;
    let record = desk.state().key(&id)?;
    let parcel = record.parcel.map(|p| {
        let withdrawn = p.withdrawn.map(|w| json!({ "outcome": w.outcome.word(), "at": w.at }));
        json!({ "uploaded": p.since, "fetched": p.fetched, "opened": record.opened, "withdrawn": withdrawn,
            "opens_until": record.opens_until })
    });
    let text = key_text(&view, delivery_text(record));
    let mut json = serde_json::to_value(&view).unwrap_or_default();
    json["parcel"] = parcel.unwrap_or_default();
    Ok(Done::said(text, json))
}

/// How an envelope went through the relay, one line a step.
fn delivery_text(key: &KeyRecord) -> String {
    let Some(parcel) = key.parcel else { return "(not by the relay)".to_owned() };
    let mut steps = vec![format!("{}  uploaded", time(parcel.since.0))];
    steps.extend(parcel.fetched.map(|at| format!("{}  fetched", time(at.0))));
    steps.extend(key.opened.map(|at| format!("{}  opened", time(at.0))));
    if let Some(answer) = parcel.withdrawn {
        let at = answer.at.map_or_else(|| "(unknown)".to_owned(), |at| time(at.0));
        steps.push(match answer.outcome {
            Outcome::Withdrawn => format!("{at}  withdrawn: nobody had it"),
            Outcome::Expired => format!("{at}  expired before it could be withdrawn"),
            Outcome::Fetched | Outcome::Acknowledged => {
                format!("{at}  withdrawn too late: {}", answer.outcome)
            }
        });
    }
    steps.join("\n")
}

fn key_text(view: &KeyView, delivery: String) -> String {
    fields(&[
        ("Key", view.id.clone()),
        ("Holder", view.holder.clone()),
        ("Service", format!("{} / {}", view.service, view.environment)),
        ("Scopes", view.scopes.join(" ")),
        ("State", view.state.clone()),
        ("Delivery", delivery),
        ("Reported leaked", view.reported.map_or_else(|| "(no)".to_owned(), time)),
        ("Order", view.stop.clone().unwrap_or_else(|| "(none)".to_owned())),
        ("Ends", view.not_after.map_or_else(|| "never set".to_owned(), time)),
        ("Request", view.request.clone().unwrap_or_else(|| "(legacy, not vetted)".to_owned())),
        ("Next", view.next.clone().unwrap_or_else(|| "(nothing)".to_owned())),
    ])
}

async fn import(s: &Session, file: &Path) -> Result<Done, Failure> {
    let keys = forms::old_keys(&files::read_list(file)?)?;
    let ids = s.desk().await?.import_legacy(keys).await?;
    let text = format!(
        "{} keys are on the record as legacy, not vetted. Delete the file: it still holds them.",
        ids.len()
    );
    Ok(Done::said(text, json!({ "keys": ids })))
}

async fn export(s: &Session, out: &Path, format: Format) -> Result<Done, Failure> {
    files::check_new(out)?;
    let filter = Filter { limit: u32::MAX, ..Filter::default() };
    let views = s.desk().await?.keys(&filter).await?;
    let bytes = match format {
        Format::Json => exports::canonical_json(&views),
        Format::Csv => exports::keys_csv(&views),
    };
    files::write_new(out, &bytes)?;
    Ok(Done::said(
        format!("{} keys written.", views.len()),
        json!({ "keys": views.len(), "written": path(out) }),
    ))
}

struct Target {
    keys: Vec<String>,
    partner: Option<String>,
    service: Option<String>,
    environment: Option<String>,
}

impl Target {
    /// What is meant, and whether a name said so: then more may be meant than whoever typed it thinks.
    async fn selection(&self, desk: &Desk) -> Result<(Selection, bool), Failure> {
        if let ([], Some(name), None, None) =
            (self.keys.as_slice(), &self.partner, &self.service, &self.environment)
        {
            let keys = desk.keys_of_partner(name).await;
            if !keys.is_empty() {
                return Ok((Selection::Keys(keys), true));
            }
        }
        Ok((self.by_ids(desk)?, false))
    }

    fn by_ids(&self, desk: &Desk) -> Result<Selection, Failure> {
        let slug = |text: &String| Slug::parse(text).map_err(countersign_app::Error::text("service"));
        match (self.keys.as_slice(), &self.partner, &self.service, &self.environment) {
            ([], None, Some(service), None) => Ok(Selection::Service(slug(service)?)),
            ([], None, Some(service), Some(environment)) => {
                Ok(Selection::Environment(slug(service)?, slug(environment)?))
            }
            ([], Some(request), None, None) => {
                let request = super::request::find(desk, request)?;
                Ok(Selection::Holder(desk.state().exchange(&request)?.identity))
            }
            (keys, None, None, None) if !keys.is_empty() => {
                Ok(Selection::Keys(keys.iter().map(|k| find(desk, k)).collect::<Result<_, _>>()?))
            }
            _ => Err(Failure::Usage(
                "Name what to stop: --key, --partner, or --service with or without --environment; one of them.",
            )),
        }
    }
}

async fn revoke(
    s: &Session,
    target: Target,
    reason: &str,
    disable: bool,
    preview: bool,
) -> Result<Done, Failure> {
    let words = "The reasons are leaked, partner-asked, ended, replaced, mistake and precaution.";
    let reason = Reason::from_word(reason).ok_or(Failure::Usage(words))?;
    let act = if disable { Act::Disable } else { Act::Revoke };
    let mut desk = s.desk_to_stop().await?;
    let (selection, by_name) = target.selection(&desk).await?;
    let keys = desk.select(&selection, act)?;
    if preview || by_name {
        let mut views = Vec::new();
        for key in &keys {
            views.push(desk.key_view(key).await);
        }
        let rows: Vec<_> = views.iter().map(row).collect();
        let count = views.len();
        if preview {
            let text = format!("Would be stopped: {count}. Nothing was changed.\n{}", table(HEADS, &rows));
            return Ok(Done::new(&views, text));
        }
        prompt::say(&visible(&table(HEADS, &rows)));
        prompt::confirm(&format!("Stop these {count} keys of everybody who is called like that?"))?;
    }
    let ids: Vec<KeyId> = keys.iter().map(|k| k.id).collect();
    let outcomes = desk.stop(&ids, act, reason, &mut prompt::watch()).await?;
    let views = desk.stop_views(&outcomes).await;
    all_stopped(&views)?;
    Ok(Done::new(&views, stop_text(&views)))
}

/// A key that is not stopped is a failure, whatever became of the others.
pub(crate) fn all_stopped(views: &[StopView]) -> Result<(), Failure> {
    let mut failed = views.iter().filter(|v| v.state == "failed");
    let Some(first) = failed.next() else { return Ok(()) };
    prompt::say(&visible(&stop_text(views)));
    Err(Failure::NotStopped { count: 1 + failed.count(), why: first.detail.clone() })
}

pub(crate) fn stop_text(views: &[StopView]) -> String {
    let row = |v: &StopView| vec![short(&v.key), v.holder.clone(), v.state.clone(), v.detail.clone()];
    table(&["KEY", "HOLDER", "STATE", ""], &views.iter().map(row).collect::<Vec<_>>())
}

fn check(path: &Path) -> Result<Done, Failure> {
    let bytes = files::read(Path::new("-"), 4096)?;
    let key = trimmed(&bytes);
    let now = SystemClock.now().ok_or(countersign_app::Error::NoClock)?;
    match gate::check(path, &key, now)? {
        gate::Verdict::Accepted { key, service, environment, scopes, not_after, .. } => {
            let text =
                format!("Accepted: key {key} for {service} / {environment}, until {}.", time(not_after.0));
            let scopes: Vec<String> = scopes.iter().map(|s| s.to_string()).collect();
            Ok(Done::said(
                text,
                json!({ "accepted": true, "key": key, "service": service, "environment": environment, "scopes": scopes }),
            ))
        }
        gate::Verdict::Refused(reason) => Err(Failure::KeyRefused(match reason {
            gate::Reason::Unknown => "the gateway does not know it",
            gate::Reason::Inert => "it is not switched on",
            gate::Reason::Expired => "it has expired",
            gate::Reason::Malformed => "it is no key",
        })),
    }
}

/// The key with an id that begins like that.
pub(crate) fn find(desk: &Desk, typed: &str) -> Result<KeyId, Failure> {
    Ok(resolve("key", typed, desk.state().keys.keys().copied())?)
}
