//! Whose fingerprints members compared among themselves, and how. Partners' identities are compared in `exchange`.

use countersign_documents::{
    Digest, Time,
    certificate::{Certificate, Right},
    decode,
    grant::IdentityCheck,
    id::PersonId,
};

use crate::{
    event::{Change, MemberChecked},
    refusal::Refusal,
    state::{Context, State},
};

impl MemberChecked {
    /// What can be judged without the record: an entry by this key, at this time.
    pub fn stands_alone(&self, signer: &Digest, time: Time) -> Result<(), Refusal> {
        if self.check.time > time {
            return Err(Refusal::BadComparison);
        }
        if self.identity == *signer { Err(Refusal::OwnIdentity) } else { Ok(()) }
    }
}

impl State {
    /// Admins compare members, and whoever is to become one. What every member compared, an auditor and an agent too, is
    /// the organisation it joined.
    pub(crate) fn check_member_checked(&self, ctx: &Context, event: &MemberChecked) -> Result<(), Refusal> {
        let trust = self.trust()?;
        let organisation = event.identity == trust.pinned || trust.before.contains(&event.identity);
        let actor =
            if organisation { self.actor(&ctx.signer)? } else { self.actor_with(ctx, &[Right::Admin])? };
        event.stands_alone(&ctx.signer, ctx.time)?;
        if event.check.person != actor.person {
            return Err(Refusal::BadComparison);
        }
        let own = |id| self.members.get(id).is_some_and(|m| m.person == actor.person);
        if self.signing.get(&event.identity).is_some_and(own) { Err(Refusal::OwnIdentity) } else { Ok(()) }
    }

    pub(crate) fn fold_member_checked(&mut self, event: &MemberChecked) {
        self.compared.entry(event.identity).or_default().push(event.check.clone());
    }

    /// Whoever proposes a new identity for a member has heard it. A member who keeps the identity was heard before.
    pub(super) fn check_heard(&self, proposer: PersonId, change: &Change) -> Result<(), Refusal> {
        match self.admitted(change) {
            Some(identity) if !self.heard(proposer, &identity) => Err(Refusal::MemberUnchecked),
            Some(_) | None => Ok(()),
        }
    }

    /// Whom this change makes a member; nobody where a member keeps the identity it has, or it changes something else.
    pub fn admitted(&self, change: &Change) -> Option<Digest> {
        let Change::Admission(admission) = change else { return None };
        let certificate: Certificate = decode(&admission.certificate.0).ok()?;
        let key = certificate.key();
        let keeps = self.members.get(&certificate.subject.member).is_some_and(|m| m.key == key);
        (!keeps).then(|| key.thumbprint())
    }

    /// Whether a comparison by this person is on the record that the policy accepts.
    pub fn heard(&self, by: PersonId, identity: &Digest) -> bool {
        let unattended = self.policy().unattended.0;
        self.comparisons(identity).iter().any(|c| c.person == by && (c.attended.0 || unattended))
    }

    /// Who compared this identity, or the organisation where it is the digest of the root that its fingerprint is of.
    pub fn comparisons(&self, identity: &Digest) -> &[IdentityCheck] {
        self.compared.get(identity).map_or(&[], Vec::as_slice)
    }

    /// Which founders have not compared each other, on the record and so that the policy accepts it: who, and whom.
    pub fn unheard_founders(&self) -> Vec<(PersonId, PersonId)> {
        let pairs = self.founders.iter().flat_map(|by| self.founders.iter().map(move |of| (by, of)));
        let unheard = pairs.filter(|(by, of)| by.0 != of.0 && !self.heard(by.0, &of.1));
        unheard.map(|(by, of)| (by.0, of.0)).collect()
    }
}
