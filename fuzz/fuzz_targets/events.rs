//! Any bytes as an event: one spelling, no panic, and never folded into a log that nobody founded.
#![no_main]

use countersign_documents::{Digest, Head, Time, decode, encode};
use countersign_domain::{Context, Event, State};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = decode::<Event>(bytes) {
        assert_eq!(encode(&event), bytes, "there is one spelling");
        let zero = Digest([0; 32]);
        let ctx = Context { signer: zero, head: Head { size: 0, root: zero }, time: Time(0) };
        assert!(State::default().check(&ctx, &event).is_err(), "nobody signed it");
    }
});
