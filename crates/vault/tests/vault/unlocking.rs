//! Slots: every way of unlocking works, and nothing else does.

use countersign_ports::{Entropy, KeyStore, NoEntropy, Table, Vault as _, VaultError, Write};
use countersign_vault::{KeyFile, NewSlot, RecoveryCode, RemoveSlotError, SlotKind, Unlock, VaultFile};

use crate::support::{Memory, Real, Scene, real, said};

const PASSPHRASE: &str = "correct horse battery";

#[tokio::test]
async fn every_way_of_unlocking_opens_the_same_vault() {
    let scene = Scene::new();
    let (store, code) = (Memory::default(), RecoveryCode::make(&Real).unwrap());
    let slots = [
        NewSlot::Keychain(&store),
        NewSlot::Passphrase(PASSPHRASE),
        NewSlot::Recovery(&code),
        NewSlot::KeyFile(&scene.key),
    ];
    let vault = VaultFile::create(&scene.folder, &slots, &[], real()).await.unwrap();
    vault.write(&[Write::Put(Table::Identity, "me", b"seed")]).await.unwrap();
    vault.close().await.unwrap();

    assert_eq!(
        VaultFile::slots(&scene.folder).await.unwrap(),
        SlotKind::ALL,
        "the slots are known beforehand"
    );
    let typed = RecoveryCode::parse(&code.text()).unwrap();
    let file = KeyFile::read(&scene.root.path().join("key")).unwrap();
    for with in [
        Unlock::Keychain(&store),
        Unlock::Passphrase(PASSPHRASE),
        Unlock::Recovery(&typed),
        Unlock::KeyFile(&file),
    ] {
        let vault = VaultFile::open(&scene.folder, with, real()).await.unwrap();
        let value = vault.get(Table::Identity, "me").await.unwrap().unwrap();
        assert_eq!(value.as_slice(), b"seed", "{:?} opens what was written", with.kind());
    }
}

#[tokio::test]
async fn every_wrong_secret_is_refused_with_the_same_words() {
    let scene = Scene::new();
    let (store, code) = (Memory::default(), RecoveryCode::make(&Real).unwrap());
    let slots = [
        NewSlot::Keychain(&store),
        NewSlot::Passphrase(PASSPHRASE),
        NewSlot::Recovery(&code),
        NewSlot::KeyFile(&scene.key),
    ];
    let vault = VaultFile::create(&scene.folder, &slots, &[], real()).await.unwrap();
    store.set(&vault.profile(), &[1; 32]).unwrap();
    let other_code = RecoveryCode::make(&Real).unwrap();
    let other_file = KeyFile::make(&scene.root.path().join("other"), &Real).unwrap();
    for with in [
        Unlock::Keychain(&store),
        Unlock::Passphrase("correct horse batterz"),
        Unlock::Passphrase(""),
        Unlock::Recovery(&other_code),
        Unlock::KeyFile(&other_file),
    ] {
        let error = VaultFile::open(&scene.folder, with, real()).await.err().unwrap();
        assert!(matches!(error, VaultError::WrongSecret), "{:?}: one error for all: {error:?}", with.kind());
    }
}

#[tokio::test]
async fn a_way_that_is_not_there_says_so() {
    let scene = Scene::new();
    let vault = scene.create().await;
    let store = Memory::default();
    let opened = VaultFile::open(&scene.folder, Unlock::Passphrase(PASSPHRASE), real()).await;
    assert_eq!(said(opened), "NoSlot", "there is no passphrase slot");
    vault.add_slot(NewSlot::Keychain(&store)).await.unwrap();
    store.remove(&vault.profile()).unwrap();
    let opened = VaultFile::open(&scene.folder, Unlock::Keychain(&store), real()).await;
    assert_eq!(said(opened), "NoSlot", "the key store keeps nothing for this vault any more");
}

