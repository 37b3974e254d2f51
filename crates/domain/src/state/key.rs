//! Keys that were handed out, and what stands against them.

use countersign_documents::{
    Digest, Time,
    catalogue::EnvironmentClass,
    id::{Cti, GrantId, KeyId, MemberId, OrderId, PersonId, RequestId},
    network::Network,
    order::{Act, Reason},
    text::{Line, ScopeName, Slug},
};
use serde::{Deserialize, Serialize};

use crate::delivery::Parcel;

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
    /// Who objected to its becoming final by time alone, each person once.
    pub objections: Vec<PersonId>,
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
    /// What is known of its envelope at the relay, where it was given there.
    pub parcel: Option<Parcel>,
    /// The order against it, if any: few keys have one.
    pub stop: Option<Box<Stop>>,
}
