//! A proof for one leaf that stands on its own (C2SP tlog-proof): place, path and signed checkpoint in one text.

use countersign_documents::Digest;
use data_encoding::BASE64;

use crate::{
    checkpoint::{Checkpoint, parse_decimal, parse_hash},
    note::{NoteError, UnverifiedNote},
    proof::{ProofError, verify_inclusion},
    tree::leaf_hash,
};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// No tree that can be counted is higher than this.
const MOST_HASHES: usize = 64;

/// Why a text is no proof, or proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafProofError {
    /// It is not header, index, hashes, blank line and checkpoint. An `extra` line is refused: ours have none.
    #[error("the text is no proof of a leaf")]
    Malformed,
    /// The checkpoint is no note, or not signed by the key it should be.
    #[error("the checkpoint in the proof does not hold: {0}")]
    Note(#[from] NoteError),
    /// The leaf is not what the checkpoint covers at this place.
    #[error("the leaf is not in the log at this place: {0}")]
    Proof(#[from] ProofError),
}

/// What shows an outsider that one leaf stands in a log. Well-formed, and to be believed only after `verify`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafProof {
    index: u64,
    hashes: Vec<Digest>,
    checkpoint: String,
}

impl LeafProof {
    /// From the leaf's place, its path to the root, and a signed checkpoint of that root.
    pub fn new(index: u64, hashes: Vec<Digest>, checkpoint: String) -> Result<Self, LeafProofError> {
        UnverifiedNote::parse(&checkpoint)?;
        if hashes.len() > MOST_HASHES {
            return Err(LeafProofError::Malformed);
        }
        Ok(Self { index, hashes, checkpoint })
    }

    /// From outside: exactly the grammar.
    pub fn parse(text: &str) -> Result<Self, LeafProofError> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(LeafProofError::Malformed)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(LeafProofError::Malformed);
        }
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(parse_decimal);
        // One more than there may be is read, so that `new` sees that there are too many.
        let hashes = lines.take(MOST_HASHES + 1).map(parse_hash).collect::<Option<_>>();
        let (index, hashes) = index.zip(hashes).ok_or(LeafProofError::Malformed)?;
        Self::new(index, hashes, checkpoint.to_owned())
    }

    /// The text, for a file named `*.tlog-proof`.
    pub fn to_text(&self) -> String {
        let hashes: String = self.hashes.iter().map(|hash| BASE64.encode(&hash.0) + "\n").collect();
        format!("{HEADER}\nindex {}\n{hashes}\n{}", self.index, self.checkpoint)
    }

    /// The leaf's place in the log, from 0 on.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The path from the leaf to the root, the leaf's sibling first.
    pub fn hashes(&self) -> &[Digest] {
        &self.hashes
    }

    /// The signed note, unverified.
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// Shows that exactly these bytes stand at `index` in the log whose head the key `public` named `name` signed.
    /// The caller still compares the origin.
    pub fn verify(&self, leaf: &[u8], name: &str, public: &[u8; 32]) -> Result<Checkpoint, LeafProofError> {
        let checkpoint = UnverifiedNote::parse(&self.checkpoint)?.verify(name, public)?;
        let head = checkpoint.head;
        verify_inclusion(leaf_hash(leaf), self.index, head.size, &self.hashes, head.root)?;
        Ok(checkpoint)
    }
}
