//! What every other crate speaks: strict CBOR, COSE signatures, and one type per signed document.
//!
//! Here live formats and the rules a document can be judged by on its own. What may not live here: IO, a clock,
//! randomness (both are arguments), encryption (`envelope`, `ledger`), and any rule that needs to know more than
//! one document (`domain`). The normative pages are in `spec/`.

#[macro_use]
mod record;

pub mod approval;
pub mod card;
pub mod catalogue;
pub mod cbor;
pub mod certificate;
pub mod cose;
pub mod digest;
pub mod entry;
pub mod fingerprint;
mod fingerprint_words;
pub mod founding;
pub mod grant;
pub mod id;
pub mod identity;
mod invitation;
pub mod keys;
pub mod kind;
pub mod letters;
pub mod network;
pub mod order;
pub mod policy;
pub mod receipt;
pub mod relay;
pub mod request;
pub mod root;
pub mod secret;
pub mod succession;
pub mod text;
pub mod time;

pub use cbor::{Blob, Decode, Encode, Malformed, Reader, Writer, decode, encode};
pub use cose::{Rejected, Verified};
pub use digest::Digest;
pub use keys::{LoneSignature, ReceivingKey, ReceivingSecret, SigningKey, VerifyingKey};
pub use kind::Kind;
pub use secret::{Key, Secret32};
pub use time::{Seconds, Time};

record! {
    /// Where a log ended when something was decided: its size and the RFC 9162 root of its rows.
    #[derive(Copy, PartialOrd, Ord)]
    pub struct Head {
        /// How many rows.
        1 => size: u64,
        /// The Merkle tree hash over them.
        2 => root: Digest,
    }
}

/// Yes or no, written as 1 or 0: CBOR's simple values are not part of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Flag(pub bool);

impl Encode for Flag {
    fn encode(&self, w: &mut Writer) {
        w.uint(u64::from(self.0));
    }
}

impl Decode<'_> for Flag {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        match r.uint()? {
            0 => Ok(Self(false)),
            1 => Ok(Self(true)),
            _ => Err(Malformed::OutOfRange),
        }
    }
}
