//! The real program, on real files: the whole exchange, what it leaves behind, what it refuses, and what survives.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says why it failed by panicking, and prints its counts"
)]

mod asking;
mod canary;
mod clock;
mod compared;
mod cut_off;
mod disk;
mod documents;
mod due;
mod exchange;
mod forged;
mod history;
mod judge;
mod killed;
mod names;
mod ordered;
mod power;
mod refusals;
mod relay;
mod root;
mod saved;
mod shown;
mod stage;
mod stopped;
mod streams;
mod switched_on;
mod terminal;
mod terminals;
mod texts;
mod unlock;
mod world;
