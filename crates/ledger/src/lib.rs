//! The tamper-evident core: sealed entries and blobs, the Merkle tree over them, checkpoints, proofs, the audit.
//!
//! Here lives everything by which a rewritten, shortened, forked or swapped log is noticed. What may not live here:
//! IO, a clock, randomness (nonces and keys are arguments), and what an entry *means*: the audit asks a `Judge`.
//! The tree is that of RFC 6962 / RFC 9162 with SHA-256; checkpoints and proofs are texts of C2SP (signed-note,
//! tlog-checkpoint, tlog-proof), so that tools of others can check them.

pub mod audit;
pub mod blob;
pub mod checkpoint;
pub mod leaf;
pub mod leaf_proof;
pub mod note;
mod primitives;
pub mod proof;
pub mod tree;

pub use audit::{AuditReport, Auditor, Judge, audit};
pub use blob::{BlobError, BlobRandom, open_blob, seal_blob};
pub use checkpoint::{Checkpoint, sign};
pub use leaf::{EntryKey, EpochKey, LeafError, SealedLeaf, entry_key, open, open_with_entry_key, seal};
pub use leaf_proof::{LeafProof, LeafProofError};
pub use note::{NoteError, UnverifiedNote};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use tree::{Frontier, Tree, leaf_hash, node_hash};
