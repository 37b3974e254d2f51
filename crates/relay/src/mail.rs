//! Letters between partners and the organisation, and whoever waits for them.

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use countersign_documents::{
    Digest, Kind, Time,
    certificate::Certificate,
    cose::Unverified1,
    encode,
    relay::{Dispatch, Mail, Poll, Post, Ticket},
};
use tokio::time::{Instant, timeout_at};

use crate::{
    acts::{counts, named, parts, standing},
    refusal::Refusal,
    relay::{Answer, Relay},
    store::{Letter, Mailbox, Posted, Standing, TicketUse},
};

/// The most a letter may weigh (letter.md).
const LETTER_LIMIT: usize = 131_072;
/// How often whoever waits looks at a database that others write too.
const GLANCE: Duration = Duration::from_secs(1);

/// A letter as an act names it.
pub(crate) fn letter(bytes: &[u8], digest: &Digest) -> Result<Letter, Refusal> {
    let fits = !bytes.is_empty() && bytes.len() <= LETTER_LIMIT && Digest::of(bytes) == *digest;
    if fits { Ok(Letter { digest: *digest, bytes: bytes.to_vec() }) } else { Err(Refusal::Form) }
}

/// `POST /v1/post`
pub(crate) async fn post(relay: &Relay, body: &[u8]) -> Result<Answer, Refusal> {
    let now = relay.now();
    let (document, bytes, by_ticket) = match parts::<2>(body) {
        Ok([document, bytes]) => (document, bytes, None),
        Err(_) => {
            let [document, bytes, ticket, again] = parts::<4>(body)?;
            (document, bytes, Some((ticket, again)))
        }
    };
    let post: Post = named(document)?;
    if post.ticket.is_some() != by_ticket.is_some() {
        return Err(Refusal::Form);
    }
    if let Some((_, again)) = by_ticket
        && named::<Post>(again)? != post
    {
        return Err(Refusal::Form);
    }
    let letter = letter(bytes, &post.letter)?;
    relay.check_moment(&post.moment, now)?;
    let post = Post::verify(document).map_err(|_| Refusal::NotAllowed)?;
    let ticket = match by_ticket {
        Some((ticket, again)) => Some(relay.ticket(&post, ticket, again).await?),
        None if relay.organisations.get(post.organisation).is_none() => return Err(Refusal::NotAllowed),
        None => None,
    };
    relay.check_room()?;
    let writer = Mailbox { organisation: post.organisation, identity: Some(post.identity.thumbprint()) };
    let posted = relay.store.post(writer, ticket, letter, relay.quota.allowance(), now).await?;
    relay.delivered(posted, &Mailbox::of(post.organisation))
}

/// `POST /v1/dispatch`
pub(crate) async fn dispatch(relay: &Relay, body: &[u8]) -> Result<Answer, Refusal> {
    let [document, bytes] = parts(body)?;
    let letter = letter(bytes, &named::<Dispatch>(document)?.letter)?;
    let now = relay.now();
    let member = relay.by_member::<Dispatch>(document, now).await?;
    relay.check_room()?;
    let to = Mailbox { organisation: member.by.organisation, identity: Some(member.act.recipient) };
    let posted = relay.store.dispatch(member.by, to, letter, relay.quota.allowance(), now).await?;
    relay.delivered(posted, &to)
}

impl Relay {
    fn delivered(&self, posted: Posted, mailbox: &Mailbox) -> Result<Answer, Refusal> {
        match posted {
            Posted::Stored => self.bells.ring(mailbox),
            Posted::Already => return Ok(Answer::Done.repeated()),
            Posted::Unknown => return Err(Refusal::NotAllowed),
            Posted::TooMuch => return Err(Refusal::TooMuch),
        }
        Ok(Answer::Done)
    }

    /// Whether whoever posts has a ticket of that organisation.
    async fn ticket(&self, post: &Post, document: &[u8], again: &[u8]) -> Result<TicketUse, Refusal> {
        let certificate = Unverified1::parse(Kind::Ticket, document).map_err(|_| Refusal::Form)?;
        let certificate = certificate.certificate().ok_or(Refusal::Form)?;
        self.refresh_cards().await?;
        let known = self.organisations.get(post.organisation).ok_or(Refusal::NotAllowed)?;
        let root = &known.card.trust.root;
        let ticket = Ticket::verify(document, root).map_err(|_| Refusal::NotAllowed)?;
        post.verify_ticket(again, &ticket).map_err(|_| Refusal::NotAllowed)?;
        let by = Certificate::verify(certificate, root).map_err(|_| Refusal::NotAllowed)?.body;
        Ok(TicketUse { id: ticket.id, expires: ticket.expires, by: standing(&by) })
    }
}

