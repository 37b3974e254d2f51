//! Locks the profile when nobody has used it for a while, and when the machine was asleep meanwhile.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use countersign_contract::{Nothing, Session as _};
use countersign_host::Host;

/// How often the clock is looked at.
const STEP: Duration = Duration::from_secs(5);
/// By how much the calendar may run ahead of the monotonic clock, which stands still while the machine sleeps.
const NAP: Duration = Duration::from_secs(30);

/// When somebody was last there.
pub(crate) struct Idle(Mutex<Instant>);

impl Idle {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    /// A call came: somebody is there.
    pub(crate) fn touch(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn since(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What both clocks say.
#[allow(
    clippy::disallowed_methods,
    reason = "two clocks of the machine are compared; no rule hears the time"
)]
fn clocks() -> (Instant, SystemTime) {
    (Instant::now(), SystemTime::now())
}

/// Looks at the clocks for as long as the program runs.
pub(crate) async fn watch(idle: Arc<Idle>, host: Arc<Host>) {
    let mut before = clocks();
    loop {
        tokio::time::sleep(STEP).await;
        let now = clocks();
        let minutes = host.settings(Nothing {}).await.map_or(1, |settings| settings.idle_minutes);
        let unused = now.0.saturating_duration_since(idle.since());
        if unused >= Duration::from_secs(60 * u64::from(minutes)) || slept(before, now) {
            host.lock().await;
        }
        before = now;
    }
}

/// Whether the machine slept between two looks. A calendar that was set ahead is taken for sleep too: that costs a
/// passphrase, the other mistake a key.
fn slept(before: (Instant, SystemTime), now: (Instant, SystemTime)) -> bool {
    let awake = now.0.saturating_duration_since(before.0);
    now.1.duration_since(before.1).is_ok_and(|passed| passed > awake + NAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_that_ran_ahead_of_the_clock_means_sleep() {
        let start = clocks();
        let after = |awake: u64, passed: u64| {
            (start.0 + Duration::from_secs(awake), start.1 + Duration::from_secs(passed))
        };
        assert!(!slept(start, after(5, 5)), "nothing happened");
        assert!(!slept(start, after(300, 300)), "a machine that was busy for minutes did not sleep");
        assert!(slept(start, after(5, 3600)), "an hour passed that the clock did not see");
        let back = (start.0 + STEP, start.1 - Duration::from_secs(3600));
        assert!(!slept(start, back), "a calendar that was set back is no sleep");
    }

    #[test]
    fn a_touch_begins_the_wait_anew() {
        let idle = Idle(Mutex::new(Instant::now() - Duration::from_secs(600)));
        assert!(idle.since().elapsed() >= Duration::from_secs(600), "nobody was there for ten minutes");
        idle.touch();
        assert!(idle.since().elapsed() < Duration::from_secs(60), "now somebody is");
    }
}
