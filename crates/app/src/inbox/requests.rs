//! A partner's own requests: filled in, signed, sealed to the organisation.

use countersign_contract::OwnRequestView;
use countersign_documents::{
    Blob, ReceivingKey, Rejected, Time, decode, encode,
    id::{GrantId, KeyId, OrganisationId, RequestId},
    letters::{Message, Saying},
    record,
    request::{Asked, Mode, Request},
};
use countersign_domain::Refusal;
use countersign_envelope::letter::{self, Purpose as Letter};
use countersign_ports::{Table, Write};
use zeroize::Zeroizing;

use super::{
    Inbox,
    form::{RequestForm, check_day_count},
};
use crate::{
    error::{Error, Result},
    ids::resolve,
    random::{make_bytes, make_secret},
};

record! {
    /// A request as this inbox keeps it.
    pub struct OwnRequest {
        /// The newest revision, a complete document.
        1 => document: Blob,
        /// Whom it asks.
        2 => organisation: OrganisationId,
        /// What the organisation wrote last, a complete document.
        3 => message?: Blob,
        /// 1 when it was taken back.
        4 => withdrawn?: u64,
        /// The key that came.
        5 => key?: KeyId,
        /// When the message was read: its signer's certificate is judged by that time ever after.
        6 => read?: Time,
    }
}

/// A request as it would be signed.
pub struct Draft {
    request: Request,
    receiving: ReceivingKey,
    /// What the organisation wrote last, and when it was read.
    answered: Option<(Blob, Time)>,
}

impl Draft {
    /// What would be signed.
    pub fn request(&self) -> &Request {
        &self.request
    }
}

/// A request that is ready to be sent.
pub struct Sent {
    /// To whom.
    pub(super) organisation: OrganisationId,
    /// Which.
    pub id: RequestId,
    /// Its revision.
    pub revision: u64,
    /// Sealed to the organisation.
    pub letter: Vec<u8>,
    /// What is kept of it.
    own: OwnRequest,
    /// What was known of it before.
    before: Option<Zeroizing<Vec<u8>>>,
}

pub(super) fn row(id: &RequestId) -> String {
    format!("request/{id}")
}

impl Inbox {
    /// A new request, to be shown before it is signed. Nothing of it is kept.
    pub async fn draw_up(&self, organisation: Option<&str>, form: &RequestForm) -> Result<Draft> {
        let id = RequestId(make_bytes(&*self.entropy)?);
        self.draft(organisation, form, id, 1, None).await
    }

    /// A changed version of a request, to be shown before it is signed.
    pub async fn draw_up_revision(&self, id: RequestId, form: &RequestForm) -> Result<Draft> {
        let own = self.own_request(&id).await?;
        let before = self.read_own(&own)?;
        if own.withdrawn.is_some() {
            return Err(Refusal::RequestClosed.into());
        }
        let answered = own.message.zip(own.read);
        self.draft(Some(&own.organisation.to_string()), form, id, before.revision + 1, answered).await
    }

    async fn draft(
        &self,
        organisation: Option<&str>,
        form: &RequestForm,
        id: RequestId,
        revision: u64,
        answered: Option<(Blob, Time)>,
    ) -> Result<Draft> {
        let now = self.now()?;
        let pin = self.organisation(organisation).await?;
        let card = pin.verified(now)?;
        let asked = form.asked()?;
        check_against(&asked, &card.card)?;
        let predecessor = self.predecessor(form.renews.as_deref()).await?;
        let request = Request {
            id,
            revision,
            organisation: pin.organisation,
            card: card.digest,
            identity: Blob(self.own.card(now)),
            made: now,
            mode: if predecessor.is_some() { Mode::Renew } else { Mode::New },
            predecessor,
            applicant: form.applicant()?,
            purpose: form.purpose()?,
            asked,
            answers: form.answers(&card.card)?,
        };
        request.check().map_err(Error::rejected("request"))?;
        Ok(Draft { request, receiving: card.card.receiving, answered })
    }

    /// The grant a renewal names: by its id, or by the beginning of the id of a key that is held here.
    async fn predecessor(&self, renews: Option<&str>) -> Result<Option<GrantId>> {
        let Some(text) = renews.map(str::trim).filter(|t| !t.is_empty()) else { return Ok(None) };
        match self.held_key(Some(text)).await {
            Ok(key) => Ok(Some(self.held(&key).await?.grant)),
            Err(Error::NotFound { .. }) => {
                let grant = GrantId::parse(text);
                Ok(Some(
                    grant.ok_or(Error::Value("'renews' is neither a key you hold nor the id of a grant."))?,
                ))
            }
            Err(error) => Err(error),
        }
    }

