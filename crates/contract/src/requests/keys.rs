//! Making keys, handing them over, stopping them.

use serde::{Deserialize, Serialize};

use super::{CodeForm, SecretFrom, StopHow};

requests! {
    /// Issues a key.
    Issue {
        /// The request.
        request: String,
        /// Where the key comes from, for issuers that do not make keys.
        pasted: Option<SecretFrom>,
        /// Its file.
        path: Option<String>,
    }
    /// Another key within the same grant.
    Rotate {
        /// The key that gets a further one beside it.
        key: String,
        /// Where the key comes from, for issuers that do not make keys.
        pasted: Option<SecretFrom>,
        /// Its file.
        path: Option<String>,
    }
    /// Hands an envelope over as a file.
    HandOver {
        /// The key.
        key: String,
        /// Where the envelope goes.
        out: String,
    }
    /// Hands an envelope over by a link.
    SendLink {
        /// The key.
        key: String,
        /// In which language the message is, `en` or `de`.
        language: String,
        /// Where the message goes, or in `.png` the link as a code; nothing for the clipboard.
        out: Option<String>,
    }
    /// Hands an envelope over as codes.
    HandOverCodes {
        /// The key.
        key: String,
        /// In which folder.
        folder: String,
        /// As what.
        form: CodeForm,
    }
    /// Which keys.
    Selected {
        /// Exactly these.
        keys: Vec<String>,
        /// All of one holder, by its name in the list.
        holder: Option<String>,
        /// All of a service.
        service: Option<String>,
        /// All of this environment of that service.
        environment: Option<String>,
    }
    /// Stops keys.
    StopOrder {
        /// Which.
        selected: Selected,
        /// How.
        how: StopHow,
        /// Why, one of the words of `stops/reasons`.
        reason: String,
    }
    /// What an order would stop.
    StopWish {
        /// Which.
        selected: Selected,
        /// How.
        how: StopHow,
    }
    /// An objection to a disabled key's becoming final by the passing of a day alone.
    Objection {
        /// Which.
        key: String,
        /// Why.
        why: String,
    }
    /// A key that a person stopped by hand.
    StoppedByHand {
        /// Which.
        key: String,
        /// What was done and seen.
        note: String,
    }
    /// Something to be printed.
    Paper {
        /// About which keys.
        keys: Vec<String>,
        /// In which language, `en` or `de`.
        language: String,
        /// Where it goes: an HTML file that needs nothing beside it.
        out: String,
    }
    /// Where a leaked text comes from.
    LeakSource {
        /// From where.
        from: SecretFrom,
        /// Its file.
        path: Option<String>,
    }
}
