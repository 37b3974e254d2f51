//! A document travels as a file, as a text, as pictures of codes, and is the same document afterwards.

use countersign_contract::*;
use countersign_host::Picture;

use crate::world::{Seat, World, form, ok, refused};

fn text(text: impl Into<String>) -> Incoming {
    Incoming { files: Vec::new(), text: Some(text.into()) }
}

fn picture_of(path: &str) -> Picture {
    let picture = image::open(path).expect("a picture").to_rgba8();
    Picture { width: picture.width(), height: picture.height(), rgba: picture.into_raw() }
}

#[tokio::test]
async fn a_letter_comes_as_a_text_or_as_codes() {
    let world = World::founded().await;
    world.offers().await;
    let partner = Seat::made(world.path("pat").into(), ProfileKind::Inbox, "Pat Example").await;
    let organisation = world.pinned_by(&partner, "card.png").await.id;
    let desk = &world.alice.host;
    let send = async |name: &str| {
        let out = world.path(name);
        ok(Asks::send(&partner.host, SendForm { form: form(organisation.clone()), out: out.clone() }).await);
        out
    };

    let letter = std::fs::read_to_string(send("request.txt").await).expect("it is a text");
    assert!(letter.starts_with("-----BEGIN COUNTERSIGN-----\n"), "it says what it is");
    let (cut, _) = letter.split_at(letter.len() / 2);
    assert_eq!(refused(Requests::import(desk, text(cut)).await), "text-not-understood");
    assert_eq!(refused(Requests::import(desk, text("Dear Larkfield")).await), "text-not-understood");
    let both = Incoming { text: Some(letter.clone()), ..Incoming::file(world.path("request.txt")) };
    assert_eq!(refused(Requests::import(desk, both).await), "usage");
    assert_eq!(ok(Requests::import(desk, text(letter)).await).what, "request");

    let sheet = send("request.png").await;
    assert_eq!(
        ok(Requests::import(desk, Incoming::file(sheet.clone())).await).what,
        "request",
        "all codes in one picture"
    );

    // The same picture as a screenshot, and what is no code of a document.
    assert_eq!(refused(Session::paste_codes(desk, Nothing {}).await), "usage", "there is no picture");
    world.alice.screen.copy(Picture { width: 2, height: 2, rgba: vec![255; 16] });
    assert_eq!(refused(Session::paste_codes(desk, Nothing {}).await), "usage", "there is no code in it");
    world.alice.screen.copy(Picture { width: 2_000, height: 2_000, rgba: vec![255; 16] });
    assert_eq!(refused(Session::paste_codes(desk, Nothing {}).await), "usage", "it is not what it says");
    world.alice.screen.copy(picture_of(&sheet));
    let codes = ok(Session::paste_codes(desk, Nothing {}).await);
    let (all, one) = (codes.lines().count(), codes.lines().skip(1).collect::<Vec<_>>().join("\n"));
    assert!(all > 1, "a request takes several codes");
    assert_eq!(refused(Requests::import(desk, text(one)).await), "file-not-understood", "one is missing");
    // It was imported from the file; from the clipboard it is the same request.
    assert_eq!(refused(Requests::import(desk, text(codes)).await), "already-there");
}
