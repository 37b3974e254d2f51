//! Any bytes as any document: no panic, and whatever is read is written back to the very same bytes.
#![no_main]

use countersign_documents::{
    Decode, Encode, approval::Approval, card::Card, catalogue::Catalogue, certificate::Certificate, cose::kind_of, decode, encode,
    entry::Entry, founding, grant::{Grant, Vetting}, identity::IdentityCard, letters::{Message, Notice}, order::Order, policy::Policy, receipt::Receipt,
    relay::{
        BODY_LIMIT, Dispatch, Invitation, Mail, PickUp, Poll, Post, Removal, Ticket, Upload, Withdraw, Withdrawn, pack, unpack,
    },
    request::Request, root::Root, succession,
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
    again::<founding::Offer>(bytes);
    again::<founding::Answer>(bytes);
    again::<succession::Offer>(bytes);
    again::<succession::Answer>(bytes);
    again::<PickUp>(bytes);
    again::<Post>(bytes);
    again::<Poll>(bytes);
    again::<Upload>(bytes);
    again::<Withdraw>(bytes);
    again::<Dispatch>(bytes);
    again::<Removal>(bytes);
    again::<Ticket>(bytes);
    again::<Withdrawn>(bytes);
    again::<Mail>(bytes);
    if let Ok(parts) = unpack(bytes, BODY_LIMIT) {
        assert_eq!(pack(&parts), bytes, "a body has one spelling");
    }
    if let Some(invitation) = Invitation::parse(bytes) {
        assert_eq!(*invitation.to_bytes(), bytes, "an invitation has one spelling");
    }
    let _ = (PickUp::read(bytes), Post::verify(bytes), Poll::verify(bytes));
    let _ = kind_of(bytes);
    let _ = IdentityCard::verify(bytes);
    let _ = Request::verify(bytes);
    let _ = Root::verify_first(bytes);
    let _ = (founding::Offer::verify(bytes), founding::Answer::verify(bytes));
    let _ = (succession::Offer::verify(bytes), succession::Answer::verify(bytes));
    let _ = Card::verify_ended(bytes, None);
});
