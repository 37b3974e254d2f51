//! Connectors to the systems that really make and stop keys.
//!
//! Here live the text form of the keys Countersign mints, the hash file a gateway reads, what such a gateway does
//! with it, and the connector for systems only a human can reach. What may not live here: an approval, a rule about
//! who may have a key, the ledger, a clock. An issuer never decides: it does what was recorded before it was called,
//! says honestly what it cannot enforce, and never tells more of a key's end than it has seen.

mod disk;
pub mod gate;
mod hash_file;
pub mod key_format;
mod lines;
mod manual;

pub use hash_file::HashFile;
pub use manual::Manual;
