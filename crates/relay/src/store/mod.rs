//! What the relay keeps, as a port: parcels, letters, who may write, whose acts count no more, cards, and the heads of logs
//! that it witnessed.
//!
//! Every change is one transaction whose condition stands inside it, and is durable when its answer comes. Time is an
//! argument: it is the relay's clock, never the database's. The two implementations are held to one suite
//! (`tests/relay/conformance.rs`).

pub mod postgres;
pub mod sqlite;

use async_trait::async_trait;
use countersign_documents::{
    Digest, Head, Secret32, Time,
    id::{Cti, OrganisationId, TicketId},
    relay::{Parcel, Waiting, Withdrawn},
    time::{DAY, Seconds},
};

/// How long a letter waits.
pub const LETTERS_WAIT: Seconds = 60 * DAY;
/// How long the cti of a parcel that ended stays taken.
pub const ENDED_STAY: Seconds = 30 * DAY;
/// The most letters that one answer holds.
pub const LETTERS_AT_ONCE: u32 = 32;
/// The most bytes of letters that one answer holds: more than the largest letter has.
pub const BYTES_AT_ONCE: u32 = 192 * 1024;
/// The most parcels that one answer holds: those that changed last.
pub const PARCELS_AT_ONCE: u32 = 1024;

/// Why a store cannot do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk of the database is full")]
    Full,
    /// It is not there, or does not answer.
    #[error("the database is not there, or does not answer")]
    Unavailable,
    /// It would say that something is stored before it is.
    #[error("the database does not wait for its disk")]
    NotDurable,
    /// It is no database of a relay, or holds what no relay wrote.
    #[error("this is no database of a relay, or it is damaged")]
    Damaged,
    /// A later version made it.
    #[error("a later version made this database")]
    Newer,
}

/// What a store answers with.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A card, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCard {
    /// Whose.
    pub organisation: OrganisationId,
    /// Of the card; the store only lets it rise.
    pub version: u64,
    /// The complete document.
    pub document: Vec<u8>,
}

/// A member whose certificate was verified, and who counts unless it was removed at or after `issued`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Of the certificate.
    pub organisation: OrganisationId,
    /// Thumbprint of the signing key.
    pub member: Digest,
    /// When the certificate was issued.
    pub issued: Time,
}

/// What a certificate says of whoever signs checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acquaintance {
    /// Whose certificate it is.
    pub standing: Standing,
    /// Ed25519 key for checkpoints.
    pub checkpoint: [u8; 32],
    /// When the certificate ends, and the key counts no more.
    pub expires: Time,
}

/// A parcel that comes.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Of the envelope.
    pub cti: Cti,
    /// Thumbprint of the identity it is for.
    pub recipient: Digest,
    /// Public half of the pick-up key.
    pub pick_up: [u8; 32],
    /// SHA-256 of the envelope.
    pub digest: Digest,
    /// When the envelope ends, and the parcel with it.
    pub expires: Time,
    /// The envelope.
    pub envelope: Vec<u8>,
}

/// How much an organisation may have lying here at once.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Parcels that wait or were fetched.
    pub parcels: u64,
    /// Bytes of their envelopes.
    pub bytes: u64,
}

/// What became of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uploaded {
    /// It is stored.
    Stored,
    /// It was stored before, whatever became of it since.
    Already,
    /// Something else has this cti.
    Taken,
    /// The organisation's share is used up.
    TooMuch,
    /// The member was removed.
    Removed,
}

/// Which keys a parcel is for. Kept until its cti is free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// Thumbprint of the identity.
    pub recipient: Digest,
    /// Public half of the pick-up key.
    pub pick_up: [u8; 32],
}

/// Somebody who proved the keys of this lock.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// Which parcel.
    pub cti: Cti,
    /// Which keys.
    pub lock: Lock,
}

/// What a pick-up brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The envelope.
    pub envelope: Vec<u8>,
    /// Whether this was the first time.
    pub first: bool,
    /// Whose parcel it was.
    pub organisation: OrganisationId,
}

/// What became of an acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledged {
    /// The parcel ended with it.
    Done(OrganisationId),
    /// The parcel had ended with this very letter.
    Already,
    /// Nothing waited.
    Nothing,
}

/// What became of a withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// What had become of the parcel.
    Outcome(Withdrawn),
    /// The organisation has no such parcel.
    Nothing,
    /// The member was removed.
    Removed,
}

/// Where letters wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mailbox {
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Thumbprint of the identity that the letters are for; none where they are for the organisation.
    pub identity: Option<Digest>,
}

impl Mailbox {
    /// The organisation's own.
    #[must_use]
    pub fn of(organisation: OrganisationId) -> Self {
        Self { organisation, identity: None }
    }

    /// As it is named in a database: 16 bytes, or 48.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        let mut key = self.organisation.0.to_vec();
        key.extend(self.identity.iter().flat_map(|identity| identity.0));
        key
    }
}

/// A letter that comes.
#[derive(Debug, Clone)]
pub struct Letter {
    /// SHA-256 of it.
    pub digest: Digest,
    /// The letter.
    pub bytes: Vec<u8>,
}

/// A ticket that was verified but for its end and its first use.
#[derive(Debug, Clone, Copy)]
pub struct TicketUse {
    /// Which.
    pub id: TicketId,
    /// Until when it may be used for the first time.
    pub expires: Time,
    /// Who gave it away.
    pub by: Standing,
}

