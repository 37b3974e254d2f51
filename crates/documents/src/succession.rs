//! What two people exchange who replace the certifying keys by the two keys on paper (spec/founding.md). It goes as a
//! founding goes: both draw root and certificates up, and sign only what they drew up.

use crate::{
    cbor::{Blob, decode},
    cose::{Rejected, Unverified1, Verified, sign_plain},
    digest::Digest,
    founding::{Answered, Drawn, Founder, PaperFlaw},
    id::{MemberId, OrganisationId, PersonId},
    keys::{SigningKey, VerifyingKey},
    kind::Kind,
    root::{Root, Trust, successor},
    time::Time,
};

record! {
    /// A member whom the other side may turn out to be.
    pub struct Known {
        /// Thumbprint of the signing key.
        1 => key: Digest,
        /// Who.
        2 => person: PersonId,
        /// On which desk.
        3 => member: MemberId,
    }
}

record! {
    /// One of the two begins.
    pub struct Offer {
        /// The organisation.
        1 => organisation: OrganisationId,
        /// All versions of its root.
        2 => roots: Vec<Blob>,
        /// Who begins.
        3 => first: Founder,
        /// The public half of what the first keeps on paper.
        4 => revealed: VerifyingKey,
        /// Who is known already: whoever comes back keeps person and desk.
        5 => members: Vec<Known>,
        /// When.
        6 => made: Time,
    }
}

impl Offer {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::SuccessionOffer, self, key)
    }

    /// Reads an offer that is signed by the key of the identity card in it, and follows its roots.
    pub fn verify(document: &[u8]) -> Result<(Verified<Self>, Trust), PaperFlaw> {
        let unverified = Unverified1::parse(Kind::SuccessionOffer, document)?;
        let named: Self = decode(unverified.unverified_payload())?;
        let key = named.first.card()?.signing;
        let offer: Verified<Self> = unverified.verify(&key)?.read()?;
        let trust = Trust::follow(&offer.body.roots, None)?;
        if trust.root.organisation != offer.body.organisation {
            return Err(PaperFlaw::Other);
        }
        match offer.body.known(&key.thumbprint()) {
            Some(known) if known.is(&offer.body.first) => Ok((offer, trust)),
            _ => Err(PaperFlaw::OtherMember),
        }
    }

    /// The member with this signing key.
    pub fn known(&self, key: &Digest) -> Option<&Known> {
        self.members.iter().find(|known| known.key == *key)
    }

    /// What both draw up, with this second person, who holds this half on paper, at this time.
    pub fn draw_up(
        &self,
        trust: &Trust,
        second: &Founder,
        revealed: VerifyingKey,
        made: Time,
    ) -> Result<Drawn, PaperFlaw> {
        if successor(&self.revealed, &revealed) != trust.root.successor {
            return Err(PaperFlaw::OtherHalves);
        }
        let key = second.card()?.signing.thumbprint();
        if self.known(&key).is_some_and(|known| !known.is(second)) {
            return Err(PaperFlaw::OtherMember);
        }
        let root = Root {
            version: trust.root.version.checked_add(1).ok_or(Rejected::BadContent)?,
            made: made.max(trust.root.made),
            previous: Some(trust.current),
            revealed: Some(vec![self.revealed, revealed]),
            ..trust.root.clone()
        };
        Drawn::of(root, [&self.first, second], made)
    }
}

impl Known {
    fn is(&self, part: &Founder) -> bool {
        (self.person, self.member) == (part.person, part.member)
    }
}

record! {
    /// The other answers.
    pub struct Answer {
        /// Digest of the offer.
        1 => offer: Digest,
        /// Who answers.
        2 => second: Founder,
        /// The public half of what the second keeps on paper.
        3 => revealed: VerifyingKey,
        /// When: also the time of root and certificates.
        4 => made: Time,
        /// Signatures under the root: by the half on paper, and by the new certifying key.
        5 => root: Vec<Blob>,
        /// Signatures under both certificates, the first one's first.
        6 => certificates: Vec<Blob>,
    }
}

impl Answer {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::SuccessionAnswer, self, key)
    }

    /// Reads an answer that is signed by the key of the identity card in it.
    pub fn verify(document: &[u8]) -> Result<Verified<Self>, PaperFlaw> {
        let unverified = Unverified1::parse(Kind::SuccessionAnswer, document)?;
        let named: Self = decode(unverified.unverified_payload())?;
        let key = named.second.card()?.signing;
        Ok(unverified.verify(&key)?.read()?)
    }

    /// Whether it answers this offer, and what was signed is what both draw up.
    pub fn check(&self, offer: &Verified<Offer>, trust: &Trust) -> Result<Answered, PaperFlaw> {
        if self.offer != offer.digest {
            return Err(PaperFlaw::Other);
        }
        let drawn = offer.body.draw_up(trust, &self.second, self.revealed, self.made)?;
        let [by_paper, by_new] = self.root.as_slice() else {
            return Err(PaperFlaw::Drawn(Rejected::TooFewSigners));
        };
        let root = vec![
            drawn.read_root(by_paper, &self.revealed)?,
            drawn.read_root(by_new, &self.second.certifying)?,
        ];
        let certificates = drawn.read_certificates(&self.certificates, self.second.certifying)?;
        Ok(Answered::new(drawn, root, certificates))
    }
}
