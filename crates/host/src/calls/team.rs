//! Members, and whatever two admins sign.

use std::path::PathBuf;

use countersign_app::{desk::MemberOffer, resolve};
use countersign_contract::*;
use countersign_documents::{certificate::Right, id::ChangeId};
use countersign_domain::Refusal;

use super::{Answer, heard};
use crate::{
    confirm::{Ask, Shown, line, line_at},
    exports,
    failure::Error,
    host::Host,
    laid_out::{exact, fields},
    shell::Change,
    ways,
};

impl Team for Host {
    async fn organisation(&self, _: Nothing) -> Answer<OrganisationView> {
        Ok(self.desk().await?.organisation_view().await.map_err(Error::from)?)
    }

    async fn members(&self, _: Nothing) -> Answer<Vec<MemberView>> {
        Ok(self.desk().await?.members().await)
    }

    async fn changes(&self, _: Nothing) -> Answer<Vec<ChangeView>> {
        Ok(self.desk().await?.changes().await)
    }

    async fn propose(&self, wish: ProposeMember) -> Answer<Vec<ChangeView>> {
        let card = ways::read(&[PathBuf::from(&wish.card)])?;
        let rights = rights(&wish.rights)?;
        let offer =
            MemberOffer { card: &card, heard: heard(&wish.heard), rights, person: None, agent: false };
        let mut desk = self.desk().await?;
        desk.propose_member(offer).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.changes().await)
    }

    async fn compare(&self, wish: CompareMember) -> Answer<Vec<MemberView>> {
        let mut desk = self.desk().await?;
        let id = resolve("member", &wish.id, desk.state().members.keys().copied()).map_err(Error::from)?;
        desk.check_member(id, heard(&wish.heard)).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.members().await)
    }

    async fn renew(&self, wish: RenewMember) -> Answer<Vec<ChangeView>> {
        let rights = wish.rights.as_deref().map(rights).transpose()?;
        let mut desk = self.desk().await?;
        let members = desk.state().members.keys().copied();
        let id = resolve("member", &wish.id, members).map_err(Error::from)?;
        desk.propose_renewal(id, rights, None).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.changes().await)
    }

    async fn confirm(&self, wish: ById) -> Answer<Nothing> {
        Ok(self.ask_to_confirm(&wish.id).await?)
    }

    async fn drop_change(&self, wish: ById) -> Answer<Vec<ChangeView>> {
        let mut desk = self.desk().await?;
        let id = resolve("change", &wish.id, desk.state().pending.keys().copied()).map_err(Error::from)?;
        desk.drop_change(id).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.changes().await)
    }

    async fn suspend(&self, wish: Suspend) -> Answer<Vec<MemberView>> {
        let mut desk = self.desk().await?;
        let members = desk.state().members.keys().copied();
        let id = resolve("member", &wish.member, members).map_err(Error::from)?;
        if wish.propose {
            desk.propose_suspension(id, &wish.why).await.map_err(Error::from)?;
        } else {
            desk.suspend(id, &wish.why).await.map_err(Error::from)?;
        }
        self.shell.tell(Change::Content);
        Ok(desk.members().await)
    }

    async fn rekey(&self, _: Nothing) -> Answer<Vec<MemberView>> {
        let mut desk = self.desk().await?;
        desk.rekey().await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.members().await)
    }
}

impl Host {
    async fn ask_to_confirm(&self, id: &str) -> Result<Nothing, Error> {
        let desk = self.desk().await?;
        let id: ChangeId = resolve("change", id, desk.state().pending.keys().copied())?;
        let pending = desk.state().pending.get(&id).ok_or(Refusal::NoSuchChange)?;
        let exact = exact(&pending.proposed.change);
        let change = pending.proposed.change.digest();
        let fields = fields(&desk, &pending.proposed.change).await?;
        let time = pending.time;
        let view = desk.changes().await.into_iter().find(|c| c.id == id.to_string());
        let view = view.ok_or(Refusal::NoSuchChange)?;
        drop(desk);
        let mut lines =
            vec![line("change", view.what), line("proposed-by", view.by), line_at("proposed-at", time)];
        if !view.compared.is_empty() {
            lines.push(line("calls", view.compared.iter().map(call).collect::<Vec<_>>().join("\n")));
        }
        self.ask(Ask::Change { id, change }, Shown { lines, fields, exact: Some(exact) }).await?;
        Ok(Nothing {})
    }
}

/// Codes first, where no name can stand for one: pages say them in the reader's language.
fn call(check: &IdentityCheckView) -> String {
    let how = if check.attended { "attended" } else { "unattended" };
    format!("{} {how} · {} · {} · {}", check.channel, check.by, check.source, exports::time(check.time))
}

fn rights(words: &[String]) -> Result<Vec<Right>, Error> {
    let right = |word: &String| Right::from_word(word).ok_or(Error::Usage("There is no such right."));
    words.iter().map(right).collect()
}
