//! What the reviewer does before signing: answers with evidence, justifications, a narrower grant.

use countersign_documents::{
    Blob, Digest, Flag, encode,
    grant::{CheckResult, Justification},
    id::RequestId,
    policy::{Check, FindingCode},
    text::{Line, Prose},
};
use countersign_domain::{
    Event, Refusal, Terms,
    event::{Answered, Justified, Narrowed},
    findings,
};

use super::{Desk, Recorded, blobs::EvidenceBlob};
use crate::error::{Error, Result};

/// What stands behind an answer.
#[derive(Default)]
pub struct Evidences<'a> {
    /// What the reviewer says.
    pub note: Option<&'a str>,
    /// Files: name and content.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Desk {
    /// Answers a check.
    pub async fn answer(
        &mut self,
        request: RequestId,
        check: Check,
        passed: bool,
        evidence: Evidences<'_>,
    ) -> Result<Recorded> {
        let person = self.me()?.person;
        let probe = |evidence| Answered {
            request,
            result: CheckResult { check, passed: Flag(passed), evidence, person },
        };
        self.state.check(&self.context()?, &Event::Answered(probe(Vec::new())))?;
        let mut blobs = Vec::new();
        let note = evidence.note.map(Prose::parse).transpose().map_err(Error::text("note"))?;
        if note.is_none() && evidence.files.is_empty() {
            return Err(Error::Value("A check needs evidence: a note, a file, or both."));
        }
        if let Some(note) = note {
            blobs.push(EvidenceBlob { note: Some(note), file: None, content: None });
        }
        for (name, content) in evidence.files {
            let file = Line::parse(&name).map_err(Error::text("file name"))?;
            blobs.push(EvidenceBlob { note: None, file: Some(file), content: Some(Blob(content)) });
        }
        let mut names: Vec<Digest> = Vec::new();
        for blob in &blobs {
            names.push(self.put_blob(&encode(blob)).await?);
        }
        self.record(Event::Answered(probe(names))).await
    }

    /// Writes down why a finding is acceptable.
    pub async fn justify(&mut self, request: RequestId, code: FindingCode, reason: &str) -> Result<Recorded> {
        let reason = Prose::parse(reason).map_err(Error::text("reason"))?;
        let person = self.me()?.person;
        if !self.findings(request).await?.iter().any(|f| f.code == code) {
            return Err(Refusal::NoSuchFinding.into());
        }
        let probe = |reason| Justified { request, code, justification: Justification { person, reason } };
        self.state.check(&self.context()?, &Event::Justified(probe(Digest([0; 32]))))?;
        let blob = self.put_blob(reason.as_str().as_bytes()).await?;
        self.record(Event::Justified(probe(blob))).await
    }

    /// Narrows what would be granted. What is not named stays.
    pub async fn narrow(&mut self, request: RequestId, change: impl FnOnce(&mut Terms)) -> Result<Recorded> {
        let mut terms = self.state.exchange(&request)?.terms.clone();
        change(&mut terms);
        terms.scopes.sort_unstable();
        terms.scopes.dedup();
        terms.networks.sort_unstable();
        terms.networks.dedup();
        self.record(Event::Narrowed(Narrowed { request, terms })).await
    }

    /// Everything vetting finds in a request as it stands now.
    pub(crate) async fn findings(
        &self,
        request: RequestId,
    ) -> Result<Vec<countersign_documents::grant::Finding>> {
        let exchange = self.state.exchange(&request)?;
        let texts = self.textual(request).await?;
        let sponsor = self.me().is_ok_and(|me| me.person == exchange.sponsor);
        Ok(findings::all(&self.state, exchange, texts, sponsor)?)
    }

    /// Findings in names and addresses, against the names of the other partners.
    pub(crate) async fn textual(&self, request: RequestId) -> Result<Vec<(FindingCode, findings::Detail)>> {
        let exchange = self.state.exchange(&request)?;
        let document = self.request_document(request).await?;
        let applicant = &document.request.applicant;
        let others = self.other_names(&exchange.identity, &applicant.company).await;
        Ok(findings::textual(applicant, &others))
    }
}
