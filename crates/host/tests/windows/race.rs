//! Two desks at once: what one of them decided on old knowledge is decided again before it is recorded.

use std::{cell::Cell, path::PathBuf, sync::Arc};

use countersign_adapters::SystemEntropy;
use countersign_contract::*;
use countersign_host::{Change, wiring};
use countersign_vault::{Unlock, VaultFile};

use crate::world::{PASSPHRASE, World, ok};

fn by_id(id: &str) -> ById {
    ById { id: id.to_owned() }
}

#[tokio::test]
async fn a_desk_that_was_slower_makes_no_second_key() {
    let world = World::founded().await;
    let (_partner, request) = world.asked().await;
    let (alice, ben) = (&world.alice, &world.ben);
    ok(Requests::vet(&alice.host, by_id(&request)).await);
    let view = alice.reads().await;
    ok(alice.answers(&view.id, true).await);
    ok(Requests::countersign(&ben.host, by_id(&request)).await);
    let view = ben.reads().await;
    ok(ben.answers(&view.id, true).await);

    // Alice's second terminal knows the ledger as it is now, and is slow.
    let folder = PathBuf::from(alice.status().await.folder);
    let vault = VaultFile::open(&folder, Unlock::Passphrase(PASSPHRASE), Arc::new(SystemEntropy)).await;
    let vault = Arc::new(vault.expect("her passphrase opens it"));
    let mut slow = wiring::desk(&folder, vault).await.expect("a desk").expect("it is attached");
    let id = *slow.state().exchanges.keys().next().expect("the request");

    let wish = Issue { request: request.clone(), pasted: None, path: None };
    ok(Keys::issue(&ben.host, wish).await);
    let code = match slow.issue(id, None).await {
        Ok(_) => "a second key".to_owned(),
        Err(error) => error.code().to_owned(),
    };
    assert_eq!(code, "already-issued", "what was asked for is done; a further key is nobody's wish");
    let all = ListWish { state: None, text: None, limit: 10, offset: 0 };
    assert_eq!(ok(Keys::list(&ben.host, all).await).len(), 1, "one key a request");
}

#[tokio::test]
async fn a_desk_hears_of_what_another_one_wrote() {
    let world = World::founded().await;
    let (_partner, request) = world.asked().await;
    let (alice, ben) = (&world.alice, &world.ben);
    alice.host.notice().await;
    ben.host.notice().await;
    ben.screen.told();
    ben.host.notice().await;
    assert_eq!(ben.screen.told(), [], "nothing was written since");
    assert_eq!(ben.screen.notices(), 0, "what waited before stands on the screen");
    ok(Requests::vet(&alice.host, by_id(&request)).await);
    let view = alice.reads().await;
    ok(alice.answers(&view.id, true).await);
    ben.host.notice().await;
    assert_eq!(ben.screen.told(), [Change::Content], "the windows ask again");
    assert_eq!(ben.screen.notices(), 1, "the request waits for the second signature");
    alice.host.notice().await;
    assert_eq!(alice.screen.notices(), 0, "it waits for nobody who signed it");
    ben.host.lock().await;
    ben.screen.told();
    ben.host.notice().await;
    assert_eq!(ben.screen.told(), [], "a locked profile looks at nothing");
}

#[tokio::test]
async fn what_comes_after_unlocking_is_news_however_busy_the_pages_were() {
    let world = World::founded().await;
    let (_partner, request) = world.asked().await;
    let (alice, ben) = (&world.alice, &world.ben);
    ben.host.lock().await;
    ok(Session::unlock(&ben.host, Nothing {}).await);
    // From the moment it is open, the desk is in the hands of one page or another.
    let open = Cell::new(false);
    let page = async || {
        while !open.get() {
            let all = ListWish { state: None, text: None, limit: 10, offset: 0 };
            let _locked_at_first = Requests::list(&ben.host, all).await;
            tokio::task::yield_now().await;
        }
    };
    let unlocking = async {
        ok(ben.types(PASSPHRASE, None).await);
        open.set(true);
    };
    tokio::join!(unlocking, page(), page());
    assert_eq!(ben.screen.notices(), 0, "what waited before stands on the screen");
    ok(Requests::vet(&alice.host, by_id(&request)).await);
    let view = alice.reads().await;
    ok(alice.answers(&view.id, true).await);
    ben.host.notice().await;
    assert_eq!(ben.screen.notices(), 1, "the request waits for the second signature");
}
