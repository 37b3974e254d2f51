//! What one admin may do alone: take away.

use std::collections::BTreeSet;

use countersign_documents::{
    certificate::{Certificate, Right},
    decode,
    id::MemberId,
};

use super::changes::in_order;
use crate::{
    event::{Admission, Change, IssuerStopped, Suspended, Tightened},
    refusal::Refusal,
    state::{Context, State},
};

impl State {
    pub(crate) fn check_suspended(&self, ctx: &Context, event: &Suspended) -> Result<(), Refusal> {
        let admin = self.actor_with(ctx, &[Right::Admin])?;
        if event.member == admin.id {
            return Err(Refusal::NotYourself);
        }
        self.check_suspendable(event)?;
        // Nothing could be signed by two any more, and nobody left could undo it.
        if self.leaves_too_few(event.member) { Err(Refusal::TooFewAdmins) } else { Ok(()) }
    }

    pub(super) fn check_suspendable(&self, event: &Suspended) -> Result<(), Refusal> {
        let member = self.members.get(&event.member).ok_or(Refusal::NoSuchMember)?;
        if member.suspended { Err(Refusal::AlreadyThere) } else { Ok(()) }
    }

    /// Whether fewer than two persons could administer without this member, and more can with it.
    fn leaves_too_few(&self, without: MemberId) -> bool {
        let admins = |left_out: Option<MemberId>| {
            let able = self.active().filter(|m| m.may(Right::Admin) && Some(m.id) != left_out);
            able.map(|m| m.person).collect::<BTreeSet<_>>().len()
        };
        let after = admins(Some(without));
        after < 2 && after < admins(None)
    }

    pub(crate) fn fold_suspended(&mut self, event: &Suspended) {
        if let Some(member) = self.members.get_mut(&event.member) {
            member.suspended = true;
        }
        // An admission that was half signed before would undo it with one more signature.
        let of = |a: &Admission| {
            decode::<Certificate>(&a.certificate.0).map(|c| c.subject.member) == Ok(event.member)
        };
        self.pending.retain(|_, p| !matches!(&p.proposed.change, Change::Admission(a) if of(a)));
        // Neither does a root that this person signed, or that would name this person, come about behind it.
        self.offers.retain(|_, offer| offer.member != event.member);
        self.drop_next_root();
    }

    pub(crate) fn check_tightened(&self, ctx: &Context, event: &Tightened) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        let before = self.policy();
        event.policy.check().map_err(|_| Refusal::BadChange)?;
        in_order(event.policy.version, before.version)?;
        if event.policy.only_tightens(&before) { Ok(()) } else { Err(Refusal::NotTighter) }
    }

    pub(crate) fn check_issuer_stopped(&self, ctx: &Context, event: &IssuerStopped) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        match self.issuers.get(&event.issuer) {
            None => Err(Refusal::UnknownIssuer),
            Some(issuer) if issuer.stopped => Err(Refusal::AlreadyThere),
            Some(_) => Ok(()),
        }
    }

    pub(crate) fn fold_issuer_stopped(&mut self, event: &IssuerStopped) {
        if let Some(issuer) = self.issuers.get_mut(&event.issuer) {
            issuer.stopped = true;
        }
        // Terms that were half signed before would start it again with one more signature.
        self.pending.retain(|_, p| !matches!(&p.proposed.change, Change::Issuer(t) if t.id == event.issuer));
    }
}
