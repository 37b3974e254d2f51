//! What a person is told who looks elsewhere: that something new waits for them. Never who asks, or for what: a notice
//! stands on locked screens, and in other programs' histories.

use std::collections::BTreeSet;

use countersign_contract::DueView;

use crate::{paper::Language, settings};

/// What waited for the person when it was looked at last. `None`: not looked at since the profile was unlocked.
pub(crate) type Known = Option<BTreeSet<(String, String)>>;

/// The days before its end at which the holder of a key is reminded.
const STAGES: [u64; 4] = [30, 14, 7, 1];
const DAY: u64 = 24 * 60 * 60;

/// Compares what is due with what was known, which it becomes. `now` in seconds since 1970.
pub(crate) fn news(known: &mut Known, due: &[DueView], now: u64) -> Option<String> {
    let urgent = due.iter().filter(|each| each.urgency != "soon" || each.kind == ENDS);
    let now: BTreeSet<_> = urgent.map(|each| what(each, now)).collect();
    let before = known.replace(now)?;
    let fresh: BTreeSet<_> = known
        .iter()
        .flatten()
        .filter(|each| !before.contains(*each))
        .map(|(kind, _)| kind.as_str())
        .collect();
    // The worst of it is said.
    let said =
        [News::Leak, News::Ends, News::Other].into_iter().find(|news| fresh.iter().any(|k| news.is(k)));
    said.map(|news| news.sentence(language()).to_owned())
}

/// What is told while a profile is locked, of which nothing but times is known: at `now`, of those that are due and are
/// taken out.
pub(crate) fn while_locked(reminders: &mut Vec<u64>, now: u64) -> Option<String> {
    let before = reminders.len();
    reminders.retain(|at| *at > now);
    (reminders.len() < before).then(|| News::Ends.sentence(language()).to_owned())
}

/// The kind of due thing that a key of one's own is, whose end comes near.
const ENDS: &str = "key-ends";

/// What makes it another thing: a request that was signed waits for another signature, and a key reminds at each stage.
/// Other sentences count days.
fn what(due: &DueView, now: u64) -> (String, String) {
    let about = match due.kind.as_str() {
        "request" => due.text.clone(),
        ENDS => stages_passed(due.by.unwrap_or(now).saturating_sub(now)).to_string(),
        _ => due.subject.clone(),
    };
    (due.kind.clone(), format!("{} {about}", due.subject))
}

/// How many stages of its reminder a key has reached, so many seconds before its end.
fn stages_passed(left: u64) -> usize {
    STAGES.iter().filter(|days| left.div_ceil(DAY) <= **days).count()
}

/// What a notice is about.
#[derive(Clone, Copy)]
enum News {
    Leak,
    Ends,
    Other,
}

impl News {
    fn is(self, kind: &str) -> bool {
        match self {
            Self::Leak => kind == "leak-report",
            Self::Ends => kind == ENDS,
            Self::Other => true,
        }
    }

    fn sentence(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Leak, Language::English) => "The holder of a key reports that it leaked.",
            (Self::Leak, Language::German) => {
                "Der Inhaber eines Schlüssels meldet, dass dieser nach außen gelangt ist."
            }
            (Self::Ends, Language::English) => "A key that you hold ends soon.",
            (Self::Ends, Language::German) => "Ein Schlüssel, den Sie haben, endet bald.",
            (Self::Other, Language::English) => "Something new waits for you.",
            (Self::Other, Language::German) => "Etwas Neues wartet auf Sie.",
        }
    }
}

/// The chosen language, or the system's where none was chosen.
fn language() -> Language {
    let chosen = settings::read().language;
    let system = || sys_locale::get_locale().unwrap_or_default();
    let code = if chosen == "system" { system() } else { chosen };
    if code.starts_with("de") { Language::German } else { Language::English }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(kind: &str, subject: &str, urgency: &str) -> DueView {
        DueView {
            urgency: urgency.to_owned(),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            by: None,
            text: String::new(),
            command: String::new(),
        }
    }

    #[test]
    fn only_what_is_new_and_urgent_is_told_and_only_once() {
        let mut known = None;
        let first = [due("request", "a", "now")];
        assert_eq!(news(&mut known, &first, 0), None, "what waited at unlocking stands on the screen");
        assert_eq!(news(&mut known, &first, 0), None, "it is no news");
        let soon = [due("request", "a", "now"), due("end", "k", "soon")];
        assert_eq!(news(&mut known, &soon, 0), None, "what can wait disturbs nobody");
        let more = [due("request", "b", "late"), due("request", "a", "now")];
        assert!(news(&mut known, &more, 0).is_some(), "another request");
        assert_eq!(news(&mut known, &[], 0), None, "what was done is no news");
        assert!(news(&mut known, &first, 0).is_some(), "it waits again");
        let leak = news(&mut known, &[due("leak-report", "k", "late"), due(ENDS, "k", "now")], 0);
        let worst = [Language::English, Language::German].map(|l| News::Leak.sentence(l).to_owned());
        assert!(worst.contains(&leak.unwrap_or_default()), "of two things the worse one is said");
    }

    #[test]
    fn a_locked_inbox_reminds_once_of_each_time_and_before_none() {
        let mut reminders = vec![200, 100, 150];
        assert_eq!(while_locked(&mut reminders, 99), None, "nothing is due yet");
        let told = while_locked(&mut reminders, 150);
        let either = [Language::English, Language::German].map(|l| News::Ends.sentence(l).to_owned());
        assert!(either.contains(&told.unwrap_or_default()), "two that are due are one notice");
        assert_eq!(while_locked(&mut reminders, 199), None, "they were told");
        assert!(while_locked(&mut reminders, 200).is_some(), "the last one");
        assert_eq!(while_locked(&mut reminders, 300), None, "nothing is left to be told");
    }

    #[test]
    fn a_key_reminds_thirty_fourteen_seven_and_one_day_before_its_end_and_not_between() {
        let end = 100 * DAY;
        let key = |urgency| [DueView { by: Some(end), ..due(ENDS, "k", urgency) }];
        let mut known = None;
        assert_eq!(news(&mut known, &[], end - 31 * DAY), None, "nothing is due yet");
        let mut told = Vec::new();
        for left in (0..=30).rev() {
            if news(&mut known, &key("soon"), end - left * DAY).is_some() {
                told.push(left);
            }
        }
        assert_eq!(told, STAGES, "once at each stage");
    }
}
