//! Two people from the first minute.

use countersign_documents::{
    Blob, Digest,
    certificate::{Certificate, Right},
    root::{Root, Trust},
};

use super::keyring::check_wraps;
use crate::{
    event::Founded,
    refusal::Refusal,
    state::{Context, Member, State},
};

impl State {
    pub(crate) fn check_founded(&self, ctx: &Context, event: &Founded) -> Result<(), Refusal> {
        if self.trust.is_some() || ctx.head.size != 0 {
            return Err(Refusal::AlreadyFounded);
        }
        let (_, members) = founders_of(event)?;
        let signed = members.iter().any(|m| m.key.thumbprint() == ctx.signer);
        if !signed || event.keyring.epoch != 1 || event.keyring.before.is_some() {
            return Err(Refusal::BadFounding);
        }
        check_wraps(&event.keyring.wraps, 1, &members.iter().collect::<Vec<_>>(), true)
    }

    pub(crate) fn fold_founded(&mut self, event: &Founded) -> Result<(), Refusal> {
        let (trust, members) = founders_of(event)?;
        self.certifying.extend(trust.root.certifiers.iter().map(|c| c.key.thumbprint()));
        self.trust = Some(trust);
        self.name = Some(event.name.clone());
        self.set_founders(&members);
        for member in members {
            self.put_member(member);
        }
        self.look_up = Some(event.keyring.look_up);
        self.fold_keyring(&event.keyring);
        Ok(())
    }

    pub(super) fn set_founders(&mut self, members: &[Member]) {
        self.founders = members.iter().map(|m| (m.person, m.key.thumbprint())).collect();
    }

    pub(super) fn put_member(&mut self, member: Member) {
        self.signing.retain(|_, id| *id != member.id);
        for key in [member.key.thumbprint(), member.checkpoint.thumbprint(), member.receiving.thumbprint()] {
            self.certified.entry(key).or_insert(member.id);
        }
        self.signing.insert(member.key.thumbprint(), member.id);
        self.members.insert(member.id, member);
    }
}

fn founders_of(event: &Founded) -> Result<(Trust, Vec<Member>), Refusal> {
    let trust = Trust::follow(std::slice::from_ref(&event.root), None).map_err(|_| Refusal::BadFounding)?;
    let members = certifiers(&trust.root, &event.certificates, &event.names).ok_or(Refusal::BadFounding)?;
    Ok((trust, members))
}

/// The members whom these certificates make of exactly the certifiers of a root: each an admin, each with keys of
/// its own. Nothing where they do not fit.
pub(super) fn certifiers(root: &Root, certificates: &[Blob], names: &[Digest]) -> Option<Vec<Member>> {
    let mut members: Vec<Member> = Vec::new();
    for (document, name) in certificates.iter().zip(names) {
        let certificate = Certificate::verify(&document.0, root).ok()?.body;
        let member = Member::of(&certificate, document.clone(), *name);
        let again = |m: &Member| {
            m.person == member.person
                || m.id == member.id
                || m.key == member.key
                || m.receiving == member.receiving
                || m.checkpoint == member.checkpoint
        };
        let certifies = root.certifiers.iter().any(|c| c.person == member.person);
        let separate = root.certifiers.iter().all(|c| c.key != member.key && c.key != member.checkpoint);
        if members.iter().any(again) || !certifies || !separate || !member.may(Right::Admin) || member.agent {
            return None;
        }
        members.push(member);
    }
    let complete = members.len() == root.certifiers.len()
        && certificates.len() == members.len()
        && names.len() == members.len();
    complete.then_some(members)
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
            certified: certificate.issued,
            expires: certificate.expires,
            name,
            suspended: false,
            stands: true,
        }
    }
}
