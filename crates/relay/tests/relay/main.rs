//! The relay as clients meet it: honest ones, programs that look at links by themselves, and those who only hold on.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "what was counted is printed")]

mod landing;
mod patience;
mod world;
