//! Cards, and members whose acts count no more.

use countersign_documents::{Digest, Time, id::OrganisationId};
use sqlx::{PgExecutor, PgPool, Row as _, postgres::PgRow};

use super::{of, parcels::bytes};
use crate::store::{Result, Standing, StoredCard, signed, unsigned};

pub(super) async fn cards(pool: &PgPool) -> Result<Vec<StoredCard>> {
    let found = sqlx::query("SELECT organisation, version, document FROM card ORDER BY organisation")
        .fetch_all(pool)
        .await
        .map_err(of)?;
    let card = |row: &PgRow| {
        Ok(StoredCard {
            organisation: OrganisationId(bytes(row, 0)?),
            version: unsigned(row.try_get(1).map_err(of)?),
            document: row.try_get(2).map_err(of)?,
        })
    };
    found.iter().map(card).collect()
}

pub(super) async fn versions(pool: &PgPool) -> Result<Vec<(OrganisationId, u64)>> {
    let found = sqlx::query("SELECT organisation, version FROM card").fetch_all(pool).await.map_err(of)?;
    let version = |row: &PgRow| Ok((OrganisationId(bytes(row, 0)?), unsigned(row.try_get(1).map_err(of)?)));
    found.iter().map(version).collect()
}

pub(super) async fn keep_card(pool: &PgPool, card: &StoredCard) -> Result<bool> {
    let kept = sqlx::query(
        "INSERT INTO card(organisation, version, document) VALUES ($1, $2, $3) ON CONFLICT(organisation) \
         DO UPDATE SET version = excluded.version, document = excluded.document WHERE excluded.version > card.version",
    )
    .bind(card.organisation.0.as_slice())
    .bind(signed(card.version))
    .bind(card.document.as_slice())
    .execute(pool)
    .await
    .map_err(of)?;
    Ok(kept.rows_affected() == 1)
}

pub(super) async fn remove(pool: &PgPool, by: Standing, member: Digest, at: Time) -> Result<bool> {
    let removed = sqlx::query(
        "INSERT INTO removed(organisation, member, at) SELECT $1, $2, $3 \
         WHERE NOT EXISTS (SELECT 1 FROM removed WHERE organisation = $1 AND member = $4 AND at >= $5) \
         ON CONFLICT(organisation, member) DO UPDATE SET at = greatest(removed.at, excluded.at)",
    )
    .bind(by.organisation.0.as_slice())
    .bind(member.0.as_slice())
    .bind(signed(at.0))
    .bind(by.member.0.as_slice())
    .bind(signed(by.issued.0))
    .execute(pool)
    .await
    .map_err(of)?;
    Ok(removed.rows_affected() == 1)
}

pub(super) async fn is_removed(conn: impl PgExecutor<'_>, standing: Standing) -> Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM removed WHERE organisation = $1 AND member = $2 AND at >= $3)",
    )
    .bind(standing.organisation.0.as_slice())
    .bind(standing.member.0.as_slice())
    .bind(signed(standing.issued.0))
    .fetch_one(conn)
    .await
    .map_err(of)
}
