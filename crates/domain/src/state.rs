//! What is known after folding a log, and who is acting on it.

mod concern;
mod exchange;
mod key;
mod people;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use countersign_documents::{
    Blob, Digest, ReceivingKey, Time,
    catalogue::Catalogue,
    certificate::Right,
    grant::IdentityCheck,
    id::{ChangeId, Cti, GrantId, KeyId, MemberId, OrderId, OrganisationId, PersonId, RequestId},
    policy::Policy,
    root::Trust,
    text::{Line, Slug},
};
use serde::{Deserialize, Serialize};

pub use concern::Concern;
pub use exchange::{Exchange, ExchangeState, Partner, Recorded, Signed};
pub use key::{KeyRecord, KeyState, Stop};
pub use people::{Actor, Context, KnownIssuer, Member, NextRoot, Offer, Pending};

use crate::{event::Wrap, leak::LeakReport, refusal::Refusal, witness::WitnessKeys};

/// Everything that a log says.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {
    /// The organisation and its root of trust.
    pub trust: Option<Trust>,
    /// How it is called.
    pub name: Option<Line>,
    /// Members by id.
    pub members: BTreeMap<MemberId, Member>,
    /// Members by the thumbprint of their signing key.
    pub signing: BTreeMap<Digest, MemberId>,
    /// Every key that was ever certified, and for which member: none is used again for another.
    pub certified: BTreeMap<Digest, MemberId>,
    /// Who compared which member's fingerprint, or the organisation's, by what was compared.
    pub compared: BTreeMap<Digest, Vec<IdentityCheck>>,
    /// Whoever founded the organisation, or brought it back by the offline succession, each with the identity that the
    /// others compared.
    pub founders: Vec<(PersonId, Digest)>,
    /// Policy in force.
    pub policy: Option<Policy>,
    /// Catalogue in force.
    pub catalogue: Option<Catalogue>,
    /// Issuers by name.
    pub issuers: BTreeMap<Slug, KnownIssuer>,
    /// The newest card, a complete document.
    pub card: Option<Blob>,
    /// Version of the newest card.
    pub card_version: u64,
    /// Keys that persons offer to certify with, the newest of each.
    pub offers: BTreeMap<PersonId, Offer>,
    /// The root that waits for signatures.
    pub next_root: Option<NextRoot>,
    /// Digests of roots that were dropped: the signatures under them are still about.
    pub dropped_roots: BTreeSet<Digest>,
    /// Every key that ever stood in a root or was offered for one: none serves another purpose.
    pub certifying: BTreeSet<Digest>,
    /// Changes that wait.
    pub pending: BTreeMap<ChangeId, Pending>,
    /// Generation of the shared keys.
    pub epoch: u64,
    /// Commitment to the ledger key, per epoch.
    pub ledger_keys: BTreeMap<u64, Digest>,
    /// The older ledger key wrapped under the newer, by the newer epoch.
    pub older_keys: BTreeMap<u64, Blob>,
    /// Commitment to the look-up key.
    pub look_up: Option<Digest>,
    /// Public halves of the organisation's receiving keys, by epoch.
    pub receiving: BTreeMap<u64, ReceivingKey>,
    /// Wraps by member.
    pub wraps: BTreeMap<MemberId, Vec<Wrap>>,
    /// Partners by thumbprint of their identity.
    pub partners: BTreeMap<Digest, Partner>,
    /// Requests.
    pub exchanges: BTreeMap<RequestId, Exchange>,
    /// Request of each grant.
    pub grants: BTreeMap<GrantId, RequestId>,
    /// Highest sequence number of each lineage.
    pub lineages: BTreeMap<GrantId, u64>,
    /// Keys. Each in a place of its own: a tree leaves room in every node, and there may be a hundred thousand.
    pub keys: BTreeMap<KeyId, Box<KeyRecord>>,
    /// Which key each fingerprint is of: nobody goes through all keys to find one.
    pub fingerprints: BTreeMap<Digest, KeyId>,
    /// Envelopes that exist.
    pub envelopes: BTreeSet<Cti>,
    /// Orders that exist.
    pub orders: BTreeSet<OrderId>,
    /// What each member ordered to be revoked lately: when, which key, whose.
    pub pace: BTreeMap<MemberId, Vec<(Time, KeyId, Digest)>>,
    /// Erased blobs: when, by whom, why.
    pub erased: BTreeMap<Digest, (Time, MemberId, Line)>,
    /// What partners reported as leaked, by the digest of the notice.
    pub leak_reports: BTreeMap<Digest, LeakReport>,
    /// What admins said of the keys of relays' witnesses, by the origin of the relay.
    pub witnesses: BTreeMap<Line, WitnessKeys>,
    /// When the shared keys were made that are in use.
    pub rekeyed: Option<Time>,
    /// The latest time any entry names.
    pub latest: Option<Time>,
}

impl State {
    /// The organisation, once founded.
    pub fn organisation(&self) -> Option<OrganisationId> {
        self.trust.as_ref().map(|t| t.root.organisation)
    }

    /// The root of trust, once founded.
    pub fn trust(&self) -> Result<&Trust, Refusal> {
        self.trust.as_ref().ok_or(Refusal::NotFounded)
    }

    /// The policy in force.
    pub fn policy(&self) -> Policy {
        self.policy.clone().unwrap_or_else(Policy::standard)
    }

    /// The member whose key this is.
    pub fn member_by_key(&self, thumbprint: &Digest) -> Option<&Member> {
        self.signing.get(thumbprint).and_then(|id| self.members.get(id))
    }

    /// Who acts: a member, not suspended.
    pub fn actor(&self, signer: &Digest) -> Result<&Member, Refusal> {
        self.trust()?;
        let member = self.member_by_key(signer).ok_or(Refusal::NotAMember)?;
        if member.suspended { Err(Refusal::Suspended) } else { Ok(member) }
    }

    /// Who acts, with at least one of these rights.
    pub(crate) fn actor_with(&self, ctx: &Context, rights: &[Right]) -> Result<&Member, Refusal> {
        let member = self.actor(&ctx.signer)?;
        if rights.iter().any(|r| member.may(*r)) { Ok(member) } else { Err(Refusal::MissingRight) }
    }

    /// A request.
    pub fn exchange(&self, id: &RequestId) -> Result<&Exchange, Refusal> {
        self.exchanges.get(id).ok_or(Refusal::NoSuchRequest)
    }

    /// A key.
    pub fn key(&self, id: &KeyId) -> Result<&KeyRecord, Refusal> {
        self.keys.get(id).map(Box::as_ref).ok_or(Refusal::NoSuchKey)
    }

    /// Every key, in the order of their ids.
    pub fn all_keys(&self) -> impl Iterator<Item = &KeyRecord> {
        self.keys.values().map(Box::as_ref)
    }

    /// Members who may act.
    pub fn active(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|m| !m.suspended)
    }

    pub(crate) fn set_key(&mut self, id: &KeyId, change: impl FnOnce(&mut KeyRecord)) {
        if let Some(key) = self.keys.get_mut(id) {
            change(key);
        }
    }
}
