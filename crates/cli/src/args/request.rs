//! Requests: written by partners, vetted and signed by staff.

use std::path::PathBuf;

use clap::Subcommand;

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
