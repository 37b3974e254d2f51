//! The text of a hash file: strict, canonical, one key a line.
//!
//! ```text
//! # countersign hash file v1
//! <sha-256 of the key, hex> <active|inert> <key id> <not_after> <service>/<environment> <scopes> <networks>
//! ```
//!
//! Fields are parted by one space, lists by commas; `-` stands for no scope and `*` for any network. `not_after` is
//! in seconds since 1970. Lines are in ascending order of the key id, and every line ends in a line feed. Whatever
//! is written otherwise, by whomever, is refused as a whole: a line nobody understands may be a key that works.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use countersign_documents::{
    Digest, Time,
    id::KeyId,
    network::Network,
    text::{ScopeName, Slug},
    time::LATEST,
};
use countersign_ports::{IssuerError, Tag};

const HEADER: &str = "# countersign hash file v1";

/// One key as the gateway knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) hash: Digest,
    pub(crate) active: bool,
    pub(crate) key: KeyId,
    pub(crate) not_after: Time,
    pub(crate) service: String,
    pub(crate) environment: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) networks: Vec<String>,
}

impl Line {
    /// The line of a key with this hash, made for `tag`; `Unexpected` where the tag names what a line cannot hold.
    pub(crate) fn new(hash: Digest, tag: &Tag) -> Result<Self, IssuerError> {
        let line = Self {
            hash,
            active: !tag.inert,
            key: tag.key,
            not_after: tag.not_after,
            service: tag.service.clone(),
            environment: tag.environment.clone(),
            scopes: tag.scopes.clone(),
            networks: tag.networks.clone(),
        };
        // Through the reader, so that nothing is ever written that would be refused afterwards.
        match Self::parse(&line.to_string()) {
            Some(read) if read == line => Ok(line),
            _ => Err(IssuerError::Unexpected("the grant names what a hash file cannot hold")),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split(' ').collect();
        let [hash, state, key, not_after, place, scopes, networks] = fields.as_slice() else { return None };
        let (service, environment) = place.split_once('/')?;
        let line = Self {
            hash: Digest::from_hex(hash)?,
            active: *state == "active",
            key: KeyId::parse(key)?,
            not_after: Time(not_after.parse().ok().filter(|seconds| *seconds <= LATEST)?),
            service: service.to_owned(),
            environment: environment.to_owned(),
            scopes: list(scopes, "-"),
            networks: list(networks, "*"),
        };
        let sound = [service, environment].into_iter().all(|name| Slug::parse(name).is_ok())
            && line.scopes.iter().all(|scope| ScopeName::parse(scope).is_ok())
            && line.networks.iter().all(|network| is_network(network));
        // Rendered again: one key has one line, so leading zeros, upper case or a third state are not read.
        (sound && line.to_string() == text).then_some(line)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hash, active, key, not_after: Time(not_after), service, environment, scopes, networks } =
            self;
        let state = if *active { "active" } else { "inert" };
        let scopes = if scopes.is_empty() { "-" } else { &scopes.join(",") };
        let networks = if networks.is_empty() { "*" } else { &networks.join(",") };
        write!(f, "{hash} {state} {key} {not_after} {service}/{environment} {scopes} {networks}")
    }
}

/// A whole hash file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines(BTreeMap<KeyId, Line>);

impl Lines {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, IssuerError> {
        let text =
            core::str::from_utf8(bytes).map_err(|_| IssuerError::Unexpected("the hash file is no text"))?;
        let body =
            text.strip_suffix('\n').ok_or(IssuerError::Unexpected("the hash file has no whole last line"))?;
        let mut rows = body.split('\n');
        if rows.next() != Some(HEADER) {
            return Err(IssuerError::Unexpected("the hash file has no header of a version known here"));
        }
        let mut lines = BTreeMap::new();
        let mut hashes = BTreeSet::new();
        for row in rows {
            let line =
                Line::parse(row).ok_or(IssuerError::Unexpected("the hash file has a line that is no key"))?;
            if lines.last_key_value().is_some_and(|(last, _)| *last >= line.key) {
                return Err(IssuerError::Unexpected("the hash file is out of order or has a key twice"));
            }
            // Under two ids one key would outlive its own revocation.
            if !hashes.insert(line.hash) {
                return Err(IssuerError::Unexpected("the hash file has one key under two ids"));
            }
            lines.insert(line.key, line);
        }
        Ok(Self(lines))
    }

    pub(crate) fn render(&self) -> Vec<u8> {
        let mut out = format!("{HEADER}\n");
        for line in self.0.values() {
            out.push_str(&line.to_string());
            out.push('\n');
        }
        out.into_bytes()
    }

    pub(crate) fn find(&self, key: KeyId) -> Option<&Line> {
        self.0.get(&key)
    }

    /// Adds a line, replacing one with the same key id.
    pub(crate) fn put(&mut self, line: Line) {
        self.0.insert(line.key, line);
    }

    /// Switches a key; `NoSuchKey` where it is not here.
    pub(crate) fn switch(&mut self, key: KeyId, active: bool) -> Result<(), IssuerError> {
        self.0.get_mut(&key).map(|line| line.active = active).ok_or(IssuerError::NoSuchKey)
    }

