//! One value, one spelling: what is written is read back, and whatever is read is written as the same bytes.

use core::fmt::Debug;

use countersign_documents::{
    Decode, Digest, Encode, Flag, Time,
    approval::{Approval, Step},
    catalogue::{
        Catalogue, Endpoint, Environment, EnvironmentClass, Method, Path, Question, Scope, ScopeClass,
        Service,
    },
    cbor::Blob,
    decode, encode,
    entry::Entry,
    grant::{Activation, Channel, Grant, IdentityCheck, KeyForm},
    id::{Cti, GrantId, KeyId, OpId, OrderId, OrganisationId, PersonId, RequestId},
    network::Network,
    order::{self, Order},
    policy::{Check, FindingCode, Policy, Severity, Weight},
    receipt::Receipt,
    request::{Answer, Applicant, Asked, Mode, Purpose, Request},
    text::{Line, Prose, ScopeName, Slug},
};
use proptest::prelude::*;

use crate::world::Dice;

/// Chooses values of every type from a stream: all of them valid, many of them at the edge.
pub(crate) struct Any(pub(crate) Dice);

impl Any {
    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.below(of.len())]
    }

    fn flag(&mut self) -> Flag {
        Flag(self.0.below(2) == 1)
    }

    pub(crate) fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.0.below(2) == 1).then(|| make(self))
    }

    pub(crate) fn list<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.0.below(most + 1)).map(|_| make(self)).collect()
    }

    /// At the edge of every width a number can be written in.
    pub(crate) fn number(&mut self) -> u64 {
        self.one(&[0, 1, 23, 24, 255, 256, 65_535, 65_536, u64::from(u32::MAX), 1 << 32, u64::MAX])
    }

    pub(crate) fn time(&mut self) -> Time {
        Time(self.number().min(countersign_documents::time::LATEST))
    }

    pub(crate) fn digest(&mut self) -> Digest {
        Digest(self.0.bytes())
    }

    fn text(&mut self, longest: usize, words: &[&str]) -> String {
        let mut text = self.one(words).to_owned();
        while self.0.below(4) > 0 {
            let word = self.one(words);
            if text.len() + word.len() >= longest {
                break;
            }
            text = format!("{text} {word}");
        }
        text
    }

    pub(crate) fn line(&mut self) -> Line {
        Line::parse(&self.text(200, &["a", "Zoë", "株式会社", "O'Neill", "x-9", "ЖЖ", "🙂"])).unwrap()
    }

    fn prose(&mut self) -> Prose {
        Prose::parse(&self.text(4_000, &["one\ntwo", "three", "vier,", "пять"])).unwrap()
    }

    fn name(&mut self, longest: usize, tail: &[u8]) -> String {
        let len = self.0.below(longest);
        let rest = (0..len).map(|_| char::from(self.one(tail))).collect::<String>();
        format!("{}{rest}", char::from(self.one(b"abz")))
    }

    pub(crate) fn slug(&mut self) -> Slug {
        Slug::parse(&self.name(40, b"az09-")).unwrap()
    }

    fn scope_name(&mut self) -> ScopeName {
        ScopeName::parse(&self.name(60, b"az09-_.:")).unwrap()
    }

    pub(crate) fn network(&mut self) -> Network {
        Network::parse(self.one(&[
            "203.0.113.0/24",
            "198.51.100.7",
            "2001:db8::/32",
            "10.0.0.0/8",
            "::1",
            "0.0.0.0/1",
        ]))
        .unwrap()
    }

    pub(crate) fn scope(&mut self) -> Scope {
        let endpoints = self.list(3, |any| Endpoint {
            methods: any.list(6, |any| any.one(Method::ALL)),
            path: Path::parse(&format!("/{}", any.name(60, b"az09-_*/"))).unwrap(),
        });
        Scope { name: self.scope_name(), class: self.one(ScopeClass::ALL), endpoints }
    }

    fn grant(&mut self) -> Grant {
        Grant {
            id: GrantId(self.0.id()),
            lineage: GrantId(self.0.id()),
            mode: self.one(Mode::ALL),
            predecessor: self.maybe(|any| GrantId(any.0.id())),
            organisation: OrganisationId(self.0.id()),
            request: self.digest(),
            recipient: self.digest(),
            receiving: self.digest(),
            sponsor: PersonId(self.0.id()),
            service: self.slug(),
            environment: self.slug(),
            scopes: self.list(4, Self::scope),
            networks: self.list(4, Self::network),
            base_url: self.line(),
            not_after: self.time(),
            deliver_by: self.time(),
            rotations: self.number(),
            form: self.one(KeyForm::ALL),
            activation: self.one(Activation::ALL),
            issuer: self.slug(),
            policy: self.digest(),
            catalogue: self.digest(),
            issuer_terms: self.digest(),
            unenforceable: self.list(3, Self::line),
            identity_checks: self.list(3, Self::identity_check),
            vetting: self.digest(),
        }
    }

    fn identity_check(&mut self) -> IdentityCheck {
        let (person, time) = (PersonId(self.0.id()), self.time());
        IdentityCheck {
            person,
            time,
            channel: self.one(Channel::ALL),
            source: self.line(),
            attended: self.flag(),
        }
    }

    fn request(&mut self) -> Request {
        let mut line = || self.line();
        let applicant = Applicant {
            company: line(),
            person: line(),
            role: line(),
            email: line(),
            incident_contact: line(),
        };
        let mut prose = || self.prose();
        let purpose =
            Purpose { why: prose(), workflow: prose(), usage: prose(), data: prose(), safeguards: prose() };
        Request {
            id: RequestId(self.0.id()),
            revision: self.number(),
            organisation: OrganisationId(self.0.id()),
            card: self.digest(),
            identity: self.blob(),
            made: self.time(),
            mode: self.one(Mode::ALL),
            predecessor: self.maybe(|any| GrantId(any.0.id())),
            applicant,
            purpose,
            asked: Asked {
                service: self.slug(),
                environment: self.slug(),
                scopes: self.list(4, Self::scope_name),
                networks: self.list(4, Self::network),
                days: self.number(),
            },
            answers: self.list(3, |any| Answer { question: any.slug(), text: any.prose() }),
        }
    }

    pub(crate) fn blob(&mut self) -> Blob {
        let len = self.one(&[0, 1, 23, 24, 255, 256, 300]);
        Blob(vec![self.0.bytes()[0]; len])
    }

    fn catalogue(&mut self) -> Catalogue {
        let environment = |any: &mut Self| Environment {
            id: any.slug(),
            class: any.one(EnvironmentClass::ALL),
            base_url: any.line(),
            longest_days: any.number(),
            issuer: any.slug(),
        };
        let service = |any: &mut Self| Service {
            id: any.slug(),
            name: any.line(),
            text: any.maybe(Self::prose),
            environments: any.list(3, environment),
            scopes: any.list(3, Self::scope),
        };
        let question = |any: &mut Self| Question { id: any.slug(), text: any.line() };
        Catalogue {
            version: self.number(),
            services: self.list(3, service),
            questions: self.list(3, question),
        }
    }

    fn policy(&mut self) -> Policy {
        let mut policy = Policy::standard();
        let numbers = [&mut policy.version, &mut policy.quorum, &mut policy.rotations, &mut policy.pace_keys];
        numbers.into_iter().for_each(|number| *number = self.number());
        policy.sponsor_signs = self.flag();
        policy.unattended = self.flag();
        policy.checks = self.list(4, |any| any.one(Check::ALL));
        policy.weights = self
            .list(4, |any| Weight { finding: any.one(FindingCode::ALL), severity: any.one(Severity::ALL) });
        policy
    }

    fn receipt(&mut self) -> Receipt {
        let (cti, grant, organisation) =
            (Cti(self.0.id()), GrantId(self.0.id()), OrganisationId(self.0.id()));
        let (envelope, nonce) = (self.digest(), self.digest());
        Receipt { cti, envelope, nonce, grant, organisation, head: self.0.head(), opened: self.time() }
    }

    fn order(&mut self) -> Order {
        Order {
            id: OrderId(self.0.id()),
            organisation: OrganisationId(self.0.id()),
            act: self.one(order::Act::ALL),
            keys: self.list(4, |any| KeyId(any.0.id())),
            reason: self.one(order::Reason::ALL),
            issued: self.time(),
            head: self.0.head(),
        }
    }
}

