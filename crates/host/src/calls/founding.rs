//! Founding an organisation, and attaching a desk to its ledger.

use std::path::Path;

use countersign_adapters::{SystemClock, SystemEntropy};
use countersign_app::{founding, profile};
use countersign_contract::*;
use countersign_store::SqliteLog;

use super::Answer;
use crate::{
    failure::Error,
    files,
    host::{Host, Open},
    shell::Change,
    wiring,
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
        let (offer, half) = (Path::new(&wish.offer), Path::new(&wish.half));
        files::check_new(offer)?;
        files::check_new(half)?;
        let vault = self.vault().await?;
        let (document, paper) =
            founding::begin(&*vault, &SystemEntropy, &SystemClock, &wish.name, false).await?;
        files::write_new(half, paper.text.as_bytes())?;
        files::write_new(offer, &document)?;
        Ok(Nothing {})
    }

    async fn answer_founding(&self, wish: &AnswerFounding) -> Result<Nothing, Error> {
        let (out, half) = (Path::new(&wish.answer), Path::new(&wish.half));
        files::check_new(out)?;
        files::check_new(half)?;
        let offer = files::read(Path::new(&wish.offer), files::SMALL)?;
        let vault = self.vault().await?;
        let (document, paper) =
            founding::answer(&*vault, &SystemEntropy, &SystemClock, &offer, &wish.typed).await?;
        files::write_new(half, paper.text.as_bytes())?;
        files::write_new(out, &document)?;
        Ok(Nothing {})
    }

    async fn complete_founding(&self, wish: &CompleteFounding) -> Result<OrganisationView, Error> {
        let answer = files::read(Path::new(&wish.answer), files::SMALL)?;
        let place = Path::new(&wish.ledger);
        let (vault, folder) = (self.vault().await?, self.folder().await?);
        let organisation = founding::check_answer(&*vault, &answer, &wish.typed).await?;
        let log = wiring::create_log(place, organisation).await?;
        let ports = wiring::ports(&folder, vault.clone(), log).await?;
        let (desk, _) = founding::complete(ports, &answer, &wish.typed).await?;
        profile::set_log_place(&*vault, &wiring::absolute(place)?).await?;
        let view = desk.organisation_view()?;
        self.profile.lock().await.open = Open::Desk(vault, Box::new(desk));
        self.shell.tell(Change::Session);
        Ok(view)
    }

    async fn attach_desk(&self, wish: &Attach) -> Result<OrganisationView, Error> {
        let place = Path::new(&wish.ledger);
        let (vault, folder) = (self.vault().await?, self.folder().await?);
        let log = SqliteLog::open(place, None).await?;
        let organisation = log.organisation();
        if founding::organisation(&*vault).await?.is_some_and(|known| known != organisation) {
            return Err(Error::Usage("This profile belongs to another organisation."));
        }
        let ports = wiring::ports(&folder, vault.clone(), log).await?;
        let desk = founding::attach(ports, organisation, wish.typed.as_deref()).await?;
        profile::set_log_place(&*vault, &wiring::absolute(place)?).await?;
        let view = desk.organisation_view()?;
        self.profile.lock().await.open = Open::Desk(vault, Box::new(desk));
        self.shell.tell(Change::Session);
        Ok(view)
    }
}
