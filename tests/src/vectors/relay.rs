//! What a relay is asked for, and what it answers: acts of both sides, tickets, invitations, nonces.

use serde_json::{Value as Json, json};

use super::{
    envelope::Plan,
    file::File,
    organisation::{card, sign_card},
    raw::{
        Value, array, bytes, ed25519, id, int, kid, map, seed, sha256, sign1, sign1_value, text, typ, x25519,
    },
    relay_refused,
    sealed::{letter, padded},
    world::{
        ADA, BO, CY, DAY, DEE, GATE, Member, NOW, crockford, hex, organisation, partner, partner_receiving,
        root,
    },
};

/// The relay on the card.
pub const ORIGIN: &str = "https://keys.example.com";

/// Everything, good and bad.
pub fn relay() -> File {
    let given = json!({
        "root": hex(root()), "now": NOW, "origin": ORIGIN, "nonce_key": hex(nonce_key()),
        "pick_up": hex(ed25519(&pick_up())), "ticket": hex(ticket()), "pinned": hex(sha256(&[&root()])),
    });
    let about = "Each vector says its `kind`. The relay is at `origin`, makes nonces under `nonce_key`, and knows the root, the \
                 public half of a parcel's pick-up key, and a ticket. `second` is the document that comes with the first; \
                 `letter`, `envelope` and `certificate` are given where they come with an act.";
    let mut f = File::new("relay", about, given);
    secrets(&mut f);
    by_partners(&mut f);
    by_members(&mut f);
    handed_over(&mut f);
    answers(&mut f);
    relay_refused::refused(&mut f);
    f
}

/// Adds one vector; `rest` is what its kind has beside name and document. It is a bad one where that has a reason.
pub fn push(f: &mut File, kind: &str, name: &str, document: &[u8], rest: Json) {
    let mut vector = json!({ "kind": kind, "name": name, "document": hex(document), "given": {} });
    if let (Json::Object(all), Json::Object(rest)) = (&mut vector, rest) {
        all.extend(rest);
    }
    if vector.get("reason").is_some() { f.push_bad(vector) } else { f.push_good(vector) }
}

// --- Secrets ---

/// HMAC-SHA256 (RFC 2104) under a key of one block at most.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let pad = |mask: u8| -> [u8; 64] { core::array::from_fn(|i| key.get(i).unwrap_or(&0) ^ mask) };
    sha256(&[&pad(0x5c), &sha256(&[&pad(0x36), message])])
}

/// The relay's own key, which nobody else has.
pub fn nonce_key() -> [u8; 32] {
    seed("nonce key")
}

/// A nonce made at this time.
pub fn nonce(key: &[u8; 32], time: u64) -> [u8; 32] {
    let mut all = [0; 32];
    all[..8].copy_from_slice(&time.to_be_bytes());
    all[8..16].copy_from_slice(&seed("nonce random")[..8]);
    let mark = hmac(key, &all[..16]);
    all[16..].copy_from_slice(&mark[..16]);
    all
}

/// Seed of the pick-up key: HKDF (RFC 5869) of the link secret, in one block.
pub fn pick_up() -> [u8; 32] {
    let prk = hmac(&[0; 32], &seed("link secret one"));
    hmac(&prk, b"countersign-pickup-v1\x01")
}

fn secrets(f: &mut File) {
    for (name, age) in [("a new nonce", 0), ("a nonce of two minutes", 120)] {
        let made = nonce(&nonce_key(), NOW - age);
        let says = json!({ "time": NOW - age, "random": hex(&seed("nonce random")[..8]) });
        push(f, "nonce", name, &made, json!({ "says": says }));
    }
    let says = json!({ "seed": hex(pick_up()), "public": hex(ed25519(&pick_up())) });
    let name = "the pick-up key of a link secret";
    push(f, "pick-up-key", name, &seed("link secret one"), json!({ "says": says }));
}

// --- Partners ---

