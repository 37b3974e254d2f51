//! Founding, members, and everything two admins must sign. One admin alone may only take away.

use countersign_documents::{
    Blob, Digest, Rejected, VerifyingKey,
    card::Card,
    certificate::{Certificate, Right},
    cose::Cosignature,
    decode,
    id::PersonId,
    identity::IdentityCard,
    root::Trust,
};

use crate::{
    event::{
        Admission, Change, Confirmed, Dropped, Founded, IssuerStopped, Keyring, KeysShared, Proposed, Shared,
        Suspended, Tightened, Wrap,
    },
    refusal::Refusal,
    state::{Context, KnownIssuer, Member, Pending, State},
};

impl State {
    pub(crate) fn check_founded(&self, ctx: &Context, event: &Founded) -> Result<(), Refusal> {
        if self.trust.is_some() || ctx.head.size != 0 {
            return Err(Refusal::AlreadyFounded);
        }
        let (_, members) = founders(event)?;
        let signed = members.iter().any(|m| m.key.thumbprint() == ctx.signer);
        if !signed || event.keyring.epoch != 1 || event.keyring.before.is_some() {
            return Err(Refusal::BadFounding);
        }
        check_wraps(&event.keyring.wraps, 1, &members.iter().collect::<Vec<_>>(), true)
    }

    pub(crate) fn fold_founded(&mut self, event: &Founded) -> Result<(), Refusal> {
        let (trust, members) = founders(event)?;
        self.trust = Some(trust);
        self.name = Some(event.name.clone());
        for member in members {
            self.put_member(member);
        }
        self.look_up = Some(event.keyring.look_up);
        self.fold_keyring(&event.keyring);
        Ok(())
    }

    fn put_member(&mut self, member: Member) {
        self.signing.retain(|_, id| *id != member.id);
        for key in [member.key.thumbprint(), member.checkpoint.thumbprint(), member.receiving.thumbprint()] {
            self.certified.entry(key).or_insert(member.id);
        }
        self.signing.insert(member.key.thumbprint(), member.id);
        self.members.insert(member.id, member);
    }

    pub(crate) fn check_proposed(&self, ctx: &Context, event: &Proposed) -> Result<(), Refusal> {
        let admin = self.actor_with(ctx, &[Right::Admin])?;
        if self.pending.contains_key(&event.id) {
            return Err(Refusal::AlreadyThere);
        }
        match &event.change {
            Change::Admission(admission) => {
                self.check_admission(admission)?;
                let key = self.certifying_key(admin.person)?;
                check_part(&event.signature, |s| Certificate::verify_part(&admission.certificate.0, s, key))
            }
            Change::Card(payload) => {
                self.check_card(payload)?;
                check_part(&event.signature, |s| {
                    Card::verify_part(&payload.0, s, &admin.certificate.0, &admin.key)
                })
            }
            Change::Policy(policy) => {
                policy.check().map_err(|_| Refusal::BadChange)?;
                in_order(policy.version, self.policy().version)?;
                none(&event.signature)
            }
            Change::Catalogue(catalogue) => {
                catalogue.check().map_err(|_| Refusal::BadChange)?;
                in_order(catalogue.version, self.catalogue.as_ref().map_or(0, |c| c.version))?;
                none(&event.signature)
            }
            Change::Issuer(terms) => {
                if !terms.is_sound() {
                    return Err(Refusal::BadChange);
                }
                none(&event.signature)
            }
        }
    }

