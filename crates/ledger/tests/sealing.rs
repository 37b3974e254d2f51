//! Sealed entries and erasable blobs: what opens, and that nothing else does.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail a test")]

use countersign_documents::{
    Digest, Malformed, Secret32,
    cbor::DOCUMENT_LIMIT,
    id::{OpId, OrganisationId},
};
use countersign_ledger::{
    BlobError, BlobRandom, EntryKey, EpochKey, LeafError, SealedLeaf, blob, entry_key, leaf, leaf_hash, open,
    open_blob, open_with_entry_key, seal, seal_blob,
};
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use zeroize::Zeroizing;

const ACME: OrganisationId = OrganisationId([1; 16]);
const OP: OpId = OpId([2; 16]);
const EPOCH: u64 = 3;

fn epoch_key(seed: u8) -> EpochKey {
    EpochKey::new(Secret32::new([seed; 32]))
}

fn nonce() -> [u8; 24] {
    core::array::from_fn(|i| i as u8)
}

fn sealed(plaintext: &[u8]) -> Vec<u8> {
    seal(EPOCH, &epoch_key(7), ACME, OP, nonce(), plaintext).unwrap()
}

fn random(seed: u8) -> BlobRandom {
    BlobRandom::new(&Zeroizing::new(core::array::from_fn(|i| seed.wrapping_add(i as u8))))
}

fn parse_and_open(bytes: &[u8], organisation: OrganisationId) -> Result<Vec<u8>, LeafError> {
    open(&epoch_key(7), organisation, &SealedLeaf::parse(bytes)?)
}

fn flips(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit, flipped)
    })
}

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

/// Made by another implementation (libsodium's cipher, Python's HMAC and cbor2) from the same inputs.
const LEAF: &str = "a501030250020202020202020202020202020202020358201f86d226d8169d5273bba67256d552e9bd8f039e7b4270c1\
                    071f16d3d229ac59045818000102030405060708090a0b0c0d0e0f10111213141516170558189df13a26381927bf91bd\
                    346e460cfac56a1d6215ebfd9d2d";
const BLOB: &str = "a50103025818303132333435363738393a3b3c3d3e3f4041424344454647035830a07213a8a32764d7b32580dfbf3080\
                    52a42dbf78caef0c67c6578b99bc41b9385ae5bcb6f67893026bfc1e50586b44ed04581848494a4b4c4d4e4f50515253\
                    5455565758595a5b5c5d5e5f055829027a2dc7d20aeda6fbc3d8db05ecbbddc700a40ee6b799ea694f9be339afacb8d0\
                    475199300b5188cb";

#[test]
fn a_leaf_is_byte_for_byte_what_another_implementation_makes() {
    assert_eq!(sealed(b"an entry"), hex(LEAF));
    assert_eq!(
        leaf_hash(&sealed(b"an entry")).hex(),
        "89d228e33f6f2aaee004749c8bdff345b2f0565063da2c362eb9ebe3e00444a6"
    );
    assert_eq!(
        HEXLOWER.encode(entry_key(&epoch_key(7), OP).secret().expose()),
        "bcf4954035a1781a6cab7c0ddb9de5e071edf32b41a23121410b6b9fc2ddbc60"
    );
    assert_eq!(
        epoch_key(7).commitment().hex(),
        "5852d3d7d4560fb7723f834c9034a79a8c2d07b8cf5dfea763f43b2861fe440d"
    );
}

#[test]
fn a_blob_is_byte_for_byte_what_another_implementation_makes() {
    let (name, stored) = seal_blob(EPOCH, &epoch_key(7), ACME, "Zoë".as_bytes(), &random(0)).unwrap();
    assert_eq!(name.hex(), "59cb626d3311f7383872b6438fa9231590aa00251b40c371ac09be3ad9f8bf4d");
    assert_eq!(stored, hex(BLOB));
}

#[test]
fn every_flipped_bit_of_a_leaf_is_refused() {
    let bytes = sealed(b"an entry");
    assert_eq!(parse_and_open(&bytes, ACME).as_deref(), Ok(b"an entry".as_slice()), "unaltered it opens");
    for (bit, flipped) in flips(&bytes) {
        assert!(parse_and_open(&flipped, ACME).is_err(), "bit {bit}");
    }
    for end in 0..bytes.len() {
        assert!(parse_and_open(&bytes[..end], ACME).is_err(), "cut at {end}");
    }
}

