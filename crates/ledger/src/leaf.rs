//! Sealed entries: what a log stores and the Merkle tree hashes.
//!
//! Each entry has a key of its own, derived from the epoch key and the operation, and the leaf commits to it. So one
//! entry can be shown to an outsider by disclosing one key, that key opens nothing else, and, because
//! XChaCha20-Poly1305 alone commits to no key, no leaf can be made that opens in two ways.

use countersign_documents::{
    Digest, Malformed, Reader, Secret32, Writer,
    cbor::{self, Blob, DOCUMENT_LIMIT},
    id::{OpId, OrganisationId},
    record,
};
use subtle::ConstantTimeEq as _;

use crate::primitives::{Nonce, TAG, decrypt, derive, encrypt};

/// The most a leaf may weigh: the largest entry, its tag, and the fields around it.
pub const LEAF_LIMIT: usize = DOCUMENT_LIMIT + TAG + 112;

/// Why a leaf could not be sealed or opened. Local detail only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// The bytes are no leaf.
    #[error("the bytes are no sealed entry: {0}")]
    Malformed(#[from] Malformed),
    /// The entry is larger than a document may be.
    #[error("the entry is too large to be sealed")]
    TooLarge,
    /// The leaf commits to another key: another epoch, another operation, or altered.
    #[error("the sealed entry commits to another key")]
    OtherKey,
    /// The key is the one, but organisation, epoch, nonce or ciphertext are not those that were sealed.
    #[error("the sealed entry does not open")]
    NotAuthentic,
}

record! {
    /// One entry as it is stored. `{1 => uint, 2 => bstr .size 16, 3 => bstr .size 32, 4 => bstr .size 24, 5 => bstr}`
    pub struct SealedLeaf {
        /// The number of the epoch key.
        1 => epoch: u64,
        /// The operation.
        2 => op_id: OpId,
        /// SHA-256("countersign-entry-v1" || entry key).
        3 => commitment: Digest,
        /// The nonce of the cipher.
        4 => nonce: [u8; 24],
        /// The entry, sealed, with its tag.
        5 => ciphertext: Blob,
    }
}

impl SealedLeaf {
    /// From outside: strict CBOR, at most [`LEAF_LIMIT`] bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        if bytes.len() > LEAF_LIMIT {
            return Err(Malformed::TooLarge.into());
        }
        Ok(cbor::decode(bytes)?)
    }

    /// The bytes the log stores.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(self)
    }
}

/// The operation a leaf says it belongs to, read without copying the rest; `None` where the bytes begin otherwise.
pub(crate) fn claimed_op_id(leaf: &[u8]) -> Option<OpId> {
    let mut r = Reader::new(leaf);
    let mut labels = r.map().ok()?;
    labels.demand(&mut r, 1).ok()?;
    r.uint().ok()?;
    labels.demand(&mut r, 2).ok()?;
    r.array_of().ok().map(OpId)
}

/// The symmetric key of one epoch: who has it reads the log.
pub struct EpochKey(Secret32);

impl EpochKey {
    /// Takes over a random secret, or one that was unwrapped.
    pub fn new(secret: Secret32) -> Self {
        Self(secret)
    }

    /// What the log names this key by: SHA-256("countersign-epoch-v1" || key).
    pub fn commitment(&self) -> Digest {
        Digest::labelled("countersign-epoch-v1", &[self.0.expose()])
    }

    /// The secret, for wrapping it.
    pub fn secret(&self) -> &Secret32 {
        &self.0
    }
}

/// The key of one entry: who has it reads that entry and no other.
pub struct EntryKey(Secret32);

impl EntryKey {
    /// Takes over a key that was disclosed.
    pub fn new(secret: Secret32) -> Self {
        Self(secret)
    }

    /// What the leaf commits to: SHA-256("countersign-entry-v1" || key).
    pub fn commitment(&self) -> Digest {
        Digest::labelled("countersign-entry-v1", &[self.0.expose()])
    }

    /// The secret, for disclosing it.
    pub fn secret(&self) -> &Secret32 {
        &self.0
    }
}

/// The key of one operation's entry: HKDF-SHA256(epoch key, info = "countersign-entry-key-v1" || op_id).
pub fn entry_key(epoch_key: &EpochKey, op_id: OpId) -> EntryKey {
    EntryKey(derive(&epoch_key.0, "countersign-entry-key-v1", &op_id.0))
}

/// The leaf of one entry. `nonce` is random; `epoch` is the number of `epoch_key`.
///
/// # Errors
/// `TooLarge` beyond 64 KiB of plaintext.
pub fn seal(
    epoch: u64,
    epoch_key: &EpochKey,
    organisation: OrganisationId,
    op_id: OpId,
    nonce: [u8; 24],
    plaintext: &[u8],
) -> Result<Vec<u8>, LeafError> {
    if plaintext.len() > DOCUMENT_LIMIT {
        return Err(LeafError::TooLarge);
    }
    let key = entry_key(epoch_key, op_id);
    let aad = bound(organisation, epoch, op_id);
    let ciphertext = encrypt(&key.0, &nonce, &aad, plaintext).ok_or(LeafError::TooLarge)?;
    let leaf = SealedLeaf { epoch, op_id, commitment: key.commitment(), nonce, ciphertext: Blob(ciphertext) };
    Ok(leaf.to_bytes())
}

/// The entry, for a member who has the epoch key.
pub fn open(
    epoch_key: &EpochKey,
    organisation: OrganisationId,
    leaf: &SealedLeaf,
) -> Result<Vec<u8>, LeafError> {
    open_with_entry_key(&entry_key(epoch_key, leaf.op_id), organisation, leaf)
}

/// The entry, for an outsider to whom its key was disclosed. The commitment is checked first, in constant time.
pub fn open_with_entry_key(
    key: &EntryKey,
    organisation: OrganisationId,
    leaf: &SealedLeaf,
) -> Result<Vec<u8>, LeafError> {
    if !bool::from(key.commitment().0.ct_eq(&leaf.commitment.0)) {
        return Err(LeafError::OtherKey);
    }
    let aad = bound(organisation, leaf.epoch, leaf.op_id);
    let nonce: &Nonce = &leaf.nonce;
    let mut entry = decrypt(&key.0, nonce, &aad, &leaf.ciphertext.0).ok_or(LeafError::NotAuthentic)?;
    Ok(core::mem::take(&mut *entry))
}

/// What is authenticated beside the entry: `[organisation, epoch, op_id]`.
fn bound(organisation: OrganisationId, epoch: u64, op_id: OpId) -> Vec<u8> {
    let mut w = Writer::default();
    w.array(3);
    w.bytes(&organisation.0);
    w.uint(epoch);
    w.bytes(&op_id.0);
    w.finish()
}
