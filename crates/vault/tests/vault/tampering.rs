//! Whatever is done to the file past the vault is refused.

use countersign_ports::{Table, Vault as _, VaultError, Write};
use countersign_vault::VaultFile;

use crate::support::{Scene, said};

/// Three rows in two tables, one of them written twice.
async fn filled(scene: &Scene) -> VaultFile {
    let vault = scene.create().await;
    vault
        .write(&[
            Write::New(Table::Pins, "alpha", b"first value"),
            Write::New(Table::Pins, "beta", b"other value"),
            Write::New(Table::Heads, "alpha", b"third value"),
        ])
        .await
        .unwrap();
    vault.write(&[Write::Put(Table::Pins, "beta", b"newer value")]).await.unwrap();
    vault
}

/// Reads everything there is, as a desk would.
async fn read_all(vault: &VaultFile) -> Result<(), VaultError> {
    for table in Table::ALL {
        for id in vault.ids(*table).await? {
            vault.get(*table, &id).await?;
        }
    }
    for (table, id) in [(Table::Pins, "alpha"), (Table::Pins, "beta"), (Table::Heads, "alpha")] {
        vault.get(table, id).await?;
    }
    Ok(())
}

/// Opens the vault anew and reads everything.
async fn reopened(scene: &Scene) -> Result<(), VaultError> {
    read_all(&scene.open().await?).await
}