/// Where and when most acts are meant.
pub fn moment() -> Value {
    map([(1, text(ORIGIN)), (2, bytes(nonce(&nonce_key(), NOW - 5))), (3, int(NOW - 3))])
}

/// A letter with a receipt, a request or a notice.
pub fn to_organisation() -> Vec<u8> {
    let to = x25519(&seed("receiving Example Works"));
    letter("to-organisation", &to, &padded("to-organisation", b"made-up receipt"), |_| (), |_| ())
}

fn to_partner() -> Vec<u8> {
    letter(
        "to-partner",
        &x25519(&partner_receiving()),
        &padded("to-partner", b"made-up message"),
        |_| (),
        |_| (),
    )
}

/// Payload of a pick-up: act 1 fetches, 2 acknowledges.
pub fn picks_up(act: u64) -> Value {
    let identity = bytes(ed25519(&partner()));
    let body = map([(1, moment()), (2, bytes(id("envelope one"))), (3, identity), (4, int(act))]);
    if act == 2 { body.with(5, bytes(sha256(&[&to_organisation()]))) } else { body }
}

/// Payload of a letter's posting, with a ticket or without.
pub fn posts(with_ticket: bool) -> Value {
    let identity = bytes(ed25519(&partner()));
    let letter = bytes(sha256(&[&to_organisation()]));
    let body = map([(1, moment()), (2, bytes(organisation())), (3, identity), (4, letter)]);
    if with_ticket { body.with(5, bytes(id("ticket one"))) } else { body }
}

/// Payload of a poll by this key.
pub fn polls(key: &[u8; 32], after: u64, patience: u64, done: &[u64]) -> Value {
    map([
        (1, moment()),
        (2, bytes(organisation())),
        (3, bytes(ed25519(key))),
        (4, int(after)),
        (5, int(patience)),
        (6, array(done.iter().map(|n| int(*n)))),
    ])
}

fn by_partners(f: &mut File) {
    let (me, cti) = (partner(), crockford(&id("envelope one")));
    for (name, act, word) in [("fetch a parcel", 1, "fetch"), ("acknowledge it", 2, "acknowledge")] {
        let body = picks_up(act);
        let mut given = json!({});
        if act == 2 {
            given["letter"] = hex(to_organisation()).into();
        }
        let says = json!({ "act": word, "cti": cti });
        let second = hex(sign1("pick-up", &body, &pick_up()));
        let rest = json!({ "payload": hex(body.encode()), "second": second, "given": given, "says": says });
        push(f, "pick-up", name, &sign1("pick-up", &body, &me), rest);
    }
    let posted = json!({ "letter": hex(to_organisation()) });
    let says = json!({ "organisation": crockford(&organisation()), "ticket": null });
    let rest = json!({ "payload": hex(posts(false).encode()), "given": posted, "says": says });
    push(f, "post", "a letter by an identity that is known", &sign1("post", &posts(false), &me), rest);
    let second = hex(sign1("post", &posts(true), &seed("ticket one")));
    let says = json!({ "ticket": crockford(&id("ticket one")) });
    let rest =
        json!({ "payload": hex(posts(true).encode()), "second": second, "given": posted, "says": says });
    push(f, "post", "a letter with a ticket", &sign1("post", &posts(true), &me), rest);
    let many: Vec<u64> = (1..=64).collect();
    let partners: [(&str, u64, &[u64]); 3] = [
        ("a partner asks what waits", 0, &[]),
        ("a partner is done with three letters", 7, &[2, 3, 7]),
        ("a partner is done with 64 letters", 64, &many),
    ];
    for (name, after, done) in partners {
        let body = polls(&me, after, 15, done);
        let says = json!({ "after": after, "patience": 15, "done": done });
        push(
            f,
            "poll",
            name,
            &sign1("poll", &body, &me),
            json!({ "payload": hex(body.encode()), "says": says }),
        );
    }
    let body = polls(&ADA.seed(), 3, 0, &[1]);
    let given = json!({ "certificate": hex(ADA.certificate()) });
    let rest =
        json!({ "payload": hex(body.encode()), "given": given, "says": { "after": 3, "patience": 0 } });
    push(
        f,
        "poll",
        "a member asks what waits for the organisation",
        &sign1("poll", &body, &ADA.seed()),
        rest,
    );
}

