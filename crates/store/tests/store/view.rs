//! The view: lists, search, pages, and rebuilding.

use std::fs;

use countersign_documents::{Digest, Head, Time};
use countersign_ports::{Log, LogError};
use countersign_store::{Filter, Item, Order, SqliteLog, SqliteView};

use crate::{Ground, fresh, meddle};

fn item(id: &str, state: &str, due: Option<u64>, search: &str) -> Item {
    Item {
        kind: "request".into(),
        id: id.into(),
        parent: Some(format!("partner of {state}")),
        state: state.into(),
        due: due.map(Time),
        search: search.into(),
        body: format!("{{\"id\":\"{id}\"}}"),
    }
}

fn head(size: u64) -> Head {
    Head { size, root: Digest::of(&size.to_be_bytes()) }
}

async fn ids(view: &SqliteView, filter: &Filter) -> Vec<String> {
    let found = view.list("request", filter).await.unwrap();
    let count = view.count("request", filter).await.unwrap();
    assert!(count >= found.len() as u64, "a count covers every page");
    found.into_iter().map(|item| item.id).collect()
}

async fn filled(ground: &Ground) -> SqliteView {
    let view = SqliteView::open(&ground.path()).await.unwrap();
    let items = [
        item("c", "open", Some(30), "acme read 100% of orders"),
        item("a", "open", None, "acme write a_b"),
        item("b", "done", Some(10), "umbrella read 1000 axb \\"),
        Item { kind: "key".into(), ..item("a", "open", Some(1), "acme") },
    ];
    view.replace(&head(4), &items, &[]).await.unwrap();
    view
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_paged() {
    let ground = Ground::new();
    let view = filled(&ground).await;
    let all = Filter::default();
    assert_eq!(ids(&view, &all).await, ["c", "a", "b"], "as they came; other kinds are not in it");
    let order = |order| Filter { order, ..all.clone() };
    assert_eq!(ids(&view, &order(Order::Newest)).await, ["b", "a", "c"], "newest first");
    assert_eq!(ids(&view, &order(Order::Due)).await, ["b", "c", "a"], "what is never due comes last");
    assert_eq!(ids(&view, &order(Order::Id)).await, ["a", "b", "c"], "by id");
    let open = Filter { state: Some("open".into()), ..all.clone() };
    assert_eq!(ids(&view, &open).await, ["c", "a"], "by state");
    let parent = Filter { parent: Some("partner of done".into()), ..all.clone() };
    assert_eq!(ids(&view, &parent).await, ["b"], "by parent");
    let due = |before| Filter { due_before: Some(Time(before)), ..all.clone() };
    assert_eq!(ids(&view, &due(30)).await, ["b"], "earlier than, not at");
    assert_eq!(ids(&view, &due(31)).await, ["c", "b"], "never due is not overdue");
    let page = Filter { limit: 1, offset: 1, ..all.clone() };
    assert_eq!(ids(&view, &page).await, ["a"], "one page");
    assert_eq!(view.count("request", &page).await.unwrap(), 3, "of three");
    let found = view.list("request", &due(30)).await.unwrap();
    assert_eq!(found, [item("b", "done", Some(10), "umbrella read 1000 axb \\")], "an item comes back whole");
}

#[tokio::test]
async fn a_search_finds_words_and_takes_wildcards_for_letters() {
    let ground = Ground::new();
    let view = filled(&ground).await;
    let search = |text: &str| Filter { text: Some(text.into()), ..Filter::default() };
    assert_eq!(ids(&view, &search("ACME")).await, ["c", "a"], "whatever the case");
    assert_eq!(ids(&view, &search("read acme")).await, ["c"], "every word, in any order");
    assert_eq!(ids(&view, &search("100%")).await, ["c"], "a percent sign is one");
    assert_eq!(ids(&view, &search("a_b")).await, ["a"], "an underscore is one");
    assert_eq!(ids(&view, &search("\\")).await, ["b"], "a backslash is one");
    assert_eq!(ids(&view, &search("' OR 1=1 --")).await, [""; 0], "a quote is one");
    assert_eq!(ids(&view, &search("  ")).await.len(), 3, "no word is no filter");
}

#[tokio::test]
async fn items_and_place_change_together_or_not_at_all() {
    let ground = Ground::new();
    let view = SqliteView::open(&ground.path()).await.unwrap();
    assert_eq!(view.place().await.unwrap(), None, "an empty view stands for nothing");
    view.close().await;
    let view = filled(&ground).await;
    assert_eq!(view.place().await.unwrap(), Some(head(4)), "it knows its place");
    let changed = [item("c", "done", None, "changed"), item("d", "open", None, "new")];
    view.replace(&head(6), &changed, &[("request".into(), "b".into())]).await.unwrap();
    assert_eq!(ids(&view, &Filter::default()).await, ["c", "a", "d"], "changed in place, added, removed");
    assert_eq!(view.place().await.unwrap(), Some(head(6)), "and moved on");
    let bad = [item("e", "open", None, ""), Item { body: "{not json".into(), ..item("f", "open", None, "") }];
    let outcome = view.replace(&head(7), &bad, &[("request".into(), "a".into())]).await;
    assert!(matches!(outcome, Err(LogError::Damaged)), "a body that is no JSON is refused: {outcome:?}");
    assert_eq!(ids(&view, &Filter::default()).await, ["c", "a", "d"], "and nothing of the batch is done");
    assert_eq!(view.place().await.unwrap(), Some(head(6)), "nor the place moved");
    view.close().await;
    let view = SqliteView::open(&ground.path()).await.unwrap();
    assert_eq!(ids(&view, &Filter::default()).await, ["c", "a", "d"], "all of it is there on opening again");
    view.clear().await.unwrap();
    assert_eq!(
        (view.place().await.unwrap(), ids(&view, &Filter::default()).await),
        (None, vec![]),
        "until cleared"
    );
}

#[tokio::test]
async fn a_view_that_is_garbage_damaged_altered_or_of_another_version_is_made_anew() {
    let ground = Ground::new();
    for garbage in [Vec::new(), b"garbage".to_vec(), vec![0xa5; 9000]] {
        fs::write(ground.path(), garbage).unwrap();
        let view = filled(&ground).await;
        assert_eq!(view.place().await.unwrap(), Some(head(4)), "garbage is replaced by a working view");
        view.close().await;
    }
    for sql in ["PRAGMA user_version = 9", "CREATE VIEW planted AS SELECT 1", "DROP INDEX item_by_due"] {
        filled(&ground).await.close().await;
        meddle(&ground.path(), sql).await;
        let view = SqliteView::open(&ground.path()).await.unwrap();
        assert_eq!(view.place().await.unwrap(), None, "{sql}: made anew, empty");
        view.close().await;
    }
    filled(&ground).await.close().await;
    let mut bytes = fs::read(ground.path()).unwrap();
    let page = 4096;
    assert!(bytes.len() > 3 * page, "a table's page follows the first");
    bytes[page..].fill(0x99);
    fs::write(ground.path(), bytes).unwrap();
    let view = SqliteView::open(&ground.path()).await.unwrap();
    assert_eq!(view.place().await.unwrap(), None, "pages that make no sense: made anew, empty");
    let left: Vec<_> = fs::read_dir(ground.0.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".new")), "no draft stays: {left:?}");
}

