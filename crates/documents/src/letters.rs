//! What organisation and partner write to each other, apart from requests, envelopes and receipts.

use crate::{
    certificate::{Certificate, Right},
    cose::{Rejected, Unverified1, Verified, sign_certified, sign_plain},
    digest::Digest,
    id::{KeyId, OrganisationId, RequestId},
    keys::{SigningKey, VerifyingKey},
    kind::Kind,
    root::Root,
    text::Prose,
    time::Time,
};

words! {
    /// What the organisation says.
    pub enum Saying {
        /// Please change this and send a revision.
        1 => ChangesAsked = "changes-asked",
        /// No, and why.
        2 => Declined = "declined",
        /// Your key was revoked.
        3 => Revoked = "revoked",
    }
}

record! {
    /// From the organisation to a partner.
    pub struct Message {
        /// Who writes.
        1 => organisation: OrganisationId,
        /// Thumbprint of the identity it is for.
        2 => recipient: Digest,
        /// About which request.
        3 => request: RequestId,
        /// When.
        4 => sent: Time,
        /// What.
        5 => saying: Saying,
        /// In words.
        6 => text: Prose,
    }
}

impl Message {
    /// The signed document.
    pub fn sign(&self, certificate: &[u8], key: &SigningKey) -> Vec<u8> {
        sign_certified(Kind::Message, self, certificate, key)
    }

    /// Reads a message by a member under this root who may speak for the organisation: one with the right to vet, to
    /// approve or to administer, certified both when it was sent and now. An agent, an auditor, or a member who only
    /// seals has no say in what a partner is told.
    pub fn verify(document: &[u8], root: &Root, now: Time) -> Result<Verified<Self>, Rejected> {
        let unverified = Unverified1::parse(Kind::Message, document)?;
        let certificate =
            Certificate::verify(unverified.certificate().ok_or(Rejected::WrongHeaders)?, root)?.body;
        let message: Verified<Self> = unverified.verify(&certificate.key())?.read()?;
        if message.body.organisation != root.organisation {
            return Err(Rejected::WrongOrganisation);
        }
        if !SPEAKERS.iter().any(|right| certificate.may(*right)) {
            return Err(Rejected::WrongKey);
        }
        let sent = message.body.sent;
        let certified = certificate.valid_at(sent) && certificate.valid_at(now);
        if certified && sent <= now.plus(crate::time::SKEW) { Ok(message) } else { Err(Rejected::WrongTime) }
    }
}

/// Whoever has one of these may write to a partner in the organisation's name.
const SPEAKERS: [Right; 3] = [Right::Vet, Right::Approve, Right::Admin];

words! {
    /// What a partner does.
    pub enum Act {
        /// Takes a request back.
        1 => Withdraw = "withdraw",
        /// Says that a key leaked.
        2 => ReportLeak = "report-leak",
    }
}

record! {
    /// From a partner to the organisation.
    pub struct Notice {
        /// To whom.
        1 => organisation: OrganisationId,
        /// About which request.
        2 => request?: RequestId,
        /// About which key.
        3 => key?: KeyId,
        /// What.
        4 => act: Act,
        /// When.
        5 => sent: Time,
        /// In words.
        6 => text?: Prose,
    }
}

impl Notice {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::Notice, self, key)
    }

    /// Whose identity a notice names; a hint for finding the key.
    pub fn signer(document: &[u8]) -> Result<Digest, Rejected> {
        Ok(Unverified1::parse(Kind::Notice, document)?.kid())
    }

    /// Reads a notice by an identity that is known already.
    pub fn verify(document: &[u8], key: &VerifyingKey) -> Result<Verified<Self>, Rejected> {
        let notice: Verified<Self> = Unverified1::parse(Kind::Notice, document)?.verify(key)?.read()?;
        let about = match notice.body.act {
            Act::Withdraw => notice.body.request.is_some() && notice.body.key.is_none(),
            Act::ReportLeak => notice.body.request.is_some() || notice.body.key.is_some(),
        };
        if about { Ok(notice) } else { Err(Rejected::BadContent) }
    }
}
