//! The vault file: making it, unlocking it, and its slots.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_documents::Secret32;
use countersign_ports::{Entropy, KeyStore, LogError, VaultError, Write};
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::{
    database::{self, failed},
    manifest,
    seal::{self, Keys, VaultId},
    session::State,
    slot::{self, NewSlot, Prepared, Slot, SlotKind, Unlock},
};

/// An unlocked vault. Dropping it locks it: the keys are wiped.
///
/// Several may be open on one folder, in one process or in many; each sees what the others wrote. A future of its methods
/// that is dropped at COMMIT leaves it unknown whether the batch was written, never half of it.
pub struct VaultFile {
    pub(crate) folder: PathBuf,
    pub(crate) keys: Keys,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) state: Mutex<State>,
}

/// Why a slot was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveSlotError {
    /// Nothing would unlock the vault any more.
    #[error("the last way of unlocking a profile cannot be removed")]
    Last,
    /// The vault did not do it.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl VaultFile {
    /// Makes a vault in `folder` (made too if need be, private to this user) with these slots, of different kinds, and
    /// these first rows.
    ///
    /// `NoSlot` without any, `Exists` for two of a kind, `AlreadyThere` if there is a vault, `NotPrivate` if others may
    /// look into the folder. All or nothing: after an error there is no vault, and the same call may be tried again.
    pub async fn create(
        folder: &Path,
        slots: &[NewSlot<'_>],
        first: &[Write<'_>],
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, VaultError> {
        check_kinds(slots)?;
        let mut id = [0u8; 16];
        entropy.fill(&mut id)?;
        let keys = Keys { id: VaultId(id), vault: seal::make_secret(&*entropy)? };
        // The folder first: whoever may not write there need not wait for a passphrase to be stretched.
        let conn = database::make(folder).await?;
        let mut prepared = Vec::with_capacity(slots.len());
        for new in slots {
            prepared.push(slot::prepare(*new, &keys, &*entropy).await?);
        }
        let state = Mutex::new(State::new(conn));
        let file = Self { folder: folder.to_owned(), keys, entropy, state };
        file.fill(prepared, first).await?;
        Ok(file)
    }

    /// Unlocks the vault in `folder`.
    ///
    /// `WrongSecret` is all that is said when a slot does not open, whatever the reason; `NoSlot` if there is no slot of
    /// that kind. What was unlocked is verified as a whole before this returns: `Altered` if it is not what was written.
    pub async fn open(
        folder: &Path,
        with: Unlock<'_>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, VaultError> {
        let mut conn = database::open(folder).await?;
        let id = manifest::read_id(&mut conn).await?;
        let slots = manifest::read_slots(&mut conn).await?;
        let slot = slots.into_iter().find(|slot| slot.kind == with.kind()).ok_or(VaultError::NoSlot)?;
        let keys = slot::unlock(id, slot, with).await?;
        let state = State::new(conn);
        let file = Self { folder: folder.to_owned(), keys, entropy, state: Mutex::new(state) };
        file.verify().await?;
        Ok(file)
    }

    /// Which ways of unlocking the vault in `folder` has, without unlocking it. Not verified.
    pub async fn slots(folder: &Path) -> Result<Vec<SlotKind>, VaultError> {
        let mut conn = database::open(folder).await?;
        let slots = manifest::read_slots(&mut conn).await?;
        // Only tidiness: a connection that is dropped is closed as well, a little later.
        let _ = conn.close().await;
        Ok(slots.into_iter().map(|slot| slot.kind).collect())
    }

    /// The name under which a key store keeps this vault's slot: its random id, so that no two profiles share one.
    pub fn profile(&self) -> String {
        self.keys.id.text()
    }

    /// Adds a way of unlocking. `Exists` if there is one of this kind.
    pub async fn add_slot(&self, new: NewSlot<'_>) -> Result<(), VaultError> {
        self.put_slot(new, false).await
    }

    /// Replaces the way of unlocking of this kind, in one step. `NoSlot` if there is none.
    ///
    /// The vault key stays. Whoever copied the file earlier and knows the old secret can still open his copy.
    pub async fn replace_slot(&self, new: NewSlot<'_>) -> Result<(), VaultError> {
        self.put_slot(new, true).await
    }

    /// Removes a way of unlocking, never the last. What a key store keeps for it is left there for the caller to
    /// remove under `profile()`. As with `replace_slot`, the vault key stays.
    pub async fn remove_slot(&self, kind: SlotKind) -> Result<(), RemoveSlotError> {
        let mut state = self.state.lock().await;
        match self.remove_slot_within(&mut state, kind).await {
            Err(RemoveSlotError::Vault(error)) => Ok(state.settle(Err(error))?),
            done => done,
        }
    }

    /// Closes the file at once. Dropping it does the same a little later.
    pub async fn close(self) -> Result<(), VaultError> {
        self.state.into_inner().close().await
    }

    /// Writes everything a new vault has, in one transaction.
    async fn fill(&self, prepared: Vec<Prepared<'_>>, first: &[Write<'_>]) -> Result<(), VaultError> {
        let mut state = self.state.lock().await;
        let mut session = state.found(self).await?;
        let mut kept = None;
        for Prepared { slot, keep } in prepared {
            insert_slot(&mut session.tx, &slot).await?;
            session.manifest.slots.insert(slot.kind, slot);
            kept = kept.or(keep);
        }
        self.change(&mut session, first).await?;
        let kept = Kept::keep(kept, self.keys.id)?;
        let done = session.commit(self).await;
        if let (Some(kept), Err(error)) = (&kept, &done) {
            kept.undo(error);
        }
        done
    }

    async fn verify(&self) -> Result<(), VaultError> {
        let mut state = self.state.lock().await;
        state.begin(self, "BEGIN").await?.end().await
    }

    async fn put_slot(&self, new: NewSlot<'_>, replace: bool) -> Result<(), VaultError> {
        let prepared = slot::prepare(new, &self.keys, &*self.entropy).await?;
        let mut state = self.state.lock().await;
        let done = self.put_slot_within(&mut state, prepared, replace).await;
        state.settle(done)
    }

    async fn put_slot_within(
        &self,
        state: &mut State,
        prepared: Prepared<'_>,
        replace: bool,
    ) -> Result<(), VaultError> {
        let mut session = state.begin(self, "BEGIN IMMEDIATE").await?;
        match (session.manifest.slots.contains_key(&prepared.slot.kind), replace) {
            (true, false) => return Err(VaultError::Exists),
            (false, true) => return Err(VaultError::NoSlot),
            (true, true) => delete_slot(&mut session.tx, prepared.slot.kind).await?,
            (false, false) => {}
        }
        let Prepared { slot, keep } = prepared;
        insert_slot(&mut session.tx, &slot).await?;
        session.manifest.slots.insert(slot.kind, slot);
        let kept = Kept::keep(keep, self.keys.id)?;
        let done = session.commit(self).await;
        if let (Some(kept), Err(error)) = (&kept, &done) {
            kept.undo(error);
        }
        done?;
        if replace {
            state.shred().await;
        }
        Ok(())
    }

    async fn remove_slot_within(&self, state: &mut State, kind: SlotKind) -> Result<(), RemoveSlotError> {
        let mut session = state.begin(self, "BEGIN IMMEDIATE").await?;
        if session.manifest.slots.remove(&kind).is_none() {
            return Err(VaultError::NoSlot.into());
        }
        if session.manifest.slots.is_empty() {
            return Err(RemoveSlotError::Last);
        }
        delete_slot(&mut session.tx, kind).await?;
        session.commit(self).await?;
        state.shred().await;
        Ok(())
    }
}

/// What a key store was given for a slot that is not committed yet, and what it held before.
struct Kept<'a> {
    store: &'a dyn KeyStore,
    profile: String,
    before: Option<Zeroizing<[u8; 32]>>,
}

