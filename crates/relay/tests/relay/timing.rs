//! To whoever has not proven both keys, everything takes the same time: absent, waiting, fetched, acknowledged, withdrawn,
//! over. It is a test of equivalence: each is asked for in turn with one that is absent, many times, and what is judged is
//! the difference within a turn. The interval that holds its middle with 99.9 % must lie within the threshold on both sides.
//! The control, a store that takes a little longer over what it has, must not.

use std::time::{Duration, Instant};

use crate::{
    client::Client,
    organisation::ORIGIN,
    partner::fetch_body,
    sameness::{parcels, strangers},
    stage::{Served, Stage},
    tiny::SelectThenDelete,
};

/// How far the middles may lie apart, in microseconds: less than any network lets anybody see. `make test` has other programs
/// beside it, and looks less often: it takes more for the same.
fn measure() -> (usize, f64) {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { (4000, 25.0) } else { (300, 500.0) }
}

/// How many times as many turns there are at most.
const MORE: usize = 8;

/// What the control adds, which the threshold must tell apart.
fn dawdling(threshold: f64) -> Duration {
    Duration::from_secs_f64(threshold * 3.0 / 1e6)
}

/// Where the middle of the differences lies for certain, in microseconds.
#[derive(Debug, Clone, Copy)]
struct Interval {
    from: f64,
    to: f64,
}

impl Interval {
    /// Of the median, by the ranks that hold it with 99.9 % (binomial, by its normal approximation).
    fn of(mut differences: Vec<f64>) -> Self {
        differences.sort_by(f64::total_cmp);
        let number = differences.len() as f64;
        let reach = 3.2905 * number.sqrt() / 2.0;
        let rank = |at: f64| differences[(at.max(0.0) as usize).min(differences.len() - 1)];
        Self { from: rank(number / 2.0 - reach), to: rank(number / 2.0 + reach) }
    }

    fn is_within(self, threshold: f64) -> bool {
        -threshold < self.from && self.to < threshold
    }
}

async fn took(client: &Client, body: &[u8]) -> f64 {
    let began = Instant::now();
    let status = client.post("/v1/fetch", body).await.status;
    let took = began.elapsed().as_secs_f64() * 1e6;
    assert_eq!(status, 404);
    took
}

/// How much longer the second of these takes than the first, turn by turn, each first as often as second.
async fn differences(client: &Client, absent: &[u8], other: &[u8], often: usize) -> Vec<f64> {
    let mut found = Vec::with_capacity(often);
    for turn in 0..often {
        let (absent, other) = if turn % 2 == 0 {
            let first = took(client, absent).await;
            (first, took(client, other).await)
        } else {
            let first = took(client, other).await;
            (took(client, absent).await, first)
        };
        found.push(other - absent);
    }
    found
}

/// The interval, as soon as it lies within the threshold. Where it does not, because other programs disturbed the first turns
/// or because there is a difference, more turns follow: a difference is still there then.
async fn judged(client: &Client, [absent, other]: [&[u8]; 2], often: usize, threshold: f64) -> Interval {
    let mut found = Vec::new();
    for _ in 0..MORE {
        found.extend(differences(client, absent, other, often).await);
        if Interval::of(found.clone()).is_within(threshold) {
            break;
        }
    }
    Interval::of(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_became_of_a_parcel_strangers_wait_as_long() {
    let (often, threshold) = measure();
    let stage = Stage::new().await;
    let parcels = parcels(&stage).await;
    let client = stage.client();
    let mut far = Vec::new();
    for who in 0..3 {
        let of = async |parcel| {
            let (name, identity, key) = strangers(&stage, parcel).swap_remove(who);
            (name, fetch_body(parcel.cti, &identity, &key, client.moment().await))
        };
        let (name, absent) = of(&parcels[0].1).await;
        for (what, parcel) in &parcels[1..] {
            let (_, other) = of(parcel).await;
            let interval = judged(&client, [&absent, &other], often, threshold).await;
            println!(
                "{what}, to whoever has {name}: {:.1} to {:.1} microseconds longer than absent",
                interval.from, interval.to
            );
            if !interval.is_within(threshold) {
                far.push((*what, name, interval));
            }
        }
    }
    println!("{often} turns each, threshold {threshold} microseconds");
    assert!(far.is_empty(), "{far:?}");
}

/// The control: a store that takes longer over what it has.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_takes_longer_over_what_it_has_is_caught() {
    let (often, threshold) = measure();
    let mut stage = Stage::new().await;
    let hands = stage.served.hands.clone();
    let cards = vec![stage.works.card(1, Some(ORIGIN))];
    let relay = SelectThenDelete::dawdling(dawdling(threshold), cards, &hands).await;
    stage.served = Served::over(relay, hands).await;
    let client = stage.client();
    let waits = stage.uploaded("waits").await;
    let absent = crate::partner::Parcel::new("absent", &stage.bo, client.now);
    let mut bodies = Vec::new();
    for parcel in [&absent, &waits] {
        let (_, identity, key) = strangers(&stage, parcel).swap_remove(0);
        bodies.push(fetch_body(parcel.cti, &identity, &key, client.moment().await));
    }
    let interval = judged(&client, [&bodies[0], &bodies[1]], often, threshold).await;
    println!("control: {:.1} to {:.1} microseconds longer than absent", interval.from, interval.to);
    assert!(!interval.is_within(threshold) && interval.from > 0.0, "{interval:?}");
}
