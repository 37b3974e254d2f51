//! To whoever has not proven both keys everything is one answer: the same bytes. That it takes the same time is `timing`'s.

use countersign_documents::{SigningKey, relay::Withdrawn, time::HOUR};

use crate::{
    client::Reply,
    organisation::signing,
    partner::{Parcel, acknowledge_body, fetch_body},
    stage::{NOW, Stage},
};

/// One parcel of each kind, and its name.
pub(crate) async fn parcels(stage: &Stage) -> Vec<(&'static str, Parcel)> {
    let over = stage.uploaded_for("over", HOUR).await;
    let swept = stage.uploaded_for("swept", HOUR - 1).await;
    let waits = stage.uploaded("waits").await;
    let [fetched, acknowledged, withdrawn] = [
        stage.uploaded("fetched").await,
        stage.uploaded("acknowledged").await,
        stage.uploaded("withdrawn").await,
    ];
    for parcel in [&fetched, &acknowledged] {
        assert_eq!(stage.fetch(parcel).await.status, 200);
    }
    assert_eq!(stage.acknowledge(&acknowledged, b"receipt").await.status, 200);
    let _: Withdrawn = stage.client().withdraw(&stage.bo, withdrawn.cti).await.read();
    stage.served.hands.turn(NOW.plus(HOUR - 1));
    stage.served.relay.sweep().await.expect("swept");
    stage.served.hands.turn(NOW.plus(HOUR));
    let absent = Parcel::new("absent", &stage.bo, NOW);
    vec![
        ("absent", absent),
        ("waits", waits),
        ("fetched", fetched),
        ("acknowledged", acknowledged),
        ("withdrawn", withdrawn),
        ("over", over),
        ("swept", swept),
    ]
}

/// Everybody who lacks something, by what they have.
pub(crate) fn strangers(stage: &Stage, parcel: &Parcel) -> Vec<(&'static str, SigningKey, SigningKey)> {
    let pia = || SigningKey::from_seed(&crate::organisation::seed("identity of pia"));
    assert_eq!(pia().public(), stage.pia.identity.public());
    vec![
        ("nothing", signing("x"), signing("y")),
        ("the link", signing("x"), parcel.pick_up_key()),
        ("the identity", pia(), signing("y")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_became_of_a_parcel_strangers_get_the_same_bytes() {
    let stage = Stage::new().await;
    let parcels = parcels(&stage).await;
    let client = stage.client();
    let nothing = client.ask("POST", "/nowhere", "content-length: 0\r\n").await;
    let mut first: Option<Reply> = None;
    let mut compared = 0;
    for (what, parcel) in &parcels {
        for (who, identity, key) in strangers(&stage, parcel) {
            let moment = client.moment().await;
            let fetch = fetch_body(parcel.cti, &identity, &key, moment.clone());
            let acknowledge = acknowledge_body(parcel.cti, &identity, &key, moment, b"letter");
            for (path, body) in [("/v1/fetch", fetch), ("/v1/acknowledge", acknowledge)] {
                let reply = client.post(path, &body).await;
                assert_eq!(reply.status, 404, "{what}, with {who}");
                assert_eq!(&reply, first.get_or_insert_with(|| reply.clone()), "{what}, with {who}");
                compared += 1;
            }
        }
    }
    // Its reader is told no more of one that ended.
    for (what, parcel) in &parcels {
        if !["waits", "fetched"].contains(what) {
            assert_eq!(Some(stage.fetch(parcel).await), first, "{what}, to its reader");
            compared += 1;
        }
    }
    assert_eq!(Some(nothing), first, "nor does an address that is not there look different");
    println!("{compared} refusals, the same bytes each time");
}
