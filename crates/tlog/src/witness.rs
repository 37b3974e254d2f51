//! A witness: somebody who is shown how a log grows, and signs that it never saw it shrink or change (C2SP tlog-witness
//! and tlog-cosignature).

use countersign_documents::{Digest, Head, Secret32, Time};
use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::{
    checkpoint::{Checkpoint, parse_decimal, parse_hash},
    note::{NoteError, UnverifiedNote, check_name, write_typed_line},
    proof::{ProofError, verify_consistency},
};

/// The signature type of a timestamped Ed25519 cosignature.
pub(crate) const COSIGNATURE: u8 = 0x04;

/// No tree that can be counted is higher than this.
const MOST_HASHES: usize = 63;

/// What a log brings to its witness: the size it last saw, what shows the way from there, and the new checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// How long the log was when the witness last signed.
    pub old: u64,
    /// From there to the checkpoint.
    pub proof: Vec<Digest>,
    /// The new checkpoint, a signed note, unverified.
    pub checkpoint: String,
}

impl AddCheckpoint {
    /// From outside: exactly the grammar of `add-checkpoint`.
    pub fn parse(body: &str) -> Option<Self> {
        let (head, checkpoint) = body.split_once("\n\n")?;
        let mut lines = head.split('\n');
        let old = parse_decimal(lines.next()?.strip_prefix("old ")?)?;
        // One more than there may be is read, so that too many are seen.
        let proof: Vec<Digest> = lines.take(MOST_HASHES + 1).map(parse_hash).collect::<Option<_>>()?;
        (proof.len() <= MOST_HASHES).then(|| Self { old, proof, checkpoint: checkpoint.to_owned() })
    }

    /// The body of the request.
    pub fn to_text(&self) -> String {
        let proof: String = self.proof.iter().map(|hash| BASE64.encode(&hash.0) + "\n").collect();
        format!("old {}\n{proof}\n{}", self.old, self.checkpoint)
    }
}

/// What a witness makes of a checkpoint that its log signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// It goes on from what the witness knows: to be stored before it is cosigned.
    To(Head),
    /// It does not begin where the witness stands; this is where that is.
    From(u64),
    /// It names more rows than it has.
    Backwards,
    /// The proof does not lead from there to it.
    Unproven(ProofError),
}

/// Judges a checkpoint by what the witness signed last. Never goes back, and never takes another root for a size it
/// knows.
pub fn advance(known: Option<Head>, old: u64, proof: &[Digest], new: Head) -> Advance {
    let known = known.unwrap_or(Head { size: 0, root: Digest::of(b"") });
    if old > new.size {
        return Advance::Backwards;
    }
    if old != known.size {
        return Advance::From(known.size);
    }
    if old == new.size && new.root != known.root {
        return Advance::From(known.size);
    }
    match verify_consistency(known, new, proof) {
        Ok(()) => Advance::To(new),
        Err(error) => Advance::Unproven(error),
    }
}

/// A witness's line under a checkpoint, verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosignature {
    /// When it was given, by the witness's clock.
    pub time: Time,
}

impl Cosignature {
    /// The cosignature line of the Ed25519 key `public` named `name` under `note`, whose text is that checkpoint.
    pub fn verify(note: &str, name: &str, public: &[u8; 32]) -> Result<Self, NoteError> {
        let note = UnverifiedNote::parse(note)?;
        let (text, stamped) = note.typed_signature(name, COSIGNATURE, public)?;
        let (time, signature) = stamped.split_first_chunk::<8>().ok_or(NoteError::BadSignature)?;
        let time = Time(u64::from_be_bytes(*time));
        let key = VerifyingKey::from_bytes(public).map_err(|_| NoteError::BadKey)?;
        let signature = Signature::from_slice(signature).map_err(|_| NoteError::BadSignature)?;
        let message = message(time, text);
        key.verify_strict(message.as_bytes(), &signature).map_err(|_| NoteError::BadSignature)?;
        Ok(Self { time })
    }
}

/// One cosignature line, with its newline, for a checkpoint that the witness has stored.
///
/// # Errors
/// `KeyName` where the name could not be read back.
pub fn cosign(checkpoint: &Checkpoint, time: Time, name: &str, seed: &Secret32) -> Result<String, NoteError> {
    check_name(name)?;
    let key = SigningKey::from_bytes(seed.expose());
    let signature = key.sign(message(time, &checkpoint.text()).as_bytes()).to_bytes();
    let stamped = [time.0.to_be_bytes().as_slice(), &signature].concat();
    Ok(write_typed_line(name, COSIGNATURE, key.verifying_key().as_bytes(), &stamped))
}

/// What a cosignature is over (C2SP tlog-cosignature).
fn message(time: Time, text: &str) -> String {
    format!("cosignature/v1\ntime {}\n{text}", time.0)
}
