//! Member certificates: a CWT (RFC 8392) with `cnf` (RFC 8747), signed by two certifying keys of the root.

use crate::{
    cbor::{Decode, Encode, Malformed, Reader, Writer, encode},
    cose::{Cosignature, Rejected, UnverifiedJoint, Verified, cosign, join, verify_part},
    digest::Digest,
    id::{MemberId, OrganisationId, PersonId},
    keys::{ReceivingKey, SigningKey, VerifyingKey},
    kind::Kind,
    root::Root,
    text::Line,
    time::{DAY, Seconds, Time},
};

/// The longest a certificate may be valid.
pub const LONGEST: Seconds = 90 * DAY;
/// The age at which it is to be renewed.
pub const RENEW_AT: Seconds = 45 * DAY;

words! {
    /// What a member may do.
    pub enum Right {
        /// Put the first signature under a grant.
        1 => Vet = "vet",
        /// Put the second signature under a grant.
        2 => Approve = "approve",
        /// Seal envelopes.
        3 => Issue = "issue",
        /// Sign changes to members, policy, catalogue and issuers, together with a second admin.
        4 => Admin = "admin",
        /// Read, verify, export; nothing else.
        5 => Audit = "audit",
    }
}

record! {
    /// Who a certificate is about.
    pub struct Membership {
        /// The human; for an agent an id of its own.
        1 => person: PersonId,
        /// The desk, or the agent.
        2 => member: MemberId,
        /// In rising order.
        3 => rights: Vec<Right>,
        /// X25519: shared keys are wrapped to it.
        4 => receiving: ReceivingKey,
        /// Ed25519 for ledger checkpoints.
        5 => checkpoint: VerifyingKey,
        /// [`name_digest`] of the display name, which itself stays erasable.
        6 => name: Digest,
        /// 1 for an agent, which is no person.
        7 => agent?: u64,
    }
}

record! {
    /// The CWT claims set.
    pub struct Certificate {
        /// `iss`: the organisation.
        1 => issuer: OrganisationText,
        /// `exp`
        4 => expires: Time,
        /// `iat`; also the first moment it is valid.
        6 => issued: Time,
        /// `cnf`: the member's signing key as a COSE_Key.
        8 => confirms: Confirmation,
        /// Private claim: who this is.
        -70301 => subject: Membership,
    }
}

/// An organisation id as `iss` wants it: text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct OrganisationText(pub OrganisationId);

impl Encode for OrganisationText {
    fn encode(&self, w: &mut Writer) {
        w.text(&self.0.to_string());
    }
}

impl Decode<'_> for OrganisationText {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let text = r.text()?;
        let id = OrganisationId::parse(text).ok_or(Malformed::OutOfRange)?;
        if id.to_string() == text { Ok(Self(id)) } else { Err(Malformed::OutOfRange) }
    }
}

/// `cnf` with one COSE_Key: {1: {1: 1, -1: 6, -2: x}}.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Confirmation(pub VerifyingKey);

impl Encode for Confirmation {
    fn encode(&self, w: &mut Writer) {
        w.map(1);
        w.int(1);
        w.map(3);
        w.int(1);
        w.int(1);
        w.int(-1);
        w.int(6);
        w.int(-2);
        self.0.encode(w);
    }
}

impl Decode<'_> for Confirmation {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut outer = r.map()?;
        outer.demand(r, 1)?;
        let mut inner = r.map()?;
        inner.demand(r, 1)?;
        let okp = r.int()? == 1;
        inner.demand(r, -1)?;
        let ed25519 = r.int()? == 6;
        inner.demand(r, -2)?;
        let key = VerifyingKey::decode(r)?;
        inner.end(r)?;
        outer.end(r)?;
        if okp && ed25519 { Ok(Self(key)) } else { Err(Malformed::OutOfRange) }
    }
}

/// SHA-256("countersign-name-v1" || salt || name): binds a display name without telling it.
pub fn name_digest(salt: &[u8; 16], name: &Line) -> Digest {
    Digest::labelled("countersign-name-v1", &[salt, name.as_str().as_bytes()])
}

impl Certificate {
    /// What the certifying keys sign.
    pub fn payload(&self) -> Vec<u8> {
        encode(self)
    }

    /// One certifying person's signature.
    pub fn cosign(payload: &[u8], key: &SigningKey) -> Cosignature {
        cosign(Kind::Certificate, payload, None, key)
    }

    /// Verifies one certifying person's signature before the other is there.
    pub fn verify_part(payload: &[u8], part: &Cosignature, key: VerifyingKey) -> Result<(), Rejected> {
        verify_part(Kind::Certificate, payload, part, None, &key)
    }

    /// The document, from its payload and signatures.
    pub fn join(payload: &[u8], signatures: Vec<Cosignature>) -> Vec<u8> {
        join(Kind::Certificate, payload, signatures)
    }

    /// Reads a certificate that two persons of this root signed. Its times are judged by `valid_at`.
    pub fn verify(document: &[u8], root: &Root) -> Result<Verified<Self>, Rejected> {
        let unverified = UnverifiedJoint::parse(Kind::Certificate, document)?;
        let find = |kid: &Digest| root.certifiers.iter().map(|c| c.key).find(|key| key.thumbprint() == *kid);
        let certificate: Verified<Self> = unverified.verify(|signer| find(&signer.kid))?;
        if root.persons(&certificate.signers) < 2 {
            return Err(Rejected::TooFewSigners);
        }
        certificate.body.check(root.organisation)?;
        Ok(certificate)
    }

    /// Judges what it says on its own.
    pub fn check(&self, organisation: OrganisationId) -> Result<(), Rejected> {
        if self.issuer.0 != organisation {
            return Err(Rejected::WrongOrganisation);
        }
        if self.expires <= self.issued || self.expires.since(self.issued) > LONGEST {
            return Err(Rejected::WrongTime);
        }
        let rights = &self.subject.rights;
        let rising = rights.windows(2).all(|w| w[0] < w[1]);
        let audit_only = !rights.contains(&Right::Audit) || rights.len() == 1;
        let agent = match self.subject.agent {
            None => true,
            Some(1) => rights.as_slice() == [Right::Issue],
            Some(_) => false,
        };
        if rights.is_empty() || !rising || !audit_only || !agent {
            return Err(Rejected::BadContent);
        }
        Ok(())
    }

    /// Whether it is in force at this moment.
    pub fn valid_at(&self, now: Time) -> bool {
        self.issued <= now.plus(crate::time::SKEW) && now < self.expires
    }

    /// The member's signing key.
    pub fn key(&self) -> VerifyingKey {
        self.confirms.0
    }

    /// Whether this member may do that.
    pub fn may(&self, right: Right) -> bool {
        self.subject.rights.contains(&right)
    }
}
