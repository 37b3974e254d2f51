//! What waits at the relays of pinned organisations is read, and what waits here is brought there.

use core::{future::Future, pin::Pin as Pinned, task::Poll};

use countersign_contract::OwnRequestView;
use countersign_documents::{
    Rejected, Time, decode, encode,
    id::OrganisationId,
    relay::{DONE, Mail},
    time::HOUR,
};
use countersign_ports::{RelayError, Table, Write};

use super::{Inbox, Pin};
use crate::{
    bell::Bell,
    error::{Error, RelayFault, Result},
    own::Own,
    relay::{Asking, RelayAt},
};

/// How many pages of letters one call reads from one relay.
const PAGES: usize = 200;

/// A letter that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// From whose relay.
    pub organisation: OrganisationId,
    /// The code of the failure.
    pub code: &'static str,
    /// Why, in one sentence.
    pub why: String,
    /// Whether it stays at the relay and is tried again.
    pub stays: bool,
}

/// What a call to the relays brought.
#[derive(Debug, Default)]
pub struct Synced {
    /// Requests that the organisation wrote about, as they are now.
    pub read: Vec<OwnRequestView>,
    /// Letters that could not be read.
    pub unread: Vec<Unread>,
    /// Organisations whose newer card is pinned now.
    pub cards: Vec<OrganisationId>,
    /// Relays that did not answer, or did not take something, and why.
    pub waits: Vec<(OrganisationId, RelayFault)>,
}

impl Synced {
    fn is_empty(&self) -> bool {
        self.read.is_empty() && self.cards.is_empty()
    }
}

/// One pinned organisation that has a relay, and how far its letters were read.
struct Visit {
    pin: Pin,
    at: RelayAt,
    after: u64,
    done: Vec<u64>,
}

fn card_row(organisation: &OrganisationId) -> String {
    format!("card-asked/{organisation}")
}

impl Inbox {
    /// Brings to every relay what waits for it and reads what waits there. Where nothing does, it waits up to `patience`
    /// seconds, at most 15, for something to come from any of them. A relay that does not answer keeps no other back.
    pub async fn sync(&self, patience: u64) -> Result<Synced> {
        let mut synced = Synced::default();
        let mut visits = Vec::new();
        self.forget_fetched().await?;
        for pin in self.pins().await? {
            let Some(at) = self.at(&pin)? else { continue };
            let mut visit = Visit { pin, at, after: 0, done: Vec::new() };
            if self.visit(&mut visit, &mut synced).await? {
                visits.push(visit);
            }
        }
        if patience > 0 && synced.is_empty() && !visits.is_empty() {
            let (at, mail) = self.wait(&visits, patience).await;
            let visit = &mut visits[at];
            let taken = match mail {
                Ok(mail) => self.read_all(mail, visit, &mut synced).await,
                Err(error) => Err(error),
            };
            self.noted(visit.pin.organisation, taken, &mut synced)?;
        }
        Ok(synced)
    }

    /// What rings when something new waits for this identity, one bell for each relay.
    pub async fn bells(&self) -> Result<Vec<Bell>> {
        let mut bells = Vec::new();
        for pin in self.pins().await? {
            if let Some(at) = self.at(&pin)? {
                bells.push(Bell::new(at, Own::load(&*self.vault).await?, pin.organisation, None));
            }
        }
        Ok(bells)
    }

    /// Everything there is to do at one relay. Whether it answers.
    async fn visit(&self, visit: &mut Visit, synced: &mut Synced) -> Result<bool> {
        let organisation = visit.pin.organisation;
        let done = self.everything(visit, synced).await;
        self.noted(organisation, done, synced)
    }

    /// A relay's failure is noted, and ends nothing else.
    fn noted(&self, organisation: OrganisationId, done: Result<()>, synced: &mut Synced) -> Result<bool> {
        match done {
            Ok(()) => Ok(true),
            Err(Error::Relay(fault)) => {
                synced.waits.push((organisation, fault));
                Ok(!fault.is_down())
            }
            Err(error) => Err(error),
        }
    }

