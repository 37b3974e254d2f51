//! Random histories: honest next steps, arbitrary attempts and replays, by anybody. After each one the invariants hold.

use std::collections::BTreeSet;

use countersign_documents::{
    approval::{Approval, Step},
    catalogue::EnvironmentClass,
    certificate::Right,
    id::{KeyId, RequestId},
    order::Act,
    policy::Check,
    time::{DAY, HOUR},
};
use countersign_domain::{Event, Exchange, ExchangeState, KeyRecord, KeyState, Refusal};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::world::{
    Desk, Partner, World,
    acts::{ACTIONS, Aim, asked_with, build},
    asking::reading,
};

/// One attempt, as numbers that find their meaning in the state they meet.
#[derive(Debug, Clone)]
struct Attempt {
    kind: u8,
    actor: usize,
    action: usize,
    target: usize,
    wait: u8,
}

fn attempt() -> impl Strategy<Value = Attempt> {
    (0..10u8, any::<usize>(), any::<usize>(), any::<usize>(), 0..40u8)
        .prop_map(|(kind, actor, action, target, wait)| Attempt { kind, actor, action, target, wait })
}

/// What came of all histories together: a model in which nothing happens proves nothing.
#[derive(Debug, Default)]
struct Tally {
    steps: u64,
    accepted: u64,
    refused: u64,
    codes: BTreeSet<&'static str>,
    issued: u64,
    active: u64,
    rotated: u64,
    revoked: u64,
}

#[test]
fn no_history_makes_a_key_that_two_persons_did_not_sign() {
    // Unset: a seeded sample. 1: the full count, from fresh seeds. Any other number: so many of them.
    let soak = std::env::var("COUNTERSIGN_SOAK").ok().and_then(|n| n.parse::<u32>().ok());
    let cases = match soak {
        None => 256,
        Some(0 | 1) => 10_000,
        Some(cases) => cases,
    };
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let seeded = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = match soak {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, seeded),
    };
    let tally = std::cell::RefCell::new(Tally::default());
    let outcome = runner.run(&vec(attempt(), 1..=60), |attempts| {
        let mut history = History::new();
        for attempt in &attempts {
            history.step(attempt);
        }
        history.report(&mut tally.borrow_mut());
        Ok(())
    });
    let tally = tally.into_inner();
    println!("model: {cases} histories, {tally:?}");
    outcome.expect("the invariants hold");
    assert!(
        tally.issued > 50 && tally.active > 10 && tally.rotated > 0 && tally.revoked > 0,
        "keys were made and stopped"
    );
    assert!(tally.refused > 1_000 && tally.codes.len() > 25, "and much was refused, for many reasons");
}

struct History {
    world: World,
    people: Vec<Desk>,
    past: Vec<Event>,
    revoked: BTreeSet<KeyId>,
    codes: BTreeSet<&'static str>,
    accepted: u64,
    refused: u64,
}

impl History {
    fn new() -> Self {
        let mut world = World::founded();
        let auditor = Desk::new("Auditor", &[Right::Audit]);
        let twin = world.founders[2].second(&[Right::Vet, Right::Approve]);
        world.admit(&auditor);
        world.admit(&twin);
        let mut people = world.founders.clone();
        people.extend(
            [&world.reviewer, &world.approver, &world.agent, &world.spare, &auditor, &twin].map(Clone::clone),
        );
        people.extend([Desk::new("Stranger", &[Right::Issue]), world.partner.as_desk()]);
        let (past, revoked, codes) = Default::default();
        Self { world, people, past, revoked, codes, accepted: 0, refused: 0 }
    }

    fn step(&mut self, attempt: &Attempt) {
        let wait = [HOUR / 2, 2 * HOUR, DAY, 4 * DAY].get(usize::from(attempt.wait)).copied();
        self.world.now = self.world.now.plus(wait.unwrap_or(0));
        let aim = self.aim(attempt.target);
        let anybody = self.people[attempt.actor % self.people.len()].clone();
        let (desk, event) = match attempt.kind {
            0..=6 => self.next(aim, attempt),
            7 if !self.past.is_empty() => (anybody, self.past[attempt.target % self.past.len()].clone()),
            _ => {
                let event = build(ACTIONS[attempt.action % ACTIONS.len()], &self.world, &anybody, aim);
                (anybody, event)
            }
        };
        self.attempt(&desk, event);
    }

    /// A request and its newest key, and the partner who is behind it.
    fn aim(&mut self, target: usize) -> Aim {
        let ids: Vec<RequestId> = self.world.state.exchanges.keys().copied().collect();
        let Some(request) = ids.get(target % ids.len().max(1)).copied() else { return Aim::NOTHING };
        let exchange = self.world.exchange(request);
        let other = Partner::new("Other GmbH");
        let (key, identity) = (exchange.keys.last().copied(), exchange.identity);
        self.world.partner = if other.thumbprint() == identity { other } else { Partner::new("Partner Ltd") };
        Aim { request, key: key.unwrap_or(Aim::NOTHING.key) }
    }

