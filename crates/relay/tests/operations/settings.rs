//! Settings: what is said where, and which of it counts.

use crate::program::{Place, Program, ended};

/// Where a relay of this command listens.
fn listens(command: std::process::Command) -> std::net::SocketAddr {
    Program::start(command).address()
}

const FILE: &str = "data = \"data\"\norganisation = [\"acme.card\"]\npublic-url = \"https://relay.example\"\nlisten = \"127.0.0.2:0\"\n";

#[test]
fn an_argument_counts_before_the_environment_and_that_before_the_file() {
    let place = Place::new();
    place.put("relay.toml", FILE.as_bytes());
    assert_eq!(listens(place.command("--config relay.toml")).ip().to_string(), "127.0.0.2", "the file");
    let mut command = place.command("--config relay.toml");
    command.env("COUNTERSIGN_RELAY_LISTEN", "127.0.0.3:0");
    assert_eq!(listens(command).ip().to_string(), "127.0.0.3", "the environment");
    let mut command = place.command("--config relay.toml --listen 127.0.0.4:0");
    command.env("COUNTERSIGN_RELAY_LISTEN", "127.0.0.3:0");
    assert_eq!(listens(command).ip().to_string(), "127.0.0.4", "the argument");
}

#[test]
fn the_environment_alone_is_enough() {
    let place = Place::new();
    place.put("relay.toml", FILE.as_bytes());
    let mut command = place.command("");
    command
        .env("COUNTERSIGN_RELAY_DATA", "data")
        .env("COUNTERSIGN_RELAY_ORGANISATION", "acme.card")
        .env("COUNTERSIGN_RELAY_PUBLIC_URL", "https://relay.example")
        .env("COUNTERSIGN_RELAY_LISTEN", "127.0.0.1:0");
    listens(command);
    let mut command = place.command("");
    command.env("COUNTERSIGN_RELAY_CONFIG", "relay.toml");
    listens(command);
}

#[test]
fn a_file_that_says_something_unknown_is_refused_with_its_line() {
    let place = Place::new();
    for (file, line) in [
        (format!("{FILE}listen-to = \"127.0.0.1:0\"\n"), 5),
        (format!("{FILE}connections = \"many\"\n"), 5),
        (format!("{FILE}data = \"again\"\n"), 5),
        ("data = \"data\"\n\n[tls]\ncertificate = \"a\"\n".to_owned(), 3),
        ("data = \n".to_owned(), 1),
    ] {
        place.put("relay.toml", file.as_bytes());
        let (status, said) = place.fails("--config relay.toml");
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains(&format!("relay.toml, line {line}, is not understood.")), "{file}: {said}");
        assert_eq!(said.lines().count(), 1, "one line: {said}");
    }
}

/// What nobody may see.
const PASSWORD: &str = "correct-horse-battery";

#[test]
fn a_password_is_taken_from_nothing_that_others_can_read() {
    let place = Place::new();
    let address = format!("postgres://relay:{PASSWORD}@127.0.0.1:1/relay");
    let usual = "--organisation acme.card --public-url https://relay.example --listen 127.0.0.1:0";
    let refused = |command, code: i32, word: &str| {
        let (status, said) = ended(command);
        assert_eq!(status, Some(code), "{said}");
        assert!(said.contains(word), "it says where to put it: {said}");
        assert!(!said.contains(PASSWORD), "and does not repeat it: {said}");
    };
    refused(place.command(&format!("{usual} --database {address}")), 2, "--database-file");
    let query = format!("postgres://127.0.0.1:1/relay?user=relay&password={PASSWORD}");
    refused(place.command(&format!("{usual} --database {query}")), 2, "--database-file");
    let mut command = place.command(usual);
    command.env("COUNTERSIGN_RELAY_DATABASE", &address);
    refused(command, 2, "--database-file");
    let mut command = place.command(&format!("{usual} --database postgres://relay@127.0.0.1:1/relay"));
    command.env("PGPASSWORD", PASSWORD);
    refused(command, 2, "PGPASSFILE");
    // A file that others can read, either way.
    place.put("address", address.as_bytes());
    place.chmod("address", 0o640);
    refused(place.command(&format!("{usual} --database-file address")), 3, "address can be read by others");
    place.put("relay.toml", format!("database = \"{address}\"\n").as_bytes());
    place.chmod("relay.toml", 0o644);
    refused(place.command(&format!("{usual} --config relay.toml")), 3, "relay.toml can be read by others");
    // And a file that they cannot is good: only the server is missing.
    place.chmod("address", 0o600);
    refused(place.command(&format!("{usual} --database-file address")), 4, "does not answer");
    place.chmod("relay.toml", 0o600);
    refused(place.command(&format!("{usual} --config relay.toml")), 4, "does not answer");
    // A line of the file that is not understood is not repeated either.
    place.put("relay.toml", format!("database = [\"{address}\"]\n").as_bytes());
    refused(place.command(&format!("{usual} --config relay.toml")), 2, "line 1");
}

#[test]
fn one_database_is_named_once() {
    let place = Place::new();
    place.put("address", b"postgres://relay@127.0.0.1:1/relay");
    let usual = "--organisation acme.card --public-url https://relay.example --listen 127.0.0.1:0";
    for arguments in [
        "--database postgres://127.0.0.1:1/a --database-file address",
        "--database sqlite:relay.db",
        "--database mysql://a/b",
    ] {
        let (status, said) = place.fails(&format!("{usual} {arguments}"));
        assert_eq!((status, said.lines().count()), (Some(2), 1), "{arguments}: {said}");
    }
    place.put("address", b"this is no address");
    let (status, said) = place.fails(&format!("{usual} --database-file address"));
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("address holds no address of a database"), "{said}");
}
