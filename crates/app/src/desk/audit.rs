//! The audit: everything is derived again from the raw entries, from the first on, and held against what people signed.

use std::collections::BTreeMap;

use countersign_contract::{AuditView, WitnessedView};
use countersign_documents::{Digest, Head};
use countersign_domain::{Event, State, event::Change};
use countersign_ledger::{Auditor, Judge, SealedLeaf};
use countersign_ports::{LogError, LogHead, Row};

use super::{
    Desk,
    read::{Flaw, read_row},
};
use crate::error::{Error, Result};

/// How many rows are read at once.
const PAGE: u32 = 500;

/// What the entries so far come to.
#[derive(Default)]
struct Derived {
    state: State,
    /// The root where this desk's memory of the log ends.
    at_known: Option<Digest>,
    /// Which entry was the first to name a document beside the log.
    documents: BTreeMap<Digest, u64>,
}

struct Replay<'a> {
    desk: &'a Desk,
    derived: Derived,
}

impl Judge for Replay<'_> {
    type Flaw = Flaw;

    fn entry(&mut self, seq: u64, head: &Head, leaf: &[u8]) -> core::result::Result<(), Flaw> {
        if self.desk.known.is_some_and(|known| known.size == head.size) {
            self.derived.at_known = Some(head.root);
        }
        let leaf = SealedLeaf::parse(leaf).map_err(|_| Flaw::NotALeaf)?;
        let key = self.desk.keys.get(&leaf.epoch);
        let (ctx, _, event) = read_row(self.desk.organisation, &self.derived.state, *head, key, &leaf)?;
        self.derived.state.fold(&ctx, &event).map_err(Flaw::Refused)?;
        for document in documents_of(&event) {
            self.derived.documents.entry(document).or_insert(seq);
        }
        Ok(())
    }
}

impl Desk {
    /// Reads the whole log again, whatever this desk believes of it. `progress` is told how far it is.
    ///
    /// Where everything holds, the view of this desk is made anew from it: lists are no evidence, but people read them.
    pub async fn audit(&mut self, mut progress: impl FnMut(u64, u64)) -> Result<AuditView> {
        let stored = match self.ports.log.head().await {
            // Its newest checkpoint is not where its newest row is; the rows are worth auditing all the same.
            Err(LogError::Damaged) => None,
            other => Some(other?),
        };
        let total = stored.as_ref().map_or(0, |head| head.size);
        let (auditor, mut derived, unreadable) = self.replay(|done| progress(done, total.max(done))).await?;
        let end = *auditor.head();
        if self.known.is_some_and(|known| known.size == end.size) {
            derived.at_known = Some(end.root);
        }
        let mut notes = Vec::new();
        let mut bad = self.bad_documents(&derived).await?;
        bad.extend(unreadable.map(|seq| (seq, "it is missing, or cannot be read".to_owned())));
        if unreadable.is_none() {
            bad.extend(self.hold_against_known(end, derived.at_known, &mut notes));
        }
        let checkpoint_by = self.hold_against_checkpoint(end, stored, &mut notes, &derived.state).await;
        let report = auditor.finish();
        notes.extend(report.doubled.listed.iter().map(|doubled| {
            format!("operation {} stands at {} and again at {}", doubled.op_id, doubled.first, doubled.again)
        }));
        bad.extend(report.bad.listed.iter().map(|b| (b.seq, b.flaw.to_string())));
        bad.extend(report.mislabelled.listed.iter().map(|seq| (*seq, Flaw::OtherOperation.to_string())));
        bad.sort();
        let clean = bad.is_empty() && notes.is_empty() && report.is_clean();
        if clean && self.head() == report.head {
            self.project_anew().await?;
        }
        let unheard = self.unheard_founders(&derived.state).await;
        Ok(AuditView {
            clean,
            size: report.head.size,
            root: report.head.root.hex(),
            first_bad: bad.first().cloned(),
            bad,
            notes,
            unheard,
            erased: derived.state.erased.len(),
            checkpoint_by,
            witnessed: self.witnessed().map(|w| WitnessedView { size: w.size, time: w.time.0 }),
        })
    }

    /// Judges every row that can be read, and says which one cannot.
    async fn replay(
        &mut self,
        mut progress: impl FnMut(u64),
    ) -> Result<(Auditor<Flaw>, Derived, Option<u64>)> {
        let mut auditor = Auditor::default();
        let mut derived = Derived::default();
        let mut from = 0;
        loop {
            let (rows, end) = self.readable(from).await?;
            self.obtain_ledger_keys(&rows).await?;
            let mut replay = Replay { desk: self, derived };
            for row in &rows {
                auditor.row(row.seq, row.op_id, &row.leaf, &mut replay);
            }
            derived = replay.derived;
            from += rows.len() as u64;
            progress(from);
            match end {
                End::More => {}
                End::Reached => return Ok((auditor, derived, None)),
                End::Unreadable => return Ok((auditor, derived, Some(from))),
            }
        }
    }