#[tokio::test]
async fn a_vault_without_a_proper_slot_is_never_made() {
    let scene = Scene::new();
    let key = NewSlot::KeyFile(&scene.key);
    for (slots, wanted) in [
        (vec![], "NoSlot"),
        (vec![key, key], "Exists"),
        (vec![key, NewSlot::Passphrase("fourteen chars")], "SlotParameters"),
        (vec![NewSlot::Keychain(&Absent)], "NoKeyStore"),
    ] {
        let made = VaultFile::create(&scene.folder, &slots, &[], real()).await;
        assert_eq!(said(made), wanted, "never in the clear, never weakly");
        assert_eq!(said(scene.open().await), "Missing", "and nothing half-made is taken for a vault");
    }
    scene.create().await;
    let again = VaultFile::create(&scene.folder, &[key], &[], real()).await;
    assert_eq!(said(again), "AlreadyThere", "a vault is never made over another");
    assert_eq!(said(scene.open().await), "opened", "which stays as it was");
}

#[tokio::test]
async fn without_randomness_nothing_is_made() {
    let scene = Scene::new();
    let made =
        VaultFile::create(&scene.folder, &[NewSlot::KeyFile(&scene.key)], &[], std::sync::Arc::new(Dry))
            .await;
    assert_eq!(said(made), "Entropy(NoEntropy)", "no randomness, no vault");
    scene.create().await;
    let vault =
        VaultFile::open(&scene.folder, Unlock::KeyFile(&scene.key), std::sync::Arc::new(Dry)).await.unwrap();
    let written = vault.write(&[Write::Put(Table::Pins, "a", b"b")]).await;
    assert_eq!(said(written), "Entropy(NoEntropy)", "no randomness, no row");
    assert!(vault.ids(Table::Pins).await.unwrap().is_empty(), "and nothing was written");
}

#[tokio::test]
async fn a_passphrase_is_the_same_however_its_letters_are_composed() {
    let scene = Scene::new();
    let slot = NewSlot::Passphrase("Schl\u{fc}ssel \u{e9}t\u{e9} 2026");
    VaultFile::create(&scene.folder, &[slot], &[], real()).await.unwrap();
    let typed = Unlock::Passphrase("Schlu\u{308}ssel e\u{301}te\u{301} 2026");
    let opened = VaultFile::open(&scene.folder, typed, real()).await;
    assert_eq!(said(opened), "opened", "two keyboards may compose an accent differently");
}

#[tokio::test]
async fn slots_are_added_replaced_and_removed_but_never_the_last() {
    let scene = Scene::new();
    let vault = scene.create().await;
    vault.write(&[Write::Put(Table::Shared, "k", b"v")]).await.unwrap();
    vault.add_slot(NewSlot::Passphrase(PASSPHRASE)).await.unwrap();
    assert_eq!(said(vault.add_slot(NewSlot::Passphrase(PASSPHRASE)).await), "Exists", "one of each kind");
    vault.replace_slot(NewSlot::Passphrase("another passphrase")).await.unwrap();
    let old = VaultFile::open(&scene.folder, Unlock::Passphrase(PASSPHRASE), real()).await;
    assert_eq!(said(old), "WrongSecret", "the replaced passphrase opens nothing");
    let new = VaultFile::open(&scene.folder, Unlock::Passphrase("another passphrase"), real()).await.unwrap();
    assert!(new.get(Table::Shared, "k").await.unwrap().is_some(), "the new one opens the same vault key");

    new.remove_slot(SlotKind::KeyFile).await.unwrap();
    assert_eq!(said(scene.open().await), "NoSlot", "the removed slot opens nothing");
    let last = new.remove_slot(SlotKind::Passphrase).await;
    assert!(matches!(last, Err(RemoveSlotError::Last)), "nobody locks himself out");
    let absent = new.remove_slot(SlotKind::Recovery).await;
    assert!(matches!(absent, Err(RemoveSlotError::Vault(VaultError::NoSlot))), "there was none");
    assert_eq!(VaultFile::slots(&scene.folder).await.unwrap(), [SlotKind::Passphrase], "one is left");
    assert!(vault.get(Table::Shared, "k").await.unwrap().is_some(), "the vault key is still the same");
    let none = vault.replace_slot(NewSlot::KeyFile(&scene.key)).await;
    assert_eq!(said(none), "NoSlot", "what is not there is not replaced");
}

