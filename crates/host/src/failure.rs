//! Why a call failed, as far as it is not a use case that says so.

use countersign_contract::Failure;
use countersign_envelope::{LinkFlaw, armor::ArmorFlaw};
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
    #[error("The {what} file was not understood: {why}")]
    Shape {
        /// Which kind of file.
        what: &'static str,
        /// In the parser's words, cleaned.
        why: String,
    },
    /// A text that is no document.
    #[error("The text was not understood: {0}.")]
    Text(ArmorFlaw),
    /// A text that is no link, or no whole one.
    #[error("The link was not accepted: {0}.")]
    Link(#[from] LinkFlaw),
    /// The profile is locked, or of the other kind.
    #[error("The profile is locked.")]
    Locked,
    /// The question that was answered is not the one that is open.
    #[error("What was shown is not what is asked now.")]
    Stale,
    /// What was shown was changed before it was answered.
    #[error("It was changed while you read it.")]
    Changed,
    /// The answer came before a person can have read it.
    #[error("The answer came too early to have been read.")]
    TooEarly,
    /// A founding is completed in the file where it was begun.
    #[error("The ledger of this founding was begun in another file: name that one.")]
    BegunElsewhere,
    /// Another call of the same profile is issuing.
    #[error("Another call is issuing with this profile right now.")]
    Busy,
    /// Somebody took a long piece of work back.
    #[error("It was cancelled.")]
    Cancelled,
    /// Another window has the profile.
    #[error("Another window has this profile open.")]
    InUse,
    /// The same, and that window has come to the front.
    #[error("Another window has this profile open. It has come to the front.")]
    Elsewhere,
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

    /// What became of things, and what to do next.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Missing => "Nothing was changed. Check the path.",
            Self::Folder | Self::Link | Self::Special => "Nothing was changed. Name a regular file.",
            Self::Exists => "Nothing was changed there. Name another file.",
            Self::TooLarge => "Nothing was changed. Check that this is the right file.",
            Self::Permission => "Nothing was changed. Change its permissions, or name another file.",
            Self::Full => "Nothing was lost. Make room, then give the same command again.",
            Self::ReadOnly => "Nothing was lost. Name a file on another disk.",
            Self::NotText => "Nothing was changed. Check that this is the right file, saved as UTF-8.",
            Self::NoCode => "Nothing was changed. Take a sharper picture, with the whole code on it.",
            Self::Other => "Nothing was lost. Check the disk, then give the same command again.",
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
            Self::KeyFile(KeyFileError::Full) => "disk-full",
            Self::KeyFile(_) => "key-file",
            Self::Recovery(_) => "recovery-code",
            Self::Usage(_) | Self::BegunElsewhere => "usage",
            Self::Shape { .. } => "file-not-understood",
            Self::Text(_) => "text-not-understood",
            Self::Link(LinkFlaw::Mangled) => "link-mangled",
            Self::Link(LinkFlaw::NoSecret) => "link-incomplete",
            Self::Link(LinkFlaw::NotALink) => "no-link",
            Self::Link(LinkFlaw::Several) => "several-links",
            Self::Locked => "locked",
            Self::Stale => "stale",
            Self::Changed => "changed-meanwhile",
            Self::TooEarly => "too-early",
            Self::Busy => "busy",
            Self::Cancelled => "cancelled",
            Self::InUse => "profile-in-use",
            Self::Elsewhere => "profile-elsewhere",
        }
    }

    /// 1 refused by a rule, 2 wrong input, 3 integrity, 4 not available.
    #[must_use]
    pub fn exit(&self) -> u8 {
        match self {
            Self::App(error) => error.exit(),
            Self::File(FileError { what: FileFlaw::Full | FileFlaw::ReadOnly | FileFlaw::Other, .. })
            | Self::KeyFile(KeyFileError::Full | KeyFileError::Unavailable)
            | Self::Busy
            | Self::InUse
            | Self::Elsewhere => 4,
            Self::File(_)
            | Self::Usage(_)
            | Self::BegunElsewhere
            | Self::Shape { .. }
            | Self::Text(_)
            | Self::Link(_) => 2,
            Self::KeyFile(_) | Self::Recovery(_) => 3,
            Self::Locked | Self::Stale | Self::Changed | Self::TooEarly | Self::Cancelled => 1,
        }
    }

    /// What was not lost, and what to do next.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::App(error) => error.advice(),
            Self::File(error) => error.what.advice(),
            Self::KeyFile(KeyFileError::Full) => FileFlaw::Full.advice(),
            Self::KeyFile(_) => "Nothing was changed. Name the key file this profile was made with.",
            Self::Recovery(_) => "Nothing was changed. Type it again, as it was written down.",
            Self::Usage(_) | Self::BegunElsewhere => "Nothing was changed. Correct it and try again.",
            Self::Text(_) => "Nothing was changed. Paste the whole text, with its first and last line.",
            Self::Link(LinkFlaw::Mangled) => {
                "Nothing was changed. The secret may have reached a server on its way: do not repair the link."
            }
            Self::Link(LinkFlaw::NoSecret | LinkFlaw::NotALink | LinkFlaw::Several) => {
                "Nothing was changed. Copy the whole message, or the whole link, and try again."
            }
            Self::Shape { .. } => "Nothing was changed. Correct the file and try again.",
            Self::Locked => "Nothing was changed. Unlock it and try again.",
            Self::Stale | Self::Changed => "Nothing was signed. Close this and look at it again.",
            Self::TooEarly => "Nothing was signed. Read it, then answer.",
            Self::Busy => "Nothing was changed. Try again when it has ended.",
            Self::Cancelled => "Nothing was changed.",
            Self::InUse | Self::Elsewhere => "Nothing was changed. Use that window, or close it first.",
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { code: error.code().to_owned(), message: error.to_string(), advice: error.advice().to_owned() }
    }
}
