//! Any bytes as an envelope, a letter, parts of codes and a link: no panic, nothing accepted.
#![no_main]

use countersign_documents::{Kind, ReceivingSecret, Secret32, cose::Unverified1, id::OrganisationId};
use countersign_envelope::{
    Link,
    letter::{self, Purpose},
    parts,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = Unverified1::parse(Kind::Envelope, bytes);
    let secret = ReceivingSecret::new(Secret32::new([7; 32]));
    assert!(letter::open(Purpose::ToPartner, OrganisationId([1; 16]), &secret, bytes).is_err(), "nobody sealed it");
    let _ = letter::recipient(bytes);
    if let Ok(text) = core::str::from_utf8(bytes) {
        let _ = Link::parse(text);
        if let Ok(joined) = parts::join(text.split('\n')) {
            let again = parts::split(&joined).unwrap_or_default();
            assert_eq!(parts::join(again.iter().map(String::as_str)), Ok(joined), "what came together comes apart again");
        }
    }
});
