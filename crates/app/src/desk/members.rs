//! Members: joining, certificates and their renewal.

use countersign_documents::{
    Blob,
    certificate::{Certificate, Confirmation, LONGEST, Membership, OrganisationText, Right, name_digest},
    id::{ChangeId, MemberId, PersonId},
    identity::IdentityCard,
    text::Line,
};
use countersign_domain::{
    Change, Event, Refusal,
    event::{Admission, Proposed},
};

use super::{Desk, Heard, Recorded, blobs::NameBlob};
use crate::{
    error::{Error, Result},
    random::{make_bytes, now},
};

/// Who is to become a member, and with which rights.
pub struct MemberOffer<'a> {
    /// The joiner's identity card.
    pub card: &'a [u8],
    /// What was heard when the joiner read its fingerprint, and how.
    pub heard: Heard<'a>,
    /// What it may do.
    pub rights: Vec<Right>,
    /// The person, where this is a further desk of one.
    pub person: Option<PersonId>,
    /// Whether it is an agent.
    pub agent: bool,
}

impl Desk {
    /// Proposes a member whose fingerprint this admin has typed, and puts on the record that it was heard.
    pub async fn propose_member(&mut self, offer: MemberOffer<'_>) -> Result<ChangeId> {
        let card = IdentityCard::verify(offer.card).map_err(Error::rejected("identity card"))?.body;
        let comparison = offer.heard.compare(card.signing.thumbprint(), now(&*self.ports.clock)?)?;
        let person = match offer.person {
            Some(person) if self.state.members.values().any(|m| m.person == person) => person,
            Some(_) => return Err(Refusal::NoSuchMember.into()),
            None => PersonId(make_bytes(&*self.ports.entropy)?),
        };
        let member = MemberId(make_bytes(&*self.ports.entropy)?);
        let (change, signature) =
            self.draw_up_admission(card, offer.card, person, member, offer.rights, offer.agent).await?;
        // What would be refused whoever was heard is refused before anything is put on the record.
        let accepted = offer.heard.attended || self.state.policy().unattended.0;
        let probe = Proposed { id: ChangeId([0; 16]), change: change.clone(), signature: signature.clone() };
        match self.state.check(&self.context()?, &Event::Proposed(probe)) {
            Ok(()) => {}
            Err(Refusal::MemberUnchecked) if accepted => {}
            Err(refusal) => return Err(refusal.into()),
        }
        self.record_comparison(&comparison).await?;
        self.propose(change, signature).await
    }

    /// Compares a member's fingerprint again, and puts that on the record.
    pub async fn check_member(&mut self, id: MemberId, heard: Heard<'_>) -> Result<Recorded> {
        let identity = self.state.members.get(&id).ok_or(Refusal::NoSuchMember)?.key.thumbprint();
        let comparison = heard.compare(identity, now(&*self.ports.clock)?)?;
        self.record_comparison(&comparison).await
    }

    /// Proposes to certify a member anew: for a further 90 days, with these rights.
    pub async fn propose_renewal(
        &mut self,
        id: MemberId,
        rights: Option<Vec<Right>>,
        card: Option<&[u8]>,
    ) -> Result<ChangeId> {
        let member = self.state.members.get(&id).cloned().ok_or(Refusal::NoSuchMember)?;
        let (card, document) = match card {
            Some(card) => {
                let read = IdentityCard::verify(card).map_err(Error::rejected("identity card"))?.body;
                if read.signing != member.key {
                    return Err(Error::Value("The identity card is another identity's than that member's."));
                }
                (read, card.to_vec())
            }
            // A member who keeps all keys has nothing to vouch for anew.
            None => {
                let card = IdentityCard {
                    signing: member.key,
                    receiving: member.receiving,
                    made: now(&*self.ports.clock)?,
                    checkpoint: Some(member.checkpoint),
                    name: Some(self.name_blob(member.name).await?.name),
                };
                (card, Vec::new())
            }
        };
        let rights = rights.unwrap_or(member.rights);
        let (change, signature) =
            self.draw_up_admission(card, &document, member.person, member.id, rights, member.agent).await?;
        self.propose(change, signature).await
    }

    /// The certificate to be proposed, and this admin's half of it.
    async fn draw_up_admission(
        &mut self,
        card: IdentityCard,
        document: &[u8],
        person: PersonId,
        member: MemberId,
        mut rights: Vec<Right>,
        agent: bool,
    ) -> Result<(Change, Option<Blob>)> {
        rights.sort_unstable();
        rights.dedup();
        let issued = now(&*self.ports.clock)?;
        // Whoever only goes on with the keys and the name it has was looked at when it came.
        if !document.is_empty() {
            card.name.as_ref().map_or(Ok(()), Line::check_scripts).map_err(Error::text("name"))?;
        }
        let name = NameBlob {
            salt: make_bytes(&*self.ports.entropy)?,
            name: card
                .name
                .clone()
                .ok_or(Error::Value("This identity card is a partner's: it has no name on it."))?,
        };
        let certificate = Certificate {
            issuer: OrganisationText(self.organisation),
            expires: issued.plus(LONGEST),
            issued,
            confirms: Confirmation(card.signing),
            subject: Membership {
                person,
                member,
                rights,
                receiving: card.receiving,
                checkpoint: card
                    .checkpoint
                    .ok_or(Error::Value("This identity card is a partner's: it has no checkpoint key."))?,
                name: name_digest(&name.salt, &name.name),
                agent: agent.then_some(1),
            },
        };
        let fits = certificate.check(self.organisation);
        fits.map_err(|_| {
            Error::Value(
                "These rights do not go together: an auditor has no other right, an agent only 'issue'.",
            )
        })?;
        let payload = certificate.payload();
        let signature = self.certify(&payload).await?;
        let admission = Admission {
            certificate: Blob(payload),
            identity: Blob(document.to_vec()),
            name: self.put_name(&name).await?,
        };
        Ok((Change::Admission(admission), Some(signature)))
    }
}
