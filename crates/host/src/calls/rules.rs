//! Policy, catalogue, issuers and the card. Each is a text that people write, and a change that two admins sign.

use std::path::Path;

use countersign_contract::*;

use super::Answer;
use crate::{failure::Error, forms, host::Host, shell::Change, ways};

impl Rules for Host {
    async fn policy(&self, _: Nothing) -> Answer<DocumentView> {
        let policy = self.desk().await?.state().policy();
        Ok(DocumentView { version: policy.version, text: forms::policy_text(&policy) })
    }

    async fn propose_policy(&self, wish: Document) -> Answer<Vec<ChangeView>> {
        let mut desk = self.desk().await?;
        let policy = forms::policy(&wish.text, desk.state().policy())?;
        desk.propose_policy(policy).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.changes().await)
    }

    async fn catalogue(&self, _: Nothing) -> Answer<DocumentView> {
        let desk = self.desk().await?;
        Ok(match &desk.state().catalogue {
            Some(catalogue) => {
                DocumentView { version: catalogue.version, text: forms::catalogue_text(catalogue) }
            }
            None => DocumentView { version: 0, text: String::new() },
        })
    }

    async fn propose_catalogue(&self, wish: Document) -> Answer<Vec<ChangeView>> {
        let catalogue = forms::catalogue(&wish.text)?;
        let mut desk = self.desk().await?;
        desk.propose_catalogue(catalogue).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.changes().await)
    }

    async fn issuers(&self, _: Nothing) -> Answer<Vec<IssuerView>> {
        let desk = self.desk().await?;
        let view = |known: &countersign_domain::KnownIssuer| IssuerView {
            id: known.terms.id.to_string(),
            kind: known.terms.kind.to_string(),
            location: known.terms.location.as_ref().map(|l| l.to_string()),
            stopped: known.stopped,
        };
        Ok(desk.state().issuers.values().map(view).collect())
    }

    async fn propose_issuer(&self, wish: Document) -> Answer<Vec<ChangeView>> {
        let terms = forms::issuer(&wish.text)?;
        let mut desk = self.desk().await?;
        desk.propose_issuer(terms).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.changes().await)
    }

    async fn propose_card(&self, wish: CardWish) -> Answer<Vec<ChangeView>> {
        let relay = wish.relay.as_deref().map(str::trim).filter(|origin| !origin.is_empty());
        let mut desk = self.desk().await?;
        desk.propose_card(relay).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.changes().await)
    }

    async fn write_organisation_card(&self, wish: ByPath) -> Answer<Nothing> {
        let out = Path::new(&wish.path);
        let desk = self.desk().await?;
        ways::write(out, desk.card().map_err(Error::from)?)?;
        Ok(Nothing {})
    }
}
