//! Envelopes behind a link: fetched from the relay that the pinned card names, durable here before anything else, and
//! acknowledged once they are opened.

use countersign_documents::{
    Blob, Digest, SigningKey, Time, decode, encode,
    id::{Cti, KeyId, OrganisationId},
    record,
    time::SKEW,
};
use countersign_envelope::{Link, Unverified};
use countersign_ports::{RelayError, Table, Write};

use super::{
    Inbox,
    envelopes::taken,
    relay::{Outgoing, Posted},
};
use crate::{
    error::{Error, RelayFault, Result},
    own::secret,
    relay::{Reader, RelayAt},
};

record! {
    /// An envelope that was fetched and not opened yet. The seed of its pick-up key lies in a row of its own.
    pub struct Fetched {
        /// The envelope.
        1 => envelope: Blob,
        /// Until when it opens.
        2 => expires: Time,
    }
}

record! {
    /// An envelope that was opened, which the relay is to know.
    pub struct Acknowledgement {
        /// To whom.
        1 => organisation: OrganisationId,
        /// Which envelope.
        2 => cti: Cti,
        /// The key that was in it.
        3 => key: KeyId,
        /// The letter with its receipt, once it was sealed: always the same bytes.
        4 => letter?: Blob,
    }
}

/// Prefix of the rows of envelopes that were fetched.
const FETCHED: &str = "fetched/";

fn fetched_row(cti: &Cti) -> String {
    format!("{FETCHED}{cti}")
}

fn seed_row(cti: &Cti) -> String {
    format!("pick-up/{cti}")
}

/// Prefix of the rows of envelopes that are to be acknowledged.
const ACKNOWLEDGEMENTS: &str = "acknowledge/";

fn acknowledgement_row(cti: &Cti) -> String {
    format!("{ACKNOWLEDGEMENTS}{cti}")
}

impl Inbox {
    /// The envelope behind a link. Only the relay that a pinned card names is asked, and once it has answered, nobody needs to
    /// ask again: the envelope stays here until it is opened.
    pub async fn fetch_link(&self, link: &Link) -> Result<Vec<u8>> {
        if let Some(kept) = self.fetched(&link.cti).await? {
            return Ok(kept.envelope.0);
        }
        if self.vault.get(Table::Opened, &format!("cti/{}", link.cti)).await?.is_some() {
            return Err(RelayFault::Opened.into());
        }
        let at = self.relay_of(link).await?;
        let pick_up = link.secret.pick_up_key();
        let reader = Reader { cti: link.cti, identity: &self.own.signing, pick_up: &pick_up };
        let envelope = at.fetch(reader).await.map_err(|error| match error {
            Error::Relay(RelayFault::Failed(RelayError::NothingThere)) => RelayFault::NothingBehind.into(),
            other => other,
        })?;
        // What no member sealed is not kept: it could keep the right one away.
        let pin = self.sender(&envelope).await?;
        let root = pin.read()?.trust.root;
        let outer = Unverified::new(&envelope).outer(&root, self.now()?, self.highest().await?)?;
        if outer.claims.cti != link.cti {
            return Err(RelayError::Unexpected.into());
        }
        let expires = outer.claims.expires;
        let fetched = encode(&Fetched { envelope: Blob(envelope.clone()), expires });
        let seed = link.secret.pick_up_seed();
        self.vault
            .write(&[
                Write::Put(Table::Outbox, &fetched_row(&link.cti), &fetched),
                Write::Put(Table::Outbox, &seed_row(&link.cti), seed.expose()),
            ])
            .await?;
        Ok(envelope)
    }

    /// The relay that a link names, if a pinned card does. No other host is ever asked.
    async fn relay_of(&self, link: &Link) -> Result<RelayAt> {
        for pin in self.pins().await? {
            if let Some(at) = self.at(&pin)?.filter(|at| link.is_at(at.origin())) {
                return Ok(at);
            }
        }
        Err(RelayFault::Strange.into())
    }

    async fn fetched(&self, cti: &Cti) -> Result<Option<Fetched>> {
        let bytes = self.vault.get(Table::Outbox, &fetched_row(cti)).await?;
        bytes.map(|b| decode(&b).map_err(|_| Error::BadSnapshot)).transpose()
    }

