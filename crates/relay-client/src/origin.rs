//! Where a relay may be: an https origin, or this very computer.

use countersign_ports::RelayError;
use reqwest::Url;

/// Scheme, host and port, and nothing else.
pub(crate) struct Origin {
    url: Url,
    /// This computer: without TLS, and never through a proxy.
    pub(crate) here: bool,
}

impl Origin {
    /// Refuses whatever has a path, a user, a question, or another scheme.
    pub(crate) fn parse(text: &str) -> Result<Self, RelayError> {
        let url = Url::parse(text).map_err(|_| RelayError::Unexpected)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none() && !text.ends_with('/');
        let here = url.scheme() == "http"
            && url.host_str() == Some("127.0.0.1")
            && text.starts_with("http://127.0.0.1:");
        if bare && nobody && (here || url.scheme() == "https") {
            Ok(Self { url, here })
        } else {
            Err(RelayError::Unexpected)
        }
    }

    /// The address of this path there.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_https_or_this_computer_and_nothing_stands_behind_it() {
        for good in ["https://keys.example.com", "https://keys.example.com:8443", "http://127.0.0.1:8080"] {
            let origin = Origin::parse(good).unwrap_or_else(|_| panic!("{good} is one"));
            assert_eq!(origin.at("/v1/nonce").as_str(), format!("{good}/v1/nonce"), "and nothing is added");
            assert_eq!(origin.here, good.starts_with("http:"), "{good}");
        }
        for bad in [
            "http://keys.example.com",
            "http://127.0.0.1",
            "http://127.0.0.1.example.com:80",
            "http://localhost:80",
            "http://127.1:80",
            "https://user@keys.example.com",
            "https://keys.example.com/",
            "https://keys.example.com/path",
            "https://keys.example.com?a",
            "https://keys.example.com#a",
            "file:///etc/passwd",
            "keys.example.com",
            "",
        ] {
            assert!(Origin::parse(bad).is_err(), "no relay is asked at {bad:?}");
        }
    }
}
