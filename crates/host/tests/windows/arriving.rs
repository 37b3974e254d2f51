//! What the system hands to the application: it goes to the profile that can read it, waits until that is unlocked, and is
//! never opened unasked.

use std::path::{Path, PathBuf};

use countersign_contract::*;
use countersign_host::{Address, Change, Given, Placed, place};

use crate::world::{PASSPHRASE, Seat, World, form, ok, refused};

fn files(paths: &[String]) -> Given {
    Given { files: paths.to_vec(), addresses: Vec::new() }
}

fn link() -> String {
    format!("countersign://e/keys.example.com/{}#{}", "A".repeat(22), "A".repeat(43))
}

/// What a page is told of it.
fn relay() -> String {
    "keys.example.com".to_owned()
}

async fn given(seat: &Seat) -> GivenView {
    ok(Session::given(&seat.host, Nothing {}).await)
}

/// Starts the program once more with this profile, while the window of this seat is open.
async fn started_again(seat: &Seat, folder: PathBuf, what: Given) -> Placed {
    tokio::select! {
        () = seat.host.attend() => panic!("a window listens for as long as it is open"),
        placed = place(Some(folder), what) => placed.expect("the window answers"),
    }
}

#[tokio::test]
async fn a_second_start_hands_over_what_it_was_given_and_the_window_comes_to_the_front() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("pat");
    let pat = Seat::made(folder.clone(), ProfileKind::Inbox, "Pat Example").await;
    pat.screen.told();
    let came =
        Given { files: vec!["/tmp/a".to_owned()], addresses: Address::parse(&link()).into_iter().collect() };
    assert!(matches!(started_again(&pat, folder.clone(), came).await, Placed::Elsewhere), "it ends at once");
    pat.until_told(Change::Given).await;
    assert!(pat.screen.shows(Window::Inbox));
    let shown = given(&pat).await;
    assert_eq!((shown.files, shown.link), (vec!["/tmp/a".to_owned()], Some(relay())));
    let again = given(&pat).await;
    assert!(again.files.is_empty() && again.link.is_none(), "it is told once");

    // With nothing, it only comes to the front.
    assert!(matches!(started_again(&pat, folder.clone(), Given::default()).await, Placed::Elsewhere));
    pat.until_told(Change::Given).await;
    drop(pat);
    let placed = place(Some(folder), Given::default()).await.expect("it is free");
    assert!(matches!(placed, Placed::Here { .. }), "a window that was closed has no profile");
}

#[tokio::test]
async fn what_comes_for_a_locked_profile_waits_until_it_is_unlocked() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("pat");
    let pat = Seat::made(folder.clone(), ProfileKind::Inbox, "Pat Example").await;
    pat.host.lock().await;
    let came = Given {
        files: vec!["/tmp/key.countersign".to_owned()],
        addresses: Address::parse(&link()).into_iter().collect(),
    };
    assert!(
        matches!(started_again(&pat, folder, came).await, Placed::Elsewhere),
        "a locked window has it too"
    );
    pat.until_told(Change::Given).await;
    assert!(pat.screen.shows(Window::Start), "it asks to be unlocked");
    let waiting = ok(Profiles::waiting(&pat.host, Nothing {}).await);
    assert_eq!(waiting.files, ["key.countersign"], "what waits is named");
    assert_eq!(waiting.relay.as_deref(), Some("keys.example.com"), "and of a link the relay alone");
    let status = pat.status().await;
    let says = (status.state.as_str(), status.kind.as_deref(), status.name.as_deref());
    assert_eq!(says, ("locked", Some("inbox"), Some("Pat Example")), "and whose it is");
    ok(Session::unlock(&pat.host, Nothing {}).await);
    ok(pat.types(PASSPHRASE, None).await);
    let shown = given(&pat).await;
    assert_eq!((shown.files.len(), shown.link), (1, Some(relay())));
}

