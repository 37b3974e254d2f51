//! Envelopes whose grant two people did not sign so, or does not allow so: lines R31 to R46 of `spec/envelope.md`.

use serde_json::json;

use super::{
    envelope::{Plan, Proof},
    raw::{Value, array, bytes, id, int, map, sha256, sign, text},
    refused::Refused,
    refused_inside::{delivery, granted},
    world::{
        ADA, ADA_LAPTOP, BO, CY, DAY, DEE, GATE, Member, NOW, TWIN, certify, certifying, head, hex, scope,
    },
};

fn signed_by(proofs: Vec<Proof>) -> Plan {
    Plan { proofs, ..Plan::default() }
}

fn first(edit: impl Fn(&mut Proof)) -> Plan {
    let mut ada = Proof::new(ADA, 1);
    edit(&mut ada);
    signed_by(vec![ada, Proof::new(BO, 2)])
}

fn first_certified(edit: impl Fn(&mut Value)) -> Plan {
    let mut claims = ADA.claims();
    edit(&mut claims);
    first(|p| p.certificate = certify(&claims))
}

/// What one signature under the grant must be.
pub fn approvals(r: &mut Refused) {
    let by = |a: &str, b: &str| sign("certificate", &ADA.claims(), &[certifying(a), certifying(b)]);
    r.plan(
        "R31",
        "a signer certified by another organisation",
        "approvals/wrong-key",
        &first(|p| p.certificate = by("eve", "mallory")),
    );
    let one = sign("certificate", &ADA.claims(), &[certifying("bo")]);
    r.plan(
        "R31",
        "a signer certified by one certifying key",
        "approvals/too-few-signers",
        &first(|p| p.certificate.clone_from(&one)),
    );
    let expired = first_certified(|c| c.set(4, int(NOW)));
    r.plan("R32", "a signer whose certificate expired", "approvals/wrong-time", &expired);
    let late = first_certified(|c| c.set(6, int(NOW - 60)));
    r.plan("R32", "a signer certified after signing", "approvals/wrong-time", &late);
    let until = |end: u64, exp: u64| {
        let mut plan = first_certified(|c| c.set(4, int(end)));
        plan.claims.set(4, int(exp));
        plan
    };
    r.given(
        "R32",
        "a signer whose certificate expired since",
        "approvals/wrong-time",
        &until(NOW + DAY, NOW + DAY),
        json!({ "now": NOW + DAY }),
    );
    r.plan(
        "R32",
        "a signer whose certificate ends a second before the envelope",
        "approvals/wrong-time",
        &until(NOW + 14 * DAY - 1, NOW + 14 * DAY),
    );
    approved(r);
    rights_and_times(r);
}

fn approved(r: &mut Refused) {
    let bad = "approvals/bad-signature";
    r.plan("R33", "an approval signed by somebody else", bad, &first(|p| p.member = DEE));
    r.plan("R33", "an approval signed as a receipt", bad, &first(|p| p.word = "receipt"));
    r.plan(
        "R27",
        "plaintext: a third kind of approval",
        "document/malformed/out-of-range",
        &first(|p| p.approval.set(2, int(3))),
    );
    let proof = |edit| delivery(edit);
    r.plan(
        "R33",
        "a bit of an approval's signature turned",
        bad,
        &proof(|d| {
            if let Value::Bytes(signature) = d.at(7).items()[0].at(6) {
                *signature.last_mut().unwrap_or(&mut 0) ^= 1;
            }
        }),
    );
    r.plan("R33", "another step than was signed", bad, &proof(|d| d.at(7).items()[1].set(2, int(1))));
    r.plan("R33", "another head than was signed", bad, &proof(|d| d.at(7).items()[0].set(3, head(42))));
    r.plan("R33", "another time than was signed", bad, &proof(|d| d.at(7).items()[0].set(4, int(NOW - 7))));
    r.plan(
        "R33",
        "another id than was signed",
        bad,
        &proof(|d| d.at(7).items()[0].set(5, bytes(id("approval two")))),
    );
    r.plan("R34", "an approval over another grant", bad, &first(|p| p.approval.set(1, bytes([1; 32]))));
    r.plan(
        "R34",
        "both approvals over another grant",
        bad,
        &signed_by(
            [(ADA, 1), (BO, 2)]
                .map(|(m, s)| {
                    let mut proof = Proof::new(m, s);
                    proof.approval.set(1, bytes(sha256(&[b"another grant"])));
                    proof
                })
                .to_vec(),
        ),
    );
}

