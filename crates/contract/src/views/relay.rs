//! Relays: how they are reached, what waits for them, and what became of envelopes there.

use serde::{Deserialize, Serialize};

use crate::{
    Failure,
    views::{KeyView, WitnessedView},
};

views! {
    /// What is known of the relays of this profile.
    RelaysView {
        /// The organisation's own, at a desk; those of pinned organisations, at an inbox.
        relays: Vec<RelayView>,
        /// How many letters and receipts wait here for a relay.
        waiting: u32,
        /// Keys whose envelopes are to be kept back by the relay, which does not know it yet.
        withdrawals: Vec<String>,
    }
    /// One relay.
    RelayView {
        /// Whose: the organisation's id.
        organisation: String,
        /// The organisation's name.
        name: String,
        /// Where it is.
        origin: String,
        /// When it answered last, since this profile was unlocked.
        reached: Option<u64>,
        /// Why it was not reached, or did not take something, the last time.
        failure: Option<Failure>,
        /// Letters that could not be taken in the last time, and why.
        unread: Vec<Failure>,
        /// At a desk: how far it witnessed the ledger grow, as far as this desk was told.
        witnessed: Option<WitnessedView>,
    }
    /// A link that is on its way. Nothing here tells it.
    LinkSentView {
        /// The key.
        key: KeyView,
        /// Until when the envelope opens.
        expires: u64,
        /// For how many seconds the clipboard has the message; none where it was written into a file.
        seconds: Option<u32>,
    }
    /// What became of an envelope that was to be taken back.
    TakenBackView {
        /// The key.
        key: KeyView,
        /// `withdrawn`, `fetched`, `acknowledged` or `expired`: who was faster.
        outcome: String,
        /// When, where the relay knows.
        at: Option<u64>,
    }
}
