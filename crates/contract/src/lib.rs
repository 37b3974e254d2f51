//! What window and command line see of the use cases: plain views, ready to show, the calls, which window may make which,
//! and the shape of a failure.
//!
//! Here live names, times and counts as text and numbers. What may not live here: a rule, a format, a secret. Times
//! are seconds since 1970; ids are their 26 characters; every text from outside was refused or cleaned when parsed.

mod areas;
mod requests;
mod surface;
mod views;
#[cfg(feature = "typescript")]
pub mod written;

use serde::{Deserialize, Serialize};

pub use areas::*;
pub use requests::*;
pub use surface::{Area, Command, Misdirected, Nothing, Window};
pub use views::*;

/// How a call that did not do what was asked is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Failure {
    /// A code that never changes.
    pub code: String,
    /// What happened, in one sentence.
    pub message: String,
    /// What was not lost, and what to do next.
    pub advice: String,
}
