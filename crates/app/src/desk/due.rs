//! What is due now for the person at this desk, each with the command that does it.

use countersign_contract::DueView;
use countersign_documents::{Time, card::Card, certificate::Right, order::Act, time::DAY};
use countersign_domain::{ExchangeState, KeyRecord, KeyState, Member, event::Shared};

use super::{Calls, Desk, list};
use crate::{
    due::{Due, RENEWAL, STAGES, Urgency, days_left, in_days, in_order, short},
    error::Result,
};

impl Desk {
    /// Everything that waits for this person, the most urgent first.
    pub async fn due(&self) -> Result<Vec<DueView>> {
        let me = self.me()?.clone();
        let now = self.context()?.time;
        let mut list = Vec::new();
        self.due_requests(&me, now, &mut list).await;
        self.due_changes(&mut list).await;
        if !me.may(Right::Audit) {
            for key in self.state.all_keys() {
                list.extend(self.due_of_key(key, &me, now).await);
            }
            list.extend(self.due_legacy());
            self.due_at_relay(&mut list).await?;
        }
        self.due_certificates(&me, now, &mut list).await;
        list.extend(self.due_shared_keys(&me, now).await);
        list.extend(self.due_card(&me, now));
        Ok(in_order(list))
    }

    async fn due_requests(&self, me: &Member, now: Time, list: &mut Vec<Due>) {
        for exchange in self.state.exchanges.values() {
            let waits = self.waits_for_me(exchange);
            let calls = self.calls(exchange.id).await.ok().filter(|c| c.missing());
            let my_call = calls.as_ref().is_some_and(|c| c.mine);
            if !waits && !my_call {
                continue;
            }
            let by = list::since(exchange).plus(self.patience());
            let company = match self.request_document(exchange.id).await {
                Ok(document) => document.request.applicant.company.to_string(),
                Err(_) => "(erased)".to_owned(),
            };
            let (what, command) = match exchange.state {
                _ if self.falls(exchange).is_some() => ("a new first signature".to_owned(), "request show"),
                ExchangeState::Countersigned => ("its key to be issued".to_owned(), "key issue"),
                ExchangeState::Vetted => ("the countersignature".to_owned(), "request show"),
                _ => (before_signing(calls.as_ref(), me.may(Right::Vet)), "request show"),
            };
            let asked = &exchange.asked;
            list.push(Due {
                urgency: if by <= now { Urgency::Late } else { Urgency::Now },
                kind: "request",
                subject: exchange.id.to_string(),
                by: Some(by),
                text: format!(
                    "The request of {company} for {} / {} waits for {what}.",
                    asked.service, asked.environment
                ),
                command: format!("countersign {command} {}", short(&exchange.id)),
            });
        }
    }

    async fn due_changes(&self, list: &mut Vec<Due>) {
        for change in self.changes().await.into_iter().filter(|c| c.mine) {
            list.push(Due {
                urgency: Urgency::Now,
                kind: "change",
                text: format!(
                    "{} proposed {}: another admin confirms it.",
                    change.by,
                    with_article(&change.what)
                ),
                command: format!("countersign change confirm {}", short(&change.id)),
                subject: change.id,
                by: None,
            });
        }
    }

    /// The most urgent thing about one key, if there is any for this member.
    async fn due_of_key(&self, key: &KeyRecord, me: &Member, now: Time) -> Option<Due> {
        if matches!(key.state, KeyState::Abandoned | KeyState::Revoked) {
            return None;
        }
        if self.unrecorded_order(key).is_some() {
            let text = "was ordered to be stopped, which is not yet on the record. It may still work.";
            let command = "countersign key finish".to_owned();
            return Some(self.about(key, "stop", Urgency::Late, None, text, command).await);
        }
        if let Some(stop) = key.stop.as_ref().filter(|s| s.confirmed.is_none()) {
            let what = if stop.act == Act::Revoke { "revoked" } else { "disabled" };
            let (text, command) = match &stop.failed {
                Some((times, why)) => (
                    format!("was ordered to be {what}; that failed {times} times: {why}. It may still work."),
                    "countersign key finish".to_owned(),
                ),
                None => (
                    format!("was ordered to be {what}, and nobody has confirmed it. It may still work."),
                    format!("countersign key confirm {} --evidence \"how you know\"", short(&key.id)),
                ),
            };
            return Some(self.about(key, "stop", Urgency::Late, Some(stop.time), &text, command).await);
        }
        if let Some(report) = self.state.leak_report(&key.id)
            && key.stop.is_none()
        {
            let command = format!("countersign key revoke --key {} --reason leaked", short(&key.id));
            let text = "was reported as leaked by its holder, and works on.";
            let by = Some(report.reported.sent);
            return Some(self.about(key, "leak-report", Urgency::Late, by, text, command).await);
        }
        if key.stop.is_some() || key.legacy.is_some() {
            return None;
        }
        match self.due_delivery(key, me, now) {
            Some((urgency, by, text, command)) => {
                Some(self.about(key, "delivery", urgency, by, text, command).await)
            }
            None => self.due_end(key, now).await,
        }
    }

