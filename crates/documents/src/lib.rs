//! What every other crate speaks: strict CBOR, COSE signatures, and one type per signed document.
//!
//! Here live formats and the rules a document can be judged by on its own. What may not live here: IO, a clock,
//! randomness (both are arguments), encryption (`envelope`, `ledger`), and any rule that needs to know more than
//! one document (`domain`). The normative pages are in `spec/`.

pub mod cbor;
pub mod digest;
pub mod id;
#[macro_use]
mod record;
pub mod secret;
pub mod time;

pub use cbor::{Decode, Encode, Malformed, Reader, Writer, decode, encode};
pub use digest::Digest;
pub use secret::Secret32;
pub use time::{Seconds, Time};
