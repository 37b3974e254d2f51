//! Any bytes as any document: no panic, and whatever is read is written back to the very same bytes.
#![no_main]

use countersign_documents::{
    Decode, Encode, approval::Approval, card::Card, catalogue::Catalogue, certificate::Certificate, cose::kind_of, decode, encode,
    entry::Entry, grant::{Grant, Vetting}, identity::IdentityCard, letters::{Message, Notice}, order::Order, policy::Policy, receipt::Receipt,
    request::Request, root::Root,
};
use libfuzzer_sys::fuzz_target;

fn again<'a, T: Decode<'a> + Encode>(bytes: &'a [u8]) {
    if let Ok(value) = decode::<T>(bytes) {
        assert_eq!(encode(&value), bytes, "there is one spelling");
    }
}

fuzz_target!(|bytes: &[u8]| {
    again::<Approval>(bytes);
    again::<Card>(bytes);
    again::<Catalogue>(bytes);
    again::<Certificate>(bytes);
    again::<Entry>(bytes);
    again::<Grant>(bytes);
    again::<Vetting>(bytes);
    again::<IdentityCard>(bytes);
    again::<Message>(bytes);
    again::<Notice>(bytes);
    again::<Order>(bytes);
    again::<Policy>(bytes);
    again::<Receipt>(bytes);
    again::<Request>(bytes);
    again::<Root>(bytes);
    let _ = kind_of(bytes);
    let _ = IdentityCard::verify(bytes);
    let _ = Request::verify(bytes);
    let _ = Root::verify_first(bytes);
    let _ = Card::verify_ended(bytes, None);
});
