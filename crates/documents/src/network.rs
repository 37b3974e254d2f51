//! Source networks in CIDR form, in their one canonical spelling.

use core::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::cbor::{Decode, Encode, Malformed, Reader, Writer};

/// A network without host bits, such as `203.0.113.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpNet);

/// Why a network is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkFlaw {
    /// Not an address with a prefix length, or not spelled canonically.
    #[error("it is not a network such as 203.0.113.0/24")]
    NotANetwork,
    /// Bits behind the prefix are set.
    #[error("it has bits set behind its prefix length")]
    HostBits,
    /// The whole internet restricts nothing.
    #[error("it is the whole internet, which restricts nothing")]
    Everything,
}

impl Network {
    /// From outside. A bare address stands for itself alone.
    pub fn parse(text: &str) -> Result<Self, NetworkFlaw> {
        let net = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse::<IpNet>().map_err(|_| NetworkFlaw::NotANetwork)?,
        };
        if net.trunc() != net {
            return Err(NetworkFlaw::HostBits);
        }
        if net.prefix_len() == 0 { Err(NetworkFlaw::Everything) } else { Ok(Self(net)) }
    }

    /// Whether every address of `other` is in here.
    pub fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }

    /// Whether it holds more than 256 IPv4 addresses, or more than one /64 of IPv6.
    pub fn is_wide(&self) -> bool {
        match self.0 {
            IpNet::V4(net) => net.prefix_len() < 24,
            IpNet::V6(net) => net.prefix_len() < 64,
        }
    }

    /// Whether an interface on the internet can never see an address of it as a source.
    pub fn is_private(&self) -> bool {
        match self.0.network() {
            IpAddr::V4(v4) => {
                let [a, b, ..] = v4.octets();
                v4.is_private()
                    || v4.is_loopback()
                    || v4.is_link_local()
                    || v4.is_multicast()
                    || v4.is_broadcast()
                    || a == 0
                    || (a == 100 && (64..128).contains(&b))
                    || a >= 240
            }
            IpAddr::V6(v6) => {
                let first = v6.segments()[0];
                // An IPv4 address in the clothes of IPv6 never stands on a wire.
                v6.to_ipv4_mapped().is_some()
                    || v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || first & 0xfe00 == 0xfc00
                    || first & 0xffc0 == 0xfe80
            }
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Encode for Network {
    fn encode(&self, w: &mut Writer) {
        w.text(&self.0.to_string());
    }
}

impl Decode<'_> for Network {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Malformed> {
        let text = r.text()?;
        let net = Self::parse(text).map_err(|_| Malformed::OutOfRange)?;
        if net.to_string() == text { Ok(net) } else { Err(Malformed::OutOfRange) }
    }
}

impl serde::Serialize for Network {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_one_spelling_and_are_never_everything() {
        assert_eq!(Network::parse("0.0.0.0/0"), Err(NetworkFlaw::Everything));
        assert_eq!(Network::parse("::/0"), Err(NetworkFlaw::Everything));
        assert_eq!(Network::parse("203.0.113.7/24"), Err(NetworkFlaw::HostBits));
        assert_eq!(Network::parse(""), Err(NetworkFlaw::NotANetwork));
        assert_eq!(Network::parse("203.0.113.0/33"), Err(NetworkFlaw::NotANetwork));
        assert_eq!(Network::parse("203.0.113.9").map(|n| n.to_string()), Ok("203.0.113.9/32".to_owned()));
        for private in [
            "10.0.0.0/8",
            "192.168.1.0/24",
            "127.0.0.1",
            "169.254.0.0/16",
            "100.64.0.0/10",
            "fd00::/8",
            "fe80::/10",
            "0.0.0.0/8",
        ] {
            assert!(
                Network::parse(private).is_ok_and(|n| n.is_private()),
                "{private} is never seen on the internet"
            );
        }
        assert!(Network::parse("203.0.113.0/24").is_ok_and(|n| !n.is_private() && !n.is_wide()));
        assert!(Network::parse("203.0.0.0/16").is_ok_and(|n| n.is_wide()));
    }
}
