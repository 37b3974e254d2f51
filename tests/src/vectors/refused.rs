//! Envelopes that must be refused before they are decrypted: lines R01 to R25 of `spec/envelope.md`.

use serde_json::{Value as Json, json};

use super::{
    envelope::{Plan, addressee},
    file::File,
    member::add_order,
    raw::{Value, array, bytes, id, int, kid, map, seed, sha256, sign, text, thumbprint, typ, x25519},
    refused_grant, refused_inside,
    world::{ADA, BO, CY, DAY, GATE, NOW, certify, certifying, hex, other_root},
};

/// Adds refused envelopes to a file.
pub struct Refused {
    file: File,
}

impl Refused {
    /// A plan that breaks one line.
    pub fn plan(&mut self, line: &str, name: &str, reason: &str, plan: &Plan) {
        self.given(line, name, reason, plan, json!({}));
    }

    /// An envelope that breaks a line for this opener.
    pub fn given(&mut self, line: &str, name: &str, reason: &str, plan: &Plan, given: Json) {
        let document = hex(plan.build());
        self.file.push_bad(
            json!({ "line": line, "name": name, "document": document, "given": given, "reason": reason }),
        );
    }

    fn outer(&mut self, line: &str, name: &str, reason: &str, outer: super::envelope::Edit) {
        self.plan(line, name, reason, &Plan { outer, ..Plan::default() });
    }

    fn document(&mut self, line: &str, name: &str, reason: &str, document: super::envelope::Edit) {
        self.plan(line, name, reason, &Plan { document, ..Plan::default() });
    }

    fn bytes(&mut self, line: &str, name: &str, reason: &str, bytes: fn(&mut Vec<u8>)) {
        self.plan(line, name, reason, &Plan { bytes, ..Plan::default() });
    }

    fn sealed(&mut self, line: &str, name: &str, reason: &str, sealed: super::envelope::Edit) {
        self.plan(line, name, reason, &Plan { sealed, ..Plan::default() });
    }

    fn inner(&mut self, line: &str, name: &str, reason: &str, inner: super::envelope::Edit) {
        self.plan(line, name, reason, &Plan { inner, ..Plan::default() });
    }
}

/// Envelopes that must be refused.
pub fn refused() -> File {
    let about = "Envelopes that no opener may accept. `line` is the line of the list in envelope.md that each breaks; \
                 `append_zeros` bytes of 0 follow the document.";
    let mut r = Refused { file: File::new("envelope-refused", about, addressee()) };
    form(&mut r);
    encodings(&mut r);
    inner_encodings(&mut r);
    headers(&mut r);
    sealer(&mut r);
    signature(&mut r);
    times(&mut r);
    encryption(&mut r);
    suites(&mut r);
    refused_inside::inside(&mut r);
    refused_grant::approvals(&mut r);
    refused_grant::signers(&mut r);
    refused_grant::beyond(&mut r);
    r.file
}

fn form(r: &mut Refused) {
    let whole = hex(Plan::default().build());
    r.file.push_bad(json!({
        "line": "R01", "name": "larger than 64 KiB", "document": whole, "append_zeros": 65_536, "given": {}, "reason": "document/malformed/too-large",
    }));
    r.bytes("R02", "no tag", "document/malformed/wrong-type", |b| drop(b.drain(..1)));
    r.bytes("R02", "the tag of COSE_Sign (98)", "document/malformed/wrong-type", |b| {
        drop(b.splice(..1, [0xd8, 98]))
    });
    r.bytes("R02", "a self-described tag (55799) before it", "document/malformed/wrong-type", |b| {
        drop(b.splice(..0, [0xd9, 0xd9, 0xf7]))
    });
    r.bytes("R02", "the tag of a CWT (61) before it", "document/malformed/wrong-type", |b| {
        drop(b.splice(..0, [0xd8, 61]))
    });
    r.bytes("R03", "a byte behind it", "document/malformed/trailing", |b| b.push(0));
    r.bytes("R03", "the last byte missing", "document/malformed/truncated", |b| b.truncate(b.len() - 1));
    r.bytes("R03", "nothing", "document/malformed/truncated", Vec::clear);
    r.document("R03", "five parts", "document/malformed/out-of-range", |d| d.items().push(int(0)));
    r.document("R03", "three parts", "document/malformed/out-of-range", |d| drop(d.items().pop()));
}

