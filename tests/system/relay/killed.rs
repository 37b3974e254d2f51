//! kill -9 at every file-system call of a delivery by link, of opening it and of taking the answer in, beside a real relay.

use crate::{
    judge::said,
    killed::{Beside, at_every_point, handed_over},
    relay::running::Ground,
    world::World,
};

impl Beside for Ground {
    fn stop(&self) {
        Ground::stop(self);
    }

    fn start(&self) {
        Ground::start(self);
    }
}

/// The link is whole, its reader holds one key, and desk and gateway know of it.
fn completed(ground: &Ground, key: &str, point: &str) {
    let world = &ground.world;
    let open = ["envelope", "open", "--link-file", "again", "--compose", "opened"];
    let out = world.run("partner", &open, b"");
    if !out.status.success() {
        // Once the relay has its receipt it keeps nothing: then the key is held, and saved from there.
        assert_eq!(said(&out, point).code, "link-opened", "{point}");
        world.ok("partner", &["envelope", "save", "--compose", "opened"], b"");
    }
    let held = world.ok("partner", &["key", "list"], b"");
    assert_eq!(held.as_array().map(Vec::len), Some(1), "{point}: one key is held");
    ground.sync("partner");
    ground.sync("ben");
    assert_eq!(ground.state(key), "active", "{point}: its receipt came back");
    let plain = std::fs::read(world.path("opened")).expect("the key");
    world.ok("partner", &["key", "check", "--hash-file", "keys.hashes"], &plain);
    // What is handed over again after a kill is on the record again, as the same envelope.
    assert!((1..=2).contains(&handed_over(world)), "{point}: what was handed over is on the record");
    for event in ["receipt-recorded", "key-activated"] {
        assert_eq!(ground.count(event), 1, "{point}: {event}");
    }
    assert_eq!(world.ok("alice", &["ledger", "verify"], b"")["clean"], true, "{point}: the ledger holds");
}

#[test]
fn a_delivery_by_link_survives_a_kill_at_every_call_and_nothing_is_at_the_relay_unrecorded() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    let words = ["key", "deliver", &key, "--link-out", "message"];
    let points = at_every_point(world, &ground, "ben", &words, |world: &World, point| {
        // What appears under a name that was asked for is whole; what the relay has is on the record.
        let link = world.path("message").exists().then(|| ground.links_in("message"));
        let recorded = handed_over(world);
        assert!(link.is_none() || recorded == 1, "{point}: a link without a record");
        assert!(recorded <= 1, "{point}: on the record once, not {recorded} times");
        if let Some(link) = &link {
            world.ok("partner", &["envelope", "inspect", "--link-file", "message"], b"");
            assert_eq!(
                &ground.delivered(&key, "again"),
                link,
                "{point}: delivered again, it is the same link"
            );
        } else {
            ground.delivered(&key, "again");
        }
        completed(&ground, &key, point);
    });
    assert!(points >= 10, "the command was killed at {points} points: too few to mean anything");
    println!("deliver by link: killed at {points} points, 0 lost, 0 doubled, 0 at the relay unrecorded");
}

#[test]
fn opening_a_link_survives_a_kill_at_every_call() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    ground.delivered(&key, "again");
    let words = ["envelope", "open", "--link-file", "again", "--compose", "key"];
    let points = at_every_point(world, &ground, "partner", &words, |world: &World, point| {
        let saved = world.path("key");
        assert!(
            !saved.exists() || std::fs::metadata(&saved).expect("a file").len() > 30,
            "{point}: what appears is whole"
        );
        completed(&ground, &key, point);
    });
    assert!(points >= 10, "the command was killed at {points} points: too few to mean anything");
    println!("open by link: killed at {points} points, 0 lost, 0 doubled");
}

#[test]
fn taking_the_answer_in_survives_a_kill_at_every_call() {
    let ground = Ground::begin();
    let world = &ground.world;
    let key = world.issued(1);
    ground.delivered(&key, "again");
    world.ok("partner", &["envelope", "open", "--link-file", "again", "--compose", "key"], b"");
    let points = at_every_point(world, &ground, "ben", &["relay", "sync"], |_: &World, point| {
        completed(&ground, &key, point);
    });
    assert!(points >= 10, "the command was killed at {points} points: too few to mean anything");
    println!("taken in: killed at {points} points, 0 lost, 0 doubled");
}
