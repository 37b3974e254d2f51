//! The door of a window: whoever starts the program once more hands over what it was given, and the window comes to the
//! front.
//!
//! It stands beside the lock of the profile, is this user's alone, and takes nothing but paths and addresses (`given`). What
//! comes in is shown, never run, and addresses are written nowhere.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::mpsc::UnboundedSender,
    task::AbortHandle,
    time::timeout,
};
use zeroize::Zeroizing;

#[cfg(unix)]
use self::unix as way;
#[cfg(windows)]
use self::windows as way;
use crate::{failure::Error, given::Given};

/// For which profile, and what.
pub(crate) type Came = (PathBuf, Given);

/// More than anybody hands over at once.
const LIMIT: u32 = 64 * 1024;
/// How long a knock may take: both ends are on this machine.
const PATIENCE: Duration = Duration::from_secs(5);
/// It is in the right hands.
const TAKEN: u8 = b'+';

/// An open door. Dropped, it is closed.
pub(crate) struct Door {
    task: AbortHandle,
    place: PathBuf,
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
        let _gone_already = std::fs::remove_file(&self.place);
    }
}

/// Opens the door of a profile that this process has claimed.
pub(crate) fn open(folder: &Path, to: UnboundedSender<Came>) -> io::Result<Door> {
    let place = way::place(folder);
    // The claim is ours: what lies there was left by a program that did not end well.
    let _none_was_left = std::fs::remove_file(&place);
    let task = tokio::spawn(way::listen(way::bind(&place)?, folder.to_owned(), to)).abort_handle();
    Ok(Door { task, place })
}

/// Hands something over to the window that has a profile, which comes to the front.
///
/// # Errors
///
/// [`Error::InUse`] where nobody answers.
pub(crate) async fn knock(folder: &Path, given: &Given) -> Result<(), Error> {
    let handed = timeout(PATIENCE, async { hand(way::connect(&way::place(folder)).await?, given).await });
    handed.await.unwrap_or_else(|late| Err(late.into())).map_err(|_| Error::InUse)
}

async fn hand(mut to: impl AsyncRead + AsyncWrite + Unpin, given: &Given) -> io::Result<()> {
    let packed = given.pack();
    let length = u32::try_from(packed.len()).ok().filter(|length| *length <= LIMIT);
    to.write_all(&length.ok_or(io::ErrorKind::FileTooLarge)?.to_be_bytes()).await?;
    to.write_all(&packed).await?;
    to.flush().await?;
    if to.read_u8().await? == TAKEN { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Takes what one caller brings. Whoever is slow, or brings something else, is left standing.
async fn take(mut from: impl AsyncRead + AsyncWrite + Unpin, folder: &Path, to: &UnboundedSender<Came>) {
    let taken = timeout(PATIENCE, async {
        let length = from.read_u32().await?;
        if length > LIMIT {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let mut packed = Zeroizing::new(vec![0; length as usize]);
        from.read_exact(&mut packed).await?;
        let given = Given::unpack(&packed).ok_or(io::ErrorKind::InvalidData)?;
        to.send((folder.to_owned(), given)).map_err(|_| io::ErrorKind::BrokenPipe)?;
        from.write_u8(TAKEN).await?;
        from.flush().await
    });
    let _the_caller_says_what_went_wrong = taken.await;
}

#[cfg(all(test, unix))]
mod tests {
    use tokio::{net::UnixStream, sync::mpsc};

    use super::*;

    #[tokio::test]
    async fn what_is_handed_over_comes_in_and_a_closed_door_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        assert!(matches!(knock(dir.path(), &Given::default()).await, Err(Error::InUse)), "there is no door");
        let (to, mut came) = mpsc::unbounded_channel();
        let door = open(dir.path(), to).expect("it opens");
        let given = Given { files: vec!["/tmp/a.countersign".to_owned()], addresses: Vec::new() };
        knock(dir.path(), &given).await.expect("somebody answers");
        let (folder, taken) = came.recv().await.expect("it came in");
        assert_eq!((folder.as_path(), taken.files), (dir.path(), given.files));
        drop(door);
        assert!(matches!(knock(dir.path(), &Given::default()).await, Err(Error::InUse)), "it is closed");
        assert!(!way::place(dir.path()).exists(), "and nothing of it is left");
    }

    #[tokio::test]
    async fn the_door_is_this_users_alone_and_takes_nothing_else() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let (to, mut came) = mpsc::unbounded_channel();
        let _door = open(dir.path(), to).expect("it opens");
        let place = way::place(dir.path());
        let mode = place.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else may knock");
        for bad in [&[0, 0, 0, 3, b'r', b'u', b'n'][..], &LIMIT.saturating_add(1).to_be_bytes()] {
            let mut stream = UnixStream::connect(&place).await.expect("it is open");
            stream.write_all(bad).await.expect("it is read");
            assert!(stream.read_u8().await.is_err(), "{bad:?} is not taken");
        }
        knock(dir.path(), &Given::default()).await.expect("the next caller is heard all the same");
        assert!(came.recv().await.expect("it came in").1.is_empty(), "and nothing of the others came in");
    }

    #[tokio::test]
    async fn a_door_that_a_crash_left_behind_is_no_obstacle() {
        let dir = tempfile::tempdir().expect("a folder");
        drop(std::os::unix::net::UnixListener::bind(way::place(dir.path())).expect("it is bound"));
        assert!(way::place(dir.path()).exists(), "nobody tidied up");
        let (to, _came) = mpsc::unbounded_channel();
        let _door = open(dir.path(), to).expect("it opens");
        knock(dir.path(), &Given::default()).await.expect("somebody answers");
    }
}
