//! The relay: what waits there and here, and whether it is set up right.

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Relay {
    /// Takes in what waits at the relay, and brings there what waits here. Exit code 5 when anything is due for you.
    #[command(after_help = "Examples:
  countersign relay sync
  countersign relay sync --wait 60       until something comes, a minute at most
  countersign relay sync --follow        tells what comes as it comes
  */10 * * * *  countersign relay sync   in cron

What a rule refuses for now stays at the relay and is tried again.")]
    Sync {
        /// Wait until something comes, but no longer than this.
        #[arg(long, value_name = "SECONDS", conflicts_with = "follow")]
        wait: Option<u64>,
        /// Go on until you stop it. With --json, one document a line.
        #[arg(long)]
        follow: bool,
    },
    /// Judges whether a relay is set up right, from here. Exit code 1 when anything is bad.
    #[command(after_help = "Examples:
  countersign relay check
  countersign relay check https://keys.example.com

It writes nothing there. Run it from outside your network too: partners come from there.")]
    Check {
        /// Its origin; without it the one that the newest card names.
        url: Option<String>,
    },
    /// Shows the key of the relay's witness that this desk goes by, or accepts a new one.
    #[command(after_help = "Examples:
  countersign relay witness
  countersign relay witness --accept relay.example+1f2e3d4c+BAbc…

A relay with another key has lost the old one, or is another. Ask whoever runs it, over a channel you know: there
'countersign-relay witness' prints the key. It counts for all desks once two admins have accepted it.")]
    Witness {
        /// The key, as whoever runs the relay told you.
        #[arg(long, value_name = "KEY")]
        accept: Option<String>,
    },
    /// Shows what waits here for the relay, and what is on its way through it. Asks nobody.
    Status,
}
