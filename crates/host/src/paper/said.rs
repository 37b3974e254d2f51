//! What the core says in English, in the language of a paper: by the texts that the pages have for it.

use super::Language;

/// As the core says it, and the same in German, line by line: `name = text`, where a text may have gaps.
const ENGLISH: &str = include_str!("../../../../ui/src/lib/text/said.en.ftl");
const GERMAN: &str = include_str!("../../../../ui/src/lib/text/said.de.ftl");

/// A sentence of the core in this language. What has no text there is shown as it was said.
pub(super) fn said(language: Language, text: &str) -> String {
    let german = match language {
        Language::English => None,
        Language::German => whole(text).or_else(|| with_a_gap(text)),
    };
    german.unwrap_or_else(|| text.to_owned())
}

fn whole(text: &str) -> Option<String> {
    let (name, _) = lines(ENGLISH).find(|(_, said)| *said == text)?;
    german(name).map(str::to_owned)
}

/// Of several that fit, the one that says most itself. What fills the gap is said in English too.
fn with_a_gap(text: &str) -> Option<String> {
    let fitting = lines(ENGLISH).filter_map(|(name, form)| {
        let (before, after) = gap(form)?;
        let filling = text.strip_prefix(before)?.strip_suffix(after)?;
        (!filling.is_empty() && before.len() + after.len() > 4).then_some((
            before.len() + after.len(),
            name,
            filling,
        ))
    });
    let (_, name, filling) = fitting.max_by_key(|(telling, ..)| *telling)?;
    let (before, after) = gap(german(name)?)?;
    Some(format!("{before}{}{after}", said(Language::German, filling)))
}

fn german(name: &str) -> Option<&'static str> {
    lines(GERMAN).find(|(known, _)| *known == name).map(|(_, text)| text)
}

fn lines(texts: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    texts.lines().filter_map(|line| line.split_once(" = ")).filter(|(name, _)| name.starts_with("said-"))
}

/// What stands before and after the gap of a text that has exactly one.
fn gap(form: &str) -> Option<(&str, &str)> {
    let (before, rest) = form.split_once("{ $")?;
    let (_, after) = rest.split_once(" }")?;
    (!after.contains("{ $")).then_some((before, after))
}

#[cfg(test)]
mod tests {
    use countersign_ports::IssuerError;

    use super::*;

    #[test]
    fn why_a_stop_failed_is_said_in_the_language_of_the_paper() {
        let full = IssuerError::Unavailable("the disk is full");
        let german = said(Language::German, &full.to_string());
        assert_eq!(german, "Das ausstellende System ist nicht erreichbar: Der Datenträger ist voll");
        assert_eq!(said(Language::English, &full.to_string()), full.to_string(), "English stays as it is");
        for error in [IssuerError::NeedsKey, IssuerError::MakesKey, IssuerError::NoSuchKey] {
            let text = error.to_string();
            assert_ne!(said(Language::German, &text), text, "{text} has a German text");
        }
        assert_eq!(said(Language::German, "Zürich"), "Zürich", "what has no text stays as it was said");
    }
}
