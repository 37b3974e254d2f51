//! Fingerprints that are read over the telephone and typed, never shown to the one who compares.

use crate::digest::Digest;

/// 116 bits of an identity or an organisation, as seven groups of five digits.
///
/// SHA-256("countersign-fp-v1" || thumbprint) as a big-endian integer modulo 10^35. The thumbprint is that of the
/// identity's signing key (RFC 9679), for an organisation the digest of version 1 of its root.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u32; 7]);

/// What became of comparing what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// All 35 digits are those of the fingerprint.
    Same,
    /// All 35 digits are there and at least one differs: this may be an attack.
    Different,
    /// Not 35 digits yet: nothing was compared.
    Incomplete,
}

impl Fingerprint {
    /// Of an identity or an organisation.
    pub fn of(thumbprint: &Digest) -> Self {
        let hash = Digest::labelled("countersign-fp-v1", &[&thumbprint.0]);
        let mut groups = [0u32; 7];
        let mut number = hash.0;
        for group in groups.iter_mut().rev() {
            *group = divide(&mut number, 100_000);
        }
        Self(groups)
    }

    /// The seven groups, for the one whose fingerprint it is. Never shown to the one who checks it.
    pub fn to_read_aloud(&self) -> String {
        self.0.map(|g| format!("{g:05}")).join(" ")
    }

    /// Compares what a listener typed; spaces and hyphens do not matter.
    pub fn compare(&self, typed: &str) -> Typed {
        let digits: Option<Vec<u32>> =
            typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_digit(10)).collect();
        match digits {
            Some(digits) if digits.len() == 35 => {
                let groups = digits.chunks(5).map(|g| g.iter().fold(0, |sum, d| sum * 10 + d));
                if groups.eq(self.0) { Typed::Same } else { Typed::Different }
            }
            _ => Typed::Incomplete,
        }
    }
}

/// Divides a big-endian number in place; the remainder.
fn divide(number: &mut [u8; 32], by: u32) -> u32 {
    let mut rest = 0u64;
    for byte in number.iter_mut() {
        let part = rest << 8 | u64::from(*byte);
        *byte = (part / u64::from(by)) as u8;
        rest = part % u64::from(by);
    }
    rest as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_thirty_five_digits_decide() {
        let print = Fingerprint::of(&Digest::of(b"somebody"));
        let text = print.to_read_aloud();
        assert_eq!(text.len(), 41, "seven groups of five and six spaces");
        assert_eq!(print.compare(&text), Typed::Same);
        assert_eq!(print.compare(&text.replace(' ', "-")), Typed::Same);
        assert_eq!(print.compare(text.get(..40).unwrap()), Typed::Incomplete);
        assert_eq!(print.compare(&format!("{text}1")), Typed::Incomplete);
        assert_eq!(print.compare("they match"), Typed::Incomplete);
        for (i, c) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            let mut other: Vec<char> = text.chars().collect();
            other[i] = char::from_digit((c.to_digit(10).unwrap() + 1) % 10, 10).unwrap();
            assert_eq!(
                print.compare(&other.iter().collect::<String>()),
                Typed::Different,
                "digit {i} counts"
            );
        }
    }

    #[test]
    fn long_division_agrees_with_machine_arithmetic() {
        let mut number = [0u8; 32];
        number[16..].copy_from_slice(&0x0123_4567_89ab_cdef_0123_4567_89ab_cdefu128.to_be_bytes());
        let rest = divide(&mut number, 100_000);
        let value = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdefu128;
        assert_eq!(u128::from(rest), value % 100_000);
        assert_eq!(number[16..], (value / 100_000).to_be_bytes());
    }
}