/// How much one correspondent may send.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Letters that wait in one mailbox.
    pub letters: u64,
    /// Letters that one identity posts in a day.
    pub posts: u64,
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It waits.
    Stored,
    /// It was there before.
    Already,
    /// Its writer is not known, or was removed; the ticket is used up, over, or by a member who was removed.
    Unknown,
    /// The mailbox is full, or the writer wrote enough for today.
    TooMuch,
}

/// What a sweep erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Organisations with parcels whose time was over.
    pub expired: Vec<OrganisationId>,
    /// How many parcels these were.
    pub parcels: u64,
    /// Letters that waited too long.
    pub letters: u64,
}

/// How much lies here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stored {
    /// Parcels that wait or were fetched.
    pub parcels: u64,
    /// Bytes of their envelopes.
    pub bytes: u64,
    /// Letters that wait.
    pub letters: u64,
}

/// The port.
#[async_trait]
pub trait Store: Send + Sync {
    /// Whether other processes may write too.
    fn is_shared(&self) -> bool;

    /// Whether it answers.
    async fn ready(&self) -> Result<()>;

    /// The key of the nonces, the same for all who share this store; made where there is none.
    async fn nonce_key(&self) -> Result<Secret32>;

    /// The seed of the witness's key, the same for all who share this store; `fresh` where there is none yet.
    async fn witness_seed(&self, fresh: Secret32) -> Result<Secret32>;

    /// Which head of an organisation's log was stored last.
    async fn head(&self, organisation: OrganisationId) -> Result<Option<Head>>;

    /// Stores the next head, where what is stored is still `known`; says whether it was. A head is at most `i64::MAX`
    /// long, never shorter than the one before, and of one size there is one.
    async fn advance(&self, organisation: OrganisationId, known: Option<Head>, next: Head) -> Result<bool>;

    /// Forgets the head of an organisation's log, where what is stored is `known`; says whether it was. What is shown next
    /// counts as the first. Nothing that a client can ask for leads here.
    async fn forget_head(&self, organisation: OrganisationId, known: Head) -> Result<bool>;

    /// Keeps who signs checkpoints; of two certificates for one member the one that was issued later.
    async fn acquaint(&self, acquaintance: Acquaintance) -> Result<()>;

    /// Keys for checkpoints whose certificates have not ended, of members who were not removed since.
    async fn checkpoint_keys(&self, organisation: OrganisationId, now: Time) -> Result<Vec<[u8; 32]>>;

    /// All cards.
    async fn cards(&self) -> Result<Vec<StoredCard>>;

    /// The version of every card.
    async fn card_versions(&self) -> Result<Vec<(OrganisationId, u64)>>;

    /// Keeps a card; says whether its version was higher than what was there.
    async fn keep_card(&self, card: StoredCard) -> Result<bool>;

    /// From `at` on the acts of this key do not count; never set back. Says whether `by` counted.
    async fn remove(&self, by: Standing, member: Digest, at: Time) -> Result<bool>;

    /// Whether a member was removed since its certificate was issued.
    async fn is_removed(&self, standing: Standing) -> Result<bool>;

    /// Stores a parcel.
    async fn upload(&self, by: Standing, arrival: Arrival, share: Share, now: Time) -> Result<Uploaded>;

    /// Which keys a parcel is for, whatever became of it.
    async fn lock(&self, cti: Cti) -> Result<Option<Lock>>;

    /// Takes note that a parcel was fetched, and gives its envelope.
    async fn fetch(&self, claim: Claim, now: Time) -> Result<Option<Fetched>>;

    /// Ends a parcel that was fetched, and puts the letter into the mailbox of its organisation.
    async fn acknowledge(&self, claim: Claim, letter: Letter, now: Time) -> Result<Acknowledged>;

    /// Ends a parcel.
    async fn withdraw(&self, by: Standing, cti: Cti, now: Time) -> Result<Withdrawal>;

    /// Parcels of an organisation, those that changed last first, at most [`PARCELS_AT_ONCE`].
    async fn parcels(&self, organisation: OrganisationId, now: Time) -> Result<Vec<Parcel>>;

    /// A letter by a correspondent, for the organisation. The first use of a ticket makes its writer one.
    async fn post(
        &self,
        writer: Mailbox,
        ticket: Option<TicketUse>,
        letter: Letter,
        allowance: Allowance,
        now: Time,
    ) -> Result<Posted>;

    /// A letter by a member.
    async fn dispatch(
        &self,
        by: Standing,
        to: Mailbox,
        letter: Letter,
        allowance: Allowance,
        now: Time,
    ) -> Result<Posted>;

    /// Forgets the bytes of letters. That they came is kept as long as a letter waits, so that none comes twice.
    async fn done(&self, mailbox: Mailbox, numbers: Vec<u64>) -> Result<()>;

    /// Letters with a higher number, in their order, at most [`LETTERS_AT_ONCE`] and [`BYTES_AT_ONCE`].
    async fn letters(&self, mailbox: Mailbox, after: u64) -> Result<Vec<Waiting>>;

    /// Ends parcels whose time is over, frees what ended long ago, forgets old letters and old tickets. What was erased
    /// before is gone from the files of SQLite behind it, older copies of pages included.
    async fn sweep(&self, now: Time) -> Result<Swept>;

    /// How much lies here.
    async fn stored(&self) -> Result<Stored>;
}

/// A number as databases have it. What is beyond their largest is the largest.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The reverse; none of ours is below zero.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// A column of fixed length; what has another was not written by a relay.
pub(crate) fn fixed<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| StoreError::Damaged)
}
