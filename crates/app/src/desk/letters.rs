//! Letters to partners: durable in the outbox before what they say is on the record, and brought to the relay after. Of a
//! revocation a mark is durable before, and the letter is written from the record.

use countersign_documents::{
    Blob, Digest, Time, decode, encode,
    id::{KeyId, RequestId},
    letters::{Message, Saying},
    order::{Act, Reason},
    record,
    text::Prose,
    time::{DAY, Seconds},
};
use countersign_domain::{Event, KeyRecord, KeyState};
use countersign_envelope::letter::{self, Purpose};
use countersign_ports::{Table, Write};

use super::Desk;
use crate::{
    error::{Error, RelayFault, Result},
    random::make_secret,
    relay::RelayAt,
};

/// How long it is remembered that a letter left, so that it does not leave again.
const REMEMBERED: Seconds = 90 * DAY;
/// How long a letter is kept that says what is not on the record: whoever wrote it was interrupted.
const UNRECORDED: Seconds = DAY;

/// Prefix of the rows of letters.
const LETTERS: &str = "letter/";
/// Prefix of the rows that say that a partner is to be told once a key is revoked.
const TELLINGS: &str = "tell/";

record! {
    /// A letter to a partner.
    pub struct Outgoing {
        /// Thumbprint of the identity it is for.
        1 => recipient: Digest,
        /// Since when.
        2 => since: Time,
        /// The letter; empty once it left.
        3 => letter: Blob,
        /// The request whose reply it is; then it leaves only after the reply is on the record.
        4 => reply?: RequestId,
        /// SHA-256 of the message in it.
        5 => message: Digest,
        /// When it left.
        6 => sent?: Time,
    }
}

pub(crate) fn letter_row(name: &impl core::fmt::Display) -> String {
    format!("{LETTERS}{name}")
}

impl Desk {
    /// Keeps a reply that is about to be recorded; what was kept or has left already stays as it is.
    pub(crate) async fn keep_reply(
        &self,
        request: RequestId,
        recipient: Digest,
        message: Digest,
        letter: &[u8],
    ) -> Result<()> {
        let row = letter_row(&message.hex());
        if self.relay().is_none() || self.ports.vault.get(Table::Outbox, &row).await?.is_some() {
            return Ok(());
        }
        let outgoing = Outgoing {
            recipient,
            since: self.context()?.time,
            letter: Blob(letter.to_vec()),
            reply: Some(request),
            message,
            sent: None,
        };
        Ok(self.ports.vault.write(&[Write::New(Table::Outbox, &row, &encode(&outgoing))]).await?)
    }

    /// Rows that note, before keys are revoked, whose holders are to be told when they are.
    pub(crate) fn tellings(
        &self,
        keys: &[KeyId],
        (act, reason): (Act, Reason),
    ) -> Result<Vec<(String, Vec<u8>)>> {
        // Whoever has the next key of the same grant knows that this one ends.
        let due = act == Act::Revoke && reason != Reason::Replaced;
        if !due || self.relay().is_none() || !self.may_speak() {
            return Ok(Vec::new());
        }
        let since = encode(&self.context()?.time);
        let due = |id: &&KeyId| self.state.keys.get(id).is_some_and(|key| was_out(key));
        Ok(keys.iter().filter(due).map(|id| (format!("{TELLINGS}{id}"), since.clone())).collect())
    }

    /// Whoever has one of these rights speaks for the organisation.
    fn may_speak(&self) -> bool {
        use countersign_documents::certificate::Right;
        self.me()
            .is_ok_and(|me| [Right::Vet, Right::Approve, Right::Admin].iter().any(|right| me.may(*right)))
    }

