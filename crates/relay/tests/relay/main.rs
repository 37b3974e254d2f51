//! The relay as clients meet it: honest ones, programs that look at links by themselves, those who only hold on, and those
//! who race, cut off, kill and guess.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "what was counted is printed")]

mod blind;
mod bots;
mod client;
mod cluster;
mod conformance;
mod cut;
mod dice;
mod ends;
mod garbage;
mod killed;
mod landing;
mod letters;
mod members;
mod organisation;
mod parcels;
mod partner;
mod patience;
mod program;
mod race;
mod sameness;
mod sealed;
mod siblings;
mod stage;
mod timing;
mod tiny;
mod uploads;
mod verdicts;
mod witness;
mod world;
