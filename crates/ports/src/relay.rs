//! The relay between an organisation and its partners, as its users ask it (spec/relay.md). Documents in, documents out:
//! who signs them, and what is done with the answers, is decided elsewhere.

use async_trait::async_trait;
use countersign_documents::{
    Digest,
    id::OrganisationId,
    relay::{Mail, Withdrawn},
};

/// Why a relay did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// It cannot be reached, or its answer was cut off. What was asked may have been done; asking again does no harm.
    #[error("it cannot be reached")]
    Unreachable,
    /// It did not answer in time. What was asked may have been done; asking again does no harm.
    #[error("it does not answer")]
    TimedOut,
    /// 401: a new nonce is needed, or the clocks stand too far apart.
    #[error("its clock and this computer's stand too far apart")]
    Stale,
    /// 403: this member or partner may not do that there.
    #[error("it does not take this from this profile")]
    NotTaken,
    /// 404: nothing is there for whoever asks.
    #[error("nothing is there for this profile")]
    NothingThere,
    /// 409: that id is taken.
    #[error("another envelope is there under this id, or its time is over")]
    Taken,
    /// 413: more than it takes.
    #[error("it takes nothing that large")]
    TooLarge,
    /// 429: the organisation's share is used up.
    #[error("the organisation's share of it is used up")]
    TooMuch,
    /// 507: its disk is almost full.
    #[error("its disk is full")]
    Full,
    /// An answer that is no relay's, or an address that cannot be one's.
    #[error("what answers there is no relay")]
    Unexpected,
    /// The connection is not as secure as it must be: certificate, host name, protocol.
    #[error("the connection to it is not secure")]
    Insecure,
}

/// The right to write, shown with a letter the first time.
#[derive(Debug, Clone, Copy)]
pub struct TicketShown<'a> {
    /// The ticket, a complete document.
    pub ticket: &'a [u8],
    /// The posting once more, signed by the ticket's key.
    pub by_ticket: &'a [u8],
}

/// What a witness makes of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Witnessing {
    /// 200: its cosignature lines.
    Signed(String),
    /// 409: it stands elsewhere; how long the log was when it last signed.
    Stands(u64),
    /// 422: the proof does not lead from there to the checkpoint.
    Unproven,
}

/// A relay, named by its origin in every call. Exactly that origin is contacted. Every act may be repeated: twice is once.
#[async_trait]
pub trait Relay: Send + Sync {
    /// Something fresh to sign over.
    async fn nonce(&self, origin: &str) -> Result<Digest, RelayError>;
    /// The newest card it has of an organisation.
    async fn card(&self, origin: &str, organisation: OrganisationId) -> Result<Vec<u8>, RelayError>;
    /// Gives it a card, which counts by its own signatures.
    async fn put_card(&self, origin: &str, card: &[u8]) -> Result<(), RelayError>;
    /// A member brings a parcel.
    async fn upload(&self, origin: &str, document: &[u8], envelope: &[u8]) -> Result<(), RelayError>;
    /// A partner fetches one: the bytes of the envelope.
    async fn fetch(&self, origin: &str, by_identity: &[u8], by_pick_up: &[u8])
    -> Result<Vec<u8>, RelayError>;
    /// A partner has opened it: the receipt's letter goes to the organisation's mailbox, and the ciphertext is erased.
    async fn acknowledge(
        &self,
        origin: &str,
        by_identity: &[u8],
        by_pick_up: &[u8],
        letter: &[u8],
    ) -> Result<(), RelayError>;
    /// A member takes a parcel back. The answer says who was faster.
    async fn withdraw(&self, origin: &str, document: &[u8]) -> Result<Withdrawn, RelayError>;
    /// A partner writes to the organisation.
    async fn post(
        &self,
        origin: &str,
        document: &[u8],
        letter: &[u8],
        ticket: Option<TicketShown<'_>>,
    ) -> Result<(), RelayError>;
    /// A member writes to a partner.
    async fn dispatch(&self, origin: &str, document: &[u8], letter: &[u8]) -> Result<(), RelayError>;
    /// What waits, for a partner or, with a certificate beside it, for a member. Waits as long as the poll says.
    async fn poll(
        &self,
        origin: &str,
        document: &[u8],
        certificate: Option<&[u8]>,
    ) -> Result<Mail, RelayError>;
    /// An admin ends what a member may ask.
    async fn removal(&self, origin: &str, document: &[u8]) -> Result<(), RelayError>;
    /// The name and key of its witness, as C2SP writes them.
    async fn witness(&self, origin: &str) -> Result<String, RelayError>;
    /// Shows its witness how an organisation's log grew: a body as C2SP tlog-witness has it.
    async fn add_checkpoint(&self, origin: &str, body: &str) -> Result<Witnessing, RelayError>;
}
