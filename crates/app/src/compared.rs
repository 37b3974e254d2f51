//! Fingerprints that members heard of each other: typed, compared, and put on the record as soon as there is a record and
//! a member to put it there.
//!
//! A founder types before there is a ledger, a joiner before this desk may write to it. What was heard is kept in the
//! profile until then, so that a crash in between loses nothing of it.

use countersign_documents::{
    Digest, Flag, Time, decode, encode,
    fingerprint::{Fingerprint, Typed},
    grant::{Channel, IdentityCheck},
    id::PersonId,
    record,
    text::Line,
};
use countersign_domain::{Event, event::MemberChecked};
use countersign_ports::{Table, Write};

use crate::{
    desk::{Desk, Heard, Recorded},
    error::{Error, Result},
};

/// How the rows begin of what is not on the record yet.
const ROWS: &str = "comparison/";

record! {
    /// A fingerprint that was heard, typed, and was the same.
    pub struct Comparison {
        /// Thumbprint of the identity; for the organisation the digest of the root that its fingerprint is of.
        1 => identity: Digest,
        /// When.
        2 => time: Time,
        /// How.
        3 => channel: Channel,
        /// Where the number called came from.
        4 => source: Line,
        /// Whether it was typed at a terminal or window, not by a program.
        5 => attended: Flag,
    }
}

impl Heard<'_> {
    /// Compares what was typed with this identity.
    pub(crate) fn compare(&self, identity: Digest, time: Time) -> Result<Comparison> {
        match Fingerprint::of(&identity).compare(self.typed) {
            Typed::Same => {}
            Typed::Different => return Err(Error::FingerprintDiffers),
            Typed::Incomplete => return Err(Error::FingerprintIncomplete),
        }
        let source = Line::parse(self.source).map_err(Error::text("source"))?;
        Ok(Comparison { identity, time, channel: self.channel, source, attended: Flag(self.attended) })
    }
}

impl Comparison {
    /// Where it lies until it is on the record.
    pub(crate) fn row_of(identity: &Digest) -> String {
        format!("{ROWS}{identity}")
    }

    /// Its row, and what stands there.
    pub(crate) fn kept(&self) -> (String, Vec<u8>) {
        (Self::row_of(&self.identity), encode(self))
    }

    fn event(&self, person: PersonId, now: Time) -> Event {
        let check = IdentityCheck {
            person,
            // The clock may have been put back since.
            time: self.time.min(now),
            channel: self.channel,
            source: self.source.clone(),
            attended: self.attended,
        };
        Event::MemberChecked(MemberChecked { identity: self.identity, check })
    }
}

impl Desk {
    /// Puts a comparison on the record.
    pub(crate) async fn record_comparison(&mut self, comparison: &Comparison) -> Result<Recorded> {
        let op_id = self.make_op()?;
        self.record_with(op_id, &mut |desk, ctx| Ok(comparison.event(desk.me()?.person, ctx.time))).await
    }

    /// Puts on the record what was heard before it could stand there. What this desk may not say yet stays.
    pub async fn settle_comparisons(&mut self) -> Result<()> {
        let vault = self.ports.vault.clone();
        for row in vault.ids(Table::Pins).await? {
            if !row.starts_with(ROWS) {
                continue;
            }
            let Some(bytes) = vault.get(Table::Pins, &row).await? else { continue };
            let comparison: Comparison = decode(&bytes).map_err(|_| Error::BadSnapshot)?;
            let Ok(person) = self.me().map(|me| me.person) else { return Ok(()) };
            let known = self.state.comparisons(&comparison.identity);
            if !known.iter().any(|check| check.person == person && check.time == comparison.time) {
                let ctx = self.context()?;
                if self.state.check(&ctx, &comparison.event(person, ctx.time)).is_err() {
                    continue;
                }
                self.record_comparison(&comparison).await?;
            }
            vault.write(&[Write::Remove(Table::Pins, &row)]).await?;
        }
        Ok(())
    }

    /// Whether this profile has heard the organisation, on the record or on the way to it.
    pub(crate) async fn heard_organisation(&self) -> Result<bool> {
        let pinned = self.state.trust()?.pinned;
        if self.ports.vault.get(Table::Pins, &Comparison::row_of(&pinned)).await?.is_some() {
            return Ok(true);
        }
        let Ok(me) = self.me() else { return Ok(false) };
        Ok(self.state.comparisons(&pinned).iter().any(|check| check.person == me.person))
    }
}
