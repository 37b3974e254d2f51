//! Checkpoints as signed notes, and the proofs that carry them.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail a test")]

use countersign_documents::{Digest, Head, Secret32};
use countersign_tlog::{
    Checkpoint, LeafProof, LeafProofError, NoteError, Tree, UnverifiedNote, leaf_hash, note, sign,
};
use data_encoding::BASE64;
use proptest::prelude::*;

const NAME: &str = "ledger.example/checkpoint+key";
const SIGNER: &str = "ledger.example/desk-1";
const SEED: [u8; 32] = [3; 32];

fn public(seed: [u8; 32]) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes()
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: "ledger.example/acme".to_owned(),
        head: Head { size: 41, root: Digest::of(b"root") },
    }
}

fn signed() -> String {
    sign(&checkpoint(), SIGNER, &Secret32::new(SEED)).unwrap()
}

fn verdict(note: &str) -> Result<Checkpoint, NoteError> {
    UnverifiedNote::parse(note)?.verify(SIGNER, &public(SEED))
}

/// Every text that differs from `text` in one bit and still is a text.
fn flips(text: &str) -> impl Iterator<Item = (usize, String)> + '_ {
    (0..text.len() * 8).filter_map(|bit| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        Some((bit, String::from_utf8(bytes).ok()?))
    })
}

#[test]
fn a_signed_checkpoint_is_read_back() {
    assert_eq!(verdict(&signed()), Ok(checkpoint()));
    let other = UnverifiedNote::parse(&signed()).unwrap().verify(SIGNER, &public([4; 32]));
    assert_eq!(other, Err(NoteError::NotSigned), "another key of the same name did not sign");
    let renamed = UnverifiedNote::parse(&signed()).unwrap().verify("ledger.example", &public(SEED));
    assert_eq!(renamed, Err(NoteError::NotSigned), "the same key under another name did not sign");
}

#[test]
fn every_flipped_bit_of_a_note_is_refused() {
    let note = signed();
    let tried = flips(&note).map(|(bit, flipped)| {
        assert!(verdict(&flipped).is_err(), "bit {bit} of the note: {flipped:?}");
    });
    assert!(tried.count() > note.len() * 4, "most flips leave a text, so most were tried");
}

#[test]
fn signatures_of_witnesses_are_kept_and_cannot_change_what_is_read() {
    let witnessed = {
        let by_witness = sign(&checkpoint(), "witness.example", &Secret32::new([5; 32])).unwrap();
        format!("{}{}", signed(), by_witness.split_once("\n\n").unwrap().1)
    };
    let note = UnverifiedNote::parse(&witnessed).unwrap();
    let names: Vec<_> = note.signatures().iter().map(|line| line.name).collect();
    assert_eq!(names, [SIGNER, "witness.example"], "both lines are there, in their order");
    assert_eq!(note.verify("witness.example", &public([5; 32])), Ok(checkpoint()), "either can be asked for");
    for (bit, flipped) in flips(&witnessed) {
        if let Ok(read) = verdict(&flipped) {
            assert_eq!(read, checkpoint(), "bit {bit}");
            assert!(bit / 8 >= signed().len(), "bit {bit} lies under our own signature");
        }
    }
}

#[test]
fn a_key_that_signs_twice_or_badly_is_refused() {
    let note = signed();
    let (text, line) = note.split_once("\n\n").unwrap();
    assert_eq!(verdict(&format!("{text}\n\n{line}{line}")), Err(NoteError::Doubled), "one signature a key");

    let id = note::key_id(SIGNER, &public(SEED));
    let short = BASE64.encode(&[id.as_slice(), &[0; 63]].concat());
    let forged = format!("{text}\n\n\u{2014} {SIGNER} {short}\n");
    assert_eq!(verdict(&forged), Err(NoteError::BadSignature), "an Ed25519 signature has 64 bytes");
}

#[test]
fn a_key_of_small_order_signs_nothing() {
    // With the neutral element as key and as R, and S = 0, the lax equation holds for every text.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let (text, _) = signed().split_once("\n\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let line = [note::key_id(SIGNER, &neutral).as_slice(), &neutral, &[0; 32]].concat();
    let forged = format!("{text}\n\n\u{2014} {SIGNER} {}\n", BASE64.encode(&line));
    let verdict = UnverifiedNote::parse(&forged).unwrap().verify(SIGNER, &neutral);
    assert_eq!(verdict, Err(NoteError::BadSignature));
}

