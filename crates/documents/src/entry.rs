//! A ledger entry: one operation by one member, signed, before it is sealed into a leaf.

use crate::{
    Head,
    cbor::Blob,
    cose::{Rejected, Unverified1, Verified, sign_plain},
    digest::Digest,
    id::{OpId, OrganisationId},
    keys::{SigningKey, VerifyingKey},
    kind::Kind,
    time::Time,
};

record! {
    /// One operation.
    pub struct Entry {
        /// Unique in the log.
        1 => op_id: OpId,
        /// Whose log.
        2 => organisation: OrganisationId,
        /// The log this was decided on: exactly the rows before it.
        3 => head: Head,
        /// When, by the desk's clock.
        4 => time: Time,
        /// What happened: one event, encoded by `domain`.
        5 => event: Blob,
    }
}

impl Entry {
    /// The signed document.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        sign_plain(Kind::Entry, self, key)
    }

    /// Whose key an entry names; a hint for finding the member.
    pub fn signer(document: &[u8]) -> Result<Digest, Rejected> {
        Ok(Unverified1::parse(Kind::Entry, document)?.kid())
    }

    /// What an unverified entry says; for the founding entry, which names the members who can sign it.
    pub fn read_unverified(document: &[u8]) -> Result<Self, Rejected> {
        Ok(crate::decode(Unverified1::parse(Kind::Entry, document)?.unverified_payload())?)
    }

    /// Reads an entry by a member's key.
    pub fn verify(document: &[u8], key: &VerifyingKey) -> Result<Verified<Self>, Rejected> {
        Unverified1::parse(Kind::Entry, document)?.verify(key)?.read()
    }
}
