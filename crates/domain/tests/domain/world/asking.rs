//! One exchange, from asking to stopping: each event as an honest desk would make it.

use countersign_documents::{
    Blob, Digest, Flag,
    approval::{Approval, Step},
    grant::{Channel, CheckResult, Grant, IdentityCheck, Justification, Vetting},
    id::{Cti, GrantId, KeyId, OrderId, RequestId},
    letters::{Act as NoticeAct, Notice},
    network::Network,
    order::{Act, Order, Reason},
    policy::{Check, FindingCode},
    receipt::Receipt,
    relay::Outcome,
    request::{Asked, Mode},
    text::ScopeName,
    time::DAY,
};
use countersign_domain::{
    Event, GrantIds, LeakReported, Refusal, Terms, draft_grant,
    event::{
        Abandoned, Acknowledged, Activated, Answered, Countersigned, HandedOver, IdentityChecked, Intended,
        Issued, Justified, Narrowed, Ordered, Received, Replied, Stopped, TakenBack, Vetted, Way, Withdrawn,
    },
    findings::Detail,
    intend,
};

use super::{
    Desk, Partner, World,
    organisation::{ORGANISATION, line, slug},
};

pub(crate) fn scopes(names: &[&str]) -> Vec<ScopeName> {
    names.iter().map(|n| ScopeName::parse(n).unwrap()).collect()
}

pub(crate) fn networks(texts: &[&str]) -> Vec<Network> {
    texts.iter().map(|t| Network::parse(t).unwrap()).collect()
}

/// Reading in an environment, from one network, for 30 days.
pub(crate) fn reading(environment: &str) -> Asked {
    Asked {
        service: slug("orders"),
        environment: slug(environment),
        scopes: scopes(&["orders:read"]),
        networks: networks(&["203.0.113.0/24"]),
        days: 30,
    }
}

/// What only the opened envelope tells.
pub(crate) fn nonce(key: KeyId) -> Digest {
    Digest::labelled("nonce", &[&key.0])
}

impl World {
    pub(crate) fn received(&self, partner: &Partner, request: RequestId, asked: Asked) -> Received {
        let revision = self.state.exchanges.get(&request).map_or(1, |e| e.revision + 1);
        Received {
            request,
            revision,
            digest: self.blob(),
            blob: self.blob(),
            identity: partner.signing().public(),
            receiving: partner.receiving(),
            asked,
            mode: Mode::New,
            predecessor: None,
        }
    }

    /// A request by the usual partner, brought by this desk.
    pub(crate) fn ask(&mut self, sponsor: &Desk, asked: Asked) -> RequestId {
        let request = RequestId(self.fresh());
        let event = self.received(&self.partner.clone(), request, asked);
        self.must(sponsor, Event::Received(event));
        request
    }

    pub(crate) fn compared(&self, desk: &Desk, attended: bool) -> IdentityChecked {
        IdentityChecked { identity: self.partner.thumbprint(), check: self.hearing(desk, attended) }
    }

    /// What this desk says of a fingerprint that was read to it now.
    pub(crate) fn hearing(&self, desk: &Desk, attended: bool) -> IdentityCheck {
        IdentityCheck {
            person: desk.person,
            time: self.now,
            channel: Channel::Phone,
            source: line("the number in our contract"),
            attended: Flag(attended),
        }
    }

    pub(crate) fn compare(&mut self, desk: &Desk) {
        let event = self.compared(desk, true);
        self.must(desk, Event::IdentityChecked(event));
    }

    pub(crate) fn answer(&self, desk: &Desk, request: RequestId, check: Check, passed: bool) -> Event {
        let result =
            CheckResult { check, passed: Flag(passed), evidence: vec![self.blob()], person: desk.person };
        Event::Answered(Answered { request, result })
    }

    pub(crate) fn answer_all(&mut self, desk: &Desk, request: RequestId) {
        for check in Check::ALL {
            let event = self.answer(desk, request, *check, true);
            self.must(desk, event);
        }
    }

    pub(crate) fn justified(&self, desk: &Desk, request: RequestId, code: FindingCode) -> Event {
        let justification = Justification { person: desk.person, reason: self.blob() };
        Event::Justified(Justified { request, code, justification })
    }

    pub(crate) fn narrowed(&self, request: RequestId, terms: Terms) -> Event {
        Event::Narrowed(Narrowed { request, terms })
    }

    pub(crate) fn replied(&self, request: RequestId, declined: bool) -> Event {
        Event::Replied(Replied { request, message: self.blob(), blob: self.blob(), declined: Flag(declined) })
    }

