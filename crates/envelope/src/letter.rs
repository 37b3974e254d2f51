//! Letters: sealed requests, messages, receipts, and keys that members share. HPKE base mode, and the only place
//! that may use it; envelopes never do.

use countersign_documents::{
    Digest, Malformed, Reader, ReceivingKey, ReceivingSecret, Secret32, Writer, id::OrganisationId,
    kind::label,
};
use zeroize::Zeroizing;

use crate::hybrid;

/// What a letter carries; bound into the encryption, so that one kind never opens as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A partner's document to the organisation.
    ToOrganisation,
    /// The organisation's document to a partner.
    ToPartner,
    /// A symmetric or receiving key, wrapped to a member.
    SharedKey,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::ToOrganisation => "to-organisation",
            Self::ToPartner => "to-partner",
            Self::SharedKey => "shared-key",
        }
    }

    /// Plaintexts are padded to a multiple of this: who sees only the size learns little of what a partner writes. Shared
    /// keys are all of one length.
    fn step(self) -> usize {
        match self {
            Self::ToOrganisation | Self::ToPartner => 512,
            Self::SharedKey => 64,
        }
    }
}

/// The most a letter may weigh.
pub const LIMIT: usize = 128 * 1024;

/// A letter does not open. There is deliberately nothing more to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the letter does not open with this key")]
pub struct Unopened;

/// A letter is not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsealed {
    /// It would be larger than what anybody opens.
    #[error("the letter would be larger than 128 KiB")]
    TooLarge,
    /// The key agrees to nothing.
    #[error("nothing can be sealed to this key")]
    Key,
}

/// Seals bytes to one key. The result is a tagged COSE_Encrypt0 whose protected header names that key.
pub fn seal(
    purpose: Purpose,
    organisation: OrganisationId,
    to: &ReceivingKey,
    plaintext: &[u8],
    seed: &Secret32,
) -> Result<Vec<u8>, Unsealed> {
    let padded = pad(plaintext, purpose.step());
    let protected = header(&to.thumbprint());
    let info = info(purpose, organisation);
    let context = hybrid::Context { psk: None, info: &info, aad: &enc_structure(&protected) };
    let (ek, ciphertext) = hybrid::seal(to, &context, &padded, seed).map_err(|_| Unsealed::Key)?;
    let letter = encrypt0(&protected, &ek, &ciphertext);
    if letter.len() > LIMIT { Err(Unsealed::TooLarge) } else { Ok(letter) }
}

/// Opens a letter with the key it names.
pub fn open(
    purpose: Purpose,
    organisation: OrganisationId,
    with: &ReceivingSecret,
    letter: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let parts = Encrypt0::read(letter, LIMIT).map_err(|_| Unopened)?;
    let protected = header(&with.public().thumbprint());
    if parts.protected != protected {
        return Err(Unopened);
    }
    let info = info(purpose, organisation);
    let context = hybrid::Context { psk: None, info: &info, aad: &enc_structure(&protected) };
    let mut plaintext = hybrid::open(with, &context, &parts.ek, parts.ciphertext).map_err(|_| Unopened)?;
    let len = unpadded(&plaintext, purpose.step()).ok_or(Unopened)?;
    plaintext.truncate(len);
    Ok(plaintext)
}

/// Thumbprint of the receiving key a letter names; a hint for finding the key.
pub fn recipient(letter: &[u8]) -> Option<Digest> {
    named(Encrypt0::read(letter, LIMIT).ok()?.protected)
}

/// The receiving key that a protected header of the encryption layer names.
pub(crate) fn named(protected: &[u8]) -> Option<Digest> {
    let mut r = Reader::new(protected);
    let mut labels = r.map().ok()?;
    labels.demand(&mut r, label::ALG).ok()?;
    r.int().ok().filter(|alg| *alg == label::HPKE_4)?;
    labels.demand(&mut r, label::KID).ok()?;
    r.array_of().ok().map(Digest)
}

/// Where the content ends and the padding begins.
const END: u8 = 0x80;

