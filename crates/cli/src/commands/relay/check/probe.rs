//! Questions that the relay's client never asks: one answer each, with everything that came with it.

use std::{sync::Arc, time::Duration};

use countersign_documents::Time;
use reqwest::{Client, ClientBuilder, Response, Url, header::HeaderMap, redirect, tls::TlsInfo};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// For one answer. A relay that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(15);
/// For a port that is likely to be closed: a firewall that drops what comes is as good as one that refuses it.
const SHORT: Duration = Duration::from_secs(5);
/// More than any answer that is looked at.
const LARGEST: usize = 256 * 1024;

/// An origin, and how it is asked.
pub(super) struct Probe {
    url: Url,
    client: Client,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The certificate of whoever answered, in DER.
    pub(super) certificate: Option<Vec<u8>>,
}

impl Probe {
    /// Nothing where this is no origin of a relay.
    pub(super) fn new(origin: &str) -> Option<Self> {
        let url = Url::parse(origin).ok()?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let here = origin.starts_with("http://127.0.0.1:");
        let known = here || url.scheme() == "https";
        if !bare || !known || origin.ends_with('/') || !url.username().is_empty() || url.password().is_some()
        {
            return None;
        }
        let client = client(PATIENCE, !here)?;
        Some(Self { url, client })
    }

    pub(super) fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(super) async fn get(&self, path: &str) -> Option<Answer> {
        read(self.client.get(self.at(path)).send().await.ok()?).await
    }

    /// Posts so many zeros, which are no act.
    pub(super) async fn post(&self, path: &str, size: usize) -> Option<Answer> {
        let post =
            self.client.post(self.at(path)).header("content-type", "application/cbor").body(vec![0; size]);
        read(post.send().await.ok()?).await
    }

    /// The status of whoever answers without TLS at the host of a relay that has it.
    pub(super) async fn in_the_clear(&self, path: &str) -> Option<u16> {
        if !self.is_secure() {
            return None;
        }
        let mut url = self.at(path);
        url.set_scheme("http").ok()?;
        url.set_port(None).ok()?;
        let answer = client(SHORT, false)?.get(url).send().await.ok()?;
        Some(answer.status().as_u16())
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }
}

async fn read(mut response: Response) -> Option<Answer> {
    let certificate =
        response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate).map(<[u8]>::to_vec);
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > LARGEST {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(Answer { status, headers, body, certificate })
}

/// As desks and partners reach it: certificates that the operating system trusts; without TLS, never through a proxy.
fn client(patience: Duration, secure: bool) -> Option<Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let plain: ClientBuilder =
        Client::builder().redirect(redirect::Policy::none()).referer(false).http1_only().timeout(patience);
    let built = match secure {
        true => {
            let tls = tls.with_platform_verifier().ok()?.with_no_client_auth();
            plain.https_only(true).tls_info(true).use_preconfigured_tls(tls)
        }
        false => {
            let tls = tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
            plain.no_proxy().use_preconfigured_tls(tls)
        }
    };
    built.build().ok()
}

impl Answer {
    /// A header that stands there once, as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// When it was written, by the clock of whoever wrote it.
    pub(super) fn date(&self) -> Option<Time> {
        let stamp = jiff::fmt::rfc2822::parse(self.header("date")?).ok()?.timestamp();
        u64::try_from(stamp.as_second()).ok().map(Time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_asked_and_nothing_else() {
        for good in ["https://keys.example.com", "https://keys.example.com:8443", "http://127.0.0.1:8480"] {
            assert!(Probe::new(good).is_some(), "{good}");
        }
        for bad in [
            "http://keys.example.com",
            "https://keys.example.com/",
            "https://keys.example.com/e/a",
            "https://user@keys.example.com",
            "https://keys.example.com?a",
            "https://keys.example.com#a",
            "keys.example.com",
            "",
        ] {
            assert!(Probe::new(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_date_is_read_as_http_writes_it() {
        let mut headers = HeaderMap::new();
        let mut answer = |value: Option<&'static str>| {
            headers.clear();
            if let Some(value) = value {
                headers.insert("date", value.parse().unwrap());
            }
            Answer { status: 200, headers: headers.clone(), body: Vec::new(), certificate: None }.date()
        };
        assert_eq!(answer(Some("Tue, 14 Nov 2023 22:13:20 GMT")), Some(Time(1_700_000_000)));
        assert_eq!(answer(Some("yesterday")), None);
        assert_eq!(answer(None), None);
    }
}
