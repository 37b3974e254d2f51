//! Approvals, orders, messages, entries: what members sign.

use serde_json::json;

use super::{
    file::{File, flipped, trailed},
    raw::{
        Value, array, bytes, ed25519, id, int, kid, map, plain_header, sha256, sign, sign1, sign1_value,
        text, typ,
    },
    world::{
        ADA, BO, DAY, DEE, GATE, Member, NOW, approval, certify, certifying, crockford, grant, head, hex,
        organisation, partner, root,
    },
};

fn key_of(member: Member) -> serde_json::Value {
    json!({ "key": hex(ed25519(&member.seed())) })
}

/// Approvals.
pub fn approvals() -> File {
    let mut f = File::new("approval", "Approvals, read by the key `key` of a member.", key_of(ADA));
    let digest = sha256(&[&grant().encode()]);
    let first = approval(&digest, 1, NOW - 3_600, "approval ada");
    let second = approval(&digest, 2, NOW - 1_800, "approval bo");
    let says = json!({ "grant": hex(digest), "step": "vetted", "issued": NOW - 3_600 });
    f.good("the first signature", &sign1("approval", &first, &ADA.seed()), &first, json!({}), says);
    let says = json!({ "step": "countersigned", "cti": crockford(&id("approval bo")) });
    f.good("the second signature", &sign1("approval", &second, &BO.seed()), &second, key_of(BO), says);
    let ada = ADA.seed();
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    bad("by another member", sign1("approval", &second, &BO.seed()), "wrong-key");
    bad(
        "a third kind of signature",
        sign1("approval", &first.clone().with(2, int(3)), &ada),
        "malformed/out-of-range",
    );
    bad("without a time", sign1("approval", &first.clone().without(6), &ada), "malformed/missing-label");
    bad(
        "an unknown label",
        sign1("approval", &first.clone().with(4, int(1)), &ada),
        "malformed/missing-label",
    );
    bad(
        "a label behind the last",
        sign1("approval", &first.clone().with(8, int(1)), &ada),
        "malformed/unknown-label",
    );
    bad("signed as a receipt", sign1("receipt", &first, &ada), "wrong-kind");
    let document = sign1("approval", &first, &ada);
    bad("a bit of the signature turned", flipped(&document, document.len() - 1), "bad-signature");
    bad(
        "a signature with S increased by the group order",
        {
            let mut bytes = document.clone();
            let at = bytes.len() - 32;
            add_order(&mut bytes[at..]);
            bytes
        },
        "bad-signature",
    );
    bad(
        "two signatures where one belongs",
        sign("approval", &first, &[ada, BO.seed()]),
        "malformed/wrong-type",
    );
    bad("something behind it", trailed(&document), "malformed/trailing");
    f
}