    /// Writes the letters about keys that are revoked by now.
    async fn write_tellings(&self) -> Result<()> {
        let now = self.context()?.time;
        for row in self.ports.vault.ids(Table::Outbox).await? {
            let Some(id) = row.strip_prefix(TELLINGS).and_then(KeyId::parse) else { continue };
            let Some(bytes) = self.ports.vault.get(Table::Outbox, &row).await? else { continue };
            let since: Time = decode(&bytes).map_err(|_| Error::BadSnapshot)?;
            let revoked = self.state.keys.get(&id).filter(|k| k.state == KeyState::Revoked);
            match revoked {
                Some(key) if self.may_speak() => {
                    let letter = letter_row(&id);
                    let mut batch = vec![Write::Remove(Table::Outbox, &row)];
                    let written = self.tell(key, now)?.map(|outgoing| encode(&outgoing));
                    if let Some(outgoing) = &written {
                        batch.push(Write::Put(Table::Outbox, &letter, outgoing));
                    }
                    self.ports.vault.write(&batch).await?;
                }
                // An order that never became a revocation.
                None if now.since(since) > REMEMBERED => {
                    self.ports.vault.write(&[Write::Remove(Table::Outbox, &row)]).await?;
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }

    fn tell(&self, key: &KeyRecord, now: Time) -> Result<Option<Outgoing>> {
        let Some(exchange) = key.request.and_then(|request| self.state.exchanges.get(&request)) else {
            return Ok(None);
        };
        let why = key.stop.as_ref().map(|stop| stop.reason.to_string()).unwrap_or_default();
        let text = format!("Your key for {} / {} was revoked ({why}).", key.service, key.environment);
        let message = Message {
            organisation: self.organisation,
            recipient: key.holder,
            request: exchange.id,
            sent: now,
            saying: Saying::Revoked,
            text: Prose::parse(&text).map_err(Error::text("text"))?,
        };
        let document = message.sign(&self.me()?.certificate.0, &self.own.signing);
        let seed = make_secret(&*self.ports.entropy)?;
        let letter =
            letter::seal(Purpose::ToPartner, self.organisation, &exchange.receiving, &document, &seed)?;
        Ok(Some(Outgoing {
            recipient: key.holder,
            since: now,
            letter: Blob(letter),
            reply: None,
            message: Digest::of(&document),
            sent: None,
        }))
    }

    /// Brings every letter that waits to the relay, until that does not take one.
    async fn send_letters(&self, at: &RelayAt, waits: &mut Waits) -> Result<()> {
        self.write_tellings().await?;
        let now = self.context()?.time;
        for row in self.ports.vault.ids(Table::Outbox).await? {
            let Some((row, outgoing)) = self.outgoing(&row).await? else { continue };
            let age = now.since(outgoing.since);
            let recorded = match outgoing.reply {
                Some(request) if outgoing.sent.is_none() => {
                    self.is_replied(request, outgoing.message).await?
                }
                _ => true,
            };
            let over = if recorded { outgoing.sent.is_some() && age > REMEMBERED } else { age > UNRECORDED };
            if over {
                self.ports.vault.write(&[Write::Remove(Table::Outbox, row)]).await?;
            }
            if over || !recorded || outgoing.sent.is_some() {
                continue;
            }
            let dispatched = at.dispatch(self.certified()?, outgoing.recipient, &outgoing.letter.0).await;
            if !waits.note(dispatched)? {
                continue;
            }
            let left = Outgoing { letter: Blob(Vec::new()), sent: Some(now), ..outgoing };
            self.ports.vault.write(&[Write::Put(Table::Outbox, row, &encode(&left))]).await?;
        }
        Ok(())
    }

    async fn outgoing<'r>(&self, row: &'r str) -> Result<Option<(&'r str, Outgoing)>> {
        if !row.starts_with(LETTERS) {
            return Ok(None);
        }
        let Some(bytes) = self.ports.vault.get(Table::Outbox, row).await? else { return Ok(None) };
        Ok(Some((row, decode(&bytes).map_err(|_| Error::BadSnapshot)?)))
    }

    /// How many letters wait for the relay.
    pub async fn waiting_letters(&self) -> Result<usize> {
        let mut waiting = 0;
        for row in self.ports.vault.ids(Table::Outbox).await? {
            waiting += usize::from(self.outgoing(&row).await?.is_some_and(|(_, o)| o.sent.is_none()));
        }
        Ok(waiting)
    }

    /// Whether exactly this message stands in the ledger as a reply to the request.
    async fn is_replied(&self, request: RequestId, message: Digest) -> Result<bool> {
        let Ok(exchange) = self.state.exchange(&request) else { return Ok(false) };
        for seq in exchange.history.iter().rev() {
            let Some(row) = self.ports.log.read(*seq, 1).await?.pop() else { continue };
            if let Some((_, Event::Replied(replied), ..)) = self.open_entry(&row.leaf)
                && replied.message == message
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whatever waits for the relay is brought there, where it answers; where it does not, it waits. That is no failure of
    /// what was just done.
    pub(crate) async fn tell_relay(&mut self) -> Result<()> {
        let Ok(at) = self.at_relay() else { return Ok(()) };
        match self.send_all(&at).await {
            Ok(_) | Err(Error::Relay(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Cards first: whoever is certified anew is known by them. Gives what the relay answered where it did not take
    /// something; fails where it does not answer.
    pub(crate) async fn send_all(&mut self, at: &RelayAt) -> Result<Option<RelayFault>> {
        let mut waits = Waits(None);
        waits.note(self.put_card(at).await)?;
        waits.note(self.settle_withdrawals().await)?;
        waits.note(self.send_removals(at).await)?;
        self.send_letters(at, &mut waits).await?;
        Ok(waits.0)
    }
}

/// The first thing that a relay did not take, though it answered: what comes after it is tried all the same.
struct Waits(Option<RelayFault>);

impl Waits {
    /// Whether it was done; an error where nothing else will be either.
    fn note(&mut self, done: Result<()>) -> Result<bool> {
        match done {
            Ok(()) => Ok(true),
            Err(Error::Relay(fault)) if !fault.is_down() => {
                self.0.get_or_insert(fault);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether its holder may have it, or know that it is coming.
fn was_out(key: &KeyRecord) -> bool {
    key.request.is_some()
        && match key.state {
            KeyState::HandedOver | KeyState::Opened | KeyState::Active | KeyState::Disabled => true,
            KeyState::Intended | KeyState::Abandoned | KeyState::Sealed | KeyState::Revoked => false,
        }
}