    /// What somebody with the right would do next.
    fn next(&mut self, aim: Aim, attempt: &Attempt) -> (Desk, Event) {
        let odd = attempt.action % 2 == 1;
        let Some(exchange) = self.world.state.exchanges.get(&aim.request).cloned() else {
            return self.ask(attempt);
        };
        if self.world.state.exchanges.len() < 3 && attempt.action.is_multiple_of(9) {
            return self.ask(attempt);
        }
        let (right, action) = match exchange.state {
            ExchangeState::Received => return self.vet(&exchange, attempt),
            ExchangeState::ChangesAsked => (Right::Vet, if odd { "revise" } else { "vet" }),
            ExchangeState::Vetted => (Right::Approve, "countersign"),
            ExchangeState::Countersigned | ExchangeState::Issued => return self.make(aim, odd, attempt),
            ExchangeState::Declined | ExchangeState::Withdrawn => return self.ask(attempt),
        };
        let desk = self.with(right, attempt);
        let event = build(action, &self.world, &desk, aim);
        (desk, event)
    }

    fn with(&self, right: Right, attempt: &Attempt) -> Desk {
        let fitting: Vec<_> = self.people.iter().filter(|d| d.rights.contains(&right)).collect();
        fitting[attempt.actor % fitting.len()].clone()
    }

    fn ask(&mut self, attempt: &Attempt) -> (Desk, Event) {
        let partner =
            Partner::new(if attempt.target.is_multiple_of(3) { "Other GmbH" } else { "Partner Ltd" });
        let asked = match attempt.target % 4 {
            0 => asked_with(&["orders:read", "orders:write"], "sandbox"),
            1 => reading("byhand"),
            2 => asked_with(&["orders:read", "settings:admin"], "sandbox"),
            _ => reading("live"),
        };
        let event = self.world.received(&partner, RequestId(self.world.fresh()), asked);
        (self.with(Right::Vet, attempt), Event::Received(event))
    }

    fn vet(&mut self, exchange: &Exchange, attempt: &Attempt) -> (Desk, Event) {
        let desk = self.with(Right::Vet, attempt);
        let missing = Check::ALL.iter().find(|c| !exchange.checks.get(c).is_some_and(|r| r.passed.0));
        let called =
            self.world.state.partners[&exchange.identity].checks.iter().any(|c| c.person == desk.person);
        let event = match missing {
            Some(check) => self.world.answer(&desk, exchange.id, *check, !attempt.action.is_multiple_of(8)),
            None if !called => Event::IdentityChecked(self.world.compared(&desk, true)),
            None => build("vet", &self.world, &desk, Aim { request: exchange.id, ..Aim::NOTHING }),
        };
        (desk, event)
    }

    fn make(&mut self, aim: Aim, odd: bool, attempt: &Attempt) -> (Desk, Event) {
        let key = self.world.state.keys.get(&aim.key);
        let maker =
            key.and_then(|k| k.maker).and_then(|m| self.people.iter().find(|d| d.member == m)).cloned();
        let waiting = key.is_some_and(|k| k.stop.as_ref().is_some_and(|s| s.confirmed.is_none()));
        let action = match key.map(|k| k.state) {
            Some(KeyState::Intended) => {
                let desk = maker.unwrap_or_else(|| self.with(Right::Issue, attempt));
                let event = build("issue", &self.world, &desk, aim);
                return (desk, event);
            }
            Some(_) if waiting => "confirm-by-evidence",
            None | Some(KeyState::Abandoned | KeyState::Revoked) => "intend",
            Some(KeyState::Sealed) if odd => "hand-over",
            Some(KeyState::Sealed | KeyState::HandedOver) => "record-receipt",
            Some(KeyState::Opened) => "activate",
            Some(KeyState::Active) if odd => "intend",
            Some(KeyState::Active | KeyState::Disabled) => "order-revoke",
        };
        let desk = self.with(Right::Issue, attempt);
        let event = build(action, &self.world, &desk, aim);
        (desk, event)
    }

    fn attempt(&mut self, desk: &Desk, event: Event) {
        let before = self.world.check(desk, &event).is_err().then(|| self.world.bytes());
        let suspended = self.world.state.members.get(&desk.member).is_none_or(|m| m.suspended);
        let outcome = self.world.act(desk, event.clone());
        match (outcome, before) {
            (Ok(()), None) => {
                self.accepted += 1;
                assert!(!suspended, "whoever is no active member changes nothing");
                if let Event::Issued(issued) = &event {
                    self.signed_by_enough(self.world.key(issued.key));
                }
            }
            (Err(refusal), Some(before)) => {
                self.refused += 1;
                self.codes.insert(Refusal::code(refusal));
                assert!(self.world.bytes() == before, "{} was refused and changed the state", event.word());
            }
            _ => panic!("check and fold disagree about {}", event.word()),
        }
        self.past.push(event);
        self.invariants();
    }

