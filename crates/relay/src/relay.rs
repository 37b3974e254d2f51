//! One relay: what it was given, what it keeps, and how it is looked after.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use countersign_documents::{Digest, Rejected, Secret32, SigningKey, Time, id::OrganisationId, text::Line};
use zeroize::Zeroizing;

use crate::{
    accept::Verdict,
    bell::Bells,
    mail::Told,
    nonce::Nonces,
    organisations::{Known, Organisations},
    refusal::Refusal,
    store::{
        Allowance, Lock, Mailbox, Share, Store, StoreError, StoredCard, Swept, postgres::PostgresStore,
        sqlite::SqliteStore,
    },
    witness::Witness,
};

/// Where the database is.
pub enum DatabaseAt {
    /// A file, for this relay alone; made where there is none.
    Sqlite(PathBuf),
    /// An address of PostgreSQL, which relays share. May hold a password.
    Postgres(Zeroizing<String>),
}

/// The relay's clock.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// What a relay is opened with.
pub struct OpenSettings {
    /// Where the database is.
    pub database: DatabaseAt,
    /// What cards call this relay: scheme, host, port.
    pub origin: Line,
    /// The organisations' cards, complete documents. One that has ended still says whose relay this is.
    pub cards: Vec<Vec<u8>>,
    /// How much of it each organisation may have.
    pub quota: Quota,
    /// What time it is.
    pub clock: Clock,
}

/// How much each organisation may have.
#[derive(Debug, Clone)]
pub struct Quota {
    /// Parcels that wait or were fetched.
    pub parcels: u64,
    /// Bytes of their envelopes.
    pub bytes: u64,
    /// Letters that wait in one mailbox.
    pub letters: u64,
    /// Letters that one identity posts in a day.
    pub posts: u64,
    /// Bytes that stay free on the disk of the database, where that is on this machine.
    pub room: u64,
}

impl Default for Quota {
    fn default() -> Self {
        Self { parcels: 100_000, bytes: 4 << 30, letters: 4096, posts: 1000, room: 256 << 20 }
    }
}

impl Quota {
    pub(crate) fn share(&self) -> Share {
        Share { parcels: self.parcels, bytes: self.bytes }
    }

    pub(crate) fn allowance(&self) -> Allowance {
        Allowance { letters: self.letters, posts: self.posts }
    }
}

/// Why a relay does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A card is none.
    #[error("a card is not accepted: {0}")]
    Card(Rejected),
    /// A card names another relay, or none.
    #[error("the card of {0} names another relay")]
    OtherRelay(OrganisationId),
    /// A card is not of the history that the database knows.
    #[error("the card of {0} contradicts the one in the database")]
    Contradicts(OrganisationId),
    /// The system has no random numbers.
    #[error("the system has no random numbers")]
    NoEntropy,
}

/// How much lies here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Parcels that wait or were fetched.
    pub parcels: u64,
    /// Bytes of their envelopes.
    pub bytes: u64,
    /// Letters that wait.
    pub letters: u64,
}

/// What an act is answered with where it counts.
pub(crate) enum Answer {
    Done,
    Text(String),
    Bytes(Vec<u8>),
    Cbor(Vec<u8>),
    /// One of these, and how it came about, which only whoever watches the relay is told.
    As(Verdict, Box<Self>),
}

impl Answer {
    /// The same, where it was done before.
    pub(crate) fn repeated(self) -> Self {
        Self::As(Verdict::Repeated, Box::new(self))
    }
}

/// A relay that is open.
pub struct Relay {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) origin: Line,
    pub(crate) organisations: Organisations,
    pub(crate) quota: Quota,
    pub(crate) nonces: Nonces,
    pub(crate) witness: Witness,
    pub(crate) bells: Bells,
    pub(crate) told: Told,
    /// Keys that nobody has, for parcels that are not there.
    pub(crate) decoy: Lock,
    pub(crate) verifying_cards: tokio::sync::Mutex<()>,
    clock: Clock,
    /// Where the disk is that must not become full.
    folder: Option<PathBuf>,
}

impl Relay {
    /// Opens the database and reads the cards. Needs a tokio runtime.
    pub async fn open(settings: OpenSettings) -> Result<Arc<Self>, OpenError> {
        let OpenSettings { database, origin, cards, quota, clock } = settings;
        let fresh = Secret32::new(random()?);
        let (store, folder): (Arc<dyn Store>, _) = match database {
            DatabaseAt::Sqlite(path) => {
                (Arc::new(SqliteStore::open(&path, fresh).await?), path.parent().map(Path::to_owned))
            }
            DatabaseAt::Postgres(address) => (Arc::new(PostgresStore::open(&address, fresh).await?), None),
        };
        let mut relay = Self::with_store(store, origin, quota, clock).await?;
        relay.folder = folder;
        relay.take_cards(cards).await?;
        Ok(Arc::new(relay))
    }

