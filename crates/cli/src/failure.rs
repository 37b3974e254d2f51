//! Why a call failed, as the command line tells it.

use countersign_app::Error as AppError;
use countersign_contract::Failure as View;
use countersign_host::{Error, FileError, FileFlaw};
use countersign_ports::{LogError, VaultError};
use countersign_vault::KeyFileError;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A use case.
    #[error(transparent)]
    App(#[from] AppError),
    /// Whatever else this program shares with a window: files above all.
    #[error(transparent)]
    Host(Error),
    /// A value on the command line.
    #[error("{0}")]
    Usage(&'static str),
    /// A link where others see it.
    #[error(
        "A link was given as an argument, where other programs and the history of this shell see its secret."
    )]
    LinkArgument,
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
    /// A terminal that is too narrow for codes, or none.
    #[error("Codes take a terminal of at least {needed} columns.")]
    NoRoomForCodes {
        /// As many.
        needed: usize,
    },
    /// A fingerprint that no person typed, where nobody said that this is meant.
    #[error("The fingerprint did not come from a terminal: nobody is known to have heard it.")]
    Unattended,
    /// A command that could not be started.
    #[error("The command could not be started.")]
    NotStarted,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::App(error) => Self::App(error),
            Error::Usage(text) => Self::Usage(text),
            Error::BegunElsewhere => Self::Usage(
                "The ledger of this founding was begun in another file: name that one with --log.",
            ),
            error => Self::Host(error),
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::Host(error.into())
    }
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        Self::Host(error.into())
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
            Self::Host(error) => error.code(),
            Self::Usage(_) | Self::CommandLine(_) => "usage",
            Self::LinkArgument => "link-argument",
            Self::Output(_) => "output",
            Self::NotStopped { .. } => "not-stopped",
            Self::NotConfirmed => "not-confirmed",
            Self::LeftEarly => "left-early",
            Self::NoInput => "no-input",
            Self::KeyRefused(_) => "key-refused",
            Self::LedgerBad(_) => "ledger-bad",
            Self::NoRoomForCodes { .. } => "no-room-for-codes",
            Self::Unattended => "unattended",
            Self::NotStarted => "not-started",
        }
    }

    /// 1 refused by a rule, 2 wrong input, 3 integrity, 4 not available.
    pub(crate) fn exit(&self) -> u8 {
        match self {
            Self::App(error) => error.exit(),
            Self::Host(error) => error.exit(),
            Self::NotStarted | Self::Output(_) | Self::NotStopped { .. } => 4,
            Self::Usage(_) | Self::CommandLine(_) | Self::NoInput | Self::LinkArgument => 2,
            Self::NoRoomForCodes { .. } => 2,
            Self::LedgerBad(_) => 3,
            Self::NotConfirmed | Self::LeftEarly | Self::KeyRefused(_) | Self::Unattended => 1,
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::App(error) => error.advice(),
            Self::Host(error) => error.advice(),
            Self::Usage(_) => {
                "Nothing was changed. Correct it and try again; --help shows what the command takes."
            }
            Self::LinkArgument => {
                "Nothing was changed. Take it out of the history; put the link into a file for --link-file, or leave it out and paste it when you are asked."
            }
            Self::CommandLine(_) => "Nothing was changed. The same command with --help shows what it takes.",
            Self::Output(_) => {
                "Nothing was lost. The matching 'list', 'show' or 'save' command tells it again."
            }
            Self::NotStopped { .. } => {
                "Nothing was lost, and the others are stopped. Tell whoever runs the issuing system now; 'key finish' tries kept orders again."
            }
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
            Self::NoRoomForCodes { .. } => {
                "Nothing was released. Widen the window, or name a folder for pictures of them: --qr-dir DIR."
            }
            Self::Unattended => {
                "Nothing was changed. Type it at a terminal; or say with --unattended that a program gives it, and it is marked so."
            }
            Self::NotStarted => "Nothing was changed. Check the name of the command and its permissions.",
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
