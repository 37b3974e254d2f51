//! Roots, certificates, cards: what an organisation is known by.

use serde_json::json;

use super::{
    file::{File, flipped, trailed},
    raw::{
        Cosigner, Value, array, bytes, ed25519, fingerprint, fingerprint_words, id, int, map, seed, sha256,
        sign, sign_value, text, x25519,
    },
    world::{
        ADA, ADA_LAPTOP, BO, CY, DAY, GATE, Member, NOW, catalogue, certifiers, certify, certifying,
        crockford, hex, organisation, other_root, root, root_claims,
    },
};

/// Version 2: Cy takes Bo's place.
fn second() -> Value {
    root_claims()
        .with(2, int(2))
        .with(3, certifiers(&["ada", "cy"]))
        .with(6, int(NOW - 50 * DAY))
        .with(7, bytes(sha256(&[&root()])))
}

/// A version that both offline keys brought about.
fn succession() -> Value {
    let revealed = ["offline left", "offline right"].map(|k| bytes(ed25519(&seed(k))));
    second().with(3, certifiers(&["dee", "cy"])).with(8, array(revealed))
}

/// Roots.
pub fn roots() -> File {
    let mut f =
        File::new("root", "Roots of trust. `before`, where it is given, is the version before.", json!({}));
    let (ada, bo, cy, dee) = (certifying("ada"), certifying("bo"), certifying("cy"), certifying("dee"));
    let before = json!({ "before": hex(root()) });
    let offline = ["offline left", "offline right"].map(seed);
    let digest = hex(sha256(&[&root()]));
    let one = json!({ "organisation": crockford(&organisation()), "version": 1, "threshold": 2, "fingerprint": fingerprint(&sha256(&[&root()])), "words": fingerprint_words(&sha256(&[&root()])) });
    f.good("version 1", &root(), &root_claims(), json!({}), one);
    let sample = root_claims().with(9, int(1));
    f.good(
        "a sample to play with",
        &sign("root", &sample, &[ada, bo]),
        &sample,
        json!({}),
        json!({ "sample": 1 }),
    );
    let two = json!({ "version": 2, "previous": digest });
    f.good(
        "version 2, signed by two of each",
        &sign("root", &second(), &[ada, bo, cy]),
        &second(),
        before.clone(),
        two,
    );
    let by_offline = sign("root", &succession(), &[cy, dee, offline[0], offline[1]]);
    let given = json!({ "before": hex(root()), "succession": true });
    f.good(
        "succession by both offline keys",
        &by_offline,
        &succession(),
        given.clone(),
        json!({ "version": 2 }),
    );

    first_roots(&mut f);
    later_roots(&mut f);
    f
}

fn later_roots(f: &mut File) {
    let (ada, bo, cy, dee) = (certifying("ada"), certifying("bo"), certifying("cy"), certifying("dee"));
    let before = json!({ "before": hex(root()) });
    let given = json!({ "before": hex(root()), "succession": true });
    let offline = ["offline left", "offline right"].map(seed);
    let mut next = |name: &str, body: &Value, signers: &[[u8; 32]], reason: &str| {
        f.bad(name, &sign("root", body, signers), before.clone(), reason);
    };
    next("version 2 signed by one of version 1", &second(), &[ada, cy], "too-few-signers");
    next("version 2 signed by one of its own persons", &second(), &[ada, bo], "too-few-signers");
    let strangers = second().with(3, certifiers(&["cy", "dee"]));
    next("version 2 signed by its own persons only", &strangers, &[cy, dee], "too-few-signers");
    next("version 3 after version 1", &second().with(2, int(3)), &[ada, bo, cy], "bad-content");
    next(
        "version 2 after another version 1",
        &second().with(7, bytes(sha256(&[b"else"]))),
        &[ada, bo, cy],
        "bad-content",
    );
    next("version 2 without the digest before it", &second().without(7), &[ada, bo, cy], "bad-content");
    next(
        "version 2 older than version 1",
        &second().with(6, int(NOW - 101 * DAY)),
        &[ada, bo, cy],
        "bad-content",
    );
    next(
        "version 2 of another organisation",
        &second().with(1, bytes(id("Other Works"))),
        &[ada, bo, cy],
        "wrong-organisation",
    );
    next("a sample after a real root", &second().with(9, int(1)), &[ada, bo, cy], "wrong-organisation");
    next("a succession followed silently", &succession(), &[cy, dee, offline[0], offline[1]], "wrong-key");
    let half = sign("root", &succession(), &[cy, dee, offline[0]]);
    f.bad("a succession by one offline key", &half, given.clone(), "too-few-signers");
    let strange = ["stranger left", "stranger right"].map(seed);
    let revealed = succession().with(8, array(strange.map(|k| bytes(ed25519(&k)))));
    let strange = sign("root", &revealed, &[cy, dee, strange[0], strange[1]]);
    f.bad("a succession by other offline keys", &strange, given, "wrong-key");
}

