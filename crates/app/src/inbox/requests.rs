//! A partner's own requests: filled in, signed, sealed to the organisation.

use std::collections::BTreeMap;

use countersign_contract::OwnRequestView;
use countersign_documents::{
    Blob, Rejected, decode, encode,
    id::{GrantId, KeyId, OrganisationId, RequestId},
    letters::{Act, Message, Notice, Saying},
    network::Network,
    record,
    request::{Answer, Applicant, Asked, Mode, Purpose, Request},
    text::{Line, Prose, ScopeName, Slug},
};
use countersign_domain::Refusal;
use countersign_envelope::letter::{self, Purpose as Letter};
use countersign_ports::{Table, Write};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Inbox;
use crate::{
    error::{Error, Result},
    ids::resolve,
    random::{make_bytes, make_secret},
};

/// What a contact fills in: the text of a request file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestForm {
    /// The company.
    pub company: String,
    /// The person who asks.
    pub person: String,
    /// That person's role.
    pub role: String,
    /// Where the person is reached.
    pub email: String,
    /// Who is reached, day and night, when a key leaks.
    pub incident_contact: String,
    /// Why the key is needed.
    pub why: String,
    /// The workflow it serves.
    pub workflow: String,
    /// How the interface will be used.
    pub usage: String,
    /// Which data it touches.
    pub data: String,
    /// Encryption and other safeguards.
    pub safeguards: String,
    /// Service, by its short name.
    pub service: String,
    /// Environment, by its short name.
    pub environment: String,
    /// Scopes.
    pub scopes: Vec<String>,
    /// Source networks; may be empty.
    #[serde(default)]
    pub networks: Vec<String>,
    /// For how many days.
    pub days: u64,
    /// Answers to the organisation's questions, by their short names.
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
    /// The grant to be renewed.
    #[serde(default)]
    pub renews: Option<String>,
}

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
    }
}

/// A request that is ready to be sent.
pub struct Sent {
    /// Which.
    pub id: RequestId,
    /// Its revision.
    pub revision: u64,
    /// Sealed to the organisation.
    pub letter: Vec<u8>,
    /// What was known of it before.
    before: Option<Zeroizing<Vec<u8>>>,
}

fn row(id: &RequestId) -> String {
    format!("request/{id}")
}

impl Inbox {
    /// Fills in, signs and seals a new request.
    pub async fn ask(&self, organisation: Option<&str>, form: &RequestForm) -> Result<Sent> {
        let id = RequestId(make_bytes(&*self.entropy)?);
        self.send(organisation, form, id, 1, None).await
    }

    /// Sends a changed version of a request.
    pub async fn revise(&self, id: RequestId, form: &RequestForm) -> Result<Sent> {
        let own = self.own_request(&id).await?;
        let before = self.read_own(&own)?;
        if own.withdrawn.is_some() {
            return Err(Refusal::RequestClosed.into());
        }
        self.send(Some(&own.organisation.to_string()), form, id, before.revision + 1, own.message).await
    }

