//! The root of trust: its keys replaced one by one, or by the two halves on paper.

use std::path::Path;

use countersign_adapters::{SystemClock, SystemEntropy};
use countersign_app::{
    desk::{Desk, RootPlan},
    succession,
};
use countersign_contract::RootView;
use countersign_documents::{Digest, id::PersonId};
use countersign_host::files::{self, Together};
use serde_json::json;
use zeroize::Zeroizing;

use super::organisation::find_person;
use crate::{
    args::{Root, Succeed},
    failure::Failure,
    hearing::listen,
    output::{Done, fields, short, table, time},
    prompt,
    session::Session,
};

const PAPER: &str = "Print your new half of the offline succession, lock it away, delete the file, and destroy the old one once the new root is in force.";

pub(crate) async fn root(s: &Session, verb: Root) -> Result<Done, Failure> {
    match verb {
        Root::Show => {
            let view = s.desk().await?.root_view().await?;
            Ok(Done::new(&view, root_text(&view)))
        }
        Root::Key { half_out } => {
            files::check_new(&half_out)?;
            let mut desk = s.desk().await?;
            let (recorded, half) = desk.offer_certifying_key().await?;
            files::write_new(&half_out, half.text.as_bytes())?;
            let person = desk.me()?.person;
            let text = format!(
                "A new certifying key is offered. A certifier puts it into the root: 'org root propose --with {}'.\n{PAPER}",
                short(&person.to_string())
            );
            Ok(Done::said(text, json!({ "entry": recorded.seq, "person": person, "half": half_out })))
        }
        Root::Propose { with, without, halves } => propose(s, &with, &without, &halves).await,
        Root::Confirm { digest } => confirm(s, digest.as_deref()).await,
        Root::Drop => {
            let recorded = s.desk().await?.drop_root().await?;
            Ok(Done::said(
                "Dropped. This very root cannot be proposed again.",
                json!({ "entry": recorded.seq }),
            ))
        }
    }
}

async fn propose(
    s: &Session,
    with: &[String],
    without: &[String],
    halves: &[String],
) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    let persons =
        |typed: &[String]| typed.iter().map(|t| find_person(&desk, t)).collect::<Result<Vec<_>, _>>();
    let halves: Vec<PersonId> = persons(halves)?;
    let plan = RootPlan {
        with: persons(with)?,
        without: persons(without)?,
        halves: halves.first().copied().zip(halves.get(1).copied()),
    };
    let digest = desk.propose_root(&plan).await?;
    let text = "Proposed with your signature. It is in force when another certifier, and everybody whose key is new in it, has signed: 'org root confirm'.";
    Ok(Done::said(text, json!({ "root": digest })))
}

async fn confirm(s: &Session, digest: Option<&str>) -> Result<Done, Failure> {
    let mut desk = s.desk().await?;
    let view = desk.root_view().await?;
    let is = desk.state().next_root.as_ref().map(|n| n.digest());
    let is = is.ok_or(countersign_domain::Refusal::NoSuchRoot)?;
    let shown = match digest {
        Some(given) => Digest::from_hex(given.trim())
            .ok_or(Failure::Usage("--digest takes 64 hexadecimal characters."))?,
        None => {
            prompt::say(&root_text(&view));
            prompt::confirm("Put this root in force with your signature?")?;
            is
        }
    };
    let in_force = desk.sign_root(shown).await?;
    let outdated = desk.root_view().await?.outdated;
    Ok(Done::said(after(in_force, outdated.len()), json!({ "in_force": in_force, "outdated": outdated })))
}

fn after(in_force: bool, outdated: usize) -> String {
    if !in_force {
        return "Signed. Another certifier, or somebody whose key is new in it, has to sign too.".to_owned();
    }
    let next = match outdated {
        0 => String::new(),
        n => format!(
            "\n{n} members must be certified anew before partners accept what they sign: 'member renew-outdated'."
        ),
    };
    format!("The new root is in force. Propose a new card: it carries the root to your partners.{next}")
}

