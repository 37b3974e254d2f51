//! The shared log and the erasable documents beside it. No business rule passes through here: bytes in, bytes out.

use async_trait::async_trait;
use countersign_documents::{Digest, id::OpId};

/// One row: a sealed leaf at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its place, from 0 on, without gaps.
    pub seq: u64,
    /// The operation it belongs to, unique in the log.
    pub op_id: OpId,
    /// The sealed leaf, exactly the bytes the Merkle tree hashes.
    pub leaf: Vec<u8>,
}

/// Where the log ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogHead {
    /// How many rows there are.
    pub size: u64,
    /// The newest signed checkpoint (a C2SP note), empty in an empty log.
    pub checkpoint: String,
}

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// The rows are durable.
    Done,
    /// The log is not as long as expected; nothing was written. Catch up and decide again.
    Behind {
        /// How long it is.
        size: u64,
    },
}

/// Why a log or its documents did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Somebody else holds it longer than the deadline.
    #[error("the database is locked by another process")]
    Locked,
    /// It may be read but not written.
    #[error("the database is read-only")]
    ReadOnly,
    /// There is no room left.
    #[error("the disk is full")]
    Full,
    /// The file is no log of ours, or damaged below what SQLite can read.
    #[error("the database is damaged or is no Countersign log")]
    Damaged,
    /// It was made by a newer version.
    #[error("the database was made by a newer version of Countersign")]
    Newer,
    /// It was made by an earlier version, and may only be read here: it cannot be brought to the present form.
    #[error("the database was made by an earlier version of Countersign, and may only be read here")]
    Older,
    /// It cannot be reached or opened.
    #[error("the database cannot be opened")]
    Unavailable,
    /// It cannot promise durability, or has a known corruption bug.
    #[error("the database cannot promise that what is written stays written")]
    NotDurable,
    /// The outcome is not known: look the operation up by its `op_id` before anything is tried again.
    #[error("the database did not say whether the write happened")]
    Unknown,
}

/// The append-only log all desks share.
#[async_trait]
pub trait Log: Send + Sync {
    /// Appends `rows` and `checkpoint` in one durable step, if the log has exactly `expected` rows.
    async fn append(&self, expected: u64, rows: &[Row], checkpoint: &str) -> Result<Appended, LogError>;
    /// Up to `limit` rows from `from` on, in order.
    async fn read(&self, from: u64, limit: u32) -> Result<Vec<Row>, LogError>;
    /// Where it ends.
    async fn head(&self) -> Result<LogHead, LogError>;
    /// The place of an operation, if it is there: how an unknown outcome is resolved.
    async fn find(&self, op_id: OpId) -> Result<Option<u64>, LogError>;
    /// Returns when the log is longer than `seen`, with its size; or after `patience` milliseconds, as it is then.
    async fn watch(&self, seen: u64, patience: u64) -> Result<u64, LogError>;
}

/// Erasable sealed blobs beside the log.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Stores bytes durably under their name. The same bytes again is fine; other bytes under the name are refused
    /// as `Damaged`.
    async fn put(&self, name: Digest, bytes: &[u8]) -> Result<(), LogError>;
    /// The bytes, or `None` where nothing is or it was erased.
    async fn get(&self, name: Digest) -> Result<Option<Vec<u8>>, LogError>;
    /// Overwrites and forgets the bytes. Erasing what is not there is fine.
    async fn erase(&self, name: Digest) -> Result<(), LogError>;
}
