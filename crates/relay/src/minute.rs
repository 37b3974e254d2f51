//! What is done once a minute: erasing what is over, and telling what there is to tell.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use countersign_relay::{End, Relay, Traffic};
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    clock::now,
    note::{Note, note},
};

const MINUTE: Duration = Duration::from_secs(60);
/// Statuses of requests that got what they asked for.
const WELL: u16 = 200;

/// For ever.
pub(crate) async fn every(relay: Arc<Relay>, traffic: Arc<Traffic>) {
    let mut minutes = interval(MINUTE);
    // One that was missed while the database was slow need not be made up for.
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Told { ready: true, ..Told::default() };
    loop {
        minutes.tick().await;
        match relay.sweep().await {
            Ok(swept) if swept.parcels + swept.letters > 0 => {
                note(now(), &Note::Sweep { parcels: swept.parcels, letters: swept.letters });
            }
            Ok(_) => {}
            Err(_) => note(now(), &Note::SweepFailed),
        }
        told.readiness(relay.ready().await);
        told.traffic(&traffic);
    }
}

/// What was told already.
#[derive(Default)]
struct Told {
    ready: bool,
    ends: BTreeMap<&'static str, u64>,
    answers: BTreeMap<u16, u64>,
}

impl Told {
    fn readiness(&mut self, ready: bool) {
        if ready != self.ready {
            note(now(), &if ready { Note::Ready } else { Note::NotReady });
            self.ready = ready;
        }
    }

    /// Nothing is said of a minute in which nothing was refused.
    fn traffic(&mut self, traffic: &Traffic) {
        let ends = End::ALL.iter().map(|end| (end.word(), traffic.ended(*end))).collect();
        let why = risen(&mut self.ends, ends);
        if !why.is_empty() {
            note(now(), &Note::TurnedAway { why });
        }
        let mut answers = BTreeMap::new();
        for (_, status, count) in traffic.answers() {
            if status != WELL {
                *answers.entry(status).or_default() += count;
            }
        }
        let status = risen(&mut self.answers, answers);
        if !status.is_empty() {
            note(now(), &Note::Refused { status });
        }
    }
}

/// By how much each number rose; those that did are remembered.
fn risen<K: Ord + Copy>(before: &mut BTreeMap<K, u64>, now: BTreeMap<K, u64>) -> BTreeMap<K, u64> {
    let rise = |(key, count): (&K, &u64)| {
        let rise = count.saturating_sub(before.get(key).copied().unwrap_or(0));
        (rise > 0).then_some((*key, rise))
    };
    let risen = now.iter().filter_map(rise).collect();
    *before = now;
    risen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_once() {
        let mut before = BTreeMap::new();
        assert_eq!(risen(&mut before, BTreeMap::from([("a", 2), ("b", 0)])), BTreeMap::from([("a", 2)]));
        assert_eq!(risen(&mut before, BTreeMap::from([("a", 2), ("b", 1)])), BTreeMap::from([("b", 1)]));
        assert!(risen(&mut before, BTreeMap::from([("a", 2), ("b", 1)])).is_empty(), "nothing rose");
    }
}
