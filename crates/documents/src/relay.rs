//! What a relay is asked for: acts of members and partners, each signed for one relay and one moment.

use crate::{
    cbor::{Blob, Decode},
    certificate::{Certificate, Right},
    cose::{Rejected, Unverified1, Verified, open_plain, sign_certified, sign_plain},
    digest::Digest,
    id::{Cti, OrganisationId, TicketId},
    keys::{SigningKey, VerifyingKey},
    kind::Kind,
    root::Root,
    text::Line,
    time::{DAY, Seconds, Time},
};

pub use crate::invitation::{Invitation, pack, unpack};

/// How long a nonce is fresh.
pub const FRESH: Seconds = 120;
/// How far the clock of a signer may stand from the relay's.
pub const APART: Seconds = DAY;
/// The longest a poll may wait, in seconds.
pub const PATIENCE: u64 = 15;
/// How many letters a poll may name as done.
pub const DONE: usize = 64;
/// The most a body may weigh: a letter and what is beside it.
pub const BODY_LIMIT: usize = 160 * 1024;
/// The longest a ticket may be used for the first time.
pub const TICKET: Seconds = 90 * DAY;

record! {
    /// Where and when an act is meant.
    pub struct Moment {
        /// The relay, as the card names it.
        1 => origin: Line,
        /// As the relay gave it.
        2 => nonce: Digest,
        /// The signer's clock.
        3 => time: Time,
    }
}

words! {
    /// What becomes of a parcel with a pick-up.
    pub enum PickUpAct {
        /// Its bytes are wanted.
        1 => Fetch = "fetch",
        /// It was opened: the receipt is there, and the bytes are not needed any more.
        2 => Acknowledge = "acknowledge",
    }
}

record! {
    /// A partner fetches a parcel, or acknowledges it. Signed by the identity and by the pick-up key.
    pub struct PickUp {
        /// Where and when.
        1 => moment: Moment,
        /// Which parcel.
        2 => cti: Cti,
        /// Who reads it.
        3 => identity: VerifyingKey,
        /// What for.
        4 => act: PickUpAct,
        /// SHA-256 of the letter with the receipt.
        5 => letter?: Digest,
    }
}

record! {
    /// A member brings a parcel.
    pub struct Upload {
        /// Where and when.
        1 => moment: Moment,
        /// Which envelope.
        2 => cti: Cti,
        /// Thumbprint of the identity it is for.
        3 => recipient: Digest,
        /// Public half of the key that the link's secret gives.
        4 => pick_up: VerifyingKey,
        /// SHA-256 of the envelope.
        5 => envelope: Digest,
    }
}

record! {
    /// A member takes a parcel back.
    pub struct Withdraw {
        /// Where and when.
        1 => moment: Moment,
        /// Which parcel.
        2 => cti: Cti,
    }
}

record! {
    /// A member writes to a partner.
    pub struct Dispatch {
        /// Where and when.
        1 => moment: Moment,
        /// Thumbprint of the identity it is for.
        2 => recipient: Digest,
        /// SHA-256 of the letter.
        3 => letter: Digest,
    }
}

record! {
    /// An admin ends what a member may ask of the relay.
    pub struct Removal {
        /// Where and when.
        1 => moment: Moment,
        /// Thumbprint of the member's signing key.
        2 => member: Digest,
    }
}

record! {
    /// A partner writes to the organisation.
    pub struct Post {
        /// Where and when.
        1 => moment: Moment,
        /// To whom.
        2 => organisation: OrganisationId,
        /// Who writes.
        3 => identity: VerifyingKey,
        /// SHA-256 of the letter.
        4 => letter: Digest,
        /// By which ticket, the first time.
        5 => ticket?: TicketId,
    }
}

record! {
    /// Somebody asks what waits.
    pub struct Poll {
        /// Where and when.
        1 => moment: Moment,
        /// Of which organisation.
        2 => organisation: OrganisationId,
        /// Who asks.
        3 => key: VerifyingKey,
        /// Only what came after this number.
        4 => after: u64,
        /// How many seconds it may take.
        5 => patience: u64,
        /// What is taken care of.
        6 => done: Vec<u64>,
    }
}

record! {
    /// The right to write to an organisation, for one identity.
    pub struct Ticket {
        /// To whom.
        1 => organisation: OrganisationId,
        /// Which ticket.
        2 => id: TicketId,
        /// Whoever has its seed has the ticket.
        3 => key: VerifyingKey,
        /// Since when.
        4 => made: Time,
        /// Until when it may be used for the first time.
        5 => expires: Time,
    }
}

words! {
    /// What became of a parcel.
    pub enum ParcelState {
        /// It waits.
        1 => Uploaded = "uploaded",
        /// Its reader had the bytes.
        2 => Fetched = "fetched",
        /// Its reader opened it.
        3 => Acknowledged = "acknowledged",
        /// Its time is over.
        4 => Expired = "expired",
        /// It was taken back.
        5 => Withdrawn = "withdrawn",
    }
}

record! {
    /// A parcel, as members are told of it.
    #[derive(Copy)]
    pub struct Parcel {
        /// Which envelope.
        1 => cti: Cti,
        /// What became of it.
        2 => state: ParcelState,
        /// When.
        3 => at: Time,
        /// When its reader first had the bytes, if ever; its end does not undo that.
        4 => fetched?: Time,
    }
}

words! {
    /// What had become of a parcel that is withdrawn.
    pub enum Outcome {
        /// Nobody ever had a byte of it.
        1 => Withdrawn = "withdrawn",
        /// Its reader had it; nobody will again.
        2 => Fetched = "fetched",
        /// Its reader had opened it.
        3 => Acknowledged = "acknowledged",
        /// It was over.
        4 => Expired = "expired",
    }
}

