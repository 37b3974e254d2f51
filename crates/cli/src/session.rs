//! From the command line's options to an unlocked profile with its ports.

use std::{
    cell::OnceCell,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_adapters::{OsKeyStore, SystemClock, SystemEntropy};
use countersign_app::{Own, Ports, ProfileKind, desk::Desk, founding, inbox::Inbox, profile};
use countersign_documents::id::OrganisationId;
use countersign_host::{files, wiring};
use countersign_ports::{Entropy, VaultError};
use countersign_vault::{KeyFile, RecoveryCode, SlotKind, Unlock, VaultFile};
use zeroize::Zeroizing;

use crate::{args::Cli, failure::Failure, prompt};

const NOT_ATTACHED: Failure =
    Failure::Usage("This profile is not attached to a ledger yet: 'org complete' or 'org attach' does it.");

/// What every command is given.
pub(crate) struct Session {
    folder: PathBuf,
    unlock: Option<String>,
    /// Whether the result is wanted as JSON.
    pub(crate) json: bool,
    /// Unlocked once: nobody types a passphrase twice for one command.
    vault: OnceCell<Arc<VaultFile>>,
}

impl Session {
    pub(crate) fn new(cli: &Cli) -> Result<Self, Failure> {
        let folder = match &cli.profile {
            Some(folder) => folder.clone(),
            None => default_folder()?,
        };
        // What SQLite opens is named in UTF-8; refused before a key file is made beside it.
        if folder.to_str().is_none() {
            return Err(Failure::Usage("The path of a profile must be UTF-8."));
        }
        Ok(Self { folder, unlock: cli.unlock.clone(), json: cli.json, vault: OnceCell::new() })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn entropy(&self) -> Arc<dyn Entropy> {
        Arc::new(SystemEntropy)
    }

    /// The profile, unlocked.
    pub(crate) async fn vault(&self) -> Result<Arc<VaultFile>, Failure> {
        match self.vault.get() {
            Some(vault) => Ok(Arc::clone(vault)),
            None => {
                let vault = self.unlock().await?;
                Ok(Arc::clone(self.vault.get_or_init(|| vault)))
            }
        }
    }

    /// What the profile is for.
    pub(crate) async fn kind(&self) -> Result<ProfileKind, Failure> {
        Ok(Own::load(&*self.vault().await?).await?.about.kind)
    }

    async fn unlock(&self) -> Result<Arc<VaultFile>, Failure> {
        let slots = VaultFile::slots(&self.folder).await?;
        let how = match &self.unlock {
            Some(how) => how.as_str(),
            None if slots.contains(&SlotKind::Keychain) => "keychain",
            None if slots.contains(&SlotKind::Passphrase) => "ask",
            None => return Err(VaultError::NoKeyStore.into()),
        };
        let vault = match how.split_once(':') {
            None if how == "keychain" => self.open(Unlock::Keychain(&OsKeyStore)).await?,
            None if how == "ask" => self.ask(&slots).await?,
            Some(("file", path)) => self.open_with_file(Path::new(path)).await?,
            Some(("fd", number)) => {
                let number: u32 = number.parse().map_err(|_| {
                    Failure::Usage("--unlock fd:N takes the number of an open file descriptor.")
                })?;
                let text = files::read_text_special(&PathBuf::from(format!("/dev/fd/{number}")))?;
                self.open(Unlock::Passphrase(first_line(&text))).await?
            }
            Some(_) | None => return Err(Failure::Usage("--unlock takes keychain, ask, file:PATH or fd:N.")),
        };
        Ok(Arc::new(vault))
    }

    async fn open(&self, unlock: Unlock<'_>) -> Result<VaultFile, Failure> {
        Ok(VaultFile::open(&self.folder, unlock, self.entropy()).await?)
    }

    async fn ask(&self, slots: &[SlotKind]) -> Result<VaultFile, Failure> {
        let recovery = slots.contains(&SlotKind::Recovery);
        let question = if recovery { "Passphrase (or recovery code):" } else { "Passphrase:" };
        let typed = prompt::hidden(question)?;
        if recovery && let Ok(code) = RecoveryCode::parse(&typed) {
            return self.open(Unlock::Recovery(&code)).await;
        }
        self.open(Unlock::Passphrase(&typed)).await
    }

    async fn open_with_file(&self, path: &Path) -> Result<VaultFile, Failure> {
        let text = files::read_text(path)?;
        if text.starts_with("countersign-key-file-v1") {
            let key = KeyFile::read(path)?;
            return self.open(Unlock::KeyFile(&key)).await;
        }
        self.open(Unlock::Passphrase(first_line(&text))).await
    }

    /// The desk of this profile, caught up with its ledger.
    pub(crate) async fn desk(&self) -> Result<Desk, Failure> {
        let (ports, organisation) = self.desk_ports().await?;
        let desk = Desk::open(ports, organisation).await?;
        self.warn(&desk);
        Ok(desk)
    }

    /// The desk for stopping keys: what it knew last must do where the ledger cannot be opened or does not hold, and
    /// standard error says so.
    pub(crate) async fn desk_to_stop(&self) -> Result<Desk, Failure> {
        let opened = wiring::desk_to_stop(&self.folder, self.vault().await?).await?;
        let Some((desk, cut_off)) = opened else { return Err(self.not_attached().await?) };
        if let Some(why) = cut_off {
            prompt::say(&format!(
                "Note: {why} This desk goes by what it verified last; what is ordered now is recorded later."
            ));
        }
        Ok(desk)
    }

    /// The desk for an audit of a ledger that catching up refused: it believes nothing of it.
    pub(crate) async fn desk_to_audit(&self) -> Result<Desk, Failure> {
        let (ports, organisation) = self.desk_ports().await?;
        Ok(Desk::open_to_audit(ports, organisation).await?)
    }

    fn warn(&self, desk: &Desk) {
        if let Some((seq, flaw)) = desk.debris().first() {
            prompt::say(&format!(
                "Note: {} rows of the ledger do not hold and are ignored; the first is {seq}: {flaw}. 'ledger verify' lists them.",
                desk.debris().len()
            ));
        }
    }

    /// Why there is no ledger here: a partner never has one.
    async fn not_attached(&self) -> Result<Failure, Failure> {
        Own::load_as(&*self.vault().await?, ProfileKind::Desk).await?;
        Ok(NOT_ATTACHED)
    }

    async fn desk_ports(&self) -> Result<(Ports, OrganisationId), Failure> {
        let vault = self.vault().await?;
        let organisation = founding::organisation(&*vault).await?;
        let place = profile::log_place(&*vault).await?;
        let (Some(organisation), Some(place)) = (organisation, place) else {
            return Err(self.not_attached().await?);
        };
        let ports = self.ports_on(vault, Path::new(&place), Some(organisation)).await?;
        Ok((ports, organisation))
    }

    /// The ports over a ledger that exists.
    pub(crate) async fn ports_on(
        &self,
        vault: Arc<VaultFile>,
        log: &Path,
        organisation: Option<OrganisationId>,
    ) -> Result<Ports, Failure> {
        let log = open_log(log, organisation).await?;
        Ok(wiring::ports(&self.folder, vault, log).await?)
    }

    /// The inbox of this profile.
    pub(crate) async fn inbox(&self) -> Result<Inbox, Failure> {
        let vault = self.vault().await?;
        Ok(Inbox::open(Arc::new(SystemClock), self.entropy(), vault, wiring::relay()).await?)
    }

    /// One call at a time makes keys with a profile: two would replace each other's at the issuer.
    pub(crate) fn lock_issuing(&self) -> Result<File, Failure> {
        Ok(wiring::lock_issuing(&self.folder)?)
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Where a profile lies that is not named.
fn default_folder() -> Result<PathBuf, Failure> {
    let base = wiring::profiles_folder()
        .map_err(|_| Failure::Usage("There is no home folder: name the profile with --profile."))?;
    Ok(base.join("default"))
}

#[cfg(feature = "mutants")]
use crate::mutants::open_log;

#[cfg(not(feature = "mutants"))]
async fn open_log(
    path: &Path,
    organisation: Option<OrganisationId>,
) -> Result<countersign_store::SqliteLog, countersign_ports::LogError> {
    countersign_store::SqliteLog::open(path, organisation).await
}

/// Bytes of a secret that a file or standard input holds, without the line end.
pub(crate) fn trimmed(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.trim_ascii().to_vec())
}
