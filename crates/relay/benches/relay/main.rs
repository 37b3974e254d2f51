//! What the relay costs: acts per second beside the bare durable commits of the same database in the same run, how long an
//! act takes, what a connection holds in memory, and what a stored parcel costs up to a million of them.
//!
//! The relay is the program as it ships, over HTTP on loopback, on SQLite and on PostgreSQL; the clients are in this process
//! and share the processors with it. Every act is signed before its time is taken.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a bench prints its figures, and ends where it cannot measure"
)]

mod clients;
#[path = "../../tests/relay/cluster.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod cluster;
mod database;
mod memory;
#[path = "../../tests/relay/organisation.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod organisation;
#[path = "../../tests/relay/partner.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod partner;
mod processors;
mod program;
mod rates;
mod scene;
mod stored;

use self::{database::Database, scene::Scene};

#[tokio::main]
async fn main() {
    allow_files();
    let scene = Scene::new();
    let server = database::server();
    if let Err(why) = &server {
        println!("PostgreSQL is left out: {why}\n");
    }
    rates::head();
    let mut shares = rates::measure(&scene, &Database::sqlite()).await;
    if let Ok(cluster) = &server {
        shares.extend(rates::measure(&scene, &Database::postgres(cluster)).await);
    }
    rates::print(&shares);
    memory::measure(&scene).await;
    stored::head();
    stored::measure(&scene, &Database::sqlite()).await;
    if let Ok(cluster) = &server {
        stored::measure(&scene, &Database::postgres(cluster)).await;
    }
}

/// Every connection is a file of this process and one of the relay's.
fn allow_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("files");
}

/// So many of a hundred took at most this.
fn quantile(times: &mut [f64], hundredths: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times[(times.len() * hundredths / 100).min(times.len() - 1)]
}