#[test]
fn a_leaf_opens_only_for_its_organisation_operation_and_epoch() {
    let leaf = SealedLeaf::parse(&sealed(b"an entry")).unwrap();
    let key = epoch_key(7);
    let elsewhere = open(&key, OrganisationId([9; 16]), &leaf);
    assert_eq!(elsewhere, Err(LeafError::NotAuthentic), "another organisation");
    let moved = open(&key, ACME, &SealedLeaf { op_id: OpId([9; 16]), ..leaf.clone() });
    assert_eq!(moved, Err(LeafError::OtherKey), "another operation");
    let dated = open(&key, ACME, &SealedLeaf { epoch: 4, ..leaf.clone() });
    assert_eq!(dated, Err(LeafError::NotAuthentic), "another epoch's number");
    assert_eq!(open(&epoch_key(8), ACME, &leaf), Err(LeafError::OtherKey), "another epoch's key");
    let relabelled =
        SealedLeaf { op_id: OpId([9; 16]), commitment: entry_key(&key, OpId([9; 16])).commitment(), ..leaf };
    let verdict = open(&key, ACME, &relabelled);
    assert_eq!(
        verdict,
        Err(LeafError::NotAuthentic),
        "another operation with the commitment that goes with it"
    );
}

#[test]
fn a_disclosed_entry_key_opens_one_entry_and_no_other() {
    let disclosed = EntryKey::new(Secret32::new(*entry_key(&epoch_key(7), OP).secret().expose()));
    let one = SealedLeaf::parse(&sealed(b"an entry")).unwrap();
    let other = seal(EPOCH, &epoch_key(7), ACME, OpId([4; 16]), nonce(), b"a secret").unwrap();
    let other = SealedLeaf::parse(&other).unwrap();
    assert_eq!(open_with_entry_key(&disclosed, ACME, &one).as_deref(), Ok(b"an entry".as_slice()));
    assert_eq!(open_with_entry_key(&disclosed, ACME, &other), Err(LeafError::OtherKey));
    let posing = SealedLeaf { commitment: disclosed.commitment(), ..other };
    let verdict = open_with_entry_key(&disclosed, ACME, &posing);
    assert_eq!(verdict, Err(LeafError::NotAuthentic), "a forged commitment opens nothing either");
}

#[test]
fn a_leaf_weighs_at_most_what_the_largest_document_needs() {
    let largest = vec![5; DOCUMENT_LIMIT];
    let bytes = seal(u64::MAX, &epoch_key(7), ACME, OP, nonce(), &largest).unwrap();
    assert!(bytes.len() <= leaf::LEAF_LIMIT, "{} bytes", bytes.len());
    assert_eq!(parse_and_open(&bytes, ACME), Ok(largest), "the largest entry is sealed and opened");
    let beyond = seal(EPOCH, &epoch_key(7), ACME, OP, nonce(), &[0; DOCUMENT_LIMIT + 1]);
    assert_eq!(beyond, Err(LeafError::TooLarge));
    let heavy = SealedLeaf::parse(&vec![0; leaf::LEAF_LIMIT + 1]);
    assert_eq!(heavy, Err(LeafError::Malformed(Malformed::TooLarge)), "refused before it is looked at");
}

#[test]
fn every_flipped_bit_of_a_blob_and_of_its_name_is_refused() {
    let (key, content) = (epoch_key(7), b"a name".as_slice());
    let (name, stored) = seal_blob(EPOCH, &key, ACME, content, &random(0)).unwrap();
    assert_eq!(open_blob(&key, ACME, name, &stored).as_deref(), Ok(content), "unaltered it opens");
    for (bit, flipped) in flips(&stored) {
        assert!(open_blob(&key, ACME, name, &flipped).is_err(), "bit {bit} of what is stored");
    }
    for (bit, flipped) in flips(&name.0) {
        let other = Digest(flipped.try_into().unwrap());
        assert_eq!(
            open_blob(&key, ACME, other, &stored),
            Err(BlobError::NotAuthentic),
            "bit {bit} of the name"
        );
    }
    assert_eq!(open_blob(&epoch_key(8), ACME, name, &stored), Err(BlobError::NotAuthentic), "another epoch");
    let elsewhere = open_blob(&key, OrganisationId([9; 16]), name, &stored);
    assert_eq!(elsewhere, Err(BlobError::NotAuthentic), "another organisation");
    let mut short = blob::SealedBlob::parse(&stored).unwrap();
    short.wrapped_key.0.pop();
    let verdict = open_blob(&key, ACME, name, &countersign_documents::encode(&short));
    assert_eq!(verdict, Err(BlobError::Malformed(Malformed::OutOfRange)), "a wrapped key has 48 bytes");
}

