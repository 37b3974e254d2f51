//! Profiles of this machine, the session, the vault's window, the confirm window.

use std::path::{Path, PathBuf};

use countersign_adapters::SystemClock;
use countersign_app::{ProfileKind, profile};
use countersign_contract::*;
use countersign_documents::text::Line;

use super::Answer;
use crate::{
    failure::Error,
    host::{Host, Open},
    label::{self, Label},
    opening::Task,
    qr,
    sample::Room,
    settings,
    shell::{Change, Picture},
    ways, wiring,
};

impl Profiles for Host {
    async fn list(&self, _: Nothing) -> Answer<Vec<ProfileEntry>> {
        let known = label::profiles()?;
        Ok(known.into_iter().map(|(folder, label)| entry(&folder, label)).collect())
    }

    async fn waiting(&self, _: Nothing) -> Answer<WaitingView> {
        Ok(Host::waiting(self).await)
    }

    async fn choose(&self, wish: ChooseProfile) -> Answer<StatusView> {
        self.choose_profile(PathBuf::from(wish.folder)).await?;
        Session::status(self, Nothing {}).await
    }

    async fn make(&self, wish: MakeProfile) -> Answer<Nothing> {
        let name =
            Line::parse(&wish.name).map_err(countersign_app::Error::text("name")).map_err(Error::from)?;
        let kind = match wish.kind {
            countersign_contract::ProfileKind::Desk => ProfileKind::Desk,
            countersign_contract::ProfileKind::Inbox => ProfileKind::Inbox,
        };
        let chosen = self.profile.lock().await.folder.clone();
        let folder = match chosen {
            Some(folder) if !folder.join("vault.db").exists() => folder,
            Some(_) | None => free_folder(&wiring::profiles_folder()?, name.as_str()),
        };
        *self.task.lock().await = Some(Task::Make { folder, kind, name: name.as_str().to_owned() });
        self.shell.open(Window::Vault);
        Ok(Nothing {})
    }

    async fn try_it(&self, _: Nothing) -> Answer<Nothing> {
        Host::try_it(self).await?;
        Ok(Nothing {})
    }

    async fn go_on_as(&self, wish: ChooseProfile) -> Answer<Nothing> {
        Host::go_on_as(self, &wish.folder).await?;
        Ok(Nothing {})
    }

