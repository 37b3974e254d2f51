//! One PostgreSQL database, for as many relays as like to share it. Here lives SQL; what may happen is said by the port above,
//! and tested there.

mod mail;
mod members;
mod parcels;
mod schema;
mod sweep;
mod witness;

use std::time::Duration;

use async_trait::async_trait;
use countersign_documents::{
    Digest, Head, Secret32, Time,
    id::{Cti, OrganisationId},
    relay::{Parcel, Waiting},
};
use sqlx::{
    ConnectOptions as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    Acknowledged, Acquaintance, Allowance, Arrival, Claim, Fetched, Letter, Lock, Mailbox, Posted, Result,
    Share, Standing, Store, StoreError, Stored, StoredCard, Swept, TicketUse, Uploaded, Withdrawal, fixed,
};

/// Connections of one relay: PostgreSQL allows a hundred in all unless told otherwise.
const CONNECTIONS: u32 = 16;
/// How long a caller waits for one of them.
const DEADLINE: Duration = Duration::from_secs(5);

/// Of each connection. Commits wait for the disk; nothing waits for ever.
const SETTINGS: &str = "SET synchronous_commit = on; SET search_path = countersign_relay; \
                        SET default_transaction_isolation = 'read committed'; SET lock_timeout = '5s'; \
                        SET statement_timeout = '15s'; SET idle_in_transaction_session_timeout = '15s'";

/// Everything that durability rests on, asked for.
const DURABLE: &str = "SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' \
                       AND current_setting('synchronous_commit') IN ('on', 'remote_apply')";

/// The database, open.
pub struct PostgresStore {
    pool: PgPool,
}

impl PostgresStore {
    /// Connects, and founds the tables where there are none. `fresh` becomes the key of the nonces then.
    ///
    /// `Damaged` where the address is none, or the tables are not ours; `NotDurable` where the server does not wait for
    /// its disk.
    pub async fn open(url: &str, fresh: Secret32) -> Result<Self> {
        let options: PgConnectOptions = url.parse().map_err(|_: sqlx::Error| StoreError::Damaged)?;
        let options = options.disable_statement_logging().application_name("countersign-relay");
        let mut first = options.connect().await.map_err(of)?;
        sqlx::raw_sql(SETTINGS).execute(&mut first).await.map_err(of)?;
        if !is_durable(&mut first).await.map_err(of)? {
            return Err(StoreError::NotDurable);
        }
        schema::prepare(&mut first, fresh.expose()).await?;
        drop(first);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(DEADLINE)
            .after_connect(|conn, _| Box::pin(arm(conn)))
            .connect_lazy_with(options);
        Ok(Self { pool })
    }
}

/// A server that was started again with other settings is noticed as well.
async fn arm(conn: &mut PgConnection) -> std::result::Result<(), sqlx::Error> {
    sqlx::raw_sql(SETTINGS).execute(&mut *conn).await?;
    if is_durable(conn).await? { Ok(()) } else { Err(sqlx::Error::Configuration("not durable".into())) }
}

async fn is_durable(conn: &mut PgConnection) -> std::result::Result<bool, sqlx::Error> {
    sqlx::query_scalar(DURABLE).fetch_one(conn).await
}

