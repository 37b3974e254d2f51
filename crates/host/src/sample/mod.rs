//! The sample: people, an organisation and an exchange to play with, in a folder to be thrown away.
//!
//! Here lives who takes part and who sits at the window. What may not live here: a short cut around a rule. All of it is
//! real but the mark, which the root and every profile bear, so that nothing of it is ever taken for more than it is.

mod furnish;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_adapters::SystemEntropy;
use countersign_contract::{SamplePerson, Window};
use countersign_ports::Entropy as _;
use countersign_vault::{KeyFile, Unlock, VaultFile};
use data_encoding::HEXLOWER;

use crate::{
    failure::{Error, FileFlaw},
    files,
    host::{Host, Open},
};

/// The sample of this program, as long as it runs.
pub(crate) struct Room {
    /// Everything is in it.
    pub(crate) folder: PathBuf,
    /// Who takes part, in the order in which they have something to do.
    pub(crate) people: Vec<SamplePerson>,
}

impl Room {
    /// A room with everybody in it, and a request that waits.
    async fn make() -> Result<Self, Error> {
        let folder = make_folder()?;
        match furnish::furnish(&folder).await {
            Ok(people) => Ok(Self { folder, people }),
            Err(error) => {
                // Half a sample is worth nothing; what is left of it lies where the system clears up by itself.
                let _ = std::fs::remove_dir_all(&folder);
                Err(error)
            }
        }
    }

    /// Files that lie there for somebody, the newest first.
    pub(crate) fn left(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let ours = files.filter(|path| path.extension().is_some_and(|ending| ending == "countersign"));
        let mut found: Vec<_> =
            ours.map(|path| (path.metadata().and_then(|m| m.modified()).ok(), path)).collect();
        found.sort_by(|a, b| b.cmp(a));
        found.into_iter().map(|(_, path)| path.to_string_lossy().into_owned()).collect()
    }

    /// Who takes part, seen from the chair of one of them.
    pub(crate) fn seen_from(&self, folder: Option<&Path>) -> Vec<SamplePerson> {
        let here = |person: &SamplePerson| folder == Some(Path::new(&person.folder));
        self.people.iter().map(|person| SamplePerson { here: here(person), ..person.clone() }).collect()
    }
}

/// The key file that opens a profile of the sample.
fn key_file(profile: &Path) -> PathBuf {
    profile.with_extension("unlock")
}

/// A folder for this user alone, where the system clears up by itself.
#[allow(
    clippy::disallowed_methods,
    reason = "the folder is this user's alone from its first moment, and its keys open nothing that is real"
)]
fn make_folder() -> Result<PathBuf, Error> {
    let mut unique = [0u8; 8];
    SystemEntropy.fill(&mut unique)?;
    let folder = std::env::temp_dir().join(format!("countersign-sample-{}", HEXLOWER.encode(&unique)));
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder).map_err(|_| files::fail(&folder, FileFlaw::Other))?;
    Ok(folder)
}

impl Host {
    /// Makes a sample, and sits down as its first person.
    pub(crate) async fn try_it(&self) -> Result<(), Error> {
        let room = Room::make().await?;
        let first = room.people.first().map(|person| PathBuf::from(&person.folder)).ok_or(Error::Stale)?;
        if let Some(before) = self.sample.lock().await.replace(room) {
            let _ = std::fs::remove_dir_all(before.folder);
        }
        self.sit_down(&first).await
    }

    /// Goes on as another person of the sample.
    pub(crate) async fn go_on_as(&self, folder: &str) -> Result<(), Error> {
        let known =
            self.sample.lock().await.as_ref().is_some_and(|r| r.people.iter().any(|p| p.folder == folder));
        if !known {
            return Err(Error::Usage("There is nobody like this in the sample."));
        }
        self.sit_down(Path::new(folder)).await
    }

    /// Throws the sample away; the start page is shown.
    pub(crate) async fn leave_sample(&self) -> Result<(), Error> {
        let room = self.sample.lock().await.take().ok_or(Error::Stale)?;
        self.lock().await;
        let mut profile = self.profile.lock().await;
        (profile.folder, profile.key_file, profile.claimed) = (None, None, None);
        drop(profile);
        std::fs::remove_dir_all(&room.folder).map_err(|_| files::fail(&room.folder, FileFlaw::Other))?;
        self.shell.tell(crate::shell::Change::Session);
        Ok(())
    }

    /// The program ends: a sample ends with it.
    pub async fn end(&self) {
        self.profile.lock().await.open = Open::Locked;
        if let Some(room) = self.sample.lock().await.take() {
            // What is left lies where the system clears up by itself.
            let _ = std::fs::remove_dir_all(room.folder);
        }
    }

    /// The chair of one person is taken: whoever sat there is locked, and every window but this person's closes.
    async fn sit_down(&self, folder: &Path) -> Result<(), Error> {
        let key = KeyFile::read(&key_file(folder))?;
        let vault = VaultFile::open(folder, Unlock::KeyFile(&key), self.entropy()).await?;
        let mut profile = self.profile.lock().await;
        profile.claim(folder)?;
        profile.open = Open::Locked;
        profile.key_file = Some(key_file(folder));
        drop(profile);
        *self.question.lock().await = None;
        *self.revealed.lock().await = None;
        *self.task.lock().await = None;
        self.enter(folder, Arc::new(vault)).await?;
        let mine = match self.profile.lock().await.open {
            Open::Inbox(..) => Window::Inbox,
            Open::Locked | Open::Unattached(_) | Open::Desk(..) => Window::Desk,
        };
        for window in Window::ALL {
            if window != mine {
                self.shell.close(window);
            }
        }
        Ok(())
    }
}
