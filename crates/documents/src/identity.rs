//! Identity cards: the public half of a person's or partner's identity, signed by itself.

use crate::{
    cose::{Rejected, Unverified1, Verified, sign_plain},
    fingerprint::Fingerprint,
    keys::{ReceivingKey, SigningKey, VerifyingKey},
    kind::Kind,
    text::Line,
    time::Time,
};

record! {
    /// The keys of one identity: the signing key certifies the others.
    pub struct IdentityCard {
        /// Ed25519; its thumbprint is who this is.
        1 => signing: VerifyingKey,
        /// X25519, made separately.
        2 => receiving: ReceivingKey,
        /// When the card was made.
        3 => made: Time,
        /// Ed25519 for ledger checkpoints; members only.
        4 => checkpoint?: VerifyingKey,
        /// How the person wants to be called; members only.
        5 => name?: Line,
    }
}

impl IdentityCard {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::IdentityCard, self, key)
    }

    /// Reads a card that is signed by the very key it names.
    pub fn verify(document: &[u8]) -> Result<Verified<Self>, Rejected> {
        let unverified = Unverified1::parse(Kind::IdentityCard, document)?;
        let card: Self = crate::decode(unverified.unverified_payload())?;
        let key = card.signing;
        unverified.verify(&key)?.read()
    }

    /// What its owner reads over the telephone.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.signing.thumbprint())
    }
}
