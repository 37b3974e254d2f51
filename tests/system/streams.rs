//! Standard streams that are closed, full or no terminal; paths and arguments that are no text.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    process::{Command, Stdio},
};

use crate::{
    judge::{Still, heard, said},
    world::{World, feed, program},
};

fn command(world: &World, who: &str, words: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(world.args(who, words)).current_dir(world.dir.path());
    command
}

#[test]
fn closed_and_full_streams_end_in_a_sentence_and_lose_nothing() {
    let world = World::founded();
    let key = world.issued(1);
    world.ok("ben", &["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"], b"");
    let full = || File::options().write(true).open("/dev/full").expect("/dev/full");
    // A key that did not arrive is no success; it is kept, and can be taken out again.
    let open = ["envelope", "open", "e", "--secret-file", "s", "--stdout"];
    let out = command(&world, "partner", &open).stdin(Stdio::null()).stdout(full()).output().expect("runs");
    let err = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(4), "a key that went nowhere is no success: {err}");
    assert!(err.contains("The command was carried out, but its output could not be written: the disk is full. Nothing was lost."), "{err}");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let save = ["envelope", "save", "--stdout"];
    let out = command(&world, "partner", &save).stdin(Stdio::null()).stdout(writer).output().expect("runs");
    assert_eq!(
        out.status.code(),
        Some(4),
        "a reader that went away has no key: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    let saved = world.run("partner", &["envelope", "save", "--stdout"], b"");
    assert!(saved.stdout.starts_with(b"nw_sandbox_"), "the key was kept");
    // A report on a full disk is no success either, and a reader of prose that went away is none of our business.
    let out = command(&world, "alice", &["org", "show"])
        .stdout(full())
        .stdin(Stdio::null())
        .output()
        .expect("runs");
    assert_eq!(out.status.code(), Some(4), "{}", String::from_utf8_lossy(&out.stderr));
    // A recovery code that nobody saw opens nothing, and another can be made.
    let out = command(&world, "alice", &["profile", "recovery"])
        .stdout(full())
        .stdin(Stdio::null())
        .output()
        .expect("runs");
    assert_eq!(out.status.code(), Some(4), "{}", String::from_utf8_lossy(&out.stderr));
    let slots = world.ok("alice", &["profile", "show"], b"")["slots"].to_string();
    assert!(!slots.contains("recovery"), "no code is in force that nobody saw: {slots}");
    let out = world.run("alice", &["profile", "recovery"], b"");
    assert!(out.status.success() && out.stdout.len() > 20, "a code is made");
    world.refused("alice", &["profile", "recovery"], b"", "already-there", 2);
    no_streams_at_all(&world);
}

/// A shell closes them: 0, 1 and 2 are free when the program starts.
fn no_streams_at_all(world: &World) {
    let args: Vec<String> = world.args("alice", &["org", "show"]);
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        let line = format!("exec \"$0\" \"$@\" {closed}");
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(line).arg(program()).args(&args).current_dir(world.dir.path());
        let status = shell.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("runs");
        assert!(status.success(), "{closed}: the command is done whoever listens: {status:?}");
    }
    let still = Still::of(world.dir.path());
    for words in [
        &["member", "propose", "card", "--rights", "vet"][..],
        &["change", "confirm", "0"],
        &["leak", "find", "-"],
    ] {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg("exec \"$0\" \"$@\" <&-").arg(program()).args(world.args("alice", words));
        let out = feed(shell, b"");
        if words[0] != "leak" {
            assert!([2, 3].contains(&said(&out, "no input").exit.unwrap_or(0)), "{words:?}");
        }
        still.unchanged(world.dir.path(), &format!("{words:?}"));
    }
    // Nothing to ask at: said at once, instead of waiting.
    let folder = world.path("alice").display().to_string();
    let mut ask = Command::new("setsid");
    ask.arg(program()).args(["--profile", &folder, "--json", "--unlock", "ask", "org", "show"]);
    let said = said(&feed(ask, b"a passphrase on a pipe\n"), "no terminal");
    assert!(["no-input", "no-such-unlock"].contains(&said.code.as_str()), "{} {}", said.code, said.line);
}

#[test]
fn paths_and_arguments_that_are_no_text_are_taken_or_told() {
    let world = World::founded();
    let odd = OsStr::from_bytes(b"n\xffme");
    let run = |who: &str, words: &[&OsStr]| {
        let mut command = command(&world, who, &[]);
        command.args(words);
        feed(command, b"")
    };
    let os = OsStr::new;
    // A path may be anything; what is printed of it is fit for a terminal.
    let folder = world.path("fol").into_os_string();
    let folder = OsString::from_vec([folder.as_bytes(), b"\xff\x1b[31m"].concat());
    for words in [
        vec![os("card"), os("export"), os("--out"), odd],
        vec![os("ledger"), os("export"), os("--out"), OsStr::from_bytes(b"csv\xfe")],
        vec![os("profile"), os("card"), os("--out"), OsStr::from_bytes(b"card\x1b]0;x\x07")],
    ] {
        let out = run("alice", &words);
        let json = serde_json::from_slice::<serde_json::Value>(&out.stdout);
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
        assert!(json.is_ok(), "{words:?}: JSON is UTF-8 whatever the path is");
    }
    assert!(world.dir.path().join(odd).is_file(), "the file has exactly that name");
    let mut new = Command::new(program());
    new.arg("--json").arg("--profile").arg(&folder).args([
        "profile",
        "new",
        "--kind",
        "desk",
        "--name",
        "odd",
        "--slot",
        "key-file:odd.key",
    ]);
    new.current_dir(world.dir.path());
    let out = feed(new, b"");
    assert_eq!(said(&out, "a profile's folder").code, "usage", "a profile's folder is named in UTF-8");
    assert!(!world.path("odd.key").exists(), "no key file is made for a profile that cannot be");
    let still = Still::of(world.dir.path());
    let mut wrong = Vec::new();
    for (words, code, exit) in [
        (vec![os("card"), os("export"), os("--out"), odd], "file-exists", 2),
        (vec![os("request"), os("import"), OsStr::from_bytes(b"nowhere\xff\x1b[2J")], "file-missing", 2),
        (vec![os("request"), os("show"), odd], "usage", 2),
        (vec![os("org"), os("attach"), os("--log"), OsStr::from_bytes(b"log\xff")], "ledger-unavailable", 4),
        (vec![odd], "usage", 2),
        (vec![os("--unlock"), odd, os("org"), os("show")], "usage", 2),
    ] {
        match heard(&run("alice", &words), &format!("{words:?}")) {
            Ok(said) if (said.code.as_str(), said.exit) == (code, Some(exit)) => {}
            Ok(said) => wrong.push(format!("{words:?}: {} {:?} {}", said.code, said.exit, said.line)),
            Err(why) => wrong.push(why),
        }
        still.unchanged(world.dir.path(), &format!("{words:?}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The environment is input too.
    let mut bare = Command::new(program());
    bare.args(["--json", "org", "show"]).env_clear();
    assert_eq!(said(&feed(bare, b""), "no HOME").code, "usage");
    let mut relative = Command::new(program());
    relative.args(["--json", "org", "show"]).env_clear().env("HOME", "/nonexistent");
    assert_eq!(said(&feed(relative, b""), "no such HOME").code, "no-profile");
}
