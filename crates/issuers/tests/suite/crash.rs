use std::{
    env,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::support::{block_on, create, folder, ids, issuer, tag};

const PATH: &str = "COUNTERSIGN_TEST_HASH_FILE";
const FIRST: &str = "COUNTERSIGN_TEST_FIRST_KEY";
const MADE: &str = "made ";

#[test]
#[ignore = "the child process of the test below"]
fn child_that_creates_until_it_is_killed() {
    let path = PathBuf::from(env::var_os(PATH).expect("only the test below starts this"));
    let first: u16 = env::var(FIRST).unwrap().parse().unwrap();
    let issuer = issuer(&path, u64::from(first));
    for id in first..first + 500 {
        let issued = block_on(create(&issuer, &tag(id))).unwrap();
        println!("\n{MADE}{}", issued.handle.0);
    }
}

#[test]
fn a_process_killed_at_any_moment_leaves_a_whole_file_with_every_key_it_reported() {
    let at = folder();
    let mut killed_at_work = 0;
    for round in 0..12u16 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "crash::child_that_creates_until_it_is_killed", "--ignored", "--nocapture"])
            .env(PATH, &at.path)
            .env(FIRST, (round * 500).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reported = |line: std::io::Result<String>| line.ok()?.strip_prefix(MADE).map(str::to_owned);
        let first = lines.by_ref().find_map(reported).expect("the child makes a key");
        thread::sleep(Duration::from_micros(u64::from(round) * 1_337));
        child.kill().unwrap();
        killed_at_work += u16::from(!child.wait().unwrap().success());
        let made: Vec<String> = [first].into_iter().chain(lines.filter_map(reported)).collect();
        let there = ids(&at.path);
        for id in &made {
            assert!(there.contains(id), "round {round}: key {id} was handed out and is not in the file");
        }
        // The next to come finds the lock free and the file fit for use.
        block_on(create(&issuer(&at.path, 9_000 + u64::from(round)), &tag(60_000 + round))).unwrap();
    }
    assert!(
        killed_at_work > 6,
        "most children must die at work, or nothing was tried: {killed_at_work} of 12"
    );
}
