//! The relay as a partner sees it.

use countersign_app::{
    Error as AppError, RelayFault,
    inbox::{Inbox, Synced},
};
use serde_json::json;

use super::waiting::{News, Side};
use crate::{
    failure::Failure,
    output::{Done, short, table},
};

impl Side for Inbox {
    async fn ask(&mut self, patience: u64) -> Result<News, Failure> {
        let synced = self.sync(patience).await?;
        news(self, synced).await
    }

    async fn count_due(&self) -> Result<usize, Failure> {
        Ok(self.due().await?.len())
    }
}

async fn news(inbox: &Inbox, synced: Synced) -> Result<News, Failure> {
    let pins = inbox.organisations().await?;
    let name =
        |id: String| pins.iter().find(|pin| pin.id == id).map_or_else(|| short(&id), |pin| pin.name.clone());
    let mut lines = Vec::new();
    for view in &synced.read {
        let said = view.message.as_ref().map(|text| format!(" They write: {text}")).unwrap_or_default();
        lines.push(format!(
            "Request {} to {}: {}.{said} {}",
            short(&view.id),
            view.organisation,
            view.state,
            view.next
        ));
    }
    for organisation in &synced.cards {
        lines.push(format!("The newest card of {} is pinned.", name(organisation.to_string())));
    }
    let mut stuck = Vec::new();
    for letter in &synced.unread {
        let fate = if letter.stays { "It is tried again." } else { "It is dropped." };
        let from = name(letter.organisation.to_string());
        stuck.push(format!("Something of {from} could not be read. {} {fate}", letter.why.trim()));
    }
    for (organisation, fault) in &synced.waits {
        let whose = name(organisation.to_string());
        stuck.push(format!("Something waits here for the relay of {whose}. {fault}"));
    }
    let unread = synced
        .unread
        .iter()
        .map(|l| json!({ "organisation": l.organisation, "code": l.code, "why": l.why, "stays": l.stays }));
    let waits = synced.waits.iter().map(|(organisation, fault)| {
        let error = AppError::from(*fault);
        json!({ "organisation": organisation, "code": error.code(), "why": error.to_string() })
    });
    Ok(News {
        came: !synced.read.is_empty() || !synced.cards.is_empty(),
        json: json!({
            "read": synced.read, "unread": unread.collect::<Vec<_>>(), "cards": synced.cards,
            "waits": waits.collect::<Vec<_>>(),
        }),
        lines,
        stuck,
        failed: synced.waits.first().map(|(_, fault)| *fault),
    })
}

/// Fails where no pinned organisation has a relay.
pub(super) async fn check_relay(inbox: &Inbox) -> Result<(), Failure> {
    let pins = inbox.organisations().await?;
    if pins.is_empty() {
        inbox.organisation(None).await?;
    }
    for pin in &pins {
        match inbox.offer(Some(&pin.id)).await {
            Ok(card) if card.relay.is_none() => {}
            // A card that has ended is not read here: its relay may have a newer one.
            Ok(_) | Err(_) => return Ok(()),
        }
    }
    Err(AppError::from(RelayFault::None).into())
}

/// What waits here for the relays of pinned organisations. Nobody is asked.
pub(super) async fn status(inbox: &Inbox) -> Result<Done, Failure> {
    let letters = inbox.waiting_letters().await?;
    let (mut rows, mut relays) = (Vec::new(), Vec::new());
    for pin in inbox.organisations().await? {
        let relay = inbox.offer(Some(&pin.id)).await.map(|card| card.relay.map(|relay| relay.to_string()));
        let shown = match &relay {
            Ok(Some(relay)) => relay.clone(),
            Ok(None) => "(none: send files)".to_owned(),
            Err(_) => "(its card has ended)".to_owned(),
        };
        relays.push(json!({ "organisation": pin.id, "name": pin.name, "relay": relay.ok().flatten() }));
        rows.push(vec![short(&pin.id), pin.name, shown]);
    }
    let text =
        format!("Letters that wait here: {letters}\n\n{}", table(&["ORGANISATION", "NAME", "RELAY"], &rows));
    Ok(Done::said(text, json!({ "letters": letters, "relays": relays })))
}
