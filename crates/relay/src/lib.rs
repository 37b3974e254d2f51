//! The relay: a server that a company runs itself, between its desks and its partners. It hands sealed parcels to their one
//! reader and is blind: what it holds opens nothing.
//!
//! Here live connections and their limits, and the page that a link shows in a browser. What may not live here: a key that
//! opens anything, or any crate of ours but `documents`: whoever takes over this server finds no more than what it was sent.

mod accept;
mod landing;

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};

pub use accept::{Limits, Traffic, serve};
pub use landing::page;

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

/// Every address that the relay answers.
pub fn router() -> Router {
    Router::new()
        .route("/e/{cti}", get(landing::show))
        .route("/healthz", get(async || "ok\n"))
        .fallback(nothing_here)
        .method_not_allowed_fallback(nothing_here)
        .layer(from_fn(guard))
}

/// One answer for every address that is not there, and for every method that an address does not take: nobody learns the
/// difference.
async fn nothing_here() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response()
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
