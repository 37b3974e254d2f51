//! The organisation and whatever two admins must sign.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Hearing, Root, Succeed};

#[derive(Subcommand)]
pub(crate) enum Org {
    /// The first founder begins.
    #[command(after_help = "Examples:
  countersign org found --name \"Your Company\" --out offer --half-out half")]
    Found {
        /// Name of the organisation.
        #[arg(long)]
        name: String,
        /// Offer for the second founder.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Your half of the offline succession: print it, lock it away, delete the file.
        #[arg(long, value_name = "FILE")]
        half_out: PathBuf,
    },
    /// The second founder answers, after typing the first one's fingerprint.
    Answer {
        /// The offer.
        offer: PathBuf,
        /// Answer for the first founder.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Your half of the offline succession.
        #[arg(long, value_name = "FILE")]
        half_out: PathBuf,
        #[command(flatten)]
        hearing: Hearing,
    },
    /// The first founder completes, after typing the second one's fingerprint. The ledger begins.
    Complete {
        /// The answer.
        answer: PathBuf,
        /// The ledger to create.
        #[arg(long, value_name = "LEDGER")]
        log: PathBuf,
        #[command(flatten)]
        hearing: Hearing,
    },
    /// Attaches this desk to the organisation's ledger.
    Attach {
        /// The ledger.
        #[arg(long, value_name = "LEDGER")]
        log: PathBuf,
        #[command(flatten)]
        hearing: Hearing,
    },
    /// Replaces the keys of ledger and letters, for everybody who is a member. Propose a new card after it.
    Rekey,
    /// Shows the organisation.
    Show {
        /// The fingerprint as nine words.
        #[arg(long)]
        words: bool,
    },
    /// The root of trust: whose keys certify, and how a lost one is replaced.
    #[command(subcommand)]
    Root(Root),
    /// The offline succession: both halves on paper replace the certifying keys when two are not left.
    #[command(subcommand)]
    Succeed(Succeed),
}

#[derive(Subcommand)]
pub(crate) enum Member {
    /// Lists members.
    List,
    /// Proposes a member, after typing the fingerprint. A second admin confirms.
    #[command(after_help = "Examples:
  countersign member propose carol.card --rights vet,approve --channel in-person --source \"her desk\"")]
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
        #[command(flatten)]
        hearing: Hearing,
    },
    /// Compares a member's fingerprint: the member reads, you type, and it goes on the record.
    #[command(after_help = "Examples:
  countersign member check 7k2q --channel video --source \"our address book\"")]
    Check {
        /// Which member.
        id: String,
        #[command(flatten)]
        hearing: Hearing,
    },
    /// Proposes to certify a member anew.
    Renew {
        /// Which member.
        id: String,
        /// Its identity card; needed only where its keys changed.
        #[arg(long, value_name = "FILE")]
        card: Option<PathBuf>,
        /// Other rights than before.
        #[arg(long, value_delimiter = ',')]
        rights: Option<Vec<String>>,
    },
    /// Proposes to certify everybody anew whose certificate the root does not carry any more.
    RenewOutdated,
    /// Suspends a member at once, and replaces the keys it knew.
    Suspend {
        /// Which member.
        id: String,
        /// Why.
        #[arg(long)]
        why: String,
        /// Propose it for another member to confirm: for when it would leave fewer than two admins.
        #[arg(long)]
        propose: bool,
    },
    /// Replaces the ledger and receiving keys for everybody who is left.
    Rekey,
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
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Writes an invitation for one partner: the card, and the right to write through the relay.
    #[command(after_help = "Examples:
  countersign card invite --out oakbridge.invitation

One invitation is for one partner: it counts for whoever uses it first. The fingerprint is compared as with a card.")]
    Invite {
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Pins an organisation, after typing the fingerprint it read to you.
    #[command(after_help = "Examples:
  countersign card pin larkfield.invitation --channel phone --source \"the contract of last year\"

How you heard it need not be said for a newer card of an organisation that is pinned already.")]
    Pin {
        /// The card or the invitation: its file, a file with its text, or pictures of its codes.
        #[arg(required = true)]
        file: Vec<PathBuf>,
        #[command(flatten)]
        hearing: Hearing,
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
        /// Which change; the only one that waits without it.
        id: Option<String>,
    },
    /// Confirms a change that another admin proposed.
    Confirm {
        /// Which change; the only one that waits for you without it.
        id: Option<String>,
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
