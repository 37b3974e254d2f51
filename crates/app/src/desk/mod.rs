//! A member's desk: the verified state of the shared log, and the one way to add to it.
//!
//! Here lives what members do, one file per matter. What may not live here: a second way to the log (all go through
//! `record_with`), a rule (`domain` decides), anything of a partner's side (`inbox`).

mod audit;
mod blobs;
mod calls;
mod cards;
mod changes;
mod deliver;
mod due;
mod history;
mod incident;
mod issue;
mod key_views;
mod leak;
mod legacy;
mod letters;
mod list;
mod members;
mod names;
mod outcome;
mod people;
mod projections;
mod prove;
mod read;
mod receipts;
mod relay;
mod requests;
mod resume;
mod root;
mod shared;
mod show;
mod sign;
mod stop;
mod sync;
mod vetting;
mod witness;

use std::collections::BTreeMap;

use countersign_documents::{
    Blob, Head, SigningKey, Time, encode,
    entry::Entry,
    id::{KeyId, OpId, OrganisationId},
    order::{Act, Reason},
};
use countersign_domain::{Context, Event, Member, Refusal, State};
pub use countersign_ledger::origin;
use countersign_ledger::{Checkpoint, EpochKey, Frontier, Tree, key_name};
use countersign_ports::{Appended, LogError, Row};

use crate::{
    error::{Error, Result},
    own::{Own, ProfileKind},
    ports::Ports,
    random::{make_bytes, now},
};

pub(crate) use blobs::NameBlob;
pub use calls::Calls;
pub use deliver::{LinkRelease, Release};
pub use incident::{HandSheet, HandWork, Incident, IncidentEntry, IncidentKey, IncidentStop};
pub use issue::{Made, SwitchedOn};
pub use leak::Leak;
pub use legacy::LegacyKey;
pub use list::Wanted;
pub use members::MemberOffer;
pub use outcome::{StopEnd, StopOutcome};
pub use people::Heard;
pub use prove::Evidence;
pub use read::Flaw;
pub(crate) use root::OFFERED;
pub use root::RootPlan;
pub(crate) use shared::{FreshKeys, commitment};
pub use stop::{Selection, Watch};
pub use sync::{Imported, ParcelNews, RefusedLetter, Synced};
pub use vetting::Evidences;
pub use witness::Witnessed;

/// How far a desk's clock may stand behind the newest entry before it refuses to sign anything new.
const CLOCK_TOLERANCE: u64 = 300;

/// A desk: ports, own keys, and the state as verified from the log.
pub struct Desk {
    pub(crate) ports: Ports,
    pub(crate) own: Own,
    pub(crate) organisation: OrganisationId,
    pub(crate) state: State,
    pub(crate) frontier: Frontier,
    pub(crate) keys: BTreeMap<u64, EpochKey>,
    /// The last head that was verified here, ever.
    pub(crate) known: Option<Head>,
    /// What the relay's witness signed last.
    witnessed: Option<witness::Signed>,
    /// The tree over the rows, as far as it was needed.
    tree: Tree,
    /// Rows that do not hold: place and flaw.
    pub(crate) debris: Vec<(u64, Flaw)>,
    /// Where the stored snapshot stands.
    snapshot: u64,
    touched: projections::Touched,
    /// How partners are called, as read so far.
    names: names::Names,
    /// Why the log could not be read, when that was tolerated.
    pub(crate) cut_off: Option<LogError>,
    /// Keys that this desk ordered to be stopped, where that is not done or not on the record.
    pub(crate) waiting: BTreeMap<KeyId, (Act, Reason)>,
}

/// Proof that an operation is durable in the log. Only `Desk::recorded` makes it; a `Release` holds it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Recorded {
    /// Its place.
    pub seq: u64,
    /// The operation.
    pub op_id: OpId,
}

