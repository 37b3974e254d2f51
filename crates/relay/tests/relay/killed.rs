//! The real program, killed at any instant: what it acknowledged is there, and what ended does not come back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use countersign_documents::relay::ParcelState;
use tokio::task::JoinSet;

use crate::{
    client::{Asking, Client, Reply, request},
    cluster::{Cluster, skipped},
    dice::Dice,
    organisation::{Member, Organisation},
    partner::{Parcel, Partner},
    program::{Program, system_time},
    stage::ALL,
    world::PATIENCE,
};

/// How many parcels go their whole way: three acts each.
const PARCELS: usize = 100;
/// How many are on their way at once.
const AT_ONCE: usize = 6;

/// One parcel's way. Whoever has no answer asks again.
struct Way {
    client: Client,
    bo: Member,
    pia: Partner,
    name: String,
}

impl Way {
    /// Until there is an answer.
    async fn insist(
        &self,
        path: &str,
        body: impl Fn(countersign_documents::relay::Moment) -> Vec<u8>,
    ) -> Reply {
        let asking = async {
            loop {
                if let Some(moment) = self.client.moment_if_any().await
                    && let Some(reply) = self.client.say(&request(path, &body(moment))).await
                    // Its database was about to go away with it.
                    && reply.status != 503
                {
                    return reply;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.expect("it comes back")
    }

    async fn fetch(&self, parcel: &Parcel) -> Reply {
        self.insist("/v1/fetch", |moment| parcel.fetch_body(&self.pia, moment)).await
    }

    async fn goes(self, acts: Arc<AtomicUsize>) {
        let parcel = Parcel::new(&self.name, &self.bo, self.client.now);
        let uploaded =
            self.insist("/v1/upload", |moment| parcel.upload_body(&self.bo, &self.pia, moment)).await;
        assert_eq!(uploaded.status, 200, "{} is uploaded", self.name);
        acts.fetch_add(1, Ordering::SeqCst);
        let fetched = self.fetch(&parcel).await;
        assert_eq!((fetched.status, &fetched.body), (200, &parcel.envelope), "{} is there", self.name);
        acts.fetch_add(1, Ordering::SeqCst);
        let letter = format!("receipt of {}", self.name);
        let acknowledge = |moment| parcel.acknowledge_body(&self.pia, moment, letter.as_bytes());
        let acknowledged = self.insist("/v1/acknowledge", acknowledge).await;
        assert_eq!(acknowledged.status, 200, "{} is acknowledged", self.name);
        acts.fetch_add(1, Ordering::SeqCst);
        assert_eq!(self.fetch(&parcel).await.status, 404, "{} is not served again", self.name);
    }
}

/// Everything that is on its way at once, until all of it has arrived.
fn all_go(works: &Organisation, client: Client, acts: &Arc<AtomicUsize>) -> tokio::task::JoinHandle<()> {
    let way = |number: usize| Way {
        client,
        bo: works.member("bo", &ALL),
        pia: Partner::new("pia"),
        name: format!("parcel {number}"),
    };
    let ways: Vec<_> = (0..PARCELS).map(way).collect();
    let acts = Arc::clone(acts);
    tokio::spawn(async move {
        let mut running = JoinSet::new();
        for way in ways {
            if running.len() == AT_ONCE {
                running.join_next().await.expect("one runs").expect("it arrives");
            }
            running.spawn(way.goes(Arc::clone(&acts)));
        }
        running.join_all().await;
    })
}

/// Some acts later, and then at any instant within one. Says whether there is still something on its way.
async fn comes_an_instant(
    dice: &mut Dice,
    acts: &AtomicUsize,
    running: &tokio::task::JoinHandle<()>,
) -> bool {
    let wanted = acts.load(Ordering::SeqCst) + dice.below(12);
    while acts.load(Ordering::SeqCst) < wanted && !running.is_finished() {
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    tokio::time::sleep(Duration::from_micros(dice.below(3000) as u64)).await;
    !running.is_finished()
}

/// Each parcel is acknowledged once, and each receipt is there once.
async fn all_are_there(works: &Organisation, client: Client, told: &str) {
    let bo = works.member("bo", &ALL);
    let (mut after, mut letters) = (0, Vec::new());
    loop {
        let mail = client.mail_of(&bo, works.id(), Asking { after, ..Asking::default() }).await;
        let Some(last) = mail.letters.last() else { break };
        after = last.number;
        letters.extend(mail.letters.into_iter().map(|letter| letter.letter.0));
    }
    let parcels = client.mail_of(&bo, works.id(), Asking::default()).await.parcels;
    let ended = parcels.iter().filter(|parcel| parcel.state == ParcelState::Acknowledged).count();
    letters.sort();
    let all = letters.len();
    letters.dedup();
    println!("{told}: {ended} of {PARCELS} parcels acknowledged, {} receipts", letters.len());
    assert_eq!((ended, all, letters.len()), (PARCELS, PARCELS, PARCELS), "each once, and none lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_however_often_it_is_killed() {
    let mut dice = Dice::seeded("kills");
    let now = system_time();
    let works = Organisation::found("Example Works", now);
    let mut program = Program::start(&works);
    let client = Client { address: program.address, now };
    let acts = Arc::new(AtomicUsize::new(0));
    let running = all_go(&works, client, &acts);
    let mut kills = 0;
    while comes_an_instant(&mut dice, &acts, &running).await {
        program.kill();
        kills += 1;
        program.start_again();
    }
    running.await.expect("all arrive");
    let told = format!("sqlite: {kills} kills within {} acts", acts.load(Ordering::SeqCst));
    all_are_there(&works, client, &told).await;
    assert!(kills >= 10, "{kills} kills show something");
}

/// The relay, one of the processes of its server that serve it, and the server itself, at any instant.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_however_often_it_or_its_server_is_killed() {
    let mut cluster = match Cluster::started() {
        Ok(cluster) => cluster,
        Err(why) => return skipped("kills of a relay on PostgreSQL and of its server", &why),
    };
    let mut dice = Dice::seeded("kills on PostgreSQL");
    let now = system_time();
    let works = Organisation::found("Example Works", now);
    let mut program = Program::on(&works, &cluster.database());
    let client = Client { address: program.address, now };
    let acts = Arc::new(AtomicUsize::new(0));
    let running = all_go(&works, client, &acts);
    let (mut kills, mut backends, mut crashes) = (0, 0, 0);
    while comes_an_instant(&mut dice, &acts, &running).await {
        // The server is slow to recover; most kills are the relay's.
        match kills % 6 {
            2 => backends += usize::from(cluster.kill_one()),
            5 => {
                cluster.crash();
                crashes += 1;
            }
            _ => {
                program.kill();
                program.start_again();
            }
        }
        kills += 1;
    }
    running.await.expect("all arrive");
    let told = format!(
        "postgres: {kills} kills within {} acts, {backends} of them of a process that served the relay, {crashes} of the server",
        acts.load(Ordering::SeqCst)
    );
    all_are_there(&works, client, &told).await;
    assert!(kills >= 10 && backends > 0 && crashes > 0, "this shows something");
}
