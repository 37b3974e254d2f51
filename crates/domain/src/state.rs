//! What is known after folding a log, and who is acting on it.

use std::collections::{BTreeMap, BTreeSet};

use countersign_documents::{
    Blob, Digest, Head, ReceivingKey, Time, VerifyingKey,
    catalogue::{Catalogue, EnvironmentClass},
    certificate::Right,
    grant::{CheckResult, Grant, IdentityCheck, Justification, Vetting},
    id::{ChangeId, Cti, GrantId, KeyId, MemberId, OrderId, OrganisationId, PersonId, RequestId},
    network::Network,
    order::{Act, Reason},
    policy::{Check, FindingCode, Policy},
    request::{Asked, Mode},
    root::Trust,
    text::{Line, ScopeName, Slug},
};
use serde::{Deserialize, Serialize};

use crate::{
    event::{Event, IssuerTerms, Proposed, Wrap},
    leak::LeakReport,
    refusal::Refusal,
    terms::Terms,
};

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
    /// When it ends.
    pub expires: Time,
    /// Name of the blob with salt and name.
    pub name: Digest,
    /// May do nothing any more.
    pub suspended: bool,
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

/// An issuer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KnownIssuer {
    /// Its terms.
    pub terms: IssuerTerms,
    /// Makes no new keys.
    pub stopped: bool,
}

/// A partner's identity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Partner {
    /// Its signing key.
    pub key: VerifyingKey,
    /// Who compared the fingerprint.
    pub checks: Vec<IdentityCheck>,
    /// A fingerprint that differed and was not compared again since.
    pub mismatch: bool,
    /// Its requests.
    pub requests: Vec<RequestId>,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExchangeState {
    /// Waits for vetting.
    Received,
    /// Waits for the partner.
    ChangesAsked,
    /// Waits for the countersignature.
    Vetted,
    /// Waits to be issued.
    Countersigned,
    /// A key was made.
    Issued,
    /// Declined.
    Declined,
    /// Taken back by the partner.
    Withdrawn,
}

/// One signature as it stands in the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recorded {
    /// Who.
    pub person: PersonId,
    /// On which desk.
    pub member: MemberId,
    /// Thumbprint of the key.
    pub key: Digest,
    /// The approval, a complete document.
    pub approval: Blob,
    /// When.
    pub time: Time,
}

/// What was signed, and by whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Signed {
    /// The grant.
    pub grant: Grant,
    /// What vetting did.
    pub vetting: Vetting,
    /// The first signature, then the others.
    pub approvals: Vec<Recorded>,
}

/// One exchange: a request and what became of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// The request.
    pub id: RequestId,
    /// Its newest revision.
    pub revision: u64,
    /// Digest of the document.
    pub digest: Digest,
    /// Name of the blob that holds it.
    pub blob: Digest,
    /// Thumbprint of the applicant's identity.
    pub identity: Digest,
    /// The applicant's receiving key.
    pub receiving: ReceivingKey,
    /// What is asked.
    pub asked: Asked,
    /// What for.
    pub mode: Mode,
    /// The grant to be renewed.
    pub predecessor: Option<GrantId>,
    /// Who brought it.
    pub sponsor: PersonId,
    /// When the newest revision came.
    pub received: Time,
    /// What would be granted.
    pub terms: Terms,
    /// Answers.
    pub checks: BTreeMap<Check, CheckResult>,
    /// Justifications.
    pub justified: BTreeMap<FindingCode, Justification>,
    /// How far it is.
    pub state: ExchangeState,
    /// Signatures, where there are any.
    pub signed: Option<Signed>,
    /// Keys made under it.
    pub keys: Vec<KeyId>,
}

/// How far a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// About to be made.
    Intended,
    /// Not made after all.
    Abandoned,
    /// Made and sealed.
    Sealed,
    /// The envelope left the desk.
    HandedOver,
    /// The partner opened it.
    Opened,
    /// It works.
    Active,
    /// Switched off, reversibly.
    Disabled,
    /// Stopped for good, and proven.
    Revoked,
}

