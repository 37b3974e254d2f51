//! The root of trust of an organisation: which persons' keys, two at a time, certify its members.

use crate::{
    cbor::Blob,
    cose::{Cosignature, Rejected, UnverifiedJoint, Verified, cosign, join, verify_part},
    digest::Digest,
    fingerprint::Fingerprint,
    id::{OrganisationId, PersonId},
    keys::{SigningKey, VerifyingKey},
    kind::Kind,
    time::Time,
};

record! {
    /// One person's certifying key.
    pub struct Certifier {
        /// Whose.
        1 => person: PersonId,
        /// Ed25519, used for roots and certificates only.
        2 => key: VerifyingKey,
    }
}

record! {
    /// A version of the root.
    pub struct Root {
        /// The organisation, the same in all versions.
        1 => organisation: OrganisationId,
        /// From 1 on, without gaps.
        2 => version: u64,
        /// At least two persons, in rising order of their ids.
        3 => certifiers: Vec<Certifier>,
        /// How many of them must sign: two.
        4 => threshold: u64,
        /// [`successor`] of the two offline keys.
        5 => successor: Digest,
        /// When it was made.
        6 => made: Time,
        /// Digest of the version before; absent in version 1.
        7 => previous?: Digest,
        /// The two offline keys, in a version that they brought about.
        8 => revealed?: Vec<VerifyingKey>,
        /// 1 where everything under it is a sample to play with.
        9 => sample?: u64,
    }
}

/// What a root says of its two offline successor keys, held printed by two persons: neither can be known from it,
/// and neither works without the other.
pub fn successor(a: &VerifyingKey, b: &VerifyingKey) -> Digest {
    let (a, b) = (a.thumbprint(), b.thumbprint());
    Digest::labelled("countersign-successor-v1", &[&a.min(b).0, &a.max(b).0])
}

impl Root {
    /// One person's signature.
    pub fn cosign(payload: &[u8], key: &SigningKey) -> Cosignature {
        cosign(Kind::Root, payload, None, key)
    }

    /// Verifies one person's signature before the other is there.
    pub fn verify_part(payload: &[u8], part: &Cosignature, key: &VerifyingKey) -> Result<(), Rejected> {
        verify_part(Kind::Root, payload, part, None, key)
    }

    /// The document, from its payload and signatures.
    pub fn join(payload: &[u8], signatures: Vec<Cosignature>) -> Vec<u8> {
        join(Kind::Root, payload, signatures)
    }

    /// Judges what it says on its own.
    pub fn check(&self) -> Result<(), Rejected> {
        let rising = self.certifiers.windows(2).all(|w| w[0].person < w[1].person);
        let keys: Vec<_> = self.certifiers.iter().map(|c| c.key.thumbprint()).collect();
        let distinct = keys.iter().enumerate().all(|(i, k)| !keys[..i].contains(k));
        if self.threshold != 2 || self.certifiers.len() < 2 || !rising || !distinct {
            return Err(Rejected::TooFewSigners);
        }
        let first = self.version == 1;
        if self.version == 0 || first != self.previous.is_none() || (first && self.revealed.is_some()) {
            return Err(Rejected::BadContent);
        }
        if self.sample.is_some_and(|s| s != 1) || self.revealed.as_ref().is_some_and(|r| r.len() != 2) {
            return Err(Rejected::BadContent);
        }
        Ok(())
    }

    /// Version 1: signed by two of its own persons.
    pub fn verify_first(document: &[u8]) -> Result<Verified<Self>, Rejected> {
        let root = Self::verify_with(document, None)?;
        if root.body.version != 1 {
            return Err(Rejected::BadContent);
        }
        Ok(root)
    }

    /// The version after `self`: signed by two of the persons before and two of its own. A version that the
    /// successor keys brought about is refused here: it needs new fingerprints (`verify_succession`).
    pub fn verify_next(&self, digest: &Digest, document: &[u8]) -> Result<Verified<Self>, Rejected> {
        let next = Self::verify_with(document, Some(self))?;
        self.follows(digest, &next.body)?;
        if next.body.revealed.is_some() {
            return Err(Rejected::WrongKey);
        }
        if self.persons(&next.signers) < 2 { Err(Rejected::TooFewSigners) } else { Ok(next) }
    }

