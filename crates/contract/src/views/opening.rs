//! Profiles before they are unlocked, and what the program was asked to open.

use serde::{Deserialize, Serialize};

views! {
    /// A profile of this machine, as it says of itself while it is locked.
    ProfileEntry {
        /// Its folder.
        folder: String,
        /// The folder's own name.
        name: String,
        /// `desk` or `inbox`; none where it does not say.
        kind: Option<String>,
        /// How its person is called.
        person: Option<String>,
        /// The organisation of a desk, or those that an inbox pinned.
        organisations: Vec<String>,
    }
    /// What the program was asked to open, for the profile that is open.
    #[derive(Default)]
    GivenView {
        /// Paths of files, unread: for an inbox, envelopes and what does not say what it is.
        files: Vec<String>,
        /// Paths of letters, for an inbox.
        letters: Vec<String>,
        /// Paths of cards and invitations, for an inbox.
        cards: Vec<String>,
        /// The relay of a link that came. The link itself stays with the core, which fetches by it.
        link: Option<String>,
    }
    /// What waits to be opened while no profile is.
    WaitingView {
        /// Names of files.
        files: Vec<String>,
        /// The relay of a link. Its secret is for whoever opens it.
        relay: Option<String>,
        /// Folders of the profiles that can read it; none where any might.
        readers: Vec<String>,
    }
}
