//! The way to an organisation through its relay: a letter is durable in the outbox before it is on its way, and stays there
//! until the relay has it. The same letter is always the same bytes, so that one that is sent twice is one.

use countersign_documents::{
    Blob, Digest, SigningKey, Time, decode, encode,
    id::{KeyId, OrganisationId, RequestId},
    record,
    relay::Ticket,
};
use countersign_ports::{RelayError, Table, Write};

use super::{Inbox, Pin, organisations, requests::Sent};
use crate::{
    error::{Error, RelayFault, Result},
    own::secret,
    relay::{RelayAt, TicketHeld},
};

record! {
    /// A letter that waits for the relay.
    pub struct Outgoing {
        /// To whom.
        1 => organisation: OrganisationId,
        /// The letter.
        2 => letter: Blob,
        /// Since when.
        3 => since: Time,
        /// The request it is, or takes back.
        4 => request?: RequestId,
        /// The key whose receipt it is.
        5 => receipt?: KeyId,
    }
}

/// How far a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// The relay has it.
    Sent,
    /// It waits here: every call that asks the relay tries it again.
    Waits(RelayFault),
    /// The organisation has no relay: the letter is to be handed over as a file.
    ByHand,
}

/// Prefix of the rows of letters.
const LETTERS: &str = "post/";

impl Outgoing {
    /// Rows are listed in the order of their names: what was written first leaves first.
    pub(super) fn row(&self) -> String {
        format!("{LETTERS}{:016}/{}", self.since.0, Digest::of(&self.letter.0).hex())
    }
}

impl Inbox {
    /// The relay on the newest card of a pinned organisation.
    pub(super) fn at(&self, pin: &Pin) -> Result<Option<RelayAt>> {
        let origin = pin.read()?.card.relay;
        Ok(origin.map(|origin| RelayAt::new(self.relay.clone(), self.clock.clone(), origin)))
    }

    pub(super) fn outgoing(&self, organisation: OrganisationId, letter: &[u8]) -> Result<Outgoing> {
        let (letter, since) = (Blob(letter.to_vec()), self.now()?);
        Ok(Outgoing { organisation, letter, since, request: None, receipt: None })
    }

    /// Sends a request, or its revision: kept and waiting in one step, then brought to the relay.
    pub async fn send_request(&self, sent: &Sent) -> Result<Posted> {
        let outgoing = Outgoing { request: Some(sent.id), ..self.outgoing(sent.organisation, &sent.letter)? };
        let pin = self.organisation(Some(&sent.organisation.to_string())).await?;
        let Some(at) = self.at(&pin)? else {
            self.keep(sent).await?;
            return Ok(Posted::ByHand);
        };
        let row = outgoing.row();
        self.keep_with(sent, Some((&row, &encode(&outgoing)))).await?;
        self.try_to_post(&at, &row, &outgoing).await
    }

    /// Makes a letter durable together with what it says of one's own rows, then brings it to the relay.
    pub(super) async fn send(&self, outgoing: &Outgoing, mut beside: Vec<Write<'_>>) -> Result<Posted> {
        let pin = self.organisation(Some(&outgoing.organisation.to_string())).await?;
        let Some(at) = self.at(&pin)? else {
            self.vault.write(&beside).await?;
            return Ok(Posted::ByHand);
        };
        let (row, bytes) = (outgoing.row(), encode(outgoing));
        beside.push(Write::Put(Table::Outbox, &row, &bytes));
        self.vault.write(&beside).await?;
        drop(beside);
        self.try_to_post(&at, &row, outgoing).await
    }

    async fn try_to_post(&self, at: &RelayAt, row: &str, outgoing: &Outgoing) -> Result<Posted> {
        match self.post(at, row, outgoing).await {
            Ok(()) => Ok(Posted::Sent),
            Err(Error::Relay(fault)) => Ok(Posted::Waits(fault)),
            Err(error) => Err(error),
        }
    }