#[tokio::test]
async fn a_mistaken_path_costs_nobody_a_database() {
    let (ground, log) = fresh().await;
    log.close().await;
    let outcome = SqliteView::open(&ground.path()).await.err();
    assert!(matches!(outcome, Some(LogError::Damaged)), "a log is no view: {outcome:?}");
    let log = SqliteLog::open(&ground.path(), None).await.unwrap();
    assert_eq!(log.head().await.unwrap().size, 0, "and is still there");
    log.close().await;
    let other = ground.0.path().join("other.db");
    fs::write(&other, b"").unwrap();
    meddle(&other, "CREATE TABLE treasure(x)").await;
    let outcome = SqliteView::open(&other).await.err();
    assert!(matches!(outcome, Some(LogError::Damaged)), "nor is another program's: {outcome:?}");
    assert!(other.metadata().unwrap().len() > 0, "and it is still there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_who_open_a_missing_view_at_once_share_one() {
    let ground = Ground::new();
    let openers: Vec<_> = (0..6)
        .map(|_| {
            let path = ground.path();
            tokio::spawn(async move { SqliteView::open(&path).await.unwrap() })
        })
        .collect();
    let mut views = Vec::new();
    for opener in openers {
        views.push(opener.await.unwrap());
    }
    views[0].replace(&head(1), &[item("a", "open", None, "")], &[]).await.unwrap();
    for view in &views {
        assert_eq!(view.place().await.unwrap(), Some(head(1)), "what one writes, all see");
    }
}
