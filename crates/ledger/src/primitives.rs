//! The two primitives that seal: HKDF-SHA256 (RFC 5869) and XChaCha20-Poly1305 (RFC 8439 with a 24-byte nonce).

use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use countersign_documents::Secret32;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// A nonce long enough to be drawn at random for every message under one key.
pub(crate) type Nonce = [u8; 24];

/// How many bytes sealing adds.
pub(crate) const TAG: usize = 16;

/// A key for one purpose, without salt. `info` is a label and then at most one part of fixed length.
pub(crate) fn derive(key: &Secret32, label: &str, part: &[u8]) -> Secret32 {
    let mut okm = Zeroizing::new([0; 32]);
    let expanded =
        Hkdf::<Sha256>::new(None, key.expose()).expand_multi_info(&[label.as_bytes(), part], okm.as_mut());
    // HKDF refuses only more than 255 blocks; zeros must never pass for a key if that ever changed.
    let Ok(()) = expanded else { unreachable!("32 bytes are one block of HKDF-SHA256") };
    Secret32::new(*okm)
}

/// Seals; `None` only beyond the length the cipher allows (256 GiB).
pub(crate) fn encrypt(key: &Secret32, nonce: &Nonce, aad: &[u8], msg: &[u8]) -> Option<Vec<u8>> {
    cipher(key).encrypt(<&XNonce>::from(nonce), Payload { msg, aad }).ok()
}

/// Opens; `None` where key, nonce, associated bytes or ciphertext are not those that were sealed.
pub(crate) fn decrypt(key: &Secret32, nonce: &Nonce, aad: &[u8], msg: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    cipher(key).decrypt(<&XNonce>::from(nonce), Payload { msg, aad }).ok().map(Zeroizing::new)
}

fn cipher(key: &Secret32) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(<&Key>::from(key.expose()))
}