    /// A key on its way to its holder.
    fn due_delivery(
        &self,
        key: &KeyRecord,
        me: &Member,
        now: Time,
    ) -> Option<(Urgency, Option<Time>, &'static str, String)> {
        let id = short(&key.id);
        let made_here = key.maker.is_none_or(|maker| maker == me.id);
        let back = key.parcel.is_some_and(|p| p.withdrawn.is_some());
        let over = back || key.opens_until.is_some_and(|until| until <= now);
        let late = |at: Time| if at <= now { Urgency::Late } else { Urgency::Now };
        match key.state {
            KeyState::Sealed | KeyState::HandedOver if over && me.may(Right::Issue) => Some((
                Urgency::Late,
                key.opens_until,
                "was never opened, and its envelope has ended. Make another one within the grant, or revoke it.",
                format!("countersign key rotate {id}"),
            )),
            KeyState::Intended if made_here && me.may(Right::Issue) => Some((
                Urgency::Late,
                Some(key.since),
                "was about to be made when something interrupted it.",
                "countersign key finish".to_owned(),
            )),
            KeyState::Sealed if made_here && me.may(Right::Issue) => {
                let by = key.since.plus(self.patience());
                let command = format!(
                    "countersign envelope deliver {id} --out {id}.countersign --secret-out {id}.secret"
                );
                Some((late(by), Some(by), "is sealed and was not delivered.", command))
            }
            KeyState::HandedOver if key.since.plus(self.patience()) <= now => Some((
                Urgency::Now,
                key.opens_until,
                "was delivered, and its receipt did not come. Ask the partner for it.",
                "countersign request import RECEIPT".to_owned(),
            )),
            KeyState::Opened if me.may(Right::Issue) => Some((
                Urgency::Late,
                key.opened,
                "was opened and waits to be switched on.",
                "countersign key finish".to_owned(),
            )),
            _ => None,
        }
    }

    /// Envelopes that are to be taken back, as soon as the relay answers.
    async fn due_at_relay(&self, list: &mut Vec<Due>) -> Result<()> {
        for (id, since) in self.waiting_withdrawals().await? {
            let Ok(key) = self.state.key(&id) else { continue };
            let text =
                "is to be kept back by the relay, which does not know it yet: its reader may still fetch it.";
            let command = "countersign relay sync".to_owned();
            list.push(self.about(key, "delivery", Urgency::Late, Some(since), text, command).await);
        }
        Ok(())
    }

    async fn due_end(&self, key: &KeyRecord, now: Time) -> Option<Due> {
        let end = key.not_after?;
        let left = days_left(end, now);
        let renewed = self.state.exchanges.values().any(|e| {
            e.predecessor.is_some()
                && e.predecessor == key.grant
                && !matches!(e.state, ExchangeState::Declined | ExchangeState::Withdrawn)
        });
        if left == 0
            || left > STAGES[0]
            || renewed
            || !matches!(key.state, KeyState::Active | KeyState::Disabled)
        {
            return None;
        }
        let whom = match key.request {
            Some(request) => match self.request_document(request).await {
                Ok(document) => format!(
                    " Ask {} ({}) for a renewal.",
                    document.request.applicant.person, document.request.applicant.email
                ),
                Err(_) => String::new(),
            },
            None => String::new(),
        };
        let text = format!("{}.{whom}", in_days(end, now));
        let command = format!("countersign key show {}", short(&key.id));
        Some(self.about(key, "key-ends", Urgency::of_end(end, now), Some(end), &text, command).await)
    }

    async fn about(
        &self,
        key: &KeyRecord,
        kind: &'static str,
        urgency: Urgency,
        by: Option<Time>,
        text: &str,
        command: String,
    ) -> Due {
        let holder = self.holder_name(key).await;
        Due {
            urgency,
            kind,
            subject: key.id.to_string(),
            by,
            text: format!("The key of {holder} for {} / {} {text}", key.service, key.environment),
            command,
        }
    }

