//! Founding, attaching, members.

use std::path::Path;

use countersign_app::{
    desk::{Desk, MemberOffer},
    resolve,
};
use countersign_documents::{
    certificate::Right,
    id::{MemberId, PersonId},
};
use countersign_host::{
    files,
    founding::{self, Papers},
    ways,
};
use serde_json::json;

use crate::{
    args::{Member, Org},
    failure::Failure,
    output::{Done, day, fields, path, short, table},
    prompt,
    session::Session,
};

pub(crate) async fn org(s: &Session, verb: Org) -> Result<Done, Failure> {
    match verb {
        Org::Found { name, out, half_out } => {
            let papers = Papers { document: &out, half: &half_out };
            papers.check()?;
            founding::begin(&*s.vault().await?, &name, papers).await?;
            let text = "Offer written. Give it to the second founder, and read them your fingerprint over the telephone.\nPrint your half of the offline succession, lock it away, and delete the file.";
            Ok(Done::said(text, json!({ "offer": path(&out), "half": path(&half_out) })))
        }
        Org::Answer { offer, out, half_out, unattended } => {
            let papers = Papers { document: &out, half: &half_out };
            papers.check()?;
            let offer = files::read(&offer, files::SMALL)?;
            let vault = s.vault().await?;
            let typed = prompt::heard("the first founder", unattended)?;
            founding::answer(&vault, &offer, &typed.text, papers).await?;
            let text = "Answer written: you have signed the root and both certificates. Give it back to the first founder, and read them your fingerprint.";
            let json = json!({ "answer": path(&out), "half": path(&half_out) });
            Ok(Done::said(text, json).attended(typed.attended))
        }
        Org::Complete { answer, log, unattended } => complete(s, &answer, &log, unattended).await,
        Org::Attach { log, unattended } => attach(s, &log, unattended).await,
        Org::Rekey => {
            let recorded = s.desk().await?.rekey().await?;
            Ok(Done::said(
                "The keys of ledger and letters are replaced, and every member has the new ones. Now 'card propose': the old card names the old key.",
                json!({ "entry": recorded.seq }),
            ))
        }
        Org::Show { words } => {
            let desk = s.desk().await?;
            show(&desk, words)
        }
        Org::Root(verb) => super::root::root(s, verb).await,
        Org::Succeed(verb) => super::root::succeed(s, verb).await,
    }
}

async fn complete(s: &Session, answer: &Path, log: &Path, unattended: bool) -> Result<Done, Failure> {
    let bytes = files::read(answer, files::SMALL)?;
    let vault = s.vault().await?;
    let typed = prompt::heard("the second founder", unattended)?;
    let desk = founding::complete(s.folder(), vault, &bytes, &typed.text, log).await?;
    let done = show(&desk, false)?.attended(typed.attended);
    Ok(done.and_then_say("Founded. Next: the second founder attaches their desk, 'org attach --log LEDGER'. Then say what partners can ask for, each confirmed by the other: 'issuer propose', 'catalogue propose', 'card propose'."))
}

async fn attach(s: &Session, log: &Path, unattended: bool) -> Result<Done, Failure> {
    let vault = s.vault().await?;
    let attaching = founding::open_to_attach(&vault, log).await?;
    let typed = match attaching.known {
        true => None,
        false => Some(prompt::heard("somebody you trust at the organisation", unattended)?),
    };
    let heard = typed.as_ref().map(|t| t.text.as_str());
    let desk = attaching.attach(s.folder(), vault, heard, log).await?;
    let done = show(&desk, false)?;
    Ok(match typed {
        Some(typed) => done.attended(typed.attended),
        None => done,
    })
}

fn show(desk: &Desk, words: bool) -> Result<Done, Failure> {
    let view = desk.organisation_view()?;
    let text = fields(&[
        ("Organisation", view.name.clone()),
        ("Id", view.id.clone()),
        ("Fingerprint", if words { view.words.clone() } else { view.fingerprint.clone() }),
        ("Members", view.members.to_string()),
        ("Entries", view.entries.to_string()),
        ("Policy", format!("version {}", view.policy)),
        ("Catalogue", version(view.catalogue)),
        ("Card", version(view.card)),
    ]);
    Ok(Done::new(&view, text))
}

fn version(number: u64) -> String {
    if number == 0 { "(none yet)".to_owned() } else { format!("version {number}") }
}