#[tokio::test]
async fn whoever_chooses_a_profile_that_is_open_elsewhere_is_led_there() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("pat");
    let pat = Seat::made(folder.clone(), ProfileKind::Inbox, "Pat Example").await;
    let other = Seat::without().giving(files(&["/tmp/a".to_owned()]));
    let choose =
        || Profiles::choose(&other.host, ChooseProfile { folder: folder.to_string_lossy().into_owned() });
    let refused = tokio::select! {
        () = pat.host.attend() => panic!("a window listens for as long as it is open"),
        answer = choose() => refused(answer),
    };
    assert_eq!(refused, "profile-elsewhere");
    pat.until_told(Change::Given).await;
    assert_eq!(given(&pat).await.files, ["/tmp/a"], "with what was to be opened");
    assert!(
        ok(Profiles::waiting(&other.host, Nothing {}).await).files.is_empty(),
        "here nothing waits any more"
    );
}

#[tokio::test]
async fn choosing_another_profile_locks_the_one_that_was_open() {
    let dir = tempfile::tempdir().expect("a folder");
    let pat = Seat::made(dir.path().join("pat"), ProfileKind::Inbox, "Pat Example").await;
    let ann = Seat::made(dir.path().join("ann"), ProfileKind::Inbox, "Ann Example").await;
    drop(ann);
    let folder = dir.path().join("ann").to_string_lossy().into_owned();
    let status = ok(Profiles::choose(&pat.host, ChooseProfile { folder }).await);
    assert_eq!((status.state.as_str(), status.name.as_deref()), ("locked", Some("Ann Example")));
    assert_eq!(refused(Organisations::list(&pat.host, Nothing {}).await), "locked");
    let again = place(Some(dir.path().join("pat")), Given::default()).await.expect("nobody has it");
    assert!(matches!(again, Placed::Here { .. }), "what was left can be opened by others");
}

#[tokio::test]
async fn envelopes_letters_and_cards_are_laid_where_they_are_read() {
    let world = World::founded().await;
    let (pat, request) = world.asked().await;
    for (desk, vetting) in [(&world.alice, true), (&world.ben, false)] {
        let id = ById { id: request.clone() };
        ok(if vetting {
            Requests::vet(&desk.host, id).await
        } else {
            Requests::countersign(&desk.host, id).await
        });
        let view = desk.reads().await;
        ok(desk.answers(&view.id, true).await);
    }
    let issued = Issue { request: request.clone(), pasted: None, path: None };
    let key = ok(Keys::issue(&world.ben.host, issued).await).id;
    ok(Keys::hand_over(&world.ben.host, HandOver { key, out: world.path("envelope") }).await);
    let (alice, pin) =
        (&world.alice.host, ok(Organisations::list(&pat.host, Nothing {}).await)[0].id.clone());
    ok(Asks::send(&pat.host, SendForm { form: form(pin), out: world.path("second") }).await);
    let second = ok(Requests::import(alice, Incoming::file(world.path("second"))).await).id;
    let reply = Reply { request: second, text: "Why?".to_owned(), out: world.path("question.txt") };
    ok(Requests::ask(alice, reply).await);
    std::fs::write(world.path("note"), "nothing of ours").expect("a file");

    let all: Vec<_> = ["envelope", "question.txt", "card", "note"].map(|name| world.path(name)).into();
    let folder = Path::new(&world.path("pat")).to_owned();
    started_again(&pat, folder, files(&all)).await;
    pat.until_told(Change::Given).await;
    let shown = given(&pat).await;
    assert_eq!(shown.files, [world.path("envelope"), world.path("note")]);
    assert_eq!(shown.letters, [world.path("question.txt")]);
    assert_eq!(shown.cards, [world.path("card")]);
    let before = ok(Envelopes::held(&pat.host, Nothing {}).await).len();
    assert_eq!(before, 0, "and nothing was opened");

    let folder = Path::new(&world.path("alice")).to_owned();
    started_again(&world.alice, folder, files(&[world.path("second")])).await;
    world.alice.until_told(Change::Given).await;
    assert_eq!(given(&world.alice).await.files, [world.path("second")], "a desk imports whatever comes");
}
