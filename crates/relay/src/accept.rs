//! Connections: who may have one, and how long it may take its time.
//!
//! The usual loop of the web framework sets no timer, so a client that never finishes its request keeps its connection for
//! ever. This one has a time for everything that waits for the other side, and a number for everything that others could
//! have too much of.

#[macro_use]
mod counted;
mod places;
mod request;
mod scan;
mod traffic;
mod verdict;
mod wire;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::{Router, extract::Request};
use countersign_documents::relay::{BODY_LIMIT, PATIENCE};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use self::{
    places::{Client, Place, Places},
    request::{Reception, due},
    wire::{Talk, Wire},
};
pub use self::{
    traffic::{Act, Durations, End, Traffic},
    verdict::Verdict,
};

/// How much a client may have of the relay.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once. Beyond it whoever has rested longest is closed, and where nobody rests, whoever comes.
    pub connections: usize,
    /// Connections at once from one address, or requests at once of one address behind a proxy.
    pub share: usize,
    /// Whether that counts for connections from this machine too. A proxy that runs here has all of them.
    pub count_loopback: bool,
    /// For agreeing upon TLS.
    pub handshake: Duration,
    /// For the whole head of a request, and between one request and the next on the same connection.
    pub head: Duration,
    /// For the whole body of a request.
    pub body: Duration,
    /// Without a byte of a body.
    pub silence: Duration,
    /// For taking an answer, all of it.
    pub answer: Duration,
    /// For requests that run when the relay is stopped.
    pub farewell: Duration,
    /// Bytes of the head of a request.
    pub head_size: usize,
    /// Bytes of a body.
    pub body_size: usize,
    /// Bytes of bodies that are held at once, over all connections.
    pub room: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            share: 256,
            count_loopback: false,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            body: Duration::from_secs(20),
            silence: Duration::from_secs(10),
            answer: Duration::from_secs(60),
            // Longer than the longest poll.
            farewell: Duration::from_secs(PATIENCE + 1),
            head_size: 16 * 1024,
            body_size: BODY_LIMIT,
            room: 64 * 1024 * 1024,
        }
    }
}

/// Connections that the system holds for us until they are let in. Beyond them it drops what comes, and resets some.
const WAITING: u32 = 4096;

/// A port of this machine, with room for many who come at one moment.
///
/// # Errors
///
/// Those of the system: the port is taken, or not for this user.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // One that was just stopped leaves connections behind that nobody has any more.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Answers connections until `stop` is ready, then lets what runs finish. Fails only if nothing can be accepted any more.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    traffic: Arc<Traffic>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    Door::new(limits, traffic).serve(listener, router, stop).await.map(|_| ())
}

/// How connections come in.
pub struct Door {
    limits: Limits,
    traffic: Arc<Traffic>,
    tls: Option<watch::Receiver<Arc<ServerConfig>>>,
    proxies: Vec<IpNet>,
}

impl Door {
    /// In the clear, and straight from clients.
    #[must_use]
    pub fn new(limits: Limits, traffic: Arc<Traffic>) -> Self {
        Self { limits, traffic, tls: None, proxies: Vec::new() }
    }

    /// Over TLS; each connection as it is configured when it begins.
    #[must_use]
    pub fn with_tls(self, tls: watch::Receiver<Arc<ServerConfig>>) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Whoever connects from these networks is a proxy, and is believed when it says for whom.
    #[must_use]
    pub fn with_proxies(self, proxies: Vec<IpNet>) -> Self {
        Self { proxies, ..self }
    }

