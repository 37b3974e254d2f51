//! What whoever runs the relay does with its witness: looks at it, and makes it forget.

use std::process::Stdio;

use countersign_documents::{Digest, Head, Secret32};
use countersign_relay::store::{Store as _, sqlite::SqliteStore};

use crate::{
    organisation::ORIGIN,
    program::{Place, ended},
    running::ask,
};

/// Runs a command on the relay's data: its exit code, what it printed, and what it said beside.
fn run(place: &Place, arguments: &str) -> (Option<i32>, String, String) {
    let mut command = place.command(&format!("--data data --public-url {ORIGIN} {arguments}"));
    let output = command.stdout(Stdio::piped()).output().expect("it ran");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_shown_and_a_head_is_forgotten_by_its_size_alone() {
    let place = Place::new();
    let (code, said) = ended(place.command("--data data witness"));
    assert_eq!(code, Some(2), "there is no relay yet, and none is made: {said}");
    assert!(!place.path("data").exists(), "{said}");
    let mut program = place.start("");
    let address = program.address();
    let (status, key) = ask(address, "/v1/witness");
    assert_eq!(status, 200);
    drop(program);
    let (code, shown, said) = run(&place, "witness");
    assert_eq!(code, Some(0), "{said}");
    let mut lines = shown.lines();
    assert_eq!(lines.next(), Some(key.trim_end()), "the key that desks are shown");
    let (organisation, size) = lines.next().and_then(|l| l.split_once(' ')).expect("its organisation");
    assert_eq!(size, "0", "no ledger was brought");

    let id = countersign_documents::id::OrganisationId::parse(organisation).expect("an id");
    let head = Head { size: 4711, root: Digest([7; 32]) };
    let store =
        SqliteStore::open(&place.path("data").join("relay.db"), Secret32::new([1; 32])).await.expect("open");
    assert_eq!(store.advance(id, None, head).await, Ok(true));
    let shown = run(&place, "witness").1;
    assert!(shown.ends_with(&format!("{organisation} 4711 {}\n", head.root.hex())), "{shown}");
    for (arguments, code, sentence) in [
        (format!("forget-head {organisation} --size 4710"), 1, "The witness has seen 4711 entries"),
        (format!("forget-head {organisation}"), 2, "The following required arguments"),
        ("forget-head nobody --size 4711".to_owned(), 2, "That is no id of an organisation"),
        ("forget-head 00000000000000000000000000 --size 1".to_owned(), 2, "This relay has no card"),
    ] {
        let (found, _, said) = run(&place, &arguments);
        assert_eq!(found, Some(code), "{arguments}: {said}");
        assert!(said.contains(sentence) && !said.contains("Warning"), "{arguments}: {said}");
        assert_eq!(store.head(id).await, Ok(Some(head)), "{arguments}: nothing was forgotten");
    }
    let (code, shown, said) = run(&place, &format!("forget-head {organisation} --size 4711"));
    assert_eq!((code, shown), (Some(0), format!("{organisation} 4711 {} is forgotten\n", head.root.hex())));
    assert!(said.starts_with("Warning: from now on this relay signs whatever history"), "{said}");
    assert_eq!(store.head(id).await.expect("answered").map_or(0, |head| head.size), 0);
}
