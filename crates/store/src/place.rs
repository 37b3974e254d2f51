//! Which places on a disk a database may live in, and how its file comes to be.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use countersign_ports::LogError;

/// What SQLite puts beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Absolute, so that neither a working folder nor a name such as `file:x` or `:memory:` changes what is meant.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, LogError> {
    std::path::absolute(path).map_err(|_| LogError::Unavailable)
}

/// A database that is there: a regular file, no link, on a disk of this machine. Says whether it may be written.
///
/// The file is never opened here: closing any descriptor of it would drop the POSIX locks that other connections of
/// this process hold (sqlite.org/howtocorrupt.html, 2.2).
pub(crate) fn existing(path: &Path) -> Result<Writable, LogError> {
    let found = fs::symlink_metadata(path).map_err(|_| LogError::Unavailable)?;
    if !found.is_file() {
        return Err(LogError::Unavailable);
    }
    // A link where the write-ahead log belongs would send committed rows elsewhere.
    for name in companions(path) {
        if fs::symlink_metadata(name).is_ok_and(|beside| !beside.is_file()) {
            return Err(LogError::Unavailable);
        }
    }
    local(path)?;
    // The superuser could write a file that nobody may write; whoever took the right away meant it.
    let fixed = found.permissions().readonly() || !allowed(path);
    Ok(if fixed { Writable::No } else { Writable::Yes })
}

/// Whether a database's file carries the right to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writable {
    Yes,
    No,
}

/// An empty private file beside `path`, to be filled and then given its name by [`publish`]: whoever finds a database
/// under its name finds a whole one.
pub(crate) fn draft(path: &Path) -> Result<PathBuf, LogError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(LogError::Unavailable);
    }
    let folder = path.parent().ok_or(LogError::Unavailable)?;
    local(folder)?;
    static DRAFTS: AtomicU64 = AtomicU64::new(0);
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let draft = suffixed(path, &format!(".{}-{number}.new", std::process::id()));
    // Left over from a crash of a process of the same number: it never had the name.
    remove(&draft)?;
    private().open(&draft).map_err(|error| of_io(&error))?;
    Ok(draft)
}

/// Gives a closed draft its name, durably, unless the name was taken meanwhile.
pub(crate) fn publish(draft: &Path, path: &Path) -> Result<(), LogError> {
    fs::hard_link(draft, path).map_err(|error| of_io(&error))?;
    remove(draft)?;
    durable_folder(path)
}

/// Removes a database and what SQLite put beside it.
pub(crate) fn remove(path: &Path) -> Result<(), LogError> {
    for file in companions(path).chain([path.to_owned()]) {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(of_io(&error)),
            _ => {}
        }
    }
    Ok(())
}

fn companions(path: &Path) -> impl Iterator<Item = PathBuf> {
    COMPANIONS.iter().map(move |suffix| suffixed(path, suffix))
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Whether this user may write the file, on a disk that may be written.
#[cfg(unix)]
fn allowed(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn allowed(_: &Path) -> bool {
    true
}

#[cfg(unix)]
fn durable_folder(path: &Path) -> Result<(), LogError> {
    let folder = path.parent().ok_or(LogError::Unavailable)?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| of_io(&error))
}

/// Other systems flush a folder with its files and cannot open one.
#[cfg(not(unix))]
fn durable_folder(_: &Path) -> Result<(), LogError> {
    Ok(())
}

fn of_io(error: &io::Error) -> LogError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => LogError::Full,
        io::ErrorKind::ReadOnlyFilesystem => LogError::ReadOnly,
        _ => LogError::Unavailable,
    }
}

/// Why a database that is there cannot be opened: SQLite says "cannot open" where the disk has no room for the files
/// beside it, or may not be written.
#[cfg(unix)]
pub(crate) fn diagnosed(path: &Path, error: LogError) -> LogError {
    let disk = path.parent().map(rustix::fs::statvfs);
    match (error, disk) {
        (LogError::Unavailable, Some(Ok(disk))) => {
            if disk.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
                LogError::ReadOnly
            } else if disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM {
                LogError::Full
            } else {
                LogError::Unavailable
            }
        }
        (error, _) => error,
    }
}

#[cfg(not(unix))]
pub(crate) fn diagnosed(_: &Path, error: LogError) -> LogError {
    error
}

/// What SQLite asks for beside a database before anything is written: 32 KiB of shared memory, and a little more.
#[cfg(unix)]
const ROOM: u64 = 64 * 1024;

/// Refuses file systems over a network or in another program: their locks and flushes promise too little for several
/// processes (sqlite.org/howtocorrupt.html, 2.1). A folder that some program copies elsewhere cannot be told.
#[cfg(target_os = "linux")]
fn local(path: &Path) -> Result<(), LogError> {
    let found = rustix::fs::statfs(path).map_err(|_| LogError::Unavailable)?;
    // The kernel's magic numbers have 32 bits; the field's width differs between machines.
    if is_remote(found.f_type as u32) { Err(LogError::NotDurable) } else { Ok(()) }
}

#[cfg(not(target_os = "linux"))]
fn local(_: &Path) -> Result<(), LogError> {
    Ok(())
}

/// `f_type` as in statfs(2) and linux/magic.h.
#[cfg(target_os = "linux")]
fn is_remote(magic: u32) -> bool {
    matches!(
        magic,
        0x0000_6969 // NFS
            | 0x0000_517b // SMB
            | 0xff53_4d42 // CIFS
            | 0xfe53_4d42 // SMB2
            | 0x6573_5546 // FUSE: sshfs, rclone and their like
            | 0x0102_1997 // 9P
            | 0x00c3_6400 // Ceph
            | 0x5346_414f // AFS
            | 0x6b41_4653 // AFS, the kernel's own
            | 0x7375_7245 // Coda
            | 0x786f_4256 // VirtualBox shared folder
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn disks_of_this_machine_are_told_from_those_over_a_network() {
        for (name, magic) in [("NFS", 0x6969), ("CIFS", 0xff53_4d42), ("FUSE", 0x6573_5546)] {
            assert!(is_remote(magic), "{name} promises too little");
        }
        let own = [
            ("ext4", 0xef53),
            ("xfs", 0x5846_5342),
            ("btrfs", 0x9123_683e),
            ("tmpfs", 0x0102_1994),
            ("zfs", 0x2fc1_2fc1),
        ];
        for (name, magic) in own {
            assert!(!is_remote(magic), "{name} is a disk of this machine");
        }
        assert!(local(Path::new("/proc/self")).is_ok(), "a real answer of the kernel is understood");
    }
}
