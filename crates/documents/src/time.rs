//! Instants: whole seconds since 1970-01-01T00:00:00Z (RFC 8392 NumericDate, unsigned). Always an argument.

use crate::cbor::{Decode, Encode, Malformed, Reader, Writer};

/// A length of time in seconds.
pub type Seconds = u64;

/// One minute.
pub const MINUTE: Seconds = 60;
/// One hour.
pub const HOUR: Seconds = 60 * MINUTE;
/// One day.
pub const DAY: Seconds = 24 * HOUR;
/// How far two honest clocks may differ.
pub const SKEW: Seconds = 120;

/// The largest instant a document may name: 2^53 - 1, so that every language reads it exactly.
pub const LATEST: u64 = 9_007_199_254_740_991;

/// An instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// This much later, at most the latest instant there is.
    #[must_use]
    pub fn plus(self, seconds: Seconds) -> Self {
        Self(self.0.saturating_add(seconds).min(LATEST))
    }

    /// This much earlier, at least 1970.
    #[must_use]
    pub fn minus(self, seconds: Seconds) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// Seconds from `earlier` to here, or zero.
    pub fn since(self, earlier: Self) -> Seconds {
        self.0.saturating_sub(earlier.0)
    }
}

impl Encode for Time {
    fn encode(&self, w: &mut Writer) {
        w.uint(self.0);
    }
}

impl Decode<'_> for Time {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        match r.uint()? {
            late if late > LATEST => Err(Malformed::OutOfRange),
            seconds => Ok(Self(seconds)),
        }
    }
}
