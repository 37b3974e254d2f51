//! Whatever was interrupted, taken up again: stops, receipts that wait, keys that were about to be made.

use countersign_app::desk::{Desk, SwitchedOn};
use countersign_documents::{id::KeyId, text::visible};
use serde_json::json;

use super::key::stop_text;
use crate::{
    failure::Failure,
    output::{Done, short},
    prompt,
    session::Session,
};

pub(crate) async fn run(s: &Session) -> Result<Done, Failure> {
    let _lock = s.lock_issuing()?;
    // Orders come first: a ledger that cannot be opened keeps no key alive.
    let mut desk = s.desk_to_stop().await?;
    let stops = desk.retry_stops(&mut prompt::watch()).await?;
    if let Err(cut_off) = desk.catch_up().await {
        prompt::say(&visible(&stop_text(&desk.stop_views(&stops).await)));
        return Err(cut_off.into());
    }
    let may_issue = desk.me()?.may(countersign_documents::certificate::Right::Issue);
    let SwitchedOn { active, failed } =
        if may_issue { desk.activate_opened().await? } else { SwitchedOn::default() };
    desk.tidy_outbox().await?;
    let stops = desk.stop_views(&stops).await;
    let me = desk.me()?.id;
    let open: Vec<KeyId> = desk
        .state()
        .keys
        .values()
        .filter(|k| k.state == countersign_domain::KeyState::Intended && k.maker == Some(me))
        .map(|k| k.id)
        .collect();
    let mut lines = vec![format!("{} keys switched on, {} stops tried again.", active.len(), stops.len())];
    let (mut made, mut unfinished) = (Vec::new(), Vec::new());
    for key in open {
        match complete(&mut desk, key).await {
            Ok(said) => {
                lines.push(said);
                made.push(key);
            }
            Err(why) => {
                lines.push(why);
                unfinished.push(key);
            }
        }
    }
    // All the rest comes first: one issuer that does not answer keeps nothing else back.
    if let Some(why) = failed {
        prompt::say(&visible(&lines.join("\n")));
        return Err(why.into());
    }
    let json = json!({ "activated": active, "stops": stops, "made": made, "unfinished": unfinished });
    Ok(Done::said(lines.join("\n"), json))
}

/// Makes a key that was about to be made; or says why it was not, and what there is to do.
async fn complete(desk: &mut Desk, key: KeyId) -> Result<String, String> {
    let id = short(&key.to_string());
    let request = desk.state().keys.get(&key).and_then(|k| k.request);
    let Some(request) = request else { return Err(format!("Key {id} belongs to no request.")) };
    match desk.issue(request, None).await {
        Ok(made) => Ok(format!(
            "Key {id} is made now, entry {}. 'key deliver {id}' hands it over.",
            made.recorded.seq
        )),
        // Its bytes are with a member, not here.
        Err(countersign_app::Error::Issuer(countersign_ports::IssuerError::NeedsKey)) => Err(format!(
            "Key {id} waits for its bytes: 'key issue {} --key-file FILE', or 'key abandon {id}'.",
            short(&request.to_string())
        )),
        Err(why) => Err(format!(
            "Key {id} is still to be made. {why} 'key finish' tries again; 'key abandon {id}' gives it up."
        )),
    }
}
