//! One profile of this machine, and the answers to what a window or a terminal asks about it.
//!
//! Here live the wiring of the ports to this machine, files in and out, the people's own file forms, and the state
//! between two calls of a window: locked or open, what the confirm window is showing. What may not live here: a rule, a
//! format, a terminal, a web view. Whatever only a shell can do (windows, clipboard, dialogues) is asked of `Shell`.

mod calls;
mod claim;
mod confirm;
mod door;
mod failure;
mod given;
mod host;
mod label;
mod news;
mod opening;
mod reach;
mod resume;
mod sample;
mod seating;
mod settings;
mod shell;

pub mod exports;
pub mod files;
pub mod forms;
pub mod founding;
pub mod grant;
pub mod laid_out;
mod listening;
pub mod message;
pub mod paper;
pub mod profile;
pub mod qr;
pub mod ways;
pub mod wiring;

pub use claim::{Claim, claim};
pub use failure::{Error, FileError, FileFlaw};
pub use given::{Address, Given, is_link};
pub use host::Host;
pub use seating::{Placed, place};
pub use shell::{Change, Picture, Shell};
