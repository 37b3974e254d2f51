//! Founding, members, shared keys, and whatever two admins sign.

use countersign_documents::{
    Blob, Decode, Digest, Encode, Malformed, Reader, ReceivingKey, Writer,
    catalogue::Catalogue,
    grant::IdentityCheck,
    id::{ChangeId, MemberId},
    policy::Policy,
    record,
    text::{Line, Prose, Slug},
    words,
};

words! {
    /// Which shared key is wrapped.
    pub enum Shared {
        /// Opens the ledger.
        1 => Ledger = "ledger",
        /// Fingerprints keys for leak look-up.
        2 => LookUp = "look-up",
        /// Opens what partners send.
        3 => Receiving = "receiving",
    }
}

record! {
    /// A shared key wrapped to one member's receiving key: a letter beside the log.
    pub struct Wrap {
        /// To whom.
        1 => member: MemberId,
        /// Which.
        2 => shared: Shared,
        /// Which generation of it.
        3 => generation: u64,
        /// SHA-256 of the letter.
        4 => letter: Digest,
    }
}

record! {
    /// The shared keys that begin to be used.
    pub struct Keyring {
        /// Generation of the ledger key: the epoch.
        1 => epoch: u64,
        /// Commitment to the ledger key.
        2 => ledger: Digest,
        /// Commitment to the look-up key, which never changes: old fingerprints must stay comparable.
        3 => look_up: Digest,
        /// Public half of the organisation's receiving key.
        4 => receiving: ReceivingKey,
        /// The ledger key of the epoch before, wrapped under this one: (nonce || ciphertext).
        5 => before?: Blob,
        /// To whom everything is wrapped.
        6 => wraps: Vec<Wrap>,
    }
}

record! {
    /// Two people founded the organisation.
    pub struct Founded {
        /// Version 1 of the root.
        1 => root: Blob,
        /// The founders' certificates.
        2 => certificates: Vec<Blob>,
        /// Names of the blobs with the founders' names, in the same order.
        3 => names: Vec<Digest>,
        /// The first shared keys.
        4 => keyring: Keyring,
        /// How the organisation is called.
        5 => name: Line,
    }
}

words! {
    /// How an issuer works.
    pub enum IssuerKind {
        /// Keys are minted here; a gateway reads their hashes from a file.
        1 => HashFile = "hash-file",
        /// A member makes and stops keys by hand elsewhere.
        2 => Manual = "manual",
    }
}

record! {
    /// The terms under which an issuer makes keys.
    pub struct IssuerTerms {
        /// Short name.
        1 => id: Slug,
        /// How it works.
        2 => kind: IssuerKind,
        /// What minted keys begin with.
        3 => prefix?: Slug,
        /// The hash file.
        4 => location?: Line,
        /// What to do by hand.
        5 => instructions?: Prose,
    }
}

impl IssuerTerms {
    /// Digest of its encoding: what a grant names.
    pub fn digest(&self) -> Digest {
        Digest::of(&countersign_documents::encode(self))
    }

    /// Whether it has exactly what its kind needs.
    pub fn is_sound(&self) -> bool {
        match self.kind {
            IssuerKind::HashFile => {
                self.prefix.is_some() && self.location.is_some() && self.instructions.is_none()
            }
            IssuerKind::Manual => {
                self.prefix.is_none() && self.location.is_none() && self.instructions.is_some()
            }
        }
    }
}

record! {
    /// Somebody is to become a member, or is certified anew.
    pub struct Admission {
        /// The certificate's payload.
        1 => certificate: Blob,
        /// The joiner's identity card. Empty where a member keeps its keys and is only certified anew.
        2 => identity: Blob,
        /// Name of the blob with salt and name.
        3 => name: Digest,
    }
}

record! {
    /// A member heard a fingerprint, typed it, and it was the same: another member's, that of somebody who is to become
    /// one, or, by whoever joined, the organisation's.
    pub struct MemberChecked {
        /// Thumbprint of the identity; for the organisation the digest of the root that its fingerprint is of.
        1 => identity: Digest,
        /// Who, when, how.
        2 => check: IdentityCheck,
    }
}

/// What two admins must sign; for a suspension one admin and any other person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A member, or a member's certificate.
    Admission(Admission),
    /// A policy.
    Policy(Policy),
    /// A catalogue.
    Catalogue(Catalogue),
    /// An issuer.
    Issuer(IssuerTerms),
    /// A card: its payload.
    Card(Blob),
    /// A suspension that one admin may not order alone.
    Suspension(Suspended),
}

impl Encode for Change {
    fn encode(&self, w: &mut Writer) {
        w.array(2);
        match self {
            Self::Admission(body) => (w.uint(1), body.encode(w)).1,
            Self::Policy(body) => (w.uint(2), body.encode(w)).1,
            Self::Catalogue(body) => (w.uint(3), body.encode(w)).1,
            Self::Issuer(body) => (w.uint(4), body.encode(w)).1,
            Self::Card(body) => (w.uint(5), body.encode(w)).1,
            Self::Suspension(body) => (w.uint(6), body.encode(w)).1,
        }
    }
}

impl<'a> Decode<'a> for Change {
    fn decode(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        r.array_exact(2)?;
        Ok(match r.uint()? {
            1 => Self::Admission(Decode::decode(r)?),
            2 => Self::Policy(Decode::decode(r)?),
            3 => Self::Catalogue(Decode::decode(r)?),
            4 => Self::Issuer(Decode::decode(r)?),
            5 => Self::Card(Decode::decode(r)?),
            6 => Self::Suspension(Decode::decode(r)?),
            _ => return Err(Malformed::OutOfRange),
        })
    }
}

impl Change {
    /// Digest of its encoding: what the second admin confirms.
    pub fn digest(&self) -> Digest {
        Digest::of(&countersign_documents::encode(self))
    }

    /// One word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Admission(_) => "member",
            Self::Policy(_) => "policy",
            Self::Catalogue(_) => "catalogue",
            Self::Issuer(_) => "issuer",
            Self::Card(_) => "card",
            Self::Suspension(_) => "suspension",
        }
    }
}

record! {
    /// One admin proposes a change.
    pub struct Proposed {
        /// Its id.
        1 => id: ChangeId,
        /// What.
        2 => change: Change,
        /// The proposer's part of a jointly signed document, for admissions and cards.
        3 => signature?: Blob,
    }
}

record! {
    /// Another admin confirms it: it is in force.
    pub struct Confirmed {
        /// Which.
        1 => id: ChangeId,
        /// Digest of the change: what was confirmed is what was proposed.
        2 => change: Digest,
        /// The other part of the jointly signed document.
        3 => signature?: Blob,
    }
}

record! {
    /// A change is taken back or turned down.
    pub struct Dropped {
        /// Which.
        1 => id: ChangeId,
    }
}

record! {
    /// A member may do nothing any more.
    pub struct Suspended {
        /// Who.
        1 => member: MemberId,
        /// Why.
        2 => why: Line,
    }
}

record! {
    /// One admin tightens the policy alone.
    pub struct Tightened {
        /// The policy.
        1 => policy: Policy,
    }
}

record! {
    /// One admin stops an issuer alone: it makes no new keys.
    pub struct IssuerStopped {
        /// Which.
        1 => issuer: Slug,
    }
}

record! {
    /// Shared keys were wrapped to a member.
    pub struct KeysShared {
        /// The wraps.
        1 => wraps: Vec<Wrap>,
    }
}
