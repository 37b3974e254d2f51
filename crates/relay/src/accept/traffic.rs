//! What goes on, in numbers: for the metrics, for the log, and for tests. Nothing here says who.

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use axum::http::StatusCode;

use super::verdict::Verdict;

counted! {
    /// Why a connection ended otherwise than by its client's wish.
    End {
        /// All places were taken, and each of them by somebody at work.
        Full = "full",
        /// Its address had its share already.
        Share = "share",
        /// It said nothing, and somebody new needed the place.
        MadeRoom = "made-room",
        /// TLS was not agreed upon, or not in time.
        Handshake = "handshake",
        /// It was too slow to say what it wants, or to take the answer.
        Slow = "slow",
        /// What it said is not HTTP/1.1, or too long.
        Unreadable = "unreadable",
    }
}

counted! {
    /// What a request is about, as far as its address says.
    Act {
        /// `/v1/nonce`
        Nonce = "nonce",
        /// `/v1/card`
        Card = "card",
        /// `/v1/upload`
        Upload = "upload",
        /// `/v1/fetch`
        Fetch = "fetch",
        /// `/v1/acknowledge`
        Acknowledge = "acknowledge",
        /// `/v1/withdraw`
        Withdraw = "withdraw",
        /// `/v1/post`
        Post = "post",
        /// `/v1/dispatch`
        Dispatch = "dispatch",
        /// `/v1/poll`
        Poll = "poll",
        /// `/v1/removal`
        Removal = "removal",
        /// `/v1/add-checkpoint`
        AddCheckpoint = "add-checkpoint",
        /// `/v1/witness`
        Witness = "witness",
        /// The page behind a link.
        Page = "page",
        /// Whether it lives, and whether it is ready.
        Health = "health",
        /// Anything else.
        Other = "other",
    }
}

impl Act {
    /// Which one an address is for. What stands behind it is not looked at.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let mut parts = path.split('/').skip(1);
        match (parts.next(), parts.next()) {
            (Some("v1"), Some(word)) => {
                let found = Self::ALL.iter().find(|act| act.is_named() && act.word() == word);
                found.copied().unwrap_or(Self::Other)
            }
            (Some("e"), Some(_)) => Self::Page,
            (Some("healthz" | "readyz"), None) => Self::Health,
            _ => Self::Other,
        }
    }

    /// Whether its word is a part of an address.
    fn is_named(self) -> bool {
        !matches!(self, Self::Page | Self::Health | Self::Other)
    }
}

/// The statuses that are counted one by one; zero stands for all others.
const STATUSES: [u16; 14] = [200, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 507, 0];
/// Upper ends of what answers take, in milliseconds; the last is open.
const BOUNDS: [u64; 7] = [1, 5, 25, 100, 500, 2_500, 16_000];

const ACTS: usize = Act::ALL.len();
const ENDS: usize = End::ALL.len();
const VERDICTS: usize = Verdict::ALL.len();

/// What goes on, for whoever watches the relay.
#[derive(Debug, Default)]
pub struct Traffic {
    open: AtomicUsize,
    accepted: AtomicU64,
    ends: [AtomicU64; ENDS],
    answers: [[AtomicU64; STATUSES.len()]; ACTS],
    verdicts: [[AtomicU64; VERDICTS]; ACTS],
    took: [AtomicU64; BOUNDS.len() + 1],
    took_micros: AtomicU64,
}

/// How long answers took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durations {
    /// How many took at most so many milliseconds.
    pub up_to: Vec<(u64, u64)>,
    /// How many there were.
    pub count: u64,
    /// All of them together.
    pub sum: Duration,
}

impl Traffic {
    /// Connections that are open now.
    pub fn open(&self) -> usize {
        self.open.load(Relaxed)
    }

