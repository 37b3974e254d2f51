//! Leak reports: of the partner's own keys, once, and nothing is stopped by one.

use countersign_documents::{Digest, id::RequestId};
use countersign_domain::{Event, KeyState, LeakReported, Refusal};

use crate::world::{World, asking::reading};

fn report(world: &World, key: countersign_documents::id::KeyId) -> LeakReported {
    match world.leak_reported(&world.partner, key) {
        Event::LeakReported(report) => report,
        other => panic!("a report is made, not {}", other.word()),
    }
}

#[test]
fn a_partner_reports_its_own_keys_and_no_others() {
    let mut world = World::founded();
    let (request, key) = world.until_active(reading("sandbox"));
    let by = world.reviewer.clone();
    let said = report(&world, key);
    let tried = |edit: &dyn Fn(&mut LeakReported)| {
        let mut event = said.clone();
        edit(&mut event);
        world.check(&by, &Event::LeakReported(event))
    };
    let unknown = Err(Refusal::NoSuchKey);
    assert_eq!(tried(&|_| {}), Ok(()), "its own key");
    assert_eq!(tried(&|r| r.request = Some(request)), Ok(()), "by the request it was made under");
    assert_eq!(tried(&|r| r.request = Some(RequestId([9; 16]))), unknown, "not by another request");
    assert_eq!(tried(&|r| r.identity = Digest([9; 32])), unknown, "a key of somebody else");
    assert_eq!(tried(&|r| r.keys.clear()), unknown, "a report is about something");
    assert_eq!(tried(&|r| r.keys = vec![key, key]), unknown, "each key stands once");
}

#[test]
fn a_report_is_recorded_once_and_stops_nothing() {
    let mut world = World::founded();
    let (_, key) = world.until_active(reading("sandbox"));
    let by = world.reviewer.clone();
    assert!(world.state.leak_report(&key).is_none(), "nobody has said anything yet");
    let said = report(&world, key);
    world.must(&by, Event::LeakReported(said.clone()));
    let known = world.state.leak_report(&key).expect("the report stands at the key");
    assert_eq!(
        (known.member, known.reported.sent),
        (by.member, said.sent),
        "who recorded it, when it was written"
    );
    let record = &world.state.keys[&key];
    assert_eq!((record.state, record.stop.is_none()), (KeyState::Active, true), "only an order stops a key");
    let again = world.check(&world.approver, &Event::LeakReported(said));
    assert_eq!(again, Err(Refusal::AlreadyThere), "one letter is one entry");
}
