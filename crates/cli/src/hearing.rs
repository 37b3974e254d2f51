//! A fingerprint that somebody reads: over which channel, from whose number, and what is typed.

use std::io::IsTerminal as _;

use clap::ValueEnum as _;
use countersign_app::desk::Heard;
use countersign_documents::grant::Channel;

use crate::{
    args::{self, Hearing},
    failure::Failure,
    prompt::{self, Typed},
};

/// What was heard, and how.
pub(crate) struct Listened {
    typed: Typed,
    channel: Channel,
    source: String,
}

impl Listened {
    /// As the use cases take it.
    pub(crate) fn heard(&self) -> Heard<'_> {
        let (typed, attended) = (self.typed.text.as_str(), self.typed.attended);
        Heard { typed, channel: self.channel, source: &self.source, attended }
    }

    /// Whether a person can have typed it.
    pub(crate) fn attended(&self) -> bool {
        self.typed.attended
    }
}

/// Has a fingerprint read where it decides whom this profile trusts: only at a terminal, unless that is waived in so many
/// words.
pub(crate) fn listen(whose: &str, hearing: &Hearing) -> Result<Listened, Failure> {
    let terminal = std::io::stdin().is_terminal();
    if !terminal && !hearing.unattended {
        return Err(Failure::Unattended);
    }
    let missing = Failure::Usage("Say with --channel and --source how the fingerprint is heard.");
    let channel = match hearing.channel {
        Some(channel) => channel,
        None if terminal => ask_channel(whose)?,
        None => return Err(missing),
    };
    let source = match &hearing.source {
        Some(source) => source.clone(),
        None if terminal => {
            prompt::ask("Where did the number come from? Never from whoever reads, nor from what they sent:")?
                .text
                .to_string()
        }
        None => return Err(missing),
    };
    Ok(Listened { typed: prompt::fingerprint(whose)?, channel: channel.into(), source })
}

fn ask_channel(whose: &str) -> Result<args::Channel, Failure> {
    let typed = prompt::ask(&format!("How do you hear {whose}? phone, video or in-person:"))?;
    args::Channel::from_str(&typed.text, true)
        .map_err(|_| Failure::Usage("A fingerprint is heard by phone, video or in-person."))
}

impl From<args::Channel> for Channel {
    fn from(channel: args::Channel) -> Self {
        match channel {
            args::Channel::Phone => Self::Phone,
            args::Channel::Video => Self::Video,
            args::Channel::InPerson => Self::InPerson,
        }
    }
}
