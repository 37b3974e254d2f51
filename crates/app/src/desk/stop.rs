//! Stopping keys: acted on first, recorded after. Nothing is shown as stopped before the issuing system confirmed it.

use std::collections::BTreeSet;

use countersign_contract::{Progress, Work};
use countersign_documents::{
    Blob, Digest, encode,
    id::{KeyId, OrderId},
    order::{Act, Order, Reason},
    record,
    text::{Line, Slug},
};
use countersign_domain::{
    Event, KeyRecord, KeyState, Refusal,
    event::{Objected, Ordered, Stopped},
};
use countersign_ports::{Handle, Proof, Table, Write};

use super::{
    Desk,
    outcome::{StopEnd, StopOutcome},
    resume::order_row,
};
use crate::{
    error::{Error, Result},
    random::make_bytes,
};

record! {
    /// What acting on an order brought, kept until it is on the record.
    pub struct Acted {
        /// Which key.
        1 => key: KeyId,
        /// Digest of what was read again, where the issuer proved it.
        2 => read_again?: Digest,
        /// What went wrong, where it did.
        3 => failed?: Line,
    }
}

record! {
    /// An order in the outbox.
    pub struct Pending {
        /// The order, a complete document.
        1 => order: Blob,
        /// What acting on it brought.
        2 => acted: Vec<Acted>,
    }
}

/// Which keys.
#[derive(Debug, Clone)]
pub enum Selection {
    /// Exactly these.
    Keys(Vec<KeyId>),
    /// All of one holder: the identity's thumbprint, or the group of a legacy name.
    Holder(Digest),
    /// All of a service.
    Service(Slug),
    /// All of an environment of a service.
    Environment(Slug, Slug),
}

/// What is to be done about a key that no issuer of ours made.
pub(crate) const BY_HAND: &str =
    "This key was handed out before Countersign, or was not made yet: stop it in the system that made it.";

/// Whoever wants to know how far a long piece of work is.
pub type Watch<'a> = dyn FnMut(Progress) + Send + 'a;

pub(crate) fn tell(watch: &mut Watch<'_>, work: Work, done: usize, total: usize) {
    watch(Progress { work, done: done as u64, total: total as u64 });
}

impl Desk {
    /// The keys a selection means now, without those that are stopped already.
    pub fn select(&self, selection: &Selection, act: Act) -> Result<Vec<KeyRecord>> {
        let open = |k: &&KeyRecord| may_be_stopped(k, act);
        let named: BTreeSet<KeyId> = match selection {
            Selection::Keys(ids) => ids.iter().copied().collect(),
            _ => BTreeSet::new(),
        };
        let matching = |k: &&KeyRecord| match selection {
            Selection::Keys(_) => named.contains(&k.id),
            Selection::Holder(holder) => k.holder == *holder,
            Selection::Service(service) => k.service == *service,
            Selection::Environment(service, environment) => {
                k.service == *service && k.environment == *environment
            }
        };
        if let Selection::Keys(ids) = selection {
            ids.iter().try_for_each(|id| self.state.key(id).map(|_| ()))?;
        }
        let keys: Vec<KeyRecord> = self.state.all_keys().filter(matching).filter(open).cloned().collect();
        if keys.is_empty() { Err(Refusal::KeyStopped.into()) } else { Ok(keys) }
    }

    /// Refuses what an order would be refused for: a person who may not, or too many keys for one alone.
    pub fn may_stop(&self, keys: &[KeyId], act: Act, reason: Reason) -> Result<()> {
        self.order(keys, act, reason).map(drop)
    }

    fn order(&self, keys: &[KeyId], act: Act, reason: Reason) -> Result<(Order, Vec<u8>)> {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        let order = Order {
            id: OrderId(make_bytes(&*self.ports.entropy)?),
            organisation: self.organisation,
            act,
            keys,
            reason,
            issued: self.context()?.time,
            head: self.head(),
        };
        let document = order.sign(&self.own.signing);
        self.state.check(&self.context()?, &Event::Ordered(Ordered { order: Blob(document.clone()) }))?;
        Ok((order, document))
    }

