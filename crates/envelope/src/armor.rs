//! A document as text that survives an e-mail or a ticket (RFC 7468 with the label `COUNTERSIGN`). One document, one text.

use pem_rfc7468::LineEnding;

const LABEL: &str = "COUNTERSIGN";
/// The largest document that travels as text, in bytes: no document is larger.
pub const MOST: usize = 256 * 1024;

/// Why a text is no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArmorFlaw {
    /// It does not begin as such a text does.
    #[error("this text is no Countersign document")]
    NotArmored,
    /// Cut off, wrapped anew, or changed on its way.
    #[error("this text was cut off or changed on its way: ask for the file")]
    Damaged,
    /// Too long.
    #[error("this is longer than a document can be")]
    TooLong,
}

/// Whether a text begins as a document's does.
#[must_use]
pub fn is_armored(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"-----BEGIN COUNTERSIGN-----")
}

/// The text of a document, lines of 64 characters.
pub fn encode(document: &[u8]) -> Result<String, ArmorFlaw> {
    if document.is_empty() || document.len() > MOST {
        return Err(ArmorFlaw::TooLong);
    }
    pem_rfc7468::encode_string(LABEL, LineEnding::LF, document).map_err(|_| ArmorFlaw::TooLong)
}

/// The document again. White space around it, and either end of a line, are what e-mail adds; anything else is refused.
pub fn decode(text: &str) -> Result<Vec<u8>, ArmorFlaw> {
    // A third more in base64, and the ends of its lines.
    if text.len() > MOST / 2 * 3 {
        return Err(ArmorFlaw::TooLong);
    }
    if !is_armored(text.as_bytes()) {
        return Err(ArmorFlaw::NotArmored);
    }
    let text = text.trim().replace("\r\n", "\n");
    let (label, document) = pem_rfc7468::decode_vec(text.as_bytes()).map_err(|_| ArmorFlaw::Damaged)?;
    let same = label == LABEL && encode(&document).is_ok_and(|again| again.trim_end() == text);
    if same { Ok(document) } else { Err(ArmorFlaw::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_comes_back_from_its_text_and_from_no_other() {
        for length in [1, 47, 48, 49, 2_513] {
            let document: Vec<u8> = (0..length).map(|i: u32| (i * 7 % 251) as u8).collect();
            let text = encode(&document).unwrap();
            assert_eq!(decode(&text).as_deref(), Ok(document.as_slice()), "{length} bytes");
            let mailed = format!("\r\n  {}  \r\n\r\n", text.trim_end().replace('\n', "\r\n"));
            assert_eq!(decode(&mailed).as_deref(), Ok(document.as_slice()), "as a mail program leaves it");
            for cut in 1..text.trim_end().len() {
                let (short, _) = text.split_at(cut);
                assert!(
                    matches!(decode(short), Err(ArmorFlaw::Damaged | ArmorFlaw::NotArmored)),
                    "cut after {cut}"
                );
            }
        }
        let text = encode(&[7; 100]).unwrap();
        assert_eq!(decode(&text.replace('\n', "\n> ")), Err(ArmorFlaw::Damaged), "quoted");
        assert_eq!(decode(&text.replacen("Bwc", "Bw\nc", 1)), Err(ArmorFlaw::Damaged), "wrapped anew");
        assert_eq!(
            decode(&text.replace("COUNTERSIGN", "CERTIFICATE")),
            Err(ArmorFlaw::NotArmored),
            "another label"
        );
        assert_eq!(decode("HELLO"), Err(ArmorFlaw::NotArmored));
        assert_eq!(encode(&[]), Err(ArmorFlaw::TooLong), "nothing is no document");
        assert_eq!(decode(&"x".repeat(MOST * 2)), Err(ArmorFlaw::TooLong));
    }
}
