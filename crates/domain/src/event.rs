//! Everything that can stand in the ledger. Codes are never reused; a new field is a new event.

use countersign_documents::{
    Blob, Decode, Digest, Encode, Malformed, Reader, ReceivingKey, Time, VerifyingKey, Writer,
    catalogue::Catalogue,
    grant::{CheckResult, Grant, IdentityCheck, Justification, Vetting},
    id::{ChangeId, Cti, GrantId, KeyId, MemberId, OrderId, RequestId},
    order::Act,
    policy::{FindingCode, Policy},
    record,
    request::{Asked, Mode},
    text::{Line, Prose, ScopeName, Slug},
    words,
};

use crate::{leak::LeakReported, terms::Terms};

words! {
    /// Which shared key is wrapped.
    pub enum Shared {
        /// Opens the ledger.
        1 => Ledger = "ledger",
        /// Fingerprints keys for leak look-up.
        2 => LookUp = "look-up",
        /// Opens what partners send.
        3 => Receiving = "receiving",
    }
}

record! {
    /// A shared key wrapped to one member's receiving key: a letter beside the log.
    pub struct Wrap {
        /// To whom.
        1 => member: MemberId,
        /// Which.
        2 => shared: Shared,
        /// Which generation of it.
        3 => generation: u64,
        /// SHA-256 of the letter.
        4 => letter: Digest,
    }
}

record! {
    /// The shared keys that begin to be used.
    pub struct Keyring {
        /// Generation of the ledger key: the epoch.
        1 => epoch: u64,
        /// Commitment to the ledger key.
        2 => ledger: Digest,
        /// Commitment to the look-up key, which never changes: old fingerprints must stay comparable.
        3 => look_up: Digest,
        /// Public half of the organisation's receiving key.
        4 => receiving: ReceivingKey,
        /// The ledger key of the epoch before, wrapped under this one: (nonce || ciphertext).
        5 => before?: Blob,
        /// To whom everything is wrapped.
        6 => wraps: Vec<Wrap>,
    }
}

record! {
    /// Two people founded the organisation.
    pub struct Founded {
        /// Version 1 of the root.
        1 => root: Blob,
        /// The founders' certificates.
        2 => certificates: Vec<Blob>,
        /// Names of the blobs with the founders' names, in the same order.
        3 => names: Vec<Digest>,
        /// The first shared keys.
        4 => keyring: Keyring,
        /// How the organisation is called.
        5 => name: Line,
    }
}

words! {
    /// How an issuer works.
    pub enum IssuerKind {
        /// Keys are minted here; a gateway reads their hashes from a file.
        1 => HashFile = "hash-file",
        /// A member makes and stops keys by hand elsewhere.
        2 => Manual = "manual",
    }
}

record! {
    /// The terms under which an issuer makes keys.
    pub struct IssuerTerms {
        /// Short name.
        1 => id: Slug,
        /// How it works.
        2 => kind: IssuerKind,
        /// What minted keys begin with.
        3 => prefix?: Slug,
        /// The hash file.
        4 => location?: Line,
        /// What to do by hand.
        5 => instructions?: Prose,
    }
}

impl IssuerTerms {
    /// Digest of its encoding: what a grant names.
    pub fn digest(&self) -> Digest {
        Digest::of(&countersign_documents::encode(self))
    }

    /// Whether it has exactly what its kind needs.
    pub fn is_sound(&self) -> bool {
        match self.kind {
            IssuerKind::HashFile => {
                self.prefix.is_some() && self.location.is_some() && self.instructions.is_none()
            }
            IssuerKind::Manual => {
                self.prefix.is_none() && self.location.is_none() && self.instructions.is_some()
            }
        }
    }
}

record! {
    /// Somebody is to become a member, or is certified anew.
    pub struct Admission {
        /// The certificate's payload.
        1 => certificate: Blob,
        /// The joiner's identity card.
        2 => identity: Blob,
        /// Name of the blob with salt and name.
        3 => name: Digest,
    }
}

/// What two admins must sign.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A member, or a member's certificate.
    Admission(Admission),
    /// A policy.
    Policy(Policy),
    /// A catalogue.
    Catalogue(Catalogue),
    /// An issuer.
    Issuer(IssuerTerms),
    /// A card: its payload.
    Card(Blob),
}

impl Encode for Change {
    fn encode(&self, w: &mut Writer) {
        w.array(2);
        match self {
            Self::Admission(body) => (w.uint(1), body.encode(w)).1,
            Self::Policy(body) => (w.uint(2), body.encode(w)).1,
            Self::Catalogue(body) => (w.uint(3), body.encode(w)).1,
            Self::Issuer(body) => (w.uint(4), body.encode(w)).1,
            Self::Card(body) => (w.uint(5), body.encode(w)).1,
        }
    }
}

impl<'a> Decode<'a> for Change {
    fn decode(r: &mut Reader<'a>) -> Result<Self, Malformed> {
        r.array_exact(2)?;
        Ok(match r.uint()? {
            1 => Self::Admission(Decode::decode(r)?),
            2 => Self::Policy(Decode::decode(r)?),
            3 => Self::Catalogue(Decode::decode(r)?),
            4 => Self::Issuer(Decode::decode(r)?),
            5 => Self::Card(Decode::decode(r)?),
            _ => return Err(Malformed::OutOfRange),
        })
    }
}

impl Change {
    /// Digest of its encoding: what the second admin confirms.
    pub fn digest(&self) -> Digest {
        Digest::of(&countersign_documents::encode(self))
    }

