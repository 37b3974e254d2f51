//! Shared keys: exactly the ones that are due, to exactly the members who may hold them.

use countersign_documents::certificate::Right;

use crate::{
    event::{Keyring, KeysShared, Shared, Wrap},
    refusal::Refusal,
    state::{Context, Member, State},
};

impl State {
    /// Who may hold shared keys decides who may read: any member may pass on what it holds, to members only.
    /// An auditor holds less than others need, and changes nothing.
    pub(crate) fn check_shared(&self, ctx: &Context, event: &KeysShared) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Vet, Right::Approve, Right::Issue, Right::Admin])?;
        let Some(first) = event.wraps.first() else { return Err(Refusal::BadKeyring) };
        let member = self.members.get(&first.member).filter(|m| !m.suspended).ok_or(Refusal::NoSuchMember)?;
        check_wraps(&event.wraps, self.epoch, &[member], true)
    }

    pub(crate) fn fold_wraps(&mut self, wraps: &[Wrap]) {
        for wrap in wraps {
            let known = self.wraps.entry(wrap.member).or_default();
            known.retain(|w| (w.shared, w.generation) != (wrap.shared, wrap.generation));
            known.push(wrap.clone());
        }
    }

    pub(crate) fn check_rekeyed(&self, ctx: &Context, event: &Keyring) -> Result<(), Refusal> {
        self.actor_with(ctx, &[Right::Admin])?;
        let next =
            event.epoch == self.epoch + 1 && event.before.is_some() && Some(event.look_up) == self.look_up;
        let fresh = !self.receiving.values().any(|k| *k == event.receiving)
            && !self.ledger_keys.values().any(|k| *k == event.ledger);
        if !next || !fresh {
            return Err(Refusal::BadKeyring);
        }
        // The look-up key stays, so nobody needs it anew.
        check_wraps(&event.wraps, event.epoch, &self.active().collect::<Vec<_>>(), false)
    }

    pub(crate) fn fold_keyring(&mut self, keyring: &Keyring) {
        self.epoch = keyring.epoch;
        self.ledger_keys.insert(keyring.epoch, keyring.ledger);
        self.receiving.insert(keyring.epoch, keyring.receiving);
        if let Some(before) = &keyring.before {
            self.older_keys.insert(keyring.epoch, before.clone());
        }
        self.fold_wraps(&keyring.wraps);
    }
}

/// Which shared keys a member needs: everybody reads the ledger; auditors get nothing else.
pub fn due(member: &Member, with_look_up: bool) -> Vec<Shared> {
    let mut due = vec![Shared::Ledger];
    if member.rights.as_slice() != [Right::Audit] {
        if with_look_up {
            due.push(Shared::LookUp);
        }
        due.push(Shared::Receiving);
    }
    due
}

/// Exactly the keys that are due, to exactly these members.
pub(super) fn check_wraps(
    wraps: &[Wrap],
    epoch: u64,
    members: &[&Member],
    with_look_up: bool,
) -> Result<(), Refusal> {
    let mut wanted = Vec::new();
    for member in members {
        for shared in due(member, with_look_up) {
            wanted.push((member.id, shared, if shared == Shared::LookUp { 1 } else { epoch }));
        }
    }
    let mut given: Vec<_> = wraps.iter().map(|w| (w.member, w.shared, w.generation)).collect();
    wanted.sort_unstable();
    given.sort_unstable();
    if wanted == given { Ok(()) } else { Err(Refusal::BadKeyring) }
}
