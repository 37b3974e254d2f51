//! Who may do what: `tests/privileges.csv`, written by hand, against the state machine, cell by cell.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use countersign_documents::{certificate::Right, order::Act};
use countersign_domain::{
    Change, Event, Refusal,
    event::{Activated, HandedOver, Way},
};

use crate::world::{
    Desk, World,
    acts::{ACTIONS, Aim, build},
    asking::reading,
    organisation::by_hand,
    people::ALL_RIGHTS,
};

const ROLES: &[&str] =
    &["reviewer", "approver", "issuing", "admin", "founder", "auditor", "agent", "outsider", "partner"];
const STATES: &[&str] = &[
    "none",
    "received",
    "changes-asked",
    "vetted",
    "countersigned",
    "intended",
    "issued",
    "handed-over",
    "opened",
    "active",
    "disable-ordered",
    "disabled",
    "revoke-ordered",
    "revoked",
    "declined",
    "withdrawn",
];
const RELATIONS: &[&str] = &[
    "other",
    "self",
    "vetter",
    "sponsor",
    "sponsor-barred",
    "maker",
    "second-desk",
    "transplanted",
    "suspended",
    "old-key",
    "name-case",
    "name-spaces",
    "name-lookalike",
];

#[test]
fn every_cell_of_the_privilege_matrix_is_what_the_table_says() {
    let table = Table::read();
    let mut wrong = BTreeMap::<String, Vec<String>>::new();
    let (mut cells, mut allowed) = (0u32, 0u32);
    for role in ROLES {
        for relation in RELATIONS {
            let cast = Cast::of(role, relation);
            let stages = cast.stages();
            assert_eq!(stages.iter().map(|s| s.0).collect::<Vec<_>>(), STATES, "every state is reached");
            for (state, world, aim) in &stages {
                for action in ACTIONS {
                    let event = build(action, world, &cast.actor, *aim);
                    let actual = world.check(&cast.actor, &event).map_or_else(Refusal::code, |()| "ok");
                    let expected = table.expected([role, action, state, relation]);
                    cells += 1;
                    allowed += u32::from(actual == "ok");
                    if actual != expected {
                        let what = format!("{role} {action} {relation}: table {expected}, machine {actual}");
                        wrong.entry(what).or_default().push((*state).to_owned());
                    }
                }
            }
        }
    }
    let dead = table.unused();
    println!("privilege matrix: {cells} cells, {allowed} allowed, {} refused", cells - allowed);
    assert!(wrong.is_empty(), "the machine and the table differ: {wrong:#?}");
    assert_eq!(dead, Vec::<String>::new(), "a row that decides no cell says nothing");
    assert!(cells >= 50_000, "the whole product is expanded");
}

// --- The table ------------------------------------------------------------------------------------------------

struct Row {
    line: String,
    columns: [Vec<String>; 4],
    expected: String,
    used: std::cell::Cell<bool>,
}

struct Table(Vec<Row>);

impl Table {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/privileges.csv");
        let text = std::fs::read_to_string(path).expect("the table lies beside the tests of the workspace");
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("role,action,state,relation,expected"), "the columns are these");
        let table = Self(lines.filter(|l| !l.starts_with('#')).map(Row::read).collect());
        let codes: BTreeSet<_> = Refusal::ALL.iter().map(|r| r.code()).chain(["ok"]).collect();
        for row in &table.0 {
            assert!(codes.contains(row.expected.as_str()), "{}: no such answer", row.line);
            for (column, known) in row.columns.iter().zip([ROLES, ACTIONS, STATES, RELATIONS]) {
                let strange = column.iter().find(|w| w.as_str() != "*" && !known.contains(&w.as_str()));
                assert_eq!(strange, None, "{}: a word nobody knows", row.line);
            }
        }
        table
    }

    /// What the most specific fitting row says.
    fn expected(&self, cell: [&str; 4]) -> &str {
        let fitting: Vec<_> = self.0.iter().filter(|r| r.fits(cell)).collect();
        let most =
            fitting.iter().map(|r| r.weight()).max().unwrap_or_else(|| panic!("{cell:?} is not specified"));
        let deciding: Vec<_> = fitting.iter().filter(|r| r.weight() == most).collect();
        deciding.iter().for_each(|r| r.used.set(true));
        let first = &deciding[0].expected;
        assert!(deciding.iter().all(|r| r.expected == *first), "{cell:?}: two rows of equal weight disagree");
        first
    }

    fn unused(&self) -> Vec<String> {
        self.0.iter().filter(|r| !r.used.get()).map(|r| r.line.clone()).collect()
    }
}

