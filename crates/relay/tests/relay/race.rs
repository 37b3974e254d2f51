//! Many clients at one moment: each has sent everything but its last byte when the first last byte goes out.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use countersign_documents::{SigningKey, Time, relay::Moment};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Barrier,
};

use crate::{
    client::{Asking, Reply, request},
    cluster::{Cluster, skipped},
    organisation::{Member, Organisation, signing},
    partner::{Parcel, Partner, acknowledge_body, fetch_body},
    program::{Program, system_time},
    stage::{ALL, Course, Served, Stage},
    tiny::SelectThenDelete,
};

/// How many race for one parcel.
const CLIENTS: usize = 1000;
/// How many of them are its reader, who has lost answers and asks again.
const READERS: usize = 100;

/// How many ask once more when it is over.
const LATE: usize = 40;

/// How many rounds on each of the three: two hundred when soaking.
pub(crate) fn rounds() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 200 } else { 20 }
}

/// Every connection is two files of this process.
fn allow_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("files");
}

/// A request of which only the last byte is missing.
pub(crate) struct Ready {
    stream: TcpStream,
    last: u8,
}

pub(crate) async fn prepared(address: SocketAddr, request: &[u8]) -> Ready {
    let mut stream = TcpStream::connect(address).await.expect("it accepts");
    let (last, most) = request.split_last().expect("a request");
    stream.write_all(most).await.expect("sent");
    Ready { stream, last: *last }
}

impl Ready {
    pub(crate) async fn go(mut self) -> Option<Reply> {
        self.stream.write_all(&[self.last]).await.expect("sent");
        let mut answer = Vec::new();
        self.stream.read_to_end(&mut answer).await.expect("it answers");
        Reply::parse(&answer)
    }
}

/// Sends all of them at once, spread over these relays. Answers in their order.
pub(crate) async fn at_once(addresses: &[SocketAddr], requests: Vec<Arc<Vec<u8>>>) -> Vec<Option<Reply>> {
    let barrier = Arc::new(Barrier::new(requests.len()));
    at_barrier(addresses, requests, barrier).await
}

/// The same where somebody else waits for the moment too.
pub(crate) async fn at_barrier(
    addresses: &[SocketAddr],
    requests: Vec<Arc<Vec<u8>>>,
    barrier: Arc<Barrier>,
) -> Vec<Option<Reply>> {
    let mut running = Vec::with_capacity(requests.len());
    for (number, request) in requests.into_iter().enumerate() {
        let (address, barrier) = (addresses[number % addresses.len()], Arc::clone(&barrier));
        running.push(tokio::spawn(async move {
            let ready = prepared(address, &request).await;
            barrier.wait().await;
            ready.go().await
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
    course: &'a Course<'a>,
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
        let (pia, key) = (&self.course.pia.identity, self.parcel.pick_up_key());
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
        let by_reader = of(&self.course.pia.identity, &self.parcel.pick_up_key());
        self.field(|_| by_reader.clone(), of, "/v1/fetch")
    }

    async fn fetch(&self) -> Vec<Option<Reply>> {
        at_once(&self.course.addresses, self.fetches()).await
    }

    /// Each of the reader's with a receipt of its own, so that two that count are seen.
    async fn acknowledge(&self) -> Vec<Option<Reply>> {
        let of = |identity: &SigningKey, key: &SigningKey, letter: &[u8]| {
            acknowledge_body(self.parcel.cti, identity, key, self.moment.clone(), letter)
        };
        let key = self.parcel.pick_up_key();
        let by_reader = |number: usize| {
            of(&self.course.pia.identity, &key, format!("{:?} {number}", self.parcel.cti).as_bytes())
        };
        let field = self.field(by_reader, |a, b| of(a, b, b"stranger"), "/v1/acknowledge");
        at_once(&self.course.addresses, field).await
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

async fn race(course: &Course<'_>, rounds: usize) -> Seen {
    allow_files();
    let mut seen = Seen::default();
    for round in 0..rounds {
        let parcel = course.uploaded(&format!("race {round}")).await;
        let moment = course.client().moment().await;
        let race = Race { course, parcel: &parcel, moment, paul: signing("paul") };
        seen.fetches(&race.fetch().await, &parcel);
        seen.acknowledgements(&race.acknowledge().await);
        let late = at_once(&course.addresses, race.fetches().drain(..LATE).collect()).await;
        seen.after_end += late.iter().flatten().filter(|reply| reply.status == 200).count();
        assert!(late.windows(2).all(|pair| pair[0] == pair[1]), "after the end all are answered alike");
    }
    seen
}

async fn raced(name: &str, course: &Course<'_>) {
    let (rounds, began) = (rounds(), Instant::now());
    let seen = race(course, rounds).await;
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
    let letters =
        course.client().mail_of(course.bo, course.works.id(), Asking::default()).await.letters.len();
    assert_eq!(letters, rounds.min(32), "one receipt a round");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_race_for_one_parcel_on_sqlite() {
    raced("sqlite", &Stage::new().await.course()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_race_for_one_parcel_on_postgres() {
    match Stage::on_postgres(1).await {
        Ok(stage) => raced("postgres", &stage.course()).await,
        Err(why) => skipped("a race on PostgreSQL", &why),
    }
}

/// The real program twice, over one database.
pub(crate) struct Two {
    works: Organisation,
    bo: Member,
    pia: Partner,
    programs: [Program; 2],
    now: Time,
    _cluster: Cluster,
}

impl Two {
    pub(crate) fn started() -> Result<Self, String> {
        let (cluster, now) = (Cluster::started()?, system_time());
        let (works, address) = (Organisation::found("Example Works", now), cluster.database());
        let programs = [(); 2].map(|()| Program::on(&works, &address));
        let (bo, pia) = (works.member("bo", &ALL), Partner::new("pia"));
        Ok(Self { works, bo, pia, programs, now, _cluster: cluster })
    }

    pub(crate) fn course(&self) -> Course<'_> {
        let Self { works, bo, pia, now, .. } = self;
        let addresses = self.programs.iter().map(|program| program.address).collect();
        Course { works, bo, pia, addresses, now: *now }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_race_for_one_parcel_between_two_programs_over_one_postgres() {
    match Two::started() {
        Ok(two) => raced("two programs over one postgres", &two.course()).await,
        Err(why) => skipped("a race between two programs on PostgreSQL", &why),
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
    let seen = race(&stage.course(), 2).await;
    println!("control: {} acknowledgements counted where 2 should", seen.acknowledged);
    assert!(seen.acknowledged > 2, "{seen:?}");
}
