use std::{fs, path::Path};

use countersign_documents::Time;
use countersign_issuers::{
    gate::{Reason, Verdict, check},
    key_format::{Label, mint},
};
use countersign_ports::{Issuer as _, IssuerError, Tag};

use crate::support::{NOT_AFTER, Seeded, create, folder, issuer, tag};

const NOW: Time = Time(1_800_000_000);

#[tokio::test]
async fn a_gateway_follows_the_file_at_once() {
    let at = folder();
    let issuer = issuer(&at.path, 1);
    let other = create(&issuer, &tag(1)).await.unwrap();
    let made = create(&issuer, &Tag { inert: true, ..tag(2) }).await.unwrap();
    let verdict = || check(&at.path, made.key.expose(), NOW).unwrap();

    assert_eq!(verdict(), Verdict::Refused(Reason::Inert), "not switched on yet");
    issuer.activate(&made.handle).await.unwrap();
    let accepted = Verdict::Accepted {
        key: tag(2).key,
        service: "orders".into(),
        environment: "eu-prod".into(),
        scopes: vec!["orders:read".into()],
        networks: vec!["203.0.113.0/24".into()],
        not_after: NOT_AFTER,
    };
    assert_eq!(verdict(), accepted, "switched on, with all the gateway must enforce");
    issuer.disable(&made.handle).await.unwrap();
    assert_eq!(verdict(), Verdict::Refused(Reason::Inert), "switched off");
    issuer.revoke(&made.handle).await.unwrap();
    assert_eq!(verdict(), Verdict::Refused(Reason::Unknown), "revoked: as if it had never been");
    let still = check(&at.path, other.key.expose(), NOW).unwrap();
    assert!(matches!(still, Verdict::Accepted { key, .. } if key == tag(1).key), "the other key still works");
}

#[tokio::test]
async fn a_key_dies_in_the_second_of_its_expiry() {
    let at = folder();
    let issuer = issuer(&at.path, 2);
    let made = create(&issuer, &tag(1)).await.unwrap();
    let at_time = |now| check(&at.path, made.key.expose(), now).unwrap();
    assert!(matches!(at_time(NOT_AFTER.minus(1)), Verdict::Accepted { .. }), "the last second");
    assert_eq!(at_time(NOT_AFTER), Verdict::Refused(Reason::Expired), "the first second after");
    issuer.disable(&made.handle).await.unwrap();
    assert_eq!(at_time(NOT_AFTER), Verdict::Refused(Reason::Expired), "expiry is said before inert");
}

#[tokio::test]
async fn what_is_no_key_and_what_is_nobodys_key_are_told_apart() {
    let at = folder();
    let made = create(&issuer(&at.path, 3), &tag(1)).await.unwrap();
    let label = |text| Label::parse(text).unwrap();
    let strange = mint(&label("cs"), &label("euprod"), Seeded::new(99).as_ref()).unwrap();
    let verdict = |key: &[u8]| check(&at.path, key, NOW).unwrap();
    assert_eq!(verdict(strange.expose()), Verdict::Refused(Reason::Unknown), "well made, never issued");
    let mut typo = made.key.expose().to_vec();
    typo[12] ^= 1;
    for bad in [&typo[..], &made.key.expose()[1..], b"", b"\xff\xfe", b"hunter2"] {
        assert_eq!(verdict(bad), Verdict::Refused(Reason::Malformed), "{:?} is no key", bad.escape_ascii());
    }
    let text = fs::read_to_string(&at.path).unwrap();
    let hash = text.lines().nth(1).unwrap().split(" ").next().unwrap();
    assert_eq!(
        verdict(hash.as_bytes()),
        Verdict::Refused(Reason::Malformed),
        "who stole the file holds no key"
    );
}

#[tokio::test]
async fn without_a_file_that_is_understood_there_is_no_verdict() {
    let at = folder();
    let made = create(&issuer(&at.path, 4), &tag(1)).await.unwrap();
    let verdict = |path: &Path| check(path, made.key.expose(), NOW);
    assert!(matches!(verdict(&at.path), Ok(Verdict::Accepted { .. })), "the file itself is fine");
    let missing = verdict(&at.folder.path().join("absent"));
    assert!(matches!(missing, Err(IssuerError::Unavailable(_))), "no file, no verdict");
    let mut text = fs::read_to_string(&at.path).unwrap();
    text.push_str("# just a remark\n");
    fs::write(&at.path, text).unwrap();
    let unknown = verdict(&at.path);
    assert!(matches!(unknown, Err(IssuerError::Unexpected(_))), "an unknown line is never skipped");
}
