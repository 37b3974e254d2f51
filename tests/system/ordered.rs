//! The trace of a delivery: the record is written, durable, and only then does a first byte leave. The same judge sees
//! programs that break this turn red, each for its own reason.

use std::{collections::HashMap, path::Path, process::Command};

use crate::world::{World, feed, mutant, program};

/// What the judge says of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Record, flush, release: in this order.
    RecordedFirst,
    /// Something left, and the record was still being written after it.
    ReleasedBeforeRecord,
    /// The record was written and nobody waited for the disk before something left.
    ReleasedBeforeDurable,
    /// Nothing was recorded, or nothing left: the trace says nothing about order.
    Nothing,
}

/// One call of a trace that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A record was written to the ledger.
    Written,
    /// What was written to the ledger became durable.
    Durable,
    /// A byte of the envelope, or its name, began to leave the program.
    Released,
}

/// What one call does to the order: a flush counts when it has come back, a release when it begins.
fn step_of(call: &str) -> Option<Step> {
    let flush = call.starts_with("fdatasync(") || call.starts_with("fsync(");
    let ledger = call.contains("ledger.db-wal");
    match call {
        _ if call.starts_with("pwrite64(") && ledger => Some(Step::Written),
        _ if flush && ledger => Some(Step::Durable),
        // An envelope is written into a file without a name, which then gets one.
        _ if call.starts_with("linkat(") || (call.starts_with("write(") && call.contains("/#")) => {
            Some(Step::Released)
        }
        _ => None,
    }
}

/// The steps of a trace made by `strace -f -y`, in the order in which they count.
fn steps(trace: &str) -> Vec<Step> {
    let mut pending: HashMap<&str, Step> = HashMap::new();
    let mut found = Vec::new();
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap_or(("", line));
        let call = call.trim_start();
        if call.starts_with("<... ") {
            // The other half of a call that another thread interrupted in the trace.
            let done = pending.remove(thread);
            found.extend(done.filter(|step| *step != Step::Durable || call.ends_with("= 0")));
            continue;
        }
        match step_of(call) {
            Some(Step::Released) => found.push(Step::Released),
            Some(step) if call.ends_with("<unfinished ...>") => {
                pending.insert(thread, step);
            }
            Some(Step::Durable) if !call.ends_with("= 0") => {}
            Some(step) => found.push(step),
            None => {}
        }
    }
    found
}

/// Judges the last record against the first release. What SQLite tidies up when it closes the file is no record.
fn judge(steps: &[Step]) -> Verdict {
    let Some(released) = steps.iter().position(|s| *s == Step::Released) else { return Verdict::Nothing };
    let Some(written) = steps.iter().rposition(|s| *s == Step::Written) else { return Verdict::Nothing };
    match steps.get(written..released) {
        None => Verdict::ReleasedBeforeRecord,
        Some(between) if between.contains(&Step::Durable) => Verdict::RecordedFirst,
        Some(_) => Verdict::ReleasedBeforeDurable,
    }
}

/// Delivers a fresh key with a program, and the steps of its trace.
fn delivery(program: &Path) -> Vec<Step> {
    let world = World::founded();
    let key = world.issued(1);
    let trace = world.path("trace");
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qqq", "-y", "-e", "trace=write,pwrite64,fdatasync,fsync,linkat", "-o"])
        .arg(&trace)
        .arg(program);
    command
        .args(world.args("ben", &["envelope", "deliver", &key, "--out", "e", "--secret-out", "s"]))
        .current_dir(world.dir.path());
    let out = feed(command, b"");
    assert!(out.status.success(), "delivered under strace: {}", String::from_utf8_lossy(&out.stderr));
    // A mutant differs in order only: whatever it breaks, the exchange it makes is a whole one.
    world.ok(
        "partner",
        &["envelope", "open", "e", "--secret-file", "s", "--compose", "key", "--receipt-out", "r"],
        b"",
    );
    steps(&std::fs::read_to_string(&trace).expect("a trace"))
}

#[test]
fn the_first_released_byte_comes_after_the_record_is_durable() {
    let seen = delivery(&program());
    assert_eq!(judge(&seen), Verdict::RecordedFirst, "record before release: {seen:?}");
    // The judge reads a call that strace tore apart: durable is when it came back, not when it was asked for.
    let torn = "7 pwrite64(9</x/ledger.db-wal>, \"\", 24, 0) = 24\n7 fdatasync(9</x/ledger.db-wal> <unfinished ...>\n\
                8 linkat(AT_FDCWD, \"\", AT_FDCWD, \"\", 0) = 0\n7 <... fdatasync resumed>) = 0\n";
    assert_eq!(judge(&steps(torn)), Verdict::ReleasedBeforeDurable, "a flush that was still under way");
    let failed = "7 pwrite64(9</x/ledger.db-wal>, \"\", 24, 0) = 24\n7 fdatasync(9</x/ledger.db-wal>) = -1 EIO\n\
                  7 linkat(AT_FDCWD, \"\", AT_FDCWD, \"\", 0) = 0\n";
    assert_eq!(judge(&steps(failed)), Verdict::ReleasedBeforeDurable, "a flush that failed");
}

#[test]
fn a_program_that_releases_before_it_records_is_caught() {
    let seen = delivery(&mutant("release-first"));
    assert_eq!(judge(&seen), Verdict::ReleasedBeforeRecord, "caught for its own reason: {seen:?}");
}

#[test]
fn a_program_that_does_not_wait_for_the_disk_is_caught() {
    let seen = delivery(&mutant("normal-sync"));
    assert_eq!(judge(&seen), Verdict::ReleasedBeforeDurable, "caught for its own reason: {seen:?}");
}
