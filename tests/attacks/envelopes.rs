//! Small changes of envelopes, in every form in which they travel.

use countersign_envelope::{Link, LinkSecret, Sealed, parts};

use crate::{
    changes::{Survey, each_change},
    soak,
    world::{Dice, Organisation, Partner, Roles, Signed, THIRD_SEALS, THREE_SIGN, TWO, deliver, open},
};

/// What the outside hears, whatever the reason was.
const OUTSIDE: &str = "the envelope was not accepted";

/// An envelope with everything that opens it.
pub(crate) struct Sample {
    pub(crate) organisation: Organisation,
    pub(crate) partner: Partner,
    pub(crate) sealed: Sealed,
}

impl Sample {
    /// One that differs by its seed and by who signs.
    pub(crate) fn new(number: u64, roles: Roles) -> Self {
        let (organisation, partner, mut dice) =
            (Organisation::new(number), Partner::new(number), Dice::new("sample", number));
        let signed = Signed::new(&organisation, &partner, roles, &mut dice).countersigned(&organisation);
        let key = dice.key();
        let sealed = deliver(&organisation, &partner, &signed, roles.sealer, &key, &mut dice);
        Self { organisation, partner, sealed }
    }

    /// Whether its own recipient accepts these bytes with this secret. A reason that reaches the outside fails.
    pub(crate) fn accepts_with(&self, bytes: &[u8], secret: &LinkSecret) -> bool {
        match open(bytes, &self.organisation.root, &self.partner, secret) {
            Ok(_) => true,
            Err(refusal) => {
                assert_eq!(refusal.to_string(), OUTSIDE, "one sentence for everything");
                false
            }
        }
    }

    /// The same with its own secret.
    pub(crate) fn accepts(&self, bytes: &[u8]) -> bool {
        self.accepts_with(bytes, &self.sealed.secret)
    }
}

fn samples() -> Vec<Sample> {
    let roles = [TWO, THREE_SIGN, THIRD_SEALS];
    (0..if soak() { 20 } else { 1 }).map(|i| Sample::new(i as u64, roles[i % 3])).collect()
}

#[test]
fn no_change_of_an_envelope_is_accepted_as_bytes_or_as_a_file() {
    for sample in samples() {
        let survey = Survey::of("envelope", &sample.sealed.bytes, |bytes| sample.accepts(bytes));
        survey.assert_all_refused(sample.sealed.bytes.len() * 18);
    }
}

#[test]
fn a_signature_with_the_group_order_added_is_not_accepted() {
    /// The order of the group, little-endian.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let sample = Sample::new(3, TWO);
    let mut bytes = sample.sealed.bytes.clone();
    let scalar = bytes.len() - 32;
    let mut carry = 0;
    for (byte, order) in bytes[scalar..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0, "the sum fits, so it is the second spelling of the same number");
    assert!(!sample.accepts(&bytes), "there is one spelling of a signature");
}

/// What may stand for a character of a text form.
enum Characters {
    /// All of ASCII that prints, and some that does not.
    All,
    /// Those that readers are careless about.
    Few,
}

impl Characters {
    fn list(&self) -> Vec<char> {
        let odd = ['ä', '\u{212a}', '\0'];
        match self {
            Self::Few if !soak() => "0aZ-+:% ".chars().chain(odd).collect(),
            _ => (' '..='~').chain(odd).collect(),
        }
    }
}

/// Every change of a text form. Spaces at its ends are no change: people paste them.
fn each_text_change(original: &str, characters: &Characters, mut each: impl FnMut(String, &str)) {
    let characters = characters.list();
    each_change(original.as_bytes(), |change, bytes| {
        if let Ok(text) = core::str::from_utf8(bytes)
            && text.trim() != original
        {
            each(format!("{change:?}"), text);
        }
    });
    for (at, was) in original.char_indices() {
        // What people and programs put into a text first of all.
        let (before, after) = original.split_at(at);
        let spaced = format!("{before} {after}");
        if spaced.trim() != original {
            each(format!("a space at {at}"), &spaced);
        }
        for other in characters.iter().copied().filter(|c| *c != was) {
            let text: String =
                original.char_indices().map(|(i, c)| if i == at { other } else { c }).collect();
            if text.trim() != original {
                each(format!("{other:?} at {at}"), &text);
            }
        }
    }
}

