//! Reading and writing rows.

use async_trait::async_trait;
use countersign_ports::{Table, Vault, VaultError, Write};
use sqlx::Error;
use zeroize::Zeroizing;

use crate::{
    database::{array, blob, count, failed},
    file::VaultFile,
    manifest::Mark,
    seal::Sealed,
    session::{Session, State},
};

#[async_trait]
impl Vault for VaultFile {
    async fn get(&self, table: Table, id: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let mut state = self.state.lock().await;
        let done = self.get_within(&mut state, table, id).await;
        state.settle(done)
    }

    async fn ids(&self, table: Table) -> Result<Vec<String>, VaultError> {
        let mut state = self.state.lock().await;
        let done = self.ids_within(&mut state, table).await;
        state.settle(done)
    }

    async fn write(&self, batch: &[Write<'_>]) -> Result<(), VaultError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut state = self.state.lock().await;
        let done = self.write_within(&mut state, batch).await;
        state.settle(done)
    }
}

impl VaultFile {
    async fn get_within(
        &self,
        state: &mut State,
        table: Table,
        id: &str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let name = self.keys.row_name(table, id);
        let mut session = state.begin(self, "BEGIN").await?;
        let row = sqlx::query("SELECT version, nonce, sealed FROM rows WHERE kind = ? AND name = ?")
            .bind(table.name())
            .bind(name.as_slice())
            .fetch_optional(&mut *session.tx)
            .await
            .map_err(failed)?;
        let meant = session.manifest.rows.get(&(table, name)).copied();
        let value = match (row, meant) {
            (None, None) => None,
            (Some(row), Some(meant)) => {
                let found = Mark { version: count(&row, "version")?, nonce: array(&row, "nonce")? };
                if found != meant {
                    return Err(VaultError::Altered);
                }
                let sealed = Sealed { nonce: found.nonce, bytes: blob(&row, "sealed")? };
                Some(self.keys.open_row((table, &name, found.version), sealed)?.1)
            }
            _ => return Err(VaultError::Altered),
        };
        session.end().await?;
        Ok(value)
    }

    async fn ids_within(&self, state: &mut State, table: Table) -> Result<Vec<String>, VaultError> {
        let mut session = state.begin(self, "BEGIN").await?;
        let rows = sqlx::query("SELECT name, version, nonce, sealed FROM rows WHERE kind = ?")
            .bind(table.name())
            .fetch_all(&mut *session.tx)
            .await
            .map_err(failed)?;
        let mut ids = Vec::with_capacity(rows.len());
        for row in &rows {
            let name = array(row, "name")?;
            let found = Mark { version: count(row, "version")?, nonce: array(row, "nonce")? };
            if session.manifest.rows.get(&(table, name)) != Some(&found) {
                return Err(VaultError::Altered);
            }
            let sealed = Sealed { nonce: found.nonce, bytes: blob(row, "sealed")? };
            ids.push(self.keys.open_row((table, &name, found.version), sealed)?.0);
        }
        if session.manifest.rows.keys().filter(|(of, _)| *of == table).count() != ids.len() {
            return Err(VaultError::Altered);
        }
        session.end().await?;
        ids.sort_unstable();
        Ok(ids)
    }

    async fn write_within(&self, state: &mut State, batch: &[Write<'_>]) -> Result<(), VaultError> {
        let mut session = state.begin(self, "BEGIN IMMEDIATE").await?;
        self.change(&mut session, batch).await?;
        session.commit(self).await?;
        if batch.iter().any(|change| matches!(change, Write::Remove(..))) {
            state.shred().await;
        }
        Ok(())
    }

    /// Makes the changes of a batch within a transaction.
    pub(crate) async fn change(
        &self,
        session: &mut Session<'_>,
        batch: &[Write<'_>],
    ) -> Result<(), VaultError> {
        for change in batch {
            match *change {
                Write::New(table, id, value) => {
                    if session.manifest.rows.contains_key(&(table, self.keys.row_name(table, id))) {
                        return Err(VaultError::Exists);
                    }
                    self.put(session, table, (id, value)).await?;
                }
                Write::Put(table, id, value) => self.put(session, table, (id, value)).await?,
                Write::Remove(table, id) => self.remove(session, table, id).await?,
            }
        }
        Ok(())
    }

    /// Whether the row is there is asked of the manifest; the file must agree, or somebody changed it.
    async fn put(
        &self,
        session: &mut Session<'_>,
        table: Table,
        (id, value): (&str, &[u8]),
    ) -> Result<(), VaultError> {
        let name = self.keys.row_name(table, id);
        let version = session.manifest.next();
        let Sealed { nonce, bytes } =
            self.keys.seal_row((table, &name, version), (id, value), &*self.entropy)?;
        let before = session.manifest.rows.insert((table, name), Mark { version, nonce });
        let query = match before {
            None => {
                sqlx::query("INSERT INTO rows (version, nonce, sealed, kind, name) VALUES (?, ?, ?, ?, ?)")
            }
            Some(_) => sqlx::query(
                "UPDATE rows SET version = ?, nonce = ?, sealed = ? \
                 WHERE kind = ? AND name = ? AND version = ? AND nonce = ?",
            ),
        };
        let mut query = query
            .bind(version.cast_signed())
            .bind(nonce.as_slice())
            .bind(bytes)
            .bind(table.name())
            .bind(name.as_slice());
        if let Some(before) = &before {
            query = query.bind(before.version.cast_signed()).bind(before.nonce.as_slice());
        }
        match query.execute(&mut *session.tx).await {
            Ok(done) if done.rows_affected() == 1 => Ok(()),
            Ok(_) => Err(VaultError::Altered),
            Err(Error::Database(fault)) if fault.is_unique_violation() => Err(VaultError::Altered),
            Err(error) => Err(failed(error)),
        }
    }

    async fn remove(&self, session: &mut Session<'_>, table: Table, id: &str) -> Result<(), VaultError> {
        let name = self.keys.row_name(table, id);
        let Some(before) = session.manifest.rows.remove(&(table, name)) else { return Ok(()) };
        let done = sqlx::query("DELETE FROM rows WHERE kind = ? AND name = ? AND version = ? AND nonce = ?")
            .bind(table.name())
            .bind(name.as_slice())
            .bind(before.version.cast_signed())
            .bind(before.nonce.as_slice())
            .execute(&mut *session.tx)
            .await
            .map_err(failed)?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(VaultError::Altered) }
    }
}