    /// On any store, for organisations with these cards.
    pub async fn over(
        store: Arc<dyn Store>,
        origin: Line,
        cards: Vec<Vec<u8>>,
        quota: Quota,
        clock: Clock,
    ) -> Result<Arc<Self>, OpenError> {
        let relay = Self::with_store(store, origin, quota, clock).await?;
        relay.take_cards(cards).await?;
        Ok(Arc::new(relay))
    }

    async fn with_store(
        store: Arc<dyn Store>,
        origin: Line,
        quota: Quota,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        let nonces = Nonces::new(store.nonce_key().await?);
        let witness = Witness::new(&origin, store.witness_seed(Secret32::new(random()?)).await?);
        // The seed is gone at once: nobody signs with this key, ever.
        let nobody = SigningKey::from_seed(&Secret32::new(random()?));
        let decoy = Lock { recipient: Digest(random()?), pick_up: *nobody.public().as_bytes() };
        Ok(Self {
            store,
            origin,
            organisations: Organisations::default(),
            quota,
            nonces,
            witness,
            bells: Bells::new(),
            told: Told::default(),
            decoy,
            verifying_cards: tokio::sync::Mutex::new(()),
            clock,
            folder: None,
        })
    }

    /// The newest of each organisation: of those that were handed over now and what the database has.
    async fn take_cards(&self, cards: Vec<Vec<u8>>) -> Result<(), OpenError> {
        let mut stored: BTreeMap<_, _> =
            self.store.cards().await?.into_iter().map(|card| (card.organisation, card.document)).collect();
        for document in cards {
            let given = Known::read(document, None).map_err(OpenError::Card)?;
            let organisation = given.organisation();
            if !given.is_at(&self.origin) {
                return Err(OpenError::OtherRelay(organisation));
            }
            let newest = match stored.remove(&organisation) {
                Some(document) => newest(given, Known::read(document, None).map_err(OpenError::Card)?)?,
                None => given,
            };
            let (document, version) = (newest.document.clone(), newest.card.card.version);
            self.store.keep_card(StoredCard { organisation, version, document }).await?;
            self.organisations.put(newest);
        }
        Ok(())
    }

    /// Ends parcels whose time is over and forgets what is old. To be called every minute or so.
    pub async fn sweep(&self) -> Result<Swept, StoreError> {
        let swept = self.store.sweep(self.now()).await?;
        for organisation in &swept.expired {
            self.bells.ring(&Mailbox::of(*organisation));
        }
        Ok(swept)
    }

    /// Whether the database answers and would take something.
    pub async fn ready(&self) -> bool {
        self.store.ready().await.is_ok()
    }

    /// How much lies here.
    pub async fn figures(&self) -> Result<Figures, StoreError> {
        let stored = self.store.stored().await?;
        Ok(Figures { parcels: stored.parcels, bytes: stored.bytes, letters: stored.letters })
    }

    /// Answers whoever waits for mail at once, and lets nobody wait any more.
    pub fn close(&self) {
        self.bells.ring_all();
    }

    pub(crate) fn now(&self) -> Time {
        (self.clock)()
    }

    /// Refuses what would take from the room that is kept free: for ends of parcels, removals, and whatever else makes
    /// room or must not wait.
    pub(crate) fn check_room(&self) -> Result<(), Refusal> {
        let Some(folder) = &self.folder else { return Ok(()) };
        if free(folder) < self.quota.room { Err(Refusal::NoRoom) } else { Ok(()) }
    }
}

/// Of two cards of one organisation. What an operator hands over may bring a succession, which people compared.
fn newest(given: Known, stored: Known) -> Result<Known, OpenError> {
    let (new, old) = (&given.card, &stored.card);
    if new.digest == old.digest || (new.card.version < old.card.version && old.trust.extends(&new.trust)) {
        Ok(stored)
    } else if new.card.version > old.card.version && new.trust.extends(&old.trust) {
        Ok(given)
    } else {
        Err(OpenError::Contradicts(given.organisation()))
    }
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], OpenError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| OpenError::NoEntropy)?;
    Ok(bytes)
}

/// Bytes that a disk has left for us; where it does not say, enough.
#[cfg(unix)]
fn free(folder: &Path) -> u64 {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    rustix::fs::statvfs(folder).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> u64 {
    u64::MAX
}
