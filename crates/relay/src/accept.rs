//! Connections: who may have one, and how long it may take its time.
//!
//! The usual loop of the web framework sets no timer, so a client that never finishes its request keeps its connection for
//! ever. This one has a time for everything that waits for the other side.

use std::{
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_io_timeout::TimeoutStream;
use tower_service::Service as _;

/// How much a client may have of the relay.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once. Those beyond it are closed as they come.
    pub connections: usize,
    /// For the whole head of a request, and between one request and the next on the same connection.
    pub head: Duration,
    /// Without a byte going in or out while one is awaited.
    pub silence: Duration,
    /// For requests that run when the relay is stopped.
    pub farewell: Duration,
    /// Bytes of the head of a request.
    pub head_size: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            head: Duration::from_secs(10),
            silence: Duration::from_secs(20),
            farewell: Duration::from_secs(10),
            head_size: 16 * 1024,
        }
    }
}

/// What goes on, for whoever watches the relay.
#[derive(Debug, Default)]
pub struct Traffic {
    open: AtomicUsize,
    turned_away: AtomicUsize,
}

impl Traffic {
    /// Connections that are open now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Connections that were closed as they came, since there were too many.
    pub fn turned_away(&self) -> usize {
        self.turned_away.load(Ordering::Relaxed)
    }
}

/// One connection that counts while it is held.
struct Place {
    traffic: Arc<Traffic>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.traffic.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Answers connections until `stop` is ready, then lets what runs finish. Fails only if nothing can be accepted any more.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    traffic: Arc<Traffic>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.connections));
    let running = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) if is_over(&error) => return Err(error),
                Err(_) => {
                    // Out of descriptors, or the client gave up: others finish meanwhile.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let Ok(permit) = Arc::clone(&places).try_acquire_owned() else {
            traffic.turned_away.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        traffic.open.fetch_add(1, Ordering::Relaxed);
        let place = Place { traffic: Arc::clone(&traffic), _permit: permit };
        converse(stream, router.clone(), &limits, place, &running);
    }
    drop(listener);
    let _ = tokio::time::timeout(limits.farewell, running.shutdown()).await;
    Ok(())
}

/// Whether the listener itself is gone, rather than one connection.
fn is_over(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotConnected)
}

fn converse(stream: TcpStream, router: Router, limits: &Limits, place: Place, running: &GracefulShutdown) {
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_read_timeout(Some(limits.silence));
    stream.set_write_timeout(Some(limits.silence));
    let service = service_fn(move |request: Request<Incoming>| router.clone().call(request.map(Body::new)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_size)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let connection = running.watch(connection);
    tokio::spawn(async move {
        // Whatever ended it concerns this client alone, who knows.
        let _ = connection.await;
        drop(place);
    });
}
