//! The audit over real sealed leaves, and over what a hostile database could make of them.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail a test")]

use countersign_documents::{
    Digest, Head, Secret32,
    id::{OpId, OrganisationId},
};
use countersign_ledger::{
    AuditReport, EpochKey, Judge, LeafError, SealedLeaf, Tree, audit, audit::LISTED, leaf_hash, open, seal,
};

const ACME: OrganisationId = OrganisationId([1; 16]);

/// Opens every entry and demands that it names the head it was decided on, as real entries do.
struct Reader {
    key: EpochKey,
    accepted: Vec<u64>,
}

#[derive(Debug, PartialEq, Eq)]
enum Flaw {
    Sealed(LeafError),
    OtherHead,
}

impl Judge for Reader {
    type Flaw = Flaw;

    fn entry(&mut self, seq: u64, head: &Head, leaf: &[u8]) -> Result<(), Flaw> {
        let leaf = SealedLeaf::parse(leaf).map_err(Flaw::Sealed)?;
        let entry = open(&self.key, ACME, &leaf).map_err(Flaw::Sealed)?;
        if entry != countersign_documents::encode(head) {
            return Err(Flaw::OtherHead);
        }
        self.accepted.push(seq);
        Ok(())
    }
}

type Row = (u64, OpId, Vec<u8>);

fn op(seq: u64) -> OpId {
    OpId(u128::from(seq).to_be_bytes())
}

fn key() -> EpochKey {
    EpochKey::new(Secret32::new([7; 32]))
}

fn entry(seq: u64, head: Head) -> Vec<u8> {
    seal(1, &key(), ACME, op(seq), [seq as u8; 24], &countersign_documents::encode(&head)).unwrap()
}

/// A log in which every entry names the head before it; at `broken`, other bytes stand in the leaf's place.
fn log(length: u64, broken: &[u64]) -> Vec<Row> {
    let mut tree = Tree::default();
    let mut rows = Vec::new();
    for seq in 0..length {
        let head = tree.head_at(seq).unwrap();
        let leaf = if broken.contains(&seq) { b"debris".to_vec() } else { entry(seq, head) };
        tree.push(leaf_hash(&leaf));
        rows.push((seq, op(seq), leaf));
    }
    rows
}

fn root(rows: &[Row]) -> Head {
    let tree = Tree::from_leaf_hashes(rows.iter().map(|(_, _, leaf)| leaf_hash(leaf)));
    tree.head_at(tree.size()).unwrap()
}

fn run(rows: &[Row]) -> (AuditReport<Flaw>, Vec<u64>) {
    let mut judge = Reader { key: key(), accepted: Vec::new() };
    let report = audit(rows.iter().map(|(seq, op_id, leaf)| (*seq, *op_id, leaf.as_slice())), &mut judge);
    (report, judge.accepted)
}

#[test]
fn an_honest_log_is_clean_and_its_head_is_that_of_its_rows() {
    let rows = log(50, &[]);
    let (report, accepted) = run(&rows);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.head, root(&rows));
    assert_eq!(accepted.len(), 50, "every entry was judged on the very head it names");
    let (empty, _) = run(&[]);
    assert!(empty.is_clean() && empty.head == Head { size: 0, root: Digest::of(b"") }, "as is an empty one");
}

#[test]
fn a_bad_leaf_is_debris_that_stays_in_the_tree_and_stops_nothing() {
    let rows = log(20, &[4, 11]);
    let (report, accepted) = run(&rows);
    let bad: Vec<_> = report.bad.listed.iter().map(|row| row.seq).collect();
    assert_eq!((bad, report.bad.count), (vec![4, 11], 2), "both are named");
    assert!(
        matches!(report.first_bad().unwrap().flaw, Flaw::Sealed(LeafError::Malformed(_))),
        "with the reason"
    );
    assert_eq!(accepted.len(), 18, "the entries after it still hold: their heads cover it");
    assert_eq!(report.head, root(&rows), "and so does the root");
}

#[test]
fn an_edited_leaf_is_named_and_so_is_everything_decided_after_it() {
    let mut rows = log(10, &[]);
    rows[6].2 = entry(6, Head { size: 6, root: Digest::of(b"rewritten") });
    let honest = root(&log(10, &[]));
    let (report, accepted) = run(&rows);
    assert_eq!(report.first_bad().map(|row| (row.seq, &row.flaw)), Some((6, &Flaw::OtherHead)));
    assert_eq!(accepted, [0, 1, 2, 3, 4, 5], "later entries name heads that this log never had");
    assert_ne!(report.head.root, honest.root, "and the root is not the one people hold");
}

#[test]
fn missing_doubled_and_traded_rows_are_named() {
    let mut missing = log(8, &[]);
    missing.remove(3);
    let (report, _) = run(&missing);
    let gaps: Vec<_> = report.gaps.listed.iter().map(|gap| (gap.due, gap.found)).collect();
    assert_eq!(gaps, [(3, 4)], "the place that was due and the one that came");
    assert_eq!(report.head.size, 7, "the size is that of the rows there are");

    let mut doubled = log(8, &[]);
    let copy = doubled[2].2.clone();
    doubled.push((8, op(2), copy));
    let (report, _) = run(&doubled);
    let found = &report.doubled.listed[0];
    assert_eq!((found.op_id, found.first, found.again), (op(2), 2, 8), "one operation stands twice");
    assert_eq!(report.doubled.count, 1, "and only that one");

    let mut traded = log(8, &[]);
    traded.swap(4, 5);
    let (report, _) = run(&traded);
    assert_eq!(report.gaps.count, 3, "out of order, back, and on again");
    assert!(!report.is_clean(), "no gap is clean");
}

#[test]
fn a_row_stored_under_another_operation_than_its_leaf_is_named() {
    let mut rows = log(8, &[]);
    rows[5].1 = op(99);
    let (report, accepted) = run(&rows);
    assert_eq!(report.mislabelled.listed, [5], "looking operation 99 up would find entry 5");
    assert_eq!(accepted.len(), 8, "the leaf itself is what was signed");
    assert!(!report.is_clean(), "a mislabelled row is not clean");
}

#[test]
fn findings_are_listed_up_to_a_thousand_and_counted_in_full() {
    let rows: Vec<Row> = (0..1500).map(|seq| (seq * 2, op(7), b"debris".to_vec())).collect();
    let (report, _) = run(&rows);
    assert_eq!((report.bad.listed.len(), report.bad.count), (LISTED, 1500));
    assert_eq!((report.doubled.listed.len(), report.doubled.count), (LISTED, 1499));
    assert_eq!((report.gaps.listed.len(), report.gaps.count), (LISTED, 1499));
    assert_eq!(report.first_bad().unwrap().seq, 0, "the first is always among the listed");
}
