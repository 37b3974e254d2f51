//! What a relay refuses of partners, one flaw each: nonces, moments, pick-ups, letters, polls.

use serde_json::{Value as Json, json};

use super::{
    file::{File, flipped, trailed},
    raw::{Value, bytes, ed25519, id, int, plain_header, seed, sign1, sign1_value, text},
    relay::{
        ORIGIN, by_member, certified, moment, nonce, nonce_key, pick_up, picks_up, polls, posts, push,
        ticket, tickets, to_organisation, withdraws,
    },
    relay_refused_members::{ended, members, stranger, with_rights},
    world::{ADA, BO, DAY, DEE, Member, NOW, hex, partner},
};

/// Adds all of them.
pub fn refused(f: &mut File) {
    nonces(f);
    moments(f);
    pick_ups(f);
    letters(f);
    mailboxes(f);
    members(f);
}

/// All that a bad vector has beside name and document.
pub fn why(reason: &str) -> Json {
    json!({ "reason": reason })
}

fn nonces(f: &mut File) {
    let mut bad = |name: &str, made: &[u8]| push(f, "nonce", name, made, why("stale"));
    bad("121 seconds old", &nonce(&nonce_key(), NOW - 121));
    bad("of a clock an hour ahead", &nonce(&nonce_key(), NOW + 3_600));
    bad("of another relay", &nonce(&seed("another nonce key"), NOW));
    bad("a bit of its time turned", &flipped(&nonce(&nonce_key(), NOW), 7));
    bad("a bit of its mark turned", &flipped(&nonce(&nonce_key(), NOW), 31));
    bad("31 bytes of it", &nonce(&nonce_key(), NOW)[..31]);
}

/// One act, with all that a moment can be wrong in.
fn moments(f: &mut File) {
    let mut bad = |name: &str, moment: Value, reason: &str| {
        let body = withdraws().with(1, moment);
        push(f, "withdraw", name, &by_member("withdraw", &body, ADA), why(reason));
    };
    let with = |label: i64, value: Value| moment().with(label, value);
    bad("for another relay", with(1, text("https://other.example.com")), "stale");
    bad("for the relay with a slash behind it", with(1, text(&format!("{ORIGIN}/"))), "stale");
    bad("for the relay without TLS", with(1, text("http://keys.example.com")), "stale");
    bad("for no relay", with(1, text("")), "malformed/out-of-range");
    bad("with an old nonce", with(2, bytes(nonce(&nonce_key(), NOW - 121))), "stale");
    bad("with a nonce of another relay", with(2, bytes(nonce(&seed("another nonce key"), NOW))), "stale");
    bad("with a nonce of 31 bytes", with(2, bytes([1; 31])), "malformed/out-of-range");
    bad("by a clock more than a day fast", with(3, int(NOW + DAY + 1)), "stale");
    bad("by a clock more than a day slow", with(3, int(NOW - DAY - 1)), "stale");
    bad("at a time beyond 2^53", with(3, int(1 << 53)), "malformed/out-of-range");
    bad("with a fourth label in its moment", with(4, int(0)), "malformed/unknown-label");
    for label in 1..=3 {
        bad(
            &format!("without label {label} of its moment"),
            moment().without(label),
            "malformed/missing-label",
        );
    }
}

/// Flaws that every plain kind can have. `rest` is what comes with the document.
fn plain(f: &mut File, kind: &str, body: &Value, signer: &[u8; 32], rest: Json) {
    let other = seed("identity quinn");
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| {
        let mut rest = rest.clone();
        rest["reason"] = reason.into();
        push(f, kind, &format!("{kind}: {name}"), &document, rest);
    };
    let document = sign1(kind, body, signer);
    bad("by another identity than it names", sign1(kind, body, &other), "wrong-key");
    let lie = sign1_value(&plain_header(kind, signer), &body.encode(), &other);
    bad("by another identity under this name", lie.encode(), "bad-signature");
    for word in ["pick-up", "post", "poll"].into_iter().filter(|word| *word != kind) {
        bad(&format!("signed as a {word}"), sign1(word, body, signer), "wrong-kind");
    }
    bad("with a certificate", certified(kind, body, signer, &ADA.certificate()), "wrong-headers");
    bad("a bit of the signature turned", flipped(&document, document.len() - 1), "bad-signature");
    bad("something behind it", trailed(&document), "malformed/trailing");
    for label in 1..=4 {
        let without = body.clone().without(label);
        bad(&format!("without label {label}"), sign1(kind, &without, signer), "malformed/missing-label");
    }
    bad("an unknown label", sign1(kind, &body.clone().with(7, int(0)), signer), "malformed/unknown-label");
    bad(
        "an identity of small order",
        sign1(kind, &body.clone().with(3, bytes([0; 32])), signer),
        "malformed/out-of-range",
    );
}

