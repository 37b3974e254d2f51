//! Letters: who may write, who may read, and that none is lost or doubled.

use std::time::Duration;

use countersign_documents::{
    certificate::Right,
    id::TicketId,
    relay::{Mail, Post, pack},
    time::{DAY, HOUR},
};
use countersign_relay::Quota;
use tokio::time::Instant;

use crate::{
    client::Asking,
    organisation::{Organisation, id, signing},
    partner::Partner,
    stage::{ALL, NOW, Stage, quota},
};

fn bytes(mail: &Mail) -> Vec<(u64, &[u8])> {
    mail.letters.iter().map(|letter| (letter.number, letter.letter.0.as_slice())).collect()
}

impl Stage {
    /// Lets the partner write.
    async fn admit(&self, partner: &Partner, letter: &[u8]) -> u16 {
        let name = format!("for {:?}", partner.thumbprint());
        let (ticket, key) = self.works.ticket(&self.bo, &name, 10 * DAY);
        self.client().write_with(partner, self.works.id(), letter, (&name, &ticket, &key)).await.status
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_lets_one_partner_write_from_then_on() {
    let stage = Stage::new().await;
    let (client, works) = (stage.client(), stage.works.id());
    let (ticket, key) = stage.works.ticket(&stage.bo, "t", HOUR);
    let shown = ("t", ticket.as_slice(), &key);
    assert_eq!(client.write(&stage.pia, works, b"first").await.status, 403, "a stranger");
    assert_eq!(client.write_with(&stage.pia, works, b"first", shown).await.status, 200, "with a ticket");
    assert_eq!(client.write(&stage.pia, works, b"second").await.status, 200, "known from then on");
    assert_eq!(
        client.write_with(&stage.pia, works, b"third", shown).await.status,
        200,
        "and may show it again"
    );
    let paul = Partner::new("paul");
    assert_eq!(client.write_with(&paul, works, b"x", shown).await.status, 403, "it is used up for others");
    stage.served.hands.turn(NOW.plus(2 * DAY));
    let client = stage.client();
    assert_eq!(client.write(&stage.pia, works, b"fourth").await.status, 200, "also when the ticket is over");
    assert_eq!(client.write_with(&stage.pia, works, b"fifth", shown).await.status, 200, "or is shown again");
    let mail = client.mail_of(&stage.bo, works, Asking::default()).await;
    let expected: [(u64, &[u8]); 5] =
        [(1, b"first"), (2, b"second"), (3, b"third"), (4, b"fourth"), (5, b"fifth")];
    assert_eq!(bytes(&mail), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_does_not_count_lets_nobody_in() {
    let stage = Stage::new().await;
    let (client, works) = (stage.client(), stage.works.id());
    let issuer = stage.works.member("cy", &[Right::Issue]);
    let (by_issuer, _) = stage.works.ticket(&issuer, "t", HOUR);
    let other = Organisation::found("Other Works", NOW);
    let (by_stranger, _) = other.ticket(&other.member("bo", &ALL), "t", HOUR);
    let (good, key) = stage.works.ticket(&stage.bo, "t", HOUR);
    let (long, _) = stage.works.ticket(&stage.bo, "t", 91 * DAY);
    let somebody = signing("somebody");
    for (name, shown) in [
        ("by whoever may not speak for the organisation", ("t", &by_issuer, &key)),
        ("of another organisation", ("t", &by_stranger, &key)),
        ("without its key", ("t", &good, &somebody)),
        ("of another number", ("u", &good, &key)),
        ("that lasts too long", ("t", &long, &key)),
    ] {
        let (ticket_name, ticket, key) = shown;
        let reply = client.write_with(&stage.pia, works, b"x", (ticket_name, ticket, key)).await;
        assert_eq!(reply.status, 403, "a ticket {name}");
    }
    let reply = client.write_with(&stage.pia, other.id(), b"x", ("t", &by_stranger, &key)).await;
    assert_eq!(reply.status, 403, "an organisation that is not here");
    assert_eq!(client.write(&stage.pia, other.id(), b"x").await.status, 403, "with or without");
    stage.served.hands.turn(NOW.plus(HOUR));
    let reply = stage.client().write_with(&stage.pia, works, b"x", ("t", &good, &key)).await;
    assert_eq!(reply.status, 403, "a ticket that is over");
    let mail = stage.client().mail_of(&stage.bo, works, Asking::default()).await;
    assert!(mail.letters.is_empty(), "nothing came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_by_a_member_who_was_removed_lets_nobody_in() {
    let stage = Stage::new().await;
    let cy = stage.works.member("cy", &[Right::Vet]);
    let (ticket, key) = stage.works.ticket(&cy, "t", HOUR);
    assert_eq!(stage.client().remove(&stage.bo, cy.thumbprint()).await.status, 200);
    let reply = stage.client().write_with(&stage.pia, stage.works.id(), b"x", ("t", &ticket, &key)).await;
    assert_eq!(reply.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_show_one_ticket_at_once_do_not_both_come_in() {
    let stage = Stage::new().await;
    let (client, works) = (stage.client(), stage.works.id());
    for round in 0..10 {
        let name = format!("t{round}");
        let (ticket, key) = stage.works.ticket(&stage.bo, &name, HOUR);
        let (a, b) = (Partner::new(&format!("a{round}")), Partner::new(&format!("b{round}")));
        let shown = (name.as_str(), ticket.as_slice(), &key);
        let (first, second) = tokio::join!(
            client.write_with(&a, works, b"x", shown),
            client.write_with(&b, works, b"y", shown)
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403], "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_of_another_form_is_none() {
    let stage = Stage::new().await;
    let client = stage.client();
    assert_eq!(stage.admit(&stage.pia, b"first").await, 200);
    let (ticket, key) = stage.works.ticket(&stage.bo, "t", HOUR);
    let post = Post {
        moment: client.moment().await,
        organisation: stage.works.id(),
        identity: stage.pia.identity.public(),
        letter: countersign_documents::Digest::of(b"letter"),
        ticket: None,
    };
    let with = Post { ticket: Some(TicketId(id("t"))), ..post.clone() };
    let by = |post: &Post| post.sign(&stage.pia.identity);
    let again = with.sign(&key);
    for (name, parts) in [
        ("another letter", vec![by(&post), b"other".to_vec()]),
        ("no letter", vec![by(&post)]),
        ("an empty letter", vec![by(&post), Vec::new()]),
        ("a ticket that is not named", vec![by(&post), b"letter".to_vec(), ticket.clone(), post.sign(&key)]),
        ("a ticket that is named and not there", vec![by(&with), b"letter".to_vec()]),
        ("two documents that differ", vec![by(&with), b"letter".to_vec(), ticket.clone(), post.sign(&key)]),
        ("three parts", vec![by(&with), b"letter".to_vec(), ticket.clone()]),
        ("no ticket where one belongs", vec![by(&with), b"letter".to_vec(), b"ticket".to_vec(), again]),
    ] {
        let parts: Vec<_> = parts.iter().map(Vec::as_slice).collect();
        assert_eq!(client.post("/v1/post", &pack(&parts)).await.status, 400, "{name}");
    }
    let forged = pack(&[&post.sign(&signing("somebody")), b"letter"]);
    assert_eq!(client.post("/v1/post", &forged).await.status, 403, "a name is no signature");
    let large = vec![7; 131_073];
    assert_eq!(client.write(&stage.pia, stage.works.id(), &large).await.status, 400, "beyond 128 KiB");
    assert_eq!(client.write(&stage.pia, stage.works.id(), &large[1..]).await.status, 200, "the largest");
    let mail = client.mail_of(&stage.bo, stage.works.id(), Asking::default()).await;
    assert_eq!(mail.letters.len(), 2, "those two, and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_there_once_also_after_it_was_taken_care_of() {
    let stage = Stage::new().await;
    let (client, works) = (stage.client(), stage.works.id());
    assert_eq!(stage.admit(&stage.pia, b"first").await, 200);
    assert_eq!(client.write(&stage.pia, works, b"first").await.status, 200, "sent again");
    assert_eq!(client.write(&stage.pia, works, b"second").await.status, 200);
    let mail = client.mail_of(&stage.bo, works, Asking::default()).await;
    assert_eq!(mail.letters.len(), 2);
    let numbers: Vec<_> = mail.letters.iter().map(|letter| letter.number).collect();
    let rest = client.mail_of(&stage.bo, works, Asking { done: &numbers[..1], ..Asking::default() }).await;
    assert_eq!(bytes(&rest), [(numbers[1], b"second".as_slice())], "the other still waits");
    assert_eq!(client.write(&stage.pia, works, b"first").await.status, 200, "sent again, late");
    let rest = client.mail_of(&stage.bo, works, Asking::default()).await;
    assert_eq!(rest.letters.len(), 1, "it does not come back");
    let after = Asking { after: numbers[1], ..Asking::default() };
    assert!(client.mail_of(&stage.bo, works, after).await.letters.is_empty(), "nothing is higher");
    assert_eq!(client.write(&stage.pia, works, b"third").await.status, 200);
    let mail = client.mail_of(&stage.bo, works, after).await;
    assert_eq!(mail.letters.len(), 1);
    assert!(mail.letters[0].number > numbers[1], "numbers rise");
    stage.served.hands.turn(NOW.plus(60 * DAY));
    assert_eq!(stage.served.relay.sweep().await.expect("swept").letters, 2, "60 days are enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_writes_to_a_partner_who_alone_reads_it() {
    let stage = Stage::new().await;
    let (client, works) = (stage.client(), stage.works.id());
    let agent = stage.works.member("cy", &[Right::Issue]);
    assert_eq!(client.dispatch(&stage.bo, &stage.pia, b"hello").await.status, 200);
    assert_eq!(
        client.dispatch(&stage.bo, &stage.pia, b"hello").await.status,
        200,
        "done twice, it is the same"
    );
    assert_eq!(client.dispatch(&agent, &stage.pia, b"hello too").await.status, 200);
    let mail = client.mail_for(&stage.pia, works, Asking::default()).await;
    let expected: [(u64, &[u8]); 2] = [(1, b"hello"), (2, b"hello too")];
    assert_eq!(bytes(&mail), expected);
    assert!(mail.parcels.is_empty(), "partners are not told of parcels");
    let paul = Partner::new("paul");
    assert!(client.mail_for(&paul, works, Asking::default()).await.letters.is_empty(), "not another's");
    assert!(client.mail_of(&stage.bo, works, Asking::default()).await.letters.is_empty(), "nor the members'");
    // Nobody makes others' letters vanish.
    let done = Asking { done: &[1, 2], ..Asking::default() };
    client.mail_for(&paul, works, done).await;
    client.mail_of(&stage.bo, works, done).await;
    assert_eq!(client.mail_for(&stage.pia, works, Asking::default()).await.letters.len(), 2);
    for (name, by) in [
        ("for reading only", stage.works.member("cy", &[Right::Audit])),
        ("of another organisation", Organisation::found("Other Works", NOW).member("bo", &ALL)),
    ] {
        assert_eq!(client.dispatch(&by, &stage.pia, b"x").await.status, 403, "a member {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_organisations_mail_is_for_its_members() {
    let stage = Stage::new().await;
    let (client, works) = (stage.client(), stage.works.id());
    assert_eq!(stage.admit(&stage.pia, b"first").await, 200);
    let auditor = stage.works.member("cy", &[Right::Audit]);
    let over = stage.works.certify("cy", &ALL, NOW.minus(80 * DAY), NOW);
    let stranger = Organisation::found("Other Works", NOW).member("bo", &ALL);
    for (name, key, certificate) in [
        ("for reading only", &auditor.key, &auditor.certificate),
        ("whose certificate is over", &over.key, &over.certificate),
        ("of another organisation", &stranger.key, &stranger.certificate),
        ("with the certificate of another", &stage.pia.identity, &stage.bo.certificate),
    ] {
        let reply = client.poll(key, Some(certificate), works, Asking::default()).await;
        assert_eq!(reply.status, 403, "a member {name}");
    }
    let reply = client.poll(&stage.pia.identity, None, stranger_id(), Asking::default()).await;
    assert_eq!(reply.status, 403, "an organisation that is not here");
    for asking in [
        Asking { patience: 16, ..Asking::default() },
        Asking { done: &[2, 1], ..Asking::default() },
        Asking { done: &[1, 1], ..Asking::default() },
    ] {
        let reply = client.poll(&stage.pia.identity, None, works, asking).await;
        assert_eq!(reply.status, 400, "{asking:?}");
    }
}

fn stranger_id() -> countersign_documents::id::OrganisationId {
    Organisation::found("Other Works", NOW).id()
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_of_letters_and_of_a_day_are_kept() {
    let stage = Stage::with(Quota { letters: 3, posts: 4, ..quota() }).await;
    let (client, works) = (stage.client(), stage.works.id());
    assert_eq!(stage.admit(&stage.pia, b"1").await, 200);
    for letter in [b"2", b"3"] {
        assert_eq!(client.write(&stage.pia, works, letter).await.status, 200);
    }
    assert_eq!(client.write(&stage.pia, works, b"4").await.status, 429, "three wait");
    assert_eq!(client.write(&stage.pia, works, b"3").await.status, 200, "what is there is no more");
    client.mail_of(&stage.bo, works, Asking { done: &[1, 2, 3], ..Asking::default() }).await;
    assert_eq!(client.write(&stage.pia, works, b"4").await.status, 200);
    assert_eq!(client.write(&stage.pia, works, b"5").await.status, 429, "four in a day");
    let paul = Partner::new("paul");
    assert_eq!(stage.admit(&paul, b"p").await, 200, "another has his own");
    stage.served.hands.turn(NOW.plus(DAY));
    assert_eq!(stage.client().write(&stage.pia, works, b"5").await.status, 200, "the day after");
    for letter in [b"a", b"b", b"c"] {
        assert_eq!(stage.client().dispatch(&stage.bo, &stage.pia, letter).await.status, 200);
    }
    assert_eq!(stage.client().dispatch(&stage.bo, &stage.pia, b"d").await.status, 429, "to a partner too");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_no_larger_than_clients_read_and_nothing_is_left_out() {
    let stage = Stage::with(Quota { posts: 100, ..quota() }).await;
    let (client, works) = (stage.client(), stage.works.id());
    assert_eq!(stage.admit(&stage.pia, b"first").await, 200);
    for number in 0..5u8 {
        let letter = vec![number; 100_000];
        assert_eq!(client.write(&stage.pia, works, &letter).await.status, 200);
    }
    for number in 0..50u8 {
        assert_eq!(client.write(&stage.pia, works, &[number; 100]).await.status, 200);
    }
    let (mut after, mut seen) = (0, 0);
    loop {
        let reply = client.poll(
            &stage.bo.key,
            Some(&stage.bo.certificate),
            works,
            Asking { after, ..Asking::default() },
        );
        let reply = reply.await;
        assert!(reply.body.len() <= 256 * 1024, "{} bytes", reply.body.len());
        let mail: Mail = reply.read();
        let Some(last) = mail.letters.last() else { break };
        assert!(mail.letters.windows(2).all(|pair| pair[0].number < pair[1].number), "in their order");
        after = last.number;
        seen += mail.letters.len();
    }
    assert_eq!(seen, 56, "each came once");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_is_told_at_once() {
    let stage = Stage::new().await;
    let (client, works) = (stage.client(), stage.works.id());
    assert_eq!(stage.admit(&stage.pia, b"first").await, 200);
    let patient = Asking { after: 1, patience: 15, ..Asking::default() };
    // What is awaited, by whom, and what brings it about.
    let began = Instant::now();
    let (mail, status) = tokio::join!(client.mail_of(&stage.bo, works, patient), async {
        client.write(&stage.pia, works, b"second").await.status
    });
    assert_eq!((status, bytes(&mail).as_slice()), (200, &[(2, b"second".as_slice())][..]));
    let (mail, status) = tokio::join!(
        client.mail_for(&stage.pia, works, Asking { patience: 15, ..Asking::default() }),
        async { client.dispatch(&stage.bo, &stage.pia, b"hello").await.status }
    );
    assert_eq!((status, mail.letters.len()), (200, 1));
    let none = Asking { after: 2, patience: 15, ..Asking::default() };
    let (mail, parcel) = tokio::join!(client.mail_of(&stage.bo, works, none), stage.uploaded("parcel"));
    assert_eq!(mail.parcels.first().map(|p| p.cti), Some(parcel.cti), "of a parcel too");
    let (mail, fetched) = tokio::join!(client.mail_of(&stage.bo, works, none), stage.fetch(&parcel));
    assert_eq!((fetched.status, mail.parcels.len()), (200, 1));
    assert!(began.elapsed() < Duration::from_secs(15), "nobody waited for the end of the patience");
    let began = Instant::now();
    let nothing =
        client.mail_of(&stage.bo, works, Asking { after: 9, patience: 1, ..Asking::default() }).await;
    assert!(
        nothing.letters.is_empty() && began.elapsed() >= Duration::from_secs(1),
        "nothing came, so it waited"
    );
}