/// The content, 0x80, and the fewest zeros that make a multiple of `step` (as ISO/IEC 7816-4 pads).
fn pad(plaintext: &[u8], step: usize) -> Zeroizing<Vec<u8>> {
    let len = (plaintext.len() + 1).next_multiple_of(step);
    let mut padded = Zeroizing::new(Vec::with_capacity(len));
    padded.extend_from_slice(plaintext);
    padded.push(END);
    padded.resize(len, 0);
    padded
}

/// How long the content is; nothing where the padding is not the one there is.
fn unpadded(padded: &[u8], step: usize) -> Option<usize> {
    let len = padded.iter().rposition(|b| *b != 0).filter(|at| padded[*at] == END)?;
    (padded.len() == (len + 1).next_multiple_of(step)).then_some(len)
}

fn info(purpose: Purpose, organisation: OrganisationId) -> Vec<u8> {
    let mut w = Writer::default();
    w.array(3);
    w.text("countersign-letter-v1");
    w.text(purpose.word());
    w.bytes(&organisation.0);
    w.finish()
}

fn header(kid: &Digest) -> Vec<u8> {
    let mut w = Writer::default();
    w.map(2);
    w.int(label::ALG);
    w.int(label::HPKE_4);
    w.int(label::KID);
    w.bytes(&kid.0);
    w.finish()
}

/// Enc_structure of RFC 9052, 5.3, without external data.
pub(crate) fn enc_structure(protected: &[u8]) -> Vec<u8> {
    let mut w = Writer::default();
    w.array(3);
    w.text("Encrypt0");
    w.bytes(protected);
    w.bytes(&[]);
    w.finish()
}

/// A tagged COSE_Encrypt0 with `ek` in its unprotected map, as COSE-HPKE wants it.
pub(crate) fn encrypt0(protected: &[u8], ek: &[u8; 32], ciphertext: &[u8]) -> Vec<u8> {
    let mut w = Writer::with_capacity(protected.len() + ciphertext.len() + 64);
    w.tag(label::TAG_ENCRYPT0);
    w.array(3);
    w.bytes(protected);
    w.map(1);
    w.int(label::EK);
    w.bytes(ek);
    w.bytes(ciphertext);
    w.finish()
}

/// The parts of a COSE_Encrypt0, read strictly.
pub(crate) struct Encrypt0<'a> {
    pub(crate) protected: &'a [u8],
    pub(crate) ek: [u8; 32],
    pub(crate) ciphertext: &'a [u8],
}

impl<'a> Encrypt0<'a> {
    pub(crate) fn read(bytes: &'a [u8], limit: usize) -> Result<Self, Malformed> {
        if bytes.len() > limit {
            return Err(Malformed::TooLarge);
        }
        let mut r = Reader::new(bytes);
        r.tag(label::TAG_ENCRYPT0)?;
        r.array_exact(3)?;
        let protected = r.bytes()?;
        let mut labels = r.map()?;
        labels.demand(&mut r, label::EK)?;
        let ek = r.array_of()?;
        labels.end(&mut r)?;
        let ciphertext = r.bytes()?;
        r.end()?;
        Ok(Self { protected, ek, ciphertext })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: OrganisationId = OrganisationId([3; 16]);

    fn sealed(len: usize) -> Result<Vec<u8>, Unsealed> {
        let key = ReceivingSecret::new(Secret32::new([9; 32])).public();
        seal(Purpose::ToPartner, TO, &key, &vec![7; len], &Secret32::new([1; 32]))
    }

    #[test]
    fn letters_of_one_step_have_one_length() {
        let len = |content| sealed(content).map(|letter| letter.len());
        assert_eq!(len(0), len(511), "up to 511 bytes look alike");
        assert_eq!(len(512), len(511).map(|len| len + 512), "one more takes another step");
    }

    #[test]
    fn what_is_sealed_can_be_opened_and_what_nobody_would_open_is_not_sealed() {
        let secret = ReceivingSecret::new(Secret32::new([9; 32]));
        let longest = LIMIT - 1_024;
        let letter = sealed(longest).unwrap_or_default();
        let opened = open(Purpose::ToPartner, TO, &secret, &letter);
        assert_eq!(opened.map(|o| o.len()), Ok(longest), "just below the limit it opens");
        assert_eq!(sealed(LIMIT - 512), Err(Unsealed::TooLarge), "beyond it nobody would");
    }
}
