//! Older copies put back after further work: log, view and vault of a desk, each alone and in every combination.
//!
//! A desk notices an older log by what its vault remembers. Where log *and* vault are older, that desk alone cannot
//! notice: it is as it was. Who knew more does: another desk, and whoever holds evidence of a later entry.

use serde_json::Value;

use super::{Expected, Scene, state};
use crate::world::{World, restore, save};

/// What is put back: log, view, vault.
const COMBINATIONS: [[bool; 3]; 7] = [
    [true, false, false],
    [false, true, false],
    [false, false, true],
    [true, true, false],
    [true, false, true],
    [false, true, true],
    [true, true, true],
];

/// Work that takes something away, which somebody may want back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Revocation,
    Suspension,
    Policy,
}

impl Work {
    fn done(self, scene: &Scene) {
        let world = &scene.world;
        match self {
            Self::Revocation => {
                world.ok("ben", &["key", "revoke", "--key", &scene.key, "--reason", "leaked"], b"");
            }
            Self::Suspension => {
                let members = world.ok("ben", &["member", "list"], b"");
                let alice = members.as_array().expect("members").iter().find(|m| m["me"] == false);
                let alice = alice.and_then(|m| m["id"].as_str()).expect("another member").to_owned();
                world.ok("ben", &["member", "suspend", &alice, "--why", "left the company"], b"");
            }
            Self::Policy => {
                world.put("tighter.toml", "envelope_days = 2\n");
                world.ok("ben", &["policy", "tighten", "tighter.toml"], b"");
            }
        }
        // The other desk sees it, as far as it still may.
        if self != Self::Suspension {
            world.ok("alice", &["ledger", "verify"], b"");
        }
    }
}

fn size(world: &World) -> u64 {
    world.ok("ben", &["org", "show"], b"")["entries"].as_u64().expect("a count")
}

#[test]
fn older_copies_in_every_combination_are_noticed_by_whoever_knew_more() {
    let mut scene = Scene::made();
    let (base, before, gateway) = (scene.saved.clone(), scene.state.clone(), scene.gateway.clone());
    let was = size(&scene.world);
    let mut noticed = 0;
    for work in [Work::Revocation, Work::Suspension, Work::Policy] {
        restore(&scene.world, &base);
        work.done(&scene);
        let newest = size(&scene.world) - 1;
        scene.world.ok("ben", &["ledger", "prove", &newest.to_string(), "--out", "evidence"], b"");
        let after = state(&scene.world, &[&scene.vetted]);
        scene.saved = save(&scene.world);
        scene.gateway = std::fs::read(scene.world.path("keys.hashes")).expect("a gateway");
        let revoked = work == Work::Revocation;
        assert_eq!(scene.gateway == gateway, !revoked, "{work:?}: only a revocation changes the gateway");
        for [log, view, vault] in COMBINATIONS {
            for (old, name) in [(log, "ledger.db"), (view, "ben/view.db"), (vault, "ben/vault.db")] {
                if old {
                    let path = scene.world.path(name);
                    let bytes = base.iter().find(|(p, _)| *p == path).expect("an older copy");
                    std::fs::write(&path, &bytes.1).expect("put back");
                }
            }
            let what = format!("{work:?}, then older: log {log}, view {view}, vault {vault}");
            scene.nothing_is_issued(&what);
            scene.state = if log { before.clone() } else { after.clone() };
            let unseen = log && vault;
            let expected = if log && !unseen { Expected::Entry(was as usize) } else { Expected::Harmless };
            scene.judged(&what, expected);
            if revoked && !log {
                // The older outbox still holds the envelope, and the ledger says that its key is stopped.
                let words = ["envelope", "deliver", &scene.key, "--out", "e", "--secret-out", "s"];
                scene.world.refused("ben", &words, b"", "key-stopped", 1);
            }
            if unseen {
                noticed_elsewhere(&scene.world, &what, work, was, newest);
            }
            noticed += usize::from(log);
            scene.nothing_is_issued(&what);
            restore(&scene.world, &scene.saved);
        }
    }
    let tried = 3 * COMBINATIONS.len();
    println!(
        "forged: {tried} older copies, {noticed} with an older log: noticed by this desk or by who knew more"
    );
}

/// The desk whose log and vault are older says nothing; these do.
fn noticed_elsewhere(world: &World, what: &str, work: Work, was: u64, newest: u64) {
    if work != Work::Suspension {
        let out = world.run("alice", &["ledger", "verify"], b"");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(3), "{what}: the other desk knew more: {said}");
        let name = format!("the first bad entry is {was}: ");
        assert!(said.contains(&name), "{what}: and says from where on: {said}");
    }
    // Evidence of a later entry holds for anybody, and this ledger does not have that entry.
    let shown = world.ok("partner", &["ledger", "check", "evidence"], b"");
    assert_eq!(shown["seq"], Value::from(newest), "{what}: evidence kept elsewhere still holds");
    world.refused("ben", &["ledger", "prove", &newest.to_string(), "--out", "x"], b"", "not-found", 2);
    if work != Work::Policy {
        return;
    }
    // Whoever goes on from there makes another history, and the other desk names it.
    world.ok("ben", &["policy", "tighten", "tighter.toml"], b"");
    let out = world.run("alice", &["request", "list"], b"");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(3), "{what}: a ledger that went another way is refused: {said}");
    world.refused("alice", &["ledger", "verify"], b"", "ledger-bad", 3);
}
