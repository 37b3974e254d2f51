//! What the confirm window shows.

use serde::{Deserialize, Serialize};

views! {
    /// A question that only a person answers.
    ConfirmView {
        /// Which question.
        id: String,
        /// `vet`, `countersign`, `change`, `stop`.
        act: String,
        /// What it says, in the order it is shown.
        lines: Vec<ConfirmLine>,
        /// A change, field by field.
        fields: Vec<ConfirmField>,
        /// All of what is signed, as JSON. Empty where nothing is hashed.
        exact: String,
        /// The bytes that are hashed, in hexadecimal.
        hashed: String,
        /// Digest of what is signed.
        digest: String,
        /// Milliseconds until an answer is taken.
        armed_after: u32,
    }
    /// One line of what would be signed.
    ConfirmLine {
        /// Its name, a code that pages translate.
        name: String,
        /// Its value. Several lines are several values.
        value: String,
        /// Its value, where it is a time.
        time: Option<u64>,
    }
    /// One field of a change: what holds now, and what would.
    ConfirmField {
        /// Its name, a code that pages translate.
        name: String,
        /// What it belongs to, such as a service and its environment. Empty where it belongs to the whole.
        of: String,
        /// How its values read: `text`, `mono`, `time` in seconds since 1970, or the kind of word that pages translate.
        kind: String,
        /// What holds now. Several lines are several values; none where nothing does.
        before: Option<String>,
        /// What would hold; none where it goes.
        after: Option<String>,
    }
}
