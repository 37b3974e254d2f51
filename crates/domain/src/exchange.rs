//! From a request to its signatures. Any edit after a signature voids the signatures.

use countersign_documents::{
    approval::{Approval, Step},
    certificate::Right,
    grant::{Grant, IdentityCheck},
    id::{GrantId, RequestId},
    letters::{Act, Notice},
    request::Mode,
};

use crate::{
    drafts::expected_grant,
    event::{Answered, Countersigned, Justified, Narrowed, Received, Replied, TakenBack, Vetted},
    findings,
    refusal::Refusal,
    state::{Context, Exchange, ExchangeState, Member, Partner, Recorded, Signed, State},
    terms::{Terms, look_up},
};

/// Vetting people: whoever may put a signature under a grant.
const SIGNERS: &[Right] = &[Right::Vet, Right::Approve];

impl State {
    pub(crate) fn check_received(&self, ctx: &Context, event: &Received) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, &[Right::Vet, Right::Approve, Right::Admin])?;
        debug_assert!(!actor.agent, "agents hold no such right");
        if event.asked.days == 0 {
            return Err(Refusal::LifetimeZero);
        }
        let catalogue = self.catalogue.as_ref().ok_or(Refusal::UnknownService)?;
        look_up(&event.asked, catalogue, &self.policy())?;
        match (event.mode, event.predecessor) {
            (Mode::New, None) => {}
            (Mode::Renew, Some(grant)) => self.check_predecessor(event, &grant)?,
            // A rotation is no request, and a first key has nothing before it: else it would join a stranger's lineage.
            (Mode::New, Some(_)) | (Mode::Renew, None) | (Mode::Rotate, _) => {
                return Err(Refusal::BadLineage);
            }
        }
        let Some(known) = self.exchanges.get(&event.request) else {
            return if self.exchanges.values().any(|e| e.digest == event.digest) {
                Err(Refusal::AlreadyThere)
            } else {
                Ok(())
            };
        };
        if known.identity != event.identity.thumbprint() || known.receiving != event.receiving {
            return Err(Refusal::IdentityChanged);
        }
        if event.revision <= known.revision {
            return Err(Refusal::OldRevision);
        }
        open(known)
    }

    fn check_predecessor(&self, event: &Received, grant: &GrantId) -> Result<(), Refusal> {
        let before = self.grants.get(grant).and_then(|r| self.exchanges.get(r)).ok_or(Refusal::BadLineage)?;
        let same = before.identity == event.identity.thumbprint()
            && before.asked.service == event.asked.service
            && before.asked.environment == event.asked.environment
            && before.state == ExchangeState::Issued;
        if same { Ok(()) } else { Err(Refusal::BadLineage) }
    }

    pub(crate) fn fold_received(&mut self, ctx: &Context, event: &Received) {
        let Some(person) = self.member_by_key(&ctx.signer).map(|m| m.person) else { return };
        let identity = event.identity.thumbprint();
        let before = self.exchanges.remove(&event.request);
        if let Some(signed) = before.as_ref().and_then(|e| e.signed.as_ref()) {
            self.grants.remove(&signed.grant.id);
        }
        // Who brought it, and the keys that were begun under it, stay over all revisions.
        let (sponsor, keys, history) =
            before.map_or((person, Vec::new(), Vec::new()), |e| (e.sponsor, e.keys, e.history));
        let exchange = Exchange {
            id: event.request,
            revision: event.revision,
            digest: event.digest,
            blob: event.blob,
            identity,
            receiving: event.receiving,
            asked: event.asked.clone(),
            mode: event.mode,
            predecessor: event.predecessor,
            sponsor,
            received: ctx.time,
            terms: Terms::of(&event.asked),
            checks: Default::default(),
            justified: Default::default(),
            state: ExchangeState::Received,
            signed: None,
            keys,
            history,
        };
        self.exchanges.insert(event.request, exchange);
        let partner = self.partners.entry(identity).or_insert_with(|| Partner {
            key: event.identity,
            checks: Vec::new(),
            mismatch: false,
            requests: Vec::new(),
        });
        if !partner.requests.contains(&event.request) {
            partner.requests.push(event.request);
        }
    }

    pub(crate) fn check_taken_back(&self, ctx: &Context, event: &TakenBack) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Vet, Right::Approve, Right::Admin, Right::Issue])?;
        let exchange = self.exchange(&event.request)?;
        open(exchange)?;
        let key = self.partners.get(&exchange.identity).ok_or(Refusal::NoSuchIdentity)?.key;
        let notice = Notice::verify(&event.notice.0, &key).map_err(|_| Refusal::BadSignature)?.body;
        let fits = notice.act == Act::Withdraw
            && notice.request == Some(event.request)
            && Some(notice.organisation) == self.organisation();
        if fits { Ok(()) } else { Err(Refusal::BadSignature) }
    }

    pub(crate) fn close(&mut self, request: &RequestId, state: ExchangeState) {
        self.edit(request, |exchange| exchange.state = state);
    }

    /// Changes a request; whatever was signed before is void.
    fn edit(&mut self, request: &RequestId, change: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = self.exchanges.get_mut(request) {
            if let Some(signed) = exchange.signed.take() {
                self.grants.remove(&signed.grant.id);
            }
            exchange.state = ExchangeState::Received;
            change(exchange);
        }
    }

    pub(crate) fn check_identity(
        &self,
        ctx: &Context,
        identity: &countersign_documents::Digest,
        check: &IdentityCheck,
    ) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, SIGNERS)?;
        if check.person != actor.person || check.time != ctx.time {
            return Err(Refusal::GrantDiffers);
        }
        if self.partners.contains_key(identity) { Ok(()) } else { Err(Refusal::NoSuchIdentity) }
    }

    pub(crate) fn fold_identity(
        &mut self,
        identity: &countersign_documents::Digest,
        check: &IdentityCheck,
        same: bool,
    ) {
        if let Some(partner) = self.partners.get_mut(identity) {
            partner.mismatch = !same;
            if same {
                partner.checks.push(check.clone());
            } else {
                partner.checks.clear();
            }
        }
        let open: Vec<_> = self
            .exchanges
            .values()
            .filter(|e| e.identity == *identity && open(e).is_ok())
            .map(|e| e.id)
            .collect();
        if !same {
            open.iter().for_each(|id| self.edit(id, |_| ()));
        }
    }

    pub(crate) fn check_answered(&self, ctx: &Context, event: &Answered) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, &[Right::Vet])?;
        if event.result.person != actor.person {
            return Err(Refusal::GrantDiffers);
        }
        open(self.exchange(&event.request)?)
    }

    pub(crate) fn fold_answered(&mut self, event: &Answered) {
        self.edit(&event.request, |e| drop(e.checks.insert(event.result.check, event.result.clone())));
    }

    pub(crate) fn check_justified(&self, ctx: &Context, event: &Justified) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, SIGNERS)?;
        if event.justification.person != actor.person {
            return Err(Refusal::GrantDiffers);
        }
        open(self.exchange(&event.request)?)
    }

    pub(crate) fn fold_justified(&mut self, event: &Justified) {
        self.edit(&event.request, |e| {
            e.justified.insert(event.code, event.justification.clone());
        });
    }

    pub(crate) fn check_narrowed(&self, ctx: &Context, event: &Narrowed) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Vet])?;
        let exchange = self.exchange(&event.request)?;
        open(exchange)?;
        event.terms.within(&exchange.asked)
    }

    pub(crate) fn fold_narrowed(&mut self, event: &Narrowed) {
        self.edit(&event.request, |e| e.terms = event.terms.clone());
    }

    pub(crate) fn check_replied(&self, ctx: &Context, event: &Replied) -> Result<(), Refusal> {
        self.actor_with(ctx, SIGNERS)?;
        open(self.exchange(&event.request)?)
    }

    pub(crate) fn fold_replied(&mut self, event: &Replied) {
        let state = if event.declined.0 { ExchangeState::Declined } else { ExchangeState::ChangesAsked };
        self.close(&event.request, state);
    }

    pub(crate) fn check_vetted(&self, ctx: &Context, event: &Vetted) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, &[Right::Vet])?;
        let exchange = self.exchange(&event.request)?;
        open(exchange)?;
        // Signatures that nothing follows from are no reason to keep their request for ever.
        if exchange.signed.is_some() && self.signatures_hold(exchange, ctx.time).is_ok() {
            return Err(Refusal::AlreadyVetted);
        }
        // An id whose signatures were voided is spent too, once a key was begun under it.
        let begun =
            self.all_keys().any(|k| k.grant == Some(event.grant.id) || k.lineage == Some(event.grant.id));
        if begun || self.grants.contains_key(&event.grant.id) {
            return Err(Refusal::AlreadyThere);
        }
        self.check_signer(actor, exchange, &event.grant)?;
        self.check_vetting(actor, exchange, event)?;
        let expected = expected_grant(self, exchange, &event.grant, ctx.time)?;
        if expected != event.grant
            || event.grant.vetting
                != countersign_documents::Digest::of(&countersign_documents::encode(&event.vetting))
        {
            return Err(Refusal::GrantDiffers);
        }
        check_approval(ctx, actor, &event.approval.0, &event.grant, Step::Vetted)
    }

    /// What holds for whoever signs, first or second.
    fn check_signer(&self, actor: &Member, exchange: &Exchange, grant: &Grant) -> Result<(), Refusal> {
        let policy = self.policy();
        if !actor.stands {
            return Err(Refusal::CertificateOutdated);
        }
        if !policy.sponsor_signs.0 && exchange.sponsor == actor.person {
            return Err(Refusal::SponsorMayNotSign);
        }
        let partner = self.partners.get(&exchange.identity).ok_or(Refusal::NoSuchIdentity)?;
        if partner.mismatch {
            return Err(Refusal::IdentityDiffers);
        }
        let catalogue = self.catalogue.as_ref().ok_or(Refusal::UnknownService)?;
        let (_, environment) = look_up(&exchange.asked, catalogue, &policy)?;
        let calls = policy.calls_for(environment.class, grant.has_admin_scope());
        let mut persons: Vec<_> = grant
            .identity_checks
            .iter()
            .filter(|c| c.attended.0 || policy.unattended.0)
            .map(|c| c.person)
            .collect();
        persons.sort_unstable();
        persons.dedup();
        if (persons.len() as u64) < calls {
            return Err(Refusal::IdentityUnchecked);
        }
        if calls > 1 && !persons.contains(&actor.person) { Err(Refusal::OwnCallMissing) } else { Ok(()) }
    }

    fn check_vetting(&self, actor: &Member, exchange: &Exchange, event: &Vetted) -> Result<(), Refusal> {
        let policy = self.policy();
        let answered = event.vetting.checks.iter().eq(exchange.checks.values());
        let passed = policy.checks.iter().all(|c| exchange.checks.get(c).is_some_and(|r| r.passed.0));
        if !answered || !passed {
            return Err(Refusal::ChecksMissing);
        }
        findings::judge(self, exchange, &event.vetting.findings, &policy, exchange.sponsor == actor.person)
    }

    pub(crate) fn fold_vetted(&mut self, ctx: &Context, event: &Vetted) {
        let Some(recorded) = self.recorded(ctx, &event.approval) else { return };
        self.grants.insert(event.grant.id, event.request);
        if let Some(exchange) = self.exchanges.get_mut(&event.request) {
            if let Some(fallen) = exchange.signed.take() {
                self.grants.remove(&fallen.grant.id);
            }
            let (grant, vetting) = (event.grant.clone(), event.vetting.clone());
            exchange.signed = Some(Signed { grant, vetting, approvals: vec![recorded] });
            exchange.state = ExchangeState::Vetted;
        }
    }

    fn recorded(&self, ctx: &Context, approval: &countersign_documents::Blob) -> Option<Recorded> {
        let member = self.member_by_key(&ctx.signer)?;
        Some(Recorded {
            person: member.person,
            member: member.id,
            key: ctx.signer,
            approval: approval.clone(),
            time: ctx.time,
        })
    }

    pub(crate) fn check_countersigned(&self, ctx: &Context, event: &Countersigned) -> Result<(), Refusal> {
        let actor = self.actor_with(ctx, &[Right::Approve])?;
        let exchange = self.exchange(&event.request)?;
        match exchange.state {
            ExchangeState::Vetted => {}
            ExchangeState::Countersigned | ExchangeState::Issued => {
                return Err(Refusal::AlreadyCountersigned);
            }
            ExchangeState::Received | ExchangeState::ChangesAsked => return Err(Refusal::NotVetted),
            ExchangeState::Declined | ExchangeState::Withdrawn => return Err(Refusal::RequestClosed),
        }
        let signed = exchange.signed.as_ref().ok_or(Refusal::NotVetted)?;
        if signed
            .approvals
            .iter()
            .any(|a| a.person == actor.person || a.member == actor.id || a.key == ctx.signer)
        {
            return Err(Refusal::SamePerson);
        }
        self.check_ground(&signed.grant)?;
        self.check_signers_stand(signed)?;
        self.check_signer(actor, exchange, &signed.grant)?;
        findings::judge_sponsor(exchange, &self.policy(), exchange.sponsor == actor.person)?;
        check_approval(ctx, actor, &event.approval.0, &signed.grant, Step::Countersigned)
    }

    pub(crate) fn fold_countersigned(&mut self, ctx: &Context, event: &Countersigned) {
        let Some(recorded) = self.recorded(ctx, &event.approval) else { return };
        let grant = self.exchanges.get(&event.request).and_then(|e| e.signed.as_ref()).map(|s| &s.grant);
        let wanted = grant.and_then(|g| self.quorum_of(g));
        if let (Some(exchange), Some(wanted)) = (self.exchanges.get_mut(&event.request), wanted)
            && let Some(signed) = exchange.signed.as_mut()
        {
            signed.approvals.push(recorded);
            if signed.approvals.len() as u64 >= wanted {
                exchange.state = ExchangeState::Countersigned;
            }
        }
    }
}

/// Whether anything can still be done to a request.
pub(crate) fn open(exchange: &Exchange) -> Result<(), Refusal> {
    match exchange.state {
        ExchangeState::Received
        | ExchangeState::ChangesAsked
        | ExchangeState::Vetted
        | ExchangeState::Countersigned => Ok(()),
        ExchangeState::Issued | ExchangeState::Declined | ExchangeState::Withdrawn => {
            Err(Refusal::RequestClosed)
        }
    }
}

fn check_approval(
    ctx: &Context,
    actor: &Member,
    document: &[u8],
    grant: &Grant,
    step: Step,
) -> Result<(), Refusal> {
    let approval = Approval::verify(document, &actor.key).map_err(|_| Refusal::BadSignature)?.body;
    let same = approval.grant == grant.digest()
        && approval.step == step
        && approval.head == ctx.head
        && approval.issued == ctx.time;
    if same { Ok(()) } else { Err(Refusal::ApprovalDiffers) }
}
