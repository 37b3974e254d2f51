//! The root: which keys certify. Two persons replace one key; the two offline keys replace them all.

use countersign_documents::{
    Blob, Digest, VerifyingKey,
    certificate::{Certificate, Right},
    cose::Cosignature,
    decode,
    id::PersonId,
    root::{Certifier, Root, Trust, successor},
};

use super::founding::certifiers;
use crate::{
    event::{CertifierOffered, Change, RootDropped, RootProposed, RootSigned, Succeeded},
    refusal::Refusal,
    state::{Context, Member, NextRoot, Offer, State},
    stopping::STOPPERS,
};

impl State {
    pub(crate) fn check_offered(&self, ctx: &Context, event: &CertifierOffered) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        let keys = [event.key.thumbprint(), event.offline.thumbprint()];
        let used = keys.iter().any(|k| self.certified.contains_key(k) || self.certifying.contains(k));
        if used || event.key == event.offline { Err(Refusal::KeyInUse) } else { Ok(()) }
    }

    pub(crate) fn fold_offered(&mut self, ctx: &Context, event: &CertifierOffered) {
        let Some((person, member)) = self.member_by_key(&ctx.signer).map(|m| (m.person, m.id)) else {
            return;
        };
        self.certifying.extend([event.key.thumbprint(), event.offline.thumbprint()]);
        let offer = Offer { member, key: event.key, offline: event.offline, time: ctx.time };
        self.offers.insert(person, offer);
    }

    pub(crate) fn check_root_proposed(&self, ctx: &Context, event: &RootProposed) -> Result<(), Refusal> {
        let admin = self.actor_with(ctx, &[Right::Admin])?;
        let standing = self.certifying_key(admin.person)?;
        if self.next_root.is_some() {
            return Err(Refusal::RootWaits);
        }
        if self.dropped_roots.contains(&Digest::of(&event.root.0)) {
            return Err(Refusal::AlreadyThere);
        }
        let next: Root = decode(&event.root.0).map_err(|_| Refusal::BadRoot)?;
        self.check_next_root(&next)?;
        let signed = self.check_root_parts(admin.person, &next, &event.root, &event.signatures, &[])?;
        if signed.contains(&standing.thumbprint()) { Ok(()) } else { Err(Refusal::BadSignature) }
    }

    /// Follows the root in force, changes something, and names only keys that stand or were offered.
    fn check_next_root(&self, next: &Root) -> Result<(), Refusal> {
        let trust = self.trust()?;
        next.check().and_then(|()| trust.root.follows(&trust.current, next)).map_err(|_| Refusal::BadRoot)?;
        let changed = next.certifiers != trust.root.certifiers || next.successor != trust.root.successor;
        if next.revealed.is_some() || !changed {
            return Err(Refusal::BadRoot);
        }
        if !next.certifiers.iter().all(|c| trust.root.certifiers.contains(c) || self.has_offered(c)) {
            return Err(Refusal::NotOffered);
        }
        let able = |c: &&Certifier| self.active().any(|m| m.person == c.person && m.may(Right::Admin));
        if next.certifiers.iter().filter(able).count() < 2 {
            return Err(Refusal::BadRoot);
        }
        if next.successor == trust.root.successor || self.offered_halves(next) {
            Ok(())
        } else {
            Err(Refusal::NotOffered)
        }
    }

    fn has_offered(&self, certifier: &Certifier) -> bool {
        let offer = self.offers.get(&certifier.person).filter(|o| o.key == certifier.key);
        let desk = offer.and_then(|o| self.members.get(&o.member));
        desk.is_some_and(|m| !m.suspended && m.may(Right::Admin) && m.person == certifier.person)
    }

    /// The offline keys it names are those that two different persons made.
    fn offered_halves(&self, next: &Root) -> bool {
        let halves: Vec<_> = self.offers.values().map(|o| o.offline).collect();
        let pair = |i: usize| halves[..i].iter().any(|a| successor(a, &halves[i]) == next.successor);
        (0..halves.len()).any(pair)
    }

    /// The keys of exactly this person under a root: nobody brings another person's signature.
    fn check_root_parts(
        &self,
        person: PersonId,
        next: &Root,
        payload: &Blob,
        parts: &[Blob],
        before: &[Blob],
    ) -> Result<Vec<Digest>, Refusal> {
        let keys = self.root_keys_of(person, next)?;
        let mut signed: Vec<Digest> = Vec::new();
        for part in parts {
            if before.contains(part) {
                return Err(Refusal::AlreadyThere);
            }
            let part: Cosignature = decode(&part.0).map_err(|_| Refusal::BadSignature)?;
            let key = keys.iter().find(|k| Root::verify_part(&payload.0, &part, k).is_ok());
            let key = key.ok_or(Refusal::BadSignature)?.thumbprint();
            if signed.contains(&key) {
                return Err(Refusal::AlreadyThere);
            }
            signed.push(key);
        }
        if signed.is_empty() { Err(Refusal::BadSignature) } else { Ok(signed) }
    }

    /// The keys by which this person counts under a root: the one that stands, the one that is to stand.
    pub fn root_keys_of(&self, person: PersonId, next: &Root) -> Result<Vec<VerifyingKey>, Refusal> {
        let both = self.trust()?.root.certifiers.iter().chain(&next.certifiers);
        let mut keys: Vec<_> = both.filter(|c| c.person == person).map(|c| c.key).collect();
        keys.dedup();
        if keys.is_empty() { Err(Refusal::NotACertifier) } else { Ok(keys) }
    }

    pub(crate) fn fold_root_proposed(&mut self, ctx: &Context, event: &RootProposed) -> Result<(), Refusal> {
        let member = self.actor(&ctx.signer)?.id;
        let root: Root = decode(&event.root.0).map_err(|_| Refusal::BadRoot)?;
        let payload = event.root.clone();
        self.next_root = Some(NextRoot { payload, root, signatures: Vec::new(), member, time: ctx.time });
        self.fold_root_signed(&event.signatures)
    }

    pub(crate) fn check_root_signed(&self, ctx: &Context, event: &RootSigned) -> Result<(), Refusal> {
        let admin = self.actor_with(ctx, &[Right::Admin])?;
        let next = self.next_root.as_ref().filter(|n| n.digest() == event.root).ok_or(Refusal::NoSuchRoot)?;
        self.check_next_root(&next.root)?;
        self.check_root_parts(admin.person, &next.root, &next.payload, &event.signatures, &next.signatures)
            .map(|_| ())
    }

    pub(crate) fn fold_root_signed(&mut self, signatures: &[Blob]) -> Result<(), Refusal> {
        if let Some(next) = &mut self.next_root {
            next.signatures.extend_from_slice(signatures);
        }
        if let Some(document) = self.completed_root()? {
            self.put_root(document)?;
        }
        Ok(())
    }

    /// The root that waits, once two persons of the root in force and two of its own signed it, and every key that
    /// is new in it: a key that nobody can use must not get in.
    fn completed_root(&self) -> Result<Option<Blob>, Refusal> {
        let Some(next) = &self.next_root else { return Ok(None) };
        let trust = self.trust()?;
        let parts: Option<Vec<Cosignature>> = next.signatures.iter().map(|b| decode(&b.0).ok()).collect();
        let document = Root::join(&next.payload.0, parts.ok_or(Refusal::BadSignature)?);
        let Ok(verified) = trust.root.verify_next(&trust.current, &document) else { return Ok(None) };
        let fresh = next.root.certifiers.iter().filter(|c| !trust.root.certifiers.contains(c));
        let all = fresh.map(|c| c.key.thumbprint()).all(|k| verified.signers.contains(&k));
        Ok(all.then_some(Blob(document)))
    }

    fn put_root(&mut self, document: Blob) -> Result<(), Refusal> {
        let trust = self.trust()?;
        let chain = [trust.chain.as_slice(), &[document]].concat();
        let trust = Trust::follow(&chain, None).map_err(|_| Refusal::BadRoot)?;
        self.certifying.extend(trust.root.certifiers.iter().map(|c| c.key.thumbprint()));
        // An offer is for the next root; what it did not take up is made anew.
        self.offers.clear();
        self.next_root = None;
        // Halves of certificates and cards under the root before would make documents that nobody accepts.
        self.pending.retain(|_, p| {
            !matches!(p.proposed.change, Change::Admission(_) | Change::Card(_) | Change::Suspension(_))
        });
        for member in self.members.values_mut() {
            member.stands = Certificate::verify(&member.certificate.0, &trust.root).is_ok();
        }
        self.trust = Some(trust);
        Ok(())
    }

    pub(crate) fn check_root_dropped(&self, ctx: &Context, event: &RootDropped) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        let waits = self.next_root.as_ref().is_some_and(|n| n.digest() == event.root);
        if waits { Ok(()) } else { Err(Refusal::NoSuchRoot) }
    }

    pub(crate) fn drop_next_root(&mut self) {
        if let Some(next) = self.next_root.take() {
            self.dropped_roots.insert(next.digest());
        }
    }

    /// Any person who is a member may put it on the record: what counts is what the paper keys and the new
    /// certifiers signed. So an organisation comes back whoever was suspended, as long as one member is left.
    pub(crate) fn check_succeeded(&self, ctx: &Context, event: &Succeeded) -> Result<(), Refusal> {
        if self.actor_with(ctx, STOPPERS)?.agent {
            return Err(Refusal::MissingRight);
        }
        self.successors(event).map(|_| ())
    }

    fn successors(&self, event: &Succeeded) -> Result<Vec<Member>, Refusal> {
        let trust = self.trust()?;
        let bad = Refusal::BadSuccession;
        let root = trust.root.verify_succession(&trust.current, &event.root.0).map_err(|_| bad)?.body;
        // The keys on paper are known now: whoever kept a copy of both could do it again.
        let revealed = root.revealed.as_deref().unwrap_or_default();
        if root.successor == trust.root.successor || root.certifiers.iter().any(|c| revealed.contains(&c.key))
        {
            return Err(bad);
        }
        let members = certifiers(&root, &event.certificates, &event.names).ok_or(bad)?;
        let free = |m: &Member| {
            let moved = self.members.get(&m.id).is_some_and(|k| k.person != m.person || k.agent);
            let keys = [m.key.thumbprint(), m.checkpoint.thumbprint(), m.receiving.thumbprint()];
            let used = keys
                .iter()
                .any(|k| self.certified.get(k).is_some_and(|id| *id != m.id) || self.certifying.contains(k));
            let person_is_agent = self.members.values().any(|k| k.person == m.person && k.agent);
            !moved && !used && !person_is_agent
        };
        let fresh = |c: &Certifier| {
            trust.root.certifiers.contains(c)
                || !(self.certified.contains_key(&c.key.thumbprint())
                    || self.certifying.contains(&c.key.thumbprint()))
        };
        if members.iter().all(free) && root.certifiers.iter().all(fresh) { Ok(members) } else { Err(bad) }
    }

    pub(crate) fn fold_succeeded(&mut self, event: &Succeeded) -> Result<(), Refusal> {
        let members = self.successors(event)?;
        self.put_root(event.root.clone())?;
        self.set_founders(&members);
        for member in members {
            self.put_member(member);
        }
        Ok(())
    }
}
