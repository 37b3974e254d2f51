//! What shows that a log only ever grew: the Merkle tree over its rows, signed checkpoints, proofs, and witnesses.
//!
//! Here lives what needs no key of ours to be checked, so that whoever is blind to the rows can check it too: the relay is
//! a witness. What may not live here: anything that opens a row, IO, a clock, randomness (times are arguments). The tree is
//! that of RFC 6962 / RFC 9162 with SHA-256; texts are those of C2SP (signed-note, tlog-checkpoint, tlog-proof,
//! tlog-cosignature, tlog-witness), so that tools of others can check them.

pub mod checkpoint;
pub mod leaf_proof;
mod name;
pub mod note;
pub mod proof;
pub mod tree;
mod vkey;
pub mod witness;

pub use checkpoint::{Checkpoint, sign};
pub use leaf_proof::{LeafProof, LeafProofError};
pub use name::{key_name, origin};
pub use note::{NoteError, UnverifiedNote};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use tree::{Frontier, Tree, leaf_hash, node_hash};
pub use vkey::WitnessKey;
pub use witness::{AddCheckpoint, Advance, Cosignature, advance, cosign};
