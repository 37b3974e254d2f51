//! The key file: 32 random bytes on one line, for machines without a person.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    path::Path,
};

use countersign_documents::Secret32;
use countersign_ports::{Entropy, LogError, NoEntropy};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::{
    private::{self, Refused},
    seal,
};

const LABEL: &str = "countersign-key-file-v1 ";
const ENCODED: usize = 43;
const LENGTH: usize = LABEL.len() + ENCODED + 1;

/// Thirty-two bytes that open the key-file slot.
pub struct KeyFile(Secret32);

/// Why a key file was not made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Nothing is at that path.
    #[error("there is no key file at that path")]
    Missing,
    /// Something is at that path.
    #[error("there is a file at that path already")]
    AlreadyThere,
    /// Others may read it, somebody else owns it, or it is a link or no regular file.
    #[error("the key file is not private to this user")]
    NotPrivate,
    /// It is not one line `countersign-key-file-v1 <base64url>`.
    #[error("that is no Countersign key file")]
    Malformed,
    /// There is no room for it.
    #[error("the disk is full")]
    Full,
    /// The system does not let us read or write it.
    #[error("the key file cannot be read or written")]
    Unavailable,
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
}

impl From<Refused> for KeyFileError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Missing => Self::Missing,
            Refused::AlreadyThere => Self::AlreadyThere,
            Refused::NotPrivate => Self::NotPrivate,
            Refused::Unavailable => Self::Unavailable,
        }
    }
}

impl KeyFile {
    /// Makes a new file at `path`, readable by this user only, and durable when this returns.
    pub fn make(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyFileError> {
        let secret = seal::make_secret(entropy)?;
        let mut line = Zeroizing::new([0u8; LENGTH]);
        let (label, rest) = line.split_at_mut(LABEL.len());
        label.copy_from_slice(LABEL.as_bytes());
        BASE64URL_NOPAD.encode_mut(secret.expose(), &mut rest[..ENCODED]);
        rest[ENCODED] = b'\n';
        let file = private::make_file(path).map_err(|refused| full_or(path, refused.into()))?;
        if write(file, line.as_slice()).is_err() {
            // Half a key file is none, and would stand in the way of the next try.
            let why = full_or(path, KeyFileError::Unavailable);
            let _ = std::fs::remove_file(path);
            return Err(why);
        }
        path.parent().map_or(Ok(()), private::sync_folder)?;
        Ok(Self(secret))
    }

    /// Reads the file at `path`. Links are not followed, and what others may read is refused.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let mut line = Zeroizing::new([0u8; LENGTH + 1]);
        let mut file = private::open_file(path)?;
        let mut filled = 0;
        while filled < line.len() {
            match file.read(&mut line[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return Err(KeyFileError::Unavailable),
            }
        }
        parse(&line[..filled]).map(Self).ok_or(KeyFileError::Malformed)
    }

    pub(crate) fn secret(&self) -> &Secret32 {
        &self.0
    }
}

fn full_or(path: &Path, error: KeyFileError) -> KeyFileError {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (error, private::why_unavailable(folder)) {
        (KeyFileError::Unavailable, LogError::Full) => KeyFileError::Full,
        (error, _) => error,
    }
}

fn write(mut file: File, line: &[u8]) -> std::io::Result<()> {
    file.write_all(line)?;
    file.sync_all()
}

fn parse(line: &[u8]) -> Option<Secret32> {
    let encoded = line.strip_prefix(LABEL.as_bytes())?.strip_suffix(b"\n")?;
    let mut bytes = Zeroizing::new([0u8; 32]);
    if encoded.len() != ENCODED || BASE64URL_NOPAD.decode_len(encoded.len()) != Ok(bytes.len()) {
        return None;
    }
    BASE64URL_NOPAD.decode_mut(encoded, bytes.as_mut_slice()).ok()?;
    Some(Secret32::new(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_canonical_line_is_a_key_file() {
        let encoded = BASE64URL_NOPAD.encode(&[0xff; 32]);
        let line = format!("{LABEL}{encoded}\n");
        assert!(parse(line.as_bytes()).is_some_and(|s| *s.expose() == [0xff; 32]), "the line itself");
        let short = encoded.get(1..).unwrap();
        let slack = format!("{}9", encoded.get(..42).unwrap());
        for (text, why) in [
            (format!("{LABEL}{encoded}"), "no line end"),
            (format!("{LABEL}{encoded}\r\n"), "another line end"),
            (format!("{LABEL}{encoded}\n\n"), "a second line"),
            (format!("{LABEL}{encoded}=\n"), "padding"),
            (format!("{LABEL}{short}\n"), "a character short"),
            (format!("{LABEL}{slack}\n"), "slack bits set"),
            (format!("countersign-key-file-v2 {encoded}\n"), "another version"),
            (String::new(), "empty"),
        ] {
            assert!(parse(text.as_bytes()).is_none(), "{why}");
        }
    }
}
