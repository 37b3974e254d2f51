//! What became of one request, told from the entries about it, and what stands behind its answers.

use countersign_contract::{CheckView, EvidenceFileView, HistoryView};
use countersign_documents::{Digest, Time, decode, grant::CheckResult, id::RequestId, letters::Message};
use countersign_domain::{Event, Exchange};

use super::{Desk, blobs::EvidenceBlob};
use crate::error::{Error, Result};

/// What an entry says beyond its event.
#[derive(Default)]
struct Said {
    subject: Option<String>,
    text: Option<String>,
    passed: Option<bool>,
}

impl Desk {
    /// Oldest first, over all revisions. Comparisons of fingerprints are about an identity, and stand with it.
    pub(crate) async fn history(&self, exchange: &Exchange) -> Result<Vec<HistoryView>> {
        let mut views = Vec::new();
        for seq in &exchange.history {
            let Some(row) = self.ports.log.read(*seq, 1).await?.pop() else { continue };
            let Some((entry, event, signer, _)) = self.open_entry(&row.leaf) else { continue };
            let Said { subject, text, passed } = self.said(&event, entry.time, exchange).await?;
            views.push(HistoryView {
                time: entry.time.0,
                by: self.signer_name(&signer).await,
                event: event.word().to_owned(),
                subject,
                text,
                passed,
            });
        }
        Ok(views)
    }

    async fn said(&self, event: &Event, time: Time, exchange: &Exchange) -> Result<Said> {
        let subject = |word: String| Said { subject: Some(word), ..Said::default() };
        Ok(match event {
            Event::Received(e) => subject(e.revision.to_string()),
            Event::Answered(e) => {
                Said { passed: Some(e.result.passed.0), ..subject(e.result.check.to_string()) }
            }
            Event::Justified(e) => {
                Said { text: self.text_of(e.justification.reason).await?, ..subject(e.code.to_string()) }
            }
            Event::Narrowed(e) => {
                let scopes = e.terms.scopes.iter().map(ToString::to_string);
                let networks = e.terms.networks.iter().map(ToString::to_string);
                let all = scopes.chain(networks).collect::<Vec<_>>().join(" ");
                Said { text: Some(all), ..subject(e.terms.days.to_string()) }
            }
            Event::Replied(e) => Said { text: self.message_of(e.blob, time).await?, ..Said::default() },
            Event::Ordered(_) | Event::Stopped(_) => {
                let stops = exchange.keys.iter().filter_map(|key| self.state.keys.get(key)?.stop.as_ref());
                stops.last().map_or_else(Said::default, |stop| subject(stop.reason.to_string()))
            }
            Event::StopFailed(e) => Said { text: Some(e.why.to_string()), ..Said::default() },
            Event::Objected(e) => Said { text: Some(e.why.to_string()), ..Said::default() },
            // Their word says all, or they are about no request.
            Event::Founded(_)
            | Event::Proposed(_)
            | Event::Confirmed(_)
            | Event::Dropped(_)
            | Event::Suspended(_)
            | Event::Tightened(_)
            | Event::IssuerStopped(_)
            | Event::SharedKeys(_)
            | Event::Rekeyed(_)
            | Event::TakenBack(_)
            | Event::IdentityChecked(_)
            | Event::IdentityMismatch(_)
            | Event::Vetted(_)
            | Event::Countersigned(_)
            | Event::Intended(_)
            | Event::Issued(_)
            | Event::Abandoned(_)
            | Event::HandedOver(_)
            | Event::Acknowledged(_)
            | Event::Activated(_)
            | Event::Imported(_)
            | Event::Erased(_)
            | Event::LeakReported(_)
            | Event::CertifierOffered(_)
            | Event::RootProposed(_)
            | Event::RootSigned(_)
            | Event::RootDropped(_)
            | Event::Succeeded(_)
            | Event::Fetched(_)
            | Event::Withdrawn(_)
            | Event::MemberChecked(_)
            | Event::WitnessAccepted(_) => Said::default(),
        })
    }

    /// A text that was kept beside the log; none where it was erased since.
    async fn text_of(&self, blob: Digest) -> Result<Option<String>> {
        match self.blob(blob).await {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(Error::BlobErased) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn message_of(&self, blob: Digest, sent: Time) -> Result<Option<String>> {
        let document = match self.blob(blob).await {
            Err(Error::BlobErased) => return Ok(None),
            read => read?,
        };
        let message = Message::verify(&document, &self.state.trust()?.root, sent);
        Ok(message.ok().map(|message| message.body.text.to_string()))
    }

    /// The policy's checks, each with its answer and what stands behind it.
    pub(crate) async fn checks(&self, exchange: &Exchange) -> Result<Vec<CheckView>> {
        let mut views = Vec::new();
        for check in &self.state.policy().checks {
            let mut view = CheckView {
                check: check.to_string(),
                passed: None,
                by: None,
                notes: Vec::new(),
                files: Vec::new(),
                erased: 0,
            };
            if let Some(result) = exchange.checks.get(check) {
                self.answered(result, &mut view).await?;
            }
            views.push(view);
        }
        Ok(views)
    }

    async fn answered(&self, result: &CheckResult, view: &mut CheckView) -> Result<()> {
        view.passed = Some(result.passed.0);
        view.by = Some(self.person_name(result.person).await);
        for name in &result.evidence {
            let Some(evidence) = self.evidence_blob(*name).await? else {
                view.erased += 1;
                continue;
            };
            view.notes.extend(evidence.note.map(|note| note.to_string()));
            if let (Some(file), Some(content)) = (evidence.file, evidence.content) {
                let bytes = content.0.len() as u64;
                view.files.push(EvidenceFileView { digest: name.hex(), name: file.to_string(), bytes });
            }
        }
        Ok(())
    }

    /// None where it was erased on the record.
    async fn evidence_blob(&self, name: Digest) -> Result<Option<EvidenceBlob>> {
        match self.blob(name).await {
            Ok(bytes) => Ok(Some(decode(&bytes).map_err(|_| Error::BlobGone)?)),
            Err(Error::BlobErased) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A file that stands behind an answer: its name, and what is in it. The digest may be shortened.
    pub async fn evidence_file(&self, request: RequestId, digest: &str) -> Result<(String, Vec<u8>)> {
        let exchange = self.state.exchange(&request)?;
        let named = exchange.checks.values().flat_map(|result| &result.evidence);
        let mut named = named.filter(|name| !digest.is_empty() && name.hex().starts_with(digest));
        let (Some(name), None) = (named.next(), named.next()) else {
            return Err(Error::NotFound { what: "evidence file" });
        };
        match self.evidence_blob(*name).await?.ok_or(Error::BlobErased)? {
            EvidenceBlob { file: Some(file), content: Some(content), .. } => {
                Ok((file.to_string(), content.0))
            }
            EvidenceBlob { .. } => Err(Error::NotFound { what: "evidence file" }),
        }
    }
}
