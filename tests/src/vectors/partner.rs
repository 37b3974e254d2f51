//! Identity cards, requests, receipts, notices: what a partner signs.

use serde_json::{Value as Json, json};

use super::{
    file::{File, flipped, trailed},
    raw::{
        Value, array, bytes, ed25519, fingerprint, fingerprint_words, id, int, kid, map, plain_header, seed,
        sha256, sign1, sign1_value, text, x25519,
    },
    world::{DAY, NOW, crockford, head, hex, identity_card, organisation, partner, partner_receiving},
};

/// Identity cards.
pub fn identity_cards() -> File {
    let mut f = File::new("identity-card", "Identity cards: each is signed by the key it names.", json!({}));
    let me = partner();
    let body =
        map([(1, bytes(ed25519(&me))), (2, bytes(x25519(&partner_receiving()))), (3, int(NOW - 20 * DAY))]);
    f.good(
        "of a partner",
        &identity_card(&me, &partner_receiving()),
        &body,
        json!({}),
        json!({ "made": NOW - 20 * DAY, "fingerprint": fingerprint(&kid(&me)), "words": fingerprint_words(&kid(&me)) }),
    );
    let member = body.clone().with(4, bytes(ed25519(&seed("checkpoint pia")))).with(5, text("Pía Ejemplo"));
    f.good(
        "of somebody who is to become a member",
        &sign1("identity-card", &member, &me),
        &member,
        json!({}),
        json!({ "name": "Pía Ejemplo" }),
    );
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    bad("signed by another key", sign1("identity-card", &body, &seed("identity quinn")), "wrong-key");
    let lie = sign1_value(&plain_header("identity-card", &me), &body.encode(), &seed("identity quinn"));
    bad("signed by another key under its own name", lie.encode(), "bad-signature");
    for (name, key) in receiving_keys_to_refuse() {
        let weak = body.clone().with(2, bytes(key));
        bad(name, sign1("identity-card", &weak, &me), "malformed/out-of-range");
    }
    bad(
        "an unknown label",
        sign1("identity-card", &body.clone().with(6, int(0)), &me),
        "malformed/unknown-label",
    );
    bad(
        "without a receiving key",
        sign1("identity-card", &body.clone().without(2), &me),
        "malformed/missing-label",
    );
    let turned = sign1("identity-card", &body.clone().with(5, text("Pia\u{202e}xe.live")), &me);
    bad("a name that turns the reading direction", turned, "malformed/out-of-range");
    bad(
        "a name not in normal form C",
        sign1("identity-card", &body.clone().with(5, text("Pi\u{301}a")), &me),
        "malformed/out-of-range",
    );
    bad("signed as a request", sign1("request", &body, &me), "wrong-kind");
    let eddsa = sign1_value(&plain_header("identity-card", &me).with(1, Value::Int(-8)), &body.encode(), &me);
    bad("algorithm EdDSA (-8)", eddsa.encode(), "wrong-algorithm");
    let critical =
        sign1_value(&plain_header("identity-card", &me).with(2, array([int(16)])), &body.encode(), &me);
    bad("a crit header", critical.encode(), "wrong-headers");
    bad("something behind it", trailed(&sign1("identity-card", &body, &me)), "malformed/trailing");
    f
}

