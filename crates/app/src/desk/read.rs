//! Catching up: every row is opened, verified, judged by the state machine, and only then folded.

use countersign_documents::{
    Digest, Head, Malformed, Rejected, decode, encode, entry::Entry, id::OrganisationId, record,
};
use countersign_domain::{Context, Event, Refusal, State};
use countersign_ledger::{
    EpochKey, Frontier, LeafError, SealedLeaf, UnverifiedNote, key_name, leaf_hash, origin,
};
use countersign_ports::{LogError, Row, Table, Write};
use serde::{Deserialize, Serialize};

use super::Desk;
use crate::error::{Error, Result};

/// How many rows are read at once.
const PAGE: u32 = 500;
/// How many rows are folded again before a new snapshot of a large state pays.
const TAIL: u64 = 256;
/// A snapshot up to this size is written whenever something was folded.
const SMALL: usize = 512 * 1024;

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is not a sealed leaf.
    #[error("it is not a sealed entry")]
    NotALeaf,
    /// Sealed under a key this desk does not hold.
    #[error("it is sealed under a ledger key that nobody shared")]
    NoKey,
    /// It does not open.
    #[error("it was altered, or belongs to another ledger")]
    Altered,
    /// It is stored under another operation than its own.
    #[error("it is stored under another operation than its own")]
    OtherOperation,
    /// The entry inside.
    #[error("the entry is not signed as it should be: {0}")]
    Entry(Rejected),
    /// The signer.
    #[error("it is not signed by a member")]
    NotAMember,
    /// Decided elsewhere.
    #[error("it was decided on another history than the one before it")]
    OtherHistory,
    /// The event.
    #[error("the event is not one this version knows: {0}")]
    Event(Malformed),
    /// The rules.
    #[error("it breaks a rule: {0}")]
    Refused(Refusal),
}

record! {
    /// The place a snapshot stands for.
    pub struct Place {
        /// The verified head.
        1 => head: Head,
        /// The organisation.
        2 => organisation: OrganisationId,
    }
}

#[derive(Deserialize)]
struct Snapshot {
    state: State,
    frontier: Frontier,
    debris: Vec<u64>,
}

/// The same as it is written: a large state is not copied for it.
#[derive(Serialize)]
struct Taken<'a> {
    state: &'a State,
    frontier: &'a Frontier,
    debris: Vec<u64>,
}

/// Opens and verifies one row against the state before it. The same for a desk that catches up and for an audit.
pub(crate) fn read_row(
    organisation: OrganisationId,
    state: &State,
    head: Head,
    key: Option<&EpochKey>,
    leaf: &SealedLeaf,
) -> core::result::Result<(Context, Entry, Event), Flaw> {
    let key = key.ok_or(Flaw::NoKey)?;
    let document = countersign_ledger::open(key, organisation, leaf).map_err(|_: LeafError| Flaw::Altered)?;
    let signer = Entry::signer(&document).map_err(Flaw::Entry)?;
    let unverified = Entry::read_unverified(&document).map_err(Flaw::Entry)?;
    let event: Event = decode(&unverified.event.0).map_err(Flaw::Event)?;
    let key = match (&event, state.member_by_key(&signer)) {
        (_, Some(member)) => member.key,
        (Event::Founded(founded), None) if state.trust.is_none() => {
            founder_key(founded, &signer).ok_or(Flaw::NotAMember)?
        }
        (_, None) => return Err(Flaw::NotAMember),
    };
    let entry = Entry::verify(&document, &key).map_err(Flaw::Entry)?.body;
    if entry.organisation != organisation || entry.op_id != leaf.op_id {
        return Err(Flaw::OtherOperation);
    }
    if entry.head != head {
        return Err(Flaw::OtherHistory);
    }
    Ok((Context { signer, head, time: entry.time }, entry, event))
}

/// The founding entry names its own signers; the fold verifies that two people's root certifies them.
fn founder_key(
    founded: &countersign_domain::event::Founded,
    signer: &Digest,
) -> Option<countersign_documents::VerifyingKey> {
    let trust = countersign_documents::root::Trust::follow(std::slice::from_ref(&founded.root), None).ok()?;
    let certificates = founded
        .certificates
        .iter()
        .filter_map(|c| countersign_documents::certificate::Certificate::verify(&c.0, &trust.root).ok());
    certificates.map(|c| c.body.key()).find(|key| key.thumbprint() == *signer)
}

impl Desk {
    /// Loads the snapshot and the last verified head.
    pub(crate) async fn restore(&mut self) -> Result<()> {
        let vault = &self.ports.vault;
        if let Some(bytes) = vault.get(Table::Heads, "log").await? {
            let place: Place = decode(&bytes).map_err(|_| Error::BadSnapshot)?;
            if place.organisation != self.organisation {
                return Err(Error::Log(LogError::Damaged));
            }
            self.known = Some(place.head);
        }
        // A snapshot that does not read is no loss: everything is folded again from the log.
        let Some(bytes) = vault.get(Table::Snapshot, "state").await? else { return Ok(()) };
        let Ok(snapshot) = serde_json::from_slice::<Snapshot>(&bytes) else { return Ok(()) };
        self.snapshot = snapshot.frontier.size();
        self.debris = snapshot.debris.into_iter().map(|seq| (seq, Flaw::Altered)).collect();
        (self.state, self.frontier) = (snapshot.state, snapshot.frontier);
        self.recall_ledger_keys().await
    }

