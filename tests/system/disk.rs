//! A disk that is full, read-only or locked by somebody else: told in one sentence, and the same command succeeds later.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

use crate::{
    judge::{Still, said},
    world::{REQUEST, World, files_below, skipped},
};

/// A small file system of its own, gone with the test.
struct Small(PathBuf);

impl Small {
    /// Of so many KiB at `place`; or why not.
    fn mount(place: PathBuf, kib: u32) -> Result<Self, String> {
        std::fs::create_dir_all(&place).map_err(|e| e.to_string())?;
        let out = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k,mode=700"), "tmpfs"])
            .arg(&place)
            .output()
            .map_err(|e| e.to_string())?;
        if out.status.success() {
            Ok(Self(place))
        } else {
            Err(String::from_utf8_lossy(&out.stderr).trim().to_owned())
        }
    }

    fn remount(&self, options: &str) {
        let out = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.0).output();
        assert!(
            out.is_ok_and(|out| out.status.success()),
            "what was mounted can be mounted again: {options}"
        );
    }

    /// Takes up all room but `kib`.
    fn fill(&self, kib: u64) {
        use std::io::Write as _;
        let ballast = self.0.join("ballast");
        let mut file = std::fs::File::create(&ballast).expect("a file");
        while file.write_all(&[0x5a; 4096]).is_ok() {}
        drop(file);
        let length = std::fs::metadata(&ballast).expect("the ballast").len();
        let file = std::fs::File::options().write(true).open(&ballast).expect("the ballast");
        file.set_len((length / 4096 * 4096).saturating_sub(kib * 1024)).expect("room again");
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("ballast")).expect("the ballast is removed");
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

fn soak() -> bool {
    std::env::var_os("COUNTERSIGN_SOAK").is_some()
}

/// How much room is left, in KiB: every page of it, or a sample.
fn margins(every: bool) -> Vec<u64> {
    if every { (0..=160).step_by(4).collect() } else { vec![0, 4, 12, 36, 72] }
}

/// A failure that says that the disk is full.
fn full(out: &Output, case: &str) -> String {
    let said = said(out, case);
    let not_stopped = said.code == "not-stopped" && said.line.contains("the disk is full");
    let known = not_stopped || matches!(said.code.as_str(), "disk-full" | "recorded-only" | "issuer");
    assert!(known && said.exit == Some(4), "{case}: a full disk is called one: {} {}", said.code, said.line);
    if said.code != "disk-full" {
        println!("{case}: {}: {}", said.code, said.line);
    }
    said.code
}

/// The last entry of making a key was the one that was recorded: repeating it says that the key is there.
fn is_issued(out: &Output, case: &str) -> bool {
    case.contains("\"issue\"") && said(out, case).code == "already-issued"
}

/// Nothing half-written lies about: what was asked for is whole or not there, and no draft is left.
fn no_leftovers(folder: &Path, case: &str) {
    for path in files_below(folder) {
        let name = path.to_string_lossy().into_owned();
        assert!(!name.ends_with(".part") && !name.ends_with(".new"), "{case}: no draft is left: {name}");
    }
}

/// Tries commands while there is less room than they may need.
struct Squeeze<'a> {
    world: &'a World,
    disk: &'a Small,
    every: bool,
    hits: usize,
}

impl Squeeze<'_> {
    /// Runs a command at every margin, the smallest first, until it succeeds; it must at last.
    fn run(&mut self, case: &str, run: impl Fn() -> Output) {
        // What also writes a file, or has several entries, is repeated after one of them was recorded.
        let more = ["\"issue\"", "\"deliver\"", "\"ask\""].iter().any(|verb| case.contains(verb));
        let mut recorded = false;
        for kib in margins(self.every) {
            let case = format!("{case} with {kib} KiB left");
            self.disk.fill(kib);
            let out = run();
            self.disk.empty();
            no_leftovers(self.world.dir.path(), &case);
            if out.status.success() || recorded && is_issued(&out, &case) {
                return;
            }
            self.hits += 1;
            // Recorded before the disk was full: done, and said so.
            recorded |= full(&out, &case) == "recorded-only";
            if recorded && !more {
                return;
            }
        }
        let out = run();
        let done = out.status.success() || recorded && is_issued(&out, case);
        assert!(done, "{case} with room again: {}", String::from_utf8_lossy(&out.stderr));
    }

    fn ok(&mut self, who: &str, words: &[&str], input: &[u8]) {
        let world = self.world;
        self.run(&format!("{who} {words:?}"), || world.run(who, words, input));
    }
}

