//! An envelope at the relay: fetched by its one reader, or taken back, whichever came first. The relay decides which, and
//! the ledger says it.

use countersign_documents::{
    Time,
    relay::{Outcome, Withdrawn as Answer},
};
use serde::{Deserialize, Serialize};

use crate::{
    event::{Fetched, Withdrawn},
    refusal::Refusal,
    state::{Context, KeyRecord, KeyState, State},
    stopping::STOPPERS,
};

/// What is known of an envelope that was given to the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// Since when it may be there.
    pub since: Time,
    /// When its reader had the bytes, as the relay says.
    pub fetched: Option<Time>,
    /// What taking it back brought.
    pub withdrawn: Option<Answer>,
}

/// How far a key is on its way to its holder, as lists show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// What the state of the key says.
    State(KeyState),
    /// It may be fetched from the relay.
    Uploaded,
    /// Its reader has the bytes; there is no receipt yet.
    Fetched,
    /// It was taken back before anybody had it.
    Withdrawn,
    /// Its time at the relay is over.
    Expired,
}

impl KeyRecord {
    /// How far it is on its way to its holder. Only what went to the relay has more to say than its state.
    pub fn delivery(&self, now: Time) -> Delivery {
        let Some(parcel) = self.parcel.filter(|_| self.state == KeyState::HandedOver) else {
            return Delivery::State(self.state);
        };
        let over = self.opens_until.is_some_and(|until| until <= now);
        match (parcel.withdrawn.map(|w| w.outcome), parcel.fetched) {
            (Some(Outcome::Withdrawn), _) => Delivery::Withdrawn,
            (Some(Outcome::Expired), _) => Delivery::Expired,
            (Some(Outcome::Fetched | Outcome::Acknowledged), _) | (None, Some(_)) => Delivery::Fetched,
            (None, None) if over => Delivery::Expired,
            (None, None) => Delivery::Uploaded,
        }
    }

    /// Whether the relay may still give its envelope away.
    pub fn is_at_relay(&self, now: Time) -> bool {
        let open = self.parcel.is_some_and(|p| p.withdrawn.is_none()) && self.opened.is_none();
        open && self.opens_until.is_none_or(|until| now < until)
    }
}

impl State {
    pub(crate) fn check_fetched(&self, ctx: &Context, event: &Fetched) -> Result<(), Refusal> {
        self.actor_with(ctx, STOPPERS)?;
        let key = self.key(&event.key)?;
        let parcel = key.parcel.ok_or(Refusal::NotAtRelay)?;
        if parcel.withdrawn.is_some_and(|w| w.outcome == Outcome::Withdrawn) {
            return Err(Refusal::DeliveryWithdrawn);
        }
        // A receipt says more, and so does a withdrawal that came too late.
        let known = parcel.fetched.is_some() || parcel.withdrawn.is_some() || key.opened.is_some();
        if known { Err(Refusal::AlreadyThere) } else { Ok(()) }
    }

    pub(crate) fn fold_fetched(&mut self, event: &Fetched) {
        self.set_key(&event.key, |key| {
            if let Some(parcel) = &mut key.parcel {
                parcel.fetched = Some(event.at);
            }
        });
    }

    pub(crate) fn check_withdrawn(&self, ctx: &Context, event: &Withdrawn) -> Result<(), Refusal> {
        self.actor_with(ctx, STOPPERS)?;
        let key = self.key(&event.key)?;
        let parcel = key.parcel.ok_or(Refusal::NotAtRelay)?;
        if parcel.withdrawn.is_some() {
            return Err(Refusal::AlreadyThere);
        }
        // Nobody ever had it, and somebody had it: the ledger does not say both.
        let nobody = matches!(event.outcome, Outcome::Withdrawn | Outcome::Expired);
        if nobody && parcel.fetched.is_some() {
            return Err(Refusal::OutcomeDiffers);
        }
        Ok(())
    }

    pub(crate) fn fold_withdrawn(&mut self, event: &Withdrawn) {
        self.set_key(&event.key, |key| {
            if let Some(parcel) = &mut key.parcel {
                parcel.withdrawn = Some(Answer { outcome: event.outcome, at: event.at });
            }
        });
    }
}
