//! The plainest of clients that speaks of bytes, and every act as a body.

use std::net::SocketAddr;

use countersign_documents::{
    Decode, Digest, SigningKey, Time, decode,
    id::{Cti, OrganisationId, TicketId},
    relay::{Dispatch, Mail, Moment, Poll, Post, Removal, Withdraw, pack},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    organisation::{Member, ORIGIN, line},
    partner::Partner,
    world::PATIENCE,
};

/// An answer, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// All lines but `date`.
    pub(crate) head: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// From everything that came until the other side closed.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let head = head.lines().filter(|line| !line.starts_with("date:")).map(str::to_owned).collect();
        Some(Self { status, head, body: bytes[end + 4..].to_vec() })
    }

    /// The value that the body is.
    pub(crate) fn read<T: for<'a> Decode<'a>>(&self) -> T {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        decode(&self.body).expect("one value")
    }
}

/// A POST, byte for byte.
pub(crate) fn request(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: relay.example\r\nconnection: close\r\ncontent-type: application/cbor\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Somebody who knows where a relay is, and what time it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) now: Time,
}

impl Client {
    /// Sends these bytes on a connection of their own. None where nothing that is an answer came back.
    pub(crate) async fn say(&self, bytes: &[u8]) -> Option<Reply> {
        let mut stream = TcpStream::connect(self.address).await.ok()?;
        // Whoever is refused while still sending has an answer all the same.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it ends");
        let reply = Reply::parse(&answer)?;
        let promised = reply.head.iter().find_map(|line| line.strip_prefix("content-length: "));
        let bare = bytes.starts_with(b"HEAD ");
        let whole = bare || promised.is_none_or(|length| length == reply.body.len().to_string());
        (read.is_ok() && whole).then_some(reply)
    }

    pub(crate) async fn post(&self, path: &str, body: &[u8]) -> Reply {
        self.say(&request(path, body)).await.expect("an answer")
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &str) -> Reply {
        let head =
            format!("{method} {path} HTTP/1.1\r\nhost: relay.example\r\nconnection: close\r\n{headers}\r\n");
        self.say(head.as_bytes()).await.expect("an answer")
    }

    /// Here and now.
    pub(crate) async fn moment(&self) -> Moment {
        self.moment_if_any().await.expect("a nonce")
    }

    /// The same of a relay that may be away.
    pub(crate) async fn moment_if_any(&self) -> Option<Moment> {
        let asked = b"GET /v1/nonce HTTP/1.1\r\nhost: relay.example\r\nconnection: close\r\n\r\n";
        let nonce = Digest(self.say(asked).await?.body.try_into().ok()?);
        Some(Moment { origin: line(ORIGIN), nonce, time: self.now })
    }

    pub(crate) async fn withdraw(&self, by: &Member, cti: Cti) -> Reply {
        let act = Withdraw { moment: self.moment().await, cti };
        self.post("/v1/withdraw", &pack(&[&act.sign(&by.certificate, &by.key)])).await
    }

    pub(crate) async fn remove(&self, by: &Member, member: Digest) -> Reply {
        let act = Removal { moment: self.moment().await, member };
        self.post("/v1/removal", &pack(&[&act.sign(&by.certificate, &by.key)])).await
    }

    pub(crate) async fn dispatch(&self, by: &Member, to: &Partner, letter: &[u8]) -> Reply {
        let act =
            Dispatch { moment: self.moment().await, recipient: to.thumbprint(), letter: Digest::of(letter) };
        self.post("/v1/dispatch", &pack(&[&act.sign(&by.certificate, &by.key), letter])).await
    }

    /// A letter by whoever is known already.
    pub(crate) async fn write(&self, by: &Partner, to: OrganisationId, letter: &[u8]) -> Reply {
        let act = self.letter(by, to, letter, None).await;
        self.post("/v1/post", &pack(&[&act.sign(&by.identity), letter])).await
    }

    /// A letter with a ticket.
    pub(crate) async fn write_with(
        &self,
        by: &Partner,
        to: OrganisationId,
        letter: &[u8],
        (name, ticket, key): (&str, &[u8], &SigningKey),
    ) -> Reply {
        let ticket_id = TicketId(crate::organisation::id(name));
        let act = self.letter(by, to, letter, Some(ticket_id)).await;
        self.post("/v1/post", &pack(&[&act.sign(&by.identity), letter, ticket, &act.sign(key)])).await
    }

    async fn letter(
        &self,
        by: &Partner,
        to: OrganisationId,
        letter: &[u8],
        ticket: Option<TicketId>,
    ) -> Post {
        let moment = self.moment().await;
        Post { moment, organisation: to, identity: by.identity.public(), letter: Digest::of(letter), ticket }
    }

    pub(crate) async fn poll(
        &self,
        key: &SigningKey,
        certificate: Option<&[u8]>,
        of: OrganisationId,
        asking: Asking<'_>,
    ) -> Reply {
        let poll = Poll {
            moment: self.moment().await,
            organisation: of,
            key: key.public(),
            after: asking.after,
            patience: asking.patience,
            done: asking.done.to_vec(),
        };
        let mut parts = vec![poll.sign(key)];
        parts.extend(certificate.map(<[u8]>::to_vec));
        let parts: Vec<_> = parts.iter().map(Vec::as_slice).collect();
        self.post("/v1/poll", &pack(&parts)).await
    }

    /// What waits for a member.
    pub(crate) async fn mail_of(&self, member: &Member, of: OrganisationId, asking: Asking<'_>) -> Mail {
        self.poll(&member.key, Some(&member.certificate), of, asking).await.read()
    }

    /// What waits for a partner.
    pub(crate) async fn mail_for(&self, partner: &Partner, of: OrganisationId, asking: Asking<'_>) -> Mail {
        self.poll(&partner.identity, None, of, asking).await.read()
    }
}

/// What a poll asks beside whose.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asking<'a> {
    pub(crate) after: u64,
    pub(crate) patience: u64,
    pub(crate) done: &'a [u64],
}
