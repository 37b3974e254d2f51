//! An order: stop keys now. It is acted on first and recorded after.

use crate::{
    Head,
    cose::{Rejected, Unverified1, Verified, sign_plain},
    id::{KeyId, OrderId, OrganisationId},
    keys::{SigningKey, VerifyingKey},
    kind::Kind,
    time::Time,
};

words! {
    /// What is ordered.
    pub enum Act {
        /// Switch off, reversibly.
        1 => Disable = "disable",
        /// Remove for good.
        2 => Revoke = "revoke",
    }
}

words! {
    /// Why.
    pub enum Reason {
        /// The key was seen where it should not be.
        1 => Leaked = "leaked",
        /// The partner asked for it.
        2 => PartnerAsked = "partner-asked",
        /// The work is over.
        3 => Ended = "ended",
        /// Another key took its place.
        4 => Replaced = "replaced",
        /// It was issued by mistake.
        5 => Mistake = "mistake",
        /// Something looks wrong and is being looked into.
        6 => Precaution = "precaution",
    }
}

record! {
    /// An order.
    pub struct Order {
        /// Its id.
        1 => id: OrderId,
        /// Whose keys.
        2 => organisation: OrganisationId,
        /// What.
        3 => act: Act,
        /// Which, in rising order.
        4 => keys: Vec<KeyId>,
        /// Why.
        5 => reason: Reason,
        /// When.
        6 => issued: Time,
        /// The newest head the ordering desk had verified.
        7 => head: Head,
    }
}

impl Order {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::Order, self, key)
    }

    /// Reads an order by a member's key.
    pub fn verify(document: &[u8], key: &VerifyingKey) -> Result<Verified<Self>, Rejected> {
        let order: Verified<Self> = Unverified1::parse(Kind::Order, document)?.verify(key)?.read()?;
        let rising = order.body.keys.windows(2).all(|w| w[0] < w[1]);
        if order.body.keys.is_empty() || !rising { Err(Rejected::BadContent) } else { Ok(order) }
    }
}
