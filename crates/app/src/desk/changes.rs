//! Whatever two admins must sign: one proposes, another confirms. One alone may only reduce.

use countersign_documents::{
    Blob, Digest,
    card::Card,
    catalogue::Catalogue,
    certificate::{Certificate, Right},
    encode,
    id::{ChangeId, KeyId, MemberId},
    policy::Policy,
    text::{Line, Slug},
};
use countersign_domain::{
    Change, Event, Refusal,
    event::{Confirmed, Dropped, IssuerStopped, IssuerTerms, Proposed, Suspended, Tightened},
};

use super::{Desk, Recorded};
use crate::{
    error::{Error, Result},
    random::make_bytes,
};

impl Desk {
    /// Proposes a policy; its version is set to the next one.
    pub async fn propose_policy(&mut self, mut policy: Policy) -> Result<ChangeId> {
        policy.version = self.state.policy().version + 1;
        policy.check()?;
        self.propose(Change::Policy(policy), None).await
    }

    /// Proposes a catalogue; its version is set to the next one.
    pub async fn propose_catalogue(&mut self, mut catalogue: Catalogue) -> Result<ChangeId> {
        catalogue.version = self.state.catalogue.as_ref().map_or(0, |c| c.version) + 1;
        catalogue.check()?;
        self.propose(Change::Catalogue(catalogue), None).await
    }

    /// Proposes an issuer, or new terms for one.
    pub async fn propose_issuer(&mut self, terms: IssuerTerms) -> Result<ChangeId> {
        if !terms.is_sound() {
            return Err(Error::Value(
                "A hash-file issuer needs a prefix and a file, a manual one needs instructions, and neither more.",
            ));
        }
        let relative = |place: &Line| !std::path::Path::new(place.as_str()).is_absolute();
        if terms.location.as_ref().is_some_and(relative) {
            return Err(Error::Value(
                "The location of a hash file begins with /: every desk and the gateway must mean the same file.",
            ));
        }
        // Found out under the first grant, it would be too late: both signatures name these very terms.
        let issuer = self.ports.issuers.connect(&terms).map_err(Error::IssuerNotThere)?;
        issuer.find(KeyId([0; 16])).await.map_err(Error::IssuerNotThere)?;
        self.propose(Change::Issuer(terms), None).await
    }

    pub(crate) async fn propose(&mut self, change: Change, signature: Option<Blob>) -> Result<ChangeId> {
        let id = ChangeId(make_bytes(&*self.ports.entropy)?);
        self.record(Event::Proposed(Proposed { id, change, signature })).await?;
        Ok(id)
    }

    /// Confirms exactly the change whose digest is given: what this admin was shown.
    pub async fn confirm(&mut self, id: ChangeId, shown: Digest) -> Result<Recorded> {
        let pending = self.state.pending.get(&id).ok_or(Refusal::NoSuchChange)?;
        if pending.proposed.change.digest() != shown {
            return Err(Refusal::ChangeDiffers.into());
        }
        if self.me()?.person == pending.person {
            return Err(Refusal::SamePerson.into());
        }
        let signature = match pending.proposed.change.clone() {
            Change::Admission(admission) => {
                // The desk that proposed may have been lax. A name that cannot be read deceives nobody.
                if let Ok(named) = self.name_blob(admission.name).await {
                    named.name.check_scripts().map_err(Error::text("name"))?;
                }
                Some(self.certify(&admission.certificate.0).await?)
            }
            Change::Card(payload) => Some(self.sign_card(&payload.0)?),
            Change::Policy(_) | Change::Catalogue(_) | Change::Issuer(_) | Change::Suspension(_) => None,
        };
        let suspends = matches!(pending.proposed.change, Change::Suspension(_));
        let card = matches!(pending.proposed.change, Change::Card(_));
        let admitted = match &pending.proposed.change {
            Change::Admission(admission) => Some(admission.certificate.clone()),
            Change::Policy(_)
            | Change::Catalogue(_)
            | Change::Issuer(_)
            | Change::Card(_)
            | Change::Suspension(_) => None,
        };
        let recorded = self.record(Event::Confirmed(Confirmed { id, change: shown, signature })).await?;
        if let Some(certificate) = admitted {
            self.share_with_admitted(&certificate.0).await?;
        }
        // Whoever is no admin leaves the new keys to one: `member rekey`.
        if suspends && self.me()?.may(Right::Admin) {
            self.rekey().await?;
        }
        if suspends || card {
            self.tell_relay().await.map_err(Error::after_record)?;
        }
        Ok(recorded)
    }

    /// A new member gets the shared keys at once; whoever has them already needs nothing.
    async fn share_with_admitted(&mut self, payload: &[u8]) -> Result<()> {
        let certificate: Certificate = countersign_documents::decode(payload)
            .map_err(|flaw| Error::Rejected { what: "certificate", why: flaw.into() })?;
        let member =
            self.state.members.get(&certificate.subject.member).cloned().ok_or(Refusal::NoSuchMember)?;
        self.share_keys(&member).await.map(|_| ())
    }

    /// Takes a change back, or turns it down.
    pub async fn drop_change(&mut self, id: ChangeId) -> Result<Recorded> {
        self.record(Event::Dropped(Dropped { id })).await
    }

    /// Tightens the policy alone; its version is set to the next one.
    pub async fn tighten(&mut self, mut policy: Policy) -> Result<Recorded> {
        policy.version = self.state.policy().version + 1;
        policy.check()?;
        self.record(Event::Tightened(Tightened { policy })).await
    }

    /// Stops an issuer alone: it makes no new keys.
    pub async fn stop_issuer(&mut self, issuer: Slug) -> Result<Recorded> {
        self.record(Event::IssuerStopped(IssuerStopped { issuer })).await
    }

    /// Suspends a member, then replaces the keys it knew.
    pub async fn suspend(&mut self, member: MemberId, why: &str) -> Result<Recorded> {
        let why = Line::parse(why).map_err(Error::text("why"))?;
        let recorded = self.record(Event::Suspended(Suspended { member, why })).await?;
        self.rekey().await?;
        self.tell_relay().await.map_err(Error::after_record)?;
        Ok(recorded)
    }

    /// Proposes to suspend a member where one admin may not: another person confirms.
    pub async fn propose_suspension(&mut self, member: MemberId, why: &str) -> Result<ChangeId> {
        let why = Line::parse(why).map_err(Error::text("why"))?;
        self.propose(Change::Suspension(Suspended { member, why }), None).await
    }

    /// This person's half of a certificate, by the key that the root in force names.
    pub(crate) async fn certify(&self, payload: &[u8]) -> Result<Blob> {
        self.settle_certifying().await?;
        let person = self.me()?.person;
        let certifiers = &self.state.trust()?.root.certifiers;
        let mine = certifiers.iter().find(|c| c.person == person).ok_or(Refusal::NotACertifier)?;
        let key = self.certifying_key(&mine.key).await?.ok_or(Refusal::NotACertifier)?;
        Ok(Blob(encode(&Certificate::cosign(payload, &key))))
    }

    /// This admin's half of a card.
    pub(crate) fn sign_card(&self, payload: &[u8]) -> Result<Blob> {
        let certificate = &self.me()?.certificate;
        Ok(Blob(encode(&Card::cosign(payload, &certificate.0, &self.own.signing))))
    }
}
