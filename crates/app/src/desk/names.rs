//! How partners are called: read once from the documents beside the log, and kept until they are erased.
//!
//! A document has the name of its content, so what was read under a name stays right. What is erased on the record is
//! forgotten as soon as the entry is read, and never kept again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use countersign_documents::{Digest, id::KeyId, text::Line};
use countersign_domain::{Exchange, ExchangeState};

use super::Desk;
use crate::error::{Error, Result};

/// Names by the blob they stand in.
#[derive(Debug, Default)]
pub(crate) struct Names(Mutex<BTreeMap<Digest, Line>>);

impl Names {
    /// What was erased is not known any more.
    pub(crate) fn forget(&self, blob: &Digest) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(blob);
    }

    fn get(&self, blob: &Digest) -> Option<Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(blob).cloned()
    }

    fn keep(&self, blob: Digest, name: &Line) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(blob, name.clone());
    }
}

impl Desk {
    /// The company behind a request.
    pub(crate) async fn company(&self, exchange: &Exchange) -> Result<Line> {
        if let Some(name) = self.names.get(&exchange.blob) {
            return Ok(name);
        }
        let name = self.request_document(exchange.id).await?.request.applicant.company;
        self.keep_name(exchange.blob, &name);
        Ok(name)
    }

    /// Who holds a key that was handed out before Countersign, by the blob with the name.
    pub(crate) async fn old_holder(&self, blob: Digest) -> Result<Line> {
        if let Some(name) = self.names.get(&blob) {
            return Ok(name);
        }
        let name =
            Line::parse(&String::from_utf8_lossy(&self.blob(blob).await?)).map_err(|_| Error::BlobGone)?;
        self.keep_name(blob, &name);
        Ok(name)
    }

    /// The names of all partners but one, as far as they are not erased: for requests, and for keys from before. Not among
    /// them is how this one is called now, if two people accepted it under that very name: whoever justified a second
    /// contact has done so. Under any other name it is looked at again.
    pub(crate) async fn other_names(&self, identity: &Digest, called: &Line) -> Vec<Line> {
        let mut known = BTreeSet::new();
        for other in self.state.exchanges.values().filter(|e| e.identity != *identity) {
            // An erased name cannot be looked alike.
            known.extend(self.company(other).await.ok());
        }
        let blobs: BTreeSet<Digest> = self.state.all_keys().filter_map(|key| key.legacy).collect();
        for blob in blobs {
            known.extend(self.old_holder(blob).await.ok());
        }
        if self.accepted_names(identity).await.contains(called) {
            known.remove(called);
        }
        known.into_iter().collect()
    }

    /// Every key of whoever is called like that, but for case and spaces: of all contacts of a company, and keys from
    /// before. Names are what this desk knew last where the ledger cannot be read.
    pub async fn keys_of_partner(&self, name: &str) -> Vec<KeyId> {
        let plain = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let wanted = plain(name);
        let mut keys = Vec::new();
        for key in self.state.all_keys() {
            if plain(&self.holder_name(key).await) == wanted {
                keys.push(key.id);
            }
        }
        keys
    }

    /// What an identity was called in requests that two people signed.
    pub(crate) async fn accepted_names(&self, identity: &Digest) -> BTreeSet<Line> {
        let mut names = BTreeSet::new();
        let signed = |e: &&Exchange| {
            e.identity == *identity && matches!(e.state, ExchangeState::Countersigned | ExchangeState::Issued)
        };
        for exchange in self.state.exchanges.values().filter(signed) {
            names.extend(self.company(exchange).await.ok());
        }
        names
    }

    fn keep_name(&self, blob: Digest, name: &Line) {
        if !self.state.erased.contains_key(&blob) {
            self.names.keep(blob, name);
        }
    }
}
