//! Whether what people signed still stands: signers, the ground they signed on, how many there must be.

use countersign_documents::{Time, certificate::Right, grant::Grant};

use crate::{
    drafts::quorum,
    refusal::Refusal,
    state::{Exchange, ExchangeState, KeyState, Recorded, Signed, State},
};

impl State {
    /// Whether what was signed still leads to a key, now: else the request has to be vetted anew. Where a key was begun, it is
    /// finished or abandoned first.
    pub fn signatures_hold(&self, exchange: &Exchange, now: Time) -> Result<(), Refusal> {
        let begun = |id| self.keys.get(id).is_some_and(|key| key.state != KeyState::Abandoned);
        let signed = match &exchange.signed {
            Some(signed) if !exchange.keys.iter().any(begun) => signed,
            _ => return Ok(()),
        };
        match exchange.state {
            ExchangeState::Countersigned => self.check_still_good(signed, now),
            ExchangeState::Vetted => {
                self.check_ground(&signed.grant).and_then(|()| self.check_signers_stand(signed))
            }
            ExchangeState::Received
            | ExchangeState::ChangesAsked
            | ExchangeState::Issued
            | ExchangeState::Declined
            | ExchangeState::Withdrawn => Ok(()),
        }
    }

    /// Policy, catalogue and issuer are still those the first signer saw.
    pub(crate) fn check_ground(&self, grant: &Grant) -> Result<(), Refusal> {
        let catalogue = self.catalogue.as_ref().map(|c| c.digest());
        let issuer = self.issuers.get(&grant.issuer).filter(|i| !i.stopped).map(|i| i.terms.digest());
        let same = self.policy().digest() == grant.policy
            && catalogue == Some(grant.catalogue)
            && issuer == Some(grant.issuer_terms);
        if same { Ok(()) } else { Err(Refusal::GroundChanged) }
    }

    /// How many persons must sign this grant here and now; nothing where the catalogue no longer has its place.
    pub(crate) fn quorum_of(&self, grant: &Grant) -> Option<u64> {
        let service = self.catalogue.as_ref()?.service(&grant.service)?;
        service.environment(&grant.environment).map(|e| quorum(&self.policy(), e.class, grant))
    }

    /// Everybody who signed may still sign.
    pub(crate) fn check_signers_stand(&self, signed: &Signed) -> Result<(), Refusal> {
        let stands = |(i, a): (usize, &Recorded)| {
            let right = if i == 0 { Right::Vet } else { Right::Approve };
            let member = self.members.get(&a.member);
            member.is_some_and(|m| {
                !m.suspended && m.may(right) && m.key.thumbprint() == a.key && m.person == a.person
            })
        };
        if signed.approvals.iter().enumerate().all(stands) { Ok(()) } else { Err(Refusal::SignerGone) }
    }
}
