//! The shipped program; `lib.rs` has all of it.

use std::process::ExitCode;

fn main() -> ExitCode {
    countersign_cli::run()
}
