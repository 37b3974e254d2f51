//! One request in full, as text: what is asked beside what would be granted, and what brings it on.

use countersign_app::desk::Calls;
use countersign_contract::RequestDetail;

use crate::output::{fields, short, table, time};

pub(crate) fn detail_text(detail: &RequestDetail, calls: &Calls) -> String {
    let s = &detail.summary;
    let mut out = vec![
        format!("Request {}   {}   waits for {}", s.id, s.state, s.waits_for),
        pairs(&detail.applicant),
        pairs(&detail.purpose),
    ];
    if !detail.answers.is_empty() {
        out.push(pairs(&detail.answers));
    }
    out.push(access(detail));
    out.extend(judged(detail, calls));
    out.push(history(&detail.history));
    if let Some(grant) = &detail.grant {
        out.push(format!("Grant {grant}"));
    }
    let next = next_steps(detail, calls);
    if !next.is_empty() {
        out.push(format!("NEXT\n{}", next.join("\n")));
    }
    if let Some(anew) = &detail.anew {
        out.push(anew.message.clone());
    }
    if let Some(refusal) = &detail.refusal {
        out.push(format!("You cannot go on with it: {}", refusal.message));
    }
    out.join("\n\n")
}

fn pairs(list: &[(String, String)]) -> String {
    let rows: Vec<(&str, String)> = list.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    fields(&rows)
}

/// A table, also where nothing stands in it yet.
fn rows(list: impl Iterator<Item = Vec<String>>, heads: &[&str]) -> String {
    match list.collect::<Vec<_>>().as_slice() {
        [] => format!("{}\n(none yet)", heads.first().unwrap_or(&"")),
        list => table(heads, list),
    }
}

/// What would be granted, and what was asked where that is something else.
fn access(detail: &RequestDetail) -> String {
    let s = &detail.summary;
    let both = |asked: String, granted: String| {
        if asked == granted { asked } else { format!("{granted}   (asked: {asked})") }
    };
    let networks = |list: &[String]| if list.is_empty() { "(anywhere)".to_owned() } else { list.join(", ") };
    fields(&[
        ("Service", format!("{} / {}", s.service, s.environment)),
        ("Scopes", both(s.scopes.join(" "), detail.granted_scopes.join(" "))),
        ("Networks", both(networks(&detail.networks), networks(&detail.granted_networks))),
        ("Days", both(s.days.to_string(), detail.granted_days.to_string())),
        ("Cannot be enforced", detail.unenforceable.join("\n")),
    ])
}

/// Findings, checks, comparisons of the fingerprint, signatures.
fn judged(detail: &RequestDetail, calls: &Calls) -> [String; 4] {
    let finding = |f: &countersign_contract::FindingView| {
        let justified = if f.justified { "justified" } else { "" };
        vec![f.severity.clone(), f.code.clone(), f.detail.clone().unwrap_or_default(), justified.to_owned()]
    };
    let check = |c: &countersign_contract::CheckView| {
        let state = match c.passed {
            Some(true) => "passed",
            Some(false) => "failed",
            None => "not answered",
        };
        let files = c.files.iter().map(|f| format!("{} ({} bytes, {})", f.name, f.bytes, short(&f.digest)));
        let evidence: Vec<String> = c.notes.iter().cloned().chain(files).collect();
        vec![c.check.clone(), state.to_owned(), c.by.clone().unwrap_or_default(), evidence.join("\n")]
    };
    let call = |c: &countersign_contract::IdentityCheckView| {
        let how = if c.attended { "" } else { "unattended" };
        vec![c.by.clone(), time(c.time), c.channel.clone(), c.source.clone(), how.to_owned()]
    };
    let seal = |c: &countersign_contract::SignatureView| vec![c.step.clone(), c.name.clone(), time(c.time)];
    let compared = format!("FINGERPRINT COMPARED BY ({} of {} persons)", calls.persons, calls.needed);
    let seals = format!("SIGNATURES ({} needed)", detail.quorum);
    [
        rows(detail.findings.iter().map(finding), &["FINDING", "", "", ""]),
        rows(detail.checks.iter().map(check), &["CHECK", "", "", ""]),
        rows(detail.identity_checks.iter().map(call), &[&compared, "", "", "", ""]),
        rows(detail.signatures.iter().map(seal), &[&seals, "", ""]),
    ]
}

fn history(entries: &[countersign_contract::HistoryView]) -> String {
    let happened = |h: &countersign_contract::HistoryView| {
        let passed = h.passed.map(|passed| if passed { "passed" } else { "failed" }.to_owned());
        let said = [h.subject.clone(), passed, h.text.clone()].into_iter().flatten().collect::<Vec<_>>();
        vec![time(h.time), h.by.clone(), h.event.clone(), said.join(" · ")]
    };
    rows(entries.iter().map(happened), &["HISTORY", "", "", ""])
}

/// The commands that bring a request on, for whoever looks at it and may give them; and whose turn it is otherwise.
fn next_steps(detail: &RequestDetail, calls: &Calls) -> Vec<String> {
    let id = short(&detail.summary.id);
    let mut next = Vec::new();
    let mine = detail.refusal.is_none();
    match detail.summary.state.as_str() {
        "received" => {
            if mine {
                next.extend(answers(detail, &id));
            }
            next.extend(call(calls, &id));
            // Without every call the signature would be refused.
            if mine && (!calls.missing() || (calls.mine && calls.persons + 1 >= calls.needed)) {
                next.push(format!("countersign request vet {id}"));
            }
        }
        "vetted" if mine => next.push(format!("countersign request countersign {id}")),
        "countersigned" if mine => next.push(format!("countersign key issue {id}")),
        _ => {}
    }
    next.iter().map(|command| format!("  {command}")).collect()
}

fn answers(detail: &RequestDetail, id: &str) -> Vec<String> {
    let open = detail.checks.iter().filter(|c| c.passed != Some(true));
    let blocking = detail.findings.iter().filter(|f| f.severity == "blocking" && !f.justified);
    let answer = |check: &countersign_contract::CheckView| {
        format!("countersign request answer {id} {} --note \"what you found\"", check.check)
    };
    let justify = |finding: &countersign_contract::FindingView| {
        format!("countersign request justify {id} {} --reason \"why it is acceptable\"", finding.code)
    };
    open.map(answer).chain(blocking.map(justify)).collect()
}

/// Whose call is missing: this person's, as a command; then another one's, by name.
fn call(calls: &Calls, id: &str) -> Vec<String> {
    let command =
        format!("countersign identity check {id} --channel phone --source \"where the number is from\"");
    let after_mine = calls.persons + u64::from(calls.mine);
    let mut lines = Vec::new();
    if calls.mine {
        lines.push(command.clone());
    }
    if after_mine < calls.needed {
        let who =
            if calls.others.is_empty() { "nobody here may".to_owned() } else { calls.others.join(" or ") };
        lines.push(format!("A call by another person is missing: {who}. At their desk:"));
        lines.push(format!("  {command}"));
    }
    lines
}
