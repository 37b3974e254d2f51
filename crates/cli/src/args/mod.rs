//! The grammar: `countersign NOUN VERB`. Help is written for somebody who sees it for the first time.
//!
//! Here live names, options and their help, nouns that are used together share a file. What may not live here: what a verb does (`commands`).

mod envelope;
mod key;
mod ledger;
mod organisation;
mod profile;
mod relay;
mod request;
mod root;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use self::{
    envelope::{Envelope, Run, Save, Source},
    key::{Deliver, Key, Leak, Pasted, Way},
    ledger::{Blob, Format, Ledger},
    organisation::{Card, Catalogue, Change, Issuer, Member, Org, Policy},
    profile::{Channel, Hearing, Identity, Kind, Profile},
    relay::Relay,
    request::{New, Request, RequestList},
    root::{Root, Succeed},
};

/// Hands API keys to partner companies: two people sign, one envelope, one record.
#[derive(Parser)]
#[command(
    name = "countersign",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "To begin:
  countersign profile new --kind desk --name \"Your Name\"    a member of the organisation
  countersign profile new --kind inbox --name \"Your Name\"   a partner who wants a key
  countersign due                                           what waits for you

Manual pages: countersign man --out ~/.local/share/man/man1
Completions:  countersign completions bash
Exit codes:   0 done, 1 refused by a rule, 2 wrong input, 3 integrity or
              cryptography, 4 not available, 5 something is due"
)]
pub(crate) struct Cli {
    /// Folder of the profile to act as. Default: the profile of this user.
    #[arg(long, global = true, value_name = "DIR", help_heading = "With every command")]
    pub(crate) profile: Option<PathBuf>,
    /// How to unlock it: keychain, ask, file:PATH (a key file, or a passphrase on the first line), fd:N.
    #[arg(long, global = true, value_name = "HOW", help_heading = "With every command")]
    pub(crate) unlock: Option<String>,
    /// One JSON document on standard output, prose on standard error.
    #[arg(long, global = true, help_heading = "With every command")]
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
    /// What is due now for you, with the command that does it. Exit code 5 when anything is.
    Due(Due),
    /// Requests: asking, vetting, signing.
    #[command(subcommand)]
    Request(Request),
    /// Keys: issuing, listing, stopping.
    #[command(subcommand)]
    Key(Key),
    /// Envelopes: delivering and opening.
    #[command(subcommand)]
    Envelope(Envelope),
    /// The relay: what comes and goes through it.
    #[command(subcommand)]
    Relay(Relay),
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
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  countersign due
  0 8 * * 1-5  countersign due --quiet    in cron, which mails what is printed
  countersign due --json")]
pub(crate) struct Due {
    /// Print nothing where nothing is due.
    #[arg(long)]
    pub(crate) quiet: bool,
}
