//! Checkpoints (C2SP tlog-checkpoint): a log's head as a text of three lines, signed as a note.

use countersign_documents::{Digest, Head, Secret32};
use data_encoding::BASE64;
use ed25519_dalek::{Signer as _, SigningKey};

use crate::note::{NoteError, UnverifiedNote, check_name, write_line};

/// Where a log stood, as somebody signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: one line, not empty.
    pub origin: String,
    /// How long it was, and the root over all of it.
    pub head: Head,
}

impl Checkpoint {
    /// The text that is signed: origin, size in decimal, root in base64, each with a newline.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.head.size, BASE64.encode(&self.head.root.0))
    }

    /// Exactly the three lines. Extension lines are refused although C2SP allows them: no log of ours writes any.
    pub(crate) fn parse(text: &str) -> Result<Self, NoteError> {
        let lines = text.strip_suffix('\n').map(|text| text.split('\n').collect::<Vec<_>>());
        let Some([origin, size, root]) = lines.as_deref() else { return Err(NoteError::NotCheckpoint) };
        let size = parse_decimal(size).ok_or(NoteError::NotCheckpoint)?;
        let root = parse_hash(root).ok_or(NoteError::NotCheckpoint)?;
        if origin.is_empty() {
            return Err(NoteError::NotCheckpoint);
        }
        Ok(Self { origin: (*origin).to_owned(), head: Head { size, root } })
    }
}

/// The checkpoint as a note with one signature by the Ed25519 key of this seed, under `name`.
///
/// # Errors
/// `NotCheckpoint`, `Layout`, `KeyName` or `TooLarge` where the origin or the name could not be read back.
pub fn sign(checkpoint: &Checkpoint, name: &str, seed: &Secret32) -> Result<String, NoteError> {
    let text = checkpoint.text();
    // A newline in the origin would put other lines under the signature than the caller means.
    if Checkpoint::parse(&text)? != *checkpoint {
        return Err(NoteError::NotCheckpoint);
    }
    check_name(name)?;
    let key = SigningKey::from_bytes(seed.expose());
    let signature = key.sign(text.as_bytes()).to_bytes();
    let note = format!("{text}\n{}", write_line(name, key.verifying_key().as_bytes(), &signature));
    UnverifiedNote::parse(&note)?;
    Ok(note)
}

/// An unsigned number in decimal, without sign or leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A SHA-256 hash in canonical base64.
pub(crate) fn parse_hash(text: &str) -> Option<Digest> {
    BASE64.decode(text.as_bytes()).ok()?.try_into().ok().map(Digest)
}
