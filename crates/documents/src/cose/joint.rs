//! Documents that two people or more sign: COSE_Sign.

use super::{Rejected, Verified, empty_map};
use crate::{
    cbor::{DOCUMENT_LIMIT, Decode, Encode, Malformed, Reader, Writer, decode},
    digest::Digest,
    keys::{SIGNATURE, SigningKey, VerifyingKey},
    kind::{Kind, Shape, label},
};

/// One signature of a jointly signed document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    protected: Vec<u8>,
    signature: [u8; SIGNATURE],
}

impl Encode for Cosignature {
    fn encode(&self, w: &mut Writer) {
        w.array(3);
        w.bytes(&self.protected);
        w.map(0);
        w.bytes(&self.signature);
    }
}

impl Decode<'_> for Cosignature {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        r.array_exact(3)?;
        let protected = r.bytes()?.to_vec();
        let labels = r.map()?;
        labels.end(r)?;
        Ok(Self { protected, signature: r.array_of()? })
    }
}

/// One person's signature over a payload that others sign too.
pub fn cosign(kind: Kind, payload: &[u8], certificate: Option<&[u8]>, key: &SigningKey) -> Cosignature {
    let mut w = Writer::default();
    w.map(2 + usize::from(certificate.is_some()));
    w.int(label::ALG);
    w.int(label::ED25519);
    w.int(label::KID);
    w.bytes(&key.public().thumbprint().0);
    if let Some(certificate) = certificate {
        w.int(label::KCWT);
        w.bytes(certificate);
    }
    let protected = w.finish();
    let signature = key.sign(&to_be_cosigned(kind, &protected, payload));
    Cosignature { protected, signature }
}

/// Verifies one person's signature before the document is complete: by this key, with exactly this certificate.
pub fn verify_part(
    kind: Kind,
    payload: &[u8],
    part: &Cosignature,
    certificate: Option<&[u8]>,
    key: &VerifyingKey,
) -> Result<(), Rejected> {
    let signer = read_signer(kind, &part.protected)?;
    if signer.kid != key.thumbprint() || signer.certificate != certificate {
        return Err(Rejected::WrongKey);
    }
    if key.verify(&to_be_cosigned(kind, &part.protected, payload), &part.signature) {
        Ok(())
    } else {
        Err(Rejected::BadSignature)
    }
}

/// Puts a payload and its signatures together; signatures stand in rising order of their headers.
pub fn join(kind: Kind, payload: &[u8], mut signatures: Vec<Cosignature>) -> Vec<u8> {
    signatures.sort_by(|a, b| a.protected.cmp(&b.protected));
    let mut w = Writer::default();
    w.tag(label::TAG_SIGN);
    w.array(4);
    w.bytes(&body_header(kind));
    w.map(0);
    w.bytes(payload);
    Encode::encode(&signatures, &mut w);
    w.finish()
}

fn body_header(kind: Kind) -> Vec<u8> {
    let mut w = Writer::default();
    w.map(1);
    w.int(label::TYP);
    w.text(kind.typ());
    w.finish()
}

pub(super) fn read_body_header(kind: Kind, protected: &[u8]) -> Result<(), Rejected> {
    let mut r = Reader::new(protected);
    let mut labels = r.map()?;
    labels.demand(&mut r, label::TYP).map_err(|_| Rejected::WrongHeaders)?;
    let typ = r.text()?;
    labels.end(&mut r).map_err(|_| Rejected::WrongHeaders)?;
    r.end()?;
    if typ == kind.typ() { Ok(()) } else { Err(Rejected::WrongKind) }
}

fn to_be_cosigned(kind: Kind, signer: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut w = Writer::with_capacity(payload.len() + signer.len() + 96);
    w.array(5);
    w.text("Signature");
    w.bytes(&body_header(kind));
    w.bytes(signer);
    w.bytes(&[]);
    w.bytes(payload);
    w.finish()
}

