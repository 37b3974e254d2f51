//! The record.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum Ledger {
    /// Lists entries.
    List {
        /// From this place on.
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Derives everything again from the first entry on, and names the first bad one.
    Verify,
    /// Writes evidence of one entry for an outsider.
    Prove {
        /// Which place.
        seq: u64,
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Checks evidence. Needs no profile.
    Check {
        /// The evidence.
        file: PathBuf,
        /// Also type the organisation's fingerprint.
        #[arg(long)]
        fingerprint: bool,
    },
    /// Writes all entries to a file.
    Export {
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// In which form.
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
}

#[derive(Subcommand)]
pub(crate) enum Blob {
    /// Erases a text or attachment; that it was erased, by whom and why stays on the record.
    Erase {
        /// Its name, 64 hexadecimal characters.
        name: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON.
    Json,
    /// CSV that no spreadsheet takes for formulas.
    Csv,
}
