//! Text from outside. What could deceive a reader is refused where text is parsed, not where it is shown.

use core::fmt;

use unicode_normalization::is_nfc;
use unicode_security::{MixedScript as _, RestrictionLevel, RestrictionLevelDetection as _};

use crate::cbor::{Decode, Encode, Malformed, Reader, Writer};

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFlaw {
    /// Nothing, or only spaces.
    #[error("it is empty")]
    Empty,
    /// Longer than the field allows.
    #[error("it is longer than the field allows")]
    TooLong,
    /// A control character, or a line break where one line is asked for.
    #[error("it holds a control character or a line break")]
    Control,
    /// A character that changes the direction of the text around it.
    #[error("it holds a character that turns the reading direction")]
    Direction,
    /// A character that cannot be seen.
    #[error("it holds an invisible character")]
    Invisible,
    /// A character without an agreed meaning.
    #[error("it holds a private or unassigned character")]
    Private,
    /// Not in Unicode normal form C.
    #[error("it is not in Unicode normal form C")]
    NotNormal,
    /// Spaces at the ends, or two in a row.
    #[error("it begins or ends with a space, or holds two in a row")]
    Spaces,
    /// Letters of several scripts in one name.
    #[error("it mixes letters of several scripts, which look alike")]
    MixedScripts,
    /// A character that a short name may not have.
    #[error("a short name takes a-z, 0-9 and hyphens, and begins with a letter")]
    NotASlug,
}

fn flaw_of(c: char) -> Option<TextFlaw> {
    match c {
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => Some(TextFlaw::Control),
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' => {
            Some(TextFlaw::Direction)
        }
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => Some(TextFlaw::Invisible),
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some(TextFlaw::Spaces)
        }
        '\u{e000}'..='\u{f8ff}'
        | '\u{f0000}'..='\u{10ffff}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fffc}'..='\u{ffff}' => Some(TextFlaw::Private),
        _ => None,
    }
}

