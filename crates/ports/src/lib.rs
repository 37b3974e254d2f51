//! What the use cases need from the outside world, as traits: log, documents, view, vault, key store,
//! issuers, relay, clock, randomness.
//!
//! Here live the traits and the plain values they pass. What may not live here: an implementation, a rule, a
//! format. Implementations are `store`, `vault`, `issuers`, `relay-client` and `adapters`; they know these traits and not each
//! other.

mod issuer;
mod log;
mod relay;
mod vault;
mod view;

pub use issuer::{Handle, Issued, Issuer, IssuerError, KeySource, Plan, Proof, Status, Tag, Wanted};
pub use log::{Appended, Documents, Log, LogError, LogHead, Row};
pub use relay::{Relay, RelayError, TicketShown, Witnessing};
pub use vault::{KeyStore, Table, Vault, VaultError, Write};
pub use view::{Filter, Item, Order, View};

use countersign_documents::Time;

/// What time it is. The only source of it.
pub trait Clock: Send + Sync {
    /// Now, in whole seconds; `None` when the clock does not answer or stands before 1970.
    fn now(&self) -> Option<Time>;
}

/// Where randomness comes from. The only source of it.
pub trait Entropy: Send + Sync {
    /// Fills `out`, or says that it could not: then nothing may be made.
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The operating system gave no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct NoEntropy;
