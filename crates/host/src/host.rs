//! The state between two calls: which profile, locked or open.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_adapters::{SystemClock, SystemEntropy};
use countersign_app::{Own, ProfileKind, desk::Desk, inbox::Inbox};
use countersign_contract::{DueView, Window};
use countersign_documents::id::KeyId;
use countersign_envelope::Link;
use countersign_ports::{Clock as _, Entropy};
use countersign_vault::VaultFile;
use tokio::{
    sync::{
        MappedMutexGuard, Mutex, MutexGuard, Notify,
        mpsc::{self, UnboundedReceiver, UnboundedSender},
        watch,
    },
    task::AbortHandle,
    time::Instant,
};

use crate::{
    calls::Fetched,
    claim::{Claim, claim},
    confirm::Question,
    door::{self, Came, Door},
    failure::Error,
    given::Given,
    label::Label,
    listening::Relays,
    news::{Known, news, while_locked},
    opening::Task,
    resume::Attempts,
    sample::Room,
    settings,
    shell::{Change, Shell},
    wiring,
};

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
    /// What is to be opened, until a window has shown it: for which profile, where that is decided.
    pub(crate) given: Mutex<Vec<(Option<PathBuf>, Given)>>,
    /// What comes through the door.
    pub(crate) door: Mutex<UnboundedReceiver<Came>>,
    /// Closes the reveal window when its time is over.
    pub(crate) curtain: Mutex<Option<AbortHandle>>,
    /// The sample, where somebody plays with one.
    pub(crate) sample: Mutex<Option<Room>>,
    /// How long the ledger was when the windows were last told of it.
    told: Mutex<Option<u64>>,
    /// What waited for the person when it was looked at last.
    known: Mutex<Known>,
    /// When a key of the inbox that was locked last reminds of its end: times, and nothing of what they are about.
    reminders: Mutex<Vec<u64>>,
    /// When orders that wait are tried again.
    pub(crate) attempts: Mutex<Attempts>,
    /// Somebody does not want to wait for the end of verifying.
    pub(crate) enough: Notify,
    /// What is known of relays.
    pub(crate) relays: Mutex<Relays>,
    /// Says that another profile is open, or none, or that it has other relays.
    pub(crate) sittings: watch::Sender<()>,
    /// A link that came from outside, or that could not be followed.
    pub(crate) link: Mutex<Option<Link>>,
    /// What was fetched by a link.
    pub(crate) fetched: Mutex<Option<Fetched>>,
}

/// Which profile, and whether its keys are in memory.
pub(crate) struct Profile {
    pub(crate) folder: Option<PathBuf>,
    /// A key file that was named at the start.
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) open: Open,
    /// The claim on a folder, so that no second window opens it, and the door for whoever tries.
    pub(crate) claimed: Option<Claimed>,
    /// Where what comes through the door goes.
    doorway: UnboundedSender<Came>,
}

/// A folder that this process has a window on. What is dropped first is closed first.
pub(crate) struct Claimed {
    folder: PathBuf,
    /// None where the system has none there: then a second start is told that the profile is in use.
    _door: Option<Door>,
    _claim: Claim,
}

impl Profile {
    /// Makes sure that no other process has a window on this folder.
    pub(crate) fn claim(&mut self, folder: &Path) -> Result<(), Error> {
        if self.claimed.as_ref().is_some_and(|held| held.folder == folder) {
            return Ok(());
        }
        let claim = claim(folder)?;
        // The door of the folder before closes first: it may be the same one under another name.
        self.claimed = None;
        let door = door::open(folder, self.doorway.clone()).ok();
        self.claimed = Some(Claimed { folder: folder.to_owned(), _door: door, _claim: claim });
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
        let (doorway, door) = mpsc::unbounded_channel();
        Self {
            shell,
            profile: Mutex::new(Profile { folder, key_file, open: Open::Locked, claimed: None, doorway }),
            task: Mutex::new(None),
            question: Mutex::new(None),
            revealed: Mutex::new(None),
            given: Mutex::new(Vec::new()),
            door: Mutex::new(door),
            curtain: Mutex::new(None),
            sample: Mutex::new(None),
            told: Mutex::new(None),
            known: Mutex::new(None),
            reminders: Mutex::default(),
            attempts: Mutex::default(),
            enough: Notify::new(),
            relays: Mutex::default(),
            sittings: watch::Sender::new(()),
            link: Mutex::new(None),
            fetched: Mutex::new(None),
        }
    }

    /// What the program was started with, for the profile that it was started with. Nothing is opened before a person says
    /// so.
    #[must_use]
    pub fn with_given(mut self, given: Given) -> Self {
        if !given.is_empty() {
            let folder = self.profile.get_mut().folder.clone();
            self.given.get_mut().push((folder, given));
        }
        self
    }

