//! Free write access to log, snapshot, view and outbox: nothing can be issued that two people did not sign, and the
//! audit names the first bad entry.

use std::path::Path;

use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::world::{World, restore, save};

/// How many edits: a sample always, three hundred and more when soaking.
fn edits() -> usize {
    if std::env::var_os("COUNTERSIGN_SOAK").is_some() { 340 } else { 24 }
}

fn sql(path: &Path, statements: &[String]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut conn =
            SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.expect("the file opens");
        for statement in statements {
            sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut conn).await.expect(statement);
        }
        conn.close().await.expect("closed");
    });
}

fn leaf(path: &Path, seq: usize) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut conn =
            SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.expect("the file opens");
        let row = sqlx::query("SELECT leaf FROM entry WHERE seq = ?")
            .bind(seq as i64)
            .fetch_one(&mut conn)
            .await
            .expect("a row");
        row.get(0)
    })
}

/// Drops every trigger, does the edit, and puts the triggers back as they were: the schema looks untouched.
fn edit(path: &Path, statements: &[String]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let triggers: Vec<(String, String)> = runtime.block_on(async {
        let mut conn =
            SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.expect("the file opens");
        let rows = sqlx::query("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .fetch_all(&mut conn)
            .await
            .expect("a schema");
        rows.iter().map(|r| (r.get(0), r.get(1))).collect()
    });
    let mut all: Vec<String> = triggers.iter().map(|(name, _)| format!("DROP TRIGGER \"{name}\"")).collect();
    all.extend(statements.iter().cloned());
    all.extend(triggers.into_iter().map(|(_, text)| text));
    sql(path, &all);
}

#[test]
fn every_edited_row_is_noticed_and_the_first_bad_entry_is_named() {
    let world = World::founded();
    let exchange = world.vetted(1, "orders");
    let ledger = world.path("ledger.db");
    let size = world.ok("alice", &["org", "show"], b"")["entries"].as_u64().expect("a count") as usize;
    // A fresh auditor's desk has nothing to compare with but the ledger itself; an old one remembers.
    let saved = save(&world);
    let mut noticed = 0;
    for n in 0..edits() {
        let seq = 1 + (n * 7) % (size - 1);
        let mut bytes = leaf(&ledger, seq);
        let at = (n * 131) % bytes.len();
        bytes[at] ^= 1 << (n % 8);
        let hex = data_encoding::HEXUPPER.encode(&bytes);
        let statement = match n % 4 {
            0 | 1 => format!("UPDATE entry SET leaf = X'{hex}' WHERE seq = {seq}"),
            2 => format!("UPDATE entry SET op_id = randomblob(16) WHERE seq = {seq}"),
            _ => format!(
                "UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE seq = {}) WHERE seq = {seq}",
                seq - 1
            ),
        };
        edit(&ledger, std::slice::from_ref(&statement));
        let out = world.run("alice", &["ledger", "verify"], b"");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(3), "edit {n} ({statement:.60}) is noticed: {said}");
        assert!(said.contains(&format!("{seq}:")), "entry {seq} is named as the first bad one: {said}");
        noticed += 1;
        restore(&world, &saved);
    }
    world.ok("alice", &["ledger", "verify"], b"");
    // Rows cut off at the end, and an older copy put back.
    edit(
        &ledger,
        &[
            format!("DELETE FROM entry WHERE seq >= {}", size - 2),
            format!("DELETE FROM checkpoint WHERE size > {}", size - 2),
        ],
    );
    world.refused("alice", &["request", "show", &exchange.request], b"", "ledger-shortened", 3);
    restore(&world, &saved);
    println!("forged: {noticed} edits, {noticed} noticed and named");
}

#[test]
fn nothing_is_issued_on_forged_state() {
    let world = World::founded();
    let exchange = world.vetted(1, "orders");
    let saved = save(&world);
    // The view says it is countersigned.
    sql(&world.path("alice/view.db"), &[
        "UPDATE item SET state = 'countersigned', body = replace(body, '\"vetted\"', '\"countersigned\"') WHERE kind = 'request'".to_owned(),
    ]);
    world.refused("alice", &["key", "issue", &exchange.request], b"", "not-countersigned", 1);
    restore(&world, &saved);
    // The vault's rows are swapped, cut, and taken from another profile.
    for statement in [
        "DELETE FROM rows WHERE rowid = (SELECT max(rowid) FROM rows)",
        "UPDATE rows SET sealed = randomblob(length(sealed)) WHERE rowid = (SELECT min(rowid) FROM rows)",
    ] {
        sql(&world.path("alice/vault.db"), &[statement.to_owned()]);
        world.refused("alice", &["key", "issue", &exchange.request], b"", "profile-altered", 3);
        restore(&world, &saved);
    }
    std::fs::copy(world.path("ben/vault.db"), world.path("alice/vault.db")).expect("a copy");
    let out = world.run("alice", &["key", "issue", &exchange.request], b"");
    assert_ne!(out.status.code(), Some(0), "another profile's vault does not open with this key file");
    restore(&world, &saved);
    // An approval row copied to the end: a replay under another operation.
    let ledger = world.path("ledger.db");
    let size = world.ok("alice", &["org", "show"], b"")["entries"].as_u64().expect("a count");
    let last = size - 1;
    edit(
        &ledger,
        &[format!(
            "INSERT INTO entry (seq, op_id, leaf) SELECT {size}, randomblob(16), leaf FROM entry WHERE seq = {last}"
        )],
    );
    let out = world.run("alice", &["key", "issue", &exchange.request], b"");
    assert_ne!(out.status.code(), Some(0), "a replayed approval is no second signature");
    restore(&world, &saved);
    // After all that the honest way still works.
    let grant = world.ok("ben", &["request", "show", &exchange.request], b"")["grant"]
        .as_str()
        .expect("a grant")
        .to_owned();
    world.ok("ben", &["request", "countersign", &exchange.request, "--grant", &grant], b"");
    world.ok("ben", &["key", "issue", &exchange.request], b"");
}