fn first_roots(f: &mut File) {
    let (ada, bo, cy) = (certifying("ada"), certifying("bo"), certifying("cy"));
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    let first = root_claims();
    let pair = |a: &str, key: &str| map([(1, bytes(id(a))), (2, bytes(ed25519(&certifying(key))))]);
    let twice = first.clone().with(3, array([pair("ada", "ada"), pair("ada", "bo")]));
    bad("one person twice, with two keys", sign("root", &twice, &[ada, bo]), "too-few-signers");
    let mut persons = ["ada", "bo"];
    persons.sort_unstable_by_key(|p| id(p));
    let shared = first.clone().with(3, array(persons.map(|p| pair(p, "ada"))));
    bad("one key under two persons", sign("root", &shared, &[ada, bo]), "too-few-signers");
    bad("one signature", sign("root", &first, &[ada]), "too-few-signers");
    bad("one signature twice", sign("root", &first, &[ada, ada]), "malformed/label-order");
    bad("signed by a stranger too", sign("root", &first, &[ada, bo, cy]), "wrong-key");
    bad("a threshold of one", sign("root", &first.clone().with(4, int(1)), &[ada, bo]), "too-few-signers");
    bad(
        "one certifier",
        sign("root", &first.clone().with(3, certifiers(&["ada"])), &[ada, bo]),
        "too-few-signers",
    );
    bad("version 0", sign("root", &first.clone().with(2, int(0)), &[ada, bo]), "bad-content");
    bad(
        "version 1 with a version before",
        sign("root", &first.clone().with(7, bytes([7; 32])), &[ada, bo]),
        "bad-content",
    );
    bad(
        "an unknown label",
        sign("root", &first.clone().with(10, int(1)), &[ada, bo]),
        "malformed/unknown-label",
    );
    let weak =
        first.clone().with(3, array([pair("ada", "ada"), map([(1, bytes([255; 16])), (2, bytes([0; 32]))])]));
    bad("a key of small order", sign("root", &weak, &[ada, bo]), "malformed/out-of-range");
    bad("signed as a certificate", sign("certificate", &first, &[ada, bo]), "wrong-kind");
    bad("something behind it", trailed(&root()), "malformed/trailing");
    bad("a bit of a signature turned", flipped(&root(), root().len() - 1), "bad-signature");
    bad("a bit of the payload turned", flipped(&root(), 80), "bad-signature");
    let signers: [Cosigner; 2] = [(ada, None), (bo, None)];
    let value = || sign_value("root", &first.encode(), &signers);
    let mut turned = value();
    if let Some(Value::Array(parts)) = turned.items().get_mut(3) {
        parts.reverse();
    }
    bad("signatures out of order", turned.encode(), "malformed/label-order");
    let mut open = value();
    open.items()[1] = map([(4, bytes([1]))]);
    bad("an unprotected label", open.encode(), "wrong-headers");
}