    /// Brings a letter to the relay; then it waits here no more.
    async fn post(&self, at: &RelayAt, row: &str, outgoing: &Outgoing) -> Result<()> {
        let Outgoing { organisation, letter, receipt, .. } = outgoing;
        let known = organisations::known_row(organisation);
        let is_known = self.vault.get(Table::Pins, &known).await?.is_some();
        let ticket = self.ticket(organisation).await?;
        let shown = ticket.as_ref().filter(|_| !is_known);
        match at.post(&self.own.signing, *organisation, &letter.0, shown).await {
            // A relay that forgot this identity is shown the ticket once more.
            Err(Error::Relay(RelayFault::Failed(RelayError::NotTaken))) if is_known && ticket.is_some() => {
                at.post(&self.own.signing, *organisation, &letter.0, ticket.as_ref()).await?;
            }
            posted => posted?,
        }
        let taken = receipt.as_ref().map(super::envelopes::taken);
        let mut batch = vec![Write::Remove(Table::Outbox, row), Write::Put(Table::Pins, &known, &[1])];
        batch.extend(taken.as_ref().map(|row| Write::Put(Table::Opened, row, &[1])));
        Ok(self.vault.write(&batch).await?)
    }

    /// The ticket of an organisation's invitation, where one was pinned.
    async fn ticket(&self, organisation: &OrganisationId) -> Result<Option<TicketHeld>> {
        let row = organisations::ticket_row(organisation);
        let Some(document) = self.vault.get(Table::Pins, &row).await? else { return Ok(None) };
        let seed = secret(&*self.vault, Table::Pins, &organisations::seed_row(organisation)).await?;
        let pin = self.organisation(Some(&organisation.to_string())).await?;
        // A ticket whose maker the newest root does not certify any more is worth nothing.
        let Ok(ticket) = Ticket::verify(&document, &pin.read()?.trust.root) else { return Ok(None) };
        Ok(Some(TicketHeld { document: document.to_vec(), ticket, key: SigningKey::from_seed(&seed) }))
    }

    /// Letters that wait for this organisation's relay, the oldest first.
    pub(super) async fn waiting(&self, organisation: &OrganisationId) -> Result<Vec<(String, Outgoing)>> {
        let mut waiting = self.all_waiting().await?;
        waiting.retain(|(_, outgoing)| outgoing.organisation == *organisation);
        Ok(waiting)
    }

    async fn all_waiting(&self) -> Result<Vec<(String, Outgoing)>> {
        let mut waiting = Vec::new();
        for row in self.vault.ids(Table::Outbox).await? {
            if row.starts_with(LETTERS)
                && let Some(bytes) = self.vault.get(Table::Outbox, &row).await?
            {
                waiting.push((row, decode(&bytes).map_err(|_| Error::BadSnapshot)?));
            }
        }
        waiting.sort_by(|(a, _): &(String, Outgoing), (b, _)| a.cmp(b));
        Ok(waiting)
    }

    /// Whether a request, or what was said of it, has not left yet.
    pub(super) async fn waits_to_leave(&self, request: &RequestId) -> Result<bool> {
        Ok(self.all_waiting().await?.iter().any(|(_, outgoing)| outgoing.request == Some(*request)))
    }

    /// How many letters and receipts wait for a relay.
    pub async fn waiting_letters(&self) -> Result<usize> {
        Ok(self.all_waiting().await?.len() + self.acknowledgements().await?.len())
    }

    /// Brings every letter that waits to the relay. What it does not take stays, and the first reason is given; an error where
    /// it does not answer.
    pub(super) async fn post_waiting(&self, at: &RelayAt, pin: &Pin) -> Result<Option<RelayFault>> {
        let mut kept = None;
        for (row, outgoing) in self.waiting(&pin.organisation).await? {
            match self.post(at, &row, &outgoing).await {
                Ok(()) => {}
                Err(Error::Relay(fault)) if !fault.is_down() => drop(kept.get_or_insert(fault)),
                Err(error) => return Err(error),
            }
        }
        Ok(kept)
    }
}
