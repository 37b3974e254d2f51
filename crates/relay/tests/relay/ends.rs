//! How a parcel ends where two ends meet: one is faster, and both sides are told the same.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use countersign_documents::{
    Time,
    relay::{Outcome, ParcelState, Withdraw, Withdrawn, pack},
    time::HOUR,
};
use tokio::sync::Barrier;

use crate::{
    client::{Asking, Client, Reply, request},
    cluster::skipped,
    partner::Parcel,
    program::system_time,
    race::{Two, at_barrier, at_once, prepared, rounds},
    stage::{Course, Stage},
};

/// The same four times.
fn four(request: Vec<u8>) -> Vec<Arc<Vec<u8>>> {
    let request = Arc::new(request);
    (0..4).map(|_| Arc::clone(&request)).collect()
}

/// A withdrawal and some pick-ups at once: who was faster is one answer, told alike to both sides.
async fn withdrawn_against_fetched(course: &Course<'_>) {
    let (mut withdrawn, mut fetched) = (0, 0);
    for round in 0..rounds() {
        let parcel = course.uploaded(&format!("withdrawn {round}")).await;
        let moment = course.client().moment().await;
        let act = Withdraw { moment: moment.clone(), cti: parcel.cti };
        let withdraw = pack(&[&act.sign(&course.bo.certificate, &course.bo.key)]);
        let mut requests = four(request("/v1/fetch", &parcel.fetch_body(course.pia, moment)));
        requests.insert(round % 5, Arc::new(request("/v1/withdraw", &withdraw)));
        let mut answers = at_once(&course.addresses, requests).await;
        let outcome: Withdrawn = answers.remove(round % 5).expect("an answer").read();
        let with_bytes = answers.iter().flatten().filter(|reply| reply.status == 200).count();
        let told = course.client().mail_of(course.bo, course.works.id(), Asking::default()).await;
        let state = told.parcels.iter().find(|p| p.cti == parcel.cti).map(|p| p.state);
        assert_eq!(state, Some(ParcelState::Withdrawn), "round {round}: it ended");
        match outcome.outcome {
            Outcome::Withdrawn => assert_eq!(with_bytes, 0, "round {round}: nobody ever had a byte"),
            Outcome::Fetched => assert!(with_bytes > 0, "round {round}: somebody had it"),
            other => panic!("round {round}: {other:?}"),
        }
        assert_eq!(course.fetch(&parcel).await.status, 404, "round {round}: nobody will again");
        withdrawn += usize::from(outcome.outcome == Outcome::Withdrawn);
        fetched += usize::from(outcome.outcome == Outcome::Fetched);
    }
    println!(
        "withdrawal against pick-up: {withdrawn} times the withdrawal was faster, {fetched} times the reader"
    );
}

/// The end of a parcel, a sweep and its acknowledgement at once: it is over or acknowledged, and both sides say the same.
async fn expired_against_acknowledged(stage: &Stage) {
    let (mut expired, mut acknowledged) = (0, 0);
    for round in 0..rounds() {
        let start = stage.served.hands.now();
        let parcel = stage.uploaded_for(&format!("expired {round}"), HOUR).await;
        assert_eq!(stage.fetch(&parcel).await.status, 200);
        // Its last second: what comes before the clock strikes is in time.
        stage.served.hands.turn(start.plus(HOUR - 1));
        let moment = stage.client().moment().await;
        let body = parcel.acknowledge_body(&stage.pia, moment, format!("receipt {round}").as_bytes());
        let addresses = stage.addresses();
        let relays: Vec<_> =
            [&stage.served].into_iter().chain(&stage.siblings).map(|s| Arc::clone(&s.relay)).collect();
        let barrier = Arc::new(Barrier::new(5));
        let strikes = async {
            barrier.wait().await;
            // Now earlier, now later within the time that the others take.
            for _ in 0..round % 20 * 12 {
                tokio::task::yield_now().await;
            }
            stage.served.hands.turn(start.plus(HOUR));
            for relay in &relays {
                relay.sweep().await.expect("swept");
            }
        };
        let requests = four(request("/v1/acknowledge", &body));
        let (answers, ()) = tokio::join!(at_barrier(&addresses, requests, Arc::clone(&barrier)), strikes);
        let counted = answers.iter().flatten().any(|reply| reply.status == 200);
        let outcome: Withdrawn = stage.client().withdraw(&stage.bo, parcel.cti).await.read();
        // It was fetched, and so it never ends as what nobody had.
        let expected = if counted { Outcome::Acknowledged } else { Outcome::Fetched };
        assert_eq!(outcome.outcome, expected, "round {round}: {answers:?}");
        assert_eq!(stage.fetch(&parcel).await.status, 404, "round {round}: it is over");
        expired += usize::from(!counted);
        acknowledged += usize::from(counted);
    }
    println!("expiry against acknowledgement: {expired} were over, {acknowledged} acknowledged in time");
    let letters = stage.client().mail_of(&stage.bo, stage.works.id(), Asking::default()).await.letters.len();
    assert_eq!(letters, acknowledged.min(32), "a receipt where it counted, and nowhere else");
}