#[test]
fn notes_off_the_grammar_are_refused() {
    let note = signed();
    let (text, line) = note.split_once("\n\n").unwrap();
    let sig = line.trim_end().rsplit(' ').next().unwrap();
    let unpadded = sig.trim_end_matches('=');
    let cases = [
        ("no signature", format!("{text}\n\n"), NoteError::Layout),
        ("no blank line", format!("{text}\n{line}"), NoteError::Layout),
        ("no newline at the end", note.trim_end().to_owned(), NoteError::Layout),
        ("a blank line after the signatures", format!("{note}\n"), NoteError::Layout),
        ("carriage returns", note.replace('\n', "\r\n"), NoteError::Layout),
        ("a tab in the origin", note.replacen("acme", "ac\tme", 1), NoteError::Layout),
        ("a hyphen for the dash", note.replace('\u{2014}', "-"), NoteError::SignatureLine),
        ("two spaces", note.replace("\u{2014} ", "\u{2014}  "), NoteError::KeyName),
        ("a plus in the name", note.replace(SIGNER, "ledger+example"), NoteError::KeyName),
        ("a wide space in the name", note.replace(SIGNER, "ledger\u{2003}example"), NoteError::KeyName),
        ("no padding", note.replace(sig, unpadded), NoteError::SignatureLine),
        ("no bytes after the key id", note.replace(sig, "AAAAAA=="), NoteError::SignatureLine),
        ("slack bits", note.replace(sig, "AAAAAAB="), NoteError::SignatureLine),
        ("more than 64 KiB", format!("{}\n{note}", "x".repeat(note::NOTE_LIMIT)), NoteError::TooLarge),
    ];
    for (what, case, wanted) in cases {
        assert_ne!(case, note, "{what}: the case differs from the note");
        assert_eq!(verdict(&case), Err(wanted), "{what}");
    }
}

#[test]
fn a_signed_text_that_is_no_checkpoint_is_refused() {
    use ed25519_dalek::Signer as _;
    let key = ed25519_dalek::SigningKey::from_bytes(&SEED);
    let root = BASE64.encode(&[7; 32]);
    let verdict_on = |text: &str| {
        let line =
            [note::key_id(SIGNER, &public(SEED)).as_slice(), &key.sign(text.as_bytes()).to_bytes()].concat();
        verdict(&format!("{text}\n\u{2014} {SIGNER} {}\n", BASE64.encode(&line)))
    };
    assert!(verdict_on(&format!("log\n7\n{root}\n")).is_ok(), "the well-formed one is accepted");
    assert!(verdict_on(&format!("log\n{}\n{root}\n", u64::MAX)).is_ok(), "as is the largest size");
    let cases = [
        format!("\n7\n{root}\n"),
        format!("log\n07\n{root}\n"),
        format!("log\n+7\n{root}\n"),
        format!("log\n-0\n{root}\n"),
        format!("log\n7 \n{root}\n"),
        format!("log\n\n{root}\n"),
        format!("log\n0x7\n{root}\n"),
        format!("log\n\u{667}\n{root}\n"),
        "log\n18446744073709551616\n".to_owned() + &root + "\n",
        format!("log\n7\n{}\n", root.trim_end_matches('=')),
        format!("log\n7\n{}\n", BASE64.encode(&[7; 31])),
        format!("log\n7\n{}\n", BASE64.encode(&[7; 33])),
        format!("log\n7\n{}\n", root.replace("c=", "d=")),
        format!("log\n7\n{root}\nextension\n"),
        format!("log\n7\n{root}\n\n"),
        "log\n7\n".to_owned(),
        "log\n".to_owned(),
    ];
    for text in cases {
        assert_eq!(verdict_on(&text), Err(NoteError::NotCheckpoint), "{text:?}");
    }
}

#[test]
fn nothing_is_signed_that_would_be_read_as_something_else() {
    let with = |origin: &str| Checkpoint { origin: origin.to_owned(), ..checkpoint() };
    let seed = Secret32::new(SEED);
    let root = BASE64.encode(&[0; 32]);
    assert_eq!(sign(&with(&format!("evil\n999\n{root}")), SIGNER, &seed), Err(NoteError::NotCheckpoint));
    assert_eq!(sign(&with(""), SIGNER, &seed), Err(NoteError::NotCheckpoint), "an origin is never empty");
    assert_eq!(
        sign(&with("a\u{7}b"), SIGNER, &seed),
        Err(NoteError::Layout),
        "nor has it control characters"
    );
    assert_eq!(sign(&with(&"x".repeat(note::NOTE_LIMIT)), SIGNER, &seed), Err(NoteError::TooLarge));
    for name in ["", "a b", "a\nb", NAME] {
        assert_eq!(sign(&checkpoint(), name, &seed), Err(NoteError::KeyName), "{name:?}");
    }
}

