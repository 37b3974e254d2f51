//! The tamper-evident core: sealed entries and blobs, and the audit of a log of them.
//!
//! Here lives everything by which a rewritten, shortened, forked or swapped log is noticed; what of it needs no key (tree,
//! checkpoints, proofs) stands in `tlog` and is handed on. What may not live here: IO, a clock, randomness (nonces and keys
//! are arguments), and what an entry *means*: the audit asks a `Judge`.

pub mod audit;
pub mod blob;
pub mod leaf;
mod primitives;

pub use audit::{AuditReport, Auditor, Judge, audit};
pub use blob::{BlobError, BlobRandom, open_blob, seal_blob};
pub use countersign_tlog::{
    AddCheckpoint, Checkpoint, Cosignature, Frontier, LeafProof, LeafProofError, NoteError, ProofError, Tree,
    UnverifiedNote, WitnessKey, key_name, leaf_hash, node_hash, note, origin, sign, verify_consistency,
    verify_inclusion,
};
pub use leaf::{EntryKey, EpochKey, LeafError, SealedLeaf, entry_key, open, open_with_entry_key, seal};
