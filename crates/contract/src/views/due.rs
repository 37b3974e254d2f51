//! What waits for somebody, and what partners reported.

use serde::{Deserialize, Serialize};

use super::KeyView;

views! {
    /// What a partner reported as leaked.
    LeakReportView {
        /// The keys.
        keys: Vec<KeyView>,
        /// Who holds them.
        holder: String,
        /// When the partner wrote it.
        sent: u64,
        /// When it was recorded.
        recorded: u64,
        /// Who recorded it.
        by: String,
        /// What the partner wrote, unless erased.
        text: String,
    }
    /// Something that waits for the person at this profile.
    DueView {
        /// What kind of thing: one word that never changes.
        kind: String,
        /// The id of what it is about.
        subject: String,
        /// `late`, `now` or `soon`.
        urgency: String,
        /// When it should be done, where there is such a time.
        by: Option<u64>,
        /// What it is, in one sentence.
        text: String,
        /// The command that does it, or shows what there is to do.
        command: String,
    }
}
