//! Many at once: those who rest, and those who ask for what is not there.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_relay::Limits;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    client::{HONEST, Heard, PATIENCE, Relay},
    program::Place,
};

const IDLE: usize = 10_000;
/// What a connection that rests may cost, in bytes.
const EACH: u64 = 32 * 1024;

/// Whether this process and those it starts may have so many files; where not, why not, for whoever reads the results.
fn allow_files(files: u64) -> bool {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let raised = setrlimit(Resource::Nofile, limit).is_ok();
    let enough = raised && limit.maximum.is_none_or(|maximum| maximum >= files);
    if !enough {
        let reason = format!(
            "{IDLE} idle connections: the system allows {:?} files, and {files} are needed",
            limit.maximum
        );
        println!("skipped: {reason}");
        if let Some(skips) = std::env::var_os("COUNTERSIGN_SKIPS") {
            use std::io::Write as _;
            let file = std::fs::OpenOptions::new().append(true).create(true).open(skips);
            let _ = writeln!(file.expect("opened"), "{reason}");
        }
    }
    enough
}

/// Asks for the page on a connection that is kept.
async fn ask_and_rest(stream: &mut TcpStream) {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("sent");
    let mut seen = Vec::new();
    while !seen.ends_with(b"ok\n") {
        let read = stream.read_buf(&mut seen).await.expect("an answer");
        assert!(read > 0, "it was closed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rest_and_honest_clients_do_not_notice() {
    if !allow_files(IDLE as u64 + 200) {
        return;
    }
    let place = Place::new();
    let mut program = place.start("");
    let address = program.address();
    let ask = async || {
        let mut stream = TcpStream::connect(address).await.expect("it accepts");
        stream.write_all(HONEST).await.expect("sent");
        Heard::all(&mut stream).await.status()
    };
    for _ in 0..100 {
        assert_eq!(ask().await, 200);
    }
    let before = program.memory();
    let began = Instant::now();
    let mut held = Vec::with_capacity(IDLE);
    for number in 0..IDLE {
        let mut stream = TcpStream::connect(address).await.expect("it accepts");
        // Half of them have asked for something before; the others never say a word.
        if number % 2 == 0 {
            ask_and_rest(&mut stream).await;
        }
        held.push(stream);
    }
    let filled = began.elapsed();
    let (memory, mut served) = (program.memory(), 0);
    let asking = Instant::now();
    while asking.elapsed() < Duration::from_secs(2) {
        assert_eq!(ask().await, 200, "an honest client is served");
        served += 1;
    }
    let each = memory.saturating_sub(before) / IDLE as u64;
    println!(
        "idle: {IDLE} connections within {filled:?}; memory {before} -> {memory} bytes, {each} each; {served} honest requests meanwhile"
    );
    assert!(each < EACH, "{each} bytes a connection");
    let mut closed = 0;
    for mut stream in held {
        closed += usize::from(Heard::all(&mut stream).await.closed);
    }
    let late = began.elapsed().saturating_sub(filled + Duration::from_secs(10));
    println!(
        "idle: {closed} of {IDLE} closed, the last {late:?} after its time; memory {} bytes then",
        program.memory()
    );
    assert_eq!(closed, IDLE);
    assert!(late < Duration::from_secs(10), "within ten seconds of the deadline: {late:?}");
}

/// Requests for what is not there, by dice that fall the same every time.
fn bogus(number: u64) -> Vec<u8> {
    let mut dice = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut roll = || {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice
    };
    let id: String = (0..22)
        .map(|_| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789-_"[roll() as usize % 44]))
        .collect();
    let body: Vec<u8> = (0..roll() % 600).map(|_| roll() as u8).collect();
    let acts = [
        "fetch",
        "acknowledge",
        "withdraw",
        "upload",
        "post",
        "dispatch",
        "poll",
        "removal",
        "card",
        "add-checkpoint",
    ];
    let act = acts[roll() as usize % acts.len()];
    let rest = "host: a\r\nconnection: close\r\n";
    match number % 4 {
        0 => format!("GET /e/{id} HTTP/1.1\r\n{rest}\r\n").into_bytes(),
        1 => format!("GET /v1/card/{id} HTTP/1.1\r\n{rest}\r\n").into_bytes(),
        2 => format!("DELETE /v1/{act}/{id} HTTP/1.1\r\n{rest}\r\n").into_bytes(),
        _ => {
            let length = body.len();
            let head = format!(
                "POST /v1/{act} HTTP/1.1\r\n{rest}content-type: application/cbor\r\ncontent-length: {length}\r\n\r\n"
            );
            [head.into_bytes(), body].concat()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_what_is_not_there_is_told_so_and_no_more() {
    const ASKING: u64 = 16;
    const EACH_ASKS: u64 = 250;
    let relay = Arc::new(Relay::start(Limits::default()).await);
    let mut asking = Vec::new();
    for one in 0..ASKING {
        let relay = Arc::clone(&relay);
        asking.push(tokio::spawn(async move {
            let mut statuses = BTreeMap::<u16, u64>::new();
            for number in 0..EACH_ASKS {
                let heard = relay.say(&bogus(one * EACH_ASKS + number)).await;
                *statuses.entry(heard.status()).or_default() += 1;
            }
            statuses
        }));
    }
    let began = Instant::now();
    let mut served = 0u64;
    while !asking.iter().all(tokio::task::JoinHandle::is_finished) {
        assert_eq!(relay.honest().await, 200, "an honest client is served");
        assert!(began.elapsed() < PATIENCE, "it ends");
        served += 1;
    }
    let mut statuses = BTreeMap::<u16, u64>::new();
    for one in asking {
        for (status, count) in one.await.expect("it ran") {
            *statuses.entry(status).or_default() += count;
        }
    }
    println!(
        "bogus: {} requests, statuses {statuses:?}; {served} honest requests meanwhile, each served",
        ASKING * EACH_ASKS
    );
    assert!(statuses.keys().all(|status| [200, 400, 401, 403, 404].contains(status)), "{statuses:?}");
    assert_eq!(
        statuses[&200],
        ASKING * EACH_ASKS / 4,
        "the page of a link is the same for every one, and nothing else is there"
    );
}
