//! Programs that look at links by themselves, and try whatever addresses they can think of: nothing happens, and they have
//! no byte of an envelope.

use countersign_documents::relay::ParcelState;
use data_encoding::BASE64URL_NOPAD;

use crate::{client::Asking, landing::BOTS, stage::Stage};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_only_looks_changes_nothing_and_has_nothing() {
    let stage = Stage::new().await;
    let client = stage.client();
    let parcel = stage.uploaded("first").await;
    let cti = BASE64URL_NOPAD.encode(&parcel.cti.0);
    let secret = parcel.secret.to_text();
    let mut paths = vec!["/v1/nonce".to_owned(), format!("/v1/card/{}", stage.works.id())];
    for path in ["upload", "fetch", "acknowledge", "withdraw", "post", "dispatch", "poll", "removal", "card"]
    {
        paths.extend([format!("/v1/{path}"), format!("/v1/{path}/{cti}"), format!("/v1/{path}?cti={cti}")]);
    }
    paths.extend(["", "?download", "/raw", "%23"].map(|end| format!("/e/{cti}{end}")));
    paths.push(format!("/e/{cti}%23{}", secret.as_str()));
    let (mut visits, mut bytes) = (0, 0);
    for bot in BOTS.iter() {
        for path in &paths {
            for method in ["GET", "HEAD", "OPTIONS"] {
                let reply = client.ask(method, path, &format!("user-agent: {bot}\r\n")).await;
                assert!([200, 400, 404].contains(&reply.status), "{method} {path}: {}", reply.status);
                let inside = &parcel.envelope[parcel.envelope.len() - 200..];
                bytes += reply
                    .body
                    .windows(16)
                    .filter(|part| inside.windows(16).any(|window| window == *part))
                    .count();
                visits += 1;
            }
        }
    }
    let told = client.mail_of(&stage.bo, stage.works.id(), Asking::default()).await;
    let effects = usize::from(told.parcels.first().map(|p| p.state) != Some(ParcelState::Uploaded))
        + usize::from(told.parcels.len() != 1)
        + told.letters.len();
    println!("{} programs, {visits} visits: {effects} effects, {bytes} bytes of the envelope", BOTS.len());
    assert_eq!((effects, bytes), (0, 0));
    assert_eq!(stage.fetch(&parcel).await.body, parcel.envelope, "its reader has it");
}
