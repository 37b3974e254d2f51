//! What a person is told who looks elsewhere: that something new waits for them. Never who asks, or for what: a notice
//! stands on locked screens, and in other programs' histories.

use std::collections::BTreeSet;

use countersign_contract::DueView;

use crate::{paper::Language, settings};

/// What waited for the person when it was looked at last. `None`: not looked at since the profile was unlocked.
pub(crate) type Known = Option<BTreeSet<(String, String)>>;

/// Compares what is due with what was known, which it becomes.
pub(crate) fn news(known: &mut Known, due: &[DueView]) -> Option<String> {
    let urgent = due.iter().filter(|each| each.urgency != "soon");
    let now: BTreeSet<_> = urgent.map(what).collect();
    let before = known.replace(now)?;
    let fresh: Vec<_> = known.iter().flatten().filter(|each| !before.contains(*each)).collect();
    let leak = fresh.iter().any(|(kind, _)| kind == "leak-report");
    (!fresh.is_empty()).then(|| sentence(leak, language()).to_owned())
}

/// What makes it another thing: a request that was signed waits for another signature. Sentences about keys count days.
fn what(due: &DueView) -> (String, String) {
    let about = if due.kind == "request" { &due.text } else { &due.subject };
    (due.kind.clone(), format!("{} {about}", due.subject))
}

fn sentence(leak: bool, language: Language) -> &'static str {
    match (leak, language) {
        (true, Language::English) => "The holder of a key reports that it leaked.",
        (true, Language::German) => {
            "Der Inhaber eines Schlüssels meldet, dass dieser nach außen gelangt ist."
        }
        (false, Language::English) => "Something new waits for you.",
        (false, Language::German) => "Etwas Neues wartet auf Sie.",
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
        assert_eq!(news(&mut known, &first), None, "what waited at unlocking stands on the screen");
        assert_eq!(news(&mut known, &first), None, "it is no news");
        let soon = [due("request", "a", "now"), due("end", "k", "soon")];
        assert_eq!(news(&mut known, &soon), None, "what can wait disturbs nobody");
        let more = [due("request", "b", "late"), due("request", "a", "now")];
        assert!(news(&mut known, &more).is_some(), "another request");
        assert_eq!(news(&mut known, &[]), None, "what was done is no news");
        assert!(news(&mut known, &first).is_some(), "it waits again");
        let leak = news(&mut known, &[due("leak-report", "k", "late")]).unwrap_or_default();
        assert!(leak == sentence(true, Language::English) || leak == sentence(true, Language::German));
    }
}
