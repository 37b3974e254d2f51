//! Clients that hold on to what they have.

use std::time::{Duration, Instant};

use countersign_relay::Limits;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::world::{PATIENCE, Relay};

/// In place of the ten seconds that ship, so that the test need not wait for them.
const HEAD: Duration = Duration::from_secs(2);
const HALF_OPEN: usize = 1000;

fn limits() -> Limits {
    Limits { head: HEAD, silence: Duration::from_secs(4), ..Limits::default() }
}

/// Connections that begin a request and never finish it: in four ways.
async fn half_open(address: std::net::SocketAddr) -> Vec<TcpStream> {
    let begun: [&[u8]; 4] =
        [b"", b"GET /e/a", b"GET /e/a HTTP/1.1\r\nhost: a\r\n", b"GET /e/a HTTP/1.1\r\nhost: a\r\nx: "];
    let mut held = Vec::new();
    for number in 0..HALF_OPEN {
        let mut stream = TcpStream::connect(address).await.expect("it accepts");
        stream.write_all(begun[number % begun.len()]).await.expect("sent");
        held.push(stream);
    }
    held
}

/// How many of them the other side has closed once all had this long.
async fn closed_within(held: Vec<TcpStream>, patience: Duration) -> usize {
    let deadline = tokio::time::Instant::now() + patience;
    let mut closed = 0;
    for mut stream in held {
        let mut rest = Vec::new();
        closed += usize::from(tokio::time::timeout_at(deadline, stream.read_to_end(&mut rest)).await.is_ok());
    }
    closed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_half_open_connections_are_closed_and_honest_clients_do_not_notice() {
    let relay = Relay::start(limits()).await;
    let held = half_open(relay.address).await;
    assert!(relay.traffic.open() > 0, "they are there");
    let mut served = 0;
    let began = Instant::now();
    while began.elapsed() < HEAD / 2 {
        served += usize::from(relay.ask("GET", "/e/AAAAAAAAAAAAAAAAAAAAAA", "").await.status == 200);
    }
    assert!(served > 10, "honest clients are served meanwhile: {served}");
    let closed = closed_within(held, HEAD + Duration::from_secs(10)).await;
    println!("half-open: {closed} of {HALF_OPEN} closed; {served} honest requests meanwhile, each served");
    assert_eq!(closed, HALF_OPEN);
    assert_eq!(relay.traffic.turned_away(), 0);
}

/// The control: with the framework's own loop the same connections stay, and the test above sees it.
#[tokio::test(flavor = "multi_thread")]
async fn the_usual_loop_keeps_them_which_this_test_would_see() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, countersign_relay::router()).await });
    let held = half_open(address).await;
    let closed = closed_within(held, HEAD + Duration::from_secs(2)).await;
    println!("control: axum::serve closed {closed} of {HALF_OPEN}");
    assert_eq!(closed, 0, "it has learned to; then this control says nothing any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_a_byte_now_and_then_has_no_longer_either() {
    let relay = Relay::start(limits()).await;
    let mut stream = relay.connect().await;
    let began = Instant::now();
    let mut sent = 0;
    let slow = b"GET /e/AAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\nhost: relay.example\r\nx-long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for byte in slow.iter().cycle() {
        let alive = stream.write_all(&[*byte]).await.is_ok();
        if !alive || began.elapsed() > PATIENCE {
            break;
        }
        sent += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(
        began.elapsed() < HEAD + Duration::from_secs(10),
        "{sent} bytes kept it for {:?}",
        began.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_beyond_its_size_is_refused() {
    let relay = Relay::start(limits()).await;
    let long = "a".repeat(64 * 1024);
    for head in [
        format!("GET /e/{long} HTTP/1.1\r\nhost: a\r\n\r\n"),
        format!("GET /e/a HTTP/1.1\r\nhost: a\r\nx: {long}\r\n\r\n"),
        format!("GET /e/a HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(4000)),
        format!("{long} /e/a HTTP/1.1\r\n\r\n"),
    ] {
        let status = relay.say(head.as_bytes()).await.status;
        assert!([400, 414, 431].contains(&status), "{status} for {:.40}…", head);
    }
    assert_eq!(relay.ask("GET", "/e/a", "").await.status, 200, "others are served");
}

/// Requests that two servers might read as different ones. None is taken for two.
#[tokio::test(flavor = "multi_thread")]
async fn what_could_be_read_in_two_ways_is_not_read_as_two_requests() {
    let relay = Relay::start(limits()).await;
    let inner = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    let cases = [
        "transfer-encoding: chunked\r\ncontent-length: 4".to_owned(),
        "content-length: 4\r\ncontent-length: 5".to_owned(),
        "content-length: 4, 5".to_owned(),
        "content-length: +4".to_owned(),
        "content-length: -1".to_owned(),
        "content-length: 0x4".to_owned(),
        "content-length: 18446744073709551617".to_owned(),
        "transfer-encoding: identity, chunked, identity".to_owned(),
        "transfer-encoding : chunked".to_owned(),
        "transfer-encoding: xchunked".to_owned(),
        " transfer-encoding: chunked".to_owned(),
        "transfer-encoding:\u{b}chunked".to_owned(),
        "x: a\rtransfer-encoding: chunked".to_owned(),
        "x\0: a".to_owned(),
    ];
    let mut refused = 0;
    for case in &cases {
        let head = format!("POST /e/a HTTP/1.1\r\nhost: a\r\n{case}\r\n\r\n0\r\n\r\n{inner}");
        let answer = relay.say(head.as_bytes()).await;
        assert!(!answer.body.contains("ok\n"), "{case:?}: the second request was answered");
        assert!(answer.status == 400 || answer.status == 404, "{case:?}: {}", answer.status);
        refused += usize::from(answer.status == 400);
    }
    println!("ambiguous requests: {} sent, {refused} refused, 0 taken for two", cases.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_are_turned_away_and_come_in_when_others_leave() {
    let relay = Relay::start(Limits { connections: 8, ..limits() }).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        let mut stream = relay.connect().await;
        let head = b"POST /e/a HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n";
        stream.write_all(head).await.expect("sent");
        let mut interim = [0; 25];
        stream.read_exact(&mut interim).await.expect("it is at work, and waits for the body");
        held.push(stream);
    }
    let mut late = relay.connect().await;
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, late.read_to_end(&mut rest)).await.expect("at once");
    assert!(closed.is_err() || rest.is_empty(), "nothing is said to it");
    assert_eq!(relay.traffic.turned_away(), 1);
    held.clear();
    while relay.traffic.open() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(relay.ask("GET", "/e/a", "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_it_is_stopped_it_takes_nobody_new_and_ends() {
    let mut relay = Relay::start(limits()).await;
    let idle = relay.connect().await;
    assert_eq!(relay.ask("GET", "/healthz", "").await.body, "ok\n");
    relay.ask_to_stop();
    let address = relay.address;
    relay.ended().await;
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    drop(idle);
}
