//! One question, one answer. No redirect is followed, nothing is kept of an answer, and nothing is asked twice.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use countersign_documents::relay::PATIENCE;
use countersign_ports::{RelayError, Witnessing};
use reqwest::{Client, ClientBuilder, RequestBuilder, header, redirect};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::{answer, origin::Origin};

/// For a connection to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// For everything, a poll that waits included.
const WHOLE: Duration = Duration::from_secs(30);
const _: () = assert!(WHOLE.as_secs() > CONNECT.as_secs() + PATIENCE, "a poll may wait as long as it says");
/// What bodies are.
const MEDIA_TYPE: &str = "application/cbor";
/// What a checkpoint is.
const TEXT: &str = "text/plain; charset=utf-8";

/// Two clients, each made when it is needed: one for anywhere, over TLS alone; one for this computer, without.
pub(crate) struct Http {
    whole: Duration,
    anywhere: OnceLock<Option<Client>>,
    here: OnceLock<Option<Client>>,
}

impl Default for Http {
    fn default() -> Self {
        Self::giving_up_after(WHOLE)
    }
}

impl Http {
    pub(crate) fn giving_up_after(whole: Duration) -> Self {
        Self { whole, anywhere: OnceLock::new(), here: OnceLock::new() }
    }

    pub(crate) async fn get(&self, origin: &Origin, path: &str) -> Result<Vec<u8>, RelayError> {
        ask(self.client(origin)?.get(origin.at(path))).await
    }

    pub(crate) async fn post(
        &self,
        origin: &Origin,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, RelayError> {
        ask(self.client(origin)?.post(origin.at(path)).header(header::CONTENT_TYPE, MEDIA_TYPE).body(body))
            .await
    }

    /// A checkpoint, for a witness.
    pub(crate) async fn show(
        &self,
        origin: &Origin,
        path: &str,
        body: String,
    ) -> Result<Witnessing, RelayError> {
        let request = self.client(origin)?.post(origin.at(path)).header(header::CONTENT_TYPE, TEXT);
        let response = request.body(body).send().await.map_err(|error| answer::failure(&error))?;
        answer::read_witness(response).await
    }

    fn client(&self, origin: &Origin) -> Result<&Client, RelayError> {
        let kept = match origin.here {
            true => self.here.get_or_init(|| self.near()),
            false => self.anywhere.get_or_init(|| self.secure()),
        };
        kept.as_ref().ok_or(RelayError::Insecure)
    }

    /// TLS 1.2 or 1.3, with certificates that the operating system trusts. Nothing without TLS is ever asked.
    fn secure(&self) -> Option<Client> {
        let tls = tls()?.with_platform_verifier().ok()?.with_no_client_auth();
        self.plain().https_only(true).use_preconfigured_tls(tls).build().ok()
    }

    /// This computer alone, never through a proxy. No certificate counts there: TLS is not spoken.
    fn near(&self) -> Option<Client> {
        let tls = tls()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        self.plain().no_proxy().use_preconfigured_tls(tls).build().ok()
    }

    /// What both have in common. The user agent says no version: whoever listens learns nothing to attack.
    fn plain(&self) -> ClientBuilder {
        Client::builder()
            .user_agent("countersign")
            .redirect(redirect::Policy::none())
            .referer(false)
            .http1_only()
            .connect_timeout(CONNECT)
            .timeout(self.whole)
    }
}

async fn ask(request: RequestBuilder) -> Result<Vec<u8>, RelayError> {
    let response = request.send().await.map_err(|error| answer::failure(&error))?;
    answer::read(response).await
}

/// The primitives are said here and not chosen for the whole program.
fn tls() -> Option<ConfigBuilder<ClientConfig, WantsVerifier>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()
}
