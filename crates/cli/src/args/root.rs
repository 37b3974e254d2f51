//! The root of trust: who certifies.

use std::path::PathBuf;

use clap::Subcommand;

use super::Hearing;

#[derive(Subcommand)]
pub(crate) enum Root {
    /// Shows who certifies, which keys were offered, and what waits for signatures.
    Show,
    /// Makes a new key to certify with on this desk, and offers it: for an admin who is to certify, or who lost the key.
    Key {
        /// Your new half of the offline succession: print it, lock it away, delete the file.
        #[arg(long)]
        half_out: PathBuf,
    },
    /// Proposes the next root with your signature. Another certifier confirms, and everybody whose key is new in it.
    Propose {
        /// A person whose offered key comes in, in place of the one before. May be given several times.
        #[arg(long, value_name = "PERSON")]
        with: Vec<String>,
        /// A person who certifies no more. May be given several times.
        #[arg(long, value_name = "PERSON")]
        without: Vec<String>,
        /// The two persons whose new halves on paper take the place of the old ones.
        #[arg(long, value_name = "PERSON", num_args = 2)]
        halves: Vec<String>,
    },
    /// Signs the root that waits.
    Confirm {
        /// Digest of what you were shown; without it the root is shown and you type yes.
        #[arg(long)]
        digest: Option<String>,
    },
    /// Takes the root that waits back, or turns it down.
    Drop,
}

#[derive(Subcommand)]
pub(crate) enum Succeed {
    /// Whoever is still a member begins, with one half at hand.
    Begin {
        /// File with your half; without it you type it.
        #[arg(long)]
        half: Option<PathBuf>,
        /// Offer for the person with the other half.
        #[arg(long)]
        out: PathBuf,
        /// Your new half of the offline succession: print it, lock it away, delete the file.
        #[arg(long)]
        half_out: PathBuf,
    },
    /// The person with the other half answers, after typing the first one's fingerprint.
    Answer {
        /// The offer.
        offer: PathBuf,
        /// File with your half; without it you type it.
        #[arg(long)]
        half: Option<PathBuf>,
        /// Answer for the first.
        #[arg(long)]
        out: PathBuf,
        /// Your new half of the offline succession.
        #[arg(long)]
        half_out: PathBuf,
        #[command(flatten)]
        hearing: Hearing,
    },
    /// The first completes, after typing the second one's fingerprint. The new root is in force.
    Complete {
        /// The answer.
        answer: PathBuf,
        /// File with your half; without it you type it.
        #[arg(long)]
        half: Option<PathBuf>,
        #[command(flatten)]
        hearing: Hearing,
    },
}
