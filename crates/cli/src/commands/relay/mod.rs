//! What comes and goes through the relay, on both sides.

mod check;
mod desk;
mod inbox;
mod waiting;

use countersign_app::ProfileKind;

use crate::{args::Relay, failure::Failure, output::Done, session::Session};

pub(crate) async fn run(s: &Session, verb: Relay) -> Result<Done, Failure> {
    match (verb, s.kind().await?) {
        (Relay::Sync { wait, follow }, ProfileKind::Desk) => {
            waiting::sync(s.json, s.desk().await?, wait, follow).await
        }
        (Relay::Sync { wait, follow }, ProfileKind::Inbox) => {
            let inbox = s.inbox().await?;
            inbox::check_relay(&inbox).await?;
            waiting::sync(s.json, inbox, wait, follow).await
        }
        (Relay::Witness { accept }, _) => desk::witness(&mut s.desk().await?, accept.as_deref()).await,
        (Relay::Check { url }, _) => check::run(&s.desk().await?, url).await,
        (Relay::Status, ProfileKind::Desk) => desk::status(&s.desk().await?).await,
        (Relay::Status, ProfileKind::Inbox) => inbox::status(&s.inbox().await?).await,
    }
}