/// The u-coordinates of small order (RFC 7748, section 6.1), and those written as p = 2^255 - 19 or more.
fn receiving_keys_to_refuse() -> Vec<(&'static str, [u8; 32])> {
    let near_p = |low: u8| {
        let mut point = [0xff; 32];
        (point[0], point[31]) = (low, 0x7f);
        point
    };
    let number = |low: u8| {
        let mut point = [0; 32];
        point[0] = low;
        point
    };
    let order_8 = |text: &str| {
        let point = data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap_or_default();
        core::array::from_fn(|i| point[i])
    };
    let mut marked = x25519(&partner_receiving());
    marked[31] |= 0x80;
    vec![
        ("a receiving key of order 4: 0", number(0)),
        ("a receiving key of order 1: 1", number(1)),
        (
            "a receiving key of order 8",
            order_8("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        ),
        (
            "another receiving key of order 8",
            order_8("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        ),
        ("a receiving key of order 2 on the twist: p - 1", near_p(0xec)),
        ("a receiving key of p, which is 0", near_p(0xed)),
        ("a receiving key of p + 1, which is 1", near_p(0xee)),
        ("a receiving key of p + 9, which is the base point", near_p(0xf6)),
        ("a receiving key of 2^255 - 1", near_p(0xff)),
        ("a good receiving key with its highest bit set", marked),
    ]
}

/// A request for two scopes in production.
pub fn request() -> Value {
    let applicant = map([
        (1, text("Pia Example Ltd")),
        (2, text("Pia Ejemplo")),
        (3, text("Engineer")),
        (4, text("pia@partner.example")),
        (5, text("oncall@partner.example")),
    ]);
    let purpose = map([
        (1, text("We fetch made-up orders.")),
        (2, text("Nightly synchronisation.")),
        (3, text("About 100 calls an hour.")),
        (4, text("Order numbers and amounts.")),
        (5, text("TLS, encrypted disks,\nno copies.")),
    ]);
    let asked = map([
        (1, text("orders")),
        (2, text("production")),
        (3, array([text("orders:read"), text("orders:write")])),
        (4, array([text("203.0.113.0/24")])),
        (5, int(60)),
    ]);
    map([
        (1, bytes(id("request one"))),
        (2, int(1)),
        (3, bytes(organisation())),
        (4, bytes(sha256(&[b"made-up card document"]))),
        (5, bytes(identity_card(&partner(), &partner_receiving()))),
        (6, int(NOW - 3 * DAY)),
        (7, int(1)),
        (9, applicant),
        (10, purpose),
        (11, asked),
        (12, array([map([(1, text("region")), (2, text("In Europe."))])])),
    ])
}

/// Requests.
pub fn requests() -> File {
    let mut f =
        File::new("request", "Requests: each is signed by the identity whose card it carries.", json!({}));
    let me = partner();
    let says =
        json!({ "id": crockford(&id("request one")), "revision": 1, "mode": "new", "made": NOW - 3 * DAY });
    f.good("a first key", &sign1("request", &request(), &me), &request(), json!({}), says);
    let renewal = request().with(7, int(2)).with(8, bytes(id("grant one"))).with(2, int(4));
    let says = json!({ "mode": "renew", "predecessor": crockford(&id("grant one")), "revision": 4 });
    f.good("a renewal, revised three times", &sign1("request", &renewal, &me), &renewal, json!({}), says);
    let mut bad =
        |name: &str, body: Value, reason: &str| f.bad(name, &sign1("request", &body, &me), json!({}), reason);
    let asked = |label: i64, value: Value| {
        let mut request = request();
        request.at(11).set(label, value);
        request
    };
    bad("scopes out of order", asked(3, array([text("orders:write"), text("orders:read")])), "bad-content");
    bad("a scope twice", asked(3, array([text("orders:read"), text("orders:read")])), "bad-content");
    bad("no scope", asked(3, array([])), "bad-content");
    bad(
        "the whole internet as source network",
        asked(4, array([text("0.0.0.0/0")])),
        "malformed/out-of-range",
    );
    bad(
        "a source network with host bits",
        asked(4, array([text("203.0.113.7/24")])),
        "malformed/out-of-range",
    );
    bad("for no days", asked(5, int(0)), "bad-content");
    bad("for 731 days", asked(5, int(731)), "bad-content");
    bad("a rotation", request().with(7, int(3)).with(8, bytes(id("grant one"))), "bad-content");
    bad("a renewal of nothing", request().with(7, int(2)), "bad-content");
    bad("a first key with a predecessor", request().with(8, bytes(id("grant one"))), "bad-content");
    bad("revision 0", request().with(2, int(0)), "bad-content");
    let other = identity_card(&seed("identity quinn"), &seed("receiving quinn"));
    bad("the identity card of somebody else", request().with(5, bytes(other)), "wrong-key");
    bad("a time beyond 2^53", request().with(6, int(1 << 53)), "malformed/out-of-range");
    names(&mut f);
    let document = sign1("request", &request(), &me);
    f.bad("signed as a notice", &sign1("notice", &request(), &me), json!({}), "wrong-kind");
    f.bad("a bit of the payload turned", &flipped(&document, 100), json!({}), "bad-signature");
    f.bad("something behind it", &trailed(&document), json!({}), "malformed/trailing");
    f
}

fn names(f: &mut File) {
    let mut bad = |name: &str, body: Value, reason: &str| {
        f.bad(name, &sign1("request", &body, &partner()), json!({}), reason);
    };
    let named = |company: &str| {
        let mut request = request();
        request.at(9).set(1, text(company));
        request
    };
    bad("a name with two spaces in a row", named("Pia  Example"), "malformed/out-of-range");
    bad("a name that begins with a space", named(" Pia Example"), "malformed/out-of-range");
    bad("a name of 201 bytes", named(&"x".repeat(201)), "malformed/out-of-range");
    bad(
        "a name with nine marks on a letter",
        named(&format!("Px{}", "\u{334}".repeat(9))),
        "malformed/out-of-range",
    );
    bad("a name with an invisible character", named("Pia\u{200b} Example"), "malformed/out-of-range");
    bad("no name", named(""), "malformed/out-of-range");
    let mut slug = request();
    slug.at(11).set(1, text("Orders"));
    bad("a short name in upper case", slug, "malformed/out-of-range");
}

fn mine() -> Json {
    json!({ "key": hex(ed25519(&partner())) })
}

/// Receipts.
pub fn receipts() -> File {
    let mut f = File::new("receipt", "Receipts, read by the key `key` of the recipient's identity.", mine());
    let me = partner();
    let body = map([
        (1, bytes(id("envelope one"))),
        (2, bytes(sha256(&[b"made-up envelope"]))),
        (3, bytes(seed("nonce one"))),
        (4, bytes(id("grant one"))),
        (5, bytes(organisation())),
        (6, head(42)),
        (7, int(NOW)),
    ]);
    let says =
        json!({ "cti": crockford(&id("envelope one")), "nonce": hex(seed("nonce one")), "opened": NOW });
    f.good("of an opened envelope", &sign1("receipt", &body, &me), &body, json!({}), says);
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    bad("by another identity", sign1("receipt", &body, &seed("identity quinn")), "wrong-key");
    let lie = sign1_value(&plain_header("receipt", &me), &body.encode(), &seed("identity quinn"));
    bad("by another identity under this name", lie.encode(), "bad-signature");
    bad("signed as an approval", sign1("approval", &body, &me), "wrong-kind");
    bad("without a head", sign1("receipt", &body.clone().without(6), &me), "malformed/missing-label");
    bad(
        "with a short nonce",
        sign1("receipt", &body.clone().with(3, bytes([1; 31])), &me),
        "malformed/out-of-range",
    );
    bad(
        "an unprotected label",
        {
            let mut value = sign1_value(&plain_header("receipt", &me), &body.encode(), &me);
            value.items()[1] = map([(4, bytes(kid(&me)))]);
            value.encode()
        },
        "wrong-headers",
    );
    bad("something behind it", trailed(&sign1("receipt", &body, &me)), "malformed/trailing");
    f
}

/// Notices.
pub fn notices() -> File {
    let mut f = File::new("notice", "Notices, read by the key `key` of the sender's identity.", mine());
    let me = partner();
    let body = map([(1, bytes(organisation())), (2, bytes(id("request one"))), (4, int(1)), (5, int(NOW))]);
    let leak = map([
        (1, bytes(organisation())),
        (3, bytes(id("key one"))),
        (4, int(2)),
        (5, int(NOW)),
        (6, text("It stood in a build log.")),
    ]);
    f.good(
        "a request is taken back",
        &sign1("notice", &body, &me),
        &body,
        json!({}),
        json!({ "act": "withdraw" }),
    );
    f.good(
        "a key leaked",
        &sign1("notice", &leak, &me),
        &leak,
        json!({}),
        json!({ "act": "report-leak", "key": crockford(&id("key one")) }),
    );
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    bad("taking back a key", sign1("notice", &leak.clone().with(4, int(1)), &me), "bad-content");
    bad("a leak of nothing", sign1("notice", &leak.clone().without(3), &me), "bad-content");
    bad("an unknown act", sign1("notice", &body.clone().with(4, int(3)), &me), "malformed/out-of-range");
    bad("by another identity", sign1("notice", &body, &seed("identity quinn")), "wrong-key");
    bad("signed as a message", sign1("message", &body, &me), "wrong-kind");
    bad("signed as a request", sign1("request", &body, &me), "wrong-kind");
    f
}
