//! Everything that can stand in the ledger. Codes are never reused; a new field is a new event.

mod exchange;
mod keys;
mod organisation;
mod root;

use countersign_documents::{Decode, Encode, Malformed, Reader, Writer};

pub use exchange::{
    Answered, Countersigned, IdentityChecked, IdentityMismatch, Justified, Narrowed, Received, Replied,
    TakenBack, Vetted,
};
pub use keys::{
    Abandoned, Acknowledged, Activated, Erased, Fetched, HandedOver, Imported, Intended, Issued, Legacy,
    Objected, Ordered, StopFailed, Stopped, Way, Withdrawn, company,
};
pub use organisation::{
    Admission, Change, Confirmed, Dropped, Founded, IssuerKind, IssuerStopped, IssuerTerms, Keyring,
    KeysShared, MemberChecked, Proposed, Shared, Suspended, Tightened, Wrap,
};
pub use root::{CertifierOffered, RootDropped, RootProposed, RootSigned, Succeeded};

pub use crate::witness::WitnessAccepted;

use crate::leak::LeakReported;

macro_rules! events {
    ($($(#[$doc:meta])* $code:literal => $name:ident($body:ty) = $word:literal,)*) => {
        /// What can happen.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "event", content = "body")]
        pub enum Event {
            $($(#[$doc])* #[serde(rename = $word)] $name($body),)*
        }

        impl Event {
            /// One word for it.
            pub const fn word(&self) -> &'static str {
                match self { $(Self::$name(_) => $word,)* }
            }
        }

        impl Encode for Event {
            fn encode(&self, w: &mut Writer) {
                w.array(2);
                match self {
                    $(Self::$name(body) => {
                        w.uint($code);
                        body.encode(w);
                    })*
                }
            }
        }

        impl<'a> Decode<'a> for Event {
            fn decode(r: &mut Reader<'a>) -> Result<Self, Malformed> {
                r.array_exact(2)?;
                match r.uint()? {
                    $($code => Decode::decode(r).map(Self::$name),)*
                    _ => Err(Malformed::OutOfRange),
                }
            }
        }
    };
}

events! {
    /// Two people founded the organisation.
    1 => Founded(Founded) = "founded",
    /// One admin proposes.
    2 => Proposed(Proposed) = "change-proposed",
    /// Another confirms.
    3 => Confirmed(Confirmed) = "change-confirmed",
    /// Or it is dropped.
    4 => Dropped(Dropped) = "change-dropped",
    /// A member is suspended.
    5 => Suspended(Suspended) = "member-suspended",
    /// The policy is tightened by one admin.
    6 => Tightened(Tightened) = "policy-tightened",
    /// An issuer is stopped by one admin.
    7 => IssuerStopped(IssuerStopped) = "issuer-stopped",
    /// Shared keys reach a member.
    8 => SharedKeys(KeysShared) = "keys-shared",
    /// New shared keys for everybody who is left.
    9 => Rekeyed(Keyring) = "keys-replaced",
    /// A request came in.
    10 => Received(Received) = "request-received",
    /// A request was taken back.
    11 => TakenBack(TakenBack) = "request-withdrawn",
    /// A fingerprint was compared.
    12 => IdentityChecked(IdentityChecked) = "identity-checked",
    /// A fingerprint was another.
    13 => IdentityMismatch(IdentityMismatch) = "identity-mismatch",
    /// A check was answered.
    14 => Answered(Answered) = "check-answered",
    /// A finding was justified.
    15 => Justified(Justified) = "finding-justified",
    /// The grant was narrowed.
    16 => Narrowed(Narrowed) = "grant-narrowed",
    /// The partner was answered.
    17 => Replied(Replied) = "partner-answered",
    /// First signature.
    18 => Vetted(Vetted) = "vetted",
    /// Second signature.
    19 => Countersigned(Countersigned) = "countersigned",
    /// A key will be made.
    20 => Intended(Intended) = "key-intended",
    /// A key was made and sealed.
    21 => Issued(Issued) = "key-issued",
    /// It was not.
    22 => Abandoned(Abandoned) = "key-abandoned",
    /// The envelope left.
    23 => HandedOver(HandedOver) = "envelope-handed-over",
    /// The partner opened it.
    24 => Acknowledged(Acknowledged) = "receipt-recorded",
    /// The key works.
    25 => Activated(Activated) = "key-activated",
    /// Keys are to be stopped.
    26 => Ordered(Ordered) = "stop-ordered",
    /// A key is stopped.
    27 => Stopped(Stopped) = "stop-confirmed",
    /// A key could not be stopped yet.
    28 => StopFailed(StopFailed) = "stop-failed",
    /// Old keys were put on the record.
    29 => Imported(Imported) = "keys-imported",
    /// Something was erased.
    30 => Erased(Erased) = "blob-erased",
    /// A partner reported a leak.
    31 => LeakReported(LeakReported) = "leak-reported",
    /// Somebody made keys to certify with.
    32 => CertifierOffered(CertifierOffered) = "certifying-key-offered",
    /// A certifier proposes the next root.
    33 => RootProposed(RootProposed) = "root-proposed",
    /// Another one signs it.
    34 => RootSigned(RootSigned) = "root-signed",
    /// Or it is dropped.
    35 => RootDropped(RootDropped) = "root-dropped",
    /// The offline keys made a root.
    36 => Succeeded(Succeeded) = "root-succeeded",
    /// Somebody objects to a final revocation.
    37 => Objected(Objected) = "revocation-objected",
    /// The partner fetched the envelope.
    38 => Fetched(Fetched) = "envelope-fetched",
    /// The envelope was taken back.
    39 => Withdrawn(Withdrawn) = "delivery-withdrawn",
    /// A member's fingerprint was compared, or the organisation's.
    40 => MemberChecked(MemberChecked) = "member-checked",
    /// An admin accepts a new key of the relay's witness.
    41 => WitnessAccepted(WitnessAccepted) = "witness-key-accepted",
}
