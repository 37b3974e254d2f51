//! What waits at the relay is taken in, and what waits here is brought there.
//!
//! A letter is done, and forgotten by the relay, once it is on the record or can never be. What a rule refuses for now stays
//! and is tried again: another desk may have the right, or the request it speaks of may still come.

use std::collections::BTreeMap;

use countersign_documents::{
    Rejected, Time,
    certificate::Right,
    id::{Cti, KeyId},
    relay::{DONE, Mail, Parcel, ParcelState, Waiting},
};
use countersign_domain::{Event, KeyState, Refusal, event::Fetched};

use super::Desk;
use crate::{
    bell::Bell,
    error::{Error, RelayFault, Result, WitnessFlaw},
    own::Own,
    relay::{Asking, RelayAt},
};

/// How many pages of letters one call takes in: a relay that never ends its list does not hold a desk for ever.
const PAGES: usize = 200;

/// A letter that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// What it was: `request`, `withdrawal`, `leak-report`, `receipt`.
    pub what: &'static str,
    /// The id of what it is about.
    pub id: String,
    /// When it came to the relay.
    pub came: Time,
}

/// A letter that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedLetter {
    /// Its number at the relay.
    pub number: u64,
    /// When it came to the relay.
    pub came: Time,
    /// The code of the failure.
    pub code: &'static str,
    /// Why, in one sentence.
    pub why: String,
    /// Whether it stays at the relay and is tried again.
    pub stays: bool,
}

/// News of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParcelNews {
    /// Of which key.
    pub key: KeyId,
    /// What became of it.
    pub state: ParcelState,
    /// When its reader had it, by the relay's clock.
    pub at: Time,
}

/// What a call to the relay brought.
#[derive(Debug, Default)]
pub struct Synced {
    /// Letters that were taken in.
    pub imported: Vec<Imported>,
    /// Letters that were not.
    pub refused: Vec<RefusedLetter>,
    /// Envelopes that were fetched, now on the record.
    pub parcels: Vec<ParcelNews>,
    /// Why something that waits here could not be brought to the relay, though it answers.
    pub waits: Option<RelayFault>,
    /// What is wrong with the relay's witness.
    pub witness: Option<WitnessFlaw>,
}

impl Synced {
    fn is_empty(&self) -> bool {
        self.imported.is_empty() && self.parcels.is_empty()
    }
}

/// What to do with a letter that could not be taken in.
enum Fate {
    /// It is on the record already.
    Known,
    /// It never can be taken in.
    Never,
    /// Perhaps later, or at another desk.
    Later,
    /// This desk cannot go on.
    Accident,
}

fn fate(error: &Error) -> Fate {
    match error {
        Error::Refused(Refusal::AlreadyThere | Refusal::OldRevision) => Fate::Known,
        Error::Refused(Refusal::RequestClosed | Refusal::BadSignature | Refusal::ReceiptDiffers) => {
            Fate::Never
        }
        // A clock that is wrong, here or there, may be set right.
        Error::Rejected { why: Rejected::WrongTime, .. } => Fate::Later,
        Error::Rejected { .. } | Error::Unopened | Error::Text { .. } | Error::TooLarge => Fate::Never,
        Error::Log(_)
        | Error::Vault(_)
        | Error::NotRemembered(_)
        | Error::Entropy(_)
        | Error::NoClock
        | Error::Crowded
        | Error::Rewritten(_)
        | Error::Shortened { .. }
        | Error::BadCheckpoint
        | Error::BadSnapshot
        | Error::NoLedgerKey => Fate::Accident,
        _ => Fate::Later,
    }
}

/// How far the letters of one call were read.
#[derive(Default)]
struct Place {
    after: u64,
    done: Vec<u64>,
}

impl Desk {
    /// Brings to the relay what waits here and takes in what waits there. Where nothing does, it waits up to `patience`
    /// seconds, at most 15, for something to come.
    pub async fn sync(&mut self, patience: u64) -> Result<Synced> {
        let at = self.at_relay()?;
        self.catch_up().await?;
        // First of all: from a ledger that was cut back nothing may go on.
        let witness = self.be_witnessed(&at).await?;
        let mut synced = Synced { waits: self.send_all(&at).await?, witness, ..Synced::default() };
        let mut place = Place::default();
        self.take_pages(&at, &mut place, &mut synced).await?;
        if synced.is_empty() && patience > 0 {
            let mail = self.ask(&at, Asking { after: place.after, patience, done: &[] }).await?;
            self.take_in(mail, &mut place, &mut synced).await?;
            self.take_pages(&at, &mut place, &mut synced).await?;
        }
        self.activate_here().await?;
        self.be_witnessed_again(&at, &mut synced).await?;
        Ok(synced)
    }

