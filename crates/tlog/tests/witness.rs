//! A witness never goes back, and what it signs is bound to key, time and checkpoint.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail a test")]

use countersign_documents::{Digest, Head, Secret32, Time, id::OrganisationId};
use countersign_tlog::{
    AddCheckpoint, Advance, Checkpoint, Cosignature, NoteError, ProofError, Tree, UnverifiedNote, WitnessKey,
    advance, cosign, key_name, leaf_hash, origin, sign,
};
use data_encoding::BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

const LOG: &str = "log.example/orders";
const WITNESS: &str = "relay.example/witness";
const TIME: Time = Time(1_800_000_000);

fn tree(size: u64) -> Tree {
    Tree::from_leaf_hashes((0..size).map(|i| leaf_hash(&i.to_be_bytes())))
}

fn head(size: u64) -> Head {
    tree(size).head_at(size).unwrap()
}

fn public(seed: [u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(&seed).verifying_key().to_bytes()
}

fn checkpoint(size: u64) -> Checkpoint {
    Checkpoint { origin: LOG.to_owned(), head: head(size) }
}

fn cosigned(size: u64) -> String {
    let note = sign(&checkpoint(size), "log.example/desk", &Secret32::new([1; 32])).unwrap();
    note + &cosign(&checkpoint(size), TIME, WITNESS, &Secret32::new([2; 32])).unwrap()
}

#[test]
fn a_cosignature_is_what_the_specification_says_byte_for_byte() {
    let head = head(5);
    let message = format!("cosignature/v1\ntime {}\n{LOG}\n5\n{}\n", TIME.0, BASE64.encode(&head.root.0));
    let key = SigningKey::from_bytes(&[2; 32]);
    let id = Digest::of(&[WITNESS.as_bytes(), b"\n\x04", key.verifying_key().as_bytes()].concat());
    let line = [&id.0[..4], &TIME.0.to_be_bytes(), &key.sign(message.as_bytes()).to_bytes()].concat();
    let made = cosign(&checkpoint(5), TIME, WITNESS, &Secret32::new([2; 32])).unwrap();
    assert_eq!(made, format!("\u{2014} {WITNESS} {}\n", BASE64.encode(&line)));
}

#[test]
fn a_cosignature_counts_for_its_key_name_and_text_alone() {
    let note = cosigned(7);
    assert_eq!(Cosignature::verify(&note, WITNESS, &public([2; 32])).unwrap().time, TIME);
    let wrong = |note: &str, name, seed| Cosignature::verify(note, name, &public(seed)).unwrap_err();
    assert_eq!(wrong(&note, WITNESS, [3; 32]), NoteError::NotSigned, "another key");
    assert_eq!(wrong(&note, "relay.example/other", [2; 32]), NoteError::NotSigned, "another name");
    let other = note.replacen("\n7\n", "\n8\n", 1);
    assert_eq!(wrong(&other, WITNESS, [2; 32]), NoteError::BadSignature, "another size");
    assert_eq!(
        wrong(&cosigned(7).replace(LOG, "log.example/other"), WITNESS, [2; 32]),
        NoteError::BadSignature
    );
    // The log's own signature line is of another type: it never passes for a witness's.
    assert_eq!(wrong(&note, "log.example/desk", [1; 32]), NoteError::NotSigned);
    // And the witness's never passes for the log's.
    let parsed = UnverifiedNote::parse(&note).unwrap();
    assert_eq!(parsed.verify(WITNESS, &public([2; 32])).unwrap_err(), NoteError::NotSigned);
}

#[test]
fn a_changed_time_is_refused() {
    let note = cosigned(3);
    let (before, line) = note.trim_end().rsplit_once(' ').unwrap();
    let bytes = BASE64.decode(line.as_bytes()).unwrap();
    for at in 4..12 {
        let mut other = bytes.clone();
        other[at] ^= 1;
        let other = format!("{before} {}\n", BASE64.encode(&other));
        assert!(Cosignature::verify(&other, WITNESS, &public([2; 32])).is_err(), "byte {at} of the time");
    }
}

#[test]
fn what_is_asked_of_a_witness_is_read_back_and_nothing_else_is() {
    let note = sign(&checkpoint(20), "log.example/desk", &Secret32::new([1; 32])).unwrap();
    let asked =
        AddCheckpoint { old: 13, proof: tree(20).consistency_proof(13, 20).unwrap(), checkpoint: note };
    let text = asked.to_text();
    assert_eq!(AddCheckpoint::parse(&text), Some(asked.clone()));
    let long = AddCheckpoint { proof: vec![Digest([0; 32]); 64], ..asked };
    for bad in [
        text.replacen("old 13", "old 013", 1),
        text.replacen("old 13", "old -1", 1),
        text.replacen("old 13\n", "13\n", 1),
        text.replacen("\n", "\r\n", 1),
        text.replacen("\n", "\n ", 1),
        String::new(),
        long.to_text(),
    ] {
        assert_eq!(AddCheckpoint::parse(&bad), None, "{bad}");
    }
}

#[test]
fn it_never_goes_back_and_takes_one_root_for_each_size() {
    let tree = tree(20);
    let proof = tree.consistency_proof(13, 20).unwrap();
    assert_eq!(advance(Some(head(13)), 13, &proof, head(20)), Advance::To(head(20)));
    assert_eq!(advance(None, 0, &[], head(20)), Advance::To(head(20)), "the first it ever sees");
    assert_eq!(advance(Some(head(20)), 20, &[], head(20)), Advance::To(head(20)), "the same again");
    assert_eq!(advance(Some(head(20)), 13, &proof, head(20)), Advance::From(20), "it knows more by now");
    assert_eq!(advance(Some(head(20)), 20, &[], head(13)), Advance::Backwards, "shorter than it was");
    let forked = Head { root: Digest::of(b"another"), ..head(20) };
    assert_eq!(advance(Some(head(20)), 20, &[], forked), Advance::From(20), "another root for the same size");
    assert_eq!(advance(Some(head(13)), 13, &proof, forked), Advance::Unproven(ProofError::WrongRoot));
    assert_eq!(
        advance(Some(head(13)), 13, &proof[1..], head(20)),
        Advance::Unproven(ProofError::WrongLength)
    );
}

#[test]
fn a_witness_key_is_one_word_that_is_read_back_and_no_other_is() {
    let key = WitnessKey { name: WITNESS.to_owned(), public: public([2; 32]) };
    let text = key.to_text();
    let id = Digest::of(&[WITNESS.as_bytes(), b"\n\x04", &key.public].concat()).hex();
    let id = id.get(..8).unwrap();
    let encoded = BASE64.encode(&[b"\x04".as_slice(), &key.public].concat());
    assert_eq!(text, format!("{WITNESS}+{id}+{encoded}"), "as the specification says, byte for byte");
    assert_eq!(WitnessKey::parse(&text), Some(key.clone()));
    let of_a_log = BASE64.encode(&[b"\x01".as_slice(), &key.public].concat());
    let other = WitnessKey { public: public([3; 32]), ..key }.to_text();
    for bad in [
        text.replacen(id, "00000000", 1),
        text.replacen(&encoded, &of_a_log, 1),
        text.replacen(WITNESS, "relay.example/other", 1),
        text.replacen(&encoded, other.rsplit('+').next().unwrap(), 1),
        text.replacen(id, "ABCDEF01", 1),
        format!("{text}\n"),
        format!("{text}+"),
        text.get(..text.len() - 4).unwrap().to_owned(),
        String::new(),
    ] {
        assert_eq!(WitnessKey::parse(&bad), None, "{bad:?}");
    }
}

#[test]
fn a_log_and_its_keys_are_named_by_the_organisation() {
    let organisation = OrganisationId([0xab; 16]);
    let log = origin(organisation);
    assert_eq!(log, format!("countersign/{organisation}"));
    let name = key_name(organisation, &Digest([0xcd; 32]));
    assert_eq!(name, format!("{log}/cdcdcdcdcdcdcdcd"));
    let note = Checkpoint { origin: log.clone(), head: head(3) };
    let note = sign(&note, &name, &Secret32::new([1; 32])).unwrap();
    assert_eq!(UnverifiedNote::parse(&note).unwrap().unverified_origin(), log);
}

proptest! {
    #[test]
    fn every_step_forward_is_taken_and_no_fork_is(old in 0u64..40, more in 0u64..40, swapped in 0u64..40) {
        let new = old + more;
        let grown = tree(new);
        let proof = grown.consistency_proof(old, new).unwrap();
        let known = Some(head(old)).filter(|_| old > 0);
        prop_assert_eq!(advance(known, old, &proof, head(new)), Advance::To(head(new)));
        if swapped < old {
            let fork = Tree::from_leaf_hashes((0..new).map(|i| {
                if i == swapped { leaf_hash(b"other") } else { leaf_hash(&i.to_be_bytes()) }
            }));
            let proof = fork.consistency_proof(old, new).unwrap();
            let taken = advance(known, old, &proof, fork.head_at(new).unwrap());
            prop_assert!(!matches!(taken, Advance::To(_)), "row {} of {} was swapped", swapped, old);
        }
    }
}