#[test]
fn a_full_disk_costs_nothing_and_the_same_command_succeeds_afterwards() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = match Small::mount(folder.path().join("disk"), 2048) {
        Ok(disk) => disk,
        Err(why) => return skipped("full disk", &format!("no tmpfs can be mounted: {why}")),
    };
    let world = World::founded_in(tempfile::tempdir_in(&disk.0).expect("a folder"));
    let hits = an_exchange(&world, &disk, "");
    assert!(hits >= 5, "the disk was full only {hits} times: too few to mean anything");
    println!("full disk: met {hits} times, nothing lost, nothing doubled");
}

#[test]
fn a_full_disk_for_what_is_written_out_costs_nothing_either() {
    let world = World::founded();
    let disk = match Small::mount(world.path("out"), 256) {
        Ok(disk) => disk,
        Err(why) => return skipped("full disk for output", &format!("no tmpfs can be mounted: {why}")),
    };
    let hits = an_exchange(&world, &disk, "out/");
    assert!(hits >= 5, "the disk was full only {hits} times: too few to mean anything");
    println!("full disk for output: met {hits} times, nothing lost, nothing doubled");
}

/// One exchange, each command first on a disk with too little room; `out` is where files are written to.
fn an_exchange(world: &World, disk: &Small, out: &str) -> usize {
    let at = |name: &str| format!("{out}{name}");
    let mut squeeze = Squeeze { world, disk, every: soak(), hits: 0 };
    let digits = world.digits("partner");
    world.put("request.toml", &REQUEST.replace("SERVICE", "orders"));
    squeeze.ok("partner", &["request", "new", "request.toml", "--out", &at("letter")], b"");
    let one = |who: &str, noun: &str| {
        let list = world.ok(who, &[noun, "list"], b"");
        assert_eq!(
            list.as_array().map(Vec::len),
            Some(1),
            "{who}: one {noun}, however often the disk was full"
        );
        list[0]["id"].as_str().expect("an id").to_owned()
    };
    one("partner", "request");
    squeeze.ok("alice", &["request", "import", &at("letter")], b"");
    let id = one("alice", "request");
    let ask = ["request", "ask", &id, "--text", "Which articles?", "--out", &at("question")];
    squeeze.ok("alice", &ask, b"");
    world.ok("partner", &["request", "read", &at("question")], b"");
    squeeze.ok("partner", &["request", "revise", &id, "request.toml", "--out", &at("letter-2")], b"");
    squeeze.ok("alice", &["request", "import", &at("letter-2")], b"");
    let check = ["identity", "check", &id, "--channel", "phone", "--source", "contract"];
    squeeze.ok("alice", &check, digits.as_bytes());
    for check in ["who", "why", "scope", "protection"] {
        world.ok("alice", &["request", "answer", &id, check, "--note", "in order"], b"");
    }
    squeeze.ok("alice", &["request", "vet", &id, "--yes"], b"");
    let shown = world.ok("ben", &["request", "show", &id], b"");
    let grant = shown["grant"].as_str().expect("a grant");
    squeeze.ok("ben", &["request", "countersign", &id, "--grant", grant], b"");
    squeeze.ok("ben", &["key", "issue", &id], b"");
    let key = one("ben", "key");
    squeeze.ok("ben", &["envelope", "deliver", &key, "--out", &at("e"), "--secret-out", &at("s")], b"");
    let open = [
        "envelope",
        "open",
        &at("e"),
        "--secret-file",
        &at("s"),
        "--compose",
        &at("key"),
        "--receipt-out",
        &at("r"),
    ];
    squeeze.ok("partner", &open, b"");
    squeeze.ok("partner", &["envelope", "save", "--dotenv", &at("env"), "--kubernetes", &at("k8s")], b"");
    squeeze.ok("ben", &["request", "import", &at("r")], b"");
    // The receipt may be recorded and the key not yet switched on: that is what this completes.
    world.ok("ben", &["key", "finish"], b"");
    let plain = std::fs::read(world.path(&at("key"))).expect("the key");
    let hashes = world.path("keys.hashes").display().to_string();
    world.ok("partner", &["key", "check", "--hash-file", &hashes], &plain);
    squeeze.ok("alice", &["ledger", "export", "--out", &at("export")], b"");
    squeeze.ok("partner", &["profile", "recovery", "--out", &at("code")], b"");
    squeeze.ok("alice", &["key", "revoke", "--key", &key, "--reason", "leaked"], b"");
    world.ok("ben", &["key", "finish"], b"");
    world.refused("partner", &["key", "check", "--hash-file", &hashes], &plain, "key-refused", 1);
    world.ok("alice", &["ledger", "verify"], b"");
    squeeze.hits
}

