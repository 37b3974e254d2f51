//! `countersign-relay`: reads its settings, opens its database and its sockets, and serves until it is told to stop.
//!
//! Here live settings, sockets, signals, the log (`note.rs`) and what an operator asks for by hand. What may not live here:
//! anything that decides who gets what; the library does.

mod clock;
mod config;
mod failure;
mod files;
mod handed;
mod metrics;
mod minute;
mod note;
mod operate;
mod signals;
mod tls;
mod watching;
mod witnessing;

use std::{io::Write as _, process::ExitCode};

use clap::{CommandFactory as _, Parser as _};

use self::{
    config::{Command, CommandLine, Kept, Settings},
    failure::Failure,
};

fn main() -> ExitCode {
    keep_to_itself();
    let line = match CommandLine::try_parse() {
        Ok(line) => line,
        Err(error) => return not_understood(&error),
    };
    let done = match line.command {
        Some(Command::Man) => man(),
        Some(Command::Witness) => Kept::of(line).and_then(|kept| run(witnessing::show(kept))),
        Some(Command::ForgetHead { ref organisation, size }) => {
            let organisation = organisation.clone();
            Kept::of(line).and_then(|kept| run(witnessing::forget(kept, &organisation, size)))
        }
        None => Settings::of(line).and_then(|settings| run(operate::operate(settings))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

fn run(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|_| Failure::System)?.block_on(work)
}

/// The manual page, on standard output.
fn man() -> Result<(), Failure> {
    let page = clap_mangen::Man::new(CommandLine::command());
    page.render(&mut std::io::stdout().lock()).map_err(|_| Failure::System)
}

/// Help that was asked for is shown as it is; anything else is a failure like any other.
fn not_understood(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        return fail(&Failure::command_line(&error.to_string()));
    }
    // Nobody is there to read it: no reason to fail in another way.
    let _ = error.print();
    ExitCode::SUCCESS
}

fn fail(failure: &Failure) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "countersign-relay: {failure} {}", failure.advice());
    ExitCode::from(failure.exit())
}

/// Keys of TLS and of the nonces are in this process: no core file, no debugger of the same user.
fn keep_to_itself() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // A system that refuses this runs on as it is.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
}
