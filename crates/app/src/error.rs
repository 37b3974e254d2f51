//! What a use case says when it did not do what was asked: what happened, that nothing was lost, what to do next.

use countersign_documents::{Rejected, network::NetworkFlaw, policy::PolicyFlaw, text::TextFlaw};
use countersign_domain::Refusal;
use countersign_envelope::{
    NotAccepted, Reason,
    letter::{Unopened, Unsealed},
};
use countersign_ledger::{BlobError, LeafError, NoteError};
use countersign_ports::{IssuerError, LogError, NoEntropy, RelayError, VaultError};

mod outside;
mod relay;

pub use relay::{RelayFault, WitnessFlaw};

use outside::{log_advice, log_code, vault_advice, vault_code};

/// What a partner's profile is called.
pub(crate) const INBOX: &str = "a partner's inbox";

/// The result of a use case.
pub type Result<T> = core::result::Result<T, Error>;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule says no.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// A document from outside does not hold.
    #[error("The {what} was not accepted: {why}.")]
    Rejected {
        /// Which document.
        what: &'static str,
        /// Why.
        why: Rejected,
    },
    /// An envelope does not hold.
    #[error("The envelope was not accepted: {}.", .0.reason())]
    NotAccepted(#[from] NotAccepted),
    /// An envelope could not be sealed.
    #[error("The envelope could not be sealed: {0}.")]
    NotSealed(Reason),
    /// A letter does not open.
    #[error(
        "The letter does not open: it is sealed for another organisation, or for a key that was replaced."
    )]
    Unopened,
    /// A text field.
    #[error("The field '{field}' was not accepted: {flaw}.")]
    Text {
        /// Which.
        field: &'static str,
        /// Why.
        flaw: TextFlaw,
    },
    /// A network.
    #[error("A source network was not accepted: {0}.")]
    Network(#[from] NetworkFlaw),
    /// A private network in a request.
    #[error("A source network is private: the interface never sees such an address as a source.")]
    PrivateNetwork,
    /// A policy.
    #[error("The policy was not accepted: {0}.")]
    Policy(#[from] PolicyFlaw),
    /// A catalogue.
    #[error("The catalogue was not accepted: {0}.")]
    Catalogue(#[from] countersign_documents::catalogue::CatalogueFlaw),
    /// A file that should hold something of a known shape.
    #[error("The {what} file could not be read: line {line}, column {column} is not what is expected there.")]
    Shape {
        /// Which.
        what: &'static str,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A value that a caller gave.
    #[error("{0}")]
    Value(&'static str),
    /// Nothing of that id.
    #[error("There is no {what} with an id that begins like that.")]
    NotFound {
        /// What.
        what: &'static str,
    },
    /// Several of that prefix.
    #[error("More than one {what} fits. Type more of the id of the one you mean.")]
    Ambiguous {
        /// What.
        what: &'static str,
    },
    /// A profile of the other kind.
    #[error("This profile is {is}; that takes {needs}.")]
    WrongProfile {
        /// What it is.
        is: &'static str,
        /// What it takes.
        needs: &'static str,
    },
    /// The typed fingerprint is another.
    #[error("The fingerprint that was typed is not the one of this identity.")]
    FingerprintDiffers,
    /// The typed fingerprint is not complete.
    #[error(
        "A fingerprint has 35 digits, in seven groups of five, or nine words of the list. Nothing was compared."
    )]
    FingerprintIncomplete,
    /// A founding document does not answer the one that was sent.
    #[error("This is not the answer to the founding that this profile began.")]
    OtherFounding,
    /// The log's past was changed.
    #[error(
        "The ledger was rewritten: entry {0} and those before it are not what this desk verified earlier."
    )]
    Rewritten(u64),
    /// The log ends earlier than it did.
    #[error(
        "The ledger ends at entry {is}, but this desk has verified {was}: entries were removed, or this is an old copy."
    )]
    Shortened {
        /// How long it is.
        is: u64,
        /// How long it was.
        was: u64,
    },
    /// Its checkpoint is not signed by a member, or is for other rows.
    #[error("The ledger's newest checkpoint is not signed by a member, or is for other entries.")]
    BadCheckpoint,
    /// This desk cannot read the ledger.
    #[error("This desk has no key for the ledger.")]
    NoLedgerKey,
    /// Shared keys are not what the ledger says.
    #[error("A shared key is not the one the ledger names.")]
    WrongSharedKey,
    /// A document beside the ledger is gone.
    #[error("A document beside the ledger is missing or does not open.")]
    BlobGone,
    /// A document was erased on the record.
    #[error("That text was erased, which is on the record.")]
    BlobErased,
    /// The own snapshot is not readable.
    #[error("This desk's own state could not be read.")]
    BadSnapshot,
    /// What was sealed for release is gone.
    #[error(
        "This desk does not hold the envelope of that key: another desk made it, or it was delivered and shredded."
    )]
    NothingToDeliver,
    /// The log.
    #[error("The ledger is not available: {0}.")]
    Log(#[from] LogError),
    /// The vault.
    #[error("The profile is not available: {0}.")]
    Vault(#[from] VaultError),
    /// The entry is durable; what this desk does after it, or remembers of it, is not.
    #[error("The entry is on the record, but this desk could not note it. {0}")]
    NotRemembered(#[source] Box<Self>),
    /// An issuer.
    #[error("The issuer did not do it: {0}.")]
    Issuer(#[from] IssuerError),
    /// An issuer that is to be proposed, and that this desk finds nothing of.
    #[error("This issuer could not make a key from here: {0}.")]
    IssuerNotThere(#[source] IssuerError),
    /// A relay.
    #[error(transparent)]
    Relay(#[from] RelayFault),
    /// No randomness.
    #[error("The operating system gave no randomness, so nothing was made.")]
    Entropy(#[from] NoEntropy),
    /// No time.
    #[error("This computer's clock cannot be read.")]
    NoClock,
    /// Sealing for the log failed.
    #[error("This is larger than the ledger or a letter takes.")]
    TooLarge,
    /// Too many others write at the same time.
    #[error("Other desks kept writing to the ledger. Nothing was changed by this call.")]
    Crowded,
}

impl From<RelayError> for Error {
    fn from(error: RelayError) -> Self {
        Self::Relay(RelayFault::Failed(error))
    }
}

impl From<LeafError> for Error {
    fn from(_: LeafError) -> Self {
        Self::TooLarge
    }
}

impl From<NoteError> for Error {
    fn from(_: NoteError) -> Self {
        Self::BadCheckpoint
    }
}

impl From<BlobError> for Error {
    fn from(_: BlobError) -> Self {
        Self::BlobGone
    }
}

impl From<Unsealed> for Error {
    fn from(why: Unsealed) -> Self {
        match why {
            Unsealed::TooLarge => Self::TooLarge,
            Unsealed::Key => Self::Unopened,
        }
    }
}

impl From<Unopened> for Error {
    fn from(_: Unopened) -> Self {
        Self::Unopened
    }
}

impl Error {
    /// A rejected document of this kind.
    pub fn rejected(what: &'static str) -> impl FnOnce(Rejected) -> Self {
        move |why| Self::Rejected { what, why }
    }

    /// A text field that was not accepted.
    pub fn text(field: &'static str) -> impl FnOnce(TextFlaw) -> Self {
        move |flaw| Self::Text { field, flaw }
    }

    /// A code that never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Rejected { .. } => "document-not-accepted",
            Self::NotAccepted(_) => "envelope-not-accepted",
            Self::NotSealed(_) => "envelope-not-sealed",
            Self::Unopened => "letter-not-opened",
            Self::Text { .. } => "text-not-accepted",
            Self::Network(_) | Self::PrivateNetwork => "network-not-accepted",
            Self::Policy(_) => "policy-not-accepted",
            Self::Catalogue(_) => "catalogue-not-accepted",
            Self::Shape { .. } => "file-not-understood",
            Self::Value(_) => "value-not-accepted",
            Self::NotFound { .. } => "not-found",
            Self::Ambiguous { .. } => "ambiguous",
            Self::WrongProfile { .. } => "wrong-profile",
            Self::FingerprintDiffers => "fingerprint-differs",
            Self::FingerprintIncomplete => "fingerprint-incomplete",
            Self::OtherFounding => "other-founding",
            Self::Rewritten(_) => "ledger-rewritten",
            Self::Shortened { .. } => "ledger-shortened",
            Self::BadCheckpoint => "ledger-checkpoint",
            Self::NoLedgerKey => "no-ledger-key",
            Self::WrongSharedKey => "wrong-shared-key",
            Self::BlobGone => "document-missing",
            Self::BlobErased => "document-erased",
            Self::BadSnapshot => "own-state",
            Self::NothingToDeliver => "nothing-to-deliver",
            Self::Log(error) => log_code(error),
            Self::Vault(error) => vault_code(error),
            Self::NotRemembered(_) => "recorded-only",
            Self::Issuer(IssuerError::NeedsKey) => "issuer-needs-key",
            Self::IssuerNotThere(_) => "issuer-not-there",
            Self::Issuer(_) => "issuer",
            Self::Relay(fault) => fault.code(),
            Self::Entropy(_) => "no-randomness",
            Self::NoClock => "no-clock",
            Self::TooLarge => "too-large",
            Self::Crowded => "crowded",
        }
    }

    /// The exit code of a command line: 1 refused by a rule, 2 wrong input, 3 integrity, 4 not available.
    pub fn exit(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Text { .. }
            | Self::Network(_)
            | Self::PrivateNetwork
            | Self::Policy(_)
            | Self::Catalogue(_) => 2,
            Self::Shape { .. }
            | Self::Value(_)
            | Self::NotFound { .. }
            | Self::Ambiguous { .. }
            | Self::WrongProfile { .. } => 2,
            Self::Issuer(IssuerError::NeedsKey | IssuerError::MakesKey) => 2,
            Self::FingerprintIncomplete | Self::TooLarge => 2,
            Self::Rejected { .. }
            | Self::NotAccepted(_)
            | Self::NotSealed(_)
            | Self::Unopened
            | Self::FingerprintDiffers => 3,
            Self::OtherFounding
            | Self::Rewritten(_)
            | Self::Shortened { .. }
            | Self::BadCheckpoint
            | Self::WrongSharedKey => 3,
            Self::BlobGone | Self::BadSnapshot => 3,
            Self::Log(LogError::Damaged | LogError::Newer) => 3,
            Self::Vault(
                VaultError::Altered
                | VaultError::WrongSecret
                | VaultError::SlotParameters
                | VaultError::NotPrivate,
            ) => 3,
            Self::Vault(VaultError::Exists | VaultError::AlreadyThere) => 2,
            Self::BlobErased | Self::NothingToDeliver => 1,
            Self::Relay(fault) => fault.exit(),
            Self::NoLedgerKey
            | Self::Log(_)
            | Self::Vault(_)
            | Self::NotRemembered(_)
            | Self::Issuer(_)
            | Self::IssuerNotThere(_)
            | Self::Entropy(_)
            | Self::NoClock
            | Self::Crowded => 4,
        }
    }

    /// This failure, met after the entry was durable: it must not sound as if it were not.
    pub(crate) fn after_record(self) -> Self {
        match self {
            Self::Log(_) | Self::Vault(_) => Self::NotRemembered(Box::new(self)),
            other => other,
        }
    }

    /// What was not lost, and what to do next.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Refused(_) => "Nothing was changed.",
            Self::Rejected { .. } | Self::NotAccepted(_) => {
                "Nothing was changed. Ask whoever sent it, over a channel you know, whether it is really theirs, and for a new one."
            }
            Self::NotSealed(_) => {
                "No key left this desk. 'key finish' tries again; 'key abandon' gives the key up that was begun."
            }
            Self::Unopened => "Nothing was changed. Ask the sender to use the newest card.",
            Self::Text { .. }
            | Self::Network(_)
            | Self::PrivateNetwork
            | Self::Policy(_)
            | Self::Catalogue(_)
            | Self::Shape { .. } => "Nothing was changed. Correct it and try again.",
            Self::Value(_) | Self::TooLarge => "Nothing was changed.",
            Self::NotFound { .. } | Self::Ambiguous { .. } => {
                "Nothing was changed. The matching 'list' command shows the ids there are."
            }
            Self::WrongProfile { is, .. } if *is == INBOX => {
                "Nothing was changed. Here 'request list', 'key list' and 'card list' show what is yours; --profile chooses a member's desk."
            }
            Self::WrongProfile { .. } => "Nothing was changed. Choose another profile with --profile.",
            Self::FingerprintDiffers => {
                "Nothing was accepted. Do not go on. Have it read once more; if it differs again, somebody may be between you and the other side."
            }
            Self::FingerprintIncomplete => "Nothing was changed. Have it read again, and type all of it.",
            Self::OtherFounding => "Nothing was changed. Use the file that came back from the other founder.",
            Self::Rewritten(_) | Self::Shortened { .. } | Self::BadCheckpoint => {
                "This desk refuses to issue on it. Nothing of what this desk knows was lost; keep the file, and compare with another desk."
            }
            Self::NoLedgerKey => {
                "Nothing was changed. You get it when a second admin confirms you; then do this again. If that is done, a member runs 'member share'."
            }
            Self::WrongSharedKey | Self::BlobGone | Self::BlobErased => "Nothing was changed.",
            Self::BadSnapshot => "Nothing was lost: the state is rebuilt from the ledger on the next call.",
            Self::NothingToDeliver => {
                "Nothing was changed. 'key rotate' makes another key within the same grant."
            }
            Self::Log(error) => log_advice(error),
            Self::Vault(error) => vault_advice(error),
            Self::NotRemembered(_) => {
                "Nothing was lost, and the entry counts. Make room, or let the other program end; then look at the matching 'list' before anything is repeated."
            }
            Self::Issuer(IssuerError::NeedsKey) => {
                "Nothing was changed. Bring the key with --key-file or --key-stdin."
            }
            Self::Issuer(IssuerError::MakesKey) => {
                "Nothing was changed. Leave --key-file and --key-stdin out."
            }
            Self::Issuer(_) => {
                "Nothing was released. When the issuing system answers, 'key finish' completes what was begun; 'key abandon' gives it up."
            }
            Self::IssuerNotThere(_) => {
                "Nothing was proposed. Make the folder that 'location' names, or name another one, and propose again: once two people have signed, another place is another issuer."
            }
            Self::Relay(fault) => fault.advice(),
            Self::Entropy(_) | Self::NoClock => "Nothing was changed.",
            Self::Crowded => "Try again when they are done.",
        }
    }
}