impl Desk {
    /// Opens the desk of an organisation and catches up with its log.
    pub async fn open(ports: Ports, organisation: OrganisationId) -> Result<Self> {
        let mut desk = Self::at_rest(ports, organisation).await?;
        desk.catch_up().await?;
        // Whoever answered a succession was no certifier then. What cannot be recorded now is tried at the next opening.
        let _ = desk.settle_comparisons().await;
        Ok(desk)
    }

    /// Catches up to stop keys. Where the log cannot be read, or does not hold, what was verified here before must do:
    /// then this says what is wrong with it.
    pub async fn catch_up_to_stop(&mut self) -> Result<Option<Error>> {
        let Err(error) = self.catch_up().await else { return Ok(None) };
        let why = match &error {
            // What is new was read; that this desk cannot remember it keeps no key alive.
            Error::Vault(_) => None,
            Error::Log(_) => Some(LogError::Unavailable),
            _ if error.exit() == 3 => Some(LogError::Damaged),
            _ => return Err(error),
        };
        if self.state.trust.is_none() {
            return Err(error);
        }
        self.cut_off = why;
        Ok(Some(error))
    }

    /// Opens the desk on what was verified here before: to audit a log that catching up refused, and for a window, which
    /// catches up at every call.
    pub async fn open_to_audit(ports: Ports, organisation: OrganisationId) -> Result<Self> {
        Self::at_rest(ports, organisation).await
    }

    /// The desk as its vault remembers it.
    pub(crate) async fn at_rest(ports: Ports, organisation: OrganisationId) -> Result<Self> {
        let own = Own::load_as(&*ports.vault, ProfileKind::Desk).await?;
        let mut desk = Self {
            ports,
            own,
            organisation,
            state: State::default(),
            frontier: Frontier::default(),
            keys: BTreeMap::new(),
            known: None,
            witnessed: None,
            tree: Tree::default(),
            debris: Vec::new(),
            snapshot: 0,
            touched: projections::Touched::default(),
            names: names::Names::default(),
            cut_off: None,
            waiting: BTreeMap::new(),
        };
        desk.restore().await?;
        desk.recall_witness().await?;
        desk.recall_orders().await?;
        Ok(desk)
    }

    /// The verified state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Where the log ends.
    pub fn head(&self) -> Head {
        self.frontier.head()
    }

    /// Rows that do not hold; they are ignored, and this says so.
    pub fn debris(&self) -> &[(u64, Flaw)] {
        &self.debris
    }

    /// This desk's member.
    pub fn me(&self) -> Result<&Member> {
        Ok(self.state.actor(&self.own.thumbprint())?)
    }

    pub(crate) fn context(&self) -> Result<Context> {
        Ok(Context { signer: self.own.thumbprint(), head: self.head(), time: now(&*self.ports.clock)? })
    }

    /// Now; where the clock says nothing, a time at which nothing has ended.
    pub(crate) fn time(&self) -> Time {
        self.context().map_or(Time(0), |ctx| ctx.time)
    }

    pub(crate) fn make_op(&self) -> Result<OpId> {
        Ok(OpId(make_bytes(&*self.ports.entropy)?))
    }

    /// Refuses to sign on a clock that stands before what is on the record already.
    pub(crate) fn check_clock(&self, ctx: &Context) -> Result<()> {
        let behind = self.state.latest.is_some_and(|latest| ctx.time.plus(CLOCK_TOLERANCE) < latest);
        if behind { Err(Refusal::ClockBehind.into()) } else { Ok(()) }
    }

    /// Records one event that needs nothing of the state but permission.
    pub(crate) async fn record(&mut self, event: Event) -> Result<Recorded> {
        let op_id = self.make_op()?;
        self.record_with(op_id, &mut |_, _| Ok(event.clone())).await
    }

