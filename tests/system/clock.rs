//! A clock that is wrong: what is refused, what is only warned of, and what goes on.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use crate::{
    judge::{Still, said},
    world::{World, feed, program, skipped},
};

/// How far every clock in a world is turned, where it has such a file.
const TURNED: &str = "turned";

/// The library that turns a process's clock, where it is installed.
fn faketime() -> Option<PathBuf> {
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/lib64", "/usr/local/lib"]
        .iter()
        .map(|folder| PathBuf::from(folder).join("faketime/libfaketime.so.1"))
        .find(|path| path.is_file())
}

impl World {
    /// Turns every clock of this world, those of programs that run as well, by so many milliseconds; false where the machine
    /// has nothing that could. Programs that were started before the first turn keep their clocks.
    pub(crate) fn turn_clocks(&self, milliseconds: i64) -> bool {
        let seconds = format!("{:+}.{:03}", milliseconds / 1000, milliseconds.unsigned_abs() % 1000);
        self.put("turned.new", &seconds);
        // In one step: a clock is looked at all the time.
        std::fs::rename(self.path("turned.new"), self.path(TURNED)).expect("renamed");
        faketime().is_some()
    }

    /// Has a program go by the clock of this world.
    pub(crate) fn with_clock(&self, command: &mut Command) {
        if let (true, Some(library)) = (self.path(TURNED).is_file(), faketime()) {
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME_TIMESTAMP_FILE", self.path(TURNED))
                .env("FAKETIME_NO_CACHE", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
    }
}

/// Runs a command with its clock moved by so many seconds.
fn at(world: &World, library: &PathBuf, shift: i64, who: &str, words: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(program());
    command
        .args(world.args(who, words))
        .current_dir(world.dir.path())
        .env("LD_PRELOAD", library)
        .env("FAKETIME", format!("{shift:+}s"))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    feed(command, input)
}

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

#[test]
fn a_wrong_clock_is_warned_of_or_refused_in_one_sentence() {
    let Some(library) = faketime() else {
        return skipped("wrong clocks", "libfaketime is not installed (apt-get install faketime)");
    };
    let world = World::founded();
    let key = world.issued(1);
    world.ok("ben", &["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"], b"");
    let inspect = ["envelope", "inspect", "e", "--secret-file", "s"];
    partners_clock(&world, &library, &inspect);
    desks_clock(&world, &library);
    after_opening(&world, &library, &key);
}

fn partners_clock(world: &World, library: &PathBuf, inspect: &[&str]) {
    for (shift, slow) in [(-60, false), (-HOUR, true), (-23 * HOUR, true)] {
        let out = at(world, library, shift, "partner", inspect, b"");
        let err = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success(), "a clock {shift} s off is no reason to refuse: {err}");
        let notes = String::from_utf8_lossy(&out.stdout).into_owned();
        assert_eq!(
            notes.contains("This computer's clock is slow"),
            slow,
            "{shift} s: a slow clock is warned of: {err}"
        );
    }
    let still = Still::of(world.dir.path());
    let open = ["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "r"];
    for (shift, reason) in [
        (-25 * HOUR, "clock"),
        (-400 * DAY, "clock"),
        (31 * DAY, "it has expired"),
        (3650 * DAY, "it has expired"),
    ] {
        for words in [inspect, &open] {
            let case = format!("{shift} s: {words:?}");
            let said = said(&at(world, library, shift, "partner", words, b""), &case);
            assert_eq!(
                (said.code.as_str(), said.exit),
                ("envelope-not-accepted", Some(3)),
                "{case}: {}",
                said.line
            );
            assert!(said.line.contains(reason), "{case}: says why: {}", said.line);
            still.unchanged(world.dir.path(), &case);
        }
    }
    // A request from a wrong clock is made, and judged where it arrives.
    for (shift, accepted) in [(-23 * HOUR, true), (2 * HOUR, false)] {
        let name = format!("letter{shift}");
        let out =
            at(world, library, shift, "partner", &["request", "new", "request-1.toml", "--out", &name], b"");
        if !out.status.success() {
            let said = said(&out, &name);
            assert_eq!(said.code, "document-not-accepted", "{shift}: {}", said.line);
            continue;
        }
        let import = world.run("alice", &["request", "import", &name], b"");
        if accepted {
            assert!(import.status.success(), "{shift}: {}", String::from_utf8_lossy(&import.stderr));
        } else {
            assert_eq!(
                said(&import, &name).code,
                "document-not-accepted",
                "a request from the future is refused"
            );
        }
    }
    // Years ahead: the card has ended, and nothing is sealed to a key that may be given up.
    let out =
        at(world, library, 400 * DAY, "partner", &["request", "new", "request-1.toml", "--out", "late"], b"");
    assert_eq!(said(&out, "a card that has ended").code, "document-not-accepted");
    assert!(!world.path("late").exists(), "no letter is written");
}

fn desks_clock(world: &World, library: &PathBuf) {
    world.ok("alice", &["org", "show"], b"");
    let still = Still::of(world.dir.path());
    let words = ["policy", "propose", "policy.toml"];
    for (shift, code, exit) in [(-HOUR, "clock-behind", 1), (-400 * DAY, "clock-behind", 1)] {
        let case = format!("desk {shift} s off");
        let said = said(&at(world, library, shift, "alice", &words, b""), &case);
        assert_eq!((said.code.as_str(), said.exit), (code, Some(exit)), "{case}: {}", said.line);
        still.unchanged(world.dir.path(), &case);
    }
    // Reading goes on, whatever the clock says.
    for shift in [-400 * DAY, 400 * DAY] {
        let out = at(world, library, shift, "alice", &["ledger", "verify"], b"");
        assert!(out.status.success(), "{shift}: {}", String::from_utf8_lossy(&out.stderr));
    }
    // A clock before 1970, or one that cannot be written down, is no clock.
    let out = at(world, library, -3_000_000_000, "alice", &words, b"");
    assert_eq!(said(&out, "before 1970").code, "no-clock");
}

fn after_opening(world: &World, library: &PathBuf, key: &str) {
    let late = at(
        world,
        library,
        31 * DAY,
        "ben",
        &["envelope", "deliver", key, "--out", "e2", "--secret-out", "s2"],
        b"",
    );
    let said_late = said(&late, "delivered too late");
    assert_eq!(said_late.code, "delivery-over", "{}", said_late.line);
    // Opened on a clock an hour slow, with its warning; then the same envelope again, and a copy that was altered.
    let open = ["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "r"];
    let out = at(world, library, -HOUR, "partner", &open, b"");
    let err = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        out.status.success() && err.contains("This computer's clock is slow"),
        "opened with a warning: {err}"
    );
    world.refused(
        "partner",
        &["envelope", "inspect", "e", "--secret-file", "s"],
        b"",
        "envelope-not-accepted",
        3,
    );
    // Revoking does not wait for a clock.
    let out =
        at(world, library, -2 * HOUR, "alice", &["key", "revoke", "--key", key, "--reason", "leaked"], b"");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    world.ok("alice", &["ledger", "verify"], b"");
}
