//! COSE_Sign1 and COSE_Sign (RFC 9052), in the one shape each kind of document has.
//!
//! The payload of a document can be had only through verification: `parse` shows what is needed to find the key.

mod joint;
mod single;

pub use joint::{Cosignature, JointSigner, UnverifiedJoint, cosign, join, verify_part};
pub use single::{
    Unverified1, Verified1, open_plain, protected, sign_certified, sign_plain, sign1, verify_apart,
};

use crate::{
    cbor::{Major, Malformed, Reader},
    digest::Digest,
    id::Cti,
    kind::{Kind, Shape, label},
    time::Time,
};

/// Why a document is not accepted. Local detail: the outside learns only that it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// It is not in the one form there is.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It is a document of another kind.
    #[error("this is a document of another kind")]
    WrongKind,
    /// It uses an algorithm other than the one there is.
    #[error("the algorithm is not the one this kind uses")]
    WrongAlgorithm,
    /// Its headers are not exactly those of its kind.
    #[error("the headers are not those of this kind")]
    WrongHeaders,
    /// It names a key that is not the one it must be signed with.
    #[error("it names another key")]
    WrongKey,
    /// A signature does not verify.
    #[error("a signature does not verify")]
    BadSignature,
    /// Two signatures come from one key or one person, or there are too few.
    #[error("it is not signed by two different people")]
    TooFewSigners,
    /// What it says breaks a rule of its own kind.
    #[error("its content breaks a rule of its kind")]
    BadContent,
    /// It belongs to another organisation.
    #[error("it belongs to another organisation")]
    WrongOrganisation,
    /// It is not valid at this time.
    #[error("it is not valid at this time")]
    WrongTime,
}

record! {
    /// CWT claims in the protected header (RFC 9597): all that a relay may know of an envelope.
    #[derive(Copy)]
    pub struct Claims {
        /// `exp`
        4 => expires: Time,
        /// `nbf`
        5 => not_before: Time,
        /// `iat`
        6 => issued: Time,
        /// `cti`
        7 => cti: Cti,
    }
}

/// A document that verified: its payload, and who signed it.
#[derive(Debug, Clone)]
pub struct Verified<T> {
    /// What it says.
    pub body: T,
    /// Thumbprints of the signers, in the order in which they stand.
    pub signers: Vec<Digest>,
    /// SHA-256 of the complete document.
    pub digest: Digest,
}

/// Which kind a document says it is; a hint for messages and for choosing whom to hand it to.
pub fn kind_of(document: &[u8]) -> Option<Kind> {
    let mut r = Reader::new(document);
    let tag = match r.head().ok()? {
        (Major::Tag, tag) => tag,
        _ => return None,
    };
    r.array_exact(4).ok()?;
    let protected = r.bytes().ok()?;
    let typ = |kind: &&Kind| {
        let joint = matches!(kind.shape(), Shape::Jointly | Shape::JointlyCertified);
        let read = if joint {
            joint::read_body_header(**kind, protected)
        } else {
            single::read_header(**kind, protected).map(|_| ())
        };
        joint == (tag == label::TAG_SIGN) && read.is_ok()
    };
    Kind::ALL.iter().find(typ).copied()
}

fn empty_map(r: &mut Reader<'_>) -> Result<(), Rejected> {
    let labels = r.map()?;
    labels.end(r).map_err(|_| Rejected::WrongHeaders)
}
