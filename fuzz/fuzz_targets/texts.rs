//! Any text from outside: what is accepted shows nothing invisible, and what is shown holds no control character.
#![no_main]

use countersign_documents::{
    catalogue::Path,
    fingerprint::Fingerprint,
    id::RequestId,
    network::Network,
    text::{Line, Prose, ScopeName, Slug, skeleton, visible},
};
use countersign_envelope::armor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for accepted in [Line::parse(text).is_ok(), Prose::parse(text).is_ok()] {
        assert!(!accepted || visible(text) == text, "what is accepted needs no escaping");
    }
    assert!(!visible(text).chars().any(|c| c.is_control() && c != '\n'), "nothing reaches a terminal raw");
    let _ = (Slug::parse(text), ScopeName::parse(text), Path::parse(text), skeleton(text));
    if let Ok(network) = Network::parse(text) {
        assert_eq!(Network::parse(&network.to_string()), Ok(network), "a network reads back");
    }
    if let Some(id) = RequestId::parse(text) {
        assert_eq!(id.to_string(), text.to_ascii_lowercase(), "an id has one spelling");
    }
    if let Ok(document) = armor::decode(text) {
        let again = armor::encode(&document).map(|again| again.trim_end().to_owned());
        assert_eq!(again, Ok(text.trim().replace("\r\n", "\n")), "one document, one text");
    }
    let _ = Fingerprint::of(&countersign_documents::Digest([0; 32])).compare(text);
});
