//! What a relay is asked for: small changes of every act, signatures that are put under another kind, one spelling.

use countersign_documents::{
    Encode, Kind, SigningKey, VerifyingKey,
    card::Card,
    cbor::Blob,
    cose::{protected, sign1},
    encode,
    id::{Cti, OrganisationId, TicketId},
    kind::Shape,
    relay::{
        BODY_LIMIT, DONE, Dispatch, Invitation, Mail, Moment, Outcome, PATIENCE, Parcel, ParcelState, PickUp,
        PickUpAct, Poll, Post, Removal, Ticket, Upload, Waiting, Withdraw, Withdrawn, pack, unpack,
    },
    time::DAY,
};
use proptest::prelude::*;

use crate::{
    changes::Survey,
    documents,
    formats::{Any, cases, one_spelling},
    world::{ADMIN, APPROVER, Dice, ISSUER, Member, NOW, Organisation, Partner},
};

// --- Made from a stream ---

impl Any {
    fn moment(&mut self) -> Moment {
        Moment { origin: self.line(), nonce: self.digest(), time: self.time() }
    }

    fn pick_up(&mut self) -> PickUp {
        let act = self.one(PickUpAct::ALL);
        let (moment, cti, identity) = (self.moment(), Cti(self.0.id()), self.0.signing().public());
        let letter = (act == PickUpAct::Acknowledge).then(|| self.digest());
        PickUp { moment, cti, identity, act, letter }
    }

    fn post(&mut self) -> Post {
        let (organisation, identity) = (OrganisationId(self.0.id()), self.0.signing().public());
        let (moment, letter) = (self.moment(), self.digest());
        Post { moment, organisation, identity, letter, ticket: self.maybe(|any| TicketId(any.0.id())) }
    }

    fn poll(&mut self) -> Poll {
        let mut done = self.list(DONE, |any| any.0.below(usize::MAX) as u64);
        done.sort_unstable();
        done.dedup();
        Poll {
            moment: self.moment(),
            organisation: OrganisationId(self.0.id()),
            key: self.0.signing().public(),
            after: self.number(),
            patience: self.0.below(PATIENCE as usize + 1) as u64,
            done,
        }
    }

    fn upload(&mut self) -> Upload {
        let (cti, recipient) = (Cti(self.0.id()), self.digest());
        let (pick_up, envelope) = (self.0.signing().public(), self.digest());
        Upload { moment: self.moment(), cti, recipient, pick_up, envelope }
    }

    fn withdraw(&mut self) -> Withdraw {
        Withdraw { moment: self.moment(), cti: Cti(self.0.id()) }
    }

    fn dispatch(&mut self) -> Dispatch {
        Dispatch { moment: self.moment(), recipient: self.digest(), letter: self.digest() }
    }

    fn removal(&mut self) -> Removal {
        Removal { moment: self.moment(), member: self.digest() }
    }

    fn ticket(&mut self) -> Ticket {
        let (organisation, id) = (OrganisationId(self.0.id()), TicketId(self.0.id()));
        Ticket { organisation, id, key: self.0.signing().public(), made: self.time(), expires: self.time() }
    }

    fn withdrawn(&mut self) -> Withdrawn {
        Withdrawn { outcome: self.one(Outcome::ALL), at: self.maybe(Self::time) }
    }

    fn mail(&mut self) -> Mail {
        let letter = |any: &mut Self| Waiting { number: any.number(), came: any.time(), letter: any.blob() };
        let parcel = |any: &mut Self| Parcel {
            cti: Cti(any.0.id()),
            state: any.one(ParcelState::ALL),
            at: any.time(),
            fetched: any.maybe(Self::time),
        };
        Mail { letters: self.list(3, letter), parcels: self.list(5, parcel) }
    }
}

macro_rules! one_spelling_each {
    ($($test:ident $make:ident;)*) => {
        proptest! {
            #![proptest_config(cases())]
            $(
                #[test]
                fn $test(seed in any::<u64>()) {
                    let mut any = Any(Dice::new(stringify!($make), seed));
                    let value = any.$make();
                    one_spelling(&value, &mut any.0)?;
                }
            )*
        }
    };
}

