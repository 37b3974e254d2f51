//! One file that is only ever replaced as a whole: under a lock, by rename, durably.
//!
//! Beside `<path>` stand `<path>.lock` (empty, never removed: a lock that comes and goes can be held twice) and, for
//! the moment of a write or after a crash in it, `<path>.new`. Readers take no lock: they see the old or the new file.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{Read as _, Write as _},
    path::Path,
    thread,
    time::Duration,
};

use countersign_ports::IssuerError;
use rustix::{
    fd::OwnedFd,
    fs::{
        AtFlags, CWD, FileType, FlockOperation, Gid, Mode, OFlags, Stat, Uid, fchmod, fchown, flock, fstat,
        fsync, openat, renameat, unlinkat,
    },
    io::Errno,
};

/// The largest file read or written, in bytes: several hundred thousand keys.
const LARGEST: u64 = 64 << 20;
/// How often the lock is tried, and the pause between: five seconds together.
const TRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(10);

/// A file in its folder. The folder stays open, so that all steps of a change happen in the same one.
pub(crate) struct Place<'a> {
    folder: OwnedFd,
    name: &'a OsStr,
}

/// Held until dropped.
pub(crate) struct Lock(#[expect(dead_code, reason = "closing it unlocks")] OwnedFd);

/// What was read.
pub(crate) struct Found {
    pub(crate) bytes: Vec<u8>,
    stat: Stat,
}

impl<'a> Place<'a> {
    /// Opens the folder of `path`.
    pub(crate) fn open(path: &'a Path) -> Result<Self, IssuerError> {
        let name =
            path.file_name().ok_or(IssuerError::Unexpected("the path of the hash file names no file"))?;
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat(CWD, folder, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::NOENT | Errno::NOTDIR => {
                IssuerError::Unavailable("the folder of the hash file is missing")
            }
            other => refused(other),
        })?;
        Ok(Self { folder, name })
    }

    /// Waits for the lock, at most five seconds.
    pub(crate) fn lock(&self) -> Result<Lock, IssuerError> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd =
            openat(&self.folder, self.beside(".lock"), flags, Mode::RUSR | Mode::WUSR).map_err(refused)?;
        for _ in 0..TRIES {
            match flock(&fd, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Lock(fd)),
                Err(Errno::WOULDBLOCK | Errno::INTR) => thread::sleep(PAUSE),
                Err(other) => return Err(refused(other)),
            }
        }
        Err(IssuerError::Unavailable("another process holds the hash file"))
    }

    /// The whole file, or `None` where there is none. A link, a folder or anything else but a file is `Unexpected`.
    pub(crate) fn read(&self) -> Result<Option<Found>, IssuerError> {
        // NONBLOCK: opening a pipe must not wait for its other end.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = match openat(&self.folder, self.name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(other) => return Err(refused(other)),
        };
        let stat = fstat(&fd).map_err(refused)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(IssuerError::Unexpected("something else stands where the hash file should be"));
        }
        if Mode::from_raw_mode(stat.st_mode).contains(Mode::WOTH) {
            return Err(IssuerError::Unexpected("anybody may write the hash file"));
        }
        let mut bytes = Vec::new();
        let read = File::from(fd).take(LARGEST + 1).read_to_end(&mut bytes);
        read.map_err(|_| IssuerError::Unavailable("the hash file cannot be read"))?;
        within_bounds(&bytes)?;
        Ok(Some(Found { bytes, stat }))
    }

    /// Puts `bytes` in the place of what was `found`, or where nothing was. After an error the file is the old or the
    /// new one, never a part. Mode, owner and group stay; access lists and other attributes beyond them do not.
    pub(crate) fn replace(
        &self,
        _held: &Lock,
        found: Option<&Found>,
        bytes: &[u8],
    ) -> Result<(), IssuerError> {
        within_bounds(bytes)?;
        found.map_or(Ok(()), may_be_replaced)?;
        let fresh = self.beside(".new");
        // Only a crash leaves one behind: whoever holds the lock is alone.
        match unlinkat(&self.folder, &fresh, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(other) => return Err(refused(other)),
        }
        let written = self
            .write_new(&fresh, found, bytes)
            .and_then(|()| renameat(&self.folder, &fresh, &self.folder, self.name).map_err(refused));
        if let Err(reason) = written {
            // Best effort: the next change removes it otherwise, and it holds hashes only.
            let _ = unlinkat(&self.folder, &fresh, AtFlags::empty());
            return Err(reason);
        }
        fsync(&self.folder).map_err(refused)
    }

    fn write_new(&self, name: &OsStr, found: Option<&Found>, bytes: &[u8]) -> Result<(), IssuerError> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let owner_only = Mode::RUSR | Mode::WUSR;
        let mut file = File::from(openat(&self.folder, name, flags, owner_only).map_err(refused)?);
        if let Some(Found { stat: old, .. }) = found {
            let new = fstat(&file).map_err(refused)?;
            // Most often the group is the gateway's: without it the gateway could not read the file any more.
            let uid = (new.st_uid != old.st_uid).then(|| Uid::from_raw(old.st_uid));
            let gid = (new.st_gid != old.st_gid).then(|| Gid::from_raw(old.st_gid));
            if uid.is_some() || gid.is_some() {
                fchown(&file, uid, gid).map_err(|_| {
                    IssuerError::Unavailable("owner and group of the hash file cannot be kept")
                })?;
            }
        }
        let mode = found.map_or(owner_only, |old| Mode::from_raw_mode(old.stat.st_mode & 0o777));
        fchmod(&file, mode).map_err(refused)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.map_err(|error| Errno::from_io_error(&error).map_or(CANNOT_WRITE, refused))
    }

    fn beside(&self, suffix: &str) -> OsString {
        let mut name = self.name.to_owned();
        name.push(suffix);
        name
    }
}

const CANNOT_WRITE: IssuerError = IssuerError::Unavailable("the hash file cannot be written");

fn within_bounds(bytes: &[u8]) -> Result<(), IssuerError> {
    if bytes.len() as u64 > LARGEST {
        Err(IssuerError::Unexpected("the hash file is too large"))
    } else {
        Ok(())
    }
}

/// A rename would succeed here against the will of who set the file up, or leave its other name with the old keys.
fn may_be_replaced(found: &Found) -> Result<(), IssuerError> {
    if !Mode::from_raw_mode(found.stat.st_mode).contains(Mode::WUSR) {
        return Err(IssuerError::Unavailable("the hash file is read-only"));
    }
    if found.stat.st_nlink > 1 {
        return Err(IssuerError::Unexpected(
            "the hash file has a second name, which would keep the old keys",
        ));
    }
    Ok(())
}

fn refused(errno: Errno) -> IssuerError {
    match errno {
        Errno::NOSPC | Errno::DQUOT => IssuerError::Unavailable("the disk is full"),
        Errno::ACCESS | Errno::PERM => IssuerError::Unavailable("the system denies access to the hash file"),
        Errno::ROFS => IssuerError::Unavailable("the file system is read-only"),
        Errno::BUSY => IssuerError::Unavailable("the hash file is a mount point: mount its folder instead"),
        Errno::LOOP => IssuerError::Unexpected("a symbolic link stands where the hash file should be"),
        Errno::ISDIR => IssuerError::Unexpected("a folder stands where a file should be"),
        _ => CANNOT_WRITE,
    }
}
