//! Key pairs: Ed25519 for signing (RFC 8032), X25519 for receiving (RFC 7748), and their thumbprints (RFC 9679).

use core::fmt;

use ed25519_dalek::Signer as _;

use crate::{
    cbor::{Decode, Encode, Malformed, Reader, Writer},
    digest::Digest,
    secret::Secret32,
};

/// The only signature length there is.
pub const SIGNATURE: usize = 64;

/// A private signing key. Wiped when dropped.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// From its 32-byte seed.
    pub fn from_seed(seed: &Secret32) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed.expose()))
    }

    /// The public half.
    pub fn public(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// An Ed25519 signature over `message`, which must carry its own context: use `cose`, not this, for documents.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE] {
        self.0.sign(message).to_bytes()
    }
}

/// A public signing key: on the curve, and not of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// From 32 bytes; refuses what is no point of the curve and what is of small order.
    pub fn parse(bytes: &[u8; 32]) -> Option<Self> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).ok()?;
        (!key.is_weak()).then_some(Self(key))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// RFC 9679: SHA-256 of the deterministic COSE_Key {1: 1, -1: 6, -2: x}.
    pub fn thumbprint(&self) -> Digest {
        thumbprint(6, self.0.as_bytes())
    }

    /// Strict verification: canonical encodings only, no component of small order (crypto research, A6).
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE]) -> bool {
        self.0.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
    }
}

/// A signature on its own, apart from what it is over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LoneSignature(pub [u8; SIGNATURE]);

/// A private receiving key. Wiped when dropped.
pub struct ReceivingSecret {
    secret: Secret32,
    public: ReceivingKey,
}

impl ReceivingSecret {
    /// From 32 random bytes; clamped where it is used.
    pub fn new(bytes: Secret32) -> Self {
        let secret = x25519_dalek::StaticSecret::from(*bytes.expose());
        let public = ReceivingKey(x25519_dalek::PublicKey::from(&secret).to_bytes());
        Self { secret: bytes, public }
    }

    /// The public half.
    pub fn public(&self) -> ReceivingKey {
        self.public
    }

    /// The bytes, for the primitive that needs them.
    pub fn expose(&self) -> &[u8; 32] {
        self.secret.expose()
    }
}

/// The canonical u-coordinates that yield no shared secret, on the curve and on its twist: 0, 1, two of order 8, p - 1
/// (RFC 7748, section 6.1). `hpke` checks the secret itself as well; this refuses such a key at import, not at first use.
const NO_SECRET: [[u8; 32]; 5] = {
    let mut points = [[0; 32], [0; 32], ORDER_8_A, ORDER_8_B, [0xff; 32]];
    points[1][0] = 1;
    points[4][0] = 0xec;
    points[4][31] = 0x7f;
    points
};
const ORDER_8_A: [u8; 32] = [
    0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
    0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
];
const ORDER_8_B: [u8; 32] = [
    0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04,
    0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
];

/// A public receiving key: in its one spelling, and one that yields a shared secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReceivingKey([u8; 32]);

impl ReceivingKey {
    /// From 32 bytes; refuses points that yield no shared secret, at import and not at first use, and u-coordinates of
    /// p = 2^255 - 19 or more. X25519 takes those for the number below p (RFC 7748, section 5): one key would have two
    /// spellings, two thumbprints, and pass for two.
    pub fn parse(bytes: &[u8; 32]) -> Option<Self> {
        let top = bytes[31] == 0x7f && bytes[1..31].iter().all(|b| *b == 0xff) && bytes[0] >= 0xed;
        let canonical = bytes[31] < 0x80 && !top;
        (canonical && !NO_SECRET.contains(bytes)).then_some(Self(*bytes))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// RFC 9679: SHA-256 of the deterministic COSE_Key {1: 1, -1: 4, -2: x}.
    pub fn thumbprint(&self) -> Digest {
        thumbprint(4, &self.0)
    }
}

/// `curve` is the COSE elliptic curve: 4 for X25519, 6 for Ed25519.
fn thumbprint(curve: u8, x: &[u8; 32]) -> Digest {
    Digest::labelled("", &[&[0xa3, 0x01, 0x01, 0x20, curve, 0x21, 0x58, 0x20], x])
}

macro_rules! public_key {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::BASE64URL_NOPAD.encode(self.as_bytes()))
            }
        }

        impl Encode for $name {
            fn encode(&self, w: &mut Writer) {
                w.bytes(self.as_bytes());
            }
        }

        impl Decode<'_> for $name {
            fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
                Self::parse(&r.array_of()?).ok_or(Malformed::OutOfRange)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&data_encoding::BASE64URL_NOPAD.encode(self.as_bytes()))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                data_encoding::BASE64URL_NOPAD
                    .decode(text.as_bytes())
                    .ok()
                    .and_then(|bytes| bytes.try_into().ok())
                    .and_then(|bytes| Self::parse(&bytes))
                    .ok_or_else(|| serde::de::Error::custom("not a public key"))
            }
        }
    };
}
impl fmt::Debug for LoneSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::BASE64URL_NOPAD.encode(&self.0))
    }
}

impl Encode for LoneSignature {
    fn encode(&self, w: &mut Writer) {
        w.bytes(&self.0);
    }
}

impl Decode<'_> for LoneSignature {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        r.array_of().map(Self)
    }
}

public_key!(VerifyingKey);
public_key!(ReceivingKey);
