//! What went wrong in SQLite, in the words of the port.
//!
//! A fault before COMMIT means that nothing happened. A fault at COMMIT means that nobody knows: SQLite has reported
//! a failed fsync and kept the row. The two are therefore mapped by different functions.

use countersign_ports::LogError;
use sqlx::{Error, error::DatabaseError};

/// A fault while opening, reading, or writing before COMMIT: nothing was changed.
pub(crate) fn before_commit(error: Error) -> LogError {
    match error {
        // A constraint stood in the way of what was checked to be possible: somebody changed the file.
        Error::Database(fault) if fault.is_unique_violation() => LogError::Damaged,
        Error::Database(fault) => result_code(&*fault).map_or(LogError::Unavailable, meaning),
        // What was read has another shape than was written.
        Error::ColumnDecode { .. }
        | Error::Decode(_)
        | Error::RowNotFound
        | Error::ColumnNotFound(_)
        | Error::ColumnIndexOutOfBounds { .. }
        | Error::TypeNotFound { .. } => LogError::Damaged,
        Error::PoolTimedOut => LogError::Locked,
        _ => LogError::Unavailable,
    }
}

/// A fault at COMMIT. Only a lock and a full disk say for certain that nothing was written.
pub(crate) fn at_commit(error: Error) -> LogError {
    let Error::Database(fault) = error else { return LogError::Unknown };
    match result_code(&*fault).map(|code| code & 0xff) {
        Some(BUSY | LOCKED) => LogError::Locked,
        // Met while frames are written; the frame that makes a transaction count is the last one.
        Some(FULL) => LogError::Full,
        _ => LogError::Unknown,
    }
}

/// Whether a connection may be used further after this. After an I/O fault the page cache may lie: reopen and look.
pub(crate) fn is_over(fault: &LogError) -> bool {
    matches!(fault, LogError::Unknown | LogError::Unavailable | LogError::Damaged | LogError::NotDurable)
}

// Primary result codes (sqlite.org/rescode.html).
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const READONLY: u32 = 8;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const TOOBIG: u32 = 18;
const CONSTRAINT: u32 = 19;
const MISMATCH: u32 = 20;
const FORMAT: u32 = 24;
const NOTADB: u32 = 26;
/// "SQL logic error": the tables are not the ones that were checked at opening.
const ERROR: u32 = 1;
// Extended result codes.
const IOERR_CORRUPTFS: u32 = 10 | 33 << 8;
const IOERR_SHMSIZE: u32 = 10 | 19 << 8;
const IOERR_DATA: u32 = 10 | 32 << 8;

fn result_code(fault: &dyn DatabaseError) -> Option<u32> {
    fault.code()?.parse().ok()
}

fn meaning(code: u32) -> LogError {
    if matches!(code, IOERR_CORRUPTFS | IOERR_DATA) {
        return LogError::Damaged;
    }
    // The memory that processes share is a file, and could not grow.
    if code == IOERR_SHMSIZE {
        return LogError::Full;
    }
    match code & 0xff {
        BUSY | LOCKED => LogError::Locked,
        READONLY => LogError::ReadOnly,
        FULL | TOOBIG => LogError::Full,
        CORRUPT | NOTADB | FORMAT | CONSTRAINT | MISMATCH | ERROR => LogError::Damaged,
        // Among them IOERR, CANTOPEN, PERM and AUTH.
        _ => LogError::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_code_that_matters_has_its_own_meaning() {
        for (code, wanted) in [
            (5, "Locked"),
            (517, "Locked"),
            (6, "Locked"),
            (8, "ReadOnly"),
            (1032, "ReadOnly"),
            (13, "Full"),
            (11, "Damaged"),
            (26, "Damaged"),
            (2067, "Damaged"),
            (8458, "Damaged"),
            (14, "Unavailable"),
            (10, "Unavailable"),
            (1034, "Unavailable"),
        ] {
            assert_eq!(format!("{:?}", meaning(code)), wanted, "result code {code}");
        }
    }

    #[test]
    fn a_fault_at_commit_is_unknown_whatever_it_was() {
        for error in [Error::WorkerCrashed, Error::Io(std::io::ErrorKind::Other.into()), Error::RowNotFound] {
            let said = error.to_string();
            assert!(matches!(at_commit(error), LogError::Unknown), "{said}: nobody knows what was written");
        }
    }

    #[test]
    fn after_an_unknown_outcome_the_connection_is_given_up() {
        assert!(is_over(&LogError::Unknown), "reopen and verify, never retry in place");
        assert!(!is_over(&LogError::Locked), "a lock says nothing against the connection");
    }
}