    /// What opening an envelope changes here where it came through the relay: the ciphertext goes, and the relay is to know.
    /// To be written in one step with the key. Rows to be removed, and one to be put.
    pub(super) async fn opening(
        &self,
        organisation: OrganisationId,
        (cti, envelope): (Cti, Digest),
        key: KeyId,
    ) -> Result<Option<(String, (String, Vec<u8>))>> {
        let kept = self.fetched(&cti).await?;
        if kept.is_none_or(|kept| Digest::of(&kept.envelope.0) != envelope) {
            return Ok(None);
        }
        let acknowledgement = Acknowledgement { organisation, cti, key, letter: None };
        Ok(Some((fetched_row(&cti), (acknowledgement_row(&cti), encode(&acknowledgement)))))
    }

    /// Forgets what was fetched and never opened, once it opens no more.
    pub(super) async fn forget_fetched(&self) -> Result<()> {
        let now = self.now()?;
        for row in self.vault.ids(Table::Outbox).await? {
            let Some(cti) = row.strip_prefix(FETCHED).and_then(Cti::parse) else { continue };
            if self.fetched(&cti).await?.is_some_and(|kept| kept.expires.plus(SKEW) <= now) {
                let seed = seed_row(&cti);
                let gone = [Write::Remove(Table::Outbox, &row), Write::Remove(Table::Outbox, &seed)];
                self.vault.write(&gone).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn acknowledgements(&self) -> Result<Vec<Acknowledgement>> {
        let mut waiting = Vec::new();
        for row in self.vault.ids(Table::Outbox).await? {
            if row.starts_with(ACKNOWLEDGEMENTS)
                && let Some(bytes) = self.vault.get(Table::Outbox, &row).await?
            {
                waiting.push(decode(&bytes).map_err(|_| Error::BadSnapshot)?);
            }
        }
        Ok(waiting)
    }

    /// Brings the receipt of a key to the organisation: with the acknowledgement where its envelope came through the relay,
    /// as a letter otherwise.
    pub async fn send_receipt(&self, key: &KeyId) -> Result<Posted> {
        let held = self.held(key).await?;
        if let Some(waiting) = self.acknowledgements().await?.into_iter().find(|a| a.key == *key) {
            let pin = self.organisation(Some(&waiting.organisation.to_string())).await?;
            let Some(at) = self.at(&pin)? else { return Ok(Posted::ByHand) };
            return match self.acknowledge(&at, waiting).await {
                Ok(()) => Ok(Posted::Sent),
                Err(Error::Relay(fault)) => Ok(Posted::Waits(fault)),
                Err(error) => Err(error),
            };
        }
        let letter = self.seal_to(held.organisation, &held.receipt.0).await?;
        let outgoing = Outgoing { receipt: Some(*key), ..self.outgoing(held.organisation, &letter)? };
        self.send(&outgoing, Vec::new()).await
    }

    /// Tells the relay that an envelope was opened; then nothing of it is left here but the key.
    pub(super) async fn acknowledge(&self, at: &RelayAt, mut waiting: Acknowledgement) -> Result<()> {
        let row = acknowledgement_row(&waiting.cti);
        let letter = match &waiting.letter {
            Some(letter) => letter.clone(),
            None => {
                let receipt = self.held(&waiting.key).await?.receipt;
                let letter = Blob(self.seal_to(waiting.organisation, &receipt.0).await?);
                waiting.letter = Some(letter.clone());
                self.vault.write(&[Write::Put(Table::Outbox, &row, &encode(&waiting))]).await?;
                letter
            }
        };
        let seed = secret(&*self.vault, Table::Outbox, &seed_row(&waiting.cti)).await?;
        let pick_up = SigningKey::from_seed(&seed);
        let reader = Reader { cti: waiting.cti, identity: &self.own.signing, pick_up: &pick_up };
        let (seed, taken) = (seed_row(&waiting.cti), taken(&waiting.key));
        let mut batch = vec![Write::Remove(Table::Outbox, &row), Write::Remove(Table::Outbox, &seed)];
        match at.acknowledge(reader, &letter.0).await {
            Ok(()) => {
                batch.push(Write::Put(Table::Opened, &taken, &[1]));
                Ok(self.vault.write(&batch).await?)
            }
            // Acknowledged before, and the answer was lost; or taken back, or over, since it was fetched. The receipt is owed
            // all the same, and the same letter twice is one.
            Err(Error::Relay(RelayFault::Failed(RelayError::NothingThere))) => {
                let outgoing = Outgoing {
                    receipt: Some(waiting.key),
                    ..self.outgoing(waiting.organisation, &letter.0)?
                };
                match self.send(&outgoing, batch).await? {
                    Posted::Waits(fault) => Err(fault.into()),
                    Posted::Sent | Posted::ByHand => Ok(()),
                }
            }
            Err(error) => Err(error),
        }
    }
}