    /// What was taken in is witnessed too. Where the relay went away meanwhile, the next call will do.
    async fn be_witnessed_again(&mut self, at: &RelayAt, synced: &mut Synced) -> Result<()> {
        if self.witnessed().is_some_and(|witnessed| witnessed.size == self.head().size) {
            return Ok(());
        }
        match self.be_witnessed(at).await {
            Ok(flaw) => synced.witness = synced.witness.or(flaw),
            Err(Error::Relay(RelayFault::Failed(why))) => {
                synced.waits = synced.waits.or(Some(RelayFault::Failed(why)));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What rings when something new waits for this desk. It waits on its own: the desk is free meanwhile.
    pub async fn bell(&self) -> Result<Bell> {
        let own = Own::load(&*self.ports.vault).await?;
        let certificate = Some(self.me()?.certificate.0.clone());
        Ok(Bell::new(self.at_relay()?, own, self.organisation, certificate))
    }

    async fn ask(&self, at: &RelayAt, asking: Asking<'_>) -> Result<Mail> {
        let certificate = Some(&*self.me()?.certificate.0);
        at.poll(&self.own.signing, certificate, self.organisation, asking).await
    }

    /// Page after page, until nothing is new and everything that is done was said to be.
    async fn take_pages(&mut self, at: &RelayAt, place: &mut Place, synced: &mut Synced) -> Result<()> {
        for _ in 0..PAGES {
            let told: Vec<u64> = place.done.drain(..place.done.len().min(DONE)).collect();
            let mail = self.ask(at, Asking { after: place.after, patience: 0, done: &told }).await?;
            let more = self.take_in(mail, place, synced).await?;
            if !more && place.done.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// Letters before parcels: a receipt says more than that its envelope was fetched. Whether any letter was new.
    async fn take_in(&mut self, mail: Mail, place: &mut Place, synced: &mut Synced) -> Result<bool> {
        let before = place.after;
        for letter in mail.letters {
            place.after = place.after.max(letter.number);
            if self.take_letter(&letter, synced).await? {
                place.done.push(letter.number);
            }
        }
        // Whatever order a relay gives them in.
        place.done.sort_unstable();
        place.done.dedup();
        self.take_parcels(&mail.parcels, synced).await?;
        Ok(place.after > before)
    }

    /// Whether the letter is done.
    async fn take_letter(&mut self, letter: &Waiting, synced: &mut Synced) -> Result<bool> {
        let error = match self.import(&letter.letter.0).await {
            Ok((what, id)) => {
                synced.imported.push(Imported { what, id, came: letter.came });
                return Ok(true);
            }
            Err(error) => error,
        };
        let stays = match fate(&error) {
            Fate::Known => return Ok(true),
            Fate::Accident => return Err(error),
            Fate::Never => false,
            Fate::Later => true,
        };
        synced.refused.push(RefusedLetter {
            number: letter.number,
            came: letter.came,
            code: error.code(),
            why: error.to_string(),
            stays,
        });
        Ok(!stays)
    }

    /// Records of which envelopes the relay says that their readers have them.
    async fn take_parcels(&mut self, parcels: &[Parcel], synced: &mut Synced) -> Result<()> {
        let open: BTreeMap<Cti, KeyId> = self
            .state
            .keys
            .values()
            .filter(|k| {
                k.opened.is_none() && k.parcel.is_some_and(|p| p.fetched.is_none() && p.withdrawn.is_none())
            })
            .filter_map(|k| Some((k.cti?, k.id)))
            .collect();
        // A parcel that ended after that was fetched all the same.
        let fetched = parcels.iter().filter_map(|parcel| Some((parcel, parcel.fetched?)));
        for (parcel, at) in fetched {
            let Some(key) = open.get(&parcel.cti).copied() else { continue };
            match self.record(Event::Fetched(Fetched { key, at })).await {
                Ok(_) => synced.parcels.push(ParcelNews { key, state: parcel.state, at }),
                // Another desk was faster.
                Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A receipt may be on the record whose key was not switched on: whoever recorded it was interrupted.
    async fn activate_here(&mut self) -> Result<()> {
        let mine = self.me()?.may(Right::Issue);
        let opened = self.state.all_keys().any(|k| k.state == KeyState::Opened && k.stop.is_none());
        if !mine || !opened {
            return Ok(());
        }
        match self.activate_opened().await {
            // Of a key that could not be switched on, what is due says so.
            Ok(_) | Err(Error::Issuer(_) | Error::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use countersign_ports::{IssuerError, LogError};

    use super::*;

    #[test]
    fn only_what_can_never_be_taken_in_is_given_up() {
        let never = |error: Error| matches!(fate(&error), Fate::Never);
        assert!(never(Error::Unopened), "sealed for somebody else");
        assert!(never(Error::Rejected { what: "request", why: Rejected::BadSignature }), "forged");
        assert!(
            !never(Error::Rejected { what: "request", why: Rejected::WrongTime }),
            "a clock may be set right"
        );
        assert!(!never(Refusal::MissingRight.into()), "another desk may have the right");
        assert!(!never(Refusal::NoSuchRequest.into()), "the request may still come");
        assert!(!never(Refusal::UnknownService.into()), "the catalogue may still change");
        assert!(!never(IssuerError::NoSuchKey.into()), "the receipt is on the record: next time it is known");
        assert!(matches!(fate(&LogError::Full.into()), Fate::Accident), "nothing is judged without a ledger");
        assert!(matches!(fate(&Refusal::AlreadyThere.into()), Fate::Known), "what is there is done");
    }
}
