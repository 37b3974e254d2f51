//! One SQLite file, for one relay process. Here lives SQL; what may happen is said by the port above, and tested there.

mod connect;
mod mail;
mod members;
mod parcels;
mod schema;
mod sweep;
mod witness;
mod writer;

use std::path::Path;

use async_trait::async_trait;
use countersign_documents::{
    Digest, Head, Secret32, Time,
    id::{Cti, OrganisationId},
    relay::{Parcel, Waiting},
};
pub(super) use parcels::{outcome, state};
use sqlx::{SqlitePool, sqlite::SqliteRow};

use self::{
    connect::{Recipe, of},
    writer::Writer,
};
use super::{
    Acknowledged, Acquaintance, Allowance, Arrival, Claim, Fetched, Letter, Lock, Mailbox, Posted, Result,
    Share, Standing, Store, StoreError, Stored, StoredCard, Swept, TicketUse, Uploaded, Withdrawal, fixed,
    unsigned,
};

/// The file, open. One connection writes; what is acknowledged is on the disk.
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the file, or makes it, for this user alone. `fresh` becomes the key of the nonces where there is none yet.
    ///
    /// `Damaged` where the file is something else; `NotDurable` where this SQLite is too old or does not do as it is told.
    pub async fn open(path: &Path, fresh: Secret32) -> Result<Self> {
        let recipe = Recipe::for_file(path)?;
        let conn = recipe.writer(fresh.expose()).await?;
        let readers = recipe.readers();
        Ok(Self { writer: Writer::start(recipe, conn, fresh), readers })
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn is_shared(&self) -> bool {
        false
    }

    async fn ready(&self) -> Result<()> {
        self.writer.write(Nothing).await
    }

    async fn nonce_key(&self) -> Result<Secret32> {
        let found: Vec<u8> =
            sqlx::query_scalar("SELECT nonce_key FROM relay").fetch_one(&self.readers).await.map_err(of)?;
        fixed(found).map(Secret32::new)
    }

    async fn witness_seed(&self, fresh: Secret32) -> Result<Secret32> {
        self.writer.write(witness::Seed(fresh)).await
    }

    async fn head(&self, organisation: OrganisationId) -> Result<Option<Head>> {
        witness::head(&self.readers, organisation).await
    }

    async fn advance(&self, organisation: OrganisationId, known: Option<Head>, next: Head) -> Result<bool> {
        self.writer.write(witness::Advance { organisation, known, next }).await
    }

    async fn forget_head(&self, organisation: OrganisationId, known: Head) -> Result<bool> {
        self.writer.write(witness::Forget { organisation, known }).await
    }

    async fn acquaint(&self, acquaintance: Acquaintance) -> Result<()> {
        self.writer.write(witness::Acquaint(acquaintance)).await
    }

    async fn checkpoint_keys(&self, organisation: OrganisationId, now: Time) -> Result<Vec<[u8; 32]>> {
        witness::checkpoint_keys(&self.readers, organisation, now).await
    }

    async fn cards(&self) -> Result<Vec<StoredCard>> {
        members::cards(&self.readers).await
    }

    async fn card_versions(&self) -> Result<Vec<(OrganisationId, u64)>> {
        let found = sqlx::query("SELECT organisation, version FROM card").fetch_all(&self.readers).await;
        let version = |row: &SqliteRow| {
            let version = sqlx::Row::try_get(row, 1).map_err(of)?;
            Ok((OrganisationId(parcels::bytes(row, 0)?), unsigned(version)))
        };
        found.map_err(of)?.iter().map(version).collect()
    }

    async fn keep_card(&self, card: StoredCard) -> Result<bool> {
        self.writer.write(members::KeepCard(card)).await
    }

    async fn remove(&self, by: Standing, member: Digest, at: Time) -> Result<bool> {
        self.writer.write(members::Remove { by, member, at }).await
    }

    async fn is_removed(&self, standing: Standing) -> Result<bool> {
        members::is_removed(&self.readers, standing).await
    }

    async fn upload(&self, by: Standing, arrival: Arrival, share: Share, now: Time) -> Result<Uploaded> {
        self.writer.write(parcels::Upload { by, arrival, share, now }).await
    }

    async fn lock(&self, cti: Cti) -> Result<Option<Lock>> {
        parcels::lock(&self.readers, cti).await
    }

    async fn fetch(&self, claim: Claim, now: Time) -> Result<Option<Fetched>> {
        self.writer.write(parcels::Fetch { claim, now }).await
    }

    async fn acknowledge(&self, claim: Claim, letter: Letter, now: Time) -> Result<Acknowledged> {
        self.writer.write(parcels::Acknowledge { claim, letter, now }).await
    }

    async fn withdraw(&self, by: Standing, cti: Cti, now: Time) -> Result<Withdrawal> {
        self.writer.write(parcels::Withdraw { by, cti, now }).await
    }

    async fn parcels(&self, organisation: OrganisationId, now: Time) -> Result<Vec<Parcel>> {
        parcels::list(&self.readers, organisation, now).await
    }

    async fn post(
        &self,
        writer: Mailbox,
        ticket: Option<TicketUse>,
        letter: Letter,
        allowance: Allowance,
        now: Time,
    ) -> Result<Posted> {
        let organisation = Mailbox::of(writer.organisation);
        let Some(identity) = writer.identity else { return Ok(Posted::Unknown) };
        self.writer.write(mail::Post { organisation, identity, ticket, letter, allowance, now }).await
    }

    async fn dispatch(
        &self,
        by: Standing,
        to: Mailbox,
        letter: Letter,
        allowance: Allowance,
        now: Time,
    ) -> Result<Posted> {
        self.writer.write(mail::Dispatch { by, to, letter, allowance, now }).await
    }

    async fn done(&self, mailbox: Mailbox, numbers: Vec<u64>) -> Result<()> {
        self.writer.write(mail::Done { mailbox, numbers }).await
    }

    async fn letters(&self, mailbox: Mailbox, after: u64) -> Result<Vec<Waiting>> {
        mail::letters(&self.readers, mailbox, after).await
    }

    async fn sweep(&self, now: Time) -> Result<Swept> {
        let mut swept = Swept::default();
        loop {
            let step = self.writer.write(sweep::Sweep { now }).await?;
            swept.parcels += step.swept.parcels;
            swept.letters += step.swept.letters;
            swept.expired.extend(step.swept.expired);
            if !step.more {
                return Ok(swept);
            }
        }
    }

    async fn stored(&self) -> Result<Stored> {
        sweep::stored(&self.readers).await
    }
}

/// Asks whether the writer writes.
struct Nothing;

#[async_trait]
impl writer::Write for Nothing {
    type Answer = ();

    async fn apply(&self, _: &mut sqlx::SqliteConnection) -> std::result::Result<(), StoreError> {
        Ok(())
    }
}
