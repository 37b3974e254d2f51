//! Acts per second, beside bare durable commits.

use crate::{
    clients::{Connection, Taken, volley},
    database::Database,
    processors::Spent,
    program::Program,
    quantile,
    scene::Scene,
};

/// Rounds in turn, of which the middle one counts.
const ROUNDS: usize = 5;
/// Acts of each kind in a round.
const ACTS: usize = 1500;
/// Clients at once.
const CLIENTS: usize = 64;
const BARE: &str = "bare commit of an envelope";
/// Acts by one client alone.
const ALONE: usize = 300;

pub(crate) fn head() {
    println!(
        "Acts per second by {CLIENTS} clients at once, middle of {ROUNDS} rounds of {ACTS}; how long each took then, and by one \
         client alone; milliseconds.\n"
    );
    println!(
        "| database | act | a second | of bare commits | p50 | p99 | alone p50 | alone p99 |\n|---|---|---|---|---|---|---|---|"
    );
}

/// All rounds of one kind of act.
#[derive(Default)]
struct Rounds {
    per_second: Vec<f64>,
    of_bare: Vec<f64>,
    each: Vec<f64>,
    alone: Vec<f64>,
    spent: Spent,
}

/// What one act of a kind takes of the processors.
pub(crate) struct Share {
    database: &'static str,
    act: &'static str,
    spent: Spent,
}

impl Rounds {
    fn add(&mut self, taken: Taken, bare: f64) {
        self.of_bare.push(taken.per_second / bare);
        self.per_second.push(taken.per_second);
        self.each.extend(taken.each);
    }

    fn print(mut self, database: &str, act: &str) {
        println!(
            "| {database} | {act} | {:.0} | {:.2} | {:.1} | {:.1} | {:.2} | {:.2} |",
            quantile(&mut self.per_second, 50),
            quantile(&mut self.of_bare, 50),
            quantile(&mut self.each, 50),
            quantile(&mut self.each, 99),
            quantile(&mut self.alone, 50),
            quantile(&mut self.alone, 99)
        );
    }
}

pub(crate) async fn measure(scene: &Scene, database: &Database) -> Vec<Share> {
    let program = Program::start(scene, database);
    let address = program.address;
    let mut nonces = Connection::open(address).await;
    let (mut bares, mut bare_spent) = (Vec::new(), Spent::default());
    let mut all = [Rounds::default(), Rounds::default(), Rounds::default()];
    // What is first opened and compiled is no part of it.
    for (round, acts) in [(0, ALONE)].into_iter().chain((1..=ROUNDS).map(|round| (round, ACTS))) {
        let parcels = scene.parcels(acts);
        let size = parcels[0].envelope.len();
        let before = Spent::so_far(database, None);
        let bare = database.bare(acts, size).await;
        if round > 0 {
            bare_spent.add(Spent::so_far(database, None).since(before));
        }
        for (kind, rounds) in all.iter_mut().enumerate() {
            nonces = Connection::open(address).await;
            let nonce = nonces.nonce().await;
            let (path, bodies) = bodies(scene, kind, &parcels, &nonce);
            let before = Spent::so_far(database, Some(&program));
            let taken = volley(address, path, bodies, CLIENTS).await;
            if round > 0 {
                rounds.spent.add(Spent::so_far(database, Some(&program)).since(before));
                rounds.add(taken, bare);
            }
        }
        if round > 0 {
            bares.push(bare);
        }
    }
    let parcels = scene.parcels(ALONE);
    for (kind, rounds) in all.iter_mut().enumerate() {
        let nonce = Connection::open(address).await.nonce().await;
        let (path, bodies) = bodies(scene, kind, &parcels, &nonce);
        rounds.alone = volley(address, path, bodies, 1).await.each;
    }
    drop(nonces);
    program.stop();
    let name = database.name();
    println!("| {name} | {BARE} | {:.0} | 1.00 | | | | |", quantile(&mut bares, 50));
    let number = ROUNDS * ACTS;
    let mut shares = vec![Share { database: name, act: BARE, spent: bare_spent.each(number) }];
    for (rounds, act) in all.into_iter().zip(["upload", "pick-up", "acknowledgement"]) {
        shares.push(Share { database: name, act, spent: rounds.spent.each(number) });
        rounds.print(name, act);
    }
    shares
}

/// Where the time of the processors went, and how many acts a second they could do at most that way.
pub(crate) fn print(shares: &[Share]) {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!(
        "\nProcessor time of one act, microseconds, and what {processors} processors could do in a second if they did nothing \
         else and never waited.\n"
    );
    println!(
        "| database | act | clients | relay | database server | all | at most a second |\n|---|---|---|---|---|---|---|"
    );
    for Share { database, act, spent } in shares {
        println!(
            "| {database} | {act} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
            spent.clients,
            spent.relay,
            spent.server,
            spent.all(),
            processors as f64 * 1e6 / spent.all()
        );
    }
}

fn bodies(
    scene: &Scene,
    kind: usize,
    parcels: &[crate::partner::Parcel],
    nonce: &[u8],
) -> (&'static str, Vec<Vec<u8>>) {
    match kind {
        0 => ("/v1/upload", scene.uploads(parcels, nonce)),
        1 => ("/v1/fetch", scene.fetches(parcels, nonce)),
        _ => ("/v1/acknowledge", scene.acknowledgements(parcels, nonce)),
    }
}
