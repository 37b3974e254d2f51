//! CBOR, COSE and HPKE once more, on the primitives alone: what is published is not made by what is tested, and a
//! broken document can be made at any place.

use core::convert::Infallible;

use ed25519_dalek::Signer as _;
use hpke::{
    Deserializable as _, OpModeS, PskBundle, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};

/// One CBOR value. Maps are written in the order they have, so that a wrong order can be written too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Major types 0 and 1.
    Int(i64),
    /// Major type 2.
    Bytes(Vec<u8>),
    /// Major type 3.
    Text(String),
    /// Major type 4.
    Array(Vec<Value>),
    /// Major type 5, with integer labels.
    Map(Vec<(i64, Value)>),
    /// Major type 6.
    Tag(u64, Box<Value>),
    /// Anything at all, as it stands.
    Raw(Vec<u8>),
}

/// An integer.
pub fn int(value: u64) -> Value {
    Value::Int(value as i64)
}

/// A byte string.
pub fn bytes(value: impl AsRef<[u8]>) -> Value {
    Value::Bytes(value.as_ref().to_vec())
}

/// A text string.
pub fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// An array.
pub fn array(values: impl IntoIterator<Item = Value>) -> Value {
    Value::Array(values.into_iter().collect())
}

/// A map; the caller lists labels in canonical order.
pub fn map(pairs: impl IntoIterator<Item = (i64, Value)>) -> Value {
    Value::Map(pairs.into_iter().collect())
}

impl Value {
    /// Its bytes: shortest heads, maps as they are.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Int(v) if *v < 0 => head(out, 1, !*v as u64),
            Self::Int(v) => head(out, 0, *v as u64),
            Self::Bytes(v) => {
                head(out, 2, v.len() as u64);
                out.extend_from_slice(v);
            }
            Self::Text(v) => {
                head(out, 3, v.len() as u64);
                out.extend_from_slice(v.as_bytes());
            }
            Self::Array(v) => {
                head(out, 4, v.len() as u64);
                v.iter().for_each(|item| item.write(out));
            }
            Self::Map(v) => {
                head(out, 5, v.len() as u64);
                for (label, item) in v {
                    Self::Int(*label).write(out);
                    item.write(out);
                }
            }
            Self::Tag(tag, item) => {
                head(out, 6, *tag);
                item.write(out);
            }
            Self::Raw(v) => out.extend_from_slice(v),
        }
    }

    /// The pairs of a map.
    pub fn pairs(&mut self) -> &mut Vec<(i64, Self)> {
        match self {
            Self::Map(pairs) => pairs,
            other => unreachable!("the generator takes {other:?} for a map"),
        }
    }

    /// The items of an array.
    pub fn items(&mut self) -> &mut Vec<Self> {
        match self {
            Self::Array(items) => items,
            Self::Tag(_, inner) => inner.items(),
            other => unreachable!("the generator takes {other:?} for an array"),
        }
    }

    /// The value under a label, which must be there.
    pub fn at(&mut self, label: i64) -> &mut Self {
        let found = self.pairs().iter_mut().find(|(l, _)| *l == label);
        match found {
            Some((_, value)) => value,
            None => unreachable!("the generator knows no label {label} here"),
        }
    }

    /// Puts a value under a label, in canonical place if it is new.
    pub fn set(&mut self, label: i64, value: Self) {
        let pairs = self.pairs();
        match pairs.iter_mut().find(|(l, _)| *l == label) {
            Some((_, old)) => *old = value,
            None => {
                let place = |l: i64| if l < 0 { (1u8, !l) } else { (0, l) };
                let at = pairs.iter().position(|(l, _)| place(*l) > place(label)).unwrap_or(pairs.len());
                pairs.insert(at, (label, value));
            }
        }
    }

    /// The same map with another value under one label.
    #[must_use]
    pub fn with(mut self, label: i64, value: Self) -> Self {
        self.set(label, value);
        self
    }

    /// Takes a label away.
    pub fn drop(&mut self, label: i64) {
        self.pairs().retain(|(l, _)| *l != label);
    }

    /// The same map without one label.
    #[must_use]
    pub fn without(mut self, label: i64) -> Self {
        self.drop(label);
        self
    }
}

