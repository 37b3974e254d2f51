//! Two relays over one PostgreSQL, behind one address: a withdrawal and a pick-up at once have one winner, and the relays and
//! the ledger say the same.

use std::{
    io,
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::relay::running::{Ground, free_port};

#[path = "../../../crates/relay/tests/relay/cluster.rs"]
#[allow(dead_code, reason = "the tests of the relay need more of it")]
mod cluster;

use cluster::{Cluster, skipped};

/// How long one side begins after the other, in milliseconds; below zero the pick-up is first. The far ends are there so that
/// each side wins at least once, whatever else the machine does.
const LATER: [i64; 6] = [-3000, 3000, 0, -20, 20, 0];

fn rounds() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 60 } else { LATER.len() }
}

/// Sends every connection to the next of these ports.
fn balanced(front: u16, behind: Arc<Mutex<Vec<u16>>>) {
    let listener = TcpListener::bind(("127.0.0.1", front)).expect("a port");
    thread::spawn(move || {
        for (turn, client) in listener.incoming().enumerate() {
            let ports = behind.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let client = client.expect("a connection");
            // Desks ask before the relays are there.
            let Ok(relay) = TcpStream::connect(("127.0.0.1", ports[turn % ports.len()])) else { continue };
            pour(client.try_clone().expect("a socket"), relay.try_clone().expect("a socket"));
            pour(relay, client);
        }
    });
}

fn pour(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        // Whoever goes away in the middle has its reasons.
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}

fn wait(milliseconds: i64) {
    thread::sleep(Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0)));
}

#[test]
fn a_withdrawal_and_a_pick_up_at_once_have_one_winner_in_the_ledger_too() {
    let cluster = match Cluster::started() {
        Ok(cluster) => cluster,
        Err(why) => return skipped("two relays behind one address", &why),
    };
    let (front, behind) = (free_port(), Arc::new(Mutex::new(Vec::new())));
    balanced(front, Arc::clone(&behind));
    let first = free_port();
    behind.lock().unwrap_or_else(PoisonError::into_inner).push(first);
    let ground = Ground::over(&cluster.database(), front, first);
    let second = free_port();
    let _sibling = ground.sibling(second);
    behind.lock().unwrap_or_else(PoisonError::into_inner).push(second);

    let (mut withdrawn, mut fetched) = (0, 0);
    for round in 0..rounds() {
        if one_wins(&ground, round) { withdrawn += 1 } else { fetched += 1 }
    }
    println!(
        "{} rounds over two relays: {withdrawn} times the withdrawal was faster, {fetched} times the reader; ledger and relays \
         agreed each time",
        rounds()
    );
    assert!(withdrawn > 0 && fetched > 0, "each wins now and then");
    assert_eq!(ground.count("delivery-withdrawn"), rounds(), "the ledger says it of each");
}

/// Whether the withdrawal was faster.
fn one_wins(ground: &Ground, round: usize) -> bool {
    let world = &ground.world;
    let (message, opened) = (format!("message {round}"), format!("key {round}"));
    let key = world.issued(round + 1);
    ground.delivered(&key, &message);
    let later = LATER[round % LATER.len()];
    let (withdrawal, opening) = thread::scope(|scope| {
        let withdrawal = scope.spawn(|| {
            wait(-later);
            world.run("ben", &["key", "withdraw", &key], b"")
        });
        wait(later);
        let open = ["envelope", "open", "--link-file", &message, "--compose", &opened];
        let opening = world.run("partner", &open, b"");
        (withdrawal.join().expect("it ends"), opening)
    });
    let said = |out: &[u8]| serde_json::from_slice::<Value>(out).unwrap_or(Value::Null);
    let (told, heard) = (said(&withdrawal.stdout), said(&opening.stdout));
    let has_key = world.path(&opened).exists();
    let synced = [ground.sync("ben"), ground.sync("alice")];
    let state = ground.state(&key);
    match told["outcome"].as_str() {
        Some("withdrawn") => {
            assert_eq!(withdrawal.status.code(), Some(0), "round {round}: {told}");
            assert_eq!(heard["error"]["code"], "nothing-behind-link", "round {round}: {heard}");
            assert!(!has_key, "round {round}: nothing came out");
            assert_eq!(state, "withdrawn", "round {round}");
            true
        }
        Some(outcome @ ("fetched" | "acknowledged")) => {
            assert!(opening.status.success() && has_key, "round {round}, {outcome}: {heard}");
            assert_eq!(heard["posted"]["state"], "sent", "round {round}: {heard}");
            let receipts = synced.iter().flat_map(|synced| synced["imported"].as_array());
            let receipts = receipts.flatten().filter(|letter| letter["what"] == "receipt").count();
            assert!(receipts <= 1, "round {round}: a receipt is taken in once: {synced:?}");
            assert_eq!(state, "active", "round {round}: its receipt is there, and so it is in use");
            false
        }
        _ => panic!("round {round}: {told}, {heard}, {}", String::from_utf8_lossy(&withdrawal.stderr)),
    }
}
