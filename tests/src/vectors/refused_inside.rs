//! Envelopes that must be refused once they are decrypted: lines R26 to R46 of `spec/envelope.md`.

use serde_json::json;

use super::{
    envelope::{Edit, Plan, Proof},
    raw::{Value, array, bytes, id, int, kid, seed, sha256, sign, text, thumbprint, x25519},
    refused::Refused,
    world::{ADA, ADA_LAPTOP, BO, CY, DAY, DEE, GATE, Member, NOW, TWIN, certify, certifying, hex, scope},
};

fn delivery(edit: Edit) -> Plan {
    Plan { delivery: edit, ..Plan::default() }
}

fn granted(label: i64, value: Value) -> Plan {
    let mut plan = Plan::default();
    plan.grant.set(label, value);
    plan
}

/// Decryption, the plaintext's form, and what must be the same inside and outside.
pub fn inside(r: &mut Refused) {
    let stolen = Plan { sealer: CY, certificate: CY.certificate(), bound_to: Some(BO), ..Plan::default() };
    r.plan("R26", "stripped and signed again by another member", "decryption", &stolen);
    r.plan("R26", "mode_base under a psk_id", "decryption", &Plan { base: true, ..Plan::default() });
    let altered = |sealed| Plan { sealed, ..Plan::default() };
    r.plan("R26", "a bit of the ciphertext turned", "decryption", &altered(|s| {
        if let Value::Bytes(ciphertext) = &mut s.items()[2] {
            ciphertext[9] ^= 1;
        }
    }));
    r.plan("R26", "an empty ciphertext", "decryption", &altered(|s| s.items()[2] = bytes([])));
    r.plan("R26", "an ek of small order", "decryption", &altered(|s| s.items()[1].set(-4, bytes([0; 32]))));
    r.plan("R26", "an ek of another envelope", "decryption", &altered(|s| s.items()[1].set(-4, bytes(x25519(&seed("stranger"))))));

    r.plan("R27", "plaintext: an unknown label", "document/malformed/unknown-label", &delivery(|d| d.set(15, int(1))));
    r.plan("R27", "plaintext: no receipt nonce", "document/malformed/missing-label", &delivery(|d| d.drop(12)));
    r.plan("R27", "plaintext: no grant", "document/malformed/missing-label", &delivery(|d| d.drop(8)));
    r.plan("R27", "plaintext: a key of 15 characters", "document/malformed/out-of-range", &delivery(|d| d.set(13, bytes([b'k'; 15]))));
    r.plan("R27", "plaintext: a key of 513 characters", "document/malformed/out-of-range", &delivery(|d| d.set(13, bytes([b'k'; 513]))));
    r.plan("R27", "plaintext: a key with a line break", "document/malformed/out-of-range", &delivery(|d| d.set(13, bytes("made-up-key\nfor-tests"))));
    r.plan("R27", "plaintext: a key as text", "document/malformed/wrong-type", &delivery(|d| d.set(13, text("made-up-key-for-tests-only-0001"))));
    r.plan("R27", "plaintext: an unknown label in the grant", "document/malformed/unknown-label", &granted(27, int(1)));
    let inner = |plaintext| Plan { plaintext, ..Plan::default() };
    r.plan("R04", "plaintext: something behind it", "document/malformed/trailing", &inner(|p| p.extend_from_slice(&[0; 64])));
    r.plan("R04", "plaintext: labels out of order", "document/malformed/missing-label", &delivery(|d| {
        d.set(14, bytes([]));
        d.pairs().swap(0, 1);
    }));
    r.plan("R04", "plaintext: a long head", "document/malformed/not-shortest", &delivery(|d| d.set(4, Value::Raw(vec![0x18, 1]))));
    r.plan("R04", "plaintext: a label twice", "document/malformed/label-order", &delivery(|d| {
        let first = d.pairs()[0].clone();
        d.pairs().insert(1, first);
    }));
    r.plan("R28", "padding that is not zero", "document/malformed/out-of-range", &inner(|p| *p.last_mut().unwrap_or(&mut 0) = 1));
    r.plan("R28", "no multiple of 64 bytes", "document/malformed/out-of-range", &delivery(|d| {
        d.set(14, bytes([]));
        let short = d.encode().len().is_multiple_of(64);
        d.set(14, bytes(vec![0; usize::from(short)]));
    }));
    r.plan("R28", "64 zeros too many", "document/malformed/out-of-range", &delivery(|d| {
        let zeros = (64..=151).find(|n| d.clone().with(14, bytes(vec![0; *n])).encode().len().is_multiple_of(64) && *n != 87);
        d.set(14, bytes(vec![0; zeros.unwrap_or(128)]));
    }));

    r.plan("R29", "another cti inside", "inner-mismatch", &delivery(|d| d.set(7, bytes(id("envelope two")))));
    r.plan("R29", "another organisation inside", "inner-mismatch", &delivery(|d| d.set(1, bytes(id("Other Works")))));
    r.plan("R29", "another recipient inside", "inner-mismatch", &delivery(|d| d.set(3, bytes(kid(&seed("identity quinn"))))));
    r.plan("R29", "a grant by another organisation", "inner-mismatch", &granted(5, bytes(id("Other Works"))));
    r.plan("R29", "a grant for another recipient", "inner-mismatch", &granted(7, bytes(kid(&seed("identity quinn")))));
    let quinn = thumbprint(4, &x25519(&seed("receiving quinn")));
    r.plan("R29", "a grant for another receiving key", "inner-mismatch", &granted(8, bytes(quinn)));
    let given = json!({ "identity": hex(kid(&seed("identity quinn"))) });
    r.given("R29", "opened by another identity", "inner-mismatch", &Plan::default(), given);
    certificates(r);
}

