//! HPKE-4 a second time: through the library as the envelope uses it, and its key schedule by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]

use core::convert::Infallible;

use chacha20poly1305::{
    ChaCha20Poly1305 as Cipher, KeyInit as _,
    aead::{Aead as _, Payload},
};
use countersign_documents::Writer;
use hkdf::Hkdf;
use hpke::{
    Deserializable as _, Kem as _, OpModeR, OpModeS, PskBundle, Serializable as _, aead::ChaCha20Poly1305,
    kdf::HkdfSha256, kem::X25519HkdfSha256,
};
use rand_core::{TryCryptoRng, TryRng};
use sha2::Sha256;

type Public = <X25519HkdfSha256 as hpke::Kem>::PublicKey;
type Private = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;
type Encapped = <X25519HkdfSha256 as hpke::Kem>::EncappedKey;

/// The modes there are here.
pub(crate) enum Mode<'a> {
    /// Mode 0.
    Base,
    /// Mode 1: the secret and its id.
    Psk(&'a [u8], &'a [u8]),
}

impl Mode<'_> {
    fn sender(&self) -> OpModeS<'_, X25519HkdfSha256> {
        match self {
            Self::Base => OpModeS::Base,
            Self::Psk(psk, id) => OpModeS::Psk(PskBundle::new(psk, id).unwrap()),
        }
    }

    fn receiver(&self) -> OpModeR<'_, X25519HkdfSha256> {
        match self {
            Self::Base => OpModeR::Base,
            Self::Psk(psk, id) => OpModeR::Psk(PskBundle::new(psk, id).unwrap()),
        }
    }
}

/// The public half of the key pair from this key material.
pub(crate) fn derive(ikm: &[u8]) -> Vec<u8> {
    X25519HkdfSha256::derive_keypair(ikm).1.to_bytes().to_vec()
}

/// Seals once; the encapsulated key and the ciphertext.
pub(crate) fn seal(
    mode: &Mode<'_>,
    to: &[u8; 32],
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    ikm: &[u8],
) -> ([u8; 32], Vec<u8>) {
    let public = Public::from_bytes(to).unwrap();
    let (ek, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &mode.sender(),
        &public,
        info,
        plaintext,
        aad,
        &mut Material(ikm),
    )
    .unwrap();
    (ek.to_bytes().into(), ciphertext)
}

/// What a sender and one recipient agree on, kept to seal many plaintexts under one encapsulated key. No sender of ours may
/// do so; it is how an attacker who knows the recipient's public key spares work.
pub(crate) struct Agreed {
    /// The encapsulated key.
    pub(crate) ek: [u8; 32],
    key: Vec<u8>,
    nonce: Vec<u8>,
}

impl Agreed {
    /// RFC 9180, 4.1 and 5.1, by hand, with this ephemeral private key.
    pub(crate) fn new(mode: &Mode<'_>, to: &[u8; 32], info: &[u8], ephemeral: [u8; 32]) -> Self {
        let secret = x25519_dalek::StaticSecret::from(ephemeral);
        let ek = x25519_dalek::PublicKey::from(&secret).to_bytes();
        let agreement = secret.diffie_hellman(&x25519_dalek::PublicKey::from(*to));
        let kem = &[b'K', b'E', b'M', 0, 0x20];
        let prk = extract_for(kem, &[], "eae_prk", agreement.as_bytes());
        let shared = expand_for(kem, &prk, "shared_secret", &[ek, *to].concat(), 32);
        let [_, _, key, nonce, _] = schedule(mode, &shared, info);
        Self { ek, key, nonce }
    }

    /// Message number zero of this agreement, again and again.
    pub(crate) fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let cipher = Cipher::new_from_slice(&self.key).unwrap();
        let nonce: [u8; 12] = self.nonce.as_slice().try_into().unwrap();
        cipher.encrypt(&nonce.into(), Payload { msg: plaintext, aad }).unwrap()
    }
}

