//! Documents and files that are not what they should be, at every command that takes one.

use std::os::unix::{fs::symlink, net::UnixListener};

use crate::{
    judge::{Still, heard, said},
    stage::{DOCUMENTS, Slot, Stage, Takes},
    world::World,
};

/// What may be said of bytes that are no such document.
fn verdicts(takes: Takes) -> &'static [(&'static str, i32)] {
    match takes {
        Takes::Card | Takes::Offer | Takes::Answer | Takes::Identity => &[("document-not-accepted", 3)],
        Takes::Letter => &[("document-not-accepted", 3), ("letter-not-opened", 3)],
        Takes::Message => &[("letter-not-opened", 3)],
        Takes::Envelope => &[("envelope-not-accepted", 3)],
        Takes::Secret => &[("file-not-text", 2), ("usage", 2)],
        Takes::Evidence => &[("file-not-text", 2), ("file-not-understood", 2)],
        Takes::Toml => &[("file-not-text", 2), ("file-not-understood", 2)],
        Takes::Key => &[("usage", 2)],
        Takes::Unlock => &[("file-not-text", 2), ("key-file", 3), ("no-such-unlock", 4)],
        Takes::Hashes | Takes::Anything => &[],
    }
}

/// Runs a slot with a file; it fails with one of these, says so in one line, and nothing is other than before.
fn refused(
    world: &World,
    slot: &Slot,
    file: &str,
    verdicts: &[(&str, i32)],
    still: &Still,
) -> Result<(), String> {
    let words = slot.with(file);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let case = format!("{} {words:?}", slot.who);
    let out = slot.run(world, &words);
    if out.status.success() {
        return Err(format!("{case}: was accepted"));
    }
    let heard = heard(&out, &case)?;
    still.unchanged(world.dir.path(), &case);
    if verdicts.iter().any(|(code, exit)| heard.code == *code && heard.exit == Some(*exit)) {
        Ok(())
    } else {
        Err(format!(
            "{case}: wanted one of {verdicts:?}, got {} {:?}: {}",
            heard.code, heard.exit, heard.line
        ))
    }
}

/// Whether this cell of a table is tried: all in a soak, otherwise a third, so spread that every line and every column
/// has some.
fn tried(line: usize, column: usize) -> bool {
    std::env::var_os("COUNTERSIGN_SOAK").is_some() || (line + column).is_multiple_of(3)
}

fn judge(results: &[Result<(), String>], what: &str) {
    let wrong: Vec<String> = results.iter().filter_map(|r| r.clone().err()).collect();
    assert!(wrong.is_empty(), "{} of {} went wrong:\n{}", wrong.len(), results.len(), wrong.join("\n"));
    println!("{what}: {} cases, each refused and without a trace", results.len());
}

#[test]
fn bad_documents_and_files_are_refused_at_every_command_and_leave_no_trace() {
    let stage = Stage::set();
    what_is_no_regular_file_is_named_at_every_command(&stage);
    genuine_documents_of_another_kind_or_organisation_are_refused_at_every_command(&stage);
    spoiled_documents_are_refused_at_every_command(&stage);
}

