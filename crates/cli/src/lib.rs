//! The countersign command line: unpack, call, show.
//!
//! Here live the grammar and the terminal. What may not live here: a rule, a format, an order in which things are made
//! durable and released; `app` and `host` have those, and a window that calls them gets the same.

mod args;
mod commands;
mod failure;
mod hearing;
mod interview;
mod layout;
mod link;
#[cfg(feature = "mutants")]
mod mutants;
mod output;
mod prompt;
mod session;

use std::process::ExitCode;

use clap::Parser as _;

#[cfg(feature = "mutants")]
pub use mutants::{Mutant, run_mutant};

#[cfg(all(feature = "mutants", not(debug_assertions)))]
compile_error!("mutants release what nobody recorded: they are for tests and never in a release build");

/// The program: reads its arguments, does what they say, and tells how it went by its exit status.
pub fn run() -> ExitCode {
    keep_to_itself();
    // Before anything else: the parser would repeat it where it does not expect it.
    if arguments().skip(1).any(|word| link::is_in(&word)) {
        return output::fail(&failure::Failure::LinkArgument, asks_for_json());
    }
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    let json = cli.json;
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(_) => return ExitCode::from(4),
    };
    match runtime.block_on(commands::dispatch(cli)) {
        Ok(done) => output::show(&done, json),
        Err(failure) => output::fail(&failure, json),
    }
}

/// Help that was asked for is shown as it is; anything else is a failure like any other.
fn not_understood(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    let help = !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if help {
        // Nobody is there to read it: no reason to fail in another way.
        let _ = error.print();
        return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
    }
    output::fail(&failure::Failure::command_line(&error.to_string()), asks_for_json())
}

/// What is on the command line, up to the words of a command that is to be run.
fn arguments() -> impl Iterator<Item = std::ffi::OsString> {
    std::env::args_os().take_while(|word| word != "--")
}

fn asks_for_json() -> bool {
    arguments().any(|word| word == "--json")
}

/// Keys pass through this process: no core file, no debugger of the same user. Windows has no counterpart here.
fn keep_to_itself() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // A system that refuses this runs on as it is: it protects against accidents, not against the user.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
}
