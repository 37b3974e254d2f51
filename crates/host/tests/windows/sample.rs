//! The sample: whole, marked, thrown away, and never mixed with what is real.

use std::path::Path;

use countersign_contract::*;

use crate::world::{Seat, World, heard, ok, refused};

/// The sample, with its first person at the window.
async fn sample() -> (tempfile::TempDir, Seat) {
    let dir = tempfile::tempdir().expect("a folder");
    let seat = Seat::empty(dir.path().join("nobody"));
    ok(Profiles::try_it(&seat.host, Nothing {}).await);
    (dir, seat)
}

async fn go_on_as(seat: &Seat, role: &str) {
    let people = seat.status().await.people;
    let folder = people.iter().find(|p| p.role == role).expect("the role is played").folder.clone();
    ok(Profiles::go_on_as(&seat.host, ChooseProfile { folder }).await);
}

#[tokio::test]
async fn a_newcomer_finds_a_whole_exchange_marked_as_a_sample_on_every_chair() {
    let (_dir, seat) = sample().await;
    for (role, window) in
        [("vetter", Window::Desk), ("partner", Window::Inbox), ("countersigner", Window::Desk)]
    {
        go_on_as(&seat, role).await;
        let status = seat.status().await;
        assert!(status.sample, "{role}: every page is told that this is a sample");
        let here: Vec<_> = status.people.iter().filter(|p| p.here).map(|p| p.role.as_str()).collect();
        assert_eq!(here, [role], "one person sits here");
        for each in Window::ALL {
            assert_eq!(seat.screen.shows(each), each == window, "{role}: {} window", each.label());
        }
    }
    let list = || ListWish { state: None, text: None, limit: 10, offset: 0 };
    let requests = ok(Requests::list(&seat.host, list()).await);
    assert_eq!(requests.len(), 2, "one is done, one waits");
    let keys = ok(Keys::list(&seat.host, list()).await);
    assert_eq!(keys.iter().map(|k| k.state.as_str()).collect::<Vec<_>>(), ["active"], "one key is in use");
    let audit = ok(Ledger::verify(&seat.host, Nothing {}).await);
    assert!(audit.clean, "its ledger is a real one");
    ok(Profiles::end_sample(&seat.host, Nothing {}).await);
}

#[tokio::test]
async fn a_sample_leaves_nothing_behind() {
    let (_dir, seat) = sample().await;
    let folder = seat.status().await.sample_folder;
    assert!(Path::new(&folder).is_dir(), "it is where it says");
    ok(Profiles::end_sample(&seat.host, Nothing {}).await);
    assert!(!Path::new(&folder).exists(), "it is gone");
    let status = seat.status().await;
    assert_eq!((status.state.as_str(), status.sample, status.people.len()), ("none", false, 0));
    assert!(seat.screen.shows(Window::Start) && !seat.screen.shows(Window::Desk), "the start page is shown");

    ok(Profiles::try_it(&seat.host, Nothing {}).await);
    let folder = seat.status().await.sample_folder;
    seat.host.end().await;
    assert!(!Path::new(&folder).exists(), "the end of the program is the end of the sample");
}

#[tokio::test]
async fn only_people_of_the_sample_can_be_chosen_as_such() {
    let world = World::of_two().await;
    let folder = world.path("ben");
    assert_eq!(
        refused(Profiles::go_on_as(&world.alice.host, ChooseProfile { folder: folder.clone() }).await),
        "usage"
    );
    ok(Profiles::try_it(&world.alice.host, Nothing {}).await);
    assert_eq!(refused(Profiles::go_on_as(&world.alice.host, ChooseProfile { folder }).await), "usage");
    world.alice.host.end().await;
}

#[tokio::test]
async fn a_sample_and_what_is_real_never_meet() {
    let world = World::founded().await;
    world.offers().await;
    let (_dir, seat) = sample().await;

    let folder = seat.status().await.sample_folder;
    let real = Seat::made(world.dir.path().join("dan"), ProfileKind::Desk, "Dan Example").await;
    let answer = AnswerFounding {
        offer: format!("{folder}/founding.offer"),
        heard: heard(seat.fingerprint().await),
        answer: world.path("answer-to-a-sample"),
        half: world.path("half-of-a-sample"),
    };
    assert_eq!(
        refused(Founding::answer(&real.host, answer).await),
        "sample-root",
        "a real desk, a sample's founding"
    );
    let spoken = ok(Team::organisation(&seat.host, Nothing {}).await).fingerprint;
    let attach = Attach { ledger: format!("{folder}/ledger.db"), heard: Some(heard(spoken)) };
    assert_eq!(
        refused(Founding::attach(&real.host, attach).await),
        "no-ledger-key",
        "it was not admitted either"
    );

    let card = world.path("sample.card");
    ok(Rules::write_organisation_card(&seat.host, ByPath { path: card.clone() }).await);
    let partner = Seat::made(world.dir.path().join("pat"), ProfileKind::Inbox, "Pat Example").await;
    let fingerprint = ok(Team::organisation(&seat.host, Nothing {}).await).fingerprint;
    let pin =
        |card: String, spoken: String| PinCard { card: Incoming::file(card), heard: Some(heard(spoken)) };
    assert_eq!(
        refused(Organisations::pin(&partner.host, pin(card, fingerprint)).await),
        "sample-root",
        "a real inbox, a sample's card"
    );

    let card = world.path("real.card");
    ok(Rules::write_organisation_card(&world.alice.host, ByPath { path: card.clone() }).await);
    let fingerprint = ok(Team::organisation(&world.alice.host, Nothing {}).await).fingerprint;
    go_on_as(&seat, "partner").await;
    assert_eq!(
        refused(Organisations::pin(&seat.host, pin(card, fingerprint)).await),
        "sample-root",
        "a sample's inbox, a real card"
    );
    seat.host.end().await;
}
