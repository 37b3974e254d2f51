//! A request: in a list, and in full with all that vetting needs.

use serde::{Deserialize, Serialize};

use crate::Failure;

views! {
    /// A request in a list.
    RequestView {
        /// Its id.
        id: String,
        /// The company, unless erased.
        company: String,
        /// The person, unless erased.
        contact: String,
        /// Service and environment.
        service: String,
        /// Environment.
        environment: String,
        /// Scopes that are asked.
        scopes: Vec<String>,
        /// Days that are asked.
        days: u64,
        /// How far it is.
        state: String,
        /// When it came.
        received: u64,
        /// What it waits for, in one sentence.
        waits_for: String,
        /// Keys made under it.
        keys: Vec<String>,
        /// Since when it waits for what it waits for.
        #[serde(default)]
        since: u64,
        /// When somebody should have acted; none where nobody here has to.
        #[serde(default)]
        due: Option<u64>,
        /// Whether this desk can give what it waits for.
        #[serde(default)]
        mine: bool,
        /// Whether this revision was never shown on this desk.
        #[serde(default)]
        unread: bool,
        /// Findings that nobody may sign over until they are justified.
        #[serde(default)]
        blocked: Vec<String>,
    }
    /// One finding.
    FindingView {
        /// What.
        code: String,
        /// How bad.
        severity: String,
        /// What exactly.
        detail: Option<String>,
        /// Whether somebody wrote down why it is acceptable.
        justified: bool,
    }
    /// One check.
    CheckView {
        /// Which.
        check: String,
        /// Whether it was answered and passed.
        passed: Option<bool>,
        /// Who answered it.
        by: Option<String>,
        /// What they wrote.
        notes: Vec<String>,
        /// The files they laid beside it.
        files: Vec<EvidenceFileView>,
        /// How much of the evidence was erased on the record.
        erased: usize,
    }
    /// A file that stands behind an answer.
    EvidenceFileView {
        /// Digest by which it is asked for.
        digest: String,
        /// Its name where it came from.
        name: String,
        /// Its size.
        bytes: u64,
    }
    /// One entry about a request.
    HistoryView {
        /// When.
        time: u64,
        /// Who.
        by: String,
        /// What happened, one word.
        event: String,
        /// Which revision, check, finding or reason; of a narrowing, its days.
        subject: Option<String>,
        /// What was written.
        text: Option<String>,
        /// Whether a check was passed.
        passed: Option<bool>,
    }
    /// One fingerprint comparison.
    IdentityCheckView {
        /// Who typed.
        by: String,
        /// When.
        time: u64,
        /// Over which channel.
        channel: String,
        /// Where the number came from.
        source: String,
        /// Whether a person typed.
        attended: bool,
    }
    /// One signature.
    SignatureView {
        /// Who.
        name: String,
        /// The person.
        person: String,
        /// `vetted` or `countersigned`.
        step: String,
        /// When.
        time: u64,
    }
    /// A request in full: what is asked beside what would be granted.
    RequestDetail {
        /// As in the list.
        summary: RequestView,
        /// Who asks: name, value.
        applicant: Vec<(String, String)>,
        /// Why and how: name, value.
        purpose: Vec<(String, String)>,
        /// Answers to the organisation's questions.
        answers: Vec<(String, String)>,
        /// Networks that are asked.
        networks: Vec<String>,
        /// Scopes that would be granted.
        granted_scopes: Vec<String>,
        /// Networks that would be granted.
        granted_networks: Vec<String>,
        /// Days that would be granted.
        granted_days: u64,
        /// What the issuer cannot enforce.
        unenforceable: Vec<String>,
        /// Findings.
        findings: Vec<FindingView>,
        /// Checks.
        checks: Vec<CheckView>,
        /// Fingerprint comparisons.
        identity_checks: Vec<IdentityCheckView>,
        /// How many people must compare it.
        calls_needed: u64,
        /// How many have, so that it counts: two calls of one person are one.
        callers: u64,
        /// Whether the one who looks can call next.
        call_mine: bool,
        /// Others who can call next, by name; empty where no further call is needed.
        call_others: Vec<String>,
        /// Signatures.
        signatures: Vec<SignatureView>,
        /// How many are needed.
        quorum: u64,
        /// Digest of the grant that was signed.
        grant: Option<String>,
        /// What became of it so far, oldest first.
        history: Vec<HistoryView>,
        /// Why this desk could not sign now, if it could not.
        refusal: Option<Failure>,
        /// What still stands against the next signature, where this desk may give it and something can be done about that.
        not_yet: Option<Failure>,
        /// Why what was signed leads to no key any more, if so: it has to be vetted anew.
        anew: Option<Failure>,
    }
}
