//! Fingerprints that are read over the telephone and typed, never shown to the one who compares.

use crate::{digest::Digest, fingerprint_words as words};

/// 116 bits of an identity or an organisation, as seven groups of five digits or as nine words.
///
/// SHA-256("countersign-fp-v1" || thumbprint) as a big-endian integer modulo 10^35, or modulo 7776^9. The thumbprint is that of the
/// identity's signing key (RFC 9679), for an organisation the digest of version 1 of its root.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    groups: [u32; 7],
    words: [u32; 9],
}

/// What became of comparing what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// All 35 digits, or all nine words, are those of the fingerprint.
    Same,
    /// All are there and at least one differs: this may be an attack.
    Different,
    /// Neither 35 digits nor nine words of the list: nothing was compared.
    Incomplete,
}

impl Fingerprint {
    /// Of an identity or an organisation.
    pub fn of(thumbprint: &Digest) -> Self {
        let hash = Digest::labelled("countersign-fp-v1", &[&thumbprint.0]);
        Self { groups: places(hash, 100_000), words: places(hash, words::MANY) }
    }

    /// The seven groups, for the one whose fingerprint it is. Never shown to the one who checks it.
    pub fn to_read_aloud(&self) -> String {
        self.groups.map(|g| format!("{g:05}")).join(" ")
    }

    /// The nine words, for the one whose fingerprint it is.
    pub fn to_read_as_words(&self) -> String {
        self.words.map(words::word).join(" ")
    }

    /// Compares what a listener typed, in either form. Between digits spaces and hyphens do not matter; words stand
    /// apart by spaces, in any case of letters. A word that is not in the list compares as nothing: it was misheard.
    pub fn compare(&self, typed: &str) -> Typed {
        if typed.chars().any(|c| c.is_ascii_alphabetic()) {
            let numbers: Option<Vec<u32>> = typed.split_whitespace().map(words::number).collect();
            return match numbers {
                Some(numbers) if numbers.len() == 9 => {
                    if numbers == self.words {
                        Typed::Same
                    } else {
                        Typed::Different
                    }
                }
                _ => Typed::Incomplete,
            };
        }
        let digits: Option<Vec<u32>> =
            typed.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_digit(10)).collect();
        match digits {
            Some(digits) if digits.len() == 35 => {
                let groups = digits.chunks(5).map(|g| g.iter().fold(0, |sum, d| sum * 10 + d));
                if groups.eq(self.groups) { Typed::Same } else { Typed::Different }
            }
            _ => Typed::Incomplete,
        }
    }
}

/// The last places of a number in this base, the highest first.
fn places<const N: usize>(hash: Digest, base: u32) -> [u32; N] {
    let mut number = hash.0;
    let mut places = [0; N];
    for place in places.iter_mut().rev() {
        *place = divide(&mut number, base);
    }
    places
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
    fn nine_words_say_the_same_as_the_digits() {
        let print = Fingerprint::of(&Digest::of(b"somebody"));
        let text = print.to_read_as_words();
        let words: Vec<&str> = text.split(' ').collect();
        assert_eq!(words.len(), 9);
        assert_eq!(print.compare(&text), Typed::Same);
        assert_eq!(print.compare(&format!("  {}\n", text.to_uppercase().replace(' ', "   "))), Typed::Same);
        assert_eq!(print.compare(&words[..8].join(" ")), Typed::Incomplete);
        assert_eq!(print.compare(&format!("{text} {}", words[0])), Typed::Incomplete);
        for at in 0..9 {
            let with = |word| {
                let mut other = words.clone();
                other[at] = word;
                print.compare(&other.join(" "))
            };
            let another = if words[at] == "zoom" { "abacus" } else { "zoom" };
            assert_eq!(with(another), Typed::Different, "word {at} counts");
            assert_eq!(with("countersign"), Typed::Incomplete, "a word that is in no list was misheard");
        }
        assert_eq!(print.compare(&format!("{} {}", print.to_read_aloud(), words[0])), Typed::Incomplete);
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