/// Opens once.
pub(crate) fn open(
    mode: &Mode<'_>,
    with: &[u8; 32],
    ek: &[u8; 32],
    info: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
) -> Option<Vec<u8>> {
    let (private, ek) = (Private::from_bytes(with).unwrap(), Encapped::from_bytes(ek).ok()?);
    let mode = mode.receiver();
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &mode, &private, &ek, info, ciphertext, aad,
    )
    .ok()
}

/// Ciphertexts 0 to `last` of one context, each of the plaintext and additional data that `what` names.
pub(crate) fn sequence(
    mode: &Mode<'_>,
    to: &[u8; 32],
    info: &[u8],
    ikm: &[u8],
    last: u64,
    what: impl Fn(u64) -> (Vec<u8>, Vec<u8>),
) -> Vec<Vec<u8>> {
    let public = Public::from_bytes(to).unwrap();
    let (_, mut context) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &mode.sender(),
        &public,
        info,
        &mut Material(ikm),
    )
    .unwrap();
    (0..=last)
        .map(|index| {
            let (plaintext, aad) = what(index);
            context.seal(&plaintext, &aad).unwrap()
        })
        .collect()
}

/// RFC 9180, 5.1, by hand: context, secret, key, base nonce, exporter secret.
pub(crate) fn schedule(mode: &Mode<'_>, shared: &[u8], info: &[u8]) -> [Vec<u8>; 5] {
    let (number, psk, psk_id): (u8, &[u8], &[u8]) = match mode {
        Mode::Base => (0, &[], &[]),
        Mode::Psk(psk, id) => (1, psk, id),
    };
    let context =
        [&[number], extract(&[], "psk_id_hash", psk_id).as_slice(), &extract(&[], "info_hash", info)]
            .concat();
    let secret = extract(shared, "secret", psk);
    let expand = |label, len| expand(&secret, label, &context, len);
    let (key, nonce, exporter) = (expand("key", 32), expand("base_nonce", 12), expand("exp", 32));
    [context, secret, key, nonce, exporter]
}

/// "HPKE", then KEM 0x0020, KDF 0x0001, AEAD 0x0003.
const SUITE: &[u8] = &[b'H', b'P', b'K', b'E', 0, 0x20, 0, 1, 0, 3];

fn extract(salt: &[u8], label: &str, ikm: &[u8]) -> Vec<u8> {
    extract_for(SUITE, salt, label, ikm)
}

fn expand(secret: &[u8], label: &str, context: &[u8], len: u8) -> Vec<u8> {
    expand_for(SUITE, secret, label, context, len)
}

fn extract_for(suite: &[u8], salt: &[u8], label: &str, ikm: &[u8]) -> Vec<u8> {
    let labelled = [b"HPKE-v1", suite, label.as_bytes(), ikm].concat();
    Hkdf::<Sha256>::extract(Some(salt), &labelled).0.to_vec()
}

fn expand_for(suite: &[u8], secret: &[u8], label: &str, context: &[u8], len: u8) -> Vec<u8> {
    let mut out = vec![0; usize::from(len)];
    let labelled = [&[0, len], b"HPKE-v1".as_slice(), suite, label.as_bytes(), context].concat();
    Hkdf::<Sha256>::from_prk(secret).unwrap().expand(&labelled, &mut out).unwrap();
    out
}

/// Enc_structure of RFC 9052, 5.3.
pub(crate) fn enc_structure(protected: &[u8], external: &[u8]) -> Vec<u8> {
    let mut w = Writer::default();
    w.array(3);
    w.text("Encrypt0");
    w.bytes(protected);
    w.bytes(external);
    w.finish()
}

/// Yields exactly the key material of a vector.
struct Material<'a>(&'a [u8]);

impl TryRng for Material<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        let (now, later) = self.0.split_at(out.len());
        out.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Material<'_> {}
