//! The organisation's card: what a partner needs to ask for a key, signed by two admins.

use crate::{
    catalogue::Catalogue,
    cbor::Blob,
    certificate::{Certificate, Right},
    cose::{Cosignature, Rejected, UnverifiedJoint, Verified, cosign, join, verify_part},
    digest::Digest,
    id::OrganisationId,
    keys::{ReceivingKey, SigningKey, VerifyingKey},
    kind::Kind,
    root::Trust,
    text::Line,
    time::{DAY, Seconds, Time},
};

/// The longest a card may be valid: its receiving key is replaced by then.
pub const LONGEST: Seconds = 90 * DAY;

record! {
    /// A version of the card.
    pub struct Card {
        /// The organisation.
        1 => organisation: OrganisationId,
        /// Rising.
        2 => version: u64,
        /// Its name.
        3 => name: Line,
        /// All versions of its root.
        4 => roots: Vec<Blob>,
        /// Requests and messages are sealed to this key.
        5 => receiving: ReceivingKey,
        /// What there is to ask for, and the questions.
        6 => catalogue: Catalogue,
        /// When it was made.
        7 => made: Time,
        /// When it ends.
        8 => expires: Time,
        /// Origin of its relay, such as `https://keys.example.com`.
        9 => relay?: Line,
    }
}

/// A card whose signatures, certificates and root all hold together.
#[derive(Debug, Clone)]
pub struct VerifiedCard {
    /// What it says.
    pub card: Card,
    /// The root it stands under.
    pub trust: Trust,
    /// Digest of the document.
    pub digest: Digest,
}

impl Card {
    /// One admin's signature.
    pub fn cosign(payload: &[u8], certificate: &[u8], key: &SigningKey) -> Cosignature {
        cosign(Kind::Card, payload, Some(certificate), key)
    }

    /// Verifies one admin's signature before the other is there.
    pub fn verify_part(
        payload: &[u8],
        part: &Cosignature,
        certificate: &[u8],
        key: &VerifyingKey,
    ) -> Result<(), Rejected> {
        verify_part(Kind::Card, payload, part, Some(certificate), key)
    }

    /// The document, from its payload and signatures.
    pub fn join(payload: &[u8], signatures: Vec<Cosignature>) -> Vec<u8> {
        join(Kind::Card, payload, signatures)
    }

    /// Reads a card signed by two different admins whose certificates two persons of its root signed. `pinned` is
    /// the digest of root version 1, where the partner has pinned one already.
    pub fn verify(document: &[u8], pinned: Option<Digest>, now: Time) -> Result<VerifiedCard, Rejected> {
        let verified = Self::verify_ended(document, pinned)?;
        let in_time = now < verified.card.expires && verified.card.made <= now.plus(crate::time::SKEW);
        if in_time { Ok(verified) } else { Err(Rejected::WrongTime) }
    }

    /// The same for a card that may have ended: its root and name stay true, its receiving key is not to be used.
    pub fn verify_ended(document: &[u8], pinned: Option<Digest>) -> Result<VerifiedCard, Rejected> {
        let unverified = UnverifiedJoint::parse(Kind::Card, document)?;
        let named: Self = crate::decode(unverified.self_naming_payload())?;
        let trust = Trust::follow(&named.roots, pinned)?;
        let mut admins = Vec::new();
        for signer in unverified.signers() {
            let certificate =
                Certificate::verify(signer.certificate.ok_or(Rejected::WrongHeaders)?, &trust.root)?.body;
            if !certificate.valid_at(named.made) || !certificate.may(Right::Admin) {
                return Err(Rejected::WrongKey);
            }
            if admins.iter().any(|a: &Certificate| a.subject.person == certificate.subject.person) {
                return Err(Rejected::TooFewSigners);
            }
            admins.push(certificate);
        }
        let card: Verified<Self> = unverified
            .verify(|signer| admins.iter().map(Certificate::key).find(|k| k.thumbprint() == signer.kid))?;
        card.body.check(&trust)?;
        Ok(VerifiedCard { card: card.body, trust, digest: card.digest })
    }

    /// Judges what it says on its own.
    pub fn check(&self, trust: &Trust) -> Result<(), Rejected> {
        if self.organisation != trust.root.organisation {
            return Err(Rejected::WrongOrganisation);
        }
        let lasting = self.expires.since(self.made);
        if lasting == 0 || lasting > LONGEST {
            return Err(Rejected::WrongTime);
        }
        let relay = self.relay.as_ref().is_none_or(|r| is_origin(r.as_str()) || is_loopback(r.as_str()));
        if self.catalogue.check().is_err() || !relay { Err(Rejected::BadContent) } else { Ok(()) }
    }
}

/// Scheme, host and port of an https address, and nothing behind them.
fn is_origin(origin: &str) -> bool {
    let rest = origin.strip_prefix("https://");
    crate::catalogue::is_https(origin) && rest.is_some_and(|host| !host.contains('/'))
}

/// This computer and a port, for tests; nothing behind the port, or another host could hide there.
fn is_loopback(origin: &str) -> bool {
    let port = origin.strip_prefix("http://127.0.0.1:");
    port.is_some_and(|p| (1..=5).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
}