fn what_is_no_regular_file_is_named_at_every_command(stage: &Stage) {
    let world = &stage.world;
    std::fs::create_dir(world.path("folder")).expect("a folder");
    symlink(world.path("card"), world.path("link")).expect("a link");
    let _socket = UnixListener::bind(world.path("socket")).expect("a socket");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        world.path("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .expect("a named pipe");
    std::fs::write(world.path("huge"), vec![b'#'; 9 << 20]).expect("a file");
    let still = Still::of(world.dir.path());
    let mut results = Vec::new();
    for (line, slot) in stage.slots().into_iter().enumerate() {
        let files = [
            ("nowhere", "file-missing", 2),
            ("no/such/folder", "file-missing", 2),
            ("card/below", "file-missing", 2),
            ("folder", "file-is-folder", 2),
            ("link", "file-is-link", 2),
            ("pipe", "file-is-special", 2),
            ("socket", "file-is-special", 2),
            ("/dev/zero", "file-is-special", 2),
            ("huge", "file-too-large", 2),
        ];
        for (column, (file, code, exit)) in files.into_iter().enumerate() {
            if !tried(line, column) {
                continue;
            }
            // The gateway's file is its issuer's to judge: see below.
            if slot.takes == Takes::Hashes {
                continue;
            }
            results.push(refused(world, &slot, file, &[(code, exit)], &still));
        }
    }
    judge(&results, "files that are none");
    // Standard input in the place of a file, and nothing on it.
    for file in ["nowhere", "folder", "link", "pipe", "/dev/zero", "card", "huge"] {
        let words = ["key", "check", "--hash-file", file];
        let heard = said(&world.run("partner", &words, b"nw_sandbox_0000000000000000000000\n"), file);
        assert!(
            matches!((heard.code.as_str(), heard.exit), ("issuer", Some(4)) | ("key-refused", Some(1))),
            "hash file {file}: {} {:?} {}",
            heard.code,
            heard.exit,
            heard.line
        );
        still.unchanged(world.dir.path(), file);
    }
    std::fs::remove_file(world.path("huge")).expect("removed");
}

/// Ways of spoiling the bytes of a document, by name.
fn spoiled(good: &[u8], samples: usize) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = vec![
        ("empty".into(), Vec::new()),
        ("one byte".into(), vec![0xd2]),
        ("all ones".into(), vec![0xff; 300]),
        ("text".into(), b"This is a letter in plain words.\n".to_vec()),
        ("deeply nested lists".into(), vec![0x81; 60_000]),
        ("deeply nested maps".into(), [0xa1, 0x01].repeat(30_000)),
        ("deeply nested tags".into(), vec![0xd2; 60_000]),
        ("an announced length of 2^64 - 1".into(), [&[0xd2, 0x84, 0x5b][..], &[0xff; 8], &[0; 40]].concat()),
        ("a list of 2^64 - 1 items".into(), [&[0xd2, 0x9b][..], &[0xff; 8], &[0; 40]].concat()),
        ("an endless list".into(), [&[0xd2, 0x9f][..], &good[2.min(good.len())..], &[0xff]].concat()),
        ("zeros behind the end".into(), [good, &[0; 16]].concat()),
        ("twice".into(), [good, good].concat()),
        ("the first half".into(), good[..good.len() / 2].to_vec()),
        ("all but the last byte".into(), good[..good.len() - 1].to_vec()),
        ("too large for any document".into(), [good, &vec![0; 200 * 1024][..]].concat()),
    ];
    if let Some(bytes) = longer_head(good) {
        all.push(("a length that is not in its shortest form".into(), bytes));
    }
    if let Some(bytes) = doubled_label(good) {
        all.push(("a doubled label".into(), bytes));
    }
    // Seeded by the bytes themselves, so that a failure can be tried again on the same ones only by its message.
    let step = (good.len() / samples).max(1);
    for at in (0..good.len()).step_by(step) {
        let mut bent = good.to_vec();
        bent[at] ^= 1 << (at % 8);
        all.push((format!("bit {} of byte {at} turned", at % 8), bent));
    }
    all
}

/// The list of four with its length in two bytes.
fn longer_head(good: &[u8]) -> Option<Vec<u8>> {
    let at = good.iter().position(|b| *b == 0x84)?;
    Some([&good[..at], &[0x98, 0x04], &good[at + 1..]].concat())
}

/// The first label of the protected header twice.
fn doubled_label(good: &[u8]) -> Option<Vec<u8>> {
    let at = good.iter().position(|b| *b == 0x84)? + 1;
    let (head, length) = match good.get(at)? {
        short @ 0x40..=0x57 => (1, usize::from(short - 0x40)),
        0x58 => (2, usize::from(*good.get(at + 1)?)),
        0x59 => (3, usize::from(u16::from_be_bytes([*good.get(at + 1)?, *good.get(at + 2)?]))),
        _ => return None,
    };
    let header = good.get(at + head..at + head + length)?;
    let (map, rest) = header.split_first()?;
    let pair = rest.get(..2).filter(|pair| pair[0] == 0x01)?;
    let longer = [&[map + 1], pair, rest].concat();
    let length = u16::try_from(longer.len()).ok()?.to_be_bytes();
    let head = if longer.len() < 256 { vec![0x58, length[1]] } else { vec![0x59, length[0], length[1]] };
    Some(
        [&good[..at], &head, &longer, &good[at + header.len() + 1 + usize::from(header.len() > 23)..]]
            .concat(),
    )
}

