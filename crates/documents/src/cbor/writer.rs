//! Writing: every value in its one form.

use super::Major;

/// Appends values in their one deterministic form.
#[derive(Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// A writer whose buffer will not move while at most `capacity` bytes are written: secrets leave no copies.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { out: Vec::with_capacity(capacity) }
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    fn head(&mut self, major: Major, value: u64) {
        let m = (major as u8) << 5;
        let be = value.to_be_bytes();
        match value {
            0..24 => self.out.push(m | be[7]),
            24..0x100 => self.out.extend_from_slice(&[m | 24, be[7]]),
            0x100..0x1_0000 => {
                self.out.push(m | 25);
                self.out.extend_from_slice(&be[6..]);
            }
            0x1_0000..0x1_0000_0000 => {
                self.out.push(m | 26);
                self.out.extend_from_slice(&be[4..]);
            }
            _ => {
                self.out.push(m | 27);
                self.out.extend_from_slice(&be);
            }
        }
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: u64) {
        self.head(Major::Unsigned, value);
    }

    /// An integer of either sign.
    pub fn int(&mut self, value: i64) {
        if value < 0 { self.head(Major::Negative, !value as u64) } else { self.uint(value as u64) }
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) {
        self.head(Major::Bytes, value.len() as u64);
        self.out.extend_from_slice(value);
    }

    /// A text string.
    pub fn text(&mut self, value: &str) {
        self.head(Major::Text, value.len() as u64);
        self.out.extend_from_slice(value.as_bytes());
    }

    /// The head of an array of `len` values.
    pub fn array(&mut self, len: usize) {
        self.head(Major::Array, len as u64);
    }

    /// The head of a map of `len` pairs. The caller writes the labels in their canonical order.
    pub fn map(&mut self, len: usize) {
        self.head(Major::Map, len as u64);
    }

    /// A tag.
    pub fn tag(&mut self, value: u64) {
        self.head(Major::Tag, value);
    }

    /// Bytes that are deterministic CBOR already.
    pub fn raw(&mut self, encoded: &[u8]) {
        self.out.extend_from_slice(encoded);
    }
}