fn encodings(r: &mut Refused) {
    r.bytes("R04", "the tag in a long form", "document/malformed/not-shortest", |b| {
        drop(b.splice(..1, [0xd8, 18]))
    });
    r.bytes("R04", "an array of indefinite length", "document/malformed/wrong-type", |b| {
        b[1] = 0x9f;
        b.push(0xff);
    });
    r.document("R04", "null as payload", "document/malformed/wrong-type", |d| {
        d.items()[2] = Value::Raw(vec![0xf6])
    });
    r.document("R04", "a payload of indefinite length", "document/malformed/wrong-type", |d| {
        let Value::Bytes(payload) = d.items()[2].clone() else { return };
        d.items()[2] = Value::Raw([&[0x5f], bytes(payload).encode().as_slice(), &[0xff]].concat());
    });
    r.outer("R04", "outer header: labels out of order", "document/wrong-headers", |h| h.pairs().swap(0, 1));
    r.outer("R04", "outer header: a label twice", "document/malformed/label-order", |h| {
        h.pairs().insert(1, (1, Value::Int(-19)))
    });
    r.outer("R04", "outer header: a long head", "document/malformed/not-shortest", |h| {
        h.set(3, Value::Raw(vec![0x18, 16]))
    });
    r.outer("R04", "outer header: a time as a float", "document/malformed/wrong-type", |h| {
        h.at(15).set(4, Value::Raw([&[0xfb], 1_801_000_000f64.to_be_bytes().as_slice()].concat()));
    });
    r.outer("R04", "outer header: claims out of order", "document/malformed/missing-label", |h| {
        h.at(15).pairs().swap(0, 1)
    });
    r.outer("R04", "outer header: a map of indefinite length", "document/malformed/wrong-type", |h| {
        let mut raw = h.encode();
        raw[0] = 0xbf;
        raw.push(0xff);
        *h = Value::Raw(raw);
    });
    r.outer("R04", "outer header: something behind it", "document/malformed/trailing", |h| {
        *h = Value::Raw([h.encode(), vec![0]].concat())
    });
    r.sealed("R04", "payload: a long head", "document/malformed/not-shortest", |s| {
        let Value::Tag(_, inner) = s.clone() else { return };
        *s = Value::Raw([&[0xd8, 16], inner.encode().as_slice()].concat());
    });
    r.sealed("R04", "payload: an array of indefinite length", "document/malformed/wrong-type", |s| {
        let mut raw = s.encode();
        raw[1] = 0x9f;
        raw.push(0xff);
        *s = Value::Raw(raw);
    });
    r.sealed("R04", "payload: something behind it", "document/malformed/trailing", |s| {
        *s = Value::Raw([s.encode(), vec![0]].concat())
    });
}

fn inner_encodings(r: &mut Refused) {
    r.inner("R04", "inner header: labels out of order", "document/wrong-headers", |h| h.pairs().swap(0, 1));
    r.inner("R04", "inner header: a long head", "document/wrong-headers", |h| {
        h.set(1, Value::Raw(vec![0x19, 0, 42]))
    });
    r.inner("R04", "inner header: a label twice", "document/wrong-headers", |h| {
        h.pairs().insert(1, (1, int(42)))
    });
    r.inner("R04", "inner header: something behind it", "document/wrong-headers", |h| {
        *h = Value::Raw([h.encode(), vec![0]].concat())
    });
}