    fn check_admission(&self, admission: &Admission) -> Result<(Certificate, IdentityCard), Refusal> {
        let trust = self.trust()?;
        let certificate: Certificate = decode(&admission.certificate.0).map_err(|_| Refusal::BadChange)?;
        certificate.check(trust.root.organisation).map_err(|_| Refusal::BadChange)?;
        let card = IdentityCard::verify(&admission.identity.0).map_err(|_| Refusal::BadSignature)?.body;
        let subject = &certificate.subject;
        let same = card.signing == certificate.key()
            && card.receiving == subject.receiving
            && card.checkpoint == Some(subject.checkpoint);
        if !same {
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
        let certifying = trust.root.certifiers.iter().any(|c| keys.contains(&c.key));
        let agent_as_person =
            subject.agent.is_some() && self.members.values().any(|m| m.person == subject.person && !m.agent);
        let person_as_agent =
            subject.agent.is_none() && self.members.values().any(|m| m.person == subject.person && m.agent);
        if moved || shared || certifying || agent_as_person || person_as_agent || keys[0] == keys[1] {
            return Err(Refusal::BadChange);
        }
        Ok((certificate, card))
    }

    fn certifying_key(&self, person: PersonId) -> Result<VerifyingKey, Refusal> {
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
        let admin = self.actor_with(ctx, &[Right::Admin])?;
        let pending = self.pending.get(&event.id).ok_or(Refusal::NoSuchChange)?;
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
        match change {
            Change::Admission(admission) => {
                self.check_admission(admission)?;
                let key = self.certifying_key(admin.person)?;
                check_part(&event.signature, |s| Certificate::verify_part(&admission.certificate.0, s, key))
            }
            Change::Card(payload) => {
                self.check_card(payload)?;
                check_part(&event.signature, |s| {
                    Card::verify_part(&payload.0, s, &admin.certificate.0, &admin.key)
                })?;
                // The proposer may have been certified anew since; then the joint document would not verify.
                check_part(&pending.proposed.signature, |s| {
                    Card::verify_part(&payload.0, s, &proposer.certificate.0, &proposer.key)
                })
            }
            Change::Policy(policy) => {
                in_order(policy.version, self.policy().version).and(none(&event.signature))
            }
            Change::Catalogue(catalogue) => {
                in_order(catalogue.version, self.catalogue.as_ref().map_or(0, |c| c.version))
                    .and(none(&event.signature))
            }
            Change::Issuer(_) => none(&event.signature),
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
                let (certificate, _) = self.check_admission(&admission)?;
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
        }
        Ok(())
    }

    pub(crate) fn check_dropped(&self, ctx: &Context, event: &Dropped) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        if self.pending.contains_key(&event.id) { Ok(()) } else { Err(Refusal::NoSuchChange) }
    }

    pub(crate) fn check_suspended(&self, ctx: &Context, event: &Suspended) -> Result<(), Refusal> {
        let admin = self.actor_with(ctx, &[Right::Admin])?;
        let member = self.members.get(&event.member).ok_or(Refusal::NoSuchMember)?;
        if member.id == admin.id {
            return Err(Refusal::NotYourself);
        }
        if member.suspended { Err(Refusal::AlreadyThere) } else { Ok(()) }
    }

    pub(crate) fn fold_suspended(&mut self, event: &Suspended) {
        if let Some(member) = self.members.get_mut(&event.member) {
            member.suspended = true;
        }
        // An admission that was half signed before would undo it with one more signature.
        let of = |a: &Admission| {
            decode::<Certificate>(&a.certificate.0).map(|c| c.subject.member) == Ok(event.member)
        };
        self.pending.retain(|_, p| !matches!(&p.proposed.change, Change::Admission(a) if of(a)));
    }

    pub(crate) fn check_tightened(&self, ctx: &Context, event: &Tightened) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        let before = self.policy();
        event.policy.check().map_err(|_| Refusal::BadChange)?;
        in_order(event.policy.version, before.version)?;
        if event.policy.only_tightens(&before) { Ok(()) } else { Err(Refusal::NotTighter) }
    }

    pub(crate) fn check_issuer_stopped(&self, ctx: &Context, event: &IssuerStopped) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        match self.issuers.get(&event.issuer) {
            None => Err(Refusal::UnknownIssuer),
            Some(issuer) if issuer.stopped => Err(Refusal::AlreadyThere),
            Some(_) => Ok(()),
        }
    }

    pub(crate) fn fold_issuer_stopped(&mut self, event: &IssuerStopped) {
        if let Some(issuer) = self.issuers.get_mut(&event.issuer) {
            issuer.stopped = true;
        }
        // Terms that were half signed before would start it again with one more signature.
        self.pending.retain(|_, p| !matches!(&p.proposed.change, Change::Issuer(t) if t.id == event.issuer));
    }

    /// Who may hold shared keys decides who may read: any member may pass on what it holds, to members only.
    /// An auditor holds less than others need, and changes nothing.
    pub(crate) fn check_shared(&self, ctx: &Context, event: &KeysShared) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Vet, Right::Approve, Right::Issue, Right::Admin])?;
        let Some(first) = event.wraps.first() else { return Err(Refusal::BadKeyring) };
        let member = self.members.get(&first.member).filter(|m| !m.suspended).ok_or(Refusal::NoSuchMember)?;
        check_wraps(&event.wraps, self.epoch, &[member], true)
    }

    pub(crate) fn fold_wraps(&mut self, wraps: &[Wrap]) {
        for wrap in wraps {
            let known = self.wraps.entry(wrap.member).or_default();
            known.retain(|w| (w.shared, w.generation) != (wrap.shared, wrap.generation));
            known.push(wrap.clone());
        }
    }

    pub(crate) fn check_rekeyed(&self, ctx: &Context, event: &Keyring) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        let next =
            event.epoch == self.epoch + 1 && event.before.is_some() && Some(event.look_up) == self.look_up;
        let fresh = !self.receiving.values().any(|k| *k == event.receiving)
            && !self.ledger_keys.values().any(|k| *k == event.ledger);
        if !next || !fresh {
            return Err(Refusal::BadKeyring);
        }
        // The look-up key stays, so nobody needs it anew.
        check_wraps(&event.wraps, event.epoch, &self.active().collect::<Vec<_>>(), false)
    }

    pub(crate) fn fold_keyring(&mut self, keyring: &Keyring) {
        self.epoch = keyring.epoch;
        self.ledger_keys.insert(keyring.epoch, keyring.ledger);
        self.receiving.insert(keyring.epoch, keyring.receiving);
        if let Some(before) = &keyring.before {
            self.older_keys.insert(keyring.epoch, before.clone());
        }
        self.fold_wraps(&keyring.wraps);
    }
}

