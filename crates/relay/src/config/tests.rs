//! What settings say, and what they may not.

use super::*;

#[test]
fn a_password_is_seen_wherever_an_address_can_have_it() {
    for with in [
        "postgres://relay:secret@db/relay",
        "postgres://relay:@db/relay",
        "postgres://db/relay?user=relay&password=secret",
        "postgresql://a:b%40c@[::1]:5432/relay",
        "postgres://relay:se/cret@db/relay",
    ] {
        assert!(has_password(with), "{with}");
    }
    for without in
        ["postgres://relay@db:5432/relay", "postgres:///relay?host=/run/postgresql", "postgres://db"]
    {
        assert!(!has_password(without), "{without}");
    }
}

#[test]
fn an_origin_has_nothing_behind_its_port() {
    for good in ["https://relay.example", "https://relay.example:8443", "http://127.0.0.1:8480"] {
        assert!(origin(good).is_ok(), "{good}");
    }
    for bad in [
        "https://relay.example/",
        "https://relay.example/path",
        "http://relay.example",
        "relay.example",
        "https://",
        "https://user@relay.example",
        "https://relay.example#a",
        "http://127.0.0.1",
        "https://Relay.example",
    ] {
        assert!(origin(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_command_line_holds_together() {
    use clap::CommandFactory as _;
    CommandLine::command().debug_assert();
}
