//! Founding by two, and what a place that cannot be written costs: nothing.

use std::path::Path;

use countersign_contract::*;
use countersign_host::Change;

use crate::world::{World, heard, ok, refused};

#[tokio::test]
async fn an_organisation_is_founded_by_two_and_both_desks_see_it() {
    let world = World::founded().await;
    for seat in [&world.alice, &world.ben] {
        let status = seat.status().await;
        assert_eq!(status.organisation.as_deref(), Some("Northwind Example"));
        assert!(status.rights.contains(&"admin".to_owned()), "founders have every right of a desk");
        let members = ok(Team::members(&seat.host, Nothing {}).await);
        assert_eq!(members.len(), 2, "both are members from the first entry on");
        assert!(seat.screen.told().contains(&Change::Session), "the pages hear of it and ask again");
    }
}

#[tokio::test]
async fn papers_of_a_founding_are_written_both_or_none_and_the_same_call_goes_on() {
    let world = World::of_two().await;
    // Both to one file: the second cannot be written when the first is.
    let clash = Found { half: world.path("offer"), ..world.found() };
    assert_eq!(refused(Founding::begin(&world.alice.host, clash).await), "file-exists");
    assert!(!Path::new(&world.path("offer")).exists(), "what was written of the two is taken away again");
    ok(Founding::begin(&world.alice.host, world.found()).await);

    let clash = AnswerFounding { half: world.path("answer"), ..world.answering().await };
    assert_eq!(refused(Founding::answer(&world.ben.host, clash).await), "file-exists");
    assert!(!Path::new(&world.path("answer")).exists(), "what was written of the two is taken away again");
    ok(Founding::answer(&world.ben.host, world.answering().await).await);

    let wrong = heard(world.alice.fingerprint().await);
    let wrong = CompleteFounding { heard: wrong, ..world.completing("ledger.db").await };
    assert_eq!(refused(Founding::complete(&world.alice.host, wrong).await), "fingerprint-differs");
    assert!(!Path::new(&world.path("ledger.db")).exists(), "no ledger begins on a wrong fingerprint");
    let nowhere = world.completing("no-such-folder/ledger.db").await;
    assert_eq!(refused(Founding::complete(&world.alice.host, nowhere).await), "file-missing");
    ok(Founding::complete(&world.alice.host, world.completing("ledger.db").await).await);

    let elsewhere = world.completing("second.db").await;
    assert_eq!(refused(Founding::complete(&world.alice.host, elsewhere).await), "usage");
    assert!(!Path::new(&world.path("second.db")).exists(), "one organisation has one ledger");
    let again = ok(Founding::complete(&world.alice.host, world.completing("ledger.db").await).await);
    assert_eq!(again.members, 2, "completing what is complete changes nothing and says so");
}
