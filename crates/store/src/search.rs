//! Words to search for, as patterns for LIKE.

/// More words than anybody types, and few enough to compare quickly.
const WORDS: usize = 8;

/// One pattern a word: every word must occur somewhere. `\` is the escape character, so that `%` and `_` are letters.
pub(crate) fn patterns(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace().take(WORDS).map(|word| {
        let mut pattern = String::with_capacity(word.len() + 2);
        pattern.push('%');
        for letter in word.to_lowercase().chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern.push('%');
        pattern
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_searched_for_as_letters() {
        let found: Vec<_> = patterns("  100%  A_b\\c ").collect();
        assert_eq!(
            found,
            [r"%100\%%", r"%a\_b\\c%"],
            "each word is lower-cased and its wildcards are escaped"
        );
        assert_eq!(patterns("a b c d e f g h i j").count(), WORDS, "a long text does not make a slow query");
    }
}