fn rights_and_times(r: &mut Refused) {
    r.plan(
        "R35",
        "vetted by a member who may not vet",
        "approvals/wrong-key",
        &signed_by(vec![Proof::new(DEE, 1), Proof::new(BO, 2)]),
    );
    r.plan(
        "R35",
        "countersigned by a member who may not approve",
        "approvals/wrong-key",
        &signed_by(vec![Proof::new(ADA, 1), Proof::new(CY, 2)]),
    );
    r.plan(
        "R35",
        "countersigned by an agent",
        "approvals/wrong-key",
        &signed_by(vec![Proof::new(ADA, 1), Proof::new(GATE, 2)]),
    );
    let issued = |time: u64| first(|p| p.approval.set(6, int(time)));
    r.plan("R36", "an approval older than 14 days", "approvals/wrong-time", &{
        let mut plan = first_certified(|c| {
            c.set(6, int(NOW - 20 * DAY));
            c.set(4, int(NOW + 60 * DAY));
        });
        plan.proofs[0].approval.set(6, int(NOW - 14 * DAY - 1));
        plan
    });
    r.plan("R36", "an approval later than the envelope", "approvals/wrong-time", &issued(NOW + 121));
    r.plan("R37", "another salt", "approvals/bad-content", &first(|p| p.salt = [7; 16]));
    r.plan("R37", "another name", "approvals/bad-content", &first(|p| p.name = "Eve Example"));
}

/// What the signatures under the grant must be together.
pub fn signers(r: &mut Refused) {
    let two = |first: Member, second: Member| signed_by(vec![Proof::new(first, 1), Proof::new(second, 2)]);
    r.plan("R38", "one person on two desks", "approvals/too-few-signers", &two(ADA, ADA_LAPTOP));
    r.plan("R38", "one key certified for two persons", "approvals/too-few-signers", &two(ADA, TWIN));
    let mut both = Proof::new(BO, 1);
    let mut claims = BO.claims();
    claims.at(-70301).set(3, array([1, 2, 3].map(int)));
    both.certificate = certify(&claims);
    let mut again = Proof::new(BO, 2);
    again.certificate.clone_from(&both.certificate);
    r.plan("R38", "one person who may do both", "approvals/too-few-signers", &signed_by(vec![both, again]));
    let mut desk = DEE.claims();
    let member = ADA.claims().at(-70301).at(2).clone();
    desk.at(-70301).set(2, member);
    let mut shared = Proof::new(DEE, 2);
    shared.certificate = certify(&desk);
    r.plan(
        "R38",
        "one desk certified for two persons",
        "approvals/too-few-signers",
        &signed_by(vec![Proof::new(ADA, 1), shared]),
    );
    let three = vec![Proof::new(ADA, 1), Proof::new(BO, 2), Proof::new(BO, 2)];
    r.plan("R38", "the second signature twice", "approvals/too-few-signers", &signed_by(three));
    r.plan("R39", "vetted only", "approvals/too-few-signers", &signed_by(vec![Proof::new(ADA, 1)]));
    r.plan("R39", "countersigned only", "approvals/too-few-signers", &signed_by(vec![Proof::new(BO, 2)]));
    r.plan(
        "R39",
        "countersigned twice, never vetted",
        "approvals/too-few-signers",
        &signed_by(vec![Proof::new(DEE, 2), Proof::new(BO, 2)]),
    );
    r.plan("R39", "no signature", "approvals/too-few-signers", &signed_by(Vec::new()));
    let mut claims = DEE.claims();
    claims.at(-70301).set(3, array([int(1)]));
    let mut dee = Proof::new(DEE, 1);
    dee.certificate = certify(&claims);
    r.plan("R39", "vetted twice", "approvals/too-few-signers", &signed_by(vec![Proof::new(ADA, 1), dee]));
}

