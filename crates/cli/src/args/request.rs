//! Requests: written by partners, vetted and signed by staff.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Request {
    /// Writes a request form to fill in.
    Template {
        /// File to write; standard output without it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Asks for a key: signs and seals a request. Without a form it is asked for field by field.
    New(New),
    /// Sends a changed version of a request. Without a form what you answered before is asked for again.
    Revise {
        /// Which request: any beginning of its id.
        id: String,
        /// Filled-in form.
        form: Option<PathBuf>,
        /// Letter for the organisation, to be sent by hand. Without it the revision goes through the relay.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Takes a request back.
    Withdraw {
        /// Which request.
        id: String,
        /// Letter for the organisation, to be sent by hand. Without it the notice goes through the relay.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Opens a letter from the organisation that came as a file. What comes through the relay: 'relay sync'.
    Read {
        /// The letter: its file, a file with its text, or pictures of its codes.
        #[arg(required = true)]
        file: Vec<PathBuf>,
    },
    /// Takes in what a partner sent as a file: a request, a notice, a receipt. What comes through the relay: 'relay sync'.
    Import {
        /// What came: its file, a file with its text, or pictures of its codes.
        #[arg(required = true)]
        file: Vec<PathBuf>,
    },
    /// Lists requests: what waits for you first. A partner sees its own, with what happens next.
    List(RequestList),
    /// Shows a request: what is asked beside what would be granted.
    Show {
        /// Which request; the only open one without it.
        id: Option<String>,
    },
    /// Answers a check, with evidence.
    #[command(after_help = "Examples:
  countersign request answer 5y47agm7xa who --note \"In the register.\" --file r.pdf
  countersign request answer 5y47agm7xa scope --note \"Reading would do.\" --failed")]
    Answer {
        /// Which request.
        id: String,
        /// who, why, scope or protection.
        check: String,
        /// What you found.
        #[arg(long)]
        note: Option<String>,
        /// Evidence files.
        #[arg(long, value_name = "FILE")]
        file: Vec<PathBuf>,
        /// The check was not passed.
        #[arg(long)]
        failed: bool,
    },
    /// Writes a file that stands behind an answer to where you can look at it.
    #[command(after_help = "Examples:
  countersign request evidence 5y47agm7xa 3fe1c02b9a --out register.pdf")]
    Evidence {
        /// Which request.
        id: String,
        /// Which file: its digest as `request show` names it.
        file: String,
        /// Where it goes.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
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
    #[command(after_help = "Examples:
  countersign request narrow 5y47agm7xa --days 30
  countersign request narrow 5y47agm7xa --scope orders:read")]
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
        /// The letter as a file too, to be sent by hand. Needed where the card names no relay.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Declines a request.
    Decline {
        /// Which request.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// The letter as a file too, to be sent by hand. Needed where the card names no relay.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Gives the first signature.
    Vet {
        /// Which request; the only one that waits for it without it.
        id: Option<String>,
        /// Sign what is shown without being asked: for a script that has read the request.
        #[arg(long)]
        yes: bool,
    },
    /// Gives the second signature.
    Countersign {
        /// Which request; the only one that waits for it without it.
        id: Option<String>,
        /// Digest of the grant you were shown; without it the grant is shown and you type yes.
        #[arg(long)]
        grant: Option<String>,
    },
}

#[derive(Args)]
#[command(after_help = "Examples:
  countersign request new                            asks field by field, and sends it through the relay
  countersign request new --file form.toml --out letter   signs a filled-in form
  countersign request new --file draft.toml --edit   asks, with what it says
  countersign request new --renews 3f9c2k7a1b        asks for a renewal")]
pub(crate) struct New {
    /// Filled-in form (the same as --file).
    pub(crate) form: Option<PathBuf>,
    /// Filled-in form: 'request template' writes one, and so does 'save' at the end of the questions.
    #[arg(long, value_name = "FILE", conflicts_with = "form")]
    pub(crate) file: Option<PathBuf>,
    /// Ask for everything all the same; Enter keeps what the form says.
    #[arg(long)]
    pub(crate) edit: bool,
    /// Letter for the organisation, to be sent by hand. Without it the request goes through the relay; where the card names
    /// none, you are asked for it.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Which pinned organisation: any beginning of its id.
    #[arg(long)]
    pub(crate) organisation: Option<String>,
    /// The key you hold that is to be renewed.
    #[arg(long, value_name = "KEY")]
    pub(crate) renews: Option<String>,
}

#[derive(Args)]
#[command(after_help = "Examples:
  countersign request list --waiting-for me
  countersign request list --partner oakbridge --state received
  countersign request list --service shipments/production --unread")]
pub(crate) struct RequestList {
    /// Only in this state: received, changes-asked, vetted, countersigned, issued, declined, withdrawn.
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Only of partners with this in their name.
    #[arg(long)]
    pub(crate) partner: Option<String>,
    /// Only for this service, or SERVICE/ENVIRONMENT.
    #[arg(long)]
    pub(crate) service: Option<String>,
    /// Only what waits for: me, partner, or a member's name.
    #[arg(long, value_name = "WHO")]
    pub(crate) waiting_for: Option<String>,
    /// Only what was never shown on this desk.
    #[arg(long)]
    pub(crate) unread: bool,
    /// Only where every word occurs.
    #[arg(long, visible_alias = "text", value_name = "TEXT")]
    pub(crate) search: Option<String>,
}