fn root_text(view: &RootView) -> String {
    let certifiers = |rows: &[(String, String, String)]| {
        rows.iter()
            .map(|(person, name, key)| format!("{name} (person {}), key {}", short(person), short(key)))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let mut text = fields(&[
        ("Root", format!("version {}", view.version)),
        ("Fingerprint", view.fingerprint.clone()),
        ("Certify, two at a time", certifiers(&view.certifiers)),
    ]);
    if let Some(waiting) = &view.waiting {
        let halves = if waiting.new_halves { "new ones take their place" } else { "stay" };
        let rows = [
            (
                "Waits for signatures",
                format!("version {}, proposed by {} on {}", waiting.version, waiting.by, time(waiting.time)),
            ),
            ("Would certify", certifiers(&waiting.certifiers)),
            ("Halves on paper", halves.to_owned()),
            ("Signatures so far", waiting.signatures.to_string()),
            ("Digest", waiting.digest.clone()),
        ];
        text = format!("{text}\n\n{}", fields(&rows));
    }
    let rows: Vec<_> = view.offers.iter().map(|(p, n, t)| vec![short(p), n.clone(), time(*t)]).collect();
    if !rows.is_empty() {
        text = format!("{text}\n\n{}", table(&["OFFERED BY", "NAME", "WHEN"], &rows));
    }
    let rows: Vec<_> = view.outdated.iter().map(|(m, n)| vec![short(m), n.clone()]).collect();
    if !rows.is_empty() {
        text = format!("{text}\n\n{}", table(&["TO BE CERTIFIED ANEW", "NAME"], &rows));
    }
    text
}

pub(crate) async fn succeed(s: &Session, verb: Succeed) -> Result<Done, Failure> {
    match verb {
        Succeed::Begin { half, out, half_out } => {
            files::check_new(&out)?;
            files::check_new(&half_out)?;
            let mut desk = s.desk().await?;
            let (offer, new) = succession::begin(&mut desk, &read_half(half.as_deref())?).await?;
            write_both(&half_out, new.text.as_bytes(), &out, &offer)?;
            let text = format!(
                "Offer written. Give it to the person with the other half, and read them your fingerprint over the telephone.\n{PAPER}"
            );
            Ok(Done::said(text, json!({ "offer": out, "half": half_out })))
        }
        Succeed::Answer { offer, half, out, half_out, hearing } => {
            files::check_new(&out)?;
            files::check_new(&half_out)?;
            let offer = files::read(&offer, files::SMALL)?;
            let vault = s.vault().await?;
            let listened = listen("the person who began", &hearing)?;
            let (heard, half) = (listened.heard(), read_half(half.as_deref())?);
            let made = succession::answer(&*vault, &SystemEntropy, &SystemClock, &offer, &heard, &half);
            let (answer, new) = made.await?;
            write_both(&half_out, new.text.as_bytes(), &out, &answer)?;
            let text = format!(
                "Answer written. Give it back, and read your fingerprint over the telephone.\n{PAPER}"
            );
            let done = Done::said(text, json!({ "answer": out, "half": half_out }));
            Ok(done.attended(listened.attended()))
        }
        Succeed::Complete { answer, half, hearing } => {
            let answer = files::read(&answer, files::SMALL)?;
            let mut desk = s.desk().await?;
            let listened = listen("the person who answered", &hearing)?;
            let (heard, half) = (listened.heard(), read_half(half.as_deref())?);
            let recorded = succession::complete(&mut desk, &answer, &heard, &half).await?;
            Ok(complete(&desk, recorded.seq).await?.attended(listened.attended()))
        }
    }
}

async fn complete(desk: &Desk, entry: u64) -> Result<Done, Failure> {
    let view = desk.root_view().await?;
    let text = format!(
        "{}\nEvery partner must compare the new fingerprint: read it to them when they pin the new card.\n\n{}",
        after(true, view.outdated.len()),
        root_text(&view)
    );
    Ok(Done::said(text, json!({ "entry": entry, "root": view })))
}

/// A half without its document, or the other way round, would be taken for a succession begun.
fn write_both(half_out: &Path, half: &[u8], out: &Path, document: &[u8]) -> Result<(), Failure> {
    let mut together = Together::default();
    together.write(half_out, half)?;
    together.write(out, document)?;
    together.keep();
    Ok(())
}

fn read_half(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    match file {
        Some(path) => Ok(files::read_text(path)?),
        None => Ok(prompt::ask("Type your half of the offline succession (64 characters):")?.text),
    }
}
