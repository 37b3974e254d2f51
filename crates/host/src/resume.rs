//! Orders that wait are gone on with by themselves: as soon as a desk is open, and then again and again, less often each
//! time, since every attempt that fails is an entry of the ledger.

use std::time::Duration;

use countersign_app::desk::Desk;
use tokio::time::Instant;

use crate::host::Host;

/// How long after the first attempt the second one follows.
const FIRST: Duration = Duration::from_secs(30);
/// How long it takes at most from one attempt to the next.
const LONGEST: Duration = Duration::from_secs(3600);

/// When the next attempt is due.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    /// How long it took from the last attempt to the next, and when that is.
    next: Option<(Duration, Instant)>,
}

impl Attempts {
    pub(crate) fn due(&self, now: Instant) -> bool {
        self.next.is_none_or(|(_, at)| at <= now)
    }

    /// An attempt was made, and something still waits.
    pub(crate) fn failed(&mut self, now: Instant) {
        let wait = self.next.map_or(FIRST, |(wait, _)| (wait * 2).min(LONGEST));
        self.next = Some((wait, now + wait));
    }

    pub(crate) fn over(&mut self) {
        self.next = None;
    }
}

impl Host {
    /// Goes on with orders that are not done or not on the record, where that is due. Says whether anything was tried.
    pub(crate) async fn resume_stops(&self, desk: &mut Desk, now: Instant) -> bool {
        let mut attempts = self.attempts.lock().await;
        if !desk.orders_wait() {
            attempts.over();
            return false;
        }
        if !attempts.due(now) {
            return false;
        }
        // Whatever is wrong is said with the key itself, and by whoever asks for it; here it only waits.
        if desk.catch_up_to_stop().await.is_ok() {
            let _shown_with_the_key = desk.retry_stops(&mut |progress| self.shell.progress(progress)).await;
        }
        if desk.orders_wait() {
            attempts.failed(now)
        } else {
            attempts.over()
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_follow_one_another_less_and_less_often_and_never_end() {
        let begun = Instant::now();
        let mut attempts = Attempts::default();
        assert!(attempts.due(begun), "an order that waits is tried at once");
        let mut waits = Vec::new();
        let mut now = begun;
        for _ in 0..10 {
            attempts.failed(now);
            assert!(!attempts.due(now), "not again at once: each attempt is an entry of the ledger");
            let (wait, at) = attempts.next.unwrap_or((Duration::ZERO, now));
            assert!(attempts.due(at), "but then");
            waits.push(wait.as_secs());
            now = at;
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        attempts.over();
        assert!(attempts.due(now), "another order is tried at once again");
    }
}