// --- Members ---

/// A document of a certified kind.
pub fn certified(word: &str, body: &Value, signer: &[u8; 32], certificate: &[u8]) -> Vec<u8> {
    let header =
        map([(1, Value::Int(-19)), (4, bytes(kid(signer))), (13, bytes(certificate)), (16, typ(word))]);
    sign1_value(&header, &body.encode(), signer).encode()
}

/// The same by a member as it is certified.
pub fn by_member(word: &str, body: &Value, member: Member) -> Vec<u8> {
    certified(word, body, &member.seed(), &member.certificate())
}

/// Payload of the upload of an envelope.
pub fn uploads(envelope: &[u8]) -> Value {
    map([
        (1, moment()),
        (2, bytes(id("envelope one"))),
        (3, bytes(kid(&partner()))),
        (4, bytes(ed25519(&pick_up()))),
        (5, bytes(sha256(&[envelope]))),
    ])
}

/// Payload of a withdrawal.
pub fn withdraws() -> Value {
    map([(1, moment()), (2, bytes(id("envelope one")))])
}

/// Payload of a letter's dispatch.
pub fn dispatches() -> Value {
    map([(1, moment()), (2, bytes(kid(&partner()))), (3, bytes(sha256(&[&to_partner()])))])
}

/// Payload of a removal.
pub fn removes() -> Value {
    map([(1, moment()), (2, bytes(kid(&DEE.seed())))])
}

/// Payload of the ticket.
pub fn tickets() -> Value {
    map([
        (1, bytes(organisation())),
        (2, bytes(id("ticket one"))),
        (3, bytes(ed25519(&seed("ticket one")))),
        (4, int(NOW - DAY)),
        (5, int(NOW + 30 * DAY)),
    ])
}

/// The ticket.
pub fn ticket() -> Vec<u8> {
    by_member("ticket", &tickets(), DEE)
}

fn by_members(f: &mut File) {
    let mut good = |kind: &str, name: &str, body: &Value, member: Member, given: Json, says: Json| {
        let rest = json!({ "payload": hex(body.encode()), "given": given, "says": says });
        push(f, kind, name, &by_member(kind, body, member), rest);
    };
    let envelope = Plan::default().build();
    let beside = json!({ "envelope": hex(&envelope) });
    let cti = json!({ "cti": crockford(&id("envelope one")) });
    for (name, member) in [
        ("a parcel by whoever sealed it", BO),
        ("a parcel that another member sealed", CY),
        ("a parcel by an agent", GATE),
    ] {
        good("upload", name, &uploads(&envelope), member, beside.clone(), cti.clone());
    }
    for (name, member) in [("a parcel is taken back", ADA), ("a parcel is taken back by an agent", GATE)] {
        good("withdraw", name, &withdraws(), member, json!({}), cti.clone());
    }
    let says = json!({ "recipient": hex(kid(&partner())) });
    good(
        "dispatch",
        "a letter to a partner",
        &dispatches(),
        ADA,
        json!({ "letter": hex(to_partner()) }),
        says,
    );
    good(
        "removal",
        "a member is removed",
        &removes(),
        BO,
        json!({}),
        json!({ "member": hex(kid(&DEE.seed())) }),
    );
    let says = json!({ "id": crockford(&id("ticket one")), "expires": NOW + 30 * DAY });
    good("ticket", "by an approver", &tickets(), DEE, json!({}), says);
    let says = json!({ "made": NOW - 10 * DAY - 120, "expires": NOW + 80 * DAY - 120 });
    let longest = tickets().with(4, int(NOW - 10 * DAY - 120)).with(5, int(NOW + 80 * DAY - 120));
    good("ticket", "for 90 days, from the first second of a certificate", &longest, ADA, json!({}), says);
    let edge = withdraws().with(1, moment().with(3, int(NOW + DAY)));
    good("withdraw", "by a clock that is a day fast", &edge, ADA, json!({}), json!({}));
    let edge = withdraws().with(1, moment().with(2, bytes(nonce(&nonce_key(), NOW - 120))));
    good("withdraw", "with a nonce of two minutes", &edge, ADA, json!({}), json!({}));
}

