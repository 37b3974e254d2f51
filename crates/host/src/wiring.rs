//! From a folder and a secret to an unlocked profile with its ports.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_adapters::{SystemClock, SystemEntropy};
use countersign_app::{Issuers, Ports, SharedLog, desk::Desk, founding, profile};
use countersign_domain::event::{IssuerKind, IssuerTerms};
use countersign_issuers::{HashFile, Manual, key_format::Label};
use countersign_ports::{Entropy, Issuer, IssuerError, Relay};
use countersign_relay_client::HttpRelay;
use countersign_store::SqliteView;
use countersign_vault::VaultFile;

use crate::{
    failure::{Error, FileFlaw},
    files,
    reach::Reach,
};

/// The desk of an unlocked profile; `None` where it is not attached to a ledger.
///
/// It is caught up with its ledger as far as that can be read, and holds. Where it does not, the desk is as it was verified
/// last: it can stop keys and audit, and every other call says what is wrong. Fails where nothing was ever verified.
pub async fn desk(folder: &Path, vault: Arc<VaultFile>) -> Result<Option<Desk>, Error> {
    Ok(desk_to_stop(folder, vault).await?.map(|(desk, _)| desk))
}

/// The same, and what is wrong with the ledger where something is: it is opened by whatever first asks something of it, so
/// that a file that cannot be opened keeps no key alive.
pub async fn desk_to_stop(
    folder: &Path,
    vault: Arc<VaultFile>,
) -> Result<Option<(Desk, Option<countersign_app::Error>)>, Error> {
    let organisation = founding::organisation(&*vault).await?;
    let place = profile::log_place(&*vault).await?;
    let (Some(organisation), Some(place)) = (organisation, place) else { return Ok(None) };
    let ports = ports(folder, vault, Reach::new(place.into(), organisation)).await?;
    let mut desk = Desk::open_to_audit(ports, organisation).await?;
    let cut_off = desk.catch_up_to_stop().await?;
    Ok(Some((desk, cut_off)))
}

/// The ports over a ledger.
pub async fn ports(
    folder: &Path,
    vault: Arc<VaultFile>,
    log: impl SharedLog + 'static,
) -> Result<Ports, Error> {
    let view = SqliteView::open(&folder.join("view.db")).await.map_err(countersign_app::Error::from)?;
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    Ok(Ports {
        clock: Arc::new(SystemClock),
        entropy: entropy.clone(),
        vault,
        log: Arc::new(log),
        view: Arc::new(view),
        issuers: Arc::new(Connectors { entropy }),
        relay: relay(),
    })
}

/// Relays, over HTTP.
pub fn relay() -> Arc<dyn Relay> {
    Arc::new(HttpRelay::new())
}

/// The absolute form of a path, as it is remembered.
pub fn absolute(path: &Path) -> Result<String, Error> {
    let path = std::path::absolute(path).map_err(|_| files::fail(path, FileFlaw::Other))?;
    path.into_os_string().into_string().map_err(|_| Error::Usage("The path of the ledger must be UTF-8."))
}

/// `$XDG_DATA_HOME/countersign`, or the platform's counterpart: where profiles lie.
pub fn profiles_folder() -> Result<PathBuf, Error> {
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let home = || std::env::var_os(if cfg!(windows) { "APPDATA" } else { "HOME" }).map(PathBuf::from);
    let base = base.or_else(|| home().map(|h| if cfg!(windows) { h } else { h.join(".local/share") }));
    let base = base.ok_or(Error::Usage("There is no home folder: name the profile's folder."))?;
    Ok(base.join("countersign"))
}

/// One call at a time makes keys with a profile: two would replace each other's at the issuer.
pub fn lock_issuing(folder: &Path) -> Result<File, Error> {
    let path = folder.join("issue.lock");
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|_| files::fail(&path, FileFlaw::Permission))?;
    #[cfg(unix)]
    {
        use rustix::fs::{FlockOperation, flock};
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| Error::Busy)?;
    }
    Ok(file)
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
