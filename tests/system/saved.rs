//! A world's files as they were, to be put back after a test has done its worst.

use std::path::{Path, PathBuf};

use crate::world::World;

/// A process that ends may leave its write-ahead log to the next one. Whoever compares files waits for that.
pub(crate) fn settle(world: &World) {
    let waits = |name: &str| world.path(name).exists();
    for _ in 0..50 {
        if !["ledger.db-wal", "ben/vault.db-wal", "ben/view.db-wal"].into_iter().any(waits) {
            return;
        }
        // Before Ben has a ledger, whoever has one looks at it.
        if !world.run("ben", &["org", "show"], b"").status.success() {
            world.run("alice", &["org", "show"], b"");
        }
    }
}

/// Everything in a world, to be put back after a test has done its worst.
pub(crate) type Saved = Vec<(PathBuf, Vec<u8>)>;

pub(crate) fn save(world: &World) -> Saved {
    settle(world);
    files_below(world.dir.path())
        .into_iter()
        .map(|p| (p.clone(), std::fs::read(&p).unwrap_or_default()))
        .collect()
}

/// Puts back exactly what was there, for this user alone as the program demands.
pub(crate) fn restore(world: &World, saved: &Saved) {
    use std::os::unix::fs::PermissionsExt as _;

    for path in files_below(world.dir.path()) {
        if !saved.iter().any(|(p, _)| *p == path) {
            std::fs::remove_file(&path).expect("removed");
        }
    }
    for (path, bytes) in saved {
        if std::fs::read(path).ok().as_ref() != Some(bytes) {
            std::fs::write(path, bytes).expect("restored");
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("private");
        }
    }
}

/// All files below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
