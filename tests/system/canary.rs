//! Canary keys: after many exchanges no file, argument or environment of the desk holds a key, in any spelling.

use std::path::Path;

use crate::world::{World, files_below};

/// How many exchanges: a few always, twenty when soaking.
fn rounds() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 20 } else { 4 }
}

/// The spellings in which bytes hide: raw, hexadecimal, base64 at each of three phases, UTF-16.
pub(crate) fn spellings(key: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![
        key.to_vec(),
        data_encoding::HEXLOWER.encode(key).into_bytes(),
        data_encoding::HEXUPPER.encode(key).into_bytes(),
    ];
    for phase in 0..3 {
        for encoding in [data_encoding::BASE64_NOPAD, data_encoding::BASE64URL_NOPAD] {
            let shifted = [vec![0; phase], key.to_vec()].concat();
            let text = encoding.encode(&shifted);
            // The first and last characters mix with neighbours; what lies between is the key's alone.
            all.push(text.as_bytes()[4..text.len() - 4].to_vec());
        }
    }
    all.push(key.iter().flat_map(|b| [*b, 0]).collect());
    all
}

pub(crate) fn hits(files: &[std::path::PathBuf], keys: &[Vec<u8>], allowed: &[&Path]) -> Vec<String> {
    let mut found = Vec::new();
    for path in files.iter().filter(|p| !allowed.contains(&p.as_path())) {
        let bytes = std::fs::read(path).unwrap_or_default();
        for spelling in keys.iter().flat_map(|k| spellings(k)) {
            if bytes.windows(spelling.len()).any(|w| w == spelling) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn no_key_is_left_anywhere_but_where_it_was_asked_for() {
    let world = World::founded();
    let mut keys = Vec::new();
    let mut asked_for = Vec::new();
    for n in 0..rounds() {
        // Minted and pasted in turn.
        let (service, pasted) = if n % 2 == 0 {
            ("orders", None)
        } else {
            ("billing", Some(format!("canary{n:02}-Zq7Xw9Vt3Rk5Lm8Pd2Hs6Bn4Fc")))
        };
        let exchange = world.countersigned(n, service);
        let issued = match &pasted {
            Some(key) => world.ok("ben", &["key", "issue", &exchange.request, "--key-stdin"], key.as_bytes()),
            None => world.ok("ben", &["key", "issue", &exchange.request], b""),
        };
        let key = issued["key"].as_str().expect("a key").to_owned();
        let (envelope, secret, out, receipt) =
            (format!("e{n}"), format!("s{n}"), format!("key{n}"), format!("r{n}"));
        world.ok("ben", &["envelope", "deliver", &key, "--out", &envelope, "--secret-out", &secret], b"");
        world.ok(
            "partner",
            &[
                "envelope",
                "open",
                &envelope,
                "--secret-file",
                &secret,
                "--compose",
                &out,
                "--receipt-out",
                &receipt,
            ],
            b"",
        );
        world.ok("ben", &["request", "import", &receipt], b"");
        let plain = std::fs::read(world.path(&out)).expect("the key was saved");
        if let Some(pasted) = pasted {
            assert_eq!(plain, pasted.as_bytes(), "what was pasted is what arrives");
        }
        world.ok("alice", &["leak", "find", "-"], &plain);
        keys.push(plain);
        asked_for.push(world.path(&out));
    }
    let allowed: Vec<&Path> = asked_for.iter().map(|p| p.as_path()).collect();
    let found = hits(&files_below(world.dir.path()), &keys, &allowed);
    assert!(found.is_empty(), "keys stand in {found:?}");
    // The search itself must be able to find one.
    assert_eq!(hits(&asked_for, &keys, &[]).len(), keys.len(), "the scanner sees a key where one is");
    println!("canary: {} keys, {} files searched, 0 hits", keys.len(), files_below(world.dir.path()).len());
}

#[test]
fn no_key_stands_in_arguments_or_environment_while_the_desk_works() {
    let world = World::founded();
    let exchange = world.countersigned(0, "billing");
    let key = "canary-environ-Zq7Xw9Vt3Rk5Lm8Pd2Hs6Bn4Fc";
    let trace = world.path("trace");
    let mut command = std::process::Command::new("strace");
    command
        .args(["-f", "-qqq", "-s", "4096", "-v", "-e", "trace=execve", "-o"])
        .arg(&trace)
        .arg(crate::world::program());
    command
        .args(world.args("ben", &["key", "issue", &exchange.request, "--key-stdin"]))
        .current_dir(world.dir.path());
    let out = crate::world::feed(command, key.as_bytes());
    assert!(out.status.success(), "issued under strace: {}", String::from_utf8_lossy(&out.stderr));
    let text = std::fs::read_to_string(&trace).expect("a trace");
    assert!(text.contains("execve("), "the trace shows how programs were started");
    assert!(!text.contains(key), "no argument and no environment carries the key");
}