    /// A version that both offline keys brought about when the certifying keys were lost.
    pub fn verify_succession(&self, digest: &Digest, document: &[u8]) -> Result<Verified<Self>, Rejected> {
        let next = Self::verify_with(document, Some(self))?;
        self.follows(digest, &next.body)?;
        match next.body.revealed.as_deref() {
            Some([a, b]) if successor(a, b) == self.successor => {
                let signed = [a, b].iter().all(|key| next.signers.contains(&key.thumbprint()));
                if signed { Ok(next) } else { Err(Rejected::TooFewSigners) }
            }
            _ => Err(Rejected::WrongKey),
        }
    }

    /// Whether `next` names this version as the one before it, of the same organisation.
    pub fn follows(&self, digest: &Digest, next: &Self) -> Result<(), Rejected> {
        let same = next.organisation == self.organisation && next.sample == self.sample;
        if !same {
            return Err(Rejected::WrongOrganisation);
        }
        let follows =
            next.version == self.version + 1 && next.previous == Some(*digest) && next.made >= self.made;
        if follows { Ok(()) } else { Err(Rejected::BadContent) }
    }

    fn verify_with(document: &[u8], before: Option<&Self>) -> Result<Verified<Self>, Rejected> {
        let unverified = UnverifiedJoint::parse(Kind::Root, document)?;
        let named: Self = crate::decode(unverified.self_naming_payload())?;
        named.check()?;
        let root: Verified<Self> = unverified.verify(|signer| {
            let own = named.certifiers.iter().map(|c| c.key);
            let old = before.into_iter().flat_map(|b| b.certifiers.iter().map(|c| c.key));
            let offline = named.revealed.iter().flatten().copied();
            own.chain(old).chain(offline).find(|key| key.thumbprint() == signer.kid)
        })?;
        if root.body.persons(&root.signers) < 2 { Err(Rejected::TooFewSigners) } else { Ok(root) }
    }

    /// How many of its persons are among these signers.
    pub fn persons(&self, signers: &[Digest]) -> usize {
        self.certifiers.iter().filter(|c| signers.contains(&c.key.thumbprint())).count()
    }
}

/// A root that was followed from its first version.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Trust {
    /// Digest of the version that people compared: version 1, or the newest one that a succession brought.
    pub pinned: Digest,
    /// Digests of those that were pinned before it, from version 1 on.
    pub before: Vec<Digest>,
    /// Digest of the version in force.
    pub current: Digest,
    /// The version in force.
    pub root: Root,
    /// All versions, as documents.
    pub chain: Vec<Blob>,
}

impl Trust {
    /// Follows a chain of versions from version 1. Where one is pinned already, it must be the newest that people have
    /// to compare: a succession since is never followed silently.
    pub fn follow(chain: &[Blob], pinned: Option<Digest>) -> Result<Self, Rejected> {
        let (first, later) = chain.split_first().ok_or(Rejected::TooFewSigners)?;
        let mut current = Root::verify_first(&first.0)?;
        let mut anchors = vec![current.digest];
        for document in later {
            current = match current.body.verify_next(&current.digest, &document.0) {
                Err(Rejected::WrongKey) => {
                    let next = current.body.verify_succession(&current.digest, &document.0)?;
                    anchors.push(next.digest);
                    next
                }
                other => other?,
            };
        }
        let newest = anchors.pop().ok_or(Rejected::TooFewSigners)?;
        if pinned.is_some_and(|p| p != newest) {
            return Err(Rejected::WrongOrganisation);
        }
        let (current, root) = (current.digest, current.body);
        Ok(Self { pinned: newest, before: anchors, current, root, chain: chain.to_vec() })
    }

    /// Whether this is the same history as one that was followed before, and not an older or another one.
    pub fn extends(&self, earlier: &Self) -> bool {
        self.chain.starts_with(&earlier.chain)
    }

    /// What the organisation reads over the telephone: it covers version 1, or the newest succession.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.pinned)
    }
}
