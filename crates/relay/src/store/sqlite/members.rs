//! Cards, and members whose acts count no more.

use async_trait::async_trait;
use countersign_documents::{Digest, Time, id::OrganisationId};
use sqlx::{Row as _, SqliteConnection, SqliteExecutor};

use super::{connect::of, parcels::bytes, writer::Write};
use crate::store::{Result, Standing, StoredCard, signed, unsigned};

pub(super) async fn cards(conn: impl SqliteExecutor<'_>) -> Result<Vec<StoredCard>> {
    let found = sqlx::query("SELECT organisation, version, document FROM card ORDER BY organisation")
        .fetch_all(conn)
        .await
        .map_err(of)?;
    let card = |row: &sqlx::sqlite::SqliteRow| {
        Ok(StoredCard {
            organisation: OrganisationId(bytes(row, 0)?),
            version: unsigned(row.try_get(1).map_err(of)?),
            document: row.try_get(2).map_err(of)?,
        })
    };
    found.iter().map(card).collect()
}

pub(super) struct KeepCard(pub(super) StoredCard);

#[async_trait]
impl Write for KeepCard {
    type Answer = bool;

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<bool> {
        let kept = sqlx::query(
            "INSERT INTO card(organisation, version, document) VALUES (?1, ?2, ?3) ON CONFLICT(organisation) \
             DO UPDATE SET version = excluded.version, document = excluded.document WHERE excluded.version > version",
        )
        .bind(self.0.organisation.0.as_slice())
        .bind(signed(self.0.version))
        .bind(self.0.document.as_slice())
        .execute(conn)
        .await
        .map_err(of)?;
        Ok(kept.rows_affected() == 1)
    }
}

pub(super) struct Remove {
    pub(super) by: Standing,
    pub(super) member: Digest,
    pub(super) at: Time,
}

#[async_trait]
impl Write for Remove {
    type Answer = bool;

    async fn apply(&self, conn: &mut SqliteConnection) -> Result<bool> {
        if is_removed(&mut *conn, self.by).await? {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO removed(organisation, member, at) VALUES (?1, ?2, ?3) \
             ON CONFLICT(organisation, member) DO UPDATE SET at = max(at, excluded.at)",
        )
        .bind(self.by.organisation.0.as_slice())
        .bind(self.member.0.as_slice())
        .bind(signed(self.at.0))
        .execute(conn)
        .await
        .map_err(of)?;
        Ok(true)
    }
}

pub(super) async fn is_removed(conn: impl SqliteExecutor<'_>, standing: Standing) -> Result<bool> {
    let removed: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM removed WHERE organisation = ?1 AND member = ?2 AND at >= ?3")
            .bind(standing.organisation.0.as_slice())
            .bind(standing.member.0.as_slice())
            .bind(signed(standing.issued.0))
            .fetch_optional(conn)
            .await
            .map_err(of)?;
    Ok(removed.is_some())
}
