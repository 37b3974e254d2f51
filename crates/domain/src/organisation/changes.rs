//! Everything two admins must sign.

use countersign_documents::{
    Blob, Digest, Rejected, VerifyingKey,
    card::Card,
    certificate::{Certificate, Right},
    cose::Cosignature,
    decode,
    id::PersonId,
    identity::IdentityCard,
};

use crate::{
    event::{Admission, Change, Confirmed, Dropped, Proposed},
    refusal::Refusal,
    state::{Context, KnownIssuer, Member, Pending, State},
    stopping::STOPPERS,
};

impl State {
    pub(crate) fn check_proposed(&self, ctx: &Context, event: &Proposed) -> Result<(), Refusal> {
        let admin = self.actor_with(ctx, &[Right::Admin])?;
        if self.pending.contains_key(&event.id) {
            return Err(Refusal::AlreadyThere);
        }
        self.check_change(admin, &event.change, &event.signature)?;
        self.check_heard(admin.person, &event.change)
    }

    /// What holds for a change whoever signs it, first or second, and for the part this admin gives.
    fn check_change(&self, admin: &Member, change: &Change, signature: &Option<Blob>) -> Result<(), Refusal> {
        match change {
            Change::Admission(admission) => {
                self.check_admission(admission)?;
                let key = self.certifying_key(admin.person)?;
                check_part(signature, |s| Certificate::verify_part(&admission.certificate.0, s, key))
            }
            Change::Card(payload) => {
                self.check_card(payload)?;
                if !admin.stands {
                    return Err(Refusal::CertificateOutdated);
                }
                check_part(signature, |s| Card::verify_part(&payload.0, s, &admin.certificate.0, &admin.key))
            }
            Change::Policy(policy) => {
                policy.check().map_err(|_| Refusal::BadChange)?;
                in_order(policy.version, self.policy().version)?;
                none(signature)
            }
            Change::Catalogue(catalogue) => {
                catalogue.check().map_err(|_| Refusal::BadChange)?;
                in_order(catalogue.version, self.catalogue.as_ref().map_or(0, |c| c.version))?;
                none(signature)
            }
            Change::Issuer(terms) if !terms.is_sound() => Err(Refusal::BadChange),
            Change::Issuer(_) => none(signature),
            Change::Suspension(suspended) => {
                self.check_suspendable(suspended)?;
                none(signature)
            }
        }
    }

    fn check_admission(&self, admission: &Admission) -> Result<Certificate, Refusal> {
        let trust = self.trust()?;
        let certificate: Certificate = decode(&admission.certificate.0).map_err(|_| Refusal::BadChange)?;
        certificate.check(trust.root.organisation).map_err(|_| Refusal::BadChange)?;
        let subject = &certificate.subject;
        if !self.vouched(&certificate, &admission.identity)? {
            return Err(Refusal::BadChange);
        }
        // A desk keeps its person for ever, and no key ever serves two members, two persons or the root as well.
        let moved = self
            .members
            .get(&subject.member)
            .is_some_and(|m| m.person != subject.person || m.agent != subject.agent.is_some());
        let keys = [certificate.key(), subject.checkpoint];
        let used = |m: &Member| {
            keys.contains(&m.key) || keys.contains(&m.checkpoint) || m.receiving == subject.receiving
        };
        let was = |key: Digest| self.certified.get(&key).is_some_and(|id| *id != subject.member);
        let replaced = keys.iter().any(|k| was(k.thumbprint())) || was(subject.receiving.thumbprint());
        let shared = replaced || self.members.values().any(|m| m.id != subject.member && used(m));
        let certifying = keys.iter().any(|k| self.certifying.contains(&k.thumbprint()));
        let agent_as_person =
            subject.agent.is_some() && self.members.values().any(|m| m.person == subject.person && !m.agent);
        let person_as_agent =
            subject.agent.is_none() && self.members.values().any(|m| m.person == subject.person && m.agent);
        if moved || shared || certifying || agent_as_person || person_as_agent || keys[0] == keys[1] {
            return Err(Refusal::BadChange);
        }
        Ok(certificate)
    }

    /// The joiner's own card vouches for the keys; without one, they must be the keys that member has already.
    fn vouched(&self, certificate: &Certificate, identity: &Blob) -> Result<bool, Refusal> {
        let subject = &certificate.subject;
        if identity.0.is_empty() {
            let member = self.members.get(&subject.member);
            return Ok(member.is_some_and(|m| {
                m.key == certificate.key()
                    && m.receiving == subject.receiving
                    && m.checkpoint == subject.checkpoint
            }));
        }
        let card = IdentityCard::verify(&identity.0).map_err(|_| Refusal::BadSignature)?.body;
        Ok(card.signing == certificate.key()
            && card.receiving == subject.receiving
            && card.checkpoint == Some(subject.checkpoint))
    }

    pub(super) fn certifying_key(&self, person: PersonId) -> Result<VerifyingKey, Refusal> {
        let certifiers = &self.trust()?.root.certifiers;
        certifiers.iter().find(|c| c.person == person).map(|c| c.key).ok_or(Refusal::NotACertifier)
    }

