//! The walls between the crates: arrows point downwards only, and what is pure stays pure.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

/// What each crate may use of ours. An arrow that is not here is a wall that was broken.
const ARROWS: &[(&str, &[&str])] = &[
    ("documents", &[]),
    ("contract", &[]),
    ("envelope", &["documents"]),
    ("tlog", &["documents"]),
    ("ledger", &["documents", "tlog"]),
    ("domain", &["documents"]),
    ("ports", &["documents"]),
    ("vault", &["documents", "ports"]),
    ("store", &["documents", "ports"]),
    ("issuers", &["documents", "ports"]),
    ("relay-client", &["documents", "ports"]),
    ("adapters", &["documents", "ports"]),
    ("app", &["documents", "envelope", "ledger", "domain", "ports", "contract"]),
    (
        "host",
        &[
            "documents",
            "envelope",
            "domain",
            "ports",
            "contract",
            "app",
            "vault",
            "store",
            "issuers",
            "adapters",
            "relay-client",
        ],
    ),
    // The window decides nothing and reads nothing: it carries calls to the host.
    ("desktop", &["contract", "host", "sandbox"]),
    ("sandbox", &[]),
    // Blind by construction: it links nothing that could open what it holds.
    ("relay", &["documents", "tlog"]),
    (
        "cli",
        &[
            "documents",
            "envelope",
            "domain",
            "ports",
            "contract",
            "app",
            "host",
            "vault",
            "store",
            "issuers",
            "adapters",
        ],
    ),
];

/// What decides and what reads formats has no IO, no async, no clock and no randomness of its own.
const PURE: &[&str] = &["documents", "envelope", "tlog", "ledger", "domain", "contract"];
const IMPURE: &[&str] =
    &["tokio", "sqlx", "getrandom", "rand", "jiff", "keyring", "rustix", "reqwest", "async-trait"];

/// What belongs to windows, and to terminals. Whatever has neither can be behind both.
const WINDOWS: &[&str] = &["tauri", "tauri-build", "wry", "tao", "arboard", "tauri-plugin-dialog"];
const TERMINALS: &[&str] = &["clap", "clap_complete", "clap_mangen", "rpassword"];

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");

fn metadata() -> Vec<Value> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path", MANIFEST])
        .output()
        .expect("cargo answers");
    let mut metadata: Value = serde_json::from_slice(&out.stdout).expect("cargo prints JSON");
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("packages, and not {other}"),
    }
}

fn packages() -> BTreeMap<String, Vec<String>> {
    let packages = metadata();
    let ordinary = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        let kept = dependencies.iter().filter(|d| d["kind"].is_null());
        kept.filter_map(|d| d["name"].as_str().map(str::to_owned)).collect()
    };
    packages.iter().map(|p| (p["name"].as_str().unwrap_or_default().to_owned(), ordinary(p))).collect()
}

#[test]
fn arrows_between_crates_point_downwards_only() {
    let packages = packages();
    for (name, uses) in ARROWS {
        let found = packages.get(&format!("countersign-{name}")).expect("the crate is in the workspace");
        for ours in found.iter().filter_map(|d| d.strip_prefix("countersign-")) {
            assert!(uses.contains(&ours), "{name} uses {ours}, and that arrow is not drawn");
        }
    }
    let known = |name: &str| name == "tests" || name == "empty" || ARROWS.iter().any(|(n, _)| *n == name);
    let strangers: Vec<_> =
        packages.keys().filter_map(|n| n.strip_prefix("countersign-")).filter(|n| !known(n)).collect();
    assert!(strangers.is_empty(), "crates without a place in the picture: {strangers:?}");
}

#[test]
fn what_is_pure_brings_no_io_no_clock_and_no_randomness() {
    let packages = packages();
    for name in PURE {
        let found = packages.get(&format!("countersign-{name}")).expect("the crate is in the workspace");
        let bad: Vec<_> = found.iter().filter(|d| IMPURE.contains(&d.as_str())).collect();
        assert!(bad.is_empty(), "{name} brings {bad:?}");
    }
}

