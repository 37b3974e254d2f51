//! Why the relay does not start: one sentence of what is so, one of what to do.

use std::{fmt, io::ErrorKind, net::SocketAddr, path::Path};

use countersign_documents::{id::OrganisationId, text::visible};

/// Why it does not start, or does not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line, in the words of its parser.
    #[error("{0}")]
    CommandLine(String),
    /// Settings that do not go together.
    #[error("{0}")]
    Usage(&'static str),
    /// A line of the file of settings.
    #[error("{file}, line {line}, is not understood.")]
    Setting {
        /// Which file.
        file: Shown,
        /// Which line, from 1 on.
        line: usize,
    },
    /// A file or folder.
    #[error("{path} {what}.")]
    File {
        /// Which.
        path: Shown,
        /// What is so with it.
        what: FileFlaw,
    },
    /// A card that says nothing here.
    #[error("{path} {what}.")]
    Card {
        /// Its file.
        path: Shown,
        /// What is so with it.
        what: CardFlaw,
    },
    /// A card of another relay.
    #[error("{path} names {named} as the relay of its organisation, and this one is {ours}.")]
    Origin {
        /// Its file.
        path: Shown,
        /// The relay it names.
        named: String,
        /// What this one is.
        ours: String,
    },
    /// A card and what the database has of the same organisation.
    #[error("The card of {0} and the one in the database are not of one history.")]
    Contradicts(OrganisationId),
    /// The witness has seen another number of entries than was said.
    #[error(
        "The witness has seen {size} entries of the ledger of {organisation}, and nothing was forgotten."
    )]
    Stands {
        /// Whose ledger.
        organisation: OrganisationId,
        /// How many.
        size: u64,
    },
    /// Certificate and key.
    #[error("{path} {what}.")]
    Tls {
        /// Which file.
        path: Shown,
        /// What is so with it.
        what: TlsFlaw,
    },
    /// The address to listen on.
    #[error("It cannot listen on {address}: {why}.")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why not.
        why: ListenFlaw,
    },
    /// The database.
    #[error("The database cannot be used: {0}.")]
    Database(DatabaseFlaw),
    /// The system gave no threads, or no more connections.
    #[error("The system does not let it run.")]
    System,
}

/// A path, fit for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown(String);

impl From<&Path> for Shown {
    fn from(path: &Path) -> Self {
        Self(visible(&path.to_string_lossy()))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is so with a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileFlaw {
    #[error("is not there")]
    Missing,
    #[error("may not be read by this user")]
    Permission,
    #[error("can be read by others")]
    NotPrivate,
    #[error("is no folder of this user alone")]
    FolderNotPrivate,
    #[error("is no file")]
    NoFile,
    #[error("is too large")]
    TooLarge,
    #[error("holds no text")]
    NotText,
    #[error("holds no address of a database")]
    NoDatabase,
    #[error("cannot be written to: the disk is full")]
    Full,
    #[error("cannot be read or made")]
    Unavailable,
}

impl From<ErrorKind> for FileFlaw {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::Missing,
            ErrorKind::PermissionDenied => Self::Permission,
            ErrorKind::IsADirectory => Self::NoFile,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Unavailable,
        }
    }
}

/// What is so with a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CardFlaw {
    #[error("is no card whose signatures hold")]
    NoCard,
    #[error("is a card that is over, or not yet valid by this clock")]
    NotNow,
    #[error("is a card that names no relay")]
    NoRelay,
    #[error("is a card of an organisation that another card is of")]
    Twice,
}

/// What is so with certificate or key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TlsFlaw {
    #[error("holds no certificate in PEM")]
    NoCertificate,
    #[error("holds no private key in PEM")]
    NoKey,
    #[error("is not the key of the certificate, or of a kind that is not used")]
    DoesNotFit,
}

impl TlsFlaw {
    /// As the log names it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NoCertificate => "no-certificate",
            Self::NoKey => "no-key",
            Self::DoesNotFit => "does-not-fit",
        }
    }
}

/// Why an address cannot be listened on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ListenFlaw {
    #[error("somebody else has this port")]
    InUse,
    #[error("this user may not have this port")]
    Permission,
    #[error("this machine has no such address")]
    NotHere,
    #[error("the system refuses")]
    Other,
}

impl From<ErrorKind> for ListenFlaw {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::AddrInUse => Self::InUse,
            ErrorKind::PermissionDenied => Self::Permission,
            ErrorKind::AddrNotAvailable => Self::NotHere,
            _ => Self::Other,
        }
    }
}

