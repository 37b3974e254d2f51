//! The way through relays. A link is a secret: it comes from the clipboard or a file and goes to one, and no page sees it.

use std::path::Path;

use countersign_contract::*;
use countersign_envelope::{Link, LinkSecret};
use zeroize::Zeroizing;

use super::{Answer, key_of};
use crate::{
    failure::Error,
    files,
    host::Host,
    message::{dress, message},
    paper::Language,
    shell::Change,
    ways,
};

/// How long the clipboard has a message: long enough to find the window that it belongs into.
const SECONDS: u32 = 120;

/// What was fetched by a link, until it is opened or left.
pub(crate) struct Fetched {
    envelope: Vec<u8>,
    secret: LinkSecret,
}

impl Relay for Host {
    async fn state(&self, _: Nothing) -> Answer<RelaysView> {
        Ok(self.relays_view().await?)
    }

    async fn sync(&self, _: Nothing) -> Answer<RelaysView> {
        self.sync_relays().await?;
        Ok(self.relays_view().await?)
    }

    async fn invite(&self, wish: ByPath) -> Answer<Nothing> {
        let invitation = self.desk().await?.invite().map_err(Error::from)?.to_bytes();
        ways::write(Path::new(&wish.path), &invitation)?;
        Ok(Nothing {})
    }

    async fn send_link(&self, wish: SendLink) -> Answer<LinkSentView> {
        Ok(self.send_link_of(&wish).await?)
    }

    async fn take_back(&self, wish: ById) -> Answer<TakenBackView> {
        Ok(self.take_back_envelope(&wish.id).await?)
    }

    async fn fetch(&self, wish: LinkSource) -> Answer<EnvelopeView> {
        Ok(self.fetch_by_link(&wish).await?)
    }

    async fn open(&self, _: Nothing) -> Answer<HeldKeyView> {
        Ok(self.open_fetched().await?)
    }

    async fn leave(&self, _: Nothing) -> Answer<Nothing> {
        *self.fetched.lock().await = None;
        *self.link.lock().await = None;
        Ok(Nothing {})
    }
}

impl Host {
    async fn send_link_of(&self, wish: &SendLink) -> Result<LinkSentView, Error> {
        let language = Language::from_code(&wish.language)?;
        let out = wish.out.as_deref().map(Path::new);
        out.map(files::check_new).transpose()?;
        let mut desk = self.desk().await?;
        let id = key_of(&desk, &wish.key)?;
        let sent = desk.send_link(id).await;
        // What is on the record by now, and how the relay is, is shown however this ends.
        self.shell.tell(Change::Content);
        let release = match sent {
            Err(countersign_app::Error::Relay(fault)) => {
                let whose = desk.organisation();
                drop(desk);
                self.note_fault(whose, fault).await;
                return Err(countersign_app::Error::from(fault).into());
            }
            sent => sent?,
        };
        let whose = desk.organisation_view().await?.name;
        let seconds = match out {
            Some(path) => {
                files::write_new(path, &dress(path, language, &whose, &release)?)?;
                None
            }
            None if self.shell.lend_clipboard(message(language, &whose, &release), u64::from(SECONDS)) => {
                Some(SECONDS)
            }
            None => {
                return Err(Error::Usage("The clipboard cannot be reached: save the message as a file."));
            }
        };
        Ok(LinkSentView { key: desk.key(id).await?, expires: release.expires.0, seconds })
    }

    async fn take_back_envelope(&self, id: &str) -> Result<TakenBackView, Error> {
        let mut desk = self.desk().await?;
        let id = key_of(&desk, id)?;
        let answer = desk.withdraw_delivery(id).await;
        self.shell.tell(Change::Content);
        let answer = answer?;
        Ok(TakenBackView {
            key: desk.key(id).await?,
            outcome: answer.outcome.word().to_owned(),
            at: answer.at.map(|at| at.0),
        })
    }

    async fn link_from(&self, wish: &LinkSource) -> Result<Link, Error> {
        let text = match (wish.from, wish.path.as_deref()) {
            (LinkFrom::Kept, _) => {
                return self.link.lock().await.take().ok_or(Error::Usage("There is no link here any more."));
            }
            (LinkFrom::Clipboard, _) => {
                self.shell.take_clipboard().ok_or(Error::Usage("The clipboard holds no text."))?
            }
            (LinkFrom::File, Some(path)) => return ways::read_link(Path::new(path)),
            (LinkFrom::File, None) => return Err(Error::Usage("Name the file.")),
        };
        Ok(Link::find(&text)?)
    }

    async fn fetch_by_link(&self, wish: &LinkSource) -> Result<EnvelopeView, Error> {
        let link = self.link_from(wish).await?;
        let inbox = self.inbox().await?;
        let fetched = match inbox.fetch_link(&link).await {
            Ok(envelope) => inbox.inspect(&envelope, &link.secret).await.map(|view| (envelope, view)),
            Err(error) => Err(error),
        };
        drop(inbox);
        match fetched {
            Ok((envelope, view)) => {
                *self.fetched.lock().await = Some(Fetched { envelope, secret: link.secret });
                Ok(view)
            }
            Err(error) => {
                // The clipboard was cleared: whoever tries again need not look for the link.
                *self.link.lock().await = Some(link);
                Err(error.into())
            }
        }
    }

    async fn open_fetched(&self) -> Result<HeldKeyView, Error> {
        let mut slot = self.fetched.lock().await;
        let Fetched { envelope, secret } = slot.as_ref().ok_or(Error::Stale)?;
        let held = self.open_here(&Zeroizing::new(envelope.clone()), secret).await?;
        *slot = None;
        Ok(held)
    }
}
