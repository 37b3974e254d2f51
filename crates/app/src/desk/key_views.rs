//! What a desk shows of keys, re-read from the verified state.

use countersign_contract::{KeyView, LeakView};
use countersign_documents::{
    catalogue::ScopeClass,
    id::KeyId,
    order::{Act, Reason},
};
use countersign_domain::{KeyRecord, KeyState};
use countersign_ports::Filter;

use super::{Desk, leak::Leak};
use crate::error::{Error, Result};

impl Desk {
    /// Keys, as the view lists them.
    pub async fn keys(&self, filter: &Filter) -> Result<Vec<KeyView>> {
        let items = self.ports.view.list("key", filter).await?;
        let views = items.iter().filter_map(|item| serde_json::from_str(&item.body).ok());
        Ok(views.map(|view| self.completed(self.at_this_time(view))).collect())
    }

    /// What a list kept of a key, with what only the state says of it: whose it is, how far it reaches, and an order that
    /// is not on the record.
    fn completed(&self, view: KeyView) -> KeyView {
        let Some(key) = KeyId::parse(&view.id).and_then(|id| self.state.keys.get(&id)) else { return view };
        let unrecorded = self.unrecorded_order(key).map(unrecorded);
        KeyView {
            holder_id: key.holder.hex(),
            class: self.class_of(key),
            next: if unrecorded.is_some() { next(key, true) } else { view.next },
            stop: unrecorded.or(view.stop),
            ..view
        }
    }

    /// The widest class of what a key may do: as it was granted, or as the catalogue has it. Nobody knows what keys from
    /// before may do.
    fn class_of(&self, key: &KeyRecord) -> String {
        let granted = key
            .request
            .and_then(|request| self.state.exchanges.get(&request))
            .and_then(|exchange| exchange.signed.as_ref())
            .filter(|signed| Some(signed.grant.id) == key.grant)
            .map(|signed| signed.grant.scopes.as_slice());
        let listed = || {
            let service = self.state.catalogue.as_ref().and_then(|c| c.service(&key.service));
            service.map(|service| service.scopes.as_slice())
        };
        let scopes = granted.or_else(listed).unwrap_or_default();
        let held = scopes.iter().filter(|scope| key.scopes.contains(&scope.name));
        let widest: Option<ScopeClass> = held.map(|scope| scope.class).max();
        widest.map_or_else(|| "unknown".to_owned(), |class| class.to_string())
    }

    /// How the view calls the holder of a key, where the log with the documents cannot be read.
    async fn listed_name(&self, key: &KeyRecord) -> Option<String> {
        let filter = Filter { text: Some(key.id.to_string()), limit: 1, ..Filter::default() };
        let items = self.ports.view.list("key", &filter).await.ok()?;
        let view: KeyView = serde_json::from_str(&items.first()?.body).ok()?;
        (view.id == key.id.to_string()).then_some(view.holder)
    }

    pub(crate) async fn holder_name(&self, key: &KeyRecord) -> String {
        let exchange = key.request.and_then(|request| self.state.exchanges.get(&request));
        let name = match (key.legacy, exchange) {
            (Some(blob), _) => self.old_holder(blob).await,
            (None, Some(exchange)) => self.company(exchange).await,
            (None, None) => return "(unknown)".to_owned(),
        };
        match name {
            Ok(name) => name.to_string(),
            Err(Error::BlobErased) => "(erased)".to_owned(),
            Err(Error::Log(_)) => self.listed_name(key).await.unwrap_or_else(|| "(missing)".to_owned()),
            Err(_) => "(missing)".to_owned(),
        }
    }

    /// One key as a list shows it.
    pub async fn key_view(&self, key: &KeyRecord) -> KeyView {
        let waits = self.unrecorded_order(key);
        let stop = key.stop.as_ref().map(|s| {
            let what = if s.act == Act::Revoke { "revocation" } else { "disabling" };
            match (&s.confirmed, &s.failed) {
                (Some(_), _) => format!("{what} confirmed ({})", s.reason),
                (None, Some((times, why))) => format!("{what} failed {times} times, retrying: {why}"),
                (None, None) => format!("{what} ordered ({}), not confirmed yet", s.reason),
            }
        });
        KeyView {
            id: key.id.to_string(),
            holder: self.holder_name(key).await,
            holder_id: key.holder.hex(),
            class: self.class_of(key),
            service: key.service.to_string(),
            environment: key.environment.to_string(),
            scopes: key.scopes.iter().map(|s| s.to_string()).collect(),
            state: self.delivery_word(key),
            not_after: key.not_after.map(|t| t.0),
            legacy: key.legacy.is_some(),
            stop: waits.map(unrecorded).or(stop),
            request: key.request.map(|r| r.to_string()),
            next: next(key, waits.is_some()),
            reported: self.state.leak_report(&key.id).map(|r| r.reported.sent.0),
        }
    }

    /// One key.
    pub async fn key(&self, id: KeyId) -> Result<KeyView> {
        Ok(self.key_view(self.state.key(&id)?).await)
    }

    /// Leaks with their holders and what else those hold.
    pub async fn leak_views(&self, leaks: &[Leak]) -> Vec<LeakView> {
        let mut views = Vec::new();
        for leak in leaks {
            let mut siblings = Vec::new();
            let live = |k: &&KeyRecord| {
                k.holder == leak.key.holder
                    && k.id != leak.key.id
                    && !matches!(k.state, KeyState::Revoked | KeyState::Abandoned)
            };
            for key in self.state.all_keys().filter(live) {
                siblings.push(self.key_view(key).await);
            }
            views.push(LeakView { key: self.key_view(&leak.key).await, line: leak.line, siblings });
        }
        views
    }
}

/// An order that no ledger knows of is neither on the record nor confirmed, whatever it did.
fn unrecorded((act, reason): (Act, Reason)) -> String {
    let what = if act == Act::Revoke { "revocation" } else { "disabling" };
    format!("{what} ordered ({reason}), not yet on the record")
}

fn next(key: &KeyRecord, unrecorded: bool) -> Option<String> {
    if unrecorded {
        return Some("stop it by hand where that cannot wait for the record".to_owned());
    }
    let back = key.parcel.is_some_and(|p| p.withdrawn.is_some());
    let text = match (key.state, &key.stop) {
        (KeyState::Revoked, _) | (KeyState::Abandoned, _) => return None,
        (_, Some(stop)) if stop.confirmed.is_none() => "confirm that it is stopped",
        (KeyState::Disabled, _) => "revoke it for good",
        (KeyState::Intended, _) => "finish or abandon making it",
        (KeyState::Sealed | KeyState::HandedOver, _) if back => "make another key, or revoke it",
        (KeyState::Sealed, _) => "deliver the envelope",
        (KeyState::HandedOver, _) => "wait for the receipt",
        (KeyState::Opened, _) => "switch it on",
        (KeyState::Active, _) if key.legacy.is_some() => "replace it with a vetted key",
        (KeyState::Active, _) => return None,
    };
    Some(text.to_owned())
}
