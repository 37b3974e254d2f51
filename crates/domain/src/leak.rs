//! A partner says that a key leaked. Nothing is stopped by that; it is on the record who said so, when, of which keys.

use countersign_documents::{
    Digest, Time,
    certificate::Right,
    id::{KeyId, MemberId, RequestId},
    record,
};
use serde::{Deserialize, Serialize};

use crate::{
    refusal::Refusal,
    state::{Context, State},
};

record! {
    /// A partner's report that keys leaked.
    ///
    /// The words are erasable, so the notice is a blob; the member who records it has verified its signature.
    pub struct LeakReported {
        /// SHA-256 of the notice.
        1 => notice: Digest,
        /// Name of the blob that holds it.
        2 => blob: Digest,
        /// Thumbprint of the identity that signed it.
        3 => identity: Digest,
        /// The keys it is about, in rising order.
        4 => keys: Vec<KeyId>,
        /// The request it names instead of a key.
        5 => request?: RequestId,
        /// When the partner wrote it.
        6 => sent: Time,
    }
}

/// A report as it stands in the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LeakReport {
    /// What was recorded.
    pub reported: LeakReported,
    /// By which member.
    pub member: MemberId,
    /// When it was recorded.
    pub time: Time,
}

impl State {
    /// The newest report about a key.
    pub fn leak_report(&self, key: &KeyId) -> Option<&LeakReport> {
        self.leak_reports.values().filter(|r| r.reported.keys.contains(key)).max_by_key(|r| r.time)
    }

    pub(crate) fn check_leak_reported(&self, ctx: &Context, event: &LeakReported) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Vet, Right::Approve, Right::Issue, Right::Admin])?;
        let rising = event.keys.windows(2).all(|w| w[0] < w[1]);
        if event.keys.is_empty() || !rising {
            return Err(Refusal::NoSuchKey);
        }
        for id in &event.keys {
            let key = self.key(id)?;
            let named = event.request.is_none_or(|request| key.request == Some(request));
            // Nobody learns by reporting whether a key of somebody else exists.
            if key.holder != event.identity || !named {
                return Err(Refusal::NoSuchKey);
            }
        }
        if !self.partners.contains_key(&event.identity) {
            return Err(Refusal::NoSuchIdentity);
        }
        if self.leak_reports.contains_key(&event.notice) { Err(Refusal::AlreadyThere) } else { Ok(()) }
    }

    pub(crate) fn fold_leak_reported(&mut self, ctx: &Context, event: &LeakReported) {
        // `check` has found the member already.
        if let Some(member) = self.member_by_key(&ctx.signer).map(|m| m.id) {
            let report = LeakReport { reported: event.clone(), member, time: ctx.time };
            self.leak_reports.insert(event.notice, report);
        }
    }
}
