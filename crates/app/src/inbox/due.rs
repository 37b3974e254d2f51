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
    /// When this contact will be reminded that a key ends, from now on. They are times and nothing else: whoever keeps them
    /// can remind while the profile is locked, and tells nobody of what.
    pub async fn reminders(&self) -> Result<Vec<Time>> {
        Ok(reminders(&self.all_held().await?, self.now()?))
    }

    async fn all_held(&self) -> Result<Vec<Held>> {
        let mut held = Vec::new();
        for id in self.held_ids().await? {
            held.push(self.held(&id).await?);
        }
        Ok(held)
    }

    /// Everything that waits for this contact, the most urgent first.
    pub async fn due(&self) -> Result<Vec<DueView>> {
        let now = self.now()?;
        let held = self.all_held().await?;
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

/// Whether there is a newer key for the same purpose: that is its renewal.
fn is_renewed(key: &Held, all: &[Held]) -> bool {
    let same = |other: &&Held| {
        other.organisation == key.organisation
            && other.service == key.service
            && other.environment == key.environment
    };
    all.iter().filter(same).any(|other| other.expires > key.expires.plus(DAY))
}

fn reminders(held: &[Held], now: Time) -> Vec<Time> {
    let ends = held.iter().filter(|key| !is_renewed(key, held)).map(|key| key.expires);
    let stages = ends.flat_map(|end| STAGES.map(|days| end.minus(days * DAY)));
    stages.filter(|at| *at > now).collect()
}

fn due_end(key: &Held, all: &[Held], now: Time) -> Option<Due> {
    let left = days_left(key.expires, now);
    if left == 0 || left > STAGES[0] || is_renewed(key, all) {
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

#[cfg(test)]
mod tests {
    use countersign_documents::{
        Blob,
        id::{GrantId, KeyId, OrganisationId},
        text::{Line, Slug},
    };

    use super::*;

    fn held(key: u8, service: &str, expires: Time) -> Held {
        Held {
            key: KeyId([key; 16]),
            organisation: OrganisationId([8; 16]),
            service: Slug::parse(service).unwrap(),
            environment: Slug::parse("sandbox").unwrap(),
            scopes: Vec::new(),
            expires,
            opened: Time(0),
            base_url: Line::parse("https://sandbox.larkfield.example").unwrap(),
            receipt: Blob(Vec::new()),
            grant: GrantId([7; 16]),
        }
    }

    #[test]
    fn what_reminds_a_locked_inbox_are_the_stages_to_come_of_keys_without_a_successor() {
        let now = Time(1_800_000_000);
        let key = held(1, "shipments", now.plus(14 * DAY + 5));
        let (fortnight, week, day) = (now.plus(5), now.plus(7 * DAY + 5), now.plus(13 * DAY + 5));
        assert_eq!(
            reminders(std::slice::from_ref(&key), now),
            [fortnight, week, day],
            "a stage that has passed is over"
        );
        let other = held(2, "billing", now.plus(DAY));
        assert_eq!(reminders(&[other], now), [], "the last stage is now, and was told before it was locked");
        let renewal = held(3, "shipments", now.plus(90 * DAY));
        let all = reminders(&[key, renewal.clone()], now);
        assert_eq!(all, reminders(&[renewal], now), "a key that was renewed reminds nobody");
    }
}
