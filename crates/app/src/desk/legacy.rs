//! Keys that were handed out before Countersign: on the record by fingerprint, never by their bytes.

use std::collections::{BTreeMap, btree_map::Entry};

use countersign_documents::{
    Key, Time,
    id::KeyId,
    text::{Line, Slug},
};
use countersign_domain::{
    Event,
    event::{Imported, Legacy, company},
};

use super::{Desk, issue::fingerprint};
use crate::{
    error::{Error, Result},
    random::make_bytes,
};

/// A key as the list of old keys has it.
pub struct LegacyKey {
    /// Who holds it.
    pub partner: String,
    /// Service.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// Since when.
    pub since: Time,
    /// Until when, if ever.
    pub until: Option<Time>,
    /// The key, fingerprinted and forgotten.
    pub key: Key,
}

/// How many keys one entry takes.
const AT_ONCE: usize = 100;

impl Desk {
    /// Puts old keys on the record. All fields are judged before the first one is written.
    pub async fn import_legacy(&mut self, keys: Vec<LegacyKey>) -> Result<Vec<KeyId>> {
        let look_up = self.look_up_key().await?;
        let mut judged = Vec::with_capacity(keys.len());
        for key in &keys {
            judged.push((
                Line::parse(&key.partner).map_err(Error::text("partner"))?,
                Slug::parse(&key.service).map_err(Error::text("service"))?,
                Slug::parse(&key.environment).map_err(Error::text("environment"))?,
            ));
        }
        if keys.is_empty() {
            return Err(Error::Value("The list holds no key."));
        }
        let mut legacy = Vec::with_capacity(keys.len());
        // One name, written and erased once, however many keys its partner holds.
        let mut names = BTreeMap::new();
        for (key, (partner, service, environment)) in keys.iter().zip(judged) {
            let name = match names.entry(partner.clone()) {
                Entry::Occupied(there) => *there.get(),
                Entry::Vacant(new) => *new.insert(self.put_blob(partner.as_str().as_bytes()).await?),
            };
            legacy.push(Legacy {
                key: KeyId(make_bytes(&*self.ports.entropy)?),
                partner: name,
                service,
                environment,
                since: key.since,
                until: key.until,
                fingerprint: fingerprint(&look_up, key.key.expose()),
                group: company(&partner),
            });
        }
        let ids = legacy.iter().map(|l| l.key).collect();
        for part in legacy.chunks(AT_ONCE) {
            self.record(Event::Imported(Imported { keys: part.to_vec() })).await?;
        }
        Ok(ids)
    }
}
