//! Something before a relay that changes what passes: what a proxy that is set up badly does.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::Mutex,
    thread,
};

use crate::relay::running::free_port;

/// An answer, and what it was for.
pub(crate) struct Passing<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// How many bytes of a body were sent.
    pub(crate) sent: usize,
    pub(crate) status: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Passing<'_> {
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.drop_header(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn drop_header(&mut self, name: &str) {
        self.headers.retain(|(found, _)| found != name);
    }
}

/// What is done to every answer.
pub(crate) type Meddling = fn(&mut Passing<'_>, &Mutex<Vec<u8>>);

/// Listens before a relay for as long as the test lasts; the port.
pub(crate) fn before(relay: u16, meddling: Meddling) -> u16 {
    let port = free_port();
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port");
    thread::spawn(move || {
        let kept = Mutex::new(Vec::new());
        for stream in listener.incoming() {
            // Whoever gives up in the middle has its reasons.
            let _ = pass(stream.expect("a connection"), relay, meddling, &kept);
        }
    });
    port
}

fn pass(mut client: TcpStream, relay: u16, meddling: Meddling, kept: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("").to_owned());
    let length = headers(&head).into_iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)];
    client.read_exact(&mut body)?;

    let mut behind = TcpStream::connect(("127.0.0.1", relay))?;
    let first = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n");
    let second = format!("content-type: application/cbor\r\ncontent-length: {}\r\n\r\n", body.len());
    behind.write_all((first + if method == "POST" { &second } else { "\r\n" }).as_bytes())?;
    // A relay that refuses while more is sent has answered already.
    let _ = behind.write_all(&body);
    let mut answer = Vec::new();
    behind.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split_whitespace().nth(1).unwrap_or("502").to_owned();
    let mut passing = Passing {
        method: &method,
        path: &path,
        sent: body.len(),
        status,
        headers: headers(&head),
        body: answer[end..].to_vec(),
    };
    meddling(&mut passing, kept);
    passing.set("content-length", &passing.body.len().to_string());
    passing.set("connection", "close");
    let mut out = format!("HTTP/1.1 {} said\r\n", passing.status);
    passing.headers.iter().for_each(|(name, value)| out.push_str(&format!("{name}: {value}\r\n")));
    client.write_all(&[out.as_bytes(), b"\r\n", &passing.body].concat())
}

fn headers(head: &str) -> Vec<(String, String)> {
    let pair = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
    };
    head.lines().skip(1).filter_map(pair).collect()
}