    /// Keys from before are one entry, however many they are: replacing them is one project.
    fn due_legacy(&self) -> Option<Due> {
        let live = |k: &&KeyRecord| k.legacy.is_some() && k.stop.is_none() && k.state == KeyState::Active;
        let keys: Vec<&KeyRecord> = self.state.all_keys().filter(live).collect();
        let first = keys.first()?;
        let are = if keys.len() == 1 { "1 key is".to_owned() } else { format!("{} keys are", keys.len()) };
        Some(Due {
            urgency: Urgency::Soon,
            kind: "legacy",
            subject: first.id.to_string(),
            by: keys.iter().filter_map(|k| k.not_after).min(),
            text: format!(
                "{are} from before Countersign, vetted by nobody: have them replaced, then revoke them."
            ),
            command: "countersign key list --legacy".to_owned(),
        })
    }

    /// One's own certificate, and for an admin everybody's.
    async fn due_certificates(&self, me: &Member, now: Time, list: &mut Vec<Due>) {
        let admin = me.may(Right::Admin);
        for member in self.state.active().filter(|m| m.id == me.id || admin) {
            if member.expires.since(now) > RENEWAL {
                continue;
            }
            let whose = if member.id == me.id {
                "Your certificate".to_owned()
            } else {
                format!("The certificate of {}", self.display_name(member.name).await)
            };
            let who = if admin {
                "Propose its renewal; another admin confirms it."
            } else {
                "Ask an admin to run this."
            };
            list.push(Due {
                urgency: Urgency::of_end(member.expires, now),
                kind: "certificate",
                subject: member.id.to_string(),
                by: Some(member.expires),
                text: format!("{whose} {}. {who}", in_days(member.expires, now)),
                command: format!("countersign member renew {}", short(&member.id)),
            });
        }
    }

    async fn due_shared_keys(&self, me: &Member, now: Time) -> Option<Due> {
        if !me.may(Right::Admin) {
            return None;
        }
        // A suspension that was confirmed by somebody who is no admin leaves the new keys to one.
        if let Some(gone) = self.state.members.values().find(|m| m.suspended && self.knows_the_keys(m)) {
            let name = self.display_name(gone.name).await;
            return Some(Due {
                urgency: Urgency::Now,
                kind: "shared-keys",
                subject: self.organisation.to_string(),
                by: None,
                text: format!(
                    "{name} is suspended and still has the keys of ledger and letters. Replace them, then propose a new card."
                ),
                command: "countersign org rekey".to_owned(),
            });
        }
        let end = self.state.rekeyed?.plus(2 * RENEWAL);
        if end.since(now) > RENEWAL {
            return None;
        }
        let days = now.since(self.state.rekeyed?) / DAY;
        Some(Due {
            urgency: Urgency::of_end(end, now),
            kind: "shared-keys",
            subject: self.organisation.to_string(),
            by: Some(end),
            text: format!(
                "The keys of ledger and letters are {days} days old. Replace them, then propose a new card."
            ),
            command: "countersign org rekey".to_owned(),
        })
    }

    /// Whether this member was handed the ledger key that is in use.
    fn knows_the_keys(&self, member: &Member) -> bool {
        let mut wraps = self.state.wraps.get(&member.id).into_iter().flatten();
        wraps.any(|w| w.shared == Shared::Ledger && w.generation == self.state.epoch)
    }

    fn due_card(&self, me: &Member, now: Time) -> Option<Due> {
        let card = Card::verify_ended(&self.state.card.as_ref()?.0, None).ok()?.card;
        // A card that names a key of before is of no use, however long it lasts.
        let old_key = self.state.receiving.get(&self.state.epoch) != Some(&card.receiving);
        if !me.may(Right::Admin) || (card.expires.since(now) > RENEWAL && !old_key) {
            return None;
        }
        let proposed = self
            .state
            .pending
            .values()
            .any(|p| matches!(p.proposed.change, countersign_domain::Change::Card(_)));
        if proposed {
            return None;
        }
        let why =
            if old_key { "names a key that was replaced".to_owned() } else { in_days(card.expires, now) };
        Some(Due {
            urgency: if old_key { Urgency::Now } else { Urgency::of_end(card.expires, now) },
            kind: "card",
            subject: self.organisation.to_string(),
            by: Some(card.expires),
            text: format!("The card that partners ask by {why}. Propose a new one and send it to them."),
            command: "countersign card propose".to_owned(),
        })
    }
}

/// What a request waits for before its first signature, and whose call is missing.
fn before_signing(calls: Option<&Calls>, vets: bool) -> String {
    match calls {
        Some(calls) if calls.mine && !vets => "your call: compare the partner's fingerprint".to_owned(),
        Some(calls) if calls.mine => "the first signature, and before it for your call".to_owned(),
        Some(calls) if calls.others.is_empty() => {
            "the first signature, and before it for a call by another person: nobody here may".to_owned()
        }
        Some(calls) => {
            format!("the first signature, and before it for a call by {}", calls.others.join(" or "))
        }
        None => "the first signature".to_owned(),
    }
}

/// `an issuer`, `a card`
fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}
