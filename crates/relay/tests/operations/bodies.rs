//! Bodies that are too large, too slow, or in pieces too small.

use std::time::{Duration, Instant};

use axum::{Router, routing::get};
use countersign_documents::relay::BODY_LIMIT;
use countersign_relay::{End, Limits};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinHandle,
    time::sleep,
};

use crate::client::{Heard, PATIENCE, Relay};

/// In place of the times that ship, so that the tests need not wait for them.
fn limits() -> Limits {
    Limits {
        head: Duration::from_secs(2),
        body: Duration::from_secs(2),
        silence: Duration::from_secs(1),
        answer: Duration::from_secs(2),
        ..Limits::default()
    }
}

fn post(framing: &str) -> String {
    format!(
        "POST /v1/upload HTTP/1.1\r\nhost: relay.example\r\ncontent-type: application/cbor\r\n{framing}\r\n\r\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_however_it_comes() {
    let relay = Relay::start(limits()).await;
    let large = "a".repeat(BODY_LIMIT + 1);
    let declared = post(&format!("content-length: {}", large.len())) + &large;
    let chunk = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let chunked = post("transfer-encoding: chunked") + &chunk;
    let announced = post("content-length: 99999999999999\r\nexpect: 100-continue");
    let mib = post("content-length: 1048577") + &"a".repeat(1024 * 1024 + 1);
    for (how, bytes) in
        [("declared", declared), ("in chunks", chunked), ("announced only", announced), ("a mebibyte", mib)]
    {
        let heard = relay.say(bytes.as_bytes()).await;
        assert_eq!((heard.status(), heard.closed), (413, true), "{how}: {}", heard.text);
    }
    assert_eq!(relay.honest().await, 200, "others are served");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_the_largest_size_is_taken() {
    let relay = Relay::start(limits()).await;
    let largest = "a".repeat(BODY_LIMIT);
    let declared = post(&format!("connection: close\r\ncontent-length: {}", largest.len())) + &largest;
    let chunked =
        post("transfer-encoding: chunked") + &format!("{:x}\r\n{largest}\r\n0\r\n\r\n", largest.len());
    for bytes in [declared, chunked] {
        let heard = relay.say(bytes.as_bytes()).await;
        assert_eq!(heard.status(), 400, "it is read to its end, and is nothing: {}", heard.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_in_the_smallest_chunks_costs_no_more_than_a_whole_one() {
    // What is measured here is not how fast they are read.
    let relay = Relay::start(Limits { body: PATIENCE, ..limits() }).await;
    // Each byte costs six on the way; together they would be 160 Ki pieces.
    let bytes = post("transfer-encoding: chunked") + &"1\r\na\r\n".repeat(BODY_LIMIT + 1) + "0\r\n\r\n";
    assert_eq!(relay.say(bytes.as_bytes()).await.status(), 413, "one byte too many");
    for (how, chunks) in [
        ("a length that has no end", "0".repeat(100_000) + "1\r\na\r\n"),
        ("an extension that has no end", "1;".to_owned() + &"a".repeat(100_000) + "\r\na\r\n"),
        ("trailers that have no end", "0\r\n".to_owned() + &"x: y\r\n".repeat(50_000)),
        ("a length beyond all", "ffffffffffffffff1\r\na".to_owned()),
        ("no length", "\r\na\r\n".to_owned()),
        ("a negative length", "-1\r\na\r\n".to_owned()),
    ] {
        let heard = relay.say((post("transfer-encoding: chunked") + &chunks).as_bytes()).await;
        assert!([0, 400, 408, 413, 431].contains(&heard.status()) && heard.closed, "{how}: {}", heard.text);
    }
    assert_eq!(relay.honest().await, 200, "others are served");
}

/// Sends a byte of the body now and then, until the other side closes; when that was.
async fn drip(mut stream: TcpStream, head: String, pause: Duration) -> (Duration, Heard) {
    let began = Instant::now();
    stream.write_all(head.as_bytes()).await.expect("sent");
    let (mut reader, mut writer) = stream.split();
    let mut heard = Box::pin(Heard::all(&mut reader));
    loop {
        tokio::select! {
            heard = &mut heard => return (began.elapsed(), heard),
            () = sleep(pause) => { let _ = writer.write_all(b"a").await; }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_is_given_up_on_and_honest_clients_do_not_notice() {
    let relay = Relay::start(limits()).await;
    let mut slow = Vec::new();
    for number in 0..200 {
        let framing = if number % 2 == 0 { "content-length: 9999" } else { "transfer-encoding: chunked" };
        // Half of them send nothing at all, which is noticed sooner.
        let pause = Duration::from_millis(if number % 4 < 2 { 200 } else { 3_600_000 });
        slow.push(tokio::spawn(drip(relay.connect().await, post(framing), pause)));
    }
    let began = Instant::now();
    let mut served = 0;
    while began.elapsed() < limits().silence {
        assert_eq!(relay.honest().await, 200, "an honest client is served");
        served += 1;
    }
    let mut late = Duration::ZERO;
    for one in slow {
        let (took, heard) = one.await.expect("it ran");
        assert!(heard.closed, "it was closed");
        assert!(
            [400, 408].contains(&heard.status()),
            "chunks of `a` are none, all else is slow: {}",
            heard.text
        );
        late = late.max(took.saturating_sub(limits().body));
    }
    println!(
        "slow bodies: 200 of 200 closed, the last {late:?} after its time; {served} honest requests meanwhile"
    );
    assert!(late < Duration::from_secs(10), "closed within ten seconds of the deadline: {late:?}");
}

/// As much as a mailbox may answer, and more than the system takes into its buffers.
async fn large() -> Vec<u8> {
    vec![b'a'; 16 * 1024 * 1024]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_take_the_answer_is_let_go() {
    const SLOW: usize = 50;
    let router = Router::new().route("/large", get(large)).route("/e/{cti}", get(async || "a page"));
    let relay = Relay::serving(limits(), router, &[]).await;
    let mut slow = Vec::new();
    for number in 0..SLOW {
        let mut stream = relay.connect().await;
        stream.write_all(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("sent");
        slow.push(tokio::spawn(sip(stream, number % 2 == 0)));
    }
    let began = Instant::now();
    let mut served = 0;
    while relay.traffic.ended(End::Slow) < SLOW as u64 {
        assert_eq!(relay.honest().await, 200, "an honest client is served");
        assert!(began.elapsed() < PATIENCE, "{} were let go", relay.traffic.ended(End::Slow));
        served += 1;
    }
    let late = began.elapsed().saturating_sub(limits().answer);
    println!(
        "slow readers: {SLOW} of {SLOW} let go, the last {late:?} after its time; {served} honest requests meanwhile"
    );
    assert!(late < Duration::from_secs(10), "within ten seconds of the deadline: {late:?}");
    slow.iter().for_each(JoinHandle::abort);
}

/// Reads a byte now and then, or nothing.
async fn sip(mut stream: TcpStream, reads: bool) {
    let mut byte = [0];
    while reads && stream.read_exact(&mut byte).await.is_ok() {
        sleep(Duration::from_millis(100)).await;
    }
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_do_not_take_more_room_than_there_is() {
    // Room for two of the largest.
    let relay = Relay::start(Limits { room: 2 * BODY_LIMIT, ..limits() }).await;
    let begun = post(&format!("content-length: {BODY_LIMIT}")) + &"a".repeat(BODY_LIMIT - 1);
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = relay.connect().await;
        let _ = stream.write_all(begun.as_bytes()).await;
        held.push(stream);
    }
    let mut statuses = Vec::new();
    for mut stream in held {
        statuses.push(Heard::all(&mut stream).await.status());
    }
    // Whoever finds no room gives back what it had, so more than one of them may have met the same end.
    assert!(statuses.contains(&429), "there is no room for all: {statuses:?}");
    assert!(
        statuses.iter().all(|status| [408, 429].contains(status)),
        "the others wait in vain: {statuses:?}"
    );
    let small = post("connection: close\r\ncontent-length: 1") + "a";
    assert_eq!(relay.say(small.as_bytes()).await.status(), 400, "what they held is there again");
}
