//! The organisation's relay: invitations, envelopes taken back, and what it is told of members and cards.
//!
//! Whatever the relay is to be told is durable in the vault first and stays there until it was told: a relay that cannot be
//! reached costs time and nothing else.

use countersign_contract::KeyView;
use countersign_documents::{
    SigningKey, Time,
    card::Card,
    certificate::Right,
    decode, encode,
    id::{Cti, KeyId, OrganisationId, TicketId},
    record,
    relay::{Invitation, Outcome, TICKET, Ticket, Withdrawn as Answer},
};
use countersign_domain::{Delivery, Event, KeyRecord, Refusal, event::Withdrawn};
use countersign_ports::{RelayError, Table, Write};

use super::{Desk, show::key_word};
use crate::{
    error::{Error, RelayFault, Result},
    random::{make_bytes, make_secret},
    relay::{Certified, RelayAt},
};

record! {
    /// An envelope that is to be taken back.
    pub struct Withdrawal {
        /// Of which key.
        1 => key: KeyId,
        /// Which envelope.
        2 => cti: Cti,
        /// Since when.
        3 => since: Time,
        /// What the relay said; it is not on the record yet.
        4 => answer?: Answer,
    }
}

/// Prefix of the rows of envelopes that are to be taken back.
const WITHDRAWALS: &str = "withdraw/";
/// The row that says which card the relay was given last.
const CARD: &str = "relay/card";

pub(crate) fn withdrawal_row(key: &KeyId) -> String {
    format!("{WITHDRAWALS}{key}")
}

impl Desk {
    /// The relay that the newest card names.
    pub(crate) fn at_relay(&self) -> Result<RelayAt> {
        let card = self.state.card.as_ref().ok_or(RelayFault::None)?;
        let card = Card::verify_ended(&card.0, None).map_err(Error::rejected("card"))?.card;
        let origin = card.relay.ok_or(RelayFault::None)?;
        Ok(RelayAt::new(self.ports.relay.clone(), self.ports.clock.clone(), origin))
    }

    /// Whose desk it is.
    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// Where the relay is, if the newest card names one.
    pub fn relay(&self) -> Option<String> {
        self.at_relay().ok().map(|at| at.origin().to_owned())
    }

