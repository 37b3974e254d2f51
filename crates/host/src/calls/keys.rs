//! Keys, on the desk. What they are never passes a page: it comes from an issuer, a file, or the clipboard.

use std::path::Path;

use countersign_app::desk::{Desk, SwitchedOn};
use countersign_contract::*;
use countersign_documents::{Key, id::KeyId};
use countersign_domain::event::Way;
use countersign_ports::Filter;
use zeroize::Zeroizing;

use super::{Answer, filter, key_of, request_of};
use crate::{
    exports::{canonical_json, keys_csv},
    failure::{Error, FileFlaw},
    files::{self, Together},
    forms,
    host::Host,
    qr,
    shell::Change,
    ways, wiring,
};

impl Keys for Host {
    async fn list(&self, wish: ListWish) -> Answer<Vec<KeyView>> {
        Ok(self.desk_to_stop().await?.keys(&filter(wish)).await.map_err(Error::from)?)
    }

    async fn show(&self, wish: ById) -> Answer<KeyView> {
        let desk = self.desk_to_stop().await?;
        let id = key_of(&desk, &wish.id)?;
        Ok(desk.key(id).await.map_err(Error::from)?)
    }

    async fn issue(&self, wish: Issue) -> Answer<KeyView> {
        Ok(self.issue_key(&wish).await?)
    }

    async fn rotate(&self, wish: Rotate) -> Answer<KeyView> {
        Ok(self.rotate_key(&wish).await?)
    }

    async fn abandon(&self, wish: ById) -> Answer<KeyView> {
        Ok(self.abandon_key(&wish.id).await?)
    }

    async fn hand_over(&self, wish: HandOver) -> Answer<HandedOverView> {
        Ok(self.hand_over_file(&wish).await?)
    }

    async fn hand_over_codes(&self, wish: HandOverCodes) -> Answer<HandedOverView> {
        Ok(self.hand_over_as_codes(&wish).await?)
    }

    async fn finish(&self, _: Nothing) -> Answer<Vec<KeyView>> {
        Ok(self.finish_keys().await?)
    }

    async fn import_old(&self, wish: ByPath) -> Answer<Vec<KeyView>> {
        Ok(self.import_old_keys(&wish).await?)
    }

    async fn export(&self, wish: Export) -> Answer<Nothing> {
        Ok(self.export_keys(&wish).await?)
    }
}

impl Host {
    /// A secret from where the core may take it.
    pub(crate) fn take(
        &self,
        from: SecretFrom,
        path: Option<&str>,
        limit: u64,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        match (from, path) {
            (SecretFrom::Clipboard, _) => {
                let text = self.shell.take_clipboard().ok_or(Error::Usage("The clipboard holds no text."))?;
                Ok(Zeroizing::new(text.as_bytes().to_vec()))
            }
            (SecretFrom::File, Some(path)) => Ok(files::read(Path::new(path), limit)?),
            (SecretFrom::File, None) => Err(Error::Usage("Name the file.")),
        }
    }

    /// A key that was made elsewhere, where one is brought.
    fn brought(&self, from: Option<SecretFrom>, path: Option<&str>) -> Result<Option<Key>, Error> {
        let Some(from) = from else { return Ok(None) };
        Ok(Some(forms::key(&self.take(from, path, 4096)?)?))
    }

    async fn issue_key(&self, wish: &Issue) -> Result<KeyView, Error> {
        let _lock = wiring::lock_issuing(&self.folder().await?)?;
        let pasted = self.brought(wish.pasted, wish.path.as_deref())?;
        let mut desk = self.desk().await?;
        let request = request_of(&desk, &wish.request)?;
        let made = desk.issue(request, pasted).await?;
        self.shell.tell(Change::Content);
        Ok(desk.key(made.key).await?)
    }

