//! What a stored parcel costs: bytes on the disk, and whether acts become slower the more of them there are.

use crate::{
    clients::{Connection, volley},
    database::Database,
    program::Program,
    quantile,
    scene::Scene,
};

/// Acts of each kind at each size, by one client alone.
const ACTS: usize = 200;

/// Up to how many parcels: `COUNTERSIGN_BENCH_PARCELS` names others.
fn sizes() -> Vec<usize> {
    let named = std::env::var("COUNTERSIGN_BENCH_PARCELS").unwrap_or_default();
    let named: Vec<_> = named.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    if named.is_empty() { vec![1_000, 10_000, 100_000, 1_000_000] } else { named }
}

pub(crate) fn head() {
    println!(
        "\nWith so many parcels stored: bytes of the database for each, and the time of an act by one client alone, p50 and p99 of {ACTS} in milliseconds.\n"
    );
    println!(
        "| database | parcels | bytes each | upload | pick-up | acknowledgement | a desk asks what became of them |\n|---|---|---|---|---|---|---|"
    );
}

pub(crate) async fn measure(scene: &Scene, database: &Database) {
    let empty = {
        let program = Program::start(scene, database);
        let size = database.size().await;
        // The one that all others are copies of.
        let mut connection = Connection::open(program.address).await;
        let nonce = connection.nonce().await;
        let first = scene.uploads(&scene.parcels(1), &nonce);
        connection.post("/v1/upload", &first[0]).await;
        program.stop();
        size
    };
    for size in sizes() {
        database.fill(size).await;
        let each = (database.size().await - empty) / size as f64;
        let program = Program::start(scene, database);
        let parcels = scene.parcels(ACTS);
        let mut connection = Connection::open(program.address).await;
        let nonce = connection.nonce().await;
        let polls = (0..ACTS).map(|_| scene.poll(&nonce, 0)).collect();
        let kinds = [
            ("/v1/upload", scene.uploads(&parcels, &nonce)),
            ("/v1/fetch", scene.fetches(&parcels, &nonce)),
            ("/v1/acknowledge", scene.acknowledgements(&parcels, &nonce)),
            ("/v1/poll", polls),
        ];
        let mut cells = String::new();
        for (path, bodies) in kinds {
            let mut each = volley(program.address, path, bodies, 1).await.each;
            cells.push_str(&format!(" {:.2}, {:.2} |", quantile(&mut each, 50), quantile(&mut each, 99)));
        }
        program.stop();
        println!("| {} | {size} | {each:.0} |{cells}", database.name());
    }
}
