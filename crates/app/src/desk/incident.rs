//! What an incident report says: the keys of a holder, what was ordered against each, what came of it, and where in the
//! log all of that stands.

use countersign_contract::KeyView;
use countersign_documents::{Time, id::KeyId};
use countersign_domain::{Context, KeyRecord, KeyState};

use super::Desk;
use crate::{
    error::{Error, Result},
    random::now,
};

/// So many rows of the log are read at a time.
const ROWS: u32 = 1000;

/// An incident, as far as the log tells it.
pub struct Incident {
    /// The organisation.
    pub organisation: String,
    /// When this was put together, and by whom.
    pub made: Time,
    /// Who put it together.
    pub by: String,
    /// Entries of the log that were read for it.
    pub entries: u64,
    /// Root over them.
    pub root: String,
    /// The keys that leaked, then what else their holders hold or held under an order.
    pub keys: Vec<IncidentKey>,
}

/// One key of it.
pub struct IncidentKey {
    /// The key.
    pub view: KeyView,
    /// Whether it is the one that leaked; else it belongs to the same holder.
    pub leaked: bool,
    /// From where it may be used.
    pub networks: Vec<String>,
    /// How its issuer names it.
    pub handle: Option<String>,
    /// The order against it.
    pub stop: Option<IncidentStop>,
    /// Every entry about it, oldest first.
    pub entries: Vec<IncidentEntry>,
}

/// An order and what came of it.
pub struct IncidentStop {
    /// When it was ordered.
    pub ordered: Time,
    /// By whom.
    pub by: String,
    /// Why, one word.
    pub reason: String,
    /// When it was confirmed.
    pub confirmed: Option<Time>,
    /// How often it failed, and the last reason.
    pub failed: Option<(u64, String)>,
}

/// One entry of the log.
pub struct IncidentEntry {
    /// Its place.
    pub seq: u64,
    /// When, by the clock of the member who signed it.
    pub time: Time,
    /// Who.
    pub by: String,
    /// What happened, one word.
    pub event: String,
}

/// What members have to do by hand.
pub struct HandSheet {
    /// The organisation.
    pub organisation: String,
    /// When this was put together.
    pub made: Time,
    /// Key by key.
    pub work: Vec<HandWork>,
}

/// What a member has to do by hand to stop a key.
pub struct HandWork {
    /// The key.
    pub view: KeyView,
    /// Who makes and stops it; none for a key from before.
    pub issuer: Option<String>,
    /// What the issuer's terms say; none for a key from before.
    pub instructions: Option<String>,
    /// The order.
    pub stop: Option<IncidentStop>,
}

impl Desk {
    /// All that the log says about these keys and whatever else their holders hold.
    pub async fn incident(&mut self, leaked: &[KeyId]) -> Result<Incident> {
        let mut holders = Vec::new();
        for id in leaked {
            holders.push(self.state.key(id)?.holder);
        }
        let concerned = |key: &&KeyRecord| {
            let over = matches!(key.state, KeyState::Revoked | KeyState::Abandoned);
            leaked.contains(&key.id) || (holders.contains(&key.holder) && (!over || key.stop.is_some()))
        };
        let mut records: Vec<KeyRecord> = self.state.all_keys().filter(concerned).cloned().collect();
        records.sort_by_key(|key| (!leaked.contains(&key.id), key.id));
        let mut keys = Vec::new();
        for record in &records {
            keys.push(IncidentKey {
                view: self.key_view(record).await,
                leaked: leaked.contains(&record.id),
                networks: record.networks.iter().map(ToString::to_string).collect(),
                handle: record.handle.as_ref().map(ToString::to_string),
                stop: self.stop_of(record).await,
                entries: Vec::new(),
            });
        }
        let ids: Vec<KeyId> = records.iter().map(|r| r.id).collect();
        self.add_entries(&ids, &mut keys).await?;
        let head = self.head();
        Ok(Incident {
            organisation: self.state.name.as_ref().map(ToString::to_string).unwrap_or_default(),
            made: now(&*self.ports.clock)?,
            by: self.display_name(self.me()?.name).await,
            entries: head.size,
            root: head.root.hex(),
            keys,
        })
    }

    /// What is to be done by hand about these keys.
    pub async fn hand_sheet(&self, ids: &[KeyId]) -> Result<HandSheet> {
        let mut work = Vec::new();
        for id in ids {
            work.push(self.hand_work(*id).await?);
        }
        let organisation = self.state.name.as_ref().map(ToString::to_string).unwrap_or_default();
        Ok(HandSheet { organisation, made: now(&*self.ports.clock)?, work })
    }

    /// What is to be done by hand about a key that is ordered to be stopped.
    pub async fn hand_work(&self, id: KeyId) -> Result<HandWork> {
        let key = self.state.key(&id)?.clone();
        let terms =
            key.issuer.as_ref().and_then(|issuer| self.state.issuers.get(issuer)).map(|known| &known.terms);
        Ok(HandWork {
            view: self.key_view(&key).await,
            issuer: terms.map(|t| t.id.to_string()),
            instructions: terms.and_then(|t| t.instructions.as_ref()).map(ToString::to_string),
            stop: self.stop_of(&key).await,
        })
    }

    async fn stop_of(&self, key: &KeyRecord) -> Option<IncidentStop> {
        let stop = key.stop.as_ref()?;
        Some(IncidentStop {
            ordered: stop.time,
            by: self.person_name(stop.person).await,
            reason: stop.reason.to_string(),
            confirmed: stop.confirmed,
            failed: stop.failed.as_ref().map(|(times, why)| (*times, why.to_string())),
        })
    }

    async fn add_entries(&mut self, ids: &[KeyId], keys: &mut [IncidentKey]) -> Result<()> {
        let mut from = 0;
        loop {
            let rows = self.ports.log.read(from, ROWS).await.map_err(Error::from)?;
            let Some(last) = rows.last() else { return Ok(()) };
            from = last.seq + 1;
            for row in &rows {
                let Some((entry, event, signer, _)) = self.open_entry(&row.leaf) else { continue };
                let ctx = Context { signer, head: entry.head, time: entry.time };
                let about = self.state.concern(&ctx, &event).map(|concern| concern.keys).unwrap_or_default();
                let about: Vec<usize> = (0..ids.len()).filter(|at| about.contains(&ids[*at])).collect();
                if about.is_empty() {
                    continue;
                }
                let by = match self.state.member_by_key(&signer).map(|m| m.name) {
                    Some(name) => self.display_name(name).await,
                    None => "(former key)".to_owned(),
                };
                for at in about {
                    let event = event.word().to_owned();
                    keys[at].entries.push(IncidentEntry {
                        seq: row.seq,
                        time: entry.time,
                        by: by.clone(),
                        event,
                    });
                }
            }
        }
    }
}
