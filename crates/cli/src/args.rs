//! The grammar: `countersign NOUN VERB`. Help is written for somebody who sees it for the first time.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Hands API keys to partner companies: two people sign, one envelope, one record.
#[derive(Parser)]
#[command(name = "countersign", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Folder of the profile to act as. Default: the profile of this user.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) profile: Option<PathBuf>,
    /// How to unlock it: keychain, ask, file:PATH (a key file, or a passphrase on the first line), fd:N.
    #[arg(long, global = true, value_name = "HOW")]
    pub(crate) unlock: Option<String>,
    /// One JSON document on standard output, prose on standard error.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) noun: Noun,
}

#[derive(Subcommand)]
pub(crate) enum Noun {
    /// Profiles: one person on one desk, or one contact of a partner.
    #[command(subcommand)]
    Profile(Profile),
    /// The organisation: founding by two people, attaching a desk to its ledger.
    #[command(subcommand)]
    Org(Org),
    /// Members: admission, rights, renewal, suspension.
    #[command(subcommand)]
    Member(Member),
    /// The policy.
    #[command(subcommand)]
    Policy(Policy),
    /// The catalogue of services, environments and scopes.
    #[command(subcommand)]
    Catalogue(Catalogue),
    /// Issuers: the systems that make and stop keys.
    #[command(subcommand)]
    Issuer(Issuer),
    /// The organisation's card, which partners pin.
    #[command(subcommand)]
    Card(Card),
    /// Changes that wait for a second admin.
    #[command(subcommand)]
    Change(Change),
    /// Identities and fingerprints.
    #[command(subcommand)]
    Identity(Identity),
    /// Requests: asking, vetting, signing.
    #[command(subcommand)]
    Request(Request),
    /// Keys: issuing, listing, stopping.
    #[command(subcommand)]
    Key(Key),
    /// Envelopes: delivering and opening.
    #[command(subcommand)]
    Envelope(Envelope),
    /// Leaks: whose key is this, and telling the organisation.
    #[command(subcommand)]
    Leak(Leak),
    /// The ledger: reading, verifying, proving, exporting.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Texts and attachments beside the ledger.
    #[command(subcommand)]
    Blob(Blob),
    /// Runs a command with a held key in its environment, and nowhere else.
    Run(Run),
    /// Completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Manual pages.
    Man {
        /// Folder to write them to.
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// For a member of the organisation.
    Desk,
    /// For a partner's contact.
    Inbox,
}

#[derive(Subcommand)]
pub(crate) enum Profile {
    /// Makes a profile with a new identity.
    New {
        /// What it is for.
        #[arg(long)]
        kind: Kind,
        /// How the person is called.
        #[arg(long)]
        name: String,
        /// Ways of unlocking it: keychain (default), passphrase, key-file:PATH. May be given several times.
        #[arg(long, value_name = "SLOT")]
        slot: Vec<String>,
    },
    /// Shows the profile and the fingerprint its person reads aloud.
    Show,
    /// Writes the identity card, for admins who admit this person.
    Card {
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Adds a recovery code and shows it once. Write it down; it is kept nowhere.
    Recovery {
        /// File to write it to instead of the terminal.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Org {
    /// The first founder begins.
    Found {
        /// Name of the organisation.
        #[arg(long)]
        name: String,
        /// Offer for the second founder.
        #[arg(long)]
        out: PathBuf,
        /// Your half of the offline succession: print it, lock it away, delete the file.
        #[arg(long)]
        half_out: PathBuf,
    },
    /// The second founder answers, after typing the first one's fingerprint.
    Answer {
        /// The offer.
        offer: PathBuf,
        /// Answer for the first founder.
        #[arg(long)]
        out: PathBuf,
        /// Your half of the offline succession.
        #[arg(long)]
        half_out: PathBuf,
    },
    /// The first founder completes, after typing the second one's fingerprint. The ledger begins.
    Complete {
        /// The answer.
        answer: PathBuf,
        /// The ledger to create.
        #[arg(long)]
        log: PathBuf,
    },
    /// Attaches this desk to the organisation's ledger.
    Attach {
        /// The ledger.
        #[arg(long)]
        log: PathBuf,
    },
    /// Shows the organisation.
    Show,
}

#[derive(Subcommand)]
pub(crate) enum Member {
    /// Lists members.
    List,
    /// Proposes a member, after typing the fingerprint. A second admin confirms.
    Propose {
        /// The joiner's identity card.
        card: PathBuf,
        /// Rights: vet, approve, issue, admin; or audit alone.
        #[arg(long, value_delimiter = ',', required = true)]
        rights: Vec<String>,
        /// An agent: no person, with the right to issue only.
        #[arg(long)]
        agent: bool,
        /// The person, where this is a further desk of one.
        #[arg(long)]
        person: Option<String>,
    },
    /// Proposes to certify a member anew.
    Renew {
        /// Which member.
        id: String,
        /// Its identity card; not needed for oneself.
        #[arg(long)]
        card: Option<PathBuf>,
        /// Other rights than before.
        #[arg(long, value_delimiter = ',')]
        rights: Option<Vec<String>>,
    },
    /// Suspends a member at once, and replaces the keys it knew.
    Suspend {
        /// Which member.
        id: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// Hands a member the shared keys it is due.
    Share {
        /// Which member.
        id: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum Policy {
    /// Shows the policy in force.
    Show,
    /// Proposes a policy. Fields that the file does not name stay.
    Propose {
        /// TOML file.
        file: PathBuf,
    },
    /// Tightens the policy alone, at once.
    Tighten {
        /// TOML file.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum Catalogue {
    /// Shows the catalogue in force.
    Show,
    /// Proposes a catalogue.
    Propose {
        /// TOML file.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum Issuer {
    /// Lists issuers.
    List,
    /// Proposes an issuer, or new terms for one.
    Propose {
        /// TOML file.
        file: PathBuf,
    },
    /// Stops an issuer alone, at once: it makes no new keys.
    Stop {
        /// Which issuer.
        id: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum Card {
    /// Proposes a card over everything in force. A second admin confirms.
    Propose {
        /// Origin of the relay, such as https://keys.example.com.
        #[arg(long)]
        relay: Option<String>,
    },
    /// Writes the newest card.
    Export {
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Pins an organisation, after typing the fingerprint it read to you.
    Pin {
        /// The card.
        file: PathBuf,
        /// Where the number you called came from: never from the card or its sender.
        #[arg(long)]
        source: String,
    },
    /// Lists pinned organisations and what they offer.
    List,
}

#[derive(Subcommand)]
pub(crate) enum Change {
    /// Lists changes that wait.
    List,
    /// Shows one in full.
    Show {
        /// Which change.
        id: String,
    },
    /// Confirms a change that another admin proposed.
    Confirm {
        /// Which change.
        id: String,
        /// Digest of what you were shown; without it the change is shown and you type yes.
        #[arg(long)]
        digest: Option<String>,
    },
    /// Takes a change back, or turns it down.
    Drop {
        /// Which change.
        id: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum Identity {
    /// Shows your own fingerprint, to read aloud.
    Show,
    /// Compares a partner's fingerprint: the partner reads, you type.
    Check {
        /// A request of that partner.
        request: String,
        /// How you hear it.
        #[arg(long)]
        channel: Channel,
        /// Where the number you called came from: never from the request.
        #[arg(long)]
        source: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Channel {
    /// By telephone.
    Phone,
    /// In a video call.
    Video,
    /// In the same room.
    InPerson,
}

#[derive(Subcommand)]
pub(crate) enum Request {
    /// Writes a request form to fill in.
    Template {
        /// File to write; standard output without it.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Signs and seals a filled-in form.
    New {
        /// TOML file.
        file: PathBuf,
        /// Letter for the organisation.
        #[arg(long)]
        out: PathBuf,
        /// Which pinned organisation.
        #[arg(long)]
        organisation: Option<String>,
    },
    /// Sends a changed version of a request.
    Revise {
        /// Which request.
        id: String,
        /// TOML file.
        file: PathBuf,
        /// Letter for the organisation.
        #[arg(long)]
        out: PathBuf,
    },
    /// Takes a request back.
    Withdraw {
        /// Which request.
        id: String,
        /// Letter for the organisation.
        #[arg(long)]
        out: PathBuf,
    },
    /// Opens a letter from the organisation.
    Read {
        /// The letter.
        file: PathBuf,
    },
    /// Takes in what a partner sent: a request, a notice, a receipt.
    Import {
        /// The file.
        file: PathBuf,
    },
    /// Lists requests.
    List {
        /// Only in this state.
        #[arg(long)]
        state: Option<String>,
        /// Only where every word occurs.
        #[arg(long)]
        text: Option<String>,
    },
    /// Shows a request: what is asked beside what would be granted.
    Show {
        /// Which request.
        id: String,
    },
    /// Answers a check, with evidence.
    Answer {
        /// Which request.
        id: String,
        /// who, why, scope or protection.
        check: String,
        /// What you found.
        #[arg(long)]
        note: Option<String>,
        /// Evidence files.
        #[arg(long)]
        file: Vec<PathBuf>,
        /// The check was not passed.
        #[arg(long)]
        failed: bool,
    },
    /// Writes down why a finding is acceptable.
    Justify {
        /// Which request.
        id: String,
        /// Code of the finding.
        finding: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Narrows what would be granted. What is not named stays.
    Narrow {
        /// Which request.
        id: String,
        /// Scopes that stay.
        #[arg(long)]
        scope: Vec<String>,
        /// Networks that stay, or narrower ones.
        #[arg(long)]
        network: Vec<String>,
        /// Days.
        #[arg(long)]
        days: Option<u64>,
    },
    /// Asks the partner for changes.
    Ask {
        /// Which request.
        id: String,
        /// What should be changed.
        #[arg(long)]
        text: String,
        /// Letter for the partner.
        #[arg(long)]
        out: PathBuf,
    },
    /// Declines a request.
    Decline {
        /// Which request.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Letter for the partner.
        #[arg(long)]
        out: PathBuf,
    },
    /// Gives the first signature.
    Vet {
        /// Which request.
        id: String,
        /// Sign without being asked.
        #[arg(long)]
        yes: bool,
    },
    /// Gives the second signature.
    Countersign {
        /// Which request.
        id: String,
        /// Digest of the grant you were shown; without it the grant is shown and you type yes.
        #[arg(long)]
        grant: Option<String>,
    },
}

#[derive(Args)]
pub(crate) struct Pasted {
    /// File that holds the key, for issuers that do not make keys.
    #[arg(long, conflicts_with = "key_stdin")]
    pub(crate) key_file: Option<PathBuf>,
    /// The key comes on standard input.
    #[arg(long)]
    pub(crate) key_stdin: bool,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON.
    Json,
    /// CSV that no spreadsheet takes for formulas.
    Csv,
}

#[derive(Subcommand)]
pub(crate) enum Key {
    /// Issues the key of a countersigned request.
    Issue {
        /// Which request.
        request: String,
        #[command(flatten)]
        pasted: Pasted,
    },
    /// Makes another key within the same grant.
    Rotate {
        /// Which key it takes the place of.
        key: String,
        #[command(flatten)]
        pasted: Pasted,
    },
    /// Completes what was interrupted: activation, stops, leftovers.
    Finish,
    /// Gives up a key that was about to be made.
    Abandon {
        /// Which key.
        key: String,
    },
    /// Lists keys.
    List {
        /// Only in this state.
        #[arg(long)]
        state: Option<String>,
        /// Only where every word occurs.
        #[arg(long)]
        text: Option<String>,
        /// Only those that end within so many days, soonest first.
        #[arg(long, value_name = "DAYS")]
        expiring: Option<u64>,
    },
    /// Shows a key.
    Show {
        /// Which key.
        key: String,
    },
    /// Puts keys on the record that were handed out before: by fingerprint only.
    Import {
        /// TOML file.
        file: PathBuf,
    },
    /// Writes the list of keys to a file.
    Export {
        /// File to write.
        #[arg(long)]
        out: PathBuf,
        /// In which form.
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
    /// Stops keys at once. --preview shows which, and changes nothing.
    Revoke {
        /// These keys.
        #[arg(long)]
        key: Vec<String>,
        /// All keys of the partner behind this request.
        #[arg(long)]
        partner: Option<String>,
        /// All keys of a service.
        #[arg(long)]
        service: Option<String>,
        /// Only in this environment of the service.
        #[arg(long, requires = "service")]
        environment: Option<String>,
        /// leaked, partner-asked, ended, replaced, mistake or precaution.
        #[arg(long)]
        reason: String,
        /// Switch off reversibly instead.
        #[arg(long)]
        disable: bool,
        /// Only show what would be stopped.
        #[arg(long)]
        preview: bool,
    },
    /// Confirms that a key was stopped by hand.
    Confirm {
        /// Which key.
        key: String,
        /// How you know.
        #[arg(long)]
        evidence: String,
    },
    /// Judges a key on standard input as a gateway does.
    Check {
        /// The hash file.
        #[arg(long)]
        hash_file: PathBuf,
    },
}

// Without a group of its own: the verb `save` has that name.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Save {
    /// Writes NAME='key' to this file.
    #[arg(long)]
    pub(crate) dotenv: Option<PathBuf>,
    /// Writes a Kubernetes Secret to this file.
    #[arg(long)]
    pub(crate) kubernetes: Option<PathBuf>,
    /// Writes exactly the key to this file.
    #[arg(long)]
    pub(crate) compose: Option<PathBuf>,
    /// Writes the key to standard output.
    #[arg(long)]
    pub(crate) stdout: bool,
    /// Name of the variable. Default: from the service.
    #[arg(long)]
    pub(crate) name: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum Envelope {
    /// Hands an envelope over as a file, and its secret apart from it.
    Deliver {
        /// Which key.
        key: String,
        /// The envelope.
        #[arg(long)]
        out: PathBuf,
        /// Its secret: send it over another channel.
        #[arg(long)]
        secret_out: PathBuf,
        /// Also as QR codes (PNG and SVG) in this folder; the secret is not among them.
        #[arg(long)]
        qr_dir: Option<PathBuf>,
        /// Also as QR codes on the terminal.
        #[arg(long)]
        qr_terminal: bool,
    },
    /// Judges an envelope without any effect.
    Inspect {
        /// The envelope, or pictures of its codes.
        #[arg(required = true)]
        file: Vec<PathBuf>,
        /// File with the secret; asked for without it.
        #[arg(long)]
        secret_file: Option<PathBuf>,
    },
    /// Opens an envelope: the key is kept here, and saved where it runs.
    Open {
        /// The envelope, or pictures of its codes.
        #[arg(required = true)]
        file: Vec<PathBuf>,
        /// File with the secret; asked for without it.
        #[arg(long)]
        secret_file: Option<PathBuf>,
        #[command(flatten)]
        save: Save,
        /// Receipt for the organisation.
        #[arg(long)]
        receipt_out: Option<PathBuf>,
    },
    /// Saves a held key once more.
    Save {
        /// Which key.
        key: Option<String>,
        #[command(flatten)]
        save: Save,
    },
    /// Writes the receipt of a held key.
    Receipt {
        /// Which key.
        key: Option<String>,
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum Leak {
    /// Finds the holder of every known key in a text.
    Find {
        /// The text; - for standard input.
        file: PathBuf,
        /// Also revoke what was found.
        #[arg(long)]
        revoke: bool,
    },
    /// Tells the organisation that a held key leaked.
    Report {
        /// Which key.
        key: String,
        /// What happened.
        #[arg(long)]
        text: String,
        /// Letter for the organisation.
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum Ledger {
    /// Lists entries.
    List {
        /// From this place on.
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Derives everything again from the first entry on, and names the first bad one.
    Verify,
    /// Writes evidence of one entry for an outsider.
    Prove {
        /// Which place.
        seq: u64,
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Checks evidence. Needs no profile.
    Check {
        /// The evidence.
        file: PathBuf,
        /// Also type the organisation's fingerprint.
        #[arg(long)]
        fingerprint: bool,
    },
    /// Writes all entries to a file.
    Export {
        /// File to write.
        #[arg(long)]
        out: PathBuf,
        /// In which form.
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
}

#[derive(Subcommand)]
pub(crate) enum Blob {
    /// Erases a text or attachment; that it was erased, by whom and why stays on the record.
    Erase {
        /// Its name, 64 hexadecimal characters.
        name: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
}

#[derive(Args)]
pub(crate) struct Run {
    /// Which held key.
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Name of the variable. Default: from the service.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The command.
    #[arg(last = true, required = true)]
    pub(crate) command: Vec<std::ffi::OsString>,
}
