//! The built-in issuer: mints keys and keeps their hashes in a file that gateways read.
//!
//! The key itself is in no file. A gateway may read the file at any moment and needs no lock; how it judges a key is
//! `gate::check`. Who sets a gateway up prepares the file once with the header line alone, and with the group and mode
//! the gateway needs: they are kept. A container must mount the folder, not the file, since every change is a rename.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use countersign_documents::{Digest, id::KeyId};
use countersign_ports::{
    Entropy, Handle, Issued, Issuer, IssuerError, KeySource, NoEntropy, Plan, Proof, Status, Tag, Wanted,
};

use crate::{
    disk::{Found, Lock, Place},
    key_format::{Label, mint},
    lines::{Line, Lines},
};

/// The hash file at one path. Any number of processes may use the same one.
pub struct HashFile {
    path: PathBuf,
    prefix: Label,
    entropy: Arc<dyn Entropy>,
}

impl HashFile {
    /// Names the file; nothing is opened yet. `prefix` begins every key minted here.
    pub fn new(path: impl Into<PathBuf>, prefix: Label, entropy: Arc<dyn Entropy>) -> Self {
        Self { path: path.into(), prefix, entropy }
    }

    /// Disks and locks may take seconds: not on a thread that serves others.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, IssuerError> + Send + 'static,
    ) -> Result<T, IssuerError> {
        let path = self.path.clone();
        let done = tokio::task::spawn_blocking(move || work(&path)).await;
        done.unwrap_or(Err(IssuerError::Unavailable("the work on the hash file was broken off")))
    }
}

#[async_trait]
impl Issuer for HashFile {
    fn plan(&self, wanted: &Wanted) -> Plan {
        let written = [
            (!wanted.scopes.is_empty(), "The scopes"),
            (!wanted.networks.is_empty(), "The source networks"),
            (true, "The expiry"),
        ];
        let sentence =
            |what| format!("{what} will be written beside the hash: the gateway must enforce this.");
        let unenforceable =
            written.iter().filter(|(asked, _)| *asked).map(|(_, what)| sentence(what)).collect();
        Plan { unenforceable, can_hold: true, makes_key: true }
    }

    async fn create(&self, tag: &Tag, source: KeySource) -> Result<Issued, IssuerError> {
        if !matches!(source, KeySource::Issuer) {
            return Err(IssuerError::MakesKey);
        }
        let nameless = IssuerError::Unexpected("the environment's name has no letter or digit");
        let environment = Label::of_environment(&tag.environment).ok_or(nameless)?;
        let (tag, prefix, entropy) = (tag.clone(), self.prefix.clone(), Arc::clone(&self.entropy));
        self.aside(move |path| {
            let key = mint(&prefix, &environment, entropy.as_ref())?;
            let line = Line::new(Digest::of(key.expose()), &tag)?;
            let mut held = Held::create(path)?;
            // A source that repeats itself would hand one key to two partners.
            if held.lines.iter().any(|other| other.hash == line.hash) {
                return Err(NoEntropy.into());
            }
            held.lines.put(line);
            held.store()?;
            Ok(Issued { key, handle: Handle(tag.key.to_string()), not_after: tag.not_after })
        })
        .await
    }

    async fn find(&self, tag: KeyId) -> Result<Option<Handle>, IssuerError> {
        self.aside(move |path| {
            // Before the first key there is no file: that is an answer, unlike a folder that is not there.
            let Some(found) = Place::open(path)?.read()? else { return Ok(None) };
            let lines = Lines::parse(&found.bytes)?;
            Ok(lines.find(tag).map(|line| Handle(line.key.to_string())))
        })
        .await
    }

    async fn activate(&self, handle: &Handle) -> Result<(), IssuerError> {
        let key = named(handle)?;
        self.aside(move |path| switch(path, key, true).map(drop)).await
    }

    async fn disable(&self, handle: &Handle) -> Result<Proof, IssuerError> {
        let key = named(handle)?;
        self.aside(move |path| {
            let held = switch(path, key, false)?;
            held.proof(key, |line| line.is_some_and(|line| !line.active))
        })
        .await
    }

    async fn revoke(&self, handle: &Handle) -> Result<Proof, IssuerError> {
        let key = named(handle)?;
        self.aside(move |path| {
            let mut held = Held::existing(path)?;
            held.lines.remove(key);
            held.store()?;
            held.proof(key, |line| line.is_none())
        })
        .await
    }

    async fn status(&self, handle: &Handle) -> Result<Status, IssuerError> {
        let key = named(handle)?;
        self.aside(move |path| {
            let (_, lines) = read(&Place::open(path)?)?;
            Ok(match lines.find(key) {
                Some(line) if line.active => Status::Active,
                Some(_) => Status::Inert,
                None => Status::Gone,
            })
        })
        .await
    }
}

/// Reads and parses a file that must be there. Also what a gateway does.
pub(crate) fn read(place: &Place<'_>) -> Result<(Found, Lines), IssuerError> {
    let found = place.read()?.ok_or(IssuerError::Unavailable("the hash file is missing"))?;
    let lines = Lines::parse(&found.bytes)?;
    Ok((found, lines))
}

/// The locked file, as it was read and as it shall be.
struct Held<'a> {
    place: Place<'a>,
    lock: Lock,
    found: Option<Found>,
    lines: Lines,
}

impl<'a> Held<'a> {
    /// Where no file is, an empty one is thought of.
    fn create(path: &'a Path) -> Result<Self, IssuerError> {
        let place = Place::open(path)?;
        let lock = place.lock()?;
        let found = place.read()?;
        let lines = found.as_ref().map_or(Ok(Lines::default()), |found| Lines::parse(&found.bytes))?;
        Ok(Self { place, lock, found, lines })
    }

    /// A missing file is no empty one: the gateway may still read it where it went.
    fn existing(path: &'a Path) -> Result<Self, IssuerError> {
        let place = Place::open(path)?;
        let lock = place.lock()?;
        let (found, lines) = read(&place)?;
        Ok(Self { place, lock, found: Some(found), lines })
    }

    fn store(&self) -> Result<(), IssuerError> {
        let bytes = self.lines.render();
        if self.found.as_ref().is_some_and(|found| found.bytes == bytes) {
            return Ok(());
        }
        self.place.replace(&self.lock, self.found.as_ref(), &bytes)
    }

    /// What is read now, still under the lock: it is what this change left, and no gateway takes the key by it.
    fn proof(&self, key: KeyId, is_dead: impl FnOnce(Option<&Line>) -> bool) -> Result<Proof, IssuerError> {
        let (found, lines) = read(&self.place)?;
        if is_dead(lines.find(key)) {
            return Ok(Proof::ReadAgain(Digest::of(&found.bytes)));
        }
        Err(IssuerError::Unexpected("the hash file still accepts the key after the change"))
    }
}

fn switch(path: &Path, key: KeyId, active: bool) -> Result<Held<'_>, IssuerError> {
    let mut held = Held::existing(path)?;
    held.lines.switch(key, active)?;
    held.store()?;
    Ok(held)
}

fn named(handle: &Handle) -> Result<KeyId, IssuerError> {
    KeyId::parse(&handle.0).ok_or(IssuerError::NoSuchKey)
}
