//! Windows of other profiles: what one of them can read is handed to a process of its own.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use countersign_host::Given;

use crate::arguments::HANDED;

/// Starts a window for each of these profiles, with what it is to show.
pub(crate) fn start(others: BTreeMap<PathBuf, Given>) {
    for (folder, given) in others {
        // A window that does not open loses nothing: the file is where it was, and the address can be opened again.
        let _ = start_one(&folder, &given);
    }
}

fn start_one(folder: &Path, given: &Given) -> std::io::Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--profile").arg(folder).arg(HANDED).stdin(Stdio::piped());
    let mut child = command.spawn()?;
    match child.stdin.take() {
        Some(mut to) => to.write_all(&given.pack()),
        None => Ok(()),
    }
}
