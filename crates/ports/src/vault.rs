//! A profile's own durable store of secrets. Values are sealed before they reach a disk.

use async_trait::async_trait;
use zeroize::Zeroizing;

/// What a row is. Each table is sealed under a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// This profile's identity: signing, receiving, certifying and checkpoint keys, name, organisation.
    Identity,
    /// Ledger keys, look-up key, organisation receiving keys.
    Shared,
    /// What will be released, by operation.
    Outbox,
    /// The folded state and the place in the log it stands for.
    Snapshot,
    /// Verified heads, highest verified time.
    Heads,
    /// Pinned organisations and verified identities.
    Pins,
    /// A partner's own requests.
    Requests,
    /// Opened envelopes and grants, with the keys a partner received.
    Opened,
}

impl Table {
    /// Every table.
    pub const ALL: &'static [Self] = &[
        Self::Identity,
        Self::Shared,
        Self::Outbox,
        Self::Snapshot,
        Self::Heads,
        Self::Pins,
        Self::Requests,
        Self::Opened,
    ];

    /// Its name in the file and in the key derivation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Shared => "shared",
            Self::Outbox => "outbox",
            Self::Snapshot => "snapshot",
            Self::Heads => "heads",
            Self::Pins => "pins",
            Self::Requests => "requests",
            Self::Opened => "opened",
        }
    }
}

/// One change of a batch.
pub enum Write<'a> {
    /// Stores or replaces a row.
    Put(Table, &'a str, &'a [u8]),
    /// Stores a row that must not be there yet; if it is, the whole batch fails with `Exists`.
    New(Table, &'a str, &'a [u8]),
    /// Removes a row, overwriting it.
    Remove(Table, &'a str),
}

/// Why a vault did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A row that had to be new is there already.
    #[error("that is stored already")]
    Exists,
    /// A row does not open under this vault's key: it was altered, swapped or taken from another vault.
    #[error("a row of the vault was altered")]
    Altered,
    /// No slot opens with what was given.
    #[error("that does not unlock this profile")]
    WrongSecret,
    /// The slot that was asked for is not there.
    #[error("this profile has no such way of unlocking")]
    NoSlot,
    /// The operating system has no key store, or it is locked.
    #[error("this system has no key store that answers")]
    NoKeyStore,
    /// A slot asks for weaker derivation than is allowed, or absurdly strong.
    #[error("a slot's parameters are outside what is allowed")]
    SlotParameters,
    /// There is no vault here.
    #[error("there is no profile here")]
    Missing,
    /// There is one already.
    #[error("there is a profile here already")]
    AlreadyThere,
    /// The file may be read by others, is a link, or is no file.
    #[error("the profile's files are not private to this user")]
    NotPrivate,
    /// The database below.
    #[error(transparent)]
    Store(#[from] crate::LogError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] crate::NoEntropy),
}

/// An unlocked vault.
#[async_trait]
pub trait Vault: Send + Sync {
    /// One row.
    async fn get(&self, table: Table, id: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError>;
    /// The ids of a table, in order.
    async fn ids(&self, table: Table) -> Result<Vec<String>, VaultError>;
    /// All changes, durably, or none.
    async fn write(&self, batch: &[Write<'_>]) -> Result<(), VaultError>;
}

/// The key store of the operating system: holds 32 bytes per profile.
pub trait KeyStore: Send + Sync {
    /// The bytes kept for this profile.
    fn get(&self, profile: &str) -> Result<Zeroizing<[u8; 32]>, VaultError>;
    /// Keeps the bytes.
    fn set(&self, profile: &str, value: &[u8; 32]) -> Result<(), VaultError>;
    /// Forgets them.
    fn remove(&self, profile: &str) -> Result<(), VaultError>;
}
