//! Opens an envelope with everything the opener has written in JSON, as the vectors and the interop test write it.

use countersign_documents::{
    Digest, ReceivingSecret, Secret32, Time,
    id::{Cti, GrantId},
    root::Root,
};
use countersign_envelope::{Addressee, LinkSecret, Memory, Unverified};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

/// A reason as the vectors spell it: `Document(Malformed(TooLarge))` is `document/malformed/too-large`.
pub fn spelled(reason: impl core::fmt::Debug) -> String {
    let mut out = String::new();
    for c in format!("{reason:?}").chars() {
        match c {
            '(' => out.push('/'),
            c if c.is_ascii_uppercase() => {
                if !out.is_empty() && !out.ends_with('/') {
                    out.push('-');
                }
                out.push(c.to_ascii_lowercase());
            }
            c if c.is_ascii_alphanumeric() => out.push(c),
            _ => break,
        }
    }
    out
}

/// Bytes from hexadecimal.
pub fn hex(value: Option<&Value>) -> Option<Vec<u8>> {
    HEXLOWER.decode(value?.as_str()?.as_bytes()).ok()
}

fn thirty_two(value: Option<&Value>) -> Option<[u8; 32]> {
    hex(value)?.try_into().ok()
}

/// What the envelope says; or the reason why it is refused; `not-given` where the opener lacks something.
pub fn open<'a>(document: &[u8], given: impl Fn(&str) -> Option<&'a Value>) -> Result<Value, String> {
    let not_given = || "not-given".to_owned();
    let memory = given("memory").and_then(Remembered::read).ok_or_else(not_given)?;
    let root = Root::verify_first(&hex(given("root")).ok_or_else(not_given)?).map_err(spelled)?.body;
    let receiving =
        ReceivingSecret::new(Secret32::new(thirty_two(given("receiving")).ok_or_else(not_given)?));
    let secret = LinkSecret::new(Secret32::new(thirty_two(given("secret")).ok_or_else(not_given)?));
    let time = |name| given(name).and_then(Value::as_u64).map(Time).ok_or_else(not_given);
    let me = Addressee {
        root: &root,
        identity: Digest(thirty_two(given("identity")).ok_or_else(not_given)?),
        receiving: &receiving,
        secret: &secret,
        now: time("now")?,
        highest: time("highest")?,
        memory: &memory,
    };
    let outer = Unverified::new(document).outer(&root, me.now, me.highest);
    let verified = outer.and_then(|outer| outer.verify(&me)).map_err(|e| spelled(e.reason()))?;
    let sealer = verified.sealer().subject.person;
    let opened = verified.open();
    let signers: Vec<Value> =
        opened.signers.iter().map(|s| json!({ "name": s.name, "person": s.person })).collect();
    Ok(json!({
        "key": String::from_utf8_lossy(opened.key.expose()),
        "key_id": opened.key_id,
        "cti": opened.cti,
        "nonce": opened.nonce,
        "grant": opened.grant.id,
        "base_url": opened.base_url,
        "scopes": opened.scopes,
        "signers": signers,
        "sealer": sealer,
        "expires": opened.expires,
        "digest": opened.envelope,
    }))
}

struct Remembered {
    opened: Vec<Vec<u8>>,
    deliveries: u64,
    newest: Option<u64>,
}

impl Remembered {
    fn read(value: &Value) -> Option<Self> {
        let opened = value["opened"].as_array()?.iter().map(|c| hex(Some(c))).collect::<Option<_>>()?;
        Some(Self { opened, deliveries: value["deliveries"].as_u64()?, newest: value["newest"].as_u64() })
    }
}

impl Memory for Remembered {
    fn opened(&self, cti: &Cti) -> bool {
        self.opened.iter().any(|c| *c == cti.0)
    }

    fn deliveries(&self, _: &GrantId) -> u64 {
        self.deliveries
    }

    fn newest(&self, _: &GrantId) -> Option<u64> {
        self.newest
    }
}
