//! A plan of an envelope: every byte of it can be changed before it is sealed and signed.

use serde_json::{Value as Json, json};

use super::{
    file::File,
    raw::{
        Value, array, bytes, enc_structure, encrypt0_value, hpke_seal, id, int, kid, map, seed, sha256,
        sign1, signature, text, thumbprint, typ, x25519,
    },
    world::{
        ADA, BO, CY, DAY, DEE, GATE, Member, NOW, approval, crockford, grant, hex, partner,
        partner_receiving, root,
    },
};

/// One signature under the grant, before it is made.
#[derive(Clone)]
pub struct Proof {
    /// Who signs.
    pub member: Member,
    /// With which certificate.
    pub certificate: Vec<u8>,
    /// Payload of the approval; label 1 is filled in unless it is there.
    pub approval: Value,
    /// The kind it is signed as.
    pub word: &'static str,
    /// What opens the name.
    pub salt: [u8; 16],
    /// The name.
    pub name: &'static str,
}

/// Changes one value of the plan.
pub type Edit = fn(&mut Value);

/// An envelope, before it is made. Edits are applied in the order of the fields.
#[derive(Clone)]
pub struct Plan {
    /// What was granted.
    pub grant: Value,
    /// Who signed.
    pub proofs: Vec<Proof>,
    /// Who seals.
    pub sealer: Member,
    /// With which certificate.
    pub certificate: Vec<u8>,
    /// exp, nbf, iat, cti.
    pub claims: Value,
    /// To whose private receiving key.
    pub receiving: [u8; 32],
    /// The link secret.
    pub secret: [u8; 32],
    /// Whether it is sealed without the link secret.
    pub base: bool,
    /// The signer the `info` names, if not the real one.
    pub bound_to: Option<Member>,
    /// Edits the plaintext's map.
    pub delivery: Edit,
    /// Edits the padded plaintext.
    pub plaintext: fn(&mut Vec<u8>),
    /// Edits the inner protected header.
    pub inner: Edit,
    /// Edits the COSE_Encrypt0.
    pub sealed: Edit,
    /// Edits the outer protected header.
    pub outer: Edit,
    /// Edits the signed document, after it was signed.
    pub document: Edit,
    /// Edits the bytes, after everything.
    pub bytes: fn(&mut Vec<u8>),
}

impl Proof {
    /// Step 1 is vetted, 2 countersigned.
    pub fn new(member: Member, step: u64) -> Self {
        let mut approval = approval(&[0; 32], step, NOW - 3_600 / step, member.desk);
        approval.drop(1);
        let (certificate, salt) = (member.certificate(), member.salt());
        Self { member, certificate, approval, word: "approval", salt, name: member.display }
    }
}

impl Default for Plan {
    /// Ada vetted, Bo countersigned and seals.
    fn default() -> Self {
        let claims =
            map([(4, int(NOW + 14 * DAY)), (5, int(NOW)), (6, int(NOW)), (7, bytes(id("envelope one")))]);
        Self {
            grant: grant(),
            proofs: vec![Proof::new(ADA, 1), Proof::new(BO, 2)],
            sealer: BO,
            certificate: BO.certificate(),
            claims,
            receiving: partner_receiving(),
            secret: seed("link secret one"),
            base: false,
            bound_to: None,
            delivery: |_| (),
            plaintext: |_| (),
            inner: |_| (),
            sealed: |_| (),
            outer: |_| (),
            document: |_| (),
            bytes: |_| (),
        }
    }
}

impl Plan {
    /// The ephemeral key's `ikm`.
    pub fn ikm() -> [u8; 32] {
        seed("ephemeral envelope")
    }

    /// The sealed and signed bytes.
    pub fn build(&self) -> Vec<u8> {
        let mut outer = self.outer_header(&self.sealer, &self.certificate);
        (self.outer)(&mut outer);
        let bound = match &self.bound_to {
            Some(other) => self.outer_header(other, &other.certificate()).encode(),
            None => outer.encode(),
        };
        let payload = self.encrypt(&bound);
        let protected = outer.encode();
        let signed = array([text("Signature1"), bytes(&protected), bytes([]), bytes(&payload)]).encode();
        let parts =
            [bytes(&protected), map([]), bytes(&payload), bytes(signature(&self.sealer.seed(), &signed))];
        let mut document = Value::Tag(18, Box::new(array(parts)));
        (self.document)(&mut document);
        let mut bytes = document.encode();
        (self.bytes)(&mut bytes);
        bytes
    }

