//! What is due now for a partner's contact, each with the command that does it.

use countersign_contract::DueView;
use countersign_documents::{Time, time::DAY};

use super::{Inbox, envelopes::Held};
use crate::{
    due::{Due, STAGES, Urgency, days_left, in_days, in_order, short},
    error::Result,
};

/// How many days before its end a card is asked for anew.
const CARD_DAYS: u64 = 14;

impl Inbox {
    /// Everything that waits for this contact, the most urgent first.
    pub async fn due(&self) -> Result<Vec<DueView>> {
        let now = self.now()?;
        let mut held = Vec::new();
        for id in self.held_ids().await? {
            held.push(self.held(&id).await?);
        }
        let mut list = Vec::new();
        for view in self.held_keys().await?.iter().filter(|v| !v.receipt && v.expires > now.0) {
            let id = short(&view.id);
            list.push(Due {
                urgency: Urgency::Late,
                kind: "receipt",
                subject: view.id.clone(),
                by: Some(Time(view.opened)),
                text: format!(
                    "{} waits for the receipt of the key for {} / {}: it may not work before.",
                    view.organisation, view.service, view.environment
                ),
                command: format!("countersign envelope receipt {id} --out {id}.receipt"),
            });
        }
        list.extend(held.iter().filter_map(|key| due_end(key, &held, now)));
        for request in self.requests().await?.into_iter().filter(|r| r.state == "changes-asked") {
            let id = short(&request.id);
            list.push(Due {
                urgency: Urgency::Now,
                kind: "request",
                by: None,
                text: format!(
                    "{} asks for changes to your request for {} / {}: {}",
                    request.organisation,
                    request.service,
                    request.environment,
                    request.message.as_deref().unwrap_or("(nothing)")
                ),
                command: format!("countersign request revise {id} --out {id}.letter"),
                subject: request.id,
            });
        }
        for pin in self.organisations().await? {
            let end = Time(pin.card_expires);
            if days_left(end, now) <= CARD_DAYS {
                list.push(Due {
                    urgency: Urgency::of_end(end, now),
                    kind: "card",
                    by: Some(end),
                    text: format!(
                        "The card of {} {}. Ask them for the newest one.",
                        pin.name,
                        in_days(end, now)
                    ),
                    command: "countersign card pin NEW.card --source \"where it came from\"".to_owned(),
                    subject: pin.id,
                });
            }
        }
        Ok(in_order(list))
    }
}

fn due_end(key: &Held, all: &[Held], now: Time) -> Option<Due> {
    let same = |other: &&Held| {
        other.organisation == key.organisation
            && other.service == key.service
            && other.environment == key.environment
    };
    // A newer key for the same purpose is the renewal.
    let renewed = all.iter().filter(same).any(|other| other.expires > key.expires.plus(DAY));
    let left = days_left(key.expires, now);
    if left == 0 || left > STAGES[0] || renewed {
        return None;
    }
    let id = short(&key.key);
    Some(Due {
        urgency: Urgency::of_end(key.expires, now),
        kind: "key-ends",
        subject: key.key.to_string(),
        by: Some(key.expires),
        text: format!(
            "Your key for {} / {} {}. Ask for its renewal now: two people at the organisation look at it.",
            key.service,
            key.environment,
            in_days(key.expires, now)
        ),
        command: format!("countersign request new --renews {id} --out renewal.letter"),
    })
}
