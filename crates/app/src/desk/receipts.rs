//! Receipts: the partner's device holds the key. Only now may it begin to work.

use countersign_documents::{Blob, Rejected, id::KeyId, receipt::Receipt};
use countersign_domain::{Event, Refusal, event::Acknowledged};

use super::Desk;
use crate::error::{Error, Result};

impl Desk {
    /// Records a receipt and shreds the envelope. A desk that may issue then switches on every key whose receipt is on the
    /// record; of one that could not be, what is due says so.
    pub(crate) async fn record_receipt(&mut self, document: &[u8]) -> Result<KeyId> {
        let signer = Receipt::signer(document).map_err(Error::rejected("receipt"))?;
        let partner = self.state.partners.get(&signer).ok_or(Refusal::NoSuchIdentity)?;
        let receipt = Receipt::verify(document, &partner.key).map_err(Error::rejected("receipt"))?.body;
        if receipt.organisation != self.organisation {
            return Err(Error::Rejected { what: "receipt", why: Rejected::WrongOrganisation });
        }
        let key = self.state.all_keys().find(|k| k.cti == Some(receipt.cti)).ok_or(Refusal::NoSuchKey)?.id;
        self.record(Event::Acknowledged(Acknowledged { key, receipt: Blob(document.to_vec()) })).await?;
        self.shred(&key).await.map_err(Error::after_record)?;
        if self.me()?.may(countersign_documents::certificate::Right::Issue) {
            self.activate_opened().await?;
        }
        Ok(key)
    }
}
