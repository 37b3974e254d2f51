//! The Merkle tree of RFC 9162, section 2.1 (the same as RFC 6962's), over SHA-256.

use countersign_documents::{Digest, Head};

/// Hash of one leaf: SHA-256(0x00 || bytes).
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    Digest::labelled("\u{0}", &[bytes])
}

/// Hash of an inner node: SHA-256(0x01 || left || right). The other first byte keeps a node from posing as a leaf.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::labelled("\u{1}", &[left.as_ref(), right.as_ref()])
}

/// Joins the roots of perfect subtrees, from the largest on the left to the smallest on the right. The root of
/// nothing is SHA-256 of the empty string.
fn join(peaks: &[Digest]) -> Digest {
    let joined = peaks.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
    joined.unwrap_or_else(|| Digest::of(b""))
}

/// The right edge of a tree: enough to append and to know the root, in at most 64 hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "UncheckedFrontier")]
pub struct Frontier {
    size: u64,
    /// One root for each set bit of `size`, largest subtree first.
    peaks: Vec<Digest>,
}

impl Frontier {
    /// Appends the hash of one leaf.
    pub fn push(&mut self, leaf_hash: Digest) {
        let mut hash = leaf_hash;
        let mut full = self.size;
        while full & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = node_hash(&left, &hash);
            full >>= 1;
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all of them.
    pub fn root(&self) -> Digest {
        join(&self.peaks)
    }

    /// Size and root together.
    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root() }
    }
}

/// A frontier as it is stored, before its number of hashes was held against its size.
#[derive(serde::Deserialize)]
struct UncheckedFrontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl TryFrom<UncheckedFrontier> for Frontier {
    type Error = &'static str;

    fn try_from(stored: UncheckedFrontier) -> Result<Self, Self::Error> {
        // The top bit is refused so that no stored size can make counting overflow.
        if stored.size >> 63 != 0 || stored.peaks.len() != stored.size.count_ones() as usize {
            return Err("the hashes of a frontier do not fit its size");
        }
        Ok(Self { size: stored.size, peaks: stored.peaks })
    }
}

/// A whole tree in memory: every perfect subtree's hash, about 64 bytes a leaf. Proofs and old roots are O(log² n).
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// `levels[k][i]` covers the leaves from `i << k` to `(i + 1) << k`.
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// From the hashes of its leaves, in order.
    pub fn from_leaf_hashes(hashes: impl IntoIterator<Item = Digest>) -> Self {
        let mut tree = Self::default();
        hashes.into_iter().for_each(|hash| tree.push(hash));
        tree
    }

    /// Appends the hash of one leaf.
    pub fn push(&mut self, leaf_hash: Digest) {
        let mut hash = leaf_hash;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            match row.as_slice() {
                [.., left, right] if row.len().is_multiple_of(2) => hash = node_hash(left, right),
                _ => return,
            }
        }
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.len() as u64
    }

    /// The root when it had `size` leaves; `None` beyond what it has.
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        Some(self.range(0, self.within(size)?))
    }

    /// Size and root when it had `size` leaves; `None` beyond what it has.
    pub fn head_at(&self, size: u64) -> Option<Head> {
        Some(Head { size, root: self.root_at(size)? })
    }

    /// Its right edge.
    pub fn frontier(&self) -> Frontier {
        Frontier { size: self.size(), peaks: self.peaks(0, self.len()) }
    }

    /// The path from leaf `index` to the root over the first `size` leaves, sibling of the leaf first (RFC 9162,
    /// section 2.1.3.1). `None` where there is no such leaf or size.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Option<Vec<Digest>> {
        let (mut begin, mut end) = (0, self.within(size)?);
        let index = usize::try_from(index).ok().filter(|index| *index < end)?;
        let mut path = Vec::new();
        while end - begin > 1 {
            let middle = split(begin, end);
            if index < middle {
                path.push(self.range(middle, end));
                end = middle;
            } else {
                path.push(self.range(begin, middle));
                begin = middle;
            }
        }
        path.reverse();
        Some(path)
    }

    /// What shows that the first `new` leaves begin with the first `old` (RFC 9162, section 2.1.4.1). Empty where
    /// nothing needs showing: from the empty tree, and from a size to itself. `None` where a size is not there.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Option<Vec<Digest>> {
        let (mut begin, mut end) = (0, self.within(new)?);
        let old = usize::try_from(old).ok().filter(|old| *old <= end)?;
        let mut path = Vec::new();
        if old == 0 {
            return Some(path);
        }
        while old < end {
            let middle = split(begin, end);
            if old <= middle {
                path.push(self.range(middle, end));
                end = middle;
            } else {
                path.push(self.range(begin, middle));
                begin = middle;
            }
        }
        // When the walk never left the first leaf, what remains is the old root, which the verifier has.
        if begin > 0 {
            path.push(self.range(begin, end));
        }
        path.reverse();
        Some(path)
    }

    fn len(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    fn within(&self, size: u64) -> Option<usize> {
        usize::try_from(size).ok().filter(|size| *size <= self.len())
    }

    /// The hash over leaves `begin..end`, which must be a range that the recursion of RFC 9162 reaches.
    fn range(&self, begin: usize, end: usize) -> Digest {
        join(&self.peaks(begin, end))
    }

    /// The perfect subtrees that make up leaves `begin..end`, largest first.
    fn peaks(&self, mut begin: usize, end: usize) -> Vec<Digest> {
        let mut peaks = Vec::new();
        while begin < end {
            let level = (end - begin).ilog2();
            peaks.push(self.levels[level as usize][begin >> level]);
            begin += 1 << level;
        }
        peaks
    }
}

/// Where `begin..end` (two leaves or more) is split: the largest power of two smaller than its length.
fn split(begin: usize, end: usize) -> usize {
    begin + (1 << (end - begin - 1).ilog2())
}