/// Which shared keys a member needs: everybody reads the ledger; auditors get nothing else.
pub fn due(member: &Member, with_look_up: bool) -> Vec<Shared> {
    let mut due = vec![Shared::Ledger];
    if member.rights.as_slice() != [Right::Audit] {
        if with_look_up {
            due.push(Shared::LookUp);
        }
        due.push(Shared::Receiving);
    }
    due
}

/// Exactly the keys that are due, to exactly these members.
fn check_wraps(wraps: &[Wrap], epoch: u64, members: &[&Member], with_look_up: bool) -> Result<(), Refusal> {
    let mut wanted = Vec::new();
    for member in members {
        for shared in due(member, with_look_up) {
            wanted.push((member.id, shared, if shared == Shared::LookUp { 1 } else { epoch }));
        }
    }
    let mut given: Vec<_> = wraps.iter().map(|w| (w.member, w.shared, w.generation)).collect();
    wanted.sort_unstable();
    given.sort_unstable();
    if wanted == given { Ok(()) } else { Err(Refusal::BadKeyring) }
}

fn founders(event: &Founded) -> Result<(Trust, Vec<Member>), Refusal> {
    let trust = Trust::follow(std::slice::from_ref(&event.root), None).map_err(|_| Refusal::BadFounding)?;
    let mut members: Vec<Member> = Vec::new();
    for (document, name) in event.certificates.iter().zip(&event.names) {
        let certificate =
            Certificate::verify(&document.0, &trust.root).map_err(|_| Refusal::BadFounding)?.body;
        let member = Member::of(&certificate, document.clone(), *name);
        let again = |m: &Member| {
            m.person == member.person
                || m.id == member.id
                || m.key == member.key
                || m.receiving == member.receiving
                || m.checkpoint == member.checkpoint
        };
        let certifies = trust.root.certifiers.iter().any(|c| c.person == member.person);
        let separate =
            trust.root.certifiers.iter().all(|c| c.key != member.key && c.key != member.checkpoint);
        if members.iter().any(again) || !certifies || !separate || !member.may(Right::Admin) || member.agent {
            return Err(Refusal::BadFounding);
        }
        members.push(member);
    }
    let complete = members.len() == trust.root.certifiers.len()
        && event.certificates.len() == members.len()
        && event.names.len() == members.len();
    if complete { Ok((trust, members)) } else { Err(Refusal::BadFounding) }
}

impl Member {
    /// What a certificate makes of its subject.
    pub fn of(certificate: &Certificate, document: Blob, name: Digest) -> Self {
        let subject = &certificate.subject;
        Self {
            person: subject.person,
            id: subject.member,
            rights: subject.rights.clone(),
            agent: subject.agent.is_some(),
            key: certificate.key(),
            receiving: subject.receiving,
            checkpoint: subject.checkpoint,
            certificate: document,
            expires: certificate.expires,
            name,
            suspended: false,
        }
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

fn in_order(version: u64, before: u64) -> Result<(), Refusal> {
    if version == before + 1 { Ok(()) } else { Err(Refusal::VersionOutOfOrder) }
}
