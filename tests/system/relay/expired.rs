//! The end of an envelope by the clocks of desk, relay and reader alike: what was fetched in time is its reader's, and nothing
//! is afterwards. The relay and the ledger say the same, also where every desk was away until the end.

use std::{
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{relay::running::Ground, world::skipped};

/// What the reader of an envelope does with it.
#[derive(Clone, Copy, PartialEq)]
enum Act {
    Open,
    /// Looks at it, for which it is fetched, and opens it never.
    Inspect,
}

/// What is done, and how many milliseconds before the end of the envelope it begins; below zero after the end. The far ends
/// are there so that each side wins at least once, whatever else the machine does.
const ROUNDS: [(Act, i64); 8] = [
    (Act::Open, 5000),
    (Act::Inspect, 5000),
    (Act::Open, -300),
    (Act::Open, 900),
    (Act::Inspect, 400),
    (Act::Open, 300),
    (Act::Open, 100),
    (Act::Inspect, -300),
];

fn rounds() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 5 * ROUNDS.len() } else { ROUNDS.len() }
}

/// In milliseconds since 1970.
#[allow(clippy::disallowed_methods, reason = "the programs under test have the system's clock")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("small")
}

/// An envelope that waits at the relay.
struct Waiting {
    key: String,
    message: String,
    opened: String,
    /// In milliseconds since 1970.
    end: i64,
}

#[derive(Default)]
struct Counts {
    opened: usize,
    only_fetched: usize,
    over: usize,
}

#[test]
fn what_was_not_fetched_in_time_is_over_at_the_relay_and_in_the_ledger() {
    let ground = Ground::begin();
    if !ground.world.turn_clocks(0) {
        return skipped("envelopes that end", "libfaketime is not installed (apt-get install faketime)");
    }
    // It goes by this clock from here on.
    ground.stop();
    ground.start();
    let waiting: Vec<Waiting> = (0..rounds()).map(|round| waits(&ground, round)).collect();
    let mut counts = Counts::default();
    for (round, each) in waiting.iter().enumerate() {
        ends(&ground, each, round, &mut counts);
    }
    let Counts { opened, only_fetched, over } = counts;
    println!(
        "{} envelopes until their end: {opened} opened, {only_fetched} fetched and not opened, {over} over; ledger and relay \
         agreed each time",
        rounds()
    );
    assert!(opened > 0 && only_fetched > 0 && over > 0, "each happens");
    assert_eq!(ground.count("delivery-withdrawn"), rounds(), "the ledger says it of each");
}

fn waits(ground: &Ground, round: usize) -> Waiting {
    let (message, opened) = (format!("message {round}"), format!("key {round}"));
    let key = ground.world.issued(round + 1);
    let told = ground.world.ok("ben", &["key", "deliver", &key, "--link-out", &message], b"");
    let end = told["expires"].as_i64().expect("when it ends") * 1000;
    Waiting { key, message, opened, end }
}

fn ends(ground: &Ground, each: &Waiting, round: usize, counts: &mut Counts) {
    let world = &ground.world;
    let (act, before) = ROUNDS[round % ROUNDS.len()];
    let shift = each.end - before - now();
    world.turn_clocks(shift);
    let words: &[&str] = match act {
        Act::Open => &["envelope", "open", "--link-file", &each.message, "--compose", &each.opened],
        Act::Inspect => &["envelope", "inspect", "--link-file", &each.message],
    };
    let done = world.run("partner", words, b"");
    let heard: Value = serde_json::from_slice(&done.stdout).unwrap_or(Value::Null);
    // Clocks count seconds: in the next one the end has come for every program.
    let left = each.end + 1000 - shift - now();
    thread::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0)));
    let fetched_before = ground.count("envelope-fetched");
    let synced = [ground.sync("ben"), ground.sync("alice")];
    let told = ground.count("envelope-fetched") - fetched_before;
    let state = ground.state(&each.key);
    let withdrawn = ground.works("ben", &["key", "withdraw", &each.key], &[0, 1]);
    let case = format!("round {round}, {before} ms: {heard} {synced:?} {withdrawn} {state}");
    let outcome = withdrawn["outcome"].as_str().unwrap_or_default();
    match (act, done.status.success()) {
        (Act::Open, true) => {
            assert!(world.path(&each.opened).exists(), "{case}: the key came out");
            assert_eq!(heard["posted"]["state"], "sent", "{case}");
            assert_eq!(state, "active", "{case}: its receipt is there");
            assert!(outcome == "acknowledged" || outcome == "fetched", "{case}: somebody had it");
            counts.opened += 1;
        }
        (Act::Inspect, true) => {
            assert_eq!(
                (state.as_str(), outcome, told),
                ("fetched", "fetched", 1),
                "{case}: its reader has it"
            );
            counts.only_fetched += 1;
        }
        (_, false) if state == "fetched" => {
            // The end came between the answer of the relay and its opening.
            assert_eq!(heard["error"]["code"], "envelope-not-accepted", "{case}");
            assert_eq!((outcome, told), ("fetched", 1), "{case}: its reader has it");
            assert!(!world.path(&each.opened).exists(), "{case}: and did not open it");
            counts.only_fetched += 1;
        }
        (_, false) => {
            assert_eq!(heard["error"]["code"], "nothing-behind-link", "{case}");
            assert!(!world.path(&each.opened).exists(), "{case}: nothing came out");
            assert_eq!((state.as_str(), outcome, told), ("expired", "expired", 0), "{case}: nobody has it");
            counts.over += 1;
        }
    }
}
