//! What a partner tells the organisation beside its requests: that it takes one back, or that a key leaked.

use countersign_documents::{
    encode,
    id::{KeyId, OrganisationId, RequestId},
    letters::{Act, Notice},
    text::Prose,
};
use countersign_envelope::letter::{self, Purpose};
use countersign_ports::{Table, Write};

use super::{
    Inbox,
    relay::{Outgoing, Posted},
    requests::{OwnRequest, row},
};
use crate::{
    error::{Error, Result},
    random::make_secret,
};

/// A letter that is on its way, or waits, or is to be handed over as a file.
pub struct Told {
    /// The letter.
    pub letter: Vec<u8>,
    /// How far it is.
    pub posted: Posted,
}

impl Inbox {
    /// Takes a request back: a notice for the organisation, as a file.
    pub async fn withdraw(&self, id: RequestId) -> Result<Vec<u8>> {
        let (letter, own) = self.withdrawal(id).await?;
        self.vault.write(&[Write::Put(Table::Requests, &row(&id), &encode(&own))]).await?;
        Ok(letter)
    }

    /// The same through the relay, where there is one.
    pub async fn send_withdrawal(&self, id: RequestId) -> Result<Told> {
        let (letter, own) = self.withdrawal(id).await?;
        let outgoing = Outgoing { request: Some(id), ..self.outgoing(own.organisation, &letter)? };
        let (request, bytes) = (row(&id), encode(&own));
        let posted = self.send(&outgoing, vec![Write::Put(Table::Requests, &request, &bytes)]).await?;
        Ok(Told { letter, posted })
    }

    async fn withdrawal(&self, id: RequestId) -> Result<(Vec<u8>, OwnRequest)> {
        let own = self.own_request(&id).await?;
        let notice = Notice {
            organisation: own.organisation,
            request: Some(id),
            key: None,
            act: Act::Withdraw,
            sent: self.now()?,
            text: None,
        };
        let letter = self.seal_to(own.organisation, &notice.sign(&self.own.signing)).await?;
        Ok((letter, OwnRequest { withdrawn: Some(1), ..own }))
    }

    /// Tells the organisation that a key leaked, as a file.
    pub async fn report_leak(&self, key: KeyId, text: &str) -> Result<Vec<u8>> {
        self.leak_report(key, text).await.map(|(letter, _)| letter)
    }

    /// The same through the relay, where there is one.
    pub async fn send_leak_report(&self, key: KeyId, text: &str) -> Result<Told> {
        let (letter, organisation) = self.leak_report(key, text).await?;
        let posted = self.send(&self.outgoing(organisation, &letter)?, Vec::new()).await?;
        Ok(Told { letter, posted })
    }

    async fn leak_report(&self, key: KeyId, text: &str) -> Result<(Vec<u8>, OrganisationId)> {
        let organisation = self.held(&key).await?.organisation;
        let text = Prose::parse(text).map_err(Error::text("text"))?;
        let notice = Notice {
            organisation,
            request: None,
            key: Some(key),
            act: Act::ReportLeak,
            sent: self.now()?,
            text: Some(text),
        };
        let letter = self.seal_to(organisation, &notice.sign(&self.own.signing)).await?;
        Ok((letter, organisation))
    }

    /// A document in a letter to the organisation, whose card must be valid now.
    pub(super) async fn seal_to(&self, organisation: OrganisationId, document: &[u8]) -> Result<Vec<u8>> {
        let pin = self.organisation(Some(&organisation.to_string())).await?;
        let card = pin.verified(self.now()?)?;
        let seed = make_secret(&*self.entropy)?;
        Ok(letter::seal(Purpose::ToOrganisation, organisation, &card.card.receiving, document, &seed)?)
    }
}
