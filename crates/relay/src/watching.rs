//! Whoever watches the relay: metrics, on a listener of their own.

use std::sync::Arc;

use axum::{Router, http::header, routing::get};
use countersign_documents::Time;
use countersign_relay::{Door, Limits, Relay, Traffic};
use tokio::{net::TcpListener, sync::oneshot};

use crate::metrics::{self, Seen};

/// Connections of whoever watches.
const WATCHERS: usize = 64;

/// What is watched.
pub(crate) struct Watching {
    pub(crate) relay: Arc<Relay>,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) started: Time,
}

impl Watching {
    /// Until the other end of `stop` is dropped.
    pub(crate) async fn serve(self, listener: TcpListener, stop: oneshot::Receiver<()>) {
        let watching = Arc::new(self);
        let show = move || {
            let watching = Arc::clone(&watching);
            async move { ([(header::CONTENT_TYPE, metrics::MEDIA_TYPE)], watching.page().await) }
        };
        let router = Router::new().route("/metrics", get(show));
        let limits = Limits { connections: WATCHERS, share: WATCHERS, body_size: 0, ..Limits::default() };
        // What is counted is what happens at the other door.
        let door = Door::new(limits, Arc::default());
        let stop = async {
            let _ = stop.await;
        };
        let _ = door.serve(listener, router, stop).await;
    }

    async fn page(&self) -> String {
        let ready = self.relay.ready().await;
        // What the database does not say is told as not ready, and as nothing.
        let figures = self.relay.figures().await.unwrap_or_default();
        metrics::page(&Seen { traffic: &self.traffic, figures, ready, started: self.started })
    }
}
