//! What whoever watches a relay is told of its acts: how many there were and how they were judged, and no more than that.

use std::collections::BTreeMap;

use countersign_documents::relay::Withdrawn;
use countersign_relay::{Act, Verdict};

use crate::{
    organisation::{id, signing},
    partner::{Parcel, fetch_body},
    stage::{NOW, Stage},
};

fn told(stage: &Stage) -> BTreeMap<(&'static str, &'static str), u64> {
    let verdicts = stage.served.traffic.verdicts();
    let of_parcels = |act| [Act::Upload, Act::Fetch, Act::Acknowledge, Act::Withdraw].contains(&act);
    let counted = verdicts.into_iter().filter(|(act, ..)| of_parcels(*act));
    counted.map(|(act, verdict, count)| ((act.word(), verdict.word()), count)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_act_is_counted_by_how_it_was_judged() {
    let stage = Stage::new().await;
    let client = stage.client();
    let parcel = stage.uploaded("first").await;
    stage.uploaded("first").await;
    let other = Parcel::lasting("first", &stage.bo, NOW, 3600);
    let body = other.upload_body(&stage.bo, &stage.pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &body).await.status, 409);
    for _ in 0..3 {
        assert_eq!(stage.fetch(&parcel).await.status, 200);
    }
    let mut stale = client.moment().await;
    stale.nonce.0[0] ^= 1;
    assert_eq!(client.post("/v1/fetch", &parcel.fetch_body(&stage.pia, stale)).await.status, 401);
    assert_eq!(client.post("/v1/fetch", b"nothing").await.status, 400);
    for _ in 0..2 {
        assert_eq!(stage.acknowledge(&parcel, b"receipt").await.status, 200);
    }
    let second = stage.uploaded("second").await;
    let _: Withdrawn = client.withdraw(&stage.bo, parcel.cti).await.read();
    let _: Withdrawn = client.withdraw(&stage.bo, second.cti).await.read();
    let expected = [
        (("upload", Verdict::Served), 2),
        (("upload", Verdict::Repeated), 1),
        (("upload", Verdict::Taken), 1),
        (("fetch", Verdict::Served), 1),
        (("fetch", Verdict::Repeated), 2),
        (("fetch", Verdict::Stale), 1),
        (("fetch", Verdict::Form), 1),
        (("acknowledge", Verdict::Served), 1),
        (("acknowledge", Verdict::Repeated), 1),
        (("withdraw", Verdict::Served), 1),
        (("withdraw", Verdict::Late), 1),
    ];
    let expected = expected.map(|((act, verdict), count)| ((act, verdict.word()), count));
    assert_eq!(told(&stage), BTreeMap::from(expected));
}

/// Whoever reads the numbers while it asks learns no more than from its answer.
#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_cannot_tell_apart_is_one_number() {
    let stage = Stage::new().await;
    let client = stage.client();
    let [waits, ended] = [stage.uploaded("waits").await, stage.uploaded("ended").await];
    let _: Withdrawn = client.withdraw(&stage.bo, ended.cti).await.read();
    let absent = Parcel::new("absent", &stage.bo, NOW);
    let before = told(&stage);
    for (asked, parcel) in [&waits, &ended, &absent].into_iter().enumerate() {
        let body = fetch_body(parcel.cti, &signing("x"), &signing("y"), client.moment().await);
        assert_eq!(client.post("/v1/fetch", &body).await.status, 404);
        let mut expected = before.clone();
        expected.insert(("fetch", Verdict::Nothing.word()), asked as u64 + 1);
        assert_eq!(told(&stage), expected, "{:?}", id("absent"));
    }
}
