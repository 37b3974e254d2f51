//! Hands an envelope over before the ledger has its record. Only for the tests that must notice.

use std::process::ExitCode;

fn main() -> ExitCode {
    countersign_cli::run_mutant(countersign_cli::Mutant::ReleaseFirst)
}