impl Row {
    fn read(line: &str) -> Self {
        let fields: Vec<_> = line.split(',').collect();
        let [role, action, state, relation, expected] = fields[..] else { panic!("{line}: five columns") };
        let words = |text: &str| text.split('|').map(str::to_owned).collect();
        let columns = [role, action, state, relation].map(words);
        Self { line: line.to_owned(), columns, expected: expected.to_owned(), used: false.into() }
    }

    fn fits(&self, cell: [&str; 4]) -> bool {
        self.columns.iter().zip(cell).all(|(words, is)| words.iter().any(|w| w == "*" || w == is))
    }

    /// A named relation counts more than a named state, that more than an action, that more than a role.
    fn weight(&self) -> u8 {
        let named = |i: usize, weight: u8| if self.columns[i] == ["*"] { 0 } else { weight };
        named(0, 1) + named(1, 2) + named(2, 4) + named(3, 8)
    }
}

// --- The people -------------------------------------------------------------------------------------------------

fn rights_of(role: &str) -> &'static [Right] {
    match role {
        "reviewer" => &[Right::Vet],
        "approver" => &[Right::Approve],
        "issuing" | "agent" => &[Right::Issue],
        "admin" => &[Right::Admin],
        "auditor" => &[Right::Audit],
        _ => ALL_RIGHTS,
    }
}

/// Who plays which part in one history.
struct Cast {
    relation: &'static str,
    world: World,
    /// Who tries, as certified in the end.
    actor: Desk,
    /// How the actor was certified while the history ran, where that was otherwise.
    before: Option<Desk>,
    vetter: Desk,
    sponsor: Desk,
    proposer: Desk,
    orderer: Desk,
    maker: Desk,
}

impl Cast {
    fn of(role: &'static str, relation: &'static str) -> Self {
        let mut world = World::founded();
        let founders = world.founders.clone();
        if relation == "sponsor-barred" {
            world.policy(|p| p.sponsor_signs.0 = false);
        }
        let person = !["agent", "outsider", "partner"].contains(&role);
        let outside = ["outsider", "partner"].contains(&role);
        let mut actor = match role {
            "founder" => founders[2].clone(),
            "agent" => Desk::agent("Robot"),
            "partner" => world.partner.as_desk(),
            _ => Desk::new("Kim Actor", rights_of(role)),
        };
        match relation {
            "name-case" => actor.name = "REA VIEWER".to_owned(),
            "name-spaces" => actor.name = "Re a Viewer".to_owned(),
            "name-lookalike" => actor.name = "Rеа Viеwеr".to_owned(), // with Cyrillic letters
            _ => {}
        }
        let involved = person
            && ["self", "vetter", "sponsor", "sponsor-barred", "maker", "transplanted"].contains(&relation);
        let mut hand = actor.clone(); // who does the actor's part in the history
        let mut before = None;
        if involved && role != "founder" {
            hand = actor.with(ALL_RIGHTS);
            before = Some(hand.clone());
        }
        if person && relation == "second-desk" {
            hand = if role == "founder" { founders[2].clone() } else { Desk::new("Kim Actor", ALL_RIGHTS) };
            actor = hand.second(rights_of(role));
            world.admit(&hand);
        }
        if !outside {
            world.admit(before.as_ref().unwrap_or(&actor));
        }
        let played = |by: &[&str], otherwise: &Desk| {
            if person && by.contains(&relation) { hand.clone() } else { otherwise.clone() }
        };
        Self {
            relation,
            vetter: played(&["self", "vetter", "transplanted", "second-desk"], &world.reviewer),
            sponsor: played(&["sponsor", "sponsor-barred"], &founders[3]),
            proposer: played(&["self", "second-desk"], &founders[0]),
            orderer: played(&["self", "second-desk"], &founders[3]),
            maker: if role == "agent" && relation == "maker" {
                actor.clone()
            } else {
                played(&["maker"], &world.agent)
            },
            world,
            actor,
            before,
        }
    }

