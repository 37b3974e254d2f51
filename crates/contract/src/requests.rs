//! What comes with a call: plain values, judged by whoever answers.

use serde::{Deserialize, Serialize};

macro_rules! requests {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$doc])* pub $field: $ty,)* }
    )*};
}

macro_rules! choices {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$doc])* $variant,)* }
    )*};
}

mod founding;
mod inbox;
mod keys;
mod vetting;

pub use founding::*;
pub use inbox::*;
pub use keys::*;
pub use vetting::*;

choices! {
    /// For whom a profile is.
    ProfileKind {
        /// A member of the organisation.
        Desk,
        /// A partner's contact.
        Inbox,
    }
    /// Over which channel a fingerprint was read.
    CallChannel {
        /// Telephone.
        Phone,
        /// Video.
        Video,
        /// In one room.
        InPerson,
    }
    /// Where the core takes a secret from. It never passes the page that asks.
    SecretFrom {
        /// The clipboard, which is cleared.
        Clipboard,
        /// A file.
        File,
    }
    /// Where the core takes a link from. It never passes the page that asks.
    LinkFrom {
        /// The clipboard, which is cleared: a link, or the message that it came in.
        Clipboard,
        /// A file.
        File,
        /// The one that the core has: it came from outside, or could not be followed the last time.
        Kept,
    }
    /// How a key is laid down where it runs.
    SaveForm {
        /// NAME='key'.
        Dotenv,
        /// A Kubernetes Secret.
        Kubernetes,
        /// Exactly the key.
        Compose,
    }
    /// How an export is written.
    ExportForm {
        /// JSON.
        Json,
        /// CSV that no spreadsheet takes for formulas.
        Csv,
    }
    /// How an envelope leaves as codes.
    CodeForm {
        /// One picture for each part.
        Png,
        /// The same as drawings.
        Svg,
    }
    /// What is to be chosen in the system's own dialogue.
    FileWish {
        /// A file that is there.
        Open,
        /// A name for a new one.
        Save,
        /// A folder.
        Folder,
    }
}

/// How keys are stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum StopHow {
    /// For good.
    Revoke,
    /// Refused at once; a second person, or a day, makes it final.
    Disable,
}

requests! {
    /// One thing, by its id.
    ById {
        /// Its id.
        id: String,
    }
    /// One file.
    ByPath {
        /// Its path.
        path: String,
    }
    /// A document from outside: one file, pictures of its codes, or what was pasted.
    Incoming {
        /// Their paths; none where a text was pasted.
        files: Vec<String>,
        /// The text of the document, or of its codes.
        text: Option<String>,
    }
    /// A wish for the system's file dialogue.
    ChooseFile {
        /// What for.
        wish: FileWish,
        /// A name to begin with.
        name: Option<String>,
    }
    /// A new profile.
    MakeProfile {
        /// For whom.
        kind: ProfileKind,
        /// How its person is called.
        name: String,
    }
    /// A profile of this machine.
    ChooseProfile {
        /// Its folder.
        folder: String,
    }
    /// A passphrase or a recovery code.
    VaultAnswer {
        /// What was typed.
        typed: String,
        /// The same once more, where it is a new one.
        again: Option<String>,
    }
    /// The answer to what was shown.
    ConfirmAnswer {
        /// Which question.
        id: String,
        /// Whether it was granted.
        yes: bool,
    }
    /// A fingerprint that somebody read, as it was heard and typed.
    HeardFingerprint {
        /// What was typed.
        typed: String,
        /// Over which channel.
        channel: CallChannel,
        /// Where the number called came from.
        source: String,
    }
    /// Which of a list.
    ListWish {
        /// Only in this state.
        state: Option<String>,
        /// Only where every word occurs.
        text: Option<String>,
        /// How many at most.
        limit: u32,
        /// How many to leave out first.
        offset: u32,
    }
    /// A link from somewhere.
    LinkSource {
        /// From where.
        from: LinkFrom,
        /// Its file.
        path: Option<String>,
    }
    /// An export.
    Export {
        /// Where it goes.
        out: String,
        /// As what.
        form: ExportForm,
    }
    /// A proof of one entry.
    Prove {
        /// Which entry.
        seq: u64,
        /// Where the proof goes.
        out: String,
    }
    /// Entries of the ledger.
    EntriesWish {
        /// From which on.
        from: u64,
        /// How many.
        limit: u32,
    }
    /// How large the windows show things.
    Zoom {
        /// Per cent, 80 to 200.
        percent: u32,
    }
    /// How the windows look and behave.
    Settings {
        /// `system`, `light`, `dark` or `contrast`.
        theme: String,
        /// `system`, `en` or `de`.
        language: String,
        /// Per cent, 80 to 200.
        zoom: u32,
        /// After how many idle minutes the profile locks, 1 to 60.
        idle_minutes: u32,
        /// Whether the system's notices say that something new waits.
        notify: bool,
        /// Which columns the list of keys shows, beside its first.
        #[serde(default)]
        key_columns: Vec<String>,
    }
}

impl Incoming {
    /// One file.
    pub fn file(path: impl Into<String>) -> Self {
        Self { files: vec![path.into()], text: None }
    }
}
