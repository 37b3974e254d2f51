//! Signing in the confirm window, handing over, and the one look at a key.

use std::{path::Path, time::Duration};

use countersign_contract::*;
use countersign_host::Change;

use crate::world::{PASSPHRASE, Seat, World, form, ok, refused};

fn named<'a>(view: &'a ConfirmView, name: &str) -> &'a str {
    view.lines.iter().find(|l| l.name == name).map_or("", |l| l.value.as_str())
}

fn by_id(id: &str) -> ById {
    ById { id: id.to_owned() }
}

#[tokio::test]
async fn nothing_is_signed_but_what_was_shown_long_enough_to_be_read() {
    let world = World::founded().await;
    let (_partner, request) = world.asked().await;
    let (alice, ben) = (&world.alice, &world.ben);

    ok(Requests::vet(&alice.host, by_id(&request)).await);
    assert!(alice.screen.shows(Window::Confirm), "a window of its own shows what would be signed");
    let view = ok(Confirm::read(&alice.host, Nothing {}).await);
    assert_eq!((view.act.as_str(), named(&view, "service")), ("vet", "shipments / sandbox"));
    assert!(named(&view, "scopes").contains("GET /v1/shipments/*"), "what the scope opens is spelled out");
    assert_eq!(named(&view, "networks"), "203.0.113.0/28");
    assert_eq!(refused(alice.answers(&view.id, true).await), "too-early");
    assert_eq!(refused(alice.answers(&"0".repeat(64), true).await), "stale", "another question's answer");

    // The other desk changes the request between preview and answer.
    let extent = |days| Extent {
        scopes: vec!["shipments:read".to_owned()],
        networks: vec!["203.0.113.0/28".to_owned()],
        days,
    };
    let narrow = |from, to| Narrow { request: request.clone(), from: extent(from), to: extent(to) };
    let asked = ok(Requests::show(&ben.host, by_id(&request)).await).granted_days;
    ok(Requests::narrow(&ben.host, narrow(asked, 20)).await);
    let code = refused(Requests::narrow(&alice.host, narrow(asked, 10)).await);
    assert_eq!(code, "changed-meanwhile", "what was narrowed meanwhile is not narrowed unseen");
    // A step back is a step on the record like any other, and so is the step after it.
    ok(Requests::narrow(&ben.host, narrow(20, asked)).await);
    ok(Requests::narrow(&ben.host, narrow(asked, 20)).await);
    let view = alice.reads().await;
    alice.screen.told();
    let code = refused(alice.answers(&view.id, true).await);
    assert_eq!(code, "changed-meanwhile", "it was read long enough, and is refused for what changed");
    assert_eq!(alice.screen.told(), [Change::Content], "the desk shows what is right now");
    assert!(alice.screen.shows(Window::Confirm), "the window says why");
    assert_eq!(refused(alice.answers(&view.id, true).await), "stale", "what was refused is over");
    ok(alice.answers(&view.id, false).await);
    assert!(!alice.screen.shows(Window::Confirm), "what is over can be left");
    let now = alice.request(&request).await;
    assert_eq!(now.summary.state, "received", "nothing is signed");
    assert!(now.signatures.is_empty(), "nothing is signed");

    // What is right now is asked and answered anew; no is no.
    ok(Requests::vet(&alice.host, by_id(&request)).await);
    let view = alice.reads().await;
    ok(alice.answers(&view.id, false).await);
    assert!(alice.request(&request).await.signatures.is_empty(), "no signs nothing");
    ok(Requests::vet(&alice.host, by_id(&request)).await);
    let view = alice.reads().await;
    ok(alice.answers(&view.id, true).await);
    assert_eq!(refused(alice.answers(&view.id, true).await), "stale", "a question is answered once");
    let signed = alice.request(&request).await;
    assert_eq!((signed.summary.state.as_str(), signed.signatures.len()), ("vetted", 1));
    assert_eq!(signed.grant.as_deref(), Some(view.digest.as_str()), "the digest shown is the grant signed");

    let told: Vec<_> = signed.history.iter().map(|h| (h.by.as_str(), h.event.as_str())).collect();
    let narrowed =
        told.iter().filter(|(by, event)| (*by, *event) == ("Ben Example", "grant-narrowed")).count();
    assert_eq!((told[0].1, narrowed), ("request-received", 3), "{told:?}");
    assert_eq!(told.last(), Some(&("Alice Example", "vetted")), "{told:?}");

    assert_eq!(refused(Requests::countersign(&alice.host, by_id(&request)).await), "same-person");
    assert!(!alice.screen.shows(Window::Confirm), "nobody is shown what they may not sign");
}

