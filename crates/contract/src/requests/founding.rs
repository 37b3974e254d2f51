//! Founding an organisation, and joining one.

use serde::{Deserialize, Serialize};

use super::HeardFingerprint;

requests! {
    /// Begins an organisation.
    Found {
        /// Its name.
        name: String,
        /// Where the offer to the second founder goes.
        offer: String,
        /// Where the half of the offline key goes.
        half: String,
    }
    /// The second founder's answer.
    AnswerFounding {
        /// The offer.
        offer: String,
        /// The first founder's fingerprint.
        heard: HeardFingerprint,
        /// Where the answer goes.
        answer: String,
        /// Where the half of the offline key goes.
        half: String,
    }
    /// Completes an organisation.
    CompleteFounding {
        /// The answer.
        answer: String,
        /// The second founder's fingerprint.
        heard: HeardFingerprint,
        /// Where the ledger goes.
        ledger: String,
    }
    /// Attaches a desk to a ledger.
    Attach {
        /// The ledger.
        ledger: String,
        /// The organisation's fingerprint, where this desk does not know it yet.
        heard: Option<HeardFingerprint>,
    }
    /// A card over everything that is in force.
    CardWish {
        /// Origin of the organisation's relay; none where it has none.
        relay: Option<String>,
    }
    /// A member to be.
    ProposeMember {
        /// The identity card.
        card: String,
        /// Its fingerprint.
        heard: HeardFingerprint,
        /// What it may do.
        rights: Vec<String>,
    }
    /// A member's fingerprint that was heard.
    CompareMember {
        /// Which member.
        id: String,
        /// What was heard, and how.
        heard: HeardFingerprint,
    }
    /// A member to be certified anew.
    RenewMember {
        /// Which.
        id: String,
        /// What it may do from then on; left as it is where none are named.
        rights: Option<Vec<String>>,
    }
    /// A member that may do nothing any more.
    Suspend {
        /// Which.
        member: String,
        /// Why.
        why: String,
        /// Whether it is proposed, for another member to confirm, where one admin may not do it.
        propose: bool,
    }
    /// A text form of policy, catalogue or issuer.
    Document {
        /// The text, as in the file.
        text: String,
    }
}
