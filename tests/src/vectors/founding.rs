//! What two founders exchange: Ada offers, Bo answers, and the root of all other vectors comes of it.

use serde_json::json;

use super::{
    file::{File, flipped, trailed},
    raw::{
        Value, array, bytes, ed25519, id, int, map, plain_header, seed, sha256, sign, sign_value, sign1,
        sign1_value, text, x25519,
    },
    world::{
        ADA, BO, DAY, DEE, Member, NOW, certifiers, certifying, crockford, hex, organisation, root,
        root_claims,
    },
};

/// When Bo answered, and the root was made.
const ANSWERED: u64 = NOW - 100 * DAY;

/// The identity card of a member to be.
pub fn identity(member: &Member) -> Value {
    map([
        (1, bytes(ed25519(&member.seed()))),
        (2, bytes(x25519(&member.receiving()))),
        (3, int(ANSWERED - 2 * DAY)),
        (4, bytes(ed25519(&member.checkpoint()))),
        (5, text(member.display)),
    ])
}

/// A person's part, with certifying and offline keys of these names.
pub fn part(member: &Member, certifying_key: &str, offline: &str) -> Value {
    map([
        (1, bytes(id(member.person))),
        (2, bytes(id(&format!("member {} {}", member.person, member.desk)))),
        (3, bytes(sign1("identity-card", &identity(member), &member.seed()))),
        (4, bytes(ed25519(&certifying(certifying_key)))),
        (5, bytes(ed25519(&seed(offline)))),
        (6, bytes(member.salt())),
    ])
}

/// The same part with another identity card.
pub fn with_card(mut part: Value, card: &[u8]) -> Value {
    part.set(3, bytes(card));
    part
}

/// One signature under a jointly signed document, as a byte string.
pub fn cosigned(word: &str, payload: &Value, signer: [u8; 32]) -> Value {
    let mut whole = sign_value(word, &payload.encode(), &[(signer, None)]);
    let mut parts = whole.items().pop().unwrap_or_else(|| array([]));
    bytes(parts.items()[0].encode())
}

/// The certificate that both draw up for a member: all that two people need, for 90 days.
pub fn certificate(member: &Member, made: u64) -> Value {
    let mut claims = member.claims().with(4, int(made + 90 * DAY)).with(6, int(made));
    claims.at(-70301).set(3, array([1, 2, 3, 4].map(int)));
    claims
}

/// Ada's offer.
fn offer() -> Value {
    map([
        (1, bytes(organisation())),
        (2, text("Example Works")),
        (3, part(&ADA, "ada", "offline left")),
        (4, int(ANSWERED - DAY)),
    ])
}

fn sign_offer(body: &Value) -> Vec<u8> {
    sign1("founding-offer", body, &ADA.seed())
}

/// Bo's answer to an offer: root and certificates as Bo drew them up.
fn answer(offer: &[u8], root: &Value, certificates: [&Value; 2]) -> Value {
    map([
        (1, bytes(sha256(&[offer]))),
        (2, part(&BO, "bo", "offline right")),
        (3, int(ANSWERED)),
        (4, cosigned("root", root, certifying("bo"))),
        (5, array(certificates.map(|c| cosigned("certificate", c, certifying("bo"))))),
    ])
}

fn usual_answer() -> Value {
    let (ada, bo) = (certificate(&ADA, ANSWERED), certificate(&BO, ANSWERED));
    answer(&sign_offer(&offer()), &root_claims(), [&ada, &bo])
}

fn sign_answer(body: &Value) -> Vec<u8> {
    sign1("founding-answer", body, &BO.seed())
}