one_spelling_each! {
    pick_ups_have_one_spelling pick_up;
    posts_have_one_spelling post;
    polls_have_one_spelling poll;
    uploads_have_one_spelling upload;
    withdrawals_have_one_spelling withdraw;
    dispatches_have_one_spelling dispatch;
    removals_have_one_spelling removal;
    tickets_have_one_spelling ticket;
    outcomes_have_one_spelling withdrawn;
    mail_has_one_spelling mail;
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn what_a_partner_signs_is_what_is_read(seed in any::<u64>()) {
        let mut any = Any(Dice::new("partner", seed));
        let (key, other) = (any.0.signing(), any.0.signing());
        let fetch = PickUp { identity: key.public(), ..any.pick_up() };
        let read = PickUp::verify(&fetch.sign(&key), &fetch.sign(&other), &other.public());
        prop_assert_eq!(read, Ok(fetch), "a pick-up");
        let poll = Poll { key: key.public(), ..any.poll() };
        prop_assert_eq!(Poll::verify(&poll.sign(&key)), Ok(poll), "a poll");
        let ticket = Ticket { key: other.public(), ..any.ticket() };
        let post = Post {
            identity: key.public(), organisation: ticket.organisation, ticket: Some(ticket.id), ..any.post()
        };
        let read = Post::verify(&post.sign(&key));
        prop_assert_eq!(read.as_ref(), Ok(&post), "a post");
        prop_assert_eq!(post.verify_ticket(&post.sign(&other), &ticket), Ok(()), "with its ticket");
    }
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn a_body_has_one_spelling(seed in any::<u64>(), count in 1..=4usize) {
        let mut any = Any(Dice::new("body", seed));
        let parts: Vec<Blob> = (0..count).map(|_| any.blob()).collect();
        let slices: Vec<&[u8]> = parts.iter().map(|part| part.0.as_slice()).collect();
        let body = pack(&slices);
        prop_assert_eq!(unpack(&body, BODY_LIMIT), Ok(slices), "what is packed is unpacked");
        for _ in 0..60 {
            let mut changed = body.clone();
            let at = any.0.below(changed.len());
            changed[at] = any.0.bytes()[0];
            if let Ok(parts) = unpack(&changed, BODY_LIMIT) {
                prop_assert_eq!(pack(&parts), changed, "what is unpacked has one spelling");
            }
        }
    }
}

// --- Small changes ---

/// What everybody needs here.
struct World {
    organisation: Organisation,
    partner: Partner,
    any: Any,
}

impl World {
    fn new(name: &str) -> Self {
        let any = Any(Dice::new(name, 1));
        Self { organisation: Organisation::new(1), partner: Partner::new(1), any }
    }

    fn key(&self) -> VerifyingKey {
        self.partner.identity.public()
    }

    fn ticket(&mut self, key: &SigningKey, by: usize) -> (Ticket, Vec<u8>) {
        let organisation = self.organisation.root.organisation;
        let (made, expires) = (NOW, NOW.plus(30 * DAY));
        let ticket = Ticket { organisation, key: key.public(), made, expires, ..self.any.ticket() };
        let member = &self.organisation.members[by];
        let document = ticket.sign(&member.document, &member.key);
        (ticket, document)
    }
}

fn refused(name: &str, document: &[u8], judge: impl Fn(&[u8]) -> bool) {
    Survey::of(name, document, judge).assert_all_refused(document.len() * 18);
}

#[test]
fn no_change_of_either_half_of_a_pick_up_is_accepted() {
    let mut world = World::new("pick-up");
    let pick_up = world.any.0.signing();
    let (by, key) = (&world.partner.identity, pick_up.public());
    for act in [PickUpAct::Fetch, PickUpAct::Acknowledge] {
        let letter = (act == PickUpAct::Acknowledge).then(|| world.any.digest());
        let body = PickUp { identity: by.public(), act, letter, ..world.any.pick_up() };
        let (first, second) = (body.sign(by), body.sign(&pick_up));
        refused("pick-up by the identity", &first, |bytes| PickUp::verify(bytes, &second, &key).is_ok());
        refused("pick-up by its key", &second, |bytes| PickUp::verify(&first, bytes, &key).is_ok());
        assert!(PickUp::verify(&second, &first, &key).is_err(), "nor the two exchanged");
    }
}

#[test]
fn no_change_of_a_post_or_of_its_ticket_is_accepted() {
    let mut world = World::new("post");
    let key = world.any.0.signing();
    let (ticket, document) = world.ticket(&key, APPROVER);
    let root = &world.organisation.root;
    refused("ticket", &document, |bytes| Ticket::verify(bytes, root).is_ok());
    let (identity, organisation) = (world.key(), ticket.organisation);
    let post = Post { identity, organisation, ticket: Some(ticket.id), ..world.any.post() };
    let (first, second) = (post.sign(&world.partner.identity), post.sign(&key));
    refused("post", &first, |bytes| Post::verify(bytes).is_ok());
    refused("post by its ticket", &second, |bytes| post.verify_ticket(bytes, &ticket).is_ok());
}

#[test]
fn no_change_of_a_poll_is_accepted() {
    let mut world = World::new("poll");
    let poll = Poll { key: world.key(), ..world.any.poll() };
    refused("poll", &poll.sign(&world.partner.identity), |bytes| Poll::verify(bytes).is_ok());
}

#[test]
fn no_change_of_a_members_act_is_accepted() {
    let World { organisation, mut any, .. } = World::new("members");
    let (root, members) = (&organisation.root, &organisation.members);
    let Member { document, key, .. } = &members[ISSUER];
    let upload = any.upload().sign(document, key);
    refused("upload", &upload, |bytes| Upload::verify(bytes, root).is_ok());
    let withdraw = any.withdraw().sign(document, key);
    refused("withdraw", &withdraw, |bytes| Withdraw::verify(bytes, root).is_ok());
    let Member { document, key, .. } = &members[ADMIN];
    let dispatch = any.dispatch().sign(document, key);
    refused("dispatch", &dispatch, |bytes| Dispatch::verify(bytes, root).is_ok());
    let removal = any.removal().sign(document, key);
    refused("removal", &removal, |bytes| Removal::verify(bytes, root).is_ok());
    let elsewhere = Organisation::new(2).root;
    assert!(Removal::verify(&removal, &elsewhere).is_err(), "nor under the root of another organisation");
}

