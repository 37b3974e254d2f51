//! How what was asked for was judged: finer than its status, for whoever watches the relay and nobody else. What strangers
//! cannot tell apart is one word here too.

use axum::response::Response;

counted! {
    /// How an answer came about.
    Verdict {
        /// It was done.
        Served = "served",
        /// It had been done before: the same upload, letter or receipt again, or an envelope that was fetched before.
        Repeated = "repeated",
        /// A withdrawal that came after something else.
        Late = "late",
        /// The body is not of the form that the address takes.
        Form = "form",
        /// Two servers could read the request in two ways.
        Ambiguous = "ambiguous",
        /// It came too slowly.
        Slow = "slow",
        /// For another relay, or another time.
        Stale = "stale",
        /// Whoever asks may not.
        NotAllowed = "not-allowed",
        /// Nothing is there for whoever asks, whatever the reason.
        Nothing = "nothing",
        /// The cti is taken, or the envelope is over.
        Taken = "taken",
        /// A checkpoint from elsewhere.
        Elsewhere = "elsewhere",
        /// A checkpoint whose proof does not hold.
        Unproven = "unproven",
        /// Larger than a body may be.
        TooLarge = "too-large",
        /// More than the share of an organisation or a partner.
        Share = "share",
        /// More at once than there is room for.
        Crowded = "crowded",
        /// The disk keeps what it has free.
        NoRoom = "no-room",
        /// The database does not answer.
        Unavailable = "unavailable",
        /// Anything else.
        Other = "other",
    }
}

impl Verdict {
    /// Marks an answer with it. Nothing of that goes out.
    pub(crate) fn mark(self, response: &mut Response) {
        response.extensions_mut().insert(self);
    }

    /// How an answer was marked; one that was not is judged by its status.
    pub(super) fn of(response: &Response) -> Self {
        let unmarked = if response.status().is_success() { Self::Served } else { Self::Other };
        response.extensions().get().copied().unwrap_or(unmarked)
    }
}

#[cfg(test)]
mod tests {
    use axum::{http::StatusCode, response::IntoResponse as _};

    use super::*;

    #[test]
    fn an_answer_is_judged_by_its_mark_and_without_one_by_its_status() {
        let mut response = StatusCode::OK.into_response();
        assert_eq!(Verdict::of(&response), Verdict::Served);
        Verdict::Repeated.mark(&mut response);
        assert_eq!(Verdict::of(&response), Verdict::Repeated);
        assert_eq!(Verdict::of(&StatusCode::IM_A_TEAPOT.into_response()), Verdict::Other);
    }

    #[test]
    fn no_two_words_are_the_same() {
        let words: std::collections::BTreeSet<_> =
            Verdict::ALL.iter().map(|verdict| verdict.word()).collect();
        assert_eq!(words.len(), Verdict::ALL.len());
    }
}
