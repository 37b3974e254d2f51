//! The state machine, proven and attacked: the privilege matrix, every rule with its failing and its passing
//! neighbour, and random histories against invariants. Everything is seeded; the clock is a number.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "the matrix and the model say how much they covered")]

mod matrix;
mod model;
mod rules;
mod world;
