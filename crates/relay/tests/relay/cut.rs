//! Answers that break off: whoever has lost one asks again and has everything.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use countersign_documents::cose::Claims;

use crate::{
    client::{Asking, Client, request},
    partner::Parcel,
    stage::{NOW, Stage},
};

/// Reads so many bytes of the answer and is gone.
async fn cut_after(client: &Client, request: &[u8], bytes: usize) {
    let mut stream = TcpStream::connect(client.address).await.expect("it accepts");
    stream.write_all(request).await.expect("sent");
    let mut part = vec![0; bytes];
    stream.read_exact(&mut part).await.expect("so much comes");
}

/// A small envelope: every offset of its answer is tried.
async fn small(stage: &Stage, name: &str) -> Parcel {
    let claims = Claims {
        expires: NOW.plus(1000),
        not_before: NOW,
        issued: NOW,
        cti: countersign_documents::id::Cti(crate::organisation::id(name)),
    };
    let parcel = Parcel::with(name, &stage.bo, &claims, 64);
    let client = stage.client();
    let body = parcel.upload_body(&stage.bo, &stage.pia, client.moment().await);
    assert_eq!(client.post("/v1/upload", &body).await.status, 200);
    parcel
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_whose_answer_was_cut_at_any_byte_is_fetched_again() {
    let stage = Stage::new().await;
    let client = stage.client();
    let parcel = small(&stage, "cut").await;
    let fetch = request("/v1/fetch", &parcel.fetch_body(&stage.pia, client.moment().await));
    let whole = {
        let mut stream = TcpStream::connect(client.address).await.expect("it accepts");
        stream.write_all(&fetch).await.expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("all of it");
        answer.len()
    };
    let mut recovered = 0;
    for offset in 0..whole {
        cut_after(&client, &fetch, offset).await;
        let again = client.say(&fetch).await.expect("an answer");
        recovered += usize::from(again.status == 200 && again.body == parcel.envelope);
    }
    println!("an envelope: {recovered} of {whole} cuts recovered");
    assert_eq!(recovered, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_whose_answer_was_cut_at_any_byte_counts_once() {
    let stage = Stage::new().await;
    let client = stage.client();
    let mut whole = 1;
    let mut offset = 0;
    let mut recovered = 0;
    // Each cut needs a parcel of its own: the first acknowledgement ends it.
    while offset < whole {
        let parcel = small(&stage, &format!("cut {offset}")).await;
        assert_eq!(stage.fetch(&parcel).await.status, 200);
        let letter = format!("receipt {offset}");
        let body = parcel.acknowledge_body(&stage.pia, client.moment().await, letter.as_bytes());
        let acknowledge = request("/v1/acknowledge", &body);
        cut_after(&client, &acknowledge, offset).await;
        let again = client.say(&acknowledge).await.expect("an answer");
        recovered += usize::from(again.status == 200);
        let head: usize = again.head.iter().map(|line| line.len() + 2).sum();
        whole = head + "date: Fri, 15 Jan 2027 08:00:00 GMT\r\n\r\n".len();
        offset += 1;
    }
    println!("a receipt: {recovered} of {whole} cuts recovered");
    assert_eq!(recovered, whole);
    let (mut after, mut letters) = (0, 0);
    loop {
        let mail = client.mail_of(&stage.bo, stage.works.id(), Asking { after, ..Asking::default() }).await;
        let Some(last) = mail.letters.last() else { break };
        after = last.number;
        letters += mail.letters.len();
    }
    assert_eq!(letters, whole, "each receipt came once");
}

/// The other direction: a request that breaks off at any byte does nothing, and the next one does everything.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_cut_at_any_byte_changes_nothing() {
    let stage = Stage::new().await;
    let client = stage.client();
    let parcel = small(&stage, "cut").await;
    assert_eq!(stage.fetch(&parcel).await.status, 200);
    let body = parcel.acknowledge_body(&stage.pia, client.moment().await, b"receipt");
    let acknowledge = request("/v1/acknowledge", &body);
    for offset in 0..acknowledge.len() {
        let mut stream = TcpStream::connect(client.address).await.expect("it accepts");
        stream.write_all(&acknowledge[..offset]).await.expect("sent");
        drop(stream);
    }
    assert_eq!(stage.fetch(&parcel).await.status, 200, "it is there still");
    assert_eq!(client.say(&acknowledge).await.map(|reply| reply.status), Some(200));
}
