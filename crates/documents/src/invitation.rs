//! What travels as several byte strings in one: invitations, and the bodies of a relay.

use crate::{
    Writer,
    card::{Card, VerifiedCard},
    cbor::{DOCUMENT_LIMIT, Malformed, Reader},
    cose::Rejected,
    digest::Digest,
    keys::SigningKey,
    relay::Ticket,
    secret::Secret32,
    time::Time,
};

/// What a partner is handed: the card, and the right to answer through the relay. Has a secret in it, so it is neither
/// shown nor copied.
pub struct Invitation {
    /// The organisation's card, a complete document.
    pub card: Vec<u8>,
    /// The ticket, a complete document.
    pub ticket: Vec<u8>,
    /// Seed of the ticket's key.
    pub seed: Secret32,
}

impl Invitation {
    /// Its bytes.
    pub fn to_bytes(&self) -> zeroize::Zeroizing<Vec<u8>> {
        let parts: [&[u8]; 3] = [&self.card, &self.ticket, self.seed.expose()];
        zeroize::Zeroizing::new(pack(&parts))
    }

    /// Reads one; its parts are not judged yet. `None` where the bytes are something else.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let parts = unpack(bytes, 2 * DOCUMENT_LIMIT + 64).ok()?;
        let [card, ticket, seed] = parts.as_slice() else { return None };
        Some(Self { card: card.to_vec(), ticket: ticket.to_vec(), seed: Secret32::from_slice(seed)? })
    }

    /// Judges its parts: the card, under the root that is pinned where one is, with a relay on it; a ticket by a member under
    /// that root, which is not over; the seed of the ticket's key.
    pub fn verify(&self, pinned: Option<Digest>, now: Time) -> Result<(VerifiedCard, Ticket), Rejected> {
        let card = Card::verify(&self.card, pinned, now)?;
        let ticket = self.check_ticket(&card, now)?;
        Ok((card, ticket))
    }

    /// The same where the card was judged before.
    pub fn check_ticket(&self, card: &VerifiedCard, now: Time) -> Result<Ticket, Rejected> {
        let ticket = Ticket::verify(&self.ticket, &card.trust.root)?;
        if SigningKey::from_seed(&self.seed).public() != ticket.key {
            return Err(Rejected::WrongKey);
        }
        if card.card.relay.is_none() {
            return Err(Rejected::BadContent);
        }
        if now < ticket.expires { Ok(ticket) } else { Err(Rejected::WrongTime) }
    }
}

/// Several documents as one body: an array of byte strings.
pub fn pack(parts: &[&[u8]]) -> Vec<u8> {
    let mut w = Writer::with_capacity(parts.iter().map(|part| part.len() + 9).sum::<usize>() + 9);
    w.array(parts.len());
    for part in parts {
        w.bytes(part);
    }
    w.finish()
}

/// The parts of a body of at most `limit` bytes: one to four.
pub fn unpack(body: &[u8], limit: usize) -> Result<Vec<&[u8]>, Malformed> {
    if body.len() > limit {
        return Err(Malformed::TooLarge);
    }
    let mut r = Reader::new(body);
    let len = r.array()?;
    if !(1..=4).contains(&len) {
        return Err(Malformed::OutOfRange);
    }
    let parts = (0..len).map(|_| r.bytes()).collect::<Result<_, _>>()?;
    r.end()?;
    Ok(parts)
}
