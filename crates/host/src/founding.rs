//! The steps on disk of founding and attaching, in the order in which a full disk or a crash at any point costs nothing:
//! what is interrupted goes on when it is done again.

use std::{path::Path, sync::Arc};

use countersign_adapters::{SystemClock, SystemEntropy};
use countersign_app::{
    desk::{Desk, Heard},
    founding, profile,
};
use countersign_ports::{Log as _, LogError, VaultError};
use countersign_store::SqliteLog;
use countersign_vault::VaultFile;

use crate::{
    failure::Error,
    files::{self, Together},
    wiring,
};

/// Where a founder's two papers go.
#[derive(Debug, Clone, Copy)]
pub struct Papers<'a> {
    /// The offer or answer, for the other founder.
    pub document: &'a Path,
    /// The half of the offline succession, to be printed.
    pub half: &'a Path,
}

impl Papers<'_> {
    /// Refuses early what writing would refuse late.
    pub fn check(&self) -> Result<(), Error> {
        files::check_new(self.document)?;
        Ok(files::check_new(self.half)?)
    }

    /// Writes both files, and only then forgets the half. Where it certainly could not be forgotten, they go again and
    /// the same call writes the same two; where that is not known they stay, for they may be all there is of it.
    async fn write(&self, vault: &VaultFile, document: &[u8], half: &[u8]) -> Result<(), Error> {
        let mut files = Together::default();
        files.write(self.half, half)?;
        files.write(self.document, document)?;
        match founding::forget_half(vault).await {
            Err(why)
                if !matches!(why, countersign_app::Error::Vault(VaultError::Store(LogError::Unknown))) =>
            {
                Err(why.into())
            }
            forgotten => {
                files.keep();
                Ok(forgotten?)
            }
        }
    }
}

/// The first founder begins.
pub async fn begin(vault: &VaultFile, name: &str, papers: Papers<'_>) -> Result<(), Error> {
    let (offer, half) = founding::begin(vault, &SystemEntropy, &SystemClock, name).await?;
    papers.write(vault, &offer, half.text.as_bytes()).await
}

/// The second founder answers an offer, having typed the first one's fingerprint.
pub async fn answer(
    vault: &VaultFile,
    offer: &[u8],
    heard: &Heard<'_>,
    papers: Papers<'_>,
) -> Result<(), Error> {
    let (answer, half) = founding::answer(vault, &SystemEntropy, &SystemClock, offer, heard).await?;
    papers.write(vault, &answer, half.text.as_bytes()).await
}

/// The first founder completes, having typed the second one's fingerprint: the ledger begins at `place`.
pub async fn complete(
    folder: &Path,
    vault: Arc<VaultFile>,
    answer: &[u8],
    heard: &Heard<'_>,
    place: &Path,
) -> Result<Desk, Error> {
    let organisation = founding::check_answer(&*vault, &SystemClock, answer, heard).await?;
    let absolute = wiring::absolute(place)?;
    let begun = profile::log_place(&*vault).await?.filter(|begun| Path::new(begun).is_file());
    // A second ledger of one organisation would take the keys of the first away from this desk.
    if begun.as_ref().is_some_and(|begun| *begun != absolute) {
        return Err(Error::BegunElsewhere);
    }
    let log = match begun {
        Some(_) => SqliteLog::open(place, Some(organisation)).await?,
        None => {
            files::check_new(place)?;
            // First the place: what is interrupted after it goes on there.
            profile::set_log_place(&*vault, &absolute).await?;
            SqliteLog::create(place, organisation).await?
        }
    };
    let founded = log.head().await?.size > 0;
    let ports = wiring::ports(folder, vault, log).await?;
    if !founded {
        return Ok(founding::complete(ports, answer, heard).await?.0);
    }
    let mut desk = founding::attach(ports, organisation, None).await?;
    desk.settle_comparisons().await?;
    Ok(desk)
}

/// A ledger that a desk is about to be attached to.
pub struct Attaching {
    log: SqliteLog,
    /// Whether the profile knows the organisation: if not, its fingerprint must be typed.
    pub known: bool,
}

/// Opens a ledger to attach a desk to it.
pub async fn open_to_attach(vault: &VaultFile, place: &Path) -> Result<Attaching, Error> {
    let log = SqliteLog::open(place, None).await?;
    let known = founding::organisation(vault).await?;
    if known.is_some_and(|known| known != log.organisation()) {
        return Err(Error::Usage("This profile belongs to another organisation."));
    }
    Ok(Attaching { log, known: known.is_some() })
}

impl Attaching {
    /// Attaches the desk, and remembers where its ledger is.
    pub async fn attach(
        self,
        folder: &Path,
        vault: Arc<VaultFile>,
        heard: Option<&Heard<'_>>,
        place: &Path,
    ) -> Result<Desk, Error> {
        let organisation = self.log.organisation();
        let ports = wiring::ports(folder, vault.clone(), self.log).await?;
        let mut desk = founding::attach(ports, organisation, heard).await?;
        // First the place: a full disk then leaves a desk that is attached, and says later what it heard.
        profile::set_log_place(&*vault, &wiring::absolute(place)?).await?;
        desk.settle_comparisons().await?;
        Ok(desk)
    }
}
