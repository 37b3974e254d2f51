//! The web view's own sandbox. Pages run in processes that see neither the user's files nor other programs (bubblewrap);
//! WebKitGTK switches that on when it is started with a word in its environment, and no other way is open to us
//! (decision 0012).

use std::{
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
};

const WORD: &str = "WEBKIT_FORCE_SANDBOX";

/// Starts this program again with the sandbox on, in the same process; returns where the machine cannot do that, and where
/// somebody chose already.
pub(crate) fn enter() {
    if std::env::var_os(WORD).is_some() || !is_possible() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    // It only comes back if it could not: then the window opens without.
    let _ = Command::new(program).args(std::env::args_os().skip(1)).env(WORD, "1").exec();
}

/// Whether a process can be locked up on this machine: in a container, or where the system forbids it to users, a web view
/// that insisted on it would stay empty.
fn is_possible() -> bool {
    let quietly = |program: &str, words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    quietly("xdg-dbus-proxy", &["--version"])
        && quietly(
            "bwrap",
            &["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"],
        )
}
