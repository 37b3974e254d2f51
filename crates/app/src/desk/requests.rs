//! Whatever a partner sends, taken in; and the reply to a request.

use countersign_documents::{
    Digest, Flag, Kind, Rejected,
    cose::kind_of,
    id::RequestId,
    letters::{Message, Notice, Saying},
    request::{Request, VerifiedRequest},
    text::Prose,
};
use countersign_domain::{
    Event, ExchangeState, Refusal,
    event::{Received, Replied, TakenBack},
};
use countersign_envelope::letter::{self, Purpose};

use super::Desk;
use crate::{
    error::{Error, Result},
    random::{make_secret, now},
};

impl Desk {
    /// Takes in whatever a partner sent: a sealed request, a notice, or a receipt. Says what it was.
    pub async fn import(&mut self, bytes: &[u8]) -> Result<(&'static str, String)> {
        if let Some(thumbprint) = letter::recipient(bytes) {
            let secret = self.receiving_secret(&thumbprint).await?;
            let document = letter::open(Purpose::ToOrganisation, self.organisation, &secret, bytes)?;
            return self.import_document(&document).await;
        }
        self.import_document(bytes).await
    }

    async fn import_document(&mut self, document: &[u8]) -> Result<(&'static str, String)> {
        match kind_of(document) {
            Some(Kind::Request) => self.receive(document).await.map(|id| ("request", id.to_string())),
            Some(Kind::Notice) => self.take_notice(document).await,
            Some(Kind::Receipt) => {
                self.record_receipt(document).await.map(|key| ("receipt", key.to_string()))
            }
            Some(_) => Err(Error::Rejected { what: "file", why: Rejected::WrongKind }),
            None => Err(Error::Rejected { what: "file", why: Rejected::WrongHeaders }),
        }
    }

    async fn receive(&mut self, document: &[u8]) -> Result<RequestId> {
        let VerifiedRequest { request, identity, digest } =
            Request::verify(document).map_err(Error::rejected("request"))?;
        if request.organisation != self.organisation {
            return Err(Error::Rejected { what: "request", why: Rejected::WrongOrganisation });
        }
        if request.made > now(&*self.ports.clock)?.plus(countersign_documents::time::SKEW) {
            return Err(Error::Rejected { what: "request", why: Rejected::WrongTime });
        }
        if self.state.exchanges.values().any(|e| e.digest == digest) {
            return Err(Refusal::AlreadyThere.into());
        }
        let event = Received {
            request: request.id,
            revision: request.revision,
            digest,
            blob: Digest([0; 32]),
            identity: identity.signing,
            receiving: identity.receiving,
            asked: request.asked,
            mode: request.mode,
            predecessor: request.predecessor,
        };
        // What would be refused as things are leaves nothing behind, not even a blob. Whoever is faster meanwhile leaves one.
        self.state.check(&self.context()?, &Event::Received(event.clone()))?;
        let blob = self.put_blob(document).await?;
        self.record(Event::Received(Received { blob, ..event })).await?;
        Ok(request.id)
    }

    /// The request document behind a request, verified again against what the ledger says of it.
    pub(crate) async fn request_document(&self, id: RequestId) -> Result<VerifiedRequest> {
        let exchange = self.state.exchange(&id)?;
        let document = self.blob(exchange.blob).await?;
        let verified = Request::verify(&document).map_err(Error::rejected("request"))?;
        let same = verified.digest == exchange.digest
            && verified.request.id == id
            && verified.request.asked == exchange.asked
            && verified.request.mode == exchange.mode
            && verified.request.predecessor == exchange.predecessor
            && verified.identity.signing.thumbprint() == exchange.identity
            && verified.identity.receiving == exchange.receiving
            && verified.request.organisation == self.organisation;
        if same { Ok(verified) } else { Err(Error::Rejected { what: "request", why: Rejected::BadContent }) }
    }