fn proof_of(leaves: &[&[u8]], index: u64) -> LeafProof {
    let tree = Tree::from_leaf_hashes(leaves.iter().map(|leaf| leaf_hash(leaf)));
    let head = tree.head_at(tree.size()).unwrap();
    let note = sign(&Checkpoint { head, ..checkpoint() }, SIGNER, &Secret32::new(SEED)).unwrap();
    LeafProof::new(index, tree.inclusion_proof(index, tree.size()).unwrap(), note).unwrap()
}

#[test]
fn a_leaf_is_proven_to_an_outsider_by_one_text() {
    let leaves: [&[u8]; 6] = [b"a", b"b", b"c", b"d", b"e", b"f"];
    for (index, leaf) in leaves.iter().enumerate() {
        let text = proof_of(&leaves, index as u64).to_text();
        assert!(
            text.starts_with(&format!("c2sp.org/tlog-proof@v1\nindex {index}\n")),
            "the form C2SP gives it"
        );
        let proof = LeafProof::parse(&text).unwrap();
        assert_eq!(proof.to_text(), text, "what was read is written the same");
        let head = proof.verify(leaf, SIGNER, &public(SEED)).unwrap().head;
        assert_eq!(head.size, 6, "the checkpoint comes out of the proof");
        let other = proof.verify(b"another", SIGNER, &public(SEED));
        assert!(matches!(other, Err(LeafProofError::Proof(_))), "it proves only this leaf: {other:?}");
        let stranger = proof.verify(leaf, SIGNER, &public([4; 32]));
        assert_eq!(stranger, Err(LeafProofError::Note(NoteError::NotSigned)), "and only under this key");
    }
}

#[test]
fn every_flipped_bit_of_a_leaf_proof_is_refused() {
    let text = proof_of(&[b"a", b"b", b"c"], 1).to_text();
    for (bit, flipped) in flips(&text) {
        let verdict = LeafProof::parse(&flipped).and_then(|p| p.verify(b"b", SIGNER, &public(SEED)));
        assert!(verdict.is_err(), "bit {bit} of the proof: {flipped:?}");
    }
}

#[test]
fn leaf_proofs_off_the_grammar_are_refused() {
    let text = proof_of(&[b"a", b"b", b"c"], 1).to_text();
    let hash = text.lines().nth(2).unwrap().to_owned();
    let cases = [
        ("another version", text.replace("@v1", "@v2")),
        ("an extra line", text.replace("index", "extra AAAA\nindex")),
        ("no index", text.replace("index 1\n", "")),
        ("a leading zero", text.replace("index 1", "index 01")),
        ("two spaces", text.replace("index 1", "index  1")),
        ("a carriage return", text.replacen('\n', "\r\n", 1)),
        ("a short hash", text.replace(&hash, "AAAA")),
        ("an unpadded hash", text.replace(&hash, hash.trim_end_matches('='))),
        ("65 hashes", text.replace(&hash, &vec![hash.as_str(); 65].join("\n"))),
        ("no checkpoint", text.split_once("\n\n").unwrap().0.to_owned()),
    ];
    for (what, case) in cases {
        assert_ne!(case, text, "{what}: the case differs from the proof");
        assert_eq!(LeafProof::parse(&case), Err(LeafProofError::Malformed), "{what}");
    }
    let unsigned = LeafProof::parse(text.rsplit_once("\n\n").unwrap().0);
    assert!(matches!(unsigned, Err(LeafProofError::Note(_))), "a checkpoint without signature: {unsigned:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_checkpoint_that_can_be_signed_is_read_back(
        origin in "[^\\x00-\\x1f]{1,60}", name in "[^\\s+]{1,40}", size in any::<u64>(), root in any::<[u8; 32]>()
    ) {
        let checkpoint = Checkpoint { origin, head: Head { size, root: Digest(root) } };
        // The pattern still lets a control character into a name; then nothing is signed.
        if let Ok(note) = sign(&checkpoint, &name, &Secret32::new(SEED)) {
            let read = UnverifiedNote::parse(&note).unwrap().verify(&name, &public(SEED));
            prop_assert_eq!(read, Ok(checkpoint));
        } else {
            prop_assert!(name.contains(|c: char| c < ' '));
        }
    }

    #[test]
    fn no_text_makes_the_parsers_panic(text in "\\PC*", cut in any::<u16>()) {
        let _ = (UnverifiedNote::parse(&text), LeafProof::parse(&text));
        let proof = proof_of(&[b"a", b"b"], 0).to_text();
        let cut: String = proof.chars().take(usize::from(cut) % proof.len()).collect();
        prop_assert!(LeafProof::parse(&cut).is_err() || cut == proof);
    }
}
