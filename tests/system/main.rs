//! The real program, on real files: the whole exchange, what it leaves behind, what it refuses, and what survives.

mod canary;
mod exchange;
mod forged;
mod killed;
mod refusals;
mod world;