/// How long before or after the end of a parcel the first of a round is sent, in milliseconds; round after round.
const AROUND: [i64; 10] = [-300, -40, -20, -10, -5, -2, 0, 3, 10, 30];

/// What was sent, when that was in milliseconds since the end of the parcel, and what came back.
type Shot = (i64, Option<Reply>);

/// Sends these one after the other, two milliseconds apart and to either relay in turn, around the moment of an end.
async fn around(addresses: &[SocketAddr], requests: Vec<Arc<Vec<u8>>>, end: Time, first: i64) -> Vec<Shot> {
    let mut running = Vec::with_capacity(requests.len());
    for (number, request) in requests.into_iter().enumerate() {
        let address = addresses[number % addresses.len()];
        let late = first + 2 * i64::try_from(number).expect("a few");
        running.push(tokio::spawn(async move {
            let ready = prepared(address, &request).await;
            let left = late - since(end);
            tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0))).await;
            let sent = since(end);
            (sent, ready.go().await)
        }));
    }
    let mut shots = Vec::with_capacity(running.len());
    for task in running {
        shots.push(task.await.expect("it ends"));
    }
    shots
}

/// Milliseconds from an end until now, by the clock that the programs go by.
fn since(end: Time) -> i64 {
    #[allow(clippy::disallowed_methods, reason = "the programs under test have the system's clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(now.as_millis()).expect("it fits") - i64::try_from(end.0 * 1000).expect("it fits")
}

/// What happened in time in one round, and how many requests were too late.
#[derive(Default)]
struct InTime {
    fetched: usize,
    acknowledged: usize,
    late: usize,
}

/// Parcels whose time is over by the clock of the programs, while they are fetched and while they are acknowledged.
async fn expired_by_the_clock(course: &Course<'_>) {
    let mut all = InTime::default();
    for round in (0..rounds()).step_by(4) {
        // Four at once: most of it is waiting for the end.
        let four = tokio::join!(
            ended_by_the_clock(course, round),
            ended_by_the_clock(course, round + 1),
            ended_by_the_clock(course, round + 2),
            ended_by_the_clock(course, round + 3)
        );
        for one in [four.0, four.1, four.2, four.3] {
            all.fetched += one.fetched;
            all.acknowledged += one.acknowledged;
            all.late += one.late;
        }
    }
    let InTime { fetched, acknowledged, late } = all;
    println!(
        "expiry by the clock, {} rounds: {fetched} fetched in time, {acknowledged} acknowledged in time, {late} requests were \
         sent too late",
        rounds()
    );
    assert!(fetched > 0 && fetched < rounds() && acknowledged > 0 && acknowledged < rounds(), "both happen");
    let letters = course.client().mail_of(course.bo, course.works.id(), Asking::default()).await.letters;
    let receipts = letters.iter().filter(|letter| letter.letter.0.starts_with(b"in time")).count();
    assert_eq!(receipts, acknowledged.min(32), "a receipt where it counted, and nowhere else");
}