#[test]
fn only_the_window_knows_windows_and_only_what_is_started_there_knows_terminals() {
    for (name, found) in &packages() {
        let window = found.iter().find(|d| WINDOWS.contains(&d.as_str()));
        // The empty window is what ours is measured beside; it is never shipped.
        let is_window = ["countersign-desktop", "countersign-empty"].contains(&name.as_str());
        assert!(window.is_none() || is_window, "{name} brings {window:?}");
        let terminal = found.iter().find(|d| TERMINALS.contains(&d.as_str()));
        let is_started_there = ["countersign-cli", "countersign-relay"].contains(&name.as_str());
        assert!(terminal.is_none() || is_started_there, "{name} brings {terminal:?}");
    }
}

#[test]
fn nothing_that_is_shipped_writes_the_contract_down() {
    for package in &metadata() {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        let shipped =
            dependencies.iter().filter(|d| d["kind"] != "dev" && d["name"] == "countersign-contract");
        for dependency in shipped {
            let features = dependency["features"].as_array().expect("features");
            assert!(features.is_empty(), "{} asks the contract for {features:?}", package["name"]);
        }
    }
}

#[test]
fn the_empty_window_has_nothing_of_ours_in_it() {
    let packages = packages();
    let found = packages.get("countersign-empty").expect("the crate is in the workspace");
    assert_eq!(found, &["tauri"], "what speed is measured beside is a window and nothing else");
}

/// Every feature that a feature switches on in its own package, itself included.
fn switched_on(package: &Value, feature: &str) -> Vec<String> {
    let mut found = vec![feature.to_owned()];
    let mut at = 0;
    while let Some(feature) = found.get(at).cloned() {
        at += 1;
        let more = package["features"][&feature].as_array().into_iter().flatten().filter_map(Value::as_str);
        found.extend(more.map(str::to_owned).filter(|f| !found.contains(f)).collect::<Vec<_>>());
    }
    found
}

#[test]
fn nothing_that_is_shipped_contains_a_mutant() {
    let packages = metadata();
    let cli = packages.iter().find(|p| p["name"] == "countersign-cli").expect("the program is there");
    assert!(
        cli["features"]["mutants"].is_array(),
        "the feature is called mutants, or this test sees nothing"
    );
    for package in &packages {
        let name = &package["name"];
        let default = switched_on(package, "default");
        assert!(!default.iter().any(|f| f.contains("mutants")), "{name} switches mutants on by default");
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        for dependency in dependencies.iter().filter(|d| d["kind"].is_null()) {
            let features = dependency["features"].as_array().expect("features");
            let names: Vec<_> = features.iter().filter_map(Value::as_str).collect();
            assert!(!names.contains(&"mutants"), "{name} asks {} for mutants", dependency["name"]);
        }
    }
    for target in cli["targets"].as_array().expect("targets") {
        let name = target["name"].as_str().unwrap_or_default();
        let needs = target["required-features"].as_array().map_or(&[][..], Vec::as_slice);
        let is_mutant = name.contains("mutant");
        assert_eq!(
            needs.iter().any(|f| f == "mutants"),
            is_mutant,
            "{name} needs the feature exactly when it is one"
        );
    }
}

#[test]
fn a_mutant_without_debug_assertions_does_not_compile() {
    // What a release profile switches off, for this crate alone: those below it are built already.
    let out = Command::new(env!("CARGO"))
        .args(["rustc", "--offline", "-p", "countersign-cli", "--lib", "--features", "mutants"])
        .args(["--manifest-path", MANIFEST, "--", "-C", "debug-assertions=off"])
        .output()
        .expect("cargo answers");
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success(), "a program with mutants must not get into a release build");
    assert!(said.contains("never in a release build"), "it is refused for that reason: {said}");
}
