//! Unlocking and making profiles. What is typed for it passes the vault's window alone.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_adapters::{OsKeyStore, SystemEntropy};
use countersign_app::ProfileKind;
use countersign_contract::{Failure, VaultAnswer, VaultQuestion, Window};
use countersign_ports::VaultError;
use countersign_vault::{KeyFile, NewSlot, RecoveryCode, SHORTEST_PASSPHRASE, SlotKind, Unlock, VaultFile};
use zeroize::Zeroizing;

use crate::{failure::Error, host::Host, profile};

/// What the vault's window is for.
pub(crate) enum Task {
    /// A profile is to be unlocked.
    Unlock {
        /// Its folder.
        folder: PathBuf,
    },
    /// A profile is to be made.
    Make {
        /// Its folder.
        folder: PathBuf,
        /// For whom.
        kind: ProfileKind,
        /// Of whom.
        name: String,
    },
    /// The recovery code was shown, and is to be typed once. Until then there is no profile: whoever leaves here leaves
    /// nothing, above all no profile whose code nobody wrote down.
    Recovery {
        /// The profile's folder.
        folder: PathBuf,
        /// For whom.
        kind: ProfileKind,
        /// Of whom.
        name: String,
        /// How it will be locked.
        passphrase: Zeroizing<String>,
        /// The code.
        code: RecoveryCode,
    },
}

impl Task {
    fn question(&self, failure: Option<Failure>) -> VaultQuestion {
        let (step, folder, recovery) = match self {
            Self::Unlock { folder } => ("unlock", folder, None),
            Self::Make { folder, .. } => ("make", folder, None),
            Self::Recovery { folder, code, .. } => ("recovery", folder, Some(code.text().to_string())),
        };
        let profile = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        VaultQuestion { step: step.to_owned(), profile, recovery, failure }
    }
}

impl Host {
    /// Goes on with a profile. The one that was open is locked; one that another process has a window on comes to the front
    /// there, with what was to be opened.
    pub(crate) async fn choose_profile(&self, folder: PathBuf) -> Result<(), Error> {
        VaultFile::slots(&folder).await?;
        let is_other = self.profile.lock().await.folder.as_ref() != Some(&folder);
        if is_other {
            self.lock().await;
        }
        let mut profile = self.profile.lock().await;
        if let Err(error) = profile.claim(&folder) {
            drop(profile);
            if matches!(error, Error::InUse) && self.send_on(&folder).await.is_ok() {
                return Err(Error::Elsewhere);
            }
            return Err(error);
        }
        if is_other {
            // The key file that was named at the start opens the profile that was named with it.
            profile.key_file = None;
        }
        profile.folder = Some(folder);
        Ok(())
    }

    /// Unlocks without a question where that is possible, and asks in the vault's window where it is not.
    pub(crate) async fn begin_unlock(&self) -> Result<(), Error> {
        let (folder, key_file) = {
            let mut profile = self.profile.lock().await;
            let folder = profile.folder.clone().ok_or(Error::Locked)?;
            profile.claim(&folder)?;
            (folder, profile.key_file.clone())
        };
        let slots = VaultFile::slots(&folder).await?;
        if let Some(path) = key_file {
            let key = KeyFile::read(&path)?;
            let vault = VaultFile::open(&folder, Unlock::KeyFile(&key), self.entropy()).await?;
            return self.enter(&folder, Arc::new(vault)).await;
        }
        if slots.contains(&SlotKind::Keychain)
            && let Ok(vault) = VaultFile::open(&folder, Unlock::Keychain(&OsKeyStore), self.entropy()).await
        {
            return self.enter(&folder, Arc::new(vault)).await;
        }
        if !slots.contains(&SlotKind::Passphrase) && !slots.contains(&SlotKind::Recovery) {
            return Err(VaultError::NoKeyStore.into());
        }
        *self.task.lock().await = Some(Task::Unlock { folder });
        self.shell.open(Window::Vault);
        Ok(())
    }

    /// What the vault's window asks.
    pub(crate) async fn vault_question(&self) -> Result<VaultQuestion, Error> {
        Ok(self.task.lock().await.as_ref().ok_or(Error::Stale)?.question(None))
    }

    /// Takes what was typed. A wrong answer is a question again.
    pub(crate) async fn vault_answer(&self, answer: VaultAnswer) -> Result<VaultQuestion, Error> {
        let typed = Zeroizing::new(answer.typed);
        let again = answer.again.map(Zeroizing::new);
        let task = self.task.lock().await.take().ok_or(Error::Stale)?;
        let next = match &task {
            Task::Unlock { folder } => self.unlock_with(folder, &typed).await.map(|()| None),
            Task::Make { folder, kind, name } => {
                make_with(folder, (*kind, name), &typed, again.as_ref()).map(Some)
            }
            Task::Recovery { folder, kind, name, passphrase, code } => {
                let slots = [NewSlot::Passphrase(passphrase), NewSlot::Recovery(code)];
                match check_typed(code, &typed) {
                    Ok(()) => self.make_and_enter(folder, &slots, (*kind, name)).await.map(|()| None),
                    Err(error) => Err(error),
                }
            }
        };
        match next {
            Ok(None) => {
                self.shell.close(Window::Vault);
                let profile = String::new();
                Ok(VaultQuestion { step: "done".to_owned(), profile, recovery: None, failure: None })
            }
            Ok(Some(next)) => {
                let question = next.question(None);
                *self.task.lock().await = Some(next);
                Ok(question)
            }
            Err(error) => {
                let question = task.question(Some(error.into()));
                *self.task.lock().await = Some(task);
                Ok(question)
            }
        }
    }

    async fn unlock_with(&self, folder: &Path, typed: &str) -> Result<(), Error> {
        let vault = match RecoveryCode::parse(typed) {
            Ok(code) => VaultFile::open(folder, Unlock::Recovery(&code), self.entropy()).await?,
            Err(_) => VaultFile::open(folder, Unlock::Passphrase(typed), self.entropy()).await?,
        };
        self.enter(folder, Arc::new(vault)).await
    }

    async fn make_and_enter(
        &self,
        folder: &Path,
        slots: &[NewSlot<'_>],
        (kind, name): (ProfileKind, &str),
    ) -> Result<(), Error> {
        let (vault, _) = profile::make(folder, slots, kind, name, false).await?;
        self.enter(folder, Arc::new(vault)).await
    }
}

/// Takes a passphrase, and draws the recovery code that goes with it. What the vault would refuse is refused here, before
/// anybody writes a code down.
fn make_with(
    folder: &Path,
    (kind, name): (ProfileKind, &str),
    typed: &Zeroizing<String>,
    again: Option<&Zeroizing<String>>,
) -> Result<Task, Error> {
    if again.is_none_or(|again| **again != **typed) {
        return Err(Error::Usage("The two passphrases differ."));
    }
    if typed.chars().count() < SHORTEST_PASSPHRASE {
        return Err(VaultError::SlotParameters.into());
    }
    if folder.join("vault.db").exists() {
        return Err(VaultError::AlreadyThere.into());
    }
    let code = RecoveryCode::make(&SystemEntropy)?;
    let (folder, name, passphrase) = (folder.to_owned(), name.to_owned(), typed.clone());
    Ok(Task::Recovery { folder, kind, name, passphrase, code })
}

/// The code that was typed is the one that is shown.
fn check_typed(code: &RecoveryCode, typed: &str) -> Result<(), Error> {
    let typed = RecoveryCode::parse(typed)?;
    if typed.text() == code.text() {
        Ok(())
    } else {
        Err(Error::Usage("This is not the code that is shown."))
    }
}
