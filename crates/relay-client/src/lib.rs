//! Asks a relay over HTTP (spec/relay.md): one address per act, bodies of byte strings, answers read to a limit.
//!
//! Here lives how a relay is reached, and what of its answers is none. What may not live here: a signature, a secret, a
//! second try, or any host but the one that was named.

mod answer;
mod http;
mod origin;

use std::time::Duration;

use async_trait::async_trait;
use countersign_documents::{
    Decode, Digest, decode,
    id::OrganisationId,
    relay::{Mail, Withdrawn, pack},
};
use countersign_ports::{Relay, RelayError, TicketShown, Witnessing};

use crate::{http::Http, origin::Origin};

/// Relays, over HTTP.
#[derive(Default)]
pub struct HttpRelay(Http);

impl HttpRelay {
    /// Reaches nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with less time for an answer than a poll may take: for whoever tests what does not answer.
    pub fn giving_up_after(whole: Duration) -> Self {
        Self(Http::giving_up_after(whole))
    }

    async fn act(&self, origin: &str, path: &str, parts: &[&[u8]]) -> Result<Vec<u8>, RelayError> {
        self.0.post(&Origin::parse(origin)?, path, pack(parts)).await
    }
}

/// An answer that is one value; anything else is no relay's.
fn read<T: for<'a> Decode<'a>>(answer: &[u8]) -> Result<T, RelayError> {
    decode(answer).map_err(|_| RelayError::Unexpected)
}

#[async_trait]
impl Relay for HttpRelay {
    async fn nonce(&self, origin: &str) -> Result<Digest, RelayError> {
        let answer = self.0.get(&Origin::parse(origin)?, "/v1/nonce").await;
        match answer {
            Ok(nonce) => nonce.try_into().map(Digest).map_err(|_| RelayError::Unexpected),
            // Every relay has nonces.
            Err(RelayError::NothingThere) => Err(RelayError::Unexpected),
            Err(error) => Err(error),
        }
    }

    async fn card(&self, origin: &str, organisation: OrganisationId) -> Result<Vec<u8>, RelayError> {
        self.0.get(&Origin::parse(origin)?, &format!("/v1/card/{organisation}")).await
    }

    async fn put_card(&self, origin: &str, card: &[u8]) -> Result<(), RelayError> {
        self.act(origin, "/v1/card", &[card]).await.map(drop)
    }

    async fn upload(&self, origin: &str, document: &[u8], envelope: &[u8]) -> Result<(), RelayError> {
        self.act(origin, "/v1/upload", &[document, envelope]).await.map(drop)
    }

    async fn fetch(
        &self,
        origin: &str,
        by_identity: &[u8],
        by_pick_up: &[u8],
    ) -> Result<Vec<u8>, RelayError> {
        self.act(origin, "/v1/fetch", &[by_identity, by_pick_up]).await
    }

    async fn acknowledge(
        &self,
        origin: &str,
        by_identity: &[u8],
        by_pick_up: &[u8],
        letter: &[u8],
    ) -> Result<(), RelayError> {
        self.act(origin, "/v1/acknowledge", &[by_identity, by_pick_up, letter]).await.map(drop)
    }

    async fn withdraw(&self, origin: &str, document: &[u8]) -> Result<Withdrawn, RelayError> {
        read(&self.act(origin, "/v1/withdraw", &[document]).await?)
    }

    async fn post(
        &self,
        origin: &str,
        document: &[u8],
        letter: &[u8],
        ticket: Option<TicketShown<'_>>,
    ) -> Result<(), RelayError> {
        let mut parts = vec![document, letter];
        parts.extend(ticket.into_iter().flat_map(|shown| [shown.ticket, shown.by_ticket]));
        self.act(origin, "/v1/post", &parts).await.map(drop)
    }

    async fn dispatch(&self, origin: &str, document: &[u8], letter: &[u8]) -> Result<(), RelayError> {
        self.act(origin, "/v1/dispatch", &[document, letter]).await.map(drop)
    }

    async fn poll(
        &self,
        origin: &str,
        document: &[u8],
        certificate: Option<&[u8]>,
    ) -> Result<Mail, RelayError> {
        let mut parts = vec![document];
        parts.extend(certificate);
        read(&self.act(origin, "/v1/poll", &parts).await?)
    }

    async fn removal(&self, origin: &str, document: &[u8]) -> Result<(), RelayError> {
        self.act(origin, "/v1/removal", &[document]).await.map(drop)
    }

    async fn witness(&self, origin: &str) -> Result<String, RelayError> {
        match self.0.get(&Origin::parse(origin)?, "/v1/witness").await {
            Ok(key) => String::from_utf8(key).map_err(|_| RelayError::Unexpected),
            // Every relay has a witness.
            Err(RelayError::NothingThere) => Err(RelayError::Unexpected),
            Err(error) => Err(error),
        }
    }

    async fn add_checkpoint(&self, origin: &str, body: &str) -> Result<Witnessing, RelayError> {
        self.0.show(&Origin::parse(origin)?, "/v1/add-checkpoint", body.to_owned()).await
    }
}