fn pick_ups(f: &mut File) {
    let me = partner();
    let second = |body: &Value, key: &[u8; 32]| hex(sign1("pick-up", body, key));
    let fetch = picks_up(1);
    plain(f, "pick-up", &fetch, &me, json!({ "second": second(&fetch, &pick_up()) }));
    let mut bad = |name: &str, body: &Value, beside: String, given: Json, reason: &str| {
        let rest = json!({ "second": beside, "given": given, "reason": reason });
        push(f, "pick-up", name, &sign1("pick-up", body, &me), rest);
    };
    let mut both = |name: &str, body: Value, reason: &str| {
        bad(name, &body, second(&body, &pick_up()), json!({}), reason);
    };
    both("a fetch with a letter", fetch.clone().with(5, bytes([5; 32])), "bad-content");
    both("an acknowledgement without a letter", picks_up(2).without(5), "bad-content");
    both("an unknown act", fetch.clone().with(4, int(3)), "malformed/out-of-range");
    both("a cti of 15 bytes", fetch.clone().with(2, bytes([2; 15])), "malformed/out-of-range");
    both(
        "for another relay, fetched",
        fetch.clone().with(1, moment().with(1, text("https://b.example"))),
        "stale",
    );
    let letter = json!({ "letter": hex(b"another letter") });
    bad(
        "an acknowledgement with another letter",
        &picks_up(2),
        second(&picks_up(2), &pick_up()),
        letter,
        "bad-content",
    );
    let mut twice = |name: &str, beside: String, reason: &str| bad(name, &fetch, beside, json!({}), reason);
    let elsewhere = fetch.clone().with(2, bytes(id("envelope two")));
    twice("the pick-up key signs for another parcel", second(&elsewhere, &pick_up()), "bad-content");
    twice("the pick-up key signs the other act", second(&picks_up(2), &pick_up()), "bad-content");
    let later = fetch.clone().with(1, moment().with(3, int(NOW)));
    twice("the pick-up key signs for another moment", second(&later, &pick_up()), "bad-content");
    twice("by the identity twice", second(&fetch, &me), "wrong-key");
    twice("by the pick-up key of another secret", second(&fetch, &seed("pick-up two")), "wrong-key");
    let lie = sign1_value(&plain_header("pick-up", &pick_up()), &fetch.encode(), &me).encode();
    twice("by the identity under the pick-up key's name", hex(lie), "bad-signature");
    twice("by the pick-up key, signed as a poll", hex(sign1("poll", &fetch, &pick_up())), "wrong-kind");
    let beside = trailed(&sign1("pick-up", &fetch, &pick_up()));
    twice("something behind the second document", hex(beside), "malformed/trailing");
    let document = sign1("pick-up", &fetch, &pick_up());
    let rest = json!({ "second": second(&fetch, &pick_up()), "reason": "wrong-key" });
    push(f, "pick-up", "by the pick-up key twice", &document, rest);
}

