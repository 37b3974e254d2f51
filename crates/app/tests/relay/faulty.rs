//! A way to the relay that breaks when it is told to: before what was asked is done, or after.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use countersign_documents::{
    Digest,
    id::OrganisationId,
    relay::{Mail, Withdrawn},
};
use countersign_ports::{Relay, RelayError, TicketShown, Witnessing};
use countersign_relay_client::HttpRelay;

/// How it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing gets there.
    Away,
    /// It gets there, and the answer is lost.
    Deaf,
}

#[derive(Default)]
struct Plan {
    /// How many questions there were.
    asked: usize,
    /// Which one breaks, and how.
    breaks: Option<(usize, Fault)>,
    /// Until it is mended, everything does.
    stays: bool,
}

#[derive(Default)]
pub(crate) struct Faulty {
    inner: HttpRelay,
    plan: Mutex<Plan>,
}

impl Faulty {
    /// The question after so many others breaks, once.
    pub(crate) fn break_at(&self, n: usize, fault: Fault) {
        *self.plan() = Plan { asked: 0, breaks: Some((n, fault)), stays: false };
    }

    /// Everything breaks until it is mended.
    pub(crate) fn break_all(&self, fault: Fault) {
        *self.plan() = Plan { asked: 0, breaks: Some((0, fault)), stays: true };
    }

    pub(crate) fn mend(&self) {
        *self.plan() = Plan::default();
    }

    pub(crate) fn asked(&self) -> usize {
        self.plan().asked
    }

    /// Whether the planned break lies behind.
    pub(crate) fn broke(&self) -> bool {
        let plan = self.plan();
        plan.breaks.is_some_and(|(n, _)| plan.asked > n)
    }

    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn through<T: Send>(
        &self,
        asked: impl Future<Output = Result<T, RelayError>> + Send,
    ) -> Result<T, RelayError> {
        let fault = {
            let mut plan = self.plan();
            let n = plan.asked;
            plan.asked += 1;
            plan.breaks.filter(|(at, _)| *at == n || (plan.stays && n >= *at)).map(|(_, fault)| fault)
        };
        match fault {
            Some(Fault::Away) => Err(RelayError::Unreachable),
            Some(Fault::Deaf) => asked.await.and(Err(RelayError::Unreachable)),
            None => asked.await,
        }
    }
}

#[async_trait]
impl Relay for Faulty {
    async fn nonce(&self, origin: &str) -> Result<Digest, RelayError> {
        self.through(self.inner.nonce(origin)).await
    }

    async fn card(&self, origin: &str, organisation: OrganisationId) -> Result<Vec<u8>, RelayError> {
        self.through(self.inner.card(origin, organisation)).await
    }

    async fn put_card(&self, origin: &str, card: &[u8]) -> Result<(), RelayError> {
        self.through(self.inner.put_card(origin, card)).await
    }

    async fn upload(&self, origin: &str, document: &[u8], envelope: &[u8]) -> Result<(), RelayError> {
        self.through(self.inner.upload(origin, document, envelope)).await
    }

    async fn fetch(&self, origin: &str, identity: &[u8], pick_up: &[u8]) -> Result<Vec<u8>, RelayError> {
        self.through(self.inner.fetch(origin, identity, pick_up)).await
    }

    async fn acknowledge(
        &self,
        origin: &str,
        identity: &[u8],
        pick_up: &[u8],
        letter: &[u8],
    ) -> Result<(), RelayError> {
        self.through(self.inner.acknowledge(origin, identity, pick_up, letter)).await
    }

    async fn withdraw(&self, origin: &str, document: &[u8]) -> Result<Withdrawn, RelayError> {
        self.through(self.inner.withdraw(origin, document)).await
    }

    async fn post(
        &self,
        origin: &str,
        document: &[u8],
        letter: &[u8],
        ticket: Option<TicketShown<'_>>,
    ) -> Result<(), RelayError> {
        self.through(self.inner.post(origin, document, letter, ticket)).await
    }

    async fn dispatch(&self, origin: &str, document: &[u8], letter: &[u8]) -> Result<(), RelayError> {
        self.through(self.inner.dispatch(origin, document, letter)).await
    }

    async fn poll(
        &self,
        origin: &str,
        document: &[u8],
        certificate: Option<&[u8]>,
    ) -> Result<Mail, RelayError> {
        self.through(self.inner.poll(origin, document, certificate)).await
    }

    async fn removal(&self, origin: &str, document: &[u8]) -> Result<(), RelayError> {
        self.through(self.inner.removal(origin, document)).await
    }

    async fn witness(&self, origin: &str) -> Result<String, RelayError> {
        self.through(self.inner.witness(origin)).await
    }

    async fn add_checkpoint(&self, origin: &str, body: &str) -> Result<Witnessing, RelayError> {
        self.through(self.inner.add_checkpoint(origin, body)).await
    }
}
