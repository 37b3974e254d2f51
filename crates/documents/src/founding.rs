//! What two people exchange to found an organisation (spec/founding.md). Both draw root and certificates up from offer
//! and answer, and sign only what they drew up: neither takes the other's word for them.

use crate::{
    cbor::{Blob, Malformed, decode, encode},
    certificate::{Certificate, Confirmation, LONGEST, Membership, OrganisationText, Right, name_digest},
    cose::{Cosignature, Rejected, Unverified1, Verified, sign_plain},
    digest::Digest,
    id::{MemberId, OrganisationId, PersonId},
    identity::IdentityCard,
    keys::{SigningKey, VerifyingKey},
    kind::Kind,
    root::{Certifier, Root, successor},
    text::{Line, TextFlaw},
    time::Time,
};

/// Why such a paper is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaperFlaw {
    /// The document itself.
    #[error(transparent)]
    Document(#[from] Rejected),
    /// The identity card in it.
    #[error("the identity card in it is not accepted: {0}")]
    Identity(Rejected),
    /// A name in it.
    #[error("a name in it: {0}")]
    Name(TextFlaw),
    /// The identity card names no person, or has no key for checkpoints: it is no member's.
    #[error("the identity card in it is no member's: it has no name, or no key for checkpoints")]
    NoMember,
    /// Both parts are of one person or one key.
    #[error("both parts are one person's")]
    SamePerson,
    /// Somebody who is a member already would be another person, or on another desk.
    #[error("a member who is known comes as somebody else")]
    OtherMember,
    /// It answers another offer, or its roots are another organisation's.
    #[error("it belongs to another founding or succession")]
    Other,
    /// The two keys on paper are not those of which the root speaks.
    #[error("these are not the two keys on paper of this root")]
    OtherHalves,
    /// What was signed is not what is drawn up from offer and answer.
    #[error("what was signed is not what both draw up: {0}")]
    Drawn(Rejected),
}

impl From<Malformed> for PaperFlaw {
    fn from(flaw: Malformed) -> Self {
        Self::Document(flaw.into())
    }
}

record! {
    /// One person's part.
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

impl Founder {
    /// Whose part it is. The name is one that cannot be taken for another's.
    pub fn card(&self) -> Result<IdentityCard, PaperFlaw> {
        let card = IdentityCard::verify(&self.identity.0).map_err(PaperFlaw::Identity)?.body;
        let name = card.name.as_ref().ok_or(PaperFlaw::NoMember)?;
        name.check_scripts().map_err(PaperFlaw::Name)?;
        card.checkpoint.ok_or(PaperFlaw::NoMember)?;
        Ok(card)
    }

    /// The payload of this person's certificate.
    fn certificate(&self, organisation: OrganisationId, made: Time) -> Result<Vec<u8>, PaperFlaw> {
        let card = self.card()?;
        let certificate = Certificate {
            issuer: OrganisationText(organisation),
            expires: made.plus(LONGEST),
            issued: made,
            confirms: Confirmation(card.signing),
            subject: Membership {
                person: self.person,
                member: self.member,
                rights: vec![Right::Vet, Right::Approve, Right::Issue, Right::Admin],
                receiving: card.receiving,
                checkpoint: card.checkpoint.ok_or(PaperFlaw::NoMember)?,
                name: name_digest(&self.salt, card.name.as_ref().ok_or(PaperFlaw::NoMember)?),
                agent: None,
            },
        };
        Ok(certificate.payload())
    }
}

/// What both draw up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Payload of the root.
    pub root: Vec<u8>,
    /// Payloads of the certificates, the first one's first.
    pub certificates: Vec<Vec<u8>>,
}

impl Drawn {
    /// Root and certificates of two different people, or nothing. `root` is all of it but the certifiers and the
    /// successor, which the two parts give.
    pub(crate) fn of(root: Root, parts: [&Founder; 2], made: Time) -> Result<Self, PaperFlaw> {
        let [first, second] = parts;
        let keys = [first.card()?.signing, second.card()?.signing];
        if first.person == second.person || keys[0] == keys[1] {
            return Err(PaperFlaw::SamePerson);
        }
        let mut certifiers = parts.map(|p| Certifier { person: p.person, key: p.certifying }).to_vec();
        certifiers.sort_by_key(|c| c.person);
        let root = Root { certifiers, successor: successor(&first.offline, &second.offline), ..root };
        root.check()?;
        let certificates = parts.map(|part| part.certificate(root.organisation, made));
        Ok(Self { root: encode(&root), certificates: certificates.into_iter().collect::<Result<_, _>>()? })
    }

    /// Signs both certificates; each signature an encoded `cosignature`.
    pub fn sign_certificates(&self, certifying: &SigningKey) -> Vec<Blob> {
        let sign = |payload: &Vec<u8>| Blob(encode(&Certificate::cosign(payload, certifying)));
        self.certificates.iter().map(sign).collect()
    }

