//! Keys: issued, listed, stopped; and leaks.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;

#[derive(Subcommand)]
pub(crate) enum Key {
    /// Issues the key of a countersigned request.
    Issue {
        /// Which request; the only countersigned one without it.
        request: Option<String>,
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
    /// Completes what was interrupted: keys about to be made, activation, stops, leftovers.
    Finish,
    /// Gives up a key that was about to be made.
    Abandon {
        /// Which key.
        key: String,
    },
    /// Hands an envelope over: by a link through the relay that the card names, or as a file.
    Deliver(Deliver),
    /// Takes an envelope back that is at the relay. Whether its reader was faster is on the record.
    Withdraw {
        /// Which key.
        key: String,
    },
    /// Lists keys.
    #[command(after_help = "Examples:
  countersign key list --expiring 30
  countersign key list --state uploaded
  countersign key list --state active --text oakbridge")]
    List {
        /// Only in this state: sealed, handed-over, uploaded, fetched, withdrawn, expired, opened, active, disabled, revoked.
        #[arg(long)]
        state: Option<String>,
        /// Only where every word occurs.
        #[arg(long)]
        text: Option<String>,
        /// Only those that end within so many days, soonest first.
        #[arg(long, value_name = "DAYS")]
        expiring: Option<u64>,
        /// Only those from before Countersign, vetted by nobody.
        #[arg(long)]
        legacy: bool,
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
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// In which form.
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
    /// Stops keys at once. --preview shows which, and changes nothing.
    #[command(after_help = "Examples:
  countersign key revoke --key 3f9c2k7a1b --reason leaked
  countersign key revoke --partner \"Fabrikam Example\" --reason leaked
  countersign key revoke --partner 5y47agm7xa --reason ended --preview
  countersign key revoke --service shipments --environment sandbox --reason mistake")]
    Revoke {
        /// These keys.
        #[arg(long)]
        key: Vec<String>,
        /// All keys of everybody with this name, keys from before among them; they are listed first, and it takes a
        /// yes. Or: all keys of the identity behind this request.
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
    #[command(after_help = "Examples:
  countersign key confirm 3f9c2k7a1b --evidence \"Deleted; a call with it got 401.\"")]
    Confirm {
        /// Which key.
        key: String,
        /// How you know.
        #[arg(long)]
        evidence: String,
    },
    /// Objects to a disabled key becoming revoked by the passing of a day alone. Two objections hold it; a second
    /// person's order still makes it final.
    Object {
        /// Which key.
        key: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// Judges a key on standard input as a gateway does.
    Check {
        /// The hash file.
        #[arg(long, value_name = "FILE")]
        hash_file: PathBuf,
    },
}

#[derive(Args)]
#[command(after_help = "Examples:
  countersign key deliver                        writes the message with the link to the terminal
  countersign key deliver 3f9c2k7a1b --link-out message.txt
  countersign key deliver --out key.countersign --secret-out key.secret

Whoever has the link cannot open it without the partner's profile; send it to the partner alone all the same.
Delivered again, the same envelope has the same link.")]
pub(crate) struct Deliver {
    /// Which key; the only one that waits for delivery without it.
    pub(crate) key: Option<String>,
    /// How it travels. Default: link; file, where --out is named.
    #[arg(long, value_enum)]
    pub(crate) way: Option<Way>,
    /// Write the message with the link here, not to standard output; in a .png file, the link as a QR code.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "secret_out"])]
    pub(crate) link_out: Option<PathBuf>,
    /// As a file: the envelope.
    #[arg(long, value_name = "FILE", requires = "secret_out")]
    pub(crate) out: Option<PathBuf>,
    /// As a file: its secret. Send it over another channel.
    #[arg(long, value_name = "FILE", requires = "out")]
    pub(crate) secret_out: Option<PathBuf>,
    /// As a file, and as QR codes (PNG and SVG) in this folder; the secret is not among them.
    #[arg(long, value_name = "DIR", requires = "out")]
    pub(crate) qr_dir: Option<PathBuf>,
    /// As a file, and as QR codes on the terminal.
    #[arg(long, requires = "out")]
    pub(crate) qr_terminal: bool,
}

/// How an envelope travels.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// Through the relay: one message with a link.
    Link,
    /// As a file, and its secret apart from it.
    File,
}

#[derive(Args)]
pub(crate) struct Pasted {
    /// File that holds the key, for issuers that do not make keys.
    #[arg(long, value_name = "FILE", conflicts_with = "key_stdin")]
    pub(crate) key_file: Option<PathBuf>,
    /// The key comes on standard input.
    #[arg(long)]
    pub(crate) key_stdin: bool,
}

#[derive(Subcommand)]
pub(crate) enum Leak {
    /// Finds the holder of every known key in a text.
    #[command(after_help = "Examples:
  countersign leak find build.log
  git log -p | countersign leak find -
  countersign leak find build.log --revoke")]
    Find {
        /// The text; - for standard input.
        file: PathBuf,
        /// Also revoke what was found.
        #[arg(long)]
        revoke: bool,
    },
    /// Lists what partners reported as leaked, newest first.
    List,
    /// Tells the organisation that a held key leaked.
    Report {
        /// Which key; the only one held here without it.
        key: Option<String>,
        /// What happened.
        #[arg(long)]
        text: String,
        /// Letter for the organisation, to be sent by hand. Without it the report goes through the relay.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}
