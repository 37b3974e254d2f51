//! kill -9 at every file-system call of issue, of delivery and of open: nothing lost, nothing doubled, nothing released
//! unrecorded.

use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    time::Instant,
};

use crate::world::{Saved, World, feed, hash_lines, mutant, program, restore, save};

/// Calls by which state reaches a disk.
const CALLS: &[&str] = &[
    "pwrite64",
    "fdatasync",
    "fsync",
    "ftruncate",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "linkat",
    "fchmod",
    "fchown",
    "write",
    "openat",
    "open",
];

/// Every call that changes a file system, by which a trace shows whether one is missing above (strace's class %file holds
/// those with a path; the others are named). Read-only ones stand in neither list.
const CHANGING: &[&str] = &[
    "pwrite64",
    "pwritev",
    "pwritev2",
    "write",
    "writev",
    "fdatasync",
    "fsync",
    "msync",
    "sync_file_range",
    "ftruncate",
    "truncate",
    "fallocate",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "chmod",
    "fchmod",
    "fchmodat",
    "chown",
    "fchown",
    "fchownat",
    "copy_file_range",
    "sendfile",
    "creat",
    "openat",
    "open",
];

/// Every how many-th point is tried: all when soaking, and all of the kinds that a command makes a few of.
fn stride(call: &str) -> usize {
    let many = ["pwrite64", "fdatasync", "fsync", "write", "openat"].contains(&call);
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() || !many { 1 } else { 9 }
}

/// A place in a command: the `when`-th call of a kind in any one thread, on one file where one is named.
pub(crate) struct Point<'a> {
    pub(crate) call: &'a str,
    pub(crate) file: Option<&'a str>,
    pub(crate) when: usize,
}

/// Runs under strace and kills at a point; whether it was killed.
pub(crate) fn killed(program: &Path, world: &World, who: &str, words: &[&str], point: &Point) -> bool {
    let mut command = Command::new("strace");
    command.args(["-f", "-qqq", "-o", "/dev/null", "-e"]).arg(format!("trace={}", point.call));
    if let Some(file) = point.file {
        command.arg("-P").arg(world.path(file));
    }
    command.arg("-e").arg(format!("inject={}:signal=SIGKILL:when={}", point.call, point.when)).arg(program);
    command.args(world.args(who, words)).current_dir(world.dir.path());
    let out = feed(command, b"");
    !ended(out.status)
}

/// Whether a command came to its end: 5 says that something is due.
fn ended(status: ExitStatus) -> bool {
    matches!(status.code(), Some(0 | 5))
}

/// Every kind of point: strace counts calls for each thread apart, so that the first thread to get far would hide the
/// others. What is written to one database is counted alone as well.
fn kinds(who: &str) -> Vec<(&'static str, Option<String>)> {
    let mut kinds: Vec<_> = CALLS.iter().map(|call| (*call, None)).collect();
    for file in ["ledger.db".to_owned(), format!("{who}/vault.db"), format!("{who}/view.db")] {
        for call in ["pwrite64", "fdatasync"] {
            kinds.extend(["", "-wal"].map(|end| (call, Some(format!("{file}{end}")))));
        }
    }
    kinds
}

/// How many instants besides, spread evenly over the time a command takes: one database has several threads one after
/// the other, and whatever call of whichever thread is under way then, that is where it ends.
fn instants() -> u32 {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 150 } else { 12 }
}

/// The changing calls that this command makes, as one run under strace shows them. One that no point is made of would be a
/// hole in the sweep; `writev` to a terminal or pipe is the one exception, which changes no file.
fn made(world: &World, beside: &impl Beside, who: &str, words: &[&str]) -> BTreeSet<String> {
    let saved = kept(world, beside);
    let log = world.path("calls");
    let mut command = Command::new("strace");
    command.args(["-f", "-qqq", "-o"]).arg(&log).arg("-e").arg(format!("trace={}", CHANGING.join(",")));
    command.arg(program()).args(world.args(who, words)).current_dir(world.dir.path());
    assert!(ended(feed(command, b"").status), "the traced command works");
    let text = std::fs::read_to_string(&log).expect("a trace");
    back(world, beside, &saved);
    let name = |line: &str| line.split_whitespace().nth(1)?.split_once('(').map(|(name, _)| name.to_owned());
    let made: BTreeSet<_> = text.lines().filter_map(name).collect();
    // A thread that ends with its process before strace could read which call it was about to make has made none.
    const ENDED: &str = "???";
    let known = |call: &str| CALLS.contains(&call) || call == "writev" || call == ENDED;
    let holes: Vec<_> = made.iter().filter(|call| !known(call)).collect();
    assert!(holes.is_empty(), "calls that change files and that the sweep does not stop at: {holes:?}");
    let durable = made.contains("fsync") || made.contains("fdatasync");
    assert!(made.contains("pwrite64") && durable, "a trace of what it does: {made:?}");
    made
}

