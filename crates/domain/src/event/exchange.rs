//! From a request to its signatures.

use countersign_documents::{
    Blob, Digest, ReceivingKey, VerifyingKey,
    grant::{CheckResult, Grant, IdentityCheck, Justification, Vetting},
    id::{GrantId, RequestId},
    policy::FindingCode,
    record,
    request::{Asked, Mode},
};

use crate::terms::Terms;

record! {
    /// A partner's request came in.
    pub struct Received {
        /// Which.
        1 => request: RequestId,
        /// Its revision.
        2 => revision: u64,
        /// Digest of the document.
        3 => digest: Digest,
        /// Name of the blob that holds it.
        4 => blob: Digest,
        /// The applicant's signing key: who it is.
        5 => identity: VerifyingKey,
        /// The applicant's receiving key.
        6 => receiving: ReceivingKey,
        /// What is asked.
        7 => asked: Asked,
        /// What for.
        8 => mode: Mode,
        /// The grant to be renewed.
        9 => predecessor?: GrantId,
    }
}

record! {
    /// The partner took the request back.
    pub struct TakenBack {
        /// Which.
        1 => request: RequestId,
        /// The notice, a complete document.
        2 => notice: Blob,
    }
}

record! {
    /// A member heard an identity's fingerprint, typed it, and it was the same.
    pub struct IdentityChecked {
        /// Thumbprint of the identity.
        1 => identity: Digest,
        /// Who, when, how.
        2 => check: IdentityCheck,
    }
}

record! {
    /// A member typed a complete fingerprint, and it was another: this may be an attack.
    pub struct IdentityMismatch {
        /// Thumbprint of the identity.
        1 => identity: Digest,
        /// Who, when, how.
        2 => check: IdentityCheck,
    }
}

record! {
    /// A check was answered.
    pub struct Answered {
        /// For which request.
        1 => request: RequestId,
        /// The answer.
        2 => result: CheckResult,
    }
}

record! {
    /// A finding was justified.
    pub struct Justified {
        /// For which request.
        1 => request: RequestId,
        /// Which finding.
        2 => code: FindingCode,
        /// Why it is acceptable.
        3 => justification: Justification,
    }
}

record! {
    /// The grant is to be narrower than what was asked.
    pub struct Narrowed {
        /// For which request.
        1 => request: RequestId,
        /// What is left.
        2 => terms: Terms,
    }
}

record! {
    /// The partner is asked to change the request, or it is declined.
    pub struct Replied {
        /// Which request.
        1 => request: RequestId,
        /// SHA-256 of the message.
        2 => message: Digest,
        /// Name of the blob that holds it.
        3 => blob: Digest,
        /// Whether that ends the request.
        4 => declined: countersign_documents::Flag,
    }
}

record! {
    /// The first signature.
    pub struct Vetted {
        /// For which request.
        1 => request: RequestId,
        /// What was signed.
        2 => grant: Grant,
        /// What was found and answered; its digest is in the grant.
        3 => vetting: Vetting,
        /// The approval, a complete document.
        4 => approval: Blob,
    }
}

record! {
    /// The second signature, or a further one.
    pub struct Countersigned {
        /// For which request.
        1 => request: RequestId,
        /// The approval, a complete document.
        2 => approval: Blob,
    }
}
