//! Links that are not whole, not ours, or not where they belong.

use std::{io::ErrorKind, net::TcpListener};

use crate::{
    judge::said,
    relay::running::{Ground, free_port, secret_of},
};

/// The word with one character in its middle changed to another of the same alphabet.
fn bent(word: &str, at: usize) -> String {
    let other = if word.as_bytes()[at] == b'A' { 'B' } else { 'A' };
    word.char_indices().map(|(place, letter)| if place == at { other } else { letter }).collect()
}

/// What stands before this place.
fn before(word: &str, at: usize) -> String {
    word.chars().take(at).collect()
}

#[test]
fn a_link_that_is_not_whole_opens_nothing_and_says_why() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    let links = ground.delivered(&key, "message");
    for link in &links {
        let (secret, hash) = (secret_of(link), link.find('#').expect("a secret"));
        let cti = hash - 20;
        for (flawed, code, exit) in [
            (link.replace('#', "%23"), "link-mangled", 2),
            (before(link, hash), "link-incomplete", 2),
            (before(link, link.len() - 1), "link-incomplete", 2),
            (format!("{link}A"), "link-incomplete", 2),
            (secret.to_owned(), "no-link", 2),
            (link.replacen("://", ":/", 1), "no-link", 2),
            (bent(link, hash + 1), "nothing-behind-link", 1),
            (bent(link, hash + 30), "nothing-behind-link", 1),
            (bent(link, cti), "nothing-behind-link", 1),
            (bent(link, cti + 9), "nothing-behind-link", 1),
        ] {
            world.put("flawed", &flawed);
            let out =
                world.run("partner", &["envelope", "open", "--link-file", "flawed", "--compose", "key"], b"");
            let told = said(&out, &flawed);
            assert_eq!((told.code.as_str(), out.status.code()), (code, Some(exit)), "{flawed}");
            assert!(!String::from_utf8_lossy(&out.stderr).contains(secret), "no secret is repeated");
        }
    }
    assert_eq!(ground.state(&key), "uploaded", "nothing of all that was a pick-up");
    // On standard input, as a person pastes it.
    let open = ["envelope", "open", "--link-file", "-", "--compose", "key"];
    world.ok("partner", &open, format!("\n{}\n", links[0]).as_bytes());
}

#[test]
fn a_link_travels_as_a_picture_of_its_code() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    let sent = world.ok("ben", &["key", "deliver", &key, "--link-out", "link.png"], b"");
    assert_eq!(sent["way"], "link");
    world.ok("partner", &["envelope", "open", "--link-file", "link.png", "--compose", "key"], b"");
    ground.sync("alice");
    assert_eq!(ground.state(&key), "active", "it was opened, and its receipt came back");
}

#[test]
fn somebody_elses_link_opens_nothing() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    ground.delivered(&key, "message");
    world.profile("mallory", "inbox");
    let organisation = world.ok("alice", &["org", "show"], b"");
    let digits = format!("{}\n", organisation["fingerprint"].as_str().expect("digits"));
    world.ok("mallory", &["card", "pin", "relay.card", "--source", "contract"], digits.as_bytes());
    world.refused("mallory", &["envelope", "open", "--link-file", "message"], b"", "nothing-behind-link", 1);
    // Nor may a stranger write: the card alone is no invitation.
    ground.form("form.toml", "30");
    let sent = world.ok("mallory", &["request", "new", "form.toml"], b"");
    assert_eq!(
        (&sent["posted"]["state"], &sent["posted"]["code"]),
        (&"waits".into(), &"relay-not-taken".into()),
        "{sent}"
    );
    assert_eq!(ground.sync("alice")["imported"], serde_json::json!([]));
    world.ok("partner", &["envelope", "open", "--link-file", "message", "--compose", "key"], b"");
}

#[test]
fn a_strange_host_is_not_contacted() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    let links = ground.delivered(&key, "message");
    let strange = free_port();
    let heard = TcpListener::bind(("127.0.0.1", strange)).expect("a listener");
    heard.set_nonblocking(true).expect("without waiting");
    for link in &links {
        world.put("strange", &link.replace(&format!(":{}", ground.port), &format!(":{strange}")));
        for verb in ["inspect", "open"] {
            world.refused("partner", &["envelope", verb, "--link-file", "strange"], b"", "strange-relay", 3);
        }
    }
    let nobody = heard.accept().expect_err("nobody came");
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock, "no connection was even begun");
    // The same listener hears whoever does come.
    let _somebody = std::net::TcpStream::connect(("127.0.0.1", strange)).expect("connected");
    heard.set_nonblocking(false).expect("waiting");
    heard.accept().expect("somebody came");
}

#[test]
fn a_link_is_never_an_argument() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    let links = ground.delivered(&key, "message");
    for link in &links {
        let behind = format!("--link-file={link}");
        for words in [
            &["envelope", "open", link][..],
            &["envelope", "inspect", link],
            &["envelope", "open", &behind],
            &["envelope", "open", "--secret-file", link, "e"],
            &["envelope", link],
            &[link],
            &["request", "read", link],
        ] {
            let out = world.run("partner", words, b"");
            assert_eq!(said(&out, "a link as an argument").code, "link-argument", "{words:?}");
            let shown = [&out.stdout[..], &out.stderr[..]].concat();
            assert!(!String::from_utf8_lossy(&shown).contains(secret_of(link)), "it is not repeated");
        }
        let address = link.split_once('#').expect("a secret").0;
        world.refused("partner", &["envelope", "open", address], b"", "link-argument", 2);
    }
    world.refused("partner", &["envelope", "open"], b"", "usage", 2);
    assert_eq!(ground.state(&key), "uploaded", "nobody fetched it");
}

#[test]
fn a_link_is_typed_where_nobody_sees_it() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    let [https, app] = ground.delivered(&key, "message");
    let open = ["envelope", "open", "--compose", "key"];
    let wrong = https.replace('#', "%23");
    let screen = world.typed("partner", &open, &[&format!("hidden:{wrong}")]);
    assert_eq!(screen.code, 2, "{}", screen.text);
    assert!(screen.text.contains("ask for a new delivery"), "{}", screen.text);
    let screen = world.typed("partner", &open, &[&format!("hidden:{app}")]);
    assert_eq!(screen.code, 0, "{}", screen.text);
    assert!(screen.text.contains("Opened: orders / sandbox"), "{}", screen.text);
    assert!(!screen.text.contains(secret_of(&app)), "nothing of it is shown: {}", screen.text);
}
