//! The published vectors: RFC 6962 proofs of transparency-dev, and the examples of the C2SP specifications.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests may fail a test; counts are printed"
)]

use countersign_documents::{Digest, Head, Secret32};
use countersign_tlog::{Checkpoint, UnverifiedNote, note, sign, verify_consistency, verify_inclusion};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;

fn load(path: &str) -> Vec<Value> {
    let full = format!("{}/../../tests/vectors/{path}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(full).unwrap()).unwrap()
}

/// Some vectors carry words where hashes should be: those are not 32 bytes, and no digest.
fn digest(value: &Value) -> Option<Digest> {
    BASE64.decode(value.as_str()?.as_bytes()).ok()?.try_into().ok().map(Digest)
}

fn digests(value: &Value) -> Option<Vec<Digest>> {
    value.as_array().map_or(Some(Vec::new()), |hashes| hashes.iter().map(digest).collect())
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// Runs one file. A vector without real hashes has nothing for the verifier to accept: it is counted apart.
fn run(path: &str, holds: impl Fn(&Value) -> Option<bool>) -> (u32, u32, u32, u32) {
    let (mut accepted, mut refused, mut unreadable, mut skipped) = (0, 0, 0, 0);
    for vector in load(path) {
        let wanted = !vector["wantErr"].as_bool().unwrap();
        match holds(&vector) {
            Some(held) => {
                assert_eq!(held, wanted, "{}", vector["_file"]);
                if held { accepted += 1 } else { refused += 1 }
            }
            None if wanted => {
                let placeholder = vector["desc"] == "sizes are equal (one) and proof is empty";
                assert!(placeholder, "only one accepting vector has a placeholder for a root: {vector}");
                skipped += 1;
            }
            None => unreadable += 1,
        }
    }
    println!(
        "{path}: {accepted} accepted, {refused} refused, {unreadable} refused as no hashes, \
         {skipped} skipped (accepting, but its roots are placeholders of 12 bytes)"
    );
    (accepted, refused, unreadable, skipped)
}

#[test]
fn inclusion_proofs_are_accepted_and_refused_as_published() {
    let counts = run("merkle-rfc6962/inclusion.json", |v| {
        let (leaf, root, proof) = (digest(&v["leafHash"])?, digest(&v["root"])?, digests(&v["proof"])?);
        Some(verify_inclusion(leaf, number(&v["leafIdx"]), number(&v["treeSize"]), &proof, root).is_ok())
    });
    assert_eq!(counts.0, 6, "all accepting vectors were run");
    assert_eq!(counts.1 + counts.2, 59, "all refusing vectors were refused");
}

#[test]
fn consistency_proofs_are_accepted_and_refused_as_published() {
    let counts = run("merkle-rfc6962/consistency.json", |v| {
        let old = Head { size: number(&v["size1"]), root: digest(&v["root1"])? };
        let new = Head { size: number(&v["size2"]), root: digest(&v["root2"])? };
        Some(verify_consistency(old, new, &digests(&v["proof"])?).is_ok())
    });
    assert_eq!((counts.0, counts.3), (4, 1), "all accepting vectors with real roots were run");
    assert_eq!(counts.1 + counts.2, 60, "all refusing vectors were refused");
}

#[test]
fn the_signed_note_of_the_specification_verifies_under_its_key() {
    let vector = &load("c2sp-note/examples.json")[0];
    let [name, id, key] = vector["vkey"].as_str().unwrap().splitn(3, '+').collect::<Vec<_>>()[..] else {
        panic!("a verifier key has three parts")
    };
    let typed_key = BASE64.decode(key.as_bytes()).unwrap();
    let (kind, public) = typed_key.split_first().unwrap();
    let public: [u8; 32] = public.try_into().unwrap();
    assert_eq!(*kind, 1, "the example is plain Ed25519");
    assert_eq!(HEXLOWER.encode(&note::key_id(name, &public)), id, "the key id is computed as specified");

    let note = UnverifiedNote::parse(vector["note"].as_str().unwrap()).unwrap();
    assert_eq!(note.verify_text(name, &public), Ok("This is an example message.\n"));
    assert_eq!(
        note.verify(name, &public),
        Err(countersign_tlog::NoteError::NotCheckpoint),
        "a good signature makes no checkpoint of a text"
    );
    println!("c2sp-note: 1 signed note verified");
}

#[test]
fn the_checkpoint_of_the_specification_is_read_and_written_the_same() {
    let vector = &load("c2sp-note/examples.json")[1];
    let theirs = vector["note"].as_str().unwrap();
    let head = Head { size: number(&vector["size"]), root: digest(&vector["root"]).unwrap() };
    let checkpoint = Checkpoint { origin: vector["origin"].as_str().unwrap().to_owned(), head };

    // Their key is not published, so a witness of our own signs the same text below their signature.
    let seed = [9; 32];
    let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    let ours = sign(&checkpoint, "witness.example", &Secret32::new(seed)).unwrap();
    let (text, line) = ours.split_once("\n\n").unwrap();
    assert_eq!(
        text,
        theirs.split_once("\n\n").unwrap().0,
        "the text is written as the specification writes it"
    );

    let both = format!("{theirs}{line}");
    let note = UnverifiedNote::parse(&both).unwrap();
    assert_eq!(note.signatures().len(), 2, "the signature by a key we do not know is kept");
    assert_eq!(note.verify("witness.example", &public), Ok(checkpoint), "and takes no part");
    println!("c2sp-note: 1 checkpoint read and written; its own signature skipped (key not published)");
}