fn head(out: &mut Vec<u8>, major: u8, value: u64) {
    let be = value.to_be_bytes();
    let (info, from) = match value {
        0..=23 => (value as u8, 8),
        24..=0xff => (24, 7),
        0x100..=0xffff => (25, 6),
        0x1_0000..=0xffff_ffff => (26, 4),
        _ => (27, 0),
    };
    out.push(major << 5 | info);
    out.extend_from_slice(&be[from..]);
}

/// SHA-256 over the parts, one after the other.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// A document signed by nobody real: 32 bytes that only have to be the same for everybody.
pub fn seed(name: &str) -> [u8; 32] {
    sha256(&[b"countersign test seed: ", name.as_bytes()])
}

/// An id made up for tests.
pub fn id(name: &str) -> [u8; 16] {
    let hash = sha256(&[b"countersign test id: ", name.as_bytes()]);
    core::array::from_fn(|i| hash[i])
}

/// The public half of an Ed25519 seed.
pub fn ed25519(seed: &[u8; 32]) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// The public half of an X25519 secret.
pub fn x25519(secret: &[u8; 32]) -> [u8; 32] {
    x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(*secret)).to_bytes()
}

/// RFC 9679 thumbprint; `curve` is 6 for Ed25519, 4 for X25519.
pub fn thumbprint(curve: u64, public: &[u8; 32]) -> [u8; 32] {
    sha256(&[&map([(1, int(1)), (-1, int(curve)), (-2, bytes(public))]).encode()])
}

/// Thumbprint of the public half of an Ed25519 seed.
pub fn kid(seed: &[u8; 32]) -> [u8; 32] {
    thumbprint(6, &ed25519(seed))
}

/// The nine words that are read aloud: the same number modulo 7776^9, by long division.
pub fn fingerprint_words(thumbprint: &[u8; 32]) -> String {
    const LIST: &str = include_str!("../../../spec/words/eff-large.txt");
    let list: Vec<&str> = LIST.lines().collect();
    let mut number = sha256(&[b"countersign-fp-v1", thumbprint]);
    let mut words = Vec::new();
    for _ in 0..9 {
        let mut rest = 0u32;
        for byte in &mut number {
            let part = rest << 8 | u32::from(*byte);
            *byte = (part / 7776) as u8;
            rest = part % 7776;
        }
        words.push(list[rest as usize]);
    }
    words.reverse();
    words.join(" ")
}

/// The 35 digits that are read aloud: SHA-256 over label and thumbprint, modulo 10^35, by long division.
pub fn fingerprint(thumbprint: &[u8; 32]) -> String {
    let mut number = sha256(&[b"countersign-fp-v1", thumbprint]);
    let mut digits = Vec::new();
    for place in 0..35 {
        let mut rest = 0u16;
        for byte in &mut number {
            let part = rest << 8 | u16::from(*byte);
            *byte = (part / 10) as u8;
            rest = part % 10;
        }
        digits.push(char::from(b'0' + rest as u8));
        if place % 5 == 4 && place < 34 {
            digits.push(' ');
        }
    }
    digits.into_iter().rev().collect()
}

/// The media type of a kind.
pub fn typ(word: &str) -> Value {
    text(&format!("application/vnd.countersign.{word}-v1+cose"))
}

/// The header of a kind with one signature and nothing special in it.
pub fn plain_header(word: &str, signer: &[u8; 32]) -> Value {
    map([(1, Value::Int(-19)), (4, bytes(kid(signer))), (16, typ(word))])
}

/// An Ed25519 signature.
pub fn signature(seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
    ed25519_dalek::SigningKey::from_bytes(seed).sign(message).to_bytes()
}