    async fn send(
        &self,
        organisation: Option<&str>,
        form: &RequestForm,
        id: RequestId,
        revision: u64,
        message: Option<Blob>,
    ) -> Result<Sent> {
        let now = self.now()?;
        let pin = self.organisation(organisation).await?;
        let card = pin.verified(now)?;
        let asked = asked(form)?;
        check_against(&asked, &card.card)?;
        let predecessor = match &form.renews {
            Some(text) => {
                Some(GrantId::parse(text).ok_or(Error::Value("'renews' is not the id of a grant."))?)
            }
            None => None,
        };
        let request = Request {
            id,
            revision,
            organisation: pin.organisation,
            card: card.digest,
            identity: Blob(self.own.card(now)),
            made: now,
            mode: if predecessor.is_some() { Mode::Renew } else { Mode::New },
            predecessor,
            applicant: applicant(form)?,
            purpose: purpose(form)?,
            asked,
            answers: answers(form, &card.card)?,
        };
        request.check().map_err(Error::rejected("request"))?;
        let document = request.sign(&self.own.signing);
        let seed = make_secret(&*self.entropy)?;
        let letter =
            letter::seal(Letter::ToOrganisation, pin.organisation, &card.card.receiving, &document, &seed)?;
        let own = OwnRequest {
            document: Blob(document),
            organisation: pin.organisation,
            message,
            withdrawn: None,
            key: None,
        };
        let before = self.vault.get(Table::Requests, &row(&id)).await?;
        self.vault.write(&[Write::Put(Table::Requests, &row(&id), &encode(&own))]).await?;
        Ok(Sent { id, revision, letter, before })
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

    /// Takes a request back: a notice for the organisation.
    pub async fn withdraw(&self, id: RequestId) -> Result<Vec<u8>> {
        let own = self.own_request(&id).await?;
        let notice = Notice {
            organisation: own.organisation,
            request: Some(id),
            key: None,
            act: Act::Withdraw,
            sent: self.now()?,
            text: None,
        };
        let letter = self.seal_notice(&notice).await?;
        let own = OwnRequest { withdrawn: Some(1), ..own };
        self.vault.write(&[Write::Put(Table::Requests, &row(&id), &encode(&own))]).await?;
        Ok(letter)
    }

    /// Tells the organisation that a key leaked.
    pub async fn report_leak(&self, key: KeyId, text: &str) -> Result<Vec<u8>> {
        let held = self.held(&key).await?;
        let text = Prose::parse(text).map_err(Error::text("text"))?;
        let notice = Notice {
            organisation: held.organisation,
            request: None,
            key: Some(key),
            act: Act::ReportLeak,
            sent: self.now()?,
            text: Some(text),
        };
        self.seal_notice(&notice).await
    }

    async fn seal_notice(&self, notice: &Notice) -> Result<Vec<u8>> {
        let pin = self.organisation(Some(&notice.organisation.to_string())).await?;
        let card = pin.verified(self.now()?)?;
        let seed = make_secret(&*self.entropy)?;
        let document = notice.sign(&self.own.signing);
        Ok(letter::seal(Letter::ToOrganisation, notice.organisation, &card.card.receiving, &document, &seed)?)
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
            let own = OwnRequest { message: Some(Blob(document.to_vec())), ..own };
            self.vault.write(&[Write::Put(Table::Requests, &row(&message.request), &encode(&own))]).await?;
            self.raise_highest(message.sent).await?;
            return self.view_of(&own).await;
        }
        Err(Error::Unopened)
    }

    /// Own requests, newest revision of each.
    pub async fn requests(&self) -> Result<Vec<OwnRequestView>> {
        let mut views = Vec::new();
        for id in self.request_ids().await? {
            views.push(self.view_of(&self.own_request(&id).await?).await?);
        }
        Ok(views)
    }

    /// The own request with an id that begins like that.
    pub async fn request(&self, typed: &str) -> Result<RequestId> {
        resolve("request", typed, self.request_ids().await?.into_iter())
    }

    async fn request_ids(&self) -> Result<Vec<RequestId>> {
        let rows = self.vault.ids(Table::Requests).await?;
        Ok(rows.iter().filter_map(|row| row.strip_prefix("request/").and_then(RequestId::parse)).collect())
    }

    async fn own_request(&self, id: &RequestId) -> Result<OwnRequest> {
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
                Message::verify(&document.0, &card.trust.root, self.now()?).ok().map(|m| m.body)
            }
            None => None,
        };
        let answered = message.as_ref().filter(|m| m.sent >= request.made);
        let (state, next) = match (own.key, own.withdrawn, answered.map(|m| m.saying)) {
            (Some(_), ..) => (
                "opened",
                "You hold the key. Give the receipt to the organisation, so that it begins to work.",
            ),
            (None, Some(_), _) => ("withdrawn", "Nothing. You took it back."),
            (None, None, Some(Saying::Declined)) => {
                ("declined", "The organisation said no. Read why; you may send a new request.")
            }
            (None, None, Some(Saying::ChangesAsked)) => {
                ("changes-asked", "Read what the organisation asks for, and send a revision.")
            }
            (None, None, Some(Saying::Revoked)) => ("revoked", "The key does not work any more."),
            (None, None, None) => (
                "sent",
                "Two people at the organisation look at it. They will call to compare your fingerprint.",
            ),
        };
        Ok(OwnRequestView {
            id: request.id.to_string(),
            organisation: card.card.name.to_string(),
            revision: request.revision,
            service: request.asked.service.to_string(),
            environment: request.asked.environment.to_string(),
            state: state.to_owned(),
            message: message.map(|m| m.text.to_string()),
            next: next.to_owned(),
        })
    }
}

