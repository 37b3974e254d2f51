//! What SQLite's result codes mean to the caller (sqlite.org/rescode.html).

use countersign_ports::LogError;

const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const READONLY: u32 = 8;
const IOERR: u32 = 10;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const FORMAT: u32 = 24;
const NOTADB: u32 = 26;
const ERROR: u32 = 1;
const SCHEMA: u32 = 17;
const CONSTRAINT: u32 = 19;
const MISMATCH: u32 = 20;

const IOERR_SHORT_READ: u32 = IOERR | 2 << 8;
const IOERR_SHMSIZE: u32 = IOERR | 19 << 8;
const IOERR_DATA: u32 = IOERR | 32 << 8;
const IOERR_CORRUPTFS: u32 = IOERR | 33 << 8;
const READONLY_DBMOVED: u32 = READONLY | 4 << 8;

/// For everything except COMMIT: whatever this says, nothing was written.
pub(crate) fn definite(error: sqlx::Error) -> LogError {
    match error {
        sqlx::Error::Database(refused) => of_code(code(refused.as_ref())),
        // A value of another type than the column is declared with: STRICT tables of ours never hold one.
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => {
            LogError::Damaged
        }
        _ => LogError::Unavailable,
    }
}

/// For COMMIT. A failed flush may have reached the disk all the same, so only one answer is certain: a full disk is
/// met while frames are written, and the frame that makes a transaction count is the last one.
pub(crate) fn at_commit(error: sqlx::Error) -> LogError {
    match definite(error) {
        LogError::Full => LogError::Full,
        _ => LogError::Unknown,
    }
}

fn of_code(extended: u32) -> LogError {
    match extended {
        // The memory that processes share is a file, and could not grow.
        IOERR_SHMSIZE => return LogError::Full,
        IOERR_SHORT_READ | IOERR_DATA | IOERR_CORRUPTFS => return LogError::Damaged,
        // The file was moved away under the connection: what it writes would not be found again.
        READONLY_DBMOVED => return LogError::Unavailable,
        _ => {}
    }
    match extended & 0xff {
        BUSY | LOCKED => LogError::Locked,
        READONLY => LogError::ReadOnly,
        FULL => LogError::Full,
        // SQL that does not fit the schema, or a constraint that our own checks come before: not our tables.
        CORRUPT | NOTADB | FORMAT | ERROR | SCHEMA | CONSTRAINT | MISMATCH => LogError::Damaged,
        _ => LogError::Unavailable,
    }
}

/// The extended result code; 0 where the driver gave none.
fn code(error: &dyn sqlx::error::DatabaseError) -> u32 {
    error.code().and_then(|code| code.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_code_says_what_a_person_can_do_about_it() {
        let cases = [
            (5, "Locked"),
            (517, "Locked"),
            (261, "Locked"),
            (6, "Locked"),
            (8, "ReadOnly"),
            (1288, "ReadOnly"),
            (1032, "Unavailable"),
            (13, "Full"),
            (4874, "Full"),
            (10, "Unavailable"),
            (1034, "Unavailable"),
            (522, "Damaged"),
            (8458, "Damaged"),
            (11, "Damaged"),
            (779, "Damaged"),
            (26, "Damaged"),
            (14, "Unavailable"),
            (7, "Unavailable"),
            (1, "Damaged"),
            (2067, "Damaged"),
            (0, "Unavailable"),
        ];
        for (code, meaning) in cases {
            assert_eq!(format!("{:?}", of_code(code)), meaning, "result code {code}");
        }
    }
}