/// Why a database cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DatabaseFlaw {
    #[error("a later version of the relay made it")]
    Newer,
    #[error("it is not the relay's, or it is damaged")]
    Damaged,
    #[error("its disk is full")]
    Full,
    #[error("it is not there, or does not answer")]
    Unavailable,
    #[error("it says that something is stored before it is")]
    NotDurable,
}

impl Failure {
    /// A file or folder, and what is so with it.
    pub(crate) fn file(path: &Path, what: impl Into<FileFlaw>) -> Self {
        Self::File { path: path.into(), what: what.into() }
    }

    /// Why certificate and key cannot be used, as the log names it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Tls { what, .. } => what.word(),
            Self::File { what: FileFlaw::NotPrivate, .. } => "not-private",
            _ => "not-read",
        }
    }

    /// 1 refused by a rule, 2 wrong input, 3 integrity, 4 not available.
    pub(crate) fn exit(&self) -> u8 {
        match self {
            Self::Origin { .. }
            | Self::Stands { .. }
            | Self::Card { what: CardFlaw::NotNow | CardFlaw::NoRelay, .. } => 1,
            Self::File { what: FileFlaw::Full | FileFlaw::Unavailable, .. } => 4,
            Self::File { what: FileFlaw::NotPrivate | FileFlaw::FolderNotPrivate, .. } => 3,
            Self::Card { what: CardFlaw::NoCard, .. } | Self::Contradicts(_) => 3,
            Self::Database(DatabaseFlaw::Newer | DatabaseFlaw::Damaged | DatabaseFlaw::NotDurable) => 3,
            Self::CommandLine(_)
            | Self::Usage(_)
            | Self::Setting { .. }
            | Self::File { .. }
            | Self::Tls { .. }
            | Self::Card { what: CardFlaw::Twice, .. } => 2,
            Self::Listen { .. }
            | Self::Database(DatabaseFlaw::Full | DatabaseFlaw::Unavailable)
            | Self::System => 4,
        }
    }

    /// What to do next.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::CommandLine(_) | Self::Usage(_) => "See --help.",
            Self::Setting { .. } => "Correct it; docs/relay.md has every setting.",
            Self::File { what: FileFlaw::NotPrivate, .. } => "Take it away from them: chmod 600 FILE.",
            Self::File { what: FileFlaw::FolderNotPrivate, .. } => {
                "Name one that is, or take it away from others: chmod 700 FOLDER."
            }
            Self::File { what: FileFlaw::Full, .. } => "Make room on the disk.",
            Self::File { .. } => "Name another one.",
            Self::Card { what: CardFlaw::NoCard, .. } => {
                "Take it from the organisation again: countersign card export."
            }
            Self::Card { what: CardFlaw::NotNow, .. } => {
                "Let two admins make a new one, and look at the clock of this machine."
            }
            Self::Card { what: CardFlaw::NoRelay, .. } => "Let two admins put the relay into the card.",
            Self::Card { what: CardFlaw::Twice, .. } => "Name the newer one alone.",
            Self::Origin { .. } => {
                "Say with --public-url how partners reach it, or let two admins correct the card."
            }
            Self::Contradicts(_) => "Ask the organisation which of them is its own; nothing was changed.",
            Self::Stands { .. } => "Look again with 'witness', and say that number with --size.",
            Self::Tls { .. } => "Correct --tls-certificate and --tls-key.",
            Self::Listen { .. } => "Choose another address with --listen or --metrics.",
            Self::Database(DatabaseFlaw::Newer) => "Install the newer version of the relay.",
            Self::Database(DatabaseFlaw::Damaged) => {
                "Keep it as it is, and start from a copy that was made before."
            }
            Self::Database(DatabaseFlaw::Full) => "Make room on its disk.",
            Self::Database(DatabaseFlaw::Unavailable) => "See whether it runs and lets the relay in.",
            Self::Database(DatabaseFlaw::NotDurable) => {
                "Switch on what makes it wait: fsync, synchronous_commit."
            }
            Self::System => "See how many processes and files it may have.",
        }
    }

    /// From what the parser of the command line says: its first paragraph, on one line.
    pub(crate) fn command_line(said: &str) -> Self {
        let first: Vec<&str> = said.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
        let text = first.join(" ");
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let mut letters = text.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        // An argument of any length may be repeated in it.
        let rest: String = letters.by_ref().take(300).collect();
        Self::CommandLine(visible(&format!("{first}{}.", rest.trim_end_matches('.'))))
    }
}
