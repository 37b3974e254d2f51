//! Reading: exactly what a format says, in the only order and the only width there is.

use core::fmt;

use super::{Major, Malformed, place_of};

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
