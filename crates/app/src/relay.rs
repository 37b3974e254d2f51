//! One relay as a profile asks it: every act is signed over something fresh, and signed once more where that grew stale.

use std::sync::{Arc, Mutex, PoisonError};

use countersign_documents::{
    Digest, SigningKey, Time,
    id::{Cti, OrganisationId},
    relay::{
        Dispatch, Mail, Moment, PickUp, PickUpAct, Poll, Post, Removal, Ticket, Upload, Withdraw, Withdrawn,
    },
    text::Line,
    time::{MINUTE, Seconds},
};
use countersign_ports::{Clock, Relay, RelayError, TicketShown, Witnessing};

use crate::{error::Result, random::now};

/// How long a nonce is used here: half of how long it is fresh.
const FRESH: Seconds = MINUTE;

/// A member, as the relay knows one.
#[derive(Clone, Copy)]
pub(crate) struct Certified<'a> {
    pub(crate) certificate: &'a [u8],
    pub(crate) key: &'a SigningKey,
}

/// The two keys that fetch a parcel.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) cti: Cti,
    pub(crate) identity: &'a SigningKey,
    pub(crate) pick_up: &'a SigningKey,
}

/// A ticket and the key that makes it worth something.
pub(crate) struct TicketHeld {
    pub(crate) document: Vec<u8>,
    pub(crate) ticket: Ticket,
    pub(crate) key: SigningKey,
}

/// Which letters, how patiently, and which are done.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) after: u64,
    pub(crate) patience: u64,
    pub(crate) done: &'a [u64],
}

/// A relay at its origin.
pub(crate) struct RelayAt {
    relay: Arc<dyn Relay>,
    clock: Arc<dyn Clock>,
    origin: Line,
    nonce: Mutex<Option<(Digest, Time)>>,
}

impl RelayAt {
    pub(crate) fn new(relay: Arc<dyn Relay>, clock: Arc<dyn Clock>, origin: Line) -> Self {
        Self { relay, clock, origin, nonce: Mutex::new(None) }
    }

    pub(crate) fn origin(&self) -> &str {
        self.origin.as_str()
    }

    async fn moment(&self) -> Result<Moment> {
        let time = now(&*self.clock)?;
        let kept = *self.nonce.lock().unwrap_or_else(PoisonError::into_inner);
        let nonce = match kept.filter(|(_, since)| time.since(*since) < FRESH && *since <= time) {
            Some((nonce, _)) => nonce,
            None => {
                let nonce = self.relay.nonce(self.origin()).await?;
                *self.nonce.lock().unwrap_or_else(PoisonError::into_inner) = Some((nonce, time));
                nonce
            }
        };
        Ok(Moment { origin: self.origin.clone(), nonce, time })
    }

    /// Does an act. Only that the moment was over is mended here; everything else is for whoever asked.
    async fn act<T, F>(&self, act: impl Fn(Moment) -> F) -> Result<T>
    where
        F: Future<Output = core::result::Result<T, RelayError>>,
    {
        match act(self.moment().await?).await {
            Err(RelayError::Stale) => {
                *self.nonce.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Ok(act(self.moment().await?).await?)
            }
            answer => Ok(answer?),
        }
    }

    /// The newest card it has of an organisation.
    pub(crate) async fn card(&self, organisation: OrganisationId) -> Result<Vec<u8>> {
        Ok(self.relay.card(self.origin(), organisation).await?)
    }

    pub(crate) async fn put_card(&self, card: &[u8]) -> Result<()> {
        Ok(self.relay.put_card(self.origin(), card).await?)
    }

    /// The key of its witness, as it names it.
    pub(crate) async fn witness(&self) -> Result<String> {
        Ok(self.relay.witness(self.origin()).await?)
    }

    /// Shows its witness how an organisation's log grew.
    pub(crate) async fn add_checkpoint(&self, body: &str) -> Result<Witnessing> {
        Ok(self.relay.add_checkpoint(self.origin(), body).await?)
    }

