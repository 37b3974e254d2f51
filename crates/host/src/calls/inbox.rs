//! A partner's side: organisations, requests, envelopes, and the one window that shows a key.

use std::{path::Path, sync::Arc, time::Duration};

use countersign_app::{
    RelayFault,
    inbox::{Drafting, Inbox, Posted, RequestForm, compose_secret, dotenv, kubernetes_secret, variable_name},
};
use countersign_contract::*;
use countersign_documents::id::OrganisationId;
use countersign_envelope::LinkSecret;
use tokio::time::{Instant, sleep_until};
use zeroize::Zeroizing;

use super::{Answer, heard};
use crate::{failure::Error, files, host::Host, shell::Change, ways};

/// How long a key is shown or lent to the clipboard.
const SECONDS: u32 = 30;

impl Organisations for Host {
    async fn list(&self, _: Nothing) -> Answer<Vec<PinView>> {
        Ok(self.inbox().await?.organisations().await.map_err(Error::from)?)
    }

    async fn inspect(&self, wish: Incoming) -> Answer<CardView> {
        let card = ways::incoming(&wish)?;
        Ok(self.inbox().await?.inspect_card(&card).await.map_err(Error::from)?)
    }

    async fn pin(&self, wish: PinCard) -> Answer<PinView> {
        let card = ways::incoming(&wish.card)?;
        let inbox = self.inbox().await?;
        let heard = wish.heard.as_ref().map(heard);
        let pin = inbox.pin(&card, heard.as_ref()).await.map_err(Error::from)?;
        drop(inbox);
        self.relabel().await;
        self.sittings.send_replace(());
        self.shell.tell(Change::Content);
        Ok(pin)
    }
}

impl Asks for Host {
    async fn list(&self, _: Nothing) -> Answer<Vec<OwnRequestView>> {
        Ok(self.inbox().await?.requests().await.map_err(Error::from)?)
    }

    async fn draft(&self, wish: DraftOf) -> Answer<Option<Form>> {
        let inbox = self.inbox().await?;
        let which = drafting(&inbox, wish.revises.as_deref(), wish.renews.as_deref()).await?;
        let text = inbox.form_draft(which).await.map_err(Error::from)?;
        Ok(text.and_then(|text| serde_json::from_slice(&text).ok()))
    }

    async fn keep_draft(&self, form: Form) -> Answer<Nothing> {
        let text = serde_json::to_vec(&form).map_err(|_| Error::Usage("The draft cannot be kept."))?;
        let inbox = self.inbox().await?;
        let which = drafting(&inbox, form.revises.as_deref(), form.renews.as_deref()).await?;
        inbox.keep_form_draft(which, &text).await.map_err(Error::from)?;
        Ok(Nothing {})
    }

    async fn form(&self, wish: ById) -> Answer<Form> {
        Ok(self.sent_form(&wish.id).await?)
    }

    async fn renewal(&self, wish: ById) -> Answer<Form> {
        let inbox = self.inbox().await?;
        let key = inbox.held_key(Some(&wish.id)).await.map_err(Error::from)?;
        let (organisation, form) = inbox.renewal_form(key).await.map_err(Error::from)?;
        Ok(form_view(organisation.to_string(), None, form))
    }

    async fn send(&self, wish: SendForm) -> Answer<OwnRequestView> {
        Ok(self.send_form(wish).await?)
    }

    async fn withdraw(&self, wish: Out) -> Answer<OwnRequestView> {
        Ok(self.withdraw_request(&wish).await?)
    }

    async fn read(&self, wish: Incoming) -> Answer<OwnRequestView> {
        let bytes = ways::incoming(&wish)?;
        let view = self.inbox().await?.read_message(&bytes).await.map_err(Error::from)?;
        self.shell.tell(Change::Content);
        Ok(view)
    }
}

impl Envelopes for Host {
    async fn inspect(&self, wish: EnvelopeSource) -> Answer<EnvelopeView> {
        let (envelope, secret) = source(&wish)?;
        Ok(self.inbox().await?.inspect(&envelope, &secret).await.map_err(Error::from)?)
    }

    async fn open(&self, wish: EnvelopeSource) -> Answer<HeldKeyView> {
        Ok(self.open_envelope(&wish).await?)
    }

    async fn held(&self, _: Nothing) -> Answer<Vec<HeldKeyView>> {
        Ok(self.inbox().await?.held_keys().await.map_err(Error::from)?)
    }

    async fn save(&self, wish: SaveKey) -> Answer<Nothing> {
        Ok(self.save_key(&wish).await?)
    }

    async fn copy(&self, wish: ById) -> Answer<Nothing> {
        let inbox = self.inbox().await?;
        let id = inbox.held_key(Some(&wish.id)).await.map_err(Error::from)?;
        let delivered = inbox.take_out(&id).await.map_err(Error::from)?;
        let text = Zeroizing::new(String::from_utf8_lossy(delivered.key.expose()).into_owned());
        if !self.shell.lend_clipboard(text, u64::from(SECONDS)) {
            return Err(Error::Usage("The clipboard cannot be reached.").into());
        }
        Ok(Nothing {})
    }

