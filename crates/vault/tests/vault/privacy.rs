//! Nobody else may read the files, and nothing in them can be read.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
};

use countersign_ports::{Table, Vault as _, Write};
use countersign_vault::{KeyFile, KeyFileError, VaultFile};

use crate::support::{Real, Scene, said};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn folder_and_files_are_made_for_this_user_alone() {
    let scene = Scene::new();
    let vault = scene.create().await;
    vault.write(&[Write::Put(Table::Pins, "a", b"b")]).await.unwrap();
    assert_eq!(mode(&scene.folder), 0o700, "the folder");
    let mut seen = Vec::new();
    for entry in fs::read_dir(&scene.folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        seen.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    seen.sort();
    assert_eq!(seen, ["vault.db", "vault.db-shm", "vault.db-wal"], "and nothing else lies there");
    assert_eq!(mode(&scene.root.path().join("key")), 0o600, "the key file");
}

#[tokio::test]
async fn what_others_may_read_is_refused() {
    let scene = Scene::new();
    let vault = scene.create().await;
    vault.write(&[Write::Put(Table::Pins, "a", b"b")]).await.unwrap();
    for (name, private) in
        [("", 0o700), ("vault.db", 0o600), ("vault.db-wal", 0o600), ("vault.db-shm", 0o600)]
    {
        let path = scene.folder.join(name);
        for open in [0o040, 0o004, 0o020, 0o001] {
            set_mode(&path, private | open);
            assert_eq!(said(scene.open().await), "NotPrivate", "{name} with {open:o}");
            assert_eq!(said(VaultFile::slots(&scene.folder).await), "NotPrivate", "{name} with {open:o}");
        }
        set_mode(&path, private);
    }
    assert_eq!(said(scene.open().await), "opened", "private again, it opens");
}

#[tokio::test]
async fn a_vault_is_not_made_where_others_may_look() {
    let scene = Scene::new();
    fs::create_dir(&scene.folder).unwrap();
    set_mode(&scene.folder, 0o755);
    let slots = [countersign_vault::NewSlot::KeyFile(&scene.key)];
    let made = VaultFile::create(&scene.folder, &slots, &[], crate::support::real()).await;
    assert_eq!(said(made), "NotPrivate", "the folder was open to others");
    assert_eq!(fs::read_dir(&scene.folder).unwrap().count(), 0, "and nothing was put into it");
}

#[tokio::test]
async fn links_are_not_followed() {
    let scene = Scene::new();
    scene.create().await.close().await.unwrap();
    let aside = scene.root.path().join("aside");
    fs::rename(&scene.folder, &aside).unwrap();
    assert_eq!(said(scene.open().await), "Missing", "nothing is there");
    symlink(&aside, &scene.folder).unwrap();
    assert_eq!(said(scene.open().await), "NotPrivate", "the folder is a link");
    fs::remove_file(&scene.folder).unwrap();
    fs::rename(&aside, &scene.folder).unwrap();
    let (file, moved) = (scene.folder.join("vault.db"), scene.folder.join("moved.db"));
    fs::rename(&file, &moved).unwrap();
    symlink(&moved, &file).unwrap();
    assert_eq!(said(scene.open().await), "NotPrivate", "the file is a link");
    let slots = [countersign_vault::NewSlot::KeyFile(&scene.key)];
    let made = VaultFile::create(&scene.folder, &slots, &[], crate::support::real()).await;
    assert_eq!(said(made), "NotPrivate", "nor is a vault made through it");
}

#[test]
fn a_key_file_that_is_not_private_and_regular_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("key");
    let refusal = |path: &Path| KeyFile::read(path).err();
    assert_eq!(refusal(&path), Some(KeyFileError::Missing), "there is none");
    KeyFile::make(&path, &Real).unwrap();
    assert_eq!(KeyFile::make(&path, &Real).err(), Some(KeyFileError::AlreadyThere), "never written over");
    assert_eq!(refusal(&path), None, "it is read back");

    let link = root.path().join("link");
    symlink(&path, &link).unwrap();
    assert_eq!(refusal(&link), Some(KeyFileError::NotPrivate), "a link to a good key file");
    assert_eq!(
        KeyFile::make(&link, &Real).err(),
        Some(KeyFileError::AlreadyThere),
        "nor written through a link"
    );
    assert_eq!(refusal(root.path()), Some(KeyFileError::NotPrivate), "a folder");
    let pipe = root.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().unwrap().success());
    assert_eq!(refusal(&pipe), Some(KeyFileError::NotPrivate), "a pipe, without waiting for its writer");
    for open in [0o640, 0o604, 0o660, 0o601] {
        set_mode(&path, open);
        assert_eq!(refusal(&path), Some(KeyFileError::NotPrivate), "mode {open:o}");
    }
    set_mode(&path, 0o600);
    let line = fs::read_to_string(&path).unwrap();
    fs::write(&path, line.trim_end()).unwrap();
    assert_eq!(refusal(&path), Some(KeyFileError::Malformed), "the line end is part of it");
    fs::write(&path, vec![b'x'; 1 << 20]).unwrap();
    assert_eq!(refusal(&path), Some(KeyFileError::Malformed), "anything else is none, however large");
}

#[tokio::test]
async fn no_stored_value_or_id_can_be_read_in_any_file() {
    const VALUE: &[u8] = b"canary-value-7f3a91c2";
    const ID: &str = "canary-id-51d09be4";
    let scene = Scene::new();
    let vault = scene.create().await;
    let long = VALUE.repeat(2000);
    vault.write(&[Write::New(Table::Opened, ID, VALUE), Write::Put(Table::Outbox, ID, &long)]).await.unwrap();
    vault.write(&[Write::Put(Table::Opened, ID, VALUE), Write::Remove(Table::Outbox, ID)]).await.unwrap();
    vault.write(&[Write::Put(Table::Snapshot, ID, &long)]).await.unwrap();
    let spread = |when: &str| {
        let mut files = 0;
        for entry in fs::read_dir(&scene.folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            for canary in [VALUE, ID.as_bytes()] {
                let found = bytes.windows(canary.len()).any(|window| window == canary);
                assert!(!found, "{when}: a canary lies in {}", path.display());
            }
            files += 1;
        }
        files
    };
    assert_eq!(spread("open"), 3, "database, log and index were searched");
    vault.close().await.unwrap();
    assert_eq!(spread("closed"), 1, "the database was searched");
    assert!(
        scene.open().await.unwrap().get(Table::Opened, ID).await.unwrap().is_some(),
        "and yet it is there"
    );
}

#[tokio::test]
async fn a_removed_row_leaves_not_even_its_sealed_bytes() {
    let scene = Scene::new();
    let vault = scene.create().await;
    vault.write(&[Write::New(Table::Outbox, "op", &[7; 20_000])]).await.unwrap();
    let hex = scene.hand().await.ask("SELECT hex(substr(sealed, 9000, 64)) FROM rows").await;
    let sealed = data_encoding::HEXUPPER.decode(hex.as_bytes()).unwrap();
    let lies_there = || {
        fs::read_dir(&scene.folder).unwrap().any(|entry| {
            fs::read(entry.unwrap().path()).unwrap().windows(64).any(|window| window == sealed.as_slice())
        })
    };
    assert!(lies_there(), "before, the sealed bytes are found: the search works");
    vault.write(&[Write::Remove(Table::Outbox, "op")]).await.unwrap();
    assert!(!lies_there(), "after, neither database nor write-ahead log holds them");
}
