//! What a relay refuses of members, and what everybody refuses of tickets, invitations and answers: one flaw each.

use serde_json::{Value as Json, json};

use super::{
    envelope::Plan,
    file::{File, flipped, trailed},
    organisation::{card, sign_card},
    raw::{Value, array, bytes, id, int, map, seed, sha256, sign, sign1, text},
    relay::{
        by_member, certified, dispatches, invitation, inviting, push, removes, ticket, tickets, uploads,
        waits, withdraws,
    },
    relay_refused::why,
    world::{ADA, BO, CY, DAY, DEE, GATE, Member, NOW, certify, certifying, hex, other_root},
};

/// Adds all of them.
pub fn members(f: &mut File) {
    signed_by_members(f);
    member_acts(f);
    ticket_terms(f);
    parts(f);
    bodies(f);
    answers(f);
}

/// A certificate by two founders of another organisation.
pub fn stranger(member: Member) -> Vec<u8> {
    sign("certificate", &member.claims(), &["eve", "mallory"].map(certifying))
}

/// A certificate with other rights.
pub fn with_rights(member: Member, rights: &[u64]) -> Vec<u8> {
    let mut claims = member.claims();
    claims.at(-70301).set(3, array(rights.iter().map(|r| int(*r))));
    certify(&claims)
}

/// A certificate that ends at this second.
pub fn ended(member: Member) -> Vec<u8> {
    certify(&member.claims().with(6, int(NOW - 30 * DAY)).with(4, int(NOW)))
}

/// Flaws that every certified kind can have, by a member who may do all of it.
fn signed_by_members(f: &mut File) {
    let seed = BO.seed();
    let acts = [
        ("upload", uploads(&Plan::default().build())),
        ("withdraw", withdraws()),
        ("dispatch", dispatches()),
        ("removal", removes()),
        ("ticket", tickets()),
    ];
    for (kind, body) in acts {
        let mut bad = |name: &str, document: Vec<u8>, reason: &str| {
            push(f, kind, &format!("{kind}: {name}"), &document, why(reason));
        };
        let with = |certificate: &[u8]| certified(kind, &body, &seed, certificate);
        bad("with the certificate of somebody else", with(&ADA.certificate()), "wrong-key");
        bad("with a certificate by another organisation", with(&stranger(BO)), "wrong-key");
        bad(
            "with a certificate that nobody signed",
            with(&sign("certificate", &BO.claims(), &[])),
            "too-few-signers",
        );
        let half = sign("certificate", &BO.claims(), &[certifying("ada")]);
        bad("with a certificate that one person signed", with(&half), "too-few-signers");
        let broken = flipped(&BO.certificate(), BO.certificate().len() - 1);
        bad("with a certificate that is a bit another", with(&broken), "bad-signature");
        bad("with a root for a certificate", with(&other_root()), "wrong-kind");
        bad("without a certificate", sign1(kind, &body, &seed), "wrong-headers");
        let other = ["upload", "dispatch"].into_iter().find(|word| *word != kind).unwrap_or_default();
        bad(&format!("signed as a {other}"), by_member(other, &body, BO), "wrong-kind");
        let document = by_member(kind, &body, BO);
        bad("a bit of the signature turned", flipped(&document, document.len() - 1), "bad-signature");
        bad("something behind it", trailed(&document), "malformed/trailing");
        let mut labels = body.clone();
        for (label, _) in labels.pairs() {
            let without = by_member(kind, &body.clone().without(*label), BO);
            bad(&format!("without label {label}"), without, "malformed/missing-label");
        }
        bad(
            "an unknown label",
            by_member(kind, &body.clone().with(6, int(0)), BO),
            "malformed/unknown-label",
        );
        if kind != "ticket" {
            bad("with a certificate that has ended", with(&ended(BO)), "wrong-time");
            bad(
                "with a certificate that begins later",
                with(&certify(&BO.claims().with(6, int(NOW + 121)))),
                "wrong-time",
            );
        }
        bad("by an auditor", with(&with_rights(BO, &[5])), "wrong-key");
    }
}

