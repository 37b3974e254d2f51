//! Power loss: a file system that is shut down at seeded instants forgets what was not flushed. What left the machine is
//! on the record all the same, and nothing is doubled. Needs the superuser, a loop device and xfsprogs.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use crate::{
    killed::{Point, handed_over, issued_once, killed, opened_and_acknowledged, released},
    world::{Dice, Saved, World, hash_lines, mutant, program, restore, save, skipped},
};

/// How many losses: a sample always, two hundred when soaking.
fn losses() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 200 } else { 14 }
}

/// An XFS file system in a file.
struct Disk {
    ground: tempfile::TempDir,
}

impl Disk {
    /// Makes and mounts it, or says in one line why that does not work here.
    fn mounted() -> Result<Self, String> {
        let disk = Self { ground: tempfile::tempdir().expect("a temporary folder") };
        if !rustix::process::geteuid().is_root() {
            return Err("mounting needs the superuser".to_owned());
        }
        let image = std::fs::File::create(disk.image()).expect("an image");
        // The smallest that mkfs.xfs makes; the file is sparse.
        image.set_len(320 << 20).expect("a sparse file");
        std::fs::create_dir(disk.mount_point()).expect("a folder");
        ran(Command::new("mkfs.xfs").arg("-q").arg(disk.image()))?;
        ran(Command::new("xfs_io").arg("-V"))?;
        disk.mount()?;
        Ok(disk)
    }

    fn image(&self) -> PathBuf {
        self.ground.path().join("image")
    }

    fn mount_point(&self) -> PathBuf {
        self.ground.path().join("mnt")
    }

    fn mount(&self) -> Result<(), String> {
        ran(Command::new("mount").args(["-o", "loop"]).arg(self.image()).arg(self.mount_point()))
    }

    /// From here on nothing reaches the disk, and what was not flushed is gone.
    fn cut(&self) {
        ran(Command::new("xfs_io").args(["-x", "-c", "shutdown"]).arg(self.mount_point())).expect("cut off");
    }

    /// The machine starts again.
    fn restart(&self) {
        ran(Command::new("umount").arg(self.mount_point())).expect("unmounted");
        // Whoever made a namespace in this very moment still holds the disk that was cut off: mounted again, it would be
        // the same one.
        let since = Instant::now();
        while self.is_held() {
            assert!(since.elapsed() < Duration::from_secs(30), "the system lets go of the disk");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.mount().expect("mounted again");
    }

    fn is_held(&self) -> bool {
        let held =
            Command::new("losetup").arg("--associated").arg(self.image()).output().expect("losetup starts");
        !held.stdout.is_empty()
    }

    fn sync(&self) {
        ran(Command::new("sync").arg("-f").arg(self.mount_point())).expect("flushed");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.mount_point()).output();
    }
}

fn ran(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let out = command.output().map_err(|_| format!("{name} is not installed"))?;
    let said = String::from_utf8_lossy(&out.stderr).lines().next().unwrap_or_default().to_owned();
    if out.status.success() { Ok(()) } else { Err(format!("{name} failed: {said}")) }
}

/// A world on such a disk, and a folder outside of it, where what was released stays.
struct Scene {
    world: World,
    outside: tempfile::TempDir,
    disk: Disk,
}

impl Scene {
    fn made(what: &str) -> Option<Self> {
        match Disk::mounted() {
            Ok(disk) => {
                let dir = tempfile::tempdir_in(disk.mount_point()).expect("a folder on the disk");
                let outside = tempfile::tempdir().expect("a folder outside");
                Some(Self { world: World::founded_in(dir), outside, disk })
            }
            Err(why) => {
                skipped(what, &why);
                None
            }
        }
    }

    fn put_back(&self, saved: &Saved) {
        restore(&self.world, saved);
        self.disk.sync();
        for entry in std::fs::read_dir(self.outside.path()).expect("a folder").flatten() {
            std::fs::remove_file(entry.path()).expect("removed");
        }
    }

    fn outside(&self, name: &str) -> String {
        self.outside.path().join(name).display().to_string()
    }

    /// Stops at one call and loses the power in that moment; whether the command had ended before.
    fn lost_at(&self, program: &Path, words: &[&str], point: &Point) -> bool {
        let ended = !killed(program, &self.world, "ben", words, point);
        self.disk.cut();
        self.disk.restart();
        ended
    }

    /// Loses the power while the command runs: it lives on for a while, on a disk that takes nothing any more.
    fn lost_after(&self, words: &[&str], delay: Duration) -> bool {
        let child = Command::new(program())
            .args(self.world.args("ben", words))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.expect("the program starts");
        std::thread::sleep(delay);
        self.disk.cut();
        let ended = child.wait().expect("the program ends");
        self.disk.restart();
        ended.success()
    }

