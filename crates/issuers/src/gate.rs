//! What a gateway does with a hash file and a key somebody presents.
//!
//! Whether the caller's address and the thing it asks for fit the networks and scopes is the gateway's part: both
//! come back with an accepted key.

use std::path::Path;

use countersign_documents::{Digest, Time, id::KeyId};
use countersign_ports::IssuerError;
use subtle::ConstantTimeEq as _;

use crate::{
    disk::Place,
    hash_file::read,
    key_format,
    lines::{Line, Lines},
};

/// The gateway's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The key works, within what is said here.
    Accepted {
        /// Which key it is.
        key: KeyId,
        /// Short name of the service it is for.
        service: String,
        /// Short name of the environment it is for.
        environment: String,
        /// Names of the scopes it has.
        scopes: Vec<String>,
        /// Networks it may be used from; empty where any may.
        networks: Vec<String>,
        /// From when on it is refused.
        not_after: Time,
    },
    /// The key does not work.
    Refused(Reason),
}

/// Why a key was refused. For who runs the gateway: a stranger is told only that the key was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It has the form of a key and is not in the file: never issued here, or revoked.
    Unknown,
    /// It is there and switched off, or not switched on yet.
    Inert,
    /// `not_after` is reached. Said also of an inert key: switching it on would not help.
    Expired,
    /// It has not the form of a minted key, or its checksum is wrong: mistyped or cut off.
    Malformed,
}

/// Judges `key` by the file at `path` as it is now. Where the file cannot be read or understood there is no verdict,
/// and a gateway must refuse. Every line is compared, in constant time.
pub fn check(path: &Path, key: &[u8], now: Time) -> Result<Verdict, IssuerError> {
    let (_, lines) = read(&Place::open(path)?)?;
    let minted = core::str::from_utf8(key).ok().and_then(key_format::parse);
    if minted.is_none() {
        return Ok(Verdict::Refused(Reason::Malformed));
    }
    Ok(match matching(&lines, &Digest::of(key)) {
        None => Verdict::Refused(Reason::Unknown),
        Some(line) if now >= line.not_after => Verdict::Refused(Reason::Expired),
        Some(line) if !line.active => Verdict::Refused(Reason::Inert),
        Some(line) => Verdict::Accepted {
            key: line.key,
            service: line.service.clone(),
            environment: line.environment.clone(),
            scopes: line.scopes.clone(),
            networks: line.networks.clone(),
            not_after: line.not_after,
        },
    })
}

fn matching<'a>(lines: &'a Lines, presented: &Digest) -> Option<&'a Line> {
    // No early end: how long it takes tells nothing of how near a guess was, nor where the line stands.
    lines
        .iter()
        .fold(None, |found, line| if line.hash.0.ct_eq(&presented.0).into() { Some(line) } else { found })
}
