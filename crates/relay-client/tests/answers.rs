//! Against a real server on a socket: whatever it answers, the client says one of few things, and asks nobody else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use countersign_documents::{
    Blob, Time, encode,
    id::OrganisationId,
    relay::{Mail, Outcome, Waiting, Withdrawn},
};
use countersign_ports::{Relay, RelayError, Witnessing};
use countersign_relay_client::HttpRelay;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

/// A server that answers everybody the same bytes and closes, and counts who came.
struct Server {
    origin: String,
    asked: Arc<AtomicUsize>,
}

impl Server {
    async fn new(answer: Vec<u8>) -> Self {
        Self::with(answer, true).await
    }

    async fn with(answer: Vec<u8>, closes: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                read_request(&mut stream).await;
                let _gone = stream.write_all(&answer).await;
                if !closes {
                    // Held open until the client gives up.
                    let mut rest = [0; 16];
                    let _closed = stream.read(&mut rest).await;
                }
            }
        });
        Self { origin, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Takes a whole request, so that closing the connection does not take the answer away.
async fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let Ok(len) = stream.read(&mut buffer).await else { return request };
        request.extend_from_slice(&buffer[..len]);
        let head = request.windows(4).position(|w| w == b"\r\n\r\n");
        let Some(head) = head else {
            if len == 0 {
                return request;
            }
            continue;
        };
        let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
        let length =
            text.lines().find_map(|l| l.strip_prefix("content-length: ").and_then(|n| n.parse().ok()));
        if len == 0 || request.len() >= head + 4 + length.unwrap_or(0) {
            return request;
        }
    }
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn ok(body: &[u8]) -> Vec<u8> {
    answer("200 OK", "", body)
}

#[tokio::test]
async fn an_answer_that_is_cut_off_anywhere_is_no_answer() {
    let whole = ok(&[7; 32]);
    let client = HttpRelay::new();
    for at in 0..whole.len() {
        let server = Server::new(whole[..at].to_vec()).await;
        assert_eq!(client.nonce(&server.origin).await, Err(RelayError::Unreachable), "cut after {at} bytes");
    }
    let server = Server::new(whole).await;
    assert!(client.nonce(&server.origin).await.is_ok(), "the whole of it is one");
}

#[tokio::test]
async fn every_status_has_one_meaning_and_any_other_is_no_relays() {
    let client = HttpRelay::new();
    for (status, meaning) in [
        ("401 a", RelayError::Stale),
        ("403 a", RelayError::NotTaken),
        ("404 a", RelayError::NothingThere),
        ("409 a", RelayError::Taken),
        ("413 a", RelayError::TooLarge),
        ("429 a", RelayError::TooMuch),
        ("507 a", RelayError::Full),
        ("503 a", RelayError::Unreachable),
        ("400 a", RelayError::Unexpected),
        ("500 a", RelayError::Unexpected),
        ("204 a", RelayError::Unexpected),
        ("206 a", RelayError::Unexpected),
    ] {
        let server = Server::new(answer(status, "", b"")).await;
        assert_eq!(client.upload(&server.origin, b"u", b"e").await, Err(meaning), "{status}");
        assert_eq!(server.asked(), 1, "{status} is not asked again here");
    }
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let elsewhere = Server::new(ok(&[7; 32])).await;
    let client = HttpRelay::new();
    for status in ["301 a", "302 a", "303 a", "307 a", "308 a"] {
        let location = format!("location: {}/v1/nonce\r\n", elsewhere.origin);
        let server = Server::new(answer(status, &location, b"")).await;
        assert_eq!(client.nonce(&server.origin).await, Err(RelayError::Unexpected), "{status}");
    }
    assert_eq!(elsewhere.asked(), 0, "the other place was never asked");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let client = HttpRelay::new();
    let large = vec![0; 256 * 1024 + 1];
    let server = Server::new(ok(&large)).await;
    let organisation = OrganisationId([1; 16]);
    assert_eq!(client.card(&server.origin, organisation).await, Err(RelayError::Unexpected), "announced");
    let server = Server::with(answer("200 OK", "", &[]).repeat(1), true).await;
    assert_eq!(
        client.card(&server.origin, organisation).await,
        Ok(Vec::new()),
        "an empty one is short enough"
    );
    // In pieces, without saying how much will come.
    let mut pieces = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..40 {
        pieces.extend_from_slice(b"4000\r\n");
        pieces.extend_from_slice(&[0; 0x4000]);
        pieces.extend_from_slice(b"\r\n");
    }
    let server = Server::with(pieces, false).await;
    assert_eq!(client.card(&server.origin, organisation).await, Err(RelayError::Unexpected), "in pieces");
}

#[tokio::test]
async fn what_is_no_value_is_no_answer() {
    let client = HttpRelay::new();
    for body in [&b""[..], b"<html>", &[0xa0], &[7; 31]] {
        let server = Server::new(ok(body)).await;
        let origin = server.origin.as_str();
        assert_eq!(client.nonce(origin).await, Err(RelayError::Unexpected), "no nonce");
        assert_eq!(client.withdraw(origin, b"w").await, Err(RelayError::Unexpected), "no outcome");
        assert_eq!(client.poll(origin, b"p", None).await, Err(RelayError::Unexpected), "no mail");
    }
    let server = Server::new(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()).await;
    assert_eq!(client.nonce(&server.origin).await, Err(RelayError::Unexpected), "another protocol");
    let server = Server::new(answer("404 a", "", b"")).await;
    assert_eq!(client.nonce(&server.origin).await, Err(RelayError::Unexpected), "a place without nonces");
}