    pub(crate) fn taken_back(&self, partner: &Partner, request: RequestId) -> TakenBack {
        let notice = Notice {
            organisation: ORGANISATION,
            request: Some(request),
            key: None,
            act: NoticeAct::Withdraw,
            sent: self.now,
            text: None,
        };
        TakenBack { request, notice: Blob(notice.sign(&partner.signing())) }
    }

    /// What this desk would sign now.
    pub(crate) fn draft(&self, desk: &Desk, request: RequestId) -> Result<(Grant, Vetting), Refusal> {
        self.draft_with(desk, request, Vec::new())
    }

    /// The same, with what was found in names.
    pub(crate) fn draft_with(
        &self,
        desk: &Desk,
        request: RequestId,
        texts: Vec<(FindingCode, Detail)>,
    ) -> Result<(Grant, Vetting), Refusal> {
        let id = GrantId(self.fresh());
        let ids = GrantIds { id, now: self.now, unenforceable: Vec::new(), can_hold: true };
        let known = self.state.members.get(&desk.member);
        let member = known.unwrap_or(&self.state.members[&self.reviewer.member]);
        draft_grant(&self.state, member, &request, ids, texts)
    }

    pub(crate) fn approval(&self, desk: &Desk, grant: &Grant, step: Step) -> Blob {
        let approval = Approval {
            grant: grant.digest(),
            step,
            head: self.head(),
            issued: self.now,
            cti: Cti(self.fresh()),
        };
        Blob(approval.sign(&desk.signing()))
    }

    pub(crate) fn vetted(&self, desk: &Desk, request: RequestId, grant: Grant, vetting: Vetting) -> Event {
        let approval = self.approval(desk, &grant, Step::Vetted);
        Event::Vetted(Vetted { request, grant, vetting, approval })
    }

    pub(crate) fn try_vet(&mut self, desk: &Desk, request: RequestId) -> Result<(), Refusal> {
        let (grant, vetting) = self.draft(desk, request)?;
        let event = self.vetted(desk, request, grant, vetting);
        self.act(desk, event)
    }

    pub(crate) fn countersigned(&self, desk: &Desk, request: RequestId, grant: &Grant) -> Event {
        let approval = self.approval(desk, grant, Step::Countersigned);
        Event::Countersigned(Countersigned { request, approval })
    }

    /// What stands signed under a request.
    pub(crate) fn grant(&self, request: RequestId) -> Grant {
        self.exchange(request).signed.as_ref().expect("somebody signed").grant.clone()
    }

    pub(crate) fn try_countersign(&mut self, desk: &Desk, request: RequestId) -> Result<(), Refusal> {
        let grant = self.grant(request);
        let event = self.countersigned(desk, request, &grant);
        self.act(desk, event)
    }

    pub(crate) fn intended(&self, request: RequestId) -> Result<Intended, Refusal> {
        intend(&self.state, &request, KeyId(self.fresh()), Cti(self.fresh()))
    }

    pub(crate) fn try_intend(&mut self, desk: &Desk, request: RequestId) -> Result<KeyId, Refusal> {
        let event = self.intended(request)?;
        let key = event.key;
        self.act(desk, Event::Intended(event)).map(|()| key)
    }

    pub(crate) fn issued(&self, key: KeyId) -> Issued {
        let known = self.state.keys.get(&key);
        Issued {
            key,
            envelope: Digest::labelled("envelope", &[&key.0]),
            nonce: Digest::of(&nonce(key).0),
            fingerprint: Digest::labelled("fingerprint", &[&key.0]),
            handle: line(&format!("key {key}")),
            not_after: known.and_then(|k| k.not_after).unwrap_or(self.now),
            expires: self.now.plus(7 * DAY),
            scopes: known.map_or_else(|| scopes(&["orders:read"]), |k| k.scopes.clone()),
        }
    }

    pub(crate) fn receipt(&self, key: KeyId) -> Receipt {
        let known = self.state.keys.get(&key);
        Receipt {
            cti: known.and_then(|k| k.cti).unwrap_or(Cti([0; 16])),
            envelope: Digest::labelled("envelope", &[&key.0]),
            nonce: nonce(key),
            grant: known.and_then(|k| k.grant).unwrap_or(GrantId([0; 16])),
            organisation: ORGANISATION,
            head: self.head(),
            opened: self.now,
        }
    }

    pub(crate) fn acknowledged(&self, partner: &Partner, key: KeyId, receipt: &Receipt) -> Event {
        Event::Acknowledged(Acknowledged { key, receipt: Blob(receipt.sign(&partner.signing())) })
    }

