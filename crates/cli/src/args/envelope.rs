//! Envelopes: opened and saved where the key is used.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Envelope {
    /// Hands an envelope over as a file, and its secret apart from it.
    #[command(after_help = "Examples:
  countersign envelope deliver --out key.countersign --secret-out key.secret
Send the first by mail, say, and the secret by another channel.")]
    Deliver {
        /// Which key; the only one that waits for delivery without it.
        key: Option<String>,
        /// The envelope.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Its secret: send it over another channel.
        #[arg(long, value_name = "FILE")]
        secret_out: PathBuf,
        /// Also as QR codes (PNG and SVG) in this folder; the secret is not among them.
        #[arg(long, value_name = "DIR")]
        qr_dir: Option<PathBuf>,
        /// Also as QR codes on the terminal.
        #[arg(long)]
        qr_terminal: bool,
    },
    /// Judges an envelope, and opens nothing. One behind a link is fetched, and waits here until it is opened.
    Inspect {
        #[command(flatten)]
        source: Source,
    },
    /// Opens an envelope: the key is kept here, and saved where it runs.
    #[command(after_help = "Examples:
  countersign envelope open --dotenv .env                  asks for the link, which is not shown
  countersign envelope open --link-file message.txt --compose key
  countersign envelope open key.countersign --dotenv .env --receipt-out receipt
  countersign envelope open key.countersign --secret-file key.secret --compose key

A link is a secret: it never stands on the command line. The receipt of what came by a link goes back by itself.")]
    Open {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        save: Save,
        /// Receipt for the organisation, to be sent by hand.
        #[arg(long, value_name = "FILE")]
        receipt_out: Option<PathBuf>,
    },
    /// Saves a held key once more.
    Save {
        /// Which key.
        key: Option<String>,
        #[command(flatten)]
        save: Save,
    },
    /// Sends the receipt of a held key through the relay, or writes it to a file.
    Receipt {
        /// Which key.
        key: Option<String>,
        /// File to write, to be sent by hand. Without it the receipt goes through the relay.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Where an envelope comes from: a file and its secret, or a link.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Source {
    /// The envelope, or pictures of its codes. Without it a link is asked for, and not shown.
    pub(crate) file: Vec<PathBuf>,
    /// File with the secret of the envelope; asked for without it.
    #[arg(long, value_name = "FILE", requires = "file")]
    pub(crate) secret_file: Option<PathBuf>,
    /// File with the link, with the message it came in, or a picture of its code; - for standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "secret_file"])]
    pub(crate) link_file: Option<PathBuf>,
}

// Without a group of its own: the verb `save` has that name.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Save {
    /// Writes NAME='key' to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) dotenv: Option<PathBuf>,
    /// Writes a Kubernetes Secret to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) kubernetes: Option<PathBuf>,
    /// Writes exactly the key to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) compose: Option<PathBuf>,
    /// Writes the key to standard output.
    #[arg(long)]
    pub(crate) stdout: bool,
    /// Name of the variable. Default: from the service.
    #[arg(long)]
    pub(crate) name: Option<String>,
}

#[derive(Args)]
#[command(after_help = "Examples:
  countersign run -- ./import-orders
  countersign run --key 3f9c2k7a1b --name ORDERS_API_KEY -- python3 job.py")]
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