/// Certificates.
pub fn certificates() -> File {
    let given = json!({ "root": hex(root()), "at": NOW });
    let mut f = File::new("certificate", "Member certificates under `root`, judged at the time `at`.", given);
    for (name, member) in [("of a person", ADA), ("of an agent", GATE)] {
        let says = json!({ "issuer": crockford(&organisation()), "issued": NOW - 10 * DAY, "expires": NOW + 80 * DAY });
        f.good(name, &member.certificate(), &member.claims(), json!({}), says);
    }
    let (ada, bo, cy) = (certifying("ada"), certifying("bo"), certifying("cy"));
    let claims = || ADA.claims();
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    bad("signed by one certifying key", sign("certificate", &claims(), &[ada]), "too-few-signers");
    bad(
        "signed by one certifying key and a stranger",
        sign("certificate", &claims(), &[ada, cy]),
        "wrong-key",
    );
    bad(
        "signed by one certifying key twice",
        sign("certificate", &claims(), &[bo, bo]),
        "malformed/label-order",
    );
    let others = [certifying("eve"), certifying("mallory")];
    bad("signed by another organisation", sign("certificate", &claims(), &others), "wrong-key");
    bad(
        "of another organisation",
        certify(&claims().with(1, text(&crockford(&id("Other Works"))))),
        "wrong-organisation",
    );
    let upper = crockford(&organisation()).to_uppercase();
    bad("with an id in upper case", certify(&claims().with(1, text(&upper))), "malformed/out-of-range");
    bad("valid for more than 90 days", certify(&claims().with(4, int(NOW + 81 * DAY))), "wrong-time");
    bad("ending before it begins", certify(&claims().with(4, int(NOW - 11 * DAY))), "wrong-time");
    let old = claims().with(6, int(NOW - 90 * DAY)).with(4, int(NOW));
    bad("expired at this second", certify(&old), "wrong-time");
    bad("not valid yet", certify(&claims().with(6, int(NOW + 121))), "wrong-time");
    bad("with an unknown claim", certify(&claims().with(9, text("x"))), "malformed/missing-label");
    bad("signed as a root", sign("root", &claims(), &[ada, bo]), "wrong-kind");
    bad("something behind it", trailed(&ADA.certificate()), "malformed/trailing");
    bad(
        "a bit of a signature turned",
        flipped(&ADA.certificate(), ADA.certificate().len() - 1),
        "bad-signature",
    );
    memberships(&mut f);
    f
}

fn memberships(f: &mut File) {
    let subject = |edit: &dyn Fn(&mut Value)| {
        let mut claims = ADA.claims();
        edit(claims.at(-70301));
        certify(&claims)
    };
    let rights = |list: &[u64]| subject(&|s| s.set(3, array(list.iter().map(|r| int(*r)))));
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    bad("without rights", rights(&[]), "bad-content");
    bad("with rights out of order", rights(&[2, 1]), "bad-content");
    bad("with an unknown right", rights(&[1, 6]), "malformed/out-of-range");
    bad("with the right to audit and another", rights(&[1, 5]), "bad-content");
    bad("of an agent that vets", subject(&|s| s.set(7, int(1))), "bad-content");
    bad(
        "of an agent marked with 2",
        certify(&{
            let mut claims = GATE.claims();
            claims.at(-70301).set(7, int(2));
            claims
        }),
        "bad-content",
    );
    bad(
        "with a receiving key of small order",
        subject(&|s| s.set(4, bytes([0; 32]))),
        "malformed/out-of-range",
    );
}

/// The card.
pub fn card() -> Value {
    map([
        (1, bytes(organisation())),
        (2, int(1)),
        (3, text("Example Works")),
        (4, array([bytes(root())])),
        (5, bytes(x25519(&seed("receiving Example Works")))),
        (6, catalogue()),
        (7, int(NOW - DAY)),
        (8, int(NOW + 60 * DAY)),
        (9, text("https://keys.example.com")),
    ])
}

/// The card, signed by these admins.
pub fn sign_card(body: &Value, admins: &[Member]) -> Vec<u8> {
    let signers: Vec<Cosigner> = admins.iter().map(|m| (m.seed(), Some(m.certificate()))).collect();
    sign_value("card", &body.encode(), &signers).encode()
}

