//! The pages in a browser, over the real host: how they look, what they do with hostile texts, how they scroll; and what
//! happens at the relay when somebody clicks everything on the page behind a link.
//!
//! Needs Node, the front end's packages, its build for the bridge (`ui/dist-bridge`) and a Chromium. Where one of them
//! is missing the test says so and skips, but never where `CI` is `true`.
//!
//! A run draws the views of each screen from `COUNTERSIGN_SEED`; with `COUNTERSIGN_SOAK` it takes all of them, and then
//! and with `COUNTERSIGN_BENCH` the gaps between frames are judged, not only printed.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "counts are printed")]

use std::{
    env,
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

#[test]
fn every_screen_is_whole_in_every_size_language_and_light() {
    run("looks", "pages: ");
}

#[test]
fn no_text_of_a_partner_runs_and_what_deceives_is_marked() {
    run("texts", "texts: ");
}

#[test]
fn a_hundred_thousand_keys_stand_where_they_belong_and_scroll() {
    run("scroll", "scroll: ");
}

#[test]
fn whoever_clicks_everything_behind_a_link_changes_nothing_and_has_nothing() {
    run("landing", "landing: ");
}

#[test]
fn no_window_loads_more_script_than_it_may() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let node = Command::new("node").arg("--version").output().is_ok_and(|o| o.status.success());
    if !node || !root.join("ui/dist/start.html").is_file() {
        skip("weight", "node or ui/dist is missing");
        return;
    }
    let run = Command::new("node").arg(root.join("tests/pages/weight.mjs")).output().expect("node starts");
    let said = String::from_utf8_lossy(&run.stdout);
    println!("{said}");
    assert!(run.status.success(), "a window loads too much:\n{said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains("weight: 6 windows"), "every window was weighed:\n{said}");
}

fn skip(what: &str, lacking: &str) {
    let ci = env::var("CI").as_deref() == Ok("true");
    assert!(!ci, "{lacking}, and nothing may be skipped where CI is true");
    println!("SKIP: {lacking}");
    if let Some(skips) = env::var_os("COUNTERSIGN_SKIPS") {
        let mut file = OpenOptions::new().append(true).create(true).open(skips).expect("it can be noted");
        writeln!(file, "pages {what}: {lacking}").expect("it can be noted");
    }
}

fn run(what: &str, last_line: &str) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let browser = env::var("COUNTERSIGN_BROWSER").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    if let Some(lacking) = lacking(&root, Path::new(&browser)) {
        skip(what, &lacking);
        return;
    }
    let bridge = PathBuf::from(env!("CARGO_BIN_EXE_bridge"));
    let program =
        env::var_os("COUNTERSIGN_BIN").map_or_else(|| bridge.with_file_name("countersign"), PathBuf::from);
    assert!(program.is_file(), "{} is not there: cargo build -p countersign-cli", program.display());
    let relay = env::var_os("COUNTERSIGN_RELAY")
        .map_or_else(|| program.with_file_name("countersign-relay"), PathBuf::from);
    assert!(relay.is_file(), "{} is not there: cargo build -p countersign-relay", relay.display());
    let run = Command::new("node")
        .arg(root.join("tests/pages/run.mjs"))
        .arg(what)
        .env("COUNTERSIGN_BRIDGE", &bridge)
        .env("COUNTERSIGN_BIN", &program)
        .env("COUNTERSIGN_RELAY", &relay)
        .env("COUNTERSIGN_BROWSER", &browser)
        .output()
        .expect("node starts");
    let said = String::from_utf8_lossy(&run.stdout);
    println!("{said}");
    assert!(run.status.success(), "the pages have flaws:\n{said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains(last_line), "the run ended early:\n{said}");
}

fn lacking(root: &Path, browser: &Path) -> Option<String> {
    if !Command::new("node").arg("--version").output().is_ok_and(|o| o.status.success()) {
        return Some("node is missing".to_owned());
    }
    if !root.join("ui/node_modules/playwright-core").is_dir() {
        return Some("ui/node_modules is missing: npm ci in ui".to_owned());
    }
    if !root.join("ui/dist-bridge/desk.html").is_file() {
        return Some("ui/dist-bridge is missing: npx vite build --mode bridge in ui".to_owned());
    }
    (!browser.exists()).then(|| format!("there is no browser at {}", browser.display()))
}
