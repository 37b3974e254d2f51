//! What a witness keeps: its key, the head it stored last of each log, and who signs checkpoints.

use countersign_documents::{Digest, Head, Secret32, Time, id::OrganisationId};
use sqlx::{PgPool, Row as _};

use super::{of, parcels::bytes};
use crate::store::{Acquaintance, Result, fixed, signed, unsigned};

pub(super) async fn seed(pool: &PgPool, fresh: &Secret32) -> Result<Secret32> {
    sqlx::query("INSERT INTO witness(one, seed) VALUES (1, $1) ON CONFLICT(one) DO NOTHING")
        .bind(fresh.expose().as_slice())
        .execute(pool)
        .await
        .map_err(of)?;
    // In a statement of its own: the first does not see what another relay just stored.
    let kept: Vec<u8> = sqlx::query_scalar("SELECT seed FROM witness").fetch_one(pool).await.map_err(of)?;
    fixed(kept).map(Secret32::new)
}

pub(super) async fn head(pool: &PgPool, organisation: OrganisationId) -> Result<Option<Head>> {
    let found = sqlx::query("SELECT size, root FROM head WHERE organisation = $1")
        .bind(organisation.0.as_slice())
        .fetch_optional(pool)
        .await
        .map_err(of)?;
    let Some(row) = found else { return Ok(None) };
    let size = unsigned(row.try_get(0).map_err(of)?);
    Ok(Some(Head { size, root: Digest(bytes(&row, 1)?) }))
}

/// One statement: whoever waited for another's change looks at what that left behind before it changes anything.
pub(super) async fn advance(
    pool: &PgPool,
    organisation: OrganisationId,
    known: Option<Head>,
    next: Head,
) -> Result<bool> {
    let statement = match known {
        None => sqlx::query(
            "INSERT INTO head(organisation, size, root) VALUES ($1, $2, $3) ON CONFLICT(organisation) DO NOTHING",
        ),
        Some(_) => sqlx::query(
            "UPDATE head SET size = $2, root = $3 WHERE organisation = $1 AND size = $4 AND root = $5",
        ),
    };
    let mut statement =
        statement.bind(organisation.0.as_slice()).bind(signed(next.size)).bind(next.root.0.as_slice());
    if let Some(known) = &known {
        statement = statement.bind(signed(known.size)).bind(known.root.0.as_slice());
    }
    let stored = statement.execute(pool).await.map_err(of)?;
    Ok(stored.rows_affected() == 1)
}

/// The trigger lets nobody take a head back: it is switched off for this one statement, in a transaction that holds the
/// table.
pub(super) async fn forget(pool: &PgPool, organisation: OrganisationId, known: Head) -> Result<bool> {
    let mut forgetting = pool.begin().await.map_err(of)?;
    sqlx::query("ALTER TABLE head DISABLE TRIGGER head_only_grows")
        .execute(&mut *forgetting)
        .await
        .map_err(of)?;
    let gone = sqlx::query("DELETE FROM head WHERE organisation = $1 AND size = $2 AND root = $3")
        .bind(organisation.0.as_slice())
        .bind(signed(known.size))
        .bind(known.root.0.as_slice())
        .execute(&mut *forgetting)
        .await
        .map_err(of)?;
    sqlx::query("ALTER TABLE head ENABLE TRIGGER head_only_grows")
        .execute(&mut *forgetting)
        .await
        .map_err(of)?;
    forgetting.commit().await.map_err(of)?;
    Ok(gone.rows_affected() == 1)
}

pub(super) async fn acquaint(pool: &PgPool, acquaintance: Acquaintance) -> Result<()> {
    sqlx::query(
        "INSERT INTO acquaintance(organisation, member, checkpoint, issued, expires) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT(organisation, member) DO UPDATE SET checkpoint = excluded.checkpoint, \
         issued = excluded.issued, expires = excluded.expires WHERE excluded.issued > acquaintance.issued",
    )
    .bind(acquaintance.standing.organisation.0.as_slice())
    .bind(acquaintance.standing.member.0.as_slice())
    .bind(acquaintance.checkpoint.as_slice())
    .bind(signed(acquaintance.standing.issued.0))
    .bind(signed(acquaintance.expires.0))
    .execute(pool)
    .await
    .map(drop)
    .map_err(of)
}

pub(super) async fn checkpoint_keys(
    pool: &PgPool,
    organisation: OrganisationId,
    now: Time,
) -> Result<Vec<[u8; 32]>> {
    let found = sqlx::query(
        "SELECT checkpoint FROM acquaintance AS a WHERE organisation = $1 AND expires > $2 AND NOT EXISTS \
         (SELECT 1 FROM removed AS r WHERE r.organisation = $1 AND r.member = a.member AND r.at >= a.issued)",
    )
    .bind(organisation.0.as_slice())
    .bind(signed(now.0))
    .fetch_all(pool)
    .await
    .map_err(of)?;
    found.iter().map(|row| bytes(row, 0)).collect()
}
