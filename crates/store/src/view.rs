//! Each desk's own projections, for lists, filters and search. Never authoritative: rebuilt from the log when lost.

use std::path::Path;

use async_trait::async_trait;
use countersign_documents::{Digest, Head, Time};
use countersign_ports::{LogError, View};

pub use countersign_ports::{Filter, Item, Order};
use sqlx::{Connection as _, QueryBuilder, Row as _, Sqlite, SqliteConnection, sqlite::SqliteRow};

use crate::{
    connect::{Durability, Link, Recipe, begin, commit, to_the_end},
    fault::definite,
    log::{signed, unsigned},
    place::{self, Writable},
    schema::{self, VIEW, number},
    search,
};

/// A view file.
///
/// It does not wait for the disk at every commit: a power loss takes the newest commits, items and place together, and
/// the log has them still. Needs a tokio runtime with time.
pub struct SqliteView {
    link: Link,
}

impl SqliteView {
    /// Opens the view; one that is missing, damaged, no database or of another version is made anew, empty.
    ///
    /// `Damaged` where the file is a sound database of another kind, such as a log: those are never deleted.
    pub async fn open(path: &Path) -> Result<Self, LogError> {
        let path = place::absolute(path)?;
        if path.symlink_metadata().is_ok() {
            let recipe = Recipe::new(&path, place::existing(&path)?, &VIEW, Durability::Normal);
            match sound(&recipe).await {
                Ok(conn) => return Ok(Self { link: Link::new(recipe, conn) }),
                Err(LogError::Damaged | LogError::Newer) if !is_foreign(&recipe).await => {
                    place::remove(&path)?
                }
                Err(error) => return Err(error),
            }
        }
        let draft = place::draft(&path)?;
        let made = match fill(&draft).await {
            Ok(()) => place::publish(&draft, &path),
            Err(error) => Err(error),
        };
        if let Err(error) = made {
            let _ = place::remove(&draft);
            // Unless another process of this desk was quicker: then there is a view.
            if path.symlink_metadata().is_err() {
                return Err(error);
            }
        }
        let recipe = Recipe::new(&path, Writable::Yes, &VIEW, Durability::Normal);
        let conn = recipe.connect().await?;
        Ok(Self { link: Link::new(recipe, conn) })
    }

    /// The place in the log it stands for; `None` before the first [`Self::replace`].
    pub async fn place(&self) -> Result<Option<Head>, LogError> {
        let mut held = self.link.hold().await?;
        let found = sqlx::query("SELECT size, root FROM place WHERE one = 1")
            .fetch_optional(&mut held.conn)
            .await
            .map_err(definite);
        held.settle(found).await?.as_ref().map(head).transpose()
    }

    /// Puts items in, takes the `removed` (kind, id) out, and moves to `place`: all or nothing.
    pub async fn replace(
        &self,
        place: &Head,
        upserts: &[Item],
        removed: &[(String, String)],
    ) -> Result<(), LogError> {
        let (link, place, upserts, removed) = (self.link.clone(), *place, upserts.to_vec(), removed.to_vec());
        to_the_end(async move {
            let mut held = link.hold().await?;
            let outcome = replace(&mut held.conn, place, &upserts, &removed).await;
            held.settle(outcome).await
        })
        .await
    }

    /// The items of a kind that a filter lets through.
    pub async fn list(&self, kind: &str, filter: &Filter) -> Result<Vec<Item>, LogError> {
        let mut query = QueryBuilder::new(LIST);
        page(&mut query, kind, filter)?;
        let mut held = self.link.hold().await?;
        let found = query.build().fetch_all(&mut held.conn).await.map_err(definite);
        held.settle(found).await?.iter().map(item).collect()
    }

    /// How many there are in all, whatever the filter's limit and offset.
    pub async fn count(&self, kind: &str, filter: &Filter) -> Result<u64, LogError> {
        let mut query = QueryBuilder::new("SELECT count(*)");
        narrow(&mut query, kind, filter)?;
        let mut held = self.link.hold().await?;
        let found = query.build_query_scalar::<i64>().fetch_one(&mut held.conn).await.map_err(definite);
        unsigned(held.settle(found).await?)
    }

