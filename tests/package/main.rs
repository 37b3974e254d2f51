//! What the packages hold: those in the folder that `COUNTERSIGN_PACKAGES` names, as `make test` makes them, or else of the
//! programs that were built for the tests. They are taken apart again.
//!
//! Where there is no dpkg, the test says so and skips, but never where `CI` is `true`.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "what was not tried is said")]

mod relay;

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What has to be there, below `usr` or the tarball's folder. Manual pages of single verbs are counted apart.
const HELD: &[&str] = &[
    "bin/countersign",
    "bin/countersign-desktop",
    "lib/countersign/countersign-desktop",
    "share/applications/countersign-desktop.desktop",
    "share/bash-completion/completions/countersign",
    "share/doc/countersign/NOTICE",
    "share/doc/countersign/README.md",
    "share/doc/countersign/SECURITY.md",
    "share/doc/countersign/changelog.gz",
    "share/doc/countersign/copyright",
    "share/doc/countersign/examples/catalogue.toml",
    "share/doc/countersign/examples/issuer-billing.toml",
    "share/doc/countersign/examples/issuer-gateway.toml",
    "share/doc/countersign/examples/policy.toml",
    "share/doc/countersign/examples/request.toml",
    "share/fish/vendor_completions.d/countersign.fish",
    "share/icons/hicolor/128x128/apps/countersign.png",
    "share/icons/hicolor/256x256/apps/countersign.png",
    "share/icons/hicolor/32x32/apps/countersign.png",
    "share/icons/hicolor/64x64/apps/countersign.png",
    "share/icons/hicolor/scalable/apps/countersign.svg",
    "share/man/man1/countersign-desktop.1.gz",
    "share/man/man1/countersign.1.gz",
    "share/mime/packages/countersign.xml",
    "share/zsh/vendor-completions/_countersign",
];

#[test]
fn the_packages_hold_the_programs_and_what_a_desktop_needs_and_nothing_else() {
    let there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !there("dpkg-deb") || !there("dpkg-shlibdeps") {
        skip("the packages: dpkg-deb and dpkg-shlibdeps are needed");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path();
    let packages = packages(out);

    let deb = only(&packages, ".deb");
    let tree = out.join("taken-apart");
    said(Command::new("dpkg-deb").arg("--extract").arg(&deb).arg(&tree));
    check_files(&listed(&tree.join("usr")));
    check_owners(&text(said(Command::new("dpkg-deb").arg("--contents").arg(&deb))));
    check_control(&text(said(Command::new("dpkg-deb").arg("--field").arg(&deb))));
    check_desktop(&tree);

    let tarball = only(&packages, ".tar.gz");
    said(Command::new("tar").arg("-xzf").arg(&tarball).arg("-C").arg(out));
    let name = tarball.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(".tar.gz"));
    let mut held = listed(&out.join(name.expect("a name")));
    assert!(held.remove("LICENSE"), "a tarball brings its licence, which Debian has already");
    for file in relay::HELD {
        assert!(held.remove(*file), "a tarball has the relay too: {file}");
    }
    check_files(&held);
}

/// One recipe builds what is tested and what is installed, and it asks for nothing that users would not get.
#[test]
fn what_is_gone_through_is_built_as_what_is_shipped() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect("it is there");
    for caller in ["Makefile", "tools/test.sh"] {
        let text = read(caller);
        assert!(text.contains("tools/ship.sh"), "{caller} builds what ships by its recipe");
    }
    let recipe = read("tools/ship.sh");
    let builds: Vec<_> = recipe.lines().filter(|line| line.starts_with("cargo build")).collect();
    assert_eq!(builds.len(), 1, "in one step: {builds:?}");
    for (word, lacks) in [("--release", false), ("features", true), ("--profile", true), ("--config", true)] {
        assert_eq!(builds.iter().all(|line| !line.contains(word)), lacks, "{word} in {builds:?}");
    }
}