impl<'a> Kept<'a> {
    /// Within the transaction, so that two processes cannot each leave the other's secret in the store.
    fn keep(keep: Option<(&'a dyn KeyStore, Secret32)>, id: VaultId) -> Result<Option<Self>, VaultError> {
        let Some((store, secret)) = keep else { return Ok(None) };
        let profile = id.text();
        let before = store.get(&profile).ok();
        store.set(&profile, secret.expose())?;
        Ok(Some(Self { store, profile, before }))
    }

    /// The slot was not committed. If that is not certain, the new secret stays: the slot may be there.
    fn undo(&self, error: &VaultError) {
        if matches!(error, VaultError::Store(LogError::Unknown)) {
            return;
        }
        // Best effort: a leftover in the key store opens nothing.
        let _ = match &self.before {
            Some(secret) => self.store.set(&self.profile, secret),
            None => self.store.remove(&self.profile),
        };
    }
}

fn check_kinds(slots: &[NewSlot<'_>]) -> Result<(), VaultError> {
    if slots.is_empty() {
        return Err(VaultError::NoSlot);
    }
    let doubled =
        slots.iter().enumerate().any(|(at, a)| slots.iter().skip(at + 1).any(|b| a.kind() == b.kind()));
    if doubled { Err(VaultError::Exists) } else { Ok(()) }
}

async fn insert_slot(conn: &mut SqliteConnection, slot: &Slot) -> Result<(), VaultError> {
    sqlx::query("INSERT INTO slots (kind, parameters, nonce, wrapped) VALUES (?, ?, ?, ?)")
        .bind(slot.kind.name())
        .bind(slot.parameters.as_slice())
        .bind(slot.nonce.as_slice())
        .bind(slot.wrapped.as_slice())
        .execute(conn)
        .await
        .map_err(failed)?;
    Ok(())
}

async fn delete_slot(conn: &mut SqliteConnection, kind: SlotKind) -> Result<(), VaultError> {
    let done = sqlx::query("DELETE FROM slots WHERE kind = ?")
        .bind(kind.name())
        .execute(conn)
        .await
        .map_err(failed)?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(VaultError::Altered) }
}
