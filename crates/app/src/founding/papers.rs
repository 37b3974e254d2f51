//! What two founders exchange before there is a ledger, and what both draw up from it.

use countersign_documents::{
    Blob, Digest, Kind, Secret32, SigningKey, Time, VerifyingKey,
    certificate::{Certificate, Confirmation, LONGEST, Membership, OrganisationText, Right, name_digest},
    cose::Unverified1,
    decode, encode,
    fingerprint::Typed,
    id::{MemberId, OrganisationId, PersonId},
    identity::IdentityCard,
    record,
    root::{Certifier, Root, successor},
    text::Line,
};
use countersign_ports::Entropy;

use super::OfflineHalf;
use crate::{
    error::{Error, Result},
    own::Own,
    random::{make_bytes, make_secret},
};

record! {
    /// One founder's half.
    pub struct Founder {
        /// Who.
        1 => person: PersonId,
        /// On which desk.
        2 => member: MemberId,
        /// The identity card, a complete document.
        3 => identity: Blob,
        /// Certifies members.
        4 => certifying: VerifyingKey,
        /// One half of the offline succession.
        5 => offline: VerifyingKey,
        /// Salt of the name digest.
        6 => salt: [u8; 16],
    }
}

record! {
    /// The first founder begins.
    pub struct Offer {
        /// The organisation's id.
        1 => organisation: OrganisationId,
        /// Its name.
        2 => name: Line,
        /// The first founder.
        3 => founder: Founder,
        /// When.
        4 => made: Time,
        /// 1 for a sample.
        5 => sample?: u64,
    }
}

record! {
    /// The second founder answers.
    pub struct Answer {
        /// Digest of the offer.
        1 => offer: Digest,
        /// The second founder.
        2 => founder: Founder,
        /// When: also the time of root and certificates.
        3 => made: Time,
        /// Signature under the root.
        4 => root: Cosignature_,
        /// Signatures under both certificates, the first founder's first.
        5 => certificates: Vec<Cosignature_>,
    }
}

/// A signature that travels as a byte string.
type Cosignature_ = Blob;

/// What both founders may do.
const FOUNDERS: [Right; 4] = [Right::Vet, Right::Approve, Right::Issue, Right::Admin];

pub(crate) struct FounderKeys {
    pub(crate) certifying: Secret32,
    pub(crate) offline: Secret32,
}

impl FounderKeys {
    pub(crate) fn half(self) -> OfflineHalf {
        OfflineHalf::of(&self.offline)
    }
}

pub(crate) fn make_founder(own: &Own, entropy: &dyn Entropy, now: Time) -> Result<(Founder, FounderKeys)> {
    let keys = FounderKeys { certifying: make_secret(entropy)?, offline: make_secret(entropy)? };
    let founder = Founder {
        person: PersonId(make_bytes(entropy)?),
        member: MemberId(make_bytes(entropy)?),
        identity: Blob(own.card(now)),
        certifying: SigningKey::from_seed(&keys.certifying).public(),
        offline: SigningKey::from_seed(&keys.offline).public(),
        salt: make_bytes(entropy)?,
    };
    Ok((founder, keys))
}

pub(crate) fn card_of(founder: &Founder) -> Result<IdentityCard> {
    let card = IdentityCard::verify(&founder.identity.0).map_err(Error::rejected("identity card"))?.body;
    card.name.as_ref().map_or(Ok(()), Line::check_scripts).map_err(Error::text("name"))?;
    Ok(card)
}

pub(super) fn read_offer(document: &[u8]) -> Result<(Offer, Digest)> {
    let unverified =
        Unverified1::parse(Kind::FoundingOffer, document).map_err(Error::rejected("founding offer"))?;
    let named: Offer = decode(unverified.unverified_payload())
        .map_err(|flaw| Error::Rejected { what: "founding offer", why: flaw.into() })?;
    let key = card_of(&named.founder)?.signing;
    let verified =
        unverified.verify(&key).and_then(|v| v.read::<Offer>()).map_err(Error::rejected("founding offer"))?;
    verified.body.name.check_scripts().map_err(Error::text("name"))?;
    Ok((verified.body, verified.digest))
}

pub(super) fn read_answer(unverified: Unverified1<'_>) -> Result<(Answer, Digest)> {
    let named: Answer = decode(unverified.unverified_payload())
        .map_err(|flaw| Error::Rejected { what: "founding answer", why: flaw.into() })?;
    let key = card_of(&named.founder)?.signing;
    let verified = unverified
        .verify(&key)
        .and_then(|v| v.read::<Answer>())
        .map_err(Error::rejected("founding answer"))?;
    Ok((verified.body, verified.digest))
}

pub(crate) fn compare(founder: &Founder, typed: &str) -> Result<()> {
    match card_of(founder)?.fingerprint().compare(typed) {
        Typed::Same => Ok(()),
        Typed::Different => Err(Error::FingerprintDiffers),
        Typed::Incomplete => Err(Error::FingerprintIncomplete),
    }
}

/// Root and certificates as both sides draw them up from the two halves: neither takes the other's word for them.
pub(super) fn drawn_up(offer: &Offer, second: &Founder, made: Time) -> Result<(Vec<u8>, Vec<Vec<u8>>)> {
    let mut certifiers: Vec<Certifier> = [&offer.founder, second]
        .map(|f| Certifier { person: f.person, key: f.certifying })
        .into_iter()
        .collect();
    certifiers.sort_by_key(|c| c.person);
    let root = Root {
        organisation: offer.organisation,
        version: 1,
        certifiers,
        threshold: 2,
        successor: successor(&offer.founder.offline, &second.offline),
        made,
        previous: None,
        revealed: None,
        sample: offer.sample,
    };
    root.check().map_err(Error::rejected("founding"))?;
    let mut certificates = Vec::new();
    for founder in [&offer.founder, second] {
        certificates.push(certificate_for(founder, offer.organisation, made, &FOUNDERS)?);
    }
    Ok((encode(&root), certificates))
}

/// The payload of a certificate for whoever this half describes.
pub(crate) fn certificate_for(
    founder: &Founder,
    organisation: OrganisationId,
    made: Time,
    rights: &[Right],
) -> Result<Vec<u8>> {
    let card = card_of(founder)?;
    let name = card.name.as_ref().ok_or(Error::OtherFounding)?;
    let certificate = Certificate {
        issuer: OrganisationText(organisation),
        expires: made.plus(LONGEST),
        issued: made,
        confirms: Confirmation(card.signing),
        subject: Membership {
            person: founder.person,
            member: founder.member,
            rights: rights.to_vec(),
            receiving: card.receiving,
            checkpoint: card.checkpoint.ok_or(Error::OtherFounding)?,
            name: name_digest(&founder.salt, name),
            agent: None,
        },
    };
    Ok(certificate.payload())
}
