//! The walls between the crates: arrows point downwards only, and what is pure stays pure.
#![allow(clippy::expect_used, reason = "a failure is to end the test")]

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

/// What each crate may use of ours. An arrow that is not here is a wall that was broken.
const ARROWS: &[(&str, &[&str])] = &[
    ("documents", &[]),
    ("contract", &[]),
    ("envelope", &["documents"]),
    ("ledger", &["documents"]),
    ("domain", &["documents"]),
    ("ports", &["documents"]),
    ("vault", &["documents", "ports"]),
    ("store", &["documents", "ports"]),
    ("issuers", &["documents", "ports"]),
    ("adapters", &["documents", "ports"]),
    ("app", &["documents", "envelope", "ledger", "domain", "ports", "contract"]),
    (
        "cli",
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
        ],
    ),
];

/// What decides and what reads formats has no IO, no async, no clock and no randomness of its own.
const PURE: &[&str] = &["documents", "envelope", "ledger", "domain", "contract"];
const IMPURE: &[&str] =
    &["tokio", "sqlx", "getrandom", "rand", "jiff", "keyring", "rustix", "reqwest", "async-trait"];

fn packages() -> BTreeMap<String, Vec<String>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path", manifest])
        .output()
        .expect("cargo answers");
    let metadata: Value = serde_json::from_slice(&out.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
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
    let known = |name: &str| name == "tests" || ARROWS.iter().any(|(n, _)| *n == name);
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
