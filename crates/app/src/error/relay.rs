//! What is said where a relay is not there, or does not do what was asked.

use countersign_ports::RelayError;

/// What is wrong between a ledger and the relay that witnesses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WitnessFlaw {
    /// The ledger is shorter than the witness saw it.
    #[error(
        "The relay has seen {knows} entries of this ledger, and here it has {is}: entries were removed, or this is an old copy."
    )]
    Ahead {
        /// How long it is here.
        is: u64,
        /// How long the witness saw it.
        knows: u64,
    },
    /// The ledger is another than the witness saw.
    #[error(
        "The first {at} entries are not those that the relay has seen: this ledger or another copy was rewritten."
    )]
    Forked {
        /// How long it was when the witness saw it.
        at: u64,
    },
    /// The witness has forgotten what it signed.
    #[error(
        "The relay has seen {told} entries of this ledger, and remembers {knows}: it came back from an old copy."
    )]
    WentBack {
        /// How long the ledger was, says the witness now.
        knows: u64,
        /// How long it was when it signed.
        told: u64,
    },
    /// The witness has another key.
    #[error("The relay signs what it has seen of the ledger with another key than before.")]
    OtherKey,
    /// The witness has another key than somebody was told.
    #[error("The relay signs with another key than this one.")]
    Differs,
}

impl WitnessFlaw {
    /// A code that never changes.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ahead { .. } => "witness-ahead",
            Self::Forked { .. } => "witness-forked",
            Self::WentBack { .. } => "witness-went-back",
            Self::OtherKey => "witness-other-key",
            Self::Differs => "witness-differs",
        }
    }

    /// What was not lost, and what to do next.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Ahead { .. } | Self::Forked { .. } => {
                "This desk takes nothing in from the relay and brings nothing there. Nothing of what this desk knows was lost; keep the files, and compare with another desk."
            }
            Self::WentBack { .. } => {
                "Nothing was lost: the ledger was shown to it again. Ask whoever runs the relay, over a channel you know, what happened."
            }
            Self::OtherKey => {
                "Nothing was lost, but nothing is witnessed. Ask whoever runs the relay, over a channel you know, what happened. If the key was replaced, two admins accept the new one: 'relay witness'."
            }
            Self::Differs => {
                "Nothing was changed. Ask whoever runs the relay again, over a channel you know: 'countersign-relay witness' prints the key there."
            }
        }
    }
}

/// Why something did not go through a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RelayFault {
    /// There is none.
    #[error("The organisation's newest card names no relay.")]
    None,
    /// A link to another one.
    #[error("This link leads to a relay that no pinned organisation names, so it was not contacted.")]
    Strange,
    /// A link with nothing behind it.
    #[error(
        "Nothing waits behind this link for this profile: its key was opened or taken back, its time is over, or it is for somebody else."
    )]
    NothingBehind,
    /// A link whose envelope was opened.
    #[error("The envelope behind this link was opened here already.")]
    Opened,
    /// On the record, but not brought to the relay.
    #[error("The relay has not taken the envelope: {0}. No link was made.")]
    NotUploaded(RelayError),
    /// To be taken back, but the relay does not know.
    #[error("The relay has not been told to keep the envelope back: {0}. Its reader may still fetch it.")]
    NotWithdrawn(RelayError),
    /// What its witness knows of the ledger.
    #[error("{0}")]
    Witness(WitnessFlaw),
    /// Anything else it did not do.
    #[error("The relay did not do it: {0}.")]
    Failed(RelayError),
}

impl RelayFault {
    /// Whether the relay does not answer, or is none: asking for something else is of no use.
    pub fn is_down(self) -> bool {
        match self {
            Self::NotUploaded(error) | Self::NotWithdrawn(error) | Self::Failed(error) => match error {
                RelayError::Unreachable
                | RelayError::TimedOut
                | RelayError::Stale
                | RelayError::Unexpected
                | RelayError::Insecure => true,
                RelayError::NotTaken
                | RelayError::NothingThere
                | RelayError::Taken
                | RelayError::TooLarge
                | RelayError::TooMuch
                | RelayError::Full => false,
            },
            Self::None => true,
            Self::Strange | Self::NothingBehind | Self::Opened | Self::Witness(_) => false,
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::None => "no-relay",
            Self::Strange => "strange-relay",
            Self::NothingBehind => "nothing-behind-link",
            Self::Opened => "link-opened",
            Self::NotUploaded(_) => "not-uploaded",
            Self::NotWithdrawn(_) => "not-withdrawn",
            Self::Witness(flaw) => flaw.code(),
            Self::Failed(error) => match error {
                RelayError::Unreachable => "relay-unreachable",
                RelayError::TimedOut => "relay-timed-out",
                RelayError::Stale => "relay-stale",
                RelayError::NotTaken => "relay-not-taken",
                RelayError::NothingThere => "relay-nothing-there",
                RelayError::Taken => "relay-taken",
                RelayError::TooLarge => "too-large",
                RelayError::TooMuch => "relay-too-much",
                RelayError::Full => "relay-full",
                RelayError::Unexpected => "relay-unexpected",
                RelayError::Insecure => "relay-insecure",
            },
        }
    }

    pub(super) fn exit(self) -> u8 {
        match self {
            Self::None | Self::NothingBehind | Self::Opened => 1,
            Self::Strange | Self::Witness(_) => 3,
            Self::NotUploaded(_) | Self::NotWithdrawn(_) => 4,
            Self::Failed(error) => match error {
                RelayError::NotTaken | RelayError::NothingThere | RelayError::Taken => 1,
                RelayError::TooLarge => 2,
                RelayError::Unexpected | RelayError::Insecure => 3,
                RelayError::Unreachable
                | RelayError::TimedOut
                | RelayError::Stale
                | RelayError::TooMuch
                | RelayError::Full => 4,
            },
        }
    }

    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::None => {
                "Nothing was changed. Use files, or have two admins agree on a card that names a relay."
            }
            Self::Strange => {
                "Nothing was changed. Ask the organisation, over a channel you know, whether the link is theirs, and pin its newest card."
            }
            Self::NothingBehind => {
                "Nothing was changed. If you did not open it, ask the organisation for a new delivery."
            }
            Self::Opened => "Nothing was changed. The key is among those you hold.",
            Self::NotUploaded(_) => {
                "Nothing was lost: the envelope is still on this desk. Do the same again, or save it as a file."
            }
            Self::NotWithdrawn(_) => {
                "Nothing was lost: it waits on this desk, and every call that asks the relay tries it again."
            }
            Self::Witness(flaw) => flaw.advice(),
            Self::Failed(error) => match error {
                RelayError::Stale => "Nothing was changed. Set this computer's clock, then try again.",
                RelayError::NotTaken => {
                    "Nothing was changed there. A partner needs an invitation; a member's certificate must be valid, and the relay must have the newest card."
                }
                RelayError::NothingThere | RelayError::Taken | RelayError::TooLarge => {
                    "Nothing was changed there."
                }
                RelayError::Unexpected | RelayError::Insecure => {
                    "Nothing was changed. Ask whoever runs the relay, over a channel you know."
                }
                RelayError::Unreachable | RelayError::TimedOut | RelayError::TooMuch | RelayError::Full => {
                    "Nothing was lost. Try again later: what was done twice counts once."
                }
            },
        }
    }
}
