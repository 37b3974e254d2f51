//! Which requests and keys an event is about: for the history of a request, and for what lists show.

use countersign_documents::{
    Digest,
    id::{KeyId, RequestId},
    order::Order,
};

use super::{Context, State};
use crate::event::Event;

/// What an event is about.
#[derive(Debug, Default)]
pub struct Concern {
    /// Requests.
    pub requests: Vec<RequestId>,
    /// Keys.
    pub keys: Vec<KeyId>,
}

impl State {
    /// What an event that was folded is about. `None` where it is about members, rules or names: they change how
    /// everything looks.
    pub fn concern(&self, ctx: &Context, event: &Event) -> Option<Concern> {
        match event {
            Event::Received(e) => of_request(e.request),
            Event::TakenBack(e) => of_request(e.request),
            Event::Answered(e) => of_request(e.request),
            Event::Justified(e) => of_request(e.request),
            Event::Narrowed(e) => of_request(e.request),
            Event::Replied(e) => of_request(e.request),
            Event::Vetted(e) => of_request(e.request),
            Event::Countersigned(e) => of_request(e.request),
            Event::IdentityChecked(e) => self.of_identity(&e.identity),
            Event::IdentityMismatch(e) => self.of_identity(&e.identity),
            Event::Intended(e) => Some(Concern { requests: vec![e.request], keys: vec![e.key] }),
            Event::Issued(e) => self.of_keys(vec![e.key]),
            Event::Abandoned(e) => self.of_keys(vec![e.key]),
            Event::HandedOver(e) => self.of_keys(vec![e.key]),
            Event::Fetched(e) => self.of_keys(vec![e.key]),
            Event::Withdrawn(e) => self.of_keys(vec![e.key]),
            Event::Acknowledged(e) => self.of_keys(vec![e.key]),
            Event::Activated(e) => self.of_keys(vec![e.key]),
            Event::Ordered(e) => {
                let key = self.member_by_key(&ctx.signer)?.key;
                self.of_keys(Order::verify(&e.order.0, &key).ok()?.body.keys)
            }
            Event::Stopped(e) => self.of_keys(vec![e.key]),
            Event::StopFailed(e) => self.of_keys(vec![e.key]),
            Event::Objected(e) => self.of_keys(vec![e.key]),
            Event::LeakReported(e) => self.of_keys(e.keys.clone()),
            Event::Imported(e) => self.of_keys(e.keys.iter().map(|k| k.key).collect()),
            Event::Founded(_)
            | Event::Proposed(_)
            | Event::Confirmed(_)
            | Event::Dropped(_)
            | Event::Suspended(_)
            | Event::Tightened(_)
            | Event::IssuerStopped(_)
            | Event::SharedKeys(_)
            | Event::Rekeyed(_)
            | Event::Erased(_)
            | Event::CertifierOffered(_)
            | Event::RootProposed(_)
            | Event::RootSigned(_)
            | Event::RootDropped(_)
            | Event::Succeeded(_)
            | Event::MemberChecked(_)
            | Event::WitnessAccepted(_) => None,
        }
    }

    fn of_identity(&self, identity: &Digest) -> Option<Concern> {
        let theirs = self.exchanges.values().filter(|e| e.identity == *identity);
        Some(Concern { requests: theirs.map(|e| e.id).collect(), keys: Vec::new() })
    }

    fn of_keys(&self, keys: Vec<KeyId>) -> Option<Concern> {
        let mut requests: Vec<_> = keys.iter().filter_map(|k| self.keys.get(k)?.request).collect();
        requests.sort_unstable();
        requests.dedup();
        Some(Concern { requests, keys })
    }

    /// An exchange remembers where the entries about it are. A comparison of fingerprints is about its identity, which
    /// keeps them itself.
    pub(super) fn remember(&mut self, ctx: &Context, event: &Event) {
        if matches!(event, Event::IdentityChecked(_) | Event::IdentityMismatch(_)) {
            return;
        }
        for request in self.concern(ctx, event).map(|c| c.requests).unwrap_or_default() {
            if let Some(exchange) = self.exchanges.get_mut(&request) {
                exchange.history.push(ctx.head.size);
            }
        }
    }
}

fn of_request(request: RequestId) -> Option<Concern> {
    Some(Concern { requests: vec![request], keys: Vec::new() })
}
