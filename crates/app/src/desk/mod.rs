//! A member's desk: the verified state of the shared log, and the one way to add to it.

mod audit;
mod blobs;
mod cards;
mod changes;
mod deliver;
mod due;
mod history;
mod incident;
mod issue;
mod leak;
mod legacy;
mod list;
mod members;
mod names;
mod people;
mod projections;
mod prove;
mod read;
mod receipts;
mod requests;
mod root;
mod shared;
mod show;
mod sign;
mod stop;
mod vetting;

use std::collections::BTreeMap;

use countersign_documents::{
    Blob, Digest, Head, SigningKey, encode,
    entry::Entry,
    id::{OpId, OrganisationId},
};
use countersign_domain::{Context, Event, Member, Refusal, State};
use countersign_ledger::{Checkpoint, EpochKey, Frontier};
use countersign_ports::{Appended, LogError, Row};

use crate::{
    error::{Error, Result},
    own::{Own, ProfileKind},
    ports::Ports,
    random::{make_bytes, now},
};

pub(crate) use blobs::NameBlob;
pub use deliver::Release;
pub use incident::{HandSheet, HandWork, Incident, IncidentEntry, IncidentKey, IncidentStop};
pub use issue::Made;
pub use leak::Leak;
pub use legacy::LegacyKey;
pub use list::Wanted;
pub use members::MemberOffer;
pub use people::Heard;
pub use prove::Evidence;
pub use read::{Flaw, origin};
pub(crate) use root::OFFERED;
pub use root::RootPlan;
pub(crate) use shared::{FreshKeys, commitment};
pub use stop::{Selection, StopOutcome, Watch};
pub use vetting::Evidences;

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
    /// Rows that do not hold: place and flaw.
    pub(crate) debris: Vec<(u64, Flaw)>,
    /// Where the stored snapshot stands.
    snapshot: u64,
    touched: projections::Touched,
    /// How partners are called, as read so far.
    names: names::Names,
    /// Why the log could not be read, when that was tolerated.
    pub(crate) cut_off: Option<LogError>,
}

/// Proof that an operation is durable in the log. Only `Desk::record` can make it; a release demands it.
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
        Ok(desk)
    }

    /// Opens the desk to stop keys: where the log cannot be reached, what this desk knew last must do.
    pub async fn open_to_stop(ports: Ports, organisation: OrganisationId) -> Result<Self> {
        let mut desk = Self::at_rest(ports, organisation).await?;
        match desk.catch_up().await {
            Err(Error::Log(error)) if desk.state.trust.is_some() => desk.cut_off = Some(error),
            other => other?,
        }
        Ok(desk)
    }

    /// Opens the desk to audit a log that catching up refused: nothing of it is believed beforehand.
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
            debris: Vec::new(),
            snapshot: 0,
            touched: projections::Touched::default(),
            names: names::Names::default(),
            cut_off: None,
        };
        desk.restore().await?;
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

/// The name under which a checkpoint key signs: the log's origin and the key itself, so that no name can be borrowed.
pub(crate) fn signer_name(organisation: OrganisationId, seed: &countersign_documents::Secret32) -> String {
    key_name(organisation, &SigningKey::from_seed(seed).public().thumbprint())
}

pub(crate) fn key_name(organisation: OrganisationId, thumbprint: &Digest) -> String {
    let hex = thumbprint.hex();
    format!("{}/{}", origin(organisation), hex.get(..16).unwrap_or_default())
}
