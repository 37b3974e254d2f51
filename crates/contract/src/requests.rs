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
    /// An answer to a check.
    AnswerCheck {
        /// The request.
        request: String,
        /// Which check.
        check: String,
        /// Whether it passed.
        passed: bool,
        /// What the reviewer says.
        note: Option<String>,
        /// Paths of files.
        files: Vec<String>,
    }
    /// Why a finding is acceptable.
    Justify {
        /// The request.
        request: String,
        /// Which finding.
        finding: String,
        /// Why.
        reason: String,
    }
    /// Less than was asked.
    Narrow {
        /// The request.
        request: String,
        /// What would be granted from now on.
        to: Extent,
        /// What would have been granted when it was looked at. Where that is not so any more, nothing is changed.
        from: Extent,
    }
    /// What a grant would open, of what was asked.
    Extent {
        /// Scopes.
        scopes: Vec<String>,
        /// Networks.
        networks: Vec<String>,
        /// Days.
        days: u64,
    }
    /// Which form is being filled in.
    DraftOf {
        /// The request that it revises; none for a new one.
        revises: Option<String>,
        /// The key that it renews.
        renews: Option<String>,
    }
    /// A file that stands behind an answer.
    SaveEvidence {
        /// The request.
        request: String,
        /// Digest of the file.
        digest: String,
        /// Where it goes.
        out: String,
    }
    /// A fingerprint that was heard and typed.
    Typed {
        /// Of whom: a request's id.
        id: String,
        /// What was typed.
        typed: String,
        /// Over which channel.
        channel: CallChannel,
        /// Where the number called came from.
        source: String,
    }
    /// A message to the partner.
    Reply {
        /// The request.
        request: String,
        /// What is written.
        text: String,
        /// Where the sealed message goes; empty where the relay brings it.
        out: String,
    }
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
    /// A link from somewhere.
    LinkSource {
        /// From where.
        from: LinkFrom,
        /// Its file.
        path: Option<String>,
    }
    /// A card over everything that is in force.
    CardWish {
        /// Origin of the organisation's relay; none where it has none.
        relay: Option<String>,
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
    /// Pins an organisation.
    PinCard {
        /// The card.
        card: Incoming,
        /// Its fingerprint; none for a pinned one's newer card.
        heard: Option<HeardFingerprint>,
    }
    /// What a contact fills in.
    Form {
        /// Whom it asks.
        organisation: String,
        /// The request that is revised.
        revises: Option<String>,
        /// The company.
        company: String,
        /// The person who asks.
        person: String,
        /// That person's role.
        role: String,
        /// Where the person is reached.
        email: String,
        /// Who is reached when a key leaks.
        incident_contact: String,
        /// Why the key is needed.
        why: String,
        /// The workflow it serves.
        workflow: String,
        /// How the interface will be used.
        usage: String,
        /// Which data it touches.
        data: String,
        /// Encryption and other safeguards.
        safeguards: String,
        /// Service.
        service: String,
        /// Environment.
        environment: String,
        /// Scopes.
        scopes: Vec<String>,
        /// Source networks.
        networks: Vec<String>,
        /// For how many days.
        days: u64,
        /// Answers to the organisation's questions: short name, answer.
        answers: Vec<(String, String)>,
        /// The grant to be renewed.
        renews: Option<String>,
    }
    /// Sends a request.
    SendForm {
        /// What was filled in.
        form: Form,
        /// Where the sealed request goes; empty where the relay brings it.
        out: String,
    }
    /// A letter about something of one's own.
    WriteAbout {
        /// Which.
        id: String,
        /// What is written.
        text: String,
        /// Where the sealed letter goes; empty where the relay brings it.
        out: String,
    }
    /// Where a file about something goes.
    Out {
        /// Which.
        id: String,
        /// Where; empty where the relay brings it.
        out: String,
    }
    /// An envelope and its secret.
    EnvelopeSource {
        /// The envelope.
        envelope: Incoming,
        /// The secret that travelled apart: 43 characters, or the whole link.
        secret: String,
    }
    /// Saves a key where it runs.
    SaveKey {
        /// Which.
        id: String,
        /// As what.
        form: SaveForm,
        /// Where.
        out: String,
        /// Name of the variable.
        name: Option<String>,
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
