//! The ledger in a window: all of it, and verified only as long as somebody wants to wait.

use countersign_contract::*;

use crate::world::{World, ok, refused};

/// Keys from before, one entry each, until the ledger has more than a page reads at once.
async fn lengthened(world: &World, to: u64) {
    for number in ok(Team::organisation(&world.alice.host, Nothing {}).await).entries..to {
        let path = world.path("old.toml");
        let text = format!(
            "[[keys]]\npartner = \"Oakbridge Analytics\"\nservice = \"shipments\"\nenvironment = \"sandbox\"\n\
             since = \"2026-01-31\"\nkey = \"handed-out-years-ago-{number}\"\n"
        );
        std::fs::write(&path, text).expect("a file");
        ok(Keys::import_old(&world.alice.host, ByPath { path }).await);
    }
}

#[tokio::test]
async fn no_entry_is_hidden_and_verifying_can_be_given_up() {
    const ENTRIES: u64 = 501;
    let world = World::founded().await;
    world.offers().await;
    lengthened(&world, ENTRIES).await;
    let alice = &world.alice;
    let page = |from, limit| Ledger::entries(&alice.host, EntriesWish { from, limit });
    let all = ok(page(0, 1000).await);
    assert_eq!(all.len() as u64, ENTRIES, "what a page of the window asks for is what it gets");
    assert!(all.iter().zip(0..).all(|(entry, seq)| entry.seq == seq), "in order, without a gap");
    assert_eq!(ok(page(500, 1000).await).len(), 1, "the last one too");
    assert_eq!(ok(page(ENTRIES, 1000).await).len(), 0, "an empty page is the end");
    let out = world.path("ledger.json");
    ok(Ledger::export(&alice.host, Export { out: out.clone(), form: ExportForm::Json }).await);
    let written = std::fs::read(&out).expect("the export");
    let written: Vec<serde_json::Value> = serde_json::from_slice(&written).expect("a list");
    assert_eq!(written.len() as u64, ENTRIES, "an export leaves none out either");

    alice.screen.far();
    let verify = Ledger::verify(&alice.host, Nothing {});
    let enough = async {
        while alice.screen.far().is_empty() {
            tokio::task::yield_now().await;
        }
        ok(Ledger::stop_verifying(&alice.host, Nothing {}).await);
    };
    let (verified, ()) = tokio::join!(verify, enough);
    assert_eq!(refused(verified), "cancelled", "who does not want to wait need not");
    let audit = ok(Ledger::verify(&alice.host, Nothing {}).await);
    assert!(audit.clean, "and nothing was lost by it: {audit:?}");
    assert_eq!(audit.size, ENTRIES);
}
