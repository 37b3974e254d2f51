//! The web view's own sandbox, on Linux. Pages run in processes that see neither the user's files nor other programs
//! (bubblewrap); WebKitGTK switches that on when it is started with a word in its environment, and no other way is open to
//! us (decision 0012).
//!
//! Here live the look whether this machine can do that, and the step from one program to the next. What may not live here:
//! anything that loads a web view, for `countersign-launch` is to be through before anybody notices.
#![cfg(target_os = "linux")]

use std::{
    ffi::OsString,
    io::{Error, ErrorKind, PipeReader, Write as _},
    os::unix::{ffi::OsStrExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const WORD: &str = "WEBKIT_FORCE_SANDBOX";
const WINDOW: &str = "countersign-desktop";

/// What becomes of `countersign-launch`: the window in the same process, with the sandbox on where the machine can do that.
/// Comes back only if there is no window to start.
#[must_use]
pub fn launch() -> Error {
    match std::env::current_exe() {
        Ok(own) => match window(&own) {
            Some(window) => become_program(&window, !is_chosen() && is_possible()),
            None => ErrorKind::NotFound.into(),
        },
        Err(error) => error,
    }
}

/// For a window that was started by itself: starts it again with the sandbox on. Returns where the machine cannot do that,
/// and where it was decided already.
pub fn enter() {
    if is_chosen() || !is_possible() {
        return;
    }
    let Ok(own) = std::env::current_exe() else { return };
    // It only comes back if it could not: then the window opens without.
    let _ = become_program(&own, true);
}

/// Installed, the window is where users do not look for programs; while building, both lie side by side.
fn window(own: &Path) -> Option<PathBuf> {
    let folder = own.parent()?;
    let places = [folder.join("../lib/countersign").join(WINDOW), folder.join(WINDOW)];
    // Installed, this program has the window's name: it must not start itself for ever.
    places.into_iter().find(|place| place.is_file() && place != own)
}

fn become_program(program: &Path, locked_up: bool) -> Error {
    let mut command = Command::new(program);
    match hide(std::env::args_os().skip(1).collect()) {
        Ok((words, None)) => command.args(words),
        Ok((words, Some(pipe))) => command.args(words).stdin(pipe),
        Err(error) => return error,
    };
    if locked_up {
        command.env(WORD, "1");
    }
    command.exec()
}

/// An address has the secret of an envelope in it, and everybody on the machine can read the arguments of a program for as
/// long as it runs: it goes on through a pipe, in the form that the window knows (`given` in `crates/host`).
fn hide(words: Vec<OsString>) -> Result<(Vec<OsString>, Option<PipeReader>), Error> {
    let is_address = |word: &OsString| ADDRESSES.iter().any(|scheme| word.as_bytes().starts_with(scheme));
    if words.iter().any(|word| word == HANDED) || !words.iter().any(is_address) {
        return Ok((words, None));
    }
    let (addresses, mut words): (Vec<_>, Vec<_>) = words.into_iter().partition(is_address);
    let (from, mut to) = std::io::pipe()?;
    let parts = addresses.iter().map(|address| address.as_bytes());
    if parts.clone().map(<[u8]>::len).sum::<usize>() > LIMIT {
        return Err(ErrorKind::ArgumentListTooLong.into());
    }
    for address in parts {
        to.write_all(b"a")?;
        to.write_all(&u32::try_from(address.len()).unwrap_or(u32::MAX).to_be_bytes())?;
        to.write_all(address)?;
    }
    words.push(HANDED.into());
    Ok((words, Some(from)))
}

/// How addresses begin that a browser hands on.
const ADDRESSES: [&[u8]; 2] = [b"countersign:", b"https:"];
/// How the window is told that something comes over its standard input.
const HANDED: &str = "--given";
/// Less than a pipe holds: what is written waits in it for the window.
const LIMIT: usize = 32 * 1024;

fn is_chosen() -> bool {
    std::env::var_os(WORD).is_some()
}

/// Whether a process can be locked up on this machine: in a container, or where the system forbids it to users, a web view
/// that insisted on it would stay empty.
fn is_possible() -> bool {
    let lock = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"];
    // Both at once: until they have answered there is nothing on the screen.
    let both = [begin("xdg-dbus-proxy", &["--version"]), begin("bwrap", &lock)];
    both.map(succeeds) == [true, true]
}

fn begin(program: &str, words: &[&str]) -> Option<Child> {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().ok()
}

fn succeeds(child: Option<Child>) -> bool {
    child.is_some_and(|mut child| child.wait().is_ok_and(|status| status.success()))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn an_address_goes_on_through_a_pipe_and_everything_else_as_it_came() {
        let plain = words(&["--profile", "/p", "/tmp/a.countersign", "file:///tmp/b"]);
        let (kept, pipe) = hide(plain.clone()).expect("nothing is written");
        assert!(kept == plain && pipe.is_none(), "there is no secret in it");

        let (kept, pipe) = hide(words(&["/tmp/a", "countersign://e/h/c#s"])).expect("it fits into the pipe");
        assert_eq!(kept, words(&["/tmp/a", HANDED]), "no secret stands in the arguments");
        let mut handed = Vec::new();
        pipe.expect("there is one").read_to_end(&mut handed).expect("it ends");
        assert_eq!(handed, b"a\0\0\0\x15countersign://e/h/c#s");

        let long = format!("https:{}", "x".repeat(LIMIT));
        assert!(hide(words(&[&long])).is_err(), "what no pipe holds would wait for ever");
        let (kept, pipe) = hide(words(&[HANDED, "https://h/e/c#s"])).expect("nothing is written");
        assert!(kept.len() == 2 && pipe.is_none(), "whoever hands over already goes on with that");
    }
}
