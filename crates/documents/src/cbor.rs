//! Deterministic CBOR (RFC 8949, section 4.2.1), and nothing else of CBOR.
//!
//! Both directions are written out here, because the profile is smaller than any library's: unsigned and
//! negative integers, byte strings, text strings, arrays, maps with integer labels, and the tags 16, 18 and 98.
//! Floats, null, booleans, indefinite lengths and every other tag are refused. A reader that pulls exactly what
//! a format says, in the only order and the only width there is, cannot accept two spellings of one document.

use core::fmt;

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

/// Pulls values out of deterministic CBOR. Borrows: nothing is copied, so nothing secret is either.
#[derive(Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({} bytes left)", self.rest.len())
    }
}

impl<'a> Reader<'a> {
    /// A reader at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Refuses anything after the last value.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed::Trailing) }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    /// The next head: its major type and argument, in the shortest form only.
    pub fn head(&mut self) -> Result<(Major, u64), Malformed> {
        let first = self.take(1)?[0];
        let major = match first >> 5 {
            0 => Major::Unsigned,
            1 => Major::Negative,
            2 => Major::Bytes,
            3 => Major::Text,
            4 => Major::Array,
            5 => Major::Map,
            6 => Major::Tag,
            _ => return Err(Malformed::WrongType),
        };
        let (value, least) = match first & 0x1f {
            short @ 0..24 => (u64::from(short), 0),
            24 => (u64::from(self.take(1)?[0]), 24),
            25 => (self.wide::<2>()?, 0x100),
            26 => (self.wide::<4>()?, 0x1_0000),
            27 => (self.wide::<8>()?, 0x1_0000_0000),
            _ => return Err(Malformed::WrongType),
        };
        if value < least { Err(Malformed::NotShortest) } else { Ok((major, value)) }
    }

    fn wide<const N: usize>(&mut self) -> Result<u64, Malformed> {
        Ok(self.take(N)?.iter().fold(0, |sum, b| sum << 8 | u64::from(*b)))
    }

    fn expect(&mut self, wanted: Major) -> Result<u64, Malformed> {
        let (major, value) = self.head()?;
        if major == wanted { Ok(value) } else { Err(Malformed::WrongType) }
    }

    fn length(&mut self, wanted: Major) -> Result<usize, Malformed> {
        let len = usize::try_from(self.expect(wanted)?).map_err(|_| Malformed::Truncated)?;
        // Every element takes at least a byte, so a count beyond what is left is a lie: say so before allocating.
        if len > self.rest.len() { Err(Malformed::Truncated) } else { Ok(len) }
    }

    /// An unsigned integer.
    pub fn uint(&mut self) -> Result<u64, Malformed> {
        self.expect(Major::Unsigned)
    }

    /// An integer of either sign.
    pub fn int(&mut self) -> Result<i64, Malformed> {
        match self.head()? {
            (Major::Unsigned, v) => i64::try_from(v).map_err(|_| Malformed::OutOfRange),
            (Major::Negative, v) => i64::try_from(v).map(|v| !v).map_err(|_| Malformed::OutOfRange),
            _ => Err(Malformed::WrongType),
        }
    }

    /// A byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.length(Major::Bytes)?;
        self.take(len)
    }

    /// A byte string of exactly `N` bytes.
    pub fn array_of<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes()?.try_into().map_err(|_| Malformed::OutOfRange)
    }

    /// A text string.
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        let len = self.length(Major::Text)?;
        core::str::from_utf8(self.take(len)?).map_err(|_| Malformed::NotUtf8)
    }

    /// The head of an array; its length.
    pub fn array(&mut self) -> Result<usize, Malformed> {
        self.length(Major::Array)
    }

    /// The head of an array of exactly `len` values.
    pub fn array_exact(&mut self, len: usize) -> Result<(), Malformed> {
        if self.array()? == len { Ok(()) } else { Err(Malformed::OutOfRange) }
    }

    /// The head of a map.
    pub fn map(&mut self) -> Result<Labels, Malformed> {
        let left = self.length(Major::Map)?;
        Ok(Labels { left, last: None, peeked: None })
    }

    /// Exactly this tag.
    pub fn tag(&mut self, wanted: u64) -> Result<(), Malformed> {
        if self.expect(Major::Tag)? == wanted { Ok(()) } else { Err(Malformed::WrongType) }
    }

    /// What the next head is, without moving on.
    pub fn peek(&self) -> Result<(Major, u64), Malformed> {
        self.clone().head()
    }
}

/// The integer labels of a map, which must rise in canonical order: 0, 1, … then -1, -2, …
pub struct Labels {
    left: usize,
    last: Option<u128>,
    peeked: Option<i64>,
}

impl Labels {
    fn next(&mut self, r: &mut Reader<'_>) -> Result<Option<i64>, Malformed> {
        if self.peeked.is_some() {
            return Ok(self.peeked.take());
        }
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let label = r.int()?;
        let place = Some(place_of(label));
        if place <= self.last {
            return Err(Malformed::LabelOrder);
        }
        self.last = place;
        Ok(Some(label))
    }

    /// Moves to `label`, which the format demands here.
    pub fn demand(&mut self, r: &mut Reader<'_>, label: i64) -> Result<(), Malformed> {
        if self.offer(r, label)? { Ok(()) } else { Err(Malformed::MissingLabel) }
    }

    /// Moves to `label` if it stands here.
    pub fn offer(&mut self, r: &mut Reader<'_>, label: i64) -> Result<bool, Malformed> {
        let found = self.next(r)?;
        if found == Some(label) {
            return Ok(true);
        }
        self.peeked = found;
        Ok(false)
    }

    /// Refuses whatever the format does not know.
    pub fn end(mut self, r: &mut Reader<'_>) -> Result<(), Malformed> {
        match self.next(r)? {
            None => Ok(()),
            Some(_) => Err(Malformed::UnknownLabel),
        }
    }
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

impl Encode for u64 {
    fn encode(&self, w: &mut Writer) {
        w.uint(*self);
    }
}

impl Decode<'_> for u64 {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        r.uint()
    }
}

impl Encode for u32 {
    fn encode(&self, w: &mut Writer) {
        w.uint(u64::from(*self));
    }
}

impl Decode<'_> for u32 {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        u32::try_from(r.uint()?).map_err(|_| Malformed::OutOfRange)
    }
}

impl Encode for str {
    fn encode(&self, w: &mut Writer) {
        w.text(self);
    }
}

impl Encode for String {
    fn encode(&self, w: &mut Writer) {
        w.text(self);
    }
}

impl Decode<'_> for String {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        r.text().map(str::to_owned)
    }
}

impl<const N: usize> Encode for [u8; N] {
    fn encode(&self, w: &mut Writer) {
        w.bytes(self);
    }
}

impl<const N: usize> Decode<'_> for [u8; N] {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        r.array_of()
    }
}

/// Bytes that travel as one byte string, such as a nested document.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Blob(pub Vec<u8>);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl AsRef<[u8]> for Blob {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl serde::Serialize for Blob {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&data_encoding::BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> serde::Deserialize<'de> for Blob {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Encode for Blob {
    fn encode(&self, w: &mut Writer) {
        w.bytes(&self.0);
    }
}

impl Decode<'_> for Blob {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        r.bytes().map(|b| Self(b.to_vec()))
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, w: &mut Writer) {
        w.array(self.len());
        for item in self {
            item.encode(w);
        }
    }
}

impl<'a, T: Decode<'a>> Decode<'a> for Vec<T> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        let len = r.array()?;
        (0..len).map(|_| T::decode(r)).collect()
    }
}