    /// The rows from a place on, as far as they can be read; where a page cannot, one by one up to the row that cannot.
    async fn readable(&self, from: u64) -> Result<(Vec<Row>, End)> {
        match self.ports.log.read(from, PAGE).await {
            Err(LogError::Damaged) => {}
            read => {
                let rows = read?;
                let end = if rows.is_empty() { End::Reached } else { End::More };
                return Ok((rows, end));
            }
        }
        let mut rows = Vec::new();
        loop {
            match self.ports.log.read(from + rows.len() as u64, 1).await {
                Err(LogError::Damaged) => return Ok((rows, End::Unreadable)),
                read => match read?.pop() {
                    Some(row) => rows.push(row),
                    None => return Ok((rows, End::Reached)),
                },
            }
        }
    }

    /// The log may be longer than what this desk verified earlier, never shorter and never another.
    fn hold_against_known(
        &self,
        end: Head,
        at_known: Option<Digest>,
        notes: &mut Vec<String>,
    ) -> Option<(u64, String)> {
        let known = self.known?;
        if known.size > end.size {
            let why = format!("it is missing: this desk has verified {} entries", known.size);
            return Some((end.size, why));
        }
        if at_known.is_some_and(|root| root != known.root) {
            notes.push(format!("the first {} entries are not those this desk verified earlier", known.size));
        }
        None
    }

    async fn hold_against_checkpoint(
        &self,
        end: Head,
        stored: Option<LogHead>,
        notes: &mut Vec<String>,
        state: &State,
    ) -> Option<String> {
        if end.size == 0 {
            return None;
        }
        let by = stored.map(|stored| self.verify_checkpoint_in(state, &stored.checkpoint, end));
        match by {
            Some(Ok(member)) => {
                let name = state.members.get(&member).map(|m| m.name);
                match name {
                    Some(name) => Some(self.display_name(name).await),
                    None => Some(member.to_string()),
                }
            }
            Some(Err(_)) | None => {
                notes.push(
                    "the newest checkpoint is missing, is not signed by a member, or is for other entries"
                        .to_owned(),
                );
                None
            }
        }
    }

    /// Entries that name a document which is missing or altered, and not erased on the record.
    async fn bad_documents(&self, derived: &Derived) -> Result<Vec<(u64, String)>> {
        let mut bad = Vec::new();
        for (name, seq) in &derived.documents {
            if derived.state.erased.contains_key(name) {
                continue;
            }
            match self.blob(*name).await {
                Ok(_) | Err(Error::BlobErased) => {}
                Err(Error::Log(error)) if !matches!(error, LogError::Damaged) => return Err(error.into()),
                Err(_) => bad.push((*seq, "the document it names is missing or altered".to_owned())),
            }
        }
        Ok(bad)
    }
}

/// How reading rows ended.
enum End {
    /// There may be more.
    More,
    /// The log ends here.
    Reached,
    /// The next row is not there or cannot be read, and others may follow.
    Unreadable,
}

/// The erasable documents an event names. Letters with shared keys are not among them: they are replaced whenever keys
/// are shared again, and whoever opens one holds what is inside against the ledger.
///
/// Every event is listed: a new one must say here what it names.
fn documents_of(event: &Event) -> Vec<Digest> {
    match event {
        Event::Founded(founded) => founded.names.clone(),
        Event::Succeeded(succeeded) => succeeded.names.clone(),
        Event::Proposed(proposed) => match &proposed.change {
            Change::Admission(admission) => vec![admission.name],
            Change::Policy(_)
            | Change::Catalogue(_)
            | Change::Issuer(_)
            | Change::Card(_)
            | Change::Suspension(_) => Vec::new(),
        },
        Event::Received(received) => vec![received.blob],
        Event::Answered(answered) => answered.result.evidence.clone(),
        Event::Justified(justified) => vec![justified.justification.reason],
        Event::Replied(replied) => vec![replied.blob],
        Event::Stopped(stopped) => stopped.evidence.into_iter().collect(),
        Event::Imported(imported) => imported.keys.iter().map(|key| key.partner).collect(),
        Event::LeakReported(reported) => vec![reported.blob],
        Event::Confirmed(_)
        | Event::Dropped(_)
        | Event::Suspended(_)
        | Event::Tightened(_)
        | Event::IssuerStopped(_)
        | Event::SharedKeys(_)
        | Event::Rekeyed(_)
        | Event::TakenBack(_)
        | Event::IdentityChecked(_)
        | Event::IdentityMismatch(_)
        | Event::Narrowed(_)
        | Event::Vetted(_)
        | Event::Countersigned(_)
        | Event::Intended(_)
        | Event::Issued(_)
        | Event::Abandoned(_)
        | Event::HandedOver(_)
        | Event::Fetched(_)
        | Event::Withdrawn(_)
        | Event::Acknowledged(_)
        | Event::Activated(_)
        | Event::Ordered(_)
        | Event::StopFailed(_)
        | Event::Objected(_)
        // What an erasure names is gone, and is to be.
        | Event::Erased(_)
        | Event::CertifierOffered(_)
        | Event::RootProposed(_)
        | Event::RootSigned(_)
        | Event::RootDropped(_)
        | Event::MemberChecked(_)
        | Event::WitnessAccepted(_) => Vec::new(),
    }
}