/// Who polls.
struct Listener {
    key: Digest,
    mailbox: Mailbox,
    /// Of a member, who is told of parcels too.
    member: Option<Standing>,
}

/// `POST /v1/poll`
pub(crate) async fn poll(relay: &Relay, body: &[u8]) -> Result<Answer, Refusal> {
    let now = relay.now();
    let (document, certificate) = match parts::<1>(body) {
        Ok([document]) => (document, None),
        Err(_) => {
            let [document, certificate] = parts::<2>(body)?;
            (document, Some(certificate))
        }
    };
    let poll: Poll = named(document)?;
    relay.check_moment(&poll.moment, now)?;
    let poll = Poll::verify(document).map_err(|why| match why {
        countersign_documents::Rejected::BadContent => Refusal::Form,
        _ => Refusal::NotAllowed,
    })?;
    let listener = relay.listener(&poll, certificate, now).await?;
    let until = Instant::now() + Duration::from_secs(poll.patience);
    if !poll.done.is_empty() {
        relay.still_counts(&listener).await?;
        relay.store.done(listener.mailbox, poll.done.clone()).await?;
    }
    relay.wait(&listener, poll.after, until).await.map(|mail| Answer::Cbor(encode(&mail)))
}

impl Relay {
    /// Whose mailbox it is.
    async fn listener(
        &self,
        poll: &Poll,
        certificate: Option<&[u8]>,
        now: Time,
    ) -> Result<Listener, Refusal> {
        self.refresh_cards().await?;
        let known = self.organisations.get(poll.organisation).ok_or(Refusal::NotAllowed)?;
        let key = poll.key.thumbprint();
        let Some(certificate) = certificate else {
            let mailbox = Mailbox { organisation: poll.organisation, identity: Some(key) };
            return Ok(Listener { key, mailbox, member: None });
        };
        let root = &known.card.trust.root;
        let certificate = Certificate::verify(certificate, root).map_err(|_| Refusal::NotAllowed)?.body;
        if certificate.key() != poll.key || !counts(&certificate, now) {
            return Err(Refusal::NotAllowed);
        }
        self.acquaint(&certificate).await;
        Ok(Listener { key, mailbox: Mailbox::of(poll.organisation), member: Some(standing(&certificate)) })
    }

    async fn still_counts(&self, listener: &Listener) -> Result<(), Refusal> {
        match listener.member {
            Some(member) if self.store.is_removed(member).await? => Err(Refusal::NotAllowed),
            _ => Ok(()),
        }
    }

    /// Answers as soon as there is something new, and at the end of the patience, or of the relay, with what there is.
    async fn wait(&self, listener: &Listener, after: u64, until: Instant) -> Result<Mail, Refusal> {
        loop {
            // Heard from here on, so that nothing is missed between looking and waiting.
            let mut rung = pin!(self.bells.of(&listener.mailbox).notified());
            rung.as_mut().enable();
            self.still_counts(listener).await?;
            let mail = Mail {
                letters: self.store.letters(listener.mailbox, after).await?,
                parcels: match listener.member {
                    Some(member) => self.store.parcels(member.organisation, self.now()).await?,
                    None => Vec::new(),
                },
            };
            let news = listener.member.is_some() && self.told.is_news(listener.key, &mail);
            let over = Instant::now() >= until || self.bells.ring_for_all();
            if news || !mail.letters.is_empty() || over {
                return Ok(mail);
            }
            let glance = if self.store.is_shared() { until.min(Instant::now() + GLANCE) } else { until };
            // Whether it rang or the time is over: look again.
            let _ = timeout_at(glance, rung).await;
        }
    }
}

/// What each member was told of parcels last, so that it is told at once when that changes. A member that is not
/// remembered is told at once too.
#[derive(Default)]
pub(crate) struct Told {
    members: Mutex<BTreeMap<Digest, Digest>>,
}

/// How many members are remembered.
const REMEMBERED: usize = 4096;

impl Told {
    fn is_news(&self, key: Digest, mail: &Mail) -> bool {
        let parcels = Digest::of(&encode(&mail.parcels));
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        if members.len() >= REMEMBERED && !members.contains_key(&key) {
            members.clear();
        }
        let last = members.insert(key, parcels);
        last != Some(parcels) && !(last.is_none() && mail.parcels.is_empty())
    }
}
