//! The one state machine: what may happen, and what it changes. Window, command line and audit all ask here.
//!
//! `State::check` says whether an event may happen, `State::fold` lets it; both are pure, total, and the same for a
//! desk that decides and for an audit that re-reads. What may not live here: IO, a clock, randomness, encryption,
//! text for screens beyond one sentence per refusal. Approvals, notices and orders arrive signed, and their signatures are
//! verified here again; of a request or a message only its digest arrives, and `app` judged its signature before.
#![deny(clippy::wildcard_enum_match_arm)]

mod delivery;
mod drafts;
pub mod event;
mod exchange;
pub mod findings;
mod issuing;
mod leak;
mod organisation;
mod refusal;
mod standing;
mod state;
mod stopping;
mod terms;
mod witness;

pub use delivery::{Delivery, Parcel};
pub use drafts::{GrantIds, draft_grant, intend, quorum, waiting_signers};
pub use event::{Change, Event};
pub use leak::{LeakReport, LeakReported};
pub use organisation::due;
pub use refusal::Refusal;
pub use state::{
    Actor, Concern, Context, Exchange, ExchangeState, KeyRecord, KeyState, KnownIssuer, Member, NextRoot,
    Offer, Partner, Pending, Recorded, Signed, State, Stop,
};
pub use terms::Terms;
pub use witness::WitnessKeys;
