//! Which address is answered by what.

use std::{error::Error as _, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use countersign_documents::relay::BODY_LIMIT;
use http_body_util::LengthLimitError;

use crate::{
    cards, landing, mail, members, parcels,
    refusal::Refusal,
    relay::{Answer, Relay, random},
    witness,
};

/// What browsers are told about every answer: that it is nobody else's business, and that nothing may run in it.
const HEADERS: &[(&str, &str)] = &[
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex, nofollow"),
];

const CBOR: HeaderValue = HeaderValue::from_static("application/cbor");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The addresses that are the same for every relay.
pub fn router() -> Router {
    around(Router::new())
}

/// An act: its body is read first, whole or not at all.
macro_rules! act {
    ($act:path) => {
        post(async |State(relay): State<Arc<Relay>>, request: Request| {
            let answered = match body(request).await {
                Ok(body) => $act(&relay, &body).await,
                Err(refusal) => Err(refusal),
            };
            answered.into_response()
        })
    };
}

impl Relay {
    /// Every address that this relay answers.
    pub fn router(self: &Arc<Self>) -> Router {
        let own = Router::new()
            .route("/readyz", get(readyz))
            .route("/v1/nonce", get(nonce))
            .route("/v1/card/{organisation}", get(card))
            .route("/v1/card", act!(cards::newer))
            .route("/v1/upload", act!(parcels::upload))
            .route("/v1/fetch", act!(parcels::fetch))
            .route("/v1/acknowledge", act!(parcels::acknowledge))
            .route("/v1/withdraw", act!(parcels::withdraw))
            .route("/v1/post", act!(mail::post))
            .route("/v1/dispatch", act!(mail::dispatch))
            .route("/v1/poll", act!(mail::poll))
            .route("/v1/removal", act!(members::removal))
            .route("/v1/add-checkpoint", post(add_checkpoint))
            .route("/v1/witness", get(witness_key))
            .with_state(Arc::clone(self));
        around(own)
    }
}

fn around(own: Router) -> Router {
    own.route("/e/{cti}", get(landing::show))
        .route("/healthz", get(async || "ok\n"))
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .layer(from_fn(guard))
}

/// One answer for every address that is not there, and for every method that an address does not take: nobody learns the
/// difference.
async fn nothing_here() -> Response {
    Refusal::Nothing.into_response()
}

async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for &(name, value) in HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    response
}

async fn readyz(State(relay): State<Arc<Relay>>) -> Response {
    if relay.ready().await { "ready\n".into_response() } else { Refusal::Unavailable.into_response() }
}

async fn nonce(State(relay): State<Arc<Relay>>) -> Response {
    let made = random().map(|random| relay.nonces.make_nonce(relay.now(), random));
    let made = made.map(|nonce| Answer::Bytes(nonce.0.to_vec())).map_err(|_| Refusal::Unavailable);
    made.into_response()
}

async fn card(State(relay): State<Arc<Relay>>, Path(organisation): Path<String>) -> Response {
    cards::newest(&relay, &organisation).await.into_response()
}

async fn add_checkpoint(State(relay): State<Arc<Relay>>, request: Request) -> Response {
    let answered = match whole(request).await {
        Ok(body) => witness::add_checkpoint(&relay, &body).await,
        Err(refusal) => Err(refusal),
    };
    answered.into_response()
}

async fn witness_key(State(relay): State<Arc<Relay>>) -> Response {
    Answer::Text(relay.witness.key()).into_response()
}

/// The whole body, where it is CBOR by name and within its limit.
async fn body(request: Request) -> Result<Bytes, Refusal> {
    let is_cbor = is_cbor(request.headers());
    let body = whole(request).await?;
    if is_cbor { Ok(body) } else { Err(Refusal::Form) }
}

/// The whole body, within its limit.
async fn whole(request: Request) -> Result<Bytes, Refusal> {
    to_bytes(Body::new(request.into_body()), BODY_LIMIT).await.map_err(|error| {
        let too_large = error.source().is_some_and(|source| source.is::<LengthLimitError>());
        if too_large { Refusal::TooLarge } else { Refusal::Form }
    })
}

fn is_cbor(headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(header::CONTENT_TYPE).iter();
    named.next() == Some(&CBOR) && named.next().is_none()
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Done => StatusCode::OK.into_response(),
            Self::Text(text) => text.into_response(),
            Self::Bytes(bytes) => ([(header::CONTENT_TYPE, BYTES)], bytes).into_response(),
            Self::Cbor(bytes) => ([(header::CONTENT_TYPE, CBOR)], bytes).into_response(),
            Self::As(verdict, answer) => {
                let mut response = answer.into_response();
                verdict.mark(&mut response);
                response
            }
        }
    }
}