    /// Connections that were let in since the start.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Relaxed)
    }

    /// Connections that were closed as they came: no place, or more than the address's share.
    pub fn turned_away(&self) -> usize {
        usize::try_from(self.ended(End::Full) + self.ended(End::Share)).unwrap_or(usize::MAX)
    }

    /// Connections that ended like this.
    pub fn ended(&self, end: End) -> u64 {
        self.ends[end as usize].load(Relaxed)
    }

    /// Answers that were given: about what, with which status (0 for a rare one), how often. Only what happened.
    pub fn answers(&self) -> Vec<(Act, u16, u64)> {
        let mut found = Vec::new();
        for (act, counts) in Act::ALL.iter().zip(&self.answers) {
            for (status, count) in STATUSES.iter().zip(counts) {
                let count = count.load(Relaxed);
                if count > 0 {
                    found.push((*act, *status, count));
                }
            }
        }
        found
    }

    /// What became of what was asked for: about what, how it was judged, how often. Only what happened.
    pub fn verdicts(&self) -> Vec<(Act, Verdict, u64)> {
        let mut found = Vec::new();
        for (act, counts) in Act::ALL.iter().zip(&self.verdicts) {
            let counts =
                Verdict::ALL.iter().zip(counts).map(|(verdict, count)| (*act, *verdict, count.load(Relaxed)));
            found.extend(counts.filter(|(_, _, count)| *count > 0));
        }
        found
    }

    /// Answers with this status.
    pub fn answered_with(&self, status: u16) -> u64 {
        self.answers().iter().filter(|(_, found, _)| *found == status).map(|(_, _, count)| count).sum()
    }

    /// How long answers took, from the end of the head of the request until the answer was made.
    pub fn durations(&self) -> Durations {
        let mut count = 0;
        let mut up_to = Vec::new();
        for (bucket, bound) in self.took.iter().zip(BOUNDS.iter().map(Some).chain([None])) {
            count += bucket.load(Relaxed);
            up_to.extend(bound.map(|bound| (*bound, count)));
        }
        Durations { up_to, count, sum: Duration::from_micros(self.took_micros.load(Relaxed)) }
    }

    pub(super) fn came_in(&self) {
        self.open.fetch_add(1, Relaxed);
        self.accepted.fetch_add(1, Relaxed);
    }

    pub(super) fn went(&self) {
        self.open.fetch_sub(1, Relaxed);
    }

    pub(super) fn count_end(&self, end: End) {
        self.ends[end as usize].fetch_add(1, Relaxed);
    }

    pub(super) fn count_answer(&self, act: Act, verdict: Verdict, status: StatusCode, took: Duration) {
        self.verdicts[act as usize][verdict as usize].fetch_add(1, Relaxed);
        let place = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len() - 1);
        self.answers[act as usize][place].fetch_add(1, Relaxed);
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| millis < *bound).unwrap_or(BOUNDS.len());
        self.took[bucket].fetch_add(1, Relaxed);
        self.took_micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(0), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_counted_by_a_word_of_a_closed_set() {
        for (path, act) in [
            ("/v1/nonce", Act::Nonce),
            ("/v1/card/ORGANISATION", Act::Card),
            ("/v1/upload", Act::Upload),
            ("/e/AAAAAAAAAAAAAAAAAAAAAA", Act::Page),
            ("/readyz", Act::Health),
            ("/v1/page", Act::Other),
            ("/v1/other", Act::Other),
            ("/upload", Act::Other),
            ("*", Act::Other),
            ("", Act::Other),
        ] {
            assert_eq!(Act::of(path), act, "{path} is about this");
        }
    }

    #[test]
    fn every_answer_is_in_one_bucket_and_a_rare_status_is_not_lost() {
        let traffic = Traffic::default();
        for (status, millis) in [(StatusCode::OK, 0), (StatusCode::OK, 30), (StatusCode::IM_A_TEAPOT, 60_000)]
        {
            traffic.count_answer(Act::Page, Verdict::Served, status, Duration::from_millis(millis));
        }
        let durations = traffic.durations();
        assert_eq!(durations.count, 3, "each is counted");
        assert_eq!(durations.up_to.first(), Some(&(1, 1)), "one took less than a millisecond");
        assert_eq!(durations.up_to.last(), Some(&(16_000, 2)), "one took longer than any bound");
        assert_eq!(traffic.answers(), [(Act::Page, 200, 2), (Act::Page, 0, 1)], "a rare status is a zero");
        assert_eq!(traffic.verdicts(), [(Act::Page, Verdict::Served, 3)], "and each was judged");
    }
}
