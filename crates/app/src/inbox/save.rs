//! A key in the form of the place it runs in. Keys are printable ASCII without spaces; quotes are escaped all the same.

use countersign_documents::Key;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// A variable or secret name: upper-case letters, digits, underscores, beginning with a letter.
pub fn variable_name(text: &str) -> Result<String> {
    let name: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    let fits = (1..=80).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_uppercase());
    if fits {
        Ok(name)
    } else {
        Err(Error::Value(
            "A variable name begins with a letter and has at most 80 letters, digits and underscores.",
        ))
    }
}

/// `NAME='key'`, single quotes closed and escaped: nothing in a key is expanded by a shell.
pub fn dotenv(name: &str, key: &Key) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(name.len() + key.expose().len() * 4 + 8));
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"='");
    for byte in key.expose() {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            other => out.push(*other),
        }
    }
    out.extend_from_slice(b"'\n");
    out
}

/// A Kubernetes Secret (v1, Opaque) with the key in base64.
pub fn kubernetes_secret(name: &str, entry: &str, key: &Key) -> Result<Zeroizing<Vec<u8>>> {
    let fits = (1..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-');
    if !fits {
        return Err(Error::Value(
            "A Kubernetes name has at most 63 lower-case letters, digits and hyphens, and begins with a letter.",
        ));
    }
    let mut out = Zeroizing::new(Vec::with_capacity(key.expose().len() * 2 + 256));
    let head =
        format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\ntype: Opaque\ndata:\n  {entry}: ");
    out.extend_from_slice(head.as_bytes());
    let mut encoded = Zeroizing::new(vec![0; data_encoding::BASE64.encode_len(key.expose().len())]);
    data_encoding::BASE64.encode_mut(key.expose(), &mut encoded);
    out.extend_from_slice(&encoded);
    out.push(b'\n');
    Ok(out)
}

/// The file behind a compose secret: exactly the key.
pub fn compose_secret(key: &Key) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(key.expose().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::parse(Zeroizing::new(text.as_bytes().to_vec())).unwrap()
    }

    #[test]
    fn a_quote_in_a_key_does_not_end_the_quoting() {
        let out = dotenv("API_KEY", &key("abc'$(reboot)`x`def"));
        assert_eq!(out.as_slice(), b"API_KEY='abc'\\''$(reboot)`x`def'\n");
    }

    #[test]
    fn kubernetes_secrets_carry_base64_and_a_sound_name() {
        let out = kubernetes_secret("orders-api", "API_KEY", &key("0123456789abcdef")).unwrap();
        assert!(out.ends_with(b"  API_KEY: MDEyMzQ1Njc4OWFiY2RlZg==\n"), "the key in base64");
        assert!(
            kubernetes_secret("Orders: x\ninjected", "API_KEY", &key("0123456789abcdef")).is_err(),
            "no other line gets in"
        );
        assert_eq!(variable_name("orders-api").unwrap(), "ORDERS_API");
        assert!(variable_name("1st").is_err());
    }
}
