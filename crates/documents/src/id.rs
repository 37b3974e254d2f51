//! Identifiers: 16 random bytes, shown in Crockford base32 without look-alikes. Any unique prefix is accepted.

use core::fmt;

use crate::cbor::{Decode, Encode, Malformed, Reader, Writer};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The 26 characters of 16 bytes, most significant bit first; the last character carries three bits.
pub fn crockford(bytes: &[u8; 16]) -> String {
    let mut value = u128::from_be_bytes(*bytes);
    let mut out = [0u8; 26];
    out[25] = ALPHABET[((value & 0x7) << 2) as usize];
    value >>= 3;
    for place in out[..25].iter_mut().rev() {
        *place = ALPHABET[(value & 0x1f) as usize];
        value >>= 5;
    }
    out.iter().map(|b| char::from(*b)).collect()
}

/// The reverse. Upper case is read too; `o`, `i` and `l` are not guessed at, and slack bits must be zero.
pub fn from_crockford(text: &str) -> Option<[u8; 16]> {
    let digits = text
        .bytes()
        .map(|b| ALPHABET.iter().position(|a| *a == b.to_ascii_lowercase()).map(|p| p as u128))
        .collect::<Option<Vec<_>>>()?;
    let [head @ .., last] = digits.as_slice() else { return None };
    if head.len() != 25 || last & 0x3 != 0 {
        return None;
    }
    let value = head.iter().fold(0u128, |sum, digit| sum << 5 | digit);
    Some((value << 3 | last >> 2).to_be_bytes())
}

/// Declares an identifier type of its own, so that one kind of id never stands for another.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// From its 26 characters.
            pub fn parse(text: &str) -> Option<Self> {
                from_crockford(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&crockford(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&crockford(&self.0))
            }
        }

        impl Encode for $name {
            fn encode(&self, w: &mut Writer) {
                w.bytes(&self.0);
            }
        }

        impl Decode<'_> for $name {
            fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
                r.array_of().map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an id"))
            }
        }
    )*};
}

ids! {
    /// An organisation, from its founding on.
    OrganisationId,
    /// One human, the same over all desks and re-certifications.
    PersonId,
    /// One person on one desk, or an agent.
    MemberId,
    /// A request, kept over its revisions.
    RequestId,
    /// A grant: what two people sign.
    GrantId,
    /// A key that was handed out, or imported as a legacy one.
    KeyId,
    /// An envelope (CWT claim 7).
    Cti,
    /// One operation: unique in the log, so that an unknown outcome can be looked up.
    OpId,
    /// A change that waits for a second admin.
    ChangeId,
    /// An order to disable or revoke.
    OrderId,
    /// The right to write to an organisation through its relay.
    TicketId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crockford_round_trips_and_is_canonical() {
        for seed in 0..=255u8 {
            let bytes: [u8; 16] = core::array::from_fn(|i| seed.wrapping_mul(31).wrapping_add(i as u8 * 17));
            let text = crockford(&bytes);
            assert_eq!(text.len(), 26, "16 bytes take 26 characters");
            assert_eq!(from_crockford(&text), Some(bytes), "what was written is read back");
        }
        let slack = format!("{}1", &crockford(&[0; 16]).get(..25).unwrap_or_default());
        assert_eq!(from_crockford(&slack), None, "slack bits are not ignored");
        assert_eq!(from_crockford("0000000000000000000000000o"), None, "look-alikes are not guessed at");
    }
}
