//! The vectors in `spec/vectors`: what anybody's implementation must accept and refuse, checked with ours.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use serde_json::Value;

use countersign_tests::opening::spelled;

use crate::accept::{Given, hex, read};

fn spec() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../spec")
}

/// All files of vectors by name, but for the keys.
fn published() -> BTreeMap<String, Value> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(spec().join("vectors")).expect("the vectors are published") {
        let path = entry.expect("a folder that can be listed").path();
        let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if path.extension().is_some_and(|e| e == "json") && name != "keys" {
            let text = fs::read_to_string(&path).expect("a file that can be read");
            files.insert(name, serde_json::from_str(&text).expect("JSON"));
        }
    }
    files
}

/// Everything a good vector states, as far as it is not found in what was read.
fn unsaid(vector: &Value, found: &Value) -> Vec<String> {
    let stated = vector["says"].as_object().into_iter().flatten();
    let beside = [
        "plaintext",
        "epoch",
        "op_id",
        "nonce",
        "entry_key",
        "epoch_commitment",
        "leaf_hash",
        "digest",
        "origin",
        "size",
        "root",
        "index",
    ];
    let beside = vector
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(k, _)| beside.contains(&k.as_str()) && found.get(k).is_some());
    let missing = stated.chain(beside).filter(|(name, value)| found.get(name) != Some(value));
    missing.map(|(name, value)| format!("{name} should be {value}, is {:?}", found.get(name))).collect()
}

#[test]
fn every_published_vector_is_accepted_or_refused_as_it_states() {
    let (mut good, mut bad, mut wrong) = (0, 0, Vec::new());
    for (name, file) in published() {
        for vector in file["good"].as_array().expect("a list of good vectors") {
            good += 1;
            match read(&name, &Given { file: &file, vector }) {
                Ok(found) => wrong.extend(
                    unsaid(vector, &found)
                        .into_iter()
                        .map(|flaw| format!("{name}: {}: {flaw}", vector["name"])),
                ),
                Err(reason) => wrong.push(format!("{name}: {}: refused as {reason}", vector["name"])),
            }
        }
        for vector in file["bad"].as_array().expect("a list of bad vectors") {
            bad += 1;
            let wanted = vector["reason"].as_str().expect("a reason");
            match read(&name, &Given { file: &file, vector }) {
                Err(reason) if reason == wanted => (),
                Err(reason) => {
                    wrong.push(format!("{name}: {}: refused as {reason}, not as {wanted}", vector["name"]))
                }
                Ok(_) => wrong.push(format!("{name}: {}: ACCEPTED", vector["name"])),
            }
        }
    }
    println!("published vectors: {good} good, {bad} bad");
    assert!(good >= 60 && bad >= 250, "vectors are missing: {good} good, {bad} bad");
    assert!(wrong.is_empty(), "{} vectors are not read as they state:\n{}", wrong.len(), wrong.join("\n"));
}

/// A kind without vectors: no page describes it.
const RESERVED: [&str; 1] = ["placement"];

#[test]
fn every_kind_of_signed_document_has_good_vectors_and_bad_ones() {
    let files = published();
    let count = |word: &str, half: &str| {
        let all = files.iter().flat_map(|(name, file)| {
            let list = file[half].as_array().into_iter().flatten();
            list.map(move |vector| vector["kind"].as_str().unwrap_or(name).trim_end_matches("-refused"))
        });
        all.filter(|kind| *kind == word).count()
    };
    for kind in countersign_documents::Kind::ALL.iter().map(|kind| kind.word()) {
        let (good, bad) = (count(kind, "good"), count(kind, "bad"));
        let reserved = RESERVED.contains(&kind);
        assert!(reserved != (good > 0 && bad > 0), "{kind}: {good} good vectors, {bad} bad ones");
    }
}

#[test]
fn the_payload_of_every_good_document_stands_in_it_byte_for_byte() {
    let mut checked = 0;
    for (name, file) in published() {
        for vector in file["good"].as_array().into_iter().flatten().filter(|v| v.get("payload").is_some()) {
            let (document, payload) = (hex(&vector["document"]), hex(&vector["payload"]));
            assert!(
                document.windows(payload.len()).any(|w| w == payload),
                "{name}: {}: another payload is stated",
                vector["name"]
            );
            checked += 1;
        }
    }
    assert!(checked >= 20, "only {checked} documents state their payload");
}

#[test]
fn making_the_vectors_again_gives_the_same_files() {
    let made = countersign_tests::vectors::files();
    for (name, text) in &made {
        let stored = fs::read_to_string(spec().join("vectors").join(name)).unwrap_or_default();
        assert!(
            stored == *text,
            "{name} differs: run `cargo run -p countersign-tests --bin vectors -- spec/vectors` and look at what changed"
        );
    }
    let names: BTreeSet<_> = made.iter().map(|(name, _)| name.trim_end_matches(".json").to_owned()).collect();
    let stored: BTreeSet<_> = published().into_keys().chain(["keys".to_owned()]).collect();
    assert_eq!(names, stored, "no file of vectors is without its generator");
}

#[test]
fn every_line_of_the_reject_list_has_a_vector_and_every_vector_a_line() {
    let page = fs::read_to_string(spec().join("envelope.md")).expect("the page of the envelope");
    let line = |text: &str| {
        text.strip_prefix("| R").map(|rest| format!("R{}", rest.split(' ').next().unwrap_or_default()))
    };
    let listed: BTreeSet<String> = page.lines().filter_map(line).collect();
    let broken: BTreeSet<String> = published()["envelope-refused"]["bad"]
        .as_array()
        .expect("bad envelopes")
        .iter()
        .map(|v| v["line"].as_str().expect("each names its line").to_owned())
        .collect();
    assert!(listed.len() >= 40, "the list of the page was found: {listed:?}");
    assert_eq!(listed, broken, "lines of the page and lines of the vectors");
}

#[test]
fn reasons_are_spelled_as_the_vectors_spell_them() {
    use countersign_documents::{Malformed, Rejected};
    use countersign_envelope::Reason;
    assert_eq!(
        spelled(Reason::Document(Rejected::Malformed(Malformed::TooLarge))),
        "document/malformed/too-large"
    );
    assert_eq!(spelled(Reason::SealerRight), "sealer-right");
}