// --- What is handed over, and answers ---

/// An invitation of these parts.
pub fn invitation(parts: &[&[u8]]) -> Vec<u8> {
    array(parts.iter().map(bytes)).encode()
}

/// The card that invites.
pub fn inviting() -> Vec<u8> {
    sign_card(&card(), &[ADA, BO])
}

fn handed_over(f: &mut File) {
    let document = invitation(&[&inviting(), &ticket(), &seed("ticket one")]);
    let says = json!({ "organisation": crockford(&organisation()), "relay": ORIGIN, "ticket": crockford(&id("ticket one")) });
    push(f, "invitation", "card, ticket and seed", &document, json!({ "says": says }));
    for count in [1, 2, 3, 4] {
        let parts: Vec<Vec<u8>> = (0..count).map(|n| vec![7; n * 100]).collect();
        let document = array(parts.iter().map(bytes)).encode();
        let says = json!({ "parts": parts.iter().map(hex).collect::<Vec<_>>() });
        push(f, "body", &format!("a body of {count}"), &document, json!({ "says": says }));
    }
}

/// Of the five parcels: the second and third, as their states say, and the fourth before its time was over.
fn was_fetched(state: u64) -> bool {
    (2..=4).contains(&state)
}

/// What waits: two letters, and news of five parcels.
pub fn waits() -> Value {
    let letter =
        |number: u64, content: &[u8]| map([(1, int(number)), (2, int(NOW - 60)), (3, bytes(content))]);
    let parcel = |state: u64| {
        let told =
            map([(1, bytes(id(&format!("envelope {state}")))), (2, int(state)), (3, int(NOW - state))]);
        if was_fetched(state) { told.with(4, int(NOW - 10)) } else { told }
    };
    map([
        (1, array([letter(8, &to_organisation()), letter(11, b"made-up letter")])),
        (2, array((1..=5).map(parcel))),
    ])
}

fn answers(f: &mut File) {
    let mut good = |kind: &str, name: &str, body: &Value, says: Json| {
        push(f, kind, name, &body.encode(), json!({ "payload": hex(body.encode()), "says": says }));
    };
    for (code, word) in [(1, "withdrawn"), (2, "fetched"), (3, "acknowledged"), (4, "expired")] {
        let body = map([(1, int(code)), (2, int(NOW - 9))]);
        good("outcome", &format!("it was {word}"), &body, json!({ "outcome": word, "at": NOW - 9 }));
    }
    let says = json!({ "outcome": "withdrawn", "at": null });
    good("outcome", "withdrawn, at no time that is known", &map([(1, int(1))]), says);
    let says = ["uploaded", "fetched", "acknowledged", "expired", "withdrawn"];
    let parcel = |(i, word): (usize, &str)| {
        let n = i + 1;
        let fetched = was_fetched(n as u64).then_some(NOW - 10);
        let cti = crockford(&id(&format!("envelope {n}")));
        json!({ "cti": cti, "state": word, "at": NOW - n as u64, "fetched": fetched })
    };
    let parcels: Vec<Json> = says.into_iter().enumerate().map(parcel).collect();
    good("mail", "two letters and five parcels", &waits(), json!({ "parcels": parcels }));
    let nothing = map([(1, array([])), (2, array([]))]);
    good("mail", "nothing", &nothing, json!({ "letters": [], "parcels": [] }));
}
