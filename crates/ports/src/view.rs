//! A desk's own projections, for lists, filters and search. Never authoritative.

use async_trait::async_trait;
use countersign_documents::{Head, Time};

use crate::LogError;

/// One thing a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is: `request`, `key`, `partner` …
    pub kind: String,
    /// Its id, unique in its kind.
    pub id: String,
    /// The id of what it belongs to.
    pub parent: Option<String>,
    /// The state to filter by.
    pub state: String,
    /// When it needs somebody.
    pub due: Option<Time>,
    /// What a search looks in, in lower case.
    pub search: String,
    /// What the list shows: a JSON text, refused as `Damaged` if it is none.
    pub body: String,
}

/// Which items, and in which order. The default is the first hundred of all, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<String>,
    /// Only of this parent.
    pub parent: Option<String>,
    /// Only where every word occurs, whatever its case.
    pub text: Option<String>,
    /// Only due, and earlier than this.
    pub due_before: Option<Time>,
    /// How many at most.
    pub limit: u32,
    /// How many to leave out first.
    pub offset: u32,
    /// In which order.
    pub order: Order,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            state: None,
            parent: None,
            text: None,
            due_before: None,
            limit: 100,
            offset: 0,
            order: Order::Oldest,
        }
    }
}

/// The order of a list. Each is total, so that pages neither repeat nor skip an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As they came.
    #[default]
    Oldest,
    /// The last that came first.
    Newest,
    /// What is due first; what is never due last.
    Due,
    /// By id.
    Id,
}

/// The file of projections. Lost or damaged, it is made anew from the log.
#[async_trait]
pub trait View: Send + Sync {
    /// Which log the items stand for; `None` in an empty view.
    async fn place(&self) -> Result<Option<Head>, LogError>;
    /// Puts items in and takes others out, and moves to `place`, all or nothing.
    async fn replace(
        &self,
        place: &Head,
        upserts: &[Item],
        removed: &[(String, String)],
    ) -> Result<(), LogError>;
    /// Items of a kind.
    async fn list(&self, kind: &str, filter: &Filter) -> Result<Vec<Item>, LogError>;
    /// How many there are.
    async fn count(&self, kind: &str, filter: &Filter) -> Result<u64, LogError>;
    /// Empties it.
    async fn clear(&self) -> Result<(), LogError>;
}
