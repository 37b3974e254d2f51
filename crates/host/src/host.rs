//! The state between two calls: which profile, locked or open.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_adapters::{SystemClock, SystemEntropy};
use countersign_app::{Own, ProfileKind, desk::Desk, inbox::Inbox};
use countersign_contract::{GivenView, Window};
use countersign_documents::id::KeyId;
use countersign_envelope::Link;
use countersign_ports::Entropy;
use countersign_vault::VaultFile;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use crate::{
    claim::{Claim, claim},
    confirm::Question,
    failure::Error,
    news::{Known, news},
    opening::Task,
    sample::Room,
    settings,
    shell::{Change, Shell},
    wiring,
};

/// Whether a text is the link of an envelope.
#[must_use]
pub fn is_link(text: &str) -> bool {
    Link::parse(text).is_ok()
}

/// Answers calls for one profile.
pub struct Host {
    pub(crate) shell: Arc<dyn Shell>,
    pub(crate) profile: Mutex<Profile>,
    /// What the vault's window is asking.
    pub(crate) task: Mutex<Option<Task>>,
    /// What the confirm window is showing.
    pub(crate) question: Mutex<Option<Question>>,
    /// The key that the reveal window may read, once.
    pub(crate) revealed: Mutex<Option<KeyId>>,
    /// What the program was started with, until a window has shown it.
    pub(crate) given: Mutex<GivenView>,
    /// The sample, where somebody plays with one.
    pub(crate) sample: Mutex<Option<Room>>,
    /// How long the ledger was when the windows were last told of it.
    told: Mutex<Option<u64>>,
    /// What waited for the person when it was looked at last.
    known: Mutex<Known>,
}

/// Which profile, and whether its keys are in memory.
pub(crate) struct Profile {
    pub(crate) folder: Option<PathBuf>,
    /// A key file that was named at the start.
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) open: Open,
    /// The claim on a folder, so that no second window opens it.
    pub(crate) claimed: Option<(PathBuf, Claim)>,
}

impl Profile {
    /// Makes sure that no other process has a window on this folder.
    pub(crate) fn claim(&mut self, folder: &Path) -> Result<(), Error> {
        if self.claimed.as_ref().is_none_or(|(held, _)| held != folder) {
            self.claimed = Some((folder.to_owned(), claim(folder)?));
        }
        Ok(())
    }
}

/// How far a profile is open.
pub(crate) enum Open {
    /// Nothing is in memory.
    Locked,
    /// A desk that is not attached to a ledger yet.
    Unattached(Arc<VaultFile>),
    /// A desk.
    Desk(Arc<VaultFile>, Box<Desk>),
    /// A partner's inbox.
    Inbox(Arc<VaultFile>, Box<Inbox>),
}

impl Open {
    pub(crate) fn vault(&self) -> Option<&Arc<VaultFile>> {
        match self {
            Self::Locked => None,
            Self::Unattached(vault) | Self::Desk(vault, _) | Self::Inbox(vault, _) => Some(vault),
        }
    }
}

impl Host {
    /// A host without a profile, or with a locked one.
    pub fn new(shell: Arc<dyn Shell>, folder: Option<PathBuf>, key_file: Option<PathBuf>) -> Self {
        Self {
            shell,
            profile: Mutex::new(Profile { folder, key_file, open: Open::Locked, claimed: None }),
            task: Mutex::new(None),
            question: Mutex::new(None),
            revealed: Mutex::new(None),
            given: Mutex::new(GivenView::default()),
            sample: Mutex::new(None),
            told: Mutex::new(None),
            known: Mutex::new(None),
        }
    }

    /// Files and a link that the program was started with. The desk or inbox that opens first shows them; nothing is
    /// read before a person says so.
    #[must_use]
    pub fn with_given(mut self, files: Vec<String>, link: Option<String>) -> Self {
        *self.given.get_mut() = GivenView { files, link };
        self
    }