/// Cards.
pub fn cards() -> File {
    let given = json!({ "pinned": hex(sha256(&[&root()])), "now": NOW });
    let about =
        "Cards of an organisation whose root version 1 has the digest `pinned`, read at the time `now`.";
    let mut f = File::new("card", about, given);
    let says = json!({ "organisation": crockford(&organisation()), "version": 1, "name": "Example Works", "relay": "https://keys.example.com" });
    f.good("signed by two admins", &sign_card(&card(), &[ADA, BO]), &card(), json!({}), says);
    let second = second();
    let rotated = sign("root", &second, &["ada", "bo", "cy"].map(certifying));
    let newer = card().with(4, array([bytes(root()), bytes(rotated)])).without(9);
    let certified =
        |m: Member| (m.seed(), Some(sign("certificate", &m.claims(), &["ada", "cy"].map(certifying))));
    let document = sign_value("card", &newer.encode(), &[certified(ADA), certified(BO)]).encode();
    f.good(
        "under version 2 of the root, without a relay",
        &document,
        &newer,
        json!({}),
        json!({ "version": 1 }),
    );

    card_signers(&mut f);
    card_contents(&mut f);
    let pinned = json!({ "pinned": hex(sha256(&[&other_root()])) });
    f.bad("where another root is pinned", &sign_card(&card(), &[ADA, BO]), pinned, "wrong-organisation");
    f
}

fn card_signers(f: &mut File) {
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    bad("one admin twice, on two desks", sign_card(&card(), &[ADA, ADA_LAPTOP]), "too-few-signers");
    bad("one signature", sign_card(&card(), &[ADA]), "too-few-signers");
    bad("signed by a member who is no admin", sign_card(&card(), &[ADA, CY]), "wrong-key");
    let stranger = (BO.seed(), Some(sign("certificate", &BO.claims(), &["eve", "mallory"].map(certifying))));
    let document =
        sign_value("card", &card().encode(), &[(ADA.seed(), Some(ADA.certificate())), stranger]).encode();
    bad("a certificate by another organisation", document, "wrong-key");
    let document = sign_value("card", &card().encode(), &[(ADA.seed(), None), (BO.seed(), None)]).encode();
    bad("without certificates", document, "wrong-headers");
}

fn card_contents(f: &mut File) {
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    let admins = [ADA, BO];
    bad("expired", sign_card(&card().with(8, int(NOW)), &admins), "wrong-time");
    bad("from the future", sign_card(&card().with(7, int(NOW + 121)), &admins), "wrong-time");
    bad(
        "valid for more than 90 days",
        sign_card(&card().with(8, int(NOW + 90 * DAY)), &admins),
        "wrong-time",
    );
    bad(
        "of another organisation",
        sign_card(&card().with(1, bytes(id("Other Works"))), &admins),
        "wrong-organisation",
    );
    bad("without a root", sign_card(&card().with(4, array([])), &admins), "too-few-signers");
    bad(
        "a relay without TLS",
        sign_card(&card().with(9, text("http://keys.example.com")), &admins),
        "bad-content",
    );
    bad(
        "a relay with a path",
        sign_card(&card().with(9, text("https://keys.example.com/relay")), &admins),
        "bad-content",
    );
    let lies = sign_card(&card().with(9, text("http://127.0.0.1:80@keys.example.com")), &admins);
    bad("a relay that only begins like this computer", lies, "bad-content");
    let mut doubled = card();
    let services = doubled.at(6).at(2).items();
    services.push(services[0].clone());
    bad("two services of one name", sign_card(&doubled, &admins), "bad-content");
    for (name, path) in
        [("that climbs", "/v1/../admin"), ("with a query", "/v1?all"), ("without a slash", "v1")]
    {
        let mut other = card();
        let scope = other.at(6).at(2).items()[0].at(5).items()[0].at(3);
        scope.items()[0].set(2, text(path));
        bad(&format!("a path {name}"), sign_card(&other, &admins), "malformed/out-of-range");
    }
    let later = sign("root", &second(), &["ada", "bo", "cy"].map(certifying));
    let later = card().with(4, array([bytes(later)]));
    bad("roots that begin with version 2", sign_card(&later, &admins), "wrong-key");
    let mut wide = card();
    wide.at(6).at(2).items()[0].at(4).items()[0].set(4, int(731));
    bad("a lifetime of 731 days", sign_card(&wide, &admins), "bad-content");
    bad("signed as a certificate", sign("certificate", &card(), &[ADA.seed(), BO.seed()]), "wrong-kind");
    bad("something behind it", trailed(&sign_card(&card(), &admins)), "malformed/trailing");
}
