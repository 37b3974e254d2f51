//! What the vault holds, and the sealed header that says so.
//!
//! A sealed row proves that it was written once. Only the header proves that it is still meant: it seals a digest over
//! the slots and over table, name, version and nonce of every row, and is written anew with each batch under the next
//! generation. A full digest per batch is the plainest thing that works: at ten thousand rows it costs about two
//! milliseconds, less than the fsync after it. Reading costs one row while nothing has changed, because the last verified
//! manifest is kept and compared by its header.

use std::collections::BTreeMap;

use countersign_documents::{Digest, cbor::Writer};
use countersign_ports::{Entropy, Table, VaultError};
use sqlx::SqliteConnection;

use crate::{
    database::{array, blob, count, failed, text},
    seal::{Keys, Nonce, Sealed, VaultId},
    slot::{Slot, SlotKind},
};

/// Which writing of a row is the valid one. The version is the generation that wrote it, so it never repeats, not even
/// when a row was removed in between; the nonce tells it from a batch of that generation that was rolled back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) version: u64,
    pub(crate) nonce: Nonce,
}

/// The verified content of a vault at one generation, without the values.
pub(crate) struct Manifest {
    header: Header,
    pub(crate) rows: BTreeMap<(Table, [u8; 32]), Mark>,
    pub(crate) slots: BTreeMap<SlotKind, Slot>,
}

/// The one row of the table `vault`.
#[derive(PartialEq, Eq)]
struct Header {
    id: VaultId,
    generation: u64,
    nonce: Nonce,
    sealed: Vec<u8>,
}

impl Manifest {
    /// Of a vault that is being made.
    pub(crate) fn blank(id: VaultId) -> Self {
        let header = Header { id, generation: 0, nonce: [0; 24], sealed: Vec::new() };
        Self { header, rows: BTreeMap::new(), slots: BTreeMap::new() }
    }

    /// Reads and verifies the manifest within a transaction. `held` is the last verified one: if the header is still
    /// the same, so is everything it covers. `seen` is the newest generation this process knows of.
    pub(crate) async fn load(
        conn: &mut SqliteConnection,
        keys: &Keys,
        held: Option<Self>,
        seen: u64,
    ) -> Result<Self, VaultError> {
        let header = read_header(conn).await?;
        if header.id != keys.id || header.generation < seen {
            return Err(VaultError::Altered);
        }
        if let Some(held) = held.filter(|held| held.header == header) {
            return Ok(held);
        }
        let sealed = Sealed { nonce: header.nonce, bytes: header.sealed.clone() };
        let digest = keys.open_header(header.generation, sealed)?;
        let slots = read_slots(conn).await?.into_iter().map(|slot| (slot.kind, slot)).collect();
        let found = Self { header, rows: read_marks(conn).await?, slots };
        if found.digest() == digest { Ok(found) } else { Err(VaultError::Altered) }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.header.generation
    }

    /// The generation that a batch being written now will have.
    pub(crate) fn next(&self) -> u64 {
        self.header.generation + 1
    }

    /// Seals what the manifest has become as the next generation, and writes the header.
    pub(crate) async fn store(
        &mut self,
        conn: &mut SqliteConnection,
        keys: &Keys,
        entropy: &dyn Entropy,
    ) -> Result<(), VaultError> {
        let generation = self.next();
        let Sealed { nonce, bytes } = keys.seal_header(generation, self.digest(), entropy)?;
        self.header = Header { id: keys.id, generation, nonce, sealed: bytes };
        sqlx::query("DELETE FROM vault").execute(&mut *conn).await.map_err(failed)?;
        sqlx::query("INSERT INTO vault (one, id, generation, nonce, sealed) VALUES (1, ?, ?, ?, ?)")
            .bind(keys.id.0.as_slice())
            .bind(generation.cast_signed())
            .bind(nonce.as_slice())
            .bind(self.header.sealed.as_slice())
            .execute(conn)
            .await
            .map_err(failed)?;
        Ok(())
    }

    fn digest(&self) -> Digest {
        let mut w = Writer::default();
        w.array(3);
        w.text("countersign-vault-manifest-v1");
        w.array(self.slots.len());
        for slot in self.slots.values() {
            w.array(4);
            w.text(slot.kind.name());
            w.bytes(&slot.parameters);
            w.bytes(&slot.nonce);
            w.bytes(&slot.wrapped);
        }
        w.array(self.rows.len());
        for ((table, name), mark) in &self.rows {
            w.array(4);
            w.text(table.name());
            w.bytes(name);
            w.uint(mark.version);
            w.bytes(&mark.nonce);
        }
        Digest::of(&w.finish())
    }
}

/// The id of the vault in this file, unverified: opening a slot verifies it.
pub(crate) async fn read_id(conn: &mut SqliteConnection) -> Result<VaultId, VaultError> {
    Ok(read_header(conn).await?.id)
}

/// The slots in this file, unverified, in the order of their kinds.
pub(crate) async fn read_slots(conn: &mut SqliteConnection) -> Result<Vec<Slot>, VaultError> {
    let rows = sqlx::query("SELECT kind, parameters, nonce, wrapped FROM slots")
        .fetch_all(conn)
        .await
        .map_err(failed)?;
    let mut slots = Vec::with_capacity(rows.len());
    for row in &rows {
        slots.push(Slot {
            kind: SlotKind::from_name(&text(row, "kind")?).ok_or(VaultError::Altered)?,
            parameters: blob(row, "parameters")?,
            nonce: array(row, "nonce")?,
            wrapped: blob(row, "wrapped")?,
        });
    }
    slots.sort_by_key(|slot| slot.kind);
    Ok(slots)
}

async fn read_header(conn: &mut SqliteConnection) -> Result<Header, VaultError> {
    let rows = sqlx::query("SELECT id, generation, nonce, sealed FROM vault")
        .fetch_all(conn)
        .await
        .map_err(failed)?;
    let [row] = rows.as_slice() else { return Err(VaultError::Altered) };
    Ok(Header {
        id: VaultId(array(row, "id")?),
        generation: count(row, "generation")?,
        nonce: array(row, "nonce")?,
        sealed: blob(row, "sealed")?,
    })
}

async fn read_marks(conn: &mut SqliteConnection) -> Result<BTreeMap<(Table, [u8; 32]), Mark>, VaultError> {
    let rows =
        sqlx::query("SELECT kind, name, version, nonce FROM rows").fetch_all(conn).await.map_err(failed)?;
    let mut marks = BTreeMap::new();
    for row in &rows {
        let kind = text(row, "kind")?;
        let table = Table::ALL.iter().find(|table| table.name() == kind).ok_or(VaultError::Altered)?;
        let mark = Mark { version: count(row, "version")?, nonce: array(row, "nonce")? };
        marks.insert((*table, array(row, "name")?), mark);
    }
    Ok(marks)
}
