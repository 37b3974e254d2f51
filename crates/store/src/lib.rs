//! The log, its documents and the view, in SQLite.
//!
//! Here lives what turns bytes into rows and back, durably: how a file is recognised, how a connection is armed, how
//! an append is one step. What may not live here: a business rule, a key, a format of a leaf; rows are opaque. Nothing
//! here is believed for being in the table: whoever reads the log verifies it.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod connect;
mod documents;
mod fault;
mod forward;
mod log;
mod place;
mod schema;
mod search;
mod view;

pub use log::SqliteLog;
pub use view::{Filter, Item, Order, SqliteView};