/// What runs beside the command and holds files of this world: still while they are copied and put back.
pub(crate) trait Beside {
    fn stop(&self);
    fn start(&self);
}

/// Nothing does.
impl Beside for () {
    fn stop(&self) {}
    fn start(&self) {}
}

fn kept(world: &World, beside: &impl Beside) -> Saved {
    beside.stop();
    let saved = save(world);
    beside.start();
    saved
}

fn back(world: &World, beside: &impl Beside, saved: &Saved) {
    beside.stop();
    restore(world, saved);
    beside.start();
}

/// Every point of one command, and the instants besides: kill, then hand over to `judge`, which recovers by ordinary
/// commands only.
pub(crate) fn at_every_point(
    world: &World,
    beside: &impl Beside,
    who: &str,
    words: &[&str],
    judge: impl Fn(&World, &str),
) -> usize {
    let made = made(world, beside, who, words);
    let saved = kept(world, beside);
    let mut points = 0;
    let mut stopped = BTreeSet::new();
    for (shift, (call, file)) in kinds(who).iter().enumerate() {
        // Different calls begin at different points, so that the sample is not blind to a rhythm.
        let mut point = Point { call, file: file.as_deref(), when: 1 + shift % stride(call) };
        // How often threads wake each other differs from run to run: one point that is not reached is not the end.
        let mut missed = 0;
        while missed < 3 {
            if killed(&program(), world, who, words, &point) {
                (points, missed) = (points + 1, 0);
                stopped.insert((*call).to_owned());
                let of = point.file.unwrap_or("any file");
                judge(world, &format!("{call} number {} of {of}", point.when));
            } else {
                missed += 1;
            }
            back(world, beside, &saved);
            point.when += stride(call);
        }
    }
    // A sample may pass by the few of a kind that some commands make many of; it never passes by the others.
    let due = |call: &&String| *call != "writev" && stride(call) == 1 && !stopped.contains(*call);
    let missed: Vec<_> = made.iter().filter(due).collect();
    assert!(missed.is_empty(), "kinds of calls that were made and never stopped at: {missed:?}");
    println!("killed: calls that change files: {made:?}");
    points + at_every_instant(world, beside, who, words, &judge)
}

fn at_every_instant(
    world: &World,
    beside: &impl Beside,
    who: &str,
    words: &[&str],
    judge: &impl Fn(&World, &str),
) -> usize {
    let saved = kept(world, beside);
    let start = Instant::now();
    assert!(ended(world.run(who, words, b"").status), "the command works");
    let lasting = start.elapsed();
    back(world, beside, &saved);
    let mut points = 0;
    for n in 0..instants() {
        let mut command = Command::new(program());
        command.args(world.args(who, words)).current_dir(world.dir.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let delay = lasting * n / instants();
        std::thread::sleep(delay);
        child.kill().expect("it is ours to kill");
        if !ended(child.wait().expect("it ends")) {
            points += 1;
            judge(world, &format!("{delay:?} after its start"));
        }
        back(world, beside, &saved);
    }
    points
}

/// Completes an issue by ordinary commands: one key comes of it, at the gateway and at the partner.
pub(crate) fn issued_once(world: &World, request: &str, point: &str) {
    let finish = world.run("ben", &["key", "finish"], b"");
    assert!(finish.status.success(), "{point}: {}", String::from_utf8_lossy(&finish.stderr));
    let again = world.run("ben", &["key", "issue", request], b"");
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.success() || said.contains("was made already"), "{point}: {said}");
    let keys = world.ok("ben", &["key", "list"], b"");
    let live: Vec<_> = keys.as_array().expect("keys").iter().filter(|k| k["state"] != "abandoned").collect();
    assert_eq!(live.len(), 1, "{point}: one key, not none and not two");
    assert_eq!(hash_lines(world), 1, "{point}: the gateway holds that one key and no orphan");
    let key = live[0]["id"].as_str().expect("an id");
    world.ok("ben", &["envelope", "deliver", key, "--out", "e", "--secret-out", "s"], b"");
    opened_and_acknowledged(world, point);
}

