//! The page behind a link.

use std::sync::LazyLock;

use countersign_relay::{Limits, page};
use data_encoding::BASE64;
use sha2::{Digest as _, Sha256};

use crate::world::Relay;

/// Programs that look at links before people do, as they name themselves.
pub(crate) static BOTS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("bots.txt").lines().collect());

const IDS: &[&str] = &[
    "AAAAAAAAAAAAAAAAAAAAAA",
    "short",
    "AAAAAAAAAAAAAAAAAAAAAA%23c2VjcmV0",
    "%2e%2e",
    "%00",
    "a?burn=1",
    "…",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_link_shows_the_same_bytes_to_everybody() {
    let relay = Relay::start(Limits::default()).await;
    let first = relay.ask("GET", "/e/BBBBBBBBBBBBBBBBBBBBBB", "").await;
    assert_eq!((first.status, first.body.as_str()), (200, page()));
    let mut visits = 0;
    for id in IDS.iter().filter(|id| id.is_ascii()) {
        for bot in BOTS.iter() {
            for purpose in [
                "",
                "purpose: prefetch\r\nsec-purpose: prefetch;prerender\r\n",
                "accept-language: de\r\ncookie: a=b\r\nrange: bytes=0-5\r\n",
            ] {
                let answer =
                    relay.ask("GET", &format!("/e/{id}"), &format!("user-agent: {bot}\r\n{purpose}")).await;
                assert_eq!(
                    (answer.status, &answer.headers, &answer.body),
                    (200, &first.headers, &first.body),
                    "{id} {bot}"
                );
                visits += 1;
            }
        }
        let head = relay.ask("HEAD", &format!("/e/{id}"), "").await;
        assert_eq!((head.status, &head.headers, head.body.as_str()), (200, &first.headers, ""), "{id}");
    }
    println!("{visits} visits of {} programs: the same bytes each time", BOTS.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_no_link_is_nothing_and_says_no_more() {
    let relay = Relay::start(Limits::default()).await;
    let nothing = relay.ask("GET", "/", "").await;
    assert_eq!(nothing.status, 404);
    let targets = [
        "/e",
        "/e/",
        "/e/a/b",
        "/E/a",
        "/e/a/",
        "//e/a",
        "/admin",
        "/healthz/",
        "/.git/config",
        "/e/../healthz",
    ];
    for target in targets {
        let answer = relay.ask("GET", target, "").await;
        assert_eq!(
            (answer.status, &answer.headers, &answer.body),
            (404, &nothing.headers, &nothing.body),
            "{target}"
        );
    }
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "BURN"] {
        let answer = relay.ask(method, "/e/AAAAAAAAAAAAAAAAAAAAAA", "content-length: 0\r\n").await;
        assert_eq!((answer.status, &answer.body), (404, &nothing.body), "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_may_run_these_very_bytes_and_nothing_else() {
    let relay = Relay::start(Limits::default()).await;
    let answer = relay.ask("GET", "/e/AAAAAAAAAAAAAAAAAAAAAA", "").await;
    let between = |open: &str, close: &str| {
        let (_, rest) = answer.body.split_once(open).expect("it opens");
        assert!(!rest.contains(open), "{open} stands once");
        rest.split_once(close).expect("it closes").0
    };
    let named = |text: &str| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)));
    let (script, style) = (named(between("<script>", "</script>")), named(between("<style>", "</style>")));
    let policy = answer.header("content-security-policy");
    let expected = format!(
        "default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    assert_eq!(policy, expected);
    // Neither a third party nor a second request.
    for word in ["src=", "href=", "url(", "fetch", "import", "@import", "XMLHttp", "sendBeacon", "http-equiv"]
    {
        assert!(!answer.body.contains(word), "{word} in the page");
    }
    assert!(!answer.body.contains(" on") || !answer.body.contains("onclick"), "no handler in the markup");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert!(!answer.headers.iter().any(|line| line.starts_with("set-cookie")), "nobody is marked");
}
