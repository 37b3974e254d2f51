//! The web view's own sandbox, on Linux. Pages run in processes that see neither the user's files nor other programs
//! (bubblewrap); WebKitGTK switches that on when it is started with a word in its environment, and no other way is open to
//! us (decision 0012).
//!
//! Here live the look whether this machine can do that, and the step from one program to the next. What may not live here:
//! anything that loads a web view, for `countersign-launch` is to be through before anybody notices.
#![cfg(target_os = "linux")]

use std::{
    io::{Error, ErrorKind},
    os::unix::process::CommandExt as _,
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
    command.args(std::env::args_os().skip(1));
    if locked_up {
        command.env(WORD, "1");
    }
    command.exec()
}

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
