//! Erasable blobs: names, contact data, free text and attachments, kept beside the log and not in it.
//!
//! Each is sealed under a random key of its own that exists only in its own stored bytes, wrapped under the epoch
//! key. Once those bytes are gone, the epoch key brings nothing back; and because the name is a *salted* hash whose
//! salt goes with the bytes, nobody can confirm a guess of what was erased.

use countersign_documents::{
    Digest, Malformed, Reader, Secret32, Writer,
    cbor::{self, Blob},
    id::OrganisationId,
    record,
};
use zeroize::Zeroizing;

use crate::{
    leaf::EpochKey,
    primitives::{Nonce, TAG, decrypt, derive, encrypt},
};

/// The most one blob may hold: 8 MiB, for an attachment.
pub const CONTENT_LIMIT: usize = 8 * 1024 * 1024;

/// The most a stored blob may weigh: the largest content, two tags, and the fields around them.
pub const STORED_LIMIT: usize = CONTENT_LIMIT + 2 * TAG + 160;

/// Why a blob could not be sealed or opened. Local detail only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// The bytes are no stored blob.
    #[error("the bytes are no sealed blob: {0}")]
    Malformed(#[from] Malformed),
    /// The content is larger than 8 MiB.
    #[error("the content is too large to be sealed")]
    TooLarge,
    /// Epoch key, organisation, name or bytes are not those that were sealed.
    #[error("the sealed blob does not open")]
    NotAuthentic,
    /// It opens, but its content has another name: whoever sealed it lied about what it is.
    #[error("the blob is not the one its name says")]
    OtherContent,
}

/// The randomness of one blob, to be used once.
pub struct BlobRandom {
    key: Secret32,
    salt: [u8; 16],
    wrap_nonce: Nonce,
    nonce: Nonce,
}

impl BlobRandom {
    /// How many random bytes one blob takes.
    pub const LEN: usize = 96;

    /// Divides fresh random bytes up.
    pub fn new(random: &Zeroizing<[u8; Self::LEN]>) -> Self {
        let part = |from: usize, at: usize| random[from + at];
        Self {
            key: Secret32::new(core::array::from_fn(|at| part(0, at))),
            salt: core::array::from_fn(|at| part(32, at)),
            wrap_nonce: core::array::from_fn(|at| part(48, at)),
            nonce: core::array::from_fn(|at| part(72, at)),
        }
    }
}

record! {
    /// A blob as it is stored.
    /// `{1 => uint, 2 => bstr .size 24, 3 => bstr .size 48, 4 => bstr .size 24, 5 => bstr}`
    pub struct SealedBlob {
        /// The number of the epoch key that wraps the blob's own key.
        1 => epoch: u64,
        /// The nonce of the wrap.
        2 => wrap_nonce: [u8; 24],
        /// The blob's own key, wrapped.
        3 => wrapped_key: Blob,
        /// The nonce of the content.
        4 => nonce: [u8; 24],
        /// `{1 => salt, 2 => content}`, sealed.
        5 => ciphertext: Blob,
    }
}

impl SealedBlob {
    /// From outside: strict CBOR. Its `epoch` says which key opens it.
    pub fn parse(stored: &[u8]) -> Result<Self, BlobError> {
        if stored.len() > STORED_LIMIT {
            return Err(Malformed::TooLarge.into());
        }
        let blob: Self = cbor::decode(stored)?;
        if blob.wrapped_key.0.len() != 32 + TAG { Err(Malformed::OutOfRange.into()) } else { Ok(blob) }
    }
}

/// The name to cite in an entry, and the bytes to store under it.
///
/// # Errors
/// `TooLarge` beyond 8 MiB of content.
pub fn seal_blob(
    epoch: u64,
    epoch_key: &EpochKey,
    organisation: OrganisationId,
    content: &[u8],
    random: &BlobRandom,
) -> Result<(Digest, Vec<u8>), BlobError> {
    if content.len() > CONTENT_LIMIT {
        return Err(BlobError::TooLarge);
    }
    let name = name_of(&random.salt, content);
    let aad = bound(organisation, epoch, name);
    let wrapping = wrapping_key(epoch_key);
    let wrapped = encrypt(&wrapping, &random.wrap_nonce, &aad, random.key.expose());
    let sealed = encrypt(&random.key, &random.nonce, &aad, &salted(&random.salt, content));
    let (wrapped_key, ciphertext) = wrapped.zip(sealed).ok_or(BlobError::TooLarge)?;
    let blob = SealedBlob {
        epoch,
        wrap_nonce: random.wrap_nonce,
        wrapped_key: Blob(wrapped_key),
        nonce: random.nonce,
        ciphertext: Blob(ciphertext),
    };
    Ok((name, cbor::encode(&blob)))
}

/// The content of the blob stored under `name`, if it is the very content that name was made of.
pub fn open_blob(
    epoch_key: &EpochKey,
    organisation: OrganisationId,
    name: Digest,
    stored: &[u8],
) -> Result<Vec<u8>, BlobError> {
    let blob = SealedBlob::parse(stored)?;
    let aad = bound(organisation, blob.epoch, name);
    let unwrapped = decrypt(&wrapping_key(epoch_key), &blob.wrap_nonce, &aad, &blob.wrapped_key.0);
    let key = unwrapped.and_then(|key| Secret32::from_slice(&key)).ok_or(BlobError::NotAuthentic)?;
    let salted = decrypt(&key, &blob.nonce, &aad, &blob.ciphertext.0).ok_or(BlobError::NotAuthentic)?;
    let (salt, content) = unsalted(&salted)?;
    if name_of(&salt, content) != name { Err(BlobError::OtherContent) } else { Ok(content.to_vec()) }
}

/// SHA-256("countersign-blob-name-v1" || salt || SHA-256(content)).
fn name_of(salt: &[u8; 16], content: &[u8]) -> Digest {
    Digest::labelled("countersign-blob-name-v1", &[salt, Digest::of(content).as_ref()])
}

fn wrapping_key(epoch_key: &EpochKey) -> Secret32 {
    derive(epoch_key.secret(), "countersign-blob-v1", &[])
}

/// What is authenticated beside key and content: `[organisation, epoch, name]`.
fn bound(organisation: OrganisationId, epoch: u64, name: Digest) -> Vec<u8> {
    let mut w = Writer::default();
    w.array(3);
    w.bytes(&organisation.0);
    w.uint(epoch);
    w.bytes(name.as_ref());
    w.finish()
}

fn salted(salt: &[u8; 16], content: &[u8]) -> Zeroizing<Vec<u8>> {
    // Map and two labels, a salt of 17 bytes, and at most 9 for the length of the content.
    let mut w = Writer::with_capacity(content.len() + 29);
    w.map(2);
    w.int(1);
    w.bytes(salt);
    w.int(2);
    w.bytes(content);
    Zeroizing::new(w.finish())
}

fn unsalted(bytes: &[u8]) -> Result<([u8; 16], &[u8]), Malformed> {
    let mut r = Reader::new(bytes);
    let mut labels = r.map()?;
    labels.demand(&mut r, 1)?;
    let salt = r.array_of()?;
    labels.demand(&mut r, 2)?;
    let content = r.bytes()?;
    labels.end(&mut r)?;
    r.end()?;
    Ok((salt, content))
}
