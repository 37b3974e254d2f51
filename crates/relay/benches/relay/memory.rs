//! What a connection holds of the relay's memory: while it rests, and while somebody waits on it for mail.

use std::time::Duration;

use crate::{clients::Connection, database::Database, program::Program, scene::Scene};

const CONNECTIONS: usize = 4000;
/// Seconds that a poll waits.
const PATIENCE: u64 = 15;

pub(crate) async fn measure(scene: &Scene) {
    println!("\nMemory of the relay with {CONNECTIONS} connections, SQLite.\n");
    println!("| connections that | KiB in all | KiB each |\n|---|---|---|");
    let database = Database::sqlite();
    for waiting in [false, true] {
        let program = Program::start(scene, &database);
        let mut first = Connection::open(program.address).await;
        let nonce = first.nonce().await;
        let before = program.memory();
        let mut held = Vec::with_capacity(CONNECTIONS);
        for _ in 0..CONNECTIONS {
            let mut connection = Connection::open(program.address).await;
            if waiting {
                connection.send("/v1/poll", &scene.wait(&nonce, PATIENCE)).await;
            } else {
                connection.nonce().await;
            }
            held.push(connection);
        }
        // Until the last of them has said what it wants.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let after = program.memory();
        let what = if waiting { "wait for mail" } else { "rest" };
        if !waiting {
            println!("| are not there | {before:.0} | |");
        }
        println!("| {what} | {after:.0} | {:.1} |", (after - before) / CONNECTIONS as f64);
        drop(held);
        drop(program);
    }
}
