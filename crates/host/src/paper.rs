//! What is printed: the report of an incident, and the sheet for stopping keys by hand. Each is one HTML file that needs
//! nothing beside it, runs nothing, and fits on paper. Every text in it is escaped.

mod said;
mod words;

use std::fmt::Write as _;

use countersign_app::desk::{HandSheet, Incident, IncidentKey, IncidentStop};
use countersign_contract::KeyView;

use self::{said::said, words::say};
use crate::{exports::time, failure::Error};

/// The languages papers are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
}

impl Language {
    /// From its code.
    pub fn from_code(code: &str) -> Result<Self, Error> {
        match code {
            "en" => Ok(Self::English),
            "de" => Ok(Self::German),
            _ => Err(Error::Usage("Papers are written in 'en' or 'de'.")),
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }
}

const STYLE: &str = "
@page { margin: 18mm 16mm; }
* { box-sizing: border-box; }
body { max-width: 186mm; margin: 10mm auto; padding: 0 4mm; font: 10.5pt/1.45 system-ui, sans-serif; color: #171a21; background: #fff; }
h1 { font-size: 17pt; margin: 0 0 1mm; }
h2 { font-size: 12pt; margin: 7mm 0 2mm; break-after: avoid; }
p { margin: 1mm 0; }
.muted { color: #4a5160; }
table { width: 100%; border-collapse: collapse; margin: 1mm 0 3mm; }
th, td { padding: 1.2mm 2mm 1.2mm 0; text-align: left; vertical-align: top; border-bottom: 0.2mm solid #b9bfca; overflow-wrap: anywhere; }
thead th { font-weight: 600; overflow-wrap: normal; border-bottom: 0.4mm solid #171a21; }
tr { break-inside: avoid; }
.box { white-space: pre-wrap; padding: 2mm 3mm; border: 0.3mm solid #171a21; }
.blank td { height: 11mm; }
section { break-inside: avoid-page; }
@media print { body { margin: 0; max-width: none; padding: 0; } }
";

/// One page, written piece by piece.
struct Page {
    language: Language,
    html: String,
}

impl Page {
    fn new(language: Language, title: &str, lead: &str) -> Self {
        let mut page = Self { language, html: String::new() };
        let title = escape(title);
        let _ = write!(
            page.html,
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<p class=\"muted\">{}</p>\n",
            language.code(),
            escape(lead)
        );
        page
    }

    fn say(&self, id: &str) -> &'static str {
        say(self.language, id)
    }

    fn heading(&mut self, text: &str) {
        let _ = writeln!(self.html, "<h2>{}</h2>", escape(text));
    }

    /// Names and values, without those that are empty.
    fn facts(&mut self, facts: &[(&str, String)]) {
        self.html.push_str("<table><tbody>\n");
        for (id, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            let name = self.say(id);
            let _ = writeln!(
                self.html,
                "<tr><th scope=\"row\">{}</th><td><bdi>{}</bdi></td></tr>",
                escape(name),
                escape(value)
            );
        }
        self.html.push_str("</tbody></table>\n");
    }

    fn table(&mut self, heads: &[&str], rows: &[Vec<String>]) {
        self.html.push_str("<table><thead><tr>");
        for id in heads {
            let head = self.say(id);
            let _ = write!(self.html, "<th scope=\"col\">{}</th>", escape(head));
        }
        self.html.push_str("</tr></thead><tbody>\n");
        for row in rows {
            self.html.push_str("<tr>");
            for cell in row {
                let _ = write!(self.html, "<td><bdi>{}</bdi></td>", escape(cell));
            }
            self.html.push_str("</tr>\n");
        }
        self.html.push_str("</tbody></table>\n");
    }

    /// Lines to be filled in by hand.
    fn blanks(&mut self, ids: &[&str]) {
        self.html.push_str("<table class=\"blank\"><tbody>\n");
        for id in ids {
            let name = self.say(id);
            let _ = writeln!(self.html, "<tr><th scope=\"row\">{}</th><td></td></tr>", escape(name));
        }
        self.html.push_str("</tbody></table>\n");
    }

    fn end(mut self) -> Vec<u8> {
        self.html.push_str("</body>\n</html>\n");
        self.html.into_bytes()
    }
}

/// The report of an incident.
#[must_use]
pub fn report(incident: &Incident, language: Language) -> Vec<u8> {
    let lead = format!("{} · {} · {}", incident.organisation, time(incident.made.0), incident.by);
    let mut page = Page::new(language, say(language, "report"), &lead);
    let count = |wanted: fn(&&IncidentKey) -> bool| incident.keys.iter().filter(wanted).count().to_string();
    page.facts(&[
        ("leaked-keys", count(|k| k.leaked)),
        ("siblings", count(|k| !k.leaked)),
        ("revoke-set", count(|k| k.stop.is_some())),
        ("confirmed", count(|k| state(k) == "confirmed")),
        ("failed", count(|k| state(k) == "failed")),
        ("ordered", count(|k| state(k) == "ordered")),
        ("living", count(|k| state(k) == "living")),
        ("entries", format!("{} · {}", incident.entries, incident.root)),
    ]);
    page.heading(say(language, "keys"));
    let rows: Vec<_> = incident.keys.iter().map(|key| summary(key, language)).collect();
    page.table(&["key", "holder", "place", "role", "state", "since"], &rows);
    for key in &incident.keys {
        page.html.push_str("<section>\n");
        one_key(&mut page, key);
        page.html.push_str("</section>\n");
    }
    page.heading(say(language, "read-by"));
    page.blanks(&["name", "date", "remarks"]);
    page.html.push_str(&format!("<p class=\"muted\">{}</p>\n", escape(say(language, "report-foot"))));
    page.end()
}

/// Where the order against a key stands: *ordered* is not *confirmed*.
fn state(key: &IncidentKey) -> &'static str {
    match &key.stop {
        Some(IncidentStop { confirmed: Some(_), .. }) => "confirmed",
        Some(IncidentStop { failed: Some(_), .. }) => "failed",
        Some(_) => "ordered",
        None => "living",
    }
}

fn summary(key: &IncidentKey, language: Language) -> Vec<String> {
    let since = key.stop.as_ref().map(|s| time(s.confirmed.unwrap_or(s.ordered).0)).unwrap_or_default();
    vec![
        key.view.id.clone(),
        key.view.holder.clone(),
        place(&key.view),
        say(language, if key.leaked { "leaked-one" } else { "sibling" }).to_owned(),
        say(language, state(key)).to_owned(),
        since,
    ]
}

fn one_key(page: &mut Page, key: &IncidentKey) {
    let language = page.language;
    page.heading(&format!("{} · {}", key.view.holder, key.view.id));
    let stop = key.stop.as_ref();
    page.facts(&[
        ("place", place(&key.view)),
        ("scopes", key.view.scopes.join(", ")),
        ("networks", key.networks.join(", ")),
        ("handle", key.handle.clone().unwrap_or_default()),
        ("ends", key.view.not_after.map(time).unwrap_or_default()),
        ("reported", key.view.reported.map(time).unwrap_or_default()),
        ("ordered-at", stop.map(|s| format!("{} · {}", time(s.ordered.0), s.by)).unwrap_or_default()),
        ("reason", stop.map(|s| say(language, &s.reason).to_owned()).unwrap_or_default()),
        ("confirmed-at", stop.and_then(|s| s.confirmed).map(|t| time(t.0)).unwrap_or_default()),
        (
            "failed-times",
            stop.and_then(|s| s.failed.as_ref())
                .map(|(times, why)| format!("{times} · {}", said(language, why)))
                .unwrap_or_default(),
        ),
        ("state", say(language, state(key)).to_owned()),
    ]);
    let rows: Vec<_> = key
        .entries
        .iter()
        .map(|e| {
            vec![e.seq.to_string(), time(e.time.0), say(language, &e.event).to_owned(), said(language, &e.by)]
        })
        .collect();
    page.table(&["entry", "when", "what", "who"], &rows);
}

/// The sheet for whoever stops keys by hand.
#[must_use]
pub fn sheet(sheet: &HandSheet, language: Language) -> Vec<u8> {
    let lead = format!("{} · {}", sheet.organisation, time(sheet.made.0));
    let mut page = Page::new(language, say(language, "sheet"), &lead);
    page.html.push_str(&format!("<p>{}</p>\n", escape(say(language, "sheet-help"))));
    for each in &sheet.work {
        page.html.push_str("<section>\n");
        page.heading(&format!("{} · {}", each.view.holder, each.view.id));
        let stop = each.stop.as_ref();
        page.facts(&[
            ("place", place(&each.view)),
            ("issuer", each.issuer.clone().unwrap_or_else(|| say(language, "from-before").to_owned())),
            ("scopes", each.view.scopes.join(", ")),
            ("ordered-at", stop.map(|s| format!("{} · {}", time(s.ordered.0), s.by)).unwrap_or_default()),
            ("reason", stop.map(|s| say(language, &s.reason).to_owned()).unwrap_or_default()),
        ]);
        let what = each.instructions.as_deref().unwrap_or_else(|| say(language, "hand-before"));
        let _ = writeln!(page.html, "<p class=\"box\"><bdi>{}</bdi></p>", escape(what));
        page.blanks(&["done-by", "done-at", "seen", "signature"]);
        page.html.push_str("</section>\n");
    }
    page.html.push_str(&format!("<p class=\"muted\">{}</p>\n", escape(say(language, "sheet-foot"))));
    page.end()
}

fn place(view: &KeyView) -> String {
    format!("{} / {}", view.service, view.environment)
}

/// Text, and nothing but text, in an element.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use countersign_documents::Time;

    use super::*;

    fn key(holder: &str, stop: Option<IncidentStop>) -> IncidentKey {
        let view = KeyView {
            id: "k1".to_owned(),
            holder: holder.to_owned(),
            holder_id: String::new(),
            class: "read".to_owned(),
            service: "shipments".to_owned(),
            environment: "production".to_owned(),
            scopes: vec!["shipments:read".to_owned()],
            state: "active".to_owned(),
            not_after: Some(1_900_000_000),
            legacy: false,
            stop: None,
            request: None,
            next: None,
            reported: None,
        };
        IncidentKey { view, leaked: true, networks: Vec::new(), handle: None, stop, entries: Vec::new() }
    }

    fn stop(confirmed: Option<Time>, failed: Option<(u64, String)>) -> IncidentStop {
        let (by, reason) = ("Ada Berg".to_owned(), "leaked".to_owned());
        IncidentStop { ordered: Time(1_800_000_000), by, reason, confirmed, failed }
    }

    fn incident(keys: Vec<IncidentKey>) -> Incident {
        let (organisation, by) = ("Larkfield".to_owned(), "Ada Berg".to_owned());
        Incident { organisation, made: Time(1_800_000_000), by, entries: 7, root: "00".to_owned(), keys }
    }

    #[test]
    fn a_holder_s_name_is_text_whatever_it_is() {
        let html = report(&incident(vec![key("<img src=x onerror=alert(1)>\"'&", None)]), Language::English);
        let html = String::from_utf8(html).unwrap();
        assert!(!html.contains("<img"), "no element is made of it");
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"), "it is shown as it is");
    }

    #[test]
    fn ordered_is_not_confirmed_and_failed_is_neither() {
        for (confirmed, failed, wanted) in [
            (None, None, "ordered"),
            (Some(Time(1_800_000_100)), Some((1, "busy".to_owned())), "confirmed"),
            (None, Some((2, "no answer".to_owned())), "failed"),
        ] {
            assert_eq!(state(&key("x", Some(stop(confirmed, failed)))), wanted, "what the log says of it");
        }
        assert_eq!(state(&key("x", None)), "living", "nobody ordered anything");
    }
}
