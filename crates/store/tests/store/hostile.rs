//! A file that somebody changed with another program.

use countersign_ports::{Log, LogError};
use countersign_store::{
    SqliteLog,
    conformance::{note, op, row},
};

use crate::{ORGANISATION, fresh, meddle};

const PLANTED: [&str; 7] = [
    "CREATE VIEW planted AS SELECT * FROM entry",
    "CREATE TRIGGER planted AFTER INSERT ON entry BEGIN INSERT INTO document(name, bytes) VALUES (zeroblob(32), NEW.leaf); END",
    "CREATE TABLE planted(x)",
    "CREATE INDEX planted ON entry(leaf)",
    "DROP TRIGGER entry_stays",
    "DROP TRIGGER entry_is_kept; CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry BEGIN SELECT 1; END",
    "ALTER TABLE document ADD COLUMN more BLOB",
];

#[tokio::test]
async fn whatever_is_planted_or_torn_out_is_seen_at_opening() {
    for sql in PLANTED {
        let (ground, log) = fresh().await;
        log.append(0, &[row(0)], &note(1)).await.unwrap();
        log.close().await;
        meddle(&ground.path(), sql).await;
        let outcome = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.err();
        assert!(matches!(outcome, Some(LogError::Damaged)), "{sql}: {outcome:?}");
    }
}

#[tokio::test]
async fn rows_are_neither_changed_nor_removed_nor_replaced_by_mistake() {
    let (ground, log) = fresh().await;
    log.append(0, &[row(0), row(1)], &note(2)).await.unwrap();
    log.close().await;
    let mistakes = [
        "UPDATE entry SET leaf = x'00'",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry VALUES (1, zeroblob(16), x'00')",
        "INSERT OR REPLACE INTO entry SELECT 2, op_id, x'00' FROM entry WHERE seq = 0",
        "INSERT INTO entry VALUES (3, zeroblob(16), x'00')",
        "INSERT INTO entry VALUES (2, zeroblob(15), x'00')",
        "INSERT INTO entry VALUES (2, zeroblob(16), 'text')",
        "UPDATE checkpoint SET note = ''",
        "DELETE FROM checkpoint",
        "INSERT OR REPLACE INTO checkpoint VALUES (2, 'other')",
        "INSERT INTO checkpoint VALUES (9, 'other')",
        "UPDATE log SET organisation = zeroblob(16)",
        "DELETE FROM log",
        "UPDATE document SET bytes = x'00'",
    ];
    {
        use sqlx::{ConnectOptions, Connection};
        let mut conn =
            sqlx::sqlite::SqliteConnectOptions::new().filename(ground.path()).connect().await.unwrap();
        sqlx::raw_sql("INSERT INTO document(name, bytes) VALUES (zeroblob(32), x'01')")
            .execute(&mut conn)
            .await
            .unwrap();
        for sql in mistakes {
            assert!(sqlx::raw_sql(sql).execute(&mut conn).await.is_err(), "{sql} must fail");
        }
        conn.close().await.unwrap();
    }
    let log = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
    assert_eq!(log.read(0, 9).await.unwrap(), [row(0), row(1)], "everything is as it was");
}

#[tokio::test]
async fn a_gap_behind_an_intact_schema_is_noticed_on_reading() {
    let (ground, log) = fresh().await;
    log.append(0, &[row(0), row(1), row(2)], &note(3)).await.unwrap();
    log.append(3, &[row(3)], &note(4)).await.unwrap();
    log.close().await;
    // Who can write the file can disarm a trigger, cut a row out, and put the very text back.
    meddle(
        &ground.path(),
        "PRAGMA writable_schema = ON; \
         UPDATE sqlite_schema SET sql = replace(sql, 'BEFORE DELETE ON entry BEGIN', 'BEFORE DELETE ON entry WHEN 0 BEGIN') \
         WHERE name = 'entry_is_kept'",
    )
    .await;
    meddle(
        &ground.path(),
        "DELETE FROM entry WHERE seq = 1; PRAGMA writable_schema = ON; \
         UPDATE sqlite_schema SET sql = replace(sql, ' WHEN 0 ', ' ') WHERE name = 'entry_is_kept'",
    )
    .await;
    let log = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
    assert!(matches!(log.read(0, 9).await, Err(LogError::Damaged)), "a gap would shift every later leaf");
    assert_eq!(log.read(2, 9).await.unwrap(), [row(2), row(3)], "what is behind the gap can still be read");
    assert_eq!(log.find(op(3)).await.unwrap(), Some(3), "and found");
}

#[tokio::test]
async fn a_log_without_its_newest_checkpoint_has_no_head() {
    let (ground, log) = fresh().await;
    log.append(0, &[row(0)], &note(1)).await.unwrap();
    log.append(1, &[row(1)], &note(2)).await.unwrap();
    log.close().await;
    for (from, to) in
        [("checkpoint BEGIN", "checkpoint WHEN 0 BEGIN"), ("checkpoint WHEN 0 BEGIN", "checkpoint BEGIN")]
    {
        use sqlx::{ConnectOptions, Connection};
        let mut conn =
            sqlx::sqlite::SqliteConnectOptions::new().filename(ground.path()).connect().await.unwrap();
        sqlx::raw_sql("DELETE FROM checkpoint WHERE size = 2").execute(&mut conn).await.ok();
        sqlx::raw_sql("PRAGMA writable_schema = ON").execute(&mut conn).await.unwrap();
        sqlx::query("UPDATE sqlite_schema SET sql = replace(sql, ?1, ?2) WHERE name = 'checkpoint_is_kept'")
            .bind(from)
            .bind(to)
            .execute(&mut conn)
            .await
            .unwrap();
        conn.close().await.unwrap();
    }
    let log = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
    assert!(
        matches!(log.head().await, Err(LogError::Damaged)),
        "an old checkpoint is not passed off as the newest"
    );
}

#[tokio::test]
async fn a_log_without_its_fence_does_not_say_that_something_will_never_come() {
    let (ground, log) = fresh().await;
    log.append(0, &[row(0)], &note(1)).await.unwrap();
    log.close().await;
    meddle(&ground.path(), "DELETE FROM fence").await;
    let log = SqliteLog::open(&ground.path(), Some(ORGANISATION)).await.unwrap();
    assert_eq!(log.find(op(0)).await.unwrap(), Some(0), "what is there is found");
    let outcome = log.find(op(7)).await;
    assert!(matches!(outcome, Err(LogError::Damaged)), "no fence was raised, so none is final: {outcome:?}");
}
