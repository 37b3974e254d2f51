//! Programs with one promise broken each, so that the tests of that promise can show that they turn red.
//!
//! Which one is fixed when a program is built: nothing a user types, sets or stores leads here, and the shipped program
//! does not contain this file.

use std::{path::Path, process::ExitCode, sync::OnceLock};

use countersign_app::desk::{Desk, Release};
use countersign_documents::id::{KeyId, OrganisationId};
use countersign_domain::event::Way;
use countersign_host::files::Together;
use countersign_ports::LogError;
use countersign_store::SqliteLog;

use crate::failure::Failure;

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// The envelope leaves before its record is in the ledger.
    ReleaseFirst,
    /// The ledger acknowledges a record before the disk has it: SQLite's `synchronous=NORMAL`.
    NormalSync,
}

static BROKEN: OnceLock<Mutant> = OnceLock::new();

/// The program with this promise broken.
pub fn run_mutant(mutant: Mutant) -> ExitCode {
    let _only_once = BROKEN.set(mutant);
    crate::run()
}

/// Stands in for the release that follows the record.
pub(crate) async fn release(
    desk: &mut Desk,
    key: KeyId,
    way: Way,
    out: &Path,
    files: &mut Together,
) -> Result<Release, Failure> {
    let early = BROKEN.get() == Some(&Mutant::ReleaseFirst);
    if early {
        files.write(out, &desk.mutant_envelope_unrecorded(key).await?)?;
    }
    let release = desk.hand_over(key, way).await?;
    if !early {
        files.write(out, &release.envelope)?;
    }
    Ok(release)
}

/// Stands in for the opening that waits for the disk.
pub(crate) async fn open_log(
    path: &Path,
    organisation: Option<OrganisationId>,
) -> Result<SqliteLog, LogError> {
    match BROKEN.get() {
        Some(Mutant::NormalSync) => SqliteLog::open_mutant_normal_sync(path, organisation).await,
        Some(Mutant::ReleaseFirst) | None => SqliteLog::open(path, organisation).await,
    }
}
