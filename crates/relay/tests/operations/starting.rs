//! What does not start says why in one sentence, with the exit code of its kind.

use std::net::TcpListener;

use crate::{
    organisation::{ORIGIN, Organisation},
    program::{Place, Program, ended},
};

/// With everything that is needed, but for what the test is about.
const USUAL: &str =
    "--data data --organisation acme.card --public-url https://relay.example --listen 127.0.0.1:0";

/// What it says: one line, that names the program, with what is so and what to do.
fn assert_fails(place: &Place, arguments: &str, code: i32, sentence: &str) {
    let (status, said) = place.fails(arguments);
    assert_eq!(status, Some(code), "{arguments}: {said}");
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    let expected = format!("countersign-relay: {sentence}");
    assert!(said.starts_with(&expected), "{arguments}: {said} instead of {expected}");
    assert!(!said.contains("panicked") && said.trim_end().ends_with('.'), "a sentence: {said}");
}

#[test]
fn a_card_of_another_relay_is_refused() {
    let place = Place::new();
    assert_fails(
        &place,
        "--data data --organisation acme.card --public-url https://other.example --listen 127.0.0.1:0",
        1,
        "acme.card names https://relay.example as the relay of its organisation, and this one is https://other.example. Say with --public-url",
    );
    place.put("none.card", &Organisation::new(2).card(None, 60));
    assert_fails(
        &place,
        &format!("{USUAL} --organisation none.card"),
        1,
        "none.card is a card that names no relay. Let two admins",
    );
}

#[test]
fn without_a_public_url_the_relay_is_where_it_listens() {
    let place = Place::new();
    let (status, said) = place.fails("--data data --organisation acme.card --listen 127.0.0.1:0");
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("and this one is http://127.0.0.1:"), "it names what it is: {said}");
}

#[test]
fn with_nothing_but_a_folder_and_a_card_it_serves_on_loopback() {
    // Below what the system gives away by itself, and another one for each process.
    let port = 10_000 + u16::try_from(std::process::id() % 20_000).expect("small");
    let place = Place::new();
    place.put("here.card", &Organisation::new(1).card(Some(&format!("http://127.0.0.1:{port}")), 60));
    let arguments = format!("--data data --organisation here.card --listen 127.0.0.1:{port}");
    let mut program = Program::start(place.command(&arguments));
    let started = program.waits_for("started");
    assert_eq!(started["origin"], format!("http://127.0.0.1:{port}"));
    assert_eq!((&started["database"], &started["organisations"]), (&"sqlite".into(), &1.into()));
    assert_eq!(program.address().port(), port);
}

#[test]
fn cards_that_are_none_or_over_are_refused() {
    let place = Place::new();
    place.put("text.card", b"This is no card.");
    let mut forged = Organisation::new(2).card(Some(ORIGIN), 60);
    let last = forged.len() - 1;
    forged[last] ^= 1;
    place.put("forged.card", &forged);
    for name in ["text.card", "forged.card"] {
        let sentence =
            format!("{name} is no card whose signatures hold. Take it from the organisation again");
        assert_fails(&place, &format!("{USUAL} --organisation {name}"), 3, &sentence);
    }
    // Made ten days ago.
    place.put("over.card", &Organisation::new(2).card(Some(ORIGIN), 9));
    let sentence =
        "over.card is a card that is over, or not yet valid by this clock. Let two admins make a new one";
    assert_fails(&place, &format!("{USUAL} --organisation over.card"), 1, sentence);
    let sentence = "nowhere.card is not there. Name another one.";
    assert_fails(&place, &format!("{USUAL} --organisation nowhere.card"), 2, sentence);
    place.put("again.card", &Organisation::new(1).card(Some(ORIGIN), 50));
    let sentence = "again.card is a card of an organisation that another card is of.";
    assert_fails(&place, &format!("{USUAL} --organisation again.card"), 2, sentence);
}

#[test]
fn a_card_that_is_over_is_good_enough_once_the_relay_has_a_newer_one() {
    let place = Place::new();
    place.put("acme.card", &Organisation::new(1).version(2, Some(ORIGIN), 60));
    place.start("").address();
    place.put("acme.card", &Organisation::new(1).version(1, Some(ORIGIN), 9));
    place.start("").address();
}

#[test]
fn the_settings_that_are_handed_out_to_begin_with_are_understood() {
    let place = Place::new();
    place.put("relay.toml", include_bytes!("../../../../packaging/relay/relay.toml"));
    let arguments = format!("--config relay.toml {USUAL}");
    Program::start(place.command(&arguments)).address();
}

#[test]
fn two_organisations_share_one_relay() {
    let place = Place::new();
    let (one, two) = (Organisation::new(1), Organisation::new(2));
    place.put("other.card", &two.card(Some(ORIGIN), 60));
    let mut program = place.start("--organisation other.card");
    assert_eq!(program.waits_for("started")["organisations"], 2);
    for organisation in [one, two] {
        assert_eq!(program.waits_for("card-taken")["organisation"], organisation.id().to_string());
    }
    program.address();
}