/// What is wrong with any paper, whoever's: its headers, its signature, its part. `body` holds the part of `signer` under
/// `label`.
pub fn papers_to_refuse(f: &mut File, word: &str, body: &Value, label: i64, signer: &Member) {
    let own = signer.seed();
    let good = sign1(word, body, &own);
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| f.bad(name, &document, json!({}), reason);
    bad("signed by another key", sign1(word, body, &DEE.seed()), "document/wrong-key");
    let lie = sign1_value(&plain_header(word, &own), &body.encode(), &DEE.seed());
    bad("signed by another key under its own name", lie.encode(), "document/bad-signature");
    bad("signed as an identity card", sign1("identity-card", body, &own), "document/wrong-kind");
    let certified = plain_header(word, &own).with(13, bytes(signer.certificate()));
    bad(
        "with a certificate",
        sign1_value(&certified, &body.encode(), &own).encode(),
        "document/wrong-headers",
    );
    bad("a bit of the payload turned", flipped(&good, good.len() - 100), "document/bad-signature");
    bad("something behind it", trailed(&good), "document/malformed/trailing");
    bad(
        "an unknown label",
        sign1(word, &body.clone().with(20, int(1)), &own),
        "document/malformed/unknown-label",
    );
    let part = |edit: &dyn Fn(&mut Value)| {
        let mut body = body.clone();
        edit(body.at(label));
        sign1(word, &body, &own)
    };
    bad("a part without its salt", part(&|p| p.drop(6)), "document/malformed/missing-label");
    bad("a salt of 15 bytes", part(&|p| p.set(6, bytes([1; 15]))), "document/malformed/out-of-range");
    bad(
        "a certifying key of small order",
        part(&|p| p.set(4, bytes([0; 32]))),
        "document/malformed/out-of-range",
    );
    bad(
        "an offline key of small order",
        part(&|p| p.set(5, bytes([0; 32]))),
        "document/malformed/out-of-range",
    );
    let with_card =
        |card: Value, key: [u8; 32]| part(&|p| p.set(3, bytes(sign1("identity-card", &card, &key))));
    let card = || identity(signer);
    bad("an identity card by another key", with_card(card(), DEE.seed()), "identity/wrong-key");
    bad("an identity card without a checkpoint key", with_card(card().without(4), own), "no-member");
    bad("an identity card without a name", with_card(card().without(5), own), "no-member");
    let mixed = card().with(5, text("\u{410}da Example"));
    bad("a name with a Cyrillic letter among Latin ones", with_card(mixed, own), "name/mixed-scripts");
}

/// Offers of a founding.
pub fn founding_offers() -> File {
    let about = "What the first founder sends. The part's keys are in keys.json.";
    let mut f = File::new("founding-offer", about, json!({}));
    let says = json!({ "organisation": crockford(&organisation()), "name": "Example Works", "made": ANSWERED - DAY });
    f.good("of an organisation", &sign_offer(&offer()), &offer(), json!({}), says);
    let sample = offer().with(5, int(1));
    f.good("of a sample", &sign_offer(&sample), &sample, json!({}), json!({ "sample": 1 }));
    let both = offer().with(2, text("株式会社 ABC"));
    let written = json!({ "name": "株式会社 ABC" });
    f.good("of a name in scripts that go together", &sign_offer(&both), &both, json!({}), written);
    papers_to_refuse(&mut f, "founding-offer", &offer(), 3, &ADA);
    let mut bad = |name: &str, body: Value, reason: &str| f.bad(name, &sign_offer(&body), json!({}), reason);
    bad(
        "an organisation's name of two scripts",
        offer().with(2, text("Ex\u{430}mple Works")),
        "name/mixed-scripts",
    );
    bad("an organisation without a name", offer().without(2), "document/malformed/missing-label");
    bad("a sample marked with 2", offer().with(5, int(2)), "document/bad-content");
    bad("no sample marked with 0", offer().with(5, int(0)), "document/bad-content");
    f
}

/// Answers of a founding.
pub fn founding_answers() -> File {
    let about = "What the second founder sends back. `offer` is what it answers; the offer holds. `certifying` is the \
                 seed of the first founder's certifying key, which completes root and certificates.";
    let given = json!({ "offer": hex(sign_offer(&offer())), "certifying": hex(certifying("ada")) });
    let mut f = File::new("founding-answer", about, given);
    let (ada, bo) = (certificate(&ADA, ANSWERED), certificate(&BO, ANSWERED));
    let founders = [certifying("ada"), certifying("bo")];
    let certificates = [&ada, &bo].map(|c| hex(sign("certificate", c, &founders)));
    let whole =
        |root: &Value| json!({ "root": hex(sign("root", root, &founders)), "certificates": certificates });
    assert_eq!(sign("root", &root_claims(), &founders), root(), "the root of all other vectors comes of it");
    f.good("to it", &sign_answer(&usual_answer()), &usual_answer(), json!({}), whole(&root_claims()));
    let offered = sign_offer(&offer().with(5, int(1)));
    let sample = root_claims().with(9, int(1));
    let body = answer(&offered, &sample, [&ada, &bo]);
    let given = json!({ "offer": hex(&offered), "certifying": hex(certifying("ada")) });
    f.good("to a sample", &sign_answer(&body), &body, given.clone(), whole(&sample));
    let unmarked = answer(&offered, &root_claims(), [&ada, &bo]);
    f.bad("to a sample, with a root without the mark", &sign_answer(&unmarked), given, "drawn/bad-signature");
    papers_to_refuse(&mut f, "founding-answer", &usual_answer(), 2, &BO);
    other_people(&mut f);
    other_things_signed(&mut f, &ada, &bo);
    f
}

