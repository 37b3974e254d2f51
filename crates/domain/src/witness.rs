//! Which key of a relay's witness the organisation goes by, after the relay moved or lost the one that desks met first.

use countersign_documents::{VerifyingKey, certificate::Right, id::PersonId, record, text::Line};
use serde::{Deserialize, Serialize};

use crate::{
    refusal::Refusal,
    state::{Context, State},
};

record! {
    /// An admin has heard from whoever runs the relay that its witness signs with this key from now on.
    pub struct WitnessAccepted {
        /// Origin of the relay.
        1 => relay: Line,
        /// Under which name the witness signs.
        2 => name: Line,
        /// Its Ed25519 key.
        3 => key: VerifyingKey,
    }
}

/// What admins said of one relay's witness.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessKeys {
    /// The key that two of them accepted last.
    pub accepted: Option<WitnessAccepted>,
    /// What each said since, the newest of each.
    pub said: Vec<(PersonId, WitnessAccepted)>,
}

impl State {
    /// The key by which the witness of this relay goes since two admins accepted it. None where desks go by the one that
    /// they met first.
    pub fn accepted_witness(&self, relay: &Line) -> Option<&WitnessAccepted> {
        self.witnesses.get(relay)?.accepted.as_ref()
    }

    /// The other admins who accepted this key, and with whose word it would count.
    pub fn witness_is_accepted_by(&self, event: &WitnessAccepted) -> impl Iterator<Item = PersonId> {
        let said = self.witnesses.get(&event.relay).map(|w| w.said.as_slice()).unwrap_or_default();
        said.iter().filter(move |(_, key)| key == event).map(|(person, _)| *person)
    }

    pub(crate) fn check_witness_accepted(
        &self,
        ctx: &Context,
        event: &WitnessAccepted,
    ) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, &[Right::Admin])?;
        let stands = self.accepted_witness(&event.relay) == Some(event);
        let again = self.witness_is_accepted_by(event).any(|person| person == actor.person);
        if stands || again { Err(Refusal::AlreadyThere) } else { Ok(()) }
    }

    /// Two different persons, and the very same key: then it counts, and what was said before is over.
    pub(crate) fn fold_witness_accepted(&mut self, ctx: &Context, event: &WitnessAccepted) {
        let Some(person) = self.member_by_key(&ctx.signer).map(|m| m.person) else { return };
        let another = self.witness_is_accepted_by(event).any(|other| other != person);
        let keys = self.witnesses.entry(event.relay.clone()).or_default();
        keys.said.retain(|(other, _)| *other != person);
        if another {
            *keys = WitnessKeys { accepted: Some(event.clone()), said: Vec::new() };
        } else {
            keys.said.push((person, event.clone()));
        }
    }
}
