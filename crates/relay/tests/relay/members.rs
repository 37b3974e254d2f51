//! Members who are removed, and cards that follow each other.

use countersign_documents::{
    certificate::Right,
    relay::{Withdrawn, pack},
    time::DAY,
};
use countersign_relay::{DatabaseAt, OpenError, Relay, StoreError};

use crate::{
    client::Asking,
    organisation::{ORIGIN, Organisation},
    partner::Parcel,
    stage::{ALL, Hands, NOW, Stage, quota, settings},
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_a_removed_member_asks_for_counts_until_it_is_certified_again() {
    let stage = Stage::new().await;
    let (client, works) = (stage.client(), stage.works.id());
    let cy = stage.works.member("cy", &ALL);
    let parcel = stage.uploaded("first").await;
    assert_eq!(client.remove(&stage.bo, cy.thumbprint()).await.status, 200);
    assert_eq!(client.remove(&stage.bo, cy.thumbprint()).await.status, 200, "done twice, it is the same");
    let own = Parcel::new("own", &stage.bo, NOW);
    let upload = own.upload_body(&cy, &stage.pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &upload).await.status, 403, "upload");
    assert_eq!(client.withdraw(&cy, parcel.cti).await.status, 403, "withdraw");
    assert_eq!(client.dispatch(&cy, &stage.pia, b"x").await.status, 403, "dispatch");
    assert_eq!(client.remove(&cy, stage.bo.thumbprint()).await.status, 403, "remove");
    let poll = client.poll(&cy.key, Some(&cy.certificate), works, Asking::default()).await;
    assert_eq!(poll.status, 403, "poll");
    let same_second = stage.works.certify("cy", &ALL, NOW, NOW.plus(DAY));
    assert_eq!(client.withdraw(&same_second, parcel.cti).await.status, 403, "a certificate as old as that");
    let again = stage.works.certify("cy", &ALL, NOW.plus(1), NOW.plus(DAY));
    let withdrawn: Withdrawn = client.withdraw(&again, parcel.cti).await.read();
    assert!(withdrawn.at.is_some(), "a later one counts");
    assert_eq!(client.remove(&stage.bo, cy.thumbprint()).await.status, 200);
    assert_eq!(client.dispatch(&stage.bo, &stage.pia, b"x").await.status, 200, "others are as they were");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_when_removed_is_told_nothing_more() {
    let stage = Stage::new().await;
    let (client, works) = (stage.client(), stage.works.id());
    let cy = stage.works.member("cy", &ALL);
    let patient = Asking { patience: 15, ..Asking::default() };
    let (poll, ()) = tokio::join!(client.poll(&cy.key, Some(&cy.certificate), works, patient), async {
        assert_eq!(client.remove(&stage.bo, cy.thumbprint()).await.status, 200);
        stage.uploaded("news").await;
    });
    // Removed before it began to wait, or while it waited.
    assert_eq!(poll.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_removes() {
    let stage = Stage::new().await;
    let client = stage.client();
    let victim = stage.works.member("cy", &ALL);
    for rights in [&[Right::Vet, Right::Approve, Right::Issue][..], &[Right::Audit]] {
        let by = stage.works.member("dee", rights);
        assert_eq!(client.remove(&by, victim.thumbprint()).await.status, 403, "{rights:?}");
    }
    let stranger = Organisation::found("Other Works", NOW).member("bo", &ALL);
    assert_eq!(client.remove(&stranger, victim.thumbprint()).await.status, 403, "another organisation");
    assert_eq!(client.dispatch(&victim, &stage.pia, b"x").await.status, 200, "nothing happened");
}

/// What the relay has, and what it said to a card that was handed over.
async fn handed(stage: &Stage, card: &[u8]) -> (u16, bool) {
    let client = stage.client();
    let status = client.post("/v1/card", &pack(&[card])).await.status;
    let newest = client.ask("GET", &format!("/v1/card/{}", stage.works.id()), "").await;
    assert_eq!(newest.status, 200);
    (status, newest.body == card)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_card_of_the_same_history_takes_the_place_of_the_old() {
    let stage = Stage::new().await;
    let works = &stage.works;
    let first = works.card(1, Some(ORIGIN));
    assert_eq!(handed(&stage, &first).await, (200, true), "the same one");
    let third = works.card(3, Some(ORIGIN));
    assert_eq!(handed(&stage, &third).await, (200, true), "a newer one");
    assert_eq!(
        handed(&stage, &works.card(2, Some(ORIGIN))).await,
        (200, false),
        "an older one changes nothing"
    );
    for (name, card) in [
        ("that names another relay", works.card(4, Some("https://elsewhere.example"))),
        ("that names none", works.card(4, None)),
        ("of another organisation", Organisation::found("Other Works", NOW).card(9, Some(ORIGIN))),
        ("that is over", Organisation::found("Example Works", NOW.minus(60 * DAY)).card(9, Some(ORIGIN))),
    ] {
        assert_eq!(handed(&stage, &card).await, (403, false), "a card {name}");
    }
    // The same version, and something else in it: another relay, then this one.
    let other = Organisation::found("Example Works", NOW.minus(1)).card(3, Some(ORIGIN));
    assert_eq!(handed(&stage, &other).await, (403, false), "another card of that version and another root");
    let mut broken = works.card(4, Some(ORIGIN));
    let last = broken.len() - 1;
    broken[last] ^= 1;
    assert_eq!(handed(&stage, &broken).await, (403, false), "a signature that does not hold");
    broken.truncate(last);
    assert_eq!(handed(&stage, &broken).await, (400, false), "a byte short");
    let missing = stage.client().ask("GET", "/v1/card/0000000000000000000000000r", "").await;
    assert_eq!(missing.status, 404, "an organisation that is not here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_root_ends_certificates_under_the_old_one() {
    let stage = Stage::new().await;
    let next = Organisation::found("Example Works", NOW).with_next_root();
    assert_eq!(handed(&stage, &next.card(2, Some(ORIGIN))).await, (200, true));
    let client = stage.client();
    assert_eq!(client.dispatch(&stage.bo, &stage.pia, b"x").await.status, 403, "the old one");
    assert_eq!(client.dispatch(&next.member("bo", &ALL), &stage.pia, b"x").await.status, 200, "the new one");
    assert_eq!(
        handed(&stage, &stage.works.card(5, Some(ORIGIN))).await,
        (403, false),
        "there is no way back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_opens_with_the_newest_card_it_ever_had() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = || DatabaseAt::Sqlite(folder.path().join("relay.db"));
    let hands = Hands::at(NOW);
    let open = async |cards| Relay::open(settings(database(), cards, quota(), &hands)).await.map(drop);
    let works = Organisation::found("Example Works", NOW);
    let stage = Stage::on(database(), quota()).await;
    assert_eq!(handed(&stage, &works.card(7, Some(ORIGIN))).await, (200, true));
    let again = Stage::on(database(), quota()).await;
    let newest = again.client().ask("GET", &format!("/v1/card/{}", works.id()), "").await;
    assert_eq!(newest.body, works.card(7, Some(ORIGIN)), "not the one on its command line");
    assert_eq!(open(vec![works.card(8, None)]).await, Err(OpenError::OtherRelay(works.id())));
    let other = Organisation::found("Example Works", NOW.minus(1));
    assert_eq!(open(vec![other.card(9, Some(ORIGIN))]).await, Err(OpenError::Contradicts(works.id())));
    assert!(matches!(open(vec![b"no card".to_vec()]).await, Err(OpenError::Card(_))));
    let ended = Organisation::found("Third Works", NOW.minus(60 * DAY));
    assert_eq!(open(vec![ended.card(1, Some(ORIGIN))]).await, Ok(()), "one that has ended says whose it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_organisations_on_one_relay_do_not_see_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let hands = Hands::at(NOW);
    let (one, two) = (Organisation::found("Example Works", NOW), Organisation::found("Other Works", NOW));
    let cards = vec![one.card(1, Some(ORIGIN)), two.card(1, Some(ORIGIN))];
    let database = DatabaseAt::Sqlite(folder.path().join("relay.db"));
    let relay = Relay::open(settings(database, cards, quota(), &hands)).await.expect("it opens");
    let served = crate::stage::Served::over(relay, hands).await;
    let client = served.client();
    let (bo, eve) = (one.member("bo", &ALL), two.member("eve", &ALL));
    let pia = crate::partner::Partner::new("pia");
    let parcel = Parcel::new("first", &bo, NOW);
    let body = parcel.upload_body(&bo, &pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &body).await.status, 200);
    assert_eq!(client.withdraw(&eve, parcel.cti).await.status, 404, "another's parcel is none");
    let foreign = parcel.upload_body(&eve, &pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &foreign).await.status, 403, "another's envelope neither");
    assert!(client.mail_of(&eve, two.id(), Asking::default()).await.parcels.is_empty());
    let poll = client.poll(&eve.key, Some(&eve.certificate), one.id(), Asking::default()).await;
    assert_eq!(poll.status, 403);
    assert_eq!(client.remove(&eve, bo.thumbprint()).await.status, 200, "it may say so for itself");
    assert_eq!(client.dispatch(&bo, &pia, b"from one").await.status, 200, "which ends nothing elsewhere");
    assert_eq!(client.dispatch(&eve, &pia, b"from two").await.status, 200);
    let mail = client.mail_for(&pia, two.id(), Asking::default()).await;
    assert_eq!(mail.letters.len(), 1, "a mailbox for each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_of_a_relay_is_left_alone() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = tempfile::tempdir().expect("a folder");
    let hands = Hands::at(NOW);
    let open = async |name: &str| {
        let database = DatabaseAt::Sqlite(folder.path().join(name));
        Relay::open(settings(database, Vec::new(), quota(), &hands)).await.map(drop)
    };
    std::fs::write(
        folder.path().join("text"),
        b"not a database, but long enough to be taken for one".repeat(30),
    )
    .expect("written");
    assert_eq!(open("text").await, Err(OpenError::Store(StoreError::Damaged)));
    std::fs::create_dir(folder.path().join("folder")).expect("made");
    assert_eq!(open("folder").await, Err(OpenError::Store(StoreError::Unavailable)));
    assert_eq!(open("away/relay.db").await, Err(OpenError::Store(StoreError::Unavailable)));
    assert_eq!(open("relay.db").await, Ok(()));
    let mode = std::fs::metadata(folder.path().join("relay.db")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "for this user alone");
    symlink(folder.path().join("relay.db"), folder.path().join("link")).expect("linked");
    assert_eq!(open("link").await, Err(OpenError::Store(StoreError::Unavailable)));
}
