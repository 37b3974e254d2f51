//! Documents with one signature: COSE_Sign1.

use super::{Claims, Rejected, Verified, empty_map};
use crate::{
    cbor::{DOCUMENT_LIMIT, Decode, Encode, Labels, Malformed, Reader, Writer, decode, encode},
    digest::Digest,
    keys::{SIGNATURE, SigningKey, VerifyingKey},
    kind::{Kind, Shape, label},
};

/// The protected header of a kind with one signature.
pub fn protected(kind: Kind, kid: &Digest, certificate: Option<&[u8]>, claims: Option<&Claims>) -> Vec<u8> {
    let sealed = kind.shape() == Shape::Sealed;
    let mut w = Writer::default();
    w.map(3 + usize::from(certificate.is_some()) + if sealed { 2 } else { 0 });
    w.int(label::ALG);
    w.int(label::ED25519);
    if sealed {
        w.int(label::CONTENT_TYPE);
        w.uint(label::COSE_ENCRYPT0);
    }
    w.int(label::KID);
    w.bytes(&kid.0);
    if let Some(certificate) = certificate {
        w.int(label::KCWT);
        w.bytes(certificate);
    }
    if let Some(claims) = claims.filter(|_| sealed) {
        w.int(label::CLAIMS);
        w.raw(&encode(claims));
    }
    w.int(label::TYP);
    w.text(kind.typ());
    w.finish()
}

/// Signs a payload under a protected header made by [`protected`] for the same kind and key.
pub fn sign1(protected: &[u8], payload: &[u8], key: &SigningKey) -> Vec<u8> {
    let signature = key.sign(&to_be_signed1(protected, payload));
    let mut w = Writer::with_capacity(protected.len() + payload.len() + 96);
    w.tag(label::TAG_SIGN1);
    w.array(4);
    w.bytes(protected);
    w.map(0);
    w.bytes(payload);
    w.bytes(&signature);
    w.finish()
}

/// A document of a plain kind, signed.
pub fn sign_plain<T: Encode>(kind: Kind, body: &T, key: &SigningKey) -> Vec<u8> {
    sign1(&protected(kind, &key.public().thumbprint(), None, None), &encode(body), key)
}

/// A document of a certified kind, signed.
pub fn sign_certified<T: Encode>(kind: Kind, body: &T, certificate: &[u8], key: &SigningKey) -> Vec<u8> {
    sign1(&protected(kind, &key.public().thumbprint(), Some(certificate), None), &encode(body), key)
}

/// Verifies the signature of a plain document that travels apart from it: the reader knows the payload and the key, and
/// a document of this kind has one header only.
pub fn verify_apart(
    kind: Kind,
    payload: &[u8],
    signature: &[u8; SIGNATURE],
    key: &VerifyingKey,
) -> Result<(), Rejected> {
    let protected = protected(kind, &key.thumbprint(), None, None);
    if key.verify(&to_be_signed1(&protected, payload), signature) {
        Ok(())
    } else {
        Err(Rejected::BadSignature)
    }
}

fn to_be_signed1(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut w = Writer::with_capacity(protected.len() + payload.len() + 32);
    w.array(4);
    w.text("Signature1");
    w.bytes(protected);
    w.bytes(&[]);
    w.bytes(payload);
    w.finish()
}

/// A document with one signature, not verified yet.
#[derive(Debug)]
pub struct Unverified1<'a> {
    document: &'a [u8],
    protected: &'a [u8],
    payload: &'a [u8],
    signature: [u8; SIGNATURE],
    header: Header<'a>,
}

#[derive(Debug)]
pub(super) struct Header<'a> {
    kid: Digest,
    certificate: Option<&'a [u8]>,
    claims: Option<Claims>,
}

impl<'a> Unverified1<'a> {
    /// Reads a document of exactly this kind, of at most 64 KiB.
    pub fn parse(kind: Kind, document: &'a [u8]) -> Result<Self, Rejected> {
        Self::parse_within(kind, document, DOCUMENT_LIMIT)
    }

    /// The same for a kind that may be larger.
    pub fn parse_within(kind: Kind, document: &'a [u8], limit: usize) -> Result<Self, Rejected> {
        if document.len() > limit {
            return Err(Malformed::TooLarge.into());
        }
        let mut r = Reader::new(document);
        r.tag(label::TAG_SIGN1)?;
        r.array_exact(4)?;
        let protected = r.bytes()?;
        empty_map(&mut r)?;
        let payload = r.bytes()?;
        let signature = r.array_of()?;
        r.end()?;
        let header = read_header(kind, protected)?;
        Ok(Self { document, protected, payload, signature, header })
    }