    /// The desk, caught up with its ledger.
    pub(crate) async fn desk(&self) -> Result<MappedMutexGuard<'_, Desk>, Error> {
        let mut desk = MutexGuard::try_map(self.profile.lock().await, |p| match &mut p.open {
            Open::Desk(_, desk) => Some(&mut **desk),
            Open::Locked | Open::Unattached(_) | Open::Inbox(..) => None,
        })
        .map_err(|_| Error::Locked)?;
        desk.catch_up().await?;
        Ok(desk)
    }

    /// Looks for what other desks wrote meanwhile, so that no window shows yesterday's ledger. A desk that is busy is
    /// looked at the next time; a ledger that cannot be read is shown as such by whatever asks for it.
    pub async fn notice(&self) {
        let Ok(mut profile) = self.profile.try_lock() else { return };
        let Open::Desk(_, desk) = &mut profile.open else { return };
        let size = desk.catch_up().await.ok().map(|()| desk.head().size);
        let mut told = self.told.lock().await;
        if *told == size {
            return;
        }
        *told = size;
        let due = desk.due().await;
        drop(profile);
        self.shell.tell(Change::Content);
        // A ledger that cannot be read is no news: whatever asks for it says so.
        let Ok(due) = due else { return };
        if let Some(sentence) = news(&mut *self.known.lock().await, &due)
            && settings::read().notify
        {
            self.shell.notify(&sentence);
        }
    }

    /// The inbox.
    pub(crate) async fn inbox(&self) -> Result<MappedMutexGuard<'_, Inbox>, Error> {
        MutexGuard::try_map(self.profile.lock().await, |p| match &mut p.open {
            Open::Inbox(_, inbox) => Some(&mut **inbox),
            Open::Locked | Open::Unattached(_) | Open::Desk(..) => None,
        })
        .map_err(|_| Error::Locked)
    }

    /// The vault of the open profile.
    pub(crate) async fn vault(&self) -> Result<Arc<VaultFile>, Error> {
        self.profile.lock().await.open.vault().cloned().ok_or(Error::Locked)
    }

    /// The folder of the chosen profile.
    pub(crate) async fn folder(&self) -> Result<PathBuf, Error> {
        self.profile.lock().await.folder.clone().ok_or(Error::Locked)
    }

    pub(crate) fn entropy(&self) -> Arc<dyn Entropy> {
        Arc::new(SystemEntropy)
    }

    /// Goes on with an unlocked vault: its window opens, and the one that asked closes.
    pub(crate) async fn enter(&self, folder: &Path, vault: Arc<VaultFile>) -> Result<(), Error> {
        let (open, window) = match Own::load(&*vault).await?.about.kind {
            ProfileKind::Inbox => {
                let inbox = Inbox::open(Arc::new(SystemClock), self.entropy(), vault.clone()).await?;
                (Open::Inbox(vault, Box::new(inbox)), Window::Inbox)
            }
            ProfileKind::Desk => match wiring::desk(folder, vault.clone()).await? {
                Some(desk) => (Open::Desk(vault, Box::new(desk)), Window::Desk),
                None => (Open::Unattached(vault), Window::Desk),
            },
        };
        let mut profile = self.profile.lock().await;
        profile.claim(folder)?;
        profile.folder = Some(folder.to_owned());
        profile.open = open;
        drop(profile);
        self.shell.open(window);
        self.shell.close(Window::Start);
        self.shell.tell(Change::Session);
        // What waits from here on is new.
        self.notice().await;
        Ok(())
    }

    /// Forgets the keys. Whatever a window was asking is over.
    pub async fn lock(&self) {
        let mut profile = self.profile.lock().await;
        if matches!(profile.open, Open::Locked) {
            return;
        }
        profile.open = Open::Locked;
        drop(profile);
        *self.question.lock().await = None;
        *self.revealed.lock().await = None;
        *self.task.lock().await = None;
        *self.told.lock().await = None;
        *self.known.lock().await = None;
        self.shell.open(Window::Start);
        for window in [Window::Desk, Window::Inbox, Window::Confirm, Window::Reveal, Window::Vault] {
            self.shell.close(window);
        }
        self.shell.tell(Change::Session);
    }

    /// The time is over for which a text was lent to the clipboard.
    pub fn end_loan(&self, text: &str) {
        self.shell.end_loan(text);
    }
}
