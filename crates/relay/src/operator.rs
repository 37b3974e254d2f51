//! What whoever runs the relay can do with its witness, at the machine and never over the network.

use std::{path::Path, sync::Arc};

use countersign_documents::{Head, Secret32, id::OrganisationId, text::Line};

use crate::{
    relay::{DatabaseAt, OpenError, random},
    store::{Result, Store, postgres::PostgresStore, sqlite::SqliteStore},
    witness::Witness,
};

/// The witness of a relay, without the relay.
pub struct Operator {
    store: Arc<dyn Store>,
    witness: Witness,
}

impl Operator {
    /// Opens the database of a relay that is called like this.
    ///
    /// # Errors
    /// What the database says, or that this system gives no randomness.
    pub async fn open(database: &DatabaseAt, origin: &Line) -> std::result::Result<Self, OpenError> {
        let fresh = || random().map(Secret32::new);
        let store: Arc<dyn Store> = match database {
            DatabaseAt::Sqlite(path) => Arc::new(SqliteStore::open(Path::new(path), fresh()?).await?),
            DatabaseAt::Postgres(address) => Arc::new(PostgresStore::open(address, fresh()?).await?),
        };
        let seed = store.witness_seed(fresh()?).await?;
        Ok(Self { store, witness: Witness::new(origin, seed) })
    }

    /// The name and key of the witness, one line.
    pub fn key(&self) -> String {
        self.witness.key()
    }

    /// The organisations of this relay, each with the head of its log that was signed last.
    ///
    /// # Errors
    /// What the database says.
    pub async fn heads(&self) -> Result<Vec<(OrganisationId, Option<Head>)>> {
        let mut heads = Vec::new();
        for (organisation, _) in self.store.card_versions().await? {
            let head = self.store.head(organisation).await?;
            heads.push((organisation, head.filter(|head| head.size > 0)));
        }
        Ok(heads)
    }

    /// Forgets the head of an organisation's log, if it is this one still.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget(&self, organisation: OrganisationId, known: Head) -> Result<bool> {
        self.store.forget_head(organisation, known).await
    }
}
