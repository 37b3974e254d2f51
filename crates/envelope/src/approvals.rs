//! Two different people, or nothing: the rule both sides check in the same words.

use countersign_documents::{
    Digest, Head, LoneSignature, Rejected, Time,
    approval::{self, Approval, Step},
    certificate::{Certificate, Right, name_digest},
    id::{MemberId, PersonId},
    root::Root,
    text::Line,
    time::SKEW,
};

/// One signature as it is handed over: approval, certificate, and what opens the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The approval, a complete document.
    pub approval: Vec<u8>,
    /// The certificate, a complete document.
    pub certificate: Vec<u8>,
    /// Opens the name digest of the certificate.
    pub salt: [u8; 16],
    /// The name.
    pub name: Line,
}

/// One signature that verified.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Signer {
    /// The human.
    pub person: PersonId,
    /// The desk.
    pub member: MemberId,
    /// How the person is called.
    pub name: Line,
    /// Which signature.
    pub step: Step,
    /// When.
    pub signed: Time,
    /// The log it was decided on.
    pub head: Head,
    /// Thumbprint of the signing key.
    pub key: Digest,
}

/// A certificate that was verified under the root already: verifying costs two signatures.
pub(crate) type Known<'a> = Option<(&'a [u8], &'a Certificate)>;

/// Demands one `vetted` by a person with the right to vet, one `countersigned` by a different person with the right
/// to approve, any further one `countersigned` likewise, no person and no key twice, all over this grant, all
/// certified under this root at `now`, all at most `age` before `sealed`.
pub fn check_approvals(
    grant: &Digest,
    signatures: &[Signature],
    root: &Root,
    sealed: Time,
    now: Time,
    age: u64,
) -> Result<Vec<Signer>, Rejected> {
    let presented: Vec<_> = signatures.iter().map(Presented::from).collect();
    let moment = Moment { sealed, now, ends: now, age };
    let checked = check_with(grant, &presented, root, moment, None)?;
    Ok(checked.into_iter().map(|(signer, _)| signer).collect())
}

/// A signature in either of the ways it travels.
pub(crate) struct Presented<'a> {
    pub(crate) approval: Presence<'a>,
    pub(crate) certificate: &'a [u8],
    pub(crate) salt: &'a [u8; 16],
    pub(crate) name: &'a Line,
}

/// An approval as a document, or what is left of it in an envelope.
pub(crate) enum Presence<'a> {
    Document(&'a [u8]),
    Apart(Approval, &'a LoneSignature),
}

impl<'a> From<&'a Signature> for Presented<'a> {
    fn from(signature: &'a Signature) -> Self {
        let Signature { approval, certificate, salt, name } = signature;
        Self { approval: Presence::Document(approval), certificate, salt, name }
    }
}

/// When approvals are judged.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) sealed: Time,
    pub(crate) now: Time,
    /// When the envelope ends: no later than any certificate in it.
    pub(crate) ends: Time,
    pub(crate) age: u64,
}

pub(crate) fn check_with(
    grant: &Digest,
    signatures: &[Presented<'_>],
    root: &Root,
    moment: Moment,
    known: Known<'_>,
) -> Result<Vec<(Signer, Certificate)>, Rejected> {
    let mut signers: Vec<(Signer, Certificate)> = Vec::with_capacity(signatures.len());
    for signature in signatures {
        let (signer, certificate) = check_one(grant, signature, root, moment, known)?;
        if signers
            .iter()
            .any(|(s, _)| s.person == signer.person || s.member == signer.member || s.key == signer.key)
        {
            return Err(Rejected::TooFewSigners);
        }
        signers.push((signer, certificate));
    }
    let vetted = signers.iter().filter(|(s, _)| s.step == Step::Vetted).count();
    if vetted != 1 || signers.len() < 2 { Err(Rejected::TooFewSigners) } else { Ok(signers) }
}

fn check_one(
    grant: &Digest,
    signature: &Presented<'_>,
    root: &Root,
    moment: Moment,
    known: Known<'_>,
) -> Result<(Signer, Certificate), Rejected> {
    let Moment { sealed, now, ends, age } = moment;
    let certificate = match known {
        Some((bytes, certificate)) if bytes == signature.certificate => certificate.clone(),
        Some(_) | None => Certificate::verify(signature.certificate, root)?.body,
    };
    if !certificate.valid_at(now) || !certificate.valid_at(sealed) || ends > certificate.expires {
        return Err(Rejected::WrongTime);
    }
    let approval = match &signature.approval {
        Presence::Document(document) => Approval::verify(document, &certificate.key())?.body,
        Presence::Apart(approval, lone) => {
            approval.verify_apart(lone, &certificate.key())?;
            approval.clone()
        }
    };
    if approval.grant != *grant {
        return Err(Rejected::BadContent);
    }
    let right = match approval.step {
        Step::Vetted => Right::Vet,
        Step::Countersigned => Right::Approve,
    };
    if !certificate.may(right) || certificate.subject.agent.is_some() {
        return Err(Rejected::WrongKey);
    }
    let oldest = sealed.minus(age.min(approval::WINDOW));
    if approval.issued < oldest
        || approval.issued > sealed.plus(SKEW)
        || !certificate.valid_at(approval.issued)
    {
        return Err(Rejected::WrongTime);
    }
    if name_digest(signature.salt, signature.name) != certificate.subject.name {
        return Err(Rejected::BadContent);
    }
    let signer = Signer {
        person: certificate.subject.person,
        member: certificate.subject.member,
        name: signature.name.clone(),
        step: approval.step,
        signed: approval.issued,
        head: approval.head,
        key: certificate.key().thumbprint(),
    };
    Ok((signer, certificate))
}
