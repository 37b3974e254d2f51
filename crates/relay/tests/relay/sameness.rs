//! To whoever has not proven both keys everything is one answer: the same bytes, and as far as can be measured the same time.

use std::time::{Duration, Instant};

use countersign_documents::{SigningKey, relay::Withdrawn, time::HOUR};

use crate::{
    client::Reply,
    organisation::signing,
    partner::{Parcel, acknowledge_body, fetch_body},
    stage::{NOW, Stage},
};

/// One parcel of each kind, and its name.
async fn parcels(stage: &Stage) -> Vec<(&'static str, Parcel)> {
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
fn strangers(stage: &Stage, parcel: &Parcel) -> Vec<(&'static str, SigningKey, SigningKey)> {
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

/// How often each is measured, and by which factor the medians may differ: other programs on a machine that is not left
/// alone make small differences worthless.
fn measure() -> (usize, f64) {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { (2000, 1.1) } else { (100, 2.0) }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_became_of_a_parcel_strangers_wait_as_long() {
    let (often, factor) = measure();
    let stage = Stage::new().await;
    let parcels = parcels(&stage).await;
    let client = stage.client();
    for who in 0..3 {
        let mut times: Vec<Vec<Duration>> = vec![Vec::new(); parcels.len()];
        let mut bodies = Vec::new();
        for (_, parcel) in &parcels {
            let (_, identity, key) = strangers(&stage, parcel).swap_remove(who);
            bodies.push(fetch_body(parcel.cti, &identity, &key, client.moment().await));
        }
        // In turns, so that whatever else goes on meets all of them.
        for _ in 0..often {
            for (times, body) in times.iter_mut().zip(&bodies) {
                let began = Instant::now();
                assert_eq!(client.post("/v1/fetch", body).await.status, 404);
                times.push(began.elapsed());
            }
        }
        let medians: Vec<_> = times
            .iter_mut()
            .map(|times| {
                times.sort_unstable();
                times[times.len() / 2]
            })
            .collect();
        let (least, most) = (medians.iter().min().expect("some"), medians.iter().max().expect("some"));
        println!("median times with what stranger {who} has: {medians:?}");
        assert!(most.as_secs_f64() < least.as_secs_f64() * factor, "{medians:?}");
    }
}
