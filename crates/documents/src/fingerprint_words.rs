//! The words of a fingerprint: the large list of the Electronic Frontier Foundation, see `spec/words/NOTICE`.

use core::cmp::Ordering;

/// 7,776 words of three to nine letters, one a line, in rising order.
const LIST: &str = include_str!("../../../spec/words/eff-large.txt");

/// How many there are.
pub(crate) const MANY: u32 = 7_776;

/// The word with this number, from 0.
pub(crate) fn word(number: u32) -> &'static str {
    LIST.lines().nth(number as usize).unwrap_or_default()
}

/// The number of a word, whatever its case.
pub(crate) fn number(word: &str) -> Option<u32> {
    let word = word.to_ascii_lowercase();
    let mut found =
        LIST.lines().zip(0..).skip_while(|(known, _)| (*known).cmp(word.as_str()) == Ordering::Less);
    found.next().filter(|(known, _)| *known == word).map(|(_, number)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_published_one() {
        let digest = crate::Digest::of(LIST.as_bytes()).hex();
        assert_eq!(digest, "6d557f0693958fb5e650b68b5bee585eb82cf4da32965505c789e924743bc522");
        assert_eq!(LIST.lines().count(), MANY as usize);
        assert!(LIST.lines().zip(LIST.lines().skip(1)).all(|(a, b)| a < b), "each once, in rising order");
    }

    #[test]
    fn every_word_has_its_number() {
        for at in (0..MANY).step_by(97).chain([MANY - 1]) {
            assert_eq!(number(word(at)), Some(at));
        }
        assert_eq!((word(0), word(MANY - 1)), ("abacus", "zoom"));
        assert_eq!(number("T-Shirt"), number("t-shirt"), "whatever its case");
        assert_eq!((number("countersign"), number(""), number("zzz")), (None, None, None));
    }
}
