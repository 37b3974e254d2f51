//! The queue of requests, page by page.

use countersign_contract::*;

use crate::world::{World, ok};

#[tokio::test]
async fn the_queue_is_handed_out_in_pages_and_has_an_end() {
    let world = World::founded().await;
    let (_partner, request) = world.asked().await;
    let page = async |limit, offset| {
        let wish = ListWish { state: None, text: None, limit, offset };
        let views = ok(Requests::list(&world.ben.host, wish).await);
        views.into_iter().map(|view| view.id).collect::<Vec<_>>()
    };
    assert_eq!(page(u32::MAX, 0).await, [request], "a page is no longer than the core says, and no shorter");
    assert!(page(1_000, 1).await.is_empty(), "what was handed out is not handed out again");
    assert!(page(0, 0).await.is_empty(), "no more than was asked for");
}
