//! Members whose acts count no more.

use countersign_documents::{certificate::Right, relay::Removal};

use crate::{
    acts::parts,
    refusal::Refusal,
    relay::{Answer, Relay},
};

/// `POST /v1/removal`
pub(crate) async fn removal(relay: &Relay, body: &[u8]) -> Result<Answer, Refusal> {
    let [document] = parts(body)?;
    let now = relay.now();
    let member = relay.by_member::<Removal>(document, now).await?;
    member.demand(Right::Admin)?;
    // When the nonce was made, and not now: done twice it is the same, and ends no certificate that came in between.
    let at = relay.check_moment(&member.act.moment, now)?.min(now);
    let counted = relay.store.remove(member.by, member.act.member, at).await?;
    if counted { Ok(Answer::Done) } else { Err(Refusal::NotAllowed) }
}
