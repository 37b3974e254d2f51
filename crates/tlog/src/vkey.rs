//! A witness's key as text (C2SP signed-note, "verifier keys"): name, key id, type and key in one word.

use data_encoding::{BASE64, HEXLOWER};

use crate::{
    note::{check_name, typed_key_id},
    witness::COSIGNATURE,
};

/// The name and the Ed25519 key of a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessKey {
    /// Under which name it signs.
    pub name: String,
    /// The public key.
    pub public: [u8; 32],
}

impl WitnessKey {
    /// From outside: `name+hash+key`, where the hash is that of the name and the key, and the key is of the type of
    /// timestamped cosignatures.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let key = BASE64.decode(key.as_bytes()).ok()?;
        let (kind, public) = key.split_first()?;
        let public = public.try_into().ok().filter(|_| *kind == COSIGNATURE)?;
        let found = Self { name: name.to_owned(), public };
        let printable = !found.name.contains(|c: char| c.is_control());
        (check_name(name).is_ok() && printable && found.id() == id).then_some(found)
    }

    /// The word, without a newline.
    pub fn to_text(&self) -> String {
        let key = [[COSIGNATURE].as_slice(), &self.public].concat();
        format!("{}+{}+{}", self.name, self.id(), BASE64.encode(&key))
    }

    fn id(&self) -> String {
        HEXLOWER.encode(&typed_key_id(&self.name, COSIGNATURE, &self.public))
    }
}
