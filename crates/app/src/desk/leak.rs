//! Leak look-up: whose key is this? Every token-like string is fingerprinted; nothing is kept or shown.

use countersign_contract::LeakReportView;
use countersign_documents::{Digest, Key, id::KeyId, letters::Notice};
use countersign_domain::{Event, KeyRecord, LeakReported};

use super::{Desk, Recorded, issue::fingerprint};
use crate::error::{Error, Result};

/// A key that was found in a text.
pub struct Leak {
    /// Which.
    pub key: KeyRecord,
    /// In which line, from 1.
    pub line: usize,
}

impl Desk {
    /// Finds every known key in a text of any kind.
    pub async fn find_leaks(&self, text: &[u8]) -> Result<Vec<Leak>> {
        let look_up = self.look_up_key().await?;
        let mut found: Vec<Leak> = Vec::new();
        for (number, line) in text.split(|b| *b == b'\n').enumerate() {
            for token in tokens(line) {
                let print = fingerprint(&look_up, token);
                let known = self.state.fingerprints.get(&print);
                let Some(key) = known.and_then(|id| self.state.keys.get(id)) else { continue };
                if !found.iter().any(|leak| leak.key.id == key.id) {
                    found.push(Leak { key: (**key).clone(), line: number + 1 });
                }
            }
        }
        Ok(found)
    }

    /// Puts a partner's report on the record. It was verified to be signed by the identity; that it holds these keys,
    /// the rules look at. Stops nothing: whoever reads the report orders that.
    pub(crate) async fn record_leak(
        &mut self,
        document: &[u8],
        identity: Digest,
        notice: &Notice,
        mut keys: Vec<KeyId>,
    ) -> Result<Recorded> {
        keys.sort_unstable();
        keys.dedup();
        let probe = |blob| LeakReported {
            notice: Digest::of(document),
            blob,
            identity,
            keys: keys.clone(),
            request: notice.request,
            sent: notice.sent,
        };
        self.state.check(&self.context()?, &Event::LeakReported(probe(Digest([0; 32]))))?;
        let blob = self.put_blob(document).await?;
        self.record(Event::LeakReported(probe(blob))).await
    }

    /// What partners reported as leaked, newest first.
    pub async fn leak_reports(&self) -> Result<Vec<LeakReportView>> {
        let mut views = Vec::new();
        for report in self.state.leak_reports.values() {
            let mut keys = Vec::new();
            for id in &report.reported.keys {
                keys.push(self.key_view(self.state.key(id)?).await);
            }
            let by = self.state.members.get(&report.member).map(|m| m.name);
            views.push(LeakReportView {
                holder: keys.first().map(|k| k.holder.clone()).unwrap_or_default(),
                keys,
                sent: report.reported.sent.0,
                recorded: report.time.0,
                by: match by {
                    Some(name) => self.display_name(name).await,
                    None => "(unknown)".to_owned(),
                },
                text: self.words_of(&report.reported).await,
            });
        }
        views.sort_by_key(|v| core::cmp::Reverse((v.sent, v.recorded)));
        Ok(views)
    }

    /// The partner's words, verified again to be those that were recorded and signed.
    async fn words_of(&self, report: &LeakReported) -> String {
        let document = match self.blob(report.blob).await {
            Ok(document) if Digest::of(&document) == report.notice => document,
            Err(Error::BlobErased) => return "(erased)".to_owned(),
            Ok(_) | Err(_) => return "(missing)".to_owned(),
        };
        let partner = self.state.partners.get(&report.identity);
        let notice = partner.and_then(|p| Notice::verify(&document, &p.key).ok());
        notice.and_then(|n| n.body.text).map_or_else(|| "(nothing)".to_owned(), |t| t.to_string())
    }
}

/// Runs of characters that keys are made of, at each width of alphabet: a key may stand in quotes, in a URL, in JSON.
fn tokens(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let narrow = line.split(|b| !(b.is_ascii_alphanumeric() || b"_-".contains(b)));
    let medium = line.split(|b| !(b.is_ascii_alphanumeric() || b"_-.~+/=".contains(b)));
    let wide = line.split(|b| !b.is_ascii_graphic() || b"\"'`,;<>(){}[]".contains(b));
    let whole = line.split(|b| !b.is_ascii_graphic());
    narrow
        .chain(medium)
        .chain(wide)
        .chain(whole)
        .filter(|t| (Key::SHORTEST..=Key::LONGEST).contains(&t.len()))
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn a_key_is_found_wherever_it_stands() {
        let key = "acme_live_0123456789abcdef";
        for text in [
            key.to_owned(),
            format!("API_KEY={key}"),
            format!("\"token\": \"{key}\","),
            format!("https://api.example/?key={key}&x=1"),
            format!("Authorization: Bearer {key}\r"),
            format!("curl -H 'X-Api-Key: {key}'"),
        ] {
            assert!(tokens(text.as_bytes()).any(|t| t == key.as_bytes()), "found in {text:?}");
        }
        assert_eq!(tokens(b"short words only").count(), 0, "nothing that short is a key");
    }
}