    /// One loss at a seeded instant of a command that takes about so long; whether the command was acknowledged.
    fn lost(&self, dice: &mut Dice, words: &[&str], lasting: Duration) -> (String, bool) {
        const CALLS: &[&str] = &["pwrite64", "fdatasync", "fsync", "linkat", "write", "openat"];
        if dice.below(2) == 0 {
            let delay = lasting.mul_f64(dice.below(1200) as f64 / 1000.0);
            return (format!("power lost after {delay:?}"), self.lost_after(words, delay));
        }
        let call = *dice.one_of(CALLS);
        let file = *dice.one_of(&[None, Some("ledger.db-wal"), Some("ben/vault.db-wal")]);
        let when = 1 + dice.below(if call == "linkat" { 3 } else { 12 });
        let point = Point { call, file, when };
        (format!("power lost at {call} number {when} of {file:?}"), self.lost_at(&program(), words, &point))
    }
}

/// How long a command takes here, undisturbed.
fn timed(command: impl FnOnce() -> Output) -> Duration {
    let start = Instant::now();
    let out = command();
    assert!(out.status.success(), "undisturbed it succeeds: {}", String::from_utf8_lossy(&out.stderr));
    start.elapsed()
}

#[test]
fn issue_survives_a_power_loss_at_any_instant() {
    let Some(scene) = Scene::made("power loss during issue") else { return };
    let world = &scene.world;
    let request = world.countersigned(1, "orders").request;
    let words = ["key", "issue", &request];
    let saved = save(world);
    let lasting = timed(|| world.run("ben", &words, b""));
    let mut dice = Dice::seeded("power loss during issue");
    let mut acknowledged = 0;
    for _ in 0..losses() {
        scene.put_back(&saved);
        let (point, done) = scene.lost(&mut dice, &words, lasting);
        if done {
            acknowledged += 1;
            let keys = world.ok("alice", &["key", "list"], b"");
            assert_eq!(keys[0]["state"], "sealed", "{point}: what was acknowledged is on the record");
            assert_eq!(hash_lines(world), 1, "{point}: and at the gateway");
        }
        issued_once(world, &request, &point);
    }
    println!("issue: {} power losses, {acknowledged} after it was acknowledged: 0 lost, 0 doubled", losses());
}

#[test]
fn delivery_survives_a_power_loss_at_any_instant() {
    let Some(scene) = Scene::made("power loss during delivery") else { return };
    let world = &scene.world;
    let key = world.issued(1);
    let (e, s) = (scene.outside("e"), scene.outside("s"));
    let words = ["envelope", "deliver", &key, "--out", &e, "--secret-out", &s];
    let saved = save(world);
    let lasting = timed(|| world.run("ben", &words, b""));
    let mut dice = Dice::seeded("power loss during delivery");
    let mut out = 0;
    for _ in 0..losses() {
        scene.put_back(&saved);
        let (point, done) = scene.lost(&mut dice, &words, lasting);
        let left = released(scene.outside.path());
        let recorded = handed_over(world);
        assert!(!left || recorded == 1, "{point}: released without a durable record");
        assert!(!done || left, "{point}: acknowledged, so it left");
        assert!(recorded <= 1, "{point}: on the record once, not {recorded} times");
        out += usize::from(left);
        world.ok("ben", &["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"], b"");
        opened_and_acknowledged(world, &point);
    }
    println!(
        "delivery: {} power losses, {out} after a release: 0 released without a durable record",
        losses()
    );
}

#[test]
fn a_power_loss_shows_that_the_mutant_does_not_wait_for_the_disk() {
    let Some(scene) = Scene::made("power loss under synchronous=NORMAL") else { return };
    let world = &scene.world;
    let key = world.issued(1);
    let (e, s) = (scene.outside("e"), scene.outside("s"));
    let words = ["envelope", "deliver", &key, "--out", &e, "--secret-out", &s];
    let saved = save(world);
    for (program, lost) in [(mutant("normal-sync"), true), (program(), false)] {
        for _ in 0..4 {
            scene.put_back(&saved);
            // The envelope has its name, and its secret is about to get one.
            let ended = scene.lost_at(&program, &words, &Point { call: "linkat", file: None, when: 2 });
            assert!(!ended && released(scene.outside.path()), "the envelope was out when the power went");
            let name = program.display();
            assert_eq!(handed_over(world) == 0, lost, "{name}: whether the record of what left is gone");
        }
    }
    println!("synchronous=NORMAL: 4 power losses after a release, 4 records gone; as shipped: 4 and 0");
}
