//! One event: whether it may happen, and what it changes.

use crate::{
    event::Event,
    refusal::Refusal,
    state::{Context, ExchangeState, KeyState, State},
};

impl State {
    /// Whether the event may happen here, by this signer, now. Changes nothing.
    pub fn check(&self, ctx: &Context, event: &Event) -> Result<(), Refusal> {
        if !matches!(event, Event::Founded(_)) {
            self.actor(&ctx.signer)?;
        }
        match event {
            Event::Founded(e) => self.check_founded(ctx, e),
            Event::Proposed(e) => self.check_proposed(ctx, e),
            Event::Confirmed(e) => self.check_confirmed(ctx, e),
            Event::Dropped(e) => self.check_dropped(ctx, e),
            Event::Suspended(e) => self.check_suspended(ctx, e),
            Event::Tightened(e) => self.check_tightened(ctx, e),
            Event::IssuerStopped(e) => self.check_issuer_stopped(ctx, e),
            Event::SharedKeys(e) => self.check_shared(ctx, e),
            Event::Rekeyed(e) => self.check_rekeyed(ctx, e),
            Event::Received(e) => self.check_received(ctx, e),
            Event::TakenBack(e) => self.check_taken_back(ctx, e),
            Event::IdentityChecked(e) => self.check_identity(ctx, &e.identity, &e.check),
            Event::IdentityMismatch(e) => self.check_identity(ctx, &e.identity, &e.check),
            Event::Answered(e) => self.check_answered(ctx, e),
            Event::Justified(e) => self.check_justified(ctx, e),
            Event::Narrowed(e) => self.check_narrowed(ctx, e),
            Event::Replied(e) => self.check_replied(ctx, e),
            Event::Vetted(e) => self.check_vetted(ctx, e),
            Event::Countersigned(e) => self.check_countersigned(ctx, e),
            Event::Intended(e) => self.check_intended(ctx, e),
            Event::Issued(e) => self.check_issued(ctx, e),
            Event::Abandoned(e) => self.check_abandoned(ctx, e),
            Event::HandedOver(e) => self.check_handed_over(ctx, e),
            Event::Fetched(e) => self.check_fetched(ctx, e),
            Event::Withdrawn(e) => self.check_withdrawn(ctx, e),
            Event::Acknowledged(e) => self.check_acknowledged(ctx, e),
            Event::Activated(e) => self.check_activated(ctx, e),
            Event::Ordered(e) => self.check_ordered(ctx, e),
            Event::Stopped(e) => self.check_stopped(ctx, e),
            Event::StopFailed(e) => self.check_stop_failed(ctx, e),
            Event::Imported(e) => self.check_imported(ctx, e),
            Event::Erased(e) => self.check_erased(ctx, e),
            Event::LeakReported(e) => self.check_leak_reported(ctx, e),
            Event::CertifierOffered(e) => self.check_offered(ctx, e),
            Event::RootProposed(e) => self.check_root_proposed(ctx, e),
            Event::RootSigned(e) => self.check_root_signed(ctx, e),
            Event::RootDropped(e) => self.check_root_dropped(ctx, e),
            Event::Succeeded(e) => self.check_succeeded(ctx, e),
            Event::Objected(e) => self.check_objected(ctx, e),
            Event::MemberChecked(e) => self.check_member_checked(ctx, e),
            Event::WitnessAccepted(e) => self.check_witness_accepted(ctx, e),
        }
    }

    /// Lets an event happen. Refuses exactly what `check` refuses, and then changes nothing.
    pub fn fold(&mut self, ctx: &Context, event: &Event) -> Result<(), Refusal> {
        self.check(ctx, event)?;
        match event {
            Event::Founded(e) => self.fold_founded(e)?,
            Event::Proposed(e) => self.fold_proposed(ctx, e),
            Event::Confirmed(e) => self.fold_confirmed(e)?,
            Event::Dropped(e) => drop(self.pending.remove(&e.id)),
            Event::Suspended(e) => self.fold_suspended(e),
            Event::Tightened(e) => self.policy = Some(e.policy.clone()),
            Event::IssuerStopped(e) => self.fold_issuer_stopped(e),
            Event::SharedKeys(e) => self.fold_wraps(&e.wraps),
            Event::Rekeyed(e) => self.fold_keyring(e),
            Event::Received(e) => self.fold_received(ctx, e),
            Event::TakenBack(e) => self.close(&e.request, ExchangeState::Withdrawn),
            Event::IdentityChecked(e) => self.fold_identity(&e.identity, &e.check, true),
            Event::IdentityMismatch(e) => self.fold_identity(&e.identity, &e.check, false),
            Event::Answered(e) => self.fold_answered(e),
            Event::Justified(e) => self.fold_justified(e),
            Event::Narrowed(e) => self.fold_narrowed(e),
            Event::Replied(e) => self.fold_replied(e),
            Event::Vetted(e) => self.fold_vetted(ctx, e),
            Event::Countersigned(e) => self.fold_countersigned(ctx, e),
            Event::Intended(e) => self.fold_intended(ctx, e),
            Event::Issued(e) => self.fold_issued(e),
            Event::Abandoned(e) => self.set_key(&e.key, |k| k.state = KeyState::Abandoned),
            Event::HandedOver(e) => self.fold_handed_over(ctx, e),
            Event::Fetched(e) => self.fold_fetched(e),
            Event::Withdrawn(e) => self.fold_withdrawn(e),
            Event::Acknowledged(e) => self.fold_acknowledged(e),
            Event::Activated(e) => self.set_key(&e.key, |k| k.state = KeyState::Active),
            Event::Ordered(e) => self.fold_ordered(ctx, e)?,
            Event::Stopped(e) => self.fold_stopped(ctx, e),
            Event::StopFailed(e) => self.fold_stop_failed(e),
            Event::Imported(e) => self.fold_imported(ctx, e),
            Event::Erased(e) => self.fold_erased(ctx, e),
            Event::LeakReported(e) => self.fold_leak_reported(ctx, e),
            Event::CertifierOffered(e) => self.fold_offered(ctx, e),
            Event::RootProposed(e) => self.fold_root_proposed(ctx, e)?,
            Event::RootSigned(e) => self.fold_root_signed(&e.signatures)?,
            Event::RootDropped(_) => self.drop_next_root(),
            Event::Succeeded(e) => self.fold_succeeded(e)?,
            Event::Objected(e) => self.fold_objected(ctx, e),
            Event::MemberChecked(e) => self.fold_member_checked(e),
            Event::WitnessAccepted(e) => self.fold_witness_accepted(ctx, e),
        }
        if matches!(event, Event::Founded(_) | Event::Rekeyed(_)) {
            self.rekeyed = Some(ctx.time);
        }
        self.remember(ctx, event);
        self.latest = self.latest.max(Some(ctx.time));
        Ok(())
    }
}