    /// Records the event that `make` draws up from the state as it is when the entry is appended.
    ///
    /// An error of the log means *unknown*: the operation is looked up by its id before anything else happens.
    pub(crate) async fn record_with(
        &mut self,
        op_id: OpId,
        make: &mut (dyn FnMut(&Self, &Context) -> Result<Event> + Send),
    ) -> Result<Recorded> {
        for _ in 0..20 {
            self.catch_up().await?;
            let ctx = self.context()?;
            let event = make(self, &ctx)?;
            self.check_time(&ctx, &event)?;
            self.state.check(&ctx, &event)?;
            let (row, checkpoint) = self.draw_up(op_id, &ctx, &event)?;
            match self.ports.log.append(row.seq, std::slice::from_ref(&row), &checkpoint).await {
                Ok(Appended::Done) => return self.recorded(op_id).await,
                Ok(Appended::Behind { .. }) => {
                    if self.ports.log.find(op_id).await?.is_some() {
                        return self.recorded(op_id).await;
                    }
                }
                Err(error) => {
                    return match self.ports.log.find(op_id).await {
                        Ok(Some(_)) => self.recorded(op_id).await,
                        Ok(None) => Err(if matches!(error, LogError::Unknown) {
                            LogError::Unavailable
                        } else {
                            error
                        }
                        .into()),
                        Err(_) => Err(error.into()),
                    };
                }
            }
        }
        Err(Error::Crowded)
    }

    /// Orders to stop keys are recorded whatever the clock says: they take away, and they acted already.
    fn check_time(&self, ctx: &Context, event: &Event) -> Result<()> {
        match event {
            Event::Ordered(_) | Event::Stopped(_) | Event::StopFailed(_) | Event::Suspended(_) => Ok(()),
            _ => self.check_clock(ctx),
        }
    }

    /// The entry, sealed as the next row, and the checkpoint that covers it.
    fn draw_up(&self, op_id: OpId, ctx: &Context, event: &Event) -> Result<(Row, String)> {
        let entry = Entry {
            op_id,
            organisation: self.organisation,
            head: ctx.head,
            time: ctx.time,
            event: Blob(encode(event)),
        };
        let document = entry.sign(&self.own.signing);
        // A new epoch begins with the entry that names it.
        let epoch = match event {
            Event::Founded(_) => 1,
            Event::Rekeyed(keyring) => keyring.epoch,
            _ => self.state.epoch,
        };
        let key = self.keys.get(&epoch).ok_or(Error::NoLedgerKey)?;
        let nonce = make_bytes(&*self.ports.entropy)?;
        let leaf = countersign_ledger::seal(epoch, key, self.organisation, op_id, nonce, &document)?;
        let mut frontier = self.frontier.clone();
        frontier.push(countersign_ledger::leaf_hash(&leaf));
        let checkpoint = Checkpoint { origin: origin(self.organisation), head: frontier.head() };
        let note = countersign_ledger::sign(
            &checkpoint,
            &signer_name(self.organisation, &self.own.checkpoint),
            &self.own.checkpoint,
        )?;
        Ok((Row { seq: ctx.head.size, op_id, leaf }, note))
    }

    async fn recorded(&mut self, op_id: OpId) -> Result<Recorded> {
        // The entry is durable: what fails now must not sound as if it were not.
        self.catch_up().await.map_err(Error::after_record)?;
        let found = self.ports.log.find(op_id).await.map_err(Error::from).map_err(Error::after_record)?;
        let seq = found.ok_or(LogError::Unknown)?;
        // A row that is there and does not fold is debris: somebody else's rows came between and took the ground away.
        if self.debris.iter().any(|(place, _)| *place == seq) {
            return Err(Error::Crowded);
        }
        Ok(Recorded { seq, op_id })
    }

    pub(crate) fn epoch_key(&self) -> Result<(u64, &EpochKey)> {
        let epoch = self.state.epoch.max(1);
        self.keys.get(&epoch).map(|key| (epoch, key)).ok_or(Error::NoLedgerKey)
    }
}

/// The name under which this checkpoint key signs.
pub(crate) fn signer_name(organisation: OrganisationId, seed: &countersign_documents::Secret32) -> String {
    key_name(organisation, &SigningKey::from_seed(seed).public().thumbprint())
}
