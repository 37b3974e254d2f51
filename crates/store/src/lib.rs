//! The log, its documents and the view, in SQLite.
