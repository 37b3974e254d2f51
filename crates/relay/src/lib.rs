//! The relay: a server that a company runs itself, between its desks and its partners. It hands sealed parcels to their one
//! reader and is blind: what it holds opens nothing. `spec/relay.md` is the page it is written from.
//!
//! Here live connections and their limits, the acts of members and partners, the database behind them, the page that a link
//! shows in a browser, and the witness of the organisations' logs. What may not live here: a key that opens anything, or any crate of ours but `documents` and
//! `tlog`: whoever takes over this server finds no more than what it was sent. Nothing in this library logs.

mod accept;
mod acts;
mod bell;
mod cards;
mod landing;
mod mail;
mod members;
mod nonce;
mod operator;
mod organisations;
mod parcels;
mod refusal;
mod relay;
mod routes;
pub mod store;
mod witness;

pub use accept::{Act, Door, Durations, End, Limits, Traffic, Verdict, listen, serve};
pub use landing::page;
pub use operator::Operator;
pub use relay::{Clock, DatabaseAt, Figures, OpenError, OpenSettings, Quota, Relay};
pub use routes::router;
pub use store::StoreError;
