//! Bringing a file of an older version forward, one version at a time.
//!
//! Each step is one transaction: whatever ends the process leaves the version before or the one after. Inside it the
//! step is judged before it counts: the objects are exactly the next version's, and every byte that must stay is there
//! and the same. Who comes second finds it done.

use countersign_documents::Digest;
use countersign_ports::LogError;
use sqlx::{Row as _, SqliteConnection};

use crate::{
    connect::{begin, commit, rollback},
    fault::definite,
    schema::{Known, Schema, holds, recognise},
};

/// Brings an armed connection's file to this version.
///
/// `Damaged` where a step would lose or change what must stay, or does not make the next version: then nothing is changed.
pub(crate) async fn bring_forward(conn: &mut SqliteConnection, schema: &Schema) -> Result<(), LogError> {
    loop {
        begin(conn).await?;
        // Another process may have been faster, to this version or beyond.
        let Known::Older(at) = recognise(conn, schema).await? else { return rollback(conn).await };
        let before = kept(conn, schema).await?;
        for statement in schema.older[at].steps {
            sqlx::query(*statement).execute(&mut *conn).await.map_err(definite)?;
        }
        sqlx::raw_sql(schema.older[at].stamp).execute(&mut *conn).await.map_err(definite)?;
        let objects = schema.older.get(at + 1).map_or(schema.objects, |next| next.objects);
        if !holds(conn, objects).await? || kept(conn, schema).await? != before {
            return Err(LogError::Damaged);
        }
        commit(conn).await?;
    }
}

/// A digest over everything that must stay, read in pages.
async fn kept(conn: &mut SqliteConnection, schema: &Schema) -> Result<Digest, LogError> {
    let mut all = Digest([0; 32]);
    for page in schema.kept {
        let mut from = 0;
        loop {
            let rows = sqlx::query(*page).bind(from).fetch_all(&mut *conn).await.map_err(definite)?;
            for row in &rows {
                let number: i64 = row.try_get(0).map_err(definite)?;
                let (first, second): (&[u8], &[u8]) =
                    (row.try_get(1).map_err(definite)?, row.try_get(2).map_err(definite)?);
                let lengths = [first.len() as u64, second.len() as u64].map(u64::to_be_bytes).concat();
                let parts = [all.0.as_slice(), &number.to_be_bytes(), &lengths, first, second];
                all = Digest::labelled("kept", &parts);
                from = number + 1;
            }
            if rows.is_empty() {
                break;
            }
        }
        all = Digest::labelled("page", &[&all.0]);
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