/// Adds the order of the base point to a little-endian scalar: the same signature to lax verifiers (RFC 8032, 8.4).
pub fn add_order(scalar: &mut [u8]) {
    let order = data_encoding::HEXLOWER
        .decode(b"edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        .unwrap_or_default();
    let mut carry = 0u16;
    for (s, o) in scalar.iter_mut().zip(order) {
        carry += u16::from(*s) + u16::from(o);
        *s = carry as u8;
        carry >>= 8;
    }
}

/// Orders.
pub fn orders() -> File {
    let mut f = File::new("order", "Orders to stop keys, read by the key `key` of a member.", key_of(BO));
    let mut keys = [id("key one"), id("key two")];
    keys.sort_unstable();
    let body = map([
        (1, bytes(id("order one"))),
        (2, bytes(organisation())),
        (3, int(2)),
        (4, array(keys.map(bytes))),
        (5, int(1)),
        (6, int(NOW)),
        (7, head(77)),
    ]);
    let says = json!({ "id": crockford(&id("order one")), "act": "revoke", "reason": "leaked", "keys": keys.map(|k| crockford(&k)) });
    f.good("two keys leaked", &sign1("order", &body, &BO.seed()), &body, json!({}), says);
    let one = body.clone().with(3, int(1)).with(4, array([bytes(keys[0])])).with(5, int(6));
    f.good(
        "one key disabled as a precaution",
        &sign1("order", &one, &BO.seed()),
        &one,
        json!({}),
        json!({ "act": "disable", "reason": "precaution" }),
    );
    let bo = BO.seed();
    let mut bad =
        |name: &str, body: Value, reason: &str| f.bad(name, &sign1("order", &body, &bo), json!({}), reason);
    bad("keys out of order", body.clone().with(4, array([bytes(keys[1]), bytes(keys[0])])), "bad-content");
    bad("a key twice", body.clone().with(4, array([bytes(keys[0]), bytes(keys[0])])), "bad-content");
    bad("no key", body.clone().with(4, array([])), "bad-content");
    bad("an unknown act", body.clone().with(3, int(3)), "malformed/out-of-range");
    bad("an unknown reason", body.clone().with(5, int(7)), "malformed/out-of-range");
    f.bad("by another member", &sign1("order", &body, &ADA.seed()), json!({}), "wrong-key");
    f.bad("signed as an entry", &sign1("entry", &body, &bo), json!({}), "wrong-kind");
    f
}

fn sign_message(body: &Value, member: Member, certificate: &[u8]) -> Vec<u8> {
    let header = map([
        (1, Value::Int(-19)),
        (4, bytes(kid(&member.seed()))),
        (13, bytes(certificate)),
        (16, typ("message")),
    ]);
    sign1_value(&header, &body.encode(), &member.seed()).encode()
}

/// Messages.
pub fn messages() -> File {
    let given = json!({ "root": hex(root()), "now": NOW });
    let mut f = File::new("message", "Messages by members under `root`, read at the time `now`.", given);
    let body = map([
        (1, bytes(organisation())),
        (2, bytes(kid(&partner()))),
        (3, bytes(id("request one"))),
        (4, int(NOW - 60)),
        (5, int(1)),
        (6, text("Please ask for one scope only.\nThe rest is not needed.")),
    ]);
    let says =
        json!({ "saying": "changes-asked", "request": crockford(&id("request one")), "sent": NOW - 60 });
    f.good("changes are asked for", &sign_message(&body, ADA, &ADA.certificate()), &body, json!({}), says);
    for (name, member) in [("by an approver", DEE), ("by an admin who approves and issues", BO)] {
        let document = sign_message(&body, member, &member.certificate());
        f.good(name, &document, &body, json!({}), json!({ "sent": NOW - 60 }));
    }
    let document = sign_message(&body, ADA, &ADA.certificate());
    f.bad("read when its certificate has expired", &document, json!({ "now": NOW + 80 * DAY }), "wrong-time");
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    let mut auditor = DEE.claims();
    auditor.at(-70301).set(3, array([int(5)]));
    let mut issuer = DEE.claims();
    issuer.at(-70301).set(3, array([int(3)]));
    bad("by an auditor", sign_message(&body, DEE, &certify(&auditor)), "wrong-key");
    bad("by a member who only issues", sign_message(&body, DEE, &certify(&issuer)), "wrong-key");
    bad("by an agent", sign_message(&body, GATE, &GATE.certificate()), "wrong-key");
    let by_ada = |body: &Value| sign_message(body, ADA, &ADA.certificate());
    bad("with the certificate of somebody else", sign_message(&body, ADA, &BO.certificate()), "wrong-key");
    let stranger = sign("certificate", &ADA.claims(), &["eve", "mallory"].map(certifying));
    bad("with a certificate by another organisation", sign_message(&body, ADA, &stranger), "wrong-key");
    bad("without a certificate", sign1("message", &body, &ADA.seed()), "wrong-headers");
    bad(
        "for another organisation",
        by_ada(&body.clone().with(1, bytes(id("Other Works")))),
        "wrong-organisation",
    );
    bad("from the future", by_ada(&body.clone().with(4, int(NOW + 121))), "wrong-time");
    bad("older than its certificate", by_ada(&body.clone().with(4, int(NOW - 11 * DAY))), "wrong-time");
    bad(
        "with a control character",
        by_ada(&body.clone().with(6, text("a\u{1b}[2Jb"))),
        "malformed/out-of-range",
    );
    bad("signed as a notice", sign1("notice", &body, &ADA.seed()), "wrong-headers");
    f
}

/// The entry that ledger vectors seal.
pub fn entry() -> Value {
    entry_of(&array([int(4), map([(1, bytes(id("change one")))])]))
}

fn entry_of(event: &Value) -> Value {
    map([
        (1, bytes(id("operation one"))),
        (2, bytes(organisation())),
        (3, head(12)),
        (4, int(NOW)),
        (5, bytes(event.encode())),
    ])
}

/// Entries.
pub fn entries() -> File {
    let mut f = File::new(
        "entry",
        "Ledger entries before they are sealed, read by the key `key` of a member.",
        key_of(ADA),
    );
    let says = json!({ "op_id": crockford(&id("operation one")), "organisation": crockford(&organisation()), "time": NOW });
    f.good("a change is dropped", &sign1("entry", &entry(), &ADA.seed()), &entry(), json!({}), says);
    let mut bad = |name: &str, body: Value, reason: &str| {
        f.bad(name, &sign1("entry", &body, &ADA.seed()), json!({}), reason)
    };
    bad("an organisation of 15 bytes", entry().with(2, bytes([1; 15])), "malformed/out-of-range");
    bad("without an event", entry().without(5), "malformed/missing-label");
    bad("a head with a third label", entry().with(3, head(12).with(3, int(1))), "malformed/unknown-label");
    f.bad("by another member", &sign1("entry", &entry(), &BO.seed()), json!({}), "wrong-key");
    f.bad("signed as an order", &sign1("order", &entry(), &ADA.seed()), json!({}), "wrong-kind");
    let header = plain_header("entry", &ADA.seed()).with(1, Value::Int(-7));
    f.bad(
        "algorithm ES256 (-7)",
        &sign1_value(&header, &entry().encode(), &ADA.seed()).encode(),
        json!({}),
        "wrong-algorithm",
    );
    comparisons(&mut f);
    f
}

/// Event 40: a fingerprint that a member heard.
fn comparisons(f: &mut File) {
    let heard = map([
        (1, bytes(id("ada"))),
        (2, int(NOW - DAY)),
        (3, int(1)),
        (4, text("the number in our address book")),
        (5, int(1)),
    ]);
    let body = map([(1, bytes(kid(&BO.seed()))), (2, heard.clone())]);
    let told = |body: &Value| entry_of(&array([int(40), body.clone()]));
    let said = |channel: &str, attended: bool| {
        json!({ "channel": channel, "source": "the number in our address book", "time": NOW - DAY, "attended": attended,
            "person": crockford(&id("ada")), "identity": hex(kid(&BO.seed())) })
    };
    let mut good = |name: &str, body: &Value, said: serde_json::Value| {
        let entry = told(body);
        f.good(name, &sign1("entry", &entry, &ADA.seed()), &entry, json!({}), json!({ "compared": said }));
    };
    good("a member's fingerprint was compared", &body, said("phone", true));
    let typed = body.clone().with(2, heard.clone().with(3, int(3)).with(5, int(0)));
    good("a program typed a fingerprint that was read in person", &typed, said("in-person", false));
    let mut bad = |name: &str, body: Value, reason: &str| {
        f.bad(name, &sign1("entry", &told(&body), &ADA.seed()), json!({}), reason)
    };
    let with = |label, value| body.clone().with(2, heard.clone().with(label, value));
    bad("a comparison by a fourth channel", with(3, int(4)), "malformed/out-of-range");
    bad("a comparison without a source", with(4, text("")), "malformed/out-of-range");
    bad("a comparison attended twice", with(5, int(2)), "malformed/out-of-range");
    bad(
        "a comparison that does not say who was there",
        body.clone().with(2, heard.clone().without(5)),
        "malformed/missing-label",
    );
    bad("a comparison of nobody", body.clone().without(1), "malformed/missing-label");
    bad("a comparison that was not made yet", with(2, int(NOW + 1)), "bad-comparison");
    bad("a comparison with oneself", body.clone().with(1, bytes(kid(&ADA.seed()))), "own-identity");
}
