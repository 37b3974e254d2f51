//! Work that takes long says how far it is, and what can be taken back is.

use std::fmt::Write as _;

use countersign_contract::*;

use crate::world::{World, form, ok, refused};

fn by_id(id: &str) -> ById {
    ById { id: id.to_owned() }
}

#[tokio::test]
async fn stopping_many_keys_and_verifying_say_how_far_they_are() {
    const KEYS: u64 = 12;
    let world = World::founded().await;
    world.offers().await;
    let alice = &world.alice;
    let mut text = String::new();
    for number in 0..KEYS {
        let row = format!(
            "[[keys]]\npartner = \"Oakbridge Analytics\"\nservice = \"shipments\"\nenvironment = \"sandbox\"\n\
             since = \"2026-01-31\"\nkey = \"handed-out-years-ago-{number}\"\n"
        );
        text.write_str(&row).expect("a text takes it");
    }
    let path = world.path("old.toml");
    std::fs::write(&path, text).expect("a file");
    let old = ok(Keys::import_old(&alice.host, ByPath { path }).await);
    assert_eq!(old.len() as u64, KEYS);

    let selected = Selected {
        keys: old.into_iter().map(|k| k.id).collect(),
        holder: None,
        service: None,
        environment: None,
    };
    let order = |how| StopOrder { selected: selected.clone(), how, reason: "leaked".to_owned() };
    let code = refused(Stops::order(&alice.host, order(StopHow::Revoke)).await);
    assert_eq!(code, "pace-exceeded", "so many at once are not one person's to end");
    assert!(!alice.screen.shows(Window::Confirm), "nobody is asked to confirm what they may not order");
    ok(Stops::order(&alice.host, order(StopHow::Disable)).await);
    let view = alice.reads().await;
    assert_eq!(alice.screen.far().len(), 0, "nothing runs before somebody said yes");
    ok(alice.answers(&view.id, true).await);
    let far = alice.screen.far();
    let done = |work| far.iter().filter(|p| p.work == work).map(|p| (p.done, p.total)).collect::<Vec<_>>();
    assert_eq!(done(Work::Stop), (1..=KEYS).map(|n| (n, KEYS)).collect::<Vec<_>>());
    assert_eq!(done(Work::Record), (0..KEYS).map(|n| (n, KEYS)).collect::<Vec<_>>());

    let audit = ok(Ledger::verify(&alice.host, Nothing {}).await);
    let last = alice.screen.far().pop().expect("it was told");
    assert_eq!((last.work, last.done, last.total), (Work::Verify, audit.size, audit.size));
}

#[tokio::test]
async fn a_draft_of_a_revision_and_one_of_a_new_request_are_both_kept() {
    let world = World::founded().await;
    let (partner, request) = world.asked().await;
    let organisation = ok(Organisations::list(&partner.host, Nothing {}).await)[0].id.clone();
    let draft = |revises: Option<&str>| {
        let wish = DraftOf { revises: revises.map(str::to_owned), renews: None };
        async { ok(Asks::draft(&partner.host, wish).await).map(|form| form.why) }
    };
    let fresh = Form { why: "A second service.".to_owned(), ..form(organisation.clone()) };
    let revision =
        Form { why: "As you asked.".to_owned(), revises: Some(request.clone()), ..form(organisation) };
    ok(Asks::keep_draft(&partner.host, fresh.clone()).await);
    ok(Asks::keep_draft(&partner.host, revision.clone()).await);
    assert_eq!(draft(None).await.as_deref(), Some("A second service."));
    assert_eq!(draft(Some(&request)).await.as_deref(), Some("As you asked."));

    // What was sent is no draft any more; the other one still is.
    let out = world.path("revised.letter");
    ok(Asks::send(&partner.host, SendForm { form: revision, out }).await);
    assert_eq!(draft(Some(&request)).await, None);
    assert_eq!(draft(None).await.as_deref(), Some("A second service."));
    assert_eq!(ok(Asks::form(&partner.host, by_id(&request)).await).why, "As you asked.");
}