/// Takes minutes and the packages of a distribution: in a soak only.
#[test]
fn the_package_installs_into_a_clean_root_and_its_window_opens() {
    if env::var_os("COUNTERSIGN_SOAK").is_none() {
        left_out("the package in a clean root takes minutes and a distribution's packages: in a soak only");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let deb = only(&packages(folder.path()), ".deb");
    let run = Command::new(root().join("tests/package/clean_root.sh")).arg(deb).output();
    let run = run.expect("it starts");
    let told = String::from_utf8_lossy(&run.stdout);
    println!("{told}");
    match run.status.code() {
        Some(0) => {}
        Some(3) => skip(told.trim()),
        other => panic!("{other:?}: {told}{}", String::from_utf8_lossy(&run.stderr)),
    }
}

/// The folder with the packages that were made, or `folder`, into which they are made of the programs beside this test.
fn packages(folder: &Path) -> PathBuf {
    if let Some(made) = env::var_os("COUNTERSIGN_PACKAGES") {
        return made.into();
    }
    let programs = Path::new(env!("CARGO_BIN_EXE_interop")).parent().expect("programs lie in a folder");
    said(Command::new(root().join("tools/package.sh")).arg(programs).arg(folder).arg("fast"));
    folder.to_owned()
}

fn check_files(held: &BTreeSet<String>) {
    let is_verb = |file: &str| file.starts_with("share/man/man1/countersign-") && !HELD.contains(&file);
    let (verbs, others): (Vec<_>, Vec<_>) = held.iter().map(String::as_str).partition(|file| is_verb(file));
    assert_eq!(others, HELD, "neither more nor less");
    assert!(verbs.len() > 50, "every verb has its page, and there are {}", verbs.len());
}

/// `-rwxr-xr-x root/root …`: nothing runs with somebody else's rights, nothing is open to everybody's pen.
fn check_owners(contents: &str) {
    for line in contents.lines() {
        let mut words = line.split_whitespace();
        let (mode, owner) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        assert_eq!(owner, "root/root", "{line}");
        let plain = ["drwxr-xr-x", "-rwxr-xr-x", "-rw-r--r--"].contains(&mode);
        assert!(plain, "a mode that nothing here needs: {line}");
        assert_eq!(
            mode == "-rwxr-xr-x",
            line.contains("/bin/countersign") || line.ends_with("/lib/countersign/countersign-desktop"),
            "programs run, nothing else: {line}"
        );
    }
}

fn check_control(control: &str) {
    let version = concat!("Version: ", env!("CARGO_PKG_VERSION"));
    assert!(control.lines().any(|line| line == version), "the version of the workspace: {control}");
    let depends = control.lines().find(|line| line.starts_with("Depends: ")).expect("it needs libraries");
    for library in ["libwebkit2gtk-4.1-0", "libgtk-3-0", "libc6"] {
        assert!(depends.contains(library), "{library} is linked, so it is needed: {depends}");
    }
    let open = ["@VERSION@", "@ARCHITECTURE@", "@SIZE@", "@DEPENDS@"];
    assert!(!open.iter().any(|mark| control.contains(mark)), "nothing is left to be filled in: {control}");
}

/// The desktop file starts a program that is there, and takes what the MIME type and the scheme bring.
fn check_desktop(tree: &Path) {
    let read = |path: &str| std::fs::read_to_string(tree.join("usr/share").join(path)).expect("it is there");
    let desktop = read("applications/countersign-desktop.desktop");
    let line = |key: &str| desktop.lines().find_map(|l| l.strip_prefix(key)).unwrap_or_default().to_owned();
    let program = line("Exec=");
    let program = program.split(' ').next().unwrap_or_default();
    assert!(tree.join("usr/bin").join(program).is_file(), "{program} is part of the package");
    let types = line("MimeType=");
    assert!(types.contains("x-scheme-handler/countersign;"), "countersign: addresses come here");
    let mime = read("mime/packages/countersign.xml");
    assert!(types.contains("application/vnd.countersign;"), "and files");
    assert!(mime.contains("type=\"application/vnd.countersign\""), "of the type that the package declares");
    assert!(mime.contains("pattern=\"*.countersign\""), "by their ending");
    let version = said(Command::new(tree.join("usr/bin/countersign")).arg("--version"));
    assert!(text(version).contains(env!("CARGO_PKG_VERSION")), "what was packed runs");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The one that is not the relay's.
fn only(folder: &Path, ending: &str) -> PathBuf {
    let others = if ending == ".deb" { "countersign_" } else { "countersign-" };
    only_of(folder, others, ending)
}

/// The one file whose name begins and ends like this.
fn only_of(folder: &Path, start: &str, ending: &str) -> PathBuf {
    let names = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.file_name());
    let named = |name: &str| name.starts_with(start) && name.ends_with(ending);
    let found: Vec<_> = names.filter(|name| named(&name.to_string_lossy())).collect();
    assert_eq!(found.len(), 1, "one {start}…{ending}: {found:?}");
    folder.join(&found[0])
}

/// Every file below a folder, by its path from there.
fn listed(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(folder).expect("it lies below");
                found.insert(below.to_string_lossy().into_owned());
            }
        }
    }
    found
}

fn said(command: &mut Command) -> Output {
    let out = command.output().expect("it starts");
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
    out
}

fn text(out: Output) -> String {
    String::from_utf8(out.stdout).expect("text")
}

fn skip(why: &str) {
    assert!(env::var("CI").as_deref() != Ok("true"), "where CI is true this must run; {why}");
    left_out(why);
}

fn left_out(why: &str) {
    println!("SKIP: {why}");
    if let Some(list) = env::var_os("COUNTERSIGN_SKIPS") {
        use std::io::Write as _;
        let file = std::fs::OpenOptions::new().append(true).open(list);
        let _ = file.and_then(|mut file| writeln!(file, "{why}"));
    }
}
