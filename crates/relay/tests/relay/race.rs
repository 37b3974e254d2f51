//! Many clients at one moment: each has sent everything but its last byte when the first last byte goes out.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use countersign_documents::{
    SigningKey,
    relay::{Moment, Outcome, ParcelState, Withdraw, Withdrawn, pack},
    time::HOUR,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Barrier,
};

use crate::{
    client::{Asking, Reply, request},
    cluster::skipped,
    organisation::signing,
    partner::{Parcel, acknowledge_body, fetch_body},
    stage::{Served, Stage},
    tiny::SelectThenDelete,
};

/// How many race for one parcel.
const CLIENTS: usize = 1000;
/// How many of them are its reader, who has lost answers and asks again.
const READERS: usize = 100;

/// How many ask once more when it is over.
const LATE: usize = 40;

/// How many rounds of a thousand on each of the three: a little more than twenty in all, two hundred each when soaking.
fn rounds() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 200 } else { 7 }
}

/// How many rounds of a few.
fn small_rounds() -> usize {
    rounds().max(20)
}

/// Every connection is two files of this process.
fn allow_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("files");
}

/// Sends all of them at once, spread over these relays. Answers in their order.
pub(crate) async fn at_once(addresses: &[SocketAddr], requests: Vec<Arc<Vec<u8>>>) -> Vec<Option<Reply>> {
    let barrier = Arc::new(Barrier::new(requests.len()));
    at_barrier(addresses, requests, barrier).await
}

/// The same where somebody else waits for the moment too.
async fn at_barrier(
    addresses: &[SocketAddr],
    requests: Vec<Arc<Vec<u8>>>,
    barrier: Arc<Barrier>,
) -> Vec<Option<Reply>> {
    let mut running = Vec::with_capacity(requests.len());
    for (number, request) in requests.into_iter().enumerate() {
        let (address, barrier) = (addresses[number % addresses.len()], Arc::clone(&barrier));
        running.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("it accepts");
            let (last, most) = request.split_last().expect("a request");
            stream.write_all(most).await.expect("sent");
            barrier.wait().await;
            stream.write_all(&[*last]).await.expect("sent");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.expect("it answers");
            Reply::parse(&answer)
        }));
    }
    let mut answers = Vec::with_capacity(running.len());
    for task in running {
        answers.push(task.await.expect("it ends"));
    }
    answers
}

/// What a race is about.
struct Race<'a> {
    stage: &'a Stage,
    parcel: &'a Parcel,
    moment: Moment,
    paul: SigningKey,
}

impl Race<'_> {
    /// As many as there are clients: its reader now and then, and between them whoever lacks one key or both.
    fn field(
        &self,
        of_reader: impl Fn(usize) -> Vec<u8>,
        of: impl Fn(&SigningKey, &SigningKey) -> Vec<u8>,
        path: &str,
    ) -> Vec<Arc<Vec<u8>>> {
        let (pia, key) = (&self.stage.pia.identity, self.parcel.pick_up_key());
        let strangers = [of(&self.paul, &key), of(pia, &self.paul), of(&self.paul, &self.paul)]
            .map(|body| Arc::new(request(path, &body)));
        let every = CLIENTS / READERS;
        let one = |number: usize| match number % every {
            0 => Arc::new(request(path, &of_reader(number))),
            other => Arc::clone(&strangers[other % strangers.len()]),
        };
        (0..CLIENTS).map(one).collect()
    }

    fn fetches(&self) -> Vec<Arc<Vec<u8>>> {
        let of = |identity: &SigningKey, key: &SigningKey| {
            fetch_body(self.parcel.cti, identity, key, self.moment.clone())
        };
        let by_reader = of(&self.stage.pia.identity, &self.parcel.pick_up_key());
        self.field(|_| by_reader.clone(), of, "/v1/fetch")
    }

    async fn fetch(&self) -> Vec<Option<Reply>> {
        at_once(&self.stage.addresses(), self.fetches()).await
    }

    /// Each of the reader's with a receipt of its own, so that two that count are seen.
    async fn acknowledge(&self) -> Vec<Option<Reply>> {
        let of = |identity: &SigningKey, key: &SigningKey, letter: &[u8]| {
            acknowledge_body(self.parcel.cti, identity, key, self.moment.clone(), letter)
        };
        let key = self.parcel.pick_up_key();
        let by_reader = |number: usize| {
            of(&self.stage.pia.identity, &key, format!("{:?} {number}", self.parcel.cti).as_bytes())
        };
        let field = self.field(by_reader, |a, b| of(a, b, b"stranger"), "/v1/acknowledge");
        at_once(&self.stage.addresses(), field).await
    }
}

