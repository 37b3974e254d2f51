//! A document in parts for QR codes: `CS1:<i>/<n>:<id>:<base45>`, in any order. A link secret is never among them.

use std::collections::BTreeMap;

use countersign_documents::Digest;

/// Bytes per part: with its prefix a part fits a code of version 20 at error correction M.
pub const BYTES: usize = 420;
/// The most parts there are.
pub const MOST: usize = 99;

/// Why parts do not make an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PartsFlaw {
    /// Not a part.
    #[error("this code is no part of a Countersign envelope")]
    NotAPart,
    /// A part of another envelope.
    #[error("these codes belong to different envelopes")]
    Mixed,
    /// Parts are missing.
    #[error("{missing} of {of} codes are missing")]
    Missing {
        /// How many.
        missing: usize,
        /// Of how many.
        of: usize,
    },
    /// Together they are not what they say.
    #[error("the codes do not fit together: scan them again")]
    Damaged,
    /// Too long for codes.
    #[error("the envelope is too long for codes: use the file")]
    TooLong,
}

/// The parts, in order.
pub fn split(envelope: &[u8]) -> Result<Vec<String>, PartsFlaw> {
    let count = envelope.len().div_ceil(BYTES);
    if count == 0 || count > MOST {
        return Err(PartsFlaw::TooLong);
    }
    let id = id_of(envelope);
    let part = |(i, chunk): (usize, &[u8])| format!("CS1:{}/{count}:{id}:{}", i + 1, base45::encode(chunk));
    Ok(envelope.chunks(BYTES).enumerate().map(part).collect())
}

/// The envelope again.
pub fn join<'a>(parts: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>, PartsFlaw> {
    let mut found: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let mut of: Option<(usize, String)> = None;
    for part in parts {
        let (index, count, id, bytes) = read(part.trim()).ok_or(PartsFlaw::NotAPart)?;
        let first = of.get_or_insert_with(|| (count, id.to_owned()));
        if first.0 != count || first.1 != id {
            return Err(PartsFlaw::Mixed);
        }
        if found.insert(index, bytes.clone()).is_some_and(|before| before != bytes) {
            return Err(PartsFlaw::Damaged);
        }
    }
    let (count, id) = of.ok_or(PartsFlaw::NotAPart)?;
    if found.len() < count {
        return Err(PartsFlaw::Missing { missing: count - found.len(), of: count });
    }
    let full = found.values().take(count - 1).all(|bytes| bytes.len() == BYTES);
    let whole: Vec<u8> = found.into_values().flatten().collect();
    if full && id_of(&whole) == id { Ok(whole) } else { Err(PartsFlaw::Damaged) }
}

fn read(part: &str) -> Option<(usize, usize, &str, Vec<u8>)> {
    let (place, rest) = part.strip_prefix("CS1:")?.split_once(':')?;
    let (id, text) = rest.split_once(':')?;
    let (index, count) = place.split_once('/')?;
    let (i, n): (usize, usize) = (index.parse().ok()?, count.parse().ok()?);
    let bytes = base45::decode(text).ok()?;
    let canonical = i.to_string() == index && n.to_string() == count && base45::encode(&bytes) == text;
    let fits =
        (1..=n).contains(&i) && n <= MOST && !bytes.is_empty() && bytes.len() <= BYTES && id.len() == 8;
    (canonical && fits).then_some((i, n, id, bytes))
}

/// Eight characters that tell envelopes apart, in an alphabet QR codes pack well.
fn id_of(envelope: &[u8]) -> String {
    data_encoding::BASE32_NOPAD.encode(&Digest::of(envelope).0[..5])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_together_in_any_order_and_nothing_else_does() {
        let envelope: Vec<u8> = (0..2_500u32).map(|i| (i * 7 % 251) as u8).collect();
        let mut parts = split(&envelope).unwrap();
        assert_eq!(parts.len(), 6, "2,500 bytes take six codes");
        parts.reverse();
        let all = || parts.iter().map(String::as_str);
        assert_eq!(join(all()).as_deref(), Ok(envelope.as_slice()));
        assert_eq!(
            join(all().chain(all())).as_deref(),
            Ok(envelope.as_slice()),
            "scanning twice does no harm"
        );
        assert_eq!(join(all().skip(2)), Err(PartsFlaw::Missing { missing: 2, of: 6 }));
        let other = split(&envelope[1..]).unwrap();
        assert_eq!(join(all().take(5).chain([other[0].as_str()])), Err(PartsFlaw::Mixed));
        assert_eq!(join(["hello"]), Err(PartsFlaw::NotAPart));
        assert!(parts.iter().all(|p| p.len() <= 970), "a part fits version 20-M, which holds 970 characters");
    }
}
