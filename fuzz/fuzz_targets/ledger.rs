//! Any bytes as a leaf, a blob, a note and a proof: no panic, one spelling, nothing opens.
#![no_main]

use countersign_documents::{Digest, Secret32, id::OrganisationId};
use countersign_ledger::{EpochKey, LeafProof, SealedLeaf, UnverifiedNote, blob::SealedBlob, open, open_blob};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let key = EpochKey::new(Secret32::new([9; 32]));
    if let Ok(leaf) = SealedLeaf::parse(bytes) {
        assert_eq!(leaf.to_bytes(), bytes, "there is one spelling");
        assert!(open(&key, OrganisationId([1; 16]), &leaf).is_err(), "nobody sealed it");
    }
    let _ = SealedBlob::parse(bytes);
    assert!(open_blob(&key, OrganisationId([1; 16]), Digest([0; 32]), bytes).is_err(), "nobody sealed it");
    if let Ok(text) = core::str::from_utf8(bytes) {
        let _ = UnverifiedNote::parse(text);
        if let Ok(proof) = LeafProof::parse(text) {
            assert_eq!(proof.to_text(), text, "there is one spelling");
        }
    }
});
