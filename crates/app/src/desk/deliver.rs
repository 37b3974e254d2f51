//! Delivery: nothing leaves without a record, and what may have left is on the record first.

use countersign_documents::{
    Time, decode,
    id::{Cti, KeyId},
};
use countersign_domain::{
    Event, KeyState, Refusal,
    event::{HandedOver, Way},
};
use countersign_envelope::{Link, LinkSecret};
use countersign_ports::{RelayError, Table, Write};
use zeroize::Zeroizing;

use super::{
    Desk, Recorded,
    issue::{Waiting, outbox_row},
    relay::withdrawal_row,
};
use crate::error::{Error, RelayFault, Result};

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

/// A link to an envelope that the relay has. Both forms hold the secret, so they are neither shown by themselves nor kept.
pub struct LinkRelease {
    /// For any browser.
    pub https: Zeroizing<String>,
    /// For the application.
    pub app: Zeroizing<String>,
    /// Which envelope.
    pub cti: Cti,
    /// Until when it opens.
    pub expires: Time,
}

/// The row that says that the relay has the envelope of a key.
pub(crate) fn uploaded_row(key: &KeyId) -> String {
    format!("uploaded/{key}")
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

    /// Brings an envelope to the relay and gives the link to it. May be repeated like any handing over; where the relay did
    /// not take it, no link was given, and the record that stands already is enough.
    pub async fn send_link(&mut self, key: KeyId) -> Result<LinkRelease> {
        let at = self.at_relay()?;
        let waiting = self.waiting(key).await?;
        let secret = self.link_secret(&key).await?;
        let not_ours = |_| Error::from(RelayError::Unexpected);
        let https = Link::to_https(at.origin(), &waiting.cti, &secret).map_err(not_ours)?;
        let app = Link::to_app(at.origin(), &waiting.cti, &secret).map_err(not_ours)?;
        let row = uploaded_row(&key);
        let given = self.ports.vault.get(Table::Outbox, &row).await?.is_some();
        let event = Event::HandedOver(HandedOver { key, way: Way::Link });
        if given || self.state.key(&key)?.parcel.is_none() {
            self.record(event).await?;
        } else {
            self.catch_up().await?;
            self.state.check(&self.context()?, &event)?;
        }
        let reader = (waiting.cti, self.state.key(&key)?.holder);
        // The relay judges by the card it has: it must have the newest.
        let uploaded = match self.put_card(&at).await {
            Ok(()) => {
                let pick_up = secret.pick_up_key();
                at.upload(self.certified()?, reader, &pick_up, &waiting.envelope.0).await
            }
            Err(error) => Err(error),
        };
        uploaded.map_err(|error| match error {
            Error::Relay(RelayFault::Failed(why)) => RelayFault::NotUploaded(why).into(),
            other => other,
        })?;
        self.ports.vault.write(&[Write::Put(Table::Outbox, &row, &[1])]).await?;
        Ok(LinkRelease { https, app, cti: waiting.cti, expires: waiting.expires })
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
        // Neither what was taken back leaves again, nor what is about to be.
        let about_to = self.ports.vault.get(Table::Outbox, &withdrawal_row(&key)).await?.is_some();
        if about_to || record.parcel.is_some_and(|p| p.withdrawn.is_some()) {
            return Err(Refusal::DeliveryWithdrawn.into());
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