    async fn reveal(&self, wish: ById) -> Answer<Nothing> {
        let id = self.inbox().await?.held_key(Some(&wish.id)).await.map_err(Error::from)?;
        *self.revealed.lock().await = Some(id);
        self.shell.open(Window::Reveal);
        Ok(Nothing {})
    }

    async fn write_receipt(&self, wish: Out) -> Answer<Nothing> {
        Ok(self.put_receipt(&wish).await?)
    }

    async fn report_leak(&self, wish: WriteAbout) -> Answer<Nothing> {
        Ok(self.report_leak_of(&wish).await?)
    }
}

impl Reveal for Host {
    async fn read(&self, _: Nothing) -> Answer<RevealView> {
        // Taken, not looked at: a second window, or a reload, shows nothing.
        let id = self.revealed.lock().await.take().ok_or(Error::Stale)?;
        let delivered = self.inbox().await?.take_out(&id).await.map_err(Error::from)?;
        let key = String::from_utf8_lossy(delivered.key.expose()).into_owned();
        self.draw_curtain().await;
        Ok(RevealView { key, service: delivered.held.service.to_string(), seconds: SECONDS })
    }
}

impl Host {
    /// Closes the window that shows a key when its time is over, whatever its page does.
    async fn draw_curtain(&self) {
        let shell = Arc::clone(&self.shell);
        let end = Instant::now() + Duration::from_secs(u64::from(SECONDS));
        let falling = tokio::spawn(async move {
            sleep_until(end).await;
            shell.close(Window::Reveal);
        });
        // The time of the key before is not the time of this one.
        if let Some(before) = self.curtain.lock().await.replace(falling.abort_handle()) {
            before.abort();
        }
    }
}

/// The envelope and the secret that travelled apart.
fn source(wish: &EnvelopeSource) -> Result<(Zeroizing<Vec<u8>>, LinkSecret), Error> {
    // People paste the whole link as well; the secret is what follows #.
    let text = wish.secret.trim();
    let text = text.rsplit_once('#').map_or(text, |(_, secret)| secret);
    let secret = LinkSecret::parse(text)
        .ok_or(Error::Usage("The secret has 43 characters: letters, digits, - and _."))?;
    Ok((ways::incoming(&wish.envelope)?, secret))
}

/// Which form is filled in. What is renewed may also be the id of a grant, whose key is not held here.
async fn drafting(inbox: &Inbox, revises: Option<&str>, renews: Option<&str>) -> Result<Drafting, Error> {
    if let Some(id) = revises {
        return Ok(Drafting::Revision(inbox.request(id).await?));
    }
    let Some(key) = renews.filter(|key| !key.is_empty()) else { return Ok(Drafting::New) };
    Ok(inbox.held_key(Some(key)).await.map_or(Drafting::New, Drafting::Renewal))
}

impl Host {
    async fn send_form(&self, wish: SendForm) -> Result<OwnRequestView, Error> {
        let out = ways::out(&wish.out)?;
        let Form { organisation, revises, renews, .. } = wish.form.clone();
        let form = request_form(wish.form);
        let inbox = self.inbox().await?;
        let which = drafting(&inbox, revises.as_deref(), renews.as_deref()).await?;
        let draft = match which {
            Drafting::Revision(id) => inbox.draw_up_revision(id, &form).await?,
            Drafting::New | Drafting::Renewal(_) => inbox.draw_up(Some(&organisation), &form).await?,
        };
        let id = match out {
            Some(out) => ways::send_request(&inbox, draft, out).await?.id,
            None => {
                let whose = draft.request().organisation;
                self.check_relay(&inbox, whose).await?;
                let sent = inbox.seal(draft).await?;
                let posted = inbox.send_request(&sent).await?;
                self.note_posted(whose, posted).await;
                sent.id
            }
        };
        inbox.drop_form_draft(which).await?;
        self.shell.tell(Change::Content);
        Ok(inbox.request_view(id).await?)
    }

    async fn sent_form(&self, id: &str) -> Result<Form, Error> {
        let inbox = self.inbox().await?;
        let id = inbox.request(id).await?;
        let form = inbox.form_of(id).await?;
        let asked = inbox.request_view(id).await?.organisation;
        let pin = inbox.organisations().await?.into_iter().find(|pin| pin.name == asked);
        Ok(form_view(pin.map(|pin| pin.id).unwrap_or_default(), Some(id.to_string()), form))
    }

    async fn open_envelope(&self, wish: &EnvelopeSource) -> Result<HeldKeyView, Error> {
        let (envelope, secret) = source(wish)?;
        self.open_here(&envelope, &secret).await
    }

    /// Opens an envelope. Where the organisation has a relay, the receipt is on its way with it.
    pub(crate) async fn open_here(&self, envelope: &[u8], secret: &LinkSecret) -> Result<HeldKeyView, Error> {
        let inbox = self.inbox().await?;
        let opened = inbox.open_envelope(envelope, secret).await?.held;
        // The key is durable: a receipt that does not leave now is due, and says so.
        if let Ok(posted) = inbox.send_receipt(&opened.key).await {
            self.note_posted(opened.organisation, posted).await;
        }
        self.shell.tell(Change::Content);
        let id = opened.key.to_string();
        let held = inbox.held_keys().await?.into_iter().find(|k| k.id == id);
        held.ok_or(countersign_domain::Refusal::NoSuchKey.into())
    }

