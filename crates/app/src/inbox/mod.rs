//! A partner's inbox: pinned organisations, own requests, envelopes, keys.
//!
//! Here lives what a partner's contact does. What may not live here: the log of an organisation, which no partner sees.

mod due;
mod envelopes;
mod form;
mod links;
mod notices;
mod organisations;
mod relay;
mod requests;
mod save;
mod sync;

use std::sync::Arc;

use countersign_documents::{
    Time, decode, encode,
    id::{KeyId, RequestId},
};
use countersign_ports::{Clock, Entropy, Relay, Table, Vault, Write};

use crate::{
    error::{Error, Result},
    own::{Own, ProfileKind},
    random::now,
};

pub use envelopes::Delivered;
pub use form::{RequestForm, check_day_count, check_email, check_line, check_network, check_prose};
pub use notices::Told;
pub use organisations::Pin;
pub use relay::Posted;
pub use requests::{Draft, Sent};
pub use save::{compose_secret, dotenv, kubernetes_secret, variable_name};
pub use sync::{Synced, Unread};

/// An inbox: ports and own keys.
pub struct Inbox {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) relay: Arc<dyn Relay>,
    pub(crate) own: Own,
}

/// Which form is being filled in: one draft does not replace another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drafting {
    /// A new request.
    New,
    /// The revision of a request.
    Revision(RequestId),
    /// The renewal of a key that is held here.
    Renewal(KeyId),
}

impl Drafting {
    fn row(self) -> String {
        match self {
            Self::New => "draft".to_owned(),
            Self::Revision(id) => format!("draft/{id}"),
            Self::Renewal(key) => format!("draft/renewal/{key}"),
        }
    }
}

impl Inbox {
    /// Opens the inbox of an unlocked profile.
    pub async fn open(
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        vault: Arc<dyn Vault>,
        relay: Arc<dyn Relay>,
    ) -> Result<Self> {
        let own = Own::load_as(&*vault, ProfileKind::Inbox).await?;
        Ok(Self { clock, entropy, vault, relay, own })
    }

    /// What was filled in so far: a text of the caller's own, sealed like everything else here.
    pub async fn form_draft(&self, which: Drafting) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>> {
        Ok(self.vault.get(Table::Identity, &which.row()).await?)
    }

    /// Keeps what was filled in so far.
    pub async fn keep_form_draft(&self, which: Drafting, text: &[u8]) -> Result<()> {
        Ok(self.vault.write(&[Write::Put(Table::Identity, &which.row(), text)]).await?)
    }

    /// Forgets it: it was sent.
    pub async fn drop_form_draft(&self, which: Drafting) -> Result<()> {
        Ok(self.vault.write(&[Write::Remove(Table::Identity, &which.row())]).await?)
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
