//! How much one address may have, and who has to leave when there is no more.

use std::time::Duration;

use countersign_relay::{End, Limits};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::client::{Heard, Relay};

fn limits() -> Limits {
    Limits { head: Duration::from_secs(3), share: 8, count_loopback: true, ..Limits::default() }
}

const BEGUN: &[u8] = b"GET /e/a HTTP/1.1\r\nhost: relay.example\r\n";
const REST: &[u8] = b"connection: close\r\n\r\n";

async fn begin(mut stream: TcpStream) -> TcpStream {
    stream.write_all(BEGUN).await.expect("sent");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_its_share_and_others_have_theirs() {
    let relay = Relay::start(limits()).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(begin(relay.connect_from(2).await.expect("it accepts")).await);
    }
    let mut ninth = relay.connect_from(2).await.expect("the system accepts");
    let heard = Heard::all(&mut ninth).await;
    assert!(heard.closed && heard.text.is_empty(), "closed without a word: {}", heard.text);
    assert_eq!(relay.traffic.ended(End::Share), 1, "and counted");
    let mut other = begin(relay.connect_from(3).await.expect("it accepts")).await;
    other.write_all(REST).await.expect("sent");
    assert_eq!(Heard::all(&mut other).await.status(), 200, "another address is served");
    let mut one = held.pop().expect("one of them");
    one.write_all(REST).await.expect("sent");
    assert_eq!(Heard::all(&mut one).await.status(), 200, "and so are the eight");
    let mut again = begin(relay.connect_from(2).await.expect("it accepts")).await;
    again.write_all(REST).await.expect("sent");
    assert_eq!(Heard::all(&mut again).await.status(), 200, "what was given back can be had again");
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_not_counted_unless_that_is_asked_for() {
    let relay = Relay::start(Limits { count_loopback: false, ..limits() }).await;
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(begin(relay.connect().await).await);
    }
    assert_eq!(relay.honest().await, 200, "a proxy on this machine has all connections");
    assert_eq!(relay.traffic.turned_away(), 0, "nobody was turned away");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_places_are_taken_whoever_rested_longest_makes_room() {
    let relay = Relay::start(Limits { connections: 8, count_loopback: false, ..limits() }).await;
    let mut held = Vec::new();
    for number in 0..8 {
        held.push(begin(relay.connect().await).await);
        while relay.traffic.open() <= number {
            tokio::task::yield_now().await;
        }
    }
    for _ in 0..4 {
        assert_eq!(relay.honest().await, 200, "an honest client is served although all places were taken");
    }
    let evicted = relay.traffic.ended(End::MadeRoom);
    assert!(evicted >= 1, "somebody made room");
    assert_eq!(relay.traffic.turned_away(), 0, "nobody was turned away");
    let mut longest = held.remove(0);
    let heard = Heard::all(&mut longest).await;
    assert!(heard.closed && heard.text.is_empty(), "the first was closed: {}", heard.text);
    let mut last = held.pop().expect("the last");
    last.write_all(REST).await.expect("sent");
    assert_eq!(Heard::all(&mut last).await.status(), 200, "the last had rested for a shorter time");
}

/// Requests at once through a proxy, each for the client that is named, held by bodies that do not end.
async fn through(relay: &Relay, forwarded: &str) -> TcpStream {
    let head = format!(
        "POST /v1/upload HTTP/1.1\r\nhost: relay.example\r\nconnection: close\r\nx-forwarded-for: {forwarded}\r\ncontent-length: 2\r\n\r\na"
    );
    let mut stream = relay.connect().await;
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
}

/// Sends the last byte; the status that came back.
async fn finished(mut stream: TcpStream) -> u16 {
    let _ = stream.write_all(b"a").await;
    Heard::all(&mut stream).await.status()
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_trusted_proxy_each_of_its_clients_has_a_share() {
    let relay = Relay::behind(limits(), &["127.0.0.1/32"]).await;
    let mut held = Vec::new();
    for number in 0..8 {
        // What a client writes itself stands before what the proxy adds, and is another each time.
        held.push(through(&relay, &format!("10.0.0.{number}, 192.0.2.1")).await);
    }
    // Connections are served at the same time: those before count once the first of these is refused.
    while finished(through(&relay, "10.9.9.9, 192.0.2.1").await).await != 429 {}
    for number in 0..4 {
        let status = finished(through(&relay, &format!("10.9.9.{number}, 192.0.2.1")).await).await;
        assert_eq!(status, 429, "its share is used up");
    }
    let status = finished(through(&relay, "192.0.2.2").await).await;
    assert_eq!(status, 400, "another client is served: that body is nothing");
    assert_eq!(relay.traffic.turned_away(), 0, "the proxy's connections are not counted");
    drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_trusted_proxy_forges_nothing() {
    let relay = Relay::start(limits()).await;
    let mut held = Vec::new();
    for number in 0..8 {
        held.push(through(&relay, &format!("192.0.2.{number}")).await);
    }
    let mut ninth = relay.connect().await;
    let _ = ninth.write_all(b"GET /e/a HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.99\r\n\r\n").await;
    let heard = Heard::all(&mut ninth).await;
    assert!(heard.text.is_empty(), "all are one address, whatever they say: {}", heard.text);
}