    async fn end_sample(&self, _: Nothing) -> Answer<Nothing> {
        self.leave_sample().await?;
        Ok(Nothing {})
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn entry(folder: &Path, label: Option<Label>) -> ProfileEntry {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = shown(folder);
    match label {
        Some(Label { kind, name: person, organisations, .. }) => {
            ProfileEntry { folder, name, kind: Some(kind), person: Some(person), organisations }
        }
        None => ProfileEntry { folder, name, kind: None, person: None, organisations: Vec::new() },
    }
}

/// A folder that is not there yet, named after a person.
fn free_folder(base: &Path, name: &str) -> PathBuf {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let plain = match plain.trim_matches('-') {
        "" => "profile",
        plain => plain,
    };
    let mut folder = base.join(plain);
    let mut number = 2;
    while folder.exists() {
        folder = base.join(format!("{plain}-{number}"));
        number += 1;
    }
    folder
}

impl Session for Host {
    async fn status(&self, _: Nothing) -> Answer<StatusView> {
        let profile = self.profile.lock().await;
        let folder = profile.folder.clone();
        let room = self.sample.lock().await;
        let mut view = StatusView {
            state: if folder.is_none() { "none" } else { "locked" }.to_owned(),
            kind: None,
            name: None,
            fingerprint: None,
            organisation: None,
            founding: false,
            rights: Vec::new(),
            sample: room.is_some(),
            sample_folder: room.as_ref().map(|r| shown(&r.folder)).unwrap_or_default(),
            left: room.as_ref().map(Room::left).unwrap_or_default(),
            people: room.as_ref().map(|r| r.seen_from(folder.as_deref())).unwrap_or_default(),
            folder: folder.as_deref().map(shown).unwrap_or_default(),
        };
        drop(room);
        let Some(vault) = profile.open.vault() else {
            // What it says of itself, so that a person sees whose it is.
            if let Some(label) = folder.as_deref().and_then(Label::read) {
                view.kind = Some(label.kind);
                view.name = Some(label.name);
                view.organisation = label.organisations.into_iter().next();
            }
            return Ok(view);
        };
        let shown = profile::show(&**vault, Vec::new()).await.map_err(Error::from)?;
        view.state = "open".to_owned();
        view.kind = Some(shown.kind);
        view.name = Some(shown.name);
        view.fingerprint = Some(shown.fingerprint);
        view.sample |= shown.sample;
        match &profile.open {
            Open::Desk(_, desk) => {
                view.organisation = Some(desk.organisation_view().await.map_err(Error::from)?.name);
                // Whoever is suspended may nothing, and is offered nothing.
                view.rights = desk
                    .me()
                    .ok()
                    .filter(|me| !me.suspended)
                    .map(|me| me.rights.iter().map(|r| r.to_string()).collect())
                    .unwrap_or_default();
            }
            Open::Unattached(_) => {
                view.founding = shown.organisation.is_some();
            }
            Open::Inbox(..) | Open::Locked => {}
        }
        Ok(view)
    }

    async fn unlock(&self, _: Nothing) -> Answer<Nothing> {
        self.begin_unlock().await?;
        Ok(Nothing {})
    }

    async fn lock(&self, _: Nothing) -> Answer<Nothing> {
        Host::lock(self).await;
        Ok(Nothing {})
    }

    async fn active(&self, _: Nothing) -> Answer<Nothing> {
        // That it was called is all it says, and the shell has noticed.
        Ok(Nothing {})
    }

    async fn given(&self, _: Nothing) -> Answer<GivenView> {
        Ok(self.given_here().await)
    }

    async fn settings(&self, _: Nothing) -> Answer<Settings> {
        Ok(settings::read())
    }

    async fn change_settings(&self, wish: Settings) -> Answer<Settings> {
        settings::write(&wish)?;
        self.shell.tell(Change::Settings);
        Ok(wish)
    }

    async fn zoom(&self, wish: Zoom) -> Answer<Settings> {
        let wish = Settings { zoom: wish.percent, ..settings::read() };
        settings::write(&wish)?;
        self.shell.tell(Change::Settings);
        Ok(wish)
    }

    async fn choose_file(&self, wish: ChooseFile) -> Answer<Option<String>> {
        let path = self.shell.choose_file(wish.wish, wish.name).await;
        Ok(path.map(|p| p.to_string_lossy().into_owned()))
    }

    async fn paste_codes(&self, _: Nothing) -> Answer<String> {
        let Some(Picture { width, height, rgba }) = self.shell.clipboard_picture() else {
            return Err(Error::Usage("The clipboard holds no picture.").into());
        };
        // Only codes of documents: whatever else a picture shows is nobody's business here.
        let codes: Vec<_> =
            qr::scan_rgba(width, height, rgba).into_iter().filter(|text| ways::is_code(text)).collect();
        if codes.is_empty() {
            return Err(Error::Usage("No code of a document was found in the clipboard's picture.").into());
        }
        Ok(codes.join("\n"))
    }

    async fn write_card(&self, wish: ByPath) -> Answer<Nothing> {
        let card = profile::card(&*self.vault().await?, &SystemClock).await.map_err(Error::from)?;
        let out = Path::new(&wish.path);
        ways::write(out, &card)?;
        Ok(Nothing {})
    }
}

impl Due for Host {
    async fn list(&self, _: Nothing) -> Answer<Vec<DueView>> {
        if let Ok(inbox) = self.inbox().await {
            return Ok(inbox.due().await.map_err(Error::from)?);
        }
        Ok(self.desk().await?.due().await.map_err(Error::from)?)
    }
}

impl Vault for Host {
    async fn read(&self, _: Nothing) -> Answer<VaultQuestion> {
        Ok(self.vault_question().await?)
    }

    async fn answer(&self, answer: VaultAnswer) -> Answer<VaultQuestion> {
        Ok(self.vault_answer(answer).await?)
    }

    async fn cancel(&self, _: Nothing) -> Answer<Nothing> {
        *self.task.lock().await = None;
        self.shell.close(Window::Vault);
        Ok(Nothing {})
    }
}

impl Confirm for Host {
    async fn read(&self, _: Nothing) -> Answer<ConfirmView> {
        Ok(self.read_question().await?)
    }

    async fn answer(&self, answer: ConfirmAnswer) -> Answer<Vec<StopView>> {
        Ok(self.answer_question(answer).await?)
    }
}
