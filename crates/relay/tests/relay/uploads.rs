//! Uploads that do not count, each for one reason.

use countersign_documents::{
    Digest,
    certificate::Right,
    cose::Claims,
    id::Cti,
    relay::{Moment, Upload, pack},
    time::{DAY, HOUR},
};

use crate::{
    organisation::{Member, Organisation, id, line, signing},
    partner::{Parcel, fetch_body},
    stage::{ALL, NOW, Stage},
};

/// What one upload is made of, to be changed in one thing.
struct Case<'a> {
    stage: &'a Stage,
    by: Member,
    parcel: Parcel,
    act: Upload,
}

impl<'a> Case<'a> {
    async fn new(stage: &'a Stage) -> Self {
        Self::by(stage, stage.works.member("bo", &ALL)).await
    }

    async fn by(stage: &'a Stage, by: Member) -> Self {
        let parcel = Parcel::new("case", &by, NOW);
        let act = parcel.upload(&stage.pia, stage.client().moment().await);
        Self { stage, by, parcel, act }
    }

    async fn sent(&self) -> u16 {
        let body = pack(&[&self.act.sign(&self.by.certificate, &self.by.key), &self.parcel.envelope]);
        self.stage.client().post("/v1/upload", &body).await.status
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_does_not_count_is_refused_for_one_reason_each() {
    let stage = Stage::new().await;
    let works = &stage.works;
    let without = |rights: &[Right]| works.member("cy", rights);
    for (name, by) in [
        ("without the right", without(&[Right::Vet, Right::Approve, Right::Admin])),
        ("for reading only", without(&[Right::Audit])),
        ("over", works.certify("cy", &ALL, NOW.minus(80 * DAY), NOW)),
        ("not valid yet", works.certify("cy", &ALL, NOW.plus(HOUR), NOW.plus(DAY))),
        ("of another organisation", Organisation::found("Other Works", NOW).member("bo", &ALL)),
    ] {
        assert_eq!(Case::by(&stage, by).await.sent().await, 403, "a member {name}");
    }
    let mut case = Case::new(&stage).await;
    case.by.key = signing("somebody else");
    assert_eq!(case.sent().await, 403, "with the certificate of another key");
    let mut case = Case::new(&stage).await;
    case.act.envelope = Digest([1; 32]);
    assert_eq!(case.sent().await, 400, "another envelope than it says");
    let mut case = Case::new(&stage).await;
    case.act.cti = Cti([1; 16]);
    assert_eq!(case.sent().await, 400, "another cti than the envelope's");
    stage.served.hands.turn(NOW.plus(20 * DAY));
    let mut case = Case::new(&stage).await;
    case.act.moment.time = NOW.plus(20 * DAY);
    assert_eq!(case.sent().await, 409, "an envelope that is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_must_hold_as_far_as_anybody_can_see() {
    let stage = Stage::new().await;
    let works = &stage.works;
    let claims = |lasting: u64| Claims {
        expires: NOW.plus(lasting),
        not_before: NOW,
        issued: NOW,
        cti: Cti(id("case")),
    };
    let unfit = works.member("cy", &[Right::Approve]);
    let over = works.certify("cy", &[Right::Issue], NOW.minus(80 * DAY), NOW);
    let stranger = Organisation::found("Other Works", NOW).member("bo", &ALL);
    for (name, sealer, status) in [
        ("by whoever does not issue", &unfit, 403),
        ("by whoever is over", &over, 403),
        ("by another organisation", &stranger, 403),
    ] {
        let mut case = Case::new(&stage).await;
        case.parcel = Parcel::new("case", sealer, NOW);
        case.act.envelope = Digest::of(&case.parcel.envelope);
        assert_eq!(case.sent().await, status, "sealed {name}");
    }
    let mut later = claims(DAY);
    later.issued = NOW.minus(1);
    for (name, claims, size) in [
        ("lasts 31 days", claims(31 * DAY), 3000),
        ("ends as it begins", claims(0), 3000),
        ("was issued before it counts", later, 3000),
        ("is larger than 64 KiB", claims(DAY), 65_536),
    ] {
        let mut case = Case::new(&stage).await;
        case.parcel = Parcel::with("case", &case.by, &claims, size);
        case.act.envelope = Digest::of(&case.parcel.envelope);
        assert_eq!(case.sent().await, 400, "an envelope that {name}");
    }
    for at in [10, 700, 3500] {
        let mut case = Case::new(&stage).await;
        case.parcel.envelope[at] ^= 1;
        case.act.envelope = Digest::of(&case.parcel.envelope);
        assert!([400, 403].contains(&case.sent().await), "byte {at} of the envelope was changed");
    }
    assert_eq!(Case::new(&stage).await.sent().await, 200, "and one that was not");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_for_another_relay_or_another_time_is_stale_before_anything_else_is_judged() {
    let stage = Stage::new().await;
    let fresh = stage.client().moment().await;
    let with = |change: &dyn Fn(&mut Moment)| {
        let mut moment = fresh.clone();
        change(&mut moment);
        moment
    };
    let stale = [
        ("for another relay", with(&|m| m.origin = line("https://relay.example:8443"))),
        ("with no nonce of ours", with(&|m| m.nonce = Digest([7; 32]))),
        ("with a nonce that was changed", with(&|m| m.nonce.0[9] ^= 1)),
        ("from the day before yesterday", with(&|m| m.time = NOW.minus(DAY + 1))),
        ("from the day after tomorrow", with(&|m| m.time = NOW.plus(DAY + 1))),
    ];
    for (name, moment) in stale {
        let mut case = Case::new(&stage).await;
        case.act.moment = moment.clone();
        assert_eq!(case.sent().await, 401, "{name}");
        // Everything else is wrong with it too.
        case.by.key = signing("somebody else");
        case.act.cti = Cti([1; 16]);
        assert_eq!(case.sent().await, 401, "{name}, and wrong besides");
        let nobody = fetch_body(Cti([1; 16]), &signing("x"), &signing("y"), moment);
        assert_eq!(stage.client().post("/v1/fetch", &nobody).await.status, 401, "{name}, for a stranger");
    }
    let mut case = Case::new(&stage).await;
    case.act.moment = with(&|m| m.time = NOW.plus(DAY));
    assert_eq!(case.sent().await, 200, "a clock that is a day ahead");
    stage.served.hands.turn(NOW.plus(120));
    assert_eq!(case.sent().await, 200, "two minutes later, with the same nonce");
    stage.served.hands.turn(NOW.plus(121));
    assert_eq!(case.sent().await, 401, "a second after that");
}
