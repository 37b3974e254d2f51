//! What the application is asked to open, by a file manager, a browser or a second start: paths and addresses, unread.
//!
//! An address holds the secret of an envelope. It stays in memory: nothing here writes it down, prints it or copies it.

use std::path::Path;

use countersign_documents::{Digest, card::Card, relay::Invitation};
use countersign_envelope::{Link, Unverified, letter};
use zeroize::Zeroizing;

use crate::{label::Label, ways};

/// Whether a text is the link of an envelope.
#[must_use]
pub fn is_link(text: &str) -> bool {
    Link::parse(text).is_ok()
}

/// The link of an envelope, with its secret.
pub struct Address(Zeroizing<String>);

impl Address {
    /// In either of its two forms; nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_link(text).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// What it is, for whoever fetches by it.
    pub(crate) fn into_link(self) -> Option<Link> {
        Link::parse(&self.0).ok()
    }

    /// The relay it names: that may be shown.
    pub(crate) fn relay(&self) -> String {
        Link::parse(&self.0).map(|link| link.relay).unwrap_or_default()
    }

    fn is_at(&self, origin: &str) -> bool {
        Link::parse(&self.0).is_ok_and(|link| link.is_at(origin))
    }
}

/// Paths and addresses.
#[derive(Default)]
pub struct Given {
    /// Absolute paths of files.
    pub files: Vec<String>,
    /// Addresses.
    pub addresses: Vec<Address>,
}

/// What a file is, as far as its outside says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An envelope, for whoever has this receiving key.
    Envelope(Digest),
    /// A letter, for whoever has this receiving key.
    Letter(Digest),
    /// A card, or an invitation with one.
    Card,
    /// Anything else.
    Other,
}

impl Shape {
    /// Looks at the outside of a file. Nothing is opened, and nothing is believed.
    pub(crate) fn of(path: &str) -> Self {
        let Ok(bytes) = ways::read(&[path.into()]) else { return Self::Other };
        if let Some(key) = Unverified::new(&bytes).recipient() {
            return Self::Envelope(key);
        }
        if let Some(key) = letter::recipient(&bytes) {
            return Self::Letter(key);
        }
        let card = Invitation::parse(&bytes).is_some() || Card::verify_ended(&bytes, None).is_ok();
        if card { Self::Card } else { Self::Other }
    }

    /// Whether a profile with this label is one to open it.
    fn is_for(self, label: &Label) -> bool {
        match self {
            Self::Envelope(key) | Self::Letter(key) => label.reads(&key),
            Self::Card => label.kind == "inbox",
            Self::Other => false,
        }
    }
}

impl Given {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.addresses.is_empty()
    }

    /// Adds what came after.
    pub(crate) fn add(&mut self, more: Self) {
        self.files.extend(more.files);
        self.addresses.extend(more.addresses);
    }

    /// Its parts, one by one.
    pub(crate) fn apart(self) -> impl Iterator<Item = Self> {
        let files = self.files.into_iter().map(|path| Self { files: vec![path], addresses: Vec::new() });
        let addresses =
            self.addresses.into_iter().map(|one| Self { files: Vec::new(), addresses: vec![one] });
        files.chain(addresses)
    }

    /// Whether a profile with this label is one to open all of it.
    pub(crate) fn is_for(&self, label: &Label) -> bool {
        self.files.iter().all(|path| Shape::of(path).is_for(label))
            && self.addresses.iter().all(|one| label.relays.iter().any(|origin| one.is_at(origin)))
    }

    /// As it goes from one process of ours to another: each part with a letter and its length before it.
    #[must_use]
    pub fn pack(&self) -> Zeroizing<Vec<u8>> {
        let files = self.files.iter().map(|path| (FILE, path.as_bytes()));
        let addresses = self.addresses.iter().map(|one| (ADDRESS, one.0.as_bytes()));
        let parts: Vec<_> = files.chain(addresses).collect();
        // Room for all of it at once: a buffer that grows leaves copies behind.
        let room = parts.iter().map(|(_, bytes)| HEAD + bytes.len()).sum();
        let mut packed = Zeroizing::new(Vec::with_capacity(room));
        for (kind, bytes) in parts {
            packed.push(kind);
            packed.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
            packed.extend_from_slice(bytes);
        }
        packed
    }

    /// Reads what `pack` wrote. Nothing but absolute paths and addresses of ours is taken.
    #[must_use]
    pub fn unpack(mut packed: &[u8]) -> Option<Self> {
        let mut given = Self::default();
        while let Some((kind, rest)) = packed.split_first() {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (bytes, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
            let text = core::str::from_utf8(bytes).ok()?;
            match *kind {
                FILE if Path::new(text).is_absolute() => given.files.push(text.to_owned()),
                ADDRESS => given.addresses.push(Address::parse(text)?),
                _ => return None,
            }
            packed = rest;
        }
        Some(given)
    }
}

const FILE: u8 = b'f';
const ADDRESS: u8 = b'a';
/// A letter and a length.
const HEAD: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn link(host: &str) -> String {
        format!("countersign://e/{host}/{}#{}", "A".repeat(22), "A".repeat(43))
    }

    #[test]
    fn what_is_packed_is_what_is_unpacked() {
        let files = vec!["/tmp/a b.countersign".to_owned(), "/tmp/ü".to_owned()];
        let given =
            Given { files, addresses: Address::parse(&link("keys.example.com")).into_iter().collect() };
        let read = Given::unpack(&given.pack()).expect("it is ours");
        assert_eq!(read.files, given.files);
        assert_eq!(*read.addresses[0].0, link("keys.example.com"));
        assert!(
            Given::unpack(&[]).is_some_and(|nothing| nothing.is_empty()),
            "to be raised is all that is asked"
        );
    }

    #[test]
    fn nothing_but_absolute_paths_and_links_of_ours_comes_in() {
        let part = |kind: u8, text: &str| {
            let mut packed = vec![kind];
            packed.extend_from_slice(&(text.len() as u32).to_be_bytes());
            packed.extend_from_slice(text.as_bytes());
            packed
        };
        assert!(Given::unpack(&part(FILE, "/tmp/a")).is_some());
        for bad in [
            part(FILE, "tmp/a"),
            part(ADDRESS, "https://elsewhere.example/"),
            part(b'x', "/bin/sh"),
            part(FILE, "/tmp/a")[..8].to_vec(),
            vec![FILE, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(Given::unpack(&bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_link_is_for_the_inbox_whose_card_names_its_relay() {
        let label = |relay: &str| Label { relays: vec![relay.to_owned()], ..Label::default() };
        let given = Given {
            files: Vec::new(),
            addresses: Address::parse(&link("keys.example.com")).into_iter().collect(),
        };
        assert_eq!(given.addresses[0].relay(), "keys.example.com", "its relay may be shown");
        assert!(given.is_for(&label("https://keys.example.com")));
        assert!(!given.is_for(&label("https://keys.example.com.elsewhere.example")));
        assert!(!given.is_for(&Label::default()), "who pinned nobody cannot fetch it");
    }
}
