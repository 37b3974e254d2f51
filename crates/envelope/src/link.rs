//! The link secret and the addresses that carry it.

use countersign_documents::{Digest, Secret32, SigningKey, id::Cti};
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

    /// The seed of the pick-up key: HKDF-SHA256 of the secret. It tells nothing of the secret, so that whoever fetched an
    /// envelope need not keep that.
    pub fn pick_up_seed(&self) -> Secret32 {
        let mut seed = Zeroizing::new([0; 32]);
        hkdf::Hkdf::<sha2::Sha256>::new(None, self.0.expose())
            .expand(b"countersign-pickup-v1", &mut *seed)
            .unwrap_or_else(|_| unreachable!("32 bytes are less than HKDF-SHA256 can give"));
        Secret32::new(*seed)
    }

    /// The key that fetches the envelope of this secret from a relay, beside the reader's own.
    pub fn pick_up_key(&self) -> SigningKey {
        SigningKey::from_seed(&self.pick_up_seed())
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
    /// Which one is meant, nobody can tell.
    #[error("there are several links in this text: keep the one that is meant")]
    Several,
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

    /// The one link in a text: alone, or within the message that it came in, which has both of its forms.
    pub fn find(text: &str) -> Result<Self, LinkFlaw> {
        let around = |c: char| "<>\"'(),.;".contains(c);
        let words = text.split_whitespace().map(|word| word.trim_matches(around));
        let mut found: Option<Self> = None;
        for word in words.filter(|word| Self::is_address(word)) {
            // An address that something rewrote says so, even where another form of it came through whole.
            let link = Self::parse(word)?;
            if found.as_ref().is_some_and(|first| !first.is(&link)) {
                return Err(LinkFlaw::Several);
            }
            found = Some(link);
        }
        found.ok_or(LinkFlaw::NotALink)
    }

    /// Whether a word begins like one.
    pub fn is_address(word: &str) -> bool {
        ["https://", "http://", "countersign:"].iter().any(|scheme| word.starts_with(scheme))
    }

    fn is(&self, other: &Self) -> bool {
        self.relay == other.relay && self.cti == other.cti && self.secret.expose() == other.secret.expose()
    }

    /// `https://HOST/e/CTI#S`, for the origin of a relay.
    pub fn to_https(origin: &str, cti: &Cti, secret: &LinkSecret) -> Result<Zeroizing<String>, LinkFlaw> {
        host(origin).ok_or(LinkFlaw::NotALink)?;
        Ok(write(&format!("{origin}/e"), cti, secret))
    }

    /// `countersign://e/HOST/CTI#S`, which opens the application.
    pub fn to_app(origin: &str, cti: &Cti, secret: &LinkSecret) -> Result<Zeroizing<String>, LinkFlaw> {
        let host = host(origin).ok_or(LinkFlaw::NotALink)?;
        Ok(write(&format!("countersign://e/{host}"), cti, secret))
    }

    /// Whether this is the relay the link names.
    pub fn is_at(&self, origin: &str) -> bool {
        host(origin).is_some_and(|host| host.eq_ignore_ascii_case(&self.relay))
    }
}

/// Host and port of a relay; nothing where more stands in its origin, or what no relay has.
fn host(origin: &str) -> Option<&str> {
    let loopback = origin.strip_prefix("http://").filter(|host| host.starts_with("127.0.0.1:"));
    let host = origin.strip_prefix("https://").or(loopback)?;
    (!host.is_empty() && !host.contains(['/', '?', '@', '#'])).then_some(host)
}

/// The one place where a link is written.
fn write(head: &str, cti: &Cti, secret: &LinkSecret) -> Zeroizing<String> {
    Zeroizing::new(format!("{head}/{}#{}", BASE64URL_NOPAD.encode(&cti.0), *secret.to_text()))
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

    #[test]
    fn a_link_is_found_alone_or_in_its_message_and_only_one() {
        let (cti, secret) = ("A".repeat(22), "A".repeat(43));
        let https = format!("https://relay.example/e/{cti}#{secret}");
        let app = format!("countersign://e/relay.example/{cti}#{secret}");
        let flaw = |text: &str| Link::find(text).err();
        for text in [
            https.clone(),
            format!("  {app}\r\n"),
            format!("Open this: <{https}>.\nOr paste ({app}), please."),
            format!("> {https}\n> {app}"),
        ] {
            assert_eq!(flaw(&text), None, "{text}");
        }
        assert_eq!(flaw("nothing here"), Some(LinkFlaw::NotALink));
        assert_eq!(flaw(""), Some(LinkFlaw::NotALink));
        let mangled = https.replace('#', "%23");
        assert_eq!(flaw(&mangled), Some(LinkFlaw::Mangled));
        assert_eq!(flaw(&format!("{mangled} {app}")), Some(LinkFlaw::Mangled), "whatever is beside it");
        assert_eq!(flaw(https.split_at(https.len() - 3).0), Some(LinkFlaw::NoSecret));
        let other = https.replace("relay.", "other.");
        assert_eq!(flaw(&format!("{https} {other}")), Some(LinkFlaw::Several), "which of them");
    }

    #[test]
    fn the_pick_up_key_is_derived_as_the_page_says() {
        let key = LinkSecret::new(Secret32::new([7; 32])).pick_up_key().public();
        let hex = data_encoding::HEXLOWER.encode(key.as_bytes());
        // Computed by hand from RFC 5869 and RFC 8032.
        assert_eq!(hex, "a22659193efe7fc23605fe5ba16177bdcf217664aafe244f3214aa77e01a723c");
        let other = LinkSecret::new(Secret32::new([8; 32])).pick_up_key().public();
        assert!(key != other, "another secret has another key");
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let (secret, cti) = (LinkSecret::new(Secret32::new([7; 32])), Cti([9; 16]));
        for (origin, host) in [
            ("https://keys.example.com:8443", "keys.example.com:8443"),
            ("http://127.0.0.1:80", "127.0.0.1:80"),
        ] {
            let https = Link::to_https(origin, &cti, &secret).unwrap();
            assert!(https.starts_with(origin), "the page stands at the relay");
            let app = Link::to_app(origin, &cti, &secret).unwrap();
            assert!(app.starts_with(&format!("countersign://e/{host}/")), "{host} without its scheme");
            for text in [https, app] {
                let read = Link::parse(&text).unwrap();
                assert_eq!((read.relay.as_str(), read.cti), (host, cti));
                assert!(read.secret.expose() == secret.expose(), "the secret survives");
                assert!(read.is_at(origin), "the origin it was written for");
                assert!(!read.is_at("https://keys.example.com"), "another port is another relay");
            }
        }
        for origin in
            ["http://keys.example.com", "https://", "https://a/b", "https://a@b", "http://127.0.0.1.example"]
        {
            assert!(Link::to_https(origin, &cti, &secret).is_err(), "no relay stands at {origin}");
            assert!(Link::to_app(origin, &cti, &secret).is_err(), "no relay stands at {origin}");
        }
    }
}
