//! What windows may do, through the host that answers them, with real profiles, a real ledger and a recording shell.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]

mod arriving;
mod exchange;
mod founding;
mod ledger;
mod opening;
mod queue;
mod race;
mod relay;
mod renewing;
mod rights;
mod sample;
mod steps;
mod stopping;
mod ways;
mod world;
