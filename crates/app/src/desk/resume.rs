//! Orders that are not done yet: put on the record, tried again, and remembered for whoever looks at a key.

use countersign_contract::Work;
use countersign_documents::{
    Blob, decode, encode,
    id::{KeyId, OrderId},
    order::Order,
};
use countersign_domain::{
    Event,
    event::{Ordered, StopFailed, Stopped},
};
use countersign_ports::{Table, Write};

use super::{
    Desk,
    outcome::{StopEnd, StopOutcome},
    stop::{Acted, Pending, Watch, may_be_stopped, tell},
};
use crate::{
    error::{Error, Result},
    random::make_bytes,
};

/// How the rows of orders begin in the outbox.
const ORDERS: &str = "order/";

/// The row of an order.
pub(crate) fn order_row(id: &OrderId) -> String {
    format!("{ORDERS}{id}")
}

/// An order that was taken up again.
struct Resumed {
    row: String,
    pending: Pending,
    order: Order,
    /// What became of each key.
    ends: Vec<(KeyId, StopEnd)>,
    kept: bool,
}

impl Desk {
    /// Whether an order of this desk is not done, or not on the record.
    pub fn orders_wait(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Tries again whatever could not be stopped or recorded before.
    ///
    /// Every key comes first, and the record after it: a ledger that takes nothing keeps no key alive.
    pub async fn retry_stops(&mut self, watch: &mut Watch<'_>) -> Result<Vec<(KeyId, StopOutcome)>> {
        let mut resumed = Vec::new();
        for row in self.ports.vault.ids(Table::Outbox).await? {
            if !row.starts_with(ORDERS) {
                continue;
            }
            let Some((pending, order)) = self.order_in(&row).await? else { continue };
            resumed.push(self.act_again(row, pending, order, watch).await);
        }
        let mut outcomes = Vec::new();
        for Resumed { row, pending, order, ends, kept } in resumed {
            let recorded = self.settle_unless_cut_off(&row, &pending, watch).await;
            outcomes.extend(self.outcomes(&order, ends, &recorded, kept));
        }
        self.recall_orders().await?;
        Ok(outcomes)
    }

    async fn order_in(&self, row: &str) -> Result<Option<(Pending, Order)>> {
        let Some(bytes) = self.ports.vault.get(Table::Outbox, row).await? else { return Ok(None) };
        let pending: Pending = decode(&bytes).map_err(|_| Error::BadSnapshot)?;
        let key = self.own.signing.public();
        let order = Order::verify(&pending.order.0, &key).map_err(Error::rejected("order"))?.body;
        Ok(Some((pending, order)))
    }

    async fn act_again(
        &self,
        row: String,
        mut pending: Pending,
        order: Order,
        watch: &mut Watch<'_>,
    ) -> Resumed {
        let mut ends = Vec::new();
        for (at, id) in order.keys.iter().enumerate() {
            tell(watch, Work::Stop, at, order.keys.len());
            let done = pending.acted.iter().find(|a| a.key == *id && a.failed.is_none());
            if let Some(Acted { read_again, .. }) = done {
                let hand = || StopEnd::ByHand { instructions: self.instructions_for(id) };
                ends.push((*id, read_again.map_or_else(hand, |_| StopEnd::Confirmed)));
                continue;
            }
            let (acted, end) = self.act_on(*id, order.act).await;
            ends.push((*id, end));
            pending.acted.retain(|a| a.key != *id);
            pending.acted.push(acted);
        }
        // Where this cannot be kept, the row of before is: what was done is done once more, to no harm.
        let kept = self.ports.vault.write(&[Write::Put(Table::Outbox, &row, &encode(&pending))]).await;
        Resumed { row, pending, order, ends, kept: kept.is_ok() }
    }

    fn instructions_for(&self, id: &KeyId) -> String {
        let issuer = self.state.keys.get(id).and_then(|key| key.issuer.as_ref());
        let terms = issuer.and_then(|issuer| self.state.issuers.get(issuer));
        let written = terms.and_then(|known| known.terms.instructions.as_ref());
        written.map_or_else(|| super::stop::BY_HAND.to_owned(), ToString::to_string)
    }

    /// What an order brought, as far as it is on the record.
    pub(crate) fn outcomes(
        &self,
        order: &Order,
        ends: Vec<(KeyId, StopEnd)>,
        recorded: &Result<()>,
        kept: bool,
    ) -> Vec<(KeyId, StopOutcome)> {
        let why = recorded.as_ref().err().map(ToString::to_string);
        let outcome = |(id, end): (KeyId, StopEnd)| {
            let stop = self.state.keys.get(&id).and_then(|key| key.stop.as_ref());
            let stop = stop.filter(|stop| stop.act == order.act);
            let said = match end {
                StopEnd::Confirmed => stop.is_some_and(|stop| stop.confirmed.is_some()),
                StopEnd::ByHand { .. } | StopEnd::Failed { .. } => stop.is_some(),
            };
            let otherwise = || why.clone().unwrap_or_else(|| "the ledger did not take it".to_owned());
            (id, StopOutcome { end, unrecorded: (!said).then(otherwise), kept })
        };
        ends.into_iter().map(outcome).collect()
    }

    pub(crate) async fn settle_unless_cut_off(
        &mut self,
        row: &str,
        pending: &Pending,
        watch: &mut Watch<'_>,
    ) -> Result<()> {
        match self.cut_off {
            None => self.settle(row, pending, watch).await,
            Some(_) => Err(Error::Log(countersign_ports::LogError::Unavailable)),
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
                    let event = StopFailed { key: acted.key, order: order.id, why: why.clone() };
                    self.record(Event::StopFailed(event)).await?;
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
        let fresh = order_row(&id);
        let batch = [Write::Remove(Table::Outbox, row), Write::New(Table::Outbox, &fresh, &encode(&pending))];
        self.ports.vault.write(&batch).await?;
        self.settle(&fresh, &pending, watch).await
    }

    /// Reads again which orders of this desk are not done.
    pub(crate) async fn recall_orders(&mut self) -> Result<()> {
        let mut waiting = std::collections::BTreeMap::new();
        for row in self.ports.vault.ids(Table::Outbox).await? {
            // One that does not read is reported by whoever tries it again.
            if row.starts_with(ORDERS)
                && let Ok(Some((_, order))) = self.order_in(&row).await
            {
                waiting.extend(order.keys.iter().map(|key| (*key, (order.act, order.reason))));
            }
        }
        self.waiting = waiting;
        Ok(())
    }
}
