//! What windows may do, through the host that answers them, with real profiles, a real ledger and a recording shell.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]

mod exchange;
mod founding;
mod opening;
mod race;
mod sample;
mod steps;
mod ways;
mod world;