/// What was seen in a race, over all its rounds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Answers to its reader with the envelope.
    bytes_to_reader: usize,
    /// Answers to anybody else with anything but the one refusal.
    to_strangers: usize,
    /// Acknowledgements that counted.
    acknowledged: usize,
    /// Answers that hold the envelope after one counted.
    after_end: usize,
    /// Statuses that do not belong here, and connections without an answer.
    strange: usize,
}

impl Seen {
    fn fetches(&mut self, answers: &[Option<Reply>], parcel: &Parcel) {
        let refusal = answers.iter().flatten().find(|reply| reply.status == 404).cloned();
        for (number, reply) in answers.iter().enumerate() {
            let is_reader = number % (CLIENTS / READERS) == 0;
            match reply {
                Some(reply) if is_reader && reply.status == 200 && reply.body == parcel.envelope => {
                    self.bytes_to_reader += 1
                }
                Some(reply) if !is_reader && Some(reply) == refusal.as_ref() => {}
                Some(_) if !is_reader => self.to_strangers += 1,
                _ => self.strange += 1,
            }
        }
    }

    fn acknowledgements(&mut self, answers: &[Option<Reply>]) {
        for (number, reply) in answers.iter().enumerate() {
            let is_reader = number % (CLIENTS / READERS) == 0;
            match reply.as_ref().map(|reply| reply.status) {
                Some(200) if is_reader => self.acknowledged += 1,
                Some(404) => {}
                Some(_) if !is_reader => self.to_strangers += 1,
                _ => self.strange += 1,
            }
        }
    }
}

async fn race(stage: &Stage, rounds: usize) -> Seen {
    allow_files();
    let mut seen = Seen::default();
    for round in 0..rounds {
        let parcel = stage.uploaded(&format!("race {round}")).await;
        let moment = stage.client().moment().await;
        let race = Race { stage, parcel: &parcel, moment, paul: signing("paul") };
        seen.fetches(&race.fetch().await, &parcel);
        seen.acknowledgements(&race.acknowledge().await);
        let late = at_once(&stage.addresses(), race.fetches().drain(..LATE).collect()).await;
        seen.after_end += late.iter().flatten().filter(|reply| reply.status == 200).count();
        assert!(late.windows(2).all(|pair| pair[0] == pair[1]), "after the end all are answered alike");
    }
    seen
}