/// What an error of the driver means (PostgreSQL, appendix A).
pub(super) fn of(error: sqlx::Error) -> StoreError {
    const DISK_FULL: &str = "53100";
    /// Syntax error or access rule violation: other tables than ours. But being refused a right is no damage.
    const NOT_OURS: &str = "42";
    const NO_RIGHT: &str = "42501";
    match error {
        sqlx::Error::Database(refused) => match refused.code().as_deref() {
            Some(DISK_FULL) => StoreError::Full,
            Some(NO_RIGHT) => StoreError::Unavailable,
            Some(code) if code.starts_with(NOT_OURS) => StoreError::Damaged,
            _ => StoreError::Unavailable,
        },
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => {
            StoreError::Damaged
        }
        _ => StoreError::Unavailable,
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn is_shared(&self) -> bool {
        true
    }

    async fn ready(&self) -> Result<()> {
        let mut conn = self.pool.acquire().await.map_err(of)?;
        if is_durable(&mut conn).await.map_err(of)? { Ok(()) } else { Err(StoreError::NotDurable) }
    }

    async fn nonce_key(&self) -> Result<Secret32> {
        let found: Vec<u8> =
            sqlx::query_scalar("SELECT nonce_key FROM relay").fetch_one(&self.pool).await.map_err(of)?;
        fixed(found).map(Secret32::new)
    }

    async fn witness_seed(&self, fresh: Secret32) -> Result<Secret32> {
        witness::seed(&self.pool, &fresh).await
    }

    async fn head(&self, organisation: OrganisationId) -> Result<Option<Head>> {
        witness::head(&self.pool, organisation).await
    }

    async fn advance(&self, organisation: OrganisationId, known: Option<Head>, next: Head) -> Result<bool> {
        witness::advance(&self.pool, organisation, known, next).await
    }

    async fn forget_head(&self, organisation: OrganisationId, known: Head) -> Result<bool> {
        witness::forget(&self.pool, organisation, known).await
    }

    async fn acquaint(&self, acquaintance: Acquaintance) -> Result<()> {
        witness::acquaint(&self.pool, acquaintance).await
    }

    async fn checkpoint_keys(&self, organisation: OrganisationId, now: Time) -> Result<Vec<[u8; 32]>> {
        witness::checkpoint_keys(&self.pool, organisation, now).await
    }

    async fn cards(&self) -> Result<Vec<StoredCard>> {
        members::cards(&self.pool).await
    }

    async fn card_versions(&self) -> Result<Vec<(OrganisationId, u64)>> {
        members::versions(&self.pool).await
    }

    async fn keep_card(&self, card: StoredCard) -> Result<bool> {
        members::keep_card(&self.pool, &card).await
    }

    async fn remove(&self, by: Standing, member: Digest, at: Time) -> Result<bool> {
        members::remove(&self.pool, by, member, at).await
    }

    async fn is_removed(&self, standing: Standing) -> Result<bool> {
        members::is_removed(&self.pool, standing).await
    }

    async fn upload(&self, by: Standing, arrival: Arrival, share: Share, now: Time) -> Result<Uploaded> {
        parcels::upload(&self.pool, by, &arrival, share, now).await
    }

    async fn lock(&self, cti: Cti) -> Result<Option<Lock>> {
        parcels::lock(&self.pool, cti).await
    }

    async fn fetch(&self, claim: Claim, now: Time) -> Result<Option<Fetched>> {
        parcels::fetch(&self.pool, claim, now).await
    }

    async fn acknowledge(&self, claim: Claim, letter: Letter, now: Time) -> Result<Acknowledged> {
        parcels::acknowledge(&self.pool, claim, &letter, now).await
    }

    async fn withdraw(&self, by: Standing, cti: Cti, now: Time) -> Result<Withdrawal> {
        parcels::withdraw(&self.pool, by, cti, now).await
    }

    async fn parcels(&self, organisation: OrganisationId, now: Time) -> Result<Vec<Parcel>> {
        parcels::list(&self.pool, organisation, now).await
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
        mail::Post { organisation, identity, ticket, letter, allowance, now }.run(&self.pool).await
    }

    async fn dispatch(
        &self,
        by: Standing,
        to: Mailbox,
        letter: Letter,
        allowance: Allowance,
        now: Time,
    ) -> Result<Posted> {
        mail::dispatch(&self.pool, by, &to, &letter, allowance, now).await
    }

    async fn done(&self, mailbox: Mailbox, numbers: Vec<u64>) -> Result<()> {
        mail::done(&self.pool, &mailbox, &numbers).await
    }

    async fn letters(&self, mailbox: Mailbox, after: u64) -> Result<Vec<Waiting>> {
        mail::letters(&self.pool, &mailbox, after).await
    }

    async fn sweep(&self, now: Time) -> Result<Swept> {
        sweep::sweep(&self.pool, now).await
    }

    async fn stored(&self) -> Result<Stored> {
        sweep::stored(&self.pool).await
    }
}