    /// Brings an envelope for the identity with this thumbprint.
    pub(crate) async fn upload(
        &self,
        by: Certified<'_>,
        (cti, recipient): (Cti, Digest),
        pick_up: &SigningKey,
        envelope: &[u8],
    ) -> Result<()> {
        let digest = Digest::of(envelope);
        self.act(|moment| {
            let upload = Upload { moment, cti, recipient, pick_up: pick_up.public(), envelope: digest };
            let document = upload.sign(by.certificate, by.key);
            async move { self.relay.upload(self.origin(), &document, envelope).await }
        })
        .await
    }

    pub(crate) async fn withdraw(&self, by: Certified<'_>, cti: Cti) -> Result<Withdrawn> {
        self.act(|moment| {
            let document = Withdraw { moment, cti }.sign(by.certificate, by.key);
            async move { self.relay.withdraw(self.origin(), &document).await }
        })
        .await
    }

    pub(crate) async fn dispatch(&self, by: Certified<'_>, recipient: Digest, letter: &[u8]) -> Result<()> {
        let digest = Digest::of(letter);
        self.act(|moment| {
            let document = Dispatch { moment, recipient, letter: digest }.sign(by.certificate, by.key);
            async move { self.relay.dispatch(self.origin(), &document, letter).await }
        })
        .await
    }

    pub(crate) async fn remove(&self, by: Certified<'_>, member: Digest) -> Result<()> {
        self.act(|moment| {
            let document = Removal { moment, member }.sign(by.certificate, by.key);
            async move { self.relay.removal(self.origin(), &document).await }
        })
        .await
    }

    pub(crate) async fn fetch(&self, reader: Reader<'_>) -> Result<Vec<u8>> {
        self.act(|moment| {
            let [by_identity, by_pick_up] = reader.sign(moment, None);
            async move { self.relay.fetch(self.origin(), &by_identity, &by_pick_up).await }
        })
        .await
    }

    pub(crate) async fn acknowledge(&self, reader: Reader<'_>, letter: &[u8]) -> Result<()> {
        let digest = Digest::of(letter);
        self.act(|moment| {
            let [by_identity, by_pick_up] = reader.sign(moment, Some(digest));
            async move { self.relay.acknowledge(self.origin(), &by_identity, &by_pick_up, letter).await }
        })
        .await
    }

    pub(crate) async fn post(
        &self,
        identity: &SigningKey,
        organisation: OrganisationId,
        letter: &[u8],
        ticket: Option<&TicketHeld>,
    ) -> Result<()> {
        let digest = Digest::of(letter);
        self.act(|moment| {
            let post = Post {
                moment,
                organisation,
                identity: identity.public(),
                letter: digest,
                ticket: ticket.map(|t| t.ticket.id),
            };
            let document = post.sign(identity);
            let by_ticket = ticket.map(|t| post.sign(&t.key));
            async move {
                let shown = ticket
                    .zip(by_ticket.as_deref())
                    .map(|(held, by_ticket)| TicketShown { ticket: &held.document, by_ticket });
                self.relay.post(self.origin(), &document, letter, shown).await
            }
        })
        .await
    }

    /// What waits for this key; with a certificate, for its organisation.
    pub(crate) async fn poll(
        &self,
        key: &SigningKey,
        certificate: Option<&[u8]>,
        organisation: OrganisationId,
        asking: Asking<'_>,
    ) -> Result<Mail> {
        self.act(|moment| {
            let poll = Poll {
                moment,
                organisation,
                key: key.public(),
                after: asking.after,
                patience: asking.patience,
                done: asking.done.to_vec(),
            };
            let document = poll.sign(key);
            async move { self.relay.poll(self.origin(), &document, certificate).await }
        })
        .await
    }
}

impl Reader<'_> {
    /// The same said by both keys.
    fn sign(&self, moment: Moment, letter: Option<Digest>) -> [Vec<u8>; 2] {
        let act = if letter.is_some() { PickUpAct::Acknowledge } else { PickUpAct::Fetch };
        let act = PickUp { moment, cti: self.cti, identity: self.identity.public(), act, letter };
        [act.sign(self.identity), act.sign(self.pick_up)]
    }
}
