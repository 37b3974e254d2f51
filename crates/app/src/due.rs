//! What the two lists of due things have in common: the order, the days, and the stages of a reminder.

use countersign_contract::DueView;
use countersign_documents::{
    Time,
    time::{DAY, Seconds},
};

/// The days before its end at which a key reminds: from the first on it is listed, from each next one on more urgently.
pub(crate) const STAGES: [u64; 4] = [30, 14, 7, 1];

/// From how many days before its end on a certificate, a card or the shared keys are to be renewed: half of their 90.
pub(crate) const RENEWAL: Seconds = 45 * DAY;

/// How soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// It should have been done already, or a key is in danger.
    Late,
    /// Now.
    Now,
    /// It can still wait.
    Soon,
}

impl Urgency {
    fn word(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Now => "now",
            Self::Soon => "soon",
        }
    }

    /// Of something that ends: late on its last day, now in its last week.
    pub(crate) fn of_end(end: Time, now: Time) -> Self {
        match days_left(end, now) {
            0..=1 => Self::Late,
            2..=7 => Self::Now,
            _ => Self::Soon,
        }
    }
}

/// One thing, with what it is ordered by.
pub(crate) struct Due {
    pub(crate) urgency: Urgency,
    pub(crate) kind: &'static str,
    pub(crate) subject: String,
    pub(crate) by: Option<Time>,
    pub(crate) text: String,
    pub(crate) command: String,
}

/// The most urgent first; among those what ends first.
pub(crate) fn in_order(mut list: Vec<Due>) -> Vec<DueView> {
    list.sort_by_key(|d| (d.urgency, d.by.is_none(), d.by));
    let view = |d: Due| DueView {
        kind: d.kind.to_owned(),
        subject: d.subject,
        urgency: d.urgency.word().to_owned(),
        by: d.by.map(|t| t.0),
        text: d.text,
        command: d.command,
    };
    list.into_iter().map(view).collect()
}

/// Days until then, begun ones counted; 0 when it is over.
pub(crate) fn days_left(end: Time, now: Time) -> u64 {
    end.since(now).div_ceil(DAY)
}

/// `in 6 days`, `within a day`, `ended`.
pub(crate) fn in_days(end: Time, now: Time) -> String {
    match days_left(end, now) {
        0 => "has ended".to_owned(),
        1 => "ends within a day".to_owned(),
        days => format!("ends in {days} days"),
    }
}

/// The first ten characters of an id: any unique prefix is accepted.
pub(crate) fn short(id: &impl core::fmt::Display) -> String {
    id.to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reminds_more_urgently_the_nearer_its_end_is() {
        let now = Time(1_000 * DAY);
        let of = |days: u64| Urgency::of_end(now.plus(days * DAY), now);
        assert_eq!((of(30), of(14), of(8)), (Urgency::Soon, Urgency::Soon, Urgency::Soon));
        assert_eq!((of(7), of(2)), (Urgency::Now, Urgency::Now), "the last week");
        assert_eq!((of(1), of(0)), (Urgency::Late, Urgency::Late), "the last day");
        assert_eq!(in_days(now.plus(DAY + 1), now), "ends in 2 days", "a begun day counts");
        assert_eq!(in_days(now.minus(5), now), "has ended");
    }

    #[test]
    fn what_is_late_stands_before_what_ends_sooner() {
        let due = |urgency, by| Due {
            urgency,
            kind: "key-ends",
            subject: String::new(),
            by,
            text: String::new(),
            command: String::new(),
        };
        let list = in_order(vec![
            due(Urgency::Soon, Some(Time(1))),
            due(Urgency::Late, None),
            due(Urgency::Late, Some(Time(9))),
            due(Urgency::Late, Some(Time(3))),
        ]);
        let order: Vec<_> = list.iter().map(|d| (d.urgency.as_str(), d.by)).collect();
        assert_eq!(order, [("late", Some(3)), ("late", Some(9)), ("late", None), ("soon", Some(1))]);
    }
}
