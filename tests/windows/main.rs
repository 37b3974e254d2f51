//! Journeys in the real windows, on the program that ships: a display without a screen, driven by WebDriver.
//!
//! `COUNTERSIGN_SHIPPED` names an unpacked package, and the programs in it are gone through. `make soak` packs what `make
//! package` builds, `make test` what it has built itself: the same sources, features and places, not optimised. Without it,
//! as in `make testwindow`, it is the programs beside this test. Where a machine has no such display the test says what is missing and skips, but never where `CI` is `true`.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "what was gone through is printed")]

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// How `run.py` says that no window can be shown.
const NO_WINDOW: i32 = 3;

/// What users start, which is not the window itself where its pages have to be locked up from outside.
const STARTED: &str = if cfg!(target_os = "linux") { "countersign-launch" } else { "countersign-desktop" };

#[test]
fn two_desks_and_a_partner_go_from_founding_to_a_revoked_key_in_the_real_windows() {
    journey("exchange");
}

#[test]
fn a_key_is_signed_for_issued_and_opened_by_keyboard_alone() {
    journey("keyboard");
}

#[test]
fn what_changes_between_preview_and_press_or_in_the_page_alone_is_never_signed() {
    journey("changed");
}

#[test]
fn no_key_is_left_in_the_memory_or_the_files_of_a_desk_page() {
    journey("canary");
}

#[test]
fn a_newcomer_makes_locks_and_unlocks_a_profile_in_the_real_windows() {
    journey("first-run");
}

#[test]
fn it_locks_before_sleep_gives_notice_and_locks_its_pages_up() {
    journey("system");
}

#[test]
fn what_the_system_asks_to_be_opened_comes_to_the_profile_that_can_read_it() {
    journey("opening");
}

#[test]
fn a_key_travels_by_a_link_through_a_real_relay_and_nobody_carries_a_file() {
    journey("relay");
}

#[test]
fn files_are_dropped_keys_replaced_or_given_up_and_the_clipboard_is_lent_one() {
    journey("daily");
}

#[test]
fn a_member_joins_works_and_goes_and_the_ledger_says_what_the_windows_said() {
    journey("joining");
}

fn journey(name: &str) {
    let (desktop, command) = programs();
    println!("windows: {}", desktop.display());
    let run = Command::new("python3")
        .arg("-B")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("windows/run.py"))
        .arg("--desktop")
        .arg(desktop)
        .arg("--command")
        .arg(command)
        .arg(name)
        .output()
        .expect("python3 starts");
    let said = String::from_utf8_lossy(&run.stdout);
    println!("{said}");
    if run.status.code() == Some(NO_WINDOW) {
        assert!(env::var("CI").as_deref() != Ok("true"), "where CI is true a window can be shown: {said}");
        skipped(&format!("windows: {}", said.trim()));
        return;
    }
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
}

/// What opens the windows, and the command line: of the package that was named, or those beside this test.
fn programs() -> (PathBuf, PathBuf) {
    let (desktop, command) = match env::var_os("COUNTERSIGN_SHIPPED").map(PathBuf::from) {
        Some(package) => (package.join("bin/countersign-desktop"), package.join("bin/countersign")),
        None => {
            let test = env::current_exe().expect("this test has a path");
            let beside = test.parent().and_then(Path::parent).expect("it lies below the programs");
            (beside.join(STARTED), beside.join("countersign"))
        }
    };
    for program in [&desktop, &command] {
        assert!(program.is_file(), "there is no {}: run the tests with make test", program.display());
    }
    (desktop, command)
}

fn skipped(why: &str) {
    println!("SKIP: {why}");
    if let Some(path) = env::var_os("COUNTERSIGN_SKIPS") {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        writeln!(file.expect("the list of skips opens"), "{why}").expect("the list of skips is written");
    }
}
