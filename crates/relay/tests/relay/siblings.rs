//! Two relays over one database behave as one.

use std::time::{Duration, Instant};

use countersign_documents::{
    relay::{Withdrawn, pack},
    time::DAY,
};

use crate::{
    client::{Asking, Client},
    cluster::skipped,
    organisation::{ORIGIN, Organisation},
    partner::Parcel,
    stage::{ALL, NOW, Stage},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_one_relay_was_told_the_other_knows() {
    let stage = match Stage::on_postgres(2).await {
        Ok(stage) => stage,
        Err(why) => return skipped("two relays over one PostgreSQL", &why),
    };
    let one = stage.client();
    let other = Client { address: stage.siblings[0].address, ..one };
    // A nonce of one, an act at the other.
    let parcel = Parcel::new("first", &stage.bo, NOW);
    let body = parcel.upload_body(&stage.bo, &stage.pia, one.moment().await);
    assert_eq!(other.post("/v1/upload", &body).await.status, 200);
    let fetch = parcel.fetch_body(&stage.pia, other.moment().await);
    assert_eq!(one.post("/v1/fetch", &fetch).await.body, parcel.envelope);
    // A letter at one, whoever waits at the other.
    let patient = Asking { patience: 15, ..Asking::default() };
    let began = Instant::now();
    let (mail, sent) = tokio::join!(
        other.mail_for(&stage.pia, stage.works.id(), patient),
        one.dispatch(&stage.bo, &stage.pia, b"hello")
    );
    assert_eq!((mail.letters.len(), sent.status), (1, 200));
    assert!(began.elapsed() < Duration::from_secs(10), "within a glance or two, not at the end");
    // A removal at one.
    let cy = stage.works.member("cy", &ALL);
    assert_eq!(one.remove(&stage.bo, cy.thumbprint()).await.status, 200);
    assert_eq!(other.dispatch(&cy, &stage.pia, b"x").await.status, 403);
    // A new root at one ends certificates at the other.
    let next = Organisation::found("Example Works", NOW).with_next_root();
    assert_eq!(one.post("/v1/card", &pack(&[&next.card(2, Some(ORIGIN))])).await.status, 200);
    assert_eq!(other.withdraw(&stage.bo, parcel.cti).await.status, 403, "the old certificate");
    let withdrawn: Withdrawn = other.withdraw(&next.member("bo", &ALL), parcel.cti).await.read();
    assert!(withdrawn.at.is_some());
    let newest = other.ask("GET", &format!("/v1/card/{}", stage.works.id()), "").await;
    assert_eq!(newest.body, next.card(2, Some(ORIGIN)));
    // Both sweep at once, each for all.
    let next_bo = next.member("bo", &ALL);
    let over = Parcel::new("over", &next_bo, NOW);
    let body = over.upload_body(&next_bo, &stage.pia, one.moment().await);
    assert_eq!(one.post("/v1/upload", &body).await.status, 200);
    stage.served.hands.turn(NOW.plus(11 * DAY));
    let (a, b) = tokio::join!(stage.served.relay.sweep(), stage.siblings[0].relay.sweep());
    assert_eq!(a.expect("swept").parcels + b.expect("swept").parcels, 1, "it ends once");
}
