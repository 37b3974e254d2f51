//! A small organisation to try rules on: people with real keys, a log that is only counted, and one event at a time.

pub(crate) mod acts;
pub(crate) mod asking;
pub(crate) mod organisation;
pub(crate) mod people;
pub(crate) mod root;

use std::cell::Cell;

use countersign_documents::{
    Digest, Head, Time,
    id::{ChangeId, KeyId, RequestId},
    time::MINUTE,
};
use countersign_domain::{Context, Event, Exchange, KeyRecord, Refusal, State};

pub(crate) use people::{Desk, Partner};

/// A Sunday in 2026: where every history begins.
pub(crate) const START: Time = Time(1_795_000_000);

/// A state, the clock and the length of the log it was folded from.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) now: Time,
    pub(crate) rows: u64,
    ids: Cell<u64>,
    pub(crate) founders: Vec<Desk>,
    pub(crate) reviewer: Desk,
    pub(crate) approver: Desk,
    pub(crate) agent: Desk,
    /// A member nothing depends on.
    pub(crate) spare: Desk,
    pub(crate) partner: Partner,
}

impl World {
    pub(crate) fn head(&self) -> Head {
        Head { size: self.rows, root: Digest::labelled("row", &[&self.rows.to_be_bytes()]) }
    }

    pub(crate) fn ctx(&self, desk: &Desk) -> Context {
        Context { signer: desk.thumbprint(), head: self.head(), time: self.now }
    }

    /// Sixteen bytes that were never given before in this world.
    pub(crate) fn fresh(&self) -> [u8; 16] {
        let n = self.ids.get();
        self.ids.set(n + 1);
        let digest = Digest::labelled("id", &[&n.to_be_bytes()]);
        core::array::from_fn(|i| digest.0[i])
    }

    /// A digest of something that stays outside.
    pub(crate) fn blob(&self) -> Digest {
        Digest::of(&self.fresh())
    }

    pub(crate) fn check(&self, desk: &Desk, event: &Event) -> Result<(), Refusal> {
        self.state.check(&self.ctx(desk), event)
    }

    /// Lets it happen, and a minute pass. A refusal changes nothing, and that is looked at every time.
    #[allow(clippy::needless_pass_by_value, reason = "events are made where they are tried")]
    pub(crate) fn act(&mut self, desk: &Desk, event: Event) -> Result<(), Refusal> {
        let judged = self.check(desk, &event);
        let folded = self.state.fold(&self.ctx(desk), &event);
        assert_eq!(judged, folded, "fold refuses exactly what check refuses");
        if folded.is_ok() {
            self.rows += 1;
            self.now = self.now.plus(MINUTE);
        }
        folded
    }

    /// Lets it happen where nothing else may come of it.
    #[allow(clippy::needless_pass_by_value, reason = "events are made where they are tried")]
    pub(crate) fn must(&mut self, desk: &Desk, event: Event) {
        let word = event.word();
        if let Err(refusal) = self.act(desk, event) {
            panic!("{word} by {} was refused: {}", desk.name, refusal.code());
        }
    }

    /// The same world so much later.
    pub(crate) fn later(&self, seconds: u64) -> Self {
        let mut world = self.clone();
        world.now = world.now.plus(seconds);
        world
    }

    /// The state as bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.state).unwrap()
    }

    pub(crate) fn exchange(&self, id: RequestId) -> &Exchange {
        &self.state.exchanges[&id]
    }

    pub(crate) fn key(&self, id: KeyId) -> &KeyRecord {
        &self.state.keys[&id]
    }

    /// The newest change of this kind that waits.
    pub(crate) fn pending(&self, word: &str) -> Option<ChangeId> {
        let fitting = self.state.pending.values().filter(|p| p.proposed.change.word() == word);
        fitting.max_by_key(|p| p.time).map(|p| p.proposed.id)
    }
}
