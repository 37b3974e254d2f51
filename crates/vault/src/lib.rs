//! A profile's secrets at rest: a random vault key seals every row of one SQLite file and is itself kept in slots.
//!
//! Here live the file, its sealing, and the ways of unlocking it. What may not live here: what the rows mean (the use
//! cases know), the shared log (`store`), and the key store of the operating system (`adapters`).
//!
//! What an intruder with the file gets: which tables have how many rows of which sizes, and when they change. What
//! he can do to it: nothing unseen. A row that is altered, swapped, removed, put back or replaced by an older copy of
//! itself is refused as `Altered`, because a sealed header covers the name, version and nonce of every row. Out of
//! scope is an older copy of the *whole* file: it is consistent in itself, and only what lies outside can contradict
//! it (the heads that other desks hold). While a vault is open, even that is seen.

mod database;
mod fault;
mod file;
mod key_file;
mod manifest;
mod private;
mod recovery;
mod rows;
mod seal;
mod session;
mod slot;

pub use file::{RemoveSlotError, VaultFile};
pub use key_file::{KeyFile, KeyFileError};
pub use recovery::{Mistyped, RecoveryCode};
pub use slot::{NewSlot, SHORTEST_PASSPHRASE, SlotKind, Unlock};
