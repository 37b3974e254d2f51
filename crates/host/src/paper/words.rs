//! The words of what is printed, in both languages.

use super::Language;

/// A word or sentence. One that is missing shows its id, so that a test can see it.
pub(super) fn say(language: Language, id: &str) -> &'static str {
    let found = WORDS.iter().find(|(known, ..)| *known == id);
    match (found, language) {
        (Some((_, english, _)), Language::English) => english,
        (Some((_, _, german)), Language::German) => german,
        (None, _) => "(?)",
    }
}

#[rustfmt::skip]
const WORDS: &[(&str, &str, &str)] = &[
    ("report", "Incident: a key leaked", "Vorfall: Ein Schlüssel ist nach außen gelangt"),
    ("report-foot", "Put together from the verified ledger. ‘Confirmed’ means that the issuing system was read again, or that a member confirmed it with evidence; ‘ordered’ means neither. Times are those of the members’ clocks.", "Zusammengestellt aus dem verifizierten Protokoll. „Bestätigt“ heißt, dass das ausstellende System erneut gelesen wurde oder ein Mitglied es mit einem Beleg bestätigt hat; „angeordnet“ heißt keines von beiden. Die Zeiten sind die der Uhren der Mitglieder."),
    ("leaked-keys", "Keys that leaked", "Nach außen gelangte Schlüssel"),
    ("siblings", "Other keys of the same holders", "Weitere Schlüssel derselben Inhaber"),
    ("revoke-set", "Under an order", "Mit Anordnung"),
    ("confirmed", "confirmed", "bestätigt"),
    ("failed", "failed, being tried again", "gescheitert, wird wiederholt"),
    ("ordered", "ordered, not confirmed yet", "angeordnet, noch nicht bestätigt"),
    ("living", "no order against it", "keine Anordnung dagegen"),
    ("entries", "Entries of the ledger, and the root over them", "Einträge des Protokolls und die Wurzel darüber"),
    ("keys", "Keys", "Schlüssel"),
    ("key", "Key", "Schlüssel"),
    ("holder", "Holder", "Inhaber"),
    ("place", "Service / environment", "Dienst / Umgebung"),
    ("role", "Why it is here", "Warum er hier steht"),
    ("leaked-one", "it leaked", "ist nach außen gelangt"),
    ("sibling", "same holder", "derselbe Inhaber"),
    ("state", "Stopped?", "Gestoppt?"),
    ("since", "Since", "Seit"),
    ("scopes", "Scopes", "Scopes"),
    ("networks", "May be used from", "Verwendbar aus"),
    ("handle", "Its name at the issuer", "Sein Name beim Aussteller"),
    ("ends", "It ends", "Er endet"),
    ("reported", "Reported by its holder", "Vom Inhaber gemeldet"),
    ("ordered-at", "Ordered", "Angeordnet"),
    ("reason", "Reason", "Grund"),
    ("confirmed-at", "Confirmed", "Bestätigt"),
    ("failed-times", "Failed: how often, and why", "Gescheitert: wie oft und warum"),
    ("entry", "Entry", "Eintrag"),
    ("when", "When", "Wann"),
    ("what", "What", "Was"),
    ("who", "Who", "Wer"),
    ("read-by", "Read by", "Gelesen von"),
    ("name", "Name", "Name"),
    ("date", "Date", "Datum"),
    ("remarks", "Remarks", "Bemerkungen"),
    ("sheet", "Keys to be stopped by hand", "Von Hand zu stoppende Schlüssel"),
    ("sheet-help", "Do what stands here in the system that made the key, then look that it does not work any more, and confirm it in Countersign: Keys, the key, ‘It is stopped’.", "Tun Sie im System, das den Schlüssel erzeugt hat, was hier steht. Prüfen Sie dann, dass er nicht mehr gilt, und bestätigen Sie es in Countersign: Schlüssel, der Schlüssel, „Er ist gestoppt“."),
    ("sheet-foot", "Until it is confirmed, the key counts as working.", "Bis zur Bestätigung zählt der Schlüssel als gültig."),
    ("issuer", "Issuer", "Aussteller"),
    ("from-before", "none: it was handed out before Countersign", "keiner: Er wurde vor Countersign ausgegeben"),
    ("hand-before", "Stop it in the system that made it.", "Stoppen Sie ihn in dem System, das ihn erzeugt hat."),
    ("done-by", "Done by", "Erledigt von"),
    ("done-at", "On, at", "Am, um"),
    ("seen", "What was done and seen", "Was getan und gesehen wurde"),
    ("signature", "Signature", "Unterschrift"),
    // Reasons of an order.
    ("leaked", "it leaked", "er ist nach außen gelangt"),
    ("partner-asked", "the partner asked for it", "der Partner hat darum gebeten"),
    ("ended", "the work with the partner ended", "die Zusammenarbeit ist beendet"),
    ("replaced", "it was replaced", "er wurde ersetzt"),
    ("mistake", "it was issued by mistake", "er wurde irrtümlich ausgestellt"),
    ("precaution", "as a precaution", "vorsorglich"),
    // What happened, as the ledger names it.
    ("key-intended", "key about to be made", "Schlüssel soll erzeugt werden"),
    ("key-issued", "key issued", "Schlüssel ausgestellt"),
    ("key-abandoned", "key abandoned", "Schlüssel aufgegeben"),
    ("envelope-handed-over", "envelope handed over", "Umschlag übergeben"),
    ("envelope-fetched", "envelope fetched", "Umschlag abgeholt"),
    ("delivery-withdrawn", "envelope taken back", "Umschlag zurückgezogen"),
    ("receipt-recorded", "receipt recorded", "Quittung aufgezeichnet"),
    ("key-activated", "key switched on", "Schlüssel eingeschaltet"),
    ("stop-ordered", "stop ordered", "Stopp angeordnet"),
    ("stop-confirmed", "stop confirmed", "Stopp bestätigt"),
    ("stop-failed", "stop failed", "Stopp gescheitert"),
    ("keys-imported", "old key imported", "alter Schlüssel übernommen"),
    ("leak-reported", "leak reported by the partner", "Leckmeldung des Partners"),
    ("revocation-objected", "objection to the final revocation", "Widerspruch gegen den endgültigen Widerruf"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use countersign_documents::order::Reason;

    use super::*;

    #[test]
    fn every_word_stands_once_and_in_both_languages() {
        let ids: BTreeSet<_> = WORDS.iter().map(|(id, ..)| *id).collect();
        assert_eq!(ids.len(), WORDS.len(), "no id stands twice");
        assert!(
            WORDS.iter().all(|(_, en, de)| !en.is_empty() && !de.is_empty()),
            "both languages are complete"
        );
    }

    #[test]
    fn every_reason_of_an_order_has_its_words() {
        for reason in Reason::ALL {
            assert!(WORDS.iter().any(|(id, ..)| *id == reason.word()), "{reason} has words");
        }
    }
}
