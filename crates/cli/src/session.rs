//! From the command line's options to an unlocked profile with its ports.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_adapters::{OsKeyStore, SystemClock, SystemEntropy};
use countersign_app::{Issuers, Ports, desk::Desk, founding, inbox::Inbox, profile};
use countersign_documents::id::OrganisationId;
use countersign_domain::event::{IssuerKind, IssuerTerms};
use countersign_issuers::{HashFile, Manual, key_format::Label};
use countersign_ports::{Entropy, Issuer, IssuerError, LogError, VaultError};
use countersign_store::{SqliteLog, SqliteView};
use countersign_vault::{KeyFile, RecoveryCode, SlotKind, Unlock, VaultFile};
use zeroize::Zeroizing;

use crate::{args::Cli, failure::Failure, files, prompt};

/// What every command is given.
pub(crate) struct Session {
    folder: PathBuf,
    unlock: Option<String>,
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
        Ok(Self { folder, unlock: cli.unlock.clone() })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn entropy(&self) -> Arc<dyn Entropy> {
        Arc::new(SystemEntropy)
    }

    /// Unlocks the profile.
    pub(crate) async fn vault(&self) -> Result<Arc<VaultFile>, Failure> {
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
        let typed = prompt::passphrase(question)?;
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

    /// The desk for stopping keys: what it knew last must do where the ledger cannot be reached.
    pub(crate) async fn desk_to_stop(&self) -> Result<Desk, Failure> {
        let (ports, organisation) = self.desk_ports().await?;
        Ok(Desk::open_to_stop(ports, organisation).await?)
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

    async fn desk_ports(&self) -> Result<(Ports, OrganisationId), Failure> {
        let vault = self.vault().await?;
        let organisation = founding::organisation(&*vault).await?;
        let place = profile::log_place(&*vault).await?;
        let (Some(organisation), Some(place)) = (organisation, place) else {
            return Err(Failure::Usage(
                "This profile is not attached to a ledger yet: 'org complete' or 'org attach' does it.",
            ));
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
        self.ports_with(vault, log).await
    }

    /// The ports over a ledger that is open.
    pub(crate) async fn ports_with(&self, vault: Arc<VaultFile>, log: SqliteLog) -> Result<Ports, Failure> {
        let view = SqliteView::open(&self.folder.join("view.db")).await?;
        Ok(Ports {
            clock: Arc::new(SystemClock),
            entropy: self.entropy(),
            vault,
            log: Arc::new(log),
            view: Arc::new(view),
            issuers: Arc::new(Connectors { entropy: self.entropy() }),
        })
    }

    /// The inbox of this profile.
    pub(crate) async fn inbox(&self) -> Result<Inbox, Failure> {
        let vault = self.vault().await?;
        Ok(Inbox::open(Arc::new(SystemClock), self.entropy(), vault).await?)
    }

    /// One call at a time makes keys with a profile: two would replace each other's at the issuer.
    pub(crate) fn lock_issuing(&self) -> Result<File, Failure> {
        let path = self.folder.join("issue.lock");
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file =
            options.open(&path).map_err(|_| files::fail(&path, crate::failure::FileFlaw::Permission))?;
        #[cfg(unix)]
        {
            use rustix::fs::{FlockOperation, flock};
            flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| Failure::Busy)?;
        }
        Ok(file)
    }
}

/// Finds the connector for an issuer's terms.
struct Connectors {
    entropy: Arc<dyn Entropy>,
}

impl Issuers for Connectors {
    fn connect(&self, terms: &IssuerTerms) -> Result<Arc<dyn Issuer>, IssuerError> {
        match terms.kind {
            IssuerKind::HashFile => {
                let prefix = terms.prefix.as_ref().map(|p| p.as_str().replace('-', "")).unwrap_or_default();
                let prefix =
                    Label::parse(&prefix).ok_or(IssuerError::Unexpected("its prefix cannot begin a key"))?;
                let location = terms.location.as_ref().ok_or(IssuerError::Unexpected("it names no file"))?;
                Ok(Arc::new(HashFile::new(location.as_str(), prefix, self.entropy.clone())))
            }
            IssuerKind::Manual => {
                let instructions = terms.instructions.as_ref().map(|t| t.to_string()).unwrap_or_default();
                Ok(Arc::new(Manual::new(terms.id.as_str(), instructions)))
            }
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// `$XDG_DATA_HOME/countersign`, or the platform's counterpart.
fn default_folder() -> Result<PathBuf, Failure> {
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let home = || std::env::var_os(if cfg!(windows) { "APPDATA" } else { "HOME" }).map(PathBuf::from);
    let base = base.or_else(|| home().map(|h| if cfg!(windows) { h } else { h.join(".local/share") }));
    let base = base.ok_or(Failure::Usage("There is no home folder: name the profile with --profile."))?;
    Ok(base.join("countersign").join("default"))
}

#[cfg(feature = "mutants")]
use crate::mutants::open_log;

#[cfg(not(feature = "mutants"))]
async fn open_log(path: &Path, organisation: Option<OrganisationId>) -> Result<SqliteLog, LogError> {
    SqliteLog::open(path, organisation).await
}

/// A fresh ledger for an organisation.
pub(crate) async fn create_log(path: &Path, organisation: OrganisationId) -> Result<SqliteLog, Failure> {
    if path.symlink_metadata().is_ok() {
        files::check_new(path)?;
    }
    SqliteLog::create(path, organisation).await.map_err(|error: LogError| error.into())
}

/// The absolute form of a path, as it is remembered.
pub(crate) fn absolute(path: &Path) -> Result<String, Failure> {
    let path = std::path::absolute(path).map_err(|_| files::fail(path, crate::failure::FileFlaw::Other))?;
    path.into_os_string().into_string().map_err(|_| Failure::Usage("The path of the ledger must be UTF-8."))
}

/// Bytes of a secret that a file or standard input holds, without the line end.
pub(crate) fn trimmed(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.trim_ascii().to_vec())
}
