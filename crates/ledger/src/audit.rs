//! The audit: every row of a log from the first on, told apart into what holds and what is debris.
//!
//! A row that does not hold is reported and skipped, never repaired and never able to stop the rest: it stays a leaf
//! of the tree, because the checkpoints people hold cover it.

use std::collections::{BTreeMap, btree_map::Entry};

use countersign_documents::{Digest, Head, id::OpId};
use countersign_tlog::{Frontier, leaf_hash};

use crate::leaf::claimed_op_id;

/// How many findings of one kind are listed; all are counted.
pub const LISTED: usize = 1000;

/// Knows what an entry means: opens leaves, verifies signatures, folds state.
pub trait Judge {
    /// What can be wrong with an entry.
    type Flaw;

    /// Judges the leaf at `seq`; `head` is the log before it. After a flaw the judge must be as it was before.
    fn entry(&mut self, seq: u64, head: &Head, leaf: &[u8]) -> Result<(), Self::Flaw>;
}

/// Findings of one kind: the first thousand, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings<T> {
    /// The first of them, at most [`LISTED`], in the order of the log.
    pub listed: Vec<T>,
    /// All of them.
    pub count: u64,
}

/// One row that the judge found bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadRow<F> {
    /// Its place.
    pub seq: u64,
    /// What is wrong.
    pub flaw: F,
}

/// An operation that stands in the log more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubled {
    /// The operation.
    pub op_id: OpId,
    /// Where it stood first.
    pub first: u64,
    /// Where it stands again.
    pub again: u64,
}

/// A row whose place is not one after the place before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The place that was due.
    pub due: u64,
    /// The place that came.
    pub found: u64,
}

/// What an audit found. It says nothing of checkpoints: the caller holds `head` against those that people signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport<F> {
    /// How many rows there are, and the root over exactly those.
    pub head: Head,
    /// Rows the judge found bad.
    pub bad: Findings<BadRow<F>>,
    /// Operations that stand more than once.
    pub doubled: Findings<Doubled>,
    /// Places where rows are missing, doubled or out of order.
    pub gaps: Findings<Gap>,
    /// Rows stored under another operation than their leaf names: a look-up by operation would mislead.
    pub mislabelled: Findings<u64>,
}

impl<F> AuditReport<F> {
    /// The first row the judge found bad.
    pub fn first_bad(&self) -> Option<&BadRow<F>> {
        self.bad.listed.first()
    }

    /// Whether every row holds.
    pub fn is_clean(&self) -> bool {
        self.bad.count + self.doubled.count + self.gaps.count + self.mislabelled.count == 0
    }
}

/// Audits a log that fits in memory, or comes from an iterator that reads as it goes.
pub fn audit<'a, J: Judge>(
    rows: impl Iterator<Item = (u64, OpId, &'a [u8])>,
    judge: &mut J,
) -> AuditReport<J::Flaw> {
    let mut auditor = Auditor::default();
    for (seq, op_id, leaf) in rows {
        auditor.row(seq, op_id, leaf, judge);
    }
    auditor.finish()
}

/// An audit under way, for a log that is read in pages.
pub struct Auditor<F> {
    tree: Frontier,
    head: Head,
    due: u64,
    seen: BTreeMap<OpId, u64>,
    bad: Findings<BadRow<F>>,
    doubled: Findings<Doubled>,
    gaps: Findings<Gap>,
    mislabelled: Findings<u64>,
}

impl<F> Default for Auditor<F> {
    fn default() -> Self {
        Self {
            tree: Frontier::default(),
            head: Head { size: 0, root: Digest::of(b"") },
            due: 0,
            seen: BTreeMap::new(),
            bad: Findings::default(),
            doubled: Findings::default(),
            gaps: Findings::default(),
            mislabelled: Findings::default(),
        }
    }
}

impl<F> Auditor<F> {
    /// Takes the next row.
    pub fn row(&mut self, seq: u64, op_id: OpId, leaf: &[u8], judge: &mut impl Judge<Flaw = F>) {
        if seq != self.due {
            self.gaps.note(Gap { due: self.due, found: seq });
        }
        self.due = seq.saturating_add(1);
        match self.seen.entry(op_id) {
            Entry::Vacant(place) => _ = place.insert(seq),
            Entry::Occupied(first) => self.doubled.note(Doubled { op_id, first: *first.get(), again: seq }),
        }
        if claimed_op_id(leaf).is_some_and(|claimed| claimed != op_id) {
            self.mislabelled.note(seq);
        }
        if let Err(flaw) = judge.entry(seq, &self.head, leaf) {
            self.bad.note(BadRow { seq, flaw });
        }
        self.tree.push(leaf_hash(leaf));
        self.head = self.tree.head();
    }

    /// The log up to the last row taken.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What was found.
    pub fn finish(self) -> AuditReport<F> {
        let Self { head, bad, doubled, gaps, mislabelled, .. } = self;
        AuditReport { head, bad, doubled, gaps, mislabelled }
    }
}

impl<T> Default for Findings<T> {
    fn default() -> Self {
        Self { listed: Vec::new(), count: 0 }
    }
}

impl<T> Findings<T> {
    fn note(&mut self, finding: T) {
        self.count += 1;
        if self.listed.len() < LISTED {
            self.listed.push(finding);
        }
    }
}
