//! One operation at a time: a connection, the manifest it last verified, and a transaction over both.

use countersign_ports::{LogError, VaultError};
use sqlx::{Connection as _, Sqlite, SqliteConnection, Transaction};

use crate::{
    database::{self, failed},
    fault,
    file::VaultFile,
    manifest::Manifest,
};

/// What a vault file works with.
pub(crate) struct State {
    conn: Option<SqliteConnection>,
    manifest: Option<Manifest>,
    /// The newest generation this process knows of: the file may not fall behind it.
    seen: u64,
}

impl State {
    pub(crate) fn new(conn: SqliteConnection) -> Self {
        Self { conn: Some(conn), manifest: None, seen: 0 }
    }

    /// Begins the transaction that makes a vault: its tables, and a manifest of nothing.
    pub(crate) async fn found(&mut self, file: &VaultFile) -> Result<Session<'_>, VaultError> {
        let conn = self.conn.as_mut().ok_or(VaultError::Store(LogError::Unavailable))?;
        let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        database::lay_out(&mut tx).await?;
        let manifest = Manifest::blank(file.keys.id);
        Ok(Session { tx, manifest, held: &mut self.manifest, seen: &mut self.seen })
    }

    /// Begins a transaction and reads the manifest in it, verified.
    pub(crate) async fn begin<'s>(
        &'s mut self,
        file: &VaultFile,
        statement: &'static str,
    ) -> Result<Session<'s>, VaultError> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => database::open(&file.folder).await?,
        };
        let mut tx = self.conn.insert(conn).begin_with(statement).await.map_err(failed)?;
        let manifest = Manifest::load(&mut tx, &file.keys, self.manifest.take(), self.seen).await?;
        self.seen = manifest.generation();
        Ok(Session { tx, manifest, held: &mut self.manifest, seen: &mut self.seen })
    }

    /// After an error: a fault that may have left the connection lying makes the next operation open and verify anew.
    pub(crate) fn settle<T>(&mut self, done: Result<T, VaultError>) -> Result<T, VaultError> {
        if let Err(error) = &done {
            self.manifest = None;
            if let VaultError::Store(fault) = error
                && fault::is_over(fault)
            {
                self.conn = None;
            }
        }
        done
    }

    /// Something was removed and that is durable: its sealed bytes leave the write-ahead log too. Best effort, since
    /// another process may be reading; the next such call or the last closing does it then.
    pub(crate) async fn shred(&mut self) {
        if let Some(conn) = &mut self.conn {
            let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(conn).await;
        }
    }

    pub(crate) async fn close(self) -> Result<(), VaultError> {
        match self.conn {
            Some(conn) => conn.close().await.map_err(failed),
            None => Ok(()),
        }
    }
}

/// One transaction and the manifest it stands on. Dropped, it is rolled back and the manifest forgotten.
pub(crate) struct Session<'s> {
    pub(crate) tx: Transaction<'s, Sqlite>,
    pub(crate) manifest: Manifest,
    held: &'s mut Option<Manifest>,
    seen: &'s mut u64,
}

impl Session<'_> {
    /// Ends a transaction that only read.
    pub(crate) async fn end(self) -> Result<(), VaultError> {
        self.tx.rollback().await.map_err(failed)?;
        *self.held = Some(self.manifest);
        Ok(())
    }

    /// Writes the header of the next generation and commits, durably.
    pub(crate) async fn commit(mut self, file: &VaultFile) -> Result<(), VaultError> {
        self.manifest.store(&mut self.tx, &file.keys, &*file.entropy).await?;
        self.tx.commit().await.map_err(|error| VaultError::Store(fault::at_commit(error)))?;
        *self.seen = self.manifest.generation();
        *self.held = Some(self.manifest);
        Ok(())
    }
}