/// Writes and reads a value, then changes its bytes: what is still read must be written as exactly those bytes. How
/// many changed ones were read.
pub(crate) fn one_spelling<T: Encode + for<'a> Decode<'a> + PartialEq + Debug>(
    value: &T,
    dice: &mut Dice,
) -> Result<usize, TestCaseError> {
    let bytes = encode(value);
    let back = decode::<T>(&bytes);
    prop_assert_eq!(back.as_ref(), Ok(value), "what is written is read back");
    let mut read = 0;
    for _ in 0..60 {
        let mut changed = bytes.clone();
        let at = dice.below(changed.len());
        match dice.below(4) {
            0 => changed[at] ^= 1 << dice.below(8),
            1 => changed[at] = dice.bytes()[0],
            2 => changed.insert(at, dice.bytes()[0]),
            _ => _ = changed.remove(at),
        }
        if let Ok(other) = decode::<T>(&changed) {
            read += usize::from(changed != bytes);
            prop_assert_eq!(encode(&other), changed, "what is read has one spelling");
        }
    }
    Ok(read)
}

/// How many values are tried.
pub(crate) fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: if crate::soak() { 20_000 } else { 300 },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

macro_rules! one_spelling_each {
    ($($test:ident $make:ident;)*) => {
        proptest! {
            #![proptest_config(cases())]
            $(
                #[test]
                fn $test(seed in any::<u64>()) {
                    let mut any = Any(Dice::new(stringify!($make), seed));
                    let value = any.$make();
                    one_spelling(&value, &mut any.0)?;
                }
            )*
        }
    };
}

one_spelling_each! {
    grants_have_one_spelling grant;
    requests_have_one_spelling request;
    catalogues_have_one_spelling catalogue;
    policies_have_one_spelling policy;
    receipts_have_one_spelling receipt;
    orders_have_one_spelling order;
    identity_checks_have_one_spelling identity_check;
    blobs_have_one_spelling blob;
}

#[test]
fn changes_that_are_still_read_do_occur() {
    let mut any = Any(Dice::new("accepted", 1));
    let read: usize =
        (0..50).map(|_| one_spelling(&any.receipt(), &mut Dice::new("accepted", 2)).unwrap()).sum();
    assert!(
        read > 500,
        "only {read} changed receipts were read: the second half of the property would be empty"
    );
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn approvals_and_entries_have_one_spelling(seed in any::<u64>()) {
        let mut any = Any(Dice::new("approval", seed));
        let (grant, step, head, issued) = (any.digest(), any.one(Step::ALL), any.0.head(), any.time());
        let approval = Approval { grant, step, head, issued, cti: Cti(any.0.id()) };
        one_spelling(&approval, &mut any.0)?;
        let (op_id, organisation) = (OpId(any.0.id()), OrganisationId(any.0.id()));
        let entry = Entry { op_id, organisation, head, time: issued, event: any.blob() };
        one_spelling(&entry, &mut any.0)?;
    }
}
