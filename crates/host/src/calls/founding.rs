//! Founding an organisation, and attaching a desk to its ledger.

use std::{path::Path, sync::Arc};

use countersign_app::desk::Desk;
use countersign_contract::*;
use countersign_vault::VaultFile;

use super::{Answer, heard};
use crate::{
    failure::Error,
    files,
    founding::{self, Papers},
    host::{Host, Open},
    shell::Change,
};

impl Founding for Host {
    async fn begin(&self, wish: Found) -> Answer<Nothing> {
        Ok(self.begin_founding(&wish).await?)
    }

    async fn answer(&self, wish: AnswerFounding) -> Answer<Nothing> {
        Ok(self.answer_founding(&wish).await?)
    }

    async fn complete(&self, wish: CompleteFounding) -> Answer<OrganisationView> {
        Ok(self.complete_founding(&wish).await?)
    }

    async fn attach(&self, wish: Attach) -> Answer<OrganisationView> {
        Ok(self.attach_desk(&wish).await?)
    }
}

impl Host {
    async fn begin_founding(&self, wish: &Found) -> Result<Nothing, Error> {
        let papers = Papers { document: Path::new(&wish.offer), half: Path::new(&wish.half) };
        papers.check()?;
        founding::begin(&*self.vault().await?, &wish.name, papers).await?;
        Ok(Nothing {})
    }

    async fn answer_founding(&self, wish: &AnswerFounding) -> Result<Nothing, Error> {
        let papers = Papers { document: Path::new(&wish.answer), half: Path::new(&wish.half) };
        papers.check()?;
        let offer = files::read(Path::new(&wish.offer), files::SMALL)?;
        founding::answer(&*self.vault().await?, &offer, &heard(&wish.heard), papers).await?;
        Ok(Nothing {})
    }

    async fn complete_founding(&self, wish: &CompleteFounding) -> Result<OrganisationView, Error> {
        let answer = files::read(Path::new(&wish.answer), files::SMALL)?;
        let (vault, folder) = (self.vault().await?, self.folder().await?);
        let place = Path::new(&wish.ledger);
        let heard = heard(&wish.heard);
        let desk = founding::complete(&folder, vault.clone(), &answer, &heard, place).await?;
        self.attached(vault, desk).await
    }

    async fn attach_desk(&self, wish: &Attach) -> Result<OrganisationView, Error> {
        let place = Path::new(&wish.ledger);
        let (vault, folder) = (self.vault().await?, self.folder().await?);
        let attaching = founding::open_to_attach(&vault, place).await?;
        // What is typed for an organisation that is known already is not asked for, and not needed.
        let heard = wish.heard.as_ref().filter(|_| !attaching.known).map(heard);
        let desk = attaching.attach(&folder, vault.clone(), heard.as_ref(), place).await?;
        self.attached(vault, desk).await
    }

    async fn attached(&self, vault: Arc<VaultFile>, desk: Desk) -> Result<OrganisationView, Error> {
        let view = desk.organisation_view().await?;
        self.profile.lock().await.open = Open::Desk(vault, Box::new(desk));
        self.relabel().await;
        self.shell.tell(Change::Session);
        Ok(view)
    }
}
