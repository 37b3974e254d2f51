//! Profiles, and how two people compare identities.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Profile {
    /// Makes a profile with a new identity.
    #[command(after_help = "Examples:
  countersign profile new --kind desk --name \"Alice Lindqvist\"
  countersign profile new --kind desk --name \"Alice Lindqvist\" --slot passphrase
  countersign --profile ./noor profile new --kind inbox --name \"Noor Haddad\"")]
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
    Show {
        /// The fingerprint as nine words.
        #[arg(long)]
        words: bool,
    },
    /// Writes the identity card, for admins who admit this person.
    Card {
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Adds a recovery code and shows it once. Write it down; it is kept nowhere.
    Recovery {
        /// File to write it to instead of the terminal.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
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
pub(crate) enum Identity {
    /// Shows your own fingerprint, to read aloud.
    Show {
        /// As nine words: whoever listens may type either form.
        #[arg(long)]
        words: bool,
    },
    /// Compares a partner's fingerprint: the partner reads, you type.
    #[command(after_help = "Examples:
  countersign identity check 5y47agm7xa --channel phone --source \"company register\"")]
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

/// How a fingerprint is heard. What is not said is asked for at a terminal.
#[derive(Args)]
pub(crate) struct Hearing {
    /// How you hear the fingerprint.
    #[arg(long)]
    pub(crate) channel: Option<Channel>,
    /// Where the number you called came from: never from whoever reads, nor from what they sent.
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// Take the fingerprint from a pipe, where nobody is known to have heard it. It is marked as unattended.
    #[arg(long)]
    pub(crate) unattended: bool,
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
