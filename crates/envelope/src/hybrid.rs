//! HPKE-4 (RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305), single shot, nothing else.

use core::convert::Infallible;

use countersign_documents::{ReceivingKey, ReceivingSecret, Secret32};
use hpke::{
    Deserializable as _, OpModeR, OpModeS, PskBundle, Serializable as _, aead::ChaCha20Poly1305,
    kdf::HkdfSha256, kem::X25519HkdfSha256,
};
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

type Public = <X25519HkdfSha256 as hpke::Kem>::PublicKey;
type Private = <X25519HkdfSha256 as hpke::Kem>::PrivateKey;

/// What binds an encryption beside the recipient's key.
pub(crate) struct Context<'a> {
    /// `mode_psk` when present: the secret and its public commitment. Never empty, so never silently `mode_base`.
    pub(crate) psk: Option<(&'a Secret32, &'a [u8; 32])>,
    pub(crate) info: &'a [u8],
    pub(crate) aad: &'a [u8],
}

/// It did not encrypt or decrypt. There is deliberately nothing more to know.
#[derive(Debug)]
pub(crate) struct Failed;

/// The encapsulated key and the ciphertext.
pub(crate) fn seal(
    to: &ReceivingKey,
    context: &Context<'_>,
    plaintext: &[u8],
    seed: &Secret32,
) -> Result<([u8; 32], Vec<u8>), Failed> {
    let public = Public::from_bytes(to.as_bytes()).map_err(|_| Failed)?;
    let mode = match context.psk {
        Some((secret, id)) => OpModeS::Psk(PskBundle::new(secret.expose(), id).map_err(|_| Failed)?),
        None => OpModeS::Base,
    };
    let mut rng = Stream { seed: seed.duplicate(), block: 0 };
    let (ek, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &mode,
        &public,
        context.info,
        plaintext,
        context.aad,
        &mut rng,
    )
    .map_err(|_| Failed)?;
    Ok((ek.to_bytes().into(), ciphertext))
}

/// The plaintext.
pub(crate) fn open(
    with: &ReceivingSecret,
    context: &Context<'_>,
    ek: &[u8; 32],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let private = Private::from_bytes(with.expose()).map_err(|_| Failed)?;
    let ek = <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(ek).map_err(|_| Failed)?;
    let mode = match context.psk {
        Some((secret, id)) => OpModeR::Psk(PskBundle::new(secret.expose(), id).map_err(|_| Failed)?),
        None => OpModeR::Base,
    };
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &mode,
        &private,
        &ek,
        context.info,
        ciphertext,
        context.aad,
    )
    .map(Zeroizing::new)
    .map_err(|_| Failed)
}

/// Randomness that was drawn before and handed in: SHA-256 over the seed and a counter.
struct Stream {
    seed: Secret32,
    block: u64,
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(b"countersign-ephemeral-v1");
            hash.update(self.seed.expose());
            hash.update(self.block.to_be_bytes());
            self.block += 1;
            let block = Zeroizing::new(<[u8; 32]>::from(hash.finalize()));
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream {}
