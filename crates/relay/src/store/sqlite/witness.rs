//! What a witness keeps: its key, the head it stored last of each log, and who signs checkpoints.

use async_trait::async_trait;
use countersign_documents::{Digest, Head, Secret32, Time, id::OrganisationId};
use sqlx::{Row as _, SqliteConnection, SqliteExecutor};

use super::{connect::of, parcels::bytes, writer::Write};
use crate::store::{Acquaintance, Result, fixed, signed, unsigned};

pub(super) struct Seed(pub(super) Secret32);

#[async_trait]
impl Write for Seed {
    type Answer = Secret32;

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<Secret32> {
        sqlx::query("INSERT INTO witness(one, seed) VALUES (1, ?1) ON CONFLICT(one) DO NOTHING")
            .bind(self.0.expose().as_slice())
            .execute(&mut *conn)
            .await
            .map_err(of)?;
        let kept: Vec<u8> =
            sqlx::query_scalar("SELECT seed FROM witness").fetch_one(conn).await.map_err(of)?;
        fixed(kept).map(Secret32::new)
    }
}

pub(super) async fn head(
    conn: impl SqliteExecutor<'_>,
    organisation: OrganisationId,
) -> Result<Option<Head>> {
    let found = sqlx::query("SELECT size, root FROM head WHERE organisation = ?1")
        .bind(organisation.0.as_slice())
        .fetch_optional(conn)
        .await
        .map_err(of)?;
    let Some(row) = found else { return Ok(None) };
    let size = unsigned(row.try_get(0).map_err(of)?);
    Ok(Some(Head { size, root: Digest(bytes(&row, 1)?) }))
}

pub(super) struct Advance {
    pub(super) organisation: OrganisationId,
    pub(super) known: Option<Head>,
    pub(super) next: Head,
}

#[async_trait]
impl Write for Advance {
    type Answer = bool;

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<bool> {
        let statement = match &self.known {
            None => sqlx::query(
                "INSERT INTO head(organisation, size, root) VALUES (?1, ?2, ?3) \
                 ON CONFLICT(organisation) DO NOTHING",
            ),
            Some(_) => sqlx::query(
                "UPDATE head SET size = ?2, root = ?3 WHERE organisation = ?1 AND size = ?4 AND root = ?5",
            ),
        };
        let mut statement = statement
            .bind(self.organisation.0.as_slice())
            .bind(signed(self.next.size))
            .bind(self.next.root.0.as_slice());
        if let Some(known) = &self.known {
            statement = statement.bind(signed(known.size)).bind(known.root.0.as_slice());
        }
        let stored = statement.execute(conn).await.map_err(of)?;
        Ok(stored.rows_affected() == 1)
    }
}

pub(super) struct Forget {
    pub(super) organisation: OrganisationId,
    pub(super) known: Head,
}

#[async_trait]
impl Write for Forget {
    type Answer = bool;

    /// The triggers let nobody take a head back. A replacing insert fires none: the one statement that is meant to.
    async fn apply(&self, conn: &mut SqliteConnection) -> Result<bool> {
        if head(&mut *conn, self.organisation).await? != Some(self.known) {
            return Ok(false);
        }
        let stored = sqlx::query("INSERT OR REPLACE INTO head(organisation, size, root) VALUES (?1, 0, ?2)")
            .bind(self.organisation.0.as_slice())
            .bind(Digest::of(b"").0.as_slice())
            .execute(conn)
            .await
            .map_err(of)?;
        Ok(stored.rows_affected() == 1)
    }
}

pub(super) struct Acquaint(pub(super) Acquaintance);

#[async_trait]
impl Write for Acquaint {
    type Answer = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<()> {
        sqlx::query(
            "INSERT INTO acquaintance(organisation, member, checkpoint, issued, expires) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT(organisation, member) DO UPDATE SET checkpoint = excluded.checkpoint, \
             issued = excluded.issued, expires = excluded.expires WHERE excluded.issued > issued",
        )
        .bind(self.0.standing.organisation.0.as_slice())
        .bind(self.0.standing.member.0.as_slice())
        .bind(self.0.checkpoint.as_slice())
        .bind(signed(self.0.standing.issued.0))
        .bind(signed(self.0.expires.0))
        .execute(conn)
        .await
        .map(drop)
        .map_err(of)
    }
}

pub(super) async fn checkpoint_keys(
    conn: impl SqliteExecutor<'_>,
    organisation: OrganisationId,
    now: Time,
) -> Result<Vec<[u8; 32]>> {
    let found = sqlx::query(
        "SELECT checkpoint FROM acquaintance AS a WHERE organisation = ?1 AND expires > ?2 AND NOT EXISTS \
         (SELECT 1 FROM removed AS r WHERE r.organisation = ?1 AND r.member = a.member AND r.at >= a.issued)",
    )
    .bind(organisation.0.as_slice())
    .bind(signed(now.0))
    .fetch_all(conn)
    .await
    .map_err(of)?;
    found.iter().map(|row| bytes(row, 0)).collect()
}