fn line(field: &'static str, text: &str) -> Result<Line> {
    Line::parse(text.trim()).map_err(Error::text(field))
}

fn prose(field: &'static str, text: &str) -> Result<Prose> {
    Prose::parse(text.trim()).map_err(Error::text(field))
}

fn applicant(form: &RequestForm) -> Result<Applicant> {
    let email = line("email", &form.email)?;
    let plausible = email
        .as_str()
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !email.as_str().contains(' '));
    if !plausible {
        return Err(Error::Value("The field 'email' does not look like an address."));
    }
    Ok(Applicant {
        company: line("company", &form.company)?,
        person: line("person", &form.person)?,
        role: line("role", &form.role)?,
        email,
        incident_contact: line("incident_contact", &form.incident_contact)?,
    })
}

fn purpose(form: &RequestForm) -> Result<Purpose> {
    Ok(Purpose {
        why: prose("why", &form.why)?,
        workflow: prose("workflow", &form.workflow)?,
        usage: prose("usage", &form.usage)?,
        data: prose("data", &form.data)?,
        safeguards: prose("safeguards", &form.safeguards)?,
    })
}

fn asked(form: &RequestForm) -> Result<Asked> {
    let scope = |s: &String| ScopeName::parse(s.trim()).map_err(Error::text("scopes"));
    let mut scopes = form.scopes.iter().map(scope).collect::<Result<Vec<_>>>()?;
    scopes.sort_unstable();
    scopes.dedup();
    let mut networks = Vec::new();
    for text in &form.networks {
        let network = Network::parse(text.trim())?;
        if network.is_private() {
            return Err(Error::PrivateNetwork);
        }
        networks.push(network);
    }
    networks.sort_unstable();
    networks.dedup();
    if scopes.is_empty() {
        return Err(Refusal::NothingGranted.into());
    }
    if form.days == 0 {
        return Err(Refusal::LifetimeZero.into());
    }
    Ok(Asked {
        service: Slug::parse(form.service.trim()).map_err(Error::text("service"))?,
        environment: Slug::parse(form.environment.trim()).map_err(Error::text("environment"))?,
        scopes,
        networks,
        days: form.days,
    })
}

/// What the card does not offer is said here, not weeks later.
fn check_against(asked: &Asked, card: &countersign_documents::card::Card) -> Result<()> {
    let service = card.catalogue.service(&asked.service).ok_or(Refusal::UnknownService)?;
    let environment = service.environment(&asked.environment).ok_or(Refusal::UnknownEnvironment)?;
    if asked.scopes.iter().any(|s| service.scope(s).is_none()) {
        return Err(Refusal::UnknownScope.into());
    }
    if asked.days > environment.longest_days { Err(Refusal::LifetimeTooLong.into()) } else { Ok(()) }
}

fn answers(form: &RequestForm, card: &countersign_documents::card::Card) -> Result<Vec<Answer>> {
    let questions = &card.catalogue.questions;
    if form.answers.keys().any(|id| !questions.iter().any(|q| q.id.as_str() == id)) {
        return Err(Error::Value("The request answers a question that the card does not ask."));
    }
    let answer = |q: &countersign_documents::catalogue::Question| {
        let text = form
            .answers
            .get(q.id.as_str())
            .ok_or(Error::Value("A question of the organisation is not answered."))?;
        Ok(Answer { question: q.id.clone(), text: prose("answers", text)? })
    };
    questions.iter().map(answer).collect()
}
