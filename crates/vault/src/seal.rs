//! Keys and boxes: how the vault key becomes subkeys, and what each box is bound to.
//!
//! Every box is XChaCha20-Poly1305 under a random 24-byte nonce (draft-irtf-cfrg-xchacha-03). Every subkey is
//! HKDF-SHA256 (RFC 5869) of the vault key or of a slot's secret.

use chacha20poly1305::{AeadInOut as _, KeyInit as _, XChaCha20Poly1305, XNonce};
use countersign_documents::{Digest, Secret32, cbor::Reader, cbor::Writer, id::crockford};
use countersign_ports::{Entropy, LogError, NoEntropy, Table, VaultError};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::slot::SlotKind;

/// Length of a Poly1305 tag.
const TAG: usize = 16;

/// A nonce.
pub(crate) type Nonce = [u8; 24];

/// A vault, from its making on: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct VaultId(pub(crate) [u8; 16]);

impl VaultId {
    /// The name under which the system's key store keeps this vault's slot.
    pub(crate) fn text(self) -> String {
        crockford(&self.0)
    }
}

/// What was sealed, and under which nonce.
pub(crate) struct Sealed {
    pub(crate) nonce: Nonce,
    pub(crate) bytes: Vec<u8>,
}

/// The vault key and the vault it belongs to.
pub(crate) struct Keys {
    pub(crate) id: VaultId,
    pub(crate) vault: Secret32,
}

impl Keys {
    /// The name a row is stored under: nobody without the vault key can tell what it stands for.
    pub(crate) fn row_name(&self, table: Table, id: &str) -> [u8; 32] {
        let key = self.subkey(&format!("countersign/{}/names/v1", table.name()));
        hmac(&key, id.as_bytes())
    }

    /// Seals a row's id and value.
    pub(crate) fn seal_row(
        &self,
        (table, name, version): (Table, &[u8; 32], u64),
        (id, value): (&str, &[u8]),
        entropy: &dyn Entropy,
    ) -> Result<Sealed, VaultError> {
        let heads = 1 + 9 + 9; // the longest heads of an array of two and its members
        let mut w = Writer::with_capacity(heads + id.len() + value.len() + TAG);
        w.array(2);
        w.text(id);
        w.bytes(value);
        let plain = Zeroizing::new(w.finish());
        seal(&self.row_key(table), &self.row_context(table, name, version), plain, entropy)
    }

    /// Opens a row: its id and value.
    pub(crate) fn open_row(
        &self,
        (table, name, version): (Table, &[u8; 32], u64),
        sealed: Sealed,
    ) -> Result<(String, Zeroizing<Vec<u8>>), VaultError> {
        let plain = open(&self.row_key(table), &self.row_context(table, name, version), sealed)
            .ok_or(VaultError::Altered)?;
        let (id, value) = read_row(&plain).ok_or(VaultError::Altered)?;
        if self.row_name(table, id) != *name {
            return Err(VaultError::Altered);
        }
        Ok((id.to_owned(), Zeroizing::new(value.to_vec())))
    }

    /// Seals the digest of everything the vault holds at this generation.
    pub(crate) fn seal_header(
        &self,
        generation: u64,
        digest: Digest,
        entropy: &dyn Entropy,
    ) -> Result<Sealed, VaultError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(32 + TAG));
        plain.extend_from_slice(&digest.0);
        seal(&self.subkey("countersign/header/v1"), &self.header_context(generation), plain, entropy)
    }

    /// Opens it again.
    pub(crate) fn open_header(&self, generation: u64, sealed: Sealed) -> Result<Digest, VaultError> {
        open(&self.subkey("countersign/header/v1"), &self.header_context(generation), sealed)
            .and_then(|plain| plain.as_slice().try_into().ok().map(Digest))
            .ok_or(VaultError::Altered)
    }

    fn row_key(&self, table: Table) -> Secret32 {
        self.subkey(&format!("countersign/{}/v1", table.name()))
    }

    fn subkey(&self, label: &str) -> Secret32 {
        derive(&self.vault, None, label)
    }

    fn row_context(&self, table: Table, name: &[u8; 32], version: u64) -> Vec<u8> {
        let mut w = Writer::default();
        w.array(5);
        w.text("countersign-vault-row-v1");
        w.bytes(&self.id.0);
        w.text(table.name());
        w.bytes(name);
        w.uint(version);
        w.finish()
    }

    fn header_context(&self, generation: u64) -> Vec<u8> {
        let mut w = Writer::default();
        w.array(3);
        w.text("countersign-vault-header-v1");
        w.bytes(&self.id.0);
        w.uint(generation);
        w.finish()
    }
}