/// How many bits of each document are turned: all of some in a soak.
fn samples() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 200 } else { 2 }
}

fn spoiled_documents_are_refused_at_every_command(stage: &Stage) {
    let world = &stage.world;
    let mut results = Vec::new();
    for (line, slot) in stage.slots().into_iter().enumerate() {
        let good = match slot.takes {
            Takes::Card => "card",
            Takes::Letter => "letter-1",
            Takes::Message => "message",
            Takes::Envelope => "e-new",
            Takes::Offer => "open-offer",
            Takes::Answer => "answer",
            Takes::Identity => "identity",
            Takes::Evidence => "evidence",
            Takes::Secret => "s-new",
            Takes::Unlock => "alice.key",
            Takes::Toml | Takes::Key | Takes::Hashes | Takes::Anything => continue,
        };
        let good = std::fs::read(world.path(good)).expect("a document");
        for (column, (how, bytes)) in spoiled(&good, samples()).into_iter().enumerate() {
            if !tried(line, column) {
                continue;
            }
            std::fs::write(world.path("spoiled"), &bytes).expect("a file");
            let still = Still::of(world.dir.path());
            let mut may = verdicts(slot.takes).to_vec();
            if slot.takes == Takes::Evidence || slot.takes == Takes::Secret {
                may.extend([
                    ("document-not-accepted", 3),
                    ("envelope-not-accepted", 3),
                    ("value-not-accepted", 2),
                ]);
                may.extend([("ledger-checkpoint", 3)]);
            }
            // What a reader trims or ignores changes nothing of what is said.
            let trimmed = matches!(slot.takes, Takes::Secret | Takes::Evidence);
            let same = trimmed && how.starts_with("all but");
            if !same {
                let done = refused(world, &slot, "spoiled", &may, &still);
                results.push(done.map_err(|why| format!("{how}: {why}")));
            }
        }
    }
    judge(&results, "spoiled documents");
}

fn genuine_documents_of_another_kind_or_organisation_are_refused_at_every_command(stage: &Stage) {
    let world = &stage.world;
    let other = Stage::set();
    for name in
        ["card", "letter-1", "e-new", "s-new", "r", "notice", "message", "offer", "answer", "evidence"]
    {
        std::fs::copy(other.world.path(name), world.path(&format!("other-{name}"))).expect("a copy");
    }
    let still = Still::of(world.dir.path());
    let mut results = Vec::new();
    for (line, slot) in stage.slots().into_iter().enumerate() {
        if matches!(slot.takes, Takes::Hashes | Takes::Anything | Takes::Key | Takes::Unlock) {
            continue;
        }
        for (column, name) in DOCUMENTS.iter().enumerate() {
            let own = slot.kinds.split(' ').any(|kind| kind == *name);
            // A founding answer is of the right kind, and of another founding: see below.
            if !own && tried(line, column) && !(slot.takes == Takes::Answer && *name == "answer") {
                results.push(refused(world, &slot, name, verdicts(slot.takes), &still));
            }
        }
        let strange: &[(&str, &str, i32)] = match slot.takes {
            // Another organisation's card is genuine: what is typed decides, and it was not typed.
            Takes::Card => &[("other-card", "fingerprint-differs", 3)],
            Takes::Letter => &[
                ("other-letter-1", "letter-not-opened", 3),
                ("other-notice", "letter-not-opened", 3),
                ("other-r", "no-such-identity", 1),
                ("letter-1", "already-there", 1),
            ],
            Takes::Message => &[("other-message", "letter-not-opened", 3)],
            Takes::Envelope => &[("other-e-new", "envelope-not-accepted", 3)],
            Takes::Secret => &[("other-s-new", "envelope-not-accepted", 3)],
            Takes::Offer => &[("other-offer", "fingerprint-differs", 3)],
            Takes::Answer => &[("answer", "other-founding", 3), ("other-answer", "other-founding", 3)],
            _ => &[],
        };
        for (file, code, exit) in strange {
            results.push(refused(world, &slot, file, &[(*code, *exit)], &still));
        }
    }
    judge(&results, "documents out of place");
}