    /// Verifies and folds everything that is new, and remembers it.
    pub async fn catch_up(&mut self) -> Result<()> {
        self.cut_off = None;
        let before = self.frontier.size();
        if let Err(error) = self.look().await {
            // What does not hold was folded as far as it went. A desk that stays open must not go on from there: it would
            // find nothing wrong with the rest.
            if error.exit() == 3 && !matches!(error, Error::Log(_)) {
                *self = Self::at_rest(self.ports.clone(), self.organisation).await?;
            }
            return Err(error);
        }
        if self.frontier.size() > before || self.known != Some(self.head()) {
            self.remember().await?;
        }
        self.project().await
    }

    /// Verifies and folds everything that is new, and remembers nothing of it yet.
    pub(crate) async fn look(&mut self) -> Result<()> {
        loop {
            let rows = self.ports.log.read(self.frontier.size(), PAGE).await?;
            if rows.is_empty() {
                break;
            }
            self.obtain_ledger_keys(&rows).await?;
            for row in &rows {
                self.take(row)?;
            }
        }
        self.check_end().await
    }

    fn take(&mut self, row: &Row) -> Result<()> {
        let head = self.head();
        if row.seq != head.size {
            return Err(Error::Rewritten(row.seq));
        }
        let taken = self.judge(row, head);
        self.frontier.push(leaf_hash(&row.leaf));
        match taken {
            Ok(event) => {
                if let Event::Erased(erased) = &event {
                    self.names.forget(&erased.blob);
                }
            }
            Err(flaw) => self.debris.push((row.seq, flaw)),
        }
        match self.known {
            Some(known) if known.size == self.frontier.size() && known.root != self.frontier.root() => {
                Err(Error::Rewritten(row.seq))
            }
            _ => Ok(()),
        }
    }

    fn judge(&mut self, row: &Row, head: Head) -> core::result::Result<Event, Flaw> {
        let leaf = SealedLeaf::parse(&row.leaf).map_err(|_| Flaw::NotALeaf)?;
        // The leaf says which operation it is; the label beside it is only an index, and a wrong one must not be able to
        // make an entry disappear. The audit reports it.
        let (ctx, _, event) =
            read_row(self.organisation, &self.state, head, self.keys.get(&leaf.epoch), &leaf)?;
        self.state.fold(&ctx, &event).map_err(Flaw::Refused)?;
        self.touched.note(self.state.concern(&ctx, &event));
        Ok(event)
    }

    /// The log must not end before what was verified here, and its newest checkpoint must be a member's, over these rows.
    async fn check_end(&mut self) -> Result<()> {
        let head = self.head();
        if let Some(known) = self.known
            && head.size < known.size
        {
            return Err(Error::Shortened { is: head.size, was: known.size });
        }
        let stored = self.ports.log.head().await?;
        if stored.size < head.size {
            return Err(Error::Shortened { is: stored.size, was: head.size });
        }
        if stored.size > head.size || head.size == 0 {
            // Rows came in between; the next catch-up sees them with their checkpoint.
            return Ok(());
        }
        self.verify_checkpoint(&stored.checkpoint, head).map(|_| ())
    }

    /// Who signed a checkpoint over exactly this head.
    pub(crate) fn verify_checkpoint(
        &self,
        note: &str,
        head: Head,
    ) -> Result<countersign_documents::id::MemberId> {
        self.verify_checkpoint_in(&self.state, note, head)
    }

    pub(crate) fn verify_checkpoint_in(
        &self,
        state: &State,
        note: &str,
        head: Head,
    ) -> Result<countersign_documents::id::MemberId> {
        let unverified = UnverifiedNote::parse(note)?;
        for member in state.members.values() {
            let name = key_name(self.organisation, &member.checkpoint.thumbprint());
            if let Ok(checkpoint) = unverified.verify(&name, member.checkpoint.as_bytes()) {
                let same = checkpoint.head == head && checkpoint.origin == origin(self.organisation);
                return if same { Ok(member.id) } else { Err(Error::BadCheckpoint) };
            }
        }
        Err(Error::BadCheckpoint)
    }

    async fn remember(&mut self) -> Result<()> {
        let head = self.head();
        let place = encode(&Place { head, organisation: self.organisation });
        let mut batch = vec![Write::Put(Table::Heads, "log", &place)];
        let bytes;
        // A suspended desk misses the keys of what came since. If it comes back it must read that again, so nothing that
        // skipped it is kept.
        let blind = self.debris.iter().any(|(_, flaw)| *flaw == Flaw::NoKey) && self.me().is_err();
        if blind {
            self.ports.vault.write(&batch).await?;
            self.known = Some(head);
            return Ok(());
        }
        if self.snapshot == 0 || head.size - self.snapshot >= TAIL || self.small() {
            let debris = self.debris.iter().map(|(seq, _)| *seq).collect();
            let taken = Taken { state: &self.state, frontier: &self.frontier, debris };
            bytes = zeroize::Zeroizing::new(serde_json::to_vec(&taken).map_err(|_| Error::BadSnapshot)?);
            if head.size - self.snapshot >= TAIL || bytes.len() <= SMALL || self.snapshot == 0 {
                batch.push(Write::Put(Table::Snapshot, "state", &bytes));
                self.snapshot = head.size;
            }
        }
        self.ports.vault.write(&batch).await?;
        self.known = Some(head);
        Ok(())
    }

    /// A guess that saves serialising a large state only to find it large.
    fn small(&self) -> bool {
        self.state.keys.len() + self.state.exchanges.len() < 200
    }
}
