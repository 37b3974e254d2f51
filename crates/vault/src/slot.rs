//! The ways of unlocking a vault. Each wraps the same vault key; any one of them opens everything.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use countersign_documents::{
    Secret32,
    cbor::{Reader, Writer},
};
use countersign_ports::{Entropy, KeyStore, LogError, VaultError};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::{
    key_file::KeyFile,
    recovery::RecoveryCode,
    seal::{self, Keys, Nonce, Sealed, VaultId},
};

/// Fewer characters than this make no passphrase: it is the only factor (NIST SP 800-63B-4, section 3.1.1.2).
pub const SHORTEST_PASSPHRASE: usize = 15;

/// A way of unlocking. A vault has at most one slot of each kind and at least one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SlotKind {
    /// 32 bytes that the key store of the operating system keeps.
    Keychain,
    /// A passphrase, stretched with Argon2id (RFC 9106).
    Passphrase,
    /// 32 bytes on paper.
    Recovery,
    /// 32 bytes in a file, for machines without a person.
    KeyFile,
}

impl SlotKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Keychain, Self::Passphrase, Self::Recovery, Self::KeyFile];

    /// Its name in the file and in the key derivation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Passphrase => "passphrase",
            Self::Recovery => "recovery",
            Self::KeyFile => "key-file",
        }
    }

    /// The kind with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// A slot to be made.
#[derive(Clone, Copy)]
pub enum NewSlot<'a> {
    /// Makes 32 bytes and has this key store keep them under the vault's id.
    Keychain(&'a dyn KeyStore),
    /// At least `SHORTEST_PASSPHRASE` characters; compared in Unicode normalisation form C (RFC 8265, section 4.2.2).
    Passphrase(&'a str),
    /// A code that was made and shown.
    Recovery(&'a RecoveryCode),
    /// A key file that was made or read.
    KeyFile(&'a KeyFile),
}

impl NewSlot<'_> {
    /// Which kind it will be.
    pub fn kind(&self) -> SlotKind {
        match self {
            Self::Keychain(_) => SlotKind::Keychain,
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::Recovery(_) => SlotKind::Recovery,
            Self::KeyFile(_) => SlotKind::KeyFile,
        }
    }
}

/// What a vault is unlocked with.
#[derive(Clone, Copy)]
pub enum Unlock<'a> {
    /// What this key store keeps under the vault's id.
    Keychain(&'a dyn KeyStore),
    /// The passphrase.
    Passphrase(&'a str),
    /// The code on paper.
    Recovery(&'a RecoveryCode),
    /// The key file.
    KeyFile(&'a KeyFile),
}

impl Unlock<'_> {
    /// Which kind of slot it opens.
    pub fn kind(&self) -> SlotKind {
        match self {
            Self::Keychain(_) => SlotKind::Keychain,
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::Recovery(_) => SlotKind::Recovery,
            Self::KeyFile(_) => SlotKind::KeyFile,
        }
    }
}

/// A slot as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) kind: SlotKind,
    pub(crate) parameters: Vec<u8>,
    pub(crate) nonce: Nonce,
    pub(crate) wrapped: Vec<u8>,
}

/// A slot that is ready to be stored, and what the key store must keep for it.
pub(crate) struct Prepared<'a> {
    pub(crate) slot: Slot,
    pub(crate) keep: Option<(&'a dyn KeyStore, Secret32)>,
}

/// Wraps the vault key for a new slot. Stores nothing yet.
pub(crate) async fn prepare<'a>(
    new: NewSlot<'a>,
    keys: &Keys,
    entropy: &dyn Entropy,
) -> Result<Prepared<'a>, VaultError> {
    let kind = new.kind();
    let mut parameters = Vec::new();
    let mut store = None;
    let secret = match new {
        NewSlot::Keychain(kept_by) => {
            store = Some(kept_by);
            seal::make_secret(entropy)?
        }
        NewSlot::Passphrase(text) if text.chars().count() < SHORTEST_PASSPHRASE => {
            return Err(VaultError::SlotParameters);
        }
        NewSlot::Passphrase(text) => {
            let cost = Cost::make(entropy)?;
            parameters = cost.encode();
            stretch(text, cost).await?
        }
        NewSlot::Recovery(code) => code.secret().duplicate(),
        NewSlot::KeyFile(file) => file.secret().duplicate(),
    };
    let Sealed { nonce, bytes } = seal::wrap(keys, &secret, (kind, &parameters), entropy)?;
    let slot = Slot { kind, parameters, nonce, wrapped: bytes };
    Ok(Prepared { slot, keep: store.map(|kept_by| (kept_by, secret)) })
}

/// Opens a slot: the vault key.
pub(crate) async fn unlock(id: VaultId, slot: Slot, with: Unlock<'_>) -> Result<Keys, VaultError> {
    let secret = match with {
        Unlock::Keychain(store) => Secret32::new(*store.get(&id.text())?),
        Unlock::Passphrase(text) => stretch(text, Cost::decode(&slot.parameters)?).await?,
        Unlock::Recovery(code) => code.secret().duplicate(),
        Unlock::KeyFile(file) => file.secret().duplicate(),
    };
    let sealed = Sealed { nonce: slot.nonce, bytes: slot.wrapped };
    seal::unwrap(id, &secret, (slot.kind, &slot.parameters), sealed)
}

/// How a passphrase is stretched: stored in the clear beside the slot, so judged before it is obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    /// Memory in KiB.
    memory: u32,
    /// Passes over it.
    passes: u32,
    /// Lanes.
    lanes: u32,
    salt: [u8; 16],
}