    /// The desk, caught up with its ledger.
    pub(crate) async fn desk(&self) -> Result<MappedMutexGuard<'_, Desk>, Error> {
        let mut desk = self.desk_as_it_is().await?;
        desk.catch_up().await?;
        Ok(desk)
    }

    /// The desk for stopping keys, and for whatever leads there: where the ledger cannot be read, what the desk knew last
    /// must do.
    pub(crate) async fn desk_to_stop(&self) -> Result<MappedMutexGuard<'_, Desk>, Error> {
        let mut desk = self.desk_as_it_is().await?;
        desk.catch_up_to_stop().await?;
        Ok(desk)
    }

    /// The desk, whatever its ledger is like.
    pub(crate) async fn desk_as_it_is(&self) -> Result<MappedMutexGuard<'_, Desk>, Error> {
        MutexGuard::try_map(self.profile.lock().await, |p| match &mut p.open {
            Open::Desk(_, desk) => Some(&mut **desk),
            Open::Locked | Open::Unattached(_) | Open::Inbox(..) => None,
        })
        .map_err(|_| Error::Locked)
    }

    /// Looks for what other desks wrote meanwhile, so that no window shows yesterday's ledger, and goes on with orders
    /// that wait. A desk that is busy is looked at the next time; a ledger that cannot be read is shown as such by
    /// whatever asks for it.
    pub async fn notice(&self) {
        let Ok(mut profile) = self.profile.try_lock() else { return };
        let Open::Desk(_, desk) = &mut profile.open else { return };
        let resumed = self.resume_stops(desk, Instant::now()).await;
        let size = desk.catch_up().await.ok().map(|()| desk.head().size);
        let mut told = self.told.lock().await;
        if *told == size && !resumed {
            return;
        }
        *told = size;
        let due = desk.due().await;
        drop(profile);
        self.shell.tell(Change::Content);
        // A ledger that cannot be read is no news: whatever asks for it says so.
        if let Ok(due) = due {
            self.tell_news(&due).await;
        }
    }

    /// What waits before the windows open stands in them; whatever comes after it is news. It is looked at while nobody else
    /// can have the desk: the pages ask for theirs at once, and a desk that is busy is not noticed.
    async fn take_stock(&self, open: &Open) {
        let Open::Desk(_, desk) = open else { return };
        if let Ok(due) = desk.due().await {
            *self.told.lock().await = Some(desk.head().size);
            self.tell_news(&due).await;
        }
    }

    /// Reminds the holder of keys. An inbox changes by the passing of days alone, so this is asked for now and then. One that
    /// is locked says no more than that a key ends.
    pub async fn remind(&self) {
        let due = match self.inbox().await {
            Ok(inbox) => inbox.due().await,
            Err(_) => return self.remind_while_locked().await,
        };
        if let Ok(due) = due {
            self.tell_news(&due).await;
        }
    }

    async fn remind_while_locked(&self) {
        let Some(now) = SystemClock.now() else { return };
        if let Some(sentence) = while_locked(&mut *self.reminders.lock().await, now.0)
            && settings::read().notify
        {
            self.shell.notify(&sentence);
        }
    }

    async fn tell_news(&self, due: &[DueView]) {
        let Some(now) = SystemClock.now() else { return };
        if let Some(sentence) = news(&mut *self.known.lock().await, due, now.0)
            && settings::read().notify
        {
            self.shell.notify(&sentence);
        }
    }

    /// Writes the label of the open profile anew. One that cannot be written costs a name in a list, and nothing else.
    pub(crate) async fn relabel(&self) {
        let profile = self.profile.lock().await;
        let (Some(folder), Some(vault)) = (&profile.folder, profile.open.vault()) else { return };
        let Ok(own) = Own::load(&**vault).await else { return };
        let label = match &profile.open {
            Open::Desk(_, desk) => Ok(Label::of_desk(&own, desk)),
            Open::Inbox(_, inbox) => Label::of_inbox(&own, inbox).await,
            Open::Unattached(_) | Open::Locked => Ok(Label::fresh(&own)),
        };
        if let Ok(label) = label
            && Label::read(folder).as_ref() != Some(&label)
        {
            let _only_a_label = label.write(folder);
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
                let inbox =
                    Inbox::open(Arc::new(SystemClock), self.entropy(), vault.clone(), wiring::relay())
                        .await?;
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
        self.take_stock(&profile.open).await;
        drop(profile);
        self.sittings.send_replace(());
        self.shell.open(window);
        self.shell.close(Window::Start);
        self.shell.tell(Change::Session);
        self.relabel().await;
        self.reminders.lock().await.clear();
        self.notice().await;
        self.remind().await;
        Ok(())
    }

    /// Forgets the keys. Whatever a window was asking is over.
    pub async fn lock(&self) {
        // A passphrase that is being chosen is forgotten even where nothing is open.
        *self.task.lock().await = None;
        let mut profile = self.profile.lock().await;
        if matches!(profile.open, Open::Locked) {
            drop(profile);
            self.shell.close(Window::Vault);
            return;
        }
        let reminders = match &profile.open {
            Open::Inbox(_, inbox) => inbox.reminders().await.unwrap_or_default(),
            Open::Locked | Open::Unattached(_) | Open::Desk(..) => Vec::new(),
        };
        profile.open = Open::Locked;
        drop(profile);
        *self.reminders.lock().await = reminders.iter().map(|at| at.0).collect();
        self.sittings.send_replace(());
        *self.relays.lock().await = Relays::default();
        *self.link.lock().await = None;
        *self.fetched.lock().await = None;
        *self.question.lock().await = None;
        *self.revealed.lock().await = None;
        *self.told.lock().await = None;
        *self.known.lock().await = None;
        *self.attempts.lock().await = Attempts::default();
        self.shell.open(Window::Start);
        for window in [Window::Desk, Window::Inbox, Window::Confirm, Window::Reveal, Window::Vault] {
            self.shell.close(window);
        }
        self.shell.tell(Change::Session);
    }

    /// A person closed a window: what it asked is over.
    pub async fn closed(&self, window: Window) {
        match window {
            Window::Vault => *self.task.lock().await = None,
            Window::Confirm => *self.question.lock().await = None,
            Window::Reveal => *self.revealed.lock().await = None,
            Window::Start | Window::Desk | Window::Inbox => {}
        }
    }

    /// The time is over for which a text was lent to the clipboard.
    pub fn end_loan(&self, text: &str) {
        self.shell.end_loan(text);
    }
}
