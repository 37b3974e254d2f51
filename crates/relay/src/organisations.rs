//! Organisations that this relay serves, each by its newest card.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use countersign_documents::{
    Digest, Rejected,
    card::{Card, VerifiedCard},
    id::OrganisationId,
    text::Line,
};

/// An organisation's card, verified.
pub(crate) struct Known {
    pub(crate) card: VerifiedCard,
    pub(crate) document: Vec<u8>,
}

/// Why a card does not take the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotNewer {
    /// It is the same or an older one of the same history.
    Older,
    /// Its root is not the one that is known, or it says something else under the same version.
    Contradicts,
}

impl Known {
    /// A card that may have ended: its root and name stay true.
    pub(crate) fn read(document: Vec<u8>, pinned: Option<Digest>) -> Result<Self, Rejected> {
        Ok(Self { card: Card::verify_ended(&document, pinned)?, document })
    }

    pub(crate) fn organisation(&self) -> OrganisationId {
        self.card.card.organisation
    }

    pub(crate) fn is_at(&self, origin: &Line) -> bool {
        self.card.card.relay.as_ref() == Some(origin)
    }

    /// Whether this is the card after `before`: of a higher version, and with the history of the root going on. A
    /// succession does not follow by itself; people compare it.
    pub(crate) fn follows(&self, before: &Self) -> Result<(), NotNewer> {
        let same_pin = self.card.trust.pinned == before.card.trust.pinned;
        if self.card.digest == before.card.digest {
            return Err(NotNewer::Older);
        }
        if same_pin
            && before.card.trust.extends(&self.card.trust)
            && self.card.card.version < before.card.card.version
        {
            return Err(NotNewer::Older);
        }
        let newer =
            self.card.card.version > before.card.card.version && self.card.trust.extends(&before.card.trust);
        if same_pin && newer { Ok(()) } else { Err(NotNewer::Contradicts) }
    }
}

/// All of them.
#[derive(Default)]
pub(crate) struct Organisations {
    known: RwLock<BTreeMap<OrganisationId, Arc<Known>>>,
}

impl Organisations {
    pub(crate) fn put(&self, known: Known) {
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(known.organisation(), Arc::new(known));
    }

    pub(crate) fn get(&self, organisation: OrganisationId) -> Option<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&organisation).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}