/// An order that stands against a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stop {
    /// The order.
    pub order: OrderId,
    /// What.
    pub act: Act,
    /// Why.
    pub reason: Reason,
    /// Who ordered.
    pub person: PersonId,
    /// When.
    pub time: Time,
    /// When it was confirmed.
    pub confirmed: Option<Time>,
    /// How often it failed, and the last reason.
    pub failed: Option<(u64, Line)>,
}

/// A key that was handed out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyRecord {
    /// Which.
    pub id: KeyId,
    /// The request; none for legacy keys.
    pub request: Option<RequestId>,
    /// The grant.
    pub grant: Option<GrantId>,
    /// The first grant of this key.
    pub lineage: Option<GrantId>,
    /// Thumbprint of the partner's identity; for legacy keys the group of the name.
    pub holder: Digest,
    /// Blob with the partner's name, for legacy keys.
    pub legacy: Option<Digest>,
    /// Service.
    pub service: Slug,
    /// Environment.
    pub environment: Slug,
    /// Its class.
    pub class: Option<EnvironmentClass>,
    /// What was given.
    pub scopes: Vec<ScopeName>,
    /// From where it may be used.
    pub networks: Vec<Network>,
    /// Who makes and stops it.
    pub issuer: Option<Slug>,
    /// How the issuer names it.
    pub handle: Option<Line>,
    /// When it dies.
    pub not_after: Option<Time>,
    /// Its place within its lineage.
    pub seq: u64,
    /// Its envelope.
    pub cti: Option<Cti>,
    /// SHA-256 of the envelope.
    pub envelope: Option<Digest>,
    /// Until when the envelope opens.
    pub opens_until: Option<Time>,
    /// SHA-256 of the receipt nonce.
    pub nonce: Option<Digest>,
    /// Keyed fingerprint.
    pub fingerprint: Option<Digest>,
    /// How far it is.
    pub state: KeyState,
    /// Who is making it: two desks at once would destroy each other's key.
    pub maker: Option<MemberId>,
    /// When it was intended, or imported.
    pub since: Time,
    /// When the partner opened it.
    pub opened: Option<Time>,
    /// The order against it, if any.
    pub stop: Option<Stop>,
}

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
    /// Keys.
    pub keys: BTreeMap<KeyId, KeyRecord>,
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
        self.keys.get(id).ok_or(Refusal::NoSuchKey)
    }

    /// Members who may act.
    pub fn active(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|m| !m.suspended)
    }

    /// Whether the event may happen here, by this signer, now. Changes nothing.
    pub fn check(&self, ctx: &Context, event: &Event) -> Result<(), Refusal> {
        if !matches!(event, Event::Founded(_)) {
            self.actor(&ctx.signer)?;
        }
        match event {
            Event::Founded(e) => self.check_founded(ctx, e),
            Event::Proposed(e) => self.check_proposed(ctx, e),
            Event::Confirmed(e) => self.check_confirmed(ctx, e),
            Event::Dropped(e) => self.check_dropped(ctx, e),
            Event::Suspended(e) => self.check_suspended(ctx, e),
            Event::Tightened(e) => self.check_tightened(ctx, e),
            Event::IssuerStopped(e) => self.check_issuer_stopped(ctx, e),
            Event::SharedKeys(e) => self.check_shared(ctx, e),
            Event::Rekeyed(e) => self.check_rekeyed(ctx, e),
            Event::Received(e) => self.check_received(ctx, e),
            Event::TakenBack(e) => self.check_taken_back(ctx, e),
            Event::IdentityChecked(e) => self.check_identity(ctx, &e.identity, &e.check),
            Event::IdentityMismatch(e) => self.check_identity(ctx, &e.identity, &e.check),
            Event::Answered(e) => self.check_answered(ctx, e),
            Event::Justified(e) => self.check_justified(ctx, e),
            Event::Narrowed(e) => self.check_narrowed(ctx, e),
            Event::Replied(e) => self.check_replied(ctx, e),
            Event::Vetted(e) => self.check_vetted(ctx, e),
            Event::Countersigned(e) => self.check_countersigned(ctx, e),
            Event::Intended(e) => self.check_intended(ctx, e),
            Event::Issued(e) => self.check_issued(ctx, e),
            Event::Abandoned(e) => self.check_abandoned(ctx, e),
            Event::HandedOver(e) => self.check_handed_over(ctx, e),
            Event::Acknowledged(e) => self.check_acknowledged(ctx, e),
            Event::Activated(e) => self.check_activated(ctx, e),
            Event::Ordered(e) => self.check_ordered(ctx, e),
            Event::Stopped(e) => self.check_stopped(ctx, e),
            Event::StopFailed(e) => self.check_stop_failed(ctx, e),
            Event::Imported(e) => self.check_imported(ctx, e),
            Event::Erased(e) => self.check_erased(ctx, e),
            Event::LeakReported(e) => self.check_leak_reported(ctx, e),
        }
    }

    /// Lets an event happen. Refuses exactly what `check` refuses, and then changes nothing.
    pub fn fold(&mut self, ctx: &Context, event: &Event) -> Result<(), Refusal> {
        self.check(ctx, event)?;
        match event {
            Event::Founded(e) => self.fold_founded(e)?,
            Event::Proposed(e) => self.fold_proposed(ctx, e),
            Event::Confirmed(e) => self.fold_confirmed(e)?,
            Event::Dropped(e) => drop(self.pending.remove(&e.id)),
            Event::Suspended(e) => self.fold_suspended(e),
            Event::Tightened(e) => self.policy = Some(e.policy.clone()),
            Event::IssuerStopped(e) => self.fold_issuer_stopped(e),
            Event::SharedKeys(e) => self.fold_wraps(&e.wraps),
            Event::Rekeyed(e) => self.fold_keyring(e),
            Event::Received(e) => self.fold_received(ctx, e),
            Event::TakenBack(e) => self.close(&e.request, ExchangeState::Withdrawn),
            Event::IdentityChecked(e) => self.fold_identity(&e.identity, &e.check, true),
            Event::IdentityMismatch(e) => self.fold_identity(&e.identity, &e.check, false),
            Event::Answered(e) => self.fold_answered(e),
            Event::Justified(e) => self.fold_justified(e),
            Event::Narrowed(e) => self.fold_narrowed(e),
            Event::Replied(e) => self.fold_replied(e),
            Event::Vetted(e) => self.fold_vetted(ctx, e),
            Event::Countersigned(e) => self.fold_countersigned(ctx, e),
            Event::Intended(e) => self.fold_intended(ctx, e),
            Event::Issued(e) => self.fold_issued(e),
            Event::Abandoned(e) => self.set_key(&e.key, |k| k.state = KeyState::Abandoned),
            Event::HandedOver(e) => self.fold_handed_over(e),
            Event::Acknowledged(e) => self.fold_acknowledged(e),
            Event::Activated(e) => self.set_key(&e.key, |k| k.state = KeyState::Active),
            Event::Ordered(e) => self.fold_ordered(ctx, e)?,
            Event::Stopped(e) => self.fold_stopped(ctx, e),
            Event::StopFailed(e) => self.fold_stop_failed(e),
            Event::Imported(e) => self.fold_imported(ctx, e),
            Event::Erased(e) => self.fold_erased(ctx, e),
            Event::LeakReported(e) => self.fold_leak_reported(ctx, e),
        }
        if matches!(event, Event::Founded(_) | Event::Rekeyed(_)) {
            self.rekeyed = Some(ctx.time);
        }
        self.latest = self.latest.max(Some(ctx.time));
        Ok(())
    }

    pub(crate) fn set_key(&mut self, id: &KeyId, change: impl FnOnce(&mut KeyRecord)) {
        if let Some(key) = self.keys.get_mut(id) {
            change(key);
        }
    }
}
