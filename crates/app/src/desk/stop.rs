//! Stopping keys: acted on first, recorded after. Nothing is shown as stopped before the issuing system confirmed it.

use countersign_contract::{Progress, StopView, Work};
use countersign_documents::{
    Blob, Digest, decode, encode,
    id::{KeyId, OrderId},
    order::{Act, Order, Reason},
    record,
    text::{Line, Slug},
};
use countersign_domain::{
    Event, KeyRecord, KeyState, Refusal,
    event::{Objected, Ordered, StopFailed, Stopped},
};
use countersign_ports::{Handle, Proof, Table, Write};

use super::Desk;
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

/// What became of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopOutcome {
    /// The issuing system confirmed it.
    Confirmed,
    /// A member has to do it by hand and confirm with evidence.
    ByHand {
        /// What to do.
        instructions: String,
    },
    /// It did not work yet, and will be tried again.
    Failed {
        /// Why.
        why: String,
    },
    /// It acted, but the ledger could not take the record yet.
    NotOnRecord,
}

/// Whoever wants to know how far a long piece of work is.
pub type Watch<'a> = dyn FnMut(Progress) + Send + 'a;

fn tell(watch: &mut Watch<'_>, work: Work, done: usize, total: usize) {
    watch(Progress { work, done: done as u64, total: total as u64 });
}

impl Desk {
    /// The keys a selection means now, without those that are stopped already.
    pub fn select(&self, selection: &Selection, act: Act) -> Result<Vec<KeyRecord>> {
        let open = |k: &&KeyRecord| may_be_stopped(k, act);
        let matching = |k: &&KeyRecord| match selection {
            Selection::Keys(ids) => ids.contains(&k.id),
            Selection::Holder(holder) => k.holder == *holder,
            Selection::Service(service) => k.service == *service,
            Selection::Environment(service, environment) => {
                k.service == *service && k.environment == *environment
            }
        };
        if let Selection::Keys(ids) = selection {
            ids.iter().try_for_each(|id| self.state.key(id).map(|_| ()))?;
        }
        let keys: Vec<KeyRecord> = self.state.keys.values().filter(matching).filter(open).cloned().collect();
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
        let ids = order.keys;
        let row = format!("order/{}", order.id);
        let mut pending = Pending { order: Blob(document), acted: Vec::new() };
        // A full disk must not keep a key alive: if the vault cannot take the order, it is acted on all the same.
        let durable = self.ports.vault.write(&[Write::New(Table::Outbox, &row, &encode(&pending))]).await;
        let mut by_hand = Vec::new();
        for id in &ids {
            let (acted, instructions) = self.act_on(*id, act).await;
            by_hand.push((*id, instructions));
            pending.acted.push(acted);
            tell(watch, Work::Stop, by_hand.len(), ids.len());
        }
        if durable.is_ok() {
            self.ports.vault.write(&[Write::Put(Table::Outbox, &row, &encode(&pending))]).await?;
        }
        let recorded = match self.cut_off {
            None => self.settle(&row, &pending, watch).await,
            Some(_) => Err(Error::Log(countersign_ports::LogError::Unavailable)),
        };
        let outcome =
            |acted: &Acted, instructions: Option<String>| match (&acted.failed, instructions, &recorded) {
                (Some(why), ..) if durable.is_err() => StopOutcome::Failed {
                    why: format!("{why}; the order could not be kept here either: give it again"),
                },
                (Some(why), ..) => StopOutcome::Failed { why: format!("{why}; it will be tried again") },
                (None, Some(instructions), _) => StopOutcome::ByHand { instructions },
                (None, None, Ok(())) => StopOutcome::Confirmed,
                (None, None, Err(_)) => StopOutcome::NotOnRecord,
            };
        Ok(pending.acted.iter().zip(by_hand).map(|(acted, (id, hand))| (id, outcome(acted, hand))).collect())
    }

    async fn act_on(&self, id: KeyId, act: Act) -> (Acted, Option<String>) {
        let failed = |why: &str| Acted {
            key: id,
            read_again: None,
            failed: Line::parse(why).ok().or_else(|| Line::parse("failed").ok()),
        };
        let Ok(key) = self.state.key(&id) else { return (failed("no such key"), None) };
        let (Some(handle), Some(_)) = (&key.handle, &key.issuer) else {
            let hand = "This key was handed out before Countersign, or was not made yet: stop it in the system that made it.";
            return (Acted { key: id, read_again: None, failed: None }, Some(hand.to_owned()));
        };
        let issuer = match self.issuer_of(key) {
            Ok(issuer) => issuer,
            Err(error) => return (failed(&error.to_string()), None),
        };
        let handle = Handle(handle.to_string());
        let proof = match act {
            Act::Revoke => issuer.revoke(&handle).await,
            Act::Disable => {
                issuer.disable(&handle).await.map(|()| Proof::ReadAgain(Digest::of(handle.0.as_bytes())))
            }
        };
        match proof {
            Ok(Proof::ReadAgain(digest)) => (Acted { key: id, read_again: Some(digest), failed: None }, None),
            Ok(Proof::ByHand { instructions }) => {
                (Acted { key: id, read_again: None, failed: None }, Some(instructions))
            }
            Err(error) => (failed(&error.to_string()), None),
        }
    }