/// A jointly signed document, not verified yet.
#[derive(Debug)]
pub struct UnverifiedJoint<'a> {
    kind: Kind,
    document: &'a [u8],
    payload: &'a [u8],
    signatures: Vec<(JointSigner<'a>, [u8; SIGNATURE])>,
}

/// Who a jointly signed document names as one of its signers.
#[derive(Debug, Clone, Copy)]
pub struct JointSigner<'a> {
    /// Thumbprint of the key.
    pub kid: Digest,
    /// The certificate, for kinds that carry it.
    pub certificate: Option<&'a [u8]>,
    protected: &'a [u8],
}

impl<'a> UnverifiedJoint<'a> {
    /// Reads a document of exactly this kind, of at most 64 KiB.
    pub fn parse(kind: Kind, document: &'a [u8]) -> Result<Self, Rejected> {
        if document.len() > DOCUMENT_LIMIT {
            return Err(Malformed::TooLarge.into());
        }
        let mut r = Reader::new(document);
        r.tag(label::TAG_SIGN)?;
        r.array_exact(4)?;
        read_body_header(kind, r.bytes()?)?;
        empty_map(&mut r)?;
        let payload = r.bytes()?;
        let count = r.array()?;
        if !(2..=16).contains(&count) {
            return Err(Rejected::TooFewSigners);
        }
        let mut signatures: Vec<(JointSigner<'a>, _)> = Vec::with_capacity(count);
        for _ in 0..count {
            r.array_exact(3)?;
            let signer = read_signer(kind, r.bytes()?)?;
            empty_map(&mut r)?;
            if signatures.last().is_some_and(|(last, _)| last.protected >= signer.protected) {
                return Err(Malformed::LabelOrder.into());
            }
            signatures.push((signer, r.array_of()?));
        }
        r.end()?;
        Ok(Self { kind, document, payload, signatures })
    }

    /// Who it says signed it.
    pub fn signers(&self) -> impl Iterator<Item = JointSigner<'a>> + '_ {
        self.signatures.iter().map(|(signer, _)| *signer)
    }

    /// The payload of a root, which names the keys it is signed with. Judged nowhere before `verify`.
    pub(crate) fn self_naming_payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Verifies *every* signature by the key `find` knows under its thumbprint: an unknown or a bad one refuses all.
    pub fn verify<T: Decode<'a>>(
        self,
        find: impl Fn(&JointSigner<'a>) -> Option<VerifyingKey>,
    ) -> Result<Verified<T>, Rejected> {
        let mut signers = Vec::with_capacity(self.signatures.len());
        for (signer, signature) in &self.signatures {
            let key = find(signer).ok_or(Rejected::WrongKey)?;
            if key.thumbprint() != signer.kid || signers.contains(&signer.kid) {
                return Err(Rejected::WrongKey);
            }
            if !key.verify(&to_be_cosigned(self.kind, signer.protected, self.payload), signature) {
                return Err(Rejected::BadSignature);
            }
            signers.push(signer.kid);
        }
        Ok(Verified { body: decode(self.payload)?, signers, digest: Digest::of(self.document) })
    }
}

fn read_signer<'a>(kind: Kind, protected: &'a [u8]) -> Result<JointSigner<'a>, Rejected> {
    let mut r = Reader::new(protected);
    let mut labels = r.map()?;
    labels.demand(&mut r, label::ALG).map_err(|_| Rejected::WrongHeaders)?;
    if r.int()? != label::ED25519 {
        return Err(Rejected::WrongAlgorithm);
    }
    labels.demand(&mut r, label::KID).map_err(|_| Rejected::WrongHeaders)?;
    let kid = Digest(r.array_of()?);
    let mut certificate = None;
    if kind.shape() == Shape::JointlyCertified {
        labels.demand(&mut r, label::KCWT).map_err(|_| Rejected::WrongHeaders)?;
        certificate = Some(r.bytes()?);
    }
    labels.end(&mut r).map_err(|_| Rejected::WrongHeaders)?;
    r.end()?;
    Ok(JointSigner { kid, certificate, protected })
}
