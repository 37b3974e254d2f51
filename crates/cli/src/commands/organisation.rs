//! Founding, attaching, members.

use std::path::Path;

use countersign_app::{
    desk::{Desk, MemberOffer},
    resolve,
};
use countersign_contract::MemberView;
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
    args::{Hearing, Member, Org},
    failure::Failure,
    hearing::{Listened, listen},
    output::{Done, day, fields, path, short, table, time},
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
        Org::Answer { offer, out, half_out, hearing } => {
            let papers = Papers { document: &out, half: &half_out };
            papers.check()?;
            let offer = files::read(&offer, files::SMALL)?;
            let vault = s.vault().await?;
            let listened = listen("the first founder", &hearing)?;
            founding::answer(&vault, &offer, &listened.heard(), papers).await?;
            let text = "Answer written: you have signed the root and both certificates. Give it back to the first founder, and read them your fingerprint.";
            let json = json!({ "answer": path(&out), "half": path(&half_out) });
            Ok(Done::said(text, json).attended(listened.attended()))
        }
        Org::Complete { answer, log, hearing } => complete(s, &answer, &log, &hearing).await,
        Org::Attach { log, hearing } => attach(s, &log, &hearing).await,
        Org::Rekey => {
            let recorded = s.desk().await?.rekey().await?;
            Ok(Done::said(
                "The keys of ledger and letters are replaced, and every member has the new ones. Now 'card propose': the old card names the old key.",
                json!({ "entry": recorded.seq }),
            ))
        }
        Org::Show { words } => {
            let desk = s.desk().await?;
            show(&desk, words).await
        }
        Org::Root(verb) => super::root::root(s, verb).await,
        Org::Succeed(verb) => super::root::succeed(s, verb).await,
    }
}

async fn complete(s: &Session, answer: &Path, log: &Path, hearing: &Hearing) -> Result<Done, Failure> {
    let bytes = files::read(answer, files::SMALL)?;
    let vault = s.vault().await?;
    let listened = listen("the second founder", hearing)?;
    let desk = founding::complete(s.folder(), vault, &bytes, &listened.heard(), log).await?;
    let done = show(&desk, false).await?.attended(listened.attended());
    Ok(done.and_then_say("Founded. Next: the second founder attaches their desk, 'org attach --log LEDGER'. Then say what partners can ask for, each confirmed by the other: 'issuer propose', 'catalogue propose', 'card propose'."))
}

async fn attach(s: &Session, log: &Path, hearing: &Hearing) -> Result<Done, Failure> {
    let vault = s.vault().await?;
    let attaching = founding::open_to_attach(&vault, log).await?;
    let listened = match attaching.known {
        true => None,
        false => Some(listen("somebody you trust at the organisation", hearing)?),
    };
    let heard = listened.as_ref().map(Listened::heard);
    let desk = attaching.attach(s.folder(), vault, heard.as_ref(), log).await?;
    let done = show(&desk, false).await?;
    Ok(match listened {
        Some(listened) => done.attended(listened.attended()),
        None => done,
    })
}

async fn show(desk: &Desk, words: bool) -> Result<Done, Failure> {
    let view = desk.organisation_view().await?;
    let mut rows = vec![
        ("Organisation", view.name.clone()),
        ("Id", view.id.clone()),
        ("Fingerprint", if words { view.words.clone() } else { view.fingerprint.clone() }),
        ("Members", view.members.to_string()),
        ("Entries", view.entries.to_string()),
        ("Policy", format!("version {}", view.policy)),
        ("Catalogue", version(view.catalogue)),
        ("Card", version(view.card)),
    ];
    if !view.compared.is_empty() {
        rows.push((
            "Fingerprint compared",
            view.compared.iter().map(comparison).collect::<Vec<_>>().join("\n"),
        ));
    }
    let done = Done::new(&view, fields(&rows));
    Ok(match unheard(&view.unheard) {
        Some(text) => done.and_then_say(&text),
        None => done,
    })
}

/// Which founders are not known to have heard each other, and what to do about it.
pub(crate) fn unheard(pairs: &[(String, String)]) -> Option<String> {
    let say = |(by, whom): &(String, String)| {
        format!(
            "{by} has not compared {whom}'s fingerprint: nothing on the record says so, or only that a program did."
        )
    };
    let lines: Vec<_> = pairs.iter().map(say).collect();
    (!lines.is_empty()).then(|| {
        format!(
            "{}\n'org complete' and 'org attach' put it there; 'member check' does at any time.",
            lines.join("\n")
        )
    })
}

/// One comparison in a line.
pub(crate) fn comparison(check: &countersign_contract::IdentityCheckView) -> String {
    let how = if check.attended { "" } else { ", unattended" };
    format!("{} by {} on {} ({}{how})", check.channel, check.by, time(check.time), check.source)
}

fn version(number: u64) -> String {
    if number == 0 { "(none yet)".to_owned() } else { format!("version {number}") }
}

pub(crate) async fn member(s: &Session, verb: Member) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    match verb {
        Member::List => Ok(member_list(&desk.members().await)),
        Member::Propose { card, rights, agent, person, hearing } => {
            let card = ways::read(&[card])?;
            let rights = parse_rights(&rights)?;
            let person = person.map(|p| find_person(&desk, &p)).transpose()?;
            let listened = listen("the new member", &hearing)?;
            let offer = MemberOffer { card: &card, heard: listened.heard(), rights, person, agent };
            Ok(proposed(desk.propose_member(offer).await?)?.attended(listened.attended()))
        }
        Member::Check { id, hearing } => {
            let id = find(&desk, &id)?;
            let listened = listen("the member", &hearing)?;
            let recorded = desk.check_member(id, listened.heard()).await?;
            let text = format!("The fingerprint is the same. Recorded as entry {}.", recorded.seq);
            let done = Done::said(text, json!({ "same": true, "entry": recorded.seq }));
            Ok(done.attended(listened.attended()))
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
        Member::Suspend { id, why, propose } => {
            let id = find(&desk, &id)?;
            if propose {
                return proposed(desk.propose_suspension(id, &why).await?);
            }
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

fn member_list(members: &[MemberView]) -> Done {
    let row = |m: &MemberView| {
        let notes = [(m.me, "this desk"), (m.suspended, "suspended"), (m.agent, "agent")];
        let notes: Vec<&str> = notes.into_iter().filter(|(so, _)| *so).map(|(_, note)| note).collect();
        let compared = m.compared.iter().map(comparison).collect::<Vec<_>>().join("; ");
        vec![short(&m.id), m.name.clone(), m.rights.join(" "), day(m.expires), compared, notes.join(", ")]
    };
    let rows: Vec<_> = members.iter().map(row).collect();
    let heads = ["MEMBER", "NAME", "RIGHTS", "CERTIFIED UNTIL", "FINGERPRINT COMPARED", ""];
    Done::new(&members, table(&heads, &rows))
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
