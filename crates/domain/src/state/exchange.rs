//! Partners, requests, and what was signed.

use std::collections::BTreeMap;

use countersign_documents::{
    Blob, Digest, ReceivingKey, Time, VerifyingKey,
    grant::{CheckResult, Grant, IdentityCheck, Justification, Vetting},
    id::{GrantId, KeyId, MemberId, PersonId, RequestId},
    policy::{Check, FindingCode},
    request::{Asked, Mode},
};
use serde::{Deserialize, Serialize};

use crate::terms::Terms;

/// A partner's identity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Partner {
    /// Its signing key.
    pub key: VerifyingKey,
    /// Who compared the fingerprint.
    pub checks: Vec<IdentityCheck>,
    /// A fingerprint that differed and was not compared again since.
    pub mismatch: bool,
    /// Its requests.
    pub requests: Vec<RequestId>,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExchangeState {
    /// Waits for vetting.
    Received,
    /// Waits for the partner.
    ChangesAsked,
    /// Waits for the countersignature.
    Vetted,
    /// Waits to be issued.
    Countersigned,
    /// A key was made.
    Issued,
    /// Declined.
    Declined,
    /// Taken back by the partner.
    Withdrawn,
}

/// One signature as it stands in the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recorded {
    /// Who.
    pub person: PersonId,
    /// On which desk.
    pub member: MemberId,
    /// Thumbprint of the key.
    pub key: Digest,
    /// The approval, a complete document.
    pub approval: Blob,
    /// When.
    pub time: Time,
}

/// What was signed, and by whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Signed {
    /// The grant.
    pub grant: Grant,
    /// What vetting did.
    pub vetting: Vetting,
    /// The first signature, then the others.
    pub approvals: Vec<Recorded>,
}

/// One exchange: a request and what became of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// The request.
    pub id: RequestId,
    /// Its newest revision.
    pub revision: u64,
    /// Digest of the document.
    pub digest: Digest,
    /// Name of the blob that holds it.
    pub blob: Digest,
    /// Thumbprint of the applicant's identity.
    pub identity: Digest,
    /// The applicant's receiving key.
    pub receiving: ReceivingKey,
    /// What is asked.
    pub asked: Asked,
    /// What for.
    pub mode: Mode,
    /// The grant to be renewed.
    pub predecessor: Option<GrantId>,
    /// Who brought it.
    pub sponsor: PersonId,
    /// When the newest revision came.
    pub received: Time,
    /// What would be granted.
    pub terms: Terms,
    /// Answers.
    pub checks: BTreeMap<Check, CheckResult>,
    /// Justifications.
    pub justified: BTreeMap<FindingCode, Justification>,
    /// How far it is.
    pub state: ExchangeState,
    /// Signatures, where there are any.
    pub signed: Option<Signed>,
    /// Keys made under it.
    pub keys: Vec<KeyId>,
    /// Places of the entries about it, over all revisions.
    pub history: Vec<u64>,
}