fn certificates(r: &mut Refused) {
    r.plan("R30", "a certificate twice", "inner-mismatch", &delivery(|d| {
        let list = d.at(10).items();
        list.push(list[0].clone());
        d.at(11).items()[0].set(2, int(2));
    }));
    r.plan("R30", "the sealer's certificate once more", "inner-mismatch", &delivery(|d| {
        d.at(10).items().push(bytes(BO.certificate()));
        d.at(11).items()[1].set(2, int(2));
    }));
    r.plan("R30", "a certificate nobody uses", "inner-mismatch", &delivery(|d| d.at(10).items().push(bytes(DEE.certificate()))));
    r.plan("R30", "a certificate that is not there", "inner-mismatch", &delivery(|d| d.at(11).items()[0].set(2, int(2))));
}

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
    r.plan("R31", "a signer certified by another organisation", "approvals/wrong-key", &first(|p| p.certificate = by("eve", "mallory")));
    let one = sign("certificate", &ADA.claims(), &[certifying("bo")]);
    r.plan("R31", "a signer certified by one certifying key", "approvals/too-few-signers", &first(|p| p.certificate.clone_from(&one)));
    let expired = first_certified(|c| c.set(4, int(NOW)));
    r.plan("R32", "a signer whose certificate expired", "approvals/wrong-time", &expired);
    let late = first_certified(|c| c.set(6, int(NOW - 60)));
    r.plan("R32", "a signer certified after signing", "approvals/wrong-time", &late);
    let since = first_certified(|c| c.set(4, int(NOW + DAY)));
    r.given("R32", "a signer whose certificate expired since", "approvals/wrong-time", &since, json!({ "now": NOW + 2 * DAY }));

    r.plan("R33", "an approval signed by somebody else", "approvals/wrong-key", &first(|p| p.member = DEE));
    r.plan("R33", "an approval signed as a receipt", "approvals/wrong-kind", &first(|p| p.word = "receipt"));
    r.plan("R33", "a third kind of approval", "approvals/malformed/out-of-range", &first(|p| p.approval.set(2, int(3))));
    r.plan("R33", "a bit of an approval's signature turned", "approvals/bad-signature", &delivery(|d| {
        if let Value::Bytes(document) = d.at(11).items()[0].at(1) {
            *document.last_mut().unwrap_or(&mut 0) ^= 1;
        }
    }));
    r.plan("R34", "an approval over another grant", "approvals/bad-content", &first(|p| p.approval.set(1, bytes([1; 32]))));
    r.plan("R34", "both approvals over another grant", "approvals/bad-content", &signed_by([(ADA, 1), (BO, 2)].map(|(m, s)| {
        let mut proof = Proof::new(m, s);
        proof.approval.set(1, bytes(sha256(&[b"another grant"])));
        proof
    }).to_vec()));
    r.plan("R35", "vetted by a member who may not vet", "approvals/wrong-key", &signed_by(vec![Proof::new(DEE, 1), Proof::new(BO, 2)]));
    r.plan("R35", "countersigned by a member who may not approve", "approvals/wrong-key", &signed_by(vec![Proof::new(ADA, 1), Proof::new(CY, 2)]));
    r.plan("R35", "countersigned by an agent", "approvals/wrong-key", &signed_by(vec![Proof::new(ADA, 1), Proof::new(GATE, 2)]));
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
    r.plan("R38", "one desk certified for two persons", "approvals/too-few-signers", &signed_by(vec![Proof::new(ADA, 1), shared]));
    let three = vec![Proof::new(ADA, 1), Proof::new(BO, 2), Proof::new(BO, 2)];
    r.plan("R38", "the second signature twice", "approvals/too-few-signers", &signed_by(three));
    r.plan("R39", "vetted only", "approvals/too-few-signers", &signed_by(vec![Proof::new(ADA, 1)]));
    r.plan("R39", "countersigned only", "approvals/too-few-signers", &signed_by(vec![Proof::new(BO, 2)]));
    r.plan("R39", "countersigned twice, never vetted", "approvals/too-few-signers", &signed_by(vec![Proof::new(DEE, 2), Proof::new(BO, 2)]));
    r.plan("R39", "no signature", "approvals/too-few-signers", &signed_by(Vec::new()));
    let mut claims = DEE.claims();
    claims.at(-70301).set(3, array([int(1)]));
    let mut dee = Proof::new(DEE, 1);
    dee.certificate = certify(&claims);
    r.plan("R39", "vetted twice", "approvals/too-few-signers", &signed_by(vec![Proof::new(ADA, 1), dee]));
}