#[tokio::test]
async fn a_change_of_any_byte_of_any_column_is_refused() {
    let scene = Scene::new();
    filled(&scene).await.close().await.unwrap();
    let mut hand = scene.hand().await;
    let mut tried = 0;
    for (table, key, columns) in [
        ("vault", "one", ["id", "generation", "nonce", "sealed"].as_slice()),
        ("slots", "kind", &["kind", "parameters", "nonce", "wrapped"]),
        ("rows", "hex(name) || kind", &["kind", "name", "version", "nonce", "sealed"]),
    ] {
        for column in columns {
            let first = format!("(SELECT min({key}) FROM {table})");
            let was = hand.ask(&format!("SELECT quote({column}) FROM {table} WHERE {key} = {first}")).await;
            let rowid = hand.ask(&format!("SELECT '' || rowid FROM {table} WHERE {key} = {first}")).await;
            for now in mutants(&was) {
                hand.run(&format!("UPDATE {table} SET {column} = {now} WHERE rowid = {rowid}")).await;
                let outcome = said(reopened(&scene).await);
                let refused =
                    ["Altered", "WrongSecret", "NoSlot", "Store(Damaged)"].contains(&outcome.as_str());
                assert!(refused, "{table}.{column} {was} -> {now}: {outcome}");
                hand.run(&format!("UPDATE {table} SET {column} = {was} WHERE rowid = {rowid}")).await;
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "every byte was tried: {tried}");
    assert_eq!(
        said(reopened(&scene).await),
        "opened",
        "put back, it is as before: the refusals had one cause"
    );
}

/// SQL literals that differ from `was` in one byte, one bit of it, or in length.
fn mutants(was: &str) -> Vec<String> {
    let Some(hex) = was.strip_prefix("X'").and_then(|rest| rest.strip_suffix('\'')) else {
        return match was.parse::<i64>() {
            Ok(number) => (0..63).map(|bit| (number ^ 1 << bit).to_string()).collect(),
            Err(_) => ["'pins'", "'heads'", "'identity'", "'recovery'", "'passphrase'", "''", "'x'"]
                .map(str::to_owned)
                .into_iter()
                .filter(|text| text != was)
                .collect(),
        };
    };
    let bytes = data_encoding::HEXUPPER.decode(hex.as_bytes()).unwrap();
    let mut found: Vec<Vec<u8>> = (0..bytes.len())
        .map(|at| {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            flipped
        })
        .collect();
    found.push([bytes.as_slice(), &[0]].concat());
    found.extend(bytes.split_last().map(|(_, shorter)| shorter.to_vec()));
    found.iter().map(|bytes| format!("X'{}'", data_encoding::HEXUPPER.encode(bytes))).collect()
}

#[tokio::test]
async fn whatever_is_done_to_the_rows_is_refused_by_open_and_by_new_vaults() {
    let swap = |columns: &str, tables: &str| {
        let columns: Vec<&str> = columns.split(' ').collect();
        let sets: Vec<String> = columns
            .iter()
            .map(|c| format!("{c} = (SELECT {c} FROM copy WHERE copy.at <> rows.rowid)"))
            .collect();
        format!(
            "CREATE TEMP TABLE copy AS SELECT rowid AS at, * FROM rows WHERE kind IN ({tables}) ORDER BY rowid LIMIT 2; \
             UPDATE rows SET {} WHERE rowid IN (SELECT at FROM copy)",
            sets.join(", ")
        )
    };
    for (statement, why) in [
        (swap("nonce sealed", "'pins'"), "two values of a table traded places"),
        (swap("version nonce sealed", "'pins'"), "with their versions"),
        (swap("version nonce sealed", "'pins', 'heads'"), "two values of two tables traded places"),
        ("DELETE FROM rows WHERE rowid = 1".into(), "a row was deleted"),
        ("DELETE FROM rows".into(), "all rows were deleted"),
        ("UPDATE rows SET kind = 'shared' WHERE kind = 'heads'".into(), "a row moved to another table"),
        ("DELETE FROM vault".into(), "the header was deleted"),
        ("UPDATE vault SET generation = generation + 1".into(), "the generation was raised"),
        ("UPDATE vault SET generation = generation - 1".into(), "the generation was lowered"),
        (
            "INSERT INTO rows SELECT kind, zeroblob(32), version, nonce, sealed FROM rows WHERE rowid = 1"
                .into(),
            "a row was doubled under another name",
        ),
    ] {
        let scene = Scene::new();
        let vault = filled(&scene).await;
        scene.tamper(&statement).await;
        assert_eq!(said(read_all(&vault).await), "Altered", "{why}: seen by a vault that is open");
        assert_eq!(said(reopened(&scene).await), "Altered", "{why}: seen by a vault being opened");
    }
}

#[tokio::test]
async fn a_row_set_back_to_an_older_copy_of_itself_is_refused() {
    let scene = Scene::new();
    let vault = scene.create().await;
    vault.write(&[Write::Put(Table::Heads, "head", b"size 7")]).await.unwrap();
    scene.tamper("CREATE TABLE kept AS SELECT * FROM rows").await;
    vault.write(&[Write::Put(Table::Heads, "head", b"size 8")]).await.unwrap();
    scene.tamper("DELETE FROM rows; INSERT INTO rows SELECT * FROM kept; DROP TABLE kept").await;
    assert_eq!(said(vault.get(Table::Heads, "head").await), "Altered", "an open vault sees it");
    assert_eq!(said(reopened(&scene).await), "Altered", "and one being opened does");
}

#[tokio::test]
async fn a_removed_row_that_was_put_back_is_refused() {
    for then in [None, Some(Write::New(Table::Outbox, "op", b"the new envelope"))] {
        let scene = Scene::new();
        let vault = scene.create().await;
        vault.write(&[Write::Put(Table::Outbox, "op", b"the old envelope")]).await.unwrap();
        scene.tamper("CREATE TABLE kept AS SELECT * FROM rows").await;
        vault.write(&[Write::Remove(Table::Outbox, "op")]).await.unwrap();
        if let Some(written_again) = then {
            vault.write(&[written_again]).await.unwrap();
        }
        scene.tamper("DELETE FROM rows; INSERT INTO rows SELECT * FROM kept; DROP TABLE kept").await;
        assert_eq!(said(vault.get(Table::Outbox, "op").await), "Altered", "an open vault sees it");
        let over = vault.write(&[Write::Put(Table::Outbox, "op", b"x")]).await;
        assert_eq!(said(over), "Altered", "and does not write over it");
        assert_eq!(said(reopened(&scene).await), "Altered", "and one being opened sees it");
    }
}

#[tokio::test]
async fn an_open_vault_sees_that_the_whole_file_became_older() {
    let scene = Scene::new();
    let vault = filled(&scene).await;
    scene.tamper("CREATE TABLE r AS SELECT * FROM rows; CREATE TABLE v AS SELECT * FROM vault").await;
    vault.write(&[Write::Put(Table::Heads, "alpha", b"newer")]).await.unwrap();
    scene
        .tamper(
            "DELETE FROM rows; INSERT INTO rows SELECT * FROM r; DROP TABLE r; \
             DELETE FROM vault; INSERT INTO vault SELECT * FROM v; DROP TABLE v",
        )
        .await;
    assert_eq!(said(vault.get(Table::Heads, "alpha").await), "Altered", "it remembers the generation it saw");
    assert_eq!(
        said(reopened(&scene).await),
        "opened",
        "opened anew, only what lies outside can contradict it"
    );
}

#[tokio::test]
async fn rows_of_another_vault_are_refused() {
    let (here, there) = (Scene::new(), Scene::new());
    let vault = filled(&here).await;
    filled(&there).await.close().await.unwrap();
    let path = there.folder.join("vault.db").display().to_string();
    here.tamper(&format!(
        "ATTACH '{path}' AS other; DELETE FROM main.rows; INSERT INTO main.rows SELECT * FROM other.rows"
    ))
    .await;
    assert_eq!(said(read_all(&vault).await), "Altered", "an open vault sees it");
    assert_eq!(said(reopened(&here).await), "Altered", "and one being opened does");
}

#[tokio::test]
async fn a_slot_added_or_removed_by_hand_is_refused() {
    for statement in [
        "INSERT INTO slots SELECT 'recovery', parameters, nonce, wrapped FROM slots",
        "UPDATE slots SET parameters = x'00' WHERE kind = 'recovery'",
        "DELETE FROM slots WHERE kind = 'recovery'",
    ] {
        let scene = Scene::new();
        let vault = scene.create().await;
        if !statement.starts_with("INSERT") {
            let code = countersign_vault::RecoveryCode::make(&crate::support::Real).unwrap();
            vault.add_slot(countersign_vault::NewSlot::Recovery(&code)).await.unwrap();
        }
        scene.tamper(statement).await;
        assert_eq!(said(scene.open().await), "Altered", "{statement}");
    }
}

#[tokio::test]
async fn a_file_of_another_make_is_told_apart() {
    for (statement, wanted, why) in [
        ("PRAGMA user_version = 2", "Store(Newer)", "made by a newer version"),
        ("PRAGMA user_version = 0", "Store(Damaged)", "no version ever wrote that"),
        ("PRAGMA application_id = 7", "Store(Damaged)", "another program's file"),
        (
            "CREATE TRIGGER t AFTER INSERT ON rows BEGIN DELETE FROM slots; END",
            "Store(Damaged)",
            "a planted trigger",
        ),
        ("CREATE VIEW w AS SELECT 1", "Store(Damaged)", "a planted view"),
        ("DROP TABLE rows", "Store(Damaged)", "a table is gone"),
    ] {
        let scene = Scene::new();
        scene.create().await.close().await.unwrap();
        scene.tamper(statement).await;
        assert_eq!(said(scene.open().await), wanted, "{why}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_damaged_and_not_overwritten() {
    let scene = Scene::new();
    scene.create().await.close().await.unwrap();
    let file = scene.folder.join("vault.db");
    let noise = vec![0x5a; 8192];
    std::fs::write(&file, &noise).unwrap();
    assert_eq!(said(scene.open().await), "Store(Damaged)", "noise is no vault");
    let slots = [countersign_vault::NewSlot::KeyFile(&scene.key)];
    let made = VaultFile::create(&scene.folder, &slots, &[], crate::support::real()).await;
    assert_eq!(said(made), "Store(Damaged)", "and no vault is made over it");
    assert!(std::fs::read(&file).unwrap() == noise, "what was there is still there");
}
