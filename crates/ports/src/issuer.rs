//! The port to systems that really make and stop keys.

use async_trait::async_trait;
use countersign_documents::{Digest, Time, id::KeyId, secret::Key};

/// What a key is made for. Chosen before the key exists and recorded first, so that a crash leaves no orphan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The key this will be.
    pub key: KeyId,
    /// Short name of the service: lower-case letters, digits, hyphens.
    pub service: String,
    /// Short name of the environment, likewise.
    pub environment: String,
    /// Names of the scopes.
    pub scopes: Vec<String>,
    /// Networks the key may be used from; empty where any may.
    pub networks: Vec<String>,
    /// When the key dies.
    pub not_after: Time,
    /// Whether it is to stay inert until `activate`.
    pub inert: bool,
}

/// What a key is wanted for, before there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Names of the scopes.
    pub scopes: Vec<String>,
    /// Networks the key may be used from; empty where any may.
    pub networks: Vec<String>,
    /// Whether it is to stay inert until `activate`.
    pub inert: bool,
}

/// Where the key's bytes come from.
pub enum KeySource {
    /// The issuer makes them.
    Issuer,
    /// A member brought them.
    Pasted(Key),
}

/// How the issuer names a key it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle(pub String);

/// A key that exists now.
pub struct Issued {
    /// The key.
    pub key: Key,
    /// How the issuer names it.
    pub handle: Handle,
    /// When it really dies: never later than asked.
    pub not_after: Time,
}

/// What the issuing system says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Active,
    /// It exists and does not work.
    Inert,
    /// It does not exist.
    Gone,
    /// The issuer cannot tell. Never shown as revoked.
    Unknown,
}

/// How it was seen that a key works no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The issuing system was read again after the change and does not accept the key; the digest of what was read.
    ReadAgain(Digest),
    /// Nothing here can see it: a member must do it by hand and confirm with evidence.
    ByHand {
        /// What to do, in plain words.
        instructions: String,
    },
}

/// What an issuer will do with a grant, before anything is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// What of the grant it cannot enforce, each in plain words. Approvers see it before they sign.
    pub unenforceable: Vec<String>,
    /// Whether it can keep a key inert until the receipt.
    pub can_hold: bool,
    /// Whether it makes the key itself.
    pub makes_key: bool,
}

/// Why an issuer did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// It cannot be reached, read or written now; nothing is known to have changed.
    #[error("the issuing system cannot be reached: {0}")]
    Unavailable(&'static str),
    /// Its file or answer is not what it should be.
    #[error("the issuing system holds something unexpected: {0}")]
    Unexpected(&'static str),
    /// It needs a key brought by a member.
    #[error("this issuer needs the key to be brought by a member")]
    NeedsKey,
    /// It makes keys itself and takes none.
    #[error("this issuer makes keys itself")]
    MakesKey,
    /// It holds no such key.
    #[error("the issuing system holds no such key")]
    NoSuchKey,
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] crate::NoEntropy),
}

/// A connector to one issuing system.
#[async_trait]
pub trait Issuer: Send + Sync {
    /// What it would do. Changes nothing.
    fn plan(&self, wanted: &Wanted) -> Plan;
    /// Makes (or takes) the key. A key already there under this tag is removed first: its bytes were lost.
    async fn create(&self, tag: &Tag, source: KeySource) -> Result<Issued, IssuerError>;
    /// What is there under this tag: how a crash between making and recording is mended.
    async fn find(&self, tag: KeyId) -> Result<Option<Handle>, IssuerError>;
    /// Switches an inert key on. Doing it twice is fine.
    async fn activate(&self, handle: &Handle) -> Result<(), IssuerError>;
    /// Switches a key off, reversibly. Doing it twice is fine.
    async fn disable(&self, handle: &Handle) -> Result<Proof, IssuerError>;
    /// Removes a key for good. Doing it twice is fine.
    async fn revoke(&self, handle: &Handle) -> Result<Proof, IssuerError>;
    /// Reads what the issuing system holds.
    async fn status(&self, handle: &Handle) -> Result<Status, IssuerError>;
}
