//! Waiting for news without holding a desk or an inbox: whoever waits here keeps nobody from working.

use countersign_documents::{
    Digest, encode,
    id::OrganisationId,
    relay::{Mail, PATIENCE},
};

use crate::{
    error::Result,
    own::Own,
    relay::{Asking, RelayAt},
};

/// Rings when something new waits at a relay; then `sync` takes it in.
pub struct Bell {
    at: RelayAt,
    own: Own,
    organisation: OrganisationId,
    /// A member is told of parcels too.
    certificate: Option<Vec<u8>>,
    after: u64,
    parcels: Option<Digest>,
}

impl Bell {
    pub(crate) fn new(
        at: RelayAt,
        own: Own,
        organisation: OrganisationId,
        certificate: Option<Vec<u8>>,
    ) -> Self {
        Self { at, own, organisation, certificate, after: 0, parcels: None }
    }

    /// Whose relay it hangs at.
    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// Where that is.
    pub fn origin(&self) -> &str {
        self.at.origin()
    }

    /// Waits as long as a relay lets anybody wait; whether something came that was not there when it rang last. The first
    /// time it rings at once, for whatever waits already.
    pub async fn wait(&mut self) -> Result<bool> {
        let patience = if self.parcels.is_some() { PATIENCE } else { 0 };
        let asking = Asking { after: self.after, patience, done: &[] };
        let certificate = self.certificate.as_deref();
        let mail = self.at.poll(&self.own.signing, certificate, self.organisation, asking).await?;
        Ok(self.is_news(&mail))
    }

    fn is_news(&mut self, mail: &Mail) -> bool {
        let newest = mail.letters.iter().map(|letter| letter.number).max();
        self.after = self.after.max(newest.unwrap_or_default());
        let parcels = Some(Digest::of(&encode(&mail.parcels)));
        let changed = self.parcels != parcels;
        self.parcels = parcels;
        newest.is_some() || changed
    }
}
