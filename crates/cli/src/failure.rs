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
    /// The command line itself, in the words of its parser.
    #[error("{0}")]
    CommandLine(String),
    /// Keys that are alive although they were to be stopped.
    #[error("{count} of the keys could not be stopped: {why}.")]
    NotStopped {
        /// How many.
        count: usize,
        /// Why, of the first.
        why: String,
    },
    /// What was asked for is done, and could not be said.
    #[error("The command was carried out, but its output could not be written: {0}.")]
    Output(FileFlaw),
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

impl FileFlaw {
    /// What became of things, and what to do next.
    fn advice(self) -> &'static str {
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
            Self::KeyFile(KeyFileError::Full) => "disk-full",
            Self::KeyFile(_) => "key-file",
            Self::Recovery(_) => "recovery-code",
            Self::Usage(_) | Self::CommandLine(_) => "usage",
            Self::Output(_) => "output",
            Self::NotStopped { .. } => "not-stopped",
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
            | Self::Output(_)
            | Self::NotStopped { .. }
            | Self::KeyFile(KeyFileError::Full | KeyFileError::Unavailable)
            | Self::Busy => 4,
            Self::File { .. }
            | Self::Usage(_)
            | Self::CommandLine(_)
            | Self::Shape { .. }
            | Self::NoInput => 2,
            Self::KeyFile(_) | Self::Recovery(_) | Self::LedgerBad(_) => 3,
            Self::NotConfirmed | Self::LeftEarly | Self::KeyRefused(_) => 1,
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::App(error) => error.advice(),
            Self::File { what, .. } => what.advice(),
            Self::KeyFile(KeyFileError::Full) => FileFlaw::Full.advice(),
            Self::KeyFile(_) => "Nothing was changed. Name the key file this profile was made with.",
            Self::Recovery(_) => "Nothing was changed. Type it again, as it was written down.",
            Self::Usage(_) => {
                "Nothing was changed. Correct it and try again; --help shows what the command takes."
            }
            Self::CommandLine(_) => "Nothing was changed. The same command with --help shows what it takes.",
            Self::Output(_) => {
                "Nothing was lost. The matching 'list', 'show' or 'save' command tells it again."
            }
            Self::NotStopped { .. } => {
                "Nothing was lost, and the others are stopped. Tell whoever runs the issuing system now; 'key finish' tries kept orders again."
            }
            Self::Shape { .. } => "Nothing was changed. Correct the file and try again.",
            Self::NoInput => {
                "Nothing was changed. Type what is asked for at a terminal, or send it on standard input."
            }
            Self::LeftEarly => "Nothing was written, and nothing is kept.",
            Self::NotConfirmed => "Nothing was changed. The same command asks again.",
            Self::KeyRefused(_) => {
                "Nothing was changed. 'key list' at the organisation says how far the key is."
            }
            Self::LedgerBad(_) => {
                "Keep the file as it is, and compare with another desk. Nothing is issued on it."
            }
            Self::NotStarted => "Nothing was changed. Check the name of the command and its permissions.",
            Self::Busy => "Nothing was changed. Try again when it has ended.",
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
        let cut = if letters.next().is_some() { "…" } else { "" };
        Self::CommandLine(format!("{first}{}{cut}.", rest.trim_end_matches('.')))
    }

    pub(crate) fn view(&self) -> View {
        View { code: self.code().to_owned(), message: self.to_string(), advice: self.advice().to_owned() }
    }
}
