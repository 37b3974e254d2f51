//! The key store of the operating system: Keychain on macOS, Credential Manager on Windows, Secret Service elsewhere.

use countersign_ports::{KeyStore, VaultError};
use keyring::{Entry, Error};
use zeroize::Zeroizing;

/// What our entries are filed under.
const SERVICE: &str = "countersign";

/// Keeps 32 bytes per profile in the key store of the operating system.
///
/// The calls block, and a locked store may ask the person for its password meanwhile. Where there is no store (no
/// session bus, no Secret Service behind it) every call says `NoKeyStore` at once. That is found out once per process:
/// a store that starts later is seen by the next process.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsKeyStore;

impl KeyStore for OsKeyStore {
    /// `NoSlot` when the store answers and keeps nothing for this profile; `WrongSecret` when what it keeps is not
    /// 32 bytes, so not ours.
    fn get(&self, profile: &str) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        match entry(profile)?.get_secret() {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                let kept: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| VaultError::WrongSecret)?;
                Ok(Zeroizing::new(*kept))
            }
            Err(Error::NoEntry) => Err(VaultError::NoSlot),
            Err(_) => Err(VaultError::NoKeyStore),
        }
    }

    fn set(&self, profile: &str, value: &[u8; 32]) -> Result<(), VaultError> {
        entry(profile)?.set_secret(value).map_err(|_| VaultError::NoKeyStore)
    }

    /// Forgetting what is not kept is fine.
    fn remove(&self, profile: &str) -> Result<(), VaultError> {
        match entry(profile)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(_) => Err(VaultError::NoKeyStore),
        }
    }
}

fn entry(profile: &str) -> Result<Entry, VaultError> {
    Entry::new(SERVICE, profile).map_err(|_| VaultError::NoKeyStore)
}