fn member_acts(f: &mut File) {
    let envelope = Plan::default().build();
    let body = uploads(&envelope);
    let mut bad = |kind: &str, name: &str, body: &Value, member: Member, given: Json, reason: &str| {
        push(f, kind, name, &by_member(kind, body, member), json!({ "given": given, "reason": reason }));
    };
    bad("upload", "by a member who does not issue", &body, ADA, json!({}), "wrong-key");
    bad("removal", "by a member who is no admin", &removes(), CY, json!({}), "wrong-key");
    bad("removal", "by an agent", &removes(), GATE, json!({}), "wrong-key");
    let small = body.clone().with(4, bytes([0; 32]));
    bad("upload", "with a pick-up key of small order", &small, BO, json!({}), "malformed/out-of-range");
    bad(
        "upload",
        "for a recipient of 31 bytes",
        &body.clone().with(3, bytes([3; 31])),
        BO,
        json!({}),
        "malformed/out-of-range",
    );
    let beside = |envelope: &[u8]| json!({ "envelope": hex(envelope) });
    let other =
        Plan { claims: Plan::default().claims.with(7, bytes(id("envelope two"))), ..Plan::default() }.build();
    let another = Plan { secret: seed("link secret two"), ..Plan::default() }.build();
    bad("upload", "of another envelope", &body, BO, beside(&another), "bad-content");
    bad(
        "upload",
        "under another cti than the envelope's",
        &uploads(&other),
        BO,
        beside(&other),
        "bad-content",
    );
    let forged = flipped(&envelope, envelope.len() - 1);
    bad(
        "upload",
        "of an envelope that does not verify",
        &uploads(&forged),
        BO,
        beside(&forged),
        "document/bad-signature",
    );
    let unsealed = Plan { sealer: ADA, certificate: ADA.certificate(), ..Plan::default() }.build();
    bad(
        "upload",
        "of an envelope by a member who does not issue",
        &uploads(&unsealed),
        BO,
        beside(&unsealed),
        "sealer-right",
    );
    let letter = json!({ "letter": hex(b"another letter") });
    bad("dispatch", "of another letter", &dispatches(), ADA, letter, "bad-content");
    bad("removal", "of nobody", &removes().with(2, bytes([])), BO, json!({}), "malformed/out-of-range");
}

fn ticket_terms(f: &mut File) {
    let mut bad = |name: &str, body: Value, member: Member, reason: &str| {
        push(f, "ticket", name, &by_member("ticket", &body, member), why(reason));
    };
    bad("a ticket for more than 90 days", tickets().with(5, int(NOW + 89 * DAY + 1)), DEE, "wrong-time");
    bad("a ticket that ends when it begins", tickets().with(5, int(NOW - DAY)), DEE, "wrong-time");
    bad("a ticket that ends before it begins", tickets().with(5, int(NOW - 2 * DAY)), DEE, "wrong-time");
    bad(
        "a ticket older than the certificate",
        tickets().with(4, int(NOW - 10 * DAY - 121)),
        DEE,
        "wrong-time",
    );
    let late = tickets().with(4, int(NOW + 80 * DAY)).with(5, int(NOW + 81 * DAY));
    bad("a ticket made when the certificate has ended", late, DEE, "wrong-time");
    bad(
        "a ticket for another organisation",
        tickets().with(1, bytes(id("Other Works"))),
        DEE,
        "wrong-organisation",
    );
    bad("a ticket by a member who only issues", tickets(), CY, "wrong-key");
    bad("a ticket by an agent", tickets(), GATE, "wrong-key");
    bad("a ticket with an id of 15 bytes", tickets().with(2, bytes([2; 15])), DEE, "malformed/out-of-range");
    bad(
        "a ticket with a key of small order",
        tickets().with(3, bytes([0; 32])),
        DEE,
        "malformed/out-of-range",
    );
}

