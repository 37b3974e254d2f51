//! Leak look-up: whose key is this? Every token-like string is fingerprinted; nothing is kept or shown.

use countersign_documents::Key;
use countersign_domain::KeyRecord;

use super::{Desk, issue::fingerprint};
use crate::error::Result;

/// A key that was found in a text.
pub struct Leak {
    /// Which.
    pub key: KeyRecord,
    /// In which line, from 1.
    pub line: usize,
}

impl Desk {
    /// Finds every known key in a text of any kind.
    pub async fn find_leaks(&self, text: &[u8]) -> Result<Vec<Leak>> {
        let look_up = self.look_up_key().await?;
        let mut found: Vec<Leak> = Vec::new();
        for (number, line) in text.split(|b| *b == b'\n').enumerate() {
            for token in tokens(line) {
                let print = fingerprint(&look_up, token);
                let Some(key) = self.state.keys.values().find(|k| k.fingerprint == Some(print)) else {
                    continue;
                };
                if !found.iter().any(|leak| leak.key.id == key.id) {
                    found.push(Leak { key: key.clone(), line: number + 1 });
                }
            }
        }
        Ok(found)
    }
}

/// Runs of characters that keys are made of, at each width of alphabet: a key may stand in quotes, in a URL, in JSON.
fn tokens(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let narrow = line.split(|b| !(b.is_ascii_alphanumeric() || b"_-".contains(b)));
    let medium = line.split(|b| !(b.is_ascii_alphanumeric() || b"_-.~+/=".contains(b)));
    let wide = line.split(|b| !b.is_ascii_graphic() || b"\"'`,;<>(){}[]".contains(b));
    let whole = line.split(|b| !b.is_ascii_graphic());
    narrow
        .chain(medium)
        .chain(wide)
        .chain(whole)
        .filter(|t| (Key::SHORTEST..=Key::LONGEST).contains(&t.len()))
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn a_key_is_found_wherever_it_stands() {
        let key = "acme_live_0123456789abcdef";
        for text in [
            key.to_owned(),
            format!("API_KEY={key}"),
            format!("\"token\": \"{key}\","),
            format!("https://api.example/?key={key}&x=1"),
            format!("Authorization: Bearer {key}\r"),
            format!("curl -H 'X-Api-Key: {key}'"),
        ] {
            assert!(tokens(text.as_bytes()).any(|t| t == key.as_bytes()), "found in {text:?}");
        }
        assert_eq!(tokens(b"short words only").count(), 0, "nothing that short is a key");
    }
}
