//! What a pinned organisation offers, so that a contact chooses instead of typing.

use serde::{Deserialize, Serialize};

views! {
    /// A pinned organisation, at a partner.
    PinView {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
        /// When its card ends.
        card_expires: u64,
        /// Whether a person typed its fingerprint.
        attended: bool,
        /// When it was typed.
        compared: u64,
        /// Over which channel it was heard; nothing where it was typed before this was kept.
        channel: Option<String>,
        /// Where the number called came from.
        source: String,
        /// Services and environments there are to ask for.
        offers: Vec<String>,
        /// The same in parts.
        services: Vec<OfferedService>,
        /// Questions.
        questions: Vec<(String, String)>,
    }
    /// A service there is to ask for.
    OfferedService {
        /// Its short name.
        id: String,
        /// Its name.
        name: String,
        /// What it is for, in the organisation's words.
        text: Option<String>,
        /// Where it runs.
        environments: Vec<OfferedEnvironment>,
        /// What a key may be allowed.
        scopes: Vec<OfferedScope>,
    }
    /// A place where a service runs.
    OfferedEnvironment {
        /// Its short name.
        id: String,
        /// `sandbox` or `production`.
        class: String,
        /// Where the interface answers.
        base_url: String,
        /// How many days a key lives there at most.
        longest_days: u64,
    }
    /// Something a key may be allowed.
    OfferedScope {
        /// Its name.
        name: String,
        /// `read`, `write` or `admin`.
        class: String,
        /// What it opens, such as `GET /v1/orders/*`.
        endpoints: Vec<String>,
    }
}
