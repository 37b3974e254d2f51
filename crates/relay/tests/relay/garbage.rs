//! Whatever is thrown at an address, the answer is one of those that the page names, and the relay is well afterwards.

use countersign_documents::{
    Digest,
    relay::{Poll, Removal, pack},
};

use crate::{
    client::request,
    dice::Dice,
    organisation::signing,
    partner::Parcel,
    stage::{NOW, Stage},
};

/// How many requests: a sample always, two hundred thousand when soaking.
fn throws() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 200_000 } else { 8000 }
}

const PATHS: &[&str] = &[
    "/v1/upload",
    "/v1/fetch",
    "/v1/acknowledge",
    "/v1/withdraw",
    "/v1/post",
    "/v1/dispatch",
    "/v1/poll",
    "/v1/removal",
    "/v1/card",
    "/v1/nonce",
    "/v1/card/x",
    "/v1/add-checkpoint",
    "/e/x",
    "/",
];

/// Bodies that count, or nearly.
async fn honest(stage: &Stage) -> Vec<Vec<u8>> {
    let client = stage.client();
    let parcel = Parcel::new("first", &stage.bo, NOW);
    let moment = client.moment().await;
    let poll = Poll {
        moment: moment.clone(),
        organisation: stage.works.id(),
        key: stage.bo.key.public(),
        after: 0,
        patience: 0,
        done: vec![1, 2],
    };
    let removal = Removal { moment: moment.clone(), member: Digest([9; 32]) };
    let (ticket, key) = stage.works.ticket(&stage.bo, "t", 1000);
    let post = countersign_documents::relay::Post {
        moment: moment.clone(),
        organisation: stage.works.id(),
        identity: stage.pia.identity.public(),
        letter: Digest::of(b"letter"),
        ticket: Some(countersign_documents::id::TicketId(crate::organisation::id("t"))),
    };
    vec![
        parcel.upload_body(&stage.bo, &stage.pia, moment.clone()),
        parcel.fetch_body(&stage.pia, moment.clone()),
        parcel.acknowledge_body(&stage.pia, moment, b"receipt"),
        pack(&[&poll.sign(&stage.bo.key), &stage.bo.certificate]),
        pack(&[&poll.sign(&signing("nobody"))]),
        pack(&[&removal.sign(&stage.bo.certificate, &stage.bo.key)]),
        pack(&[&post.sign(&stage.pia.identity), b"letter", &ticket, &post.sign(&key)]),
        pack(&[&stage.works.card(2, Some(crate::organisation::ORIGIN))]),
        pack(&[]),
    ]
}

/// One that was honest, changed in a few places; or nothing but noise.
fn thrown(dice: &mut Dice, honest: &[Vec<u8>]) -> Vec<u8> {
    let mut body = honest[dice.below(honest.len())].clone();
    match dice.below(6) {
        0 => body = (0..dice.below(400)).map(|_| dice.byte()).collect(),
        1 => body.truncate(dice.below(body.len() + 1)),
        2 => body.extend((0..dice.below(40)).map(|_| 0)),
        3 => {
            let other = &honest[dice.below(honest.len())];
            let (from, to) = (dice.below(body.len()), dice.below(other.len()));
            body.truncate(from);
            body.extend_from_slice(&other[to..]);
        }
        _ => {
            for _ in 0..=dice.below(4) {
                let at = dice.below(body.len());
                body[at] = dice.byte();
            }
        }
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_at_every_address_breaks_nothing() {
    let mut dice = Dice::seeded("garbage");
    let stage = Stage::new().await;
    let client = stage.client();
    let honest = honest(&stage).await;
    let mut counts = std::collections::BTreeMap::<u16, usize>::new();
    for number in 0..throws() {
        let path = PATHS[dice.below(PATHS.len())];
        let body = thrown(&mut dice, &honest);
        let reply = client.say(&request(path, &body)).await;
        let status = reply.unwrap_or_else(|| panic!("no answer to throw {number} at {path}")).status;
        assert!(
            [200, 400, 401, 403, 404, 409, 413, 429].contains(&status),
            "throw {number} at {path}: {status}"
        );
        *counts.entry(status).or_default() += 1;
    }
    println!("{} requests: {counts:?}", throws());
    assert_eq!(client.ask("GET", "/readyz", "").await.status, 200, "it is well");
    let parcel = stage.uploaded("after").await;
    assert_eq!(stage.fetch(&parcel).await.status, 200);
}
