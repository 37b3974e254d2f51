//! Sealed entries, the Merkle tree, checkpoints, proofs and the audit of a log.