impl Cost {
    /// RFC 9106, section 4, second recommended option: 64 MiB, 3 passes, 4 lanes. Nothing weaker is obeyed.
    const FLOOR: (u32, u32, u32) = (64 * 1024, 3, 4);
    /// Nothing stronger either: an altered file must not be able to exhaust the machine.
    const CEILING: (u32, u32, u32) = (1024 * 1024, 20, 16);

    fn make(entropy: &dyn Entropy) -> Result<Self, VaultError> {
        let (memory, passes, lanes) = Self::FLOOR;
        let mut salt = [0; 16];
        entropy.fill(&mut salt)?;
        Ok(Self { memory, passes, lanes, salt })
    }

    fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.array(4);
        w.uint(u64::from(self.memory));
        w.uint(u64::from(self.passes));
        w.uint(u64::from(self.lanes));
        w.bytes(&self.salt);
        w.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        let mut r = Reader::new(bytes);
        let mut read = || {
            r.array_exact(4)?;
            let cost = (r.uint()?, r.uint()?, r.uint()?);
            let salt = r.array_of()?;
            r.end()?;
            Ok::<_, countersign_documents::Malformed>((cost, salt))
        };
        let ((memory, passes, lanes), salt) = read().map_err(|_| VaultError::SlotParameters)?;
        let within = |value: u64, floor: u32, ceiling: u32| {
            u32::try_from(value)
                .ok()
                .filter(|v| (floor..=ceiling).contains(v))
                .ok_or(VaultError::SlotParameters)
        };
        Ok(Self {
            memory: within(memory, Self::FLOOR.0, Self::CEILING.0)?,
            passes: within(passes, Self::FLOOR.1, Self::CEILING.1)?,
            lanes: within(lanes, Self::FLOOR.2, Self::CEILING.2)?,
            salt,
        })
    }
}

/// Argon2id on a thread of its own: it takes half a second, and a window must not stand still meanwhile.
async fn stretch(passphrase: &str, cost: Cost) -> Result<Secret32, VaultError> {
    // Form C takes at most three times the bytes (Unicode TR 15), so this never grows and leaves no copy.
    let mut normal = Zeroizing::new(String::with_capacity(3 * passphrase.len()));
    normal.extend(passphrase.nfc());
    tokio::task::spawn_blocking(move || argon2id(normal.as_bytes(), cost))
        .await
        .map_err(|_| VaultError::Store(LogError::Unavailable))?
}

/// The working memory is ours, so that it is wiped: its last blocks give the result away.
fn argon2id(passphrase: &[u8], cost: Cost) -> Result<Secret32, VaultError> {
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(32))
        .map_err(|_| VaultError::SlotParameters)?;
    let mut memory = Zeroizing::new(Vec::new());
    memory.try_reserve_exact(params.block_count()).map_err(|_| VaultError::Store(LogError::Unavailable))?;
    memory.resize(params.block_count(), Block::new());
    let mut out = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, &cost.salt, out.as_mut_slice(), memory.as_mut_slice())
        .map_err(|_| VaultError::SlotParameters)?;
    Ok(Secret32::new(*out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_read_back_as_it_was_written() {
        let cost = Cost { memory: 65_536, passes: 3, lanes: 4, salt: [9; 16] };
        assert_eq!(Cost::decode(&cost.encode()).unwrap(), cost, "what was written is read");
    }

    #[test]
    fn a_slot_cannot_ask_for_less_than_the_floor_or_more_than_the_machine() {
        let fair = Cost { memory: 65_536, passes: 3, lanes: 4, salt: [9; 16] };
        for (cost, why) in [
            (Cost { memory: 65_535, ..fair }, "less memory than 64 MiB"),
            (Cost { passes: 2, ..fair }, "fewer passes than 3"),
            (Cost { lanes: 3, ..fair }, "fewer lanes than 4"),
            (Cost { memory: 1_048_577, ..fair }, "more memory than 1 GiB"),
            (Cost { passes: 21, ..fair }, "more passes than 20"),
            (Cost { lanes: 17, ..fair }, "more lanes than 16"),
        ] {
            assert!(matches!(Cost::decode(&cost.encode()), Err(VaultError::SlotParameters)), "{why}");
        }
        let strongest = Cost { memory: 1_048_576, passes: 20, lanes: 16, ..fair };
        assert_eq!(Cost::decode(&strongest.encode()).unwrap(), strongest, "the ceiling itself is allowed");
        assert!(
            matches!(Cost::decode(&[]), Err(VaultError::SlotParameters)),
            "no parameters are not defaults"
        );
    }

    #[test]
    fn every_kind_has_its_own_name() {
        for kind in SlotKind::ALL {
            assert_eq!(SlotKind::from_name(kind.name()), Some(*kind), "names are read back");
        }
        assert_eq!(SlotKind::from_name("plain"), None, "there is no slot without a secret");
    }
}
