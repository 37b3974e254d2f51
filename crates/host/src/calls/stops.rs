//! Stopping keys, and leaks.

use std::path::Path;

use countersign_app::desk::{Desk, Selection};
use countersign_contract::*;
use countersign_documents::{
    id::KeyId,
    order::{Act, Reason},
    text::Slug,
};

use super::{Answer, key_of};
use crate::{
    confirm::{Ask, Shown, line},
    failure::Error,
    files,
    host::Host,
    paper::{self, Language},
    shell::Change,
};

impl Stops for Host {
    async fn preview(&self, wish: StopWish) -> Answer<Vec<KeyView>> {
        let desk = self.desk_to_stop().await?;
        let mut views = Vec::new();
        for key in desk.select(&selection(&desk, &wish.selected)?, act(wish.how)).map_err(Error::from)? {
            views.push(desk.key_view(&key).await);
        }
        Ok(views)
    }

    async fn order(&self, wish: StopOrder) -> Answer<Nothing> {
        Ok(self.ask_to_stop(&wish).await?)
    }

    async fn retry(&self, _: Nothing) -> Answer<Vec<StopView>> {
        let mut desk = self.desk_to_stop().await?;
        let outcomes =
            desk.retry_stops(&mut |progress| self.shell.progress(progress)).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.stop_views(&outcomes).await)
    }

    async fn object(&self, wish: Objection) -> Answer<KeyView> {
        let mut desk = self.desk().await?;
        let id = key_of(&desk, &wish.key)?;
        desk.object(id, &wish.why).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.key(id).await.map_err(Error::from)?)
    }

    async fn by_hand(&self, wish: StoppedByHand) -> Answer<KeyView> {
        let mut desk = self.desk().await?;
        let id = key_of(&desk, &wish.key)?;
        desk.confirm_stop(id, &wish.note).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(desk.key(id).await.map_err(Error::from)?)
    }

    async fn hand_work(&self, wish: ById) -> Answer<HandWorkView> {
        let desk = self.desk_to_stop().await?;
        let work = desk.hand_work(key_of(&desk, &wish.id)?).await.map_err(Error::from)?;
        Ok(HandWorkView {
            key: work.view,
            issuer: work.issuer,
            instructions: work.instructions,
            ordered: work.stop.as_ref().map(|s| s.ordered.0),
            by: work.stop.map(|s| s.by),
        })
    }

    async fn write_sheet(&self, wish: Paper) -> Answer<Nothing> {
        Ok(self.print_sheet(&wish).await?)
    }
}

impl Leaks for Host {
    async fn find(&self, wish: LeakSource) -> Answer<Vec<LeakView>> {
        let text = self.take(wish.from, wish.path.as_deref(), files::LARGE)?;
        let desk = self.desk_to_stop().await?;
        let leaks = desk.find_leaks(&text).await.map_err(Error::from)?;
        Ok(desk.leak_views(&leaks).await)
    }

    async fn write_report(&self, wish: Paper) -> Answer<Nothing> {
        Ok(self.print_report(&wish).await?)
    }
}

impl Host {
    async fn print_report(&self, wish: &Paper) -> Result<Nothing, Error> {
        let (out, language) = (Path::new(&wish.out), Language::from_code(&wish.language)?);
        files::check_new(out)?;
        let mut desk = self.desk().await?;
        let keys = named(&desk, &wish.keys)?;
        let incident = desk.incident(&keys).await?;
        files::write_new(out, &paper::report(&incident, language))?;
        Ok(Nothing {})
    }

    async fn print_sheet(&self, wish: &Paper) -> Result<Nothing, Error> {
        let (out, language) = (Path::new(&wish.out), Language::from_code(&wish.language)?);
        files::check_new(out)?;
        let desk = self.desk_to_stop().await?;
        let sheet = desk.hand_sheet(&named(&desk, &wish.keys)?).await?;
        files::write_new(out, &paper::sheet(&sheet, language))?;
        Ok(Nothing {})
    }

    async fn ask_to_stop(&self, wish: &StopOrder) -> Result<Nothing, Error> {
        let reason = Reason::from_word(&wish.reason).ok_or(Error::Usage("There is no such reason."))?;
        let mut desk = self.desk_as_it_is().await?;
        let cut_off = desk.catch_up_to_stop().await?;
        let act = act(wish.how);
        let keys = desk.select(&selection(&desk, &wish.selected)?, act)?;
        let ids: Vec<_> = keys.iter().map(|k| k.id).collect();
        // Nobody is asked to confirm what they may not order.
        desk.may_stop(&ids, act, reason)?;
        let mut rows = Vec::new();
        for key in &keys {
            let view = desk.key_view(key).await;
            rows.push(format!("{} · {} / {} · {}", view.holder, view.service, view.environment, view.id));
        }
        drop(desk);
        let lines = vec![
            line("stop-keys", rows.join("\n")),
            line("stop-count", keys.len().to_string()),
            line("stop-reason", wish.reason.clone()),
            line("stop-record", if cut_off.is_some() { "later" } else { "" }),
        ];
        self.ask(Ask::Stop { keys: ids, act, reason }, Shown { lines, ..Shown::default() }).await?;
        Ok(Nothing {})
    }
}

fn act(how: StopHow) -> Act {
    match how {
        StopHow::Revoke => Act::Revoke,
        StopHow::Disable => Act::Disable,
    }
}

fn named(desk: &Desk, keys: &[String]) -> Result<Vec<KeyId>, Error> {
    if keys.is_empty() {
        return Err(Error::Usage("Name the keys it is about."));
    }
    keys.iter().map(|key| key_of(desk, key)).collect()
}

fn selection(desk: &Desk, wish: &Selected) -> Result<Selection, Error> {
    let slug = |text: &String| Slug::parse(text).map_err(countersign_app::Error::text("service"));
    match (wish.keys.as_slice(), &wish.holder, &wish.service, &wish.environment) {
        ([], None, Some(service), None) => Ok(Selection::Service(slug(service)?)),
        ([], None, Some(service), Some(environment)) => {
            Ok(Selection::Environment(slug(service)?, slug(environment)?))
        }
        ([], Some(key), None, None) => {
            let id = key_of(desk, key)?;
            Ok(Selection::Holder(desk.state().key(&id)?.holder))
        }
        (keys, None, None, None) if !keys.is_empty() => {
            Ok(Selection::Keys(keys.iter().map(|k| key_of(desk, k)).collect::<Result<_, _>>()?))
        }
        _ => Err(Error::Usage("Name what to stop: keys, a holder, a service or an environment.")),
    }
}
