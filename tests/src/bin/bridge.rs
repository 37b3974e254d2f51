//! The host of the windows over HTTP on loopback, so that a browser can drive the real use cases without a web view.
//!
//! For tests only: `bridge --pages DIR --profile DIR [--key-file PATH] --port N`. Each page may make exactly the calls
//! its window may make; which windows the host wants open is told under `/windows`. The clipboard is a text that the
//! test puts there under `/clipboard`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program for tests: what goes wrong ends it, and its address is its output"
)]

use std::{
    collections::BTreeSet,
    convert::Infallible,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response, Sse, sse::Event},
    routing::{get, post},
};
use countersign_contract::{FileWish, Progress, Window, dispatch};
use countersign_host::{Change, Host, Picture, Shell};
use serde_json::Value;
use tokio::sync::broadcast;
use zeroize::Zeroizing;

/// The content security policy of the windows, so that what would be blocked there is blocked here.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

struct Recorded {
    open: Mutex<BTreeSet<Window>>,
    clipboard: Mutex<Option<String>>,
    /// What the pages hear, with what it says.
    changes: broadcast::Sender<(&'static str, String)>,
}

struct Shelf(Arc<Recorded>);

#[async_trait::async_trait]
impl Shell for Shelf {
    fn open(&self, window: Window) {
        self.0.open.lock().expect("nobody panics with it").insert(window);
    }

    fn close(&self, window: Window) {
        self.0.open.lock().expect("nobody panics with it").remove(&window);
    }

    fn tell(&self, change: Change) {
        // A browser keeps an event without data to itself.
        let _ = self.0.changes.send((change.name(), "null".to_owned()));
    }

    fn progress(&self, progress: Progress) {
        let said = serde_json::to_string(&progress).expect("three fields can be written");
        let _ = self.0.changes.send(("progress", said));
    }

    fn notify(&self, _: &str) {}

    async fn choose_file(&self, _: FileWish, _: Option<String>) -> Option<PathBuf> {
        None
    }

    fn take_clipboard(&self) -> Option<Zeroizing<String>> {
        self.0.clipboard.lock().expect("nobody panics with it").take().map(Zeroizing::new)
    }

    fn clipboard_picture(&self) -> Option<Picture> {
        None
    }

    fn lend_clipboard(&self, text: Zeroizing<String>, _: u64) -> bool {
        *self.0.clipboard.lock().expect("nobody panics with it") = Some(text.to_string());
        true
    }

    fn end_loan(&self, text: &str) {
        let mut held = self.0.clipboard.lock().expect("nobody panics with it");
        if held.as_deref() == Some(text) {
            *held = None;
        }
    }
}

struct Bridge {
    host: Host,
    shelf: Arc<Recorded>,
    pages: PathBuf,
}

type Shared = State<Arc<Bridge>>;

async fn call(
    State(bridge): Shared,
    Path((window, area, command)): Path<(String, String, String)>,
    Json(request): Json<Value>,
) -> Response {
    let Some(window) = Window::from_label(&window) else { return StatusCode::NOT_FOUND.into_response() };
    match dispatch(&bridge.host, window, &area, &command, request).await {
        Ok(Ok(answer)) => Json(answer).into_response(),
        Ok(Err(failure)) => (StatusCode::CONFLICT, Json(failure)).into_response(),
        Err(why) => (
            StatusCode::FORBIDDEN,
            Json(serde_json::json!({ "code": "call-refused", "message": format!("{why:?}"), "advice": "" })),
        )
            .into_response(),
    }
}

async fn changes(State(bridge): Shared) -> Sse<impl futures_core::Stream<Item = Result<Event, Infallible>>> {
    let mut changes = bridge.shelf.changes.subscribe();
    Sse::new(async_stream::stream! {
        while let Ok((name, said)) = changes.recv().await {
            yield Ok(Event::default().event(name).data(said));
        }
    })
}

async fn windows(State(bridge): Shared) -> Json<Vec<&'static str>> {
    let open = bridge.shelf.open.lock().expect("nobody panics with it");
    Json(open.iter().map(|w| w.label()).collect())
}

async fn clipboard(State(bridge): Shared, text: String) {
    *bridge.shelf.clipboard.lock().expect("nobody panics with it") = Some(text);
}

async fn read_clipboard(State(bridge): Shared) -> String {
    bridge.shelf.clipboard.lock().expect("nobody panics with it").clone().unwrap_or_default()
}

async fn page(State(bridge): Shared, Path(path): Path<String>) -> Response {
    if path.contains("..") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(bytes) = std::fs::read(bridge.pages.join(&path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let mut response = bytes.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    response
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut words = std::env::args_os().skip(1);
    let (mut pages, mut profile, mut key_file, mut port) = (None, None, None, 0u16);
    while let Some(word) = words.next() {
        let value = words.next().expect("every option takes a value");
        match word.to_str() {
            Some("--pages") => pages = Some(PathBuf::from(value)),
            Some("--profile") => profile = Some(PathBuf::from(value)),
            Some("--key-file") => key_file = Some(PathBuf::from(value)),
            Some("--port") => port = value.to_str().and_then(|p| p.parse().ok()).expect("a port is a number"),
            _ => panic!("it takes --pages, --profile, --key-file and --port"),
        }
    }
    let (changes_out, _) = broadcast::channel(256);
    let shelf = Arc::new(Recorded {
        open: Mutex::new(BTreeSet::from([Window::Start])),
        clipboard: Mutex::new(None),
        changes: changes_out,
    });
    let host = Host::new(Arc::new(Shelf(shelf.clone())), profile, key_file);
    let bridge = Arc::new(Bridge { host, shelf, pages: pages.expect("--pages names the built pages") });
    let app = Router::new()
        .route("/call/{window}/{area}/{command}", post(call))
        .route("/changes", get(changes))
        .route("/windows", get(windows))
        .route("/clipboard", post(clipboard).get(read_clipboard))
        .route("/{*path}", get(page))
        .with_state(bridge);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
    println!("http://{}", listener.local_addr().expect("it is bound"));
    axum::serve(listener, app).await.expect("it serves until it is stopped");
}
