//! A named pipe. Its name is drawn anew each time and stands in the profile's folder: who may not read there neither finds
//! the pipe nor can lay one of their own in its place.

use std::{
    io,
    path::{Path, PathBuf},
};

use countersign_adapters::SystemEntropy;
use countersign_ports::Entropy as _;
use data_encoding::HEXLOWER;
use tokio::{
    net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions},
    sync::mpsc::UnboundedSender,
};

use super::{Came, take};

pub(super) fn place(folder: &Path) -> PathBuf {
    folder.join("window.pipe")
}

/// The first instance of the pipe, and its name.
pub(super) fn bind(place: &Path) -> io::Result<(NamedPipeServer, String)> {
    let mut unique = [0; 16];
    SystemEntropy.fill(&mut unique).map_err(|_| io::ErrorKind::Other)?;
    let name = format!(r"\\.\pipe\countersign-{}", HEXLOWER.encode(&unique));
    let server = ServerOptions::new().first_pipe_instance(true).reject_remote_clients(true).create(&name)?;
    std::fs::write(place, &name)?;
    Ok((server, name))
}

pub(super) async fn listen(bound: (NamedPipeServer, String), folder: PathBuf, to: UnboundedSender<Came>) {
    let (mut server, name) = bound;
    while server.connect().await.is_ok() {
        // The next instance first: meanwhile nobody finds the pipe gone.
        let Ok(next) = ServerOptions::new().reject_remote_clients(true).create(&name) else { return };
        take(std::mem::replace(&mut server, next), &folder, &to).await;
    }
}

pub(super) async fn connect(place: &Path) -> io::Result<NamedPipeClient> {
    ClientOptions::new().open(std::fs::read_to_string(place)?)
}