/// The partner opens what lies in `e` and `s`; the receipt is taken and the key is the one the gateway knows.
pub(crate) fn opened_and_acknowledged(world: &World, point: &str) {
    world.ok(
        "partner",
        &["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "r"],
        b"",
    );
    world.ok("ben", &["request", "import", "r"], b"");
    let plain = std::fs::read(world.path("key")).expect("the key");
    let hashes = world.path("keys.hashes").display().to_string();
    world.ok("partner", &["key", "check", "--hash-file", &hashes], &plain);
    let clean = world.ok("alice", &["ledger", "verify"], b"");
    assert_eq!(clean["clean"], true, "{point}: the ledger holds");
}

/// How often the ledger says that an envelope was handed over, as a desk reads it that did not do it.
pub(crate) fn handed_over(world: &World) -> usize {
    let entries = world.ok("alice", &["ledger", "list", "--limit", "500"], b"");
    let events = entries.as_array().expect("entries").iter();
    events.filter(|e| e["event"] == "envelope-handed-over").count()
}

/// Whether anything of a delivery stands in a folder, under its name or on the way to it.
pub(crate) fn released(folder: &Path) -> bool {
    let names = std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.file_name());
    names
        .filter_map(|n| n.into_string().ok())
        .any(|n| ["e", "s"].contains(&n.as_str()) || n.ends_with(".part"))
}

#[test]
fn issue_survives_a_kill_at_every_call() {
    let world = World::founded();
    let exchange = world.countersigned(1, "orders");
    let request = exchange.request.clone();
    let points = at_every_point(&world, &(), "ben", &["key", "issue", &request], |world, point| {
        let recorded = world.ok("alice", &["key", "list"], b"").as_array().map_or(0, Vec::len);
        assert!(recorded >= hash_lines(world), "{point}: the gateway takes no key that is not on the record");
        assert!(!released(world.dir.path()), "{point}: issuing releases nothing");
        issued_once(world, &request, point);
    });
    assert!(points >= 10, "the command was killed at {points} points: too few to mean anything");
    println!("issue: killed at {points} points, 0 lost, 0 doubled");
}

#[test]
fn delivery_survives_a_kill_at_every_call_and_nothing_is_released_unrecorded() {
    let world = World::founded();
    let key = world.issued(1);
    let words = ["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"];
    let points = at_every_point(&world, &(), "ben", &words, |world, point| {
        let recorded = handed_over(world);
        assert!(recorded > 0 || !released(world.dir.path()), "{point}: released without a record");
        assert!(recorded <= 1, "{point}: one delivery is on the record once, not {recorded} times");
        for name in ["e", "s"] {
            let path = world.path(name);
            if path.exists() {
                assert!(std::fs::metadata(&path).expect("a file").len() > 30, "{point}: {name} is whole");
                std::fs::remove_file(&path).expect("removed");
            }
        }
        world.ok("ben", &words, b"");
        opened_and_acknowledged(world, point);
    });
    assert!(points >= 8, "the command was killed at {points} points: too few to mean anything");
    println!("deliver: killed at {points} points, 0 lost, 0 doubled, 0 released unrecorded");
}

#[test]
fn a_kill_shows_that_the_mutant_releases_what_nobody_recorded() {
    let world = World::founded();
    let key = world.issued(1);
    let words = ["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"];
    let saved = save(&world);
    let mut unrecorded = 0;
    for when in 1..4 {
        let point = Point { call: "pwrite64", file: Some("ledger.db-wal"), when };
        assert!(
            killed(&mutant("release-first"), &world, "ben", &words, &point),
            "its record has {when} parts"
        );
        unrecorded += usize::from(released(world.dir.path()) && handed_over(&world) == 0);
        restore(&world, &saved);
    }
    assert_eq!(unrecorded, 3, "an envelope that left before its record is seen by the same two questions");
}

#[test]
fn open_survives_a_kill_at_every_call() {
    let world = World::founded();
    let key = world.issued(1);
    world.ok("ben", &["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"], b"");
    let words = ["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "r"];
    let points = at_every_point(&world, &(), "partner", &words, |world, point| {
        for name in ["key", "r"] {
            let path = world.path(name);
            // What appears under a name that was asked for is whole.
            if path.exists() {
                assert!(std::fs::metadata(&path).expect("a file").len() > 30, "{point}: {name} is whole");
                std::fs::remove_file(&path).expect("removed");
            }
        }
        world.ok("partner", &words, b"");
        let held = world.ok("partner", &["key", "list"], b"");
        assert_eq!(held.as_array().map(Vec::len), Some(1), "{point}: one key is held");
        world.ok("ben", &["request", "import", "r"], b"");
        let plain = std::fs::read(world.path("key")).expect("the key");
        let hashes = world.path("keys.hashes").display().to_string();
        world.ok("partner", &["key", "check", "--hash-file", &hashes], &plain);
    });
    assert!(points >= 5, "the command was killed at {points} points: too few to mean anything");
    println!("open: killed at {points} points, 0 lost, 0 doubled");
}
