//! Requests, on the desk.

use std::path::Path;

use countersign_app::{
    RelayFault,
    desk::{Desk, Evidences, Heard, Wanted},
};
use countersign_contract::*;
use countersign_documents::{
    network::Network,
    policy::{Check, FindingCode},
    text::ScopeName,
};
use countersign_domain::{Refusal, Terms};

use super::{Answer, PAGE, channel, request_of};
use crate::{
    confirm::{Ask, Seen, Shown, grant_lines},
    failure::Error,
    files,
    host::Host,
    laid_out::exact,
    shell::Change,
    ways,
};

impl Requests for Host {
    async fn list(&self, wish: ListWish) -> Answer<Vec<RequestView>> {
        let wanted = Wanted { state: wish.state, text: wish.text, ..Wanted::default() };
        let views = self.desk().await?.requests(&wanted).await.map_err(Error::from)?;
        let page = wish.limit.min(PAGE) as usize;
        Ok(views.into_iter().skip(wish.offset as usize).take(page).collect())
    }

    async fn show(&self, wish: ById) -> Answer<RequestDetail> {
        let desk = self.desk().await?;
        desk.note_shown(request_of(&desk, &wish.id)?).await;
        Ok(shown(&desk, &wish.id).await?)
    }

    async fn import(&self, wish: Incoming) -> Answer<ImportView> {
        let bytes = ways::incoming(&wish)?;
        let (what, id) = self.desk().await?.import(&bytes).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(ImportView { what: what.to_owned(), id })
    }

    async fn check(&self, wish: AnswerCheck) -> Answer<RequestDetail> {
        Ok(self.answer_check(&wish).await?)
    }

    async fn save_evidence(&self, wish: SaveEvidence) -> Answer<Nothing> {
        let out = Path::new(&wish.out);
        files::check_new(out).map_err(Error::from)?;
        let desk = self.desk().await?;
        let id = request_of(&desk, &wish.request)?;
        let (_, content) = desk.evidence_file(id, &wish.digest).await.map_err(Error::from)?;
        files::write_new(out, &content).map_err(Error::from)?;
        Ok(Nothing {})
    }

    async fn justify(&self, wish: Justify) -> Answer<RequestDetail> {
        let mut desk = self.desk().await?;
        let id = request_of(&desk, &wish.request)?;
        let code = FindingCode::from_word(&wish.finding).ok_or(Error::Usage("There is no such finding."))?;
        desk.justify(id, code, &wish.reason).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(shown(&desk, &wish.request).await?)
    }

    async fn narrow(&self, wish: Narrow) -> Answer<RequestDetail> {
        Ok(self.narrow_request(&wish).await?)
    }

    async fn compare(&self, wish: Typed) -> Answer<RequestDetail> {
        let mut desk = self.desk().await?;
        let id = request_of(&desk, &wish.id)?;
        let heard = Heard {
            typed: &wish.typed,
            channel: channel(wish.channel),
            source: &wish.source,
            attended: true,
        };
        desk.check_identity(id, heard).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(shown(&desk, &wish.id).await?)
    }

    async fn ask(&self, wish: Reply) -> Answer<RequestDetail> {
        Ok(self.reply(&wish, false).await?)
    }

    async fn decline(&self, wish: Reply) -> Answer<RequestDetail> {
        Ok(self.reply(&wish, true).await?)
    }

    async fn vet(&self, wish: ById) -> Answer<Nothing> {
        Ok(self.ask_to_vet(&wish.id).await?)
    }

    async fn countersign(&self, wish: ById) -> Answer<Nothing> {
        Ok(self.ask_to_countersign(&wish.id).await?)
    }
}

async fn shown(desk: &Desk, id: &str) -> Result<RequestDetail, Error> {
    Ok(desk.request(request_of(desk, id)?).await?)
}

impl Host {
    async fn answer_check(&self, wish: &AnswerCheck) -> Result<RequestDetail, Error> {
        let check = Check::from_word(&wish.check).ok_or(Error::Usage("There is no such check."))?;
        let mut evidence = Evidences { note: wish.note.as_deref(), files: Vec::new() };
        for path in &wish.files {
            let path = Path::new(path);
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            evidence.files.push((name, files::read(path, files::LARGE - 64 * 1024)?.to_vec()));
        }
        let mut desk = self.desk().await?;
        let id = request_of(&desk, &wish.request)?;
        desk.answer(id, check, wish.passed, evidence).await?;
        self.shell.tell(Change::Content);
        shown(&desk, &wish.request).await
    }

    async fn narrow_request(&self, wish: &Narrow) -> Result<RequestDetail, Error> {
        let (to, from) = (terms(&wish.to)?, terms(&wish.from)?);
        let mut desk = self.desk().await?;
        let id = request_of(&desk, &wish.request)?;
        if desk.state().exchange(&id)?.terms != from {
            return Err(Error::Changed);
        }
        desk.narrow(id, |terms| *terms = to).await?;
        self.shell.tell(Change::Content);
        shown(&desk, &wish.request).await
    }

    async fn reply(&self, wish: &Reply, declined: bool) -> Result<RequestDetail, Error> {
        let out = ways::out(&wish.out)?;
        let mut desk = self.desk().await?;
        let id = request_of(&desk, &wish.request)?;
        if out.is_none() && desk.relay().is_none() {
            return Err(countersign_app::Error::from(RelayFault::None).into());
        }
        let letter = desk.reply(id, &wish.text, declined).await?;
        if let Some(out) = out {
            ways::write(out, &letter)?;
        }
        self.shell.tell(Change::Content);
        shown(&desk, &wish.request).await
    }

    async fn ask_to_vet(&self, id: &str) -> Result<Nothing, Error> {
        let desk = self.desk().await?;
        let request = request_of(&desk, id)?;
        let draft = Box::new(desk.draft(request).await?);
        desk.may_vet(request, &draft)?;
        let lines = grant_lines(&desk, &draft.0, &draft.1).await;
        let exact = Some(exact(&draft.0));
        let seen = Seen::now(&desk, &request)?;
        drop(desk);
        self.ask(Ask::Vet { request, draft, seen }, Shown { lines, exact, ..Shown::default() }).await?;
        Ok(Nothing {})
    }

    async fn ask_to_countersign(&self, id: &str) -> Result<Nothing, Error> {
        let desk = self.desk().await?;
        let request = request_of(&desk, id)?;
        desk.may_countersign(request)?;
        let signed = desk.state().exchange(&request)?.signed.clone().ok_or(Refusal::NotVetted)?;
        let lines = grant_lines(&desk, &signed.grant, &signed.vetting).await;
        let (grant, exact) = (signed.grant.digest(), Some(exact(&signed.grant)));
        drop(desk);
        self.ask(Ask::Countersign { request, grant }, Shown { lines, exact, ..Shown::default() }).await?;
        Ok(Nothing {})
    }
}

/// What a page named: in the order in which it is signed.
fn terms(extent: &Extent) -> Result<Terms, Error> {
    let scope = |t: &String| ScopeName::parse(t).map_err(countersign_app::Error::text("scope"));
    let network = |t: &String| Network::parse(t).map_err(countersign_app::Error::from);
    let mut scopes = extent.scopes.iter().map(scope).collect::<Result<Vec<_>, _>>()?;
    let mut networks = extent.networks.iter().map(network).collect::<Result<Vec<_>, _>>()?;
    scopes.sort_unstable();
    networks.sort_unstable();
    Ok(Terms { scopes, networks, days: extent.days })
}