fn headers(r: &mut Refused) {
    r.outer("R05", "a crit header", "document/wrong-headers", |h| h.set(2, array([int(16)])));
    r.outer("R05", "an unknown label", "document/wrong-headers", |h| h.set(99, int(1)));
    r.outer("R05", "an x5chain", "document/wrong-headers", |h| h.set(33, bytes([1])));
    r.outer("R05", "no content type", "document/wrong-headers", |h| h.drop(3));
    r.outer("R05", "no kid", "document/wrong-headers", |h| h.drop(4));
    r.outer("R05", "no certificate", "document/wrong-headers", |h| h.drop(13));
    r.outer("R05", "no claims", "document/wrong-headers", |h| h.drop(15));
    r.outer("R05", "no typ", "document/wrong-headers", |h| h.drop(16));
    r.outer("R05", "a claim that is unknown here (iss)", "document/malformed/missing-label", |h| {
        h.at(15).set(1, text("x"))
    });
    r.outer("R05", "claims without cti", "document/malformed/missing-label", |h| h.at(15).drop(7));
    r.document("R06", "an unprotected kid", "document/wrong-headers", |d| {
        d.items()[1] = map([(4, bytes(kid(&BO.seed())))])
    });
    r.document("R06", "an unprotected unknown label", "document/wrong-headers", |d| {
        d.items()[1] = map([(-70_000, int(1))])
    });
    r.outer("R07", "algorithm EdDSA (-8)", "document/wrong-algorithm", |h| h.set(1, Value::Int(-8)));
    r.outer("R07", "algorithm ES256 (-7)", "document/wrong-algorithm", |h| h.set(1, Value::Int(-7)));
    r.outer("R07", "algorithm Ed448 (-53)", "document/wrong-algorithm", |h| h.set(1, Value::Int(-53)));
    r.outer("R08", "content type 17 (COSE_Mac0)", "document/wrong-headers", |h| h.set(3, int(17)));
    r.outer("R08", "content type as text", "document/malformed/wrong-type", |h| {
        h.set(3, text("application/cose"))
    });
    r.outer("R09", "the typ of a card", "document/wrong-kind", |h| h.set(16, typ("card")));
    r.outer("R09", "the typ of version 2", "document/wrong-kind", |h| {
        h.set(16, text("application/vnd.countersign.envelope-v2+cose"))
    });
    r.outer("R10", "the kid of another member", "document/wrong-key", |h| h.set(4, bytes(kid(&CY.seed()))));
    r.outer("R10", "a kid of 31 bytes", "document/malformed/out-of-range", |h| h.set(4, bytes([1; 31])));
}

fn sealer(r: &mut Refused) {
    let with = |certificate: Vec<u8>| Plan { certificate, ..Plan::default() };
    let claims = || BO.claims();
    let by = |a: &str, b: &str| sign("certificate", &claims(), &[certifying(a), certifying(b)]);
    r.plan(
        "R11",
        "the sealer's certificate by another organisation",
        "sealer/wrong-key",
        &with(by("eve", "mallory")),
    );
    r.plan(
        "R11",
        "the sealer's certificate by one certifying key",
        "sealer/too-few-signers",
        &with(sign("certificate", &claims(), &[certifying("ada")])),
    );
    r.plan(
        "R11",
        "the sealer's certificate by one certifying key and a stranger",
        "sealer/wrong-key",
        &with(by("ada", "eve")),
    );
    r.plan("R11", "a root instead of a certificate", "sealer/wrong-kind", &with(super::world::root()));
    r.plan("R11", "no bytes as certificate", "sealer/malformed/truncated", &with(Vec::new()));
    let other = claims().with(1, text(&super::world::crockford(&id("Other Works"))));
    r.plan(
        "R11",
        "the sealer's certificate for another organisation",
        "sealer/wrong-organisation",
        &with(certify(&other)),
    );
    let long = claims().with(4, int(NOW + 81 * DAY));
    r.plan("R11", "the sealer's certificate valid for 91 days", "sealer/wrong-time", &with(certify(&long)));
    let root = json!({ "root": hex(other_root()) });
    r.given("R11", "where another root is pinned", "sealer/wrong-key", &Plan::default(), root);
    let until = |end: u64, from: u64| certify(&claims().with(4, int(end)).with(6, int(from)));
    r.plan(
        "R12",
        "the sealer's certificate expired",
        "sealer/wrong-time",
        &with(until(NOW - DAY, NOW - 10 * DAY)),
    );
    r.plan(
        "R12",
        "the sealer's certificate not valid yet",
        "sealer/wrong-time",
        &with(until(NOW + 80 * DAY, NOW + 121)),
    );
    let mut since = with(until(NOW + DAY, NOW - 10 * DAY));
    since.claims.set(4, int(NOW + DAY));
    let later = json!({ "now": NOW + DAY });
    r.given("R12", "the sealer's certificate expired since", "sealer/wrong-time", &since, later);
    let short = with(until(NOW + 14 * DAY - 1, NOW - 10 * DAY));
    r.plan("R12", "the sealer's certificate ends a second before the envelope", "sealer/wrong-time", &short);
    let plan = Plan { sealer: ADA, certificate: ADA.certificate(), ..Plan::default() };
    r.plan("R13", "sealed by a member who may not issue", "sealer-right", &plan);
}

