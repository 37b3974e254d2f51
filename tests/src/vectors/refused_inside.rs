//! Envelopes that must be refused once they are decrypted: lines R26 to R30 of `spec/envelope.md`.

use serde_json::json;

use super::{
    envelope::{Edit, Plan},
    raw::{Value, array, bytes, id, int, kid, map, seed, text, thumbprint, x25519},
    refused::Refused,
    world::{BO, CY, DEE, hex},
};

/// The usual envelope with another plaintext.
pub fn delivery(edit: Edit) -> Plan {
    Plan { delivery: edit, ..Plan::default() }
}

/// The usual envelope under another grant.
pub fn granted(label: i64, value: Value) -> Plan {
    let mut plan = Plan::default();
    plan.grant.set(label, value);
    plan
}

/// Decryption, the plaintext's form, and what must be the same inside and outside.
pub fn inside(r: &mut Refused) {
    decryption(r);
    plaintext(r);
    said_twice(r);
    plaintext_form(r);
    padding(r);
    mismatch(r);
    certificates(r);
}

fn decryption(r: &mut Refused) {
    let stolen = Plan { sealer: CY, certificate: CY.certificate(), bound_to: Some(BO), ..Plan::default() };
    r.plan("R26", "stripped and signed again by another member", "decryption", &stolen);
    r.plan("R26", "mode_base under a psk_id", "decryption", &Plan { base: true, ..Plan::default() });
    let altered = |sealed| Plan { sealed, ..Plan::default() };
    r.plan(
        "R26",
        "a bit of the ciphertext turned",
        "decryption",
        &altered(|s| {
            if let Value::Bytes(ciphertext) = &mut s.items()[2] {
                ciphertext[9] ^= 1;
            }
        }),
    );
    r.plan("R26", "an empty ciphertext", "decryption", &altered(|s| s.items()[2] = bytes([])));
    r.plan("R26", "an ek of small order", "decryption", &altered(|s| s.items()[1].set(-4, bytes([0; 32]))));
    r.plan(
        "R26",
        "an ek of another envelope",
        "decryption",
        &altered(|s| s.items()[1].set(-4, bytes(x25519(&seed("stranger"))))),
    );
}

fn plaintext(r: &mut Refused) {
    r.plan(
        "R27",
        "plaintext: an unknown label",
        "document/malformed/unknown-label",
        &delivery(|d| d.set(11, int(1))),
    );
    r.plan(
        "R27",
        "plaintext: no receipt nonce",
        "document/malformed/missing-label",
        &delivery(|d| d.drop(8)),
    );
    r.plan("R27", "plaintext: no grant", "document/malformed/missing-label", &delivery(|d| d.drop(4)));
    r.plan(
        "R27",
        "plaintext: a key of 15 characters",
        "document/malformed/out-of-range",
        &delivery(|d| d.set(9, bytes([b'k'; 15]))),
    );
    r.plan(
        "R27",
        "plaintext: a key of 513 characters",
        "document/malformed/out-of-range",
        &delivery(|d| d.set(9, bytes([b'k'; 513]))),
    );
    r.plan(
        "R27",
        "plaintext: a key with a line break",
        "document/malformed/out-of-range",
        &delivery(|d| d.set(9, bytes("made-up-key\nfor-tests"))),
    );
    r.plan(
        "R27",
        "plaintext: a key as text",
        "document/malformed/wrong-type",
        &delivery(|d| d.set(9, text("made-up-key-for-tests-only-0001"))),
    );
    r.plan(
        "R27",
        "plaintext: an unknown label in the grant",
        "document/malformed/unknown-label",
        &granted(27, int(1)),
    );
}