    /// Signs a request exactly as it was drawn up and seals it to the organisation. Nothing of it is kept yet.
    pub async fn seal(&self, draft: Draft) -> Result<Sent> {
        let Draft { request, receiving, answered } = draft;
        let document = request.sign(&self.own.signing);
        let seed = make_secret(&*self.entropy)?;
        let letter =
            letter::seal(Letter::ToOrganisation, request.organisation, &receiving, &document, &seed)?;
        let (message, read) = answered.unzip();
        let own = OwnRequest {
            document: Blob(document),
            organisation: request.organisation,
            message,
            withdrawn: None,
            key: None,
            read,
        };
        let before = self.vault.get(Table::Requests, &row(&request.id)).await?;
        let organisation = request.organisation;
        Ok(Sent { organisation, id: request.id, revision: request.revision, letter, own, before })
    }

    /// Keeps a request that is about to leave.
    pub async fn keep(&self, sent: &Sent) -> Result<()> {
        self.keep_with(sent, None).await
    }

    /// Keeps a request, and in the same step the letter that waits for the relay.
    pub(super) async fn keep_with(&self, sent: &Sent, waiting: Option<(&str, &[u8])>) -> Result<()> {
        let (row, own) = (row(&sent.id), encode(&sent.own));
        let mut batch = vec![Write::Put(Table::Requests, &row, &own)];
        batch.extend(waiting.map(|(row, bytes)| Write::Put(Table::Outbox, row, bytes)));
        Ok(self.vault.write(&batch).await?)
    }

    /// The letter could not be written out: nobody will ever see it, so the list does not show it either.
    pub async fn unsend(&self, sent: &Sent) -> Result<()> {
        let row = row(&sent.id);
        let change = match &sent.before {
            Some(bytes) => Write::Put(Table::Requests, &row, bytes),
            None => Write::Remove(Table::Requests, &row),
        };
        Ok(self.vault.write(&[change]).await?)
    }

    /// What was filled in before: the newest revision of a request, to be changed.
    pub async fn form_of(&self, id: RequestId) -> Result<RequestForm> {
        Ok(RequestForm::of(&self.read_own(&self.own_request(&id).await?)?))
    }

    /// What was filled in for a key that is held here, if it was asked for here.
    pub async fn form_of_key(&self, key: KeyId) -> Result<Option<RequestForm>> {
        for id in self.request_ids().await? {
            let own = self.own_request(&id).await?;
            if own.key == Some(key) {
                return Ok(Some(RequestForm::of(&self.read_own(&own)?)));
            }
        }
        Ok(None)
    }

    /// What a renewal of a key that is held here begins with: what was asked for it, or as much as the key itself says.
    pub async fn renewal_form(&self, key: KeyId) -> Result<(OrganisationId, RequestForm)> {
        let held = self.held(&key).await?;
        let asked = self.form_of_key(key).await?.unwrap_or_else(|| RequestForm {
            service: held.service.to_string(),
            environment: held.environment.to_string(),
            scopes: held.scopes.iter().map(|s| s.to_string()).collect(),
            days: 90,
            ..RequestForm::default()
        });
        Ok((held.organisation, RequestForm { renews: Some(key.to_string()), ..asked }))
    }

    /// The card of the organisation that a request asks.
    pub async fn offer_for(&self, id: RequestId) -> Result<countersign_documents::card::Card> {
        let organisation = self.own_request(&id).await?.organisation;
        self.offer(Some(&organisation.to_string())).await
    }

    /// The card of a pinned organisation, which must be valid now.
    pub async fn offer(&self, organisation: Option<&str>) -> Result<countersign_documents::card::Card> {
        Ok(self.organisation(organisation).await?.verified(self.now()?)?.card)
    }

    /// Opens what the organisation wrote about a request.
    pub async fn read_message(&self, bytes: &[u8]) -> Result<OwnRequestView> {
        for pin in self.pins().await? {
            let Ok(document) = letter::open(Letter::ToPartner, pin.organisation, &self.own.receiving, bytes)
            else {
                continue;
            };
            let now = self.now()?;
            let root = pin.read()?.trust.root;
            let message = Message::verify(&document, &root, now).map_err(Error::rejected("message"))?.body;
            if message.recipient != self.own.thumbprint() {
                return Err(Error::Rejected { what: "message", why: Rejected::WrongKey });
            }
            let own = self.own_request(&message.request).await?;
            if own.organisation != message.organisation {
                return Err(Error::Rejected { what: "message", why: Rejected::WrongOrganisation });
            }
            // Letters come twice and out of order: what was said last stays.
            if self.said_last(&own, &root).is_some_and(|sent| sent > message.sent) {
                return self.view_of(&own).await;
            }
            let own = OwnRequest { message: Some(Blob(document.to_vec())), read: Some(now), ..own };
            self.vault.write(&[Write::Put(Table::Requests, &row(&message.request), &encode(&own))]).await?;
            self.raise_highest(message.sent).await?;
            return self.view_of(&own).await;
        }
        Err(Error::Unopened)
    }

    /// When the message that is kept was sent.
    fn said_last(&self, own: &OwnRequest, root: &countersign_documents::root::Root) -> Option<Time> {
        let (message, read) = (own.message.as_ref()?, own.read?);
        Message::verify(&message.0, root, read).ok().map(|kept| kept.body.sent)
    }