    /// What the partner wrote is not judged here: the member who records it has read it.
    pub(crate) fn leak_reported(&self, partner: &Partner, key: KeyId) -> Event {
        Event::LeakReported(LeakReported {
            notice: self.blob(),
            blob: self.blob(),
            identity: partner.signing().public().thumbprint(),
            keys: vec![key],
            request: None,
            sent: self.now,
        })
    }

    pub(crate) fn order(&self, desk: &Desk, act: Act, mut keys: Vec<KeyId>) -> Event {
        keys.sort_unstable();
        let order = Order {
            id: OrderId(self.fresh()),
            organisation: ORGANISATION,
            act,
            keys,
            reason: Reason::Precaution,
            issued: self.now,
            head: self.head(),
        };
        Event::Ordered(Ordered { order: Blob(order.sign(&desk.signing())) })
    }

    /// The proof that the order which stands against a key was carried out.
    pub(crate) fn stopped(&self, key: KeyId, by_reading: bool) -> Stopped {
        let stop = self.state.keys.get(&key).and_then(|k| k.stop.as_ref());
        let (order, act) = stop.map_or((OrderId([0; 16]), Act::Revoke), |s| (s.order, s.act));
        let (read_again, evidence) =
            if by_reading { (Some(self.blob()), None) } else { (None, Some(self.blob())) };
        Stopped { key, order, act, read_again, evidence }
    }

    /// Asked, compared and answered: ready for the first signature.
    pub(crate) fn ready(&mut self, asked: Asked) -> RequestId {
        let (sponsor, reviewer) = (self.founders[3].clone(), self.reviewer.clone());
        let request = self.ask(&sponsor, asked);
        self.compare(&reviewer);
        self.answer_all(&reviewer, request);
        request
    }

    pub(crate) fn until_vetted(&mut self, asked: Asked) -> RequestId {
        let request = self.ready(asked);
        self.try_vet(&self.reviewer.clone(), request).unwrap();
        request
    }

    pub(crate) fn until_countersigned(&mut self, asked: Asked) -> RequestId {
        let request = self.until_vetted(asked);
        self.try_countersign(&self.approver.clone(), request).unwrap();
        request
    }

    pub(crate) fn until_intended(&mut self, asked: Asked) -> (RequestId, KeyId) {
        let request = self.until_countersigned(asked);
        let key = self.try_intend(&self.agent.clone(), request).unwrap();
        (request, key)
    }

    pub(crate) fn until_issued(&mut self, asked: Asked) -> (RequestId, KeyId) {
        let (request, key) = self.until_intended(asked);
        self.must(&self.agent.clone(), Event::Issued(self.issued(key)));
        (request, key)
    }

    pub(crate) fn hand_over(&mut self, key: KeyId) {
        self.must(&self.agent.clone(), Event::HandedOver(HandedOver { key, way: Way::File }));
    }

    /// The relay's answer to a withdrawal.
    pub(crate) fn withdrawn(&self, key: KeyId, outcome: Outcome) -> Event {
        Event::Withdrawn(Withdrawn { key, outcome, at: Some(self.now) })
    }

    pub(crate) fn open(&mut self, key: KeyId) {
        let event = self.acknowledged(&self.partner.clone(), key, &self.receipt(key));
        self.must(&self.agent.clone(), event);
    }

    pub(crate) fn until_active(&mut self, asked: Asked) -> (RequestId, KeyId) {
        let (request, key) = self.until_issued(asked);
        self.switch_on(key);
        (request, key)
    }

    /// A key in use, of a contact whose company was found to be called like that, and whom two people accepted.
    pub(crate) fn until_active_alike(&mut self, asked: Asked, name: &str) -> KeyId {
        let (request, reviewer) = (self.ready(asked), self.reviewer.clone());
        let event = self.justified(&reviewer, request, FindingCode::LookAlike);
        self.must(&reviewer, event);
        let texts = vec![(FindingCode::LookAlike, Some(line(name)))];
        let (grant, vetting) = self.draft_with(&reviewer, request, texts).unwrap();
        let event = self.vetted(&reviewer, request, grant, vetting);
        self.must(&reviewer, event);
        self.try_countersign(&self.approver.clone(), request).unwrap();
        let key = self.try_intend(&self.agent.clone(), request).unwrap();
        self.must(&self.agent.clone(), Event::Issued(self.issued(key)));
        self.switch_on(key);
        key
    }

    fn switch_on(&mut self, key: KeyId) {
        self.hand_over(key);
        self.open(key);
        self.must(&self.agent.clone(), Event::Activated(Activated { key }));
    }

    pub(crate) fn abandoned(&self, key: KeyId) -> Event {
        Event::Abandoned(Abandoned { key })
    }
}