async fn raced(name: &str, stage: &Stage) {
    let (rounds, began) = (rounds(), Instant::now());
    let seen = race(stage, rounds).await;
    println!(
        "{name}: {rounds} rounds of {CLIENTS} clients in {:.1} s: {} answers with bytes, all to the reader; {} of {rounds} \
         parcels acknowledged once; {} bytes after that",
        began.elapsed().as_secs_f64(),
        seen.bytes_to_reader,
        seen.acknowledged,
        seen.after_end
    );
    let expected = Seen { bytes_to_reader: rounds * READERS, acknowledged: rounds, ..Seen::default() };
    assert_eq!(seen, expected);
    let letters = stage.client().mail_of(&stage.bo, stage.works.id(), Asking::default()).await.letters.len();
    assert_eq!(letters, rounds.min(32), "one receipt a round");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_race_for_one_parcel_on_sqlite() {
    raced("sqlite", &Stage::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_race_for_one_parcel_on_postgres() {
    match Stage::on_postgres(1).await {
        Ok(stage) => raced("postgres", &stage).await,
        Err(why) => skipped("a race on PostgreSQL", &why),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_race_for_one_parcel_on_two_relays_over_one_postgres() {
    match Stage::on_postgres(2).await {
        Ok(stage) => raced("two relays over one postgres", &stage).await,
        Err(why) => skipped("a race between two relays on PostgreSQL", &why),
    }
}

/// The control: a store that looks first and changes afterwards loses the race, and the harness sees it.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_looks_first_and_changes_afterwards_is_caught() {
    let mut stage = Stage::new().await;
    let hands = stage.served.hands.clone();
    let relay =
        SelectThenDelete::relay(vec![stage.works.card(1, Some(crate::organisation::ORIGIN))], &hands).await;
    stage.served = Served::over(relay, hands).await;
    let seen = race(&stage, 2).await;
    println!("control: {} acknowledgements counted where 2 should", seen.acknowledged);
    assert!(seen.acknowledged > 2, "{seen:?}");
}

/// The same four times.
fn four(request: Vec<u8>) -> Vec<Arc<Vec<u8>>> {
    let request = Arc::new(request);
    (0..4).map(|_| Arc::clone(&request)).collect()
}

/// A withdrawal and some pick-ups at once: who was faster is one answer, told alike to both sides.
async fn withdrawn_against_fetched(stage: &Stage) {
    let (mut withdrawn, mut fetched) = (0, 0);
    for round in 0..small_rounds() {
        let parcel = stage.uploaded(&format!("withdrawn {round}")).await;
        let moment = stage.client().moment().await;
        let act = Withdraw { moment: moment.clone(), cti: parcel.cti };
        let withdraw = pack(&[&act.sign(&stage.bo.certificate, &stage.bo.key)]);
        let mut requests = four(request("/v1/fetch", &parcel.fetch_body(&stage.pia, moment)));
        requests.insert(round % 5, Arc::new(request("/v1/withdraw", &withdraw)));
        let mut answers = at_once(&stage.addresses(), requests).await;
        let outcome: Withdrawn = answers.remove(round % 5).expect("an answer").read();
        let with_bytes = answers.iter().flatten().filter(|reply| reply.status == 200).count();
        let told = stage.client().mail_of(&stage.bo, stage.works.id(), Asking::default()).await;
        let state = told.parcels.iter().find(|p| p.cti == parcel.cti).map(|p| p.state);
        assert_eq!(state, Some(ParcelState::Withdrawn), "round {round}: it ended");
        match outcome.outcome {
            Outcome::Withdrawn => assert_eq!(with_bytes, 0, "round {round}: nobody ever had a byte"),
            Outcome::Fetched => assert!(with_bytes > 0, "round {round}: somebody had it"),
            other => panic!("round {round}: {other:?}"),
        }
        assert_eq!(stage.fetch(&parcel).await.status, 404, "round {round}: nobody will again");
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
    for round in 0..small_rounds() {
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
        let expected = if counted { Outcome::Acknowledged } else { Outcome::Expired };
        assert_eq!(outcome.outcome, expected, "round {round}: {answers:?}");
        assert_eq!(stage.fetch(&parcel).await.status, 404, "round {round}: it is over");
        expired += usize::from(!counted);
        acknowledged += usize::from(counted);
    }
    println!("expiry against acknowledgement: {expired} were over, {acknowledged} acknowledged in time");
    let letters = stage.client().mail_of(&stage.bo, stage.works.id(), Asking::default()).await.letters.len();
    assert_eq!(letters, acknowledged.min(32), "a receipt where it counted, and nowhere else");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_faster_and_both_sides_agree_on_sqlite() {
    let stage = Stage::new().await;
    withdrawn_against_fetched(&stage).await;
    expired_against_acknowledged(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_faster_and_both_sides_agree_on_two_relays_over_one_postgres() {
    match Stage::on_postgres(2).await {
        Ok(stage) => {
            withdrawn_against_fetched(&stage).await;
            expired_against_acknowledged(&stage).await;
        }
        Err(why) => skipped("a withdrawal against a pick-up on two relays", &why),
    }
}
