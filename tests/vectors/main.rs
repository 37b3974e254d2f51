//! Published test vectors, run against what this suite is made of. Data only comes from outside; every folder says
//! from where, and under which licence.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "counts are printed")]

mod accept;
mod published;
mod relay;
mod sealing;
mod shared;
mod witness;
