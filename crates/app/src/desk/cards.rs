//! The organisation's card.

use countersign_documents::{
    Blob,
    card::{Card, LONGEST},
    encode,
    id::ChangeId,
    text::Line,
};
use countersign_domain::{Change, Refusal};

use super::Desk;
use crate::{
    error::{Error, Result},
    random::now,
};

impl Desk {
    /// Proposes a card over everything that is in force.
    pub async fn propose_card(&mut self, relay: Option<&str>) -> Result<ChangeId> {
        let trust = self.state.trust()?.clone();
        let made = now(&*self.ports.clock)?;
        let relay = relay.map(Line::parse).transpose().map_err(Error::text("relay"))?;
        let card = Card {
            organisation: self.organisation,
            version: self.state.card_version + 1,
            name: self.state.name.clone().ok_or(Refusal::NotFounded)?,
            roots: trust.chain.clone(),
            receiving: *self.state.receiving.get(&self.state.epoch).ok_or(Refusal::NotFounded)?,
            catalogue: self
                .state
                .catalogue
                .clone()
                .ok_or(Error::Value("There is no catalogue yet: propose one first."))?,
            made,
            expires: made.plus(LONGEST),
            relay,
        };
        // Everything else in it is in force already: only the relay can be wrong.
        card.check(&trust)
            .map_err(|_| Error::Value("A relay is an https origin, such as https://keys.example.com."))?;
        let payload = encode(&card);
        let signature = self.sign_card(&payload)?;
        self.propose(Change::Card(Blob(payload)), Some(signature)).await
    }

    /// The newest card, a complete document.
    pub fn card(&self) -> Result<&[u8]> {
        let card = self
            .state
            .card
            .as_ref()
            .ok_or(Error::Value("There is no card yet: 'card propose', then another admin confirms."))?;
        Ok(&card.0)
    }
}
