//! The use cases: one file per matter, over ports. An operation catches up and verifies, signs, lets `domain` decide, makes
//! what will be released durable, appends, folds, and only then releases. Stopping turns it round: it acts first.
//!
//! Here lives the order of things, and what only one desk can know: its clock, its own certificate. What may not live here: a
//! rule that another desk would have to apply as well (`domain` decides), a format (`documents`,
//! `envelope`, `ledger`), SQL, terminals, windows. Both sides are here: `desk` for members, `inbox` for partners.

#[cfg(all(feature = "mutants", not(debug_assertions)))]
compile_error!("mutants release what nobody recorded: they are for tests and never in a release build");

mod bell;
mod compared;
mod due;
mod error;
mod ids;
mod own;
mod ports;
mod random;
mod relay;

pub mod desk;
pub mod founding;
pub mod inbox;
pub mod profile;
pub mod succession;

pub use bell::Bell;
pub use error::{Error, RelayFault, Result, WitnessFlaw};
pub use ids::{only, resolve};
pub use own::{NewIdentity, Own, ProfileKind};
pub use ports::{Issuers, Ports, SharedLog};
