//! What is written down from the contract stands in the tree as it would be written now.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure is to end the test")]

use std::{collections::BTreeSet, fs, path::Path};

use countersign_contract::written;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn the_pages_and_the_windows_have_what_the_contract_says() {
    for (path, text) in written::files() {
        let there = fs::read_to_string(root().join(&path)).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert!(there == text, "{path} is not what the contract says: run 'make contract'");
    }
}

#[test]
fn no_window_is_given_calls_by_a_file_that_the_contract_did_not_write() {
    let written: BTreeSet<String> = written::files().into_iter().map(|(path, _)| path).collect();
    for entry in fs::read_dir(root().join("src-tauri/capabilities")).unwrap() {
        let path = format!("src-tauri/capabilities/{}", entry.unwrap().file_name().to_string_lossy());
        assert!(written.contains(&path), "{path} gives calls to a window, and nobody wrote it");
    }
}