    /// Own requests, newest revision of each.
    pub async fn requests(&self) -> Result<Vec<OwnRequestView>> {
        let mut views = Vec::new();
        for id in self.request_ids().await? {
            views.push(self.view_of(&self.own_request(&id).await?).await?);
        }
        Ok(views)
    }

    /// One of them. It costs the same however many there are.
    pub async fn request_view(&self, id: RequestId) -> Result<OwnRequestView> {
        self.view_of(&self.own_request(&id).await?).await
    }

    /// The own request with an id that begins like that.
    pub async fn request(&self, typed: &str) -> Result<RequestId> {
        resolve("request", typed, self.request_ids().await?.into_iter())
    }

    async fn request_ids(&self) -> Result<Vec<RequestId>> {
        let rows = self.vault.ids(Table::Requests).await?;
        Ok(rows.iter().filter_map(|row| row.strip_prefix("request/").and_then(RequestId::parse)).collect())
    }

    pub(super) async fn own_request(&self, id: &RequestId) -> Result<OwnRequest> {
        let bytes =
            self.vault.get(Table::Requests, &row(id)).await?.ok_or(Error::NotFound { what: "request" })?;
        decode(&bytes).map_err(|_| Error::BadSnapshot)
    }

    fn read_own(&self, own: &OwnRequest) -> Result<Request> {
        Ok(Request::verify(&own.document.0).map_err(Error::rejected("request"))?.request)
    }

    /// Notes that the key for a request came, if the request is one of this inbox.
    pub(crate) async fn note_key(
        &self,
        digest: countersign_documents::Digest,
        key: KeyId,
    ) -> Result<Option<(String, Vec<u8>)>> {
        for id in self.request_ids().await? {
            let own = self.own_request(&id).await?;
            if countersign_documents::Digest::of(&own.document.0) == digest {
                return Ok(Some((row(&id), encode(&OwnRequest { key: Some(key), ..own }))));
            }
        }
        Ok(None)
    }

    async fn view_of(&self, own: &OwnRequest) -> Result<OwnRequestView> {
        let request = self.read_own(own)?;
        let pin = self.organisation(Some(&own.organisation.to_string())).await?;
        let card = pin.read()?;
        let message = match &own.message {
            Some(document) => {
                let read = own.read.map_or_else(|| self.now(), Ok)?;
                Message::verify(&document.0, &card.trust.root, read).ok().map(|m| m.body)
            }
            None => None,
        };
        let answered = message.as_ref().filter(|m| m.sent >= request.made);
        let (state, next) = self.state_of(own, &request.id, answered).await?;
        Ok(OwnRequestView {
            id: request.id.to_string(),
            organisation: card.card.name.to_string(),
            revision: request.revision,
            service: request.asked.service.to_string(),
            environment: request.asked.environment.to_string(),
            state: state.to_owned(),
            message: message.map(|m| m.text.to_string()),
            next: next.to_owned(),
            sent: request.made.0,
        })
    }
    /// How far a request is, and what its contact does next.
    async fn state_of(
        &self,
        own: &OwnRequest,
        id: &RequestId,
        answered: Option<&Message>,
    ) -> Result<(&'static str, &'static str)> {
        let opened = match own.key {
            Some(key) => Some(self.held(&key).await?.opened),
            None => None,
        };
        let saying = answered.map(|m| m.saying);
        // Of a key that came after, nothing was said yet.
        let revoked = saying == Some(Saying::Revoked) && answered.map(|m| m.sent) >= opened;
        Ok(match (own.key, own.withdrawn, saying) {
            _ if revoked => ("revoked", "The key does not work any more."),
            (Some(key), ..) if self.receipt_written(&key).await? => {
                ("opened", "You hold the key. Once the organisation has your receipt, it works.")
            }
            (Some(_), ..) => (
                "opened",
                "You hold the key. Give the receipt to the organisation, so that it begins to work: 'envelope receipt' writes it.",
            ),
            (None, Some(_), _) => ("withdrawn", "Nothing. You took it back."),
            (None, None, Some(Saying::Declined)) => {
                ("declined", "The organisation said no. Read why; you may send a new request.")
            }
            (None, None, Some(Saying::ChangesAsked)) => {
                ("changes-asked", "Read what the organisation asks for, and send a revision.")
            }
            (None, None, Some(Saying::Revoked) | None) if self.waits_to_leave(id).await? => {
                ("unsent", "It waits here until the relay takes it.")
            }
            (None, None, Some(Saying::Revoked) | None) => (
                "sent",
                "Two people at the organisation look at it. They will call to compare your fingerprint.",
            ),
        })
    }
}

/// What the card does not offer is said here, not weeks later.
fn check_against(asked: &Asked, card: &countersign_documents::card::Card) -> Result<()> {
    let service = card.catalogue.service(&asked.service).ok_or(Refusal::UnknownService)?;
    let environment = service.environment(&asked.environment).ok_or(Refusal::UnknownEnvironment)?;
    if asked.scopes.iter().any(|s| service.scope(s).is_none()) {
        return Err(Refusal::UnknownScope.into());
    }
    check_day_count(asked.days, environment)
}