#[tokio::test]
async fn a_lock_forgets_what_was_asked_and_what_was_to_be_revealed() {
    let world = World::founded().await;
    let (partner, request) = world.asked().await;
    let (alice, ben) = (&world.alice, &world.ben);
    ok(Requests::vet(&alice.host, by_id(&request)).await);
    let view = alice.reads().await;
    ok(alice.answers(&view.id, true).await);

    ok(Requests::countersign(&ben.host, by_id(&request)).await);
    let view = ben.reads().await;
    ben.host.lock().await;
    assert!(!ben.screen.shows(Window::Confirm), "the question is off the screen");
    assert_eq!(refused(Confirm::read(&ben.host, Nothing {}).await), "stale");
    assert_eq!(refused(ben.answers(&view.id, true).await), "stale");
    reopened(ben).await;
    assert_eq!(refused(ben.answers(&view.id, true).await), "stale", "opening brings no old question back");
    assert_eq!(alice.request(&request).await.signatures.len(), 1, "nothing was signed");

    ok(Requests::countersign(&ben.host, by_id(&request)).await);
    let view = ben.reads().await;
    ok(ben.answers(&view.id, true).await);
    let held = delivered(&world, &partner, &request).await;

    ok(Envelopes::reveal(&partner.host, by_id(&held.id)).await);
    assert!(partner.screen.shows(Window::Reveal), "a window of its own shows the key");
    let shown = ok(Reveal::read(&partner.host, Nothing {}).await);
    assert!(shown.key.starts_with("nw"), "the key is the issuer's");
    assert_eq!(refused(Reveal::read(&partner.host, Nothing {}).await), "stale", "a key is read once");
    ok(Envelopes::reveal(&partner.host, by_id(&held.id)).await);
    curtain_falls(&partner, &held.id).await;
    ok(Envelopes::reveal(&partner.host, by_id(&held.id)).await);
    partner.host.lock().await;
    assert!(!partner.screen.shows(Window::Reveal));
    assert_eq!(refused(Reveal::read(&partner.host, Nothing {}).await), "stale");
    reopened(&partner).await;
    assert_eq!(refused(Reveal::read(&partner.host, Nothing {}).await), "stale", "nor after opening again");
}

/// The window goes after its time, each time for a time of its own, whatever its page does.
async fn curtain_falls(partner: &Seat, key: &str) {
    ok(Reveal::read(&partner.host, Nothing {}).await);
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert!(partner.screen.shows(Window::Reveal), "half a minute is not over");
    tokio::time::resume();
    ok(Envelopes::reveal(&partner.host, by_id(key)).await);
    ok(Reveal::read(&partner.host, Nothing {}).await);
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert!(partner.screen.shows(Window::Reveal), "another look has a time of its own");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!partner.screen.shows(Window::Reveal), "the host closes it");
    tokio::time::resume();
}

pub(crate) async fn reopened(seat: &Seat) {
    ok(Session::unlock(&seat.host, Nothing {}).await);
    assert_eq!(ok(seat.types(PASSPHRASE, None).await).step, "done");
}

/// Issues the key of a countersigned request, and opens it at the partner's.
pub(crate) async fn delivered(world: &World, partner: &Seat, request: &str) -> HeldKeyView {
    let (desk, inbox) = (&world.ben.host, &partner.host);
    let key = ok(Keys::issue(desk, Issue { request: request.to_owned(), pasted: None, path: None }).await).id;
    // Codes are written all or none, and the same call gives the same envelope again.
    let codes = |folder: &str| {
        let folder = world.path(folder);
        Keys::hand_over_codes(desk, HandOverCodes { key: key.clone(), folder, form: CodeForm::Png })
    };
    assert_eq!(refused(codes("codes").await), "file-missing", "the folder is looked for before the record");
    std::fs::create_dir(world.path("codes")).expect("a folder");
    let first = ok(codes("codes").await);
    let last = first.files.last().expect("a picture").clone();
    for file in &first.files {
        let drawing = Path::new(file).with_extension("svg");
        std::fs::remove_file(drawing).expect("a drawing lies beside each picture");
        if *file != last {
            std::fs::remove_file(file).expect("a picture");
        }
    }
    assert_eq!(refused(codes("codes").await), "file-exists", "nothing is overwritten");
    let left = std::fs::read_dir(world.path("codes")).expect("the folder").count();
    assert_eq!(left, 1, "of codes that could not all be written none is left beside what was there");

    let out = world.path("envelope");
    let handed = ok(Keys::hand_over(desk, HandOver { key, out: out.clone() }).await);
    assert_eq!(handed.secret, first.secret, "it is the same envelope with the same secret");
    let source = EnvelopeSource { envelope: Incoming::file(out), secret: handed.secret };
    let held = ok(Envelopes::open(inbox, source).await);
    receipt_is_noted(world, partner, &held.id).await;
    held
}

