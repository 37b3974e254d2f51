//! Files that the relay is given, and the folder it keeps.

use std::{
    fs::{self, DirBuilder, File, Metadata},
    io::Read as _,
    path::Path,
};

use zeroize::Zeroizing;

use crate::failure::{Failure, FileFlaw};

/// The most that any file of settings, certificates or cards weighs.
pub(crate) const LARGEST: u64 = 256 * 1024;

/// From whom the bytes of a file are to be hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hidden {
    /// From whoever is neither its owner nor of its group.
    FromOthers,
    /// From everybody but its owner.
    FromAll,
}

/// The whole of a file.
pub(crate) fn read(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, Failure> {
    read_file(open(path)?, path, most)
}

/// The whole of a file with a secret in it.
pub(crate) fn read_hidden(path: &Path, from: Hidden) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let file = open(path)?;
    let meta = file.metadata().map_err(|error| Failure::file(path, error.kind()))?;
    if !is_hidden(&meta, from) {
        return Err(Failure::file(path, FileFlaw::NotPrivate));
    }
    read_file(file, path, LARGEST)
}

/// The whole of a text.
pub(crate) fn text(path: &Path, bytes: &Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, Failure> {
    let text = core::str::from_utf8(bytes).map_err(|_| Failure::file(path, FileFlaw::NotText))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Whether nobody but the owner may read it.
pub(crate) fn is_private(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| is_hidden(&meta, Hidden::FromAll))
}

/// A folder for this user alone, made where there is none.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(folder).and_then(|()| fs::symlink_metadata(folder));
    match made {
        Ok(meta) if meta.is_dir() && is_mine(&meta) && is_hidden(&meta, Hidden::FromAll) => Ok(()),
        Ok(_) => Err(Failure::file(folder, FileFlaw::FolderNotPrivate)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(Failure::file(folder, FileFlaw::FolderNotPrivate))
        }
        Err(error) => Err(Failure::file(folder, error.kind())),
    }
}

fn open(path: &Path) -> Result<File, Failure> {
    // A pipe would wait for its writer.
    let meta = fs::metadata(path).map_err(|error| Failure::file(path, error.kind()))?;
    if !meta.is_file() {
        return Err(Failure::file(path, FileFlaw::NoFile));
    }
    File::open(path).map_err(|error| Failure::file(path, error.kind()))
}

fn read_file(file: File, path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let expected = file.metadata().map_or(most, |meta| meta.len().min(most));
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(expected).unwrap_or(0) + 1));
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| Failure::file(path, error.kind()))?;
    if bytes.len() as u64 > most { Err(Failure::file(path, FileFlaw::TooLarge)) } else { Ok(bytes) }
}

#[cfg(unix)]
fn is_hidden(meta: &Metadata, from: Hidden) -> bool {
    let open_to = match from {
        Hidden::FromOthers => 0o007,
        Hidden::FromAll => 0o077,
    };
    std::os::unix::fs::MetadataExt::mode(meta) & open_to == 0
}

/// There a file has the access list of its folder.
#[cfg(not(unix))]
fn is_hidden(_: &Metadata, _: Hidden) -> bool {
    true
}

#[cfg(unix)]
fn is_mine(meta: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(meta) == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_mine(_: &Metadata) -> bool {
    true
}
