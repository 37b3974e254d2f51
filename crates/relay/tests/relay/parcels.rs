//! Parcels: every act's good case, and everything it refuses.

use countersign_documents::{
    Digest, Time,
    certificate::Right,
    id::Cti,
    relay::{Outcome, ParcelState, PickUp, PickUpAct, Withdrawn, pack},
    time::{DAY, HOUR},
};
use countersign_relay::Quota;

use crate::{
    client::{Asking, Reply},
    organisation::{Member, Organisation, signing},
    partner::{Parcel, Partner, acknowledge_body, fetch_body},
    stage::{ALL, NOW, Stage, quota},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_goes_from_a_member_to_its_reader_and_the_receipt_comes_back() {
    let stage = Stage::new().await;
    let (client, works) = (stage.client(), stage.works.id());
    let parcel = stage.uploaded("first").await;
    for _ in 0..2 {
        let fetched = stage.fetch(&parcel).await;
        assert_eq!(
            (fetched.status, &fetched.body),
            (200, &parcel.envelope),
            "as often as the answer is lost"
        );
    }
    let told = client.mail_of(&stage.bo, works, Asking::default()).await;
    assert_eq!(told.parcels.first().map(|p| (p.cti, p.state)), Some((parcel.cti, ParcelState::Fetched)));
    assert_eq!(stage.acknowledge(&parcel, b"the receipt").await.status, 200);
    assert_eq!(stage.acknowledge(&parcel, b"the receipt").await.status, 200, "done twice, it is the same");
    assert_eq!(stage.acknowledge(&parcel, b"another").await.status, 404, "there is one receipt");
    assert_eq!(stage.fetch(&parcel).await.status, 404, "the bytes are gone");
    let told = client.mail_of(&stage.bo, works, Asking::default()).await;
    let letters: Vec<_> =
        told.letters.iter().map(|letter| (letter.number, letter.letter.0.as_slice())).collect();
    assert_eq!(letters, [(1, b"the receipt".as_slice())], "once");
    assert_eq!(told.parcels.first().map(|p| p.state), Some(ParcelState::Acknowledged));
    let outcome: Withdrawn = client.withdraw(&stage.bo, parcel.cti).await.read();
    assert_eq!(outcome.outcome, Outcome::Acknowledged, "too late to take it back");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_counts_once_and_another_envelope_under_its_cti_never() {
    let stage = Stage::new().await;
    let client = stage.client();
    let parcel = stage.uploaded("first").await;
    let again = parcel.upload_body(&stage.bo, &stage.pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &again).await.status, 200, "it is done already");
    let other = Parcel::lasting("first", &stage.bo, NOW, 9 * DAY);
    let body = other.upload_body(&stage.bo, &stage.pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &body).await.status, 409, "another envelope");
    let body = parcel.upload_body(&stage.bo, &Partner::new("paul"), client.moment().await);
    assert_eq!(client.post("/v1/upload", &body).await.status, 409, "for somebody else");
    assert_eq!(stage.fetch(&parcel).await.body, parcel.envelope, "the first is what it was");
    let _: Withdrawn = client.withdraw(&stage.bo, parcel.cti).await.read();
    assert_eq!(client.post("/v1/upload", &again).await.status, 200, "said again, it is what it was");
    assert_eq!(stage.fetch(&parcel).await.status, 404, "and does not come back");
    stage.served.hands.turn(NOW.plus(31 * DAY));
    stage.served.relay.sweep().await.expect("swept");
    let later = Organisation::found("Example Works", NOW).certify("bo", &ALL, NOW, NOW.plus(80 * DAY));
    let client = stage.client();
    let other = Parcel::new("first", &later, client.now);
    let body = other.upload_body(&later, &stage.pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &body).await.status, 200, "30 days after its end a cti is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_proves_both_keys_has_a_parcel() {
    let stage = Stage::new().await;
    let client = stage.client();
    let parcel = stage.uploaded("first").await;
    let (pia, paul) = (&stage.pia.identity, &signing("paul"));
    let key = parcel.pick_up_key();
    let moment = client.moment().await;
    for (name, body) in [
        ("another reader with the link", fetch_body(parcel.cti, paul, &key, moment.clone())),
        ("the reader without the link", fetch_body(parcel.cti, pia, paul, moment.clone())),
        ("neither", fetch_body(parcel.cti, paul, paul, moment.clone())),
        ("the reader twice", fetch_body(parcel.cti, pia, pia, moment.clone())),
        ("both, for another parcel", fetch_body(Cti([9; 16]), pia, &key, moment.clone())),
    ] {
        assert_eq!(client.post("/v1/fetch", &body).await.status, 404, "{name}");
    }
    // The identity is named, and another key signs.
    let act = PickUp { moment, cti: parcel.cti, identity: pia.public(), act: PickUpAct::Fetch, letter: None };
    let forged = pack(&[&act.sign(paul), &act.sign(&key)]);
    assert_eq!(client.post("/v1/fetch", &forged).await.status, 404, "a name is no signature");
    let body = acknowledge_body(parcel.cti, paul, &key, client.moment().await, b"receipt");
    assert_eq!(client.post("/v1/acknowledge", &body).await.status, 404, "nobody else acknowledges either");
    assert_eq!(stage.acknowledge(&parcel, b"receipt").await.status, 404, "nor anybody who never had it");
    assert_eq!(stage.fetch(&parcel).await.body, parcel.envelope, "it is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pick_up_of_another_form_is_none() {
    let stage = Stage::new().await;
    let client = stage.client();
    let parcel = stage.uploaded("first").await;
    let (pia, key) = (&stage.pia.identity, parcel.pick_up_key());
    let moment = client.moment().await;
    let act = |act, letter: Option<&[u8]>| PickUp {
        moment: moment.clone(),
        cti: parcel.cti,
        identity: pia.public(),
        act,
        letter: letter.map(Digest::of),
    };
    let fetch = act(PickUpAct::Fetch, None);
    let twice = |act: &PickUp| [act.sign(pia), act.sign(&key)];
    let [first, second] = twice(&fetch);
    let [with_letter, and_again] = twice(&act(PickUpAct::Fetch, Some(b"letter")));
    let [acknowledges, too] = twice(&act(PickUpAct::Acknowledge, Some(b"letter")));
    let [without, letter] = twice(&act(PickUpAct::Acknowledge, None));
    let other = PickUp { cti: Cti([1; 16]), ..fetch.clone() }.sign(&key);
    for (name, path, parts) in [
        ("one document", "/v1/fetch", vec![&first[..]]),
        ("three", "/v1/fetch", vec![&first, &second, &second]),
        ("none", "/v1/fetch", vec![]),
        ("two that differ", "/v1/fetch", vec![&first, &other]),
        ("an acknowledgement to fetch", "/v1/fetch", vec![&acknowledges, &too]),
        ("a letter with a fetch", "/v1/fetch", vec![&with_letter, &and_again]),
        ("a fetch to acknowledge", "/v1/acknowledge", vec![&first, &second, b"letter"]),
        ("another letter", "/v1/acknowledge", vec![&acknowledges, &too, b"other"]),
        ("no letter", "/v1/acknowledge", vec![&acknowledges, &too]),
        ("no digest", "/v1/acknowledge", vec![&without, &letter, b"letter"]),
    ] {
        assert_eq!(client.post(path, &pack(&parts)).await.status, 400, "{name}");
    }
    let mut cut = pack(&[&first, &second]);
    cut.truncate(cut.len() - 1);
    assert_eq!(client.post("/v1/fetch", &cut).await.status, 400, "a byte short");
    cut.extend([0, 0]);
    assert_eq!(client.post("/v1/fetch", &cut).await.status, 400, "a byte long");
}

/// Withdrawn by this member.
async fn withdrawn(stage: &Stage, by: &Member, parcel: &Parcel) -> Withdrawn {
    stage.client().withdraw(by, parcel.cti).await.read()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_says_who_was_faster() {
    let stage = Stage::new().await;
    let at = |outcome, at| Withdrawn { outcome, at: Some(at) };
    let waits = stage.uploaded("waits").await;
    let fetched = stage.uploaded("fetched").await;
    let over = stage.uploaded_for("over", HOUR).await;
    stage.served.hands.turn(NOW.plus(60));
    assert_eq!(stage.fetch(&fetched).await.status, 200);
    stage.served.hands.turn(NOW.plus(90));
    assert_eq!(withdrawn(&stage, &stage.bo, &waits).await, at(Outcome::Withdrawn, NOW.plus(90)));
    assert_eq!(withdrawn(&stage, &stage.bo, &fetched).await, at(Outcome::Fetched, NOW.plus(60)));
    stage.served.hands.turn(NOW.plus(2 * HOUR));
    assert_eq!(withdrawn(&stage, &stage.bo, &over).await, at(Outcome::Expired, NOW.plus(HOUR)));
    for (parcel, outcome) in [
        (&waits, at(Outcome::Withdrawn, NOW.plus(90))),
        (&fetched, at(Outcome::Fetched, NOW.plus(60))),
        (&over, at(Outcome::Expired, NOW.plus(HOUR))),
    ] {
        assert_eq!(stage.fetch(parcel).await.status, 404, "nobody will have it again");
        assert_eq!(stage.acknowledge(parcel, b"late").await.status, 404, "nor acknowledge it");
        assert_eq!(withdrawn(&stage, &stage.bo, parcel).await, outcome, "said again, it is the same");
    }
    let figures = stage.served.relay.figures().await.expect("figures");
    assert_eq!((figures.parcels, figures.bytes), (0, 0), "nothing is left of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_does_not_count_changes_nothing() {
    let stage = Stage::new().await;
    let client = stage.client();
    let parcel = stage.uploaded("first").await;
    let auditor = stage.works.member("cy", &[Right::Audit]);
    let stranger = Organisation::found("Other Works", NOW).member("bo", &ALL);
    assert_eq!(client.withdraw(&auditor, parcel.cti).await.status, 403, "for reading only");
    assert_eq!(client.withdraw(&stranger, parcel.cti).await.status, 403, "another organisation");
    assert_eq!(client.withdraw(&stage.bo, Cti([3; 16])).await.status, 404, "there is none");
    assert_eq!(stage.fetch(&parcel).await.status, 200, "it is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_is_kept_and_what_ended_frees_it() {
    let stage = Stage::with(Quota { parcels: 2, ..quota() }).await;
    let first = stage.uploaded("first").await;
    stage.uploaded("second").await;
    let upload = async |name: &str| -> Reply {
        let client = stage.client();
        let parcel = Parcel::new(name, &stage.bo, client.now);
        let body = parcel.upload_body(&stage.bo, &stage.pia, client.moment().await);
        client.post("/v1/upload", &body).await
    };
    assert_eq!(upload("third").await.status, 429);
    assert_eq!(upload("first").await.status, 200, "what is there already is no more");
    let _: Withdrawn = stage.client().withdraw(&stage.bo, first.cti).await.read();
    assert_eq!(upload("third").await.status, 200, "there is a place again");
    assert_eq!(upload("fourth").await.status, 429);

    let one = Parcel::new("one", &stage.bo, NOW).envelope.len() as u64;
    let stage = Stage::with(Quota { bytes: 2 * one - 1, ..quota() }).await;
    stage.uploaded("first").await;
    let client = stage.client();
    let parcel = Parcel::new("other", &stage.bo, NOW);
    let body = parcel.upload_body(&stage.bo, &stage.pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &body).await.status, 429, "bytes count too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_must_stay_free_takes_no_more_but_everything_that_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |room| {
        let database = countersign_relay::DatabaseAt::Sqlite(folder.path().join("relay.db"));
        Stage::on(database, Quota { room, ..quota() })
    };
    let roomy = at(0).await;
    let parcel = roomy.uploaded("first").await;
    let full = at(u64::MAX).await;
    let client = full.client();
    let other = Parcel::new("other", &full.bo, NOW);
    let body = other.upload_body(&full.bo, &full.pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &body).await.status, 507);
    assert_eq!(client.dispatch(&full.bo, &full.pia, b"letter").await.status, 507);
    assert_eq!(full.fetch(&parcel).await.status, 200, "what is there is handed over");
    assert_eq!(full.acknowledge(&parcel, b"receipt").await.status, 200, "and ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_swept_and_members_are_told() {
    let stage = Stage::new().await;
    let parcel = stage.uploaded_for("first", HOUR).await;
    stage.served.hands.turn(NOW.plus(HOUR));
    let state = |parcels: &[countersign_documents::relay::Parcel]| parcels.first().map(|p| (p.state, p.at));
    let over = Some((ParcelState::Expired, NOW.plus(HOUR)));
    let told = stage.client().mail_of(&stage.bo, stage.works.id(), Asking::default()).await;
    assert_eq!(state(&told.parcels), over, "also before anybody swept");
    assert_eq!(stage.fetch(&parcel).await.status, 404, "and nobody has it any more");
    let swept = stage.served.relay.sweep().await.expect("swept");
    assert_eq!((swept.parcels, swept.letters), (1, 0));
    let told = stage.client().mail_of(&stage.bo, stage.works.id(), Asking::default()).await;
    assert_eq!(state(&told.parcels), over, "and after");
    assert_eq!(stage.served.relay.sweep().await.expect("swept").parcels, 0, "once is enough");
    stage.served.hands.turn(Time(NOW.0 + HOUR + 30 * DAY));
    stage.served.relay.sweep().await.expect("swept");
    let told = stage.works.certify("bo", &ALL, NOW, NOW.plus(90 * DAY));
    let told = stage.client().mail_of(&told, stage.works.id(), Asking::default()).await;
    assert!(told.parcels.is_empty(), "30 days later it is forgotten");
}

/// Whether any file of the database holds what is inside this envelope.
fn lies_about(stage: &Stage, parcel: &Parcel) -> bool {
    let folder = stage.folder.as_ref().expect("a file").path();
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let inside = &parcel.envelope[parcel.envelope.len() - 600..][..32];
    files.into_iter().any(|path| {
        let bytes = std::fs::read(path).expect("a file");
        bytes.windows(32).any(|window| window == inside)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn with_every_end_the_bytes_are_gone_from_the_disk() {
    let stage = Stage::new().await;
    let [acknowledged, withdrawn] = [stage.uploaded("first").await, stage.uploaded("second").await];
    let over = stage.uploaded_for("third", HOUR).await;
    for parcel in [&acknowledged, &withdrawn, &over] {
        assert!(lies_about(&stage, parcel), "this test would see it");
    }
    assert_eq!(stage.fetch(&acknowledged).await.status, 200);
    assert_eq!(stage.acknowledge(&acknowledged, b"receipt").await.status, 200);
    let _: Withdrawn = stage.client().withdraw(&stage.bo, withdrawn.cti).await.read();
    stage.served.hands.turn(NOW.plus(HOUR));
    stage.served.relay.sweep().await.expect("swept");
    for (name, parcel) in [("acknowledged", &acknowledged), ("withdrawn", &withdrawn), ("over", &over)] {
        assert!(!lies_about(&stage, parcel), "{name}: neither in the database nor in its log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_or_of_another_kind_is_refused() {
    let stage = Stage::new().await;
    let client = stage.client();
    for path in ["/v1/upload", "/v1/fetch", "/v1/acknowledge", "/v1/withdraw", "/v1/post", "/v1/dispatch"] {
        let large = vec![0; 160 * 1024 + 1];
        assert_eq!(client.post(path, &large).await.status, 413, "{path}");
        let head = "content-type: text/plain\r\ncontent-length: 1\r\n";
        let text = format!("POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{head}\r\na");
        assert_eq!(client.say(text.as_bytes()).await.expect("an answer").status, 400, "{path}");
        assert_eq!(client.ask("GET", path, "").await.status, 404, "{path}");
    }
}
