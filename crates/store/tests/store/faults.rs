//! Full and read-only disks, and flushes that fail. What this machine cannot do is skipped with the reason.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use countersign_ports::{Appended, Log, LogError};
use countersign_store::{
    SqliteLog,
    conformance::{note, op, row},
};

use crate::{Ground, ORGANISATION, processes::child};

/// A small disk in memory; unmounted at the end.
struct Disk(PathBuf);

impl Disk {
    fn mount(ground: &Ground) -> Option<Self> {
        let folder = ground.0.path().join("disk");
        fs::create_dir(&folder).unwrap();
        let done =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"]).arg(&folder).output();
        if done.is_ok_and(|done| done.status.success()) {
            return Some(Self(folder));
        }
        skipped("a full disk: mounting a small one needs the superuser");
        None
    }

    fn remount(&self, how: &str) -> bool {
        let how = format!("remount,{how}");
        Command::new("mount").args(["-o", &how]).arg(&self.0).output().is_ok_and(|done| done.status.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}

#[tokio::test]
async fn a_full_disk_is_named_loses_nothing_and_is_no_end() {
    let ground = Ground::new();
    let Some(disk) = Disk::mount(&ground) else { return };
    let path = disk.0.join("log.db");
    let log = SqliteLog::create(&path, ORGANISATION).await.unwrap();
    fs::write(disk.0.join("ballast"), vec![0; 100_000]).unwrap();
    let mut acknowledged = 0;
    let refusal = loop {
        let rows = [countersign_ports::Row { leaf: vec![7; 5000], ..row(acknowledged) }];
        match log.append(acknowledged, &rows, &note(acknowledged + 1)).await {
            Ok(outcome) => assert_eq!(outcome, Appended::Done),
            Err(error) => break error,
        }
        acknowledged += 1;
        assert!(acknowledged < 200, "512 KiB hold no 200 leaves of 5 kB");
    };
    assert!(acknowledged > 0, "something fitted");
    assert!(matches!(refusal, LogError::Full), "a person is told what to do: {refusal:?}");
    assert_eq!(
        log.head().await.unwrap().size,
        acknowledged,
        "what was acknowledged is there, no more and no less"
    );
    assert_eq!(log.read(0, 500).await.unwrap().len() as u64, acknowledged, "and is read on a full disk");
    fs::remove_file(disk.0.join("ballast")).unwrap();
    assert_eq!(log.find(op(acknowledged)).await.unwrap(), None, "what was refused is not there");
    let outcome = log.append(acknowledged, &[row(acknowledged)], &note(acknowledged + 1)).await.unwrap();
    assert_eq!(outcome, Appended::Done, "with room again it goes on without being opened anew");
    log.close().await;
}

#[tokio::test]
async fn a_disk_that_becomes_read_only_is_named() {
    let ground = Ground::new();
    let Some(disk) = Disk::mount(&ground) else { return };
    let path = disk.0.join("log.db");
    let log = SqliteLog::create(&path, ORGANISATION).await.unwrap();
    log.append(0, &[row(0)], &note(1)).await.unwrap();
    log.close().await;
    assert!(disk.remount("ro"), "nothing holds the disk any more");
    let created = SqliteLog::create(&disk.0.join("new.db"), ORGANISATION).await.err();
    assert!(matches!(created, Some(LogError::ReadOnly)), "nothing is made on it: {created:?}");
    // Without a write-ahead log SQLite cannot make the index that readers need: said, not hung.
    let opened = SqliteLog::open(&path, Some(ORGANISATION)).await.err();
    assert!(matches!(opened, Some(LogError::ReadOnly)), "{opened:?}");
    assert!(disk.remount("rw"), "it becomes writable again");
    let log = SqliteLog::open(&path, Some(ORGANISATION)).await.unwrap();
    assert_eq!(log.append(1, &[row(1)], &note(2)).await.unwrap(), Appended::Done, "and all is well");
    log.close().await;
}

const PATH: &str = "COUNTERSIGN_STORE_FAULT_PATH";
const DESK: &str = "COUNTERSIGN_STORE_FAULT_DESK";
const APPENDS: u64 = 6;

/// What is wrong with the desk that is traced.
#[derive(Clone, Copy, PartialEq)]
enum Desk {
    Sound,
    /// Acknowledges before the disk has it.
    NormalSync,
    /// Looks an operation up by reading only.
    Unfenced,
}

/// Appends until an outcome is unknown, looks that up, says what it was told, and dies without closing.
#[tokio::test]
async fn desk_on_a_failing_disk() {
    let (Some(path), Ok(desk)) = (std::env::var_os(PATH), std::env::var(DESK)) else { return };
    let path: &Path = path.as_ref();
    let log = match desk.as_str() {
        "normal" => SqliteLog::open_mutant_normal_sync(path, Some(ORGANISATION)).await,
        _ => SqliteLog::open(path, Some(ORGANISATION)).await,
    };
    let Ok(log) = log else { std::process::exit(0) };
    for number in 0..APPENDS {
        match log.append(number, &[row(number)], &note(number + 1)).await {
            Ok(_) => println!("there {number}"),
            Err(LogError::Unknown) => {
                let found = match desk.as_str() {
                    "unfenced" => log.read(number, 1).await.map(|rows| rows.first().map(|row| row.seq)),
                    _ => log.find(op(number)).await,
                };
                match found {
                    Ok(Some(_)) => println!("there {number}"),
                    Ok(None) => println!("absent {number}"),
                    Err(error) => println!("unresolved {number} {error:?}"),
                }
                std::process::exit(0);
            }
            Err(error) => println!("refused {number} {error:?}"),
        }
    }
    std::process::exit(0);
}

fn traceable() -> bool {
    let works = Command::new("strace").args(["-f", "-qqq", "-o", "/dev/null", "true"]).status();
    if works.is_ok_and(|status| status.success()) {
        return true;
    }
    skipped("flushes that fail: strace is not here or may not trace");
    false
}

/// The desk above under strace, and what it said.
fn traced(ground: &Ground, options: &[&str], desk: Desk) -> String {
    let program = child("faults::desk_on_a_failing_disk");
    let name = match desk {
        Desk::Sound => "sound",
        Desk::NormalSync => "normal",
        Desk::Unfenced => "unfenced",
    };
    let mut command = Command::new("strace");
    command.args(["-f", "-qqq", "-o"]).arg(ground.0.path().join("trace")).args(options);
    command.arg(program.get_program()).args(program.get_args()).env(PATH, ground.path()).env(DESK, name);
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// Fails one flush after the other. How many outcomes were looked up and not found, and how many of those came back.
async fn ghosts(desk: Desk) -> (usize, usize) {
    let (mut absent, mut back) = (0, 0);
    for failing in 1..=6 {
        let ground = Ground::new();
        SqliteLog::create(&ground.path(), ORGANISATION).await.unwrap().close().await;
        let inject = format!("inject=fsync,fdatasync:error=EIO:when={failing}");
        let said = traced(&ground, &["-e", "trace=fsync,fdatasync", "-e", &inject], desk);
        let log = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
        let rows = log.read(0, 100).await.unwrap();
        for number in 0..APPENDS {
            let there = rows.iter().any(|row| row.op_id == op(number));
            if said.contains(&format!("there {number}")) {
                assert!(
                    there,
                    "flush {failing}: operation {number} was acknowledged or found and is lost: {said}"
                );
            }
            if said.contains(&format!("absent {number}")) {
                absent += 1;
                back += usize::from(there);
            }
        }
        log.close().await;
    }
    (absent, back)
}

#[tokio::test]
async fn an_operation_that_was_looked_up_and_not_found_never_comes_back() {
    if !traceable() {
        return;
    }
    let (absent, back) = ghosts(Desk::Sound).await;
    assert!(absent > 0, "a flush was made to fail in a commit, and the outcome was settled");
    assert_eq!(back, 0, "what was not found stays absent after a crash");
    let (_, back) = ghosts(Desk::Unfenced).await;
    assert!(back > 0, "a desk that only reads is deceived: this test can tell");
}

#[tokio::test]
async fn every_append_is_flushed_and_the_mutant_shows_that_the_count_can_tell() {
    if !traceable() {
        return;
    }
    let mut flushes = Vec::new();
    for desk in [Desk::Sound, Desk::NormalSync] {
        let ground = Ground::new();
        SqliteLog::create(&ground.path(), ORGANISATION).await.unwrap().close().await;
        let said = traced(&ground, &["-e", "trace=fsync,fdatasync"], desk);
        assert_eq!(said.matches("there ").count() as u64, APPENDS, "every append was acknowledged: {said}");
        let trace = fs::read_to_string(ground.0.path().join("trace")).unwrap();
        flushes.push(trace.lines().filter(|line| line.contains("sync(")).count() as u64);
    }
    assert!(flushes[0] >= APPENDS, "at least one flush for each acknowledged append: {flushes:?}");
    assert!(flushes[1] < APPENDS, "the mutant acknowledges without: {flushes:?}");
}

/// Says why something could not be tried on this machine, and has it counted where `tools/test.sh` collects.
fn skipped(what: &str) {
    println!("SKIP: {what}");
    if let Some(path) = std::env::var_os("COUNTERSIGN_SKIPS") {
        let file = fs::File::options().append(true).create(true).open(path);
        std::io::Write::write_all(&mut file.unwrap(), format!("{what}\n").as_bytes()).unwrap();
    }
}
