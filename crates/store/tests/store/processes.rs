//! Two real processes on one file: window and command line.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use countersign_ports::Log;
use countersign_store::{
    SqliteLog,
    conformance::{append_where_it_ends, op},
};

use crate::{ORGANISATION, fresh};

const PATH: &str = "COUNTERSIGN_STORE_TEST_PATH";
const FIRST: &str = "COUNTERSIGN_STORE_TEST_FIRST";
const OTHER: &str = "COUNTERSIGN_STORE_TEST_OTHER";
const EACH: u64 = 200;

/// This very program again, as one test that does nothing unless it is told a path.
pub(crate) fn child(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).stdout(Stdio::piped());
    command
}

#[tokio::test]
async fn writer_in_a_process_of_its_own() {
    let (Some(path), Ok(first)) = (std::env::var_os(PATH), std::env::var(FIRST)) else { return };
    let first: u64 = first.parse().unwrap();
    let log = SqliteLog::open(path.as_ref(), Some(ORGANISATION)).await.unwrap();
    let other = std::env::var(OTHER).ok().map(|other| other.parse().unwrap());
    for number in first..first + EACH {
        // In the middle of its own rows it waits for the first of the other's: neither is done before both have begun.
        if number == first + EACH / 2
            && let Some(other) = other
        {
            while log.find(op(other)).await.unwrap().is_none() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        append_where_it_ends(&log, op(number)).await;
        println!("there {number}");
    }
    println!("wrote {EACH}");
}

#[tokio::test]
async fn two_processes_append_at_once_and_every_row_is_there_once() {
    let (ground, log) = fresh().await;
    let children: Vec<_> = [0, EACH]
        .map(|first| {
            child("processes::writer_in_a_process_of_its_own")
                .env(PATH, ground.path())
                .env(FIRST, first.to_string())
                .env(OTHER, (EACH - first).to_string())
                .spawn()
                .unwrap()
        })
        .into_iter()
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains("wrote 200"), "no process saw an error: {said}");
    }
    let rows = log.read(0, 10_000).await.unwrap();
    assert_eq!(rows.len() as u64, 2 * EACH, "nothing is lost and nothing doubled");
    for number in 0..2 * EACH {
        assert!(log.find(op(number)).await.unwrap().is_some(), "operation {number} is there");
    }
    let last_of_first = rows.iter().rposition(|row| row.op_id.0 < op(EACH).0).unwrap();
    let first_of_second = rows.iter().position(|row| row.op_id.0 >= op(EACH).0).unwrap();
    assert!(first_of_second < last_of_first, "they really wrote at the same time");
}

#[tokio::test]
async fn a_writer_killed_at_any_moment_loses_nothing_it_acknowledged() {
    let (ground, log) = fresh().await;
    let mut acknowledged = Vec::new();
    for round in 0..12 {
        let mut writer = child("processes::writer_in_a_process_of_its_own")
            .env(PATH, ground.path())
            .env(FIRST, (1000 * (round + 1)).to_string())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let heard: Vec<u64> = lines.by_ref().filter_map(said).take(1 + 3 * round as usize).collect();
        writer.kill().unwrap();
        writer.wait().unwrap();
        // What it had said before it died counts as well.
        acknowledged.extend(heard.into_iter().chain(lines.filter_map(said)));
        append_where_it_ends(&log, op(round)).await;
        acknowledged.push(round);
    }
    let rows = log.read(0, 10_000).await.unwrap();
    assert!(acknowledged.len() > 100, "the writers got somewhere: {}", acknowledged.len());
    for number in &acknowledged {
        let times = rows.iter().filter(|row| row.op_id == op(*number)).count();
        assert_eq!(times, 1, "operation {number} was acknowledged");
    }
    let unheard = rows.len() - acknowledged.len();
    assert!(unheard <= 12, "at most the one that each kill cut off is there unacknowledged: {unheard}");
}

fn said(line: std::io::Result<String>) -> Option<u64> {
    line.ok()?.strip_prefix("there ")?.parse().ok()
}