#[test]
fn a_port_that_somebody_has_is_not_available() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let sentence =
        format!("It cannot listen on {address}: somebody else has this port. Choose another address");
    assert_fails(&place, &format!("--data data --organisation acme.card --listen {address}"), 4, &sentence);
    assert_fails(&place, &format!("{USUAL} --metrics {address}"), 4, &sentence);
    let sentence = "It cannot listen on 192.0.2.1:80: this machine has no such address.";
    assert_fails(&place, "--data data --organisation acme.card --listen 192.0.2.1:80", 4, sentence);
}

#[test]
fn a_folder_that_others_can_read_is_refused() {
    let place = Place::new();
    std::fs::create_dir(place.path("data")).expect("made");
    place.chmod("data", 0o755);
    assert_fails(&place, USUAL, 3, "data is no folder of this user alone. Name one that is");
    place.chmod("data", 0o700);
    let mut program = place.start("");
    program.address();
}

#[test]
fn what_is_no_folder_is_refused() {
    let place = Place::new();
    place.put("data", b"a file");
    assert_fails(&place, USUAL, 3, "data is no folder of this user alone.");
}

#[tokio::test]
async fn a_database_of_a_later_version_is_not_touched() {
    use sqlx::{Connection as _, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions};
    let place = Place::new();
    let mut program = place.start("");
    program.address();
    program.signal(rustix::process::Signal::TERM);
    assert_eq!(program.ends().0, Some(0));
    let options = SqliteConnectOptions::new().filename(place.path("data/relay.db"));
    let mut conn = SqliteConnection::connect_with(&options).await.expect("opened");
    conn.execute("PRAGMA user_version = 9999").await.expect("set");
    conn.close().await.expect("closed");
    let before = std::fs::read(place.path("data/relay.db")).expect("read");
    let sentence =
        "The database cannot be used: a later version of the relay made it. Install the newer version";
    assert_fails(&place, USUAL, 3, sentence);
    assert_eq!(std::fs::read(place.path("data/relay.db")).expect("read"), before, "it is as it was");
}

#[test]
fn what_is_no_database_of_a_relay_is_left_alone() {
    let place = Place::new();
    std::fs::create_dir(place.path("data")).expect("made");
    place.chmod("data", 0o700);
    place.put(
        "data/relay.db",
        b"This is a text, and not a database; it is longer than the head of one would be.",
    );
    assert_fails(&place, USUAL, 3, "The database cannot be used: it is not the relay's, or it is damaged.");
    assert!(std::fs::read(place.path("data/relay.db")).expect("read").starts_with(b"This is a text"));
}

#[test]
fn a_database_server_that_is_not_there_is_not_available() {
    let place = Place::new();
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let arguments = format!("{USUAL} --database postgres://relay@{free}/relay");
    assert_fails(&place, &arguments, 4, "The database cannot be used: it is not there, or does not answer.");
}

#[test]
fn the_manual_page_is_printed_and_the_command_for_it_is_not_listed() {
    let place = Place::new();
    let output = place.command("man").stdout(std::process::Stdio::piped()).output().expect("run");
    assert!(output.status.success());
    let page = String::from_utf8(output.stdout).expect("text");
    assert!(
        page.contains(".TH countersign\\-relay 1") || page.contains(".TH countersign-relay 1"),
        "{page:.200}"
    );
    for option in ["data", "organisation", "listen", "tls\\-certificate", "metrics", "trusted\\-proxy"] {
        assert!(page.contains(option), "{option} is on the page");
    }
    let output = place.command("--help").stdout(std::process::Stdio::piped()).output().expect("run");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("man "), "it is for whoever packs the relay");
}

#[test]
fn a_command_line_that_is_none_is_one_sentence() {
    let place = Place::new();
    for arguments in [
        "--listen nowhere",
        "--no-such-thing",
        "--data data --connections many",
        "--trusted-proxy 10.0.0.0/99",
    ] {
        let (status, said) = ended(place.command(arguments));
        assert_eq!((status, said.lines().count()), (Some(2), 1), "{arguments}: {said}");
    }
    assert_fails(
        &place,
        "--data data",
        2,
        "Name the card of an organisation with --organisation. See --help.",
    );
    assert_fails(
        &place,
        "--organisation acme.card",
        2,
        "Name a folder for what the relay keeps with --data. See",
    );
    for wrong in [
        "--connections 0",
        "--share 0",
        "--tls-key key.pem",
        "--public-url relay.example",
        "--public-url https://a/b",
    ] {
        let (status, said) = place.fails(&format!("--data data --organisation acme.card {wrong}"));
        assert_eq!((status, said.lines().count()), (Some(2), 1), "{wrong}: {said}");
    }
}
