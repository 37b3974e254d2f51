//! The relay's own package: for a server without a display, so it needs nothing of the window's. It is installed into a root
//! of its own by dpkg, and the program in it is started there.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Command, Stdio},
};

use crate::{check_owners, listed, only_of, packages, said, skip, text};

#[path = "../../crates/relay/tests/operations/organisation.rs"]
#[allow(dead_code, reason = "the tests of the relay need more of it")]
mod organisation;

/// What it holds below `usr`, and so what the tarball holds beside the files of the desk.
pub(crate) const HELD: &[&str] = &[
    "bin/countersign-relay",
    "lib/systemd/system/countersign-relay.service",
    "lib/sysusers.d/countersign-relay.conf",
    "share/doc/countersign-relay/NOTICE",
    "share/doc/countersign-relay/README.md",
    "share/doc/countersign-relay/changelog.gz",
    "share/doc/countersign-relay/copyright",
    "share/doc/countersign-relay/examples/relay.toml",
    "share/man/man1/countersign-relay.1.gz",
];

#[test]
fn the_package_of_the_relay_installs_on_a_server_without_a_display_and_serves() {
    let there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let lacking = ["dpkg", "dpkg-deb", "dpkg-shlibdeps", "systemd-sysusers"].into_iter().find(|p| !there(p));
    if let Some(program) = lacking {
        skip(&format!("the package of the relay: {program} is needed"));
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let deb = only_of(&packages(folder.path()), "countersign-relay_", ".deb");
    check_owners(&text(said(Command::new("dpkg-deb").arg("--contents").arg(&deb))));
    check_control(&text(said(Command::new("dpkg-deb").arg("--field").arg(&deb))));
    let server = tempfile::tempdir().expect("a folder");
    if !install(&deb, server.path()) {
        return;
    }
    let held = listed(&server.path().join("usr"));
    assert_eq!(held.iter().map(String::as_str).collect::<Vec<_>>(), HELD, "neither more nor less");
    check_sums(&deb, server.path());
    check_unit(server.path());
    serves(server.path(), folder.path());
}

/// It needs the libraries that every program needs, and none of a window.
fn check_control(control: &str) {
    let field = |name: &str| control.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    assert_eq!(field("Version: "), env!("CARGO_PKG_VERSION"));
    let depends = field("Depends: ");
    assert!(depends.contains("libc6"), "{depends}");
    for window in ["webkit", "gtk", "x11", "wayland", "glib", "countersign ", "countersign,"] {
        assert!(!depends.contains(window), "{window} is nothing for a server: {depends}");
    }
    assert!(!control.contains('@') || control.matches('@').count() == 1, "nothing is left open: {control}");
}

/// By dpkg, into a root that has only its list of packages. Says whether that can be done here.
fn install(deb: &Path, server: &Path) -> bool {
    let status = server.join("var/lib/dpkg");
    for folder in [status.join("info"), status.join("updates"), server.join("etc")] {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    std::fs::write(status.join("status"), "").expect("written");
    if !text(said(Command::new("id").arg("-u"))).trim().eq("0") {
        skip("the package of the relay is installed by root only");
        return false;
    }
    // The root has no libraries of its own: they are named, and this machine has them.
    let installed = said(
        Command::new("dpkg")
            .arg(format!("--root={}", server.display()))
            .args(["--force-depends", "--force-script-chrootless", "--install"])
            .arg(deb),
    );
    let installed = text(installed);
    assert!(installed.contains("Setting up countersign-relay"), "{installed}");
    let users = std::fs::read_to_string(server.join("etc/passwd")).expect("users");
    assert!(users.lines().any(|line| line.starts_with("countersign-relay:")), "its user is there: {users}");
    let own = std::fs::read_to_string(status.join("info/countersign-relay.conffiles")).expect("a list");
    assert_eq!(own.trim(), "/etc/countersign-relay/relay.toml", "what an admin edits stays");
    true
}

fn check_sums(deb: &Path, server: &Path) {
    let control = server.join("control");
    said(Command::new("dpkg-deb").arg("--control").arg(deb).arg(&control));
    said(Command::new("md5sum").args(["--check", "--quiet", "control/md5sums"]).current_dir(server));
    for script in ["postinst", "prerm", "postrm"] {
        said(Command::new("sh").arg("-n").arg(control.join(script)));
    }
    std::fs::remove_dir_all(control).expect("removed");
}

/// The unit starts the program that is there, with the settings that are there.
fn check_unit(server: &Path) {
    let unit = std::fs::read_to_string(server.join("usr/lib/systemd/system/countersign-relay.service"));
    let unit = unit.expect("a unit");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("it starts something");
    let words: Vec<_> = start.split(' ').collect();
    for path in [words[0], "/etc/countersign-relay/relay.toml"] {
        assert!(
            start.contains(path) && server.join(path.trim_start_matches('/')).is_file(),
            "{path} is there: {start}"
        );
    }
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("systemd-analyze is not here: the unit was read, not judged");
        return;
    }
    // As it is, but for where the program lies until it is installed here.
    let judged = server.join("countersign-relay.service");
    let program = server.join(words[0].trim_start_matches('/'));
    std::fs::write(&judged, unit.replace(words[0], &program.display().to_string())).expect("written");
    let out = said(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&judged));
    let complaints = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!complaints.contains("countersign-relay.service:"), "every line is understood: {complaints}");
}

/// The program as it was unpacked reads the settings that came with it, and with a card it answers.
fn serves(server: &Path, work: &Path) {
    let program = server.join("usr/bin/countersign-relay");
    let version = text(said(Command::new(&program).arg("--version")));
    assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
    let settings = server.join("etc/countersign-relay/relay.toml");
    let out = Command::new(&program)
        .arg("--config")
        .arg(&settings)
        .args(["--data", "data"])
        .current_dir(work)
        .output();
    let out = out.expect("it ran");
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(told.contains("acme.card"), "what lacks is the card that is to be put there: {told}");
    let card = work.join("works.card");
    let organisation = organisation::Organisation::new(1);
    std::fs::write(&card, organisation.card(Some(organisation::ORIGIN), 60)).expect("written");
    let mut child = Command::new(&program)
        .args([
            "--data",
            "data",
            "--listen",
            "127.0.0.1:0",
            "--public-url",
            organisation::ORIGIN,
            "--organisation",
        ])
        .arg(card)
        .current_dir(work)
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let note = lines.map_while(Result::ok).find(|line| line.contains("\"listening\"")).unwrap_or_default();
    let port: u16 = note
        .split_once("127.0.0.1:")
        .and_then(|(_, rest)| rest.split('"').next()?.parse().ok())
        .unwrap_or_else(|| panic!("it listens: {note}"));
    let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).expect("it accepts");
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    let ended = child.kill().and_then(|()| child.wait());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    ended.expect("it ended");
}
