//! Who acts, and what of the organisation waits or was stopped.

use countersign_documents::{
    Blob, Digest, Head, ReceivingKey, Time, VerifyingKey,
    certificate::Right,
    id::{MemberId, PersonId},
    root::Root,
};
use serde::{Deserialize, Serialize};

use crate::event::{IssuerTerms, Proposed};

/// Who acts, at which place in the log.
#[derive(Debug, Clone)]
pub struct Context {
    /// Thumbprint of the key that signs the entry.
    pub signer: Digest,
    /// The log the entry was decided on: exactly the rows before it.
    pub head: Head,
    /// When, by the acting desk's clock.
    pub time: Time,
}

/// A member who acts.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// Who.
    pub member: &'a Member,
}

/// One person on one desk, or an agent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    /// The human.
    pub person: PersonId,
    /// The desk.
    pub id: MemberId,
    /// What it may do.
    pub rights: Vec<Right>,
    /// No person.
    pub agent: bool,
    /// Signing key.
    pub key: VerifyingKey,
    /// Receiving key.
    pub receiving: ReceivingKey,
    /// Checkpoint key.
    pub checkpoint: VerifyingKey,
    /// The certificate, a complete document.
    pub certificate: Blob,
    /// From when on it is valid.
    pub certified: Time,
    /// When it ends.
    pub expires: Time,
    /// Name of the blob with salt and name.
    pub name: Digest,
    /// May do nothing any more.
    pub suspended: bool,
    /// Its certificate holds under the root in force. On desks a member is a member by its place in the log; partners
    /// see only the root.
    pub stands: bool,
}

impl Member {
    /// Whether its certificate carries this right.
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

/// A change that waits for a second admin.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    /// What was proposed.
    pub proposed: Proposed,
    /// By whom.
    pub person: PersonId,
    /// By which member.
    pub member: MemberId,
    /// When.
    pub time: Time,
}

/// Keys that a person offers to certify with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Offer {
    /// From which desk.
    pub member: MemberId,
    /// The certifying key.
    pub key: VerifyingKey,
    /// The public half of what the person keeps on paper.
    pub offline: VerifyingKey,
    /// When.
    pub time: Time,
}

/// A root that waits for signatures.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NextRoot {
    /// Its payload.
    pub payload: Blob,
    /// What it says.
    pub root: Root,
    /// Signatures so far.
    pub signatures: Vec<Blob>,
    /// Who proposed it.
    pub member: MemberId,
    /// When.
    pub time: Time,
}

impl NextRoot {
    /// What is confirmed.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.payload.0)
    }
}

/// An issuer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KnownIssuer {
    /// Its terms.
    pub terms: IssuerTerms,
    /// Makes no new keys.
    pub stopped: bool,
}