    /// As many persons as the policy asks for, each by an own key, over the grant under which the key was made.
    fn signed_by_enough(&self, key: &KeyRecord) {
        let signed = self.world.exchange(key.request.unwrap()).signed.as_ref().unwrap();
        let wanted = self
            .world
            .state
            .policy()
            .quorum_for(key.class.unwrap_or(EnvironmentClass::Production), signed.grant.has_admin_scope());
        assert!(signed.approvals.len() as u64 >= wanted, "a key takes {wanted} signatures");
    }

    fn invariants(&mut self) {
        let state = &self.world.state;
        for key in state.all_keys().filter(|k| k.request.is_some()) {
            let exchange = &state.exchanges[&key.request.unwrap()];
            if !matches!(key.state, KeyState::Intended | KeyState::Abandoned) && key.fingerprint.is_some() {
                two_persons_signed(&self.world, key, exchange);
            }
            let within = |n| exchange.asked.networks.iter().any(|a| a.covers(n));
            assert!(
                key.scopes.iter().all(|s| exchange.asked.scopes.contains(s)),
                "no scope that was not asked for"
            );
            assert!(
                !key.networks.is_empty() && key.networks.iter().all(within),
                "no network that was not asked for"
            );
            assert!(
                key.not_after.unwrap() <= key.since.plus(exchange.asked.days * DAY),
                "not for longer than asked"
            );
            let activated = key.state == KeyState::Active;
            assert!(!activated || key.opened.is_some(), "a key works only after its receipt");
        }
        for exchange in state.exchanges.values() {
            let real = |k: &&KeyId| {
                state.keys[k].state != KeyState::Abandoned && state.keys[k].fingerprint.is_some()
            };
            let made = exchange.keys.iter().filter(real).count() as u64;
            let allowed = exchange.signed.as_ref().map_or(0, |s| 1 + s.grant.rotations);
            assert!(made <= allowed, "{made} keys where {allowed} are allowed");
        }
        for key in &self.revoked {
            assert_eq!(state.keys[key].state, KeyState::Revoked, "revoked is for ever");
        }
        let now = state.all_keys().filter(|k| k.state == KeyState::Revoked).map(|k| k.id);
        self.revoked.extend(now);
        let undone = |k: &&KeyRecord| {
            k.stop.as_ref().is_some_and(|s| s.act == Act::Revoke) && k.state == KeyState::Disabled
        };
        assert!(
            !state.all_keys().any(|k| undone(&k) && k.stop.as_ref().unwrap().confirmed.is_some()),
            "revoked, then disabled"
        );
    }

    fn report(&self, tally: &mut Tally) {
        tally.steps += self.past.len() as u64;
        tally.accepted += self.accepted;
        tally.refused += self.refused;
        tally.codes.extend(&self.codes);
        tally.revoked += self.revoked.len() as u64;
        for exchange in self.world.state.exchanges.values() {
            let made =
                exchange.keys.iter().filter(|k| self.world.key(**k).fingerprint.is_some()).count() as u64;
            tally.issued += made;
            tally.rotated += made.saturating_sub(1);
            let works = |k: &&KeyId| self.world.key(**k).state == KeyState::Active;
            tally.active += exchange.keys.iter().filter(works).count() as u64;
        }
    }
}

/// Judged from the documents alone: no count, no state and no row is believed.
fn two_persons_signed(world: &World, key: &KeyRecord, exchange: &Exchange) {
    let signed = exchange.signed.as_ref().expect("a key that was made keeps its signatures");
    assert_eq!(Some(signed.grant.id), key.grant, "they are over the grant of this key");
    assert_eq!(signed.grant.request, exchange.digest, "which is for this request");
    let mut persons = BTreeSet::new();
    let mut keys = BTreeSet::new();
    for (i, recorded) in signed.approvals.iter().enumerate() {
        let member = &world.state.members[&recorded.member];
        let approval =
            Approval::verify(&recorded.approval.0, &member.key).expect("each signature verifies").body;
        assert_eq!(approval.grant, signed.grant.digest(), "over this very grant");
        assert_eq!(approval.step, if i == 0 { Step::Vetted } else { Step::Countersigned }, "in this order");
        assert!(
            persons.insert(member.person) && keys.insert(member.key.thumbprint()),
            "each by another person and key"
        );
        assert!(!member.agent, "an agent signs nothing");
    }
    assert!(persons.len() >= 2, "two persons, or no key");
}