    /// Whom a relay takes this desk for.
    pub(crate) fn certified(&self) -> Result<Certified<'_>> {
        Ok(Certified { certificate: &self.me()?.certificate.0, key: &self.own.signing })
    }

    /// What a partner is handed so that it can ask through the relay: the card, and the right to write.
    pub fn invite(&self) -> Result<Invitation> {
        self.check_own_certificate()?;
        let me = self.me()?;
        if ![Right::Vet, Right::Approve, Right::Admin].iter().any(|right| me.may(*right)) {
            return Err(Refusal::MissingRight.into());
        }
        self.at_relay()?;
        let card = self.card()?.to_vec();
        let made = self.context()?.time;
        Card::verify(&card, None, made).map_err(Error::rejected("card"))?;
        let seed = make_secret(&*self.ports.entropy)?;
        let ticket = Ticket {
            organisation: self.organisation,
            id: TicketId(make_bytes(&*self.ports.entropy)?),
            key: SigningKey::from_seed(&seed).public(),
            made,
            expires: made.plus(TICKET),
        };
        let ticket = ticket.sign(&me.certificate.0, &self.own.signing);
        Ok(Invitation { card, ticket, seed })
    }

    /// Takes an envelope back: the relay is told first, and what it answers is recorded after, as with any stop.
    pub async fn withdraw_delivery(&mut self, key: KeyId) -> Result<Answer> {
        let probe = Event::Withdrawn(Withdrawn { key, outcome: Outcome::Fetched, at: None });
        self.state.check(&self.context()?, &probe)?;
        let (row, bytes) = self.withdrawal_of(&key)?.ok_or(Refusal::NotAtRelay)?;
        // What the relay answered already is not asked again.
        if self.ports.vault.get(Table::Outbox, &row).await?.is_none() {
            self.ports.vault.write(&[Write::New(Table::Outbox, &row, &bytes)]).await?;
        }
        self.settle_withdrawal(&row).await
    }

    /// The row that an envelope is to be taken back, where there is one at the relay.
    pub(crate) fn withdrawal_of(&self, key: &KeyId) -> Result<Option<(String, Vec<u8>)>> {
        let since = self.context()?.time;
        let record = self.state.key(key)?;
        let open = record.parcel.is_some_and(|p| p.withdrawn.is_none());
        let Some(cti) = record.cti.filter(|_| open) else { return Ok(None) };
        let row = Withdrawal { key: *key, cti, since, answer: None };
        Ok(Some((withdrawal_row(key), encode(&row))))
    }

    /// Takes back whatever waits to be, until the relay does not answer.
    pub(crate) async fn settle_withdrawals(&mut self) -> Result<()> {
        for row in self.ports.vault.ids(Table::Outbox).await? {
            if !row.starts_with(WITHDRAWALS) {
                continue;
            }
            match self.settle_withdrawal(&row).await {
                // Somebody else's came first, or the rules cannot take what the relay says: nothing is left to do.
                Ok(_) | Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn settle_withdrawal(&mut self, row: &str) -> Result<Answer> {
        let bytes = self.ports.vault.get(Table::Outbox, row).await?.ok_or(Refusal::AlreadyThere)?;
        let mut pending: Withdrawal = decode(&bytes).map_err(|_| Error::BadSnapshot)?;
        let answer = match pending.answer {
            Some(answer) => answer,
            None => {
                let answer = self.take_back(&pending).await?;
                pending.answer = Some(answer);
                self.ports.vault.write(&[Write::Put(Table::Outbox, row, &encode(&pending))]).await?;
                answer
            }
        };
        let event = Withdrawn { key: pending.key, outcome: answer.outcome, at: answer.at };
        let recorded = match self.cut_off {
            None => self.record(Event::Withdrawn(event)).await.map(drop),
            Some(_) => Err(Error::Log(countersign_ports::LogError::Unavailable)),
        };
        match recorded {
            Ok(()) | Err(Error::Refused(Refusal::AlreadyThere)) => {
                self.ports.vault.write(&[Write::Remove(Table::Outbox, row)]).await?;
                self.shred(&pending.key).await.map_err(Error::after_record)?;
                Ok(answer)
            }
            Err(error @ Error::Refused(Refusal::OutcomeDiffers | Refusal::NotAtRelay)) => {
                self.ports.vault.write(&[Write::Remove(Table::Outbox, row)]).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn take_back(&self, pending: &Withdrawal) -> Result<Answer> {
        let told = match self.at_relay() {
            Ok(at) => at.withdraw(self.certified()?, pending.cti).await,
            Err(error) => Err(error),
        };
        match told {
            Err(Error::Relay(RelayFault::Failed(RelayError::NothingThere))) => self.never_there(&pending.key),
            Err(Error::Relay(RelayFault::Failed(why))) => Err(RelayFault::NotWithdrawn(why).into()),
            told => told,
        }
    }

    /// The relay knows nothing of such an envelope: it never came there, or has long been over. No link to it was given out
    /// before the relay had it.
    fn never_there(&self, key: &KeyId) -> Result<Answer> {
        let now = self.context()?.time;
        let record = self.state.key(key)?;
        let outcome = match record.parcel.and_then(|p| p.fetched) {
            _ if record.opened.is_some() => Outcome::Acknowledged,
            Some(_) => Outcome::Fetched,
            None if record.opens_until.is_some_and(|until| until <= now) => Outcome::Expired,
            None => Outcome::Withdrawn,
        };
        Ok(Answer { outcome, at: None })
    }

    /// Keys whose envelopes wait to be taken back: their readers may still fetch them.
    pub async fn waiting_withdrawals(&self) -> Result<Vec<(KeyId, Time)>> {
        let mut waiting = Vec::new();
        for row in self.ports.vault.ids(Table::Outbox).await? {
            if row.starts_with(WITHDRAWALS)
                && let Some(bytes) = self.ports.vault.get(Table::Outbox, &row).await?
            {
                let pending: Withdrawal = decode(&bytes).map_err(|_| Error::BadSnapshot)?;
                waiting.push((pending.key, pending.since));
            }
        }
        Ok(waiting)
    }

    /// How far a key is, in one word: its state, and for an envelope at the relay what is known of that.
    pub(crate) fn delivery_word(&self, key: &KeyRecord) -> String {
        match key.delivery(self.time()) {
            Delivery::State(state) => key_word(state),
            Delivery::Uploaded => "uploaded".to_owned(),
            Delivery::Fetched => "fetched".to_owned(),
            Delivery::Withdrawn => "withdrawn".to_owned(),
            Delivery::Expired => "expired".to_owned(),
        }
    }

    /// What a list kept of a key, as it is now: an envelope at the relay ends without any entry.
    pub(crate) fn at_this_time(&self, view: KeyView) -> KeyView {
        let waits = view.state == "uploaded";
        match KeyId::parse(&view.id).filter(|_| waits).and_then(|id| self.state.keys.get(&id)) {
            Some(key) => KeyView { state: self.delivery_word(key), ..view },
            None => view,
        }
    }

    /// Tells the relay which members count no more: those whom the ledger names as suspended, each once.
    pub(crate) async fn send_removals(&self, at: &RelayAt) -> Result<()> {
        if !self.me()?.may(Right::Admin) {
            return Ok(());
        }
        for member in self.state.members.values().filter(|m| m.suspended) {
            let key = member.key.thumbprint();
            let row = format!("relay/removed/{}", key.hex());
            let mark = encode(&member.certified);
            if self.ports.vault.get(Table::Outbox, &row).await?.is_some_and(|kept| *kept == mark) {
                continue;
            }
            at.remove(self.certified()?, key).await?;
            self.ports.vault.write(&[Write::Put(Table::Outbox, &row, &mark)]).await?;
        }
        Ok(())
    }

    /// Gives the relay the newest card, once.
    pub(crate) async fn put_card(&self, at: &RelayAt) -> Result<()> {
        let card = self.card()?;
        let mark = [at.origin().as_bytes(), &countersign_documents::Digest::of(card).0].concat();
        if self.ports.vault.get(Table::Outbox, CARD).await?.is_some_and(|kept| *kept == mark) {
            return Ok(());
        }
        match at.put_card(card).await {
            // It has this one, or a newer one that this desk does not know yet.
            Ok(()) | Err(Error::Relay(RelayFault::Failed(RelayError::NotTaken | RelayError::Taken))) => {}
            Err(error) => return Err(error),
        }
        Ok(self.ports.vault.write(&[Write::Put(Table::Outbox, CARD, &mark)]).await?)
    }
}
