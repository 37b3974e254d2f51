//! A partner renews a key before it ends.

use countersign_contract::*;

use crate::{
    exchange::delivered,
    world::{World, form, ok},
};

#[tokio::test]
async fn a_renewal_begins_with_what_was_asked_and_names_the_key_it_renews() {
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
    let held = delivered(&world, &pat, &request).await;
    let pin = ok(Organisations::list(&pat.host, Nothing {}).await)[0].id.clone();

    let begun = ok(Asks::renewal(&pat.host, ById { id: held.id.clone() }).await);
    let asked = Form { renews: Some(held.id.clone()), ..form(pin.clone()) };
    assert_eq!(serde_json::json!(begun), serde_json::json!(asked), "everything but the time is as it was");

    // A draft of it and one of a new request do not replace each other.
    let draft = |renews: Option<String>| Asks::draft(&pat.host, DraftOf { revises: None, renews });
    let kept = Form { why: "As before, for another month.".to_owned(), ..asked };
    ok(Asks::keep_draft(&pat.host, kept.clone()).await);
    assert!(ok(draft(None).await).is_none(), "a new request is another form");
    assert_eq!(ok(draft(Some(held.id.clone())).await).map(|f| f.why), Some(kept.why.clone()));

    let sent = ok(Asks::send(&pat.host, SendForm { form: kept, out: world.path("renewal") }).await);
    assert!(ok(draft(Some(held.id)).await).is_none(), "what was sent is no draft");
    let came = ok(Requests::import(&world.alice.host, Incoming::file(world.path("renewal"))).await);
    assert_eq!((came.what.as_str(), &came.id), ("request", &sent.id));
    let said = ok(Asks::form(&pat.host, ById { id: sent.id }).await);
    assert!(said.renews.is_some_and(|grant| grant != request), "it names the grant of the key");
}