    /// Puts an order and what it brought on the record; what is there already is not repeated.
    async fn settle(&mut self, row: &str, pending: &Pending, watch: &mut Watch<'_>) -> Result<()> {
        let key = self.me()?.key;
        let order = Order::verify(&pending.order.0, &key).map_err(Error::rejected("order"))?.body;
        if !self.state.orders.contains(&order.id) {
            self.catch_up().await?;
            let open = |id: &KeyId| self.state.keys.get(id).is_some_and(|k| may_be_stopped(k, order.act));
            let rest: Vec<KeyId> = order.keys.iter().copied().filter(open).collect();
            if rest.len() < order.keys.len() {
                return Box::pin(self.settle_rest(row, pending, (order, rest), watch)).await;
            }
            self.record(Event::Ordered(Ordered { order: pending.order.clone() })).await?;
        }
        let mut open = false;
        for (at, acted) in pending.acted.iter().enumerate() {
            tell(watch, Work::Record, at, pending.acted.len());
            let stop = self.state.key(&acted.key)?.stop.clone();
            if stop.is_none_or(|s| s.order != order.id || s.confirmed.is_some()) {
                continue;
            }
            match (&acted.read_again, &acted.failed) {
                (Some(digest), _) => {
                    let event = Stopped {
                        key: acted.key,
                        order: order.id,
                        act: order.act,
                        read_again: Some(*digest),
                        evidence: None,
                    };
                    self.record(Event::Stopped(event)).await?;
                }
                (None, Some(why)) => {
                    open = true;
                    self.record(Event::StopFailed(StopFailed {
                        key: acted.key,
                        order: order.id,
                        why: why.clone(),
                    }))
                    .await?;
                }
                (None, None) => {}
            }
        }
        if !open {
            self.ports.vault.write(&[Write::Remove(Table::Outbox, row)]).await?;
        }
        Ok(())
    }

    /// Somebody else's order for some of the keys came first and stands for them: what is left becomes an order of its
    /// own, since one that names a stopped key is refused for ever.
    async fn settle_rest(
        &mut self,
        row: &str,
        pending: &Pending,
        (order, rest): (Order, Vec<KeyId>),
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        if rest.is_empty() {
            return Ok(self.ports.vault.write(&[Write::Remove(Table::Outbox, row)]).await?);
        }
        let acted = pending.acted.iter().filter(|a| rest.contains(&a.key)).cloned().collect();
        let id = OrderId(make_bytes(&*self.ports.entropy)?);
        let order = Order { id, keys: rest, head: self.head(), ..order };
        let pending = Pending { order: Blob(order.sign(&self.own.signing)), acted };
        let fresh = format!("order/{id}");
        let batch = [Write::Remove(Table::Outbox, row), Write::New(Table::Outbox, &fresh, &encode(&pending))];
        self.ports.vault.write(&batch).await?;
        self.settle(&fresh, &pending, watch).await
    }

    /// Tries again whatever could not be stopped or recorded before.
    pub async fn retry_stops(&mut self, watch: &mut Watch<'_>) -> Result<Vec<(KeyId, StopOutcome)>> {
        let mut outcomes = Vec::new();
        for row in self.ports.vault.ids(Table::Outbox).await? {
            if !row.starts_with("order/") {
                continue;
            }
            let Some(bytes) = self.ports.vault.get(Table::Outbox, &row).await? else { continue };
            let mut pending: Pending = decode(&bytes).map_err(|_| Error::BadSnapshot)?;
            let key = self.me()?.key;
            let order = Order::verify(&pending.order.0, &key).map_err(Error::rejected("order"))?.body;
            for (at, id) in order.keys.iter().enumerate() {
                tell(watch, Work::Stop, at, order.keys.len());
                let done = pending.acted.iter().any(|a| a.key == *id && a.failed.is_none());
                if done {
                    continue;
                }
                let (acted, hand) = self.act_on(*id, order.act).await;
                let outcome = match (&acted.failed, hand) {
                    (Some(why), _) => StopOutcome::Failed { why: format!("{why}; it will be tried again") },
                    (None, Some(instructions)) => StopOutcome::ByHand { instructions },
                    (None, None) => StopOutcome::Confirmed,
                };
                outcomes.push((*id, outcome));
                pending.acted.retain(|a| a.key != *id);
                pending.acted.push(acted);
            }
            self.settle(&row, &pending, watch).await?;
        }
        Ok(outcomes)
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

    /// Outcomes as a list shows them.
    pub async fn stop_views(&self, outcomes: &[(KeyId, StopOutcome)]) -> Vec<StopView> {
        let mut views = Vec::new();
        for (id, outcome) in outcomes {
            let holder = match self.state.key(id) {
                Ok(key) => self.holder_name(key).await,
                Err(_) => String::new(),
            };
            let (state, detail) = match outcome {
                StopOutcome::Confirmed => {
                    ("confirmed", "the issuing system was read again and does not accept it".to_owned())
                }
                StopOutcome::ByHand { instructions } => ("ordered", format!("by hand: {instructions}")),
                StopOutcome::Failed { why } => ("failed", why.clone()),
                StopOutcome::NotOnRecord => {
                    ("ordered", "done at the issuing system, not yet on the record".to_owned())
                }
            };
            views.push(StopView { key: id.to_string(), holder, state: state.to_owned(), detail });
        }
        views
    }
}

/// Whether an order to do this to a key would change anything.
fn may_be_stopped(key: &KeyRecord, act: Act) -> bool {
    let stopped = match act {
        Act::Revoke => key.stop.as_ref().is_some_and(|s| s.act == Act::Revoke),
        Act::Disable => key.stop.is_some(),
    };
    !stopped && !matches!(key.state, KeyState::Revoked | KeyState::Abandoned)
}
