//! Why something may not happen. A refusal is an answer, not an accident; it says the rule and who can help.

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident $code:literal $text:literal,)*) => {
        /// Why something may not happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[serde(rename = $code)] #[error($text)] $name,)*
        }

        impl Refusal {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// A code that never changes.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

refusals! {
    /// Not founded.
    NotFounded "not-founded" "This log has no founded organisation yet.",
    /// Founded already.
    AlreadyFounded "already-founded" "This log belongs to an organisation already.",
    /// A founding that does not hold together.
    BadFounding "bad-founding" "The founding documents are not signed by two different people, or do not belong together.",
    /// The signer is no member.
    NotAMember "not-a-member" "You are not a member of this organisation. Two admins can admit you.",
    /// The signer is suspended.
    Suspended "suspended" "Your membership is suspended. Two certifiers can certify you anew.",
    /// The right is missing.
    MissingRight "missing-right" "Your certificate does not carry the right for this. Two admins can change your rights.",
    /// The certificate ran out.
    CertificateExpired "certificate-expired" "Your certificate has expired. Two admins can renew it.",
    /// Wrong clock.
    ClockBehind "clock-behind" "This computer's clock stands more than five minutes before the newest entry. Set the clock, then try again.",
    /// Same person twice.
    SamePerson "same-person" "You gave the other signature, so you cannot give this one. Any other person with the right can.",
    /// The sponsor may not sign under this policy.
    SponsorMayNotSign "sponsor-may-not-sign" "You brought this partner, and the policy does not let a sponsor sign. Any other person with the right can.",
    /// Not a certifier.
    NotACertifier "not-a-certifier" "Only persons whose certifying key stands in the root can certify members.",
    /// Nothing there.
    NoSuchChange "no-such-change" "There is no such change waiting.",
    /// Nothing there.
    NoSuchMember "no-such-member" "There is no such member.",
    /// Nothing there.
    NoSuchRequest "no-such-request" "There is no such request.",
    /// Nothing there.
    NoSuchKey "no-such-key" "There is no such key.",
    /// Nothing there.
    NoSuchIdentity "no-such-identity" "No request of such an identity was received.",
    /// Id taken.
    AlreadyThere "already-there" "That is on the record already.",
    /// Confirmed something else.
    ChangeDiffers "change-differs" "What was confirmed is not what was proposed.",
    /// Content breaks a rule of its kind.
    BadChange "bad-change" "The proposed change breaks a rule of its own kind.",
    /// Version.
    VersionOutOfOrder "version-out-of-order" "Somebody changed this in the meantime: its version must be one above the one in force.",
    /// Loosening alone.
    NotTighter "not-tighter" "One admin alone may only tighten the policy. Propose it instead, for a second admin to confirm.",
    /// Suspending oneself.
    NotYourself "not-yourself" "You cannot suspend yourself. Another admin can.",
    /// A signature that does not verify.
    BadSignature "bad-signature" "A signature in it does not verify.",
    /// Older or same revision.
    OldRevision "old-revision" "This revision of the request, or a newer one, was received already.",
    /// Request changed hands.
    IdentityChanged "identity-changed" "This revision is signed by another identity than the request. Treat it as an attack until the partner explains.",
    /// Not open.
    RequestClosed "request-closed" "This request is closed: it was declined, withdrawn, or its key was issued.",
    /// Not yet signed.
    NotVetted "not-vetted" "Nobody has vetted this request yet. A reviewer gives the first signature.",
    /// Signed already.
    AlreadyVetted "already-vetted" "This request is vetted already. It waits for the countersignature.",
    /// Quorum reached.
    AlreadyCountersigned "already-countersigned" "All signatures are given. The key can be issued.",
    /// Quorum missing.
    NotCountersigned "not-countersigned" "Signatures are missing: the policy asks for more people.",
    /// Unknown service.
    UnknownService "unknown-service" "The catalogue has no such service.",
    /// Unknown environment.
    UnknownEnvironment "unknown-environment" "The service has no such environment.",
    /// Unknown scope.
    UnknownScope "unknown-scope" "The service has no such scope.",
    /// Unknown issuer.
    UnknownIssuer "unknown-issuer" "The catalogue names an issuer that does not exist or was stopped.",
    /// Too long.
    LifetimeTooLong "lifetime-too-long" "The lifetime is longer than the catalogue or the policy allows.",
    /// Zero.
    LifetimeZero "lifetime-zero" "The lifetime must be at least one day.",
    /// More than asked.
    BeyondRequest "beyond-request" "A grant never exceeds its request. The partner must send a revision that asks for more.",
    /// Empty.
    NothingGranted "nothing-granted" "Nothing is asked for: name at least one scope.",
    /// Renewal of something else.
    BadLineage "bad-lineage" "A renewal must name a key of the same partner, service and environment.",
    /// Check missing.
    ChecksMissing "checks-missing" "Checks that the policy asks for are not answered, or not passed.",
    /// Fingerprint missing.
    IdentityUnchecked "identity-unchecked" "The partner's fingerprint was not compared by enough people yet, or only by a program.",
    /// Own call missing.
    OwnCallMissing "own-call-missing" "For this access reviewer and approver each make their own call. You have not compared the fingerprint yourself before the first signature.",
    /// Fingerprint wrong.
    IdentityDiffers "identity-differs" "The fingerprint that was read and the identity that signed differ. Nobody can sign until a member has compared it again and found it the same.",
    /// Blocking finding.
    FindingUnresolved "finding-unresolved" "A blocking finding is not justified. Write down why it is acceptable, or ask for changes.",
    /// Finding left out.
    FindingsDiffer "findings-differ" "The findings in the grant are not those of the request.",
    /// No such finding.
    NoSuchFinding "no-such-finding" "There is no such finding on this request.",
    /// Grant and request do not belong together.
    GrantDiffers "grant-differs" "The grant does not say what request, catalogue, policy and issuer say.",
    /// Approval of something else.
    ApprovalDiffers "approval-differs" "The approval is not over this grant, or not on this log.",
    /// Policy or catalogue changed in between.
    GroundChanged "ground-changed" "Policy, catalogue or issuer changed after the first signature. The request must be vetted again.",
    /// A signer is not a member any more.
    SignerGone "signer-gone" "One of the signers was suspended or has lost the right. The request must be vetted again.",
    /// Too old.
    ApprovalsTooOld "approvals-too-old" "The signatures are older than the policy allows. The request must be vetted again.",
    /// Late.
    DeliveryOver "delivery-over" "The time to deliver under this grant is over. The partner must ask again.",
    /// The key was made in the meantime.
    AlreadyIssued "already-issued" "The key of this request was made already. Another key within the grant is a rotation: ask for one by name.",
    /// An intent is open.
    IntentOpen "intent-open" "A key is being made under this grant already. Finish or abandon it first.",
    /// Too many.
    NoRotationLeft "no-rotation-left" "The grant allows no further key. Renewal takes a new request and two signatures.",
    /// Sequence.
    SequenceOutOfOrder "sequence-out-of-order" "The sequence number is not the next of its lineage.",
    /// State.
    KeyNotIntended "key-not-intended" "This key is not about to be made.",
    /// Another desk is at it.
    OtherMaker "other-maker" "Another desk is making this key. It can finish, or you can abandon the key and make a new one.",
    /// State.
    KeyNotSealed "key-not-sealed" "This key has no envelope that could be delivered.",
    /// Not given to the relay.
    NotAtRelay "not-at-relay" "The envelope of this key was not given to the relay.",
    /// Taken back.
    DeliveryWithdrawn "delivery-withdrawn" "The envelope of this key was taken back, and nobody is given it any more. Make another key within the grant.",
    /// Two things that cannot both be.
    OutcomeDiffers "outcome-differs" "The relay says that nobody had this envelope, and said before that its reader had it. Ask whoever runs the relay.",
    /// State.
    KeyNotOpened "key-not-opened" "There is no receipt for this key yet.",
    /// State.
    KeyStopped "key-stopped" "This key is stopped, or ordered to be.",
    /// State.
    KeyActive "key-active" "This key works already.",
    /// Beyond the grant.
    BeyondGrant "beyond-grant" "The issuer gave more than the grant allows.",
    /// Receipt of something else.
    ReceiptDiffers "receipt-differs" "The receipt is not signed by the recipient, or is for another envelope.",
    /// Order of something else.
    BadOrder "bad-order" "The order is not signed by the one who records it, or is for another log.",
    /// Too much at once.
    PaceExceeded "pace-exceeded" "One person may not revoke that many keys in an hour. Disable them now; a second person, or 24 hours, makes it final.",
    /// No such order.
    NoSuchOrder "no-such-order" "There is no such order for this key.",
    /// Proof missing.
    ProofMissing "proof-missing" "A stopped key needs a proof: what was read again at the issuing system, or a member's evidence.",
    /// Proof cannot be.
    ProofByHandOnly "proof-by-hand-only" "This issuer cannot be read: a member confirms with evidence.",
    /// Wrong member for a wrap.
    BadKeyring "bad-keyring" "The shared keys are not wrapped to exactly the members who may hold them.",
    /// Certified by a key the root no longer names.
    CertificateOutdated "certificate-outdated" "Your certificate is signed by a certifying key that the root no longer names, so partners refuse it. Two certifiers can certify you anew.",
    /// The same for somebody else.
    SignerOutdated "signer-outdated" "One of the signers is certified by a key that the root no longer names, or was certified anew after signing; partners refuse such a signature. The request must be vetted again.",
    /// Nobody left.
    TooFewAdmins "too-few-admins" "That would leave fewer than two admins, and nobody who could undo it. Propose the suspension for another member to confirm, or use the offline succession.",
    /// A key that nobody offered.
    NotOffered "not-offered" "A certifying key comes into the root only as its own person offered it, on the record, from a desk that is still in use.",
    /// Keys used elsewhere.
    KeyInUse "key-in-use" "This key served another purpose before. Keys to certify with are made for that alone.",
    /// A root that does not follow.
    BadRoot "bad-root" "This root does not follow the one in force, or changes nothing, or leaves fewer than two certifiers who can act.",
    /// One at a time.
    RootWaits "root-waits" "Another root waits for signatures. Sign or drop that one first.",
    /// Nothing there.
    NoSuchRoot "no-such-root" "No such root waits for signatures.",
    /// Succession.
    BadSuccession "bad-succession" "The succession is not signed by both offline keys of the root in force and by two new certifiers, or its certificates do not belong to it.",
    /// Ordered and judged by one person.
    OwnOrder "own-order" "You ordered this stop yourself. Another person must do this.",
    /// Nothing to object to.
    NothingToObject "nothing-to-object" "No order to disable stands against this key that a day would make final.",
    /// Objections.
    ObjectedTo "objected-to" "Two people objected, so that time alone does not make this final. It takes a second person's order to revoke.",
    /// Comparing oneself.
    OwnIdentity "own-identity" "Nobody compares their own fingerprint. Another member hears it from you and types it.",
    /// A comparison that cannot be this member's.
    BadComparison "bad-comparison" "A comparison of fingerprints is recorded by the person who made it, and not before it was made.",
    /// A joiner whom nobody heard.
    MemberUnchecked "member-unchecked" "Whoever proposes a member has heard that member's fingerprint and typed it at a terminal or in a window. It was not compared, or only by a program.",
    /// Sample under real or the reverse.
    SampleRoot "sample-root" "A sample and what is real never meet: of this organisation and this profile, one is a sample.",
}
