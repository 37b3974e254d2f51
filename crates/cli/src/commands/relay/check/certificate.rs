//! When a certificate of TLS ends: the one thing that is read of it here. Whether it counts was judged before.

use countersign_documents::Time;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The `notAfter` of an X.509 certificate in DER (RFC 5280, 4.1); nothing where it is not of that form.
pub(super) fn ends(certificate: &[u8]) -> Option<Time> {
    let mut certificate = Der(of(SEQUENCE, &mut Der(certificate))?);
    let mut signed = Der(of(SEQUENCE, &mut certificate)?);
    let first = signed.next()?;
    if first.0 == VERSION {
        of(INTEGER, &mut signed)?;
    } else if first.0 != INTEGER {
        return None;
    }
    let (_algorithm, _issuer) = (of(SEQUENCE, &mut signed)?, of(SEQUENCE, &mut signed)?);
    let mut validity = Der(of(SEQUENCE, &mut signed)?);
    let _from = validity.next()?;
    let (kind, until) = validity.next()?;
    moment(kind, core::str::from_utf8(until).ok()?)
}

/// Elements one after the other.
struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    /// The tag and the content of the next one.
    fn next(&mut self) -> Option<(u8, &'d [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let length = match first {
            0..=0x7f => usize::from(first),
            0x81..=0x83 => {
                let (bytes, behind) = rest.split_at_checked(usize::from(first & 0x7f))?;
                rest = behind;
                bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
            }
            _ => return None,
        };
        let (content, behind) = rest.split_at_checked(length)?;
        self.0 = behind;
        Some((tag, content))
    }
}

fn of<'d>(tag: u8, der: &mut Der<'d>) -> Option<&'d [u8]> {
    der.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ` (RFC 5280, 4.1.2.5).
fn moment(kind: u8, text: &str) -> Option<Time> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let (year, rest) = match (kind, digits.len()) {
        (UTC_TIME, 12) => {
            let (year, rest) = digits.split_at(2);
            let year: i16 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        (GENERALIZED_TIME, 14) => {
            let (year, rest) = digits.split_at(4);
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let two = |at: usize| rest.get(at..at + 2).and_then(|digits| digits.parse::<i8>().ok());
    let date = jiff::civil::DateTime::new(year, two(0)?, two(2)?, two(4)?, two(6)?, two(8)?, 0).ok()?;
    let stamp = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    u64::try_from(stamp.as_second()).ok().map(Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let head = match length {
            0..=0x7f => vec![tag, u8::try_from(length).unwrap()],
            _ => vec![tag, 0x82, u8::try_from(length >> 8).unwrap(), u8::try_from(length & 0xff).unwrap()],
        };
        [head, content.to_vec()].concat()
    }

    fn certificate(until: &[u8]) -> Vec<u8> {
        let from = element(UTC_TIME, b"200101000000Z");
        let validity = element(SEQUENCE, &[from, until.to_vec()].concat());
        let filler = element(SEQUENCE, &[7; 200]);
        let parts = [
            element(VERSION, &[2, 1, 2]),
            element(INTEGER, &[9]),
            filler.clone(),
            filler.clone(),
            validity,
            filler,
        ];
        element(SEQUENCE, &[element(SEQUENCE, &parts.concat()), vec![0; 70]].concat())
    }

    #[test]
    fn the_end_of_a_certificate_is_read() {
        for (kind, text) in [(UTC_TIME, "231114221320Z"), (GENERALIZED_TIME, "20231114221320Z")] {
            assert_eq!(
                ends(&certificate(&element(kind, text.as_bytes()))),
                Some(Time(1_700_000_000)),
                "{text}"
            );
        }
        for (kind, text) in [
            (UTC_TIME, "20231114221320Z"),
            (UTC_TIME, "231314221320Z"),
            (UTC_TIME, "231114221320"),
            (UTC_TIME, "+31114221320Z"),
            (INTEGER, "231114221320Z"),
        ] {
            assert_eq!(ends(&certificate(&element(kind, text.as_bytes()))), None, "{text}");
        }
    }

    #[test]
    fn a_certificate_that_is_cut_off_says_nothing() {
        let whole = certificate(&element(UTC_TIME, b"231114221320Z"));
        for end in 0..whole.len() {
            assert_eq!(ends(&whole[..end]), None, "{end} bytes");
        }
        assert_eq!(ends(&[SEQUENCE, 0x84, 0, 0, 0, 0]), None, "no length is that long");
    }
}
