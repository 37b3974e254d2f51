//! Files in and out: no links followed, nothing overwritten, nothing half-written, nobody else may read.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write as _},
    path::{Path, PathBuf},
};

use countersign_documents::text::visible;
use zeroize::Zeroizing;

use crate::failure::{FileError, FileFlaw};

/// A letter, an envelope, a form.
pub const SMALL: u64 = 256 * 1024;
/// Evidence, a text to be searched, a picture, a list of keys.
pub const LARGE: u64 = 8 * 1024 * 1024;

/// A file failure, with its path made fit for a terminal.
#[must_use]
pub fn fail(path: &Path, what: FileFlaw) -> FileError {
    FileError { path: visible(&path.to_string_lossy()), what }
}

/// What an error of the system means for whoever named the file.
#[must_use]
pub fn flaw_of(error: &std::io::Error) -> FileFlaw {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FileFlaw::Missing,
        ErrorKind::PermissionDenied => FileFlaw::Permission,
        ErrorKind::AlreadyExists => FileFlaw::Exists,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => FileFlaw::Full,
        ErrorKind::ReadOnlyFilesystem => FileFlaw::ReadOnly,
        ErrorKind::IsADirectory => FileFlaw::Folder,
        _ => FileFlaw::Other,
    }
}

/// The whole of a file of at most `limit` bytes; `-` is standard input.
pub fn read(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, FileError> {
    if path.as_os_str() == "-" {
        return read_from(std::io::stdin().lock(), path, limit, 0);
    }
    let meta = path.symlink_metadata().map_err(|e| fail(path, flaw_of(&e)))?;
    if meta.is_symlink() {
        return Err(fail(path, FileFlaw::Link));
    }
    if meta.is_dir() {
        return Err(fail(path, FileFlaw::Folder));
    }
    if !meta.is_file() {
        return Err(fail(path, FileFlaw::Special));
    }
    let file = File::open(path).map_err(|e| fail(path, flaw_of(&e)))?;
    read_from(file, path, limit, meta.len())
}

fn read_from(
    from: impl Read,
    path: &Path,
    limit: u64,
    expected: u64,
) -> Result<Zeroizing<Vec<u8>>, FileError> {
    if expected > limit {
        return Err(fail(path, FileFlaw::TooLarge));
    }
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let room = if expected == 0 { limit.min(SMALL) } else { expected } + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(room).unwrap_or(0)));
    from.take(limit + 1).read_to_end(&mut bytes).map_err(|e| fail(path, flaw_of(&e)))?;
    if bytes.len() as u64 > limit { Err(fail(path, FileFlaw::TooLarge)) } else { Ok(bytes) }
}

/// A UTF-8 text file.
pub fn read_text(path: &Path) -> Result<Zeroizing<String>, FileError> {
    read_text_of(path, SMALL)
}

/// A UTF-8 text file that holds a list: of keys from before there may be tens of thousands.
pub fn read_list(path: &Path) -> Result<Zeroizing<String>, FileError> {
    read_text_of(path, LARGE)
}

fn read_text_of(path: &Path, limit: u64) -> Result<Zeroizing<String>, FileError> {
    let bytes = read(path, limit)?;
    match core::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(fail(path, FileFlaw::NotText)),
    }
}

/// A text from an open file descriptor, which is no regular file.
pub fn read_text_special(path: &Path) -> Result<Zeroizing<String>, FileError> {
    let file = File::open(path).map_err(|e| fail(path, flaw_of(&e)))?;
    let bytes = read_from(file, path, SMALL, 0)?;
    match core::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(fail(path, FileFlaw::NotText)),
    }
}

/// Refuses early what `write_new` would refuse late.
pub fn check_new(path: &Path) -> Result<(), FileError> {
    match path.symlink_metadata() {
        Ok(meta) if meta.is_symlink() => Err(fail(path, FileFlaw::Link)),
        Ok(meta) if meta.is_dir() => Err(fail(path, FileFlaw::Folder)),
        Ok(_) => Err(fail(path, FileFlaw::Exists)),
        Err(_) => match folder_of(path).metadata() {
            Ok(folder) if folder.is_dir() => Ok(()),
            Ok(_) | Err(_) => Err(fail(folder_of(path), FileFlaw::Missing)),
        },
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file that must not be there, for this user alone. It appears whole and durable, or not at all.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    stage(path, bytes)?.publish()
}

/// Puts all of a file on the disk, without its name: what takes room is done before what must not be undone.
pub fn stage(path: &Path, bytes: &[u8]) -> Result<Staged, FileError> {
    check_new(path)?;
    let draft = draft(path, bytes).map_err(|error| fail(path, flaw_of(&error)))?;
    Ok(Staged { draft, path: path.to_owned() })
}

/// A file that lacks nothing but its name. Dropped without it, nothing is left.
#[derive(Debug)]
#[must_use]
pub struct Staged {
    draft: Draft,
    path: PathBuf,
}

impl Staged {
    /// Gives it its name, durably. What has the name by now is not replaced.
    pub fn publish(self) -> Result<(), FileError> {
        self.draft.link(&self.path).map_err(|error| fail(&self.path, flaw_of(&error)))
    }
}

/// Files that belong together: unless all were written, those that were are taken away again.
#[derive(Debug, Default)]
pub struct Together(Vec<PathBuf>);

impl Together {
    /// Writes one more of them.
    pub fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
        write_new(path, bytes)?;
        self.0.push(path.to_owned());
        Ok(())
    }

    /// All are written: they stay.
    pub fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Together {
    fn drop(&mut self) {
        for path in &self.0 {
            // What cannot be removed is whole, and stands in the way of the next try under its own name.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[derive(Debug)]
enum Draft {
    /// An unnamed file: a crash leaves nothing behind.
    #[cfg(target_os = "linux")]
    Unnamed(File),
    /// For file systems without unnamed files: written beside, then linked, which never replaces.
    Beside(Beside),
}

/// A file under a name of its own, removed when it is dropped.
#[derive(Debug)]
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Draft {
    fn link(self, path: &Path) -> std::io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Unnamed(file) => {
                use rustix::fs::{AtFlags, CWD, linkat};
                use std::os::fd::AsRawFd as _;
                let name = format!("/proc/self/fd/{}", file.as_raw_fd());
                linkat(CWD, name.as_str(), CWD, path, AtFlags::SYMLINK_FOLLOW)?;
                File::open(folder_of(path))?.sync_all()
            }
            Self::Beside(beside) => {
                std::fs::hard_link(&beside.0, path)?;
                std::fs::remove_file(&beside.0)
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn draft(path: &Path, bytes: &[u8]) -> std::io::Result<Draft> {
    use rustix::fs::{Mode, OFlags, open};

    let unnamed = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let Ok(fd) = open(folder_of(path), unnamed, Mode::RUSR | Mode::WUSR) else {
        return draft_beside(path, bytes);
    };
    let mut file = File::from(fd);
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(Draft::Unnamed(file))
}

#[cfg(not(target_os = "linux"))]
fn draft(path: &Path, bytes: &[u8]) -> std::io::Result<Draft> {
    draft_beside(path, bytes)
}

fn draft_beside(path: &Path, bytes: &[u8]) -> std::io::Result<Draft> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let beside = folder_of(path).join(name);
    let mut file = options.open(&beside)?;
    let draft = Beside(beside);
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(Draft::Beside(draft))
}
