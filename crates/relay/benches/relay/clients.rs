//! Clients that keep their connections, as desks and partners do.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// One connection.
pub(crate) struct Connection {
    stream: TcpStream,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("it accepts");
        stream.set_nodelay(true).expect("set");
        Self { stream }
    }

    pub(crate) async fn nonce(&mut self) -> Vec<u8> {
        self.stream.write_all(b"GET /v1/nonce HTTP/1.1\r\nhost: relay.example\r\n\r\n").await.expect("sent");
        self.answer().await
    }

    /// Sends an act; it must be served.
    pub(crate) async fn post(&mut self, path: &str, body: &[u8]) -> Vec<u8> {
        self.send(path, body).await;
        self.answer().await
    }

    pub(crate) async fn send(&mut self, path: &str, body: &[u8]) {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: relay.example\r\ncontent-type: application/cbor\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), body].concat()).await.expect("sent");
    }

    async fn answer(&mut self) -> Vec<u8> {
        let mut seen = Vec::with_capacity(8192);
        loop {
            assert!(self.stream.read_buf(&mut seen).await.expect("an answer") > 0, "it was closed");
            let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&seen[..end]).into_owned();
            assert!(head.starts_with("HTTP/1.1 200"), "{head}: {}", String::from_utf8_lossy(&seen[end..]));
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.and_then(|length| length.parse().ok()).expect("a length");
            seen.drain(..end + 4);
            while seen.len() < length {
                assert!(self.stream.read_buf(&mut seen).await.expect("the rest") > 0, "it was closed");
            }
            return seen;
        }
    }
}

/// What many acts took.
pub(crate) struct Taken {
    pub(crate) per_second: f64,
    /// Each of them, in milliseconds.
    pub(crate) each: Vec<f64>,
}

/// Sends all of them, so many at once, each as soon as one before it was answered.
pub(crate) async fn volley(
    address: SocketAddr,
    path: &'static str,
    bodies: Vec<Vec<u8>>,
    at_once: usize,
) -> Taken {
    let (bodies, next) = (Arc::new(bodies), Arc::new(AtomicUsize::new(0)));
    let mut connections = Vec::with_capacity(at_once);
    for _ in 0..at_once {
        connections.push(Connection::open(address).await);
    }
    let number = bodies.len();
    let began = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for mut connection in connections {
        let (bodies, next) = (Arc::clone(&bodies), Arc::clone(&next));
        running.spawn(async move {
            let mut each = Vec::new();
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                let sent = Instant::now();
                connection.post(path, body).await;
                each.push(sent.elapsed().as_secs_f64() * 1e3);
            }
            each
        });
    }
    let each = running.join_all().await.concat();
    Taken { per_second: number as f64 / began.elapsed().as_secs_f64(), each }
}