#[test]
fn founding_on_a_full_disk_is_repeated_until_it_succeeds() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = match Small::mount(folder.path().join("disk"), 1024) {
        Ok(disk) => disk,
        Err(why) => return skipped("founding on a full disk", &format!("no tmpfs can be mounted: {why}")),
    };
    let world = World { dir: tempfile::tempdir_in(&disk.0).expect("a folder") };
    // One write more or less decides which store is the first to find no room: all of them must say so.
    let mut squeeze = Squeeze { world: &world, disk: &disk, every: true, hits: 0 };
    for who in ["alice", "ben"] {
        squeeze.run(who, || world.make_profile(who, "desk"));
    }
    squeeze.ok("alice", &["org", "found", "--name", "Full", "--out", "offer", "--half-out", "half-a"], b"");
    let digits = world.digits("alice");
    squeeze.ok(
        "ben",
        &["org", "answer", "offer", "--out", "answer", "--half-out", "half-b"],
        digits.as_bytes(),
    );
    let digits = world.digits("ben");
    squeeze.ok("alice", &["org", "complete", "answer", "--log", "ledger.db"], digits.as_bytes());
    squeeze.ok("ben", &["org", "attach", "--log", "ledger.db"], b"");
    for half in ["half-a", "half-b"] {
        let text = std::fs::read_to_string(world.path(half)).expect("a half");
        assert_eq!(text.trim().len(), 64, "{half} is whole");
    }
    let (a, b) = (world.ok("alice", &["org", "show"], b""), world.ok("ben", &["org", "show"], b""));
    assert_eq!(a["fingerprint"], b["fingerprint"], "both founders stand on one root");
    let members = world.ok("ben", &["member", "list"], b"");
    for member in members.as_array().expect("members") {
        let compared = member["compared"].as_array().map(Vec::len);
        assert_eq!(compared, Some(1), "each was compared once, on the record: {member}");
    }
    world.ok("ben", &["ledger", "verify"], b"");
    assert!(squeeze.hits >= 3, "the disk was full only {} times: too few to mean anything", squeeze.hits);
    println!("founding: disk full {} times, nothing lost", squeeze.hits);
}

#[test]
fn a_finished_founding_is_not_begun_a_second_time() {
    let world = World::founded();
    let digits = world.digits("ben");
    let still = Still::of(world.dir.path());
    world.refused(
        "alice",
        &["org", "complete", "answer", "--log", "second.db"],
        digits.as_bytes(),
        "usage",
        2,
    );
    let found = ["org", "found", "--name", "Again", "--out", "offer-2", "--half-out", "half-2"];
    world.refused("alice", &found, b"", "already-there", 2);
    let found = ["org", "found", "--name", "Northwind Example", "--out", "offer-2", "--half-out", "half-2"];
    world.refused("alice", &found, b"", "already-there", 2);
    let digits = world.digits("alice");
    let answer = ["org", "answer", "offer", "--out", "answer-2", "--half-out", "half-2"];
    world.refused("ben", &answer, digits.as_bytes(), "already-there", 2);
    still.unchanged(world.dir.path(), "a second founding");
    world.issued(1);
}

