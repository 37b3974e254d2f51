//! Every kind of signed document, and the numbers that standards give them.

/// Labels and algorithms. What IANA has not assigned yet stands here and nowhere else.
pub mod label {
    /// COSE header `alg` (RFC 9052, 3.1).
    pub const ALG: i64 = 1;
    /// COSE header `content type`.
    pub const CONTENT_TYPE: i64 = 3;
    /// COSE header `kid`.
    pub const KID: i64 = 4;
    /// COSE header `kcwt` (RFC 9528): here the complete certificate as a byte string.
    pub const KCWT: i64 = 13;
    /// COSE header `CWT Claims` (RFC 9597).
    pub const CLAIMS: i64 = 15;
    /// COSE header `typ` (RFC 9596).
    pub const TYP: i64 = 16;
    /// COSE header `ek` of COSE-HPKE (draft-ietf-cose-hpke-27, number assumed).
    pub const EK: i64 = -4;
    /// COSE header `psk_id` of COSE-HPKE (draft-ietf-cose-hpke-27, number assumed).
    pub const PSK_ID: i64 = -5;
    /// Ed25519 (RFC 9864).
    pub const ED25519: i64 = -19;
    /// HPKE-4: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305 (draft-ietf-cose-hpke-27, number assumed).
    pub const HPKE_4: i64 = 42;
    /// CoAP content format of `application/cose; cose-type="cose-encrypt0"`.
    pub const COSE_ENCRYPT0: u64 = 16;
    /// CBOR tag of COSE_Encrypt0.
    pub const TAG_ENCRYPT0: u64 = 16;
    /// CBOR tag of COSE_Sign1.
    pub const TAG_SIGN1: u64 = 18;
    /// CBOR tag of COSE_Sign.
    pub const TAG_SIGN: u64 = 98;
}

/// What stands in the headers of a kind, beside algorithm, key id and type. Nothing else may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One signature, a bare key id.
    Plain,
    /// One signature, with the signer's certificate.
    Certified,
    /// One signature, with certificate, claims and content type: the envelope.
    Sealed,
    /// Two signatures or more, bare key ids.
    Jointly,
    /// Two signatures or more, each with the signer's certificate.
    JointlyCertified,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $shape:ident $typ:literal,)*) => {
        /// One kind of signed document. A signature of one kind never verifies as another: the kind is signed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The media type in the header `typ`.
            pub const fn typ(self) -> &'static str {
                match self {
                    $(Self::$kind => concat!("application/vnd.countersign.", $typ, "-v1+cose"),)*
                }
            }

            /// One short word for it.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => $typ,)*
                }
            }

            /// What its headers hold.
            pub const fn shape(self) -> Shape {
                match self {
                    $(Self::$kind => Shape::$shape,)*
                }
            }
        }
    };
}

kinds! {
    /// The root of trust of an organisation.
    Root Jointly "root",
    /// What makes a key pair a member.
    Certificate Jointly "certificate",
    /// The organisation's card, which partners pin.
    Card JointlyCertified "card",
    /// The public half of a person's or partner's identity.
    IdentityCard Plain "identity-card",
    /// One person offers another to found an organisation.
    FoundingOffer Plain "founding-offer",
    /// The other agrees.
    FoundingAnswer Plain "founding-answer",
    /// One person begins the offline succession.
    SuccessionOffer Plain "succession-offer",
    /// Another, with the other half, agrees.
    SuccessionAnswer Plain "succession-answer",
    /// A partner asks for a key.
    Request Plain "request",
    /// The organisation writes to a partner.
    Message Certified "message",
    /// A partner writes to the organisation.
    Notice Plain "notice",
    /// One of the signatures under a grant.
    Approval Plain "approval",
    /// A key on its way.
    Envelope Sealed "envelope",
    /// A partner's device opened an envelope.
    Receipt Plain "receipt",
    /// Stop keys now.
    Order Plain "order",
    /// An admin tells a relay that a member's acts count no more.
    Removal Certified "removal",
    /// Where a partner put a key.
    Placement Plain "placement",
    /// One operation in the ledger.
    Entry Plain "entry",
    /// A partner fetches a parcel, or acknowledges it.
    PickUp Plain "pick-up",
    /// A member brings a parcel.
    Upload Certified "upload",
    /// A member takes a parcel back.
    Withdraw Certified "withdraw",
    /// Somebody asks for what waits.
    Poll Plain "poll",
    /// A partner writes to the organisation through its relay.
    Post Plain "post",
    /// A member writes to a partner through the relay.
    Dispatch Certified "dispatch",
    /// A partner may write to the mailbox of an organisation.
    Ticket Certified "ticket",
}
