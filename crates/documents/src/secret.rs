//! Secrets: no Debug, no Display, no Serialize, no Clone; wiped when dropped.

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Thirty-two secret bytes: a seed, a symmetric key, a link secret.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Secret32([u8; 32]);

impl Secret32 {
    /// Takes over bytes that came from a random source, a key derivation or a file.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// From a slice of exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, for the primitive that needs them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Another holder of the same secret. Named so that a copy is seen where it is made.
    pub fn duplicate(&self) -> Self {
        Self(self.0)
    }
}

impl PartialEq for Secret32 {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// An API key: what everything here exists to hand over. Printable ASCII, 16 to 512 characters.
pub struct Key(Zeroizing<Vec<u8>>);

impl Key {
    /// The longest key that fits every form of delivery.
    pub const LONGEST: usize = 512;
    /// Anything shorter could be guessed.
    pub const SHORTEST: usize = 16;

    /// From outside: printable ASCII without spaces.
    pub fn parse(bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        let fits = (Self::SHORTEST..=Self::LONGEST).contains(&bytes.len());
        (fits && bytes.iter().all(u8::is_ascii_graphic)).then_some(Self(bytes))
    }

    /// The bytes, for sealing, fingerprinting or the place it was asked for.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Another holder of the same key. Named so that a copy is seen where it is made.
    pub fn duplicate(&self) -> Self {
        Self(Zeroizing::new(self.0.to_vec()))
    }
}
