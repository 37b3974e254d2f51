//! Files that only this user may read.
//!
//! On Unix the mode is set when a file is made, never after, and looked at whenever one is opened. On Windows a
//! profile lies in the user's own folder, whose access list every new file inherits; there the checks are only that
//! nothing is a link.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind},
    path::Path,
};

use countersign_ports::LogError;

/// Why a file is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Nothing is there.
    Missing,
    /// Something is there already.
    AlreadyThere,
    /// Others may read it, somebody else owns it, it is a link, or it is not what it should be.
    NotPrivate,
    /// The system does not let us.
    Unavailable,
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::Missing,
            ErrorKind::AlreadyExists => Self::AlreadyThere,
            _ => Self::Unavailable,
        }
    }
}

/// Makes a folder for this user alone, with any missing parents; one that is there already must be private too.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Refused> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Ok(()) => {}
        // A file or a dangling link stands where the folder should be.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(Refused::NotPrivate),
        Err(error) => return Err(error.into()),
    }
    check_folder(folder)?;
    // A folder's own name is durable once its parent is.
    folder.parent().map_or(Ok(()), sync_folder)
}

/// A folder that is private to this user and no link.
pub(crate) fn check_folder(folder: &Path) -> Result<(), Refused> {
    let meta = fs::symlink_metadata(folder)?;
    if meta.is_dir() && only_mine(&meta) { Ok(()) } else { Err(Refused::NotPrivate) }
}

/// A regular file that is private to this user and no link. It is not opened: closing a second handle to a file that
/// SQLite has open would drop SQLite's locks on it.
pub(crate) fn check_file(file: &Path) -> Result<(), Refused> {
    let meta = fs::symlink_metadata(file)?;
    if meta.is_file() && only_mine(&meta) { Ok(()) } else { Err(Refused::NotPrivate) }
}

/// Makes a new file for this user alone. Never follows a link, never opens what is there.
pub(crate) fn make_file(file: &Path) -> Result<File, Refused> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(file)?)
}

/// Opens a private regular file for reading. What is checked is what was opened, not what stood there before.
pub(crate) fn open_file(file: &Path) -> Result<File, Refused> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        // NONBLOCK: opening a pipe somebody put there must not wait for its writer.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    if fs::symlink_metadata(file)?.is_symlink() {
        return Err(Refused::NotPrivate);
    }
    let opened = options.open(file)?;
    let meta = opened.metadata()?;
    if meta.is_file() && only_mine(&meta) { Ok(opened) } else { Err(Refused::NotPrivate) }
}

/// What stands behind an `Unavailable` in a folder, or above one that was not made yet.
pub(crate) fn why_unavailable(folder: &Path) -> LogError {
    #[cfg(unix)]
    {
        /// What SQLite asks for beside a database before anything is written, and a little more.
        const ROOM: u64 = 64 * 1024;
        let found = folder.ancestors().find_map(|place| rustix::fs::statvfs(place).ok());
        if let Some(disk) = found {
            if disk.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
                return LogError::ReadOnly;
            }
            if disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM {
                return LogError::Full;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
    LogError::Unavailable
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Refused> {
    #[cfg(unix)]
    {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match File::open(folder).and_then(|opened| opened.sync_all()) {
            // A parent that may be entered but not listed cannot be synced by us.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
            done => done?,
        }
    }
    #[cfg(not(unix))]
    let _ = folder; // NTFS journals names itself, and a folder cannot be opened as a file.
    Ok(())
}

#[cfg(unix)]
fn only_mine(meta: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    meta.mode() & 0o077 == 0 && meta.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn only_mine(_: &Metadata) -> bool {
    true
}
