//! Sealing and opening: the envelope that carries a key, letters for everything else, and wrapped keys.
//!
//! Here live the typestates `Countersigned → Sealed` and `Unverified → Verified → Opened`, and the only code
//! that encrypts to a person. What may not live here: IO, a clock, randomness (arguments), a rule that needs the
//! ledger (`domain`). The format is `spec/envelope.md`; `spec/letter.md` has the rest.

mod approvals;
pub mod armor;
mod delivery;
mod hybrid;
pub mod letter;
mod link;
mod open;
pub mod parts;
mod reason;
mod seal;

pub use approvals::{Signature, Signer, check_approvals};
pub use delivery::{Delivery, SignerProof};
pub use link::{Link, LinkFlaw, LinkSecret};
pub use open::{Addressee, Memory, Opened, Outer, Unverified, Verified};
pub use reason::{NotAccepted, Reason};
pub use seal::{Consignment, Countersigned, Sealed, Sealer, Seeds, seal};

/// The most an envelope may weigh before it is looked at.
pub const LIMIT: usize = 64 * 1024;
/// The longest an envelope may be opened.
pub const LONGEST: countersign_documents::Seconds = 30 * countersign_documents::time::DAY;
