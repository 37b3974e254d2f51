//! Careless readers, written here and nowhere else: the same checkers report every one of them, so that their silence
//! about the real ones means something.

use std::panic::{set_hook, take_hook};

use countersign_documents::{Reader, VerifyingKey, Writer, cbor::Major, receipt::Receipt};
use countersign_envelope::LinkSecret;
use data_encoding::{BASE64URL_NOPAD, Specification};

use crate::{
    changes::Survey,
    documents::receipt,
    envelopes::{Sample, survey_secret},
    raw::{self, Parts},
    splices::{Case, Field, by_insiders, taken_over},
    world::{Dice, TWO},
};

/// What a careless reader lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Careless {
    /// Bytes after the document.
    Trailing,
    /// Numbers in longer forms.
    Widths,
    /// Headers that nobody signs.
    Unprotected,
    /// The tag.
    Tag,
    /// The signature itself.
    Signature,
    /// Nothing: the control.
    Nothing,
}

/// One head, in any width where that is what is careless here.
fn head(bytes: &mut &[u8], how: Careless) -> Option<(u8, u64)> {
    if how != Careless::Widths {
        let mut r = Reader::new(bytes);
        let (major, value) = r.head().ok()?;
        *bytes = r.rest();
        return Some((major as u8, value));
    }
    let first = *bytes.first()?;
    let width = match first & 0x1f {
        0..24 => 0,
        short @ 24..28 => 1usize << (short - 24),
        _ => return None,
    };
    let argument = bytes.get(1..=width)?;
    let value = if width == 0 {
        u64::from(first & 0x1f)
    } else {
        argument.iter().fold(0, |sum, b| sum << 8 | u64::from(*b))
    };
    *bytes = &bytes[1 + width..];
    Some((first >> 5, value))
}

fn string<'a>(bytes: &mut &'a [u8], how: Careless) -> Option<&'a [u8]> {
    let (major, len) = head(bytes, how)?;
    let (string, rest) = bytes.split_at_checked(usize::try_from(len).ok()?)?;
    *bytes = rest;
    (major == Major::Bytes as u8).then_some(string)
}

/// Reads a receipt as carelessly as told.
fn carelessly(document: &[u8], key: &VerifyingKey, how: Careless) -> Option<()> {
    let mut bytes = document;
    let tag = head(&mut bytes, how)?;
    if tag == (4, 4) && how == Careless::Tag {
        bytes = document;
    } else if tag != (6, 18) {
        return None;
    }
    (head(&mut bytes, how)? == (4, 4)).then_some(())?;
    let protected = string(&mut bytes, how)?;
    let (map, pairs) = head(&mut bytes, how)?;
    (map == 5 && (pairs == 0 || how == Careless::Unprotected)).then_some(())?;
    for _ in 0..pairs * 2 {
        head(&mut bytes, how)?;
    }
    let payload = string(&mut bytes, how)?;
    let signature = string(&mut bytes, how)?;
    if how == Careless::Signature {
        return (bytes.is_empty() && signature.len() == 64).then_some(());
    }
    (bytes.is_empty() || how == Careless::Trailing).then_some(())?;
    let mut w = Writer::default();
    w.array(4);
    w.text("Signature1");
    [protected, &[], payload].into_iter().for_each(|part| w.bytes(part));
    key.verify(&w.finish(), signature.try_into().ok()?).then_some(())
}

#[test]
fn careless_readers_of_documents_are_reported_and_the_careful_one_is_not() {
    let mut dice = Dice::new("mutant", 1);
    let key = dice.signing();
    let document = receipt(&key, &mut dice);
    let public = key.public();
    let passed = |how| {
        Survey::of(&format!("{how:?}"), &document, |bytes| carelessly(bytes, &public, how).is_some()).passed()
    };
    assert_eq!(passed(Careless::Nothing), 0, "written carefully, the reader here takes nothing either");
    for how in
        [Careless::Trailing, Careless::Widths, Careless::Unprotected, Careless::Tag, Careless::Signature]
    {
        let passed = passed(how);
        println!("careless about {how:?}: {passed} reported");
        assert!(passed > 0, "the checker reports a reader that is careless about {how:?}");
    }
    let mut panics = Survey::new("panics");
    // A panic that is wanted is not to look like one that is not.
    let loud = take_hook();
    set_hook(Box::new(|_| {}));
    panics.attempt(
        || "a reader that panics".to_owned(),
        || Receipt::verify(&[], &public).map(|_| true).unwrap(),
    );
    set_hook(loud);
    assert_eq!(panics.passed(), 1, "a panic is reported too");
}

#[test]
fn a_careless_reader_of_link_secrets_is_reported() {
    let sample = Sample::new(9, TWO);
    let mut lax = Specification::new();
    lax.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    lax.check_trailing_bits = false;
    let lax = lax.encoding().unwrap();
    let read = |text: &str| {
        let bytes = lax.decode(text.trim_ascii().as_bytes()).ok()?;
        LinkSecret::parse(&BASE64URL_NOPAD.encode(&bytes))
    };
    let survey = survey_secret(&sample, read);
    assert!(
        survey.accepted().len() >= 3,
        "the last character has three more spellings: {:?}",
        survey.accepted()
    );
}

/// Opens what decrypts under a signature of the sealer, and looks no further.
fn opens_without_looking(case: &Case<'_>, bytes: &[u8], info: impl Fn(&[u8]) -> Vec<u8>) -> bool {
    let Some(parts) = Parts::read(bytes) else { return false };
    parts.plaintext(case.to.receiving.expose(), &case.sealed.secret, &info(&parts.protected)).is_some()
}

#[test]
fn an_opener_that_does_not_compare_what_is_inside_is_reported() {
    let field = Field::new();
    let cases = field.cases(8);
    let mut survey = Survey::new("opener that does not look inside");
    for (i, a) in cases.iter().enumerate() {
        for (j, b) in cases.iter().enumerate().filter(|(j, _)| *j != i) {
            for (what, delivery) in by_insiders(a, b) {
                let sealed = b.resealed(&delivery);
                survey.attempt(
                    || format!("{i} in {j}: {what}"),
                    || opens_without_looking(b, &sealed, raw::info),
                );
            }
        }
    }
    for what in [
        "grant of A",
        "approvals of A",
        "recipient of A",
        "organisation of A",
        "lone signatures of A",
        "names of A",
    ] {
        assert!(
            survey.accepted().iter().any(|a| a.ends_with(what)),
            "the splices report an opener that ignores: {what}"
        );
    }
}

#[test]
fn an_encryption_that_is_not_tied_to_the_signer_is_reported() {
    let field = Field::new();
    let cases = field.cases(2);
    let (a, b) = (&cases[0], &cases[1]);
    let taken = taken_over(a, b);
    assert!(
        !opens_without_looking(a, &taken, raw::info),
        "tied to the header, it does not even decrypt under another name"
    );
    // The same splice in a world where `info` is empty.
    let agreed = a.parts.agreed(a.to.receiving.public().as_bytes(), &a.sealed.secret, &[]);
    let loose = a.parts.resealed(&raw::encode(&a.delivery()), &agreed, &a.sealer.key);
    let mut again = field.cases(1).remove(0);
    again.parts = Parts::read(&loose).unwrap();
    let loose = again;
    let taken = taken_over(&loose, b);
    assert!(
        opens_without_looking(&loose, &taken, |_| Vec::new()),
        "an empty info would let anybody sign over it: the splice is real"
    );
}
