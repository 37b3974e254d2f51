//! Appendix A of RFC 8949: single data items.

use countersign_documents::{Malformed, Reader, Writer, cbor::Major};

use super::{Tally, hex, load};

/// Copies one item through `Reader` and `Writer`, if the profile knows it.
fn copy(r: &mut Reader<'_>, w: &mut Writer) -> Result<(), Malformed> {
    match r.peek()?.0 {
        Major::Unsigned => w.uint(r.uint()?),
        Major::Negative => w.int(r.int()?),
        Major::Bytes => w.bytes(r.bytes()?),
        Major::Text => w.text(r.text()?),
        Major::Array => {
            let len = r.array()?;
            w.array(len);
            for _ in 0..len {
                copy(r, w)?;
            }
        }
        Major::Map => {
            let len = r.peek()?.1;
            let mut labels = r.map()?;
            w.map(len as usize);
            for _ in 0..len {
                let label = r.clone().int()?;
                labels.demand(r, label)?;
                w.int(label);
                copy(r, w)?;
            }
            labels.end(r)?;
        }
        Major::Tag => [16, 18, 98].iter().find(|tag| r.clone().tag(**tag).is_ok()).map_or(
            Err(Malformed::WrongType),
            |tag| {
                r.tag(*tag)?;
                w.tag(*tag);
                copy(r, w)
            },
        )?,
    }
    Ok(())
}

pub(super) fn round_trips(bytes: &[u8]) -> bool {
    let (mut r, mut w) = (Reader::new(bytes), Writer::default());
    copy(&mut r, &mut w).is_ok() && r.end().is_ok() && w.finish() == bytes
}

#[test]
fn cbor_takes_what_the_profile_knows_of_appendix_a_and_refuses_the_rest() {
    let mut tally = Tally::default();
    let (mut known, mut foreign, mut not_deterministic) = (0, 0, 0);
    for item in load("cbor/rfc8949_appendix_a.json").as_array().unwrap() {
        let bytes = hex(&item["hex"]);
        let deterministic = item["roundtrip"] == true;
        let ours = deterministic && is_ours(&bytes);
        tally.check(round_trips(&bytes) == ours, item["hex"].to_string());
        known += usize::from(ours);
        foreign += usize::from(deterministic && !ours);
        not_deterministic += usize::from(!deterministic);
    }
    println!("    {known} known, {foreign} of foreign types, {not_deterministic} not deterministic");
    assert_eq!((known, foreign, not_deterministic), (30, 35, 17), "the verdicts are the written ones");
    tally.finish("RFC 8949 appendix A", 82, 0);
}

/// The written verdict, by the item's first byte: no tags but ours, no floats, no simple values; integers of 64 bits
/// with a sign in 64; maps with integer labels.
fn is_ours(bytes: &[u8]) -> bool {
    let text_labels = bytes.windows(2).any(|w| matches!(w, [0xa1..=0xb7, 0x60..=0x77]));
    bytes[0] < 0xc0 && bytes != [0x3b, 255, 255, 255, 255, 255, 255, 255, 255] && !text_labels
}
