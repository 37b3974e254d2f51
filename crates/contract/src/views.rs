//! What is shown: plain, ready to show.

use serde::{Deserialize, Serialize};

use crate::Failure;

macro_rules! views {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        pub struct $name { $($(#[$doc])* pub $field: $ty,)* }
    )*};
}

mod confirm;
mod due;
mod key;
mod offer;
mod opening;
mod organisation;
mod relay;
mod request;

pub use confirm::{ConfirmField, ConfirmLine, ConfirmView};
pub use due::{DueView, LeakReportView};
pub use key::{HandWorkView, HandedOverView, KeyView, LeakView, RevealView, StopView};
pub use offer::{OfferedEnvironment, OfferedScope, OfferedService, PinView};
pub use opening::{GivenView, ProfileEntry, WaitingView};
pub use organisation::{ChangeView, MemberView, OrganisationView, RootView, WaitingRootView};
pub use relay::{LinkSentView, RelayView, RelaysView, TakenBackView};
pub use request::{
    CheckView, EvidenceFileView, FindingView, HistoryView, IdentityCheckView, RequestDetail, RequestView,
    SignatureView,
};

/// Work that takes long enough to be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// Entries are read again, one by one.
    Verify,
    /// Keys are stopped at their issuers.
    Stop,
    /// What became of them is put on the record.
    Record,
}

views! {
    /// A profile.
    ProfileView {
        /// `desk` or `inbox`.
        kind: String,
        /// How its person is called.
        name: String,
        /// What its person reads over the telephone.
        fingerprint: String,
        /// The same in words.
        words: String,
        /// Thumbprint of its identity.
        identity: String,
        /// Part of a sample: not for real keys.
        sample: bool,
        /// The organisation it belongs to, if any.
        organisation: Option<String>,
        /// How it can be unlocked.
        slots: Vec<String>,
    }
    /// One entry of the ledger.
    EntryView {
        /// Its place.
        seq: u64,
        /// When.
        time: u64,
        /// Who.
        by: String,
        /// What happened, one word.
        event: String,
        /// The operation.
        op_id: String,
        /// Digest of the entry.
        digest: String,
        /// The event in full.
        body: String,
    }
    /// What an audit found.
    AuditView {
        /// Whether everything holds.
        clean: bool,
        /// Entries.
        size: u64,
        /// Root over them.
        root: String,
        /// The first bad place, with its flaw.
        first_bad: Option<(u64, String)>,
        /// All bad places that are listed.
        bad: Vec<(u64, String)>,
        /// What else is wrong, in sentences.
        notes: Vec<String>,
        /// Which founders have not compared each other so that it counts: who, and whom. Nothing is wrong with the entries.
        unheard: Vec<(String, String)>,
        /// Blobs that were erased on the record.
        erased: usize,
        /// Newest signed checkpoint: who signed it.
        checkpoint_by: Option<String>,
        /// How far the relay has witnessed the ledger grow, as far as this desk was told.
        witnessed: Option<WitnessedView>,
    }
    /// How far a witness saw the ledger grow.
    WitnessedView {
        /// How many entries.
        size: u64,
        /// When, by its clock.
        time: u64,
    }
    /// How far a long piece of work is. Windows are told, they need not ask.
    Progress {
        /// Which work.
        work: Work,
        /// How much of it is done.
        done: u64,
        /// How much there is.
        total: u64,
    }
    /// A partner's own request.
    OwnRequestView {
        /// Its id.
        id: String,
        /// Whom it asks.
        organisation: String,
        /// Its revision.
        revision: u64,
        /// Service.
        service: String,
        /// Environment.
        environment: String,
        /// How far it is, as far as this profile knows.
        state: String,
        /// What the organisation wrote last.
        message: Option<String>,
        /// What happens next, in one sentence.
        next: String,
        /// When this revision was written.
        sent: u64,
    }
    /// An envelope, inspected.
    EnvelopeView {
        /// Its id.
        id: String,
        /// From whom.
        organisation: String,
        /// Until when it opens.
        expires: u64,
        /// What was granted: service, environment.
        service: String,
        /// Environment.
        environment: String,
        /// Scopes.
        scopes: Vec<String>,
        /// Networks the key may be used from.
        networks: Vec<String>,
        /// When the key dies.
        key_expires: u64,
        /// Where the interface answers.
        base_url: String,
        /// Who signed.
        signatures: Vec<SignatureView>,
        /// Whether the key works only after the receipt.
        on_receipt: bool,
        /// What a person should know before opening.
        notes: Vec<String>,
    }
    /// A key a partner holds.
    HeldKeyView {
        /// Its id.
        id: String,
        /// From whom.
        organisation: String,
        /// Service.
        service: String,
        /// Environment.
        environment: String,
        /// When it dies.
        expires: u64,
        /// When it was opened.
        opened: u64,
        /// Scopes.
        scopes: Vec<String>,
        /// Where the interface answers.
        base_url: String,
        /// Whether the receipt was written for the organisation.
        receipt: bool,
    }
    /// What this profile is.
    StatusView {
        /// `none`, `locked` or `open`.
        state: String,
        /// `desk` or `inbox`, once it was unlocked.
        kind: Option<String>,
        /// How its person is called.
        name: Option<String>,
        /// What its person reads over the telephone.
        fingerprint: Option<String>,
        /// The organisation's name, once this desk is attached.
        organisation: Option<String>,
        /// Whether a founding waits for its answer.
        founding: bool,
        /// Rights of this desk.
        rights: Vec<String>,
        /// Part of a sample: not for real keys.
        sample: bool,
        /// Where the profile lies.
        folder: String,
        /// Where a sample's people leave files for each other; empty otherwise.
        sample_folder: String,
        /// Files that lie there for somebody, the newest first.
        left: Vec<String>,
        /// Who takes part in the sample; nobody otherwise.
        people: Vec<SamplePerson>,
    }
    /// Somebody in a sample.
    SamplePerson {
        /// How they are called.
        name: String,
        /// `vetter`, `countersigner` or `partner`.
        role: String,
        /// Their profile.
        folder: String,
        /// Whether this is who sits here now.
        here: bool,
        /// What they read over the telephone.
        fingerprint: String,
    }
    /// What the vault's window asks.
    VaultQuestion {
        /// `unlock`, `make`, `recovery`, `done`.
        step: String,
        /// The profile it is about.
        profile: String,
        /// The recovery code, to be written down; in step `recovery` alone.
        recovery: Option<String>,
        /// What was wrong with the last answer.
        failure: Option<Failure>,
    }
    /// What came in.
    ImportView {
        /// `request`, `receipt`, `withdrawal` or `leak report`.
        what: String,
        /// About which request or key.
        id: String,
    }
    /// A signed text.
    DocumentView {
        /// Its version; 0 without one.
        version: u64,
        /// The text, as in the file.
        text: String,
    }
    /// An issuer.
    IssuerView {
        /// Its short name.
        id: String,
        /// `hash-file` or `manual`.
        kind: String,
        /// Where it keeps what it keeps.
        location: Option<String>,
        /// Whether it was stopped.
        stopped: bool,
    }
    /// A card, before it is pinned.
    CardView {
        /// The organisation's name, as the card has it.
        name: String,
        /// When the card ends.
        expires: u64,
        /// Whether the organisation is pinned here already.
        known: bool,
    }
}
