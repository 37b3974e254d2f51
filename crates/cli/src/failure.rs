//! Why a call failed, as the command line tells it.

use countersign_app::Error as AppError;
use countersign_contract::Failure as View;
use countersign_ports::{LogError, VaultError};
use countersign_vault::{KeyFileError, Mistyped};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A use case.
    #[error(transparent)]
    App(#[from] AppError),
    /// A file.
    #[error("{path}: {what}.")]
    File {
        /// Which, made fit for a terminal.
        path: String,
        /// What is wrong.
        what: FileFlaw,
    },
    /// A key file.
    #[error("The key file was not accepted: {0}.")]
    KeyFile(#[from] KeyFileError),
    /// A recovery code.
    #[error("The recovery code was not accepted: {0}.")]
    Recovery(#[from] Mistyped),
    /// A value on the command line.
    #[error("{0}")]
    Usage(&'static str),
    /// A file whose shape is wrong, with the parser's own words.
    #[error("The {what} file was not understood: {why}")]
    Shape {
        /// Which kind of file.
        what: &'static str,
        /// In the parser's words, cleaned.
        why: String,
    },
    /// Somebody did not type yes.
    #[error("Nothing was signed: 'yes' was not typed.")]
    NotConfirmed,
    /// Somebody left before the end.
    #[error("You left before anything was signed.")]
    LeftEarly,
    /// The terminal.
    #[error("There is nothing more to read on standard input.")]
    NoInput,
    /// The gateway's answer.
    #[error("The key was refused: {0}.")]
    KeyRefused(&'static str),
    /// The ledger does not hold.
    #[error("The ledger does not hold: {0}.")]
    LedgerBad(String),
    /// A command that could not be started.
    #[error("The command could not be started.")]
    NotStarted,
    /// Another call of the same profile is issuing.
    #[error("Another call is issuing with this profile right now.")]
    Busy,
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum FileFlaw {
    /// Not there.
    #[error("there is no such file")]
    Missing,
    /// A directory.
    #[error("this is a folder, not a file")]
    Folder,
    /// A symbolic link.
    #[error("this is a symbolic link; name the file itself")]
    Link,
    /// Something else than a file.
    #[error("this is no regular file")]
    Special,
    /// There already.
    #[error("this is there already; nothing is overwritten")]
    Exists,
    /// Too large.
    #[error("this is larger than such a file can be")]
    TooLarge,
    /// Permission.
    #[error("this user may not read or write it")]
    Permission,
    /// Disk.
    #[error("the disk is full")]
    Full,
    /// Read-only.
    #[error("the disk is read-only")]
    ReadOnly,
    /// Not text.
    #[error("this is not UTF-8 text")]
    NotText,
    /// A picture without a code.
    #[error("no code was found in this picture")]
    NoCode,
    /// Anything else.
    #[error("it could not be read or written")]
    Other,
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self::App(error.into())
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Self::App(error.into())
    }
}

impl From<countersign_domain::Refusal> for Failure {
    fn from(refusal: countersign_domain::Refusal) -> Self {
        Self::App(refusal.into())
    }
}

impl From<countersign_ports::NoEntropy> for Failure {
    fn from(error: countersign_ports::NoEntropy) -> Self {
        Self::App(error.into())
    }
}

impl From<countersign_ports::IssuerError> for Failure {
    fn from(error: countersign_ports::IssuerError) -> Self {
        Self::App(error.into())
    }
}

impl Failure {
    /// A code that never changes.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::App(error) => error.code(),
            Self::File { what, .. } => match what {
                FileFlaw::Missing => "file-missing",
                FileFlaw::Folder => "file-is-folder",
                FileFlaw::Link => "file-is-link",
                FileFlaw::Special => "file-is-special",
                FileFlaw::Exists => "file-exists",
                FileFlaw::TooLarge => "file-too-large",
                FileFlaw::Permission => "file-permission",
                FileFlaw::Full => "disk-full",
                FileFlaw::ReadOnly => "disk-read-only",
                FileFlaw::NotText => "file-not-text",
                FileFlaw::NoCode => "no-code-in-picture",
                FileFlaw::Other => "file",
            },
            Self::KeyFile(_) => "key-file",
            Self::Recovery(_) => "recovery-code",
            Self::Usage(_) => "usage",
            Self::Shape { .. } => "file-not-understood",
            Self::NotConfirmed => "not-confirmed",
            Self::LeftEarly => "left-early",
            Self::NoInput => "no-input",
            Self::KeyRefused(_) => "key-refused",
            Self::LedgerBad(_) => "ledger-bad",
            Self::NotStarted => "not-started",
            Self::Busy => "busy",
        }
    }

    /// 1 refused by a rule, 2 wrong input, 3 integrity, 4 not available.
    pub(crate) fn exit(&self) -> u8 {
        match self {
            Self::App(error) => error.exit(),
            Self::File { what: FileFlaw::Full | FileFlaw::ReadOnly | FileFlaw::Other, .. }
            | Self::NotStarted
            | Self::Busy => 4,
            Self::File { .. } | Self::Usage(_) | Self::Shape { .. } | Self::NoInput => 2,
            Self::KeyFile(_) | Self::Recovery(_) | Self::LedgerBad(_) => 3,
            Self::NotConfirmed | Self::LeftEarly | Self::KeyRefused(_) => 1,
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::App(error) => error.advice(),
            Self::File { what: FileFlaw::Exists, .. } => "Nothing was changed there. Name another file.",
            Self::File { .. } => "Nothing was lost.",
            Self::KeyFile(_) | Self::Recovery(_) => "Nothing was changed.",
            Self::Usage(_) | Self::Shape { .. } | Self::NoInput => "Nothing was changed.",
            Self::LeftEarly => "Nothing was written, and nothing is kept.",
            Self::NotConfirmed | Self::KeyRefused(_) => "",
            Self::LedgerBad(_) => {
                "Keep the file as it is, and compare with another desk. Nothing is issued on it."
            }
            Self::NotStarted => "Nothing was changed.",
            Self::Busy => "Nothing was changed. Try again when it has ended.",
        }
    }

    pub(crate) fn view(&self) -> View {
        View { code: self.code().to_owned(), message: self.to_string(), advice: self.advice().to_owned() }
    }
}
