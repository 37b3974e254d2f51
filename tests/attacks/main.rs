//! What an enemy can do to bytes: change them anywhere, cut them, spell them otherwise, and put together what belongs
//! to different envelopes, as an outsider and as an insider who may sign. Nothing of it is accepted, nothing panics,
//! and the outside hears one sentence.
//!
//! With `COUNTERSIGN_SOAK=1` all 256 values are inserted everywhere, in more samples, and a million envelopes made.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is to end the test")]
#![allow(clippy::print_stdout, reason = "counts are printed")]

mod changes;
mod deliveries;
mod documents;
mod envelopes;
mod formats;
mod founding;
mod freshness;
mod mutants;
mod raw;
mod relay;
mod sealers;
#[path = "../vectors/sealing.rs"]
#[allow(dead_code, reason = "shared with the published vectors, which use all of it")]
mod sealing;
mod splices;
mod world;

/// Whether there is time for everything.
fn soak() -> bool {
    std::env::var_os("COUNTERSIGN_SOAK").is_some_and(|value| value == "1")
}
