//! Founding, members and changes.

use std::{cell::Cell, sync::OnceLock};

use countersign_documents::{
    Blob, Digest, ReceivingKey, ReceivingSecret, Secret32, SigningKey, Time,
    card::Card,
    catalogue::{
        Catalogue, Endpoint, Environment, EnvironmentClass, Method, Path, Scope, ScopeClass, Service,
    },
    certificate::{Certificate, Right},
    encode,
    id::{ChangeId, MemberId, OrganisationId},
    policy::Policy,
    root::{Certifier, Root, successor},
    text::{Line, Prose, ScopeName, Slug},
    time::DAY,
};
use countersign_domain::{
    Change, Event, Member, due,
    event::{
        Admission, Confirmed, Founded, IssuerKind, IssuerTerms, Keyring, MemberChecked, Proposed, Shared,
        Suspended, Wrap,
    },
};

use super::{Desk, Partner, START, World, people::ALL_RIGHTS};

pub(crate) const ORGANISATION: OrganisationId = OrganisationId(*b"organisation one");

pub(crate) fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

pub(crate) fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

/// What two people keep on paper.
pub(crate) fn halves() -> [SigningKey; 2] {
    [Desk::new("Left half", &[]), Desk::new("Right half", &[])].map(|d| d.certifying())
}

/// The root that these persons' certifying keys make, signed by all of them.
pub(crate) fn root_of(founders: &[Desk]) -> (Root, Blob) {
    let mut certifiers: Vec<_> =
        founders.iter().map(|f| Certifier { person: f.person, key: f.certifying().public() }).collect();
    certifiers.sort_by_key(|c| c.person);
    let offline = halves().map(|half| half.public());
    let root = Root {
        organisation: ORGANISATION,
        version: 1,
        certifiers,
        threshold: 2,
        successor: successor(&offline[0], &offline[1]),
        made: START,
        previous: None,
        revealed: None,
        sample: None,
    };
    let payload = encode(&root);
    let signed = founders.iter().map(|f| Root::cosign(&payload, &f.certifying())).collect();
    (root, Blob(Root::join(&payload, signed)))
}

/// A certificate that these persons signed.
pub(crate) fn certified(desk: &Desk, by: &[&Desk]) -> Blob {
    let keys: Vec<_> = by.iter().map(|c| c.certifying()).collect();
    certified_at(desk, START, &keys.iter().collect::<Vec<_>>())
}

/// The same at another time, by any keys.
pub(crate) fn certified_at(desk: &Desk, issued: Time, by: &[&SigningKey]) -> Blob {
    let payload = desk.certificate(ORGANISATION, issued).payload();
    let parts = by.iter().map(|key| Certificate::cosign(&payload, key)).collect();
    Blob(Certificate::join(&payload, parts))
}

pub(crate) fn shared_key(epoch: u64) -> ReceivingKey {
    ReceivingSecret::new(Secret32::new(Digest::of(format!("shared {epoch}").as_bytes()).0)).public()
}

/// Everything that is due to a member, wrapped.
pub(crate) fn wraps_for(member: &Member, epoch: u64, with_look_up: bool) -> Vec<Wrap> {
    wraps(member.id, &due(member, with_look_up), epoch)
}

pub(crate) fn wraps(member: MemberId, shared: &[Shared], epoch: u64) -> Vec<Wrap> {
    let letter = |s: Shared| Digest::of(format!("{member} {s} {epoch}").as_bytes());
    let generation = |s: Shared| if s == Shared::LookUp { 1 } else { epoch };
    shared
        .iter()
        .map(|s| Wrap { member, shared: *s, generation: generation(*s), letter: letter(*s) })
        .collect()
}

pub(crate) fn founding(founders: &[Desk]) -> Founded {
    let (_, root) = root_of(founders);
    let all = [Shared::Ledger, Shared::LookUp, Shared::Receiving];
    let keyring = Keyring {
        epoch: 1,
        ledger: Digest::of(b"ledger key 1"),
        look_up: Digest::of(b"look-up key"),
        receiving: shared_key(1),
        before: None,
        wraps: founders.iter().flat_map(|f| wraps(f.member, &all, 1)).collect(),
    };
    Founded {
        root,
        certificates: founders.iter().map(|f| certified(f, &[&founders[0], &founders[1]])).collect(),
        names: founders.iter().map(Desk::name_blob).collect(),
        keyring,
        name: line("Example Works"),
    }
}

