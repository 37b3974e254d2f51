//! Deterministic CBOR (RFC 8949, section 4.2.1), and nothing else of CBOR.
//!
//! Both directions are written out here, because the profile is smaller than any library's: unsigned and
//! negative integers, byte strings, text strings, arrays, maps with integer labels, and the tags 16, 18 and 98.
//! Floats, null, booleans, indefinite lengths and every other tag are refused. A reader that pulls exactly what
//! a format says, in the only order and the only width there is, cannot accept two spellings of one document.

mod reader;
mod values;
mod writer;

pub use reader::{Labels, Reader};
pub use values::Blob;
pub use writer::Writer;

/// The most a document may weigh before it is looked at: 64 KiB for everything but evidence.
pub const DOCUMENT_LIMIT: usize = 64 * 1024;

/// Why bytes are not the document they were taken for. Local detail only: it never crosses a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The bytes end before the document does.
    #[error("the bytes end too early")]
    Truncated,
    /// Bytes are left over after the document.
    #[error("bytes are left over at the end")]
    Trailing,
    /// A length or number is not written in its one shortest form.
    #[error("a number is not in its shortest form")]
    NotShortest,
    /// Another type stands where this one was due.
    #[error("a value has the wrong type")]
    WrongType,
    /// The labels of a map are out of order or stand twice.
    #[error("map labels are out of order or doubled")]
    LabelOrder,
    /// A map holds a label this format does not know.
    #[error("a map holds an unknown label")]
    UnknownLabel,
    /// A map lacks a label this format demands.
    #[error("a map lacks a demanded label")]
    MissingLabel,
    /// A text string is not UTF-8.
    #[error("text is not UTF-8")]
    NotUtf8,
    /// A value lies outside what the format allows.
    #[error("a value is out of range")]
    OutOfRange,
    /// The document is larger than its format allows.
    #[error("the document is too large")]
    TooLarge,
}

/// Writes itself as deterministic CBOR.
pub trait Encode {
    /// Appends this value.
    fn encode(&self, w: &mut Writer);
}

/// Reads itself from deterministic CBOR, and from nothing else.
pub trait Decode<'a>: Sized {
    /// Takes exactly one value.
    fn decode(r: &mut Reader<'a>) -> Result<Self, Malformed>;
}

/// The bytes of one value.
pub fn encode<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut w = Writer::default();
    value.encode(&mut w);
    w.finish()
}

/// Exactly one value, with nothing after it.
pub fn decode<'a, T: Decode<'a>>(bytes: &'a [u8]) -> Result<T, Malformed> {
    let mut r = Reader::new(bytes);
    let value = T::decode(&mut r)?;
    r.end()?;
    Ok(value)
}

/// The eight major types (RFC 8949, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Major {
    /// 0
    Unsigned,
    /// 1
    Negative,
    /// 2
    Bytes,
    /// 3
    Text,
    /// 4
    Array,
    /// 5
    Map,
    /// 6
    Tag,
}

/// Where a label stands in the bytewise order of encoded labels.
pub const fn place_of(label: i64) -> u128 {
    if label < 0 { (1 << 64) | (!label as u64) as u128 } else { label as u128 }
}

/// Whether labels stand in canonical order; formats check themselves with it when they are compiled.
pub const fn rising(labels: &[i64]) -> bool {
    let mut i = 1;
    while i < labels.len() {
        if place_of(labels[i - 1]) >= place_of(labels[i]) {
            return false;
        }
        i += 1;
    }
    true
}