    /// One word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Admission(_) => "member",
            Self::Policy(_) => "policy",
            Self::Catalogue(_) => "catalogue",
            Self::Issuer(_) => "issuer",
            Self::Card(_) => "card",
        }
    }
}

record! {
    /// One admin proposes a change.
    pub struct Proposed {
        /// Its id.
        1 => id: ChangeId,
        /// What.
        2 => change: Change,
        /// The proposer's part of a jointly signed document, for admissions and cards.
        3 => signature?: Blob,
    }
}

record! {
    /// Another admin confirms it: it is in force.
    pub struct Confirmed {
        /// Which.
        1 => id: ChangeId,
        /// Digest of the change: what was confirmed is what was proposed.
        2 => change: Digest,
        /// The other part of the jointly signed document.
        3 => signature?: Blob,
    }
}

record! {
    /// A change is taken back or turned down.
    pub struct Dropped {
        /// Which.
        1 => id: ChangeId,
    }
}

record! {
    /// A member may do nothing any more.
    pub struct Suspended {
        /// Who.
        1 => member: MemberId,
        /// Why.
        2 => why: Line,
    }
}

record! {
    /// One admin tightens the policy alone.
    pub struct Tightened {
        /// The policy.
        1 => policy: Policy,
    }
}

record! {
    /// One admin stops an issuer alone: it makes no new keys.
    pub struct IssuerStopped {
        /// Which.
        1 => issuer: Slug,
    }
}

record! {
    /// Shared keys were wrapped to a member.
    pub struct KeysShared {
        /// The wraps.
        1 => wraps: Vec<Wrap>,
    }
}

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

record! {
    /// A key is about to be made. Recorded before it exists, so that no crash leaves one nobody knows of.
    pub struct Intended {
        /// For which request.
        1 => request: RequestId,
        /// Under which grant.
        2 => grant: GrantId,
        /// The key it will be.
        3 => key: KeyId,
        /// Its place within its lineage.
        4 => seq: u64,
        /// The envelope it will travel in.
        5 => cti: Cti,
    }
}

record! {
    /// A key was made and sealed; the envelope is durable on the desk and may leave now.
    pub struct Issued {
        /// Which key.
        1 => key: KeyId,
        /// SHA-256 of the envelope.
        2 => envelope: Digest,
        /// SHA-256 of the receipt nonce.
        3 => nonce: Digest,
        /// Keyed fingerprint of the key.
        4 => fingerprint: Digest,
        /// How the issuer names it.
        5 => handle: Line,
        /// When it dies.
        6 => not_after: Time,
        /// Until when the envelope opens.
        7 => expires: Time,
        /// The scopes that were given.
        8 => scopes: Vec<ScopeName>,
    }
}

record! {
    /// The key was not made after all, or made and removed again.
    pub struct Abandoned {
        /// Which key.
        1 => key: KeyId,
    }
}

words! {
    /// How an envelope leaves.
    pub enum Way {
        /// As a file.
        1 => File = "file",
        /// As codes to be scanned.
        2 => Qr = "qr",
        /// By a relay.
        3 => Link = "link",
    }
}

record! {
    /// The envelope left the desk.
    pub struct HandedOver {
        /// Which key.
        1 => key: KeyId,
        /// How.
        2 => way: Way,
    }
}

record! {
    /// The partner's device opened it.
    pub struct Acknowledged {
        /// Which key.
        1 => key: KeyId,
        /// The receipt, a complete document.
        2 => receipt: Blob,
    }
}

record! {
    /// The issuer switched the key on.
    pub struct Activated {
        /// Which key.
        1 => key: KeyId,
    }
}

record! {
    /// Keys are to be stopped.
    pub struct Ordered {
        /// The order, a complete document.
        1 => order: Blob,
    }
}

record! {
    /// The issuing system confirmed that a key is stopped, or a member did with evidence.
    pub struct Stopped {
        /// Which key.
        1 => key: KeyId,
        /// By which order.
        2 => order: OrderId,
        /// What was done.
        3 => act: Act,
        /// Digest of what was read again at the issuing system; or
        4 => read_again?: Digest,
        /// name of the blob with the evidence a member gave.
        5 => evidence?: Digest,
    }
}

record! {
    /// An attempt to stop a key failed; it will be tried again.
    pub struct StopFailed {
        /// Which key.
        1 => key: KeyId,
        /// By which order.
        2 => order: OrderId,
        /// What went wrong.
        3 => why: Line,
    }
}

record! {
    /// A key that was handed out before Countersign.
    pub struct Legacy {
        /// The id it gets.
        1 => key: KeyId,
        /// Name of the blob with the partner's name.
        2 => partner: Digest,
        /// Service.
        3 => service: Slug,
        /// Environment.
        4 => environment: Slug,
        /// Since when.
        5 => since: Time,
        /// Until when, if ever.
        6 => until?: Time,
        /// Keyed fingerprint.
        7 => fingerprint: Digest,
        /// SHA-256 of the partner's name without case and spaces: groups keys of one partner.
        8 => group: Digest,
    }
}

record! {
    /// Keys that were handed out before Countersign were put on the record.
    pub struct Imported {
        /// Which.
        1 => keys: Vec<Legacy>,
    }
}

record! {
    /// A blob was erased.
    pub struct Erased {
        /// Its name.
        1 => blob: Digest,
        /// Why.
        2 => why: Line,
    }
}

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
    40 => LeakReported(LeakReported) = "leak-reported",
}
