//! Stopping keys: one person is enough, nothing undoes it, and *ordered* is not *stopped*.

use std::collections::BTreeSet;

use countersign_documents::{
    Digest,
    certificate::Right,
    id::{KeyId, PersonId},
    order::{Act, Order},
    policy::FindingCode,
    time::{DAY, HOUR},
};

use crate::{
    event::{Erased, IssuerKind, Objected, Ordered, StopFailed, Stopped, company},
    refusal::Refusal,
    state::{Context, ExchangeState, KeyRecord, KeyState, Member, State, Stop},
};

/// Everybody but auditors.
pub(crate) const STOPPERS: &[Right] = &[Right::Vet, Right::Approve, Right::Issue, Right::Admin];

impl Stop {
    /// Two people objected: then the passing of a day does not make it final.
    pub fn is_objected_to(&self) -> bool {
        self.objections.len() >= 2
    }
}

impl State {
    pub(crate) fn check_ordered(&self, ctx: &Context, event: &Ordered) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, STOPPERS)?;
        let order = Order::verify(&event.order.0, &actor.key).map_err(|_| Refusal::BadOrder)?.body;
        if Some(order.organisation) != self.organisation() {
            return Err(Refusal::BadOrder);
        }
        if self.orders.contains(&order.id) {
            return Err(Refusal::AlreadyThere);
        }
        for key in &order.keys {
            let key = self.key(key)?;
            let stopped = match order.act {
                Act::Revoke => key.stop.as_ref().is_some_and(|s| s.act == Act::Revoke),
                Act::Disable => key.stop.is_some(),
            };
            if stopped || matches!(key.state, KeyState::Revoked | KeyState::Abandoned) {
                return Err(Refusal::KeyStopped);
            }
        }
        match order.act {
            Act::Revoke => self.check_pace(ctx, actor, &order),
            Act::Disable => Ok(()),
        }
    }

    /// One member alone stops single keys and contains any leak; beyond the policy's pace the final revoke wants a
    /// second person, or 24 hours. Keys somebody else disabled, or that have been disabled for a day, do not count.
    fn check_pace(&self, ctx: &Context, actor: &Member, order: &Order) -> Result<(), Refusal> {
        let policy = self.policy();
        let fresh: Vec<_> = order.keys.iter().filter(|k| !self.is_ripe(ctx, actor.person, k)).collect();
        if fresh.is_empty() {
            return Ok(());
        }
        let since = ctx.time.minus(HOUR);
        // Pace is a person's, not a desk's: a second desk gives no second allowance.
        let desks =
            self.members.values().filter(|m| m.person == actor.person).filter_map(|m| self.pace.get(&m.id));
        let recent: Vec<_> = desks.flatten().filter(|(time, ..)| *time > since).collect();
        let keys = (recent.len() + fresh.len()) as u64;
        let all = recent.iter().map(|(_, id, _)| id).chain(fresh.iter().copied());
        let beyond = keys > policy.pace_keys || self.companies_behind(all) > policy.pace_partners;
        let objected =
            fresh.iter().filter_map(|k| self.keys.get(k)?.stop.as_ref()).any(|stop| stop.is_objected_to());
        match (beyond, objected) {
            (false, _) => Ok(()),
            (true, true) => Err(Refusal::ObjectedTo),
            (true, false) => Err(Refusal::PaceExceeded),
        }
    }

    /// How many companies hold these keys, as far as the log can tell: never fewer than there are, unless two people
    /// signed that they are called alike.
    fn companies_behind<'a>(&self, keys: impl Iterator<Item = &'a KeyId>) -> u64 {
        let companies: BTreeSet<Digest> =
            keys.filter_map(|k| self.keys.get(k)).map(|key| self.company_of(key)).collect();
        companies.len() as u64
    }

    /// Whose key it is. The log has no names but two: the digest of one that old keys came with, and one that vetting
    /// found another identity to be called like, which two people signed for all the same. Any other identity is a
    /// company of its own.
    fn company_of(&self, key: &KeyRecord) -> Digest {
        let requests = self.partners.get(&key.holder).map(|p| p.requests.as_slice()).unwrap_or_default();
        let accepted = requests
            .iter()
            .filter_map(|id| self.exchanges.get(id))
            .filter(|e| matches!(e.state, ExchangeState::Countersigned | ExchangeState::Issued));
        let mut findings = accepted.filter_map(|e| e.signed.as_ref()).flat_map(|s| &s.vetting.findings);
        let alike = findings.find(|f| f.code == FindingCode::LookAlike).and_then(|f| f.detail.as_ref());
        alike.map_or(key.holder, company)
    }

    /// Disabled by somebody else, or for a day to which no two people objected: the final revoke has its second
    /// person, or its delay.
    fn is_ripe(&self, ctx: &Context, person: PersonId, id: &KeyId) -> bool {
        let stop = self.keys.get(id).and_then(|k| k.stop.as_ref());
        let waited = |s: &Stop| ctx.time.since(s.time) >= DAY && !s.is_objected_to();
        stop.is_some_and(|s| s.act == Act::Disable && (s.person != person || waited(s)))
    }

    /// Whoever may order a stop may object to another person's becoming final unasked. It undoes nothing.
    pub(crate) fn check_objected(&self, ctx: &Context, event: &Objected) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, STOPPERS)?;
        if actor.agent {
            return Err(Refusal::MissingRight);
        }
        let stop = self.key(&event.key)?.stop.as_ref().filter(|s| s.act == Act::Disable);
        let stop = stop.filter(|s| s.order == event.order).ok_or(Refusal::NothingToObject)?;
        if stop.person == actor.person {
            return Err(Refusal::OwnOrder);
        }
        if stop.objections.contains(&actor.person) { Err(Refusal::AlreadyThere) } else { Ok(()) }
    }

    pub(crate) fn fold_objected(&mut self, ctx: &Context, event: &Objected) {
        let Some(person) = self.member_by_key(&ctx.signer).map(|m| m.person) else { return };
        self.set_key(&event.key, |key| {
            if let Some(stop) = &mut key.stop {
                stop.objections.push(person);
            }
        });
    }

    pub(crate) fn fold_ordered(&mut self, ctx: &Context, event: &Ordered) -> Result<(), Refusal> {
        let (person, member, order) = {
            let actor = self.actor(&ctx.signer)?;
            let order = Order::verify(&event.order.0, &actor.key).map_err(|_| Refusal::BadOrder)?.body;
            (actor.person, actor.id, order)
        };
        self.orders.insert(order.id);
        for id in &order.keys {
            let holder = self.key(id)?.holder;
            if order.act == Act::Revoke && !self.is_ripe(ctx, person, id) {
                let pace = self.pace.entry(member).or_default();
                pace.retain(|(time, ..)| ctx.time.since(*time) < DAY);
                pace.push((ctx.time, *id, holder));
            }
            self.set_key(id, |key| {
                key.stop = Some(Box::new(Stop {
                    order: order.id,
                    act: order.act,
                    reason: order.reason,
                    person,
                    time: ctx.time,
                    confirmed: None,
                    failed: None,
                    objections: Vec::new(),
                }));
            });
        }
        Ok(())
    }

    pub(crate) fn check_stopped(&self, ctx: &Context, event: &Stopped) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, STOPPERS)?;
        // Evidence is what a person saw; an agent reads the issuing system or says nothing.
        if actor.agent && event.evidence.is_some() {
            return Err(Refusal::MissingRight);
        }
        let key = self.key(&event.key)?;
        let stop = key
            .stop
            .as_ref()
            .filter(|s| s.order == event.order && s.act == event.act)
            .ok_or(Refusal::NoSuchOrder)?;
        if stop.confirmed.is_some() {
            return Err(Refusal::AlreadyThere);
        }
        match (&event.read_again, &event.evidence) {
            (Some(_), None) if self.can_be_read(key) => Ok(()),
            (Some(_), None) => Err(Refusal::ProofByHandOnly),
            (None, Some(_)) if stop.person == actor.person && self.has_another(actor) => {
                Err(Refusal::OwnOrder)
            }
            (None, Some(_)) => Ok(()),
            (None, None) | (Some(_), Some(_)) => Err(Refusal::ProofMissing),
        }
    }

    /// Whether another person could say it instead.
    fn has_another(&self, actor: &Member) -> bool {
        let able = |m: &Member| STOPPERS.iter().any(|r| m.may(*r));
        self.active().any(|m| m.person != actor.person && !m.agent && able(m))
    }

    fn can_be_read(&self, key: &KeyRecord) -> bool {
        let issuer = key.issuer.as_ref().and_then(|i| self.issuers.get(i));
        issuer.is_some_and(|i| i.terms.kind == IssuerKind::HashFile)
    }

    pub(crate) fn fold_stopped(&mut self, ctx: &Context, event: &Stopped) {
        self.set_key(&event.key, |key| {
            key.state = match event.act {
                Act::Disable => KeyState::Disabled,
                Act::Revoke => KeyState::Revoked,
            };
            if let Some(stop) = &mut key.stop {
                stop.confirmed = Some(ctx.time);
            }
        });
    }

    pub(crate) fn check_stop_failed(&self, ctx: &Context, event: &StopFailed) -> Result<(), Refusal> {
        self.actor_with(ctx, STOPPERS)?;
        let key = self.key(&event.key)?;
        let standing = key.stop.as_ref().is_some_and(|s| s.order == event.order && s.confirmed.is_none());
        if standing { Ok(()) } else { Err(Refusal::NoSuchOrder) }
    }

    pub(crate) fn fold_stop_failed(&mut self, event: &StopFailed) {
        self.set_key(&event.key, |key| {
            if let Some(stop) = &mut key.stop {
                let times = stop.failed.as_ref().map_or(0, |(n, _)| *n) + 1;
                stop.failed = Some((times, event.why.clone()));
            }
        });
    }

    pub(crate) fn check_erased(&self, ctx: &Context, event: &Erased) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        if self.erased.contains_key(&event.blob) { Err(Refusal::AlreadyThere) } else { Ok(()) }
    }

    pub(crate) fn fold_erased(&mut self, ctx: &Context, event: &Erased) {
        if let Some(member) = self.member_by_key(&ctx.signer) {
            self.erased.insert(event.blob, (ctx.time, member.id, event.why.clone()));
        }
    }
}
