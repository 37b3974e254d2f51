//! Keeps its ledger with `synchronous=NORMAL`. Only for the tests that must notice.

use std::process::ExitCode;

fn main() -> ExitCode {
    countersign_cli::run_mutant(countersign_cli::Mutant::NormalSync)
}