fn signature(r: &mut Refused) {
    r.bytes("R14", "a bit of the signature turned", "document/bad-signature", |b| {
        *b.last_mut().unwrap_or(&mut 0) ^= 1
    });
    r.bytes("R14", "a signature with S increased by the group order", "document/bad-signature", |b| {
        let at = b.len() - 32;
        add_order(&mut b[at..]);
    });
    r.document("R14", "a bit of the payload turned", "document/bad-signature", |d| {
        if let Value::Bytes(payload) = &mut d.items()[2] {
            payload[200] ^= 1;
        }
    });
    r.document("R14", "a signature of 63 bytes", "document/malformed/out-of-range", |d| {
        d.items()[3] = bytes([1; 63])
    });
    let mine = Plan {
        certificate: BO.certificate(),
        sealer: CY,
        outer: |h| h.set(4, bytes(kid(&BO.seed()))),
        ..Plan::default()
    };
    r.plan("R14", "signed by another member under this name", "document/bad-signature", &mine);
    r.outer("R15", "a cti of 15 bytes", "document/malformed/out-of-range", |h| {
        h.at(15).set(7, bytes([1; 15]))
    });
    r.outer("R15", "a cti as text", "document/malformed/wrong-type", |h| {
        h.at(15).set(7, text("0123456789abcdef"))
    });
}

fn times(r: &mut Refused) {
    let with = |exp: u64, nbf: u64, iat: u64| Plan {
        claims: map([(4, int(exp)), (5, int(nbf)), (6, int(iat)), (7, bytes(id("envelope one")))]),
        ..Plan::default()
    };
    let end = NOW + 14 * DAY;
    r.plan("R16", "issued after it becomes valid", "times", &with(end, NOW - 1, NOW));
    r.plan("R16", "issued before it becomes valid", "times", &with(end, NOW, NOW - 1));
    r.plan("R16", "expiring when it becomes valid", "times", &with(NOW, NOW, NOW));
    r.plan("R16", "expiring before it becomes valid", "times", &with(NOW - 1, NOW, NOW));
    r.plan("R16", "valid for 30 days and a second", "times", &with(NOW + 30 * DAY + 1, NOW, NOW));
    r.plan("R16", "a time beyond 2^53", "document/malformed/out-of-range", &with(1 << 53, NOW, NOW));
    let at = |now: u64, highest: u64| json!({ "now": now, "highest": highest });
    let good = Plan::default();
    let late = NOW - DAY - 1;
    r.given("R17", "a day and a second from the future", "not-yet", &good, at(late, late));
    r.given(
        "R18",
        "a clock a day and a second behind what was verified",
        "clock-behind",
        &good,
        at(NOW, NOW + DAY + 1),
    );
    r.given("R18", "a clock turned back by a month", "clock-behind", &good, at(NOW, NOW + 30 * DAY));
    r.given("R19", "expired by 120 seconds", "expired", &good, at(end + 120, NOW));
    r.given("R19", "expired by what was verified", "expired", &good, at(end + 60, end + 120));
    let memory =
        json!({ "memory": { "opened": [hex(id("envelope one"))], "deliveries": 1, "newest": null } });
    r.given("R20", "opened before", "replayed", &good, memory);
}

