//! A socket in the profile's folder.

use std::{
    fs::Permissions,
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tokio::{
    net::{UnixListener, UnixStream},
    sync::mpsc::UnboundedSender,
};

use super::{Came, take};

pub(super) fn place(folder: &Path) -> PathBuf {
    folder.join("window.sock")
}

/// The folder is this user's alone already; the socket says so too.
pub(super) fn bind(place: &Path) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(place)?;
    std::fs::set_permissions(place, Permissions::from_mode(0o600))?;
    Ok(listener)
}

pub(super) async fn listen(listener: UnixListener, folder: PathBuf, to: UnboundedSender<Came>) {
    while let Ok((stream, _)) = listener.accept().await {
        if is_ours(&stream) {
            take(stream, &folder, &to).await;
        }
    }
}

pub(super) async fn connect(place: &Path) -> io::Result<UnixStream> {
    let stream = UnixStream::connect(place).await?;
    // Nobody else is told an address.
    if is_ours(&stream) { Ok(stream) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// Whether the other end is a process of this user.
fn is_ours(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}