pub(crate) async fn member(s: &Session, verb: Member) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    match verb {
        Member::List => {
            let members = desk.members().await;
            let row = |m: &countersign_contract::MemberView| {
                let mut notes = Vec::new();
                if m.me {
                    notes.push("this desk");
                }
                if m.suspended {
                    notes.push("suspended");
                }
                if m.agent {
                    notes.push("agent");
                }
                vec![short(&m.id), m.name.clone(), m.rights.join(" "), day(m.expires), notes.join(", ")]
            };
            let rows: Vec<_> = members.iter().map(row).collect();
            Ok(Done::new(&members, table(&["MEMBER", "NAME", "RIGHTS", "CERTIFIED UNTIL", ""], &rows)))
        }
        Member::Propose { card, rights, agent, person, unattended } => {
            let card = ways::read(&[card])?;
            let rights = parse_rights(&rights)?;
            let person = person.map(|p| find_person(&desk, &p)).transpose()?;
            let typed = prompt::heard("the new member", unattended)?;
            let offer = MemberOffer { card: &card, typed: &typed.text, rights, person, agent };
            Ok(proposed(desk.propose_member(offer).await?)?.attended(typed.attended))
        }
        Member::Renew { id, card, rights } => {
            let id = find(&desk, &id)?;
            let card = card.map(|c| ways::read(&[c])).transpose()?;
            let rights = rights.map(|r| parse_rights(&r)).transpose()?;
            proposed(desk.propose_renewal(id, rights, card.as_ref().map(|c| c.as_slice())).await?)
        }
        Member::RenewOutdated => {
            let changes = desk.renew_outdated().await?;
            let text = format!(
                "Proposed: {} changes, for another certifier to confirm ('change list').",
                changes.len()
            );
            Ok(Done::said(text, json!({ "changes": changes })))
        }
        Member::Rekey => {
            let recorded = desk.rekey().await?;
            Ok(Done::said(
                "Replaced. Propose a new card: the old one names the old key.",
                json!({ "entry": recorded.seq }),
            ))
        }
        Member::Suspend { id, why, propose: true } => {
            let id = find(&desk, &id)?;
            proposed(desk.propose_suspension(id, &why).await?)
        }
        Member::Suspend { id, why, propose: false } => {
            let id = find(&desk, &id)?;
            let recorded = desk.suspend(id, &why).await?;
            let text = "Suspended, and the ledger and receiving keys it knew are replaced. Propose a new card: the old one names the old key.";
            Ok(Done::said(text, json!({ "entry": recorded.seq })))
        }
        Member::Share { id } => {
            let id = find(&desk, &id)?;
            let member =
                desk.state().members.get(&id).cloned().ok_or(countersign_domain::Refusal::NoSuchMember)?;
            let recorded = desk.share_keys(&member).await?;
            Ok(Done::said("Shared.", json!({ "entry": recorded.seq })))
        }
    }
}

pub(crate) fn proposed(id: countersign_documents::id::ChangeId) -> Result<Done, Failure> {
    let text = format!(
        "Proposed as change {id}. It is in force when another admin confirms it:\n  countersign change confirm {}",
        short(&id.to_string())
    );
    Ok(Done::said(text, json!({ "change": id })))
}

fn parse_rights(words: &[String]) -> Result<Vec<Right>, Failure> {
    let right = |word: &String| {
        Right::from_word(word.trim())
            .ok_or(Failure::Usage("Rights are vet, approve, issue, admin; or audit alone."))
    };
    words.iter().map(right).collect()
}

fn find(desk: &Desk, typed: &str) -> Result<MemberId, Failure> {
    Ok(resolve("member", typed, desk.state().members.keys().copied())?)
}

pub(crate) fn find_person(desk: &Desk, typed: &str) -> Result<PersonId, Failure> {
    let mut persons: Vec<PersonId> = desk.state().members.values().map(|m| m.person).collect();
    persons.sort_unstable();
    persons.dedup();
    Ok(resolve("person", typed, persons.into_iter())?)
}

/// The change that was named, or the only one that waits: for this desk, where it is to be confirmed.
pub(crate) async fn change_named_or_only(
    desk: &Desk,
    typed: Option<&str>,
    mine: bool,
) -> Result<countersign_documents::id::ChangeId, Failure> {
    use countersign_documents::id::ChangeId;
    if let Some(typed) = typed {
        return Ok(resolve("change", typed, desk.state().pending.keys().copied())?);
    }
    let changes = desk.changes().await;
    let waiting = changes.iter().filter(|c| !mine || c.mine).filter_map(|c| ChangeId::parse(&c.id));
    Ok(countersign_app::only("change", waiting)?)
}
