//! Why an envelope is not accepted: one opaque sentence outside, the exact reason inside.

use countersign_documents::Rejected;

/// The exact reason. For the local screen and log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The outer document or a nested one.
    #[error("the envelope itself is not in order: {0}")]
    Document(Rejected),
    /// The sealer's certificate.
    #[error("whoever sealed it is not certified by this organisation: {0}")]
    Sealer(Rejected),
    /// The sealer may not issue.
    #[error("whoever sealed it may not issue keys")]
    SealerRight,
    /// Its times contradict each other or are too long.
    #[error("its times are not in order")]
    Times,
    /// Not yet valid by this clock.
    #[error("it is dated later than this computer's clock")]
    NotYet,
    /// Not valid any more.
    #[error("it has expired")]
    Expired,
    /// The clock stands before a time that was verified already.
    #[error("this computer's clock stands before times it has verified already")]
    ClockBehind,
    /// It was opened here before.
    #[error("it was opened here before")]
    Replayed,
    /// It is for another identity or another receiving key.
    #[error("it is sealed for somebody else")]
    NotForMe,
    /// The link secret is another one.
    #[error("the link secret belongs to another envelope")]
    WrongSecret,
    /// It does not decrypt.
    #[error("it does not open with this identity and this link secret")]
    Decryption,
    /// Inside and outside contradict each other.
    #[error("what is inside does not belong to what is outside")]
    InnerMismatch,
    /// The signatures under the grant are not what two people give.
    #[error("the grant inside is not signed by two different people: {0}")]
    Approvals(Rejected),
    /// The grant breaks a rule of its own.
    #[error("the grant inside is not in order: {0}")]
    Grant(Rejected),
    /// The grant does not allow what the envelope carries.
    #[error("the envelope carries more than the grant allows")]
    BeyondGrant,
    /// It was sealed after the grant allowed.
    #[error("it was sealed later than the grant allows")]
    Late,
    /// More deliveries than the grant allows.
    #[error("the grant allows no further delivery")]
    TooManyDeliveries,
    /// An older delivery than one opened before.
    #[error("a newer delivery of this key was opened before")]
    Superseded,
    /// The key has expired.
    #[error("the key inside has expired")]
    KeyExpired,
}

/// The one thing the outside is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the envelope was not accepted")]
pub struct NotAccepted(Reason);

impl NotAccepted {
    /// For the local screen and log only.
    pub fn reason(&self) -> Reason {
        self.0
    }
}

impl From<Reason> for NotAccepted {
    fn from(reason: Reason) -> Self {
        Self(reason)
    }
}