/// Surveys the text form of a link secret with any reader of it.
pub(crate) fn survey_secret(sample: &Sample, read: impl Fn(&str) -> Option<LinkSecret>) -> Survey {
    let text = sample.sealed.secret.to_text();
    let mut survey = Survey::new("link secret");
    each_text_change(&text, &Characters::All, |change, text| {
        survey.attempt(
            || change,
            || read(text).is_some_and(|secret| sample.accepts_with(&sample.sealed.bytes, &secret)),
        );
    });
    survey
}

#[test]
fn no_change_of_a_link_secret_opens() {
    for sample in samples() {
        survey_secret(&sample, LinkSecret::parse).assert_all_refused(43 * 90);
    }
}

#[test]
fn no_change_of_a_link_names_the_same_parcel_with_the_same_secret_at_the_same_relay() {
    let sample = Sample::new(5, TWO);
    let cti = data_encoding::BASE64URL_NOPAD.encode(&sample.sealed.cti.0);
    for start in ["https://keys.example.com/e/", "countersign://e/keys.example.com/"] {
        let link = format!("{start}{cti}#{}", sample.sealed.secret.to_text().as_str());
        let original = Link::parse(&link).unwrap();
        let mut survey = Survey::new(start);
        each_text_change(&link, &Characters::All, |change, text| {
            let same = || {
                Link::parse(text).is_ok_and(|read| {
                    let address = read.relay == original.relay && read.cti == original.cti;
                    address && read.secret.expose() == original.secret.expose()
                })
            };
            survey.attempt(|| change, same);
        });
        survey.assert_all_refused(link.len() * 90);
    }
}

#[test]
fn no_change_of_the_text_in_codes_is_accepted() {
    let sample = Sample::new(4, TWO);
    let texts = parts::split(&sample.sealed.bytes).unwrap();
    let mut survey = Survey::new("text of codes");
    let accepts = |all: &[&str]| parts::join(all.iter().copied()).is_ok_and(|bytes| sample.accepts(&bytes));
    let originals: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert!(accepts(&originals), "unchanged it is accepted");
    let mut changed = 0;
    for (i, original) in originals.iter().enumerate() {
        let mut all = originals.clone();
        all.remove(i);
        survey.attempt(|| format!("without part {i}"), || accepts(&all));
        each_text_change(original, &Characters::Few, |change, text| {
            let mut all = originals.clone();
            all[i] = text;
            survey.attempt(|| format!("part {i}: {change}"), || accepts(&all));
            changed += 1;
            if soak() || changed % 8 == 0 {
                // The changed part beside the true one: it must not push it aside.
                all.push(original);
                survey.attempt(|| format!("part {i} twice: {change}"), || accepts(&all));
            }
        });
    }
    survey.assert_all_refused(texts.iter().map(String::len).sum::<usize>() * 20);
}

#[test]
fn parts_of_two_envelopes_never_come_together() {
    let samples = [Sample::new(6, TWO), Sample::new(7, TWO)];
    let texts: Vec<Vec<String>> = samples.iter().map(|s| parts::split(&s.sealed.bytes).unwrap()).collect();
    let mut survey = Survey::new("codes of two envelopes");
    for mixed in 1..(1u32 << texts[0].len()) - 1 {
        let all = (0..texts[0].len()).map(|i| texts[(mixed >> i & 1) as usize][i].as_str());
        survey.attempt(|| format!("{mixed:b}"), || parts::join(all).is_ok());
        // The second envelope's parts under the first one's name.
        let renamed: Vec<String> = (0..texts[0].len())
            .map(|i| {
                let text = &texts[(mixed >> i & 1) as usize][i];
                text.replace(texts[1][0].split(':').nth(2).unwrap(), texts[0][0].split(':').nth(2).unwrap())
            })
            .collect();
        survey.attempt(
            || format!("{mixed:b} renamed"),
            || parts::join(renamed.iter().map(String::as_str)).is_ok(),
        );
    }
    survey.assert_all_refused(100);
}
