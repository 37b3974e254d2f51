//! Keys of several issuers whose receipts are there: one that does not answer keeps no key of another one back.

use crate::world::World;

#[test]
fn an_issuer_that_does_not_answer_keeps_no_key_of_another_one_back() {
    let world = World::founded();
    let minted = world.issued(1);
    let request = world.countersigned(2, "billing").request;
    let issue = ["key", "issue", &request, "--key-stdin"];
    let by_hand = world.ok("ben", &issue, b"key-of-billing-0123456789abcdef")["key"]
        .as_str()
        .expect("a key")
        .to_owned();
    for (n, key) in [(1, &minted), (2, &by_hand)] {
        let (envelope, secret, receipt) = (format!("e{n}"), format!("s{n}"), format!("r{n}"));
        world.ok("ben", &["key", "deliver", key, "--out", &envelope, "--secret-out", &secret], b"");
        let out = format!("key{n}");
        let open = ["envelope", "open", &envelope, "--secret-file", &secret, "--compose", &out];
        world.ok("partner", &[&open[..], &["--receipt-out", &receipt]].concat(), b"");
    }
    let state = |key: &str| world.ok("ben", &["key", "show", key], b"")["state"].as_str().map(str::to_owned);
    let (hashes, away) = (world.path("keys.hashes"), world.path("away"));
    std::fs::rename(&hashes, &away).expect("the gateway's file is away");
    std::fs::create_dir(&hashes).expect("something else stands there");
    for receipt in ["r1", "r2"] {
        world.ok("ben", &["request", "import", receipt], b"");
    }
    assert_eq!(state(&minted).as_deref(), Some("opened"), "its gateway does not answer");
    assert_eq!(state(&by_hand).as_deref(), Some("active"), "which is no matter of the other key");
    let due = world.run("ben", &["due"], b"");
    assert_eq!(due.status.code(), Some(5), "what is left is due: {}", String::from_utf8_lossy(&due.stdout));
    let finish = world.run("ben", &["key", "finish"], b"");
    assert!(
        !finish.status.success(),
        "it says that it could not: {}",
        String::from_utf8_lossy(&finish.stdout)
    );

    std::fs::remove_dir(&hashes).expect("removed");
    std::fs::rename(&away, &hashes).expect("it is back");
    world.ok("ben", &["key", "finish"], b"");
    assert_eq!(state(&minted).as_deref(), Some("active"), "what waited is finished");
}