async fn ended_by_the_clock(course: &Course<'_>, round: usize) -> InTime {
    const LASTING: u64 = 2;
    let now = system_time();
    let course = Course { now, addresses: course.addresses.clone(), ..*course };
    let waits = course.uploaded_for(&format!("waits {round}"), LASTING).await;
    let had = course.uploaded_for(&format!("had {round}"), LASTING).await;
    assert_eq!(course.fetch(&had).await.status, 200, "round {round}");
    let (end, first) = (now.plus(LASTING), AROUND[round % AROUND.len()]);
    let moment = course.client().moment().await;
    let fetch = request("/v1/fetch", &waits.fetch_body(course.pia, moment.clone()));
    let letter = format!("in time {round}");
    let acknowledge =
        request("/v1/acknowledge", &had.acknowledge_body(course.pia, moment, letter.as_bytes()));
    let (fetches, acknowledgements) = tokio::join!(
        around(&course.addresses, four(fetch), end, first),
        around(&course.addresses, four(acknowledge), end, first)
    );
    let count = |shots: &[Shot], status| {
        shots.iter().filter(|(_, reply)| reply.as_ref().is_some_and(|reply| reply.status == status)).count()
    };
    for shots in [&fetches, &acknowledgements] {
        assert_eq!(count(shots, 200) + count(shots, 404), shots.len(), "round {round}: {shots:?}");
    }
    // What is sent after the end brings nothing. An acknowledgement that counted before may be repeated.
    let too_late: Vec<_> = fetches.iter().filter(|(sent, _)| *sent >= 0).cloned().collect();
    assert_eq!(count(&too_late, 404), too_late.len(), "round {round}: {too_late:?}");
    let in_time = count(&acknowledgements, 200) > 0;
    let fetched = count(&fetches, 200) > 0;
    let waited = if fetched { Outcome::Fetched } else { Outcome::Expired };
    let outcome = if in_time { Outcome::Acknowledged } else { Outcome::Fetched };
    agreed(&course, &[(&waits, waited), (&had, outcome)], round).await;
    InTime { fetched: usize::from(fetched), acknowledged: usize::from(in_time), late: too_late.len() }
}

/// Whichever of the relays is asked, and in whichever way: the same became of these parcels.
async fn agreed(course: &Course<'_>, ends: &[(&Parcel, Outcome)], round: usize) {
    let started = system_time();
    while since(started.plus(1)) < 0 {
        // The clock of the programs counts seconds: in the next one the end has come for certain.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for address in &course.addresses {
        let client = Client { address: *address, now: course.now };
        let told = client.mail_of(course.bo, course.works.id(), Asking::default()).await;
        for (parcel, expected) in ends {
            let told = told.parcels.iter().find(|p| p.cti == parcel.cti);
            let state = match expected {
                Outcome::Acknowledged => ParcelState::Acknowledged,
                _ => ParcelState::Expired,
            };
            let had = *expected != Outcome::Expired;
            let told = told.map(|told| (told.state, told.fetched.is_some()));
            assert_eq!(told, Some((state, had)), "round {round}: as a desk is told");
            let outcome: Withdrawn = client.withdraw(course.bo, parcel.cti).await.read();
            assert_eq!(outcome.outcome, *expected, "round {round}: as a withdrawal is told");
            let fetch = parcel.fetch_body(course.pia, client.moment().await);
            assert_eq!(client.post("/v1/fetch", &fetch).await.status, 404, "round {round}: it is over");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_faster_and_both_sides_agree_on_sqlite() {
    let stage = Stage::new().await;
    withdrawn_against_fetched(&stage.course()).await;
    expired_against_acknowledged(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_faster_and_both_sides_agree_on_two_relays_over_one_postgres() {
    match Stage::on_postgres(2).await {
        Ok(stage) => expired_against_acknowledged(&stage).await,
        Err(why) => skipped("a withdrawal against a pick-up on two relays", &why),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_faster_and_both_sides_agree_on_two_programs_over_one_postgres() {
    match Two::started() {
        Ok(two) => {
            withdrawn_against_fetched(&two.course()).await;
            expired_by_the_clock(&two.course()).await;
        }
        Err(why) => skipped("a withdrawal against a pick-up on two programs", &why),
    }
}