    fn outer_header(&self, sealer: &Member, certificate: &[u8]) -> Value {
        map([
            (1, Value::Int(-19)),
            (3, int(16)),
            (4, bytes(kid(&sealer.seed()))),
            (13, bytes(certificate)),
            (15, self.claims.clone()),
            (16, typ("envelope")),
        ])
    }

    fn encrypt(&self, outer: &[u8]) -> Vec<u8> {
        let to = x25519(&self.receiving);
        let psk_id = sha256(&[b"countersign-psk-id-v1", &self.secret]);
        let mut inner = map([(1, int(42)), (4, bytes(thumbprint(4, &to))), (-5, bytes(psk_id))]);
        (self.inner)(&mut inner);
        let inner = inner.encode();
        let info = array([text("countersign-envelope-v1"), bytes(outer)]).encode();
        let psk = (!self.base).then_some((&self.secret, &psk_id));
        let sealed = hpke_seal(&to, psk, &info, &enc_structure(&inner), &self.plain(), &Self::ikm());
        let Some((ek, ciphertext)) = sealed else { unreachable!("a good key is always sealed to") };
        let mut value = encrypt0_value(&inner, &ek, &ciphertext);
        (self.sealed)(&mut value);
        value.encode()
    }

    /// The padded plaintext.
    pub fn plain(&self) -> Vec<u8> {
        let mut delivery = self.delivery_map();
        (self.delivery)(&mut delivery);
        let mut bytes = padded(delivery);
        (self.plaintext)(&mut bytes);
        bytes
    }

    fn delivery_map(&self) -> Value {
        let digest = sha256(&[&self.grant.encode()]);
        let mut certificates: Vec<Vec<u8>> = Vec::new();
        let mut signers = Vec::new();
        for proof in &self.proofs {
            let mut body = proof.approval.clone();
            if body.pairs().iter().all(|(l, _)| *l != 1) {
                body.set(1, bytes(digest));
            }
            let place = if proof.certificate == self.certificate {
                0
            } else {
                let known = certificates.iter().position(|c| *c == proof.certificate);
                1 + known.unwrap_or_else(|| {
                    certificates.push(proof.certificate.clone());
                    certificates.len() - 1
                })
            };
            // What is signed is the whole document; what travels is what the certificate and the grant do not say.
            let document = sign1(proof.word, &body, &proof.member.seed());
            signers.push(map([
                (1, int(place as u64)),
                (2, body.at(2).clone()),
                (3, body.at(3).clone()),
                (4, body.at(6).clone()),
                (5, body.at(7).clone()),
                (6, bytes(&document[document.len() - 64..])),
                (7, bytes(proof.salt)),
                (8, text(proof.name)),
            ]));
        }
        map([
            (1, bytes(id("key one"))),
            (2, int(1)),
            (3, int(NOW + 60 * DAY)),
            (4, self.grant.clone()),
            (5, array([int(0), int(1)])),
            (6, array(certificates.iter().map(bytes))),
            (7, array(signers)),
            (8, bytes(seed("nonce one"))),
            (9, bytes(MADE_UP_KEY)),
        ])
    }
}

/// Looks like no provider's key.
pub const MADE_UP_KEY: &[u8] = b"made-up-key-for-tests-only-0001";

/// Adds label 10: the fewest zeros that make the whole a multiple of 64 bytes. Most often 0 to 63; where 24 bytes are
/// missing behind the label no shortest-form head fits, so it takes 64 more.
fn padded(mut delivery: Value) -> Vec<u8> {
    if delivery.pairs().iter().any(|(l, _)| *l == 10) {
        return delivery.encode();
    }
    for zeros in 0..=87 {
        let bytes = delivery.clone().with(10, bytes(vec![0; zeros])).encode();
        if bytes.len().is_multiple_of(64) {
            return bytes;
        }
    }
    delivery.set(10, bytes([]));
    delivery.encode()
}

/// What an opener of these vectors is given.
pub fn addressee() -> Json {
    json!({
        "root": hex(root()),
        "identity": hex(kid(&partner())),
        "receiving": hex(partner_receiving()),
        "secret": hex(seed("link secret one")),
        "now": NOW,
        "highest": NOW - 60,
        "memory": { "opened": [], "deliveries": 0, "newest": null },
    })
}

