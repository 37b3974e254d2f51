//! The link secret and the addresses that carry it.

use countersign_documents::{Digest, Secret32, id::Cti};
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

/// The second thing opening takes, beside the recipient's private key: 32 random bytes, one per envelope. It travels
/// behind `#` or on another channel and is never derived, never logged, and never empty.
pub struct LinkSecret(Secret32);

impl LinkSecret {
    /// From 32 random bytes.
    pub fn new(secret: Secret32) -> Self {
        Self(secret)
    }

    /// From its 43 characters, canonical base64url only.
    pub fn parse(text: &str) -> Option<Self> {
        Self::exact(text.trim_ascii())
    }

    /// Within a link nothing stands around it.
    fn exact(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        Secret32::from_slice(&bytes).map(Self)
    }

    /// Its 43 characters, for the channel it is meant for.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64URL_NOPAD.encode(self.0.expose()))
    }

    /// What an envelope says of it: SHA-256("countersign-psk-id-v1" || secret).
    pub fn id(&self) -> Digest {
        Digest::labelled("countersign-psk-id-v1", &[self.0.expose()])
    }

    /// The bytes, for the primitive that needs them.
    pub fn expose(&self) -> &Secret32 {
        &self.0
    }
}

/// A link as a person pastes it.
pub struct Link {
    /// Host of the relay.
    pub relay: String,
    /// Which parcel.
    pub cti: Cti,
    /// The secret behind `#`.
    pub secret: LinkSecret,
}

/// Why a text is no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkFlaw {
    /// Something on the way turned `#` into `%23`: the secret may have reached a server.
    #[error(
        "a program on the way has rewritten the link (%23 stands where # belongs): ask for a new delivery"
    )]
    Mangled,
    /// The part behind `#` is missing.
    #[error("the link ends before its secret: copy the whole link, including what follows #")]
    NoSecret,
    /// No link of ours.
    #[error("this is not a Countersign link")]
    NotALink,
}

impl Link {
    /// From `https://HOST/e/CTI#S` or `countersign://e/HOST/CTI#S`.
    pub fn parse(text: &str) -> Result<Self, LinkFlaw> {
        let text = text.trim();
        // The loopback address alone or with a port; never a host whose name only begins like it.
        let loopback = text.strip_prefix("http://127.0.0.1").is_some_and(|rest| rest.starts_with([':', '/']));
        let known = loopback || text.starts_with("https://");
        let (address, secret) = match text.split_once('#') {
            Some(parts) => parts,
            None if text.contains("%23") => return Err(LinkFlaw::Mangled),
            None => return Err(LinkFlaw::NoSecret),
        };
        let (relay, cti) = match address.strip_prefix("countersign://e/") {
            Some(path) => path.split_once('/').ok_or(LinkFlaw::NotALink)?,
            None => {
                if !known {
                    return Err(LinkFlaw::NotALink);
                }
                let (_, path) = address.split_once("://").ok_or(LinkFlaw::NotALink)?;
                path.split_once("/e/").ok_or(LinkFlaw::NotALink)?
            }
        };
        let bytes = BASE64URL_NOPAD.decode(cti.as_bytes()).ok().and_then(|b| <[u8; 16]>::try_from(b).ok());
        let cti = Cti(bytes.ok_or(LinkFlaw::NotALink)?);
        let secret = LinkSecret::exact(secret).ok_or(LinkFlaw::NoSecret)?;
        if relay.is_empty() || relay.contains(['/', '?', '@']) {
            return Err(LinkFlaw::NotALink);
        }
        Ok(Self { relay: relay.to_owned(), cti, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_in_both_forms_and_mangled_ones_are_explained() {
        let secret = LinkSecret::new(Secret32::new([7; 32]));
        let cti = BASE64URL_NOPAD.encode(&[9; 16]);
        let s = secret.to_text();
        for link in [
            format!("https://relay.example/e/{cti}#{}", *s),
            format!("countersign://e/relay.example/{cti}#{}", *s),
        ] {
            let read = Link::parse(&link).unwrap();
            assert_eq!((read.relay.as_str(), read.cti), ("relay.example", Cti([9; 16])));
            assert!(read.secret.expose() == secret.expose(), "the secret survives");
        }
        let flaw = |text: &str| Link::parse(text).err();
        assert_eq!(flaw(&format!("https://relay.example/e/{cti}%23{}", *s)), Some(LinkFlaw::Mangled));
        assert_eq!(flaw(&format!("https://relay.example/e/{cti}")), Some(LinkFlaw::NoSecret));
        assert_eq!(flaw(&format!("https://relay.example/e/{cti}#short")), Some(LinkFlaw::NoSecret));
        assert_eq!(flaw(&format!("ftp://relay.example/e/{cti}#{}", *s)), Some(LinkFlaw::NotALink));
    }
}
