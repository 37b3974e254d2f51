//! Checking proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2): no tree is needed, only heads.

use countersign_documents::{Digest, Head};

use crate::tree::node_hash;

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf lies beyond the tree, or the tree it is to begin with is larger than the tree.
    #[error("the proof is for a place outside the tree")]
    Outside,
    /// It has more or fewer hashes than these sizes take.
    #[error("the proof has the wrong number of hashes")]
    WrongLength,
    /// It leads to another root.
    #[error("the proof leads to another root")]
    WrongRoot,
}

/// Shows that the leaf with this hash stands at `index` in the tree of `size` leaves with this root.
pub fn verify_inclusion(
    leaf_hash: Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: Digest,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Outside);
    }
    let mut climb = Climb { place: index, last: size - 1 };
    let mut hash = leaf_hash;
    for sibling in proof {
        hash = match climb.step()? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    climb.end()?;
    same(hash, root)
}

/// Shows that the tree at `new` begins with all of the tree at `old`: nothing was changed, removed or reordered.
///
/// Everything begins with the empty tree, whose root must be the right one; that takes no hashes, and neither do
/// two heads of one size, which must be the same.
pub fn verify_consistency(old: Head, new: Head, proof: &[Digest]) -> Result<(), ProofError> {
    if old.size > new.size {
        return Err(ProofError::Outside);
    }
    if old.size == 0 {
        same(old.root, Digest::of(b""))?;
    }
    if old.size == new.size {
        same(old.root, new.root)?;
    }
    if old.size == 0 || old.size == new.size {
        return if proof.is_empty() { Ok(()) } else { Err(ProofError::WrongLength) };
    }
    // A perfect old tree is itself the first hash; it is not repeated in the proof.
    let (first, rest) = match proof {
        _ if old.size.is_power_of_two() => (&old.root, proof),
        [first, rest @ ..] => (first, rest),
        [] => return Err(ProofError::WrongLength),
    };
    let mut climb = Climb { place: old.size - 1, last: new.size - 1 };
    climb.up(climb.place.trailing_ones());
    let (mut old_root, mut new_root) = (*first, *first);
    for hash in rest {
        match climb.step()? {
            Side::Left => {
                old_root = node_hash(hash, &old_root);
                new_root = node_hash(hash, &new_root);
            }
            Side::Right => new_root = node_hash(&new_root, hash),
        }
    }
    climb.end()?;
    same(old_root, old.root)?;
    same(new_root, new.root)
}

/// On which side of the path the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

/// A way up the tree: `place` is the node on the path, `last` the last node of its level (`fn` and `sn` in the RFC).
struct Climb {
    place: u64,
    last: u64,
}

impl Climb {
    /// Takes one hash of the proof, and skips the levels where the path has no sibling.
    fn step(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::WrongLength);
        }
        let left = self.place & 1 == 1 || self.place == self.last;
        if left && self.place & 1 == 0 {
            // `place` equals `last`, which is not 0, so there is a set bit to stop at.
            self.up(self.place.trailing_zeros());
        }
        self.up(1);
        Ok(if left { Side::Left } else { Side::Right })
    }

    fn up(&mut self, levels: u32) {
        self.place >>= levels;
        self.last >>= levels;
    }

    /// The root must have been reached.
    fn end(&self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::WrongLength) }
    }
}

fn same(found: Digest, wanted: Digest) -> Result<(), ProofError> {
    if found == wanted { Ok(()) } else { Err(ProofError::WrongRoot) }
}
