//! The system clock.

use std::time::{SystemTime, UNIX_EPOCH};

use countersign_documents::{Time, time::LATEST};
use countersign_ports::Clock;

/// The clock of the operating system, in whole seconds of UTC.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Option<Time> {
        #[expect(clippy::disallowed_methods, reason = "this is the Clock port's one real source of time")]
        let now = SystemTime::now();
        let seconds = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
        (seconds <= LATEST).then_some(Time(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_reads_unix_seconds_and_does_not_run_backwards_at_once() {
        let first = SystemClock.now().expect("a test machine has a clock");
        let second = SystemClock.now().expect("a test machine has a clock");
        assert!(first.0 > 1_700_000_000, "seconds since 1970, not another unit or epoch");
        assert!(first.0 < 100_000_000_000, "seconds, not milliseconds");
        assert!(second >= first, "two readings in a row are in order");
    }
}