#[tokio::test]
async fn a_refused_change_leaves_the_key_store_as_it_was() {
    let scene = Scene::new();
    let store = Memory::default();
    let vault = VaultFile::create(&scene.folder, &[NewSlot::Keychain(&store)], &[], real()).await.unwrap();
    let kept = *store.get(&vault.profile()).unwrap();
    assert_eq!(said(vault.add_slot(NewSlot::Keychain(&store)).await), "Exists", "there is one");
    assert_eq!(*store.get(&vault.profile()).unwrap(), kept, "its secret was not overwritten");
    vault.replace_slot(NewSlot::Keychain(&store)).await.unwrap();
    assert_ne!(*store.get(&vault.profile()).unwrap(), kept, "replacing makes a new one");
    let opened = VaultFile::open(&scene.folder, Unlock::Keychain(&store), real()).await;
    assert_eq!(said(opened), "opened", "which opens the vault");
}

#[tokio::test]
async fn a_slot_that_asks_for_cheap_stretching_is_refused_before_it_is_obeyed() {
    let scene = Scene::new();
    VaultFile::create(&scene.folder, &[NewSlot::Passphrase(PASSPHRASE)], &[], real()).await.unwrap();
    let salt = "50".to_owned() + &"00".repeat(16);
    for (parameters, wanted, why) in [
        ("8418400304", "SlotParameters", "64 KiB instead of 64 MiB"),
        ("841a000100000104", "SlotParameters", "one pass instead of three"),
        ("841a7fffffff0304", "SlotParameters", "2 TiB: the machine would stand still"),
        ("841a000100001903e804", "SlotParameters", "1000 passes"),
        ("841a000100000304", "WrongSecret", "allowed, but not what the slot was sealed with"),
    ] {
        scene.tamper(&format!("UPDATE slots SET parameters = x'{parameters}{salt}'")).await;
        let opened = VaultFile::open(&scene.folder, Unlock::Passphrase(PASSPHRASE), real()).await;
        assert_eq!(said(opened), wanted, "{why}");
    }
}

#[tokio::test]
async fn a_slot_of_another_vault_opens_nothing_here() {
    let (here, there) = (Scene::new(), Scene::new());
    here.create().await;
    VaultFile::create(&there.folder, &[NewSlot::KeyFile(&here.key)], &[], real()).await.unwrap();
    let path = there.folder.join("vault.db").display().to_string();
    here.tamper(&format!(
        "ATTACH '{path}' AS other; DELETE FROM main.slots; INSERT INTO main.slots SELECT * FROM other.slots"
    ))
    .await;
    assert_eq!(
        said(here.open().await),
        "WrongSecret",
        "a slot is bound to its vault, even under the same secret"
    );
}

/// A system without a key store.
struct Absent;

impl KeyStore for Absent {
    fn get(&self, _: &str) -> Result<zeroize::Zeroizing<[u8; 32]>, VaultError> {
        Err(VaultError::NoKeyStore)
    }

    fn set(&self, _: &str, _: &[u8; 32]) -> Result<(), VaultError> {
        Err(VaultError::NoKeyStore)
    }

    fn remove(&self, _: &str) -> Result<(), VaultError> {
        Err(VaultError::NoKeyStore)
    }
}

/// A system without randomness.
struct Dry;

impl Entropy for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy)
    }
}

#[tokio::test]
async fn what_a_vault_begins_with_is_written_with_it_or_neither_is() {
    let scene = Scene::new();
    let slots = [NewSlot::KeyFile(&scene.key)];
    let (me, again) =
        (Write::New(Table::Identity, "me", b"seed"), Write::New(Table::Identity, "me", b"other"));
    let made = VaultFile::create(&scene.folder, &slots, &[me, again], real()).await;
    assert_eq!(said(made), "Exists", "rows that do not go together are refused");
    assert_eq!(said(scene.open().await), "Missing", "and no vault is there without them");
    let me = Write::New(Table::Identity, "me", b"seed");
    let vault = VaultFile::create(&scene.folder, &slots, &[me], real()).await.unwrap();
    let value = vault.get(Table::Identity, "me").await.unwrap().unwrap();
    assert_eq!(value.as_slice(), b"seed", "the same call succeeds when they do");
    vault.close().await.unwrap();
    let value = scene.open().await.unwrap().get(Table::Identity, "me").await.unwrap().unwrap();
    assert_eq!(value.as_slice(), b"seed", "and it is there for whoever opens the vault");
}
