//! One window at a time has a profile open: two would each show what the other has changed already.

use std::{fs::File, path::Path};

use crate::{
    failure::{Error, FileFlaw},
    files,
};

/// Held as long as the window has the profile. The system releases it, however the program ends.
pub struct Claim(#[expect(dead_code, reason = "it is held, not read")] File);

/// Claims a profile's folder for the windows of this process. Terminals may use the same profile.
///
/// # Errors
///
/// [`Error::InUse`] where another process has claimed it; [`Error::File`] where no lock can be kept in the folder.
pub fn claim(folder: &Path) -> Result<Claim, Error> {
    let path = folder.join("window.lock");
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|_| files::fail(&path, FileFlaw::Permission))?;
    match file.try_lock() {
        Ok(()) => Ok(Claim(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::InUse),
        Err(std::fs::TryLockError::Error(_)) => Err(files::fail(&path, FileFlaw::Other).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "an empty lock file is no secret")]
    fn a_profile_is_claimed_by_one_window_until_that_lets_go() {
        let folder = std::env::temp_dir().join(format!("countersign-claim-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let first = claim(&folder).expect("nobody has it yet");
        assert!(matches!(claim(&folder), Err(Error::InUse)), "a second window is refused");
        drop(first);
        assert!(claim(&folder).is_ok(), "what was let go can be claimed");
        std::fs::remove_dir_all(&folder).expect("the folder is ours");
    }
}
