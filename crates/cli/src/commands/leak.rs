//! Leaks: whose key is this, and what partners reported.

use std::path::Path;

use countersign_app::desk::Selection;
use countersign_contract::{KeyView, LeakView};
use countersign_documents::{
    id::KeyId,
    order::{Act, Reason},
    text::visible,
};
use countersign_host::files;
use serde_json::json;

use super::key::{all_stopped, stop_text};
use crate::{
    failure::Failure,
    output::{Done, fields, short, time},
    prompt,
    session::Session,
};

/// What partners reported.
pub(crate) async fn leak_reports(s: &Session) -> Result<Done, Failure> {
    let views = s.desk().await?.leak_reports().await?;
    let one = |v: &countersign_contract::LeakReportView| {
        let key = |k: &KeyView| {
            let state = k.stop.clone().unwrap_or_else(|| k.state.clone());
            format!("{} for {} / {}: {state}", short(&k.id), k.service, k.environment)
        };
        fields(&[
            ("Reported", time(v.sent)),
            ("By", v.holder.clone()),
            ("Keys", v.keys.iter().map(key).collect::<Vec<_>>().join("\n")),
            ("They write", v.text.clone()),
            ("Recorded", format!("{} by {}", time(v.recorded), v.by)),
        ])
    };
    let text = views.iter().map(one).collect::<Vec<_>>().join("\n\n");
    Ok(Done::new(&views, if text.is_empty() { "Nobody has reported a leak.".to_owned() } else { text }))
}

pub(crate) async fn find_leaks(s: &Session, file: &Path, revoke: bool) -> Result<Done, Failure> {
    let text = files::read(file, files::LARGE)?;
    let mut desk = s.desk_to_stop().await?;
    let leaks = desk.find_leaks(&text).await?;
    let views = desk.leak_views(&leaks).await;
    let mut out = vec![leak_text(&views)];
    let mut stopped = Vec::new();
    if revoke && !leaks.is_empty() {
        let ids: Vec<KeyId> = leaks.iter().map(|l| l.key.id).collect();
        let keys: Vec<KeyId> =
            desk.select(&Selection::Keys(ids), Act::Revoke)?.iter().map(|k| k.id).collect();
        let outcomes = desk.stop(&keys, Act::Revoke, Reason::Leaked, &mut prompt::watch()).await?;
        stopped = desk.stop_views(&outcomes).await;
        if stopped.iter().any(|v| v.state == "failed") {
            prompt::say(&visible(&out.join("\n\n")));
        }
        all_stopped(&stopped)?;
        out.push(stop_text(&stopped));
    }
    Ok(Done::said(out.join("\n\n"), json!({ "leaks": views, "stopped": stopped })))
}

fn leak_text(views: &[LeakView]) -> String {
    if views.is_empty() {
        return "No key that is on the record stands in this text.".to_owned();
    }
    let one = |leak: &LeakView| {
        let siblings = leak
            .siblings
            .iter()
            .map(|k| format!("{} {} / {}", short(&k.id), k.service, k.environment))
            .collect::<Vec<_>>();
        fields(&[
            ("Line", leak.line.to_string()),
            ("Holder", leak.key.holder.clone()),
            ("Key", leak.key.id.clone()),
            ("Service", format!("{} / {}", leak.key.service, leak.key.environment)),
            ("State", leak.key.stop.clone().unwrap_or_else(|| leak.key.state.clone())),
            (
                "Holds as well",
                if siblings.is_empty() { "(nothing else)".to_owned() } else { siblings.join("\n") },
            ),
            ("Stop it", format!("countersign key revoke --key {} --reason leaked", short(&leak.key.id))),
        ])
    };
    views.iter().map(one).collect::<Vec<_>>().join("\n\n")
}