/// What the grant does not allow.
pub fn beyond(r: &mut Refused) {
    let scopes = |edit| delivery(edit);
    r.plan("R40", "a scope that was not granted", "beyond-grant", &scopes(|d| d.set(9, array(["orders:admin", "orders:read"].map(text)))));
    r.plan("R40", "no scope", "beyond-grant", &scopes(|d| d.set(9, array([]))));
    r.plan("R40", "scopes out of order", "beyond-grant", &scopes(|d| d.set(9, array(["orders:write", "orders:read"].map(text)))));
    r.plan("R40", "a scope twice", "beyond-grant", &scopes(|d| d.set(9, array(["orders:read", "orders:read"].map(text)))));
    let narrow = granted(12, array([scope("orders:read", 1, &[1], "/v1/orders/*")]));
    r.plan("R40", "a grant for one scope only", "beyond-grant", &narrow);
    r.plan("R41", "another base URL", "beyond-grant", &delivery(|d| d.set(6, text("https://api.example.net/v1"))));
    r.plan("R42", "a key that outlives its grant", "beyond-grant", &delivery(|d| d.set(5, int(NOW + 60 * DAY + 1))));
    r.plan("R43", "sealed later than the grant allows", "late", &granted(16, int(NOW - 1)));
    let expired = Plan {
        delivery: |d| d.set(5, int(NOW + 5 * DAY)),
        ..Plan::default()
    };
    r.given("R44", "the key expired", "key-expired", &expired, json!({ "now": NOW + 5 * DAY }));
    let given = json!({ "now": NOW + 5 * DAY - 60, "highest": NOW + 5 * DAY });
    r.given("R44", "the key expired by what was verified", "key-expired", &expired, given);
    let memory = |deliveries: u64, newest: u64| {
        json!({ "memory": { "opened": [hex(id("envelope zero"))], "deliveries": deliveries, "newest": newest } })
    };
    r.given("R45", "a fourth delivery where two rotations are allowed", "too-many-deliveries", &Plan::default(), memory(3, 0));
    r.given("R45", "a second delivery where none is allowed", "too-many-deliveries", &granted(17, int(0)), memory(1, 0));
    r.given("R46", "the sequence number opened last", "superseded", &Plan::default(), memory(1, 1));
    r.given("R46", "an older sequence number", "superseded", &Plan::default(), memory(1, 9));
}
