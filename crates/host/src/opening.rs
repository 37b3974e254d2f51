//! Unlocking and making profiles. What is typed for it passes the vault's window alone.

use std::{path::PathBuf, sync::Arc};

use countersign_adapters::{OsKeyStore, SystemEntropy};
use countersign_app::ProfileKind;
use countersign_contract::{Failure, VaultAnswer, VaultQuestion, Window};
use countersign_vault::{KeyFile, NewSlot, RecoveryCode, SlotKind, Unlock, VaultFile};
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
    /// The recovery code was shown, and is to be typed once.
    Recovery {
        /// The profile's folder.
        folder: PathBuf,
        /// The profile, made and open.
        vault: Arc<VaultFile>,
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
            return Err(countersign_ports::VaultError::NoKeyStore.into());
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
                self.make_with(folder, *kind, name, &typed, again.as_ref()).await.map(Some)
            }
            Task::Recovery { folder, vault, code } => {
                self.keep_recovery(folder, vault, code, &typed).await.map(|()| None)
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

    async fn unlock_with(&self, folder: &std::path::Path, typed: &str) -> Result<(), Error> {
        let vault = match RecoveryCode::parse(typed) {
            Ok(code) => VaultFile::open(folder, Unlock::Recovery(&code), self.entropy()).await?,
            Err(_) => VaultFile::open(folder, Unlock::Passphrase(typed), self.entropy()).await?,
        };
        self.enter(folder, Arc::new(vault)).await
    }

    async fn make_with(
        &self,
        folder: &std::path::Path,
        kind: ProfileKind,
        name: &str,
        typed: &str,
        again: Option<&Zeroizing<String>>,
    ) -> Result<Task, Error> {
        if again.is_none_or(|again| again.as_str() != typed) {
            return Err(Error::Usage("The two passphrases differ."));
        }
        let (vault, _) = profile::make(folder, &[NewSlot::Passphrase(typed)], kind, name, false).await?;
        let code = RecoveryCode::make(&SystemEntropy)?;
        Ok(Task::Recovery { folder: folder.to_owned(), vault: Arc::new(vault), code })
    }

    async fn keep_recovery(
        &self,
        folder: &std::path::Path,
        vault: &Arc<VaultFile>,
        code: &RecoveryCode,
        typed: &str,
    ) -> Result<(), Error> {
        let typed = RecoveryCode::parse(typed)?;
        if typed.text() != code.text() {
            return Err(Error::Usage("This is not the code that is shown."));
        }
        vault.add_slot(NewSlot::Recovery(code)).await?;
        self.enter(folder, vault.clone()).await
    }
}
