//! The view: what lists show, projected from the state. Lost or damaged, it is made anew.

use std::collections::BTreeSet;

use countersign_documents::{
    Head,
    id::{KeyId, RequestId},
};
use countersign_domain::Concern;
use countersign_ports::Item;

use super::Desk;
use crate::error::Result;

/// What changed since the view was written.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    requests: BTreeSet<RequestId>,
    keys: BTreeSet<KeyId>,
    /// Members, policy, names: everything may look different.
    all: bool,
}

impl Touched {
    pub(crate) fn note(&mut self, concern: Option<Concern>) {
        match concern {
            Some(Concern { requests, keys }) => {
                self.requests.extend(requests);
                self.keys.extend(keys);
            }
            None => self.all = true,
        }
    }
}

impl Desk {
    /// Brings the view to where the log is. A view that cannot be written costs lists, not the ledger.
    pub(crate) async fn project(&mut self) -> Result<()> {
        let head = self.head();
        let Ok(place) = self.ports.view.place().await else { return Ok(()) };
        if place == Some(head) {
            return Ok(());
        }
        let touched = std::mem::take(&mut self.touched);
        let whole = touched.all
            || place.is_none_or(|p| p.size + 200 < head.size || p.size == 0)
            || touched.is_empty();
        let items = if whole {
            self.all_items().await?
        } else {
            self.items(touched.requests.iter(), touched.keys.iter()).await?
        };
        let _lists_only = self.write_view(&head, &items, whole).await;
        Ok(())
    }

    /// Makes the view anew, whatever it says of itself: its place is no proof of what is in it.
    pub(crate) async fn project_anew(&mut self) -> Result<()> {
        let items = self.all_items().await?;
        let _lists_only = self.write_view(&self.head(), &items, true).await;
        Ok(())
    }

    async fn write_view(
        &self,
        head: &Head,
        items: &[Item],
        whole: bool,
    ) -> core::result::Result<(), countersign_ports::LogError> {
        if !whole {
            return self.ports.view.replace(head, items, &[]).await;
        }
        // What was shown here stands nowhere but in the view.
        let shown = self.ports.view.list(super::list::SHOWN, &super::list::EVERYTHING).await?;
        self.ports.view.clear().await?;
        self.ports.view.replace(head, &[items, &shown].concat(), &[]).await
    }

    async fn all_items(&self) -> Result<Vec<Item>> {
        self.items(self.state.exchanges.keys(), self.state.keys.keys()).await
    }

    async fn items(
        &self,
        requests: impl Iterator<Item = &RequestId> + Send,
        keys: impl Iterator<Item = &KeyId> + Send,
    ) -> Result<Vec<Item>> {
        let requests: Vec<RequestId> = requests.copied().collect();
        let keys: Vec<KeyId> = keys.copied().collect();
        let mut items = Vec::with_capacity(requests.len() + keys.len());
        for id in requests {
            let view = self.request_view(id).await?;
            items.push(Item {
                kind: "request".to_owned(),
                id: view.id.clone(),
                parent: Some(self.state.exchange(&id)?.identity.hex()),
                state: view.state.clone(),
                due: None,
                search: [view.company.as_str(), &view.contact, &view.service, &view.environment, &view.id]
                    .join(" ")
                    .to_lowercase(),
                body: serde_json::to_string(&view).unwrap_or_default(),
            });
        }
        for id in keys {
            let record = self.state.key(&id)?;
            let view = self.key_view(record).await;
            items.push(Item {
                kind: "key".to_owned(),
                id: view.id.clone(),
                parent: Some(record.holder.hex()),
                state: view.state.clone(),
                due: record.not_after,
                search: [view.holder.as_str(), &view.service, &view.environment, &view.id]
                    .join(" ")
                    .to_lowercase(),
                body: serde_json::to_string(&view).unwrap_or_default(),
            });
        }
        Ok(items)
    }
}

impl Touched {
    fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.keys.is_empty()
    }
}
