//! Requests that two servers might read in two ways. Behind each stands a second one, which nobody may answer.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use countersign_relay::Limits;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::Semaphore,
    time::timeout,
};

use crate::{
    client::{Heard, Relay},
    corpus::{corpus, framing, inner, line_ends},
};

/// How many of the corpus are sent at once.
const AT_ONCE: usize = 32;

fn limits() -> Limits {
    // Connections that are kept open for another request end soon.
    Limits { head: Duration::from_millis(700), silence: Duration::from_millis(500), ..Limits::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_be_read_in_two_ways_is_answered_once_or_not_at_all() {
    let relay = Arc::new(Relay::start(limits()).await);
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut sent = Vec::new();
    for (name, bytes) in corpus() {
        let (relay, gate) = (Arc::clone(&relay), Arc::clone(&gate));
        sent.push(tokio::spawn(async move {
            let _turn = gate.acquire_owned().await.expect("open");
            (name, relay.say(&bytes).await)
        }));
    }
    let (mut count, mut statuses) = (0, BTreeMap::<u16, usize>::new());
    for one in sent {
        let (name, heard) = one.await.expect("it ran");
        let found = heard.statuses();
        assert!(heard.closed, "{name}: it was closed");
        assert!(found.len() <= 1, "{name}: answered as {} requests: {}", found.len(), heard.text);
        assert!(!heard.text.ends_with("ok\n"), "{name}: the second request was answered: {}", heard.text);
        let status = found.first().copied().unwrap_or(0);
        assert!(status < 500, "{name}: {}", heard.text);
        *statuses.entry(status).or_default() += 1;
        count += 1;
    }
    assert!(count >= 150, "the corpus is large: {count}");
    assert_eq!(relay.honest().await, 200, "others are served");
    println!(
        "smuggling: {count} requests, 0 answered as two, 0 with a status of 5xx; statuses (0 is none): {statuses:?}"
    );
}

/// A proxy hands on what it takes for a body as it comes: later than the head, perhaps behind the answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_that_comes_late_is_not_answered_either() {
    let relay = Arc::new(Relay::start(limits()).await);
    let inner = inner();
    let mut sent = Vec::new();
    for (name, bytes) in framing() {
        let Some(first) = bytes.strip_suffix(inner.as_bytes()).map(<[u8]>::to_vec) else { continue };
        let (relay, inner) = (Arc::clone(&relay), inner.clone());
        sent.push(tokio::spawn(async move {
            let mut stream = relay.connect().await;
            let _ = stream.write_all(&first).await;
            // The answer, unless it waits for more.
            let mut begun = vec![0; 4096];
            let read = timeout(Duration::from_millis(200), stream.read(&mut begun)).await;
            begun.truncate(read.map_or(0, |read| read.unwrap_or(0)));
            let _ = stream.write_all(inner.as_bytes()).await;
            let rest = Heard::all(&mut stream).await;
            (name, String::from_utf8_lossy(&begun).into_owned() + &rest.text)
        }));
    }
    let count = sent.len();
    assert!(count >= 100, "most of them: {count}");
    for one in sent {
        let (name, text) = one.await.expect("it ran");
        assert!(!text.ends_with("ok\n"), "{name}: the second request was answered: {text}");
    }
    println!("smuggling: {count} requests with the second one late, 0 answered as two");
}

/// The control: the framework's own loop answers some of these twice, and the test above would see it.
#[tokio::test(flavor = "multi_thread")]
async fn the_usual_loop_answers_some_of_them_twice_which_this_test_would_see() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = axum::Router::new().route("/healthz", axum::routing::get(async || "ok\n"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut twice = 0;
    for (_, bytes) in line_ends() {
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("it accepts");
        stream.write_all(&bytes).await.expect("sent");
        // It would keep the connection: a request that asks it to close ends the conversation.
        let _ = stream.write_all(b"GET /e HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        twice += usize::from(Heard::all(&mut stream).await.text.contains("ok\n"));
    }
    println!("control: axum::serve answered the second request of {twice} of {}", line_ends().len());
    assert!(twice > 0, "it has learned not to; then this control says nothing any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_one_after_the_other_are_answered_on_one_connection() {
    let relay = Relay::start(limits()).await;
    let mut stream = relay.connect().await;
    // Whoever asks again at once may be faster than the relay comes to know that its answer is out.
    for _ in 0..2_000 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("sent");
        let mut seen = String::new();
        while !seen.ends_with("ok\n") {
            let mut piece = [0; 1024];
            let read = stream.read(&mut piece).await.expect("an answer");
            assert!(read > 0, "it was closed: {seen}");
            seen.push_str(&String::from_utf8_lossy(&piece[..read]));
        }
        assert!(seen.starts_with("HTTP/1.1 200"), "{seen}");
    }
}
