//! The shape of a published file.

use serde_json::{Value as Json, json};

use super::{raw::Value, world::hex};

/// One file of vectors.
pub struct File {
    name: &'static str,
    about: &'static str,
    given: Json,
    good: Vec<Json>,
    bad: Vec<Json>,
}

impl File {
    /// An empty one. `given` holds for every vector that does not say otherwise.
    pub fn new(name: &'static str, about: &'static str, given: Json) -> Self {
        Self { name, about, given, good: Vec::new(), bad: Vec::new() }
    }

    /// A document that must be accepted: its bytes, its payload, and fields it must be read to have.
    pub fn good(&mut self, name: &str, document: &[u8], payload: &Value, given: Json, says: Json) {
        let payload = hex(payload.encode());
        self.push_good(json!({ "name": name, "document": hex(document), "payload": payload, "given": given, "says": says }));
    }

    /// Anything that must be accepted.
    pub fn push_good(&mut self, vector: Json) {
        self.good.push(vector);
    }

    /// A document that must be refused, with the rule it breaks and the exact local reason.
    pub fn bad(&mut self, name: &str, document: &[u8], given: Json, reason: &str) {
        self.push_bad(json!({ "name": name, "document": hex(document), "given": given, "reason": reason }));
    }

    /// Anything that must be refused.
    pub fn push_bad(&mut self, vector: Json) {
        self.bad.push(vector);
    }

    /// Name and text.
    pub fn finish(self) -> (String, String) {
        let all = json!({ "about": self.about, "given": self.given, "good": self.good, "bad": self.bad });
        (format!("{}.json", self.name), format!("{all:#}\n"))
    }
}

/// The same bytes with one bit of one byte turned.
pub fn flipped(document: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = document.to_vec();
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1;
    }
    bytes
}

/// The same bytes with something behind them.
pub fn trailed(document: &[u8]) -> Vec<u8> {
    [document, &[0]].concat()
}
