//! No key, link secret or seed of a ticket is anywhere but where it was asked for.

use std::{path::Path, process::Command};

use crate::{
    canary::hits,
    relay::running::{Ground, secret_of},
    world::{feed, files_below, program},
};

/// The seed of an invitation: the last of its three byte strings, which has 32 bytes.
fn seed(ground: &Ground, name: &str) -> Vec<u8> {
    let bytes = std::fs::read(ground.world.path(name)).expect("an invitation");
    bytes[bytes.len() - 32..].to_vec()
}

#[test]
fn the_relay_and_the_profiles_keep_no_secret_in_the_clear() {
    let ground = Ground::begin();
    let mut secrets = vec![seed(&ground, "invitation")];
    let mut allowed = vec![ground.world.path("invitation")];
    for n in 0..3 {
        let world = &ground.world;
        let key = world.issued(n);
        let (message, out) = (format!("message-{n}"), format!("key-{n}"));
        let [https, _] = ground.delivered(&key, &message);
        let text = secret_of(&https);
        let raw = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).expect("base64url");
        secrets.extend([raw, text.as_bytes().to_vec()]);
        // One is opened, one is fetched, one lies there.
        match n {
            0 => drop(world.ok(
                "partner",
                &["envelope", "open", "--link-file", &message, "--compose", &out],
                b"",
            )),
            1 => drop(world.ok("partner", &["envelope", "inspect", "--link-file", &message], b"")),
            _ => {}
        }
        ground.sync("ben");
        allowed.extend([world.path(&message), world.path(&out)]);
    }
    secrets.push(std::fs::read(ground.world.path("key-0")).expect("a key"));
    ground.stop();
    let log = ground.log();
    assert!(log.contains("\"event\":\"started\""), "the log was kept: {log}");
    std::fs::write(ground.world.path("relay.log"), &log).expect("a file");
    let files = files_below(ground.world.dir.path());
    assert!(files.iter().any(|path| path.ends_with("relay/relay.db")), "the relay's folder is searched");
    let skip: Vec<&Path> = allowed.iter().map(|path| path.as_path()).collect();
    let found = hits(&files, &secrets, &skip);
    assert!(found.is_empty(), "secrets stand in {found:?}");
    // The search itself must be able to find them.
    assert!(hits(&allowed, &secrets, &[]).len() > allowed.len(), "the scanner sees a secret where one is");
    println!("relay: {} secrets, {} files searched, 0 hits", secrets.len(), files.len());
}

#[test]
fn no_secret_stands_in_arguments_environment_or_json() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    let traced = |who: &str, words: &[&str], input: &[u8]| {
        let trace = world.path("trace");
        let mut command = Command::new("strace");
        command
            .args(["-f", "-qqq", "-s", "4096", "-v", "-e", "trace=execve", "-o"])
            .arg(&trace)
            .arg(program());
        command.args(world.args(who, words)).current_dir(world.dir.path());
        let out = feed(command, input);
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
        let text = std::fs::read_to_string(&trace).expect("a trace");
        assert!(text.contains("execve("), "the trace shows how programs were started");
        text + &String::from_utf8_lossy(&out.stdout) + &String::from_utf8_lossy(&out.stderr)
    };
    let mut shown = traced("ben", &["key", "deliver", &key, "--link-out", "message"], b"");
    let [https, app] = ground.links_in("message");
    shown += &traced("partner", &["envelope", "inspect", "--link-file", "-"], https.as_bytes());
    shown +=
        &traced("partner", &["envelope", "open", "--link-file", "-", "--compose", "key"], app.as_bytes());
    let plain = std::fs::read_to_string(world.path("key")).expect("a key");
    for secret in [secret_of(&https), secret_of(&app), plain.trim()] {
        assert!(!shown.contains(secret), "no argument, no environment and no document carries it");
    }
    // Without a file there is nowhere for a link to go where JSON is wanted.
    let key = world.issued(2);
    world.refused("ben", &["key", "deliver", &key], b"", "usage", 2);
    assert_eq!(ground.state(&key), "sealed", "nothing was handed over");
    // On a terminal or a pipe it is the message itself, and nothing else.
    let lock = format!("file:{}", world.path("ben.key").display());
    let folder = world.path("ben").display().to_string();
    let out = world.bare(&["--profile", &folder, "--unlock", &lock, "key", "deliver", &key], b"");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    std::fs::write(world.path("said"), &out.stdout).expect("a file");
    let [https, _] = ground.links_in("said");
    assert!(!String::from_utf8_lossy(&out.stderr).contains(secret_of(&https)), "prose has no secret");
    world.ok("partner", &["envelope", "open", "--link-file", "said", "--compose", "second"], b"");
}
