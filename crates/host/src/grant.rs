//! A grant in words, part by part: what is shown is read from exactly what is hashed.

use countersign_documents::grant::{Finding, Grant, Vetting};

/// Its scopes, and what each opens.
#[must_use]
pub fn scopes(grant: &Grant) -> Vec<String> {
    let scope = |s: &countersign_documents::catalogue::Scope| {
        let opens = s.endpoints.iter().map(|e| {
            let methods = e.methods.iter().map(|m| m.word()).collect::<Vec<_>>().join("/");
            format!("{methods} {}", e.path.as_str())
        });
        format!("{} ({}): {}", s.name, s.class, opens.collect::<Vec<_>>().join(", "))
    };
    grant.scopes.iter().map(scope).collect()
}

/// The networks it may be used from; none means anywhere.
#[must_use]
pub fn networks(grant: &Grant) -> Vec<String> {
    grant.networks.iter().map(|n| n.to_string()).collect()
}

/// What no issuer can enforce of it.
#[must_use]
pub fn unenforceable(grant: &Grant) -> Vec<String> {
    grant.unenforceable.iter().map(|l| l.to_string()).collect()
}

/// What was found, and what of it was justified.
#[must_use]
pub fn findings(vetting: &Vetting) -> Vec<String> {
    let line = |f: &Finding| {
        let detail = f.detail.as_ref().map(|d| format!(": {d}")).unwrap_or_default();
        let justified = if f.justified.is_some() { " (justified)" } else { "" };
        format!("{} {}{detail}{justified}", f.severity, f.code)
    };
    vetting.findings.iter().map(line).collect()
}