record! {
    /// The answer to a withdrawal.
    #[derive(Copy)]
    pub struct Withdrawn {
        /// What had become of it.
        1 => outcome: Outcome,
        /// When.
        2 => at?: Time,
    }
}

record! {
    /// A letter that waits.
    pub struct Waiting {
        /// Its number in this mailbox.
        1 => number: u64,
        /// When it came.
        2 => came: Time,
        /// The letter.
        3 => letter: Blob,
    }
}

record! {
    /// The answer to a poll.
    pub struct Mail {
        /// Letters, in the order of their numbers.
        1 => letters: Vec<Waiting>,
        /// Parcels, told to members only.
        2 => parcels: Vec<Parcel>,
    }
}

/// Acts of members: certified documents.
macro_rules! certified {
    ($($body:ident $kind:ident;)*) => {$(
        impl $body {
            /// The signed document.
            pub fn sign(&self, certificate: &[u8], key: &SigningKey) -> Vec<u8> {
                sign_certified(Kind::$kind, self, certificate, key)
            }

            /// Reads one by a member under this root, whose certificate is given back to be judged.
            pub fn verify(document: &[u8], root: &Root) -> Result<(Verified<Self>, Certificate), Rejected> {
                by_member(Kind::$kind, document, root)
            }
        }
    )*};
}

certified! {
    Upload Upload;
    Withdraw Withdraw;
    Dispatch Dispatch;
    Removal Removal;
}

fn by_member<T: for<'a> Decode<'a>>(
    kind: Kind,
    document: &[u8],
    root: &Root,
) -> Result<(Verified<T>, Certificate), Rejected> {
    let unverified = Unverified1::parse(kind, document)?;
    let certificate =
        Certificate::verify(unverified.certificate().ok_or(Rejected::WrongHeaders)?, root)?.body;
    let body = unverified.verify(&certificate.key())?.read()?;
    Ok((body, certificate))
}

impl PickUp {
    /// By one of the two keys.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::PickUp, self, key)
    }

    /// Two documents that say the same: one by the identity they name, one by the pick-up key of the parcel.
    pub fn verify(by_identity: &[u8], by_pick_up: &[u8], pick_up: &VerifyingKey) -> Result<Self, Rejected> {
        let named = Self::read(by_identity)?;
        let other: Verified<Self> = open_plain(Kind::PickUp, by_pick_up, pick_up)?;
        if named == other.body { Ok(named) } else { Err(Rejected::BadContent) }
    }

    /// By the identity it names alone: enough to look for the parcel, not to have it.
    pub fn read(by_identity: &[u8]) -> Result<Self, Rejected> {
        let unverified = Unverified1::parse(Kind::PickUp, by_identity)?;
        let named: Self = crate::decode(unverified.unverified_payload())?;
        unverified.verify(&named.identity)?;
        let acknowledges = named.act == PickUpAct::Acknowledge;
        if named.letter.is_some() == acknowledges { Ok(named) } else { Err(Rejected::BadContent) }
    }
}

impl Post {
    /// By the identity, or by the ticket's key.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::Post, self, key)
    }

    /// By the identity it names.
    pub fn verify(document: &[u8]) -> Result<Self, Rejected> {
        let unverified = Unverified1::parse(Kind::Post, document)?;
        let named: Self = crate::decode(unverified.unverified_payload())?;
        unverified.verify(&named.identity)?;
        Ok(named)
    }

    /// The same once more, by the key of the ticket it names.
    pub fn verify_ticket(&self, document: &[u8], ticket: &Ticket) -> Result<(), Rejected> {
        let again: Verified<Self> = open_plain(Kind::Post, document, &ticket.key)?;
        let same =
            again.body == *self && self.ticket == Some(ticket.id) && self.organisation == ticket.organisation;
        if same { Ok(()) } else { Err(Rejected::BadContent) }
    }
}

impl Poll {
    /// By the key it names.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::Poll, self, key)
    }

    /// By the key it names.
    pub fn verify(document: &[u8]) -> Result<Self, Rejected> {
        let unverified = Unverified1::parse(Kind::Poll, document)?;
        let named: Self = crate::decode(unverified.unverified_payload())?;
        unverified.verify(&named.key)?;
        let rising = named.done.windows(2).all(|pair| pair[0] < pair[1]);
        let fits = named.patience <= PATIENCE && named.done.len() <= DONE;
        if rising && fits { Ok(named) } else { Err(Rejected::BadContent) }
    }
}

impl Ticket {
    /// The signed document.
    pub fn sign(&self, certificate: &[u8], key: &SigningKey) -> Vec<u8> {
        sign_certified(Kind::Ticket, self, certificate, key)
    }

    /// Reads one by a member under this root who may speak for the organisation and was certified when it was made.
    /// Whether it is over is for whoever knows the time.
    pub fn verify(document: &[u8], root: &Root) -> Result<Self, Rejected> {
        let (Verified { body: ticket, .. }, certificate) = by_member::<Self>(Kind::Ticket, document, root)?;
        if ticket.organisation != root.organisation {
            return Err(Rejected::WrongOrganisation);
        }
        if ![Right::Vet, Right::Approve, Right::Admin].iter().any(|right| certificate.may(*right)) {
            return Err(Rejected::WrongKey);
        }
        let lasting = ticket.expires.since(ticket.made);
        let in_time = certificate.valid_at(ticket.made) && lasting > 0 && lasting <= TICKET;
        if in_time { Ok(ticket) } else { Err(Rejected::WrongTime) }
    }
}
