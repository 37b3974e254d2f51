//! The answers to calls: one file per room. Each unpacks, asks a use case, and shows.
//!
//! What may not live here: a rule, and anything of windows; whether a window may call is decided before (`contract`).

mod founding;
mod inbox;
mod keys;
mod ledger;
mod profiles;
mod relay;
mod requests;
mod rules;
mod stops;
mod team;

use countersign_app::{
    desk::{Desk, Heard},
    resolve,
};
use countersign_contract::{CallChannel, Failure, HeardFingerprint, ListWish};
use countersign_documents::{
    grant::Channel,
    id::{KeyId, RequestId},
};
use countersign_ports::Filter;

use crate::failure::Error;

pub(crate) use relay::Fetched;

/// What a call answers.
pub(crate) type Answer<T> = Result<T, Failure>;

/// How much of a list one call may ask for.
pub(crate) const PAGE: u32 = 1_000;

pub(crate) fn filter(wish: ListWish) -> Filter {
    Filter {
        state: wish.state.filter(|s| !s.is_empty()),
        text: wish.text.filter(|t| !t.is_empty()),
        limit: wish.limit.min(PAGE),
        offset: wish.offset,
        ..Filter::default()
    }
}

pub(crate) fn channel(channel: CallChannel) -> Channel {
    match channel {
        CallChannel::Phone => Channel::Phone,
        CallChannel::Video => Channel::Video,
        CallChannel::InPerson => Channel::InPerson,
    }
}

/// A window takes no program's word: its boxes refuse what is pasted or dropped.
pub(crate) fn heard(wish: &HeardFingerprint) -> Heard<'_> {
    Heard { typed: &wish.typed, channel: channel(wish.channel), source: &wish.source, attended: true }
}

pub(crate) fn request_of(desk: &Desk, id: &str) -> Result<RequestId, Error> {
    Ok(resolve("request", id, desk.state().exchanges.keys().copied())?)
}

pub(crate) fn key_of(desk: &Desk, id: &str) -> Result<KeyId, Error> {
    // A whole id needs no search: a window names thousands of keys at once.
    if let Some(id) = KeyId::parse(id).filter(|id| desk.state().keys.contains_key(id)) {
        return Ok(id);
    }
    Ok(resolve("key", id, desk.state().keys.keys().copied())?)
}