    /// What is to go through the relay needs one.
    async fn check_relay(&self, inbox: &Inbox, whose: OrganisationId) -> Result<(), Error> {
        match inbox.offer(Some(&whose.to_string())).await?.relay {
            Some(_) => Ok(()),
            None => Err(countersign_app::Error::from(RelayFault::None).into()),
        }
    }

    /// A letter that waits says why with the relay.
    async fn note_posted(&self, whose: OrganisationId, posted: Posted) {
        if let Posted::Waits(fault) = posted {
            self.note_fault(whose, fault).await;
        }
    }

    async fn withdraw_request(&self, wish: &Out) -> Result<OwnRequestView, Error> {
        let out = ways::out(&wish.out)?;
        let inbox = self.inbox().await?;
        let id = inbox.request(&wish.id).await?;
        match out {
            Some(out) => ways::write(out, &inbox.withdraw(id).await?)?,
            None => {
                let whose = inbox.offer_for(id).await?.organisation;
                self.check_relay(&inbox, whose).await?;
                let told = inbox.send_withdrawal(id).await?;
                self.note_posted(whose, told.posted).await;
            }
        }
        self.shell.tell(Change::Content);
        Ok(inbox.request_view(id).await?)
    }

    async fn report_leak_of(&self, wish: &WriteAbout) -> Result<Nothing, Error> {
        let out = ways::out(&wish.out)?;
        let inbox = self.inbox().await?;
        let id = inbox.held_key(Some(&wish.id)).await?;
        match out {
            Some(out) => ways::write(out, &inbox.report_leak(id, &wish.text).await?)?,
            None => {
                let whose = inbox.take_out(&id).await?.held.organisation;
                self.check_relay(&inbox, whose).await?;
                let told = inbox.send_leak_report(id, &wish.text).await?;
                self.note_posted(whose, told.posted).await;
                self.shell.tell(Change::Content);
            }
        }
        Ok(Nothing {})
    }

    async fn put_receipt(&self, wish: &Out) -> Result<Nothing, Error> {
        let out = ways::out(&wish.out)?;
        let inbox = self.inbox().await?;
        let delivered = inbox.take_out(&inbox.held_key(Some(&wish.id)).await?).await?;
        let Some(out) = out else {
            let whose = delivered.held.organisation;
            self.check_relay(&inbox, whose).await?;
            let posted = inbox.send_receipt(&delivered.held.key).await?;
            self.note_posted(whose, posted).await;
            self.shell.tell(Change::Content);
            return Ok(Nothing {});
        };
        ways::write(out, &delivered.held.receipt.0)?;
        // What is due counts it as sent from here on.
        // A mark that cannot be written costs a reminder, nothing else.
        let _only_a_mark = inbox.note_receipt(&delivered.held.key).await;
        self.shell.tell(Change::Content);
        Ok(Nothing {})
    }

    async fn save_key(&self, wish: &SaveKey) -> Result<Nothing, Error> {
        let out = Path::new(&wish.out);
        files::check_new(out)?;
        let inbox = self.inbox().await?;
        let id = inbox.held_key(Some(&wish.id)).await?;
        let delivered = inbox.take_out(&id).await?;
        let name = match wish.name.as_deref().filter(|n| !n.is_empty()) {
            Some(name) => variable_name(name)?,
            None => variable_name(&format!("{}-api-key", delivered.held.service))?,
        };
        let bytes = match wish.form {
            SaveForm::Dotenv => dotenv(&name, &delivered.key),
            SaveForm::Compose => compose_secret(&delivered.key),
            SaveForm::Kubernetes => {
                kubernetes_secret(&format!("{}-key", delivered.held.service), &name, &delivered.key)?
            }
        };
        files::write_new(out, &bytes)?;
        Ok(Nothing {})
    }
}

fn form_view(organisation: String, revises: Option<String>, form: RequestForm) -> Form {
    Form {
        organisation,
        revises,
        company: form.company,
        person: form.person,
        role: form.role,
        email: form.email,
        incident_contact: form.incident_contact,
        why: form.why,
        workflow: form.workflow,
        usage: form.usage,
        data: form.data,
        safeguards: form.safeguards,
        service: form.service,
        environment: form.environment,
        scopes: form.scopes,
        networks: form.networks,
        days: form.days,
        answers: form.answers.into_iter().collect(),
        renews: form.renews,
    }
}

fn request_form(form: Form) -> RequestForm {
    RequestForm {
        company: form.company,
        person: form.person,
        role: form.role,
        email: form.email,
        incident_contact: form.incident_contact,
        why: form.why,
        workflow: form.workflow,
        usage: form.usage,
        data: form.data,
        safeguards: form.safeguards,
        service: form.service,
        environment: form.environment,
        scopes: form.scopes,
        networks: form.networks,
        days: form.days,
        answers: form.answers.into_iter().collect(),
        renews: form.renews,
    }
}
