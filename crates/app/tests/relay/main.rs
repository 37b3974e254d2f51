//! Two desks and a partner, with a relay between them: everything is real, on loopback. What is not is the clock, and a relay
//! that fails when it is told to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "a sweep says how much it covered")]

mod faults;
mod faulty;
mod invitations;
mod journey;
mod links;
mod members;
mod people;
mod witness;
mod world;