fn letters(f: &mut File) {
    let (me, key) = (partner(), seed("ticket one"));
    let posted = json!({ "letter": hex(to_organisation()) });
    plain(f, "post", &posts(false), &me, json!({ "given": posted }));
    let mut alone = |name: &str, body: Value, given: Json, reason: &str| {
        push(f, "post", name, &sign1("post", &body, &me), json!({ "given": given, "reason": reason }));
    };
    alone(
        "a post of another letter",
        posts(false),
        json!({ "letter": hex(b"another letter") }),
        "bad-content",
    );
    alone("a post that names a ticket, and none comes with it", posts(true), posted.clone(), "bad-content");
    let mut ticketed = |name: &str, body: &Value, beside: Vec<u8>, ticket: Vec<u8>, reason: &str| {
        let given = json!({ "letter": hex(to_organisation()), "ticket": hex(ticket) });
        let rest = json!({ "second": hex(beside), "given": given, "reason": reason });
        push(f, "post", name, &sign1("post", body, &me), rest);
    };
    let body = posts(true);
    let by_ticket = sign1("post", &body, &key);
    ticketed(
        "by another key than the ticket's",
        &body,
        sign1("post", &body, &seed("ticket two")),
        ticket(),
        "wrong-key",
    );
    ticketed("by the identity twice, with a ticket", &body, sign1("post", &body, &me), ticket(), "wrong-key");
    let without = posts(false);
    ticketed(
        "a ticket that the post does not name",
        &without,
        sign1("post", &without, &key),
        ticket(),
        "bad-content",
    );
    let another = posts(true).with(5, bytes(id("ticket two")));
    ticketed(
        "another ticket than it names",
        &another,
        sign1("post", &another, &key),
        ticket(),
        "bad-content",
    );
    let elsewhere = posts(true).with(2, bytes(id("Other Works")));
    ticketed(
        "to another organisation than the ticket's",
        &elsewhere,
        sign1("post", &elsewhere, &key),
        ticket(),
        "bad-content",
    );
    let other = body.clone().with(3, bytes(ed25519(&seed("identity quinn"))));
    ticketed(
        "the ticket's key signs for another identity",
        &body,
        sign1("post", &other, &key),
        ticket(),
        "bad-content",
    );
    let swapped = body.clone().with(4, bytes([4; 32]));
    ticketed(
        "the ticket's key signs for another letter",
        &body,
        sign1("post", &swapped, &key),
        ticket(),
        "bad-content",
    );
    ticketed("the ticket's key signs a poll", &body, sign1("poll", &body, &key), ticket(), "wrong-kind");
    let over = by_member("ticket", &tickets().with(4, int(NOW - 9 * DAY)).with(5, int(NOW)), DEE);
    ticketed("with a ticket that ends at this second", &body, by_ticket.clone(), over, "wrong-time");
    ticketed(
        "with a ticket that is a bit another",
        &body,
        by_ticket,
        flipped(&ticket(), ticket().len() - 1),
        "bad-signature",
    );
}

fn mailboxes(f: &mut File) {
    let me = partner();
    plain(f, "poll", &polls(&me, 0, 15, &[1, 2]), &me, json!({}));
    let mut bad = |name: &str, body: Value, reason: &str| {
        push(f, "poll", name, &sign1("poll", &body, &me), why(reason))
    };
    bad("more patience than 15 seconds", polls(&me, 0, 16, &[]), "bad-content");
    bad("done with 65 letters", polls(&me, 0, 15, &(1..=65).collect::<Vec<_>>()), "bad-content");
    bad("done in another order", polls(&me, 0, 15, &[3, 2]), "bad-content");
    bad("done twice", polls(&me, 0, 15, &[3, 3]), "bad-content");
    bad("without a list of what is done", polls(&me, 0, 15, &[]).without(6), "malformed/missing-label");
    bad("without patience", polls(&me, 0, 15, &[]).without(5), "malformed/missing-label");
    let before = polls(&me, 0, 15, &[]).with(4, Value::Int(-1));
    bad("after a number below zero", before, "malformed/wrong-type");
    let document = hex(sign1("poll", &polls(&me, 0, 15, &[]), &me));
    f.push_bad(json!({
        "kind": "poll", "name": "larger than 64 KiB", "document": document, "append_zeros": 65_536, "given": {},
        "reason": "malformed/too-large",
    }));
    let mut beside = |name: &str, member: Member, certificate: Vec<u8>, reason: &str| {
        let document = sign1("poll", &polls(&member.seed(), 0, 0, &[]), &member.seed());
        let rest = json!({ "given": { "certificate": hex(certificate) }, "reason": reason });
        push(f, "poll", name, &document, rest);
    };
    beside("a member with the certificate of another", ADA, BO.certificate(), "wrong-key");
    beside("a member of another organisation", ADA, stranger(ADA), "wrong-key");
    beside("a member who audits asks for letters", DEE, with_rights(DEE, &[5]), "wrong-key");
    beside("a member whose certificate has ended", ADA, ended(ADA), "wrong-time");
    let elsewhere = polls(&ADA.seed(), 0, 0, &[]).with(2, bytes(id("Other Works")));
    let rest = json!({ "given": { "certificate": hex(ADA.certificate()) }, "reason": "wrong-organisation" });
    push(f, "poll", "a member asks for another organisation", &sign1("poll", &elsewhere, &ADA.seed()), rest);
}
