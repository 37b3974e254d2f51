//! Several programs on one PostgreSQL.

use std::net::SocketAddr;

use crate::{
    cluster::{Cluster, skipped},
    organisation::{ORIGIN, Organisation},
    program::{Place, Program},
    quota::dispatch,
    running::{ask, fetch},
};

/// One of them, and where it answers clients and those who watch it.
fn start(place: &Place) -> (Program, SocketAddr, SocketAddr) {
    let mut program = Program::start(place.command(&format!(
        "--database-file address --organisation acme.card --public-url {ORIGIN} --listen 127.0.0.1:0 --metrics 127.0.0.1:0"
    )));
    assert_eq!(program.waits_for("started")["database"], "postgres");
    let note = program.waits_for("listening");
    let metrics = note["address"].as_str().expect("text").parse().expect("an address");
    let address = program.address();
    (program, address, metrics)
}

#[test]
fn two_programs_share_one_database_and_say_when_it_is_gone() {
    let cluster = match Cluster::started() {
        Ok(cluster) => cluster,
        Err(why) => return skipped("two programs on one PostgreSQL", &why),
    };
    let (place, organisation) = (Place::new(), Organisation::new(1));
    // A server that trusts does not ask for the password; that it may stand here is what is seen.
    let address = cluster.database().replacen("postgres@", "postgres:in-a-file-of-its-own@", 1);
    place.put("address", address.as_bytes());
    let (_one, one, _) = start(&place);
    let (_two, two, metrics) = start(&place);
    assert_eq!(dispatch(one, &organisation, 1, b"a letter"), 200, "a nonce of one counts at the other");
    assert_eq!(dispatch(two, &organisation, 1, b"a letter"), 200, "it is one letter");
    let (_, page) = ask(metrics, "/metrics");
    assert!(page.contains("countersign_relay_letters 1\n"), "{page}");
    drop(cluster);
    for address in [one, two] {
        assert_eq!(fetch(address, "/readyz").0, 503, "the database is gone");
        assert_eq!(fetch(address, "/healthz").0, 200, "and the program is not");
    }
    assert!(ask(metrics, "/metrics").1.contains("countersign_relay_ready 0\n"), "whoever watches is told");
}
