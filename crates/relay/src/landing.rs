//! What a link shows in a browser: the same bytes for every link, there or not. What is behind `#` never reaches us; the
//! page's one script turns its own address into one that opens the application, when the button is pressed and not before.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("landing/page.css");
const SCRIPT: &str = include_str!("landing/open.js");
const PAGE: &str = include_str!("landing/page.html");

static WHOLE: LazyLock<String> =
    LazyLock::new(|| PAGE.replacen("{style}", STYLE, 1).replacen("{script}", SCRIPT, 1));

/// Nothing may run or be loaded but these very bytes.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        named(SCRIPT),
        named(STYLE)
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// A text as CSP names it (level 3, 2.3.1).
fn named(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text)))
}

/// The page itself.
#[must_use]
pub fn page() -> &'static str {
    &WHOLE
}

pub(crate) async fn show() -> Response {
    let mut response = Html(page()).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}
