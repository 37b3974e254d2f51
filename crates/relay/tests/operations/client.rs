//! The plainest of clients, and a relay in this process for what needs shorter times than those that ship.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use countersign_relay::{DatabaseAt, Door, Limits, OpenSettings, Quota, Traffic, listen};
use ipnet::IpNet;
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::organisation::{ORIGIN, Organisation, line, now};

/// Longer than anything here may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    pub(crate) traffic: Arc<Traffic>,
    _folder: Option<TempDir>,
}

impl Relay {
    /// The real one, on a database of its own.
    pub(crate) async fn start(limits: Limits) -> Self {
        Self::behind(limits, &[]).await
    }

    /// The same, with these proxies before it.
    pub(crate) async fn behind(limits: Limits, proxies: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let relay = countersign_relay::Relay::open(OpenSettings {
            database: DatabaseAt::Sqlite(folder.path().join("relay.db")),
            origin: line(ORIGIN),
            cards: vec![Organisation::new(1).card(Some(ORIGIN), 60)],
            quota: Quota::default(),
            clock: Arc::new(now),
        });
        let relay = relay.await.expect("it opens");
        Self { _folder: Some(folder), ..Self::serving(limits, relay.router(), proxies).await }
    }

    /// The real door, before another router.
    pub(crate) async fn serving(limits: Limits, router: Router, proxies: &[&str]) -> Self {
        let listener = listen(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let traffic = Arc::new(Traffic::default());
        let proxies: Vec<IpNet> = proxies.iter().map(|text| text.parse().expect("a network")).collect();
        let door = Door::new(limits, Arc::clone(&traffic)).with_proxies(proxies);
        tokio::spawn(door.serve(listener, router, std::future::pending()));
        Self { address, traffic, _folder: None }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it accepts")
    }

    /// A connection from another address of this machine.
    pub(crate) async fn connect_from(&self, last: u8) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)), 0))?;
        socket.connect(self.address).await
    }

    /// Sends these bytes on a connection of their own; all that comes back until it is closed.
    pub(crate) async fn say(&self, bytes: &[u8]) -> Heard {
        let mut stream = self.connect().await;
        let _ = stream.write_all(bytes).await;
        Heard::all(&mut stream).await
    }

    /// An honest request; its status.
    pub(crate) async fn honest(&self) -> u16 {
        self.say(HONEST).await.status()
    }
}

pub(crate) const HONEST: &[u8] =
    b"GET /e/AAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\nhost: relay.example\r\nconnection: close\r\n\r\n";

/// What came back on a connection.
pub(crate) struct Heard {
    pub(crate) text: String,
    /// Whether the other side closed it, within [`PATIENCE`].
    pub(crate) closed: bool,
}

impl Heard {
    pub(crate) async fn all(stream: &mut (impl AsyncRead + Unpin)) -> Self {
        let mut bytes = Vec::new();
        // Whoever is refused while still sending may be cut off behind the answer.
        let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
        Self { text: String::from_utf8_lossy(&bytes).into_owned(), closed: read.is_ok() }
    }

    /// Of every answer but the interim ones.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let answers = self.text.split("HTTP/1.1 ").skip(1);
        let statuses = answers.filter_map(|answer| answer.get(..3)?.parse().ok());
        statuses.filter(|status| *status >= 200).collect()
    }

    /// Of the only answer; 0 where there is none.
    pub(crate) fn status(&self) -> u16 {
        let statuses = self.statuses();
        assert!(statuses.len() <= 1, "one answer: {:?}", self.text);
        statuses.first().copied().unwrap_or(0)
    }
}
