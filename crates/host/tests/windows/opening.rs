//! The vault's window: what was typed, and what a wrong answer gives.

use countersign_contract::*;

use crate::world::{PASSPHRASE, Seat, ok, refused};

#[tokio::test]
async fn a_profile_is_made_only_once_its_recovery_code_was_typed() {
    let dir = tempfile::tempdir().expect("a folder");
    let seat = Seat::empty(dir.path().join("alice"));
    let wish = MakeProfile { kind: ProfileKind::Desk, name: "Alice Example".to_owned() };
    ok(Profiles::make(&seat.host, wish).await);
    assert!(seat.screen.shows(Window::Vault), "the vault's own window asks");

    let differ = ok(seat.types(PASSPHRASE, Some("another one altogether")).await);
    assert_eq!(differ.step, "make", "two passphrases that differ are asked for again");
    assert!(differ.failure.is_some(), "and it is said why");

    let shown = ok(seat.types(PASSPHRASE, Some(PASSPHRASE)).await);
    let code = shown.recovery.expect("the recovery code is shown");
    let wrong = ok(seat.types(PASSPHRASE, None).await);
    assert_eq!(wrong.failure.map(|f| f.code).as_deref(), Some("recovery-code"), "a passphrase is no code");
    assert_eq!(seat.status().await.state, "locked", "nothing opens before the code was typed");

    assert_eq!(ok(seat.types(&code, None).await).step, "done");
    assert_eq!(seat.status().await.state, "open");
    assert!(!seat.screen.shows(Window::Vault) && seat.screen.shows(Window::Desk), "one window gives way");
    let over = Vault::read(&seat.host, Nothing {}).await;
    assert_eq!(refused(over), "stale", "the code cannot be read a second time");

    seat.host.lock().await;
    ok(Session::unlock(&seat.host, Nothing {}).await);
    assert_eq!(
        ok(seat.types(&code, None).await).step,
        "done",
        "the code that was confirmed opens the profile"
    );
}

#[tokio::test]
async fn a_wrong_passphrase_opens_nothing_and_is_asked_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let seat = Seat::made(dir.path().join("alice"), ProfileKind::Desk, "Alice Example").await;
    seat.host.lock().await;
    assert!(seat.screen.shows(Window::Start) && !seat.screen.shows(Window::Desk), "the desk is gone");
    assert_eq!(refused(Team::members(&seat.host, Nothing {}).await), "locked");

    ok(Session::unlock(&seat.host, Nothing {}).await);
    assert_eq!(ok(Vault::read(&seat.host, Nothing {}).await).step, "unlock");
    let wrong = ok(seat.types("seven plain words that somebody guesses", None).await);
    assert_eq!(wrong.step, "unlock", "it is asked again");
    assert!(wrong.failure.is_some(), "and it is said that this was not it");
    assert_eq!(seat.status().await.state, "locked");
    assert!(seat.screen.shows(Window::Vault), "the window stays for the next try");

    assert_eq!(ok(seat.types(PASSPHRASE, None).await).step, "done");
    assert_eq!(seat.status().await.state, "open");
}
