//! A receipt: the partner's device opened the envelope and holds the key durably.

use crate::{
    Head,
    cose::{Rejected, Unverified1, Verified, sign_plain},
    digest::Digest,
    id::{Cti, GrantId, OrganisationId},
    keys::{SigningKey, VerifyingKey},
    kind::Kind,
    time::Time,
};

record! {
    /// A receipt.
    pub struct Receipt {
        /// Which envelope.
        1 => cti: Cti,
        /// SHA-256 of the complete envelope.
        2 => envelope: Digest,
        /// The nonce from inside: whoever did not open it cannot know it.
        3 => nonce: Digest,
        /// Under which grant.
        4 => grant: GrantId,
        /// Whose.
        5 => organisation: OrganisationId,
        /// The newest head the envelope showed: the partner witnesses it.
        6 => head: Head,
        /// When it was opened.
        7 => opened: Time,
    }
}

impl Receipt {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::Receipt, self, key)
    }

    /// Whose identity a receipt names; a hint for finding the key.
    pub fn signer(document: &[u8]) -> Result<Digest, Rejected> {
        Ok(Unverified1::parse(Kind::Receipt, document)?.kid())
    }

    /// Reads a receipt by the recipient's identity.
    pub fn verify(document: &[u8], key: &VerifyingKey) -> Result<Verified<Self>, Rejected> {
        Unverified1::parse(Kind::Receipt, document)?.verify(key)?.read()
    }
}