fn scope(name: &str, class: ScopeClass, method: Method) -> Scope {
    let endpoint = Endpoint { methods: vec![method], path: Path::parse(&format!("/v1/{class}/*")).unwrap() };
    Scope { name: ScopeName::parse(name).unwrap(), class, endpoints: vec![endpoint] }
}

fn environment(id: &str, class: EnvironmentClass, issuer: &str) -> Environment {
    let base_url = line(&format!("https://{id}.example.com/"));
    Environment { id: slug(id), class, base_url, longest_days: 90, issuer: slug(issuer) }
}

/// One service: `sandbox` and `live` by the gateway, `byhand` by a person.
pub(crate) fn catalogue(version: u64) -> Catalogue {
    let service = Service {
        id: slug("orders"),
        name: line("Orders"),
        text: None,
        environments: vec![
            environment("sandbox", EnvironmentClass::Sandbox, "gate"),
            environment("live", EnvironmentClass::Production, "gate"),
            environment("byhand", EnvironmentClass::Sandbox, "office"),
        ],
        scopes: vec![
            scope("orders:read", ScopeClass::Read, Method::Get),
            scope("orders:write", ScopeClass::Write, Method::Post),
            scope("settings:admin", ScopeClass::Admin, Method::Put),
        ],
    };
    Catalogue { version, services: vec![service], questions: Vec::new() }
}

pub(crate) fn gate() -> IssuerTerms {
    let location = Some(line("/srv/gate/keys"));
    IssuerTerms {
        id: slug("gate"),
        kind: IssuerKind::HashFile,
        prefix: Some(slug("exw")),
        location,
        instructions: None,
    }
}

pub(crate) fn by_hand(name: &str) -> IssuerTerms {
    let instructions = Prose::parse("Ask the platform team.").ok();
    IssuerTerms { id: slug(name), kind: IssuerKind::Manual, prefix: None, location: None, instructions }
}

impl World {
    /// Four founders with all rights, a reviewer, an approver, an agent and a spare reviewer; catalogue and issuers. Each
    /// founder has heard a newcomer, whom any of them may propose.
    pub(crate) fn founded() -> Self {
        static READY: OnceLock<String> = OnceLock::new();
        let mut world = Self::bare();
        let state = READY.get_or_init(|| {
            let mut world = Self::bare();
            let founders = world.founders.clone();
            world.must(&founders[0], Event::Founded(founding(&founders)));
            for terms in [gate(), by_hand("office")] {
                world.change(Change::Issuer(terms));
            }
            world.change(Change::Catalogue(catalogue(1)));
            for founder in &founders {
                world.hear(founder, &Desk::new("New Comer", &[]));
            }
            for desk in [&world.reviewer, &world.approver, &world.agent, &world.spare].map(Clone::clone) {
                world.admit(&desk);
            }
            serde_json::to_string(&(world.rows, world.now, world.ids.get(), &world.state)).unwrap()
        });
        let (rows, now, ids, state) =
            serde_json::from_str(state).expect("a state is read back as it was written");
        (world.rows, world.now, world.ids, world.state) = (rows, now, Cell::new(ids), state);
        world
    }

    /// The same people, before anything happened.
    pub(crate) fn bare() -> Self {
        Self {
            state: Default::default(),
            now: START,
            rows: 0,
            ids: Cell::new(0),
            founders: ["Ada One", "Ben Two", "Cem Three", "Dot Four"]
                .map(|n| Desk::new(n, ALL_RIGHTS))
                .to_vec(),
            reviewer: Desk::new("Rea Viewer", &[Right::Vet]),
            approver: Desk::new("Ann Prover", &[Right::Approve]),
            agent: Desk::agent("Agent"),
            spare: Desk::new("Sam Pare", &[Right::Vet]),
            partner: Partner::new("Partner Ltd"),
        }
    }

    pub(crate) fn proposal(&self, desk: &Desk, change: Change) -> Proposed {
        let signature = self.part(desk, &change);
        Proposed { id: ChangeId(self.fresh()), change, signature }
    }