    /// The world in every state, just before the actor tries something.
    fn stages(&self) -> Vec<(&'static str, World, Aim)> {
        let mut at = BTreeMap::new();
        let mut world = self.world.clone();
        self.propose(&mut world);
        at.insert("none", (world.clone(), Aim::NOTHING));
        self.propose_root(&mut world);
        let request = world.ask(&self.sponsor, reading("sandbox"));
        world.compare(&self.vetter);
        world.answer_all(&self.vetter, request);
        let mut aim = Aim { request, key: Aim::NOTHING.key };
        for (state, action, by) in [
            ("changes-asked", "ask-changes", &self.vetter),
            ("declined", "decline", &self.vetter),
            ("withdrawn", "withdraw", &self.sponsor),
        ] {
            let mut aside = world.clone();
            aside.must(by, build(action, &aside, by, aim));
            at.insert(state, (aside, aim));
        }
        at.insert("received", (world.clone(), aim));
        world.try_vet(&self.vetter, request).unwrap();
        at.insert("vetted", (world.clone(), aim));
        world.try_countersign(&world.approver.clone(), request).unwrap();
        at.insert("countersigned", (world.clone(), aim));
        let agent = world.agent.clone();
        aim.key = world.try_intend(&self.maker, request).unwrap();
        at.insert("intended", (world.clone(), aim));
        world.must(&self.maker, Event::Issued(world.issued(aim.key)));
        at.insert("issued", (world.clone(), aim));
        world.must(&agent, Event::HandedOver(HandedOver { key: aim.key, way: Way::Link }));
        at.insert("handed-over", (world.clone(), aim));
        world.open(aim.key);
        at.insert("opened", (world.clone(), aim));
        world.must(&agent, Event::Activated(Activated { key: aim.key }));
        at.insert("active", (world.clone(), aim));
        for (act, ordered, done) in
            [(Act::Disable, "disable-ordered", "disabled"), (Act::Revoke, "revoke-ordered", "revoked")]
        {
            let mut aside = world.clone();
            aside.must(&self.orderer, aside.order(&self.orderer, act, vec![aim.key]));
            at.insert(ordered, (aside.clone(), aim));
            aside.must(&agent, Event::Stopped(aside.stopped(aim.key, true)));
            at.insert(done, (aside, aim));
        }
        STATES.iter().map(|s| (*s, self.finish(at[s].0.clone()), at[s].1)).collect()
    }

    /// An issuer and a member wait for a second admin. Only who certifies can have proposed the member.
    fn propose(&self, world: &mut World) {
        let proposed = world.proposal(&self.proposer, Change::Issuer(by_hand("waiting")));
        world.must(&self.proposer, Event::Proposed(proposed));
        let proposed = world.proposal(&self.proposer, Change::Suspension(world.suspension(&world.spare)));
        world.must(&self.proposer, Event::Proposed(proposed));
        let by = self.certifier(world);
        let waiting = Desk::new("Wai Ting", &[Right::Vet]);
        world.hear(&by, &waiting);
        let proposed = world.proposal(&by, world.admission(&waiting));
        world.must(&by, Event::Proposed(proposed));
    }

    /// The last founder is to certify no more. An admission is proposed before: a new root would void it.
    fn propose_root(&self, world: &mut World) {
        let by = self.certifier(world);
        let last = world.founders[3].person;
        let root = world.next_root(|r| r.certifiers.retain(|c| c.person != last));
        world.must(&by, world.root_proposal(&by, root));
    }

    fn certifier(&self, world: &World) -> Desk {
        let certifies = world.founders.iter().any(|f| f.person == self.proposer.person);
        if certifies { self.proposer.clone() } else { world.founders[0].clone() }
    }

    /// What happened to the actor at last.
    fn finish(&self, mut world: World) -> World {
        let member = world.state.members.contains_key(&self.actor.member);
        if self.before.as_ref().is_some_and(|b| b.rights != self.actor.rights) {
            world.admit(&self.actor);
        }
        match self.relation {
            "suspended" if member => world.suspend(&self.actor), // which drops the root that waits
            "old-key" if member => world.admit(&self.actor.with_new_keys()),
            "transplanted" if member => {
                let stranger = Desk::new("Mal Lory", &self.actor.rights);
                let borrowed =
                    Desk { seed: self.actor.seed.clone(), agent: self.actor.agent, ..stranger.clone() };
                let moved = Desk { person: stranger.person, ..self.actor.clone() };
                for desk in [borrowed, moved] {
                    let first = world.founders[0].clone();
                    let proposed = world.proposal(&first, world.admission(&desk));
                    let refused = world.check(&first, &Event::Proposed(proposed));
                    assert_eq!(refused, Err(Refusal::BadChange), "no key is certified under another person");
                }
            }
            _ => {}
        }
        world
    }
}
