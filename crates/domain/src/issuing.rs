//! From the signatures to a key that works. Every step is on the record before the next one begins.

use std::collections::BTreeSet;

use countersign_documents::{
    Digest, Time,
    approval::Approval,
    certificate::Right,
    grant::Activation,
    receipt::Receipt,
    time::{DAY, SKEW},
};

use crate::{
    delivery::Parcel,
    event::{Abandoned, Acknowledged, Activated, HandedOver, Imported, Intended, Issued, Legacy, Way},
    refusal::Refusal,
    state::{Context, ExchangeState, KeyRecord, KeyState, Signed, State},
};

impl State {
    pub(crate) fn check_intended(&self, ctx: &Context, event: &Intended) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, &[Right::Issue])?;
        if !actor.stands {
            return Err(Refusal::CertificateOutdated);
        }
        let exchange = self.exchange(&event.request)?;
        match exchange.state {
            ExchangeState::Countersigned | ExchangeState::Issued => {}
            ExchangeState::Received | ExchangeState::ChangesAsked | ExchangeState::Vetted => {
                return Err(Refusal::NotCountersigned);
            }
            ExchangeState::Declined | ExchangeState::Withdrawn => return Err(Refusal::RequestClosed),
        }
        let signed = exchange
            .signed
            .as_ref()
            .filter(|s| s.grant.id == event.grant)
            .ok_or(Refusal::NotCountersigned)?;
        self.check_still_good(signed, ctx.time)?;
        if self.keys.contains_key(&event.key) || self.envelopes.contains(&event.cti) {
            return Err(Refusal::AlreadyThere);
        }
        let made: Vec<_> = exchange
            .keys
            .iter()
            .filter_map(|k| self.keys.get(k))
            .filter(|k| k.state != KeyState::Abandoned)
            .collect();
        if made.iter().any(|k| k.state == KeyState::Intended) {
            return Err(Refusal::IntentOpen);
        }
        if made.len() as u64 > signed.grant.rotations {
            return Err(Refusal::NoRotationLeft);
        }
        let next = self.lineages.get(&signed.grant.lineage).copied().unwrap_or(0) + 1;
        if event.seq == next { Ok(()) } else { Err(Refusal::SequenceOutOfOrder) }
    }

    /// Signers, ground and times are judged again at the moment of issue, not only when people signed.
    pub(crate) fn check_still_good(&self, signed: &Signed, now: Time) -> Result<(), Refusal> {
        self.check_signers_stand(signed)?;
        self.check_ground(&signed.grant)?;
        if self.partners.get(&signed.grant.recipient).ok_or(Refusal::NoSuchIdentity)?.mismatch {
            return Err(Refusal::IdentityDiffers);
        }
        let distinct = |i: usize| {
            signed.approvals[..i]
                .iter()
                .all(|a| a.person != signed.approvals[i].person && a.key != signed.approvals[i].key)
        };
        // What once was counted is counted again: a state that was carried along proves nothing.
        let wanted = self.quorum_of(&signed.grant).ok_or(Refusal::GroundChanged)?.max(2);
        if (signed.approvals.len() as u64) < wanted || !(0..signed.approvals.len()).all(distinct) {
            return Err(Refusal::NotCountersigned);
        }
        for approval in &signed.approvals {
            let member = self.members.get(&approval.member).ok_or(Refusal::SignerGone)?;
            if !member.stands {
                return Err(Refusal::SignerOutdated);
            }
            let document =
                Approval::verify(&approval.approval.0, &member.key).map_err(|_| Refusal::BadSignature)?.body;
            if document.grant != signed.grant.digest() {
                return Err(Refusal::ApprovalDiffers);
            }
            // Partners demand that the certificate they are shown was in force when the approval was signed.
            if member.certified > document.issued.plus(SKEW) {
                return Err(Refusal::SignerOutdated);
            }
            if document.issued < now.minus(self.policy().approval_days * DAY) {
                return Err(Refusal::ApprovalsTooOld);
            }
        }
        if now > signed.grant.deliver_by || now >= signed.grant.not_after {
            Err(Refusal::DeliveryOver)
        } else {
            Ok(())
        }
    }

    pub(crate) fn fold_intended(&mut self, ctx: &Context, event: &Intended) {
        let policy_class = |state: &Self, service, environment| {
            state
                .catalogue
                .as_ref()
                .and_then(|c| c.service(service)?.environment(environment))
                .map(|e| e.class)
        };
        let maker = self.member_by_key(&ctx.signer).map(|m| m.id);
        let Some(exchange) = self.exchanges.get_mut(&event.request) else { return };
        let Some(signed) = exchange.signed.as_ref() else { return };
        exchange.keys.push(event.key);
        let grant = signed.grant.clone();
        let class = policy_class(self, &grant.service, &grant.environment);
        self.lineages.insert(grant.lineage, event.seq);
        self.envelopes.insert(event.cti);
        let record = KeyRecord {
            id: event.key,
            request: Some(event.request),
            grant: Some(grant.id),
            lineage: Some(grant.lineage),
            holder: grant.recipient,
            legacy: None,
            class,
            scopes: grant.scopes.iter().map(|s| s.name.clone()).collect(),
            networks: grant.networks,
            service: grant.service,
            environment: grant.environment,
            issuer: Some(grant.issuer),
            handle: None,
            not_after: Some(grant.not_after),
            seq: event.seq,
            cti: Some(event.cti),
            envelope: None,
            opens_until: None,
            nonce: None,
            fingerprint: None,
            state: KeyState::Intended,
            maker,
            since: ctx.time,
            opened: None,
            parcel: None,
            stop: None,
        };
        self.keys.insert(event.key, Box::new(record));
    }

    pub(crate) fn check_issued(&self, ctx: &Context, event: &Issued) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, &[Right::Issue])?;
        let key = self.key(&event.key)?;
        if key.state != KeyState::Intended {
            return Err(Refusal::KeyNotIntended);
        }
        if key.maker != Some(actor.id) {
            return Err(Refusal::OtherMaker);
        }
        if !actor.stands {
            return Err(Refusal::CertificateOutdated);
        }
        let exchange = key.request.and_then(|r| self.exchanges.get(&r)).ok_or(Refusal::NoSuchRequest)?;
        let signed = exchange
            .signed
            .as_ref()
            .filter(|s| Some(s.grant.id) == key.grant)
            .ok_or(Refusal::NotCountersigned)?;
        self.check_still_good(signed, ctx.time)?;
        let granted = event.scopes.iter().all(|n| signed.grant.scopes.iter().any(|s| s.name == *n))
            && !event.scopes.is_empty();
        // The same key under two grants would be one key for two readers.
        if self.fingerprints.contains_key(&event.fingerprint) {
            return Err(Refusal::AlreadyThere);
        }
        let lasting = event.expires.since(ctx.time) <= self.policy().envelope_days * DAY;
        if granted && lasting && event.not_after <= signed.grant.not_after {
            Ok(())
        } else {
            Err(Refusal::BeyondGrant)
        }
    }

    pub(crate) fn fold_issued(&mut self, event: &Issued) {
        let mut request = None;
        self.set_key(&event.key, |key| {
            key.state = KeyState::Sealed;
            key.envelope = Some(event.envelope);
            key.nonce = Some(event.nonce);
            key.fingerprint = Some(event.fingerprint);
            key.handle = Some(event.handle.clone());
            key.not_after = Some(event.not_after);
            key.opens_until = Some(event.expires);
            key.scopes.clone_from(&event.scopes);
            request = key.request;
        });
        self.fingerprints.insert(event.fingerprint, event.key);
        if let Some(exchange) = request.and_then(|r| self.exchanges.get_mut(&r)) {
            exchange.state = ExchangeState::Issued;
        }
    }

    pub(crate) fn check_abandoned(&self, ctx: &Context, event: &Abandoned) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Issue])?;
        if self.key(&event.key)?.state == KeyState::Intended { Ok(()) } else { Err(Refusal::KeyNotIntended) }
    }

    pub(crate) fn check_handed_over(&self, ctx: &Context, event: &HandedOver) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Issue])?;
        let key = self.key(&event.key)?;
        if key.stop.is_some() {
            return Err(Refusal::KeyStopped);
        }
        if key.parcel.is_some_and(|p| p.withdrawn.is_some()) {
            return Err(Refusal::DeliveryWithdrawn);
        }
        if matches!(key.state, KeyState::Sealed | KeyState::HandedOver) {
            Ok(())
        } else {
            Err(Refusal::KeyNotSealed)
        }
    }

    pub(crate) fn fold_handed_over(&mut self, ctx: &Context, event: &HandedOver) {
        self.set_key(&event.key, |key| {
            key.state = KeyState::HandedOver;
            if event.way == Way::Link && key.parcel.is_none() {
                key.parcel = Some(Parcel { since: ctx.time, fetched: None, withdrawn: None });
            }
        });
    }

    pub(crate) fn check_acknowledged(&self, ctx: &Context, event: &Acknowledged) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Vet, Right::Approve, Right::Issue, Right::Admin])?;
        let key = self.key(&event.key)?;
        if !matches!(key.state, KeyState::Sealed | KeyState::HandedOver) {
            return Err(if key.opened.is_some() { Refusal::AlreadyThere } else { Refusal::KeyNotSealed });
        }
        let partner = self.partners.get(&key.holder).ok_or(Refusal::NoSuchIdentity)?;
        let receipt =
            Receipt::verify(&event.receipt.0, &partner.key).map_err(|_| Refusal::ReceiptDiffers)?.body;
        let same = Some(receipt.cti) == key.cti
            && Some(receipt.envelope) == key.envelope
            && Some(Digest::of(&receipt.nonce.0)) == key.nonce
            && Some(receipt.grant) == key.grant
            && Some(receipt.organisation) == self.organisation();
        if same { Ok(()) } else { Err(Refusal::ReceiptDiffers) }
    }

    pub(crate) fn fold_acknowledged(&mut self, event: &Acknowledged) {
        let opened = self
            .keys
            .get(&event.key)
            .and_then(|k| self.partners.get(&k.holder))
            .and_then(|p| Receipt::verify(&event.receipt.0, &p.key).ok().map(|r| r.body.opened));
        let holds = self
            .keys
            .get(&event.key)
            .and_then(|k| k.request)
            .and_then(|r| self.exchanges.get(&r)?.signed.as_ref());
        let at_once = holds.is_some_and(|s| s.grant.activation == Activation::AtOnce);
        self.set_key(&event.key, |key| {
            key.state = if at_once && key.stop.is_none() { KeyState::Active } else { KeyState::Opened };
            key.opened = opened;
        });
    }

    pub(crate) fn check_activated(&self, ctx: &Context, event: &Activated) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Issue])?;
        let key = self.key(&event.key)?;
        if key.stop.is_some() {
            return Err(Refusal::KeyStopped);
        }
        match key.state {
            KeyState::Opened => Ok(()),
            KeyState::Active => Err(Refusal::KeyActive),
            KeyState::Intended | KeyState::Abandoned | KeyState::Sealed | KeyState::HandedOver => {
                Err(Refusal::KeyNotOpened)
            }
            KeyState::Disabled | KeyState::Revoked => Err(Refusal::KeyStopped),
        }
    }

    pub(crate) fn check_imported(&self, ctx: &Context, event: &Imported) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Vet, Right::Admin])?;
        let (mut ids, mut fingerprints) = (BTreeSet::new(), BTreeSet::new());
        let fresh = |key: &Legacy| {
            !self.keys.contains_key(&key.key)
                && !self.fingerprints.contains_key(&key.fingerprint)
                && ids.insert(key.key)
                && fingerprints.insert(key.fingerprint)
        };
        let all_fresh = event.keys.iter().all(fresh);
        if event.keys.is_empty() || !all_fresh { Err(Refusal::AlreadyThere) } else { Ok(()) }
    }

    pub(crate) fn fold_imported(&mut self, ctx: &Context, event: &Imported) {
        for legacy in &event.keys {
            let record = KeyRecord {
                id: legacy.key,
                request: None,
                grant: None,
                lineage: None,
                holder: legacy.group,
                legacy: Some(legacy.partner),
                service: legacy.service.clone(),
                environment: legacy.environment.clone(),
                class: None,
                scopes: Vec::new(),
                networks: Vec::new(),
                issuer: None,
                handle: None,
                not_after: legacy.until,
                seq: 0,
                cti: None,
                envelope: None,
                opens_until: None,
                nonce: None,
                fingerprint: Some(legacy.fingerprint),
                state: KeyState::Active,
                maker: None,
                since: ctx.time.min(legacy.since),
                opened: None,
                parcel: None,
                stop: None,
            };
            self.keys.insert(legacy.key, Box::new(record));
            self.fingerprints.insert(legacy.fingerprint, legacy.key);
        }
    }
}