    /// Orders these keys to be stopped: durable here, then done at the issuers, then recorded.
    pub async fn stop(
        &mut self,
        keys: &[KeyId],
        act: Act,
        reason: Reason,
        watch: &mut Watch<'_>,
    ) -> Result<Vec<(KeyId, StopOutcome)>> {
        let (order, document) = self.order(keys, act, reason)?;
        let row = order_row(&order.id);
        let mut pending = Pending { order: Blob(document), acted: Vec::new() };
        // A full disk must not keep a key alive: if the vault cannot take the order, it is acted on all the same.
        let first = encode(&pending);
        let about = self.told_of(&order.keys, (act, reason))?;
        let mut batch = vec![Write::New(Table::Outbox, &row, &first)];
        batch.extend(about.iter().map(|(row, bytes)| Write::Put(Table::Outbox, row, bytes)));
        let kept = self.ports.vault.write(&batch).await.is_ok();
        let mut ends = Vec::new();
        for id in &order.keys {
            let (acted, end) = self.act_on(*id, act).await;
            pending.acted.push(acted);
            ends.push((*id, end));
            tell(watch, Work::Stop, ends.len(), order.keys.len());
        }
        if kept {
            // Where this cannot be kept, the order is: what was done is done once more, to no harm. Whoever waits for the
            // answer must hear that the keys are dead, not that a disk is full.
            let _done_again =
                self.ports.vault.write(&[Write::Put(Table::Outbox, &row, &encode(&pending))]).await;
        }
        let recorded = self.settle_unless_cut_off(&row, &pending, watch).await;
        if !about.is_empty() {
            // The keys are stopped whatever the relay does; what it was not told waits and is seen.
            let _waits = self.tell_relay().await;
        }
        // What waits is shown to whoever looks; that it cannot be read now stops nothing.
        let _shown_later = self.recall_orders().await;
        Ok(self.outcomes(&order, ends, &recorded, kept))
    }

    /// What the relay and the partners are to be told of an order: envelopes that are taken back, keys that are revoked.
    fn told_of(&self, ids: &[KeyId], why: (Act, Reason)) -> Result<Vec<(String, Vec<u8>)>> {
        let now = self.context()?.time;
        let mut rows = self.tellings(ids, why)?;
        for id in ids {
            if self.state.key(id)?.is_at_relay(now) {
                rows.extend(self.withdrawal_of(id)?);
            }
        }
        Ok(rows)
    }

    pub(crate) async fn act_on(&self, id: KeyId, act: Act) -> (Acted, StopEnd) {
        let failed = |why: String| {
            let line = Line::parse(&why).ok().or_else(|| Line::parse("failed").ok());
            (Acted { key: id, read_again: None, failed: line }, StopEnd::Failed { why })
        };
        let by_hand = |instructions| {
            (Acted { key: id, read_again: None, failed: None }, StopEnd::ByHand { instructions })
        };
        let Ok(key) = self.state.key(&id) else { return failed("no such key".to_owned()) };
        let (Some(handle), Some(_)) = (&key.handle, &key.issuer) else {
            return by_hand(BY_HAND.to_owned());
        };
        let issuer = match self.issuer_of(key) {
            Ok(issuer) => issuer,
            Err(error) => return failed(error.to_string()),
        };
        let handle = Handle(handle.to_string());
        let proof = match act {
            Act::Revoke => issuer.revoke(&handle).await,
            Act::Disable => issuer.disable(&handle).await,
        };
        match proof {
            Ok(Proof::ReadAgain(digest)) => {
                (Acted { key: id, read_again: Some(digest), failed: None }, StopEnd::Confirmed)
            }
            Ok(Proof::ByHand { instructions }) => by_hand(instructions),
            Err(error) => failed(error.to_string()),
        }
    }

    /// A member confirms with evidence that a key was stopped by hand.
    pub async fn confirm_stop(&mut self, key: KeyId, note: &str) -> Result<super::Recorded> {
        let note = countersign_documents::text::Prose::parse(note).map_err(Error::text("evidence"))?;
        let stop = self.state.key(&key)?.stop.clone().ok_or(Refusal::NoSuchOrder)?;
        let probe = |evidence| Stopped {
            key,
            order: stop.order,
            act: stop.act,
            read_again: None,
            evidence: Some(evidence),
        };
        self.state.check(&self.context()?, &Event::Stopped(probe(Digest([0; 32]))))?;
        let blob = self.put_blob(note.as_str().as_bytes()).await?;
        self.record(Event::Stopped(probe(blob))).await
    }

    /// Objects to a disabled key being revoked for good by the passing of a day alone.
    pub async fn object(&mut self, key: KeyId, why: &str) -> Result<super::Recorded> {
        let why = Line::parse(why).map_err(Error::text("why"))?;
        let order = self.state.key(&key)?.stop.as_ref().ok_or(Refusal::NothingToObject)?.order;
        self.record(Event::Objected(Objected { key, order, why })).await
    }
}

/// Whether an order to do this to a key would change anything.
pub(crate) fn may_be_stopped(key: &KeyRecord, act: Act) -> bool {
    let stopped = match act {
        Act::Revoke => key.stop.as_ref().is_some_and(|s| s.act == Act::Revoke),
        Act::Disable => key.stop.is_some(),
    };
    !stopped && !matches!(key.state, KeyState::Revoked | KeyState::Abandoned)
}