/// What stood in the plaintext once, or could be thought to: nothing may stand twice.
fn said_twice(r: &mut Refused) {
    let unknown = "document/malformed/unknown-label";
    r.plan(
        "R27",
        "plaintext: a cti of its own",
        unknown,
        &delivery(|d| d.set(11, bytes(id("envelope one")))),
    );
    r.plan(
        "R27",
        "plaintext: a signature that is no byte string",
        "document/malformed/wrong-type",
        &delivery(|d| d.at(7).items()[0].set(6, map([]))),
    );
    r.plan(
        "R27",
        "plaintext: a signer with a label more",
        unknown,
        &delivery(|d| d.at(7).items()[0].set(9, int(1))),
    );
    r.plan(
        "R27",
        "plaintext: a signature of 63 bytes",
        "document/malformed/out-of-range",
        &delivery(|d| d.at(7).items()[0].set(6, bytes([1; 63]))),
    );
    r.plan(
        "R27",
        "plaintext: scopes by name",
        "document/malformed/wrong-type",
        &delivery(|d| d.set(5, array([text("orders:read")]))),
    );
}

fn plaintext_form(r: &mut Refused) {
    let inner = |plaintext| Plan { plaintext, ..Plan::default() };
    r.plan(
        "R04",
        "plaintext: something behind it",
        "document/malformed/trailing",
        &inner(|p| p.extend_from_slice(&[0; 64])),
    );
    r.plan(
        "R04",
        "plaintext: labels out of order",
        "document/malformed/missing-label",
        &delivery(|d| {
            d.set(10, bytes([]));
            d.pairs().swap(0, 1);
        }),
    );
    r.plan(
        "R04",
        "plaintext: a long head",
        "document/malformed/not-shortest",
        &delivery(|d| d.set(2, Value::Raw(vec![0x18, 1]))),
    );
    r.plan(
        "R04",
        "plaintext: a label twice",
        "document/malformed/label-order",
        &delivery(|d| {
            let first = d.pairs()[0].clone();
            d.pairs().insert(1, first);
        }),
    );
}

fn padding(r: &mut Refused) {
    let inner = |plaintext| Plan { plaintext, ..Plan::default() };
    r.plan(
        "R28",
        "padding that is not zero",
        "document/malformed/out-of-range",
        &inner(|p| *p.last_mut().unwrap_or(&mut 0) = 1),
    );
    r.plan(
        "R28",
        "no multiple of 64 bytes",
        "document/malformed/out-of-range",
        &delivery(|d| {
            d.set(10, bytes([]));
            let short = d.encode().len().is_multiple_of(64);
            d.set(10, bytes(vec![0; usize::from(short)]));
        }),
    );
    r.plan(
        "R28",
        "64 zeros too many",
        "document/malformed/out-of-range",
        &delivery(|d| {
            let zeros = (64..=151).find(|n| {
                d.clone().with(10, bytes(vec![0; *n])).encode().len().is_multiple_of(64) && *n != 87
            });
            d.set(10, bytes(vec![0; zeros.unwrap_or(128)]));
        }),
    );
}

fn mismatch(r: &mut Refused) {
    r.plan("R29", "a grant by another organisation", "inner-mismatch", &granted(5, bytes(id("Other Works"))));
    r.plan(
        "R29",
        "a grant for another recipient",
        "inner-mismatch",
        &granted(7, bytes(kid(&seed("identity quinn")))),
    );
    let quinn = thumbprint(4, &x25519(&seed("receiving quinn")));
    r.plan("R29", "a grant for another receiving key", "inner-mismatch", &granted(8, bytes(quinn)));
    let given = json!({ "identity": hex(kid(&seed("identity quinn"))) });
    r.given("R29", "opened by another identity", "inner-mismatch", &Plan::default(), given);
}

fn certificates(r: &mut Refused) {
    r.plan(
        "R30",
        "a certificate twice",
        "inner-mismatch",
        &delivery(|d| {
            let list = d.at(6).items();
            list.push(list[0].clone());
            d.at(7).items()[0].set(1, int(2));
        }),
    );
    r.plan(
        "R30",
        "the sealer's certificate once more",
        "inner-mismatch",
        &delivery(|d| {
            d.at(6).items().push(bytes(BO.certificate()));
            d.at(7).items()[1].set(1, int(2));
        }),
    );
    r.plan(
        "R30",
        "a certificate nobody uses",
        "inner-mismatch",
        &delivery(|d| d.at(6).items().push(bytes(DEE.certificate()))),
    );
    r.plan(
        "R30",
        "a certificate that is not there",
        "inner-mismatch",
        &delivery(|d| d.at(7).items()[0].set(1, int(2))),
    );
}