    /// As [`serve`]; how many connections had to be cut off in the end.
    pub async fn serve(
        self,
        listener: TcpListener,
        router: Router,
        stop: impl Future<Output = ()>,
    ) -> io::Result<usize> {
        let Self { limits, traffic, tls, proxies } = self;
        let places = Places::new(limits.connections, limits.share, Arc::clone(&traffic));
        let reception = Arc::new(Reception::new(router, limits.clone(), Arc::clone(&traffic), proxies));
        let running = GracefulShutdown::new();
        let (closing, closed) = watch::channel(());
        let mut stop = pin!(stop);
        loop {
            let (stream, from) = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, from)) => (stream, from.ip()),
                    Err(error) if is_over(&error) => return Err(error),
                    Err(_) => {
                        // Out of descriptors, or the client gave up: others finish meanwhile.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        continue;
                    }
                },
                () = &mut stop => break,
            };
            let client = counted(from, &reception, &limits).then(|| Client::of(from));
            match places.take(client) {
                Ok(place) => {
                    let (reception, closed) = (Arc::clone(&reception), closed.clone());
                    let guest = Guest { reception, from, limits: limits.clone(), place, closed };
                    let tls = tls.as_ref().map(|tls| TlsAcceptor::from(Arc::clone(&tls.borrow())));
                    tokio::spawn(guest.stay(stream, tls, running.watcher()));
                }
                Err(end) => traffic.count_end(end),
            }
        }
        drop((listener, closing));
        let finished = timeout(limits.farewell, running.shutdown()).await.is_ok();
        Ok(if finished { 0 } else { traffic.open() })
    }
}

/// Whether the listener itself is gone, rather than one connection.
fn is_over(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotConnected)
}

/// Whether connections from there have a share. Those of a proxy are of many clients.
fn counted(from: IpAddr, reception: &Reception, limits: &Limits) -> bool {
    let local = from.to_canonical().is_loopback() && !limits.count_loopback;
    !local && !reception.is_proxy(from)
}

/// One connection, while it lasts.
struct Guest {
    reception: Arc<Reception>,
    from: IpAddr,
    limits: Limits,
    place: Place,
    /// Until the relay is stopped.
    closed: watch::Receiver<()>,
}

impl Guest {
    async fn stay(self, stream: TcpStream, tls: Option<TlsAcceptor>, watcher: Watcher) {
        let leave = self.place.leave();
        tokio::select! {
            // Nothing was under way.
            () = leave.notified() => {}
            () = self.greet(stream, tls, watcher) => {}
        }
    }

    async fn greet(mut self, stream: TcpStream, tls: Option<TlsAcceptor>, watcher: Watcher) {
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else { return self.converse(stream, watcher).await };
        let agreed = tokio::select! {
            agreed = timeout(self.limits.handshake, tls.accept(stream)) => agreed,
            // Nothing is under way yet.
            _ = self.closed.changed() => return,
        };
        match agreed {
            Ok(Ok(stream)) => self.converse(stream, watcher).await,
            Ok(Err(_)) | Err(_) => self.reception.count_end(End::Handshake),
        }
    }

    async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static, watcher: Watcher) {
        let Self { reception, from, limits, place, closed: _ } = self;
        let talk = Talk::new(place);
        let wire = Wire::new(stream, Arc::clone(&talk), limits.answer);
        let (answering, told) = (Arc::clone(&reception), Arc::clone(&talk));
        let service = service_fn(move |request: Request<Incoming>| {
            talk.asked(due(request.body()));
            let (reception, talk) = (Arc::clone(&answering), Arc::clone(&talk));
            async move {
                let response = reception.answer(request, from).await;
                talk.answered();
                Ok::<_, std::convert::Infallible>(response)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .max_buf_size(limits.head_size)
            .serve_connection(TokioIo::new(wire), service);
        // Whoever rests until its time is over is no news.
        if let Err(error) = watcher.watch(connection).await
            && let Some(end) = end_of(&error)
            && told.has_begun()
        {
            reception.count_end(end);
        }
    }
}

/// What ended a connection, where that is worth a number. Most of what ends one concerns its client alone.
fn end_of(error: &hyper::Error) -> Option<End> {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    if error.is_timeout() || source.is_some_and(|source| source.kind() == io::ErrorKind::TimedOut) {
        return Some(End::Slow);
    }
    error.is_parse().then_some(End::Unreadable)
}