fn parts(f: &mut File) {
    let (inviting, ticket, key) = (inviting(), ticket(), seed("ticket one"));
    let mut bad =
        |name: &str, document: Vec<u8>, reason: &str| push(f, "invitation", name, &document, why(reason));
    let none = "no-invitation";
    bad("with a seed of 31 bytes", invitation(&[&inviting, &ticket, &key[..31]]), none);
    bad("with a seed of 33 bytes", invitation(&[&inviting, &ticket, &[7; 33]]), none);
    bad("of four parts", invitation(&[&inviting, &ticket, &key, &[]]), none);
    bad("of two parts", invitation(&[&inviting, &ticket]), none);
    bad("with text for a card", array([text("card"), bytes(&ticket), bytes(key)]).encode(), none);
    bad("as a map", map([(1, bytes(&inviting)), (2, bytes(&ticket)), (3, bytes(key))]).encode(), none);
    bad("an invitation with something behind it", trailed(&invitation(&[&inviting, &ticket, &key])), none);
    bad("with the seed of another key", invitation(&[&inviting, &ticket, &seed("ticket two")]), "wrong-key");
    bad("with card and ticket exchanged", invitation(&[&ticket, &inviting, &key]), "malformed/wrong-type");
    let elsewhere = by_member("ticket", &tickets().with(1, bytes(id("Other Works"))), DEE);
    bad(
        "with a ticket of another organisation",
        invitation(&[&inviting, &elsewhere, &key]),
        "wrong-organisation",
    );
    let foreign = certified("ticket", &tickets(), &DEE.seed(), &stranger(DEE));
    bad("with a ticket under another root", invitation(&[&inviting, &foreign, &key]), "wrong-key");
    let unreachable = sign_card(&card().without(9), &[ADA, BO]);
    bad("with a card that names no relay", invitation(&[&unreachable, &ticket, &key]), "bad-content");
    let over = by_member("ticket", &tickets().with(5, int(NOW)), DEE);
    bad("with a ticket that ends at this second", invitation(&[&inviting, &over, &key]), "wrong-time");
    let document = invitation(&[&inviting, &ticket, &key]);
    let pinned =
        json!({ "given": { "pinned": hex(sha256(&[&other_root()])) }, "reason": "wrong-organisation" });
    push(f, "invitation", "of an organisation that is not the pinned one", &document, pinned);
    let later = json!({ "given": { "now": NOW + 60 * DAY }, "reason": "wrong-time" });
    let lasting = by_member("ticket", &tickets().with(5, int(NOW + 80 * DAY)), DEE);
    let document = invitation(&[&inviting, &lasting, &key]);
    push(f, "invitation", "with a card that has ended", &document, later);
}

fn bodies(f: &mut File) {
    let mut bad = |name: &str, document: Vec<u8>, reason: &str| push(f, "body", name, &document, why(reason));
    bad("a body of five", invitation(&[&[], &[], &[], &[], &[]]), "malformed/out-of-range");
    bad("a body without parts", invitation(&[]), "malformed/out-of-range");
    bad("a body of nothing", Vec::new(), "malformed/truncated");
    bad("a body with a number", array([bytes([1]), int(1)]).encode(), "malformed/wrong-type");
    bad("a body with something behind it", trailed(&invitation(&[&[1]])), "malformed/trailing");
    bad("a body with a length in two bytes too many", vec![0x81, 0x59, 0, 1, 7], "malformed/not-shortest");
    bad("a body that ends early", vec![0x82, 0x41, 7], "malformed/truncated");
    let head = hex([0x81, 0x5a, 0, 2, 0x80, 0]);
    f.push_bad(json!({
        "kind": "body", "name": "a body larger than 160 KiB", "document": head, "append_zeros": 160 * 1024, "given": {},
        "reason": "malformed/too-large",
    }));
}

fn answers(f: &mut File) {
    let mut bad =
        |kind: &str, name: &str, body: Value, reason: &str| push(f, kind, name, &body.encode(), why(reason));
    let outcome = |code: u64| map([(1, int(code)), (2, int(NOW))]);
    bad("outcome", "an outcome of 0", outcome(0), "malformed/out-of-range");
    bad("outcome", "an outcome of 5", outcome(5), "malformed/out-of-range");
    bad("outcome", "an outcome that only says when", outcome(1).without(1), "malformed/missing-label");
    bad("outcome", "an outcome with a third label", outcome(1).with(3, int(0)), "malformed/unknown-label");
    let mut changed = |name: &str, edit: fn(&mut Value), reason: &str| {
        let mut body = waits();
        edit(&mut body);
        bad("mail", name, body, reason);
    };
    changed("without letters", |m| m.drop(1), "malformed/missing-label");
    changed("without parcels", |m| m.drop(2), "malformed/missing-label");
    changed("a letter without its number", |m| m.at(1).items()[0].drop(1), "malformed/missing-label");
    changed("a letter as text", |m| m.at(1).items()[0].set(3, text("letter")), "malformed/wrong-type");
    changed("a parcel in state 0", |m| m.at(2).items()[0].set(2, int(0)), "malformed/out-of-range");
    changed("a parcel in state 6", |m| m.at(2).items()[0].set(2, int(6)), "malformed/out-of-range");
    changed("a parcel without a time", |m| m.at(2).items()[0].drop(3), "malformed/missing-label");
    changed("a parcel fetched at a word", |m| m.at(2).items()[1].set(4, text("now")), "malformed/wrong-type");
    changed("a parcel with a fifth label", |m| m.at(2).items()[1].set(5, int(0)), "malformed/unknown-label");
    changed("with a third list", |m| m.set(3, array([])), "malformed/unknown-label");
    let behind = trailed(&waits().encode());
    push(f, "mail", "mail with something behind it", &behind, why("malformed/trailing"));
}