    async fn rotate_key(&self, wish: &Rotate) -> Result<KeyView, Error> {
        let _lock = wiring::lock_issuing(&self.folder().await?)?;
        let pasted = self.brought(wish.pasted, wish.path.as_deref())?;
        let mut desk = self.desk().await?;
        let key = key_of(&desk, &wish.key)?;
        let made = desk.rotate(key, pasted).await?;
        self.shell.tell(Change::Content);
        Ok(desk.key(made.key).await?)
    }

    async fn abandon_key(&self, id: &str) -> Result<KeyView, Error> {
        let _lock = wiring::lock_issuing(&self.folder().await?)?;
        let mut desk = self.desk().await?;
        let key = key_of(&desk, id)?;
        desk.abandon(key).await?;
        self.shell.tell(Change::Content);
        Ok(desk.key(key).await?)
    }

    async fn hand_over_file(&self, wish: &HandOver) -> Result<HandedOverView, Error> {
        let out = Path::new(&wish.out);
        files::check_new(out)?;
        let mut desk = self.desk().await?;
        let id = key_of(&desk, &wish.key)?;
        let release = desk.hand_over(id, Way::File).await?;
        ways::write(out, &release.envelope)?;
        self.handed_over(&desk, id, &release, vec![wish.out.clone()]).await
    }

    async fn hand_over_as_codes(&self, wish: &HandOverCodes) -> Result<HandedOverView, Error> {
        let folder = Path::new(&wish.folder);
        if !folder.is_dir() {
            return Err(files::fail(folder, FileFlaw::Missing).into());
        }
        let mut desk = self.desk().await?;
        let id = key_of(&desk, &wish.key)?;
        let release = desk.hand_over(id, Way::Qr).await?;
        let mut pictures = Together::default();
        let written = qr::write(&release.envelope, folder, &mut pictures)?;
        pictures.keep();
        let files = written.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        self.handed_over(&desk, id, &release, files).await
    }

    async fn handed_over(
        &self,
        desk: &Desk,
        id: KeyId,
        release: &countersign_app::desk::Release,
        files: Vec<String>,
    ) -> Result<HandedOverView, Error> {
        self.shell.tell(Change::Content);
        let secret = release.secret.to_text().to_string();
        Ok(HandedOverView { key: desk.key(id).await?, files, secret, expires: release.expires.0 })
    }

    async fn finish_keys(&self) -> Result<Vec<KeyView>, Error> {
        let _lock = wiring::lock_issuing(&self.folder().await?)?;
        let mut desk = self.desk().await?;
        desk.retry_stops(&mut |progress| self.shell.progress(progress)).await?;
        let SwitchedOn { active, failed } =
            if desk.me()?.may(countersign_documents::certificate::Right::Issue) {
                desk.activate_opened().await?
            } else {
                SwitchedOn::default()
            };
        desk.tidy_outbox().await?;
        if let Some(why) = failed {
            self.shell.tell(Change::Content);
            return Err(why.into());
        }
        let mut views = Vec::new();
        for id in active {
            views.push(desk.key(id).await?);
        }
        self.shell.tell(Change::Content);
        Ok(views)
    }

    async fn import_old_keys(&self, wish: &ByPath) -> Result<Vec<KeyView>, Error> {
        let text = files::read_list(Path::new(&wish.path))?;
        let keys = forms::old_keys(&text)?;
        let mut desk = self.desk().await?;
        let ids = desk.import_legacy(keys).await?;
        let mut views = Vec::new();
        for id in ids {
            views.push(desk.key(id).await?);
        }
        self.shell.tell(Change::Content);
        Ok(views)
    }

    async fn export_keys(&self, wish: &Export) -> Result<Nothing, Error> {
        let out = Path::new(&wish.out);
        files::check_new(out)?;
        let views = self.desk().await?.keys(&Filter { limit: u32::MAX, ..Filter::default() }).await?;
        let bytes = match wish.form {
            ExportForm::Json => canonical_json(&views),
            ExportForm::Csv => keys_csv(&views),
        };
        files::write_new(out, &bytes)?;
        Ok(Nothing {})
    }
}
