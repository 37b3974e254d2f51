//! Delivery: nothing leaves without a record, and what may have left is on the record first.

use countersign_documents::{
    Time, decode,
    id::{Cti, KeyId},
};
use countersign_domain::{
    Event, KeyState, Refusal,
    event::{HandedOver, Way},
};
use countersign_envelope::LinkSecret;
use countersign_ports::Table;

use super::{
    Desk, Recorded,
    issue::{Waiting, outbox_row},
};
use crate::error::{Error, Result};

/// What may leave the desk now: the record of it is durable.
pub struct Release {
    /// The envelope.
    pub envelope: Vec<u8>,
    /// Travels over another channel.
    pub secret: LinkSecret,
    /// Its id.
    pub cti: Cti,
    /// Until when it opens.
    pub expires: Time,
    /// The record.
    pub recorded: Recorded,
}

impl Desk {
    /// Hands an envelope over. May be repeated until the receipt, a stop, or its expiry.
    pub async fn hand_over(&mut self, key: KeyId, way: Way) -> Result<Release> {
        let waiting = self.waiting(key).await?;
        let secret = self.link_secret(&key).await?;
        let recorded = self.record(Event::HandedOver(HandedOver { key, way })).await?;
        Ok(Release {
            envelope: waiting.envelope.0,
            secret,
            cti: waiting.cti,
            expires: waiting.expires,
            recorded,
        })
    }

    /// The envelope without any record of its leaving: what a test of the order of things must catch.
    #[cfg(feature = "mutants")]
    pub async fn mutant_envelope_unrecorded(&self, key: KeyId) -> Result<Vec<u8>> {
        Ok(self.waiting(key).await?.envelope.0)
    }

    async fn waiting(&self, key: KeyId) -> Result<Waiting> {
        let record = self.state.key(&key)?;
        let ctx = self.context()?;
        if record.stop.is_some() {
            return Err(Refusal::KeyStopped.into());
        }
        if !matches!(record.state, KeyState::Sealed | KeyState::HandedOver) {
            return Err(Refusal::KeyNotSealed.into());
        }
        if record.opens_until.is_some_and(|until| until <= ctx.time) {
            return Err(Refusal::DeliveryOver.into());
        }
        let bytes =
            self.ports.vault.get(Table::Outbox, &outbox_row(&key)).await?.ok_or(Error::NothingToDeliver)?;
        let waiting: Waiting = decode(&bytes).map_err(|_| Error::BadSnapshot)?;
        // The outbox is only as good as the entry that names what is in it.
        if Some(countersign_documents::Digest::of(&waiting.envelope.0)) != record.envelope {
            return Err(Error::NothingToDeliver);
        }
        Ok(waiting)
    }
}