    /// Forgets everything, the place too.
    pub async fn clear(&self) -> Result<(), LogError> {
        let link = self.link.clone();
        to_the_end(async move {
            let mut held = link.hold().await?;
            let outcome = clear(&mut held.conn).await;
            held.settle(outcome).await
        })
        .await
    }

    /// Closes the file and waits until SQLite has let go of it.
    pub async fn close(self) {
        self.link.close().await;
    }
}

/// A connection to a view that is sound throughout: it is small, and a damaged one costs nothing but a rebuild.
async fn sound(recipe: &Recipe) -> Result<SqliteConnection, LogError> {
    let mut conn = recipe.connect().await?;
    let verdict: String =
        sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut conn).await.map_err(definite)?;
    if verdict == "ok" {
        return Ok(conn);
    }
    // Closed before the file is removed: some systems do not remove what is open.
    let _ = conn.close().await;
    Err(LogError::Damaged)
}

/// Whether this is a readable database of somebody else, a log or a vault among them. A mistaken path must cost nobody
/// a database.
async fn is_foreign(recipe: &Recipe) -> bool {
    let Ok(mut conn) = recipe.connect_blank().await else { return false };
    let owner = number(&mut conn, "PRAGMA application_id").await;
    let objects = number(&mut conn, "SELECT count(*) FROM sqlite_schema").await;
    let _ = conn.close().await;
    owner.is_ok_and(|owner| owner != VIEW.application) && objects.is_ok_and(|objects| objects > 0)
}

async fn fill(draft: &Path) -> Result<(), LogError> {
    let recipe = Recipe::new(draft, Writable::Yes, &VIEW, Durability::Normal);
    let mut conn = recipe.connect_blank().await?;
    begin(&mut conn).await?;
    schema::found(&mut conn, &VIEW).await?;
    commit(&mut conn).await?;
    recipe.arm(&mut conn).await?;
    conn.close().await.map_err(definite)
}

async fn replace(
    conn: &mut SqliteConnection,
    place: Head,
    upserts: &[Item],
    removed: &[(String, String)],
) -> Result<(), LogError> {
    begin(conn).await?;
    for (kind, id) in removed {
        sqlx::query("DELETE FROM item WHERE kind = ?1 AND id = ?2")
            .bind(kind)
            .bind(id)
            .execute(&mut *conn)
            .await
            .map_err(definite)?;
    }
    for item in upserts {
        put(conn, item).await?;
    }
    sqlx::query("DELETE FROM place").execute(&mut *conn).await.map_err(definite)?;
    sqlx::query("INSERT INTO place(one, size, root) VALUES (1, ?1, ?2)")
        .bind(signed(place.size)?)
        .bind(place.root.0.as_slice())
        .execute(&mut *conn)
        .await
        .map_err(definite)?;
    commit(conn).await
}

/// Changes the item where it stands, so that it keeps its number, or adds it.
async fn put(conn: &mut SqliteConnection, item: &Item) -> Result<(), LogError> {
    const PUT: &str = "INSERT INTO item(kind, id, parent, state, due, search, body) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(kind, id) DO UPDATE SET \
                       parent = ?3, state = ?4, due = ?5, search = ?6, body = ?7";
    let due = item.due.map(|due| signed(due.0)).transpose()?;
    sqlx::query(PUT)
        .bind(&item.kind)
        .bind(&item.id)
        .bind(&item.parent)
        .bind(&item.state)
        .bind(due)
        .bind(&item.search)
        .bind(&item.body)
        .execute(conn)
        .await
        .map_err(definite)?;
    Ok(())
}

async fn clear(conn: &mut SqliteConnection) -> Result<(), LogError> {
    begin(conn).await?;
    sqlx::query("DELETE FROM item").execute(&mut *conn).await.map_err(definite)?;
    sqlx::query("DELETE FROM place").execute(&mut *conn).await.map_err(definite)?;
    commit(conn).await
}

const LIST: &str = "SELECT kind, id, parent, state, due, search, body";

/// One page of a list.
fn page(query: &mut QueryBuilder<Sqlite>, kind: &str, filter: &Filter) -> Result<(), LogError> {
    narrow(query, kind, filter)?;
    query.push(sql_of(filter.order));
    query.push(" LIMIT ").push_bind(i64::from(filter.limit));
    query.push(" OFFSET ").push_bind(i64::from(filter.offset));
    Ok(())
}