/// Holds the write lock of a database, as another program would, for as long as it lives.
fn with_lock(path: &Path, then: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let options = SqliteConnectOptions::new().filename(path);
    let mut conn = runtime.block_on(options.connect()).expect("a second connection");
    runtime.block_on(sqlx::query("BEGIN IMMEDIATE").execute(&mut conn)).expect("the write lock");
    then();
    runtime.block_on(sqlx::query("ROLLBACK").execute(&mut conn)).expect("let go");
    runtime.block_on(conn.close()).expect("closed");
}

#[test]
fn a_locked_database_is_told_in_bounded_time_and_nothing_is_lost() {
    let world = World::founded();
    let request = world.countersigned(1, "orders").request;
    let waiting = world.vetted(2, "orders").request;
    for (database, who, words, code) in [
        ("ledger.db", "ben", vec!["key", "issue", &request], "ledger-locked"),
        (
            "ledger.db",
            "alice",
            vec!["request", "decline", &waiting, "--reason", "no", "--out", "no"],
            "ledger-locked",
        ),
        (
            "partner/vault.db",
            "partner",
            vec!["request", "new", "request-1.toml", "--out", "again"],
            "profile-locked",
        ),
        ("ben/vault.db", "ben", vec!["key", "issue", &request], "profile-locked"),
    ] {
        let case = format!("{database} locked: {who} {words:?}");
        let hashes = || std::fs::read(world.path("keys.hashes")).ok();
        let before = hashes();
        with_lock(&world.path(database), || {
            let begun = Instant::now();
            let said = said(&world.run(who, &words, b""), &case);
            // The desk's own profile may be met locked only after its entry is in the ledger.
            let recorded = said.code == "recorded-only" && code == "profile-locked";
            assert!(said.code == code || recorded, "{case}: {} {}", said.code, said.line);
            assert_eq!(said.exit, Some(4), "{case}: not available, and no fault of what was typed");
            assert!(begun.elapsed() < Duration::from_secs(25), "{case}: told after {:?}", begun.elapsed());
        });
        assert!(
            hashes() == before || database != "ledger.db",
            "{case}: no key was made that is not on the record"
        );
        assert!(!world.path("again").exists() && !world.path("no").exists(), "{case}: nothing was written");
    }
    world.ok("ben", &["key", "issue", &request], b"");
    world.ok("alice", &["request", "decline", &waiting, "--reason", "no", "--out", "no"], b"");
    world.ok("partner", &["request", "new", "request-1.toml", "--out", "again"], b"");
    let keys = world.ok("ben", &["key", "list"], b"");
    assert_eq!(keys.as_array().map(Vec::len), Some(1), "one key");
    world.ok("alice", &["ledger", "verify"], b"");
}

#[test]
fn a_read_only_disk_is_called_one_and_reading_goes_on_where_it_can() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = match Small::mount(folder.path().join("disk"), 4096) {
        Ok(disk) => disk,
        Err(why) => return skipped("read-only disk", &format!("no tmpfs can be mounted: {why}")),
    };
    let world = World::founded_in(tempfile::tempdir_in(&disk.0).expect("a folder"));
    world.put("request-1.toml", &REQUEST.replace("SERVICE", "orders"));
    world.ok("partner", &["request", "new", "request-1.toml", "--out", "letter"], b"");
    disk.remount("ro");
    let still = Still::of(world.dir.path());
    for (who, words) in [
        ("alice", vec!["request", "import", "letter"]),
        ("alice", vec!["policy", "propose", "policy.toml"]),
        ("partner", vec!["request", "new", "request-1.toml", "--out", "again"]),
        ("alice", vec!["card", "export", "--out", "card-2"]),
        ("partner", vec!["request", "template", "--out", "form"]),
        ("alice", vec!["profile", "recovery", "--out", "code"]),
    ] {
        let case = format!("read-only: {who} {words:?}");
        let said = said(&world.run(who, &words, b""), &case);
        let known = ["ledger-read-only", "profile-read-only", "disk-read-only"].contains(&said.code.as_str());
        assert!(known && said.exit == Some(4), "{case}: {} {:?} {}", said.code, said.exit, said.line);
        still.unchanged(world.dir.path(), &case);
    }
    disk.remount("rw");
    world.ok("alice", &["request", "import", "letter"], b"");
    world.ok("alice", &["ledger", "verify"], b"");
}
