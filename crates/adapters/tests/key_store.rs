//! The key store of the operating system, asked in child processes: whether there is one is decided once per process.
#![cfg(all(unix, not(target_os = "macos")))]
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what is skipped is said; helpers of tests may fail a test"
)]

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use countersign_adapters::OsKeyStore;
use countersign_ports::{KeyStore as _, VaultError};

/// Tells a child which part it plays.
const PART: &str = "COUNTERSIGN_TEST_PART";
const PROFILE: &str = "countersign-test-profile";

/// A bus that everybody of this user may use and that knows no service.
const BARE_BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

#[test]
fn without_a_bus_every_call_says_at_once_that_there_is_no_key_store() {
    let started = Instant::now();
    let out = child(Command::new(me()), "absent", "part_absent");
    assert!(out.status.success(), "{}", told(&out));
    assert!(started.elapsed() < Duration::from_secs(10), "at once: nobody waits for a bus that is not there");
}

#[test]
fn with_a_bus_but_no_secret_service_it_says_so_at_once() {
    if !has("dbus-run-session") {
        skipped("a bus without a Secret Service: dbus-run-session is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // It names no folder of services, so that the bus starts none, whatever is installed.
    let bus = folder.path().join("bus.conf");
    std::fs::write(&bus, BARE_BUS).unwrap();
    let mut command = Command::new("dbus-run-session");
    command.arg("--config-file").arg(bus).arg("--").arg(me());
    let started = Instant::now();
    let out = child(command, "absent", "part_absent");
    assert!(out.status.success(), "{}", told(&out));
    assert!(started.elapsed() < Duration::from_secs(20), "at once: the bus knows no such service");
}

#[test]
fn with_a_secret_service_bytes_are_kept_replaced_and_forgotten() {
    if !["gnome-keyring-daemon", "dbus-run-session", "dbus-send"].into_iter().all(has) {
        skipped("a Secret Service: gnome-keyring-daemon, dbus-run-session or dbus-send is not installed");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("dbus-run-session");
    // The daemon goes to the background before it has its name on the bus.
    let script = r#"
        printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null || exit 1
        tries=0
        until dbus-send --session --print-reply --dest=org.freedesktop.DBus /org/freedesktop/DBus \
            org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true
        do
            tries=$((tries + 1))
            [ "$tries" -gt 200 ] && exit 1
            sleep 0.05
        done
        exec "$@""#;
    command.args(["--", "sh", "-c", script, "sh"]).arg(me());
    command.env("HOME", home.path()).env("XDG_DATA_HOME", home.path());
    let out = child(command, "present", "part_present");
    assert!(out.status.success(), "{}", told(&out));
}

#[test]
#[ignore = "the child of two tests above"]
fn part_absent() {
    assert_eq!(std::env::var(PART).as_deref(), Ok("absent"), "only ever a child");
    assert!(matches!(OsKeyStore.get(PROFILE), Err(VaultError::NoKeyStore)), "reading: no key store");
    assert!(
        matches!(OsKeyStore.set(PROFILE, &[7; 32]), Err(VaultError::NoKeyStore)),
        "writing: no key store"
    );
    assert!(matches!(OsKeyStore.remove(PROFILE), Err(VaultError::NoKeyStore)), "removing: no key store");
}

#[tokio::test]
#[ignore = "the child of a test above"]
async fn part_present() {
    assert_eq!(std::env::var(PART).as_deref(), Ok("present"), "only ever a child");
    assert!(matches!(OsKeyStore.get(PROFILE), Err(VaultError::NoSlot)), "it answers and keeps nothing yet");
    OsKeyStore.set(PROFILE, &[7; 32]).expect("the store takes 32 bytes, from inside an async runtime too");
    assert_eq!(*OsKeyStore.get(PROFILE).expect("kept"), [7; 32], "what was kept is given back");
    OsKeyStore.set(PROFILE, &[8; 32]).expect("the store takes other bytes");
    assert_eq!(*OsKeyStore.get(PROFILE).expect("kept"), [8; 32], "the newer bytes replaced the older");
    assert!(matches!(OsKeyStore.get("another"), Err(VaultError::NoSlot)), "profiles do not see each other");
    OsKeyStore.remove(PROFILE).expect("forgotten");
    assert!(matches!(OsKeyStore.get(PROFILE), Err(VaultError::NoSlot)), "forgotten is gone");
    OsKeyStore.remove(PROFILE).expect("forgetting twice is fine");
}

/// Runs one test of this file alone, in surroundings without any bus but the one the command itself brings.
fn child(mut command: Command, part: &str, test: &str) -> Output {
    command.args(["--exact", test, "--ignored", "--nocapture"]).env(PART, part);
    for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY"] {
        command.env_remove(name);
    }
    command.output().unwrap_or_else(|_| unreachable!("the test binary or dbus-run-session starts"))
}

/// Says why something could not be tried on this machine, and has it counted where `tools/test.sh` collects.
fn skipped(what: &str) {
    println!("SKIP: {what}");
    if let Some(path) = std::env::var_os("COUNTERSIGN_SKIPS") {
        let file = std::fs::File::options().append(true).create(true).open(path);
        std::io::Write::write_all(&mut file.unwrap(), format!("{what}\n").as_bytes()).unwrap();
    }
}

fn me() -> std::path::PathBuf {
    std::env::current_exe().unwrap_or_else(|_| unreachable!("a running test has a path"))
}

fn has(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|paths| std::env::split_paths(&paths).any(|folder| folder.join(program).is_file()))
}

fn told(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}
