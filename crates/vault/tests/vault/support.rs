//! A vault in a temporary folder, and a hand that reaches past it into the file.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use countersign_ports::{Entropy, KeyStore, NoEntropy, VaultError};
use countersign_vault::{KeyFile, NewSlot, Unlock, VaultFile};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions,
};
use zeroize::Zeroizing;

/// The randomness of this machine.
pub(crate) struct Real;

impl Entropy for Real {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(out).map_err(|_| NoEntropy)
    }
}

pub(crate) fn real() -> Arc<dyn Entropy> {
    Arc::new(Real)
}

/// A key store in memory: what the port promises, without a desktop session.
#[derive(Default)]
pub(crate) struct Memory(pub(crate) Mutex<HashMap<String, [u8; 32]>>);

impl KeyStore for Memory {
    fn get(&self, profile: &str) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        self.0.lock().unwrap().get(profile).map(|kept| Zeroizing::new(*kept)).ok_or(VaultError::NoSlot)
    }

    fn set(&self, profile: &str, value: &[u8; 32]) -> Result<(), VaultError> {
        self.0.lock().unwrap().insert(profile.to_owned(), *value);
        Ok(())
    }

    fn remove(&self, profile: &str) -> Result<(), VaultError> {
        self.0.lock().unwrap().remove(profile);
        Ok(())
    }
}

/// A vault that a key file opens.
pub(crate) struct Scene {
    pub(crate) root: tempfile::TempDir,
    pub(crate) folder: PathBuf,
    pub(crate) key: KeyFile,
}

impl Scene {
    /// A folder that is not there yet, and a key file.
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let key = KeyFile::make(&root.path().join("key"), &Real).unwrap();
        Self { folder: root.path().join("profile"), root, key }
    }

    pub(crate) async fn create(&self) -> VaultFile {
        VaultFile::create(&self.folder, &[NewSlot::KeyFile(&self.key)], &[], real()).await.unwrap()
    }

    pub(crate) async fn open(&self) -> Result<VaultFile, VaultError> {
        VaultFile::open(&self.folder, Unlock::KeyFile(&self.key), real()).await
    }

    /// A connection that knows nothing of vaults and obeys no check.
    pub(crate) async fn hand(&self) -> Hand {
        let file = self.folder.join("vault.db");
        let conn = SqliteConnectOptions::new()
            .filename(file)
            .pragma("ignore_check_constraints", "ON")
            .connect()
            .await
            .unwrap();
        Hand(conn)
    }

    /// Does this to the file, past the vault.
    pub(crate) async fn tamper(&self, statement: &str) {
        let mut hand = self.hand().await;
        hand.run(statement).await;
        hand.0.close().await.unwrap();
    }
}

pub(crate) struct Hand(pub(crate) SqliteConnection);

impl Hand {
    pub(crate) async fn run(&mut self, statement: &str) {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut self.0).await.unwrap();
    }

    /// The one text that a query answers.
    pub(crate) async fn ask(&mut self, query: &str) -> String {
        sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut self.0).await.unwrap()
    }
}

/// The name of an error, or "opened": what tests compare.
pub(crate) fn said<T>(result: Result<T, VaultError>) -> String {
    result.map_or_else(|error| format!("{error:?}"), |_| "opened".to_owned())
}