/// Wraps the vault key for one slot; the box is bound to the vault, the kind of slot and its parameters.
pub(crate) fn wrap(
    keys: &Keys,
    secret: &Secret32,
    (kind, parameters): (SlotKind, &[u8]),
    entropy: &dyn Entropy,
) -> Result<Sealed, VaultError> {
    let mut plain = Zeroizing::new(Vec::with_capacity(32 + TAG));
    plain.extend_from_slice(keys.vault.expose());
    seal(&slot_key(keys.id, kind, secret), &slot_context(keys.id, kind, parameters), plain, entropy)
}

/// Unwraps it. A wrong secret and an altered slot look the same.
pub(crate) fn unwrap(
    id: VaultId,
    secret: &Secret32,
    (kind, parameters): (SlotKind, &[u8]),
    sealed: Sealed,
) -> Result<Keys, VaultError> {
    open(&slot_key(id, kind, secret), &slot_context(id, kind, parameters), sealed)
        .and_then(|plain| Secret32::from_slice(&plain))
        .map(|vault| Keys { id, vault })
        .ok_or(VaultError::WrongSecret)
}

/// Thirty-two new secret bytes.
pub(crate) fn make_secret(entropy: &dyn Entropy) -> Result<Secret32, NoEntropy> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    entropy.fill(bytes.as_mut_slice())?;
    Ok(Secret32::new(*bytes))
}

/// The vault id salts the key, so that one key file may serve several vaults without their slots sharing a key.
fn slot_key(id: VaultId, kind: SlotKind, secret: &Secret32) -> Secret32 {
    derive(secret, Some(&id.0), &format!("countersign/slot/{}/v1", kind.name()))
}

fn slot_context(id: VaultId, kind: SlotKind, parameters: &[u8]) -> Vec<u8> {
    let mut w = Writer::default();
    w.array(4);
    w.text("countersign-vault-slot-v1");
    w.bytes(&id.0);
    w.text(kind.name());
    w.bytes(parameters);
    w.finish()
}

fn derive(secret: &Secret32, salt: Option<&[u8]>, label: &str) -> Secret32 {
    let mut out = Zeroizing::new([0u8; 32]);
    if Hkdf::<Sha256>::new(salt, secret.expose()).expand(label.as_bytes(), out.as_mut_slice()).is_err() {
        unreachable!("RFC 5869 gives 255 blocks and this asks for one");
    }
    Secret32::new(*out)
}

fn hmac(key: &Secret32, message: &[u8]) -> [u8; 32] {
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.expose()) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Seals in place. `plain` must have room for the tag, so that it is never copied.
fn seal(
    key: &Secret32,
    context: &[u8],
    mut plain: Zeroizing<Vec<u8>>,
    entropy: &dyn Entropy,
) -> Result<Sealed, VaultError> {
    let mut nonce = [0u8; 24];
    entropy.fill(&mut nonce)?;
    debug_assert!(plain.capacity() - plain.len() >= TAG, "a buffer that grows leaves a copy behind");
    XChaCha20Poly1305::new(key.expose().into())
        .encrypt_in_place(&XNonce::from(nonce), context, &mut *plain)
        // The cipher's limit is 256 GiB.
        .map_err(|_| VaultError::Store(LogError::Full))?;
    Ok(Sealed { nonce, bytes: core::mem::take(&mut *plain) })
}

fn open(key: &Secret32, context: &[u8], sealed: Sealed) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(sealed.bytes);
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt_in_place(&XNonce::from(sealed.nonce), context, &mut *bytes)
        .ok()?;
    Some(bytes)
}

fn read_row(plain: &[u8]) -> Option<(&str, &[u8])> {
    let mut r = Reader::new(plain);
    r.array_exact(2).ok()?;
    let id = r.text().ok()?;
    let value = r.bytes().ok()?;
    r.end().ok()?;
    Some((id, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_names_are_derived_as_ever() {
        // Computed apart from this code, with another language's HMAC-SHA256.
        let keys = Keys { id: VaultId([9; 16]), vault: Secret32::new([7; 32]) };
        let name = "57b1d0e517c9770e863946c6f6cdf82bb1ba049cc51eea5ffef1a90bf1cdbf9e";
        assert_eq!(Digest(keys.row_name(Table::Pins, "acme")).hex(), name, "the name of a row");
        let row = "b411c37890bb5bdc6bcc9130a1b653c62c3e25a38ea625939f6b4cfa6ad44df4";
        assert_eq!(Digest(*keys.row_key(Table::Pins).expose()).hex(), row, "the key of a table");
        let slot = "8125fd429f8d517a92dc5e576903ba97a5ba077e0fefa5fd4ff071174bdaa2d0";
        let derived = slot_key(keys.id, SlotKind::KeyFile, &Secret32::new([7; 32]));
        assert_eq!(Digest(*derived.expose()).hex(), slot, "the key of a slot");
    }
}