fn check(text: &str, longest: usize, lines: bool) -> Result<(), TextFlaw> {
    if text.trim().is_empty() {
        return Err(TextFlaw::Empty);
    }
    if text.len() > longest {
        return Err(TextFlaw::TooLong);
    }
    if let Some(flaw) = text.chars().filter(|c| !(lines && *c == '\n')).find_map(flaw_of) {
        return Err(flaw);
    }
    if !is_nfc(text) {
        return Err(TextFlaw::NotNormal);
    }
    if text != text.trim() || (!lines && text.contains("  ")) {
        return Err(TextFlaw::Spaces);
    }
    // More than eight combining marks on one letter is no language, but a way to paint over other lines.
    let mut marks = 0;
    for c in text.chars() {
        marks = if unicode_normalization::char::is_combining_mark(c) { marks + 1 } else { 0 };
        if marks > 8 {
            return Err(TextFlaw::Invisible);
        }
    }
    Ok(())
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// From outside, refused with its reason.
            pub fn parse(text: &str) -> Result<Self, TextFlaw> {
                let check: fn(&str) -> Result<(), TextFlaw> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Encode for $name {
            fn encode(&self, w: &mut Writer) {
                w.text(&self.0);
            }
        }

        impl Decode<'_> for $name {
            fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
                Self::parse(r.text()?).map_err(|_| Malformed::OutOfRange)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

texts! {
    /// One line of at most 200 bytes: a name, an address, a sentence.
    Line |t| check(t, 200, false);
    /// Several lines of at most 8,000 bytes: a reason, a description.
    Prose |t| check(t, 8_000, true);
    /// A short name of at most 40 characters: `a-z`, `0-9`, hyphens; begins with a letter.
    Slug |t| {
        let fits = (1..=40).contains(&t.len())
            && t.starts_with(|c: char| c.is_ascii_lowercase())
            && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(()) } else { Err(TextFlaw::NotASlug) }
    };
    /// The name of a scope, such as `orders:read`: at most 60 characters of `a-z`, `0-9`, `-`, `_`, `.`, `:`.
    ScopeName |t| {
        let fits = (1..=60).contains(&t.len())
            && t.starts_with(|c: char| c.is_ascii_lowercase())
            && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.:".contains(&b));
        if fits { Ok(()) } else { Err(TextFlaw::NotASlug) }
    };
}

impl Line {
    /// Refuses a name whose letters are of several scripts, such as a Cyrillic letter among Latin ones: it is read as
    /// another's name. What is written together everywhere passes, such as Latin with Japanese (Unicode TR 39, highly
    /// restrictive); digits, spaces and punctuation are of every script.
    pub fn check_scripts(&self) -> Result<(), TextFlaw> {
        let letters: String = self.0.chars().filter(|c| c.is_alphabetic()).collect();
        let fits = letters.as_str().is_single_script()
            || letters.as_str().check_restriction_level(RestrictionLevel::HighlyRestrictive);
        if fits { Ok(()) } else { Err(TextFlaw::MixedScripts) }
    }
}

/// What two names have in common when they look alike: the skeleton of Unicode TR 39, without case and spaces.
pub fn skeleton(text: &str) -> String {
    let folded = text.to_lowercase();
    unicode_security::skeleton(&folded).filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// Makes any text fit for a terminal or a log: what `Line` and `Prose` refuse is shown as `\u{…}`.
pub fn visible(text: &str) -> String {
    text.chars()
        .map(
            |c| {
                if c != '\n' && flaw_of(c).is_some() { c.escape_unicode().to_string() } else { c.to_string() }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deceiving_text_is_refused_with_its_reason() {
        for (text, flaw) in [
            ("", TextFlaw::Empty),
            ("   ", TextFlaw::Empty),
            ("a\u{202e}b", TextFlaw::Direction),
            ("a\u{200b}b", TextFlaw::Invisible),
            ("a\u{1b}[31mb", TextFlaw::Control),
            ("a\nb", TextFlaw::Control),
            ("e\u{301}", TextFlaw::NotNormal),
            (" a", TextFlaw::Spaces),
            ("a  b", TextFlaw::Spaces),
            ("a\u{a0}b", TextFlaw::Spaces),
            ("a\u{e000}", TextFlaw::Private),
        ] {
            assert_eq!(Line::parse(text), Err(flaw), "{text:?} has this flaw");
        }
        assert!(Line::parse("Zoë Müller-Lüdenscheidt (株式会社)").is_ok(), "real names pass");
        assert!(Prose::parse("one\ntwo").is_ok(), "prose has lines");
        assert!(Line::parse(&"x".repeat(201)).is_err(), "long lines do not pass");
    }

    #[test]
    fn a_name_of_several_scripts_is_refused() {
        for mixed in ["\u{410}lice", "Ben \u{410}dler", "N\u{3bf}rthwind", "Acme \u{424}", "\u{43e}rders 24"]
        {
            let name = Line::parse(mixed).unwrap();
            assert_eq!(name.check_scripts(), Err(TextFlaw::MixedScripts), "{mixed:?} is read as another");
        }
        for real in [
            "Alice",
            "Zoë Müller-Lüdenscheidt 2",
            "株式会社 ABC",
            "東京 タワー Tokyo",
            "삼성 SDS",
            "Иван Петров",
            "Ελένη",
            "محمد علي",
            "42 & Co.",
            "7",
        ] {
            assert_eq!(Line::parse(real).unwrap().check_scripts(), Ok(()), "{real:?} is a name");
        }
    }

    #[test]
    fn look_alikes_share_a_skeleton() {
        for (a, b) in [("Acme Ltd", "ACME  LTD"), ("paypal", "pаypаl"), ("Acme", "Αcme"), ("rnicro", "micro")]
        {
            assert_eq!(skeleton(a), skeleton(b), "{a} and {b} look alike");
        }
        assert_ne!(skeleton("Acme"), skeleton("Acne"), "different names stay different");
    }
}