fn other_people(f: &mut File) {
    let mut bad = |name: &str, body: &Value, key: [u8; 32], reason: &str| {
        f.bad(name, &sign1("founding-answer", body, &key), json!({}), reason);
    };
    let other = usual_answer().with(1, bytes(sha256(&[b"another offer"])));
    bad("to another offer", &other, BO.seed(), "other");
    let mut same = usual_answer();
    same.at(2).set(1, bytes(id("ada")));
    bad("by the same person", &same, BO.seed(), "same-person");
    let ada_again =
        with_card(part(&BO, "bo", "offline right"), &sign1("identity-card", &identity(&ADA), &ADA.seed()));
    bad("by the same signing key", &usual_answer().with(2, ada_again), ADA.seed(), "same-person");
    let shared = usual_answer().with(2, part(&BO, "ada", "offline right"));
    bad("with the certifying key of the first", &shared, BO.seed(), "document/too-few-signers");
}

fn other_things_signed(f: &mut File, ada: &Value, bo: &Value) {
    let mut bad = |name: &str, body: Value, reason: &str| f.bad(name, &sign_answer(&body), json!({}), reason);
    let by = |payload: &Value| cosigned("root", payload, certifying("bo"));
    let rooted = |payload: Value| usual_answer().with(4, by(&payload));
    let wrong = "drawn/bad-signature";
    bad(
        "a root that others would certify under",
        rooted(root_claims().with(3, certifiers(&["bo", "cy"]))),
        wrong,
    );
    bad("a root of another time", rooted(root_claims().with(6, int(ANSWERED + 1))), wrong);
    bad("a root with another successor", rooted(root_claims().with(5, bytes(sha256(&[b"else"])))), wrong);
    bad("a root of another organisation", rooted(root_claims().with(1, bytes(id("Other Works")))), wrong);
    bad("a time that is not that of the root", usual_answer().with(3, int(ANSWERED + 1)), wrong);
    let strange = cosigned("root", &root_claims(), certifying("cy"));
    bad("a root signed by another key", usual_answer().with(4, strange), "drawn/wrong-key");
    let as_certificate = cosigned("certificate", &root_claims(), certifying("bo"));
    bad("a root signed as a certificate", usual_answer().with(4, as_certificate), wrong);
    let nothing = usual_answer().with(4, bytes([]));
    bad("a root that is not signed", nothing, "document/malformed/truncated");
    let certified = |list: &[&Value]| {
        let parts = list.iter().map(|c| cosigned("certificate", c, certifying("bo")));
        usual_answer().with(5, array(parts))
    };
    let few = "drawn/too-few-signers";
    bad("one certificate", certified(&[ada]), few);
    bad("three certificates", certified(&[ada, bo, bo]), few);
    bad("the second's certificate first", certified(&[bo, ada]), wrong);
    let rights = |list: &[u64]| {
        let mut claims = bo.clone();
        claims.at(-70301).set(3, array(list.iter().map(|r| int(*r))));
        claims
    };
    bad("a certificate with fewer rights", certified(&[ada, &rights(&[1, 2, 3])]), wrong);
    bad(
        "a certificate that ends later",
        certified(&[ada, &bo.clone().with(4, int(ANSWERED + 91 * DAY))]),
        wrong,
    );
    let name = |member: &Member| sha256(&[b"countersign-name-v1", &member.salt(), b"Somebody Else"]);
    let mut renamed = bo.clone();
    renamed.at(-70301).set(6, bytes(name(&BO)));
    bad("a certificate for another name", certified(&[ada, &renamed]), wrong);
}