#[tokio::test]
async fn what_a_witness_says_is_one_of_three_things() {
    let client = HttpRelay::new();
    let ask = async |answer: Vec<u8>| {
        let server = Server::new(answer).await;
        client.add_checkpoint(&server.origin, "old 0\n\n").await
    };
    let size = "content-type: text/x.tlog.size\r\n";
    assert_eq!(ask(ok(b"a line\n")).await, Ok(Witnessing::Signed("a line\n".to_owned())));
    assert_eq!(ask(answer("409 a", size, b"17\n")).await, Ok(Witnessing::Stands(17)));
    assert_eq!(ask(answer("422 a", "", b"")).await, Ok(Witnessing::Unproven));
    for body in [
        &b"17"[..],
        b"",
        b"\n",
        b"017\n",
        b"+17\n",
        b"-1\n",
        b"17\n\n",
        b"18446744073709551616\n",
        &[0xff, b'\n'],
    ] {
        assert_eq!(
            ask(answer("409 a", size, body)).await,
            Err(RelayError::Unexpected),
            "{body:?} is no size"
        );
    }
    assert_eq!(ask(answer("409 a", "", b"17\n")).await, Err(RelayError::Unexpected), "a size has its name");
    assert_eq!(ask(ok(&[0xff])).await, Err(RelayError::Unexpected), "no text");
    assert_eq!(ask(answer("400 a", "", b"")).await, Err(RelayError::Unexpected));
    assert_eq!(ask(answer("403 a", "", b"")).await, Err(RelayError::NotTaken));
    assert_eq!(ask(answer("404 a", "", b"")).await, Err(RelayError::NothingThere));
    assert_eq!(ask(answer("503 a", "", b"")).await, Err(RelayError::Unreachable));
    let server = Server::new(ok(b"name+id+key\n")).await;
    assert_eq!(client.witness(&server.origin).await, Ok("name+id+key\n".to_owned()));
    let server = Server::new(answer("404 a", "", b"")).await;
    assert_eq!(
        client.witness(&server.origin).await,
        Err(RelayError::Unexpected),
        "a place without a witness"
    );
}

#[tokio::test]
async fn values_are_read_as_the_page_says() {
    let client = HttpRelay::new();
    let outcome = Withdrawn { outcome: Outcome::Fetched, at: Some(Time(7)) };
    let server = Server::new(ok(&encode(&outcome))).await;
    assert_eq!(client.withdraw(&server.origin, b"w").await, Ok(outcome));
    let waiting = Waiting { number: 3, came: Time(9), letter: Blob(vec![1; 128 * 1024]) };
    let mail = Mail { letters: vec![waiting], parcels: Vec::new() };
    let server = Server::new(ok(&encode(&mail))).await;
    assert_eq!(client.poll(&server.origin, b"p", Some(b"c")).await, Ok(mail), "the largest letter fits");
}

#[tokio::test]
async fn a_request_says_what_it_must_and_nothing_of_whoever_asks() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        stream.write_all(&answer("200 OK", "set-cookie: a=b\r\n", b"")).await.unwrap();
        request
    });
    HttpRelay::new().upload(&origin, b"upload", b"envelope").await.unwrap();
    let request = serving.await.unwrap();
    let head = request.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
    assert!(text.starts_with("post /v1/upload http/1.1\r\n"), "{text}");
    assert_eq!(&request[head + 4..], b"\x82\x46upload\x48envelope", "an array of byte strings");
    let mut names: Vec<_> = text.lines().skip(1).filter_map(|l| l.split(':').next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "content-length", "content-type", "host", "user-agent"], "and no more");
    assert!(text.contains("user-agent: countersign\r\n"), "without a version");
}

#[tokio::test]
async fn whoever_does_not_answer_or_not_to_the_end_is_given_up() {
    let client = HttpRelay::giving_up_after(Duration::from_millis(200));
    for said in [
        Vec::new(),
        b"HTTP/1.1 200 OK\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 32\r\n\r\nabc".to_vec(),
    ] {
        let server = Server::with(said, false).await;
        assert_eq!(client.nonce(&server.origin).await, Err(RelayError::TimedOut), "it holds the line");
        assert_eq!(server.asked(), 1, "and is not asked twice");
    }
}

#[tokio::test]
async fn nobody_at_home_and_no_relays_address_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = HttpRelay::new();
    assert_eq!(client.nonce(&origin).await, Err(RelayError::Unreachable), "nobody listens");
    for origin in ["http://keys.example.com", "https://keys.example.com/path", "relay"] {
        assert_eq!(client.nonce(origin).await, Err(RelayError::Unexpected), "{origin} is never asked");
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_not_asked_where_tls_was_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = [0; 4096];
        let len = stream.read(&mut heard).await.unwrap();
        stream.write_all(&ok(&[7; 32])).await.unwrap();
        heard[..len].to_vec()
    });
    assert_eq!(HttpRelay::new().nonce(&origin).await, Err(RelayError::Insecure));
    let heard = serving.await.unwrap();
    assert_eq!(heard[0], 22, "it began a handshake");
    assert!(!heard.windows(5).any(|w| w == b"nonce"), "and said nothing before it");
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_does_not_count() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        TlsAcceptor::from(Arc::new(config)).accept(stream).await.is_ok()
    });
    assert_eq!(HttpRelay::new().nonce(&origin).await, Err(RelayError::Insecure));
    assert!(!serving.await.unwrap(), "no connection stood, so nothing was said on one");
}
