//! Erasable texts and attachments beside the log.

use countersign_documents::{Blob, Digest, decode, encode, record, text::Line};
use countersign_domain::{Event, Refusal, event::Erased};
use countersign_ledger::{BlobRandom, blob::SealedBlob, open_blob, seal_blob};
use zeroize::Zeroizing;

use super::{Desk, Recorded};
use crate::{
    error::{Error, Result},
    random::make_bytes,
};

record! {
    /// A display name and what binds it to a certificate.
    pub struct NameBlob {
        /// Salt of the certificate's name digest.
        1 => salt: [u8; 16],
        /// The name.
        2 => name: Line,
    }
}

record! {
    /// A note with a file.
    pub struct EvidenceBlob {
        /// What the reviewer says.
        1 => note?: countersign_documents::text::Prose,
        /// Name of the file.
        2 => file?: Line,
        /// Its content.
        3 => content?: Blob,
    }
}

impl Desk {
    /// Stores content beside the log, durably, before any entry names it.
    pub(crate) async fn put_blob(&self, content: &[u8]) -> Result<Digest> {
        let (epoch, key) = self.epoch_key()?;
        let random = BlobRandom::new(&Zeroizing::new(make_bytes(&*self.ports.entropy)?));
        let (name, stored) = seal_blob(epoch, key, self.organisation, content, &random)?;
        self.ports.log.put(name, &stored).await?;
        Ok(name)
    }

    /// Content beside the log. Erased on the record is not the same as missing.
    pub(crate) async fn blob(&self, name: Digest) -> Result<Vec<u8>> {
        // The record comes before the bytes go: nobody reads them in between.
        if self.state.erased.contains_key(&name) {
            return Err(Error::BlobErased);
        }
        let stored = self.ports.log.get(name).await?.ok_or(Error::BlobGone)?;
        let sealed = SealedBlob::parse(&stored)?;
        let key = self.keys.get(&sealed.epoch).ok_or(Error::NoLedgerKey)?;
        Ok(open_blob(key, self.organisation, name, &stored)?)
    }

    pub(crate) async fn put_name(&self, name: &NameBlob) -> Result<Digest> {
        self.put_blob(&encode(name)).await
    }

    pub(crate) async fn name_blob(&self, name: Digest) -> Result<NameBlob> {
        decode(&self.blob(name).await?).map_err(|_| Error::BlobGone)
    }

    /// How somebody is called, or why that cannot be said.
    pub async fn display_name(&self, name: Digest) -> String {
        match self.name_blob(name).await {
            Ok(blob) => blob.name.to_string(),
            Err(Error::BlobErased) => "(erased)".to_owned(),
            Err(_) => "(missing)".to_owned(),
        }
    }

    /// Erases a blob: first the record that it will be gone, then the bytes. Nothing is recorded again where a desk that
    /// stopped in between left the bytes: they go now.
    pub async fn erase(&mut self, blob: Digest, why: &str) -> Result<Option<Recorded>> {
        let why = Line::parse(why).map_err(Error::text("why"))?;
        if self.ports.log.get(blob).await?.is_none() {
            return Err(Refusal::AlreadyThere.into());
        }
        let recorded = match self.state.erased.contains_key(&blob) {
            true => None,
            false => Some(self.record(Event::Erased(Erased { blob, why })).await?),
        };
        self.ports.log.erase(blob).await.map_err(Error::from).map_err(Error::after_record)?;
        Ok(recorded)
    }
}
