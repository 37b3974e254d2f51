//! The card, on both sides, and what a partner tells about a leak.

use std::path::Path;

use countersign_documents::id::KeyId;
use countersign_host::{files, ways};
use serde_json::json;

use super::organisation::proposed;
use crate::{
    args::Card,
    failure::Failure,
    output::{Done, fields, path, short, table, time},
    prompt,
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
        Card::Pin { file, source } => {
            let card = ways::read(&file)?;
            let inbox = s.inbox().await?;
            let typed =
                if inbox.knows(&card).await? { None } else { Some(prompt::fingerprint("the organisation")?) };
            let attended = typed.as_ref().is_some_and(|t| t.attended);
            let pin = inbox
                .pin(&card, typed.as_ref().map(|t| t.text.as_str()), source.as_deref(), attended)
                .await?;
            let text = format!("{} is pinned.\n{}", pin.name, pin_text(&pin));
            Ok(Done::new(&pin, text))
        }
        Card::List => {
            let pins = s.inbox().await?.organisations().await?;
            let row = |p: &countersign_contract::PinView| {
                vec![short(&p.id), p.name.clone(), time(p.card_expires), p.offers.join("; ")]
            };
            let rows: Vec<_> = pins.iter().map(row).collect();
            Ok(Done::new(&pins, table(&["ORGANISATION", "NAME", "CARD ENDS", "OFFERS"], &rows)))
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
    ])
}

pub(crate) async fn report_leak(
    s: &Session,
    key: Option<&str>,
    text: &str,
    out: &Path,
) -> Result<Done, Failure> {
    files::check_new(out)?;
    let inbox = s.inbox().await?;
    let key: KeyId = inbox.held_key(key).await?;
    let letter = inbox.report_leak(key, text).await?;
    ways::write(out, &letter)?;
    Ok(Done::said(
        "Report written. Send it to the organisation now, and call them.",
        json!({ "written": path(out), "key": key }),
    ))
}
