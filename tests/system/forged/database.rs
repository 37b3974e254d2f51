//! A database as somebody sees it who may write everything: no trigger, no check, no program of ours in between.

use std::path::Path;

use sqlx::{
    ConnectOptions as _, Connection as _, Row as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use tokio::runtime::Runtime;

/// An open file.
pub(super) struct Database {
    runtime: Runtime,
    conn: SqliteConnection,
}

impl Database {
    /// Opens what is there.
    pub(super) fn open(path: &Path) -> Result<Self, sqlx::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let options = SqliteConnectOptions::new()
            .filename(path)
            .pragma("cell_size_check", "ON")
            .pragma("ignore_check_constraints", "ON")
            .disable_statement_logging();
        let conn = runtime.block_on(options.connect())?;
        Ok(Self { runtime, conn })
    }

    pub(super) fn run(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let query = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
        self.runtime.block_on(query.execute(&mut self.conn)).map(drop)
    }

    pub(super) fn rows(&mut self, sql: &str) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let query = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()));
        self.runtime.block_on(query.fetch_all(&mut self.conn))
    }

    /// The first column of every row, as text that tells types and values apart.
    pub(super) fn quoted(&mut self, sql: &str) -> Result<Vec<String>, sqlx::Error> {
        self.rows(sql)?.iter().map(|row| row.try_get(0)).collect()
    }

    /// The first column of the one row, a whole number.
    pub(super) fn number(&mut self, sql: &str) -> Result<i64, sqlx::Error> {
        let rows = self.rows(sql)?;
        rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)
    }

    /// Drops every trigger, does the edit, and puts the triggers back as they were: the schema looks untouched.
    pub(super) fn edit(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let rows = self.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid")?;
        let triggers: Vec<(String, String)> = rows.iter().map(|r| (r.get(0), r.get(1))).collect();
        let dropped: String = triggers.iter().map(|(name, _)| format!("DROP TRIGGER \"{name}\"; ")).collect();
        let made: String = triggers.iter().map(|(_, text)| format!("{text}; ")).collect();
        let done = self.run(&format!("BEGIN; {dropped} {sql}; {made} COMMIT"));
        if done.is_err() {
            let _ = self.run("ROLLBACK");
        }
        done
    }

    /// Closes the file; the last one to do so leaves everything in the one file.
    pub(super) fn close(self) {
        // A file that was damaged on purpose may not even close well.
        let _ = self.runtime.block_on(self.conn.close());
    }
}