    /// Signs the root; the signature is an encoded `cosignature`.
    pub fn sign_root(&self, key: &SigningKey) -> Blob {
        Blob(encode(&Root::cosign(&self.root, key)))
    }

    /// The other's signature under the root, if it is by this key and under this root.
    pub(crate) fn read_root(&self, part: &Blob, key: &VerifyingKey) -> Result<Cosignature, PaperFlaw> {
        let part = decode(&part.0)?;
        Root::verify_part(&self.root, &part, key).map_err(PaperFlaw::Drawn)?;
        Ok(part)
    }

    /// The other's signatures under both certificates, if they are by this key and under these.
    pub(crate) fn read_certificates(
        &self,
        parts: &[Blob],
        key: VerifyingKey,
    ) -> Result<Vec<Cosignature>, PaperFlaw> {
        if parts.len() != self.certificates.len() {
            return Err(PaperFlaw::Drawn(Rejected::TooFewSigners));
        }
        let read = |(payload, part): (&Vec<u8>, &Blob)| {
            let part = decode(&part.0)?;
            Certificate::verify_part(payload, &part, key).map_err(PaperFlaw::Drawn)?;
            Ok(part)
        };
        self.certificates.iter().zip(parts).map(read).collect()
    }
}

/// What an answer holds, verified against what both draw up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What both draw up.
    pub drawn: Drawn,
    /// The other's signatures under the root.
    root: Vec<Cosignature>,
    /// The other's signatures under both certificates.
    certificates: Vec<Cosignature>,
}

impl Answered {
    pub(crate) fn new(drawn: Drawn, root: Vec<Cosignature>, certificates: Vec<Cosignature>) -> Self {
        Self { drawn, root, certificates }
    }

    /// The whole root, signed by these keys as well.
    pub fn complete_root(&self, keys: &[&SigningKey]) -> Vec<u8> {
        let mine = keys.iter().map(|key| Root::cosign(&self.drawn.root, key));
        Root::join(&self.drawn.root, self.root.iter().cloned().chain(mine).collect())
    }

    /// Both whole certificates, signed by this key as well.
    pub fn complete_certificates(&self, key: &SigningKey) -> Vec<Blob> {
        let whole = |(payload, theirs): (&Vec<u8>, &Cosignature)| {
            Blob(Certificate::join(payload, vec![theirs.clone(), Certificate::cosign(payload, key)]))
        };
        self.drawn.certificates.iter().zip(&self.certificates).map(whole).collect()
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

impl Offer {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::FoundingOffer, self, key)
    }

    /// Reads an offer that is signed by the key of the identity card in it.
    pub fn verify(document: &[u8]) -> Result<Verified<Self>, PaperFlaw> {
        let unverified = Unverified1::parse(Kind::FoundingOffer, document)?;
        let named: Self = decode(unverified.unverified_payload())?;
        let key = named.founder.card()?.signing;
        let offer: Verified<Self> = unverified.verify(&key)?.read()?;
        offer.body.name.check_scripts().map_err(PaperFlaw::Name)?;
        if offer.body.sample.is_some_and(|mark| mark != 1) {
            return Err(Rejected::BadContent.into());
        }
        Ok(offer)
    }

    /// What both draw up, with this second founder at this time.
    pub fn draw_up(&self, second: &Founder, made: Time) -> Result<Drawn, PaperFlaw> {
        let root = Root {
            organisation: self.organisation,
            version: 1,
            certifiers: Vec::new(),
            threshold: 2,
            successor: Digest([0; 32]),
            made,
            previous: None,
            revealed: None,
            sample: self.sample,
        };
        Drawn::of(root, [&self.founder, second], made)
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
        4 => root: Blob,
        /// Signatures under both certificates, the first founder's first.
        5 => certificates: Vec<Blob>,
    }
}

impl Answer {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::FoundingAnswer, self, key)
    }

    /// Reads an answer that is signed by the key of the identity card in it.
    pub fn verify(document: &[u8]) -> Result<Verified<Self>, PaperFlaw> {
        let unverified = Unverified1::parse(Kind::FoundingAnswer, document)?;
        let named: Self = decode(unverified.unverified_payload())?;
        let key = named.founder.card()?.signing;
        Ok(unverified.verify(&key)?.read()?)
    }

    /// Whether it answers this offer, and what was signed is what both draw up.
    pub fn check(&self, offer: &Verified<Offer>) -> Result<Answered, PaperFlaw> {
        if self.offer != offer.digest {
            return Err(PaperFlaw::Other);
        }
        let drawn = offer.body.draw_up(&self.founder, self.made)?;
        let root = vec![drawn.read_root(&self.root, &self.founder.certifying)?];
        let certificates = drawn.read_certificates(&self.certificates, self.founder.certifying)?;
        Ok(Answered::new(drawn, root, certificates))
    }
}