async fn receipt_is_noted(world: &World, partner: &Seat, key: &str) {
    let about = |due: &[DueView]| due.iter().filter(|d| d.kind == "receipt").count();
    let before = ok(Due::list(&partner.host, Nothing {}).await);
    assert_eq!(about(&before), 1, "the receipt is due");
    let out = world.path("receipt");
    ok(Envelopes::write_receipt(&partner.host, Out { id: key.to_owned(), out: out.clone() }).await);
    let after = ok(Due::list(&partner.host, Nothing {}).await);
    assert_eq!(about(&after), 0, "a receipt that was written is not due any more");
    let what = ok(Requests::import(&world.alice.host, Incoming::file(out)).await).what;
    assert_eq!(what, "receipt");
}

#[tokio::test]
async fn a_letter_that_cannot_be_written_was_never_sent() {
    let world = World::founded().await;
    let (partner, _request) = world.asked().await;
    let before = ok(Asks::list(&partner.host, Nothing {}).await);
    let organisation = ok(Organisations::list(&partner.host, Nothing {}).await)[0].id.clone();
    let said = ok(Asks::form(&partner.host, by_id(&before[0].id)).await);
    let sent = Form { revises: Some(before[0].id.clone()), ..form(organisation.clone()) };
    assert_eq!(serde_json::json!(said), serde_json::json!(sent), "a revision begins with what was sent");
    // A name that is free when it is looked at, and too long when it is written.
    let out = world.path(&"n".repeat(300));
    let wish = SendForm { form: form(organisation), out };
    refused(Asks::send(&partner.host, wish).await);
    let after = ok(Asks::list(&partner.host, Nothing {}).await);
    assert_eq!(after.len(), before.len(), "nobody will ever see it, so the list does not show it either");
}

#[tokio::test]
async fn two_calls_by_one_person_are_one_and_a_desk_says_whose_is_missing() {
    let world = World::founded().await;
    let (partner, request) = world.asked().await;
    let (alice, ben) = (&world.alice, &world.ben);
    let text = ok(Rules::policy(&alice.host, Nothing {}).await).text;
    let stricter = text.replace("calls_sandbox = 1", "calls_sandbox = 2");
    assert_ne!(stricter, text, "the policy says how many people call");
    ok(Rules::propose_policy(&alice.host, Document { text: stricter }).await);
    if !ok(Team::changes(&ben.host, Nothing {}).await).is_empty() {
        world.confirmed().await;
    }
    let calls = async |desk: &Seat| {
        let now = desk.request(&request).await;
        (now.identity_checks.len(), now.callers, now.calls_needed, now.call_mine, now.call_others)
    };
    let ben_is_next = vec!["Ben Example".to_owned()];
    assert_eq!(calls(alice).await, (1, 1, 2, false, ben_is_next.clone()), "Alice has called, Ben has not");
    let heard = Typed {
        id: request.clone(),
        typed: partner.fingerprint().await,
        channel: CallChannel::Video,
        source: "the register".to_owned(),
    };
    ok(Requests::compare(&alice.host, heard.clone()).await);
    assert_eq!(calls(alice).await, (2, 1, 2, false, ben_is_next), "a second call by her changes nothing");
    assert_eq!(calls(ben).await, (2, 1, 2, true, Vec::new()), "Ben is told that it is his turn");
    ok(Requests::compare(&ben.host, heard).await);
    assert_eq!(calls(alice).await, (3, 2, 2, false, Vec::new()), "nobody has to call any more");
}
