//! A partner's inbox: pinned organisations, own requests, envelopes, keys.

mod due;
mod envelopes;
mod form;
mod organisations;
mod requests;
mod save;

use std::sync::Arc;

use countersign_documents::{Time, decode, encode, id::RequestId};
use countersign_ports::{Clock, Entropy, Table, Vault, Write};

use crate::{
    error::{Error, Result},
    own::{Own, ProfileKind},
    random::now,
};

pub use envelopes::Delivered;
pub use form::{RequestForm, check_day_count, check_email, check_line, check_network, check_prose};
pub use organisations::Pin;
pub use requests::{Draft, Sent};
pub use save::{compose_secret, dotenv, kubernetes_secret, variable_name};

/// An inbox: ports and own keys.
pub struct Inbox {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) own: Own,
}

/// One draft does not replace another.
fn draft_row(revises: Option<RequestId>) -> String {
    revises.map_or_else(|| "draft".to_owned(), |id| format!("draft/{id}"))
}

impl Inbox {
    /// Opens the inbox of an unlocked profile.
    pub async fn open(
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        vault: Arc<dyn Vault>,
    ) -> Result<Self> {
        let own = Own::load_as(&*vault, ProfileKind::Inbox).await?;
        Ok(Self { clock, entropy, vault, own })
    }

    /// What was filled in so far, for a new request or the revision of one: a text of the caller's own, sealed like
    /// everything else here.
    pub async fn form_draft(
        &self,
        revises: Option<RequestId>,
    ) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>> {
        Ok(self.vault.get(Table::Identity, &draft_row(revises)).await?)
    }

    /// Keeps what was filled in so far.
    pub async fn keep_form_draft(&self, revises: Option<RequestId>, text: &[u8]) -> Result<()> {
        Ok(self.vault.write(&[Write::Put(Table::Identity, &draft_row(revises), text)]).await?)
    }

    /// Forgets it: it was sent.
    pub async fn drop_form_draft(&self, revises: Option<RequestId>) -> Result<()> {
        Ok(self.vault.write(&[Write::Remove(Table::Identity, &draft_row(revises))]).await?)
    }

    pub(crate) fn now(&self) -> Result<Time> {
        now(&*self.clock)
    }

    /// The latest time that was verified here, in any document: a clock behind it is not believed.
    pub(crate) async fn highest(&self) -> Result<Time> {
        match self.vault.get(Table::Heads, "highest").await? {
            None => Ok(Time(0)),
            Some(bytes) => decode(&bytes).map_err(|_| Error::BadSnapshot),
        }
    }

    pub(crate) async fn raise_highest(&self, seen: Time) -> Result<()> {
        if seen > self.highest().await? {
            self.vault.write(&[Write::Put(Table::Heads, "highest", &encode(&seen))]).await?;
        }
        Ok(())
    }
}