    fn check_card(&self, payload: &Blob) -> Result<Card, Refusal> {
        let trust = self.trust()?;
        let card: Card = decode(&payload.0).map_err(|_| Refusal::BadChange)?;
        card.check(trust).map_err(|_| Refusal::BadChange)?;
        in_order(card.version, self.card_version)?;
        let current = card.roots == trust.chain
            && self.receiving.get(&self.epoch) == Some(&card.receiving)
            && self.catalogue.as_ref() == Some(&card.catalogue)
            && self.name.as_ref() == Some(&card.name);
        if current { Ok(card) } else { Err(Refusal::BadChange) }
    }

    pub(crate) fn check_confirmed(&self, ctx: &Context, event: &Confirmed) -> Result<(), Refusal> {
        let pending = self.pending.get(&event.id);
        let suspension = matches!(pending.map(|p| &p.proposed.change), Some(Change::Suspension(_)));
        // Where two admins are all there are, the second voice against one of them must be somebody else's.
        let second = if suspension { STOPPERS } else { &[Right::Admin] };
        let admin = self.actor_with(ctx, second)?;
        if admin.agent {
            return Err(Refusal::MissingRight);
        }
        let pending = pending.ok_or(Refusal::NoSuchChange)?;
        if pending.person == admin.person || pending.member == admin.id {
            return Err(Refusal::SamePerson);
        }
        // Whoever proposed must still stand behind it: a suspended admin's half is worth nothing.
        let proposer = self.members.get(&pending.member).filter(|m| !m.suspended && m.may(Right::Admin));
        let proposer = proposer.ok_or(Refusal::SignerGone)?;
        let change = &pending.proposed.change;
        if change.digest() != event.change {
            return Err(Refusal::ChangeDiffers);
        }
        self.check_change(admin, change, &event.signature)?;
        // The policy may have become stricter since.
        self.check_heard(proposer.person, change)?;
        match change {
            // The proposer may have been certified anew since; then the joint document would not verify.
            Change::Card(payload) => check_part(&pending.proposed.signature, |s| {
                Card::verify_part(&payload.0, s, &proposer.certificate.0, &proposer.key)
            }),
            Change::Admission(_)
            | Change::Policy(_)
            | Change::Catalogue(_)
            | Change::Issuer(_)
            | Change::Suspension(_) => Ok(()),
        }
    }

    pub(crate) fn fold_proposed(&mut self, ctx: &Context, event: &Proposed) {
        if let Some(member) = self.member_by_key(&ctx.signer) {
            let pending =
                Pending { proposed: event.clone(), person: member.person, member: member.id, time: ctx.time };
            self.pending.insert(event.id, pending);
        }
    }

    pub(crate) fn fold_confirmed(&mut self, event: &Confirmed) -> Result<(), Refusal> {
        let pending = self.pending.remove(&event.id).ok_or(Refusal::NoSuchChange)?;
        let parts = || {
            [&pending.proposed.signature, &event.signature]
                .into_iter()
                .flatten()
                .map(|b| decode::<Cosignature>(&b.0).ok())
                .collect()
        };
        let parts: Option<Vec<Cosignature>> = parts();
        let parts = parts.ok_or(Refusal::BadSignature)?;
        match pending.proposed.change {
            Change::Admission(admission) => {
                let certificate = self.check_admission(&admission)?;
                let document = Certificate::join(&admission.certificate.0, parts);
                self.put_member(Member::of(&certificate, Blob(document), admission.name));
            }
            Change::Card(payload) => {
                self.card_version = self.check_card(&payload)?.version;
                self.card = Some(Blob(Card::join(&payload.0, parts)));
            }
            Change::Policy(policy) => self.policy = Some(policy),
            Change::Catalogue(catalogue) => self.catalogue = Some(catalogue),
            Change::Issuer(terms) => {
                drop(self.issuers.insert(terms.id.clone(), KnownIssuer { terms, stopped: false }))
            }
            Change::Suspension(suspended) => self.fold_suspended(&suspended),
        }
        Ok(())
    }

    pub(crate) fn check_dropped(&self, ctx: &Context, event: &Dropped) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        if self.pending.contains_key(&event.id) { Ok(()) } else { Err(Refusal::NoSuchChange) }
    }
}

fn check_part(
    signature: &Option<Blob>,
    verify: impl FnOnce(&Cosignature) -> Result<(), Rejected>,
) -> Result<(), Refusal> {
    let blob = signature.as_ref().ok_or(Refusal::BadSignature)?;
    let part = decode::<Cosignature>(&blob.0).map_err(|_| Refusal::BadSignature)?;
    verify(&part).map_err(|_| Refusal::BadSignature)
}

fn none(signature: &Option<Blob>) -> Result<(), Refusal> {
    if signature.is_none() { Ok(()) } else { Err(Refusal::BadChange) }
}

pub(super) fn in_order(version: u64, before: u64) -> Result<(), Refusal> {
    if version == before + 1 { Ok(()) } else { Err(Refusal::VersionOutOfOrder) }
}
