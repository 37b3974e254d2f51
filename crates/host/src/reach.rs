//! A ledger's file that may be out of reach just now: a share that is not mounted, a disk that is gone. It is opened at
//! the first use that finds it, so that an unlocked desk can stop keys meanwhile, and goes on by itself afterwards.

use std::path::PathBuf;

use async_trait::async_trait;
use countersign_documents::{
    Digest,
    id::{OpId, OrganisationId},
};
use countersign_ports::{Appended, Documents, Log, LogError, LogHead, Row};
use countersign_store::SqliteLog;
use tokio::sync::OnceCell;

/// The log of an organisation, opened when it is needed.
pub(crate) struct Reach {
    path: PathBuf,
    organisation: OrganisationId,
    log: OnceCell<SqliteLog>,
}

impl Reach {
    pub(crate) fn new(path: PathBuf, organisation: OrganisationId) -> Self {
        Self { path, organisation, log: OnceCell::new() }
    }

    async fn log(&self) -> Result<&SqliteLog, LogError> {
        self.log.get_or_try_init(|| SqliteLog::open(&self.path, Some(self.organisation))).await
    }
}

#[async_trait]
impl Log for Reach {
    async fn append(&self, expected: u64, rows: &[Row], checkpoint: &str) -> Result<Appended, LogError> {
        self.log().await?.append(expected, rows, checkpoint).await
    }

    async fn read(&self, from: u64, limit: u32) -> Result<Vec<Row>, LogError> {
        self.log().await?.read(from, limit).await
    }

    async fn head(&self) -> Result<LogHead, LogError> {
        self.log().await?.head().await
    }

    async fn find(&self, op_id: OpId) -> Result<Option<u64>, LogError> {
        self.log().await?.find(op_id).await
    }

    async fn watch(&self, seen: u64, patience: u64) -> Result<u64, LogError> {
        self.log().await?.watch(seen, patience).await
    }
}

#[async_trait]
impl Documents for Reach {
    async fn put(&self, name: Digest, bytes: &[u8]) -> Result<(), LogError> {
        self.log().await?.put(name, bytes).await
    }

    async fn get(&self, name: Digest) -> Result<Option<Vec<u8>>, LogError> {
        self.log().await?.get(name).await
    }

    async fn erase(&self, name: Digest) -> Result<(), LogError> {
        self.log().await?.erase(name).await
    }
}