    async fn take_notice(&mut self, document: &[u8]) -> Result<(&'static str, String)> {
        let signer = Notice::signer(document).map_err(Error::rejected("notice"))?;
        let partner = self.state.partners.get(&signer).ok_or(Refusal::NoSuchIdentity)?;
        let notice = Notice::verify(document, &partner.key).map_err(Error::rejected("notice"))?.body;
        if notice.organisation != self.organisation {
            return Err(Error::Rejected { what: "notice", why: Rejected::WrongOrganisation });
        }
        match (notice.act, notice.request, notice.key) {
            (countersign_documents::letters::Act::Withdraw, Some(request), _) => {
                let event = TakenBack { request, notice: countersign_documents::Blob(document.to_vec()) };
                self.record(Event::TakenBack(event)).await?;
                Ok(("withdrawal", request.to_string()))
            }
            (countersign_documents::letters::Act::ReportLeak, _, Some(key)) => {
                self.record_leak(document, signer, &notice, vec![key]).await?;
                Ok(("leak-report", key.to_string()))
            }
            (countersign_documents::letters::Act::ReportLeak, Some(request), None) => {
                let keys = self.state.exchange(&request)?.keys.clone();
                self.record_leak(document, signer, &notice, keys).await?;
                Ok(("leak-report", request.to_string()))
            }
            (_, None, None) | (countersign_documents::letters::Act::Withdraw, None, Some(_)) => {
                Err(Error::Rejected { what: "notice", why: Rejected::BadContent })
            }
        }
    }

    /// Asks the partner for changes, or declines: a signed message, sealed to the partner.
    pub async fn reply(&mut self, request: RequestId, text: &str, declined: bool) -> Result<Vec<u8>> {
        let exchange = self.state.exchange(&request)?.clone();
        let text = Prose::parse(text).map_err(Error::text("reason"))?;
        let seal = |document: &[u8], seed| {
            letter::seal(Purpose::ToPartner, self.organisation, &exchange.receiving, document, &seed)
        };
        // The letter of a reply that is on the record may never have been written: it is sealed again.
        let state = if declined { ExchangeState::Declined } else { ExchangeState::ChangesAsked };
        if exchange.state == state
            && let Some(document) = self.replied_before(request, &text).await?
        {
            let letter = seal(&document, make_secret(&*self.ports.entropy)?)?;
            self.keep_reply(request, exchange.identity, Digest::of(&document), &letter).await?;
            self.tell_relay().await?;
            return Ok(letter);
        }
        let message = Message {
            organisation: self.organisation,
            recipient: exchange.identity,
            request,
            sent: now(&*self.ports.clock)?,
            saying: if declined { Saying::Declined } else { Saying::ChangesAsked },
            text,
        };
        let document = message.sign(&self.me()?.certificate.0, &self.own.signing);
        let digest = Digest::of(&document);
        let probe = Replied { request, message: digest, blob: Digest([0; 32]), declined: Flag(declined) };
        self.state.check(&self.context()?, &Event::Replied(probe.clone()))?;
        let letter = seal(&document, make_secret(&*self.ports.entropy)?)?;
        let blob = self.put_blob(&document).await?;
        self.keep_reply(request, exchange.identity, digest, &letter).await?;
        self.record(Event::Replied(Replied { blob, ..probe })).await?;
        self.tell_relay().await.map_err(Error::after_record)?;
        Ok(letter)
    }

    /// The newest reply to a request, if it says exactly this.
    async fn replied_before(&self, request: RequestId, text: &Prose) -> Result<Option<Vec<u8>>> {
        let mut newest = None;
        for seq in self.state.exchange(&request)?.history.iter().rev() {
            let Some(row) = self.ports.log.read(*seq, 1).await?.pop() else { continue };
            if let Some((_, Event::Replied(replied), ..)) = self.open_entry(&row.leaf) {
                newest = Some(replied.blob);
                break;
            }
        }
        let Some(blob) = newest else { return Ok(None) };
        let document = self.blob(blob).await?;
        let root = &self.state.trust()?.root;
        let message = Message::verify(&document, root, now(&*self.ports.clock)?)
            .map_err(Error::rejected("message"))?
            .body;
        Ok((message.text == *text).then_some(document))
    }
}
