//! Why a call failed, as far as it is not a use case that says so.

use countersign_contract::Failure;
use countersign_vault::{KeyFileError, Mistyped};

/// A file that was not read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {what}.")]
pub struct FileError {
    /// Which, made fit to be shown.
    pub path: String,
    /// What is wrong.
    pub what: FileFlaw,
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileFlaw {
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

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A use case.
    #[error(transparent)]
    App(#[from] countersign_app::Error),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A key file.
    #[error("The key file was not accepted: {0}.")]
    KeyFile(#[from] KeyFileError),
    /// A recovery code.
    #[error("The recovery code was not accepted: {0}.")]
    Recovery(#[from] Mistyped),
    /// A value that a call came with.
    #[error("{0}")]
    Usage(&'static str),
    /// A file whose shape is wrong, with the parser's own words.
    #[error("The {what} was not understood: {why}")]
    Shape {
        /// Which kind of file.
        what: &'static str,
        /// In the parser's words, cleaned.
        why: String,
    },
    /// The profile is locked, or of the other kind.
    #[error("The profile is locked.")]
    Locked,
    /// The question that was answered is not the one that is open.
    #[error("What was shown is not what is asked now.")]
    Stale,
    /// The answer came before a person can have read it.
    #[error("The answer came too early to have been read.")]
    TooEarly,
    /// Another call of the same profile is issuing.
    #[error("Another call is issuing with this profile right now.")]
    Busy,
    /// Another window has the profile.
    #[error("Another window has this profile open.")]
    InUse,
}

impl From<countersign_ports::VaultError> for Error {
    fn from(error: countersign_ports::VaultError) -> Self {
        Self::App(error.into())
    }
}

impl From<countersign_ports::LogError> for Error {
    fn from(error: countersign_ports::LogError) -> Self {
        Self::App(error.into())
    }
}

impl From<countersign_domain::Refusal> for Error {
    fn from(refusal: countersign_domain::Refusal) -> Self {
        Self::App(refusal.into())
    }
}

impl From<countersign_ports::NoEntropy> for Error {
    fn from(error: countersign_ports::NoEntropy) -> Self {
        Self::App(error.into())
    }
}

impl FileFlaw {
    /// A code that never changes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "file-missing",
            Self::Folder => "file-is-folder",
            Self::Link => "file-is-link",
            Self::Special => "file-is-special",
            Self::Exists => "file-exists",
            Self::TooLarge => "file-too-large",
            Self::Permission => "file-permission",
            Self::Full => "disk-full",
            Self::ReadOnly => "disk-read-only",
            Self::NotText => "file-not-text",
            Self::NoCode => "no-code-in-picture",
            Self::Other => "file",
        }
    }
}

impl Error {
    /// A code that never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::App(error) => error.code(),
            Self::File(error) => error.what.code(),
            Self::KeyFile(_) => "key-file",
            Self::Recovery(_) => "recovery-code",
            Self::Usage(_) => "usage",
            Self::Shape { .. } => "file-not-understood",
            Self::Locked => "locked",
            Self::Stale => "stale",
            Self::TooEarly => "too-early",
            Self::Busy => "busy",
            Self::InUse => "profile-in-use",
        }
    }

    /// What was not lost, and what to do next.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::App(error) => error.advice(),
            Self::File(FileError { what: FileFlaw::Exists, .. }) => {
                "Nothing was changed there. Name another file."
            }
            Self::File(_) => "Nothing was lost.",
            Self::KeyFile(_) | Self::Recovery(_) | Self::Usage(_) | Self::Shape { .. } => {
                "Nothing was changed."
            }
            Self::Locked => "Nothing was changed. Unlock it and try again.",
            Self::Stale => "Nothing was signed. Close this and look at it again.",
            Self::TooEarly => "Nothing was signed. Read it, then answer.",
            Self::Busy => "Nothing was changed. Try again when it has ended.",
            Self::InUse => "Nothing was changed. Use that window, or close it first.",
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { code: error.code().to_owned(), message: error.to_string(), advice: error.advice().to_owned() }
    }
}