    /// This admin's part of a jointly signed document, where the change is one.
    pub(crate) fn part(&self, desk: &Desk, change: &Change) -> Option<Blob> {
        match change {
            Change::Admission(a) => {
                Some(Blob(encode(&Certificate::cosign(&a.certificate.0, &desk.certifying()))))
            }
            Change::Card(payload) => {
                let own =
                    self.state.members.get(&desk.member).map(|m| m.certificate.clone()).unwrap_or_default();
                Some(Blob(encode(&Card::cosign(&payload.0, &own.0, &desk.signing()))))
            }
            _ => None,
        }
    }

    pub(crate) fn confirmation(&self, desk: &Desk, id: ChangeId) -> Confirmed {
        let known = self.state.pending.get(&id).map(|p| &p.proposed.change);
        let change = known.map_or(Digest::of(b"nothing"), Change::digest);
        Confirmed { id, change, signature: known.and_then(|c| self.part(desk, c)) }
    }

    /// Proposed by the first founder, confirmed by the second.
    pub(crate) fn change(&mut self, change: Change) {
        let (first, second) = (self.founders[0].clone(), self.founders[1].clone());
        let proposed = self.proposal(&first, change);
        let id = proposed.id;
        self.must(&first, Event::Proposed(proposed));
        let confirmed = self.confirmation(&second, id);
        self.must(&second, Event::Confirmed(confirmed));
    }

    pub(crate) fn admission(&self, desk: &Desk) -> Change {
        let certificate = Blob(desk.certificate(ORGANISATION, self.now).payload());
        let identity = Blob(desk.card(self.now).sign(&desk.signing()));
        Change::Admission(Admission { certificate, identity, name: desk.name_blob() })
    }

    /// Makes a member, or certifies one anew.
    pub(crate) fn admit(&mut self, desk: &Desk) {
        let key = desk.signing().public();
        if self.state.members.get(&desk.member).is_none_or(|m| m.key != key) {
            self.hear(&self.founders[0].clone(), desk);
        }
        self.change(self.admission(desk));
    }

    /// One member hears another's fingerprint, or that of somebody who is to become one.
    pub(crate) fn hear(&mut self, by: &Desk, whom: &Desk) {
        self.must(by, self.member_checked(by, whom.thumbprint()));
    }

    pub(crate) fn member_checked(&self, by: &Desk, identity: Digest) -> Event {
        Event::MemberChecked(MemberChecked { identity, check: self.hearing(by, true) })
    }

    /// Puts the policy in force that `edit` makes of the one in force.
    pub(crate) fn policy(&mut self, edit: impl FnOnce(&mut Policy)) {
        self.change(Change::Policy(self.edited(edit)));
    }

    /// The next version of the policy.
    pub(crate) fn edited(&self, edit: impl FnOnce(&mut Policy)) -> Policy {
        let mut policy = self.state.policy();
        policy.version += 1;
        edit(&mut policy);
        policy
    }

    pub(crate) fn suspend(&mut self, desk: &Desk) {
        let by = self.founders.iter().find(|f| f.member != desk.member).cloned().unwrap();
        self.must(&by, Event::Suspended(self.suspension(desk)));
    }

    pub(crate) fn suspension(&self, desk: &Desk) -> Suspended {
        Suspended { member: desk.member, why: line("left") }
    }

    pub(crate) fn card(&self) -> Card {
        Card {
            organisation: ORGANISATION,
            version: self.state.card_version + 1,
            name: self.state.name.clone().unwrap(),
            roots: self.state.trust.as_ref().unwrap().chain.clone(),
            receiving: self.state.receiving[&self.state.epoch],
            catalogue: self.state.catalogue.clone().unwrap(),
            made: self.now,
            expires: self.now.plus(30 * DAY),
            relay: None,
        }
    }

    pub(crate) fn keyring(&self) -> Keyring {
        let epoch = self.state.epoch + 1;
        Keyring {
            epoch,
            ledger: Digest::of(format!("ledger key {epoch}").as_bytes()),
            look_up: self.state.look_up.unwrap(),
            receiving: shared_key(epoch),
            before: Some(Blob(vec![0; 72])),
            wraps: self.state.active().flat_map(|m| wraps_for(m, epoch, false)).collect(),
        }
    }
}