/// Good envelopes.
pub fn envelopes() -> File {
    let about = "Envelopes to one partner. `ikm` is what RFC 9180 DeriveKeyPair made the ephemeral key from; `keys.json` has the seeds.";
    let mut f = File::new("envelope", about, addressee());
    let two = Plan::default();
    let three = Plan {
        proofs: vec![Proof::new(ADA, 1), Proof::new(DEE, 2)],
        sealer: CY,
        certificate: CY.certificate(),
        ..Plan::default()
    };
    let agent = Plan { sealer: GATE, certificate: GATE.certificate(), ..Plan::default() };
    let many =
        Plan { proofs: vec![Proof::new(BO, 2), Proof::new(ADA, 1), Proof::new(DEE, 2)], ..Plan::default() };
    let mut sponsored = Plan::default();
    sponsored.grant.set(9, bytes(id("ada")));
    let narrowed = Plan {
        delivery: |d| {
            d.set(5, array([int(0)]));
            d.set(3, int(NOW + 30 * DAY));
            d.set(2, int(7));
        },
        ..Plan::default()
    };
    let plans = [
        ("two persons; the second seals", &two, json!({})),
        ("three persons: vetted, countersigned, sealed", &three, json!({})),
        ("sealed by an agent", &agent, json!({})),
        ("three signatures, in any order", &many, json!({})),
        ("the sponsor is one of the two", &sponsored, json!({})),
        (
            "less than was granted, after two deliveries",
            &narrowed,
            json!({ "memory": { "opened": [hex(id("envelope zero"))], "deliveries": 2, "newest": 6 } }),
        ),
        ("at the last second, and 119 more", &two, json!({ "now": NOW + 14 * DAY + 119 })),
        ("by a clock that is 120 seconds slow", &two, json!({ "now": NOW - 120, "highest": NOW - 120 })),
        (
            "by a clock that is slow by a day, as what was verified shows",
            &two,
            json!({ "now": NOW - DAY, "highest": NOW }),
        ),
        (
            "by a clock that is slow by a day, as only the envelope shows",
            &two,
            json!({ "now": NOW - DAY, "highest": 0 }),
        ),
    ];
    for (name, plan, given) in plans {
        push(&mut f, name, plan, given);
    }
    for pad in ["a", "ab"] {
        push(
            &mut f,
            &format!("with the padding of {} bytes", padding_of(&lengthened(pad))),
            &lengthened(pad),
            json!({}),
        );
    }
    f
}

/// An envelope whose plaintext would end 24 bytes before a multiple of 64: the one case that takes 87 zeros.
fn lengthened(mark: &str) -> Plan {
    let wanted = if mark == "a" { 87 } else { 0 };
    let plans = (0..64usize).map(|extra| {
        let mut plan = Plan::default();
        plan.grant.set(24, array([text(&"x".repeat(1 + extra))]));
        plan
    });
    plans.into_iter().find(|plan| padding_of(plan) == wanted).unwrap_or_default()
}

fn padding_of(plan: &Plan) -> usize {
    let bare = plan.delivery_map();
    (0..=87)
        .find(|zeros| bare.clone().with(10, bytes(vec![0; *zeros])).encode().len().is_multiple_of(64))
        .unwrap_or_default()
}

fn push(f: &mut File, name: &str, plan: &Plan, given: Json) {
    let document = plan.build();
    let mut delivery = plan.delivery_map();
    (plan.delivery)(&mut delivery);
    let scopes: Vec<&str> =
        if *delivery.at(2) == int(7) { vec!["orders:read"] } else { vec!["orders:read", "orders:write"] };
    let signers: Vec<Json> = plan
        .proofs
        .iter()
        .map(|p| json!({ "name": p.name, "person": crockford(&id(p.member.person)) }))
        .collect();
    f.push_good(json!({
        "name": name,
        "document": hex(&document),
        "digest": hex(sha256(&[&document])),
        "plaintext": hex(plan.plain()),
        "ikm": hex(Plan::ikm()),
        "sealer_seed": hex(plan.sealer.seed()),
        "given": given,
        "says": {
            "key": String::from_utf8_lossy(MADE_UP_KEY),
            "key_id": crockford(&id("key one")),
            "cti": crockford(&id("envelope one")),
            "nonce": hex(seed("nonce one")),
            "grant": crockford(&id("grant one")),
            "base_url": "https://api.example.com/v1",
            "scopes": scopes,
            "signers": signers,
            "sealer": crockford(&id(plan.sealer.person)),
            "expires": NOW + 14 * DAY,
        },
    }));
}