    /// The thumbprint the document names as its signer's: a hint for finding the key, nothing more.
    pub fn kid(&self) -> Digest {
        self.header.kid
    }

    /// The certificate it carries, not judged yet.
    pub fn certificate(&self) -> Option<&'a [u8]> {
        self.header.certificate
    }

    /// The payload of a document that names the key it is signed with, to find that key. Not to be judged, shown or
    /// stored before `verify`.
    pub fn unverified_payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The signature, to send it apart from the document.
    pub fn signature(&self) -> &[u8; SIGNATURE] {
        &self.signature
    }

    /// Verifies the signature by `key`, which must be the one the document names.
    pub fn verify(self, key: &VerifyingKey) -> Result<Verified1<'a>, Rejected> {
        if key.thumbprint() != self.header.kid {
            return Err(Rejected::WrongKey);
        }
        if !key.verify(&to_be_signed1(self.protected, self.payload), &self.signature) {
            return Err(Rejected::BadSignature);
        }
        Ok(Verified1 { inner: self })
    }
}

/// A document whose one signature verified.
#[derive(Debug)]
pub struct Verified1<'a> {
    inner: Unverified1<'a>,
}

impl<'a> Verified1<'a> {
    /// The signed bytes.
    pub fn payload(&self) -> &'a [u8] {
        self.inner.payload
    }

    /// The protected header, as signed.
    pub fn protected(&self) -> &'a [u8] {
        self.inner.protected
    }

    /// The certificate, as signed.
    pub fn certificate(&self) -> Option<&'a [u8]> {
        self.inner.header.certificate
    }

    /// The signed claims, for kinds that have them.
    pub fn claims(&self) -> Option<&Claims> {
        self.inner.header.claims.as_ref()
    }

    /// Reads the payload.
    pub fn read<T: Decode<'a>>(&self) -> Result<Verified<T>, Rejected> {
        Ok(Verified {
            body: decode(self.inner.payload)?,
            signers: vec![self.inner.header.kid],
            digest: Digest::of(self.inner.document),
        })
    }
}

/// Verifies and reads a plain document by a key that is known already.
pub fn open_plain<'a, T: Decode<'a>>(
    kind: Kind,
    document: &'a [u8],
    key: &VerifyingKey,
) -> Result<Verified<T>, Rejected> {
    Unverified1::parse(kind, document)?.verify(key)?.read()
}

pub(super) fn read_header<'a>(kind: Kind, protected: &'a [u8]) -> Result<Header<'a>, Rejected> {
    let shape = kind.shape();
    let mut r = Reader::new(protected);
    let mut labels = r.map()?;
    let demand = |labels: &mut Labels, r: &mut Reader<'a>, l| {
        labels.demand(r, l).map_err(|flaw| match flaw {
            Malformed::MissingLabel => Rejected::WrongHeaders,
            other => other.into(),
        })
    };
    demand(&mut labels, &mut r, label::ALG)?;
    if r.int()? != label::ED25519 {
        return Err(Rejected::WrongAlgorithm);
    }
    if shape == Shape::Sealed {
        demand(&mut labels, &mut r, label::CONTENT_TYPE)?;
        if r.uint()? != label::COSE_ENCRYPT0 {
            return Err(Rejected::WrongHeaders);
        }
    }
    demand(&mut labels, &mut r, label::KID)?;
    let kid = Digest(r.array_of()?);
    let mut certificate = None;
    if matches!(shape, Shape::Certified | Shape::Sealed) {
        demand(&mut labels, &mut r, label::KCWT)?;
        certificate = Some(r.bytes()?);
    }
    let mut claims = None;
    if shape == Shape::Sealed {
        demand(&mut labels, &mut r, label::CLAIMS)?;
        claims = Some(Claims::decode(&mut r)?);
    }
    demand(&mut labels, &mut r, label::TYP)?;
    let typ = r.text()?;
    labels.end(&mut r).map_err(|_| Rejected::WrongHeaders)?;
    r.end()?;
    if typ == kind.typ() { Ok(Header { kid, certificate, claims }) } else { Err(Rejected::WrongKind) }
}