/// Constant pieces of SQL and bound values only.
fn narrow(query: &mut QueryBuilder<Sqlite>, kind: &str, filter: &Filter) -> Result<(), LogError> {
    query.push(" FROM item WHERE kind = ").push_bind(kind.to_owned());
    if let Some(state) = &filter.state {
        query.push(" AND state = ").push_bind(state.clone());
    }
    if let Some(parent) = &filter.parent {
        query.push(" AND parent = ").push_bind(parent.clone());
    }
    if let Some(due) = filter.due_before {
        query.push(" AND due < ").push_bind(signed(due.0)?);
    }
    for pattern in search::patterns(filter.text.as_deref().unwrap_or_default()) {
        query.push(" AND search LIKE ").push_bind(pattern).push(" ESCAPE '\\'");
    }
    Ok(())
}

fn head(row: &SqliteRow) -> Result<Head, LogError> {
    let root: Vec<u8> = row.try_get(1).map_err(definite)?;
    Ok(Head {
        size: unsigned(row.try_get(0).map_err(definite)?)?,
        root: root.try_into().map(Digest).map_err(|_| LogError::Damaged)?,
    })
}

fn item(row: &SqliteRow) -> Result<Item, LogError> {
    let due: Option<i64> = row.try_get(4).map_err(definite)?;
    Ok(Item {
        kind: row.try_get(0).map_err(definite)?,
        id: row.try_get(1).map_err(definite)?,
        parent: row.try_get(2).map_err(definite)?,
        state: row.try_get(3).map_err(definite)?,
        due: due.map(unsigned).transpose()?.map(Time),
        search: row.try_get(5).map_err(definite)?,
        body: row.try_get(6).map_err(definite)?,
    })
}

fn sql_of(order: Order) -> &'static str {
    match order {
        Order::Oldest => " ORDER BY number",
        Order::Newest => " ORDER BY number DESC",
        Order::Due => " ORDER BY due NULLS LAST, number",
        Order::Id => " ORDER BY id",
    }
}

#[async_trait]
impl View for SqliteView {
    async fn place(&self) -> Result<Option<Head>, LogError> {
        self.place().await
    }

    async fn replace(
        &self,
        place: &Head,
        upserts: &[Item],
        removed: &[(String, String)],
    ) -> Result<(), LogError> {
        self.replace(place, upserts, removed).await
    }

    async fn list(&self, kind: &str, filter: &Filter) -> Result<Vec<Item>, LogError> {
        self.list(kind, filter).await
    }

    async fn count(&self, kind: &str, filter: &Filter) -> Result<u64, LogError> {
        self.count(kind, filter).await
    }

    async fn clear(&self) -> Result<(), LogError> {
        self.clear().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How SQLite goes about a page of this list.
    async fn plan(conn: &mut SqliteConnection, filter: &Filter) -> String {
        let mut query = QueryBuilder::new(format!("EXPLAIN QUERY PLAN {LIST}"));
        page(&mut query, "key", filter).unwrap();
        let steps = query.build().fetch_all(conn).await.unwrap();
        steps.iter().map(|step| step.get::<String, _>("detail") + "; ").collect()
    }

    #[tokio::test]
    async fn a_page_of_a_long_list_is_never_sorted_out_of_the_whole() {
        let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        schema::found(&mut conn, &VIEW).await.unwrap();
        let all = Filter { limit: 1000, offset: 50_000, ..Filter::default() };
        let active = Filter { state: Some("active".to_owned()), ..all.clone() };
        let theirs = Filter { parent: Some("who".to_owned()), ..all.clone() };
        let orders = [Order::Oldest, Order::Newest, Order::Due, Order::Id];
        let whole = orders.map(|order| Filter { order, ..all.clone() });
        let parts = [active, theirs].map(|part| Filter { order: Order::Oldest, ..part });
        for filter in whole.iter().chain(&parts) {
            let plan = plan(&mut conn, filter).await;
            assert!(plan.contains("USING INDEX") && !plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
        }
    }
}
