//! TLS by files: a certificate chain and its key, in PEM, read at the start and again whenever the relay is told to.

use std::{path::PathBuf, sync::Arc};

use tokio_rustls::rustls::{
    ServerConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    version::{TLS12, TLS13},
};

use crate::{
    failure::{Failure, TlsFlaw},
    files,
};

/// Where certificate and key lie.
#[derive(Debug, Clone)]
pub(crate) struct TlsFiles {
    /// The chain, the relay's own certificate first.
    pub(crate) certificate: PathBuf,
    /// Its private key.
    pub(crate) key: PathBuf,
}

impl TlsFiles {
    /// Reads both. Groups may read the key, as is usual where several servers share one; everybody may not.
    pub(crate) fn read(&self) -> Result<Arc<ServerConfig>, Failure> {
        let flaw = |path: &PathBuf, what| Failure::Tls { path: path.as_path().into(), what };
        let bytes = files::read(&self.certificate, files::LARGEST)?;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
            .collect::<Result<_, _>>()
            .map_err(|_| flaw(&self.certificate, TlsFlaw::NoCertificate))?;
        if chain.is_empty() {
            return Err(flaw(&self.certificate, TlsFlaw::NoCertificate));
        }
        let bytes = files::read_hidden(&self.key, files::Hidden::FromOthers)?;
        let key = PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| flaw(&self.key, TlsFlaw::NoKey))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|_| flaw(&self.key, TlsFlaw::DoesNotFit))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
