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

#[tokio::test]
async fn whoever_leaves_before_the_recovery_code_was_typed_leaves_no_profile() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("alice");
    let seat = Seat::empty(folder.clone());
    let make = || {
        let wish = MakeProfile { kind: ProfileKind::Inbox, name: "Alice Example".to_owned() };
        Profiles::make(&seat.host, wish)
    };
    ok(make().await);
    let short = ok(seat.types("too short", Some("too short")).await);
    assert_eq!(
        (short.step.as_str(), short.recovery),
        ("make", None),
        "no code is shown for what would be refused"
    );
    assert!(short.failure.is_some(), "and it is said why");

    // By the button, by closing the window, and by the clock of the idle.
    for way in ["cancel", "close", "lock"] {
        ok(make().await);
        assert_eq!(ok(seat.types(PASSPHRASE, Some(PASSPHRASE)).await).step, "recovery");
        assert!(!folder.join("vault.db").exists(), "{way}: there is no profile before its code was typed");
        match way {
            "cancel" => drop(ok(Vault::cancel(&seat.host, Nothing {}).await)),
            "close" => seat.host.closed(Window::Vault).await,
            _ => seat.host.lock().await,
        }
        assert_eq!(refused(Vault::read(&seat.host, Nothing {}).await), "stale", "{way}: the code is gone");
        assert!(
            !folder.join("vault.db").exists(),
            "{way}: and there is no profile whose code nobody wrote down"
        );
    }
    ok(make().await);
    let code = ok(seat.types(PASSPHRASE, Some(PASSPHRASE)).await).recovery.expect("a code is shown");
    assert_eq!(ok(seat.types(&code, None).await).step, "done", "whoever stays has one");
    assert!(folder.join("vault.db").exists() && folder.join("label.json").exists());
}
