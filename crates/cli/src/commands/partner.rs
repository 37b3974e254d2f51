//! The card, on both sides, and what a partner tells about a leak.

use std::path::Path;

use countersign_adapters::SystemClock;
use countersign_documents::{
    id::KeyId,
    relay::{Invitation, TICKET},
};
use countersign_host::{files, ways};
use countersign_ports::Clock as _;
use serde_json::json;

use super::{organisation::proposed, post};
use crate::{
    args::Card,
    failure::Failure,
    hearing::{Listened, listen},
    output::{Done, fields, path, short, table, time},
    session::Session,
};

pub(crate) async fn card(s: &Session, verb: Card) -> Result<Done, Failure> {
    match verb {
        Card::Propose { relay } => proposed(s.desk().await?.propose_card(relay.as_deref()).await?),
        Card::Export { out } => {
            files::check_new(&out)?;
            let desk = s.desk().await?;
            ways::write(&out, desk.card()?)?;
            Ok(Done::said(
                "Card written. Give it to partners; read them the organisation's fingerprint over the telephone.",
                json!({ "written": path(&out) }),
            ))
        }
        Card::Invite { out } => invite(s, &out).await,
        Card::Pin { file, hearing } => {
            let card = ways::read(&file)?;
            let inbox = s.inbox().await?;
            let listened = match inbox.knows(&card).await? {
                true => None,
                false => Some(listen("the organisation", &hearing)?),
            };
            let pin = inbox.pin(&card, listened.as_ref().map(Listened::heard).as_ref()).await?;
            let mut text = format!("{} is pinned.\n{}", pin.name, pin_text(&pin));
            // With an invitation there is a way; without one the relay takes nothing from a stranger.
            if Invitation::parse(&card).is_some() {
                text.push_str(
                    "\nIt invited you: requests go through its relay. Delete the invitation's file.",
                );
            }
            let done = Done::new(&pin, text);
            Ok(match listened {
                Some(listened) => done.attended(listened.attended()),
                None => done,
            })
        }
        Card::List => {
            let pins = s.inbox().await?.organisations().await?;
            let row = |p: &countersign_contract::PinView| {
                vec![short(&p.id), p.name.clone(), time(p.card_expires), compared(p), p.offers.join("; ")]
            };
            let rows: Vec<_> = pins.iter().map(row).collect();
            Ok(Done::new(
                &pins,
                table(&["ORGANISATION", "NAME", "CARD ENDS", "FINGERPRINT COMPARED", "OFFERS"], &rows),
            ))
        }
    }
}

fn pin_text(pin: &countersign_contract::PinView) -> String {
    let questions =
        pin.questions.iter().map(|(id, text)| format!("{id}: {text}")).collect::<Vec<_>>().join("\n");
    fields(&[
        ("Organisation", pin.id.clone()),
        ("Offers", pin.offers.join("\n")),
        ("Asks", if questions.is_empty() { "(nothing further)".to_owned() } else { questions }),
        ("Card ends", time(pin.card_expires)),
        ("Fingerprint compared", compared(pin)),
    ])
}

/// How the fingerprint was heard that this pin rests on.
fn compared(pin: &countersign_contract::PinView) -> String {
    let how = if pin.attended { "" } else { ", unattended" };
    let channel = pin.channel.as_deref().map(|channel| format!("{channel} ")).unwrap_or_default();
    format!("{channel}on {} ({}{how})", time(pin.compared), pin.source)
}

/// The card, and the right to write: for one partner.
async fn invite(s: &Session, out: &Path) -> Result<Done, Failure> {
    files::check_new(out)?;
    let desk = s.desk().await?;
    let until = SystemClock.now().ok_or(countersign_app::Error::NoClock)?.plus(TICKET);
    let invitation = desk.invite()?;
    ways::write(out, &invitation.to_bytes())?;
    let relay = desk.relay().unwrap_or_default();
    Ok(Done::said(
        format!(
            "Invitation written, for one partner and nobody else: whoever uses it first may write to you through {relay}, if that is before {}. Send it to that partner, read them the organisation's fingerprint over the telephone, and delete the file.",
            time(until.0)
        ),
        json!({ "written": path(out), "relay": relay, "expires": until }),
    ))
}

pub(crate) async fn report_leak(
    s: &Session,
    key: Option<&str>,
    text: &str,
    out: Option<&Path>,
) -> Result<Done, Failure> {
    out.map(files::check_new).transpose()?;
    let inbox = s.inbox().await?;
    let key: KeyId = inbox.held_key(key).await?;
    let Some(out) = out else {
        let told = inbox.send_leak_report(key, text).await?;
        let said = format!("{} Call them as well.", post::text("The report", told.posted)?);
        return Ok(Done::said(said, json!({ "key": key, "posted": post::json(told.posted) })));
    };
    let letter = inbox.report_leak(key, text).await?;
    ways::write(out, &letter)?;
    Ok(Done::said(
        "Report written. Send it to the organisation now, and call them.",
        json!({ "written": path(out), "key": key }),
    ))
}
