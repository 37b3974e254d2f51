//! Links in what people paste: alone, or within the message that they came in. A link holds a secret: what is read here is
//! never shown, logged or repeated in a failure.

use countersign_envelope::{Link, LinkFlaw};

use crate::failure::Error;

/// The one link in a text, which may hold it in both of its forms.
pub(crate) fn find(text: &str) -> Result<Link, Error> {
    let around = |c: char| "<>\"'(),.;".contains(c);
    let words = text.split_whitespace().map(|word| word.trim_matches(around));
    let mut found: Option<Link> = None;
    for word in words.filter(|word| is_address(word)) {
        // An address that something rewrote says so, even where another form of it came through whole.
        let link = Link::parse(word)?;
        if found.as_ref().is_some_and(|first| !is_same(first, &link)) {
            return Err(Error::Usage("There are several links in this text: keep the one that is meant."));
        }
        found = Some(link);
    }
    found.ok_or(Error::Link(LinkFlaw::NotALink))
}

fn is_address(word: &str) -> bool {
    ["https://", "http://", "countersign:"].iter().any(|scheme| word.starts_with(scheme))
}

fn is_same(one: &Link, other: &Link) -> bool {
    one.relay == other.relay && one.cti == other.cti && one.secret.expose() == other.secret.expose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_alone_or_in_its_message_and_only_one() {
        let (cti, secret) = ("A".repeat(22), "A".repeat(43));
        let https = format!("https://relay.example/e/{cti}#{secret}");
        let app = format!("countersign://e/relay.example/{cti}#{secret}");
        let flaw = |text: &str| find(text).err().map_or("found", |error| error.code());
        for text in
            [https.clone(), format!(" {app}\r\n"), format!("Open <{https}>.\nOr paste ({app}), please.")]
        {
            assert_eq!(flaw(&text), "found", "{text}");
        }
        assert_eq!(flaw("nothing here"), "no-link");
        let mangled = https.replace('#', "%23");
        assert_eq!(flaw(&mangled), "link-mangled");
        assert_eq!(flaw(&format!("{mangled} {app}")), "link-mangled", "whatever is beside it");
        assert_eq!(flaw(https.split_at(https.len() - 3).0), "link-incomplete");
        assert_eq!(flaw(&format!("{https} {}", https.replace("relay.", "other."))), "usage", "which of them");
    }
}
