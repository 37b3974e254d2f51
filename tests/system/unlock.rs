//! Wrong passphrases, key files and recovery codes, typed at a terminal and given by file; the right one works after.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::{
    judge::{Still, said},
    world::{World, feed, program},
};

const RIGHT: &str = "five words are a good passphrase";

/// Runs the program at a terminal of its own and answers each prompt as it appears; what was shown, and the status.
fn at_a_terminal(world: &World, words: &[&str], answers: &[(&str, &str)]) -> (String, Option<i32>) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("granted");
    unlockpt(&master).expect("unlocked");
    let name = ptsname(&master, Vec::new()).expect("its name");
    let side =
        File::options().read(true).write(true).open(name.to_str().expect("a path")).expect("the other side");
    let stream = || Stdio::from(side.try_clone().expect("one more"));
    let mut command = Command::new("setsid");
    command.args(["--ctty", "--wait", "timeout", "--foreground", "60"]).arg(program()).args(words);
    command.current_dir(world.dir.path()).stdin(stream()).stdout(stream()).stderr(stream());
    let mut child = command.spawn().expect("setsid of util-linux runs");
    // Whatever still holds this side keeps the terminal open after the program has ended.
    drop((command, side));
    let mut master = File::from(master);
    let (mut shown, mut seen, mut waiting) = (String::new(), 0, answers.iter());
    let mut next = waiting.next();
    let mut buffer = [0u8; 4096];
    while let Ok(count @ 1..) = master.read(&mut buffer) {
        shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
        while let Some((prompt, answer)) = next {
            let Some(at) = shown.get(seen..).and_then(|rest| rest.find(prompt)) else { break };
            seen += at + prompt.len();
            // The echo is switched off just after the prompt was written.
            std::thread::sleep(Duration::from_millis(100));
            master.write_all(format!("{answer}\n").as_bytes()).expect("typed");
            next = waiting.next();
        }
    }
    (shown, child.wait().expect("ends").code())
}

/// One line of the failure, out of what a terminal shows.
fn failure(shown: &str) -> &str {
    let lines: Vec<&str> = shown.lines().filter(|l| l.contains("countersign: ")).collect();
    assert_eq!(lines.len(), 1, "one line says what happened: {shown}");
    assert!(!shown.contains("panicked"), "no panic reaches a user: {shown}");
    lines[0].trim()
}

#[test]
fn wrong_secrets_are_refused_and_the_right_one_still_works() {
    let world = World { dir: tempfile::tempdir().expect("a folder") };
    let folder = world.path("pat").display().to_string();
    let new = ["--profile", &folder, "profile", "new", "--kind", "inbox", "--name", "Pat"];
    let both = ["--slot", "passphrase", "--slot", "key-file:pat.key"];
    let words: Vec<&str> = new.iter().chain(&both).copied().collect();
    let (first, again) = ("New passphrase", "The same again");
    for answers in [&[(first, RIGHT), (again, "another passphrase")][..], &[(first, "short")]] {
        let (shown, code) = at_a_terminal(&world, &words, answers);
        assert_eq!(code, Some(2), "no profile is made: {shown}");
        assert!(failure(&shown).contains("Nothing was changed."), "{shown}");
        assert!(!shown.contains(RIGHT), "a passphrase is never shown: {shown}");
        assert!(!world.path("pat").join("vault.db").exists(), "no profile is made");
    }
    let (shown, code) = at_a_terminal(&world, &words, &[(first, RIGHT), (again, RIGHT)]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains(RIGHT), "a passphrase is never shown: {shown}");
    world.profile("other", "inbox");
    let recovery = ["--profile", &folder, "--unlock", "file:pat.key", "profile", "recovery", "--out", "code"];
    assert!(world.bare(&recovery, b"").status.success(), "a recovery code is made");
    let other = world.run("other", &["profile", "recovery", "--out", "other-code"], b"");
    assert!(other.status.success(), "another one too");
    let still = Still::of(world.dir.path());
    typed_wrong(&world, &folder);
    still.unchanged(world.dir.path(), "typed wrong");
    given_wrong(&world, &folder);
}

fn typed_wrong(world: &World, folder: &str) {
    let code = std::fs::read_to_string(world.path("code")).expect("a code");
    let other = std::fs::read_to_string(world.path("other-code")).expect("a code");
    let show = ["--profile", folder, "--unlock", "ask", "profile", "show"];
    let mistyped = code.trim().replacen(|c: char| c.is_ascii_alphanumeric(), "", 1);
    for wrong in [
        "wrong passphrase",
        "",
        &RIGHT.to_uppercase(),
        &format!("{RIGHT} "),
        &mistyped,
        other.trim(),
        &"x".repeat(3000),
    ] {
        let (shown, status) = at_a_terminal(world, &show, &[("Passphrase", wrong)]);
        assert_eq!(status, Some(3), "{wrong}: {shown}");
        let line = failure(&shown);
        assert!(
            line.contains("does not unlock this profile. Nothing was changed. Try again"),
            "{wrong}: {line}"
        );
    }
    for right in [RIGHT, code.trim()] {
        let (shown, status) = at_a_terminal(world, &show, &[("Passphrase", right)]);
        assert_eq!(status, Some(0), "after many wrong ones the right one works: {shown}");
        assert!(!shown.contains(right), "what is typed is never shown: {shown}");
    }
}

fn given_wrong(world: &World, folder: &str) {
    world.put("wrong", "not this one\n");
    world.put("right", &format!("{RIGHT}\nand a second line that does not matter\n"));
    world.put("empty", "");
    let key = std::fs::read_to_string(world.path("pat.key")).expect("a key file");
    let bent = key.trim_end().to_owned();
    world.put("bent.key", &format!("{}\n", bent.get(..bent.len() - 1).expect("ASCII")));
    world.put("open.key", &key);
    let mode = |name: &str, mode| {
        std::fs::set_permissions(world.path(name), std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    mode("bent.key", 0o600);
    mode("open.key", 0o644);
    let still = Still::of(world.dir.path());
    for (unlock, code, exit) in [
        ("file:wrong", "wrong-secret", 3),
        ("file:empty", "wrong-secret", 3),
        ("file:other.key", "wrong-secret", 3),
        ("file:bent.key", "key-file", 3),
        ("file:open.key", "key-file", 3),
        ("file:nowhere", "file-missing", 2),
        ("file:", "file-missing", 2),
        ("fd:0", "wrong-secret", 3),
        ("fd:77", "file-missing", 2),
        ("fd:x", "usage", 2),
        ("keychain", "no-such-unlock", 4),
        ("anything", "usage", 2),
        ("ask", "no-input", 2),
    ] {
        let mut command = Command::new("setsid");
        command.arg(program()).args(["--profile", folder, "--json", "--unlock", unlock, "profile", "show"]);
        command.current_dir(world.dir.path());
        let said = said(&feed(command, b"not this one\n"), unlock);
        assert_eq!((said.code.as_str(), said.exit), (code, Some(exit)), "{unlock}: {}", said.line);
        still.unchanged(world.dir.path(), unlock);
    }
    for unlock in ["file:right", "file:pat.key", "fd:0"] {
        let words = ["--profile", folder, "--unlock", unlock, "profile", "show"];
        let out = world.bare(&words, format!("{RIGHT}\n").as_bytes());
        assert!(out.status.success(), "{unlock} still works: {}", String::from_utf8_lossy(&out.stderr));
    }
}