/// What the grant does not allow.
pub fn beyond(r: &mut Refused) {
    let places = |edit| delivery(edit);
    let beyond = "beyond-grant";
    r.plan("R40", "a scope that was not granted", beyond, &places(|d| d.set(5, array([0, 2].map(int)))));
    r.plan(
        "R40",
        "a scope beyond all numbers",
        beyond,
        &places(|d| d.set(5, Value::Raw([vec![0x81, 0x1b], vec![0xff; 8]].concat()))),
    );
    r.plan("R40", "no scope", beyond, &places(|d| d.set(5, array([]))));
    r.plan("R40", "scopes out of order", beyond, &places(|d| d.set(5, array([1, 0].map(int)))));
    r.plan("R40", "a scope twice", beyond, &places(|d| d.set(5, array([0, 0].map(int)))));
    let narrow = granted(12, array([scope("orders:read", 1, &[1], "/v1/orders/*")]));
    r.plan("R40", "a grant for one scope only", beyond, &narrow);
    unsound(r);
    r.plan(
        "R42",
        "a key that outlives its grant",
        "beyond-grant",
        &delivery(|d| d.set(3, int(NOW + 60 * DAY + 1))),
    );
    r.plan("R43", "sealed later than the grant allows", "late", &granted(16, int(NOW - 1)));
    let expired = Plan { delivery: |d| d.set(3, int(NOW + 5 * DAY)), ..Plan::default() };
    r.given("R44", "the key expired", "key-expired", &expired, json!({ "now": NOW + 5 * DAY }));
    let given = json!({ "now": NOW + 5 * DAY - 60, "highest": NOW + 5 * DAY });
    r.given("R44", "the key expired by what was verified", "key-expired", &expired, given);
    let memory = |deliveries: u64, newest: u64| json!({ "memory": { "opened": [hex(id("envelope zero"))], "deliveries": deliveries, "newest": newest } });
    r.given(
        "R45",
        "a fourth delivery where two rotations are allowed",
        "too-many-deliveries",
        &Plan::default(),
        memory(3, 0),
    );
    r.given(
        "R45",
        "a second delivery where none is allowed",
        "too-many-deliveries",
        &granted(17, int(0)),
        memory(1, 0),
    );
    r.given("R46", "the sequence number opened last", "superseded", &Plan::default(), memory(1, 1));
    r.given("R46", "an older sequence number", "superseded", &Plan::default(), memory(1, 9));
}

/// Grants that break a rule of their own, signed by two people all the same.
fn unsound(r: &mut Refused) {
    let read = || scope("orders:read", 1, &[1, 2], "/v1/orders/*");
    let write = || scope("orders:write", 2, &[3, 4], "/v1/orders");
    let closed = map([(1, text("orders:write")), (2, int(2)), (3, array([]))]);
    let grants = [
        ("a scope twice", 12, array([read(), read()])),
        ("scopes out of order", 12, array([write(), read()])),
        ("one name for two scopes", 12, array([read(), scope("orders:read", 2, &[3], "/v1/orders")])),
        ("a scope that opens nothing", 12, array([read(), closed])),
        ("methods out of order", 12, array([read(), scope("orders:write", 2, &[4, 3], "/v1/orders")])),
        ("a network twice", 13, array(["203.0.113.0/24", "203.0.113.0/24"].map(text))),
        ("networks out of order", 13, array(["203.0.113.0/24", "198.51.100.0/24"].map(text))),
        ("a base URL without TLS", 14, text("http://api.example.com/v1")),
        ("an end before its delivery", 16, int(NOW + 60 * DAY + 1)),
        ("a new key in somebody's lineage", 2, bytes(id("grant zero"))),
        ("a new key that renews", 4, bytes(id("grant zero"))),
        ("a renewal of nothing", 3, int(2)),
    ];
    for (name, label, value) in grants {
        r.plan("R41", &format!("a grant with {name}"), "grant/bad-content", &granted(label, value));
    }
    let mut own = granted(3, int(2));
    own.grant.set(4, bytes(id("grant one")));
    r.plan("R41", "a grant that renews itself", "grant/bad-content", &own);
    let none = Plan { delivery: |d| d.set(5, array([])), ..granted(12, array([])) };
    r.plan("R41", "a grant without a scope", "grant/bad-content", &none);
}