#[test]
fn no_change_of_an_invitation_is_accepted() {
    let mut world = World::new("invitation");
    let seed = world.any.0.secret();
    let (_, ticket) = world.ticket(&SigningKey::from_seed(&seed), APPROVER);
    let card: Vec<u8> = documents::card(&world.organisation);
    let pinned = Some(world.organisation.digest);
    assert!(Card::verify(&card, pinned, NOW).is_ok(), "the card is sound by itself");
    let invitation = Invitation { card, ticket, seed }.to_bytes();
    let judge = |bytes: &[u8]| Invitation::parse(bytes).is_some_and(|i| i.verify(pinned, NOW).is_ok());
    refused("invitation", &invitation, judge);
}

// --- One kind never counts as another ---

type Judge<'a> = Box<dyn Fn(&[u8]) -> bool + 'a>;

/// Whether a document counts as one of this kind, and of no other.
struct Reading<'a> {
    kind: Kind,
    payload: Vec<u8>,
    key: &'a SigningKey,
    certificate: Option<&'a [u8]>,
    accepts: Judge<'a>,
}

impl Reading<'_> {
    /// The same payload, signed by the same key as another kind.
    fn signed_as(&self, kind: Kind) -> Vec<u8> {
        let certificate = self.certificate.filter(|_| kind.shape() != Shape::Plain);
        let header = protected(kind, &self.key.public().thumbprint(), certificate, None);
        sign1(&header, &self.payload, self.key)
    }

    /// This kind's header over another kind's signature.
    fn put_under(&self, other: &[u8]) -> Vec<u8> {
        let own = self.signed_as(self.kind);
        [&own[..own.len() - 64], &other[other.len() - 64..]].concat()
    }
}

fn plain<'a, T: Encode>(
    kind: Kind,
    body: &T,
    key: &'a SigningKey,
    accepts: impl Fn(&[u8]) -> bool + 'a,
) -> Reading<'a> {
    Reading { kind, payload: encode(body), key, certificate: None, accepts: Box::new(accepts) }
}

fn readings<'a>(world: &'a World, any: &mut Any, ticket: &Ticket) -> Vec<Reading<'a>> {
    let (root, identity) = (&world.organisation.root, &world.partner.identity);
    let member = &world.organisation.members[ADMIN];
    let issuer = &world.organisation.members[ISSUER];
    let key = identity.public();
    let by =
        |reading: Reading<'a>, member: &'a Member| Reading { certificate: Some(&member.document), ..reading };
    vec![
        plain(Kind::PickUp, &PickUp { identity: key, ..any.pick_up() }, identity, move |b| {
            PickUp::read(b).is_ok()
        }),
        plain(Kind::Post, &Post { identity: key, ..any.post() }, identity, move |b| Post::verify(b).is_ok()),
        plain(Kind::Poll, &Poll { key, ..any.poll() }, identity, move |b| Poll::verify(b).is_ok()),
        by(plain(Kind::Upload, &any.upload(), &issuer.key, move |b| Upload::verify(b, root).is_ok()), issuer),
        by(
            plain(Kind::Withdraw, &any.withdraw(), &member.key, move |b| Withdraw::verify(b, root).is_ok()),
            member,
        ),
        by(
            plain(Kind::Dispatch, &any.dispatch(), &member.key, move |b| Dispatch::verify(b, root).is_ok()),
            member,
        ),
        by(
            plain(Kind::Removal, &any.removal(), &member.key, move |b| Removal::verify(b, root).is_ok()),
            member,
        ),
        by(plain(Kind::Ticket, ticket, &member.key, move |b| Ticket::verify(b, root).is_ok()), member),
    ]
}

#[test]
fn a_signature_of_one_kind_never_counts_as_another() {
    let mut world = World::new("kinds");
    let key = world.any.0.signing();
    let (ticket, _) = world.ticket(&key, ADMIN);
    let mut any = Any(Dice::new("acts", 1));
    let mut survey = Survey::new("acts signed as another kind");
    let single = |kind: &&Kind| matches!(kind.shape(), Shape::Plain | Shape::Certified);
    for reading in readings(&world, &mut any, &ticket) {
        let word = reading.kind.word();
        assert!(
            (reading.accepts)(&reading.signed_as(reading.kind)),
            "{word}: as it should be, it is accepted"
        );
        for other in Kind::ALL.iter().filter(single).filter(|kind| **kind != reading.kind) {
            let document = reading.signed_as(*other);
            let named = || format!("{word} signed as {}", other.word());
            survey.attempt(named, || (reading.accepts)(&document));
            let moved = reading.put_under(&document);
            survey.attempt(|| format!("{}, under its own header", named()), || (reading.accepts)(&moved));
        }
    }
    survey.assert_all_refused(8 * 2 * 20);
}