    async fn everything(&self, visit: &mut Visit, synced: &mut Synced) -> Result<()> {
        if let Some(fault) = self.post_waiting(&visit.at, &visit.pin).await? {
            synced.waits.push((visit.pin.organisation, fault));
        }
        for waiting in self.acknowledgements().await? {
            if waiting.organisation != visit.pin.organisation {
                continue;
            }
            match self.acknowledge(&visit.at, waiting).await {
                Err(Error::Relay(fault)) if !fault.is_down() => {
                    synced.waits.push((visit.pin.organisation, fault));
                }
                // The receipt can be sealed to a newer card only; one may come.
                Err(Error::Rejected { why: Rejected::WrongTime, .. }) => {}
                done => done?,
            }
        }
        self.newer_card(visit, synced).await?;
        let mail = self.ask(visit, 0).await?;
        self.read_all(mail, visit, synced).await
    }

    /// Follows the organisation to a newer card, by the rules by which a card is pinned. Asked once an hour.
    async fn newer_card(&self, visit: &Visit, synced: &mut Synced) -> Result<()> {
        let (organisation, now) = (visit.pin.organisation, self.now()?);
        let row = card_row(&organisation);
        let asked: Option<Time> = match self.vault.get(Table::Heads, &row).await? {
            Some(bytes) => decode(&bytes).ok(),
            None => None,
        };
        if asked.is_some_and(|asked| asked <= now && now.since(asked) < HOUR) {
            return Ok(());
        }
        let card = match visit.at.card(organisation).await {
            Err(Error::Relay(RelayFault::Failed(RelayError::NothingThere))) => return Ok(()),
            card => card?,
        };
        self.vault.write(&[Write::Put(Table::Heads, &row, &encode(&now))]).await?;
        if card == visit.pin.card.0 || !self.is_newer(&card, &visit.pin)? {
            return Ok(());
        }
        match self.pin(&card, None).await {
            Ok(_) => synced.cards.push(organisation),
            // Nothing follows silently that a person would have to compare.
            Err(error @ (Error::Rejected { .. } | Error::FingerprintIncomplete | Error::Value(_))) => {
                synced.unread.push(unread(organisation, &error, true));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn ask(&self, visit: &Visit, patience: u64) -> Result<Mail> {
        let told = &visit.done[..visit.done.len().min(DONE)];
        let asking = Asking { after: visit.after, patience, done: told };
        visit.at.poll(&self.own.signing, None, visit.pin.organisation, asking).await
    }

    /// Reads a page, and what comes after it, until nothing is new and everything that is done was said to be.
    async fn read_all(&self, mail: Mail, visit: &mut Visit, synced: &mut Synced) -> Result<()> {
        let mut mail = mail;
        for _ in 0..PAGES {
            let before = visit.after;
            for letter in mail.letters {
                visit.after = visit.after.max(letter.number);
                if self.read_letter(&letter.letter.0, visit.pin.organisation, synced).await? {
                    visit.done.push(letter.number);
                }
            }
            visit.done.sort_unstable();
            visit.done.dedup();
            if visit.after == before && visit.done.is_empty() {
                break;
            }
            mail = self.ask(visit, 0).await?;
            visit.done.drain(..visit.done.len().min(DONE));
        }
        Ok(())
    }

    /// Whether the letter is done.
    async fn read_letter(&self, bytes: &[u8], from: OrganisationId, synced: &mut Synced) -> Result<bool> {
        match self.read_message(bytes).await {
            Ok(view) => {
                synced.read.retain(|known| known.id != view.id);
                synced.read.push(view);
                Ok(true)
            }
            Err(error @ Error::Rejected { why: Rejected::WrongTime, .. }) => {
                synced.unread.push(unread(from, &error, true));
                Ok(false)
            }
            Err(error @ (Error::Unopened | Error::Rejected { .. } | Error::NotFound { .. })) => {
                synced.unread.push(unread(from, &error, false));
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    /// Waits at all relays at once for whichever has something first.
    async fn wait(&self, visits: &[Visit], patience: u64) -> (usize, Result<Mail>) {
        type Waiting<'w> = Pinned<Box<dyn Future<Output = Result<Mail>> + Send + 'w>>;
        let mut waiting: Vec<Waiting<'_>> = Vec::new();
        for visit in visits {
            waiting.push(Box::pin(self.ask(visit, patience)));
        }
        core::future::poll_fn(move |cx| {
            for (at, asked) in waiting.iter_mut().enumerate() {
                if let Poll::Ready(mail) = asked.as_mut().poll(cx) {
                    return Poll::Ready((at, mail));
                }
            }
            Poll::Pending
        })
        .await
    }
}

fn unread(organisation: OrganisationId, error: &Error, stays: bool) -> Unread {
    Unread { organisation, code: error.code(), why: error.to_string(), stays }
}