/// COSE_Sign1 as a value, so that it can still be broken.
pub fn sign1_value(header: &Value, payload: &[u8], signer: &[u8; 32]) -> Value {
    let protected = header.encode();
    let signed = array([text("Signature1"), bytes(&protected), bytes([]), bytes(payload)]).encode();
    let parts = [bytes(&protected), map([]), bytes(payload), bytes(signature(signer, &signed))];
    Value::Tag(18, Box::new(array(parts)))
}

/// COSE_Sign1 of a plain kind.
pub fn sign1(word: &str, body: &Value, signer: &[u8; 32]) -> Vec<u8> {
    sign1_value(&plain_header(word, signer), &body.encode(), signer).encode()
}

/// One signer of a COSE_Sign: the seed, and the certificate for kinds that carry one.
pub type Cosigner = ([u8; 32], Option<Vec<u8>>);

/// COSE_Sign as a value; signatures in rising order of their headers.
pub fn sign_value(word: &str, payload: &[u8], signers: &[Cosigner]) -> Value {
    let body = map([(16, typ(word))]).encode();
    let mut signatures: Vec<(Vec<u8>, Value)> = Vec::new();
    for (signer, certificate) in signers {
        let mut header = map([(1, Value::Int(-19)), (4, bytes(kid(signer)))]);
        if let Some(certificate) = certificate {
            header.set(13, bytes(certificate));
        }
        let header = header.encode();
        let signed =
            array([text("Signature"), bytes(&body), bytes(&header), bytes([]), bytes(payload)]).encode();
        let part = array([bytes(&header), map([]), bytes(signature(signer, &signed))]);
        signatures.push((header, part));
    }
    signatures.sort_by(|a, b| a.0.cmp(&b.0));
    let parts = [bytes(&body), map([]), bytes(payload), array(signatures.into_iter().map(|(_, part)| part))];
    Value::Tag(98, Box::new(array(parts)))
}

/// COSE_Sign with bare key ids.
pub fn sign(word: &str, body: &Value, signers: &[[u8; 32]]) -> Vec<u8> {
    let signers: Vec<Cosigner> = signers.iter().map(|s| (*s, None)).collect();
    sign_value(word, &body.encode(), &signers).encode()
}

/// HPKE-4, single shot. `psk` is the secret and its id; `ikm` goes into `DeriveKeyPair` for the ephemeral key.
pub fn hpke_seal(
    to: &[u8; 32],
    psk: Option<(&[u8; 32], &[u8; 32])>,
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    ikm: &[u8; 32],
) -> Option<([u8; 32], Vec<u8>)> {
    let public = <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(to).ok()?;
    let mode = match psk {
        Some((secret, id)) => OpModeS::Psk(PskBundle::new(secret, id).ok()?),
        None => OpModeS::Base,
    };
    let (ek, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &mode,
        &public,
        info,
        plaintext,
        aad,
        &mut Once(*ikm),
    )
    .ok()?;
    Some((ek.to_bytes().into(), ciphertext))
}

/// COSE_Encrypt0 as a value, so that it can still be broken.
pub fn encrypt0_value(header: &[u8], ek: &[u8], ciphertext: &[u8]) -> Value {
    Value::Tag(16, Box::new(array([bytes(header), map([(-4, bytes(ek))]), bytes(ciphertext)])))
}

/// Enc_structure of RFC 9052.
pub fn enc_structure(header: &[u8]) -> Vec<u8> {
    array([text("Encrypt0"), bytes(header), bytes([])]).encode()
}

/// Gives the same 32 bytes to whoever asks: HPKE asks once.
struct Once([u8; 32]);

impl TryRng for Once {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_be_bytes(core::array::from_fn(|i| self.0[i])))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_be_bytes(core::array::from_fn(|i| self.0[i])))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.iter_mut().zip(self.0.iter().cycle()).for_each(|(o, b)| *o = *b);
        Ok(())
    }
}

impl TryCryptoRng for Once {}
