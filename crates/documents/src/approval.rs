//! An approval: one person's signature under a grant.

use crate::{
    Head,
    cose::{Rejected, Unverified1, Verified, sign_plain, verify_apart},
    digest::Digest,
    id::Cti,
    keys::{LoneSignature, SigningKey, VerifyingKey},
    kind::Kind,
    time::{DAY, Seconds, Time},
};

/// How long before the envelope an approval may have been given, at most.
pub const WINDOW: Seconds = 14 * DAY;

words! {
    /// Which signature it is.
    pub enum Step {
        /// The first: whoever did the vetting.
        1 => Vetted = "vetted",
        /// The second, and any further one.
        2 => Countersigned = "countersigned",
    }
}

record! {
    /// An approval.
    pub struct Approval {
        /// SHA-256 of the grant.
        1 => grant: Digest,
        /// Which signature.
        2 => step: Step,
        /// The verified log it was decided on.
        3 => head: Head,
        /// When.
        6 => issued: Time,
        /// Its own id.
        7 => cti: Cti,
    }
}

impl Approval {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::Approval, self, key)
    }

    /// Reads an approval by a key that is known already.
    pub fn verify(document: &[u8], key: &VerifyingKey) -> Result<Verified<Self>, Rejected> {
        Unverified1::parse(Kind::Approval, document)?.verify(key)?.read()
    }

    /// What it says and its signature, neither judged: for an envelope, which holds everything else already.
    pub fn take_apart(document: &[u8]) -> Result<(Self, LoneSignature), Rejected> {
        let unverified = Unverified1::parse(Kind::Approval, document)?;
        let body = crate::decode(unverified.unverified_payload())?;
        Ok((body, LoneSignature(*unverified.signature())))
    }

    /// Verifies a signature that [`Self::take_apart`] took, over the very bytes of the document it stood in.
    pub fn verify_apart(&self, signature: &LoneSignature, key: &VerifyingKey) -> Result<(), Rejected> {
        verify_apart(Kind::Approval, &crate::encode(self), &signature.0, key)
    }
}
