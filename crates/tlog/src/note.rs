//! Signed notes (C2SP signed-note): a text, a blank line, and one line for each signature.
//!
//! The text of a note can be had only through the verification of a signature over it. Signatures by other keys,
//! such as those of witnesses, are kept in the note and take no part.

use countersign_documents::Digest;
use data_encoding::BASE64;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::checkpoint::Checkpoint;

/// The most a note may weigh before it is looked at, in bytes.
pub const NOTE_LIMIT: usize = 64 * 1024;

/// How a signature line begins: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// The signature type of plain Ed25519.
const ED25519: u8 = 0x01;

/// Why a text is no note, or its signature counts for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is larger than 64 KiB.
    #[error("the note is too large")]
    TooLarge,
    /// It is not a text, a blank line and signature lines, or has control characters.
    #[error("the note is not laid out as a signed note")]
    Layout,
    /// A signature line is not an em dash, a key name and base64.
    #[error("a signature line of the note is malformed")]
    SignatureLine,
    /// A key name is empty or holds a space or a plus sign.
    #[error("the key name cannot stand in a note")]
    KeyName,
    /// The text is not exactly an origin, a size and a root.
    #[error("the text of the note is no checkpoint")]
    NotCheckpoint,
    /// The public key is no Ed25519 key.
    #[error("the public key is no Ed25519 key")]
    BadKey,
    /// No signature line is by this key.
    #[error("the note is not signed by this key")]
    NotSigned,
    /// More than one signature line is by this key.
    #[error("the note is signed twice by this key")]
    Doubled,
    /// The signature by this key does not verify.
    #[error("the signature of the note is wrong")]
    BadSignature,
}

/// One signature line: who is said to have signed, and the signature, whose form its key decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine<'a> {
    /// The name of the key.
    pub name: &'a str,
    /// Four bytes that tell keys of one name apart; no proof of anything.
    pub key_id: [u8; 4],
    signature: Vec<u8>,
}

/// A well-formed note, nothing of which is to be believed yet.
#[derive(Debug, Clone)]
pub struct UnverifiedNote<'a> {
    text: &'a str,
    lines: Vec<SignatureLine<'a>>,
}

impl<'a> UnverifiedNote<'a> {
    /// From outside: exactly the grammar, canonical base64, at most 64 KiB.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        if note.len() > NOTE_LIMIT {
            return Err(NoteError::TooLarge);
        }
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::Layout);
        }
        let blank = note.rfind("\n\n").ok_or(NoteError::Layout)?;
        let (text, rest) = note.split_at_checked(blank + 1).ok_or(NoteError::Layout)?;
        let signatures =
            rest.strip_prefix('\n').and_then(|s| s.strip_suffix('\n')).ok_or(NoteError::Layout)?;
        let lines = signatures.split('\n').map(signature_line).collect::<Result<_, _>>()?;
        Ok(Self { text, lines })
    }

    /// Who is said to have signed: enough to look the key up, and no more.
    pub fn signatures(&self) -> &[SignatureLine<'a>] {
        &self.lines
    }

    /// Which log the text says it is about: enough to look up who may sign for it, and no more.
    pub fn unverified_origin(&self) -> &'a str {
        self.text.split_once('\n').map_or(self.text, |(origin, _)| origin)
    }

    /// The text, if the Ed25519 key `public` named `name` signed it, once and strictly well (RFC 8032, `verify_strict`).
    pub fn verify_text(&self, name: &str, public: &[u8; 32]) -> Result<&'a str, NoteError> {
        let (text, signature) = self.typed_signature(name, ED25519, public)?;
        let key = VerifyingKey::from_bytes(public).map_err(|_| NoteError::BadKey)?;
        let signature = Signature::from_slice(signature).map_err(|_| NoteError::BadSignature)?;
        key.verify_strict(text.as_bytes(), &signature).map_err(|_| NoteError::BadSignature)?;
        Ok(text)
    }

    /// The text and the one signature of this type by this key, unverified.
    pub(crate) fn typed_signature(
        &self,
        name: &str,
        kind: u8,
        public: &[u8; 32],
    ) -> Result<(&'a str, &[u8]), NoteError> {
        let key_id = typed_key_id(name, kind, public);
        let mut by_key = self.lines.iter().filter(|line| line.name == name && line.key_id == key_id);
        let line = by_key.next().ok_or(NoteError::NotSigned)?;
        if by_key.next().is_some() {
            return Err(NoteError::Doubled);
        }
        Ok((self.text, &line.signature))
    }

    /// The checkpoint the text is, if this key signed it.
    pub fn verify(&self, name: &str, public: &[u8; 32]) -> Result<Checkpoint, NoteError> {
        Checkpoint::parse(self.verify_text(name, public)?)
    }
}

/// The key id of an Ed25519 key: the first four bytes of SHA-256(name || 0x0A || 0x01 || public key).
pub fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    typed_key_id(name, ED25519, public)
}

pub(crate) fn typed_key_id(name: &str, kind: u8, public: &[u8; 32]) -> [u8; 4] {
    let Digest([a, b, c, d, ..]) = Digest::labelled(name, &[&[b'\n', kind], public]);
    [a, b, c, d]
}

/// A signature line for a note, with its newline.
pub(crate) fn write_line(name: &str, public: &[u8; 32], signature: &[u8; 64]) -> String {
    write_typed_line(name, ED25519, public, signature)
}

/// A signature line of this type.
pub(crate) fn write_typed_line(name: &str, kind: u8, public: &[u8; 32], signature: &[u8]) -> String {
    let signed = [typed_key_id(name, kind, public).as_slice(), signature].concat();
    format!("{DASH}{name} {}\n", BASE64.encode(&signed))
}

/// Names may stand in a signature line only if they cannot be taken for more than a name.
pub(crate) fn check_name(name: &str) -> Result<(), NoteError> {
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
        Err(NoteError::KeyName)
    } else {
        Ok(())
    }
}

fn signature_line(line: &str) -> Result<SignatureLine<'_>, NoteError> {
    let fields = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' '));
    let (name, encoded) = fields.ok_or(NoteError::SignatureLine)?;
    check_name(name)?;
    let signed = BASE64.decode(encoded.as_bytes()).map_err(|_| NoteError::SignatureLine)?;
    match signed.split_first_chunk::<4>() {
        Some((key_id, signature)) if !signature.is_empty() => {
            Ok(SignatureLine { name, key_id: *key_id, signature: signature.to_vec() })
        }
        _ => Err(NoteError::SignatureLine),
    }
}
