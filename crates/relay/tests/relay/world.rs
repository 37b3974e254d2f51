//! A relay on loopback, and the plainest of clients.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use countersign_relay::{Limits, Traffic, router, serve};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

/// Longer than anything here may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    pub(crate) traffic: Arc<Traffic>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Relay {
    pub(crate) async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let traffic = Arc::new(Traffic::default());
        let (stop, stopped) = oneshot::channel();
        let stopped = async move {
            let _ = stopped.await;
        };
        let served = tokio::spawn(serve(listener, router(), limits, Arc::clone(&traffic), stopped));
        Self { address, traffic, stop: Some(stop), served }
    }

    pub(crate) fn ask_to_stop(&mut self) {
        let _ = self.stop.take().expect("asked once").send(());
    }

    pub(crate) async fn ended(self) {
        let ended = tokio::time::timeout(PATIENCE, self.served).await;
        ended.expect("it ends").expect("it does not panic").expect("it served");
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("it accepts")
    }

    /// Sends these bytes on a connection of their own and reads until the relay closes it.
    pub(crate) async fn say(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.expect("sent");
        Answer::read(&mut stream).await
    }

    pub(crate) async fn ask(&self, method: &str, target: &str, headers: &str) -> Answer {
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: relay.example\r\nconnection: close\r\n{headers}\r\n"
        );
        self.say(head.as_bytes()).await
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    /// All but `date`, sorted.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl Answer {
    async fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("it answers");
        // Whoever is refused while still sending may be cut off behind the answer.
        assert!(read.is_ok() || !bytes.is_empty(), "an answer: {read:?}");
        let text = String::from_utf8(bytes).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
        let mut headers: Vec<_> =
            lines.filter(|line| !line.starts_with("date:")).map(str::to_owned).collect();
        headers.sort();
        Self { status: status.parse().expect("a number"), headers, body: body.to_owned() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_else(|| panic!("{name} is told: {:?}", self.headers))
    }
}