fn encryption(r: &mut Refused) {
    r.sealed("R21", "no tag inside", "document/malformed/wrong-type", |s| {
        if let Value::Tag(_, inner) = s.clone() {
            *s = *inner;
        }
    });
    r.sealed("R21", "a COSE_Encrypt (96) inside", "document/malformed/wrong-type", |s| {
        if let Value::Tag(tag, _) = s {
            *tag = 96;
        }
    });
    r.sealed("R21", "no ek", "document/malformed/missing-label", |s| s.items()[1] = map([]));
    r.sealed("R21", "an ek of 31 bytes", "document/malformed/out-of-range", |s| {
        s.items()[1].set(-4, bytes([9; 31]))
    });
    r.sealed("R21", "a second unprotected label inside", "document/malformed/unknown-label", |s| {
        s.items()[1].set(-6, int(1))
    });
    r.sealed("R21", "a detached ciphertext", "document/malformed/wrong-type", |s| {
        s.items()[2] = Value::Raw(vec![0xf6])
    });
    r.sealed("R21", "psk_id unprotected too", "document/malformed/unknown-label", |s| {
        s.items()[1].set(-5, bytes([5; 32]))
    });
    r.inner("R22", "a label beside the three", "document/wrong-headers", |h| h.set(16, text("x")));
    r.inner("R22", "another label in the place of psk_id", "document/wrong-headers", |h| {
        let psk_id = h.at(-5).clone();
        h.drop(-5);
        h.set(-6, psk_id);
    });
    r.inner(
        "R22",
        "another label in the place of psk_id, with another digest",
        "document/wrong-headers",
        |h| {
            h.drop(-5);
            h.set(-6, bytes([5; 32]));
        },
    );
    r.inner("R22", "a crit header inside", "document/wrong-headers", |h| h.set(2, array([Value::Int(-5)])));
}

fn suites(r: &mut Refused) {
    let base = |inner| Plan { base: true, inner, ..Plan::default() };
    r.plan("R22", "mode_base: psk_id missing", "document/wrong-headers", &base(|h| h.drop(-5)));
    r.plan("R22", "mode_base: psk_id empty", "document/wrong-headers", &base(|h| h.set(-5, bytes([]))));
    let moved = Plan {
        inner: |h| h.drop(-5),
        sealed: |s| {
            s.items()[1].set(-5, bytes(sha256(&[b"countersign-psk-id-v1", &seed("link secret one")])))
        },
        ..Plan::default()
    };
    r.plan("R22", "psk_id unprotected", "document/malformed/unknown-label", &moved);
    for (name, alg) in [("HPKE-3 (41)", 41), ("HPKE-4-KE (50)", 50), ("HPKE-9 (56)", 56), ("HPKE-0 (35)", 35)]
    {
        let plan = match alg {
            41 => Plan { inner: |h| h.set(1, int(41)), ..Plan::default() },
            50 => Plan { inner: |h| h.set(1, int(50)), ..Plan::default() },
            56 => Plan { inner: |h| h.set(1, int(56)), ..Plan::default() },
            _ => Plan { inner: |h| h.set(1, int(35)), ..Plan::default() },
        };
        r.plan("R23", name, "document/wrong-headers", &plan);
    }
    r.plan(
        "R24",
        "sealed to another receiving key",
        "not-for-me",
        &Plan { receiving: seed("receiving quinn"), ..Plan::default() },
    );
    r.inner("R24", "a kid of another key inside", "not-for-me", |h| {
        h.set(4, bytes(thumbprint(4, &x25519(&GATE.receiving()))))
    });
    r.given(
        "R24",
        "opened with another receiving key",
        "not-for-me",
        &Plan::default(),
        json!({ "receiving": hex(seed("receiving quinn")) }),
    );
    r.given(
        "R25",
        "opened with another link secret",
        "wrong-secret",
        &Plan::default(),
        json!({ "secret": hex(seed("link secret two")) }),
    );
    r.inner("R25", "a psk_id of another secret", "wrong-secret", |h| h.set(-5, bytes([5; 32])));
}
