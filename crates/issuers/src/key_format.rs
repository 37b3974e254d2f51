//! The text form of minted keys: `<prefix>_<environment>_<30 random characters><6 characters of checksum>`.
//!
//! All 36 characters at the end are base62 over the alphabet `0-9A-Za-z`, in that order: `0` is 0, `A` is 10, `a` is
//! 36. The thirty are uniform (178 bits). The six are the CRC-32 (IEEE 802.3, as in zlib) of every byte before them,
//! as a number in base62, most significant digit first, padded with `0`. The checksum keeps no secret and proves
//! nothing: it tells a key from a look-alike, so that a search for leaks does not drown in false finds.

use core::fmt;

use countersign_documents::secret::Key;
use countersign_ports::{Entropy, NoEntropy};
use zeroize::Zeroizing;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM: usize = 30;
const CHECKSUM: usize = 6;

/// The first or the second part of a key: 1 to 20 lower-case letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// The longest label, in characters.
    pub const LONGEST: usize = 20;

    /// From exactly its text.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::LONGEST).contains(&text.len());
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        (fits && plain).then(|| Self(text.to_owned()))
    }

    /// From the name of an environment: what is no letter or digit is dropped, and what is too long is cut. `None`
    /// where nothing is left. Two environments may get one label: it is there for the reader, never for a decision.
    pub fn of_environment(name: &str) -> Option<Self> {
        let kept = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
        Self::parse(&kept.take(Self::LONGEST).collect::<String>())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a minted key says of itself, all of it public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MintedShape {
    /// Whose keys look like this.
    pub prefix: Label,
    /// The label of the environment it is for.
    pub environment: Label,
}

/// Makes a new key. Fails when there is no randomness, or none that can be believed.
pub fn mint(prefix: &Label, environment: &Label, entropy: &dyn Entropy) -> Result<Key, NoEntropy> {
    let length = prefix.0.len() + environment.0.len() + 2 + RANDOM + CHECKSUM;
    // The full capacity from the start: growing would leave copies of the key behind.
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    for label in [prefix, environment] {
        text.extend_from_slice(label.0.as_bytes());
        text.push(b'_');
    }
    push_random(&mut text, entropy)?;
    let sum = checksum(&text);
    text.extend_from_slice(&sum);
    // Always of a length `Key` takes: 40 to 78 characters.
    Key::parse(text).ok_or(NoEntropy)
}

/// What `text` says of itself, if it is exactly one key with a right checksum.
pub fn parse(text: &str) -> Option<MintedShape> {
    let mut parts = text.split('_');
    let (prefix, environment, tail) = (parts.next()?, parts.next()?, parts.next()?);
    let base62 = tail.len() == RANDOM + CHECKSUM && tail.bytes().all(|b| b.is_ascii_alphanumeric());
    if parts.next().is_some() || !base62 {
        return None;
    }
    let shape = MintedShape { prefix: Label::parse(prefix)?, environment: Label::parse(environment)? };
    let (signed, sum) = text.as_bytes().split_at_checked(text.len() - CHECKSUM)?;
    (checksum(signed) == sum).then_some(shape)
}

/// Appends 30 uniform characters: a byte of 248 or more is thrown away, since 62 divides 248 and not 256.
fn push_random(text: &mut Vec<u8>, entropy: &dyn Entropy) -> Result<(), NoEntropy> {
    const FAIR: u8 = 248;
    const ROUNDS: usize = 16;
    let mut missing = RANDOM;
    let mut pool = Zeroizing::new([0u8; 64]);
    // An honest source needs a second round once in 10^20 keys; one that still gives nothing is broken.
    for _ in 0..ROUNDS {
        entropy.fill(pool.as_mut())?;
        for byte in pool.iter().filter(|b| **b < FAIR).take(missing) {
            text.push(ALPHABET[usize::from(byte % 62)]);
            missing -= 1;
        }
        if missing == 0 {
            return Ok(());
        }
    }
    Err(NoEntropy)
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let mut value = crc32fast::hash(bytes);
    let mut out = [0; CHECKSUM];
    for place in out.iter_mut().rev() {
        *place = ALPHABET[(value % 62) as usize];
        value /= 62;
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Bytes counted down from 255, for known answers.
    struct CountDown(Mutex<u8>);

    impl Entropy for CountDown {
        fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
            let mut next = self.0.lock().unwrap();
            for byte in out {
                *byte = *next;
                *next = next.wrapping_sub(1);
            }
            Ok(())
        }
    }

    /// SplitMix64: good enough to see a bias in, useless for keys.
    struct Seeded(Mutex<u64>);

    impl Entropy for Seeded {
        fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
            let mut state = self.0.lock().unwrap();
            for chunk in out.chunks_mut(8) {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = *state;
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
            }
            Ok(())
        }
    }

    struct Stuck(u8);

    impl Entropy for Stuck {
        fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
            out.fill(self.0);
            Ok(())
        }
    }

    fn label(text: &str) -> Label {
        Label::parse(text).unwrap()
    }

    fn text(key: &Key) -> String {
        String::from_utf8(key.expose().to_vec()).unwrap()
    }

    #[test]
    fn the_checksum_is_the_crc_of_zlib_in_base62() {
        // Computed with zlib.crc32 of CPython; 0xcbf43926 is the check value of CRC-32/ISO-HDLC.
        for (input, expected) in [
            ("123456789", "3jZRME"),
            ("cs_prod_000000000000000000000000000000", "35Rq51"),
            ("acme_staging2_WXYZabcdefghijklmnopqrstuvwxyz", "0H31jw"),
            ("cs_prod_000000000000000000000000000099", "00aFO6"),
            ("", "000000"),
        ] {
            assert_eq!(checksum(input.as_bytes()), expected.as_bytes(), "checksum of {input:?}");
        }
    }

    #[test]
    fn a_key_from_known_bytes_is_a_known_key() {
        let key = mint(&label("cs"), &label("prod"), &CountDown(Mutex::new(255))).unwrap();
        let expected = "cs_prod_zyxwvutsrqponmlkjihgfedcbaZYXW1DPtRl";
        assert_eq!(text(&key), expected, "255 to 248 are thrown away, then 247 mod 62 = 61 = z");
        let shape = MintedShape { prefix: label("cs"), environment: label("prod") };
        assert_eq!(parse(expected), Some(shape), "what was minted is read back");
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let key = text(&mint(&label("cs"), &label("prod"), &Seeded(Mutex::new(1))).unwrap());
        for place in 0..key.len() {
            for other in ["0", "Z", "a", "_", " ", "é"] {
                let mut altered = key.clone();
                altered.replace_range(place..=place, other);
                let same = altered == key;
                assert_eq!(parse(&altered).is_some(), same, "{altered} has a character changed");
            }
        }
    }

    #[test]
    fn what_only_resembles_a_key_is_none() {
        for text in [
            "",
            "_",
            "__",
            "cs_prod_",
            "cs_prod_zyxwvutsrqponmlkjihgfedcbaZYXW1DPtR",
            "cs_prod_zyxwvutsrqponmlkjihgfedcbaZYXW1DPtRl\n",
            " cs_prod_zyxwvutsrqponmlkjihgfedcbaZYXW1DPtRl",
            "cs_prod_zyxwvutsrqponmlkjihgfedcbaZYXW1DPtRl_",
            "_cs_prod_zyxwvutsrqponmlkjihgfedcbaZYXW1DPtRl",
        ] {
            assert_eq!(parse(text), None, "{text:?} is no key");
        }
        let upper = ["CS_prod_", &"0".repeat(30)].concat();
        let sealed = [upper.as_bytes(), &checksum(upper.as_bytes())].concat();
        assert_eq!(
            parse(core::str::from_utf8(&sealed).unwrap()),
            None,
            "a right checksum saves no wrong prefix"
        );
    }

    #[test]
    fn labels_are_short_and_plain() {
        for bad in ["", "Cs", "c_s", "c-s", "ć", "abcdefghijklmnopqrstu"] {
            assert_eq!(Label::parse(bad), None, "{bad:?} is no label");
        }
        for (name, expected) in [
            ("prod", Some("prod")),
            ("eu-west-1", Some("euwest1")),
            ("a-very-long-environment-name", Some("averylongenvironment")),
            ("--", None),
        ] {
            let made = Label::of_environment(name);
            assert_eq!(made.as_ref().map(Label::as_str), expected, "label of the environment {name:?}");
        }
    }

    #[test]
    fn the_longest_labels_still_make_a_key() {
        let long = label(&"a".repeat(20));
        let key = mint(&long, &long, &Seeded(Mutex::new(2))).unwrap();
        assert_eq!(key.expose().len(), 78, "20 + 1 + 20 + 1 + 30 + 6");
        assert!(parse(&text(&key)).is_some(), "and it is read back");
    }

    #[test]
    fn no_character_is_more_likely_than_another() {
        let entropy = Seeded(Mutex::new(3));
        let (prefix, environment) = (label("cs"), label("prod"));
        let mut seen = [0u64; 62];
        let keys = 20_000u64;
        for _ in 0..keys {
            let key = mint(&prefix, &environment, &entropy).unwrap();
            for byte in &key.expose()[8..38] {
                seen[ALPHABET.iter().position(|a| a == byte).unwrap()] += 1;
            }
        }
        let expected = (keys * 30) as f64 / 62.0;
        let chi: f64 = seen.iter().map(|n| (*n as f64 - expected).powi(2) / expected).sum();
        // 61 degrees of freedom: 117 is passed once in 20 000 honest runs, and the bias of `byte % 62` gives 1 400.
        assert!(chi < 117.0, "chi-square over 62 characters is {chi}");
    }

    #[test]
    fn a_source_that_gives_nothing_usable_makes_no_key() {
        assert!(
            mint(&label("cs"), &label("prod"), &Stuck(255)).is_err(),
            "rejection sampling must not spin for ever"
        );
    }
}
