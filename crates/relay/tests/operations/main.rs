//! The relay as whoever runs it meets it: settings, signals, certificates, metrics, log; and as those meet it who want to
//! wear it out.
#![allow(clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "what was counted is printed")]

mod bodies;
mod client;
#[path = "../relay/cluster.rs"]
#[allow(dead_code, reason = "the other tests need more of it")]
mod cluster;
mod corpus;
mod crowds;
mod farewell;
mod log;
mod operator;
mod organisation;
mod postgres;
mod program;
mod quota;
mod running;
mod settings;
mod shares;
mod smuggling;
mod starting;
mod tls;
