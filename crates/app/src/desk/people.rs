//! Fingerprint checks: the partner reads, the member types, the program compares.

use countersign_documents::{
    Flag,
    fingerprint::{Fingerprint, Typed},
    grant::{Channel, IdentityCheck},
    id::RequestId,
    text::Line,
};
use countersign_domain::{
    Event,
    event::{IdentityChecked, IdentityMismatch},
};

use super::{Desk, Recorded};
use crate::error::{Error, Result};

/// What a member heard, and how.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// What was typed.
    pub typed: &'a str,
    /// Over which channel.
    pub channel: Channel,
    /// Where the number called came from: never from the request.
    pub source: &'a str,
    /// Whether a person typed it at a terminal or window.
    pub attended: bool,
}

impl Desk {
    /// Compares the fingerprint of the identity behind a request. A complete one that differs is put on the record and
    /// blocks every signature until it was compared again.
    pub async fn check_identity(&mut self, request: RequestId, heard: Heard<'_>) -> Result<Recorded> {
        let identity = self.state.exchange(&request)?.identity;
        let source = Line::parse(heard.source).map_err(Error::text("source"))?;
        let person = self.me()?.person;
        let verdict = Fingerprint::of(&identity).compare(heard.typed);
        let op_id = self.make_op()?;
        let check = |time| IdentityCheck {
            person,
            time,
            channel: heard.channel,
            source: source.clone(),
            attended: Flag(heard.attended),
        };
        match verdict {
            Typed::Incomplete => Err(Error::FingerprintIncomplete),
            Typed::Same => {
                self.record_with(op_id, &mut |_, ctx| {
                    Ok(Event::IdentityChecked(IdentityChecked { identity, check: check(ctx.time) }))
                })
                .await
            }
            Typed::Different => {
                let mismatch =
                    |time| Event::IdentityMismatch(IdentityMismatch { identity, check: check(time) });
                self.record_with(op_id, &mut |_, ctx| Ok(mismatch(ctx.time))).await?;
                Err(Error::FingerprintDiffers)
            }
        }
    }
}