#[test]
fn a_blob_sealed_under_a_name_that_is_not_its_own_is_refused() {
    // A member, who has the epoch key, seals other content under a name that an entry already cites: done here by
    // the primitives themselves, since `seal_blob` computes the name.
    use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, aead::Aead as _, aead::Payload};
    use countersign_documents::Writer;
    let (name, _) = seal_blob(EPOCH, &epoch_key(7), ACME, b"agreed", &random(0)).unwrap();
    let mut w = Writer::default();
    w.array(3);
    w.bytes(&ACME.0);
    w.uint(EPOCH);
    w.bytes(&name.0);
    let aad = w.finish();
    let mut wrapping = [0; 32];
    hkdf::Hkdf::<sha2::Sha256>::new(None, &[7; 32]).expand(b"countersign-blob-v1", &mut wrapping).unwrap();
    let mut w = Writer::default();
    w.map(2);
    w.int(1);
    w.bytes(&core::array::from_fn::<u8, 16, _>(|i| 32 + i as u8));
    w.int(2);
    w.bytes(b"forged");
    let (nonce, own) = ([0u8; 24], [5u8; 32]);
    let shut = |key: &[u8; 32], msg: &[u8]| {
        let cipher = XChaCha20Poly1305::new(key.into());
        cipher.encrypt((&nonce).into(), Payload { msg, aad: &aad }).unwrap()
    };
    let forged = countersign_documents::encode(&blob::SealedBlob {
        epoch: EPOCH,
        wrap_nonce: nonce,
        wrapped_key: shut(&wrapping, &own).into(),
        nonce,
        ciphertext: shut(&own, &w.finish()).into(),
    });
    assert_eq!(open_blob(&epoch_key(7), ACME, name, &forged), Err(BlobError::OtherContent));
}

#[test]
fn the_name_of_a_blob_tells_nothing_of_its_content() {
    let key = epoch_key(7);
    let (one, _) = seal_blob(EPOCH, &key, ACME, b"Ann", &random(0)).unwrap();
    let (two, _) = seal_blob(EPOCH, &key, ACME, b"Ann", &random(1)).unwrap();
    assert_ne!(one, two, "the same content under another salt has another name");
    assert_ne!(one, Digest::of(b"Ann"), "a guess cannot be confirmed by hashing it");
}

#[test]
fn a_blob_of_more_than_8_mib_is_refused() {
    let heavy = vec![0; blob::CONTENT_LIMIT + 1];
    let verdict = seal_blob(EPOCH, &epoch_key(7), ACME, &heavy, &random(0));
    assert_eq!(verdict, Err(BlobError::TooLarge));
    let stored = open_blob(&epoch_key(7), ACME, Digest::of(b""), &vec![0; blob::STORED_LIMIT + 1]);
    assert_eq!(stored, Err(BlobError::Malformed(Malformed::TooLarge)), "refused before it is looked at");
    let (name, stored) = seal_blob(u64::MAX, &epoch_key(7), ACME, &heavy[1..], &random(0)).unwrap();
    assert!(stored.len() <= blob::STORED_LIMIT, "the largest content fits: {}", stored.len());
    assert!(open_blob(&epoch_key(7), ACME, name, &stored).unwrap() == heavy[1..], "and comes back");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sealed_is_opened(
        epoch in any::<u64>(), key in any::<[u8; 32]>(), organisation in any::<[u8; 16]>(), op in any::<[u8; 16]>(),
        nonce in any::<[u8; 24]>(), plaintext in proptest::collection::vec(any::<u8>(), 0..2000)
    ) {
        let (key, organisation) = (EpochKey::new(Secret32::new(key)), OrganisationId(organisation));
        let bytes = seal(epoch, &key, organisation, OpId(op), nonce, &plaintext).unwrap();
        let leaf = SealedLeaf::parse(&bytes).unwrap();
        prop_assert_eq!(leaf.to_bytes(), bytes, "there is one spelling of a leaf");
        prop_assert_eq!((leaf.epoch, leaf.op_id), (epoch, OpId(op)));
        prop_assert_eq!(open(&key, organisation, &leaf), Ok(plaintext));
    }

    #[test]
    fn whatever_is_sealed_as_a_blob_is_opened(
        epoch in any::<u64>(), key in any::<[u8; 32]>(), seed in any::<u8>(),
        content in proptest::collection::vec(any::<u8>(), 0..2000)
    ) {
        let key = EpochKey::new(Secret32::new(key));
        let (name, stored) = seal_blob(epoch, &key, ACME, &content, &random(seed)).unwrap();
        prop_assert_eq!(blob::SealedBlob::parse(&stored).unwrap().epoch, epoch, "the key to use can be told");
        prop_assert_eq!(open_blob(&key, ACME, name, &stored), Ok(content));
    }

    #[test]
    fn no_bytes_make_the_parsers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(parse_and_open(&bytes, ACME).is_err());
        prop_assert!(open_blob(&epoch_key(7), ACME, Digest::of(b""), &bytes).is_err());
    }
}
