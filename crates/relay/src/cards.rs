//! Cards: what partners need to ask, and what the relay knows its organisations by.

use countersign_documents::{Rejected, card::Card, id::OrganisationId};

use crate::{
    acts::parts,
    organisations::{Known, NotNewer},
    refusal::Refusal,
    relay::{Answer, Relay},
    store::StoredCard,
};

/// `GET /v1/card/ORGANISATION`
pub(crate) async fn newest(relay: &Relay, organisation: &str) -> Result<Answer, Refusal> {
    let organisation = OrganisationId::parse(organisation).ok_or(Refusal::Nothing)?;
    relay.refresh_cards().await?;
    let known = relay.organisations.get(organisation).ok_or(Refusal::Nothing)?;
    Ok(Answer::Bytes(known.document.clone()))
}

/// `POST /v1/card`
pub(crate) async fn newer(relay: &Relay, body: &[u8]) -> Result<Answer, Refusal> {
    let [document] = parts(body)?;
    let now = relay.now();
    // Anybody may ask for this, and a long history is many signatures: one at a time.
    let _one = relay.verifying_cards.lock().await;
    let card = Card::verify(document, None, now).map_err(|why| match why {
        Rejected::Malformed(_) | Rejected::WrongKind | Rejected::WrongHeaders | Rejected::WrongAlgorithm => {
            Refusal::Form
        }
        Rejected::WrongKey
        | Rejected::BadSignature
        | Rejected::TooFewSigners
        | Rejected::BadContent
        | Rejected::WrongOrganisation
        | Rejected::WrongTime => Refusal::NotAllowed,
    })?;
    let known = Known { card, document: document.to_vec() };
    relay.refresh_cards().await?;
    let before = relay.organisations.get(known.organisation()).ok_or(Refusal::NotAllowed)?;
    match known.follows(&before) {
        Err(NotNewer::Older) => return Ok(Answer::Done),
        Err(NotNewer::Contradicts) => return Err(Refusal::NotAllowed),
        Ok(()) if !known.is_at(&relay.origin) => return Err(Refusal::NotAllowed),
        Ok(()) => {}
    }
    relay.check_room()?;
    let (organisation, version) = (known.organisation(), known.card.card.version);
    // A sibling may have been faster with one that is newer still; then that one is read with the next act.
    if relay.store.keep_card(StoredCard { organisation, version, document: known.document.clone() }).await? {
        relay.organisations.put(known);
    }
    Ok(Answer::Done)
}

impl Relay {
    /// Takes over what siblings on the same database were given.
    pub(crate) async fn refresh_cards(&self) -> Result<(), Refusal> {
        if !self.store.is_shared() {
            return Ok(());
        }
        let is_newer = |(organisation, version): &(OrganisationId, u64)| {
            self.organisations.get(*organisation).is_some_and(|known| known.card.card.version < *version)
        };
        if !self.store.card_versions().await?.iter().any(is_newer) {
            return Ok(());
        }
        for card in self.store.cards().await? {
            let Some(before) = self.organisations.get(card.organisation) else { continue };
            // A sibling judged it; that it follows is looked at all the same.
            let known = Known::read(card.document, Some(before.card.trust.pinned));
            if let Ok(known) = known
                && known.follows(&before).is_ok()
            {
                self.organisations.put(known);
            }
        }
        Ok(())
    }
}