    pub(crate) fn remove(&mut self, key: KeyId) {
        self.0.remove(&key);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Line> {
        self.0.values()
    }
}

fn list(text: &str, none: &str) -> Vec<String> {
    if text == none { Vec::new() } else { text.split(',').map(str::to_owned).collect() }
}

/// In the one spelling a grant has, never a bare address and never the whole internet: that is `*`.
fn is_network(text: &str) -> bool {
    Network::parse(text).is_ok_and(|network| network.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: u8) -> Line {
        Line {
            hash: Digest::of(&[id]),
            active: id.is_multiple_of(2),
            key: KeyId([id; 16]),
            not_after: Time(1_900_000_000),
            service: "orders".into(),
            environment: "eu-1".into(),
            scopes: vec!["orders:read".into(), "orders:write".into()],
            networks: vec!["203.0.113.0/24".into(), "2001:db8::/32".into()],
        }
    }

    fn file(rows: &[String]) -> Vec<u8> {
        [HEADER.to_owned()].iter().chain(rows).map(|row| format!("{row}\n")).collect::<String>().into_bytes()
    }

    #[test]
    fn what_is_written_is_read_back_and_is_sorted() {
        let mut lines = Lines::default();
        for id in [9, 3, 200, 7] {
            lines.put(line(id));
        }
        lines.put(Line { scopes: vec![], networks: vec![], ..line(8) });
        let bytes = lines.render();
        assert_eq!(Lines::parse(&bytes).unwrap(), lines, "the file says what the lines said");
        let ids: Vec<u8> = lines.iter().map(|l| l.key.0[0]).collect();
        assert_eq!(ids, [3, 7, 8, 9, 200], "ascending key ids: one set of keys has one file");
    }

    #[test]
    fn a_known_line_has_a_known_text() {
        let expected = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb inert \
                        00000000000000000000000000 1900000000 orders/prod - *";
        let made = Line {
            hash: Digest::of(b"a"),
            active: false,
            key: KeyId([0; 16]),
            not_after: Time(1_900_000_000),
            service: "orders".into(),
            environment: "prod".into(),
            scopes: vec![],
            networks: vec![],
        };
        assert_eq!(made.to_string(), expected, "the form gateways are written against");
    }

    #[test]
    fn a_line_that_is_not_canonical_is_refused() {
        let good = line(2).to_string();
        let spoilt = [
            good.replace("active", "Active"),
            good.replace("active", "revoked"),
            good.replace(" 1900000000 ", " 01900000000 "),
            good.replace(" 1900000000 ", " +1900000000 "),
            good.replace(" 1900000000 ", " 9007199254740992 "),
            good.replace("orders/eu-1", "orders"),
            good.replace("orders/eu-1", "orders/"),
            good.replace("orders/eu-1", "orders/eu/1"),
            good.replace("orders/eu-1", "Orders/eu-1"),
            good.replace("orders:read,", "orders:read,,"),
            good.replace("orders:read,", "-,"),
            good.replace("203.0.113.0/24", "*"),
            good.replace("203.0.113.0/24", "203.0.113.0/33"),
            good.replace("203.0.113.0/24", "203.0.113.0/024"),
            good.replace("203.0.113.0/24", "203.0.113.1/24"),
            good.replace("203.0.113.0/24", "203.0.113.1"),
            good.replace("203.0.113.0/24", "0.0.0.0/0"),
            good.replace("203.0.113.0/24", "somewhere"),
            good.replace("orders:read", "Orders:read"),
            good.replace("2001:db8::/32", "2001:DB8::/32"),
            good.replace("2001:db8::/32", ""),
            good.to_uppercase(),
            format!("{good} "),
            format!(" {good}"),
            format!("{good} more"),
            format!("{good}\r"),
            good.replacen(' ', "  ", 1),
            good.replacen(' ', "\t", 1),
            "# a remark".into(),
            String::new(),
        ];
        assert!(Lines::parse(&file(std::slice::from_ref(&good))).is_ok(), "the line itself is fine");
        for row in spoilt {
            assert_ne!(row, good, "the case must alter the line");
            let read = Lines::parse(&file(std::slice::from_ref(&row)));
            assert!(matches!(read, Err(IssuerError::Unexpected(_))), "{row:?} must not be read or skipped");
        }
    }

    #[test]
    fn a_file_that_is_not_canonical_is_refused() {
        let (one, two) = (line(1).to_string(), line(2).to_string());
        let twin = Line { hash: Digest::of(&[1]), ..line(2) }.to_string();
        let whole = file(&[one.clone(), two.clone()]);
        let cases = [
            ("empty", vec![]),
            ("without a header", format!("{one}\n").into_bytes()),
            (
                "of another version",
                String::from_utf8(whole.clone()).unwrap().replace("v1", "v2").into_bytes(),
            ),
            ("cut short", whole[..whole.len() - 1].to_vec()),
            ("cut in a line", whole[..whole.len() - 20].to_vec()),
            ("with an empty line", [&whole[..], b"\n"].concat()),
            ("not text", [&whole[..], b"\xff\n"].concat()),
            ("out of order", file(&[two, one.clone()])),
            ("with a key id twice", file(&[one.clone(), one.clone()])),
            ("with one key under two ids", file(&[one, twin])),
        ];
        assert!(Lines::parse(&whole).is_ok(), "the whole file is fine");
        for (what, bytes) in cases {
            let read = Lines::parse(&bytes);
            assert!(matches!(read, Err(IssuerError::Unexpected(_))), "a file {what} must be refused");
        }
    }
}
