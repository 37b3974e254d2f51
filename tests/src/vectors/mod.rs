//! The published vectors: good documents of every kind, and bad ones for every rule, made byte by byte without the
//! code they test. `cargo run -p countersign-tests --bin vectors -- spec/vectors` writes them.

#![allow(clippy::needless_pass_by_value, reason = "what a vector is given is written where it is used")]
#![allow(unreachable_pub, reason = "private modules of one generator: `pub` says what the neighbours use")]

mod envelope;
mod file;
mod founding;
mod keys;
mod member;
mod organisation;
mod partner;
mod raw;
mod refused;
mod refused_grant;
mod refused_inside;
mod relay;
mod relay_refused;
mod relay_refused_members;
mod sealed;
mod succession;
mod witness;
mod world;

/// Every file: its name and text. The same for everybody, every time.
pub fn files() -> Vec<(String, String)> {
    let files = [
        organisation::roots(),
        founding::founding_offers(),
        founding::founding_answers(),
        succession::succession_offers(),
        succession::succession_answers(),
        organisation::certificates(),
        organisation::cards(),
        partner::identity_cards(),
        partner::requests(),
        partner::receipts(),
        partner::notices(),
        member::approvals(),
        member::orders(),
        member::messages(),
        member::entries(),
        envelope::envelopes(),
        refused::refused(),
        sealed::letters(),
        sealed::leaves(),
        sealed::blobs(),
        sealed::proofs(),
        sealed::deliveries(),
        relay::relay(),
        witness::witnessed(),
        keys::encodings(),
    ];
    let mut files: Vec<(String, String)> = files.into_iter().map(file::File::finish).collect();
    files.push(keys::keys());
    files
}
