//! The ports a use case is given.

use std::sync::Arc;

use countersign_domain::event::IssuerTerms;
use countersign_ports::{Clock, Documents, Entropy, Issuer, IssuerError, Log, Relay, Vault, View};

/// Log and documents, which one store serves.
pub trait SharedLog: Log + Documents {}

impl<T: Log + Documents> SharedLog for T {}

/// Finds the connector that works under these terms.
pub trait Issuers: Send + Sync {
    /// The connector.
    fn connect(&self, terms: &IssuerTerms) -> Result<Arc<dyn Issuer>, IssuerError>;
}

/// Everything a desk needs.
#[derive(Clone)]
pub struct Ports {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The profile's own secrets, unlocked.
    pub vault: Arc<dyn Vault>,
    /// The shared log and its documents.
    pub log: Arc<dyn SharedLog>,
    /// The desk's own projections.
    pub view: Arc<dyn View>,
    /// Connectors.
    pub issuers: Arc<dyn Issuers>,
    /// Relays, each by its origin.
    pub relay: Arc<dyn Relay>,
}
