//! `countersign-launch` in folders as they are installed and as they are built, with a script in place of the window.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output},
};

fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, format!("#!/bin/sh\n{text}\n")).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("may run");
}

/// Programs that can, or cannot, lock a process up; and a window that says how it was started.
fn installed(folder: &Path, bwrap: &str, proxy: &str) {
    fs::create_dir_all(folder.join("bin")).expect("made");
    fs::copy(env!("CARGO_BIN_EXE_countersign-launch"), folder.join("bin/countersign-desktop"))
        .expect("copied");
    script(&folder.join("tools/bwrap"), bwrap);
    script(&folder.join("tools/xdg-dbus-proxy"), proxy);
    script(
        &folder.join("lib/countersign/countersign-desktop"),
        r#"echo "$# $1 $2 ${WEBKIT_FORCE_SANDBOX-unset}""#,
    );
}

fn start(folder: &Path, chosen: Option<&str>) -> Output {
    let mut command = Command::new(folder.join("bin/countersign-desktop"));
    command.args(["--profile", "two words"]).env("PATH", folder.join("tools"));
    match chosen {
        Some(value) => command.env("WEBKIT_FORCE_SANDBOX", value),
        None => command.env_remove("WEBKIT_FORCE_SANDBOX"),
    };
    command.output().expect("it starts")
}

fn said(folder: &Path, chosen: Option<&str>) -> String {
    String::from_utf8(start(folder, chosen).stdout).expect("text")
}

// One test: a file that was just written cannot be started while another thread is about to start something.
#[test]
fn the_window_is_started_with_its_pages_locked_up_where_that_can_be() {
    pages_are_locked_up_exactly_where_both_programs_can_do_it();
    what_somebody_chose_stays();
    the_window_beside_it_is_found_where_programs_are_built();
    without_a_window_it_says_what_to_do();
}

fn pages_are_locked_up_exactly_where_both_programs_can_do_it() {
    for (bwrap, proxy, word) in
        [("exit 0", "exit 0", "1"), ("exit 1", "exit 0", "unset"), ("exit 0", "exit 1", "unset")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        installed(folder.path(), bwrap, proxy);
        let found = said(folder.path(), None);
        assert_eq!(found, format!("2 --profile two words {word}\n"), "bwrap: {bwrap}, proxy: {proxy}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    installed(folder.path(), "exit 0", "exit 0");
    fs::remove_file(folder.path().join("tools/bwrap")).expect("removed");
    assert_eq!(said(folder.path(), None), "2 --profile two words unset\n", "bwrap is not installed");
}

fn what_somebody_chose_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    installed(folder.path(), "exit 0", "exit 0");
    assert_eq!(said(folder.path(), Some("0")), "2 --profile two words 0\n");
}

fn the_window_beside_it_is_found_where_programs_are_built() {
    let folder = tempfile::tempdir().expect("a folder");
    installed(folder.path(), "exit 0", "exit 0");
    let (bin, window) =
        (folder.path().join("bin"), folder.path().join("lib/countersign/countersign-desktop"));
    fs::rename(bin.join("countersign-desktop"), bin.join("countersign-launch")).expect("renamed");
    fs::rename(window, bin.join("countersign-desktop")).expect("moved");
    let out = Command::new(bin.join("countersign-launch")).output().expect("it starts");
    assert!(out.status.success() && out.stdout.starts_with(b"0 "), "{out:?}");
}

fn without_a_window_it_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    installed(folder.path(), "exit 0", "exit 0");
    let window = folder.path().join("lib/countersign/countersign-desktop");
    fs::remove_file(window).expect("removed");
    let out = start(folder.path(), None);
    let sentence = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(4), "{sentence}");
    assert!(sentence.contains("Install Countersign again"), "{sentence}");
}
