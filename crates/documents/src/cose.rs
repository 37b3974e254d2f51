//! COSE_Sign1 and COSE_Sign (RFC 9052), in the one shape each kind of document has.
//!
//! The payload of a document can be had only through verification: `parse` shows what is needed to find the key.

use crate::{
    cbor::{DOCUMENT_LIMIT, Decode, Malformed, Reader, Writer, decode, encode},
    digest::Digest,
    id::Cti,
    keys::{SIGNATURE, SigningKey, VerifyingKey},
    kind::{Kind, Shape, label},
    time::Time,
};

/// Why a document is not accepted. Local detail: the outside learns only that it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// It is not in the one form there is.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It is a document of another kind.
    #[error("this is a document of another kind")]
    WrongKind,
    /// It uses an algorithm other than the one there is.
    #[error("the algorithm is not the one this kind uses")]
    WrongAlgorithm,
    /// Its headers are not exactly those of its kind.
    #[error("the headers are not those of this kind")]
    WrongHeaders,
    /// It names a key that is not the one it must be signed with.
    #[error("it names another key")]
    WrongKey,
    /// A signature does not verify.
    #[error("a signature does not verify")]
    BadSignature,
    /// Two signatures come from one key or one person, or there are too few.
    #[error("it is not signed by two different people")]
    TooFewSigners,
    /// What it says breaks a rule of its own kind.
    #[error("its content breaks a rule of its kind")]
    BadContent,
    /// It belongs to another organisation.
    #[error("it belongs to another organisation")]
    WrongOrganisation,
    /// It is not valid at this time.
    #[error("it is not valid at this time")]
    WrongTime,
}

record! {
    /// CWT claims in the protected header (RFC 9597): all that a relay may know of an envelope.
    #[derive(Copy)]
    pub struct Claims {
        /// `exp`
        4 => expires: Time,
        /// `nbf`
        5 => not_before: Time,
        /// `iat`
        6 => issued: Time,
        /// `cti`
        7 => cti: Cti,
    }
}

/// A document that verified: its payload, and who signed it.
#[derive(Debug, Clone)]
pub struct Verified<T> {
    /// What it says.
    pub body: T,
    /// Thumbprints of the signers, in the order in which they stand.
    pub signers: Vec<Digest>,
    /// SHA-256 of the complete document.
    pub digest: Digest,
}

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
pub fn sign_plain<T: crate::Encode>(kind: Kind, body: &T, key: &SigningKey) -> Vec<u8> {
    sign1(&protected(kind, &key.public().thumbprint(), None, None), &encode(body), key)
}

/// A document of a certified kind, signed.
pub fn sign_certified<T: crate::Encode>(
    kind: Kind,
    body: &T,
    certificate: &[u8],
    key: &SigningKey,
) -> Vec<u8> {
    sign1(&protected(kind, &key.public().thumbprint(), Some(certificate), None), &encode(body), key)
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
struct Header<'a> {
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

fn read_header<'a>(kind: Kind, protected: &'a [u8]) -> Result<Header<'a>, Rejected> {
    let shape = kind.shape();
    let mut r = Reader::new(protected);
    let mut labels = r.map()?;
    let demand = |labels: &mut crate::cbor::Labels, r: &mut Reader<'a>, l| {
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

fn empty_map(r: &mut Reader<'_>) -> Result<(), Rejected> {
    let labels = r.map()?;
    labels.end(r).map_err(|_| Rejected::WrongHeaders)
}

/// Which kind a document says it is; a hint for messages and for choosing whom to hand it to.
pub fn kind_of(document: &[u8]) -> Option<Kind> {
    let mut r = Reader::new(document);
    let tag = match r.head().ok()? {
        (crate::cbor::Major::Tag, tag) => tag,
        _ => return None,
    };
    r.array_exact(4).ok()?;
    let protected = r.bytes().ok()?;
    let typ = |kind: &&Kind| {
        let joint = matches!(kind.shape(), Shape::Jointly | Shape::JointlyCertified);
        let read = if joint {
            read_body_header(**kind, protected)
        } else {
            read_header(**kind, protected).map(|_| ())
        };
        joint == (tag == label::TAG_SIGN) && read.is_ok()
    };
    Kind::ALL.iter().find(typ).copied()
}

// --- Jointly signed documents -------------------------------------------------------------------------------

/// One signature of a jointly signed document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    protected: Vec<u8>,
    signature: [u8; SIGNATURE],
}

impl crate::Encode for Cosignature {
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
    crate::Encode::encode(&signatures, &mut w);
    w.finish()
}

fn body_header(kind: Kind) -> Vec<u8> {
    let mut w = Writer::default();
    w.map(1);
    w.int(label::TYP);
    w.text(kind.typ());
    w.finish()
}

fn read_body_header(kind: Kind, protected: &[u8]) -> Result<(), Rejected> {
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
