//! The code on paper: 32 random bytes in Crockford's base32, with a check group.
//!
//! Fourteen groups of four characters: thirteen carry the bytes, the last is the first 20 bits of their labelled
//! SHA-256. So a typing error is told from a code that belongs to another profile before any slot is tried.

use countersign_documents::{Digest, Secret32};
use countersign_ports::{Entropy, NoEntropy};
use zeroize::Zeroizing;

use crate::seal;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of the secret: 256 bits and four zero bits.
const BODY: usize = 52;
/// Characters of the check group.
const CHECK: usize = 4;
const GROUP: usize = 4;

/// Thirty-two bytes that open the recovery slot.
pub struct RecoveryCode(Secret32);

/// Why a typed code cannot be one. Says nothing about any profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mistyped {
    /// A character that no code has.
    #[error("group {group} holds a character that no recovery code has")]
    Character {
        /// Which group of four, from 1 on.
        group: usize,
    },
    /// Not 56 characters.
    #[error("a recovery code has 14 groups of 4 characters")]
    Length,
    /// The last group does not fit the others.
    #[error("a character of the recovery code is wrong or two are swapped")]
    Check,
}

impl RecoveryCode {
    /// A new code.
    pub fn make(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        seal::make_secret(entropy).map(Self)
    }

    /// The text to be written down, once: upper case, groups of four between hyphens, 69 characters.
    pub fn text(&self) -> Zeroizing<String> {
        let mut places = Zeroizing::new([0u8; BODY + CHECK]);
        spread(self.0.expose(), &mut places[..BODY]);
        spread(&check_of(&self.0), &mut places[BODY..]);
        let mut text = Zeroizing::new(String::with_capacity((BODY + CHECK) / GROUP * (GROUP + 1)));
        for (at, place) in places.iter().enumerate() {
            if at > 0 && at % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(*place)]));
        }
        text
    }

    /// Reads a typed code. Case, hyphens and spaces do not matter; `O` is read as 0, `I` and `L` as 1.
    pub fn parse(text: &str) -> Result<Self, Mistyped> {
        let mut places = Zeroizing::new([0u8; BODY + CHECK]);
        let mut count = 0;
        for character in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let place = place_of(character).ok_or(Mistyped::Character { group: count / GROUP + 1 })?;
            *places.get_mut(count).ok_or(Mistyped::Length)? = place;
            count += 1;
        }
        if count != places.len() {
            return Err(Mistyped::Length);
        }
        let mut bytes = Zeroizing::new([0u8; 32]);
        let slack = gather(&places[..BODY], bytes.as_mut_slice());
        let secret = Secret32::new(*bytes);
        let mut check = Zeroizing::new([0u8; CHECK]);
        spread(&check_of(&secret), check.as_mut_slice());
        if slack != 0 || *check != places[BODY..] { Err(Mistyped::Check) } else { Ok(Self(secret)) }
    }

    pub(crate) fn secret(&self) -> &Secret32 {
        &self.0
    }
}

fn check_of(secret: &Secret32) -> [u8; 3] {
    let Digest([a, b, c, ..]) = Digest::labelled("countersign-recovery-check-v1", &[secret.expose()]);
    [a, b, c]
}

fn place_of(character: char) -> Option<u8> {
    let plain = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|a| char::from(*a) == plain).and_then(|place| u8::try_from(place).ok())
}

/// The bits of `bytes`, five to a place, most significant first; bits beyond the last place are left out and places
/// beyond the last bit are filled with zero bits.
fn spread(bytes: &[u8], places: &mut [u8]) {
    for (at, place) in places.iter_mut().enumerate() {
        *place = (0..5).fold(0, |sum, bit| sum << 1 | bit_of(bytes, at * 5 + bit));
    }
}

/// The reverse; returns the bits that did not fit, which must be zero in the one right spelling.
fn gather(places: &[u8], bytes: &mut [u8]) -> u8 {
    let mut slack = 0;
    for at in 0..places.len() * 5 {
        let bit = places[at / 5] >> (4 - at % 5) & 1;
        match bytes.get_mut(at / 8) {
            Some(byte) => *byte |= bit << (7 - at % 8),
            None => slack |= bit,
        }
    }
    slack
}

fn bit_of(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> RecoveryCode {
        RecoveryCode(Secret32::new(core::array::from_fn(|i| (i * 37 + 11) as u8)))
    }

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let text = code().text();
        assert_eq!(text.len(), 69, "14 groups of 4 and 13 hyphens");
        let sloppy = text.replace('-', " ").to_lowercase().replace('0', "o").replace('1', "l");
        for typed in [text.as_str(), &sloppy, &text.replace('-', "")] {
            let read = RecoveryCode::parse(typed).unwrap_or_else(|e| panic!("{typed}: {e}"));
            assert!(*read.secret() == *code().secret(), "the same bytes come back");
        }
    }

    #[test]
    fn the_text_form_never_changes() {
        // Computed apart from this code, with another language's SHA-256.
        let written = "1CR5-AYMZ-RKMG-WCTR-FPHC-FV0H-6SDR-19EA-XWA3-JQM3-N36Z-45SW-C630-11F7";
        assert_eq!(code().text().as_str(), written, "what is on paper must be read for ever");
    }

    #[test]
    fn any_one_wrong_character_is_a_typing_error_and_not_a_wrong_code() {
        let text = code().text();
        let plain: Vec<char> = text.chars().collect();
        for at in (0..plain.len()).filter(|at| plain[*at] != '-') {
            for wrong in ALPHABET.iter().map(|b| char::from(*b)).filter(|c| *c != plain[at]) {
                let mut typed = plain.clone();
                typed[at] = wrong;
                let typed: String = typed.iter().collect();
                assert!(matches!(RecoveryCode::parse(&typed), Err(Mistyped::Check)), "place {at}: {wrong}");
            }
        }
    }

    #[test]
    fn a_code_of_another_length_or_alphabet_says_so() {
        let text = code().text();
        let short = text.get(..68).unwrap();
        assert!(matches!(RecoveryCode::parse(short), Err(Mistyped::Length)), "a character is missing");
        assert!(matches!(RecoveryCode::parse(&format!("{}0", *text)), Err(Mistyped::Length)), "one too many");
        let odd = text.replacen('-', "-U", 1);
        assert!(
            matches!(RecoveryCode::parse(&odd), Err(Mistyped::Character { group: 2 })),
            "U is in no code, and the group is named"
        );
    }
}
